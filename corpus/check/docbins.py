"""A `.spacy` file: does spaCy itself load it, and does it say what its JSONL twin says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from corpus.check.facts import FactsWriter, Row, digest, digest_spans
from corpus.check.findings import Finding, finding_of
from corpus.errors import StoreError
from corpus.files import open_bytes
from corpus.formats.docbin_record import group_names, kb_id_of
from corpus.model import Document, text_sha256
from corpus.store import read_records

_AGAIN = "make the file again"


def prove_docbin(path: Path, facts: FactsWriter) -> Iterator[Finding]:
    """What is wrong in the file; its facts are told as they come."""
    try:
        for number, doc in enumerate(load_docs(path), 1):
            facts.ours = facts.ours and "corpus" in doc.user_data
            name = _id_of(doc, number)
            if facts.ours and doc.user_data["sha256"] != text_sha256(doc.text):
                what = "sha256 is not that of the text: the text was changed after convert"
                yield Finding(str(path), what, _AGAIN, document=name)
            row = Row(digest(name), digest(doc.text), digest_spans(_gold(doc)), 0)
            facts.add(row, sum(map(len, doc.spans.values())))
    except StoreError as error:
        yield finding_of(error, path)


def _id_of(doc: Any, number: int) -> str:
    return str(doc.user_data["id"]) if "corpus" in doc.user_data else f"#{number}"


def _gold(doc: Any) -> Iterator[tuple[str, int, list[tuple[str, int, int, str]]]]:
    groups = dict(doc.spans)
    for layer in doc.user_data.get("layers", ()):
        if layer["name"] == "gold":
            spans = groups.get(layer["group"], ())
            mentions = [(s.id_, s.start_char, s.end_char, s.label_) for s in spans]
            yield layer.get("task", "spans"), layer.get("round", 1), mentions


def load_docs(path: Path) -> Iterator[Any]:
    """The Docs as spaCy reads them. Raises StoreError if it does not."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    with open_bytes(path) as source:
        content = source.read()
    try:
        yield from DocBin().from_bytes(content).get_docs(Vocab())
    except Exception as error:  # of zlib, msgpack or numpy
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StoreError(f"{path}: spaCy cannot load it ({reason})", _AGAIN) from error


def ids_of_docbin(path: Path) -> Iterator[tuple[int, str]]:
    """(0, id) of each document of the file: a DocBin has no lines."""
    try:
        for number, doc in enumerate(load_docs(path), 1):
            yield 0, _id_of(doc, number)
    except StoreError:
        return


def prove_twins(docbin: Path, jsonl: Path) -> Iterator[Finding]:
    """Where the two files do not hold the same documents with the same mentions, in order."""
    try:
        pairs = zip_longest(load_docs(docbin), read_records(jsonl, Document))
        for doc, document in pairs:
            if doc is None or document is None:
                short, long = (docbin, jsonl) if doc is None else (jsonl, docbin)
                yield Finding(str(short), f"has fewer documents than {long}", _AGAIN)
                return
            if doc.text != document.text:
                what = f"has another text than in {jsonl}"
                yield Finding(str(docbin), what, _AGAIN, document=document.id)
                continue
            for what in _differences(doc, document, jsonl):
                yield Finding(str(docbin), what, _AGAIN, document=document.id)
    except StoreError:
        return  # either file is broken, which is a finding already


def _differences(doc: Any, document: Document, jsonl: Path) -> Iterator[str]:
    groups = dict(doc.spans)
    for layer, group in zip(document.layers, group_names(document.layers), strict=True):
        ours = Counter((m.start, m.end, m.label, kb_id_of(m)) for m in layer.mentions)
        spans = groups.get(group, ())
        theirs = Counter((s.start_char, s.end_char, s.label_, s.kb_id_) for s in spans)
        for start, end, label, _ in sorted((ours - theirs).keys()):
            yield f"lacks mention {start}-{end} {label} of layer {layer.name!r} in {jsonl}"
        for start, end, label, _ in sorted((theirs - ours).keys()):
            yield f"has mention {start}-{end} {label} of layer {layer.name!r}, unlike {jsonl}"
