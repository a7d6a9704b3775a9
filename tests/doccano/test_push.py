import pytest

from corpus.errors import DataError, DoccanoProjectError, DoccanoTaskError
from corpus.model import make_document

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")


@pytest.fixture
def silver(make_silver):
    """Documents `a`, `b` …, each `In Kyiv` with one span."""
    return lambda ids: [make_silver(id, "In Kyiv", KYIV) for id in ids]


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("corpus.doccano.push.BATCH_SIZE", 2)


def names(client):
    return [project["name"] for project in client.list_projects()]


def test_push_makes_the_project_as_the_design_says(project, silver):
    pushed = project.push(silver("a"), guideline="# Mark places\n", labels=("ORG",))
    made = project.client.read_project(project.id)
    assert {key: made[key] for key in ("guideline", "project_type", "random_order")} == {
        "guideline": "# Mark places",  # Doccano cuts outer blanks
        "project_type": "SequenceLabeling",
        "random_order": False,
    }
    assert (made["collaborative_annotation"], made["allow_overlapping"]) == (True, True)
    assert (made["grapheme_mode"], made["use_relation"]) == (False, False)
    types = project.client.list_span_types(project.id)
    assert [(t["text"], t["suffix_key"]) for t in types] == [("GPE", "g"), ("ORG", "o")]
    assert pushed.result.label_types == ["GPE", "ORG"]
    assert pushed.result.notes == ["the project was created"]
    assert pushed.result.url == f"{project.client.url}/projects/{project.id}"


def test_push_keeps_the_order_of_the_input_over_batches_and_pushes(project, silver, small_batches):
    project.push(silver("zay"))
    pushed = project.push(silver("zaybcxd"))
    assert (pushed.result.sent, pushed.result.documents["stored"]) == (4, 7)
    assert list(project.examples()) == list("zaybcxd")
    assert [row.corpus_id for row in project.export()] == list("zaybcxd")


