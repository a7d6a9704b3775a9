"""A pull of all annotators' passes of a project at once, from the live server."""

import pytest

from corpus.doccano.annotators import share_mark
from corpus.doccano.history import EarlierLayer
from corpus.doccano.pull import OUTPUT
from corpus.errors import DataError, DoccanoProjectError, UsageError
from corpus.store import read_records, write_documents

pytestmark = pytest.mark.server

KYIV = (3, 7, "GPE")


@pytest.fixture
def family(project, make_silver):
    """The passes `ann.1`, `ann.2` and `bob.1` of one project, and `all` of them to pull."""
    base = project.name.removesuffix(".ann.1")
    documents = [make_silver(id, "In Kyiv", KYIV) for id in ("a", "b", "c")]
    shares = {"ann.1": documents, "ann.2": documents[:1], "bob.1": documents[1:]}
    made = {}
    for share, part in shares.items():
        annotator, round = share.split(".")
        made[share] = type(project)(project.client, f"{base}.{share}", project.folder / share)
        made[share].folder.mkdir()
        made[share].push(part, description=share_mark(base, annotator, int(round), 7))
    made["all"] = type(project)(project.client, base, project.folder)
    return made


def layers(pulled):
    return {
        id: [(layer.name, layer.round, layer.state) for layer in document.layers]
        for id, document in pulled.documents.items()
    }


def test_pull_finds_every_annotator_and_pass(family):
    family["ann.1"].confirm("a")
    family["ann.2"].add_span("a", 0, 2, "GPE")
    family["bob.1"].comment("c", "where?")
    pulled = family["all"].pull(given=False)
    assert layers(pulled) == {
        "a": [("annotator:ann", 1, "confirmed"), ("annotator:ann", 2, "touched")],
        "b": [("annotator:ann", 1, "untouched"), ("annotator:bob", 1, "untouched")],
        "c": [("annotator:ann", 1, "untouched"), ("annotator:bob", 1, "touched")],
    }
    assert pulled.documents["c"].layers[1].comments == ("where?",)
    assert pulled.rejects == []
    assert pulled.stage.manifest.notes["by_annotator"] == {
        "ann.1": {"confirmed": 1, "touched": 0, "untouched": 2},
        "ann.2": {"confirmed": 0, "touched": 1, "untouched": 0},
        "bob.1": {"confirmed": 0, "touched": 1, "untouched": 1},
    }
    assert pulled.stage.documents.problems() == pulled.stage.mentions.problems() == []
    assert family["all"].pull(given=False).stage is None


def test_pull_of_one_annotator_leaves_the_layers_of_others(family):
    family["all"].pull(given=False)
    family["bob.1"].confirm("b")
    family["ann.1"].confirm("b")
    pulled = family["all"].pull(given=False, annotator="bob")
    assert layers(pulled)["b"] == [
        ("annotator:ann", 1, "untouched"),
        ("annotator:bob", 1, "confirmed"),
    ]
    # The archives behind all layers stay named, so that nothing new is nothing to do.
    assert family["all"].pull(given=False, annotator="bob").stage is None
    with pytest.raises(UsageError) as caught:
        family["all"].pull(given=False, annotator="eve")
    name = family["all"].name
    assert str(caught.value) == (
        f"--annotator eve: has no project '{name}.eve.1'; {name!r} is annotated by: ann, bob"
    )


def test_pull_finds_a_renamed_project_and_says_so(family):
    family["bob.1"].change(name="Bob's")
    pulled = family["all"].pull(given=False)
    assert layers(pulled)["c"][1] == ("annotator:bob", 1, "untouched")
    [note] = pulled.stage.manifest.notes["renamed"]
    assert note.endswith(f'is named "Bob\'s" now; it was pushed as {family["bob.1"].name!r}')


def test_pull_stops_where_a_project_is_gone(family):
    family["all"].pull(given=False)
    folder = family["all"].folder / "pulled"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    family["bob.1"].client.delete_project(family["bob.1"].id)
    for _ in range(2):
        with pytest.raises(DataError) as caught:
            family["all"].pull(given=False)
        assert str(caught.value) == (
            f"{folder / OUTPUT}: this pull would lose annotator:bob of 'b' (its project is gone "
            "from the server), annotator:bob of 'c' (its project is gone from the server); "
            "nothing was changed; look at it in Doccano, or accept it with --force"
        )
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        assert after == before
    # Ann's alone can still be had.
    assert family["all"].pull(given=False, annotator="ann").stage is None
    family["ann.1"].confirm("c")
    pulled = family["all"].pull(given=False, annotator="ann")
    assert layers(pulled)["c"] == [
        ("annotator:ann", 1, "confirmed"),
        ("annotator:bob", 1, "untouched"),
    ]
    forced = family["all"].pull(given=False, force=True)
    assert layers(forced)["c"] == [("annotator:ann", 1, "confirmed")]
    assert family["all"].pull(given=False).stage is None


