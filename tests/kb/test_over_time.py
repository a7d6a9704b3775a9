"""A knowledge base over time: what differs, how links move, what gold teaches it."""

import json

import pytest

from corpus.errors import KBError
from corpus.kb.build import build_kb
from corpus.kb.diff import Difference, Totals, diff_kbs
from corpus.kb.knowledge_base import KB
from corpus.kb.mining import Mined, propose_entries
from corpus.kb.redirects import Redirects
from corpus.model import NIL, Layer, Link, Mention, make_document
from corpus.store import read_documents, write_documents

KYIV = {"id": "Q1899", "label": "Kyiv", "type": "city", "aliases": {"en": ["Kiev"]}, "count": 5}
NATO = {"id": "Q7184", "label": "NATO", "type": "organisation"}
CSCE = {"id": "Q1", "label": "CSCE"}
OSCE = {"id": "Q2", "label": "OSCE"}
GONE = {"id": "Q3", "label": "Gone"}


@pytest.fixture
def build(tmp_path):
    def build_one(name, *entities, redirects=""):
        source = tmp_path / f"{name}.jsonl"
        source.write_text("".join(json.dumps(entity) + "\n" for entity in entities))
        sources = [source]
        if redirects:
            (tmp_path / f"{name}.tsv").write_text(redirects)
            sources.append(f"redirects:{tmp_path}/{name}.tsv")
        build_kb(sources, tmp_path / f"{name}.kb")
        return KB(tmp_path / f"{name}.kb")

    return build_one


def test_diff_names_what_differs_entity_by_entity(build):
    old = build("old", KYIV, NATO, CSCE, GONE)
    new = build(
        "new",
        KYIV | {"type": "capital", "aliases": {"en": ["Kyiv"], "uk": ["Київ"]}},
        NATO,
        OSCE,
        redirects="Q1\tQ2\n",
    )
    totals = Totals()
    assert list(diff_kbs(old, new, totals)) == [
        Difference("Q1", "removed", "CSCE", now="Q2", aliases_removed=("CSCE",)),
        Difference(
            "Q1899",
            "changed",
            "Kyiv",
            "capital",
            fields={"type": ("city", "capital")},
            aliases_added=("Kyiv@en", "Київ@uk"),
            aliases_removed=("Kiev@en", "Kyiv"),
        ),
        Difference("Q2", "added", "OSCE", aliases_added=("OSCE",)),
        Difference("Q3", "removed", "Gone", aliases_removed=("Gone",)),
    ]
    assert (totals.added, totals.removed, totals.redirected, totals.changed, totals.same) == (
        1,
        2,
        1,
        1,
        1,
    )
    assert list(diff_kbs(old, old, Totals())) == []


def test_diff_as_typed(run_cli, build, tmp_path):
    old, new = build("old", KYIV, CSCE), build("new", KYIV | {"count": 6}, OSCE)
    ran = run_cli(["kb", "diff", old.path, new.path, "-o", tmp_path / "d.jsonl", "--limit", "2"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"old {old.info.hash} -> new {new.info.hash}\n"
        "  entities: added 1, removed 1 (of them redirected 0), changed 1, the same 0\n"
        "  aliases: added 1, removed 1, counted otherwise 0\n"
        "- Q1  CSCE\n"
        "~ Q1899  Kyiv (city); count 5 is 6 now\n"
        "  and 1 more: --limit shows more, -o FILE lists all\n"
    )
    listed = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text().splitlines()]
    assert [one["id"] for one in listed] == ["Q1", "Q1899", "Q2"]
    shown = json.loads(run_cli(["kb", "diff", old.path, new.path, "--json"]).out)
    assert shown["totals"]["changed"] == 1
    assert shown["changes"] == listed


TEXT = "Kyiv CSCE Gone Nowhere NATO"
SPANS = {"Kyiv": "Q1899", "CSCE": "Q1", "Gone": "Q3", "Nowhere": NIL, "NATO": None}


@pytest.fixture
def gold(tmp_path):
    def write(kb, **targets):
        mentions = []
        for surface, target in {**SPANS, **targets}.items():
            start = TEXT.index(surface)
            links = (Link(target, kb=kb.info.name, kb_hash=kb.info.hash),) if target else ()
            mentions.append(Mention(surface, start, start + len(surface), "ORG", links))
        silver = Layer("silver", mentions=tuple(mentions))
        document = make_document(
            "d1", TEXT, layers=(Layer("gold", mentions=tuple(mentions)), silver)
        )
        write_documents([document], tmp_path / "gold.jsonl")
        return tmp_path / "gold.jsonl"

    return write


def links_of(path, layer="gold"):
    (document,) = read_documents(path)
    (mentions,) = (one.mentions for one in document.layers if one.name == layer)
    return {m.id: [(link.target, link.kb) for link in m.links] for m in mentions}


