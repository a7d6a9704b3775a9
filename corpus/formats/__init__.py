"""Formats of other tools: one table, one file (or a few of one name) each.

To add a format: a file with `read_x` and `write_x`, a sample of the format in its docstring, a
row here, golden files in `tests/golden`, a line in `docs/formats.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Any, NamedTuple


class Format(NamedTuple):
    """How a format is read and written, and what of a Document it keeps.

    read(path, *, layer, id_base, stage) gives Documents; write(documents, path, *, layer,
    misaligned, stage) the number written. Each is loaded when it is called.
    """

    suffixes: tuple[str, ...]
    read: Callable[..., Any]
    write: Callable[..., int]
    keeps: str


def _lazy(module: str, name: str) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        return getattr(import_module(f"corpus.formats.{module}"), name)(*args, **options)

    return call


FORMATS: dict[str, Format] = {
    "docbin": Format(
        (".spacy",),
        _lazy("docbin_reader", "read_docbin"),
        _lazy("docbin", "write_docbin"),
        "everything: text, tokens, sentences, all layers and links, metadata",
    ),
    "conll": Format(
        (".conll", ".iob", ".bio"),
        _lazy("conll", "read_conll"),
        _lazy("conll_writer", "write_conll"),
        "document id, words, sentences and one layer's longest mentions with their labels; "
        "no blanks of the text, no overlaps, no links (so neither NIL nor not judged), no metadata",
    ),
}


def format_of(path: object) -> str | None:
    """The name of the format whose suffix the path has, `.gz` aside; None if it has none's."""
    suffixes = [suffix.lower() for suffix in PurePath(str(path)).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    for name, each in FORMATS.items():
        if suffixes and suffixes[-1] in each.suffixes:
            return name
    return None
