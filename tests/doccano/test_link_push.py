import pytest

from corpus.doccano.link_examples import SHORTCUTS
from corpus.errors import DataError, DoccanoProjectError
from corpus.model import Layer, with_layer
from corpus.store import read_documents, write_documents
from tests.doccano.link_task import ENTITIES, make_gold

pytestmark = pytest.mark.server

TEXT = "Moscow spoke. The OSCE met in Kyiv.\n\nMoscow slept. Nowhere is 😀 Russia."


def places(links):
    return [example["meta"]["corpus_places"] for example in links.examples()]


def test_push_makes_the_project_as_the_design_says(links):
    pushed = links.push([make_gold("a", TEXT)])
    made = links.client.read_project(links.id)
    assert (made["project_type"], made["single_class_classification"]) == (
        "DocumentClassification",
        True,
    )
    assert (made["collaborative_annotation"], made["random_order"]) == (True, False)
    assert len(made["guideline"].splitlines()) == 12
    assert "press Enter only" in made["guideline"]
    types = links.client.list_category_types(links.id)
    assert {t["text"]: t["suffix_key"] for t in types} == SHORTCUTS
    assert [t["text"] for t in types] == list(SHORTCUTS)
    assert {t["background_color"] for t in types if t["text"].isdigit()} == {"#1565c0"}
    assert {t["background_color"] for t in types if not t["text"].isdigit()} == {"#37474f"}
    assert pushed.result.label_types == list(SHORTCUTS)
    assert pushed.result.notes == ["the project was created"]
    assert pushed.result.clean


def test_push_sends_one_example_a_decision_in_the_order_of_the_mentions(links):
    pushed = links.push([make_gold("z", TEXT), make_gold("a", "In Kyiv")])
    assert pushed.result.documents == {"given": 2, "refused": 0}
    assert pushed.result.decisions == {"stored": 6}
    assert pushed.result.mentions == {"stored": 7}
    assert places(links) == ["0-6 37-43", "18-22", "30-34", "51-58", "64-70", "3-7"]
    assert links.keys() == [["1"], ["1"], ["1"], ["NIL"], ["1"], ["1"]]
    second = links.examples()[1]
    kb = second["meta"]["corpus_kb"]
    assert second["text"].endswith(
        "1   OSCE · organisation · Q81299 · for security\n"
        "2   OSCE PA · organisation · local:osce-pa"
    )
    assert {k: v for k, v in second["meta"].items() if len(v) < 40 and k != "corpus_kb"} == {
        "corpus_label": "ORG",
        "corpus_id": "z",
        "corpus_candidates": "Q81299 local:osce-pa",
        "corpus_places": "18-22",
    }
    # The page breaks a value at blanks alone, and a wide one hides the others.
    assert max(len(word) for word in second["meta"]["corpus_mark"].split()) <= 20
    assert kb.startswith("test ")


def test_push_per_mention(links):
    links.push([make_gold("a", TEXT)], per="mention")
    assert places(links) == ["0-6", "18-22", "30-34", "37-43", "51-58", "64-70"]


def test_push_again_sends_only_what_is_missing(links):
    links.push([make_gold("a", "In Kyiv")])
    pushed = links.push([make_gold("a", "In Kyiv"), make_gold("b", "In Kyiv")])
    assert (pushed.result.sent, pushed.result.decisions) == (1, {"stored": 2})
    again = links.push(per="mention")
    assert (again.result.sent, again.result.decisions) == (0, {"stored": 2})


def test_push_dry_run_changes_nothing(links):
    pushed = links.push([make_gold("a", TEXT)], dry_run=True)
    assert pushed.result.decisions == {"missing": 5}
    assert (pushed.result.project_id, pushed.result.clean) == (None, True)
    assert links.name not in [p["name"] for p in links.client.list_projects()]


