"""corpus score, as a person types it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.model import Document, Layer, Link, Mention, make_document, with_ids
from corpus.store import write_documents

TEXT = "Sergei Lavrov met the OSCE in Vienna."
PERSON, BODY, CITY = (0, 13, "PER"), (22, 26, "ORG"), (30, 36, "LOC")


def layer(name: str, *mentions: tuple) -> Layer:
    return Layer(
        name,
        mentions=with_ids(
            Mention("", start, end, label, links=tuple(map(Link, targets)))
            for (start, end, label), *targets in mentions
        ),
    )


TABLE = """\
measure            ptp  fp  rtp  fn  precision  recall  fscore  macro-p  macro-r  macro-f
strong_link_match    1   0    1   1     1.0000  0.5000  0.6667   1.0000   0.5000   0.6667
b_cubed              2   0    2   0     1.0000  1.0000  1.0000   1.0000   1.0000   1.0000
"""

GOLD = layer("gold", (PERSON, "Q58217"), (BODY, "Q81299"), (CITY,))
SILVER = layer("silver", (PERSON, "Q58217"), (BODY, "NIL"), (CITY, "Q1741"))


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Writes predictions and gold and gives their paths."""

    def write(predicted: list[Document], gold: list[Document]) -> tuple[Path, Path]:
        paths = tmp_path / "silver.jsonl", tmp_path / "gold.jsonl"
        for path, documents in zip(paths, (predicted, gold), strict=True):
            write_documents(documents, path)
        return paths

    return write


@pytest.fixture
def pair(files: Callable) -> tuple[Path, Path]:
    """One document, predicted and annotated; one linked mention of gold is not judged."""
    return files(
        [make_document("d", TEXT, layers=(SILVER,))], [make_document("d", TEXT, layers=(GOLD,))]
    )


def test_score_prints_a_table_and_what_is_left_out(run_cli: Callable, pair: tuple) -> None:
    ran = run_cli(["score", pair[0], "--gold", pair[1], "-m", "b_cubed", "-m", "strong_link_match"])
    assert ran.code == 0
    assert ran.out == TABLE
    assert ran.err == (
        "scored 1 document\n"
        "  1 gold mention not judged: left out of link and cluster measures with "
        "1 link predicted there\n"
    )


def test_score_by_label_with_intervals(run_cli: Callable, pair: tuple) -> None:
    args = ["score", pair[0], "--gold", pair[1], "-m", "strong_all_match", "-m", "muc"]
    ran = run_cli([*args, "--by", "label", "--bootstrap", "20"])
    assert ran.code == 0
    lines = [line.split() for line in ran.out.splitlines()]
    assert [line[0] for line in lines] == [
        "measure",
        "strong_all_match",
        *("LOC", "ORG", "PER"),
        "muc",
        *("LOC", "ORG", "PER"),
    ]
    assert lines[1][8] == "0.5000-0.5000"  # one document: every draw is the same
    assert lines[5][8] == "-"  # links between mentions do not add up by document


def test_score_as_json_has_all_measures_and_the_same_bytes_again(
    run_cli: Callable, pair: tuple
) -> None:
    args = ["score", pair[0], "--gold", pair[1], "--by", "label", "--bootstrap", "50", "--json"]
    first, second = run_cli(args), run_cli(args)
    assert (first.code, first.out) == (0, second.out)
    result = json.loads(first.out)
    assert result["documents"] == {
        "scored": 1,
        "without_gold": [],
        "without_prediction": [],
        "only_predicted": [],
    }
    gold = {"mentions": 3, "linked": 2, "nil": 0, "not_judged": 1, "left_out": 0}
    assert result["mentions"]["gold"] == gold
    predicted = {"mentions": 3, "linked": 1, "nil": 1, "not_judged": 0, "left_out": 1}
    assert result["mentions"]["predicted"] == predicted
    assert len(result["measures"]) == 19
    match = result["measures"]["strong_mention_match"]
    assert match["micro"]["ptp"] == 3
    assert match["macro"]["over"] == 1
    assert match["labels"]["ORG"]["fscore"] == 1
    assert match["macro_labels"]["over"] == 3


