"""Documents as HIPE 2022: see `hipe` for a sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.files import atomic_output
from corpus.formats.conll_writer import unfit_token
from corpus.formats.hipe import COLUMNS, ID, LANGUAGE, META
from corpus.formats.lines import json_text
from corpus.model import Document, Mention
from corpus.offsets import token_range

_BREAKS = re.compile(r"[\t\n\r]")
_KEY = re.compile(r"[^\s=#]+")
_PLAIN = re.compile(r"(\S(.*\S)?)?")


def unfit(document: Document, mention: Mention | None) -> str:
    """Why HIPE cannot hold the document, or the mention's label or links."""
    if mention is None:
        for what, value in (("id", document.id), ("language", document.lang)):
            if not _is_plain(value):
                return f"its {what} holds a tab or a line break, or begins or ends with a blank"
        return unfit_token(document, _BREAKS)
    if not _is_plain(mention.label):
        return "its label holds a tab or a line break, or begins or ends with a blank"
    if any(link.target == "_" or not _is_plain(link.target) for link in mention.links):
        return "its link is _, holds a tab or a line break, or begins or ends with a blank"
    return ""


def _is_plain(value: str) -> bool:
    return bool(_PLAIN.fullmatch(value)) and not _BREAKS.search(value)


def write_hipe(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to HIPE) now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        sink.write(("\t".join(COLUMNS) + "\n").encode())
        for document in documents:
            sink.write("".join([*_comments(document), *_rows(document)]).encode())
            count += 1
    return count


def _comments(document: Document) -> Iterator[str]:
    yield f"# {ID} = {document.id}\n"
    if document.lang:
        yield f"# {LANGUAGE} = {document.lang}\n"
    meta = document.meta
    plain = all(
        isinstance(value, str) and _is_plain(value) and _KEY.fullmatch(key)
        and key not in (ID, LANGUAGE, META)
        for key, value in meta.items()
    )  # fmt: skip
    if meta and plain:
        yield from (f"# {key} = {value}\n" for key, value in meta.items())
    elif meta:
        yield f"# {META} = {json_text(meta)}\n"


def _rows(document: Document) -> Iterator[str]:
    tokens = document.tokens or ()
    starts, ends = [token.start for token in tokens], [token.end for token in tokens]
    rows = [["O", "_", "O", "_", "_", "O", "_", "_"] for _ in tokens]
    covered = 0
    for mention in document.layers[0].mentions:
        found = token_range(starts, ends, mention.start, mention.end)
        if found is None:
            raise ValueError(f"mention {mention.id} fits no tokens")  # never: it was fitted
        is_nested = mention.end <= covered
        covered = max(covered, mention.end)
        for at in range(*found):
            tag = f"{'B' if at == found[0] else 'I'}-{mention.label}"
            if is_nested:
                rows[at][5] = tag
                continue
            rows[at][0] = tag
            for link in mention.links:
                if link.role == "metonymic":
                    rows[at][1], rows[at][7] = tag, link.target
                else:
                    rows[at][6] = link.target
    last = {end for _, end in document.sentences or ()}
    for token, row in zip(tokens, rows, strict=True):
        flags = [] if token.space_after or token == tokens[-1] else ["NoSpaceAfter"]
        flags += ["EndOfSentence"] if token.end in last else []
        word = document.text[token.start : token.end]
        yield "\t".join([word, *row, "|".join(flags) or "_"]) + "\n"
    yield "\n"
