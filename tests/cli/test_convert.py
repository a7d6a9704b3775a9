"""corpus convert, run as people run it."""

import json
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


def documents(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def rejects(path: Path) -> list[dict]:
    return documents(Path(f"{path}.rejects.jsonl"))


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed article is not part of the repository")
def test_seed_article_has_title_dateline_credit_and_no_boilerplate(run_cli, tmp_path):
    out = tmp_path / "seed.jsonl"
    assert run_cli(["convert", SEEDS, "-o", out]).code == 0
    (document,) = documents(out)
    meta = document["meta"]
    assert meta["title"] == "US, Russia seek to avoid nightmare confrontation over Ukraine"
    assert (meta["dateline"], meta["credit"]) == ("STOCKHOLM", "AFP")
    assert document["text"].endswith("is through diplomacy,” Blinken said.")
    assert document["text"].startswith(meta["title"] + "\n\nSTOCKHOLM: Momentum")
    assert document["lang"] == "en"


def test_folder_of_many_kinds_becomes_documents_in_order(run_cli, tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.txt").write_text("Title here\n\nKYIV: It rained all day in the city.\n")
    (folder / "sub" / "a.jsonl").write_text('{"text": "One."}\n\n{"id": 7, "text": "Two."}\n')
    (folder / "c.csv").write_text('id,text\nx,"Three, and"\n')
    out = tmp_path / "documents.jsonl"
    ran = run_cli(["convert", folder, "-o", out])
    assert (ran.code, ran.err) == (0, "")
    assert [d["id"] for d in documents(out)] == ["b.txt", "x", "sub/a.jsonl#1", "7"]


def test_docbin_output_is_loaded_by_spacy(run_cli, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "Biden met Putin."}\n{"text": "They spoke."}\n')
    out = tmp_path / "a.spacy"
    assert run_cli(["convert", tmp_path / "a.jsonl", "-o", out]).code == 0
    docs = list(DocBin().from_disk(out).get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs] == ["Biden met Putin.", "They spoke."]


def test_broken_line_is_named_and_the_rest_goes_on(run_cli, tmp_path):
    lines = [json.dumps({"text": f"Article {n}."}) for n in range(1, 21)]
    lines[16] = '{"text": "half'
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    out = tmp_path / "o.jsonl"
    ran = run_cli(["convert", tmp_path / "a.jsonl", "-o", out])
    assert ran.code == 1
    assert len(documents(out)) == 19
    (reject,) = rejects(out)
    assert reject["document"] == "a.jsonl#17"
    assert reject["where"] == f"{tmp_path}/a.jsonl:17:10"
    assert reject["reason"] == "broken JSON: Unterminated string starting at"
    assert run_cli(["convert", tmp_path / "a.jsonl", "-o", out, "--force", "--allow-rejects"]).code == 0
