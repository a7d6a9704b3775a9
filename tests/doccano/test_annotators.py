import pytest

from corpus.doccano.annotators import (
    find_shares,
    name_annotator,
    place_of,
    read_seed,
    share_mark,
    share_name,
)
from corpus.errors import DoccanoProjectError


def project(name, id=1, description="Pushed by corpus"):
    return {"id": id, "name": name, "description": description}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("news.ann.1", ("ann", 1)),
        ("news.ann.12", ("ann", 12)),
        ("news.Zoë.2", ("Zoë", 2)),
        ("news", None),
        ("news.ann", None),
        ("news.ann.x", None),
        ("old.news.ann.1", None),
        ("newsroom.ann.1", None),
        ("news.de.ann.1", None),  # Ann's pass of news.de
    ],
)
def test_place_by_name(name, place):
    assert place_of(project(name), "news") == place


def test_place_of_a_project_whose_own_name_has_dots_and_signs():
    assert place_of(project("news.de (1).ann.1"), "news.de (1)") == ("ann", 1)
    assert place_of(project("newsxde.ann.1"), "news.de") is None


def test_place_by_description_where_the_name_is_another_or_says_less():
    mark = share_mark("news", "a.b@c", 3, -7)
    assert place_of(project("renamed", description=mark), "news") == ("a.b@c", 3)
    assert place_of(project("renamed", description=mark), "renamed") is None
    assert read_seed(project("x", description=f"{mark}\n")) == -7
    assert read_seed(project("x")) is None
    odd = share_mark("a; seed 1 in b", "ann", 1, 0)
    assert place_of(project("x", description=odd), "a; seed 1 in b") == ("ann", 1)


def test_annotator_by_request_then_by_name_then_the_one_who_is_logged_in():
    assert name_annotator("news.ann.2", "", "admin") == ("ann", 2)
    assert name_annotator("news.ann.2", "bob", "admin") == ("bob", 2)
    assert name_annotator("news", "", "admin") == ("admin", 1)


def test_shares_come_by_annotator_and_pass():
    names = ["news.bob.1", "news.ann.10", "news.ann.2", "other.eve.1"]
    shares = find_shares([project(name, id) for id, name in enumerate(names)], "news")
    assert [(share.annotator, share.round, share.id) for share in shares] == [
        ("ann", 2, 2),
        ("ann", 10, 1),
        ("bob", 1, 0),
    ]
    assert [share.renamed for share in shares] == ["", "", ""]


def test_shares_of_a_renamed_project_say_so():
    mark = share_mark("news", "ann", 1, 0)
    [share] = find_shares([project("old", 5, mark)], "news")
    assert share.renamed == "project 5 is named 'old' now; it was pushed as 'news.ann.1'"


def test_shares_leave_out_a_copy_that_was_renamed():
    mark = share_mark("news", "ann", 1, 0)
    shares = find_shares([project("copy", 9, mark), project("news.ann.1", 5, mark)], "news")
    assert [(share.id, share.renamed) for share in shares] == [(5, "")]


@pytest.mark.parametrize("names", [("news.ann.1", "news.ann.1"), ("one", "other")])
def test_shares_that_are_not_clear_are_an_error(names):
    mark = share_mark("news", "ann", 1, 0)
    with pytest.raises(DoccanoProjectError) as caught:
        find_shares([project(name, id, mark) for id, name in enumerate(names, 3)], "news")
    assert str(caught.value) == (
        "2 projects are 'news.ann.1' by name or description, with the ids 3, 4; rename or delete "
        "all but one of them in Doccano, or pull one with --project-id"
    )


def test_share_name():
    assert share_name("news", "ann", 2) == "news.ann.2"