def test_migrate_redirects_renames_and_takes_away_what_is_gone(run_cli, build, gold, tmp_path):
    old = build("old", KYIV, NATO, CSCE, GONE)
    new = build("new", KYIV, NATO, OSCE, redirects="Q1\tQ2\n")
    source, out = gold(old), tmp_path / "moved.jsonl"
    command = ["kb", "migrate", source, "--from", old.path, "--to", new.path, "-o", out]
    ran = run_cli(command)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == (
        f"{out}: 1 document, 10 mentions\n"
        f"  repaired 0 documents, 2 mentions: {out}.repairs.jsonl\n"
        "  links redirected: 1\n"
        "  links that stay: 2\n"
        "  links to judge again: 1\n"
    )
    assert links_of(out) == {
        "Kyiv": [("Q1899", "new")],
        "CSCE": [("Q2", "new")],
        "Gone": [],
        "Nowhere": [(NIL, "new")],
        "NATO": [],
    }
    assert links_of(out, "silver") == links_of(source, "silver")
    repairs = (tmp_path / "moved.jsonl.repairs.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in repairs] == [
        "Q1 is Q2 now",
        "Q3 is not in new any more and nothing says what became of it: judge it again",
    ]
    lost = json.loads(repairs[1])
    assert lost["before"]["links"][0]["target"] == "Q3"
    assert run_cli([*command, "--force", "--allow-rejects"]).code == 0
    again = tmp_path / "again.jsonl"
    run_cli(["kb", "migrate", out, "--from", old.path, "--to", new.path, "-o", again])
    assert again.read_bytes() == out.read_bytes()
    assert run_cli(["check", tmp_path]).code == 0


def test_migrate_with_a_table_of_redirects_and_links_that_meet(run_cli, build, gold, tmp_path):
    old, new = build("old", KYIV, CSCE, GONE), build("new", KYIV, OSCE)
    table = tmp_path / "r.tsv"
    table.write_text("old\tnew\nQ1\tQ3\nQ3\tQ2\n")
    (document,) = read_documents(gold(old))
    layer = document.layers[0]
    both = Mention(
        "both",
        0,
        4,
        "ORG",
        (Link("Q1", kb_hash=old.info.hash), Link("Q3", "metonymic", kb_hash=old.info.hash)),
    )
    made = make_document("d1", TEXT, layers=(Layer("gold", mentions=(both, *layer.mentions)),))
    write_documents([made], tmp_path / "two.jsonl")
    out = tmp_path / "moved.jsonl"
    bases = ["--from", old.path, "--to", new.path, "--redirects", table]
    ran = run_cli(["kb", "migrate", tmp_path / "two.jsonl", *bases, "-o", out])
    assert ran.code == 0
    assert links_of(out)["both"] == [("Q2", "new")]
    assert links_of(out)["Gone"] == [("Q2", "new")]
    repairs = (tmp_path / "moved.jsonl.repairs.jsonl").read_text().splitlines()
    assert json.loads(repairs[0])["reason"] == (
        "Q1 is Q2 now; Q3 is Q2 now; two links lead to Q2 now, the metonymic one left"
    )


def test_migrate_leaves_nil_for_a_person_where_the_newer_one_knows_the_name(
    run_cli, build, gold, tmp_path
):
    old = build("old", KYIV, CSCE, GONE)
    new = build("new", KYIV, CSCE, GONE, {"id": "local:nowhere", "label": "Nowhere"})
    command = ["kb", "migrate", gold(old), "--from", old.path, "--to", new.path, "-o"]
    ran = run_cli([*command, tmp_path / "kept.jsonl"])
    assert ran.code == 0
    assert "  nil that the newer knowledge base may know: 1\n" in ran.out
    assert links_of(tmp_path / "kept.jsonl")["Nowhere"] == [(NIL, "old")]
    run_cli([*command, tmp_path / "open.jsonl", "--reopen-nil"])
    assert links_of(tmp_path / "open.jsonl")["Nowhere"] == []
    (repair,) = (tmp_path / "open.jsonl.repairs.jsonl").read_text().splitlines()
    assert json.loads(repair)["reason"] == "NIL, but new knows local:nowhere by it"


def test_migrate_leaves_links_of_a_third_knowledge_base(run_cli, build, gold, tmp_path):
    old, new, third = build("old", KYIV), build("new", NATO), build("third", OSCE)
    out = tmp_path / "moved.jsonl"
    ran = run_cli(["kb", "migrate", gold(third), "--from", old.path, "--to", new.path, "-o", out])
    assert ran.code == 0
    assert "  links of another knowledge base: 4\n" in ran.out
    assert links_of(out) == links_of(tmp_path / "gold.jsonl")


