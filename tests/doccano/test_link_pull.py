import pytest
from filelock import FileLock

from corpus.doccano.pull import OUTPUT
from corpus.errors import DataError, DoccanoProjectError, UsageError
from corpus.kb.build import build_kb
from corpus.kb.knowledge_base import KB
from corpus.manifest import manifest_path, rejects_path
from corpus.model import NIL, Layer, Link, Mention, make_document, with_ids, with_layer
from corpus.store import read_documents, write_documents
from tests.doccano.link_task import ENTITIES, make_gold
from tests.doccano.test_pull import naughty_strings

pytestmark = pytest.mark.server

# Decisions of TEXT in the order of the page: 0 Moscow twice, 1 OSCE, 2 Kyiv, 3 Nowhere, 4 Russia.
TEXT = "Moscow spoke. The OSCE met in Kyiv.\n\nMoscow slept. Nowhere is 😀 Russia."
MOSCOW = ("0-6:GPE", "37-43:GPE")


@pytest.fixture
def pushed(links):
    links.push([make_gold("a", TEXT)])
    return links


def confirm_all(links):
    for number in range(len(links.examples())):
        links.decide(number)


def test_pull_brings_every_kind_of_decision_back_to_its_mentions(pushed):
    pushed.decide(0, comments=["meto:Q159", "the Kremlin, rather"])
    pushed.decide(1, "2")
    pushed.decide(2, "BAD SPAN")
    pushed.decide(3)
    pushed.decide(4, "OTHER", comments=["kb:Q649"])
    pulled = pushed.pull()
    assert pulled.rejects == []
    assert pulled.said("a") == {
        "0-6:GPE": ("1", ["Q649", "Q159"]),
        "18-22:ORG": ("2", ["local:osce-pa"]),
        "30-34:GPE": ("BAD SPAN", []),
        "37-43:GPE": ("1", ["Q649", "Q159"]),
        "51-58:GPE": ("NIL", [NIL]),
        "64-70:GPE": ("OTHER", ["Q649"]),
    }
    layer = pulled.layer("a")
    assert (layer.state, layer.round) == ("confirmed", 1)
    assert layer.comments == ("0-6 Moscow: comment: the Kremlin, rather",)
    kb = KB(pushed.kb).info
    assert layer.mentions[0].links == (
        Link("Q649", "literal", kb.name, kb.hash),
        Link("Q159", "metonymic", kb.name, kb.hash),
    )
    assert pulled.stage.documents.problems() == pulled.stage.mentions.problems() == []
    assert pulled.stage.mentions.added == 6
    notes = {name: count for name, count in pulled.stage.manifest.notes.items() if count}
    one = {"ann.1": {"confirmed": 1, "touched": 0, "untouched": 0}}
    assert notes == {"confirmed": 1, "judged": 6, "by_annotator": one}


def test_pull_finds_every_place_of_every_naughty_string(links):
    documents = []
    for number, text in enumerate(naughty_strings()):
        if not text or "\0" in text:
            continue
        places = sorted({(0, len(text)), (0, 1), (len(text) - 1, len(text))})
        labels = ("NaN", "null", " 007 ")
        mentions = with_ids(Mention("", s, e, label) for s, e in places for label in labels)
        documents.append(
            make_document(f"{number:03}", text, layers=(Layer("gold", mentions=mentions),))
        )
    pushed = links.push(documents)
    assert pushed.findings == []
    assert pushed.result.clean
    pulled = links.pull()
    assert pulled.rejects == []
    for document in documents:
        told = [(m.id, m.start, m.end, m.label) for m in pulled.layer(document.id).mentions]
        gold = document.layers[0].mentions
        assert told == [(m.id, m.start, m.end, m.label) for m in gold]
        assert pulled.layer(document.id).state == "untouched"


def test_pull_keeps_all_that_the_documents_have(pushed):
    [before] = read_documents(pushed.documents)
    after = pushed.pull().documents["a"]
    assert after.layers[:-1] == before.layers
    assert (after.text, after.meta, after.tokens) == (before.text, before.meta, before.tokens)