def test_push_that_was_stopped_is_finished_by_the_next(project, silver, small_batches, monkeypatch):
    send = project.client.import_rows

    def stop_at_the_second(id, rows, name, **kind):
        if project.client.count_examples(id):
            raise KeyboardInterrupt
        return send(id, rows, name, **kind)

    monkeypatch.setattr(project.client, "import_rows", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        project.push(silver("abcde"))
    monkeypatch.undo()
    pushed = project.push(silver("abcde"))
    assert (pushed.result.sent, pushed.result.clean) == (3, True)
    assert list(project.examples()) == list("abcde")


def test_push_that_was_stopped_before_its_label_types_makes_them(project, silver, monkeypatch):
    monkeypatch.setattr(project.client, "create_span_type", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        project.push(silver("a"))
    monkeypatch.undo()
    assert project.push(silver("a")).result.label_types == ["GPE"]


def test_push_reports_each_span_that_did_not_arrive(project, make_silver, monkeypatch):
    send = project.client.import_rows
    monkeypatch.setattr(
        project.client,
        "import_rows",
        lambda id, rows, name, **kind: send(
            id,
            [row.replace(b"[7,12,", b"[8,13,").replace(b"[13,17,", b"[-1,17,") for row in rows],
            name,
            **kind,
        ),
    )
    document = make_silver("a", "😀 Kyiv Minsk Rome", (2, 6, "GPE"), (7, 12, "GPE"))
    wrong = make_silver("b", "Kyiv - Minsk Rome", (0, 4, "GPE"), (7, 12, "GPE"), (13, 17, "GPE"))
    pushed = project.push([document, wrong])
    assert not pushed.result.clean
    assert [
        (f.document, f.verdict, f.start, f.end, f.label, f.reason)
        for f in pushed.findings
        if f.start is not None
    ] == [
        ("b", "shifted", 7, 12, "GPE", "on the server it begins 1 UTF-16 units later"),
        ("b", "dropped", 13, 17, "GPE", "the server does not have it"),
    ]
    assert pushed.result.spans == {
        "refused": 0,
        "dropped": 1,
        "shifted": 1,
        "stored": 3,
        "wrong": 2,
    }


def test_push_shows_a_changed_source_and_changed_suggestions_and_overwrites_neither(
    project, make_silver
):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    pushed = project.push(
        [make_silver("a", "In Kyiv!", KYIV), make_silver("b", "In Kyiv", (0, 2, "GPE"))]
    )
    assert [(f.document, f.verdict, f.reason) for f in pushed.findings] == [
        (
            "a",
            "different",
            "its source text has changed since the push; the server's is left as it is",
        ),
        (
            "b",
            "different",
            "its suggestions have changed since the push; the server's are left as they are",
        ),
    ]
    assert (pushed.result.clean, pushed.result.sent) == (False, 0)
    assert [(row.text, row.label) for row in project.export()] == [("In Kyiv", [[3, 7, "GPE"]])] * 2


def test_push_leaves_annotators_work_alone_and_is_clean(project, silver):
    project.push(silver("abc"))
    project.add_span("a", 0, 2, "GPE")
    project.delete_spans("b")
    project.comment("c", "hm")
    before = project.export()
    pushed = project.push(silver("abcd"))
    assert pushed.result.clean
    assert pushed.verdicts() == [
        ("a", "edited"),
        ("a", "added"),
        ("b", "edited"),
        ("b", "dropped"),
    ]
    assert pushed.findings[1].reason == "it was not sent, changed by a person after the push"
    assert project.export()[:3] == before


def test_push_says_which_label_types_are_missing_and_adds_them_when_asked(
    project, make_silver, silver
):
    project.push(silver("a"))
    project.confirm("a")
    more = [*silver("a"), make_silver("b", "In Kyiv", (0, 2, "LAW"), (3, 7, "MISC"))]
    with pytest.raises(DoccanoProjectError) as caught:
        project.push(more)
    assert caught.value.message == (
        f"project {project.name!r} ({project.id}) lacks the label types LAW, MISC"
    )
    assert caught.value.hint == (
        "add them with --add-labels, which re-opens no document; nothing was changed"
    )
    assert len(project.client.list_span_types(project.id)) == 1
    pushed = project.push(more, add_labels=True)
    assert (pushed.result.clean, pushed.result.label_types) == (True, ["LAW", "MISC"])
    assert [row.corpus_id for row in project.export(confirmed=True)] == ["a"]


def test_push_never_overwrites_a_guideline(project, silver):
    project.push(silver("a"))
    assert project.push(silver("a"), guideline="One\n").result.notes == [
        "the guideline was filled in"
    ]
    assert project.push(silver("a"), guideline="One\n").result.notes == []
    assert project.push(silver("a"), guideline="Two").result.notes == [
        "the project has another guideline already, which was not overwritten"
    ]
    assert project.client.read_project(project.id)["guideline"] == "One"


def test_push_dry_run_shows_and_changes_nothing(project, silver):
    shown = project.push(silver("ab"), dry_run=True)
    assert project.name not in names(project.client)
    assert (shown.result.documents["missing"], shown.result.label_types) == (2, ["GPE"])
    assert shown.result.clean
    project.push(silver("a"))
    shown = project.push(silver("ab"), dry_run=True, guideline="x")
    assert shown.verdicts() == [("b", "missing")]
    assert list(project.examples()) == ["a"]
    assert project.client.read_project(project.id)["guideline"] == ""


def test_push_refuses_double_ids_before_anything_is_sent(project, silver):
    with pytest.raises(DataError) as caught:
        project.push(silver("aba"))
    assert str(caught.value) == (
        "document id 'a' stands twice in the input; nothing was sent; mend the ids"
    )
    assert project.name not in names(project.client)


def test_push_needs_a_label_type(project):
    with pytest.raises(DataError) as caught:
        project.push([make_document("a", "In Kyiv")])
    assert caught.value.message.endswith(
        "no document has mentions in a layer 'silver', so the project would have no label type"
    )
    assert project.push([make_document("a", "In Kyiv")], labels=("GPE",)).result.clean


def test_push_refuses_a_project_of_another_type(project, silver):
    project.client.create_project(
        {
            "name": project.name,
            "description": "x",
            "project_type": "DocumentClassification",
            "resourcetype": "TextClassificationProject",
        }
    )
    with pytest.raises(DoccanoProjectError) as caught:
        project.push(silver("a"))
    assert caught.value.message == (
        f"project {project.name!r} ({project.id}) is of type DocumentClassification, "
        "not SequenceLabeling"
    )
    assert project.client.count_examples(project.id) == 0


def test_push_says_that_another_project_of_this_name_had_the_documents(project, silver):
    project.push(silver("a"))
    shape = project.client.read_project(project.id)
    keys = ("project_type", "resourcetype", "description", "collaborative_annotation")
    fields = {key: shape[key] for key in (*keys, "allow_overlapping")}
    other = project.client.create_project({"name": project.name, **fields})["id"]
    with pytest.raises(DoccanoTaskError) as caught:
        project.push(silver("a"), project_id=other)
    assert "in another project of this name" in caught.value.hint


def test_push_counts_documents_that_the_project_has_twice(project, silver):
    project.push(silver("a"))
    [row] = project.export()
    meta = {key: getattr(row, key) for key in row.__struct_fields__ if key.startswith("corpus_")}
    project.import_rows({"text": row.text, "label": row.label, **meta})
    pushed = project.push(silver("a"))
    assert [(f.verdict, f.reason) for f in pushed.findings] == [
        ("different", "the project has it 2 times")
    ]
    assert not pushed.result.clean
