"""A DocBin that spaCy itself loads, with every mention where it was."""

import msgspec
import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin

from corpus.errors import DataError
from corpus.formats import docbin
from corpus.formats.docbin import DocBinWriter, write_docbin
from corpus.formats.docbin_segment import _unique, batches, encode_segment
from corpus.formats.tokenizer_rules import Rule
from corpus.manifest import open_stage, rejects_path, repairs_path
from corpus.model import NIL, Change, Layer, Link, Mention, Token, count_mentions, make_document
from corpus.store import read_records


def layer(*mentions, name="gold", **fields):
    return Layer(name, mentions=mentions, **fields)


KYIV = make_document(
    "kyiv",
    "Hello Kyivbased NATO 😀x",
    lang="en",
    meta={"title": "Hello"},
    layers=(
        layer(
            Mention("1", 6, 10, "GPE", (Link("Q1899"),)),
            Mention("2", 6, 15, "FAC"),
            Mention("3", 16, 20, "ORG", (Link(NIL),)),
        ),
        layer(Mention("1", 0, 5, "MISC"), name="silver"),
    ),
)


def load(path):
    return list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))


def test_spacy_loads_texts_mentions_and_user_data(tmp_path):
    path = tmp_path / "out.spacy"
    empty, blank = make_document("empty", ""), make_document("blank", " \n ")
    assert write_docbin([KYIV, empty, blank], path) == 3
    docs = load(path)
    assert [doc.text for doc in docs] == [KYIV.text, "", " \n "]
    assert [(e.text, e.label_, e.kb_id_) for e in docs[0].ents] == [
        ("Kyivbased", "FAC", ""),
        ("NATO", "ORG", "NIL"),
    ]
    assert [(s.text, s.label_, s.kb_id_, s.id_) for s in docs[0].spans["gold"]] == [
        ("Kyiv", "GPE", "Q1899", "1"),
        ("Kyivbased", "FAC", "", "2"),
        ("NATO", "ORG", "NIL", "3"),
    ]
    assert [s.text for s in docs[0].spans["silver"]] == ["Hello"]
    assert docs[0].user_data["id"] == "kyiv"
    assert docs[0].user_data["meta"] == {"title": "Hello"}
    assert docs[0].has_annotation("ENT_IOB")
    assert not docs[2].has_annotation("ENT_IOB")


def test_no_documents_give_a_docbin_of_none(tmp_path):
    write_docbin([], tmp_path / "out.spacy")
    assert load(tmp_path / "out.spacy") == []


def test_a_later_segment_with_more_columns_widens_the_earlier_ones(tmp_path):
    plain = make_document("plain", "No layer here.")
    sentences = make_document("s", "One. Two.", sentences=((0, 4), (5, 9)))
    with DocBinWriter(tmp_path / "out.spacy") as writer:
        for each in (plain, sentences, KYIV, plain):
            writer.add_segment(encode_segment([each]))
    docs = load(tmp_path / "out.spacy")
    assert [doc.text for doc in docs] == [plain.text, sentences.text, KYIV.text, plain.text]
    assert [s.text for s in docs[1].sents] == ["One.", "Two."]
    assert [doc.has_annotation("SENT_START") for doc in docs] == [False, True, False, False]
    assert [e.text for e in docs[2].ents] == ["Kyivbased", "NATO"]


def test_segments_of_several_processes_give_the_bytes_of_one(tmp_path):
    from corpus.engine import run_chunks

    documents = [msgspec.structs.replace(KYIV, id=str(n)) for n in range(600)]
    write_docbin(documents, tmp_path / "one.spacy")
    with DocBinWriter(tmp_path / "two.spacy") as writer:
        for _, segment in run_chunks(encode_segment, batches(documents), workers=2):
            writer.add_segment(segment)
    assert (tmp_path / "one.spacy").read_bytes() == (tmp_path / "two.spacy").read_bytes()
    assert writer.mentions == 4 * 600


@pytest.mark.parametrize(
    ("misaligned", "kept", "repaired", "rejected"),
    [("split", 3, 1, 0), ("expand", 3, 1, 0), ("reject", 3, 0, 1)],
)
def test_a_mention_off_token_borders_is_repaired_or_rejected(
    tmp_path, misaligned, kept, repaired, rejected
):
    path = tmp_path / "out.spacy"
    with open_stage("convert", path, []) as stage:
        stage.documents.received = stage.documents.kept = stage.documents.written = 1
        stage.mentions.received = stage.mentions.kept = count_mentions(KYIV)
        stage.mentions.written = count_mentions(KYIV)
        write_docbin([KYIV], path, misaligned=misaligned, stage=stage)
    assert stage.mentions.problems() == []
    counts = stage.mentions
    assert (counts.kept, counts.repaired, counts.rejected) == (kept, repaired, rejected)
    (doc,) = load(path)
    spans = [(s.text, s.id_) for s in doc.spans["gold"]]
    first = {"split": [("Kyiv", "1")], "expand": [("Kyivbased", "1")], "reject": []}[misaligned]
    assert spans == [*first, ("Kyivbased", "2"), ("NATO", "3")]


