"""The design's table of what Doccano does without a word, line by line, on the live server.

Each test shows the behaviour, or what stands on it, and that corpus neither loses nor shifts
anything over it.
"""

from __future__ import annotations

import json
import os
import re

import pytest

from corpus.doccano.client import Doccano
from corpus.doccano.mapping import encode_row, example_uuid
from corpus.doccano.projects import create_project
from corpus.doccano.readback import delete_untouched
from corpus.doccano.settings import ServerSettings
from corpus.errors import (
    DataError,
    DoccanoError,
    DoccanoProjectError,
    DoccanoTaskError,
    StoreError,
    UsageError,
)
from corpus.model import Layer, Mention, make_document

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")


def interrupt_import(project, *documents):
    """The examples of one import are stored and its spans are not, as a failure between leaves."""
    rows = []
    for document in documents:
        spans = [(m.start, m.end, m.label) for m in document.layers[0].mentions]
        mark = f"{len(documents)}:torn"
        rows.append(json.loads(encode_row(document, spans, project=project.name, batch=mark)))
    rows[-1]["label"].append([0, 2**63, "GPE"])  # more than the database can hold
    with pytest.raises(DoccanoTaskError, match=r"failed in Doccano's worker"):
        project.import_rows(*rows)


def test_row_a_all_rows_have_the_same_keys_where_others_fail_the_batch(project, make_silver):
    pushed = project.push(
        [
            make_silver("a", "In Kyiv", KYIV, title="Talks", date="2024-05-01"),
            make_silver("b", "In Kyiv", KYIV),
        ]
    )
    assert pushed.result.clean and pushed.result.documents["stored"] == 2
    refused = "CHECK constraint failed|invalid input syntax for type json"  # SQLite | PostgreSQL
    with pytest.raises(DoccanoTaskError, match=refused):
        project.import_rows({"text": "one", "x": "1"}, {"text": "two"})


def test_row_b_a_retried_import_adds_nothing_where_rows_have_our_uuid(project, make_silver):
    documents = [make_silver(id, "In Kyiv", KYIV) for id in "abc"]
    project.push(documents[:1])
    interrupt_import(project, *documents[1:])
    assert project.client.count_examples(project.id) == 3
    with pytest.raises(UsageError, match=r"^an import is of 1 to 1000 rows, not of 1001$"):
        project.client.import_rows(project.id, [b"{}\n"] * 1001, "big.jsonl")


def test_row_b_documents_nobody_sent_are_counted(project, make_silver, monkeypatch):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    send = project.client.import_rows

    def send_twice(id, rows, name, **kind):
        project.import_rows({"text": "a stranger"})
        return send(id, rows, name, **kind)

    monkeypatch.setattr(project.client, "import_rows", send_twice)
    monkeypatch.setattr(
        project, "import_rows", lambda row: send(project.id, [json.dumps(row).encode()], "x.jsonl")
    )
    pushed = project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    assert not pushed.result.clean
    assert [f.reason for f in pushed.findings] == ["the project has 3 documents, 2 were expected"]


def test_row_c_the_same_documents_again_are_not_sent_again(project, make_silver):
    documents = [make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)]
    assert project.push(documents).result.sent == 2
    again = project.push(documents)
    assert (again.result.sent, again.result.documents["stored"]) == (0, 2)
    assert project.client.count_examples(project.id) == 2


def test_row_d_a_torn_import_is_finished_by_the_next_push(project, make_silver):
    documents = [make_silver(id, "In Kyiv", KYIV) for id in "abc"]
    project.push(documents[:1])
    interrupt_import(project, *documents[1:])
    assert [row.label for row in project.export()] == [[[3, 7, "GPE"]], [], []]
    shown = project.push(documents, dry_run=True)
    assert shown.verdicts() == [("b", "lost"), ("c", "lost")]
    pushed = project.push(documents)
    assert pushed.result.notes == ["documents left without spans and sent again: 2"]
    assert pushed.result.clean and pushed.result.documents["stored"] == 3
    assert project.client.count_examples(project.id) == 3


