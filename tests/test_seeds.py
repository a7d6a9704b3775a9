"""The seeds: what is in them, that gold fits the articles, and what `suggest` finds of it."""

import csv
import json
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from corpus.cli import run
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.model import NIL, layer_of, make_document, problems_of
from corpus.store import read_documents
from corpus.suggest.labels import label_of
from corpus.suggest.linking import Options
from corpus.suggest.silver import suggest_documents

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
SHARED = ROOT.parent / "shared"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="THE SEED ARTICLE AND ITS VERIFIED IDS ARE NOT ON THIS MACHINE"
)

# What a machine that knows these names and takes the longest cannot find, mention by mention.
NESTED = "inside a longer name"
ABSENT = "not in the knowledge base"
INFLECTED = "a form that is no alias"
PREFIXED = "written together with the word for and"
AMBIGUOUS = "the city, the state or the country: none clears the threshold"
FRAGMENT = "a word of a longer name that is not in the knowledge base, and nowhere alone"
MISSES = {
    "call-ru.txt": {"Белый дом": ABSENT, "Вашингтона": INFLECTED},
    "seeds:minsk-2015": {"Ukraine": NESTED, "Minsk": NESTED},
    "seeds:geneva-2021": {"Lake Geneva": ABSENT, "Geneva": FRAGMENT, "Minsk": NESTED},
    "seeds:assembly-2014": {
        "United Nations": NESTED,
        "Cold War": ABSENT,
        "Crimea": NESTED,
        "Crimea (2)": NESTED,
    },
    "final.html": {
        "World Cup": ABSENT,
        "World Cup (2)": ABSENT,
        "Luzhniki Stadium": ABSENT,
        "Antoine Griezmann": ABSENT,
        "Paul Pogba": ABSENT,
        "Kylian Mbappe": ABSENT,
        "Pele": ABSENT,
        "Mario Mandzukic": ABSENT,
        "Ivan Perisic": ABSENT,
    },
    "flood.html": {
        "SCHULD": ABSENT,
        "Schuld": ABSENT,
        "Ahr": ABSENT,
        "Ahrweiler": ABSENT,
        "Malu Dreyer": ABSENT,
        "Rhineland-Palatinate": ABSENT,
        "North Rhine-Westphalia": ABSENT,
        "Erftstadt": ABSENT,
    },
    "geneva-ar.html": {"بلينكن": PREFIXED, "أوروبا": NESTED, "مينسك": NESTED},
    "minsk.txt": {
        "Europe": NESTED,
        "Washington": AMBIGUOUS,
        "Minsk": NESTED,
        "Crimea": NESTED,
        "Ann Linde": ABSENT,
    },
    "normandy.txt": {
        "Ukraine": NESTED,
        "Elysee Palace": ABSENT,
        "Normandy": NESTED,
        "Minsk": NESTED,
    },
    "truce-uk.txt": {"Володимиром Путіним": INFLECTED, "Нормандському форматі": INFLECTED},
    "wales-2014": {
        "NEWPORT": ABSENT,
        "Wales": ABSENT,
        "Wales (2)": ABSENT,
        "Minsk": NESTED,
        "Barack Obama": ABSENT,
        "Crimea": NESTED,
    },
    "privatbank-2016": {
        "Valeria Gontareva": ABSENT,
        "Ukraine": NESTED,
        "Ihor Kolomoisky": ABSENT,
    },
    "applications-2022": {"Second World War": ABSENT},
    "madrid-2022": {},
}


@pytest.fixture(scope="module")
def gold():
    return list(read_documents(SEEDS / "gold.jsonl"))


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    path = tmp_path_factory.mktemp("seeds") / "seeds.kb"
    heard = []
    build_kb([SEEDS / "kb.jsonl"], path, record=heard.append)
    assert heard == []
    return path


@pytest.fixture(scope="module")
def make_gold():
    loader = SourceFileLoader("make_gold", str(ROOT / "scripts" / "make_gold"))
    module = module_from_spec(spec_from_loader("make_gold", loader))
    loader.exec_module(module)
    return module


def test_gold_is_what_its_source_and_the_articles_give(make_gold, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["make_gold", "--check"])
    assert make_gold.main() is None  # it ends with a message where they differ


def test_gold_rows_that_do_not_fit_say_why(make_gold, kb):
    document = make_document("d", "Kyiv and Kyiv")
    row = {"surface": "Kyiv", "which": "2/2", "label": "GPE", "link": "Q1899", "metonym": "Q212"}
    (mention,) = make_gold.mark(document, row, KB(kb), "gold.tsv:2")
    assert (mention.start, mention.end) == (9, 13)
    assert [(link.target, link.role) for link in mention.links] == [
        ("Q1899", "literal"),
        ("Q212", "metonymic"),
    ]
    for change, message in (
        ({"which": "3"}, "gold.tsv:2: 'Kyiv' stands 2 times in the text, not 3"),
        ({"link": "Q1"}, "gold.tsv:2: no entity 'Q1' in seeds/kb.jsonl; absent ones are NIL"),
        (
            {"label": "CITY"},
            "gold.tsv:2: no label 'CITY'; the labels are PER, ORG, GPE, LOC, EVENT, LAW, MISC",
        ),
    ):
        with pytest.raises(SystemExit) as caught:
            list(make_gold.mark(document, row | change, KB(kb), "gold.tsv:2"))
        assert str(caught.value) == message


