"""model: what a sound document is, ids, order, and the longest mentions."""

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from corpus.model import (
    NIL,
    Document,
    Layer,
    Link,
    Mention,
    Token,
    count_mentions,
    is_bare_and_sound,
    layer_of,
    longest_mentions,
    make_document,
    problems_of,
    sort_mentions,
    text_sha256,
    with_ids,
    with_layer,
)
from corpus.store import decode_line, encode_line

TEXT = "The OSCE met."
GOOD = Mention(id="m", start=4, end=8, label="ORG")


def document(*layers: Layer, **fields: object) -> Document:
    return make_document("doc", TEXT, layers=layers, **fields)


def gold(*mentions: Mention) -> Document:
    return document(Layer(name="gold", mentions=mentions))


SOUND = document(
    Layer(name="silver", mentions=(GOOD, replace(GOOD, id="n"))),
    Layer(name="gold", mentions=(replace(GOOD, links=(Link(target=NIL),)),)),
    Layer(name="annotator:ann", state="untouched"),
    Layer(name="annotator:ann", round=2),
    Layer(name="annotator:ann", task="links"),
    tokens=(
        Token(0, 3, True),
        Token(4, 8, True),
        Token(9, 12, False),
        Token(12, 13, False),
    ),
    sentences=((0, 8), (9, 13)),
)


def test_problems_of_a_sound_document_are_none() -> None:
    assert list(problems_of(SOUND)) == []
    assert list(problems_of(make_document("empty", ""))) == []
    assert list(problems_of(make_document("empty", "", tokens=()))) == []


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (
            replace(SOUND, text="The OSCE sat."),
            "sha256 is not that of the text: the text was changed after convert",
        ),
        (Document(id="a", text="\ud83d", sha256=""), "the text holds a lone surrogate at 0"),
        (make_document("", ""), "the document has an empty id"),
        (document(tokens=()), "the tokens end at 0, the text at 13"),
        (document(tokens=(Token(0, 3, True),)), "the tokens end at 4, the text at 13"),
        (
            document(tokens=(Token(0, 3, True), Token(5, 8, False))),
            "token 5-8 does not follow the one before at 4",
        ),
        (document(tokens=(Token(0, 0, False),)), "token 0-0 does not follow the one before at 0"),
        (
            document(tokens=(Token(0, 14, False),)),
            "token 0-14 does not follow the one before at 0",
        ),
        (
            document(tokens=(Token(0, 2, True),)),
            "token 0-2 says that a blank follows, the text does not",
        ),
        (
            document(tokens=(Token(0, 13, True),)),
            "token 0-13 says that a blank follows, the text does not",
        ),
        (
            document(sentences=((0, 8), (7, 13))),
            "sentence 7-13 does not lie between the one before, which ends at 8, and the end "
            "of the text at 13",
        ),
        (
            document(sentences=((0, 14),)),
            "sentence 0-14 does not lie between the one before, which ends at 0, and the end "
            "of the text at 13",
        ),
        (
            document(Layer(name="gold"), Layer(name="gold")),
            "layer 'gold' (spans, round 1) stands twice",
        ),
        (document(Layer(name="")), "a layer has an empty name"),
        (gold(replace(GOOD, id="")), "a mention of layer 'gold' at 4-8 has no id"),
        (
            gold(replace(GOOD, end=14)),
            "mention m of layer 'gold' at 4-14 lies outside the text of 13 code points",
        ),
        (
            gold(replace(GOOD, start=8)),
            "mention m of layer 'gold' at 8-8 lies outside the text of 13 code points",
        ),
        (
            gold(replace(GOOD, start=-1)),
            "mention m of layer 'gold' at -1-8 lies outside the text of 13 code points",
        ),
        (gold(replace(GOOD, label=" ")), "mention m of layer 'gold' has an empty label"),
        (gold(GOOD, replace(GOOD, start=5)), "mention id m stands twice in layer 'gold'"),
        (
            gold(replace(GOOD, links=(Link(target=""),))),
            "mention m of layer 'gold' has a link without target; NIL says absent, no link says "
            "not judged",
        ),
    ],
)
def test_problems_of_names_each_kind_of_damage(broken: Document, problem: str) -> None:
    assert list(problems_of(broken)) == [problem]
    assert not is_bare_and_sound(broken)


