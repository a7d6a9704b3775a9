import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.doccano.link_examples import (
    CANDIDATE_KEYS,
    SHORTCUTS,
    Known,
    make_link_examples,
)
from corpus.errors import DataError
from corpus.model import Candidate, Layer, Link, Mention, make_document, with_ids

ENTRIES = {
    "Q649": ("Moscow", "GPE", "capital of Russia"),
    "Q159": (
        "Russia",
        "country",
        "country in eastern Europe and northern Asia, by the sea",
    ),
}


def describe(kb_id):
    return ENTRIES.get(kb_id, ("", "", ""))


def candidates(*ids):
    return tuple(Candidate(kb_id=kb_id, prior=0.5, score=0.5) for kb_id in ids)


def layers(*mentions):
    mentions = with_ids(mentions)
    silver = Layer(name="silver", task="links", mentions=mentions)
    return Layer(name="gold", mentions=mentions), silver


def mention(text, surface, *ids, label="GPE", target="", nth=0):
    start = -1
    for _ in range(nth + 1):
        start = text.index(surface, start + 1)
    links = (Link(target=target, kb="news", kb_hash="abc"),) if target else ()
    return Mention(
        id="",
        start=start,
        end=start + len(surface),
        label=label,
        links=links,
        candidates=candidates(*ids),
    )


TEXT = "Moscow denied it.\n\nIn Moscow 😀 nobody spoke, and Russia was silent. Moscow slept."


def test_make_link_examples_shows_what_an_annotator_needs():
    spans, silver = layers(
        mention(TEXT, "Moscow", "Q649", "Q159", target="Q159"),
        mention(TEXT, "Moscow", "Q649", "Q159", nth=1, target="Q159"),
        mention(TEXT, "Russia", nth=0, target="NIL"),
    )
    first, second = make_link_examples(make_document("d", TEXT), spans, silver, describe)
    assert first.text == (
        "⟦Moscow⟧ denied it.\nIn Moscow 😀 nobody spoke, and Russia was silent. Moscow slept.\n"
        "\n"
        "1   Moscow · GPE · Q649 · capital of Russia\n"
        "2   Russia · Q159\n"
        "     country in eastern Europe and northern Asia, by the sea\n"
        "\n"
        "The same decision stands for 1 more place in this article:\n"
        "  Moscow denied it. In ⟦Moscow⟧ 😀 nobody spoke, and …"
    )
    assert (first.chosen, first.kb, first.kb_hash) == ("2", "news", "abc")
    assert [m.start for m in first.mentions] == [0, 22]
    assert second.chosen == "NIL"
    assert second.text.endswith(
        "The knowledge base offers no candidate: NIL, or OTHER with the id as a comment."
    )


def test_make_link_examples_keeps_apart_what_differs_in_label_or_candidates():
    spans, silver = layers(
        mention(TEXT, "Moscow", "Q649"),
        mention(TEXT, "Moscow", "Q649", nth=1, label="ORG"),
        mention(TEXT, "Moscow", "Q159", "Q649", nth=2),
    )
    examples = list(make_link_examples(make_document("d", TEXT), spans, silver, describe))
    assert [len(example.mentions) for example in examples] == [1, 1, 1]
    assert len({example.key for example in examples}) == 3


def known_of(example, *, split=False):
    places = frozenset((m.start, m.end) for m in example.mentions)
    return Known(example.key, places, example.mentions[0].label, split)


def test_make_link_examples_splits_one_by_one_on_request():
    spans, silver = layers(mention(TEXT, "Moscow", "Q649"), mention(TEXT, "Moscow", "Q649", nth=1))
    given = (make_document("d", TEXT), spans, silver, describe)
    (together,) = make_link_examples(*given)
    by_split = list(make_link_examples(*given, known=[known_of(together, split=True)]))
    by_mention = list(make_link_examples(*given, per="mention"))
    assert by_split == by_mention
    assert [len(example.mentions) for example in by_split] == [1, 1]
    assert len({together.key, *(example.key for example in by_split)}) == 3
    known = [known_of(together, split=True), *map(known_of, by_split)]
    assert list(make_link_examples(*given, known=known)) == []


