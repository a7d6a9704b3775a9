import json
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.doccano.pull import OUTPUT
from corpus.errors import DataError, DoccanoProjectError, UsageError
from corpus.gold.adjudication import adjudicate_single
from corpus.manifest import Stage, manifest_path, open_stage, read_manifest
from corpus.model import (
    Candidate,
    Layer,
    Link,
    Mention,
    Token,
    make_document,
    with_ids,
)

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")
BLNS = Path(__file__).parents[3] / "shared" / "data" / "blns" / "blns.json"

# What has broken an annotation tool before, kept small; the whole list of naughty strings is run
# where it is at hand.
NASTY = [
    " ",
    "NaN",
    "null",
    "1E+02",
    '"quoted" \\ back\\slash / slash',
    "a\r\nb\rc\n\nd",
    "\u2028\u2029\u0085\u000b\u000c\u001c\u001f\u007f\u009f",
    "\ufeffBOM and \ufffe \uffff \U0010ffff",
    "\u202eright to left override\u202c \u200b\u200e\u2066",
    "👩\u200d👩\u200d👧 🏳️\u200d🌈 🇺🇦 👍🏽",
    "x\u0302 e\u0301 c\u0327\u0323 क्षि กำ 각",
    "كِتَاب مُحَمَّد",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤ ̖t̝͕̳̣̻̪͞h̼͓̲̦̳̘̲e͇̣̰̦̬͎",
    "<script>alert(1)</script> &lt;b&gt; %s {0} ${x} `ls`",
    "'; DROP TABLE examples_example; --",
    "𝕿𝖍𝖊 ﷽ ﬀ ẞ ı İ",
    "line\tTab\u00a0nbsp\u3000ideographic",
    "x" * 5000,
]


def naughty_strings():
    if BLNS.is_file():
        return [*NASTY, *json.loads(BLNS.read_text("utf-8"))]
    return NASTY


def mention_everything(text):
    """Spans over each of the first code points, the last one, and all of it."""
    ends = {(at, at + 1) for at in range(min(len(text), 8))}
    return {*ends, (len(text) - 1, len(text)), (0, len(text))} if text else set()


def test_pull_gives_back_every_naughty_string_and_every_span(project, make_silver):
    documents = [
        make_silver(
            f"{number:03} {text[:20]}" if "\0" not in text else f"{number:03}",
            text,
            *((start, end, "X") for start, end in mention_everything(text)),
        )
        for number, text in enumerate(naughty_strings())
    ]
    pushed = project.push(documents)
    refused = {f.document: f.reason for f in pushed.findings if f.verdict == "refused"}
    assert set(refused) == {d.id for d in documents if not d.text or "\0" in d.text}
    assert pushed.result.clean
    pulled = project.pull()
    rebuilt = project.pull(given=False, folder="rebuilt")
    assert pulled.rejects == rebuilt.rejects == []
    for document in documents:
        if document.id in refused:
            assert document.layers == pulled.documents[document.id].layers
            continue
        layer = Layer("annotator:ann", state="untouched", mentions=document.layers[0].mentions)
        assert pulled.documents[document.id].layers == (*document.layers, layer)
        assert rebuilt.documents[document.id].text == document.text
        assert rebuilt.documents[document.id].layers == (layer,)


def test_pull_keeps_all_that_the_documents_have(project):
    candidate = Candidate("Q1899", 0.9, 0.8)
    mention = Mention("m1", 3, 7, "GPE", (Link("Q1899"),), (candidate,), "aliases")
    document = make_document(
        "a",
        "In Kyiv",
        lang="en",
        meta={"title": "T", "cuts": [{"start": 1}]},
        tokens=(Token(0, 2, True), Token(3, 7, False)),
        sentences=((0, 7),),
        layers=(Layer("silver", mentions=(mention,)), Layer("gold")),
    )
    project.push([document])
    project.add_span("a", 0, 2, "GPE")
    pulled = project.pull().documents["a"]
    layer = Layer(
        "annotator:ann",
        state="touched",
        mentions=(
            Mention("0-2:GPE", 0, 2, "GPE"),
            Mention("m1", 3, 7, "GPE", (), (candidate,), "aliases"),
        ),
    )
    assert pulled == make_document(
        "a",
        "In Kyiv",
        lang="en",
        meta=document.meta,
        tokens=document.tokens,
        sentences=document.sentences,
        layers=(*document.layers, layer),
    )


