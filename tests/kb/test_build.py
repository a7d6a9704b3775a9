"""A knowledge base is whole or not there, and equal sources make an equal one."""

import json
import os

import pytest

from corpus.errors import KBError, UsageError
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import FILES
from corpus.kb.sources import Alias
from tests.kb.wikidata_dump import dump, item

KYIV = {"id": "Q1899", "label": "Kyiv", "type": "city", "aliases": ["Kiev", "Kyiv"], "count": 57}
UKRAINE = {"id": "Q212", "label": "Ukraine", "type": "country", "counts": {"Kiev": 6}}


def write(path, *entities):
    path.write_text("".join(json.dumps(entity) + "\n" for entity in entities))
    return path


def test_build_holds_entities_aliases_and_priors(make_kb):
    kb = KB(make_kb(KYIV, UKRAINE))
    assert (kb.info.entities, kb.info.aliases, kb.info.keys) == (2, 4, 3)
    assert kb.info.types == {"city": 1, "country": 1}
    assert [(kb.entity(p.entity).id, p.weight) for p in kb.lookup("KIEV")] == [
        ("Q1899", 57),
        ("Q212", 6),
    ]
    assert list(kb.aliases(0)) == [Alias("Kiev"), Alias("Kyiv")]
    assert kb.find("Q212").label == "Ukraine"
    assert kb.find("Q1") is None
    assert kb.lookup("Lviv") == []


def test_same_sources_make_the_same_bytes_and_order_does_not_change_the_hash(tmp_path):
    a = write(tmp_path / "a.jsonl", KYIV)
    b = write(tmp_path / "b.jsonl", UKRAINE)
    one, two = tmp_path / "one" / "x.kb", tmp_path / "two" / "x.kb"
    for target in (one, two):
        target.parent.mkdir()
        build_kb([a, b], target)
    for name in FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
    turned = build_kb([b, a], tmp_path / "turned.kb").info
    assert turned.hash == KB(one).info.hash
    assert build_kb([a], tmp_path / "less.kb").info.hash != turned.hash
    ruleless = build_kb([a, b], tmp_path / "ruleless.kb", rules=()).info
    assert ruleless.hash != turned.hash


def test_sources_merge_and_what_they_disagree_on_is_listed(tmp_path):
    first = write(tmp_path / "a.jsonl", KYIV | {"label": "Kyiv"})
    second = write(
        tmp_path / "b.jsonl",
        {"id": "Q1899", "label": "Kiev city", "description": "capital", "count": 3},
    )
    heard = []
    built = build_kb([first, second], tmp_path / "x.kb", record=heard.append)
    assert (built.records.kept, built.records.joined) == (1, 1)
    kyiv = KB(tmp_path / "x.kb").find("Q1899")
    assert (kyiv.label, kyiv.description, kyiv.count) == ("Kyiv", "capital", 60)
    (change,) = heard
    assert (change.kind, change.document, change.where) == ("repaired", "Q1899", f"{second}:1")
    assert change.reason == f"joined to {first}:1: label 'Kiev city' is not 'Kyiv' left"


def test_two_entities_with_one_id_in_a_source_are_a_reject(tmp_path):
    source = write(
        tmp_path / "a.jsonl", KYIV, {"id": "Q1899", "label": "Lviv", "aliases": ["Lemberg"]}
    )
    heard = []
    built = build_kb([source], tmp_path / "x.kb", record=heard.append)
    assert (built.records.received, built.records.rejected) == (2, 1)
    assert (built.aliases.received, built.aliases.rejected) == (4, 2)
    assert heard[0].reason == (
        f"a second entity has this id: label 'Lviv' is not 'Kyiv', first at {source}:1"
    )
    assert KB(tmp_path / "x.kb").lookup("Lemberg") == []


def test_bad_aliases_are_listed_and_the_entity_stays(tmp_path):
    source = write(tmp_path / "a.jsonl", {"id": "Q1", "aliases": ["", " ", "x" * 10_000, "Good"]})
    heard = []
    built = build_kb([source], tmp_path / "x.kb", record=heard.append)
    assert [change.reason.partition(":")[0] for change in heard] == [
        "an empty alias",
        "an empty alias",
        "an alias of 10000 characters (at most 300)",
    ]
    assert (built.aliases.kept, built.aliases.rejected) == (1, 3)
    assert KB(tmp_path / "x.kb").entity(0).label == "Good"


def test_failed_build_leaves_the_old_one_and_nothing_else(tmp_path, make_kb):
    path = make_kb(KYIV)
    before = KB(path).info
    empty = write(tmp_path / "empty.jsonl")
    with pytest.raises(KBError) as caught:
        build_kb([empty], path)
    assert str(caught.value) == "the sources hold no entity; give one that does"
    nameless = write(tmp_path / "nameless.jsonl", {"id": "Q1"})
    with pytest.raises(KBError) as caught:
        build_kb([nameless], path)
    assert str(caught.value) == "the sources hold no alias; give the entities labels or aliases"
    assert KB(path).info == before
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_build_tidies_after_one_that_was_killed(tmp_path, make_kb):
    dead = 2**22 + 1  # above any process id of this machine
    (tmp_path / f".test.kb.{dead}.partial").mkdir()
    mine = tmp_path / f".test.kb.{os.getppid()}.partial"
    mine.mkdir()
    make_kb(KYIV)
    assert sorted(name for name in os.listdir(tmp_path) if name[0] == ".") == [mine.name]