def test_pull_tells_confirmed_touched_and_untouched_apart(links):
    links.push([make_gold(id, "Kyiv, Moscow") for id in "abcde"])
    links.decide(0)
    links.decide(1)
    links.decide(2)
    links.decide(4, "NIL", confirm=False)
    links.decide(6, comments=["who?"], confirm=False)
    pulled = links.pull()
    states = [pulled.layer(id).state for id in "abcde"]
    assert states == ["confirmed", "touched", "touched", "touched", "untouched"]
    nobody = {"0-4:GPE": ("", []), "6-12:GPE": ("", [])}
    assert pulled.said("b") == {**nobody, "0-4:GPE": ("1", ["Q1899"])}
    # Preselected, changed or commented, but not confirmed: nobody has judged it.
    assert pulled.said("c") == pulled.said("d") == pulled.said("e") == nobody
    assert pulled.layer("d").comments == ("0-4 Kyiv: comment: who?",)


@pytest.mark.parametrize(
    ("keys", "comments", "reason"),
    [
        (["7"], [], "key 7 was chosen, and there are only 2 candidates"),
        (["OTHER"], [], "OTHER was chosen without a comment like kb:Q81299"),
        (["OTHER"], ["the city"], "OTHER was chosen without a comment like kb:Q81299"),
        (["OTHER"], ["kb:Q0"], "Q0 came by comment and is not in the knowledge base"),
        (["1"], ["meto:Q0"], "Q0 came by comment and is not in the knowledge base"),
        (["SPLIT"], [], "SPLIT was chosen for a single place"),
    ],
)
def test_pull_lists_what_is_no_decision(links, keys, comments, reason):
    links.push([make_gold("a", "The OSCE")])
    links.decide(0, *keys, comments=comments)
    pulled = links.pull()
    assert pulled.said("a") == {"4-8:ORG": ("", [])}
    [reject] = pulled.rejects
    assert (reject["layer"], reject["mention"], reject["reason"]) == (
        "annotator:ann",
        "4-8:ORG",
        reason,
    )
    assert reject["where"] == f"example {links.examples()[0]['id']}"
    assert reject["before"] == {
        "start": 4,
        "end": 8,
        "label": "ORG",
        "keys": keys,
        "comments": comments,
        "candidates": ["Q81299", "local:osce-pa"],
    }
    assert pulled.stage.mentions.problems() == []


def test_pull_lists_no_key_and_two_keys(pushed):
    pushed.clear(1)
    pushed.decide(1)
    fields = {"single_class_classification": False, "resourcetype": "TextClassificationProject"}
    pushed.client.update_project(pushed.id, fields)
    pushed.decide(0, "2", "NIL")
    pulled = pushed.pull()
    assert pulled.reasons() == [
        ("0-6:GPE", "several keys were chosen: 1, 2, NIL"),
        ("37-43:GPE", "several keys were chosen: 1, 2, NIL"),
        ("18-22:ORG", "no key was chosen"),
    ]
    assert all(links == [] for _, links in pulled.said("a").values())


def test_pull_keeps_a_choice_whose_candidate_has_left_the_knowledge_base(pushed):
    confirm_all(pushed)
    now = pushed.build(*ENTITIES[1:], name="now")
    pulled = pushed.pull(kb=now)
    assert pulled.said("a")["0-6:GPE"] == ("1", ["Q649"])
    assert pulled.layer("a").mentions[0].links[0].kb_hash == KB(pushed.kb).info.hash
    assert pulled.layer("a").comments == (
        "0-6 Moscow: Q649 has left the knowledge base since the push",
    )


