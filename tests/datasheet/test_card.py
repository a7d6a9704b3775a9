"""The datasheet: what manifests and documents say, nothing made up, nobody named."""

from collections import Counter

from corpus.datasheet.card import Given, write_card
from corpus.datasheet.facts import collect, pseudonyms
from corpus.datasheet.limits import known_limits
from corpus.datasheet.lineage import trace
from corpus.manifest import open_stage
from corpus.model import Change, Layer, Link, Mention, make_document
from corpus.store import write_documents

LINKS = (Link("Q1899", kb="seeds", kb_hash="f50f"), Link("Q212", "metonymic", "seeds", "f50f"))


def document(id, *, meta=None, gold=True, people=("ann",), state="confirmed"):
    mentions = (
        Mention("1", 0, 4, "GPE", LINKS),
        Mention("2", 5, 9, "ORG", (Link("NIL"),)),
        Mention("3", 5, 9, "ORG"),
    )
    layers = [Layer(f"annotator:{name}", state=state, mentions=mentions[:1]) for name in people]
    if gold:
        layers.append(Layer("gold", mentions=mentions))
    return make_document(id, "Kyiv NATO", lang="en", meta=meta or {}, layers=tuple(layers))


DOCUMENTS = [
    document("a", meta={"source": "https://www.osce.org/1", "date": "2021-12-02", "rights": "CC0"}),
    document("b", meta={"credit": "CSN", "date": "2021-12-01", "fields": {"license": "CC0"}}),
    document("c", gold=False, people=("ann", "bob"), state="untouched"),
]


def test_facts_are_what_the_documents_say():
    facts = collect(DOCUMENTS, "gold")
    assert (facts.documents, facts.with_layer, facts.characters) == (3, 2, 27)
    assert facts.labels == Counter({"ORG": 4, "GPE": 2})
    assert facts.links == Counter({"linked": 2, "NIL": 2, "not judged": 2, "metonymic": 2})
    assert facts.entities == {"Q1899", "Q212"}
    assert facts.sources == Counter({"osce.org": 1, "CSN": 1, "files without an address": 1})
    assert facts.rights == Counter({"CC0": 2, "not recorded": 1})
    assert (facts.first_date, facts.last_date, facts.undated) == ("2021-12-01", "2021-12-02", 1)
    assert facts.kbs == Counter({("seeds", "f50f"): 4})
    assert facts.layers["annotator:ann", "spans"] == Counter({"confirmed": 2, "untouched": 1})


def test_the_stages_are_followed_back_to_the_first_file(tmp_path):
    for name in ("documents", "silver", "gold"):
        write_documents(DOCUMENTS, tmp_path / f"{name}.jsonl")
    for command, source, target in (
        ("suggest", "documents", "silver"),
        ("adjudicate", "silver", "gold"),
    ):
        output = tmp_path / f"{target}.jsonl"
        with open_stage(command, output, [tmp_path / f"{source}.jsonl"], force=True) as stage:
            if command == "suggest":
                for counts in (stage.documents, stage.mentions):
                    counts.received = counts.rejected = 2
                for id in ("x", "y"):
                    stage.record(Change("rejected", id, "empty | odd"))
    steps, origins = trace([tmp_path / "gold.jsonl"])
    assert [step.manifest.command for step in steps] == ["suggest", "adjudicate"]
    assert steps[0].rejects == {"empty | odd": 2}
    assert origins == [tmp_path / "documents.jsonl"]
    card = write_card(Given(title="x"), collect(DOCUMENTS, "gold"), steps, [])
    assert "| `suggest` | `silver.jsonl` | 2 / 0 / 2 | 2 / 0 / 2 | corpus 0.1.0 |\n" in card
    assert "- `suggest` rejected 2 documents and 2 mentions: empty | odd (2).\n" in card


def test_nobody_is_named_and_the_order_tells_nothing():
    facts = collect(DOCUMENTS, "gold")
    names = pseudonyms(facts)
    assert sorted(names.values()) == ["A1", "A2"]
    figures = {"alpha": {"value": None}, "f1": {"value": 1}}
    agreement = {
        "documents": {"given": 3, "compared": 2},
        "overall": {"boundary": {"f1": {"value": 0.5, "low": 0.25, "high": 0.75}}},
        "pairs": [{"annotators": ["ann", "bob"], "link": figures}],
    }
    card = write_card(Given(title="News", names=names, agreement=agreement), facts, [], [])
    assert "ann" not in card.replace("annot", "").replace("Annot", "")
    assert "bob" not in card
    assert "| all | f1 |\n|---|---|\n| boundary | 0.500 (0.250–0.750) |\n" in card
    assert "| A1 and A2 | f1 |\n|---|---|\n| link | 1.000 |\n" in card
    assert f"| {names['ann']} | spans | 2 confirmed, 1 untouched | 3 |\n" in card
    named = write_card(Given(title="News"), facts, [], [])
    assert "| ann | spans |" in named


def test_what_is_not_recorded_is_said_and_cells_cannot_be_broken():
    facts = collect([document("a", meta={"credit": "<b>|x"})], "gold")
    card = write_card(Given(title="A\n# B"), facts, [], [])
    assert card.startswith("# A # B\n\n1 document with 3 mentions in the layer `gold`, 1 linked")
    assert "| Licence of the annotations | *not recorded* |" in card
    assert "| &lt;b>\\|x | 1 |" in card
    for section in ("Agreement", "Splits", "How it was made"):
        assert f"## {section}\n\n*not recorded*\n" in card


def test_limits_are_sentences_from_counts():
    facts, doubts = collect(DOCUMENTS, "gold"), {"boundary": 2, "broken-span": 1}
    assert list(known_limits(facts, [], doubts=doubts, agreement={})) == [
        "Without the layer, so not judged: 1 document.",
        "Left untouched by annotators: 2 documents.",
        "Not linked, so not judged, which is not NIL: 2 mentions.",
        "Whose rights are not recorded: 1 document.",
        "Fewer than 20 mentions: GPE, ORG.",
        "The audit doubts 3 places: boundary 2, broken-span 1.",
    ]
