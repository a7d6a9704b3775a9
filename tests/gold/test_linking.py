import json

from corpus.gold.linking import link_single
from corpus.manifest import open_stage, rejects_path, repairs_path
from corpus.model import NIL, Layer, Link, Mention, make_document
from corpus.store import write_documents

TEXT = "Moscow met Kyiv."
Q649 = Link("Q649", "literal", "news", "abc")
GOLD = Layer("gold", mentions=(Mention("m1", 0, 6, "GPE"), Mention("m2", 11, 15, "GPE")))


def judged(*answers, name="annotator:ann", state="confirmed", round=1):
    """A links layer over m1 and m2; an answer is (key, links)."""
    mentions = tuple(
        Mention(m.id, m.start, m.end, m.label, tuple(links), source=f"key:{key}" if key else "")
        for m, (key, links) in zip(GOLD.mentions, answers, strict=False)
    )
    return Layer(name, task="links", round=round, state=state, mentions=mentions)


def adjudicate(tmp_path, *documents, **options):
    source = tmp_path / "in.jsonl"
    write_documents(documents, source)
    output = tmp_path / "out.jsonl"
    stage = open_stage("adjudicate", output, [source], force=True)
    with stage:
        result = list(link_single(documents, stage, **options))
        write_documents(result, output)
    ledgers = []
    for path in (rejects_path(output), repairs_path(output)):
        lines = path.read_text().splitlines() if path.exists() else []
        ledgers.append([json.loads(line) for line in lines])
    return result, stage, *ledgers


def test_links_are_put_onto_gold_and_nothing_else_changes(tmp_path):
    layer = judged(("1", [Q649, Link("Q159", "metonymic", "news", "abc")]), ("NIL", [Link(NIL)]))
    document = make_document("a", TEXT, layers=(Layer("silver"), GOLD, layer))
    [linked], stage, rejects, repairs = adjudicate(tmp_path, document)
    assert [layer.name for layer in linked.layers] == ["silver", "gold", "annotator:ann"]
    first, second = linked.layers[1].mentions
    assert (first.id, first.start, first.end, first.label) == ("m1", 0, 6, "GPE")
    assert first.links == layer.mentions[0].links
    assert [link.target for link in second.links] == [NIL]
    assert rejects == []
    assert [(c["mention"], c["reason"]) for c in repairs] == [
        ("m1", "linked by annotator:ann#1, key:1"),
        ("m2", "linked by annotator:ann#1, key:NIL"),
    ]
    assert (stage.mentions.kept, stage.mentions.repaired, stage.mentions.written) == (2, 2, 4)
    notes = {name: count for name, count in stage.manifest.notes.items() if count}
    assert notes == {"linked": 1, "nil": 1}


def test_what_a_person_must_settle_is_listed_and_counted_and_no_link(tmp_path):
    document = make_document("a", TEXT, layers=(GOLD, judged(("BAD SPAN", []), ("", []))))
    other = make_document("b", TEXT, layers=(GOLD, judged(("UNSURE", []))))
    linked, stage, rejects, _ = adjudicate(tmp_path, document, other)
    assert linked == [document, other]
    assert [(c["document"], c["mention"], c["reason"]) for c in rejects] == [
        ("a", "m1", "annotator:ann says BAD SPAN"),
        ("a", "m2", "nobody has judged it"),
        ("b", "m1", "annotator:ann says UNSURE"),
        ("b", "m2", "nobody has judged it"),
    ]
    notes = {name: count for name, count in stage.manifest.notes.items() if count}
    assert notes == {
        "to_settle": 4,
        "to settle, BAD SPAN": 1,
        "to settle, UNSURE": 1,
        "to settle, not judged": 2,
    }
    assert stage.mentions.problems() == []


def test_links_of_gold_are_never_overwritten(tmp_path):
    has = Layer("gold", mentions=(Mention("m1", 0, 6, "GPE", (Q649,)), *GOLD.mentions[1:]))
    newer = Link("Q649", "literal", "news", "def")
    other = Link("Q159", "literal", "news", "abc")
    same = make_document("a", TEXT, layers=(has, judged(("1", [newer]), ("1", [other]))))
    differs = make_document("b", TEXT, layers=(has, judged(("2", [other]), ("1", [other]))))
    linked, stage, rejects, _ = adjudicate(tmp_path, same, differs)
    assert [document.layers[0].mentions[0].links for document in linked] == [(Q649,), (Q649,)]
    assert [(c["document"], c["reason"]) for c in rejects] == [
        ("b", "gold links it to Q649, which is never overwritten")
    ]
    assert stage.manifest.notes["to settle, other link"] == 1


def test_gold_that_has_changed_since_is_left_alone_and_listed(tmp_path):
    moved = Layer("gold", mentions=(Mention("m1", 0, 10, "GPE"),))
    document = make_document("a", TEXT, layers=(moved, judged(("1", [Q649]), ("1", [Q649]))))
    linked, _, rejects, _ = adjudicate(tmp_path, document)
    assert linked == [document]
    assert [(c["mention"], c["reason"]) for c in rejects] == [
        ("m1", "gold has it at another place or with another label"),
        ("m2", "gold has no mention of this id any more"),
    ]


def test_documents_that_nobody_has_confirmed_wait_and_several_layers_are_rejects(tmp_path):
    ann, bob = judged(("1", [Q649])), judged(("1", [Q649]), name="annotator:bob")
    documents = [
        make_document("waits", TEXT, layers=(GOLD, judged(("1", [Q649]), state="touched"))),
        make_document("two", TEXT, layers=(GOLD, ann, bob)),
        make_document("rounds", TEXT, layers=(GOLD, ann, judged(("1", [Q649]), round=2))),
        make_document("bare", TEXT, layers=(ann,)),
    ]
    linked, stage, rejects, _ = adjudicate(tmp_path, *documents)
    assert linked == documents[:1]
    assert stage.manifest.notes["waiting"] == 1
    assert [(c["document"], c["reason"]) for c in rejects] == [
        (
            "two",
            "2 confirmed links layers (annotator:ann, annotator:bob); choose a --rule, or an "
            "--annotator",
        ),
        ("rounds", "2 confirmed rounds of annotator:ann (1, 2); with a --rule the last counts"),
        ("bare", "it has confirmed links and no gold layer that they are for"),
    ]
    linked, *_ = adjudicate(tmp_path, documents[1], annotator="bob")
    assert linked[0].layers[0].mentions[0].links == (Q649,)
