"""WebAnno TSV 3.3, which INCEpTION reads and writes: a folder with a `.tsv` for each document.

    #FORMAT=WebAnno TSV 3.3
    #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value

    #Text=The OSCE met
    1-1<tab>0-3<tab>The<tab>_<tab>_<tab>
    1-2<tab>4-8<tab>OSCE<tab>http://www.wikidata.org/entity/Q81299[1]<tab>ORG[1]<tab>

Offsets are UTF-16 units. `_` is no annotation, `*` one without that value; the number in brackets
says which tokens are one mention, `|` divides those that stand on one token. A line break inside
a sentence begins another `#Text=`. Source: the user guide of WebAnno, appendix on TSV 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from corpus.files import atomic_folder
from corpus.formats.iris import target_iri
from corpus.formats.per_document import new_file, unfit_name
from corpus.formats.tokens import fit_to_tokens, make_doc
from corpus.formats.uima import ENTITY
from corpus.model import Document, Layer, Mention
from corpus.offsets import to_utf16

HEAD = "#FORMAT=WebAnno TSV 3.3"
ESCAPED = re.compile(r"\\|\[|\]|\||_|->|;|\t|\n|\*")
TEXT_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\r": "\\r", "\x0c": "\\f", "\x08": "\\b"}

_WORD_ESCAPES = {**TEXT_ESCAPES, "\n": "\\n"}


def unfit(document: Document, mention: Mention | None) -> str:
    """Why WebAnno's TSV cannot hold the document's id, or the mention's label."""
    if mention is None:
        return unfit_name(document)
    values = [mention.label, *(link.target for link in mention.links)]
    if any("\r" in value or "\n" in value or "\t" in value for value in values):
        return "its label or link holds a tab or a line break"
    return ""


def write_webanno(documents: Iterable[Document], path: str | Path) -> int:
    """The number of documents (each fitted to it) now in the folder, whole or not at all."""
    count = 0
    with atomic_folder(path) as folder:
        for document in documents:
            text = "".join(_lines(document))
            new_file(folder, document, ".tsv").write_bytes(text.encode())
            count += 1
    return count


def _lines(document: Document) -> Iterator[str]:
    yield f"{HEAD}\n#T_SP={ENTITY}|identifier|value\n\n"
    words = _words(document)
    units = to_utf16(document.text, words)
    mentions = document.layers[0].mentions
    at = 0
    for number, (start, end) in enumerate(document.sentences or (), 1):
        yield "\n"
        for line in document.text[start:end].split("\n"):
            yield f"#Text={''.join(TEXT_ESCAPES.get(c, c) for c in line)}\n"
        inner = 0
        while at < len(words) and words[at][1] <= end:
            inner += 1
            first, last = words[at]
            word = "".join(_WORD_ESCAPES.get(c, c) for c in document.text[first:last])
            values = _values(mentions, first, last)
            yield f"{number}-{inner}\t{units[at][0]}-{units[at][1]}\t{word}\t{values}\t\n"
            at += 1


def _words(document: Document) -> list[tuple[int, int]]:
    """The words of the text, cut where mentions and sentences begin and end."""
    sentences = (Mention(f"s{s}", s, e, "sentence") for s, e in document.sentences or ())
    cuts = Layer("cuts", mentions=(*document.layers[0].mentions, *sentences))
    whole = replace(document, layers=(cuts,))
    fitted = fit_to_tokens(whole, make_doc(whole), "split")
    borders = zip(fitted.starts, fitted.ends, strict=True)
    return [(s, e) for s, e in borders if not document.text[s:e].isspace()]


def _values(mentions: Iterable[Mention], start: int, end: int) -> str:
    identifiers, labels = [], []
    for number, mention in enumerate(mentions, 1):
        if mention.start <= start and end <= mention.end:
            iri = target_iri(mention.links[0].target) if mention.links else ""
            identifiers.append(f"{_escaped(iri) or '*'}[{number}]")
            labels.append(f"{_escaped(mention.label)}[{number}]")
    return "\t".join("|".join(values) or "_" for values in (identifiers, labels))


def _escaped(value: str) -> str:
    return ESCAPED.sub(lambda found: f"\\{found[0]}", value)