def test_make_link_examples_adds_what_came_since_and_nothing_that_is_known():
    first, second = (mention(TEXT, "Moscow", "Q649", nth=nth) for nth in (0, 1))
    document = make_document("d", TEXT)
    (old,) = make_link_examples(document, *layers(first), describe)
    (new,) = make_link_examples(document, *layers(first, second), describe, known=[known_of(old)])
    assert [m.start for m in new.mentions] == [second.start]
    assert new.key != old.key
    known = [known_of(old), known_of(new)]
    assert list(make_link_examples(document, *layers(first, second), describe, known=known)) == []


def test_make_link_examples_keeps_mentions_of_one_place_and_label_together():
    twins = (mention(TEXT, "Moscow", "Q649"), mention(TEXT, "Moscow", "Q649"))
    spans, silver = layers(*twins)
    document = make_document("d", TEXT)
    (example,) = make_link_examples(document, spans, silver, describe, per="mention")
    assert [m.id for m in example.mentions] == ["0-6:GPE", "0-6:GPE#2"]


def shown_lines(text, width=66):
    """The lines of the page, as wide as they are wrapped there at 1280 x 900."""
    return sum(max(1, -(-len(line) // width)) for line in text.split("\n"))


@pytest.mark.parametrize("places", [1, 2, 9])
@pytest.mark.parametrize("number", [0, 1, 4, 9])
def test_make_link_examples_fits_on_the_page(number, places):
    text = "\n\n".join(
        ["Nobody knows why Springfield was chosen by so many settlers. " * 5] * places
    )
    ids = [f"Q{n}" for n in range(number)]
    found = [mention(text, "Springfield", *ids, nth=nth * 5) for nth in range(places)]
    (example,) = make_link_examples(
        make_document("d", text),
        *layers(*found),
        lambda kb_id: (f"Springfield, {kb_id}", "city", "a city of many settlers, " * 9),
    )
    assert shown_lines(example.text) <= 20
    assert all(f"\n{key}   " in example.text for key in CANDIDATE_KEYS[:number])


def test_make_link_examples_offers_no_more_candidates_than_there_are_keys():
    spans, silver = layers(mention(TEXT, "Moscow", *(f"Q{n}" for n in range(1, 31))))
    (example,) = make_link_examples(make_document("d", TEXT), spans, silver, describe)
    assert [c.kb_id for c in example.candidates] == [f"Q{n}" for n in range(1, 10)]
    assert "9   Q9 · Q9" in example.text
    assert "Q10" not in example.text


def test_make_link_examples_refuses_a_mention_without_its_twin_in_the_links_layer():
    spans, _ = layers(mention(TEXT, "Moscow", "Q649"))
    with pytest.raises(DataError) as caught:
        list(
            make_link_examples(
                make_document("d", TEXT), spans, Layer(name="silver", task="links"), describe
            )
        )
    assert str(caught.value) == (
        "document 'd': mention 0-6:GPE has no candidates in the links layer 'silver'; "
        "run: corpus suggest --task links"
    )


def test_every_key_of_the_link_task_is_one_key_and_unique():
    keys = list(SHORTCUTS.values())
    assert len(set(keys)) == len(keys) == 14
    assert all((len(key) == 1 and key.isalnum() and key.islower()) or key.isdigit() for key in keys)
    assert list(SHORTCUTS)[:9] == list(CANDIDATE_KEYS)


@given(
    st.text(alphabet="ab \n中😀é", min_size=1, max_size=1500),
    st.lists(st.tuples(st.integers(0, 1499), st.integers(1, 40)), min_size=1, max_size=30),
)
def test_make_link_examples_conserves_mentions_and_marks_them_exactly(text, places):
    found = [
        Mention(
            id="", start=s, end=min(len(text), s + size), label="GPE", candidates=candidates("Q1")
        )
        for s, size in places
        if s < len(text)
    ]
    spans, silver = layers(*found)
    document = make_document("d", text)
    examples = list(make_link_examples(document, spans, silver, describe))
    judged = [m.id for example in examples for m in example.mentions]
    assert sorted(judged) == sorted(m.id for m in spans.mentions)
    for example in examples:
        first = example.mentions[0]
        assert f"⟦{text[first.start : first.end]}⟧" in example.text
