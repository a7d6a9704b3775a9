"""adjudication: one confirmed layer becomes gold; everything else is said."""

import pytest

from corpus.gold.adjudication import adjudicate_single
from corpus.manifest import Counts, Stage, open_stage
from corpus.model import NIL, Document, Layer, Link, Mention, layer_of, make_document

ORG = Mention(id="m1", start=4, end=8, label="ORG", links=(Link(target="Q81299"),))
PER = Mention(id="m2", start=0, end=3, label="PER", links=(Link(target=NIL),))
SILVER = Layer(name="silver", mentions=(PER,))
ANN = Layer(name="annotator:ann", state="confirmed", mentions=(ORG, PER))
BOB = Layer(name="annotator:bob", state="confirmed", mentions=(ORG,))


def document(*layers: Layer) -> Document:
    return make_document("doc", "The OSCE met.", layers=layers)


def settle(*layers: Layer, annotator: str = "") -> tuple[list[Document], Stage]:
    stage = open_stage("adjudicate", "-", [])
    assert stage is not None
    with stage:
        settled = list(adjudicate_single([document(*layers)], stage, annotator=annotator))
    return settled, stage


def test_confirmed_layer_becomes_gold_with_its_links_and_source() -> None:
    [settled], stage = settle(SILVER, ANN)
    assert settled.layers[:2] == (SILVER, ANN)
    gold = layer_of(settled, "gold")
    assert gold is not None
    assert gold.state is None
    assert [(m.id, m.start, m.end, m.label, m.links, m.source) for m in gold.mentions] == [
        ("m1", 4, 8, "ORG", ORG.links, "annotator:ann#1"),
        ("m2", 0, 3, "PER", PER.links, "annotator:ann#1"),
    ]
    assert stage.documents == Counts(received=1, kept=1, written=1)
    assert stage.mentions == Counts(received=3, kept=3, added=2, written=5)
    assert stage.manifest.added_by == {"gold": 2}
    assert stage.manifest.notes == {"waiting": 0}


def test_confirmed_layer_without_mentions_gives_a_gold_layer_without_mentions() -> None:
    [settled], stage = settle(Layer(name="annotator:ann", state="confirmed"))
    assert layer_of(settled, "gold") == Layer(name="gold")
    assert stage.manifest.notes == {"waiting": 0}


@pytest.mark.parametrize(
    "layers",
    [
        (),
        (SILVER,),
        (Layer(name="annotator:ann", state="touched", mentions=(ORG,)),),
        (Layer(name="annotator:ann", state="untouched", mentions=(ORG,)),),
        (Layer(name="annotator:ann", task="links", state="confirmed"),),
        (Layer(name="silver", state="confirmed", mentions=(ORG,)),),
    ],
)
def test_what_no_annotator_confirmed_waits_without_gold(layers: tuple[Layer, ...]) -> None:
    settled, stage = settle(*layers)
    assert settled == [document(*layers)]
    assert stage.manifest.notes == {"waiting": 1}
    assert stage.documents == Counts(received=1, kept=1, written=1)


def test_several_confirmed_layers_are_a_reject_that_names_them() -> None:
    settled, stage = settle(ANN, BOB)
    assert settled == []
    assert [change.reason for change in stage.unlisted] == [
        "2 confirmed layers (annotator:ann, annotator:bob); choose a --rule, or an --annotator"
    ]
    assert stage.documents == Counts(received=1, rejected=1)
    assert stage.mentions == Counts(received=3, rejected=3)


def test_several_rounds_of_one_person_are_a_reject_that_names_them() -> None:
    again = Layer(name="annotator:ann", round=2, state="confirmed", mentions=(ORG,))
    settled, stage = settle(ANN, again, annotator="ann")
    assert settled == []
    assert [change.reason for change in stage.unlisted] == [
        "2 confirmed rounds of annotator:ann (1, 2); with a --rule the last counts"
    ]


def test_named_annotator_decides_alone() -> None:
    [settled], _ = settle(ANN, BOB, annotator="bob")
    gold = layer_of(settled, "gold")
    assert gold is not None
    assert [(m.id, m.source) for m in gold.mentions] == [("m1", "annotator:bob#1")]


def test_name_of_an_annotator_is_no_prefix() -> None:
    _, stage = settle(ANN, annotator="an")
    assert stage.manifest.notes == {"waiting": 1}


@pytest.mark.parametrize("layers", [(Layer(name="gold"),), (Layer(name="gold"), ANN)])
def test_gold_is_never_overwritten(layers: tuple[Layer, ...]) -> None:
    settled, stage = settle(*layers)
    assert settled == []
    assert [change.reason for change in stage.unlisted] == [
        "it has a gold layer already, which is never overwritten"
    ]