def test_a_file_beyond_msgpacks_limit_names_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(docbin, "_LARGEST_BIN", 20)
    with pytest.raises(DataError) as caught:
        write_docbin([KYIV], tmp_path / "out.spacy")
    assert str(caught.value) == (
        f"{tmp_path / 'out.spacy'}: more than 4 GiB of tokens, one DocBin cannot hold them; "
        "write several with --shard-size 1"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_language_without_a_tokenizer_is_tokenized_neutrally_and_counted(tmp_path):
    path = tmp_path / "out.spacy"
    documents = [make_document(lang, "Hello, world", lang=lang) for lang in ("ja", "qq", "en-GB")]
    with open_stage("convert", path, []) as stage:
        write_docbin(documents, path, stage=stage)
        stage.documents.received = stage.documents.kept = stage.documents.written = 3
    assert stage.manifest.notes == {
        "documents tokenized as xx for want of a tokenizer for 'ja'": 1,
        "documents tokenized as xx for want of a tokenizer for 'qq'": 1,
    }
    assert [[t.text for t in doc] for doc in load(path)] == [["Hello", ",", "world"]] * 3


def test_the_layer_shown_in_ents_can_be_named_and_a_choice_is_not_made_for_nobody(tmp_path):
    two = make_document(
        "two",
        "Ann Bo",
        layers=(
            layer(Mention("1", 0, 3, "PER"), name="annotator:ann"),
            layer(Mention("1", 4, 6, "PER"), name="annotator:bo"),
        ),
    )
    path = tmp_path / "out.spacy"
    with open_stage("export", path, []) as stage:
        stage.documents.received = stage.documents.kept = stage.documents.written = 1
        write_docbin([two], path, stage=stage)
    assert stage.manifest.notes == {"documents without doc.ents, their layers leave a choice": 1}
    (doc,) = load(path)
    assert (doc.ents, doc.has_annotation("ENT_IOB")) == ((), False)
    write_docbin([two], path, layer="annotator:bo")
    (doc,) = load(path)
    assert [ent.text for ent in doc.ents] == ["Bo"]


def test_mentions_on_tokens_that_spacy_would_not_make_are_counted_and_have_rules(tmp_path):
    tokens = tuple(Token(*each) for each in ((0, 5, False), (5, 7, True), (8, 11, False)))
    own = make_document(
        "own",
        "Minskis met",
        lang="en",
        tokens=tokens,
        layers=(layer(Mention("1", 0, 5, "GPE")),),
    )
    path = tmp_path / "out.spacy"
    with open_stage("convert", path, []) as stage:
        stage.documents.received = stage.documents.kept = stage.documents.written = 1
        with DocBinWriter(path, stage=stage) as writer:
            writer.add_segment(encode_segment([own]))
    assert stage.manifest.notes == {"mentions on the source's tokens, not learnable by spaCy's": 1}
    assert writer.rules == {Rule("en", "(?<=Minsk)(?=i)")}


def test_a_document_with_two_mentions_of_one_id_is_an_error(tmp_path):
    twins = make_document(
        "twins", "a b", layers=(layer(Mention("1", 0, 1, "X"), Mention("1", 2, 3, "X")),)
    )
    with pytest.raises(DataError) as caught:
        write_docbin([twins], tmp_path / "out.spacy")
    assert str(caught.value) == (
        f"{tmp_path / 'out.spacy'}: document 'twins': a mention id stands twice in layer 'gold'"
    )


def test_repairs_say_what_tokens_were_split_or_where_a_mention_grew(tmp_path):
    text = "anti Minskis talks"
    off = make_document(
        "off", text, lang="en", layers=(layer(Mention("1", 0, 10, "X"), Mention("2", 12, 13, "Y")),)
    )
    found = {}
    for misaligned in ("split", "expand"):
        path = tmp_path / f"{misaligned}.spacy"
        with open_stage("convert", path, []) as stage:
            stage.documents.received = stage.documents.kept = stage.documents.written = 1
            stage.mentions.received = stage.mentions.kept = stage.mentions.written = 2
            write_docbin([off], path, misaligned=misaligned, stage=stage)
        ledgers = repairs_path(path), rejects_path(path)
        found[misaligned] = [
            change
            for ledger in ledgers
            if ledger.exists()
            for change in read_records(ledger, Change)
        ]
    reason = "kept in the file, not learnable by this tokenizer"
    split = [(c.kind, c.mention, c.where, c.reason, c.before, c.after) for c in found["split"]]
    assert split == [
        ("repaired", "1", "0-10", reason, {"tokens": ["anti", "Minskis"]},
         {"tokens": ["anti", "Minsk", "is"]}),
        ("repaired", "2", "12-13", reason, {"tokens": []}, {"tokens": [" "]}),
    ]  # fmt: skip
    expand = [(c.kind, c.mention, c.reason, c.before, c.after) for c in found["expand"]]
    assert expand == [
        ("repaired", "1", "expanded to token borders", {"start": 0, "end": 10, "label": "X"},
         {"start": 0, "end": 12, "label": "X"}),
        ("rejected", "2", "it holds no token to grow to",
         {"start": 12, "end": 13, "label": "Y"}, {}),
    ]  # fmt: skip
    (doc,) = load(tmp_path / "split.spacy")
    assert [t.text for t in doc] == ["anti", "Minsk", "is", " ", "talks"]


@given(
    st.lists(st.integers(1, 2**64 - 1) | st.sampled_from([1, 1 + (1 << 16), 1 << 32]), max_size=300)
)
def test_unique_hashes_are_all_found_where_some_share_a_slot(hashes):
    assert _unique(np.asarray(hashes, dtype=np.uint64)) == set(hashes)