def test_pull_follows_a_redirected_id_and_refuses_a_deleted_one(pushed):
    pushed.decide(0, "OTHER", comments=["kb:Q6490"])
    pushed.decide(1, comments=["meto:Q1590"])
    pushed.decide(2, "OTHER", comments=["kb:Q1"])
    table = pushed.folder / "redirects.tsv"
    table.write_text("Q6490\tQ649\nQ1590\tQ159\nQ1\tQ2\n")
    sources = [pushed.folder / "test.jsonl", f"redirects:{table}"]
    build_kb(sources, pushed.folder / "later.kb")
    pulled = pushed.pull(kb=pushed.folder / "later.kb")
    assert [pulled.said("a")[id] for id in MOSCOW] == [("OTHER", ["Q649"])] * 2
    assert pulled.said("a")["18-22:ORG"] == ("1", ["Q81299", "Q159"])
    assert [(one["mention"], one["reason"]) for one in pulled.repairs] == [
        ("0-6:GPE", "the comment kb:Q6490 means Q649: later redirects it there"),
        ("18-22:ORG", "the comment meto:Q1590 means Q159: later redirects it there"),
        ("37-43:GPE", "the comment kb:Q6490 means Q649: later redirects it there"),
    ]
    assert pulled.repairs[0]["before"] == {"keys": ["OTHER"], "comments": ["kb:Q6490"]}
    assert pulled.reasons() == [
        ("30-34:GPE", "Q1 came by comment and is not in the knowledge base")
    ]
    counts = pulled.stage.mentions
    assert (counts.repaired, counts.rejected, counts.added, counts.problems()) == (3, 1, 3, [])
    # The layer is in the given documents already: none of its mentions is added or received anew.
    [document] = pulled.documents.values()
    write_documents([document], pushed.documents)
    again = pushed.pull(kb=pushed.folder / "later.kb").stage.mentions
    assert (again.repaired, again.added, again.written, again.problems()) == (3, 0, 18, [])


def test_pull_takes_a_key_for_what_it_meant_when_it_was_pressed(pushed):
    """A later knowledge base ranks otherwise; the frozen list says what 1 was."""
    pushed.decide(1)
    moved = [{**one, "count": 90} if one["id"] == "local:osce-pa" else one for one in ENTITIES]
    pushed.kb = pushed.build(*moved, name="moved")
    pushed.suggest([make_gold("a", TEXT)])
    pulled = pushed.pull()
    assert pulled.said("a")["18-22:ORG"] == ("1", ["Q81299"])


def test_pull_lets_the_decision_for_one_place_count_before_the_one_that_was_split(pushed):
    confirm_all(pushed)
    pushed.decide(0, "SPLIT")
    waiting = pushed.pull()
    assert [waiting.said("a")[id] for id in MOSCOW] == [("SPLIT", [])] * 2
    assert waiting.layer("a").state == "touched"
    assert waiting.stage.manifest.notes["to_split_by_the_next_push"] == 1
    assert waiting.stage.manifest.notes["judged"] == 4
    pushed.push()
    pushed.decide(6, "OTHER", comments=["kb:Q159"])
    half = pushed.pull()
    assert [half.said("a")[id] for id in MOSCOW] == [("", []), ("OTHER", ["Q159"])]
    assert half.layer("a").state == "touched"
    pushed.decide(5)
    whole = pushed.pull()
    assert [whole.said("a")[id] for id in MOSCOW] == [("1", ["Q649"]), ("OTHER", ["Q159"])]
    assert whole.layer("a").state == "confirmed"
    assert whole.rejects == []


def test_pull_lists_places_that_are_gone_and_takes_the_others(pushed):
    confirm_all(pushed)
    [document] = read_documents(pushed.documents)
    gold = document.layers[0]
    kept = tuple(m for m in gold.mentions if m.id != "37-43:GPE")
    added = Mention("late", 44, 49, "MISC")
    fewer = Layer("gold", mentions=with_ids([*kept, added]))
    write_documents([with_layer(document, fewer)], pushed.documents)
    pulled = pushed.pull()
    assert pulled.reasons() == [("37-43:GPE", "no such mention is there any more")]
    assert pulled.said("a")["0-6:GPE"] == ("1", ["Q649"])
    assert pulled.said("a")["late"] == ("", [])
    assert pulled.layer("a").state == "touched"  # nobody was asked about the new one


def test_pull_refuses_what_was_pushed_for_another_text(pushed):
    confirm_all(pushed)
    write_documents([make_gold("a", TEXT + "!")], pushed.documents)
    pulled = pushed.pull()
    assert [layer.name for layer in pulled.documents["a"].layers] == ["gold"]
    assert {reason for _, reason in pulled.reasons()} == {
        "its document's text is another than the one that was pushed"
    }
    assert (pulled.stage.mentions.rejected, pulled.stage.documents.rejected) == (6, 0)