def test_seeds_cover_formats_languages_and_kinds_of_mention(gold):
    assert {path.suffix for path in (SEEDS / "articles").iterdir()} == {
        ".html",
        ".jsonl",
        ".txt",
        ".xml",
    }
    assert len(gold) >= 12
    assert {document.lang for document in gold} == {"ar", "en", "ru", "uk", "zh"}
    assert [problem for document in gold for problem in problems_of(document)] == []
    mentions = [mention for document in gold for mention in layer_of(document, "gold").mentions]
    assert all(mention.links for mention in mentions)
    targets = [link.target for mention in mentions for link in mention.links]
    assert (targets.count(NIL), len(mentions)) == (35, 281)
    roles = [link.role for mention in mentions for link in mention.links]
    assert roles.count("metonymic") == 26
    layers = [layer_of(document, "gold").mentions for document in gold]
    nested = [
        inner
        for layer in layers
        for outer in layer
        for inner in layer
        if inner is not outer and outer.start <= inner.start < inner.end <= outer.end
    ]
    assert len(nested) == 18


def test_gold_labels_are_those_of_the_linked_entities(gold, kb):
    base = KB(kb)
    for document in gold:
        for mention in layer_of(document, "gold").mentions:
            entity = base.find(mention.links[0].target)
            if entity is not None:
                assert label_of(entity.type) == mention.label, (document.id, mention.id, entity)


def test_suggest_finds_the_gold_but_for_the_misses_that_are_known(gold, kb):
    bare = [make_document(document.id, document.text) for document in gold]
    suggested = suggest_documents(bare, Options(kb=str(kb)))
    missed, surplus = {}, {}
    for document, silver in zip(gold, suggested, strict=True):
        right, found = (spans(d, name) for d, name in ((document, "gold"), (silver, "silver")))
        missed[document.id] = named(document.text, right - found)
        surplus[document.id] = named(document.text, found - right)
    assert missed == {id: sorted(misses) for id, misses in MISSES.items()}
    # The one mention without a link is no link's surplus but its own.
    assert {id: names for id, names in surplus.items() if names} == {"minsk.txt": ["Washington"]}


def spans(document, name):
    """(start, end, label, literal link) of a layer's mentions."""
    return {
        (m.start, m.end, m.label, next((k.target for k in m.links if k.role == "literal"), ""))
        for m in layer_of(document, name).mentions
    }


def named(text, found):
    """The surfaces, twins numbered, sorted."""
    names = []
    for start, end, *_ in sorted(found):
        surface = text[start:end]
        twins = sum(re.sub(r" \(\d\)$", "", name) == surface for name in names)
        names.append(f"{surface} ({twins + 1})" if twins else surface)
    return sorted(names)


@needs_shared
def test_every_wikidata_id_is_a_verified_one():
    with (SHARED / "data" / "seed_qids.tsv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source, delimiter="\t"))
    known = {row["qid"] for row in rows if row["status"].startswith("verified")}
    with (SHARED / "data" / "country-codes.csv").open(encoding="utf-8") as source:
        known |= {row["wikidata_id"].rpartition("/")[2] for row in csv.DictReader(source)}
    entities = [json.loads(line) for line in (SEEDS / "kb.jsonl").read_text("utf-8").splitlines()]
    ids = [entity["id"] for entity in entities]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not id.startswith("local:") and id not in known] == []


@needs_shared
def test_seed_article_gets_its_links(kb, tmp_path):
    documents = tmp_path / "seed.jsonl"
    assert run(["convert", str(SHARED / "seeds"), "-o", str(documents)]) == 0
    (silver,) = suggest_documents(list(read_documents(documents)), Options(kb=str(kb)))
    found = {}
    for mention in layer_of(silver, "silver").mentions:
        surface = silver.text[mention.start : mention.end]
        found.setdefault(surface, set()).add(tuple(link.target for link in mention.links))
    assert found == {
        "US": {("Q30",)},
        "Russia": {("Q159",)},
        "Ukraine": {("Q212",)},
        "STOCKHOLM": {("Q1754",)},
        "Stockholm": {("Q1754",)},
        "US President": {("Q11696",)},
        "Joe Biden": {("Q6279",)},
        "Biden": {("Q6279",)},
        "Vladimir Putin": {("Q7747",)},
        "Putin": {("Q7747",)},
        "Sweden": {("Q34",)},
        "Kiev": {("Q1899",)},
        "Moscow": {("Q649",)},
        "Crimea": {("Q7835",)},
        "Nato": {("Q7184",)},
        "Sergei Lavrov": {("Q58217",)},
        "Lavrov": {("Q58217",)},
        "US Secretary of State": {("Q14213",)},
        "Antony Blinken": {("local:antony-blinken",)},
        "Blinken": {("local:antony-blinken",)},
        "Europe": {("Q46",)},
        "Sergei Ryabkov": {("local:sergei-ryabkov",)},
        "Organisation for Security and Cooperation in Europe": {("Q81299",)},
        "OSCE": {("Q81299",)},
        "Minsk peace accords": {("local:minsk-accords",)},
        "Minsk deal": {("local:minsk-accords",)},
        "annexation of Crimea": {("Q15920546",)},
        "eastern Ukraine": {("Q605714",)},
    }
