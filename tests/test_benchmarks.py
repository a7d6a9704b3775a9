"""The page of benchmarks says what the results say, and the gate judges ratios rightly."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.gate import compare, told
from benchmarks.measuring import exponent
from benchmarks.page import HOME, SECTIONS, make_page, write_page
from benchmarks.results import Result, Row, met, read_result, rounded, write_result
from benchmarks.tables import tables_of


def result(*rows: Row, name: str = "convert") -> Result:
    return Result(name, "python benchmarks/convert.py", "a machine", {"spacy": "3"}, rows)


def row(ratio: float, target: str = "<= 1.5", what: str = "corpus convert", size: int = 10) -> Row:
    return Row("One core", what, size, None, 2.0, ratio, "make_doc", target, 100.0)


def test_the_page_is_what_the_generator_writes_from_the_committed_results():
    files = make_page()
    for name, text in files.items():
        assert (HOME / name).read_text("utf-8") == text, f"{name}: run benchmarks/run --page-only"
    plots = {f"plots/{path.name}" for path in (HOME / "plots").glob("*.svg")}
    assert plots == {name for name in files if name.startswith("plots/")}


def test_every_section_has_prose_and_every_plot_is_well_formed_and_named():
    assert {path.stem for path in (HOME / "prose").glob("*.md")} == {"head", *SECTIONS}
    for name, text in make_page().items():
        if name.endswith(".svg"):
            plot = ET.fromstring(text)
            assert plot.find("{http://www.w3.org/2000/svg}title").text
            assert "prefers-color-scheme: dark" in text


def test_another_result_makes_another_page_and_an_old_plot_goes(tmp_path: Path):
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose" / "head.md").write_text("# Benchmarks\n")
    (tmp_path / "prose" / "convert.md").write_text("## Convert\n\n{tables}\n\nThe reason.\n")
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "old.svg").write_text("old")
    rows = (row(1.2, size=10), row(1.3, size=100), row(1.725, size=1000))
    write_result(result(*rows), tmp_path / "results" / "convert.json")
    write_page(make_page(tmp_path / "prose", tmp_path / "results"), tmp_path)
    page = (tmp_path / "README.md").read_text()
    assert (
        "| corpus convert | 1,000 | 2.00 | 100 | 1.73 | make_doc | at most 1.5: **missed** |"
        in page
    )
    assert page.endswith("The reason.\n")
    assert {path.name for path in (tmp_path / "plots").glob("*")} == {
        "targets.svg",
        "convert-time.svg",
        "convert-memory.svg",
    }
    assert "1.73 missed" in (tmp_path / "plots" / "targets.svg").read_text()


def test_a_result_without_a_place_on_the_page_is_named(tmp_path: Path):
    write_result(result(row(1.2), name="other"), tmp_path / "results" / "other.json")
    with pytest.raises(SystemExit, match=r"results/other.json has no place in SECTIONS"):
        make_page(HOME / "prose", tmp_path / "results")


def test_a_result_is_read_back_as_it_was_written(tmp_path: Path):
    whole = result(row(1.23456789), Row("Other", "places", figures={"ms": 3, "share": "5 %"}))
    whole = replace(whole, rows=tuple(map(rounded, whole.rows)), note="Beside other work.")
    write_result(whole, tmp_path / "convert.json")
    assert read_result(tmp_path / "convert.json") == whole
    assert whole.rows[0].ratio == 1.235


def test_a_column_without_a_value_is_left_out():
    table = tables_of(result(Row("Tools", "corpus", figures={"documents/s": 2172})))
    assert table == ["| Tools: what | documents/s |\n|---|---:|\n| corpus | 2,172 |"]


def test_the_gate_tells_worse_missing_better_and_new():
    committed = {
        "convert": result(
            row(1.2, what="slower"),
            row(1.2, what="as before"),
            row(1.2, what="faster"),
            row(1.2, what="gone"),
            row(1.9, ">= 1.85", what="fewer workers"),
            row(3.0, target="", what="has no target"),
        ),
        "kb": result(row(1.0, what="was not run"), name="kb"),
    }
    fresh = {
        "convert": result(
            row(1.6, what="slower"),
            row(1.4, what="as before"),
            row(0.7, what="faster"),
            row(1.1, ">= 1.85", what="fewer workers"),
            row(9.0, target="", what="has no target"),
            row(1.1, what="made now"),
        )
    }
    verdict = compare(committed, fresh, 0.25)
    assert verdict.fails
    assert told(verdict).splitlines() == [
        "worse: convert: slower at 10: 1.20 before, 1.60 now, target <= 1.5",
        "worse: convert: fewer workers at 10: 1.90 before, 1.10 now, target >= 1.85",
        "missing: convert: gone at 10: was 1.20, is not measured",
        "better: convert: faster at 10: 1.20 before, 0.70 now, target <= 1.5",
        "new: convert: made now at 10: 1.10",
        "2 worse, 1 missing, 1 better, 1 new",
    ]


def test_the_gate_passes_what_is_better_or_new_and_keeps_to_its_tolerance():
    committed = {"convert": result(row(1.2))}
    assert not compare(committed, {"convert": result(row(0.6))}, 0.25).fails
    assert not compare(committed, {"convert": result(row(1.49))}, 0.25).fails
    assert compare(committed, {"convert": result(row(1.51))}, 0.25).fails
    assert not compare({}, {"convert": result(row(9.0))}, 0.25).fails
    assert not compare(committed, {}, 0.25).fails


def test_a_target_is_met_on_its_own_side():
    assert met(row(1.5)) is True
    assert met(row(1.51)) is False
    assert met(row(1.85, ">= 1.85")) is True
    assert met(row(1.84, ">= 1.85")) is False
    assert met(row(1.84, "")) is None


def test_the_exponent_of_linear_growth_is_one_and_of_quadratic_two():
    assert exponent({10: 1.0, 100: 10.0, 1000: 100.0}) == pytest.approx(1)
    assert exponent({10: 1.0, 100: 100.0, 1000: 10_000.0}) == pytest.approx(2)
