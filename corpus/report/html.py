"""The page: one HTML file that asks nothing of any network.

Documents are data in a script element of type application/json, in which every `<` is written
as an escape, so that no text can end it. The only script and style that may run are the
page's own, named by their hashes in its Content-Security-Policy.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any, BinaryIO

import msgspec

from corpus.manifest import Manifest
from corpus.model import Document
from corpus.report.figures import Figures
from corpus.report.leaks import Leaks
from corpus.report.overview import overview
from corpus.report.queue import Queue
from corpus.report.records import Describe, Tables, page_document

SCRIPTS = (
    "data.js",
    "place.js",
    "card.js",
    "text.js",
    "list.js",
    "audit.js",
    "filter.js",
    "main.js",
)
_encode = msgspec.json.Encoder().encode


def write_page(
    documents: Iterable[tuple[str, Document]],
    sink: BinaryIO,
    *,
    title: str,
    describe: Describe = lambda _: ("", ""),
    limit: int = 0,
    agreement: Mapping[str, Any] | None = None,
    manifest: Manifest | None = None,
    queue: Queue | None = None,
) -> Figures:
    """Write the page of (split, document) pairs and give what it counts.

    The split is empty where there is none; pairs come split by split. With `limit` only as many
    documents are listed, and the page says so; the figures are of all. `manifest` is that of
    the documents; `queue` are the findings of an audit. Memory grows with the names and findings
    in the documents, not with their texts.
    """
    tables, figures, leaks = Tables(describe), Figures(), Leaks()
    style, script = _part("report.css"), "".join(map(_part, SCRIPTS))
    head, body = _part("report.html").split("<!--data-->")
    head = head.replace("<!--title-->", escape(title)).replace("<!--style-->", style)
    sink.write(head.replace("<!--policy-->", _policy(style, script)).encode())
    sink.write(b'<script type="application/json" id="documents">[')
    for number, (split, document) in enumerate(documents):
        figures.add(document, split=split)
        if split:
            leaks.add(document, split)
        is_listed = not limit or number < limit
        if queue is not None:
            queue.add(document, number if is_listed else None)
        if is_listed:
            sink.write(b",\n" if number else b"\n")
            sink.write(_data(page_document(document, tables, split=split)))
    sink.write(b'\n]</script>\n<script type="application/json" id="tables">')
    sink.write(_data({**tables.as_json(), "all": figures.documents}))
    sink.write(b'</script>\n<script type="application/json" id="audit">')
    sink.write(_data(queue.as_json() if queue is not None else None))
    sink.write(b"</script>\n")
    shown = overview(figures, leaks.table(), agreement=agreement, manifest=manifest)
    body = body.replace("<!--script-->", script).replace("<!--figures-->", shown)
    sink.write(body.encode())
    return figures


def _part(name: str) -> str:
    return (files("corpus.report") / "page" / name).read_text("utf-8")


def _policy(style: str, script: str) -> str:
    return (
        "default-src 'none'; "
        f"script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _data(value: Any) -> bytes:
    # JSON has these characters in strings alone, where an escape says the same.
    encoded = _encode(value).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
    return encoded.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
