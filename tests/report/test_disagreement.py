"""Where annotators differ, and where there is nothing to compare."""

from msgspec.structs import replace

from corpus.model import Layer, Link, Mention, make_document, with_ids
from corpus.report.disagreement import disagreements


def layer(name, *spans, **fields):
    fields.setdefault("state", "confirmed")
    mentions = with_ids([Mention("", start, end, label) for start, end, label in spans])
    return Layer(name, mentions=mentions, **fields)


def differing(*layers):
    return disagreements(make_document("d", "Kyiv and Minsk and more", layers=layers))


ANN = layer("annotator:ann", (0, 4, "GPE"), (9, 14, "GPE"))


def test_labels_and_missing_mentions_differ():
    bob = layer("annotator:bob", (0, 4, "LOC"), (15, 18, "MISC"))
    assert differing(ANN, bob) == [(0, 4), (9, 14), (15, 18)]
    assert differing(ANN, replace(ANN, name="annotator:bob")) == []


def test_twins_are_counted():
    bob = layer("annotator:bob", (0, 4, "GPE"), (0, 4, "GPE"), (9, 14, "GPE"))
    assert differing(ANN, bob) == [(0, 4)]


def test_untouched_layers_machines_and_gold_do_not_vote():
    assert differing(ANN, layer("annotator:bob", state="untouched")) == []
    assert differing(ANN, layer("silver"), layer("gold")) == []
    assert differing(ANN) == []


def test_only_the_latest_round_of_a_person_counts():
    late = layer("annotator:ann", (0, 4, "GPE"), round=2)
    bob = layer("annotator:bob", (0, 4, "GPE"))
    assert differing(late, ANN, bob) == []
    assert differing(ANN, late, bob) == []


def test_links_are_compared_in_the_task_of_links_alone():
    def links(name, *targets, task="links"):
        mentions = tuple(
            Mention(str(n), 0, 4, "GPE", (Link(target),)) for n, target in enumerate(targets)
        )
        return Layer(name, task=task, state="confirmed", mentions=mentions)

    assert differing(links("annotator:a", "Q1"), links("annotator:b", "NIL")) == [(0, 4)]
    assert differing(links("annotator:a", "Q1"), links("annotator:b", "Q1")) == []
    spans = [links(f"annotator:{name}", f"Q{name}", task="spans") for name in "12"]
    assert differing(*spans) == []
