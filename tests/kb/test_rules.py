"""The table of rules: what each makes equal, and what none may take for a name."""

import pytest

from corpus.errors import UsageError
from corpus.kb.common_words import COMMON_WORDS
from corpus.kb.folding import Folding
from corpus.kb.keys import keys_of
from corpus.kb.rules import (
    CAPS,
    LOWER,
    RULES,
    TITLE,
    UNCASED,
    check_rules,
    flags_of,
    may_fire,
    shape_of,
    variants_of,
)
from corpus.kb.rules import fires as fires_of

FOLDING = Folding(tuple(RULES))


@pytest.mark.parametrize(
    ("surface", "shape"),
    [
        ("NATO", CAPS),
        ("U.S.", CAPS),
        ("ОБСЕ", CAPS),
        ("Stockholm", TITLE),
        ("Minsk peace accords", TITLE),
        ("2014 World Cup", TITLE),
        ("eBay", LOWER),
        ("al-Qaeda", LOWER),
        ("北约", UNCASED),
        ("الناتو", UNCASED),
        ("2014", UNCASED),
    ],
)
def test_shape_of(surface, shape):
    assert shape_of(surface) == shape


@pytest.mark.parametrize(
    ("alias", "surface", "fires"),
    [
        ("NATO", "NATO", True),
        ("NATO", "Nato", True),
        ("NATO", "nato", False),
        ("US", "US", True),
        ("US", "us", False),
        ("US", "Us", False),
        ("WHO", "Who", False),
        ("Stockholm", "STOCKHOLM", True),
        ("Stockholm", "stockholm", False),
        ("Lee", "LEE", False),
        ("Minsk accords", "Minsk Accords", True),
        ("Are", "Are", False),
        ("Åre", "Åre", True),
        ("Åre", "A\u030are", True),
        ("Åre", "Are", False),
        ("Åre", "åre", False),
        ("Für", "Für", False),
        ("Are", "ARE", False),
        ("May", "May", False),
        ("eBay", "eBay", True),
        ("eBay", "EBAY", True),
        ("apple", "apple", False),
        ("apple", "Apple", False),
        ("prime minister", "prime minister", False),
        ("the North Face", "the North Face", False),
        ("von der Leyen", "von der Leyen", True),
        ("van der Berg", "van der Berg", True),
        ("van der Berg", "Van der Berg", True),
        ("北约", "北约", True),
        ("美", "美", False),
        ("2014", "2014", False),
        ("A", "A", False),
    ],
)
def test_alias_fires_only_where_its_case_allows(alias, surface, fires):
    flags = flags_of(alias, FOLDING.key_of(alias), COMMON_WORDS, tuple(RULES))
    assert (flags in fires_of(surface)) is fires


def test_common_words_rule_can_be_off():
    rules = [rule for rule in RULES if rule != "common_words"]
    assert may_fire(flags_of("Reading May", "reading may", COMMON_WORDS, rules), TITLE)
    assert may_fire(flags_of("apple", "apple", COMMON_WORDS, rules), LOWER)
    assert not may_fire(flags_of("US", "us", COMMON_WORDS, rules), LOWER)


@pytest.mark.parametrize(
    ("key", "variants"),
    [
        (
            "organization for security and co-operation",
            {
                "organization for security and co-operation",
                "organization for security and co operation",
                "organization for security and cooperation",
                "organisation for security and co-operation",
                "organisation for security and co operation",
                "organisation for security and cooperation",
            },
        ),
        ("world trade centre", {"world trade centre", "world trade center"}),
        ("labour party", {"labour party", "labor party"}),
        ("defence ministry", {"defence ministry", "defense ministry"}),
        ("the hague", {"the hague", "hague"}),
        ("paris", {"paris"}),
        ("size", {"size"}),
    ],
)
def test_variants_of(key, variants):
    found = list(variants_of(key, tuple(RULES)))
    assert (set(found), len(found)) == (variants, len(variants))
    assert list(variants_of(key, ())) == [key]


def test_check_rules_puts_names_in_order_and_refuses_others():
    assert check_rules(["spelling", "case"]) == ("case", "spelling")
    with pytest.raises(UsageError) as caught:
        check_rules(["colour"])
    assert str(caught.value) == (
        "no rule is called 'colour'; the rules are: case, diacritics, quotes, hyphens, blanks, "
        "invisible, spelling, article, possessive, common_words, initials, transliteration, dots, "
        "qualifier, surnames, given_names, acronyms, lower_case, fragments, label, context, "
        "coherence"
    )


@pytest.mark.parametrize(
    ("alias", "keys"),
    [
        ("UN", ["un", "u.n."]),
        ("U.S.", ["u.s.", "us"]),
        ("NATO", ["nato", "n.a.t.o."]),
        ("UNESCO", ["unesco"]),
        ("St. Ives", ["st. ives"]),
        ("7-11", ["7-11", "7 11", "711"]),
    ],
)
def test_dots_of_acronyms(alias, keys):
    assert [key for key, _ in keys_of(alias, "", "", FOLDING)] == keys
    off = Folding([rule for rule in RULES if rule != "dots"])
    assert len(list(keys_of(alias, "", "", off))) == len(keys) - (alias in ("UN", "U.S.", "NATO"))
