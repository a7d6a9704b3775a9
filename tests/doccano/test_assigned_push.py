"""Documents dealt out to annotators on the live server, worked on by scripted ones, pulled back."""

import secrets

import pytest

from corpus.doccano import assigned_push
from corpus.doccano.annotators import share_mark
from corpus.doccano.assigned_parts import AssignPlan
from corpus.doccano.assigned_push import push_assigned
from corpus.doccano.assignment import Deal
from corpus.doccano.link_push import LinkPushPlan
from corpus.doccano.pull import OUTPUT, PullPlan, pull_documents
from corpus.errors import DataError, DoccanoError, DoccanoProjectError, UsageError
from corpus.model import layer_of, make_document
from corpus.store import read_documents, write_documents
from tests.doccano.link_task import make_gold
from tests.doccano.team import IDS, KYIV

pytestmark = pytest.mark.server


def test_every_document_reaches_whom_it_was_dealt_to_and_comes_back(team):
    result = team.push(overlap=0.3, blind=0.3)
    assert result.clean
    assert [share.member for share in result.shares] == ["annotator"] * 3
    seen = {name: team.seen_by(name) for name in team.names}
    assert {name: list(theirs) for name, theirs in seen.items()} == {
        name: [f"{name}.1"] for name in team.names
    }
    theirs = {name: seen[name][f"{name}.1"] for name in team.names}
    assert {name: len(ids) for name, ids in theirs.items()} == {
        share.annotator: share.documents for share in result.shares
    }
    owners = {id: [name for name in team.names if id in theirs[name]] for id in IDS}
    assert {len(names) for names in owners.values()} == {1, 3}
    assert sum(len(names) == 3 for names in owners.values()) == result.documents["overlap"]
    team.confirm(team.names[0])
    pulled = team.pull()
    for id, document in pulled.items():
        layers = {layer.name: layer for layer in document.layers if layer.name != "silver"}
        assert set(layers) == {f"annotator:{name}" for name in owners[id]}
        for name, layer in layers.items():
            mine = name == f"annotator:{team.names[0]}"
            assert layer.state == ("confirmed" if mine else "untouched")
            # Who is blind finds nothing suggested, which is what an annotator left as it was.
            assert bool(layer.mentions) != layer.blind
        assert len({layer.blind for layer in layers.values()}) == 1
    blind = sum(document.layers[1].blind for document in pulled.values())
    assert 0 < blind < len(IDS)
    assert sum(share.blind for share in result.shares) == sum(
        len(owners[id]) for id, document in pulled.items() if document.layers[1].blind
    )


def test_update_replaces_in_every_project_what_its_annotator_has_not_touched(team, make_silver):
    team.push(overlap=1.0)
    before = team.seen_by(team.names[0])
    team.confirm(team.names[0])
    changed = [make_silver(id, "Now in Kyiv", (7, 11, "GPE")) for id in IDS]
    write_documents(changed, team.documents)
    update = {"update": True, "kept": team.folder / "kept"}
    result = team.push(overlap=1.0, options=update)
    assert [share.pushed.sent for share in result.shares] == [0, len(IDS), len(IDS)]
    assert [share.pushed.documents.get("different", 0) for share in result.shares] == [24, 0, 0]
    assert not result.clean
    assert len(list((team.folder / "kept" / "snapshots").glob("*-full-*.zip"))) == 2
    assert team.seen_by(team.names[0]) == before
    pulled = team.pull()
    layers = {layer.name.removeprefix("annotator:") for layer in pulled[IDS[0]].layers[1:]}
    assert layers == set(team.names[1:])  # the first one's are of the older text: listed rejects
    assert all(document.text == "Now in Kyiv" for document in pulled.values())


def test_push_again_sends_nothing_and_moves_nothing(team):
    first = team.push(overlap=0.3, blind=0.3)
    before = {name: team.seen_by(name) for name in team.names}
    again = team.push(overlap=0.3, blind=0.3)
    assert again.clean
    assert [(s.documents, s.blind, s.overlap) for s in again.shares] == [
        (s.documents, s.blind, s.overlap) for s in first.shares
    ]
    assert [(share.there, share.pushed.sent) for share in again.shares] == [
        (share.documents, 0) for share in first.shares
    ]
    # Nor do other shares: what is there stays as it is, and blind.
    other = team.push(overlap=0.3, blind=0.9)
    assert other.clean
    assert [share.pushed.sent for share in other.shares] == [0, 0, 0]
    assert {name: team.seen_by(name) for name in team.names} == before


