"""corpus why: the story of a gold mention, back to its article."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.decisions import Answer, Mark, decide
from corpus.gold.decided import add_decisions
from corpus.gold.disputes import decisions_path, read_disputes
from tests.gold.workspace import links_of, make_workspace, pull


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_cli: Callable) -> Path:
    monkeypatch.chdir(tmp_path)
    make_workspace(tmp_path, run_cli)
    return tmp_path


def adjudicate(run_cli: Callable, *more: str) -> None:
    words = "adjudicate annotations -o gold.jsonl --rule unanimous --allow-rejects"
    assert run_cli([*words.split(), *more]).code == 0


def settle(run_cli: Callable) -> None:
    adjudicate(run_cli)
    gold = Path("gold.jsonl")
    [disputed] = read_disputes(gold)
    city = Mark(disputed.dispute.start, disputed.dispute.end, "GPE")
    answer = Answer(marks=(city,))
    one = decide(disputed.dispute, answer, "judge", source="terminal", comment="the whole name")
    add_decisions(decisions_path(gold), [one])
    adjudicate(run_cli)


def test_story_of_a_linked_mention_goes_back_to_the_article(run_cli: Callable, work: Path) -> None:
    settle(run_cli)
    Path("links").mkdir()
    pull("gold.jsonl", "links/documents.jsonl", links_of)
    words = "adjudicate links --task links --rule unanimous -o linked-gold.jsonl"
    assert run_cli(words.split()).code == 0
    assert run_cli(["check", "."]).code == 0
    ran = run_cli(["why", "osce.txt:19-23"])
    assert (ran.code, ran.err) == (0, "")
    hashes = re.sub(r"\b[0-9a-f]{16,64}\b", "HASH", ran.out)
    told = re.sub(r"\d{4}-\d\d-\d\dT[\d:+]+", "CLOCK", hashes)
    assert told.startswith(
        "osce.txt 19-23 in linked-gold.jsonl\n"
        "  KYIV, March 1. The ⟦OSCE⟧ met in Kyiv city.\\n\n"
        "gold ORG 19-23 'OSCE', mention 19-23:ORG\n"
        "  link Q81299 of news HASH\n"
        "  marked by annotator:ann#1 annotator:bob#1\n"
        "  settled by rule:unanimous\n"
        "  settled by rule:unanimous\n"
        "  vote annotator:ann#1 on spans 19-23:ORG: ORG 19-23, settled by rule:unanimous\n"
        "  vote annotator:bob#1 on spans 19-23:ORG: ORG 19-23, settled by rule:unanimous\n"
        "  vote annotator:ann#1 on links 19-23:ORG: Q81299 of news HASH, settled by "
        "rule:unanimous\n"
        "  vote annotator:bob#1 on links 19-23:ORG: Q81299 of news HASH, settled by "
        "rule:unanimous\n"
        "layers\n"
        "  silver (spans): ORG 19-23 Q81299 of news HASH [kb]\n"
        "  annotator:ann#1 (spans, confirmed): ORG 19-23\n"
        "  annotator:bob#1 (spans, confirmed): ORG 19-23\n"
        "  annotator:ann#1 (links, confirmed): ORG 19-23 Q81299 of news HASH [key:1]\n"
        "  annotator:bob#1 (links, confirmed): ORG 19-23 Q81299 of news HASH [key:1]\n"
        "article\n"
    )
    steps = re.findall(r"^  (\w+) -> (\S+), CLOCK", told, re.MULTILINE)
    assert steps == [
        ("adjudicate", "linked-gold.jsonl"),
        ("pull", "links/documents.jsonl"),
        ("adjudicate", "gold.jsonl"),
        ("pull", "annotations/documents.jsonl"),
        ("suggest", "silver.jsonl"),
        ("convert", "documents.jsonl"),
    ]
    assert "with kb=news.kb" in told
    assert "    from articles/osce.txt HASH (as it was)\n" in told
    assert "other.txt" not in told


def test_story_of_a_decided_mention_names_who_decided(run_cli: Callable, work: Path) -> None:
    settle(run_cli)
    told = run_cli(["why", "osce.txt:31-40", "--in", "gold.jsonl"]).out
    assert "gold GPE 31-40 'Kyiv city', mention 31-40:GPE\n" in told
    assert "  no link: not judged\n" in told
    assert "  decided by judge (terminal): GPE 31-40\n    comment 'the whole name'\n" in told
    assert re.search(
        "vote annotator:bob#1 on spans 31-40: GPE 31-35, settled by [0-9a-f]{16}", told
    )
    story = json.loads(run_cli(["why", "osce.txt:31-40", "--json"]).out)
    [mention] = story["gold"]
    assert mention["decisions"][0]["author"] == "judge"
    assert [vote["author"] for vote in mention["votes"]] == ["annotator:ann", "annotator:bob"]
    assert [step["command"] for step in story["steps"]] == [
        "adjudicate",
        "pull",
        "suggest",
        "convert",
    ]
    assert story["article"]["file"] == "osce.txt"


def test_place_without_gold_shows_its_open_dispute(run_cli: Callable, work: Path) -> None:
    adjudicate(run_cli)
    told = run_cli(["why", "osce.txt:31-35"]).out
    assert "no gold mention here\nother votes here\n" in told
    assert "  annotator:ann#1 on spans 31-40: GPE 31-40, open\n" in told
    assert re.search("open dispute [0-9a-f]{16} about spans at 31-40\n", told)


def test_file_that_changed_since_is_named(run_cli: Callable, work: Path) -> None:
    settle(run_cli)
    Path("articles/osce.txt").write_text("Something else.")
    told = run_cli(["why", "osce.txt:19-23"]).out
    assert re.search(r"from articles/osce.txt [0-9a-f]{16} \(changed since\)", told)


@pytest.mark.parametrize(
    ("place", "code", "message"),
    [
        ("osce.txt", 2, "osce.txt: not a place; write it like: afp-1:10-14"),
        ("osce.txt:5-5", 2, "osce.txt:5-5: not a place; write it like: afp-1:10-14"),
        (
            "none:1-2",
            1,
            "gold.jsonl: no document 'none'; check the id, or give another file with --in",
        ),
        (
            "osce.txt:1-999",
            1,
            "gold.jsonl: document 'osce.txt' ends at 42, before 999; give a place within it",
        ),
    ],
)
def test_what_is_no_place_is_named(
    run_cli: Callable, work: Path, place: str, code: int, message: str
) -> None:
    adjudicate(run_cli)
    ran = run_cli(["why", place])
    assert (ran.code, ran.err) == (code, f"corpus: error: {message}\n")


def test_folder_without_gold_or_with_several_asks_for_one(run_cli: Callable, work: Path) -> None:
    ran = run_cli(["why", "osce.txt:19-23"])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: .: no adjudicated gold is here; name the file with --in\n",
    )
    adjudicate(run_cli)
    run_cli(["adjudicate", "annotations", "-o", "gold2.jsonl", "--annotator", "ann"])
    ran = run_cli(["why", "osce.txt:19-23"])
    assert ran.err == (
        "corpus: error: .: more than one (gold.jsonl, gold2.jsonl) is here; name the file "
        "with --in\n"
    )
