"""Agreement over documents: what is compared with what, and every figure from its definition."""

from __future__ import annotations

import random

import krippendorff
import pytest
from msgspec.structs import replace

from corpus.gold.agreement import collect_agreement
from corpus.gold.agreement_figures import figures_of
from corpus.gold.observations import boundary_units, observe, share, units_by_label
from corpus.model import NIL, Layer, Link, Mention, make_document
from tests.gold.several_annotators import TEXT, document, said

ORG, CITY, KYIV, LOC = (4, 8, "ORG"), (16, 25, "GPE"), (16, 20, "GPE"), (16, 20, "LOC")


def values(documents, **options):
    figures = figures_of(collect_agreement(documents, **options))
    return {key: figure.value for key, figure in figures.items() if figure.value is not None}


def test_boundary_and_type_f1_are_apart_with_equal_borders_and_with_overlap():
    found = values(
        [document(ann=[ORG, KYIV], bob=[ORG, LOC]), document("e", ann=[KYIV], bob=[CITY])]
    )
    assert found["pair", "ann", "bob", "boundary", "f1"] == pytest.approx(2 * 2 / 6, abs=1e-6)
    assert found["pair", "ann", "bob", "type", "f1"] == pytest.approx(2 * 1 / 6, abs=1e-6)
    assert found["pair", "ann", "bob", "boundary", "overlap_f1"] == 1
    assert found["pair", "ann", "bob", "type", "overlap_f1"] == pytest.approx(4 / 6, abs=1e-6)
    assert found["overall", "type", "f1"] == found["pair", "ann", "bob", "type", "f1"]


def test_only_documents_that_both_confirmed_are_compared():
    touched = said("eve", [LOC], state="touched")
    one = document(ann=[ORG], bob=[ORG])
    one = make_document("d", TEXT, layers=(*one.layers, touched, Layer("silver")))
    found = collect_agreement([one, document("alone", ann=[KYIV]), make_document("none", TEXT)])
    assert (found.between.given, found.between.ids) == (3, ["d"])
    assert dict(found.between.confirmed) == {"ann": 2, "bob": 1}
    assert found.between.compared == ["ann", "bob"]


def test_words_are_tagged_by_what_begins_and_goes_on_in_them():
    one = document(ann=[(4, 8, "ORG"), (16, 25, "GPE")], bob=[(16, 20, "GPE"), (16, 25, "X")])
    units = {
        (unit["ann"], unit["bob"]): times for unit, times in boundary_units(one, observe(one).spans)
    }
    # The | OSCE | met | in | Kyiv | city | .
    assert units == {("O", "O"): 4, ("B", "O"): 1, ("B", "B"): 1, ("I", "I"): 1}


def test_kappa_and_alpha_of_types_are_over_spans_that_both_marked():
    marks = [(n * 2, n * 2 + 1, "AB"[n % 2]) for n in range(10)]
    other = [(s, e, "B" if s in (0, 4) else label) for s, e, label in marks[:8]]
    found = values([document(ann=marks, bob=[*other, (20, 22, "C")])])
    rows = [[m[2] for m in marks[:8]], [m[2] for m in other]]
    codes = [[ord(v) for v in row] for row in rows]
    alpha = krippendorff.alpha(codes, level_of_measurement="nominal")
    assert found["pair", "ann", "bob", "type", "alpha"] == pytest.approx(alpha, abs=1e-6)
    # 6 of 8 alike; ann says A 4 times, bob twice.
    expected = (4 * 2 + 4 * 6) / 64
    kappa = (6 / 8 - expected) / (1 - expected)
    assert found["pair", "ann", "bob", "type", "cohen_kappa"] == pytest.approx(kappa, abs=1e-6)


def linked(name: str, *targets: str, **fields) -> Layer:
    mentions = []
    for n, target in enumerate(targets):
        links = (Link(target),) if target not in ("BAD SPAN", "UNSURE", "") else ()
        source = f"key:{target}" if target and not links else ("key:1" if links else "")
        mentions.append(Mention(f"m{n}", n, n + 1, "X", links, source=source))
    layer = Layer(f"annotator:{name}", "links", state="confirmed", mentions=tuple(mentions))
    return replace(layer, **fields)


def test_links_and_nil_are_apart_and_what_is_not_judged_by_both_is_no_unit():
    ann = linked("ann", "Q1", "Q2", NIL, NIL, "Q5", "UNSURE", "BAD SPAN")
    bob = linked("bob", "Q1", "Q3", NIL, "Q4", "", "Q6", "BAD SPAN")
    found = values([make_document("d", TEXT, layers=(ann, bob))])
    assert found["pair", "ann", "bob", "link", "f1"] == pytest.approx(2 * 1 / (2 + 3), abs=1e-6)
    assert found["pair", "ann", "bob", "nil", "f1"] == pytest.approx(2 * 1 / (2 + 1), abs=1e-6)
    # Q1 Q2 NIL NIL BAD against Q1 Q3 NIL Q4 BAD: 3 of 5 alike.
    expected = (1 * 1 + 2 * 1 + 1 * 1) / 25
    kappa = (3 / 5 - expected) / (1 - expected)
    assert found["pair", "ann", "bob", "link", "cohen_kappa"] == pytest.approx(kappa, abs=1e-6)
    # NIL or not, of the four that both linked or called NIL: 3 alike.
    expected = (2 * 1 + 2 * 3) / 16
    kappa = (3 / 4 - expected) / (1 - expected)
    assert found["pair", "ann", "bob", "nil", "cohen_kappa"] == pytest.approx(kappa, abs=1e-6)