@pytest.mark.parametrize("moment", [1, 2])
def test_push_that_stops_between_projects_is_finished_by_the_next(team, monkeypatch, moment):
    whole = team.push(overlap=0.3, dry_run=True)
    pushed = []

    def stop(*args, **options):
        if len(pushed) == moment:
            raise KeyboardInterrupt
        pushed.append(True)
        return real(*args, **options)

    real = assigned_push.push_documents
    monkeypatch.setattr(assigned_push, "push_documents", stop)
    with pytest.raises(KeyboardInterrupt):
        team.push(overlap=0.3)
    monkeypatch.undo()
    result = team.push(overlap=0.3)
    assert result.clean
    assert [s.documents for s in result.shares] == [s.documents for s in whole.shares]
    assert sum(share.there for share in result.shares) > 0


def test_push_whose_member_cannot_be_let_in_says_so_and_lets_them_in_the_next_time(
    team, monkeypatch
):
    def fail(client, project, user):
        name = client.read_project(project)["name"]
        if name == f"{team.name}.{team.names[1]}.1":
            raise DoccanoError("the server answered 500", "run it again")
        return real(client, project, user)

    real = assigned_push.add_member
    monkeypatch.setattr(assigned_push, "add_member", fail)
    result = team.push()
    assert not result.clean
    assert [share.member for share in result.shares] == [
        "annotator",
        "not let in: the server answered 500",
        "annotator",
    ]
    assert team.seen_by(team.names[1]) == {}
    monkeypatch.undo()
    assert team.push().clean
    assert len(team.seen_by(team.names[1])) == 1


def test_push_with_an_annotator_who_comes_later_moves_nothing(team, make_silver, tmp_path):
    first = team.push(*team.names[:2], overlap=0.3)
    before = {name: team.seen_by(name)[f"{name}.1"] for name in team.names[:2]}
    more = [make_silver(f"e{number:02}", "In Kyiv", KYIV) for number in range(12)]
    write_documents([*read_documents(team.documents), *more], team.documents)
    result = team.push(overlap=0.3)
    after = {name: team.seen_by(name)[f"{name}.1"] for name in team.names}
    for name in team.names[:2]:
        assert after[name][: len(before[name])] == before[name]
        assert all(id.startswith("e") for id in after[name][len(before[name]) :])
    eve = after[team.names[2]]
    assert {id for id in eve if id.startswith("d")} == set(before[team.names[0]]) & set(
        before[team.names[1]]
    )
    assert first.documents["overlap"] < result.documents["overlap"] + 1
    pulled = team.pull()
    assert all(len(document.layers) in (2, 4) for document in pulled.values())


def test_push_leaves_an_annotator_who_is_not_named_any_more(team):
    team.push(overlap=0.3)
    result = team.push(*team.names[:2], overlap=0.3)
    assert result.notes == [f"{team.name}.{team.names[2]}.1 is left as it is"]
    assert [share.pushed.sent for share in result.shares] == [0, 0]


def test_push_puts_a_document_back_that_was_deleted_from_one_project(team):
    team.push(overlap=0.3)
    name = team.names[1]
    project = team.project(f"{name}.1")
    first = next(team.client.list_examples(project))
    team.client.delete_examples(project, [first["id"]])
    again = team.push(overlap=0.3)
    assert [share.pushed.sent for share in again.shares] == [0, 1, 0]
    assert first["meta"]["corpus_id"] in team.seen_by(name)[f"{name}.1"]


def test_second_pass_comes_to_the_same_people_when_the_first_is_confirmed(team):
    names = team.names[:2]
    result = team.push(*names, passes=2, repeat=0.5)
    assert result.clean
    assert [share.member.partition(":")[0] for share in result.shares] == [
        "annotator",
        "annotator",
        "waits",
        "waits",
    ]
    first = {name: team.seen_by(name) for name in names}
    assert {name: list(theirs) for name, theirs in first.items()} == {n: [f"{n}.1"] for n in names}
    team.confirm(names[0])
    again = team.push(*names, passes=2, repeat=0.5)
    assert [share.member.partition(";")[0] for share in again.shares] == [
        "annotator",
        "annotator",
        "annotator",
        f"waits: 0 of 12 are confirmed in {team.name}.{names[1]}.1",
    ]
    then = team.seen_by(names[0])
    assert set(then[f"{names[0]}.2"]) < set(then[f"{names[0]}.1"])
    rounds = {
        (layer.name, layer.round)
        for document in team.pull().values()
        for layer in document.layers
        if layer.name != "silver"
    }
    assert rounds == {(f"annotator:{name}", round) for name in names for round in (1, 2)}


def test_dry_run_says_who_gets_what_and_changes_nothing(team):
    result = team.push(*team.names, "nobody-yet", overlap=0.5, dry_run=True)
    assert result.notes == ["user to create: nobody-yet"]
    assert [share.pushed for share in result.shares] == [None] * 4
    assert team.projects() == []
    assert sum(share.documents - share.overlap for share in result.shares) == (
        len(IDS) - result.documents["overlap"]
    )


