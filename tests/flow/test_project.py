"""corpus.toml: written, read back, and what is wrong with one."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from corpus.errors import CorpusError, DataError, UsageError
from corpus.flow.new_project import KNOWN_LABELS, make_project, plan_project
from corpus.flow.project import (
    PROJECT,
    linkers_of,
    project_toml,
    ratios_of,
    read_labels,
    read_project,
)


@pytest.fixture
def project(tmp_path):
    project, labels = plan_project(tmp_path / "news", kb=["kb.jsonl"], annotators=["ann", "bob"])
    make_project(tmp_path / "news", project, labels)
    return project


def test_project_is_read_back_as_it_was_planned(tmp_path, project):
    assert read_project(tmp_path / "news") == project
    assert read_labels(tmp_path / "news", project) == list(KNOWN_LABELS)
    odd = replace(
        project,
        project=replace(project.project, articles='a "b" \\ \x7f é/*.txt'),
        suggestions=replace(project.suggestions, model="en_core_web_sm"),
    )
    (tmp_path / "news" / PROJECT).write_text(project_toml(odd), "utf-8")
    assert read_project(tmp_path / "news") == odd


def test_one_links_unless_others_are_named_and_nobody_without_a_knowledge_base(project):
    assert linkers_of(project) == ("ann",)
    named = replace(project, annotation=replace(project.annotation, linkers=("eve",)))
    assert linkers_of(named) == ("eve",)
    assert linkers_of(replace(named, suggestions=replace(named.suggestions, kb=()))) == ()


def test_the_rule_follows_from_the_number_of_annotators(tmp_path):
    assert plan_project(tmp_path, name="n")[0].annotation.rule == "single"
    assert plan_project(tmp_path, name="n", annotators=["a", "b"])[0].annotation.rule == "majority"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('name = "news"', 'name = "a b"', "the name 'a b' is not letters, digits, - and _"),
        ('["ann", "bob"]', "[]", "nobody annotates; name at least one"),
        ('["ann", "bob"]', '["ann", "Ann"]', "a person is named twice among ann, Ann"),
        ('["ann", "bob"]', '["a.b"]', "'a.b' is no name of a person: letters, digits, - and _"),
        ('"majority"', '"single"', "rule 'single' is for one annotator; for several: unanimous "
         "or majority"),
        ('"majority"', '"loudest"', "rule 'loudest': the rules are single, unanimous, majority"),
        ('"80,10,10"', '"80,20"', "ratios '80,20' are not three numbers, as in 80,10,10"),
        ("steps = 2000", 'steps = "many"', "Expected `int`, got `str` - at `$.training.steps`"),
        ("seed = 0", "sede = 0", "Object contains unknown field `sede` - at `$.split`"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_project_file_is_named(tmp_path, project, old, new, problem):
    path = tmp_path / "news" / PROJECT
    path.write_text(path.read_text("utf-8").replace(old, new, 1))
    with pytest.raises(DataError, match=re.escape(f"{path}: {problem}; see docs/project.md")):
        read_project(tmp_path / "news")


def test_a_file_that_is_no_toml_and_a_folder_without_one(tmp_path, project):
    (tmp_path / "news" / PROJECT).write_text("[project\n")
    with pytest.raises(DataError, match=r"see docs/project\.md"):
        read_project(tmp_path / "news")
    with pytest.raises(UsageError, match=r"has no corpus\.toml; make a project first: corpus init"):
        read_project(tmp_path)


def test_label_set_has_a_label_a_line_and_comments(tmp_path, project):
    path = tmp_path / "news" / "labels.txt"
    path.write_text("# ours\n\nPER\tpeople\n  Big Org \nGPE\n")
    assert read_labels(tmp_path / "news", project) == ["PER", "Big Org", "GPE"]
    path.write_text("ORG\norg\n")
    with pytest.raises(DataError, match="a label stands twice"):
        read_labels(tmp_path / "news", project)
    path.write_text("# none\n")
    with pytest.raises(DataError, match="holds no label"):
        read_labels(tmp_path / "news", project)
    path.unlink()
    with pytest.raises(UsageError, match=r"labels\.txt: no such file or directory"):
        read_labels(tmp_path / "news", project)


def test_ratios(project):
    assert ratios_of(project) == (80, 10, 10)
    for wrong in ("", "1,2,x", "0,0,0", "1,-1,1", "1,2,inf"):
        assert ratios_of(replace(project, split=replace(project.split, ratios=wrong))) == ()


def test_nothing_that_is_there_is_replaced(tmp_path):
    (tmp_path / "guidelines.md").write_text("mine")
    project, labels = plan_project(tmp_path, name="n")
    written = make_project(tmp_path, project, labels)
    assert [path.name for path in written] == [
        "labels.txt", ".gitignore", PROJECT, "project.yml",
    ]  # fmt: skip
    assert (tmp_path / "guidelines.md").read_text() == "mine"
    with pytest.raises(UsageError, match=r"has a corpus\.toml already; change that file"):
        make_project(tmp_path, project, labels)


def test_paths_are_as_seen_from_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "kb.csv").write_text("")
    project, _ = plan_project(
        Path("news"),
        articles="texts",
        kb=["kb.csv", "csv:kb.csv", "geonames:500", "/abs.jsonl", "later.jsonl"],
    )
    assert project.project.articles == "../texts"
    assert project.suggestions.kb == (
        "../kb.csv", "csv:../kb.csv", "geonames:500", "/abs.jsonl", "later.jsonl",
    )  # fmt: skip


def test_answers_that_cannot_be_are_refused(tmp_path):
    for options, message in (
        ({"name": "a/b"}, "the name 'a/b' is not letters"),
        ({"name": "n", "labels": ["A", "a"]}, "the label set: a label stands twice"),
        ({"name": "n", "annotators": ["a b"]}, "'a b' is no name of a person"),
    ):
        with pytest.raises(CorpusError, match=message):
            plan_project(tmp_path, **options)