def test_pull_conserves_what_it_counts(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.add_span("a", 0, 99, "GPE")
    project.import_rows({"text": "a stranger", "label": [[0, 1, "GPE"]]})
    project.documents.write_bytes(project.documents.read_bytes().splitlines(keepends=True)[0])
    stage = project.pull().stage
    assert stage is not None
    assert stage.documents.problems() == stage.mentions.problems() == []
    # One document is given; a stranger and one that was not given are refused.
    assert (stage.documents.received, stage.documents.kept, stage.documents.rejected) == (3, 1, 2)
    # Past the end, the stranger's, and that of the document that was not given.
    assert (stage.mentions.kept, stage.mentions.rejected, stage.mentions.added) == (1, 3, 1)


def test_pull_that_refuses_much_passes_check(project, make_silver, run_cli):
    ids = ["whole", "changed", "twice", "gone"]
    project.push([make_silver(id, "In Kyiv", KYIV) for id in ids])
    project.add_span("whole", 3, 99, "GPE")
    examples = project.examples()
    path = f"projects/{project.id}/examples/{examples['changed']['id']}"
    project.client._request("PATCH", path, json={"text": "Now in Kyiv"})
    project.client.delete_examples(project.id, [examples["gone"]["id"]])
    twin = next(row for row in project.export() if row.corpus_id == "twice")
    meta = {key: getattr(twin, key) for key in twin.__struct_fields__ if key.startswith("corpus_")}
    project.import_rows(
        {"text": twin.text, "label": twin.label, **meta},
        {"text": "a stranger", "label": [], **dict.fromkeys(meta, "")} | {"corpus_mark": None},
    )
    stage = project.pull().stage
    assert stage is not None
    assert stage.manifest.notes["layers_rejected"] == 2
    assert (stage.documents.received, stage.documents.kept, stage.documents.rejected) == (5, 4, 1)
    checked = run_cli(["check", project.folder])
    assert (checked.code, checked.err) == (0, ""), checked.out


def test_pull_with_nothing_new_leaves_everything_untouched(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.confirm("a")
    project.pull()
    folder = project.folder / "pulled"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    again = project.pull()
    assert again.stage is None
    lock = folder / ".lock"
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert {p: t for p, t in after.items() if p != lock} == {
        p: t for p, t in before.items() if p != lock
    }
    assert len(list((folder / "snapshots").iterdir())) == 2


def test_pull_replaces_a_layer_that_changed_and_keeps_its_snapshot(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.pull()
    project.add_span("a", 0, 2, "GPE")
    project.confirm("a")
    pulled = project.pull()
    assert (pulled.spans("a"), pulled.layer("a").state) == ([(0, 2, "GPE"), KYIV], "confirmed")
    assert len(pulled.documents["a"].layers) == 2
    assert len(list((project.folder / "pulled" / "snapshots").iterdir())) == 4


def test_pull_needs_no_documents_the_second_time(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.pull()
    project.confirm("b")
    pulled = project.pull(given=False)
    assert [layer.name for layer in pulled.documents["a"].layers] == ["silver", "annotator:ann"]
    assert pulled.layer("b").state == "confirmed"


def test_pull_of_several_annotators_meets_in_one_folder(project, make_silver, client):
    documents = [make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)]
    other = type(project)(client, project.name.replace(".ann.1", ".bob.2"), project.folder)
    project.push(documents)
    other.push(documents)
    project.confirm("a")
    project.pull()
    other.confirm("b")
    pulled = other.pull()
    again = project.pull(given=False)
    for result in (pulled, again):
        assert result.layer("a").state == "confirmed"
        assert (result.layer("b", "annotator:bob").state) == "confirmed"
        assert result.layer("b", "annotator:bob").round == 2
        assert len(result.documents["a"].layers) == 3
    assert json.dumps(again.rejects) == "[]"


def test_pull_names_the_annotator_asked_for_else_of_the_project_else_logged_in(
    project, make_silver, client
):
    plain = type(project)(client, project.name.replace(".ann.1", ""), project.folder)
    plain.push([make_silver("a", "In Kyiv", KYIV)])
    assert plain.pull(folder="x").layer("a", f"annotator:{client.username}").round == 1
    assert plain.pull(folder="y", annotator="eve").layer("a", "annotator:eve").round == 1


def test_pull_stops_where_a_layer_would_be_lost_and_leaves_all_as_it_was(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.pull()
    folder = project.folder / "pulled"
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    project.client.delete_examples(project.id, [project.examples()["b"]["id"]])
    with pytest.raises(DataError) as caught:
        project.pull()
    assert str(caught.value) == (
        f"{folder / OUTPUT}: this pull would lose annotator:ann of 'b' (gone from the server); "
        "nothing was changed; look at it in Doccano, or accept it with --force"
    )
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before
    forced = project.pull(force=True)
    assert [layer.name for layer in forced.documents["b"].layers] == ["silver"]
    assert forced.stage and forced.stage.manifest.notes["not_in_the_project"] == 1


def test_pull_stops_where_documents_with_layers_are_not_given_any_more(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.pull()
    project.documents.write_bytes(project.documents.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(DataError, match=r"annotator:ann of 'b' \(not among the given documents\)"):
        project.pull()


def test_pull_that_was_killed_is_made_again(project, make_silver, monkeypatch):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    output = project.folder / "pulled" / OUTPUT
    project.pull()
    first = output.read_bytes()
    manifest = json.loads(manifest_path(output).read_text())
    manifest_path(output).write_text(json.dumps({**manifest, "finished": False}))
    (output.parent / "snapshots" / ".incoming-full.zip").write_bytes(b"half")
    assert project.pull().stage is not None
    assert output.read_bytes() == first
    assert read_manifest(manifest_path(output)).finished
    assert sorted(p.name[:6] for p in (output.parent / "snapshots").iterdir()) == sorted(
        f"{project.id}-full"[:6] if n else f"{project.id}-confirmed"[:6] for n in (0, 1)
    )


def test_pull_refuses_a_folder_where_another_pull_works(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    folder = project.folder / "pulled"
    folder.mkdir()
    with FileLock(folder / ".lock"), pytest.raises(UsageError) as caught:
        project.pull()
    assert str(caught.value) == (
        f"{folder}: another pull is working there; wait for it, or give another -o"
    )


def test_pull_refuses_a_file_that_no_pull_made(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    folder = project.folder / "pulled"
    folder.mkdir()
    (folder / OUTPUT).write_text("mine")
    with pytest.raises(UsageError, match="has no manifest, so it was not made by this command"):
        project.pull()
    assert (folder / OUTPUT).read_text() == "mine"


def test_pull_refuses_double_ids_in_the_documents(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.documents.write_bytes(project.documents.read_bytes() * 2)
    with pytest.raises(DataError, match=r"^document id 'a' stands twice in the given documents"):
        project.pull()


def test_pull_of_a_project_that_is_not_there(project):
    with pytest.raises(DoccanoProjectError) as caught:
        project.pull(given=False)
    assert str(caught.value) == (
        f"no project is named {project.name!r}, or {project.client.username!r} is no member of "
        "it; check --project; `corpus push` makes one"
    )
    assert not (project.folder / "pulled").exists()


def test_pull_of_an_empty_project_is_an_empty_file(project):
    project.push([make_document("a", "x")], labels=("X",))
    project.client.delete_examples(project.id, [project.examples()["a"]["id"]])
    assert project.pull(given=False).documents == {}


def test_pull_leads_to_gold(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    project.confirm("a")
    pulled = project.pull()
    stage = open_stage("adjudicate", project.folder / "gold.jsonl", [])
    assert isinstance(stage, Stage)
    gold = {d.id: d for d in adjudicate_single(pulled.documents.values(), stage)}
    assert [layer.name for layer in gold["a"].layers] == ["silver", "annotator:ann", "gold"]
    assert [layer.name for layer in gold["b"].layers] == ["silver", "annotator:ann"]
    assert with_ids(gold["a"].layers[-1].mentions)[0].label == "GPE"
