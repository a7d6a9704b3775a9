"""corpus kb, as a person types it."""

import json

import pytest

from tests.kb.wikidata_dump import dump, item

ENTITIES = """\
{"id": "Q7184", "label": "NATO", "type": "organisation", "description": "an alliance"}
{"id": "Q1899", "label": "Kyiv", "type": "city", "aliases": {"en": ["Kiev"]}, "count": 57}
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_text(ENTITIES)
    return path


def test_kb_build_then_again_is_up_to_date(run_cli, source, tmp_path):
    out = tmp_path / "x.kb"
    ran = run_cli(["kb", "build", source, "-o", out])
    hash = json.loads((out / "kb.json").read_text())["hash"]
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{out}: entities 2, aliases 3, keys 4, hash {hash}\n"
    assert run_cli(["kb", "build", source, "-o", out]).out == f"{out} is up to date\n"
    source.write_text(ENTITIES.splitlines()[0])
    ran = run_cli(["kb", "build", source, "-o", out])
    assert (ran.code, ran.out) == (2, "")
    assert "--force" in ran.err
    assert run_cli(["kb", "build", source, "-o", out, "--force"]).code == 0


def test_kb_build_lists_rejects_and_exits_1(run_cli, source, tmp_path):
    source.write_text(ENTITIES + '{"id": "Q9"\n{"id": "Q8", "aliases": [""]}\n')
    out = tmp_path / "x.kb"
    ran = run_cli(["kb", "build", source, "-o", out])
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.endswith(f"\n  rejected records 1, aliases 1: {out}.rejects.jsonl\n")
    listed = (tmp_path / "x.kb.rejects.jsonl").read_text()
    rejects = [json.loads(line) for line in listed.splitlines()]
    assert [(reject["document"], reject["where"], reject["reason"]) for reject in rejects] == [
        ("", f"{source}:3:12", "Input data was truncated"),
        ("Q8", f"{source}:4", "an empty alias"),
    ]
    again = ["kb", "build", source, "-o", out, "--force", "--allow-rejects", "--json"]
    ran = run_cli(again)
    assert ran.code == 0
    assert json.loads(ran.out)["records"] == {
        "received": 4,
        "kept": 3,
        "joined": 0,
        "rejected": 1,
    }


def test_kb_build_refuses_what_is_no_output_or_rule(run_cli, source, tmp_path):
    ran = run_cli(["kb", "build", source, "-o", "-"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: a knowledge base is a folder, it has no standard output; give -o DIR\n",
    )
    ran = run_cli(["kb", "build", source, "-o", tmp_path / "x.kb", "--without", "colour"])
    assert ran.code == 2
    assert ran.err.startswith("corpus: error: no rule is called 'colour'; the rules are: case, ")
    assert not (tmp_path / "x.kb").exists()


def test_kb_build_help_names_every_rule(run_cli):
    from corpus.kb.rules import RULES

    text = " ".join(run_cli(["kb", "build", "--help"]).out.split())
    assert all(rule in text for rule in RULES)


def test_kb_info(run_cli, source, tmp_path):
    out = tmp_path / "x.kb"
    run_cli(["kb", "build", source, "-o", out, "--version", "2022", "--without", "invisible"])
    info = json.loads(run_cli(["kb", "info", out, "--json"]).out)
    assert run_cli(["kb", "info", out]).out == (
        f"x 2022, hash {info['hash']}\n"
        "  2 entities: city 1, organisation 1\n"
        "  3 aliases, 4 keys, 4 postings\n"
        "  rules: case, diacritics, quotes, hyphens, blanks, spelling, article, "
        "possessive, common_words, initials, transliteration, dots, qualifier, surnames, "
        "given_names, acronyms, lower_case, fragments, label, context, coherence\n"
        f"  source: {source} ({info['sources'][0]['sha256'][:16]})\n"
    )


def test_kb_search_reads_the_document_of_the_name(run_cli, tmp_path):
    source, out = tmp_path / "people.jsonl", tmp_path / "people.kb"
    source.write_text('{"id": "Q58217", "label": "Sergei Lavrov", "type": "person"}\n')
    assert run_cli(["kb", "build", source, "-o", out]).code == 0
    article = tmp_path / "article.txt"
    article.write_text("Lavrov warns\n\nSergei Lavrov said", encoding="utf-8")
    ran = run_cli(["kb", "search", out, "Lavrov", "--context", article])
    assert (ran.code, ran.out) == (
        0,
        "'Lavrov' is looked up as 'lavrov': 1 of the knowledge base's entities\n"
        "1  Q58217  Sergei Lavrov (person)\n"
        "   prior 0.000: 0 of 0\n"
        "   score 1.000: the document introduces it under this name\n",
    )
    assert run_cli(["kb", "search", out, "Lavrov"]).code == 1
    article.write_bytes(b"\xff")
    ran = run_cli(["kb", "search", out, "Lavrov", "--context", article])
    assert (ran.code, ran.out) == (2, "")
    assert "can't decode byte 0xff in position 0" in ran.err


def test_kb_search(run_cli, source, tmp_path):
    out = tmp_path / "x.kb"
    run_cli(["kb", "build", source, "-o", out])
    ran = run_cli(["kb", "search", out, "Nato"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "'Nato' is looked up as 'nato': 1 of the knowledge base's entities\n"
        "1  Q7184  NATO (organisation)\n"
        "   an alliance\n"
        "   prior 1.000: 1 of 1\n"
        "   score 1.000: prior alone\n"
        "   as 'NATO', by the rule case\n"
    )
    ran = run_cli(["kb", "search", out, "Oslo"])
    assert (ran.code, ran.out) == (1, "no alias and no id is 'Oslo'\n")
    ran = run_cli(["kb", "search", tmp_path / "none", "Oslo"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}/none: no knowledge base (kb.json cannot be read); "
        "make one: corpus kb build SOURCE -o NAME.kb\n",
    )


def test_filters_that_take_everything_are_named(run_cli, tmp_path):
    (tmp_path / "dump.json").write_bytes(dump([item("Q1899", {"en": "Kyiv"}, classes=["Q515"])]))
    out = tmp_path / "some.kb"
    ran = run_cli(["kb", "build", tmp_path / "dump.json", "-o", out, "--lang", "en,uk"])
    assert (ran.code, ran.err) == (
        1,
        "corpus: error: all entities of the sources were left out (items without a name in the "
        "languages: 1); look at --class, --lang and --min-sitelinks; several languages are "
        "--lang en --lang uk\n",
    )