def test_last_pass_counts_between_people_and_passes_of_one_are_compared_apart():
    layers = (said("ann", [KYIV]), said("ann", [ORG], round=2), said("bob", [ORG]))
    documents = [make_document("d", TEXT, layers=layers)]
    found = values(documents)
    assert found["pair", "ann", "bob", "type", "f1"] == 1
    assert found["passes", "ann#1", "ann#2", "type", "f1"] == 0
    assert values(documents, number=1)["pair", "ann", "bob", "type", "f1"] == 0
    assert ("pair", "ann#1", "ann#2", "type", "f1") not in found


def test_anchoring_is_agreement_with_silver_where_shown_less_where_blind():
    silver = Layer("silver", mentions=said("x", [ORG, KYIV]).mentions)
    shown = make_document("s", TEXT, layers=(silver, said("ann", [ORG, KYIV])))
    blind = make_document("b", TEXT, layers=(silver, said("ann", [ORG], blind=True)))
    found = values([shown, blind])
    assert found["anchoring", "ann", "type", "shown"] == 1
    assert found["anchoring", "ann", "type", "blind"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["anchoring", "", "type", "difference"] == pytest.approx(1 / 3, abs=1e-6)


def test_label_figures_are_over_mentions_of_that_label():
    found = values([document(ann=[ORG, KYIV], bob=[ORG, LOC])])
    assert found["label", "ORG", "f1"] == 1
    assert found["label", "GPE", "f1"] == found["label", "LOC", "f1"] == 0
    assert found["label", "ORG", "alpha_u"] == 1


def test_documents_come_with_what_differs():
    found = collect_agreement(
        [document("a", ann=[ORG], bob=[ORG]), document("b", ann=[ORG, KYIV], bob=[ORG], eve=[])]
    )
    assert [(one.id, one.annotators, one.differing) for one in found.between.documents] == [
        ("a", ("ann", "bob"), 0),
        ("b", ("ann", "bob", "eve"), 4),
    ]
    assert found.between.documents[1].f1 == pytest.approx(2 / 6)
    ann, bob = linked("ann", "Q1", "Q2", NIL, "UNSURE"), linked("bob", "Q1", "Q3", "Q4", "Q5")
    both = make_document("links", TEXT, layers=(ann, bob))
    [one] = collect_agreement([both]).between.documents
    assert (one.f1, one.links, one.links_differing) == (None, pytest.approx(1 / 3), 2)
    assert one.lowest == one.links


def test_nested_units_of_one_label_are_one_unit():
    units = units_by_label(
        said("ann", [(0, 9, "A"), (0, 4, "A"), (5, 12, "A"), (2, 4, "B")]).mentions
    )
    assert units == {"A": [(0, 9)], "B": [(2, 4)], "": [(0, 9)]}


def test_overlap_finds_what_slow_counting_finds():
    dice = random.Random(7)
    for _ in range(100):
        layers = [
            said(
                "x",
                {(s, s + dice.randint(1, 9), dice.choice("AB")) for s in dice.sample(range(40), 9)},
            )
            for _ in "12"
        ]
        one, other = (layer.mentions for layer in layers)
        found = share(one, other)
        meets = [[o for o in other if m.start < o.end and o.start < m.end] for m in one]
        assert found.overlap_one == sum(map(bool, meets))
        assert found.overlap_typed_one == sum(
            any(o.label == m.label for o in met) for m, met in zip(one, meets, strict=True)
        )


def test_intervals_hold_the_value_and_are_the_same_for_a_seed():
    dice = random.Random(1)
    documents = [
        document(f"d{n}", ann=[ORG, KYIV], bob=[ORG, dice.choice([KYIV, CITY, LOC])])
        for n in range(30)
    ]
    found = figures_of(collect_agreement(documents), resamples=200, seed=4)
    assert found == figures_of(collect_agreement(documents), resamples=200, seed=4)
    figure = found["overall", "type", "f1"]
    assert figure.low < figure.value < figure.high
    assert found["overall", "link", "f1"].value is None


def test_order_of_documents_and_layers_changes_nothing():
    dice = random.Random(2)
    spans = [(s, s + 3, label) for s in range(0, 20, 4) for label in "AB"]
    documents = [
        document(f"d{n}", **{name: sorted(dice.sample(spans, 4)) for name in ("ann", "bob", "eve")})
        for n in range(6)
    ]
    turned = [replace(one, layers=one.layers[::-1]) for one in documents[::-1]]
    assert values(documents) == values(turned)