def test_redirects_that_disagree_or_go_in_a_circle_are_errors(build, tmp_path):
    new = build("new", KYIV)
    table = tmp_path / "r.tsv"
    table.write_text("Q1\tQ2\nQ2\tQ1\n")
    with pytest.raises(KBError) as caught:
        Redirects(new, table).target_of("Q1")
    assert caught.value.message == "the redirects of Q1 go in a circle"
    table.write_text("Q1\tQ2\nQ1\tQ3\n")
    with pytest.raises(KBError) as caught:
        Redirects(new, table)
    assert caught.value.message == f"{table}:2: Q1 leads to Q3, and to Q2 before"
    table.write_text("Q1\n")
    with pytest.raises(KBError) as caught:
        Redirects(new, table)
    assert caught.value.message == f"{table}:1: 1 fields where old, new are needed"


def document_of(id, text, *mentions):
    """Each mention is (surface, label, target) or (surface, label, target, role)."""
    found = []
    for surface, label, target, *role in mentions:
        start = text.index(surface)
        links = (Link(target, *role),) if target else ()
        found.append(Mention(f"m{len(found)}", start, start + len(surface), label, links))
    return make_document(id, text, layers=(Layer("gold", mentions=tuple(found)),))


def test_propose_clusters_nil_and_mines_aliases(run_cli, build, tmp_path):
    kb = build("kb", KYIV, NATO, {"id": "local:acme", "label": "Other"})
    documents = [
        document_of(
            "d1",
            "The Acme and the Alliance in Kyiv; Zed",
            ("The Acme", "ORG", NIL),
            ("the Alliance", "ORG", "Q7184"),
            ("Kyiv", "GPE", "Q1899"),
            ("Zed", "PER", None),
        ),
        document_of(
            "d2",
            "ACME spoke. Moscow",
            ("ACME", "ORG", NIL),
            ("Moscow", "GPE", "Q7184", "metonymic"),
        ),
        document_of("d3", "Acme, a man. Kyiv", ("Acme", "PER", NIL), ("Kyiv", "ORG", "Q999")),
        document_of("d4", "ACME again", ("ACME", "ORG", NIL)),
    ]
    gold, out = tmp_path / "gold.jsonl", tmp_path / "p.jsonl"
    write_documents(documents, gold)
    ran = run_cli(["kb", "propose", gold, "--kb", kb.path, "-o", out])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"{out}: new entities 2 (of 4 NIL mentions), entities with more aliases 1 (of 3 links)\n"
        f"  what they rest on: {tmp_path}/p.evidence.jsonl\n"
        "  links to ids that kb has not: 1\n"
    )
    entries = [json.loads(line) for line in out.read_text().splitlines()]
    assert entries == [
        {
            "id": "local:acme-2",
            "label": "ACME",
            "type": "ORG",
            "aliases": ["ACME", "The Acme"],
            "count": 3,
            "counts": {"ACME": 2, "The Acme": 1},
        },
        {
            "id": "local:acme-3",
            "label": "Acme",
            "type": "PER",
            "aliases": ["Acme"],
            "count": 1,
            "counts": {"Acme": 1},
        },
        {"id": "Q7184", "aliases": ["the Alliance"], "counts": {"the Alliance": 1}},
    ]
    evidence = [
        json.loads(line) for line in (tmp_path / "p.evidence.jsonl").read_text().splitlines()
    ]
    assert [(one["id"], one["count"], one["documents"]) for one in evidence] == [
        ("local:acme-2", 3, 3),
        ("local:acme-3", 1, 1),
        ("Q7184", 1, 1),
    ]
    assert evidence[0]["mentions"][0] == {
        "document": "d1",
        "mention": "m0",
        "start": 0,
        "end": 8,
        "surface": "The Acme",
    }

    build_kb([tmp_path / "kb.jsonl", out], tmp_path / "more.kb")
    more = KB(tmp_path / "more.kb")
    assert [more.entity(p.entity).id for p in more.lookup("the Alliance")] == ["Q7184"]
    assert len(more.lookup("acme")) == 2
    ran = run_cli(["kb", "propose", gold, "--kb", more.path, "-o", tmp_path / "q.jsonl"])
    assert "with more aliases 0" in ran.out
    few = ["kb", "propose", gold, "--kb", kb.path, "-o", tmp_path / "few.jsonl", "--least", "2"]
    assert "new entities 1 (" in run_cli(few).out
    assert run_cli(few).out == f"{tmp_path}/few.jsonl is up to date\n"
    # What check says of gold is that Q999 is not there; nothing of the proposals.
    assert run_cli(["check", tmp_path]).out.count("document 'd3'") == 1


def test_proposed_label_is_not_the_headline_where_both_are_as_frequent(build, tmp_path):
    kb = build("kb", KYIV)
    document = document_of(
        "d", "SCHULD then Schuld", ("SCHULD", "GPE", NIL), ("Schuld", "GPE", NIL)
    )
    ((entry, evidence),) = propose_entries([document], kb, Mined())
    assert (entry.id, entry.label, entry.counts) == (
        "local:schuld",
        "Schuld",
        {"Schuld": 1, "SCHULD": 1},
    )
    assert evidence.count == 2