def test_bare_document_is_told_from_one_with_more_to_check() -> None:
    assert is_bare_and_sound(make_document("a", "é😀", meta={"a": 1}))
    assert is_bare_and_sound(make_document("empty", ""))
    assert not is_bare_and_sound(SOUND)
    assert not is_bare_and_sound(make_document("a", "b", layers=(Layer(name="gold"),)))


def test_document_survives_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(SOUND), type=Document) == SOUND


def test_text_sha256_is_of_the_utf8_bytes() -> None:
    # printf 'é' | sha256sum
    assert text_sha256("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


def test_with_layer_replaces_the_same_name_task_and_round_only() -> None:
    fresh = Layer(name="annotator:ann", round=2, comments=("again",))
    changed = with_layer(SOUND, fresh)
    assert len(changed.layers) == len(SOUND.layers)
    assert changed.layers[-1] == fresh
    assert layer_of(changed, "annotator:ann") == Layer(name="annotator:ann", state="untouched")
    assert layer_of(changed, "annotator:ann", "links") is not None
    assert layer_of(changed, "annotator:bob") is None


def test_count_mentions_counts_all_layers() -> None:
    assert count_mentions(SOUND) == 3


def test_with_ids_names_by_place_and_tells_twins_apart() -> None:
    nameless = replace(GOOD, id="")
    assert [m.id for m in with_ids([nameless, nameless, replace(nameless, start=5)])] == [
        "4-8:ORG",
        "4-8:ORG#2",
        "5-8:ORG",
    ]


def test_with_ids_keeps_given_ids_and_never_gives_one_twice() -> None:
    taken = replace(GOOD, start=9, end=12, id="4-8:ORG")
    named = with_ids([replace(GOOD, id=""), taken])
    assert [m.id for m in named] == ["4-8:ORG#2", "4-8:ORG"]


SPANS = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda p: (p[0], p[0] + p[1]))
MENTIONS = st.lists(
    st.builds(
        lambda span, label, number: Mention(
            id=str(number), start=span[0], end=span[1], label=label
        ),
        SPANS,
        st.sampled_from("AB"),
        st.integers(0, 99),
    ),
    max_size=12,
)


@given(MENTIONS, st.randoms())
def test_sort_mentions_does_not_depend_on_the_order_given(mentions: list, random) -> None:
    shuffled = list(mentions)
    random.shuffle(shuffled)
    assert sort_mentions(shuffled) == sort_mentions(mentions)


@given(MENTIONS)
def test_longest_mentions_are_those_a_slow_reading_of_the_rule_picks(mentions: list) -> None:
    by_rule = sorted(mentions, key=lambda m: (-(m.end - m.start), m.start, m.label, m.id))
    picked: list[Mention] = []
    for mention in by_rule:
        if all(mention.end <= other.start or other.end <= mention.start for other in picked):
            picked.append(mention)
    assert list(longest_mentions(mentions)) == sorted(picked, key=lambda m: m.start)


def test_pickled_document_is_written_with_the_same_bytes():
    linked = Mention(id="m", start=4, end=8, label="ORG", links=(Link("Q81299"), Link(NIL)))
    sent = document(
        Layer(name="gold", mentions=(linked,)),
        Layer(name="silver", task="links", state="touched", mentions=(linked,)),
        meta={"weight": 0.5, "cuts": [[1, 2]]},
        tokens=(Token(0, 3, True), Token(4, 8, True), Token(9, 12, False), Token(12, 13, False)),
    )
    sent = decode_line(encode_line(sent), Document, "line")
    again = pickle.loads(pickle.dumps(sent))
    assert again == sent
    assert encode_line(again) == encode_line(sent)