def test_pull_refuses_an_example_whose_text_was_changed_on_the_server(links):
    links.push([make_gold("a", "Kyiv, Moscow")])
    confirm_all(links)
    path = f"projects/{links.id}/examples/{links.examples()[0]['id']}"
    links.client._request("PATCH", path, json={"text": "1   Rome"})
    pulled = links.pull()
    assert pulled.reasons() == [
        ("0-4:GPE", "what the annotator sees was changed on the server after the push")
    ]
    assert pulled.said("a") == {"0-4:GPE": ("", []), "6-12:GPE": ("1", ["Q649"])}


def test_pull_lists_strangers_and_documents_that_are_not_given(links):
    links.push([make_gold("a", "In Kyiv"), make_gold("b", "Kyiv, Moscow")])
    kind = "DocumentClassification"
    links.client.import_rows(
        links.id, [b'{"text": "a stranger", "label": ["1"]}\n'], "x", kind=kind
    )
    write_documents([make_gold("a", "In Kyiv")], links.documents)
    pulled = links.pull()
    stranger = links.examples()[-1]["id"]
    assert [(one["document"], one["reason"]) for one in pulled.rejects] == [
        (f"doccano:{stranger}", "it was not pushed by corpus as a link to decide"),
        ("b", "it is not among the given documents"),
    ]
    counts = pulled.stage.documents
    assert (counts.received, counts.kept, counts.rejected) == (3, 1, 2)
    assert pulled.stage.mentions.rejected == 2


def test_pull_with_nothing_new_leaves_everything_untouched_and_gives_the_same_bytes(pushed):
    confirm_all(pushed)
    pushed.pull()
    output = pushed.folder / "links" / OUTPUT
    before = output.read_bytes()
    assert pushed.pull().stage is None
    assert pushed.pull(force=True).stage is not None
    assert output.read_bytes() == before


def test_pull_that_was_stopped_leaves_the_earlier_and_is_finished_by_the_next(pushed, monkeypatch):
    pushed.pull()
    output = pushed.folder / "links" / OUTPUT
    before, manifest = output.read_bytes(), manifest_path(output).read_bytes()
    confirm_all(pushed)
    with monkeypatch.context() as patch:
        patch.setattr("corpus.doccano.link_source.read_layer", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pushed.pull()
    assert (output.read_bytes(), manifest_path(output).read_bytes()) == (before, manifest)
    assert pushed.pull().layer("a").state == "confirmed"


def test_pull_that_would_lose_a_confirmed_layer_stops(pushed):
    confirm_all(pushed)
    pushed.pull()
    example = pushed.examples()[0]["id"]
    pushed.client._request("POST", f"projects/{pushed.id}/examples/{example}/states", json={})
    with pytest.raises(DataError, match="would lose annotator:ann of 'a'"):
        pushed.pull()
    assert pushed.pull(force=True).layer("a").state == "touched"


def test_pull_of_two_annotators_into_one_folder(pushed):
    confirm_all(pushed)
    pushed.pull()
    bob = pushed.name.replace(".ann.1", ".bob.1")
    ann, pushed.name = pushed.name, bob
    pushed.push()
    pushed.decide(0, "NIL")
    both = pushed.pull()
    assert both.layer("a").state == "confirmed"
    assert both.layer("a", "annotator:bob").mentions[0].links[0].target == NIL
    pushed.name = ann
    names = [layer.name for layer in pushed.pull(documents=None).documents["a"].layers]
    assert names == ["gold", "silver", "annotator:ann", "annotator:bob"]


def test_pull_waits_for_no_other_pull(pushed):
    (pushed.folder / "links").mkdir()
    with (
        FileLock(pushed.folder / "links" / ".lock"),
        pytest.raises(UsageError, match="another pull is working there"),
    ):
        pushed.pull()


def test_pull_refuses_a_project_that_is_not_shared_or_not_there(pushed):
    fields = {"collaborative_annotation": False, "resourcetype": "TextClassificationProject"}
    pushed.client.update_project(pushed.id, fields)
    with pytest.raises(DoccanoProjectError, match="is not shared"):
        pushed.pull()
    pushed.name += "x"
    with pytest.raises(DoccanoProjectError, match="`corpus push` makes one"):
        pushed.pull()
    assert not rejects_path(pushed.folder / "links" / OUTPUT).exists()
