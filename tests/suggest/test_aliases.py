"""Names in texts: where they stand, and what is none."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.kb.pieces import Place
from corpus.suggest.aliases import Reading, find_aliases

ALIASES = {
    "Q30": ["US", "U.S.", "United States", "美国"],
    "Q159": ["Russia", "Россия", "俄罗斯", "روسيا"],
    "Q7184": ["NATO", "北约", "Организация Североатлантического договора"],
    "Q81299": ["Organization for Security and Co-operation in Europe", "OSCE"],
    "Q46": ["Europe"],
    "Q2280": ["Minsk"],
    "local:minsk-accords": ["Minsk peace accords", "Minsk agreements"],
    "Q16150196": ["Donetsk People's Republic"],
    "local:malmo": ["Malmö"],
    "local:ebay": ["eBay"],
    "local:are": ["Åre"],
    "local:hertogenbosch": ["'s-Hertogenbosch"],
    "local:ukraine-ja": ["ウクライナ"],
    "local:apple": ["apple", "Apple"],
    "local:rus-hi": ["रूस"],
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kb")
    rows = [f"{id}\t{alias}" for id, aliases in ALIASES.items() for alias in aliases]
    (folder / "names.tsv").write_text("id\talias\n" + "\n".join(rows) + "\n", encoding="utf-8")
    build_kb([folder / "names.tsv"], folder / "names.kb")
    return KB(folder / "names.kb")


@pytest.fixture(scope="module")
def slow(kb):
    """The same, asking the trie each time."""
    slow = KB(kb.path)
    quick = slow.pieces

    def ask(piece):
        text = f" {piece} "
        key, origin = slow.folding.fold(text)
        starts = quick._starts(text, key, origin)
        return [
            Place(at, at + 1)
            for at in ((at if origin is None else origin[at]) - 1 for at in starts)
        ]

    slow.pieces = SimpleNamespace(__getitem__=ask)
    slow.openings = SimpleNamespace(get=lambda text: Place(0, 1))
    return slow


def found(kb, text):
    return [text[match.start : match.end] for match in find_aliases(Reading(kb, text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("the Minsk peace accords", ["Minsk peace accords"]),
        ("the Minsk Peace Accords", ["Minsk Peace Accords"]),
        ("the Minsk peace\naccords", ["Minsk peace\naccords"]),
        ("the Minsk peace\n\naccords", ["Minsk"]),
        ("the Minsk peace conference", ["Minsk"]),
        ("Minsker, Minsk2, Minsk_x", []),
        ("Nato’s and NATO's", ["Nato", "NATO"]),
        ("Russia's, Russia’s, ‘Russia’", ["Russia", "Russia", "Russia"]),
        ("US-Russia, pro-Russia, US–Russia", ["US", "Russia", "Russia", "US", "Russia"]),
        ("tell us. Us too. TELL US", ["US"]),
        ("LEAVE US ALONE\nThe US said", ["US"]),
        ("US", ["US"]),
        ("The U.S. said", ["U.S."]),
        ("RUSSIA TELLS NATO", ["RUSSIA", "NATO"]),
        ("russia", []),
        (
            "Organisation for Security and Cooperation in Europe (OSCE)",
            ["Organisation for Security and Cooperation in Europe", "OSCE"],
        ),
        ("the Donetsk People’s Republic", ["Donetsk People’s Republic"]),
        ("Malmo, Malmö, Malmo\u0308, MALMÖ", ["Malmo", "Malmö", "Malmo\u0308", "MALMÖ"]),
        ("Rus\u00adsia and NA\u200bTO\u200f.", ["Rus\u00adsia", "NA\u200bTO"]),
        ("on eBay, Ebay", ["eBay", "Ebay"]),
        ("在eBay中国", ["eBay"]),
        ("Are you? Åre is", ["Åre"]),
        ("an apple", []),
        ("in 's-Hertogenbosch", ["'s-Hertogenbosch"]),
        ("俄罗斯和北约在美国会谈", ["俄罗斯", "北约", "美国"]),
        ("ウクライナは、ネオウクライナ", ["ウクライナ"]),
        ("روسيا، روسيا.", ["روسيا", "روسيا"]),
        ("रूसी और रूस", ["रूस"]),
        ("😀Russia😀👨‍👩‍👧 NATO", ["Russia", "NATO"]),
        ("Россия, «РОССИЯ»", ["Россия", "РОССИЯ"]),
        ("", []),
    ],
)
def test_names_in_a_text(kb, text, names):
    assert found(kb, text) == names


def test_possessive_rule_can_be_off(make_kb):
    path = make_kb({"id": "Q159", "aliases": ["Russia"]}, rules=("case", "quotes"))
    text = "Russia's and Russia’s and ‘Russia’"
    assert [(m.start, m.end) for m in find_aliases(Reading(KB(path), text))] == [(27, 33)]


PIECES = [alias for aliases in ALIASES.values() for alias in aliases]
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(max_size=5), st.sampled_from(" ,-'’\n\u0301\u00ad"))
).map("".join)


@settings(max_examples=300)
@given(TEXTS)
def test_every_match_folds_to_a_key_and_none_overlaps(kb, text):
    last = 0
    for match in find_aliases(Reading(kb, text)):
        assert last <= match.start < match.end <= len(text)
        assert kb.folding.fold(text[match.start : match.end]).key in kb.trie
        last = match.end


@settings(max_examples=300)
@given(TEXTS)
def test_short_cut_by_first_word_finds_what_the_whole_trie_does(kb, slow, text):
    assert list(find_aliases(Reading(kb, text))) == list(find_aliases(Reading(slow, text)))