def test_pull_stops_where_one_annotators_document_is_gone(family):
    family["all"].pull(given=False)
    bob = family["bob.1"]
    bob.client.delete_examples(bob.id, [bob.examples()["b"]["id"]])
    with pytest.raises(DataError, match=r"annotator:bob of 'b' \(gone from the server\);"):
        family["all"].pull(given=False)
    forced = family["all"].pull(given=False, force=True)
    assert layers(forced)["b"] == [("annotator:ann", 1, "untouched")]


def test_pull_never_puts_an_earlier_layer_on_another_text(family, make_silver):
    everything = family["all"]
    everything.documents.write_bytes(family["ann.1"].documents.read_bytes())
    everything.pull()
    other = [make_silver(id, "Now in Kyiv", (7, 11, "GPE")) for id in ("a", "b", "c")]
    write_documents(other, everything.documents)
    with pytest.raises(DataError, match=r"annotator:ann of 'a' \(its text is another now\)"):
        everything.pull()
    forced = everything.pull(force=True)
    assert [[layer.name for layer in d.layers] for d in forced.documents.values()] == [
        ["silver"]
    ] * 3
    assert {one["reason"] for one in forced.rejects} == {
        "its text on the server is not that of the document, so its spans may be shifted"
    }


def test_pull_rebuilds_from_whoever_has_the_document_as_it_was(family):
    ann = family["ann.1"]
    for id in ("a", "b"):
        path = f"projects/{ann.id}/examples/{ann.examples()[id]['id']}"
        ann.client._request("PATCH", path, json={"text": "changed"})
    pulled = family["all"].pull(given=False)
    assert layers(pulled)["b"] == [("annotator:bob", 1, "untouched")]
    assert pulled.stage.documents.problems() == pulled.stage.mentions.problems() == []
    assert sorted((one["document"], one["layer"]) for one in pulled.rejects) == [
        ("a", "annotator:ann"),
        ("b", "annotator:ann"),
    ]


def test_pull_counts_what_is_not_given_once(family):
    everything = family["all"]
    everything.documents.write_bytes(family["ann.2"].documents.read_bytes())
    pulled = everything.pull()
    assert pulled.stage.documents.rejected == 2
    assert pulled.stage.mentions.rejected == 4
    assert [one["document"] for one in pulled.rejects] == ["b", "c"]
    assert pulled.rejects[0]["where"].count("example") == 2


def test_pull_refuses_two_projects_for_one_layer(family, make_silver):
    everything = family["all"]
    everything.push([make_silver("a", "In Kyiv", KYIV)])
    # The project itself is read as that of the one who is logged in.
    bob = family["bob.1"].id
    family["bob.1"].change(name=f"{everything.name}.admin.1", description="by hand")
    with pytest.raises(DoccanoProjectError) as caught:
        everything.pull(given=False)
    assert str(caught.value) == (
        f"projects {everything.id} and {bob} both hold the layer "
        "'annotator:admin', pass 1; pull them one by one with --project-id, into folders of "
        "their own"
    )


def history(pulled):
    """(file, document, layer, round, state, spans, reason) of every layer that was kept."""
    return [
        (
            path.name,
            one.document,
            one.layer.name,
            one.layer.round,
            one.layer.state,
            [(m.start, m.end) for m in one.layer.mentions],
            one.reason,
        )
        for path in sorted((pulled.folder / "pulled" / "history").glob("*"))
        for one in read_records(path, EarlierLayer)
    ]


def test_pull_keeps_every_layer_that_it_replaces(family):
    ann = family["ann.1"]
    family["all"].pull(given=False)
    ann.confirm("a")
    family["all"].pull(given=False)
    # That an untouched layer changes is no loss: it is what was pushed.
    assert not (family["all"].folder / "pulled" / "history").exists()
    ann.add_span("a", 0, 2, "GPE")
    family["all"].pull(given=False)
    [(name, *kept)] = history(family["all"])
    assert kept == ["a", "annotator:ann", 1, "confirmed", [(3, 7)], "changed on the server"]
    assert family["all"].pull(given=False).stage is None
    assert [one[0] for one in history(family["all"])] == [name]


def test_pull_that_stops_keeps_nothing_and_one_that_is_forced_all_that_it_loses(family):
    everything, bob = family["all"], family["bob.1"]
    bob.confirm("b")
    everything.pull(given=False)
    bob.client.delete_examples(bob.id, [bob.examples()["b"]["id"]])
    example = bob.examples()["c"]["id"]
    bob.client.create_comment(bob.id, example, "where?")
    with pytest.raises(DataError, match="would lose"):
        everything.pull(given=False)
    assert not (everything.folder / "pulled" / "history").exists()
    everything.pull(given=False, force=True)
    [(_, *kept)] = history(everything)
    assert kept == ["b", "annotator:bob", 1, "confirmed", [(3, 7)], "gone from the server"]
    bob.client.delete_project(bob.id)
    everything.pull(given=False, force=True)
    assert sorted(one[1:] for one in history(everything)) == [
        ("b", "annotator:bob", 1, "confirmed", [(3, 7)], "gone from the server"),
        ("c", "annotator:bob", 1, "touched", [(3, 7)], "its project is gone from the server"),
    ]
