"""Where a folder stands, with a project file and without one."""

import json
from pathlib import Path

from corpus.model import Layer, Mention, make_document
from corpus.store import write_documents

MENTION = Mention("1", 0, 4, "GPE")


def silver():
    layers = (Layer("silver", mentions=(MENTION,)),)
    return make_document("d", "Kyiv is a city.", lang="en", layers=layers)


def test_status_of_any_folder_lists_its_manifests_in_their_order(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("Kyiv is a city.")
    run_cli(["convert", "a.txt", "-o", "documents.jsonl"])
    ran = run_cli(["status"])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "  convert  documents.jsonl  fresh       1 document\n"
        "Doccano: no Doccano server is known\n"
        "next: corpus suggest documents.jsonl --kb KB -o silver.jsonl (documents.jsonl came last)\n"
    )
    Path("a.txt").write_text("Kyiv was a town.")
    ran = run_cli(["status", "--offline"])
    assert ran.out == (
        "  convert  documents.jsonl  stale       1 document, its input a.txt has changed\n"
        "next: corpus check . (documents.jsonl: its input a.txt has changed)\n"
    )


def test_status_as_json_has_people_and_counts(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ann = Layer("annotator:ann", state="confirmed", mentions=(MENTION,))
    document = make_document("d", "Kyiv is a city.", lang="en", layers=(ann,))
    write_documents([document], tmp_path / "pulled.jsonl")
    run_cli(["adjudicate", "pulled.jsonl", "-o", "gold.jsonl"])
    found = json.loads(run_cli(["status", ".", "--json"]).out)
    (stage,) = found["stages"]
    assert (stage["name"], stage["verdict"], stage["documents"], stage["mentions"]) == (
        "adjudicate", "fresh", 1, 2,
    )  # fmt: skip
    assert found["next"] == "corpus split gold.jsonl -o splits"
    assert found["people"] == []


def test_a_folder_with_nothing_in_it_is_said(run_cli, tmp_path):
    ran = run_cli(["status", tmp_path])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}: holds neither corpus.toml nor a manifest; begin with: "
        "corpus init DIR\n",
    )
    ran = run_cli(["status", tmp_path / "none"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}/none: no such folder; give a folder with a corpus in it\n",
    )


def test_status_of_a_new_project_says_what_to_type(run_cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_cli(["init", "news"])
    ran = run_cli(["status", "news"])
    assert ran.out.splitlines()[:2] == [
        "news", "  convert     documents.jsonl              missing",
    ]  # fmt: skip
    assert ran.out.splitlines()[-1] == "next: corpus run (convert: not made yet)"


def test_a_server_that_does_not_answer_is_said_and_no_error(
    run_cli, tmp_path, monkeypatch, free_port
):
    monkeypatch.chdir(tmp_path)
    run_cli(["init", "news"])
    Path("news/.env").write_text(
        f"DOCCANO_URL=http://127.0.0.1:{free_port}\nDOCCANO_USERNAME=a\nDOCCANO_PASSWORD=b\n"
    )
    ran = run_cli(["status", "news"])
    assert ran.code == 0
    assert f"Doccano: http://127.0.0.1:{free_port} " in ran.out
