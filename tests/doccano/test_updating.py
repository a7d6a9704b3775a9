"""push --update, --without-gold and add-label on the live server."""

import os
import signal

import pytest

from corpus.doccano.adding_labels import add_label_types
from corpus.doccano.exports import read_rows, unpack_export
from corpus.doccano.updating import delete_outdated
from corpus.errors import DataError, DoccanoProjectError
from corpus.model import Layer, make_document, with_layer
from corpus.store import write_documents

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")
NOW = (7, 11, "GPE")


@pytest.fixture
def old(make_silver):
    return [make_silver(id, "In Kyiv", KYIV) for id in "abcdef"]


@pytest.fixture
def new(make_silver):
    return [make_silver(id, "Now in Kyiv", NOW) for id in "abcdef"]


def texts(project):
    return {row.corpus_id: (row.text, row.label) for row in project.export()}


def test_update_sends_again_only_what_nobody_has_touched(project, old, new, tmp_path):
    project.push(old)
    project.confirm("b")
    project.comment("c", "is it?")
    project.add_span("d", 0, 2, "GPE")
    project.delete_spans("e")
    shown = project.push(new, dry_run=True)
    assert [verdict for _, verdict in shown.verdicts()] == ["different"] * 6
    assert shown.result.notes == [
        "of the different ones nobody has touched 2: --update would replace them"
    ]
    before = texts(project)
    pushed = project.push(new, update=True, kept=tmp_path / "kept")
    after = texts(project)
    assert {id for id in after if after[id] != before[id]} == {"a", "f"}
    assert after["a"] == ("Now in Kyiv", [[7, 11, "GPE"]])
    assert pushed.verdicts() == [(id, "different") for id in "bcde"]
    assert (pushed.result.sent, pushed.result.clean) == (2, False)
    assert pushed.result.notes == [
        f"documents replaced: 2; what the server had is in {tmp_path / 'kept' / 'snapshots'}"
    ]
    # Whoever deleted all spans of a document did so, though few are left to tell of its import.
    again = project.push(update=True, kept=tmp_path / "kept")
    assert (again.result.sent, texts(project)) == (0, after)
    back = project.push([*old[1:5], *new[:1], *new[5:]])
    assert ("e", "edited") in back.verdicts()
    assert texts(project) == after
    [full] = (tmp_path / "kept" / "snapshots").glob("*-full-*.zip")
    files = unpack_export(full, tmp_path)
    assert {row.corpus_id: (row.text, row.label) for _, row in read_rows(files[0])} == before


def test_update_killed_after_the_deletion_is_finished_by_the_next_push(
    project, old, new, monkeypatch, tmp_path
):
    project.push(old)
    write_documents(new, project.documents)

    def delete_and_die(*args):
        delete_outdated(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        monkeypatch.setattr("corpus.doccano.push.delete_outdated", delete_and_die)
        project.push(update=True, kept=tmp_path / "kept")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert project.client.count_examples(project.id) == 0
    pushed = project.push()
    assert (pushed.result.sent, pushed.result.clean) == (6, True)
    assert list(texts(project).values()) == [("Now in Kyiv", [[7, 11, "GPE"]])] * 6


def test_update_leaves_what_is_touched_at_the_last_moment(project, old, new, monkeypatch, tmp_path):
    project.push(old)
    take = project.client.list_span_types

    def touch(id):
        project.confirm("a")
        monkeypatch.undo()
        return take(id)

    def armed(*args):
        monkeypatch.setattr(project.client, "list_span_types", touch)
        return delete_outdated(*args)

    monkeypatch.setattr("corpus.doccano.push.delete_outdated", armed)
    pushed = project.push(new, update=True, kept=tmp_path / "kept")
    assert pushed.verdicts() == [("a", "different")]
    assert texts(project)["a"] == ("In Kyiv", [[3, 7, "GPE"]])


def test_second_round_leaves_out_what_has_gold(project, old, tmp_path):
    gold = [with_layer(document, Layer("gold")) for document in old[:4]]
    write_documents([*gold, make_document("b", "In Kyiv")], tmp_path / "gold.jsonl")
    pushed = project.push(old, without_gold=tmp_path / "gold.jsonl")
    assert pushed.result.documents == {
        "given": 2,
        "left out, with gold": 4,
        "refused": 0,
        "stored": 2,
    }
    assert sorted(texts(project)) == ["e", "f"]


def test_add_label_types_reopens_nothing(project, old):
    project.push(old)
    project.confirm("a")
    before = texts(project)
    [added] = add_label_types(project.client, project.name, ["LAW", "GPE"])
    assert (added.name, added.added) == (project.name, ["LAW"])
    assert add_label_types(project.client, project.name, ["LAW"])[0].added == []
    assert texts(project) == before
    assert [row.corpus_id for row in project.export(confirmed=True)] == ["a"]
    with pytest.raises(DataError, match="nearly"):
        add_label_types(project.client, project.name, ["law"])
    with pytest.raises(DoccanoProjectError, match="no project is named"):
        add_label_types(project.client, f"{project.name}x", ["LAW"])
