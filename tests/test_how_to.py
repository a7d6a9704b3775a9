"""docs/how-to/: each guide's commands run in its order, on the files that it shows."""

import shutil
from pathlib import Path

import pytest

from corpus.doccano.accounts import create_users, find_users
from corpus.doccano.client import Doccano
from corpus.doccano.projects import find_project
from corpus.doccano.settings import ServerSettings
from corpus.model import make_document
from corpus.store import read_documents, write_documents
from tests.doccano.test_tls import authority, tls_in_front  # noqa: F401  # a fixture, and what it is for
from tests.kb.wikidata_dump import dump, item
from tests.pages import ROOT, Reader, read_blocks

GUIDES = ROOT / "docs" / "how-to"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def marks(path):
    """(document, layer, what is marked, label, targets) of every mention."""
    return [
        (one.id, layer.name, one.text[m.start : m.end], m.label, *(k.target for k in m.links))
        for one in read_documents(path)
        for layer in one.layers
        for m in layer.mentions
    ]


def test_from_prodigy(run_cli):
    Reader(run_cli).follow(read_blocks(GUIDES / "prodigy.md"))
    found = marks("annotated.jsonl")
    assert [each[1:] for each in found] == [
        ("annotator:ann", "OSCE", "ORG"), ("annotator:ann", "Kyiv", "GPE"),
    ]  # fmt: skip
    tasks = Path("to-prodigy.jsonl").read_text("utf-8").splitlines()
    assert len(tasks) == 2 and all('"options":[{' in task for task in tasks)
    (both,) = {document.id for document in read_documents("links-from-prodigy.jsonl")}
    assert marks("links-from-prodigy.jsonl") == [
        (both, "gold", "OSCE", "ORG", "Q81299"), (both, "gold", "Kyiv", "GPE", "NIL"),
    ]  # fmt: skip


def test_from_label_studio(run_cli):
    adjudicate = "corpus adjudicate annotated.jsonl -o gold.jsonl --rule unanimous --allow-rejects"
    reader = Reader(run_cli)
    reader.follow(read_blocks(GUIDES / "label-studio.md"))
    assert adjudicate in reader.ran
    assert [each[1:] for each in marks("annotated.jsonl")] == [
        ("annotator:ann@example.org", "OSCE", "ORG")
    ]
    assert Path("gold.jsonl.disputes.jsonl").read_text("utf-8").count("\n") == 1


def test_from_inception(run_cli):
    Reader(run_cli).follow(read_blocks(GUIDES / "inception.md"))
    assert [each[2:] for each in marks("gold.jsonl")] == [("Kyiv Oblast", "LOC", "Q1899")]
    assert marks("again.jsonl") == marks("gold.jsonl")


def test_a_knowledge_base_from_wikidata(run_cli):
    import gzip

    items = [
        item("Q1899", {"en": "Kyiv", "uk": "Київ"}, classes=["Q515"], sitelinks=4,
             descriptions={"en": "capital of Ukraine"}),
        item("Q90", {"en": "Paris"}, classes=["Q515"], sitelinks=5),
        item("Q212", {"en": "Ukraine"}, classes=["Q6256"], sitelinks=9),
    ]  # fmt: skip
    Path("latest-all.json.gz").write_bytes(gzip.compress(dump(items), mtime=0))
    Reader(run_cli).follow(read_blocks(GUIDES / "wikidata.md"))
    assert "Q1899" in run_cli(["kb", "search", "news.kb", "Kyiv"]).out


@pytest.mark.server
def test_a_remote_doccano_with_tls(doccano, without_projects, authority, run_cli, monkeypatch):  # noqa: F811
    without_projects("remote")
    documents = [make_document("a", "Kyiv 😀"), make_document("b", "Oslo")]
    write_documents(documents, "documents.jsonl")
    before, *after = (b for b in read_blocks(GUIDES / "remote-doccano.md") if not b.title)
    with tls_in_front(doccano.url, authority()) as url:
        monkeypatch.setenv("DOCCANO_URL", url)
        Reader(run_cli, codes={before.commands[0]: [1]}).follow([before])
        monkeypatch.setenv("DOCCANO_CA_BUNDLE", str(authority.path))
        Reader(run_cli).follow(after)


@pytest.mark.server
def test_two_annotators(doccano, without_projects, run_cli, annotate):
    without_projects("news")
    articles = ROOT / "seeds" / "articles"
    Path("articles").mkdir()
    for name in ("final.html", "normandy.txt"):
        shutil.copy(articles / name, Path("articles") / name)
    for command in (
        ["convert", "articles", "-o", "documents.jsonl"],
        ["kb", "build", ROOT / "seeds" / "kb.jsonl", "-o", "seeds.kb"],
        ["suggest", "documents.jsonl", "--kb", "seeds.kb", "-o", "silver.jsonl"],
    ):
        assert run_cli(command).code == 0
    client = Doccano(ServerSettings(doccano.url, doccano.username, doccano.password))

    def people(words):
        if words[0] == "push":
            annotate("news.ann.1", ROOT / "seeds" / "gold.jsonl")
            annotate("news.bob.1", "silver.jsonl", layer="silver")
        if words[:2] == ["disputes", "push"]:
            project = int(find_project(client, "news.disputes")["id"])
            first = {one["text"]: one["id"] for one in client.list_category_types(project)}["1"]
            for example in list(client.list_examples(project)):
                client.create_category(project, example["id"], first)

    adjudicate = "corpus adjudicate annotations -o gold.jsonl --rule majority"
    reader = Reader(run_cli, after=people, codes={adjudicate: [1, 0]})
    reader.follow(read_blocks(GUIDES / "two-annotators.md"))
    assert Path("passwords.txt").stat().st_mode & 0o777 == 0o600
    layers = [layer.name for d in read_documents("gold.jsonl") for layer in d.layers]
    assert layers.count("gold") == 2


@pytest.mark.server
def test_commands_of_the_readme_for_several_annotators(
    doccano, without_projects, run_cli, annotate
):
    # Here, after the guide that makes users: Doccano forgets none.
    without_projects("news")
    for command in (
        ["convert", ROOT / "seeds" / "articles", "-o", "documents.jsonl"],
        ["kb", "build", ROOT / "seeds" / "kb.jsonl", "-o", "seeds.kb"],
        ["suggest", "documents.jsonl", "--kb", "seeds.kb", "-o", "silver.jsonl"],
    ):
        assert run_cli(command).code == 0
    team = ("ann", "bob", "eve")
    client = Doccano(ServerSettings(doccano.url, doccano.username, doccano.password))
    missing = [name for name in team if name not in find_users(client, team)]
    create_users(client, missing, Path("passwords.txt"))

    def people(words):
        if words[0] == "push":
            for person in team:
                annotate(f"news.{person}.1", ROOT / "seeds" / "gold.jsonl")

    # Everybody knew what is right, so nothing is disputed; the screen needs a terminal.
    reader = Reader(run_cli, left_out=("corpus disputes decide",), after=people)
    reader.follow(read_blocks(ROOT / "README.md", section="Several annotators"))
    assert [command.split()[1] for command in reader.ran] == [
        "push", "pull", "agreement", "adjudicate", "why",
    ]  # fmt: skip
    assert len(list(read_documents("gold.jsonl"))) == 14
