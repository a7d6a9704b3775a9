"""Subclasses of a dump, read from the dump itself."""

import bz2
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.kb.knowledge_base import KB
from corpus.kb.wikidata_classes import ClassTree, read_classes
from tests.kb.wikidata_dump import dump, item

# organisation > company > airline > budget airline; company > organisation closes a circle.
CLASSES = [
    item("Q43229", {"en": "organisation"}, parents=["Q4830453"]),
    item("Q4830453", {"en": "company"}, parents=["Q43229", None]),
    item("Q46970", {"en": "airline"}, parents=["Q4830453"]),
    item("Q847027", {"en": "budget airline"}, parents=["Q46970"]),
    item("Q6256", {"en": "country"}, parents=[("Q43229", "deprecated")]),
]
ITEMS = [
    item("Q1", {"en": "Budget Air"}, classes=["Q847027"]),
    item("Q2", {"en": "A company"}, classes=["Q4830453"]),
    item("Q3", {"en": "France"}, classes=["Q6256"]),
    item("Q4", {"en": "Somebody"}, classes=["Q5"]),
]
PACK = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress}


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("order", [1, -1], ids=["classes first", "items first"])
def test_class_takes_instances_of_its_subclasses(run_cli, tmp_path, suffix, order):
    path, out = tmp_path / f"dump.json{suffix}", tmp_path / "x.kb"
    path.write_bytes(PACK[suffix](dump([*CLASSES, *ITEMS][::order])))
    build = ["kb", "build", path, "-o", out, "--class", "Q43229", "--subclasses"]
    ran = run_cli(build)
    assert (ran.code, ran.err) == (0, "")
    assert [entity.id for entity in KB(out).entities()] == ["Q1", "Q2"]
    manifest = json.loads((tmp_path / "x.kb.manifest.json").read_text())
    assert manifest["settings"]["classes"] == ["Q43229"]
    assert manifest["settings"]["subclasses"] is True
    assert manifest["notes"]["left_out"] == {"items of other classes": 7}
    assert manifest["notes"]["classes"] == 4
    assert "\n  classes with their subclasses 4\n" in ran.out
    assert run_cli(build).out == f"{out} is up to date\n"
    # The same classes as they stand: another job, and nothing there is an instance of it.
    ran = run_cli(build[:-1])
    assert "(subclasses True, now None)" in ran.err
    ran = run_cli([*build[:-1], "--class", "Q4830453", "--force"])
    assert [entity.id for entity in KB(out).entities()] == ["Q2"]


def test_type_is_that_of_the_nearest_superclass_where_the_class_has_none(run_cli, tmp_path):
    path, out = tmp_path / "dump.json", tmp_path / "x.kb"
    path.write_bytes(dump([*CLASSES, *ITEMS]))
    run_cli(["kb", "build", path, "-o", out])
    assert KB(out).find("Q1").type == ""
    run_cli(["kb", "build", path, "-o", out, "--subclasses", "--force"])
    types = {entity.id: entity.type for entity in KB(out).entities()}
    assert (types["Q1"], types["Q3"], types["Q4"]) == ("company", "country", "person")
    (tmp_path / "types.tsv").write_text("Q46970\tairline\n")
    run_cli(["kb", "build", path, "-o", out, "--subclasses", "--force"])
    ran = run_cli(
        [
            "kb",
            "build",
            path,
            "-o",
            out,
            "--subclasses",
            "--types",
            tmp_path / "types.tsv",
            "--force",
        ]
    )
    assert (ran.code, KB(out).find("Q1").type) == (0, "airline")


def test_old_forms_and_lines_that_are_none_are_passed_over(tmp_path):
    old = item("Q2", {"en": "two"}, parents=["Q1"])
    del old["claims"]["P279"][0]["mainsnak"]["datavalue"]["value"]["id"]
    tree = ClassTree()
    lines = [b'{"id": "Q3", "claims": {"P279": 7}},', b'"P279"', json.dumps(old).encode() + b","]
    lines += [b'{"id": "P1", "claims": {"P279": []}}', b'{"id":"Q9","labels":{"en":"P279"}}']
    tree.load(enumerate(lines, 1))
    assert tree.subclasses_of(["Q1"]) == {"Q1", "Q2"}
    tree.close()


def test_subclasses_without_a_dump_are_refused_and_nothing_is_left(run_cli, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "Q1", "label": "one"}\n')
    ran = run_cli(["kb", "build", tmp_path / "a.jsonl", "-o", tmp_path / "x.kb", "--subclasses"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: --subclasses: no source is a Wikidata dump; leave it out\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


def test_classes_as_typed_and_in_a_file(tmp_path):
    places = tmp_path / "places.txt"
    places.write_text("Q515 city\n\nQ6256\n")
    assert read_classes(["Q5", f"@{places}"]) == {"Q5", "Q515", "Q6256"}
    places.write_text("Q515\ncity Q515\n")
    for names, where, name in (
        ([f"@{places}"], f"{places}:2", "city"),
        (["human"], "--class human", "human"),
    ):
        with pytest.raises(UsageError) as caught:
            read_classes(names)
        assert str(caught.value) == f"{where}: {name!r} is no class of Wikidata; such as: Q5"


NUMBERS = st.integers(1, 12)


@given(st.sets(st.tuples(NUMBERS, NUMBERS), max_size=30), NUMBERS)
def test_subclasses_are_all_that_lead_to_the_class_and_nothing_else(pairs, root):
    tree = ClassTree()
    tree.load(
        enumerate(json.dumps(item(f"Q{a}", {}, parents=[f"Q{b}"])).encode() for a, b in pairs)
    )
    expected = {root}
    while more := {a for a, b in pairs if b in expected} - expected:
        expected |= more
    assert tree.subclasses_of([f"Q{root}"]) == {f"Q{number}" for number in expected}
    tree.close()