def test_row_d_what_a_person_touches_at_the_last_moment_is_not_deleted(
    project, make_silver, monkeypatch
):
    documents = [make_silver(id, "In Kyiv", KYIV) for id in "abcd"]
    project.push(documents[:1])
    interrupt_import(project, *documents[1:])

    def touch_and_delete(client, id, lost):
        project.add_span("b", 0, 2, "GPE")
        project.confirm("c")
        return delete_untouched(client, id, lost)

    monkeypatch.setattr("corpus.doccano.push.delete_untouched", touch_and_delete)
    pushed = project.push(documents)
    assert pushed.result.notes == ["documents left without spans and sent again: 1"]
    assert [row.corpus_id for row in project.export()] == list("abcd")
    assert pushed.verdicts() == [("b", "unclear"), ("c", "unclear")]
    monkeypatch.undo()
    assert project.push(documents, repair=True).result.clean
    again = project.push(documents)
    assert again.verdicts() == [("b", "edited"), ("b", "added")]
    assert project.pull().spans("b") == [(0, 2, "GPE"), KYIV]
    assert [row.corpus_id for row in project.export(confirmed=True)] == ["c"]


def test_row_d_a_known_uuid_fails_its_batch_with_a_message_that_says_so(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    row = {"example_uuid": example_uuid(project.name, "a"), "text": "x", "label": []}
    with pytest.raises(DoccanoTaskError) as caught:
        project.import_rows(row)
    refused = "UNIQUE constraint failed|violates unique constraint"  # SQLite | PostgreSQL
    assert re.search(refused, caught.value.message)
    assert caught.value.hint.startswith("a document of this batch is there already")


def test_row_d_what_a_person_touched_is_listed_and_repair_decides(project, make_silver):
    documents = [make_silver(id, "In Kyiv", KYIV) for id in "abcd"]
    project.push(documents[:1])
    interrupt_import(project, *documents[1:])
    project.comment("b", "is this one?")
    project.confirm("c")
    pushed = project.push(documents)
    assert not pushed.result.clean
    assert pushed.verdicts() == [("b", "unclear"), ("c", "unclear")]
    assert len(project.examples()) == 4

    repaired = project.push(documents, repair=True)
    assert repaired.result.clean
    assert repaired.result.documents["stored"] == 3
    assert repaired.result.documents["kept without suggestions"] == 1
    pulled = project.pull()
    assert (pulled.spans("b"), pulled.layer("b").comments) == ([KYIV], ("is this one?",))
    assert (pulled.spans("c"), pulled.layer("c").state) == ([], "confirmed")


def test_row_d_suggestions_that_a_person_deleted_are_not_sent_again(project, make_silver):
    documents = [make_silver(id, "In Kyiv", KYIV) for id in "abc"]
    project.push(documents)
    project.delete_spans("b")
    pushed = project.push(documents)
    assert pushed.result.clean
    assert pushed.verdicts() == [("b", "edited"), ("b", "dropped")]
    assert project.pull().spans("b") == []


def test_row_e_overlapping_spans_are_kept_or_the_project_is_refused(project, make_silver):
    document = make_silver("a", "In Kyiv city", KYIV, (3, 12, "GPE"), (3, 7, "ORG"))
    assert project.push([document]).result.spans["stored"] == 3
    project.change(allow_overlapping=False)
    with pytest.raises(DoccanoProjectError, match="does not allow overlapping spans"):
        project.push([document])


def test_row_f_spans_that_doccano_drops_or_doubles_are_refused_before(project, make_silver):
    twin = Mention(id="twin", start=3, end=7, label="GPE")
    document = make_silver("a", "In Kyiv", KYIV)
    [layer] = document.layers
    twins = make_document(
        "a", document.text, layers=(Layer("silver", mentions=(*layer.mentions, twin)),)
    )
    pushed = project.push([twins])
    assert [(f.verdict, f.reason) for f in pushed.findings] == [
        ("refused", "another mention has the same span and label")
    ]
    assert [row.label for row in project.export()] == [[[3, 7, "GPE"]]]
    for span in [(3, 3, "GPE"), (5, 3, "GPE"), (3, 8, "GPE")]:
        with pytest.raises(StoreError, match="lies outside the text of 7 code points"):
            project.push([make_silver("b", "In Kyiv", span)])


def test_row_f_a_span_past_the_end_is_a_listed_reject_of_pull(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.add_span("a", 3, 99, "GPE")
    pulled = project.pull()
    assert pulled.spans("a") == [KYIV]
    [reject] = pulled.rejects
    assert (reject["document"], reject["mention"]) == ("a", "3-99:GPE")
    assert reject["reason"] == "span 3-99 lies outside a text of 7 units"


def test_row_g_metadata_of_others_cannot_take_the_place_of_ours(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.import_rows({"text": "theirs", "id": "a", "data": "other text"})
    pulled = project.pull()
    assert pulled.spans("a") == [KYIV]
    assert [reject["reason"] for reject in pulled.rejects] == [
        "it was not pushed by corpus: it has no corpus_id"
    ]


def test_row_h_ids_that_look_like_numbers_and_dates_come_back_as_they_were(project, make_silver):
    ids = [
        "007",
        "NaN",
        "1e5",
        "2024-01-01",
        "null",
        "True",
        "1.0",
        "∞",
        "a/b c",
        "-0",
        ""[:0] or "0",
    ]
    project.push([make_silver(id, f"In Kyiv {id}", KYIV) for id in ids])
    pulled = project.pull(given=False)
    assert list(pulled.documents) == ids
    assert all(pulled.spans(id) == [KYIV] for id in ids)


def test_row_i_confirmed_touched_and_untouched_are_three_states(project, make_silver):
    ids = ["untouched", "commented", "added", "deleted", "confirmed"]
    project.push([make_silver(id, "In Kyiv", KYIV) for id in ids])
    project.comment("commented", "hm")
    project.add_span("added", 0, 2, "GPE")
    project.delete_spans("deleted")
    project.confirm("confirmed")
    pulled = project.pull()
    assert {id: pulled.layer(id).state for id in ids} == {
        "untouched": "untouched",
        "commented": "touched",
        "added": "touched",
        "deleted": "touched",
        "confirmed": "confirmed",
    }
    assert pulled.stage and pulled.stage.manifest.notes["without_their_suggestions"] == 1


@pytest.fixture
def bob(client, settings, request) -> Doccano:
    """A second person's session."""
    name = f"bob{os.urandom(4).hex()}"
    password = f"pw-{os.urandom(8).hex()}"
    fields = {"username": name, "password1": password, "password2": password}
    client._request("POST", "users/create", json=fields)
    return Doccano(ServerSettings(settings.url, name, password), time_limit=60)


def join(project, person) -> int:
    """The id of the person, who may annotate in the project from now on."""
    roles = {role["name"]: role["id"] for role in project.client._json("GET", "roles")}
    user = person._json("GET", "me")["id"]
    fields = {"user": user, "role": roles["annotator"]}
    project.client._request("POST", f"projects/{project.id}/members", json=fields)
    return int(user)


def test_row_j_a_project_that_is_not_shared_is_pulled_by_its_export(project, make_silver, bob):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    join(project, bob)
    project.change(collaborative_annotation=False)
    example = project.examples()["a"]["id"]
    [label] = project.client.list_span_types(project.id)
    bob.create_span(project.id, example, 0, 2, label["id"])
    bob.confirm_example(project.id, example)
    assert len(project.client.list_spans(project.id, example)) == 1  # an administrator's own
    pulled = project.pull()
    admin, other = (f"annotator:{person.username}" for person in (project.client, bob))
    assert (pulled.spans("a", admin), pulled.layer("a", admin).state) == ([KYIV], "untouched")
    assert pulled.spans("a", other) == [(0, 2, "GPE")]
    assert pulled.layer("a", other).state == "confirmed"
    with pytest.raises(UsageError, match=r"--annotator eve: no member of the project"):
        project.pull(annotator="eve")


def test_row_k_push_refuses_a_project_where_annotators_see_no_suggestions(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.change(collaborative_annotation=False)
    with pytest.raises(DoccanoProjectError, match="is not shared, so annotators would not see"):
        project.push([make_silver("b", "In Kyiv", KYIV)])
    assert len(project.examples()) == 1


def test_row_l_annotations_that_go_with_a_user_stop_the_next_pull(project, make_silver, bob):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    user = join(project, bob)
    bob.confirm_example(project.id, project.examples()["a"]["id"])
    first = project.pull()
    assert first.layer("a").state == "confirmed"
    answer = project.client._wire.session.post(
        f"{project.client.url}/admin/auth/user/{user}/delete/", data={"post": "yes"}
    )
    assert answer.ok
    before = sorted(p.name for p in (project.folder / "pulled").iterdir())
    with pytest.raises(DataError) as caught:
        project.pull()
    assert caught.value.message.endswith(
        "this pull would lose annotator:ann of 'a' (not confirmed any more)"
    )
    assert sorted(p.name for p in (project.folder / "pulled").iterdir()) == before
    assert len(list((project.folder / "pulled" / "snapshots").iterdir())) == 3
    forced = project.pull(force=True)
    assert forced.layer("a").state == "untouched"


def test_row_m_spans_that_a_machine_put_into_the_layer_come_back_in_it(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.add_span("a", 0, 2, "GPE")  # over the API, as auto-labelling does
    pulled = project.pull()
    assert pulled.spans("a") == [(0, 2, "GPE"), KYIV]
    assert pulled.layer("a").state == "touched"
    with pytest.raises(DoccanoError, match="answered 400"):  # an unknown label type is none
        project.client.create_span(project.id, project.examples()["a"]["id"], 0, 2, 10**9)


def test_row_n_text_that_is_not_ascii_arrives_because_the_encoding_is_said(project, make_silver):
    text = "Київ 北京 القاهرة naïve"
    project.push([make_silver("a", text, (0, 4, "GPE"), (5, 7, "GPE"))])
    pulled = project.pull(given=False)
    assert pulled.documents["a"].text == text
    assert pulled.spans("a") == [(0, 4, "GPE"), (5, 7, "GPE")]


def test_row_o_line_ends_blanks_and_separators_survive_and_an_empty_export_is_empty(
    project, make_silver
):
    text = " \t a\r\nb\u2028c\u0085d\u2029e\rf\x0bg\x0ch\x1ci\ufeff\n "
    project.push([make_silver("a", text, (3, 4, "X")), make_silver("b", "x")])
    pulled = project.pull(given=False)
    assert pulled.documents["a"].text == text
    assert pulled.spans("a") == [(3, 4, "X")]
    assert project.export(confirmed=True) == []


SMILE = "Smile 😀😀 cafe\u0301 then OSCE"


def test_row_p_offsets_are_utf16_units_on_the_server_and_code_points_here(project, make_silver):
    start = SMILE.index("OSCE")
    assert start == 20
    project.push([make_silver("a", SMILE, (start, start + 4, "ORG"))])
    [row] = project.export()
    assert row.label == [[22, 26, "ORG"]]
    assert project.pull().spans("a") == [(20, 24, "ORG")]


def test_row_p_offsets_of_a_grapheme_project_are_converted_by_the_page_s_rules(
    project, make_silver
):
    project.push([make_silver("a", SMILE)], labels=("ORG",))
    project.change(grapheme_mode=True)
    project.add_span("a", 19, 23, "ORG")
    assert project.pull().spans("a") == [(20, 24, "ORG")]
    with pytest.raises(DoccanoProjectError, match="counts graphemes, which push does not"):
        project.push([make_silver("b", SMILE)])


def test_row_q_a_worker_that_is_not_there_is_named_within_the_time_limit(
    project, make_silver, doccano_without_worker
):
    project.client.time_limit = 1
    with pytest.raises(DoccanoTaskError) as caught:
        project.push([make_silver("a", "In Kyiv", KYIV)])
    assert "did not end within 1 s" in caught.value.message
    assert caught.value.hint == (
        "see that Doccano's worker (`doccano task`) runs and its disk has room, then run this again"
    )


def test_row_r_lists_are_whole_past_the_first_page(project, make_silver, monkeypatch):
    project.push([make_silver(f"{n:02}", "In Kyiv") for n in range(12)], labels=("GPE",))
    assert len(project.examples()) == 12  # Doccano's own page has a handful
    monkeypatch.setattr("corpus.doccano.client.PAGE_SIZE", 5)
    assert list(project.examples()) == [f"{n:02}" for n in range(12)]


def test_row_s_the_metadata_that_annotators_see_is_short_and_all_strings(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV, title="Long " * 99, date="2024-05-01")])
    meta = project.examples()["a"]["meta"]
    # PostgreSQL keeps no order of keys; that of a row is tested without a server.
    assert sorted(meta) == ["corpus_date", "corpus_id", "corpus_mark", "corpus_title"]
    assert all(isinstance(value, str) and len(value) <= 100 for value in meta.values())
    # The page breaks a value at blanks alone: a longer word would push the title out of sight.
    assert max(len(word) for word in meta["corpus_mark"].split()) <= 20


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("GPE", "x" * 101), "label 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' has 101 characters"),
        (("GPE", "ORG "), "label 'ORG ' begins or ends with a blank"),
        (("GPE", "gpe"), "labels 'GPE' and 'gpe' differ only in case"),
        (("GPE", "A\tB"), "label 'A\\tB' has a character that cannot be shown"),
    ],
)
def test_row_t_label_names_that_doccano_mangles_stop_before_anything_is_sent(
    project, make_silver, labels, message
):
    with pytest.raises(DataError) as caught:
        project.push([make_silver("a", "In Kyiv", KYIV)], labels=labels)
    assert caught.value.message.startswith(message)
    assert project.name not in [one["name"] for one in project.client.list_projects()]