def test_old_one_that_had_stepped_aside_comes_back_when_a_build_fails(tmp_path, make_kb):
    path = make_kb(KYIV)
    path.rename(tmp_path / f".test.kb.{2**22 + 1}.old")
    with pytest.raises(KBError):
        build_kb([write(tmp_path / "empty.jsonl")], path)
    assert KB(path).find("Q1899") is not None


def test_open_says_what_is_wrong(tmp_path, make_kb):
    with pytest.raises(UsageError) as caught:
        KB(tmp_path / "none.kb")
    assert str(caught.value) == (
        f"{tmp_path}/none.kb: no knowledge base (kb.json cannot be read); "
        "make one: corpus kb build SOURCE -o NAME.kb"
    )
    path = make_kb(KYIV)
    (path / "postings.u32").write_bytes(b"\0" * 12)
    with pytest.raises(KBError) as caught:
        KB(path)
    assert str(caught.value) == (
        f"{path}: its files are not of one build; build it again: corpus kb build"
    )
    path = make_kb(KYIV)
    (path / "cards.jsonl").write_bytes((path / "cards.jsonl").read_bytes()[:-9])
    with pytest.raises(KBError, match="its files are not of one build"):
        KB(path)
    (path / "keys.marisa").write_bytes(b"not a trie")
    with pytest.raises(KBError, match="build it again"):
        KB(path)
    info = json.loads((path / "kb.json").read_text()) | {"type": "kb/0"}
    (path / "kb.json").write_text(json.dumps(info))
    with pytest.raises(KBError) as caught:
        KB(path)
    assert str(caught.value) == (
        f"{path}: built as 'kb/0', this version reads 'kb/2'; "
        "build it again: corpus kb build SOURCE -o NAME.kb"
    )


def test_damaged_database_is_an_error_that_says_so(run_cli, tmp_path, make_kb):
    path = make_kb(*({"id": f"Q{n}", "label": f"name {n}"} for n in range(400)))
    database = path / "entities.sqlite"
    whole = database.read_bytes()
    database.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    says = f"{path}: entities.sqlite: database disk image is malformed; build it again: "
    for question in (
        lambda kb: kb.find("Q7"),
        lambda kb: kb.target_of("Q7"),
        lambda kb: list(kb.entities()),
        lambda kb: list(kb.aliases(7)),
        lambda kb: list(kb.alias_texts()),
    ):
        with pytest.raises(KBError) as caught:
            question(KB(path))
        assert str(caught.value) == f"{says}corpus kb build"
    ran = run_cli(["kb", "search", path, "Q7"])
    assert (ran.code, ran.err) == (1, f"corpus: error: {says}corpus kb build\n")
    database.write_bytes(b"")
    with pytest.raises(KBError, match="no such table: entity"):
        KB(path).find("Q7")
    # What ranking asks stands elsewhere.
    assert KB(path).entity(7).id == "Q7"


def test_output_that_cannot_be_a_folder_is_refused(tmp_path):
    source = write(tmp_path / "a.jsonl", KYIV)
    with pytest.raises(UsageError, match=r"is a file, and a knowledge base is a folder"):
        build_kb([source], source)
    with pytest.raises(UsageError, match="cannot be written"):
        build_kb([source], tmp_path / "no" / "x.kb")


LONG = "x" * 10_000
SKOS = "http://www.w3.org/2004/02/skos/core#"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps({"id": "Q1", "label": "Good", "aliases": [LONG, "Fine"]})),
        ("a.csv", f"id,label,aliases\nQ1,Good,{LONG}|Fine\n"),
        ("a.tsv", f"id\talias\nQ1\tGood\nQ1\t{LONG}\nQ1\tFine\n"),
        (
            "a.json",
            dump([item("Q1", {"en": "Good"}, aliases={"en": [LONG, "Fine"]})]).decode(),
        ),
        (
            "a.nt",
            "".join(
                f'<https://example.org/Q1> <{SKOS}altLabel> "{name}" .\n'
                for name in ("Good", LONG, "Fine")
            ),
        ),
    ],
)
def test_alias_of_ten_thousand_characters_is_a_reject_in_every_kind_of_source(
    run_cli, tmp_path, name, text
):
    path, out = tmp_path / name, tmp_path / "x.kb"
    path.write_text(text)
    ran = run_cli(["kb", "build", path, "-o", out])
    assert ran.code == 1
    assert ran.out.endswith(f"\n  rejected records 0, aliases 1: {out}.rejects.jsonl\n")
    [reject] = map(json.loads, (tmp_path / "x.kb.rejects.jsonl").read_text().splitlines())
    assert reject["reason"] == f"an alias of 10000 characters (at most 300): {'x' * 30!r}…"
    assert sorted(alias.text for alias in KB(out).aliases(0)) == ["Fine", "Good"]
