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


def test_what_nobody_confirmed_is_to_be_pulled_again_and_gold_to_be_linked(
    run_cli, make_kb, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    layer = Layer("annotator:ann", state="untouched")
    write_documents([make_document("d", "Kyiv.", layers=(layer,))], tmp_path / "pulled.jsonl")
    ran = run_cli(["adjudicate", "pulled.jsonl", "-o", "gold.jsonl"])
    assert ran.err == (
        "corpus: nobody has confirmed a document yet, so nothing is gold\n"
        "  confirm them in Doccano, pull again, then adjudicate again with --force\n"
    )
    assert run_cli(["status", "--offline"]).out.splitlines()[-1] == (
        "next: corpus pull --project NAME --documents DOCUMENTS -o FOLDER "
        "(nobody had confirmed a document of gold.jsonl)"
    )
    layer = Layer("annotator:ann", state="confirmed", mentions=(MENTION,))
    write_documents([make_document("d", "Kyiv.", layers=(layer,))], tmp_path / "pulled.jsonl")
    Path("entities.jsonl").write_text('{"id": "Q1899", "label": "Kyiv"}\n')
    for command in (
        "kb build entities.jsonl -o test.kb",
        "adjudicate pulled.jsonl -o gold.jsonl --force",
    ):
        assert run_cli(command.split()).code == 0
    for wanted in (
        "suggest gold.jsonl --task links --kb test.kb -o linked.jsonl",
        "push linked.jsonl --task links --project NAME-links --kb test.kb",
    ):
        assert (
            run_cli(["status", "--offline"])
            .out.splitlines()[-1]
            .startswith(f"next: corpus {wanted} (")
        )
        run_cli(wanted.split())


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
