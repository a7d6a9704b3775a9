"""The projects behind a pulled folder, as its manifest tells, and where their documents are seen.

Doccano's page for one example is known by its place in the list, which changes when examples are
deleted, or by a search: `…/sequence-labeling?page=1&q=words` opens the first example that holds
all the words. Quotation marks are of no use there: only later Django REST frameworks than the one
in Doccano's own image know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from corpus.doccano.sources import LayerKey
from corpus.errors import StoreError
from corpus.manifest import manifest_path, read_manifest
from corpus.model import Document, Task
from corpus.offsets import Span

CUT_FROM = "in_pieces_from"
"""The note of a pull's manifest with the length, by project, from which documents are in pieces."""

_WORD = re.compile(r"\w+")
_WORDS = 16
_LONGEST = 40
_AROUND = 600  # characters before and after a place that words are taken from


class PulledProject(msgspec.Struct, frozen=True):
    """A project whose layers stand in the folder, as the manifest's settings tell it.

    `url` is the server's; empty in what an earlier version wrote.
    """

    id: int
    name: str
    project: str
    task: Task
    layers: tuple[str, ...]
    round: int
    snapshots: tuple[str, ...]
    url: str = ""

    @property
    def keys(self) -> set[LayerKey]:
        """The layers that it gave."""
        return {(layer, self.task, self.round) for layer in self.layers}


def read_pulled(output: Path) -> list[PulledProject]:
    """The projects whose layers stand in the documents that a pull wrote; none if none did."""
    path = manifest_path(output)
    if not path.exists():
        return []
    try:
        told: Any = read_manifest(path).settings.get("projects", [])
        return msgspec.convert(told, list[PulledProject])
    except (StoreError, msgspec.ValidationError):
        return []  # of an earlier version; open_stage says what is wrong with a broken one


def read_cut(output: Path) -> dict[int, int]:
    """By id, of projects that have documents in pieces: the length of the shortest of those."""
    path = manifest_path(output)
    noted = read_manifest(path).notes.get(CUT_FROM) if path.exists() else None
    return {int(id): int(length) for id, length in (noted or {}).items()}


def example_addresses(
    projects: Mapping[PulledProject, int], document: Document, span: Span
) -> Iterator[tuple[str, str]]:
    """(project's name, address) of the examples of a place, in the projects for spans that have it.

    The address opens the annotation page at the first example that holds the words around the
    place: the document's own, unless another holds them all too. Nothing where there are no words.
    `projects` tells of each from which length its documents are in pieces, 0 for none.
    """
    there = {(layer.name, layer.task, layer.round) for layer in document.layers}
    for project, cut_from in projects.items():
        words = search_words(
            document.text, span, in_line=bool(cut_from) and len(document.text) >= cut_from
        )
        if project.task == "spans" and project.url and words and not there.isdisjoint(project.keys):
            page = f"{project.url}/projects/{project.id}/sequence-labeling"
            yield project.name, f"{page}?page=1&q={quote(' '.join(words))}"


def search_words(text: str, span: Span, *, in_line: bool) -> list[str]:
    """Words at and around a place, the longest first, each once; with `in_line` of its lines alone.

    Runs of letters and digits, which no server takes for signs of its search. Pieces of a text
    are cut between lines.
    """
    start, end = span
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if in_line:
        first = max(first, text.rfind("\n", 0, start) + 1)
        last = min(last, text.find("\n", end) % (len(text) + 1))
    found = [
        (max(start - first - match.end(), match.start() - (end - first), 0), match[0][:_LONGEST])
        for match in _WORD.finditer(text[first:last])
    ]
    words: dict[str, str] = {}
    for _, word in sorted(found):
        words.setdefault(word.casefold(), word)  # the search tells no small letter from a capital
    return sorted(list(words.values())[:_WORDS], key=lambda word: (-len(word), word))
