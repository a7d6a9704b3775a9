import msgspec
import pytest

from corpus.kb.knowledge_base import KB
from corpus.manifest import open_stage
from corpus.model import (
    NIL,
    Document,
    Layer,
    Link,
    Mention,
    layer_of,
    make_document,
    with_ids,
    with_layer,
)
from corpus.store import encode_line
from corpus.suggest.links import LinkOptions, ceiling_of, suggest_link_lines, suggest_links

TEXT = "Moscow blamed Nato. Nobody in Moscow, Idaho, knew Springfield."


@pytest.fixture
def kb(make_kb):
    return make_kb(
        {"id": "Q649", "label": "Moscow", "type": "city", "count": 90},
        {"id": "Q1", "label": "Moscow", "type": "city", "description": "in the west", "count": 60},
        {"id": "Q7184", "label": "NATO", "type": "organisation"},
        *(
            {"id": f"Q9{n:02}", "label": "Springfield", "type": "city", "count": 20 - n}
            for n in range(12)
        ),
    )


def gold(*surfaces, links=None):
    """A layer with each surface where it stands first in TEXT, linked as `links` says."""
    mentions = []
    for surface in surfaces:
        start = TEXT.index(surface)
        target = (links or {}).get(surface)
        known = (Link(target),) if target else ()
        mentions.append(Mention("", start, start + len(surface), "X", known, source="ann"))
    return Layer("gold", mentions=with_ids(mentions))


def run(kb, tmp_path, *documents, workers=1, **options):
    stage = open_stage("suggest", tmp_path / "out.jsonl", [], force=True)
    lines = [(f"in:{number}", encode_line(one)) for number, one in enumerate(documents, 1)]
    options = LinkOptions(kb=str(kb), **options)
    with stage:
        written = list(suggest_link_lines(lines, stage, options, workers=workers))
        (tmp_path / "out.jsonl").write_bytes(b"".join(written))
    return written, stage


def test_suggest_links_keeps_the_mentions_and_gives_each_candidates_and_one_link(kb):
    spans = gold("Moscow", "Nato", "Idaho")
    layer = suggest_links(make_document("a", TEXT), spans, KB(kb), threshold=0.7)
    assert (layer.name, layer.task, layer.state) == ("silver", "links", None)
    place = [(m.id, m.start, m.end, m.label) for m in layer.mentions]
    assert place == [(m.id, m.start, m.end, m.label) for m in spans.mentions]
    ids = [[candidate.kb_id for candidate in m.candidates] for m in layer.mentions]
    assert ids == [["Q649", "Q1"], ["Q7184"], []]
    # Moscow's best has a score of 0.6, and nobody knows Idaho.
    assert [[link.target for link in m.links] for m in layer.mentions] == [[NIL], ["Q7184"], [NIL]]
    info = KB(kb).info
    assert {(m.links[0].kb, m.links[0].kb_hash) for m in layer.mentions} == {(info.name, info.hash)}


def test_suggest_links_offers_as_many_candidates_as_there_are_keys(kb):
    layer = suggest_links(make_document("a", TEXT), gold("Springfield"), KB(kb), threshold=0.6)
    found = [candidate.kb_id for candidate in layer.mentions[0].candidates]
    assert found == [f"Q9{n:02}" for n in range(9)]


def test_suggest_link_lines_leaves_all_other_layers_as_they_are(kb, tmp_path):
    silver = Layer("silver", mentions=(Mention("m", 0, 6, "GPE"),))
    document = make_document("a", TEXT, layers=(silver, gold("Moscow", "Idaho")))
    [line], stage = run(kb, tmp_path, document)
    layer = suggest_links(document, document.layers[1], KB(kb), threshold=0.6)
    assert line == encode_line(with_layer(document, layer))
    assert stage.manifest.added_by == {"silver": 2}
    assert stage.manifest.notes["without candidates"] == 1
    assert ceiling_of(stage.manifest.notes) is None


def test_suggest_link_lines_tells_the_ceiling_where_links_are_known(kb, tmp_path):
    known = {"Moscow": "Q1", "Nato": "Q7184", "Idaho": NIL, "Springfield": NIL, "Nobody": "Q5"}
    _, stage = run(kb, tmp_path, make_document("a", TEXT, layers=(gold(*known, links=known),)))
    assert str(ceiling_of(stage.manifest.notes)) == (
        "of 5 known links, one Enter would confirm 40.0%; of 3 to an entity, "
        "recall@1 is 33.3%, recall@9 66.7%"
    )


def test_suggest_link_lines_rejects_a_second_layer_unless_it_may_replace_the_first(kb, tmp_path):
    [line], _ = run(kb, tmp_path, make_document("a", TEXT, layers=(gold("Moscow"),)))
    linked = msgspec.json.decode(line, type=Document)
    written, stage = run(kb, tmp_path, linked)
    assert (written, stage.documents.rejected) == ([], 1)
    [again], stage = run(kb, tmp_path, linked, replace=True, threshold=0.99)
    assert layer_of(msgspec.json.decode(again, type=Document), "silver", "links") is not None
    assert (stage.mentions.repaired, stage.mentions.kept) == (1, 1)


def test_suggest_link_lines_passes_on_what_has_no_such_layer(kb, tmp_path):
    document = make_document("a", TEXT)
    written, stage = run(kb, tmp_path, document, layer="annotator:ann")
    assert written == [encode_line(document)]
    assert stage.manifest.notes == {"documents without a layer annotator:ann": 1}


def test_suggest_link_lines_gives_the_same_bytes_for_any_number_of_workers(kb, tmp_path):
    documents = [
        make_document(f"d{number}", TEXT, layers=(gold("Moscow", "Springfield"),))
        for number in range(150)
    ]
    assert run(kb, tmp_path, *documents)[0] == run(kb, tmp_path, *documents, workers=2)[0]


def test_given_names_of_persons_named_in_full_are_offered_last(make_kb):
    kb = KB(
        make_kb(
            {"id": "Q90", "label": "Paris", "type": "city", "count": 5},
            {"id": "Q47899", "label": "Paris Hilton", "type": "person"},
            {"id": "Q567", "label": "Angela Merkel", "type": "person"},
        )
    )
    text = "Angela Merkel, Paris Hilton. Angela met Paris, Hilton said."
    spans = Layer(
        "gold",
        mentions=with_ids(
            Mention("", text.rindex(name), text.rindex(name) + len(name), "X")
            for name in ("Angela", "Paris", "Hilton")
        ),
    )
    document = make_document("a", text)
    layer = suggest_links(document, spans, kb, threshold=0.6)
    assert [[one.kb_id for one in mention.candidates] for mention in layer.mentions] == [
        ["Q567"],
        ["Q90", "Q47899"],
        ["Q47899"],
    ]
    off = KB(kb.path, without=["given_names", "surnames"])
    layer = suggest_links(document, spans, off, threshold=0.6)
    assert [len(mention.candidates) for mention in layer.mentions] == [0, 1, 0]