def test_row_t_empty_and_unstorable_texts_are_listed_and_the_rest_is_sent(project, make_silver):
    pushed = project.push(
        [make_silver("empty", ""), make_silver("nul", "a\0b"), make_silver("a", "In Kyiv", KYIV)]
    )
    assert [(f.document, f.reason) for f in pushed.findings] == [
        ("empty", "the text is empty, and Doccano stores no empty text"),
        ("nul", "U+0000 at offset 1 cannot be stored by every server"),
    ]
    assert list(project.examples()) == ["a"]


def test_row_u_confirming_twice_leaves_it_confirmed(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    project.confirm("a")
    project.confirm("a")
    assert project.client.is_confirmed(project.id, project.examples()["a"]["id"])


def test_row_v_an_empty_list_to_delete_is_refused(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    with pytest.raises(UsageError, match=r"^no example to delete is named, and Doccano would"):
        project.client.delete_examples(project.id, [])
    assert len(project.examples()) == 2
    project.client.delete_examples(project.id, [project.examples()["a"]["id"]])
    assert list(project.examples()) == ["b"]


def test_row_w_of_two_projects_made_at_once_the_older_is_used(project):
    first = create_project(project.client, project.name, "")
    assert create_project(project.client, project.name, "")["id"] == first["id"]
    assert project.id == first["id"]  # and it is the only one


def test_row_w_two_projects_of_one_name_are_told_apart_by_their_ids(project, make_silver):
    document = make_silver("a", "In Kyiv", KYIV)
    first = project.push([document]).result.project_id
    shape = project.client.read_project(first)
    second = project.client.create_project(
        {key: shape[key] for key in ("name", "project_type", "resourcetype", "description")}
    )["id"]
    # An empty one of our own making is what an interrupted push left.
    assert project.push([document]).result.project_id == first
    project.client.update_project(
        second, {"description": "by hand", "resourcetype": shape["resourcetype"]}
    )
    with pytest.raises(DoccanoProjectError) as caught:
        project.push([document])
    assert caught.value.message.endswith(f"with the ids {first}, {second}")
    assert caught.value.hint == "choose one with --project-id"
    assert project.push([document], project_id=first).result.documents["stored"] == 1
    with pytest.raises(DoccanoProjectError, match=f"^project 0 is not named '{project.name}'"):
        project.push([document], project_id=0)


def test_row_x_a_text_changed_on_the_server_is_a_reject_and_never_moves_a_span(
    project, make_silver
):
    project.push([make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV)])
    path = f"projects/{project.id}/examples/{project.examples()['a']['id']}"
    project.client._request("PATCH", path, json={"text": "Now in Kyiv"})
    for given in (True, False):
        pulled = project.pull(given=given, folder=f"pulled-{given}")
        assert [(one["document"], one["reason"]) for one in pulled.rejects] == [
            (
                "a",
                "its text on the server is not that of the document, so its spans may be shifted"
                if given
                else "its text was changed on the server after the push",
            )
        ]
        assert pulled.spans("b") == [KYIV]
        assert ("a" in pulled.documents) == given
    pushed = project.push([make_silver("a", "In Kyiv", KYIV)])
    assert [(f.verdict, f.reason) for f in pushed.findings] == [
        ("different", "its text was changed on the server after the push")
    ]


def test_row_y_all_comments_come_into_the_layer(project, make_silver):
    project.push([make_silver("a", "In Kyiv", KYIV)])
    for text in ("kb:Q1899", "is that right?", "kb:Q212"):
        project.comment("a", text)
    assert sorted(project.pull().layer("a").comments) == ["is that right?", "kb:Q1899", "kb:Q212"]


def test_row_z_a_label_posted_twice_is_stored_twice_so_repair_reads_first(project, make_silver):
    documents = [make_silver("a", "In Kyiv", KYIV), make_silver("b", "In Kyiv", KYIV, (0, 2, "X"))]
    project.push(documents[:1], labels=("GPE", "X"))
    project.add_span("a", *KYIV)
    assert [row.label for row in project.export()] == [[[3, 7, "GPE"], [3, 7, "GPE"]]]
    interrupt_import(project, documents[1])
    project.comment("b", "mine")
    assert project.push(documents, repair=True).result.documents["stored"] == 1
    project.push(documents, repair=True)
    assert [row.label for row in project.export()][1] == [[0, 2, "X"], [3, 7, "GPE"]]
