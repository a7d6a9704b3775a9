"""Names that a document introduces, and plain words that are none."""

import pytest

from corpus.kb.build import build_kb
from corpus.kb.candidates import rank
from corpus.kb.knowledge_base import KB
from corpus.kb.rules import DOCUMENT_RULES, RULES
from corpus.suggest.linking import Linker, Options

ENTITIES = """\
id\ttype\talias
Q58217\tperson\tSergei Lavrov
Q58217\tperson\tСергей Лавров
local:lavrov-poet\tperson\tLavrov
Q6279\tperson\tJoe Biden
Q235349\tperson\tJill Biden
local:biden\tcity\tBiden
local:leyen\tcity\tLeyen
Q60772\tperson\tUrsula von der Leyen
Q3099714\tperson\tTheresa May
Q81299\torganisation\tOrganisation for Security and Co-operation in Europe
Q649\tcity\tMoscow
Q81299\torganisation\t欧洲安全与合作组织
local:central\tbrand\tCentral
local:king\tbrand\tKing
local:bath\tcity\tBath
"""


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kb")
    (folder / "names.tsv").write_text(ENTITIES, encoding="utf-8")
    build_kb([folder / "names.tsv"], folder / "names.kb")
    return KB(folder / "names.kb")


def found(kb, text):
    """Each name with the ids of its candidates, the best first."""
    reading = Linker(kb, Options()).read(text)
    for match in reading.names:
        surface = text[match.start : match.end]
        ranked = rank(kb, match.postings, surface, reading.context, named=match.named)
        yield surface, [one.entity.id for one in ranked]


@pytest.mark.parametrize(
    ("text", "surface", "ids"),
    [
        ("Sergei Lavrov spoke. Lavrov’s aide", "Lavrov", ["Q58217", "local:lavrov-poet"]),
        ("Lavrov: no\n\nSergei Lavrov spoke.", "Lavrov", ["Q58217", "local:lavrov-poet"]),
        ("Lavrov spoke", "Lavrov", ["local:lavrov-poet"]),
        ("Сергей Лавров. ЛАВРОВ", "ЛАВРОВ", ["Q58217"]),
        ("S. Lavrov spoke", "S. Lavrov", ["Q58217"]),
        ("Joe Biden and Jill Biden. Biden", "Biden", ["Q235349", "Q6279", "local:biden"]),
        ("Ursula von der Leyen. Then von der Leyen", "von der Leyen", ["Q60772"]),
        ("Ursula von der Leyen. In Leyen", "Leyen", ["Q60772", "local:leyen"]),
        (
            "Organization for Security and Cooperation in Europe (OSCE). OSCE",
            "OSCE",
            ["Q81299"],
        ),
        ("OSCE: OSCE (Organisation for Security and Co-operation in Europe)", "OSCE", ["Q81299"]),
        ("欧洲安全与合作组织（OSCE）说", "OSCE", ["Q81299"]),
    ],
)  # fmt: skip
def test_introduced_names(kb, text, surface, ids):
    assert dict(found(kb, text))[surface] == ids


@pytest.mark.parametrize(
    "text",
    [
        "Moscow (AFP) AFP",  # a dateline
        "Moscow (Mw) Mw",  # one capital
        "Theresa May. May",  # a common word
        "Sergei Lavrov. lavrov Lavrova",
        "Organisation for Security and Co-operation in Europe (osce) osce",
    ],
)
def test_names_that_are_not_introduced(kb, text):
    assert [surface for surface, _ in found(kb, text)] == [
        next(surface for surface, _ in found(kb, text))
    ]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Central to this are the central banks.", []),
        ("The Central Committee. A central point.", []),
        ("Central opened a shop.", ["Central"]),
        ("King Charles, the king", []),
        ("King Charles came.", []),
        ("King Charles came. They like King.", ["King", "King"]),
        ("They like King, Charles.", ["King"]),
        ("They met R. King there.", []),
        ("the minister, Lavrov. Minister Lavrov", ["Lavrov", "Lavrov"]),
        ("the Minister Lavrov", ["Lavrov"]),
        ("the Lavrov Museum", []),
        ("In Moscow", ["Moscow"]),
        ("They live in Bath. Bath is big; bath helps.", ["Bath", "Bath"]),
        ("They live in Bath, in Bath, bath", ["Bath", "Bath"]),
        ("Bath is good; bath helps.", []),
        ("Moscow, moscow2, xmoscow", ["Moscow"]),
    ],
)
def test_words_that_the_document_writes_in_lower_case(kb, text, surfaces):
    assert [surface for surface, _ in found(kb, text)] == surfaces


def test_german_nouns_beside_a_name_make_it_no_fragment(kb):
    text = "Die Hauptstadt Moscow liegt"
    assert Linker(kb, Options()).read(text).names == []
    assert len(Linker(kb, Options()).read(text, "de").names) == 1


def test_document_rules_can_be_off(kb):
    off = KB(kb.path, without=DOCUMENT_RULES)
    assert set(DOCUMENT_RULES) <= set(RULES)
    text = "Sergei Lavrov, Lavrov, King Charles"
    assert [ids for _, ids in found(off, text)] == [
        ["Q58217"],
        ["local:lavrov-poet"],
        ["local:king"],
    ]
    assert [ids[0] for _, ids in found(kb, text)] == ["Q58217", "Q58217"]


def test_coherence_prefers_what_is_like_the_documents_other_entities(make_kb):
    kb = KB(
        make_kb(
            {"id": "Q90", "label": "Paris", "type": "city", "description": "capital of France"},
            {"id": "Q830149", "label": "Paris", "type": "city", "description": "city in Texas"},
            {"id": "Q16555", "label": "Houston", "type": "city", "description": "port in Texas"},
            {"id": "Q456", "label": "Lyon", "type": "city", "description": "city in France"},
        )
    )
    assert dict(found(kb, "From Houston to Paris"))["Paris"] == ["Q830149", "Q90"]
    assert dict(found(kb, "From Lyon to Paris"))["Paris"] == ["Q90", "Q830149"]
    off = KB(kb.path, without=["coherence"])
    assert dict(found(off, "From Houston to Paris"))["Paris"] == ["Q830149", "Q90"]
    assert dict(found(off, "From Lyon to Paris"))["Paris"] == ["Q830149", "Q90"]
