"""Fresh, stale, missing, unfinished, changed: what the manifests say of each stage."""

import hashlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from corpus.flow.freshness import Marks, state_of
from corpus.flow.new_project import make_project, plan_project
from corpus.flow.steps import steps_of
from corpus.manifest import manifest_path

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture
def made(tmp_path, monkeypatch, run_cli):
    """A project whose articles, knowledge base and suggestions are made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("KYIV. The OSCE met.\n")
    (tmp_path / "kb.jsonl").write_text('{"id": "Q1", "label": "OSCE", "type": "ORG"}\n')
    project, labels = plan_project(Path(), name="news", kb=["kb.jsonl"])
    make_project(Path(), project, labels)
    assert run_cli(["run", "suggest"]).code == 0
    return project


def verdicts(project):
    steps = {step.name: step for step in steps_of(project, Path())}
    states = [
        state_of(Path(steps[name].output), Marks(), steps[name])
        for name in ("convert", "kb", "suggest")
    ]
    return [f"{state.verdict} {state.why}".strip() for state in states]


def test_what_was_just_made_is_fresh(made):
    assert verdicts(made) == ["fresh", "fresh", "fresh"]


def test_a_changed_a_new_and_a_lost_article_are_noticed(made):
    article = Path("articles/a.txt")
    article.write_text("KYIV. The OSCE met again.\n")
    assert verdicts(made)[0] == "stale its input articles/a.txt has changed"
    article.rename("articles/b.txt")
    assert verdicts(made)[0] == "stale its input articles/a.txt is gone"
    Path("articles/a.txt").write_text("KYIV. The OSCE met.\n")
    assert verdicts(made) == ["stale b.txt is new", "fresh", "fresh"]


def test_other_settings_are_noticed(made):
    german = replace(made, project=replace(made.project, language="de"))
    assert verdicts(german)[0] == "stale made with lang '', now 'de'"
    model = replace(made, suggestions=replace(made.suggestions, model="m"))
    assert verdicts(model)[2] == "stale made with model '', now 'm'"


def test_a_new_knowledge_base_makes_suggestions_stale(made, run_cli):
    with Path("kb.jsonl").open("a") as source:
        source.write('{"id": "Q2", "label": "Kyiv", "type": "GPE"}\n')
    assert verdicts(made)[1:] == ["stale its input kb.jsonl has changed", "fresh"]
    assert run_cli(["run", "kb"]).code == 0
    assert verdicts(made)[1:] == ["fresh", "stale the knowledge base has changed"]
    ran = run_cli(["run", "suggest"])
    assert (ran.code, ran.err.splitlines()[0]) == (0, "suggest: the knowledge base has changed")
    assert verdicts(made) == ["fresh", "fresh", "fresh"]


def test_a_knowledge_base_of_another_version_is_made_again(made, run_cli):
    info, manifest = Path("news.kb/kb.json"), manifest_path("news.kb")
    before = info.read_bytes()
    info.write_bytes(before.replace(b'"kb/', b'"kb/9'))
    old, new = (hashlib.sha256(each).hexdigest() for each in (before, info.read_bytes()))
    text = manifest.read_text().replace(old, new)
    manifest.write_text(text.replace(f'"size": {len(before)}', f'"size": {len(before) + 1}'))
    assert verdicts(made)[1] == "stale cannot be read by this version of corpus"
    assert run_cli(["run", "kb"]).code == 0
    assert verdicts(made)[1] == "fresh"


def test_another_version_of_corpus_is_noticed(made):
    manifest = manifest_path("documents.jsonl")
    manifest.write_text(manifest.read_text().replace('"corpus": "', '"corpus": "9.'))
    assert verdicts(made)[0].startswith("stale made by corpus 9.")


def test_an_output_changed_by_hand_is_not_replaced(made, run_cli):
    with Path("silver.jsonl").open("a") as output:
        output.write("\n")
    assert verdicts(made)[2] == "changed silver.jsonl was changed after it was made"
    before = Path("silver.jsonl").read_bytes()
    ran = run_cli(["run", "suggest"])
    assert (ran.code, ran.out) == (
        1,
        "suggest: silver.jsonl: silver.jsonl was changed after it was made; it is not replaced: "
        "move it away, or make it again with --force\n",
    )
    assert Path("silver.jsonl").read_bytes() == before


def test_what_is_gone_unfinished_or_nobodys_is_told_apart(made):
    Path("documents.jsonl").unlink()
    assert verdicts(made) == [
        "missing documents.jsonl is gone", "fresh", "stale its input documents.jsonl is gone",
    ]  # fmt: skip
    manifest = manifest_path("silver.jsonl")
    manifest.write_text(manifest.read_text().replace('"finished": true', '"finished": false'))
    assert verdicts(made)[2] == "unfinished suggest was stopped"
    manifest.unlink()
    assert verdicts(made)[2] == (
        "changed is there without a manifest, so no command of corpus made it"
    )
