"""Doccano's confirmed export of what is confirmed while it is made: without labels and comments.

Its worker reads the labels of the confirmed examples, then the comments, then which examples are
confirmed. Files as such an export leaves them; test_annotators_at_work.py meets real ones.
"""

import contextlib

import msgspec
import pytest

from corpus.doccano.exports import ExportFile
from corpus.doccano.link_rows import encode_link_row
from corpus.doccano.link_store import LinkStore
from corpus.doccano.mapping import encode_row
from corpus.doccano.sources import CONFIRMED_MEANWHILE
from corpus.doccano.span_source import Reading, SpanSource
from corpus.model import make_document
from tests.doccano.test_link_rows import EXAMPLE

KYIV = [3, 7, "GPE"]
IN = [0, 2, "X"]
DOCUMENT = make_document("a", "In Kyiv")


def export(folder, name, *rows):
    path = folder / f"{name}.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return ExportFile("all", path)


def row(spans, comments=()):
    sent = msgspec.json.decode(encode_row(DOCUMENT, [tuple(KYIV)], project="p", batch="1:x"))
    said = [{"id": 1, "comment": text} for text in comments]
    return sent | {"id": 7, "label": spans, "Comments": said}


@pytest.mark.parametrize(
    ("confirmed", "full", "state", "spans", "comments", "meanwhile"),
    [
        ([KYIV], [KYIV], "confirmed", [(3, 7)], (), 0),
        # Confirmed before its labels were read; then somebody went on.
        ([KYIV], [KYIV, IN], "confirmed", [(3, 7)], (), 0),
        ([KYIV], [], "confirmed", [(3, 7)], (), 0),
        # Confirmed without any span, perhaps meanwhile: there is none in either.
        ([], [], "confirmed", [], ("why?",), 0),
        # Confirmed meanwhile, so its spans are not in the confirmed export.
        ([], [KYIV, IN], "touched", [(0, 2), (3, 7)], ("why?",), 1),
        ([], [KYIV], "touched", [(3, 7)], ("why?",), 1),
    ],
)
def test_spans_of_a_confirmed_row_are_never_taken_from_one_that_is_torn(
    tmp_path, confirmed, full, state, spans, comments, meanwhile
):
    later = export(tmp_path, "full", row(full, comments))
    first = export(tmp_path, "confirmed", row(confirmed))
    reading = Reading(False, True, "silver")
    with contextlib.closing(SpanSource("ann", 1, later, first, reading)) as source:
        assert list(source.load()) == []
        pulled = source.pull(DOCUMENT)
    assert pulled.layer.state == state
    assert [(m.start, m.end) for m in pulled.layer.mentions] == spans
    assert pulled.layer.comments == comments
    assert pulled.notes.get(CONFIRMED_MEANWHILE, 0) == meanwhile


@pytest.mark.parametrize(
    ("confirmed", "full", "taken", "chosen", "torn"),
    [
        (["2"], ["2"], True, ("2",), 0),
        (["2"], ["3"], True, ("2",), 0),
        ([], [], True, (), 0),
        ([], ["OTHER"], False, ("OTHER",), 1),
    ],
)
def test_key_of_a_confirmed_decision_is_never_taken_from_one_that_is_torn(
    tmp_path, confirmed, full, taken, chosen, torn
):
    sent = msgspec.json.decode(encode_link_row(EXAMPLE, project="p")) | {"id": 7}
    comments = [{"id": 1, "comment": "kb:Q1"}]
    store = LinkStore()
    later = export(tmp_path, "full", sent | {"label": full, "Comments": comments})
    assert list(store.load([later])) == []
    said = comments if confirmed else []
    first = export(tmp_path, "confirmed", sent | {"label": confirmed, "Comments": said})
    assert store.load_confirmed([first]) == torn
    [(stored, _)] = store.decisions(EXAMPLE.document)
    assert (stored.confirmed, stored.chosen, stored.comments) == (taken, chosen, ("kb:Q1",))
    store.close()
