"""One JSON array, read item by item: memory holds one item, whatever the size of the file."""

from __future__ import annotations

import codecs
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from corpus.errors import FormatError
from corpus.files import open_input

_BLOCK = 1 << 16
_BLANKS = " \t\r\n"


def json_items(path: str | Path) -> Iterator[tuple[str, Any]]:
    """(`file: item n`, the item) of a file that is one array, or JSONL of such items.

    Raises FormatError that names the line where the JSON ends to be some.
    """
    with contextlib.closing(open_input(path)) as source:
        reader = _Reader(source, path)
        is_array = reader.peek() == "["
        if is_array:
            reader.skip()
        number = 0
        while (mark := reader.peek()) and mark != "]":
            number += 1
            yield f"{path}: item {number}", reader.item()
            if reader.peek() == "," and is_array:
                reader.skip()
        if is_array and mark != "]":
            raise reader.broken("the array is not closed")


class _Reader:
    """A window on the text of a file, and the line that it begins in."""

    def __init__(self, source: BinaryIO, path: str | Path) -> None:
        self._source = source
        self._path = path
        self._decoder = json.JSONDecoder()
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_end = False

    def _more(self, least: int) -> bool:
        """Whether more text came; what was passed over is forgotten."""
        if self._is_end:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        block = self._source.read(max(_BLOCK, least))
        self._is_end = not block
        try:
            self._text += self._utf8.decode(block, final=self._is_end)
        except UnicodeDecodeError as error:
            raise self.broken("not UTF-8") from error
        return True

    def peek(self) -> str:
        """The next character that is no blank; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(0):
                return ""

    def skip(self) -> None:
        """Pass over one character."""
        self._at += 1

    def item(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # A number may go on, and a value may: ask for as much again as there is.
                if not self._more(len(self._text)):
                    raise self.broken(f"{error.msg.lower()}") from error
                continue
            except RecursionError as error:
                raise self.broken("nested too deep") from error
            if end == len(self._text) and self._more(0):
                continue
            self._at = end
            return value

    def broken(self, reason: str) -> FormatError:
        """The error that names the line."""
        line = self._line + self._text.count("\n", 0, self._at)
        return FormatError(f"{self._path}:{line}: no JSON from here on ({reason})", "mend the file")