def test_push_that_was_stopped_between_batches_is_finished_by_the_next(links, monkeypatch):
    monkeypatch.setattr("corpus.doccano.link_push.BATCH_SIZE", 2)
    send = links.client.import_rows

    def stop_at_the_second(id, rows, name, **options):
        if links.client.count_examples(id):
            raise KeyboardInterrupt
        return send(id, rows, name, **options)

    monkeypatch.setattr(links.client, "import_rows", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        links.push([make_gold("a", TEXT)])
    monkeypatch.setattr(links.client, "import_rows", send)
    pushed = links.push()
    assert (pushed.result.sent, pushed.result.clean) == (3, True)
    assert places(links) == ["0-6 37-43", "18-22", "30-34", "51-58", "64-70"]


def test_push_that_was_stopped_before_its_label_types_makes_them(links, monkeypatch):
    make = links.client.create_category_type
    monkeypatch.setattr(
        links.client,
        "create_category_type",
        lambda id, fields: 1 / 0 if fields["text"] == "4" else make(id, fields),
    )
    with pytest.raises(ZeroDivisionError):
        links.push([make_gold("a", TEXT)])
    monkeypatch.undo()
    assert links.push().result.label_types == list(SHORTCUTS)[3:]


def test_push_sets_the_preselected_keys_that_an_interrupted_import_left_out(links, monkeypatch):
    links.push([make_gold("a", TEXT)])
    for number in range(4):
        links.clear(number)
    links.decide(1, comments=["look again"], confirm=False)
    links.decide(2)  # confirmed without a key: a person's doing
    create = links.client.create_category
    monkeypatch.setattr(links.client, "create_category", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        links.push()
    monkeypatch.setattr(links.client, "create_category", create)
    pushed = links.push()
    assert (pushed.result.mended, pushed.result.sent, pushed.result.clean) == (2, 0, True)
    assert pushed.result.decisions == {"edited": 2, "stored": 3}
    assert links.keys() == [["1"], [], [], ["NIL"], ["1"]]


def test_push_reports_a_key_that_did_not_arrive(links, monkeypatch):
    send = links.client.import_rows
    monkeypatch.setattr(
        links.client,
        "import_rows",
        lambda id, rows, name, **options: send(
            id, [row.replace(b'["1"]', b'["2"]') for row in rows], name, **options
        ),
    )
    pushed = links.push([make_gold("a", "In Kyiv")])
    assert not pushed.result.clean
    assert pushed.reasons() == [("a", "different", "1 was sent as its key, 2 is there")]


def test_push_counts_what_others_have_sent_meanwhile(links, monkeypatch):
    send = links.client.import_rows

    def twice(id, rows, name, **options):
        stranger = b'{"text": "a stranger", "label": ["1"]}\n'
        send(id, [stranger], "x.jsonl", **options)
        return send(id, rows, name, **options)

    monkeypatch.setattr(links.client, "import_rows", twice)
    pushed = links.push([make_gold("a", "In Kyiv")])
    assert not pushed.result.clean
    assert pushed.reasons() == [("", "count", "the project has 2 examples, 1 were expected")]
    assert pushed.result.notes[-1] == "rows that corpus did not push: 1"


def test_push_sends_places_one_by_one_where_a_split_was_confirmed(links):
    links.push([make_gold("a", TEXT)])
    links.decide(0, "SPLIT", confirm=False)
    assert links.push().result.sent == 0
    links.decide(0)
    pushed = links.push()
    assert (pushed.result.sent, pushed.result.clean) == (2, True)
    assert places(links)[5:] == ["0-6", "37-43"]
    assert links.push().result.sent == 0


def test_push_sends_mentions_that_came_since_beside_what_is_there(links):
    links.push([make_gold("a", "Kyiv, Kyiv, Moscow", {"Moscow": "GPE"})])
    pushed = links.push([make_gold("a", "Kyiv, Kyiv, Moscow")])
    assert (pushed.result.sent, pushed.result.clean) == (1, True)
    assert places(links) == ["12-18", "0-4 6-10"]


def test_push_shows_what_has_changed_and_overwrites_nothing(links):
    links.push([make_gold(id, "In Kyiv") for id in "abc"])
    links.kb = links.build(*ENTITIES, {"id": "Q1", "label": "Kyiv"}, name="other")
    gone = make_gold("b", "In Kyiv", {"In": "ORG"})
    pushed = links.push([make_gold("a", "In Kyiv!"), gone, make_gold("c", "In Kyiv")])
    assert not pushed.result.clean
    assert pushed.reasons() == [
        (
            "a",
            "different",
            "its source text has changed since the push; the server's is left as it is",
        ),
        ("b", "different", "it stands for 3-7 GPE, where no such mention is any more"),
        (
            "c",
            "different",
            "its candidates have changed since the push; the server's are left as they are",
        ),
    ]
    assert pushed.result.sent == 1  # the new mention of b


def test_push_shows_an_example_whose_text_was_changed_on_the_server(links):
    links.push([make_gold("a", "In Kyiv")])
    path = f"projects/{links.id}/examples/{links.examples()[0]['id']}"
    links.client._request("PATCH", path, json={"text": "1   Moscow"})
    assert links.push().reasons() == [
        ("a", "different", "what the annotator sees was changed on the server after the push")
    ]


def test_push_refuses_a_project_of_another_kind(links):
    fields = {"description": "ours", "tags": [], "collaborative_annotation": True}
    spans = {"project_type": "SequenceLabeling", "resourcetype": "SequenceLabelingProject"}
    made = links.client.create_project({"name": links.name, **fields, **spans})
    with pytest.raises(DoccanoProjectError) as caught:
        links.push([make_gold("a", "In Kyiv")])
    assert str(caught.value) == (
        f"project {links.name!r} ({made['id']}) is of type SequenceLabeling, not "
        "DocumentClassification; give another --project; nothing was changed"
    )
    links.client.delete_project(made["id"])
    kind = {"project_type": "DocumentClassification", "resourcetype": "TextClassificationProject"}
    made = links.client.create_project({"name": links.name, **fields, **kind})
    with pytest.raises(DoccanoProjectError) as caught:
        links.push()
    assert caught.value.message == (
        f"project {links.name!r} ({made['id']}) is not for a single class, so two keys could be "
        "chosen (single_class_classification is False)"
    )


def test_push_refuses_a_project_with_other_label_types(links):
    links.push([make_gold("a", "In Kyiv")])
    links.client.create_category_type(links.id, {"text": "sport"})
    with pytest.raises(DoccanoProjectError) as caught:
        links.push()
    assert str(caught.value) == (
        f"project {links.name!r} ({links.id}) has label types that are not of the link task: "
        "sport; give another --project; nothing was changed"
    )


def test_push_notes_a_key_that_was_changed(links):
    links.push([make_gold("a", "In Kyiv")])
    nil = next(t for t in links.client.list_category_types(links.id) if t["text"] == "NIL")
    path = f"projects/{links.id}/category-types/{nil['id']}"
    links.client._request("PATCH", path, json={"suffix_key": "z"})
    assert links.push().result.notes == ["keys were changed in the project: NIL is z"]


def test_push_refuses_candidates_of_another_knowledge_base(links):
    links.suggest([make_gold("a", "In Kyiv")])
    links.kb = links.build(*ENTITIES[:1], name="other")
    with pytest.raises(DataError, match=r"document 'a': its candidates are from test .*, --kb is "):
        links.push()


def test_push_refuses_mentions_without_candidates_double_ids_and_nothing(links):
    write_documents([make_gold("a", "In Kyiv")], links.documents)
    with pytest.raises(DataError, match="mention 3-7:GPE has no candidates"):
        links.push()
    links.suggest([make_gold("a", "In Kyiv"), make_gold("a", "In Kyiv")])
    with pytest.raises(DataError, match="document id 'a' stands twice"):
        links.push()
    links.suggest([make_gold("a", "Nothing here")])
    with pytest.raises(DataError, match="no document has mentions in a layer 'gold'"):
        links.push()
    assert links.name not in [p["name"] for p in links.client.list_projects()]


def test_push_takes_another_layer(links):
    links.suggest([make_gold("a", "In Kyiv")])
    [document] = read_documents(links.documents)
    gold = document.layers[0]
    renamed = Layer("annotator:bob", mentions=gold.mentions)
    write_documents([with_layer(document, renamed)], links.documents)
    assert links.push(layer="annotator:bob").result.decisions == {"stored": 1}
