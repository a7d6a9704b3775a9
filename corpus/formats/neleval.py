"""neleval's tab-separated annotations, as TAC KBP has them: a mention a line, no texts.

    osce.txt<tab>4<tab>7<tab>Q81299<tab>1.0<tab>ORG

Ends are inclusive, in code points. What begins with NIL is absent from the knowledge base; of
two the same NIL id says that they are one entity, which a Document does not hold. Not judged is
`NIL_not_judged`: neleval takes it for NIL, we do not. Source: neleval doc/formats.rst.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.errors import FormatError
from corpus.files import atomic_output
from corpus.formats.lines import refuse, text_lines, whole_number
from corpus.manifest import Stage
from corpus.model import NIL, Document, Layer, Link, Mention, with_ids, with_layer
from corpus.store import read_documents

NOT_JUDGED = "NIL_not_judged"
_BLANK = re.compile(r"\s")
_Found = tuple[str, int, int, str, str]


def unfit(document: Document, mention: Mention | None) -> str:
    """Why neleval cannot hold the document's id, or the mention's label or link."""
    if mention is None:
        return "its id holds a blank" if _BLANK.search(document.id) else ""
    if _BLANK.search(mention.label):
        return "its label holds a blank"
    for link in mention.links:
        if _BLANK.search(link.target):
            return "its link holds a blank"
        if link.target.startswith(NIL) and link.target != NIL:
            return "its link begins with NIL, which neleval takes for absent"
    return ""


def write_neleval(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents whose mentions are now in the file, whole or not at all."""
    count = 0
    with atomic_output(path) as sink:
        for document in documents:
            for m in document.layers[0].mentions:
                target = m.links[0].target if m.links else NOT_JUDGED
                row = (document.id, str(m.start), str(m.end - 1), target, "1.0", m.label)
                sink.write(("\t".join(row) + "\n").encode())
            count += 1
    return count


def read_neleval(
    path: str | Path,
    *,
    texts: str | Path,
    layer: str = "gold",
    id_base: str | None = None,
    stage: Stage | None = None,
) -> Iterator[Document]:
    """The documents of `texts`, each with the layer that the file tells: an empty one if none.

    Lines of unknown documents and spans outside their text are rejects. Of several candidates in
    a line the first counts. Raises FormatError that names file and line.
    """
    rows: dict[str, list[_Found]] = defaultdict(list)
    for where, line in text_lines(path):
        if line.strip():
            columns = line.split("\t")
            rows[columns[0]].append(_row(columns, where))
    for document in read_documents(texts):
        found = rows.pop(document.id, [])
        mentions = with_ids(_mentions(document, found, stage))
        yield with_layer(document, Layer(layer, mentions=mentions))
    for id, found in rows.items():
        for where, start, end, _, _ in found:
            reason = f"there is no document {id!r} among the texts"
            refuse(stage, id, reason, where, mention=f"{start}-{end}")


def _row(columns: list[str], where: str) -> _Found:
    if len(columns) < 4:
        raise FormatError(
            f"{where}: {len(columns)} columns, neleval has at least 4",
            "a line is document, start, end, entity, score and type, divided by tabs",
        )
    start = whole_number(columns[1], where, "the start")
    end = whole_number(columns[2], where, "the end") + 1
    label = columns[5] if len(columns) > 5 and columns[5].strip() else "ENTITY"
    return where, start, end, columns[3], label


def _mentions(
    document: Document, found: Iterable[_Found], stage: Stage | None
) -> Iterator[Mention]:
    for where, start, end, target, label in found:
        if not start < end <= len(document.text):
            reason = f"span {start}-{end} lies outside the text of {len(document.text)} code points"
            refuse(stage, document.id, reason, where, mention=f"{start}-{end}")
            continue
        if target.startswith(NIL) and target not in (NIL, NOT_JUDGED) and stage is not None:
            notes, what = stage.manifest.notes, "NIL ids, which say who is the same, not carried"
            notes[what] = notes.get(what, 0) + 1
        known = NIL if target.startswith(NIL) else target
        links = () if target in (NOT_JUDGED, "") else (Link(known),)
        yield Mention("", start, end, label, links)
