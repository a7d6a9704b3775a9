"""A DocBin read back: ours exactly as it was, a foreign one as spaCy has it, a broken one named."""

import zlib

import pytest
import spacy
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from corpus.errors import FormatError
from corpus.formats.docbin import write_docbin
from corpus.formats.docbin_reader import read_docbin
from corpus.manifest import open_stage
from corpus.model import NIL, Layer, Link, Mention, count_mentions, make_document
from tests.formats.any_documents import documents

NLP = spacy.blank("en")
MET = make_document(
    "met",
    "Kyiv and NATO met.",
    lang="en",
    layers=(
        Layer(
            "gold",
            mentions=(
                Mention("1", 0, 4, "GPE", (Link("Q1"), Link("Q2", "metonymic")), source="s"),
            ),
        ),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(documents(), max_size=3))
def test_what_is_written_is_read_back_exactly(tmp_path_factory, found):
    path = tmp_path_factory.getbasetemp() / "any.spacy"
    write_docbin(found, path)
    assert list(read_docbin(path)) == found
    docs = list(DocBin().from_disk(path).get_docs(NLP.vocab))
    for doc, document in zip(docs, found, strict=True):
        assert doc.text == document.text
        spans = [span for group in doc.spans.values() for span in group]
        mentions = [mention for layer in document.layers for mention in layer.mentions]
        assert len(spans) == len(mentions)
        for span in spans:
            assert span.text == document.text[span.start_char : span.end_char]


@settings(max_examples=40, deadline=None)
@given(st.lists(documents(), max_size=3), st.sampled_from(["split", "expand", "reject"]))
def test_every_mention_is_kept_repaired_or_rejected(tmp_path_factory, found, misaligned):
    path = tmp_path_factory.getbasetemp() / "conserved.spacy"
    total = sum(map(count_mentions, found))
    with open_stage("convert", path, [], force=True) as stage:
        for counts, number in ((stage.documents, len(found)), (stage.mentions, total)):
            counts.received = counts.kept = counts.written = number
        write_docbin(found, path, misaligned=misaligned, stage=stage)
    back = list(read_docbin(path))
    assert stage.documents.written == stage.documents.received == len(back)
    assert stage.mentions.problems() == []
    assert sum(map(count_mentions, back)) == stage.mentions.written
    if misaligned == "split":
        assert (back, stage.mentions.rejected) == (found, 0)
    if misaligned == "reject":
        assert stage.mentions.repaired == 0


def foreign_doc():
    doc = NLP("Kyiv and NATO met.  It rained.")
    doc.ents = [
        Span(doc, 0, 1, "GPE", kb_id="Q1899"),
        Span(doc, 2, 3, "ORG", kb_id="NIL", span_id="o1"),
    ]
    doc.spans["sc"] = [Span(doc, 0, 3, "EVENT"), Span(doc, 0, 3, "")]
    doc.cats = {"WAR": 0.5}
    doc.user_data["title"] = "Met"
    doc[0].tag_ = "NNP"
    for token in doc:
        token.is_sent_start = token.i in (0, 6)
    return doc


def test_a_foreign_docbin_is_read_as_spacy_has_it(tmp_path):
    path, doc = tmp_path / "foreign.spacy", foreign_doc()
    DocBin(store_user_data=True, docs=[doc, NLP("")]).to_disk(path)
    with open_stage("convert", tmp_path / "out.jsonl", [path]) as stage:
        first, second = read_docbin(path, stage=stage)
        (tmp_path / "out.jsonl").write_bytes(b"")
    assert (first.id, second.id) == ("foreign.spacy#1", "foreign.spacy#2")
    assert first.text == doc.text
    assert [first.text[t.start : t.end] for t in first.tokens] == [t.text for t in doc]
    assert first.sentences == tuple((s.start_char, s.end_char) for s in doc.sents)
    assert first.meta == {"title": "Met", "cats": {"WAR": 0.5}}
    gold, sc = first.layers
    assert gold.mentions == (
        Mention("0-4:GPE", 0, 4, "GPE", (Link("Q1899"),)),
        Mention("o1", 9, 13, "ORG", (Link(NIL),)),
    )
    assert (sc.name, [m.label for m in sc.mentions]) == ("sc", ["EVENT"])
    assert (stage.mentions.received, stage.mentions.rejected) == (1, 1)
    assert stage.manifest.notes == {"documents with TAG of tokens, not carried": 1}
    assert (second.text, second.tokens) == ("", ())


def test_the_layer_of_foreign_entities_and_the_base_of_ids_can_be_named(tmp_path):
    path = tmp_path / "foreign.spacy"
    DocBin(docs=[foreign_doc()]).to_disk(path)
    (document,) = read_docbin(path, layer="annotator:ann", id_base="news/a.spacy")
    assert document.id == "news/a.spacy#1"
    assert [layer.name for layer in document.layers] == ["annotator:ann", "sc"]


def test_what_was_edited_in_spacy_is_added_beside_what_we_wrote(tmp_path):
    path = tmp_path / "ours.spacy"
    write_docbin([MET], path)
    Doc.set_extension("seen", default=None, force=True)
    (doc,) = DocBin().from_disk(path).get_docs(NLP.vocab)
    doc._.seen = 3
    DocBin(store_user_data=True, docs=[doc]).to_disk(path)
    assert list(read_docbin(path)) == [MET]
    doc.ents = [*doc.ents, Span(doc, 2, 3, "ORG")]
    doc.spans["new"] = [Span(doc, 2, 3, "MISC")]
    DocBin(store_user_data=True, docs=[doc]).to_disk(path)
    (document,) = read_docbin(path)
    assert document.layers[0] == MET.layers[0]
    added = {layer.name: [m.id for m in layer.mentions] for layer in document.layers[1:]}
    assert added == {"new": ["9-13:MISC"], "doc.ents": ["0-4:GPE", "9-13:ORG"]}


def broken(changes):
    def change(raw):
        message = srsly.msgpack_loads(zlib.decompress(raw))
        return zlib.compress(srsly.msgpack_dumps({**message, **changes}))

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: b"", "not a DocBin, it does not begin as one; a DocBin is a zlib stream; "
         "make the file again"),
        (lambda raw: raw[:50], "not a whole DocBin, its end is missing; a DocBin is a zlib "
         "stream; make the file again"),
        (lambda raw: raw + b"x", "something follows the end of the DocBin; a DocBin is a zlib "
         "stream; make the file again"),
        (lambda raw: zlib.compress(b"news"), "not a DocBin (byte 0 is not what a DocBin has "
         "there); make the file again with spaCy"),
        (broken({"tokens": b"12345678"}), "not a DocBin (its tokens and spaces do not fit "
         "together); make the file again with spaCy"),
        (broken({"lengths": b"\x01\0\0\0"}), "not a DocBin (its lengths and tokens do not fit "
         "together); make the file again with spaCy"),
        (broken({"strings": [1]}), "not a DocBin (its strings are not text); make the file "
         "again with spaCy"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path, change, message):
    path = tmp_path / "broken.spacy"
    write_docbin([MET], path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FormatError) as caught:
        list(read_docbin(path))
    assert str(caught.value) == f"{path}: {message}"


def test_a_text_changed_under_its_annotations_is_an_error_and_with_a_stage_a_reject(tmp_path):
    path = tmp_path / "ours.spacy"
    write_docbin([MET], path)
    path.write_bytes(broken({"spaces": b"\x01\x01\x01\x01\x00"})(path.read_bytes()))
    with pytest.raises(FormatError, match="document 'met': sha256 is not that of the text"):
        list(read_docbin(path))
    with open_stage("convert", tmp_path / "out.jsonl", [path]) as stage:
        assert list(read_docbin(path, stage=stage)) == []
        (tmp_path / "out.jsonl").write_bytes(b"")
    assert (stage.documents.rejected, stage.mentions.rejected) == (1, 1)