def test_push_creates_users_who_are_missing(team, tmp_path):
    name = f"zoe{secrets.token_hex(3)}"
    with pytest.raises(UsageError) as caught:
        team.push(name)
    assert str(caught.value) == (
        f"{team.client.url} has no user {name}; create them with --create-users FILE, which gets "
        "their passwords"
    )
    assert team.projects() == []
    path = tmp_path / "passwords"
    result = team.push(team.names[0], name, users=path)
    assert (result.clean, result.users_created) == (True, [name])
    [(created, _, password)] = [line.partition("\t") for line in path.read_text().splitlines()]
    assert created == name
    assert password not in repr(result)
    assert password not in repr(team.recorded)


def test_push_refuses_a_project_that_was_renamed(team):
    team.push(*team.names[:2])
    project = team.project(f"{team.names[0]}.1")
    fields = {"name": "by hand", "resourcetype": "SequenceLabelingProject"}
    team.client.update_project(project, fields)
    with pytest.raises(DoccanoProjectError) as caught:
        team.push(*team.names[:2])
    assert str(caught.value) == (
        f"project {project} is named 'by hand' now; it was pushed as "
        f"'{team.name}.{team.names[0]}.1'; rename it back in Doccano; nothing was sent"
    )
    # A pull finds it all the same.
    assert any(
        layer.name.endswith(team.names[0]) for d in team.pull().values() for layer in d.layers
    )


def test_push_refuses_another_seed(team):
    team.push(*team.names[:1], seed=3)
    with pytest.raises(DoccanoProjectError) as caught:
        team.push(*team.names[:1])
    assert str(caught.value) == (
        f"'{team.name}.{team.names[0]}.1' was dealt with --seed 3, not 0; give --seed 3; nothing "
        "was changed"
    )


def test_push_refuses_a_project_of_the_same_name_that_is_another_ones(team, project, make_silver):
    # Ann's part of `x.bob` has the name of the part of Bob.Ann in `x`.
    dotted = team.names[1]
    head, _, tail = dotted.partition(".")
    other = type(project)(team.client, f"{team.name}.{dotted}.1", team.folder)
    documents = [make_silver("a", "In Kyiv", KYIV)]
    write_documents(documents, team.folder / "other.jsonl")
    other.documents = team.folder / "other.jsonl"
    mark = share_mark(f"{team.name}.{head}", tail, 1, 0)
    other.push(description=mark)
    with pytest.raises(DoccanoProjectError) as caught:
        team.push()
    assert str(caught.value) == (
        f"project '{other.name}' ({other.id}) is there and is no annotator's part of "
        f"'{team.name}': {mark}; give another --project; nothing was changed"
    )


def test_push_stops_before_anything_is_sent_where_the_input_is_wrong(team, make_silver):
    write_documents([make_silver("a", "In Kyiv", KYIV)] * 2, team.documents)
    with pytest.raises(DataError, match="document id 'a' stands twice in the input"):
        team.push()
    write_documents([make_document("a", "In Kyiv")], team.documents)
    with pytest.raises(DataError, match="so the projects would have no label type"):
        team.push()
    assert team.projects() == []


def test_links_are_dealt_out_like_spans(team, links):
    links.suggest([make_gold(id, "Moscow spoke. The OSCE met.") for id in IDS[:12]])

    def push():
        links_plan = LinkPushPlan(documents=links.documents, project=team.name, kb=links.kb)
        deal = Deal(team.names, overlap=0.5, blind=0.5)
        plan = AssignPlan(push=links_plan, deal=deal)
        return push_assigned(plan, team.client, lambda _: None, watch=lambda items, _: items)

    result = push()
    assert result.clean
    assert [share.member for share in result.shares] == ["annotator"] * 3
    assert 0 < result.documents["overlap"] < 12
    assert [share.pushed.sent for share in push().shares] == [0, 0, 0]
    team.confirm(team.names[0])
    plan = PullPlan(
        team.folder / "links", team.name, links.documents, layer="gold", task="links", kb=links.kb
    )
    stage = pull_documents(plan, team.client)
    assert stage.documents.problems() == stage.mentions.problems() == []
    states = set()
    for document in read_documents(team.folder / "links" / OUTPUT):
        for layer in document.layers:
            if layer.name.startswith("annotator:"):
                mine = layer.name == f"annotator:{team.names[0]}"
                # Confirmed without a key: nobody has judged it, whatever the state.
                states.add((mine, layer.blind, layer.state, any(m.links for m in layer.mentions)))
    assert states == {
        (True, False, "confirmed", True),
        (True, True, "confirmed", False),
        (False, False, "untouched", False),
        (False, True, "untouched", False),
    }
    [silver] = [layer_of(d, "silver", "links") for d in list(read_documents(links.documents))[:1]]
    assert silver.blind is False