def test_gold_without_a_prediction_is_a_reject(run_cli: Callable, files: Callable) -> None:
    both = [make_document(name, TEXT, layers=(SILVER,)) for name in ("a", "new")]
    gold = [make_document(f"d{n}", TEXT, layers=(GOLD,)) for n in range(7)]
    gold += [make_document("a", TEXT, layers=(GOLD,)), make_document("waiting", TEXT)]
    predicted, answers = files(both, gold)
    args = ["score", predicted, "--gold", answers, "-m", "strong_mention_match"]
    ran = run_cli(args)
    assert ran.code == 1
    assert ran.out.splitlines()[1].split()[:5] == ["strong_mention_match", "3", "0", "3", "0"]
    assert ran.err.startswith(
        "scored 1 document\n"
        "  7 documents with gold but no prediction, not scored: d0, d1, d2, d3, d4 and 2 more\n"
        "  1 document without gold, not scored: waiting\n"
        "  1 document in the predictions alone, not scored: new\n"
    )
    assert run_cli([*args, "--allow-rejects"]).code == 0
    assert len(json.loads(run_cli([*args, "--json"]).out)["documents"]["without_prediction"]) == 7


def test_one_file_may_hold_both_layers_and_come_by_standard_input(
    run_cli: Callable, tmp_path: Path
) -> None:
    path = tmp_path / "gold.jsonl"
    write_documents([make_document("d", TEXT, layers=(SILVER, GOLD))], path)
    args = ["-m", "strong_mention_match"]
    ran = run_cli(["score", path, "--gold", path, *args])
    assert ran.code == 0
    again = run_cli(["score", "-", "--gold", path, *args], stdin=path.read_bytes())
    assert (again.code, again.out) == (0, ran.out)


def test_no_control_character_of_an_id_or_label_reaches_the_terminal(
    run_cli: Callable, files: Callable
) -> None:
    evil = layer("gold", ((0, 13, "P\x1b[31mER"),))
    predicted, gold = files(
        [make_document("d", TEXT, layers=(SILVER,)), make_document("e\x1b[31m\n", TEXT)],
        [make_document("d", TEXT, layers=(evil,))],
    )
    ran = run_cli(["score", predicted, "--gold", gold, "--by", "label", "-m", "muc"])
    assert "\x1b" not in ran.out + ran.err
    assert "  P\\x1b[31mER" in ran.out
    assert "not scored: e\\x1b[31m\\n\n" in ran.err


def test_gold_without_links_is_said(run_cli: Callable, files: Callable) -> None:
    spans = layer("gold", (PERSON,))
    predicted, gold = files(
        [make_document("d", TEXT, layers=(SILVER,))], [make_document("d", TEXT, layers=(spans,))]
    )
    ran = run_cli(["score", predicted, "--gold", gold])
    assert ran.code == 0
    assert ran.err.endswith("  gold has no judged link: link and cluster measures say nothing\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--by", "source"], "--by source: no such grouping; the groupings are: label"),
        (["--role", "x"], "--role x: no such role; the roles are: literal, metonymic"),
        (
            ["--nil-clusters", "x"],
            "--nil-clusters x: no such rule; the rules are: singletons, surface",
        ),
    ],
)
def test_a_wrong_option_is_one_line_with_exit_code_2(
    run_cli: Callable, pair: tuple, options: list[str], message: str
) -> None:
    ran = run_cli(["score", pair[0], "--gold", pair[1], *options])
    assert (ran.code, ran.out, ran.err) == (2, "", f"corpus: error: {message}\n")


def test_standard_input_twice_is_an_error(run_cli: Callable) -> None:
    ran = run_cli(["score", "-", "--gold", "-"])
    message = "- is given twice: standard input can be read once; give a file"
    assert (ran.code, ran.err) == (2, f"corpus: error: {message}\n")


def test_a_layer_that_is_not_there_is_an_error_with_the_names(
    run_cli: Callable, pair: tuple
) -> None:
    ran = run_cli(["score", pair[0], "--gold", pair[1], "--layer", "annotator:ann"])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "corpus: error: no document of the predictions has a layer 'annotator:ann'; "
        "name one with --layer: silver\n"
    )


def test_score_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    documents = [
        make_document(
            f"d{n}", TEXT, layers=(SILVER, GOLD if n % 3 else layer("gold", (BODY, "NIL")))
        )
        for n in range(30)
    ]
    write_documents(documents, path)
    args = ["score", str(path), "--gold", str(path), "--by", "label", "--bootstrap", "9", "--json"]
    first, second = (
        subprocess.run(
            [sys.executable, "-m", "corpus", *args],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
