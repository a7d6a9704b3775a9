"""corpus disputes decide, as a person at a terminal uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from corpus.cli.dispute_screen import DecideApp
from corpus.decisions import Decision
from corpus.store import read_records, write_documents
from tests.gold.several_annotators import document

ORG, KYIV, CITY = (4, 8, "ORG"), (16, 20, "GPE"), (16, 25, "LOC")


@pytest.fixture
def gold(run_cli: Callable, tmp_path: Path) -> Path:
    documents = [
        document("a", ann=[KYIV], bob=[CITY]),
        document("b", ann=[ORG], bob=[]),
        document("evil", text="The \x1b[31mOSCE [red]met[/red].", ann=[(9, 13, "ORG")], bob=[]),
    ]
    write_documents(documents, tmp_path / "documents.jsonl")
    run_cli(["adjudicate", tmp_path, "-o", tmp_path / "gold.jsonl", "--rule", "majority"])
    return tmp_path / "gold.jsonl"


def use(gold: Path, keys: Sequence[str], *, redo: bool = False) -> dict[str, str]:
    """What the screen shows after these keys, and what the run says in the end."""
    app = DecideApp(gold, by="judge", kb=None, describe=lambda _: lambda _: ("", "", ""), redo=redo)

    async def run() -> dict[str, str]:
        async with app.run_test() as pilot:
            for key in keys:
                await pilot.press(*(key if len(key) > 1 and "=" in key else [key]))
            await pilot.pause()
            shown = {
                id: str(app.query_one(f"#{id}", Static).render())
                for id in ("where", "body", "said", "keys")
            }
            return shown | {"other": str(app.query_one(Input).display)}

    shown = asyncio.run(run())
    app.close()
    return shown | {"made": str(app.made)}


def decided(gold: Path) -> dict[str, list[tuple[int, int, str]]]:
    path = gold.parent / "decisions.jsonl"
    found = read_records(path, Decision) if path.is_file() else ()
    return {one.document: [tuple(mark) for mark in one.answer.marks] for one in found}


def test_screen_shows_the_dispute_and_its_keys(gold: Path) -> None:
    shown = use(gold, [])
    assert shown["where"] == "1 of 3  ·  a 16-25  ·  0 decided now"
    assert "⟦Kyiv city⟧" in shown["body"]
    assert "1   ⟦Kyiv⟧ city · GPE — ann" in shown["body"]
    assert "n no mention" in shown["keys"]


def test_one_key_a_dispute_is_saved_at_once(gold: Path) -> None:
    shown = use(gold, ["2"])
    assert shown["where"] == "2 of 3  ·  b 4-8  ·  1 decided now"
    assert decided(gold) == {"a": [CITY]}
    [decision] = read_records(gold.parent / "decisions.jsonl", Decision)
    assert (decision.author, decision.source) == ("judge", "terminal")


def test_next_run_goes_on_where_the_last_one_stopped(gold: Path) -> None:
    use(gold, ["1", "q"])
    assert use(gold, [])["where"] == "1 of 2  ·  b 4-8  ·  0 decided now"
    shown = use(gold, ["n", "1"])
    assert shown["where"] == "2 decided, 0 left open"
    assert shown["body"].startswith("Nothing is left to look at.")
    assert decided(gold) == {"a": [KYIV], "b": [], "evil": [(9, 13, "ORG")]}
    assert use(gold, [])["body"].startswith("There is no open dispute.")


def test_left_open_and_back_and_another_mind(gold: Path) -> None:
    shown = use(gold, ["u", "left", "1", "left"])
    assert shown["said"] == "decided by judge: ⟦Kyiv⟧ city · GPE"
    assert (
        use(gold, ["left", "left", "x", "9"])["said"] == "9 was chosen, and there is no such answer"
    )
    shown = use(gold, ["2"], redo=True)
    assert (shown["made"], decided(gold)) == ("1", {"a": [CITY]})


def test_other_is_typed_and_a_mistake_can_be_mended(gold: Path) -> None:
    shown = use(gold, ["o", "Kiev=LOC", "enter"])
    assert (shown["said"], shown["other"]) == (
        "'Kiev' stands nowhere at the disputed place",
        "True",
    )
    assert use(gold, ["o", "n", "escape"])["other"] == "False"
    assert decided(gold) == {}
    use(gold, ["o", "Kyiv=LOC", "enter"])
    assert decided(gold) == {"a": [(16, 20, "LOC")]}


def test_text_of_an_article_is_no_markup_and_no_escape(gold: Path) -> None:
    shown = use(gold, ["u", "u"])
    assert "The \\x1b[31m⟦OSCE⟧ [red]met[/red]." in shown["body"]


def test_decide_needs_a_terminal(run_cli: Callable, gold: Path) -> None:
    ran = run_cli(["disputes", "decide", gold])
    assert (ran.code, ran.err) == (
        2,
        "corpus: error: corpus disputes decide needs a terminal; decide in Doccano: corpus "
        "disputes push\n",
    )


def test_gold_of_one_layer_has_no_disputes(run_cli: Callable, tmp_path: Path) -> None:
    write_documents([document("a", ann=[ORG])], tmp_path / "documents.jsonl")
    run_cli(["adjudicate", tmp_path, "-o", tmp_path / "gold.jsonl"])
    ran = run_cli(["disputes", "push", tmp_path / "gold.jsonl", "--project", "x"])
    assert (ran.code, ran.err) == (
        2,
        f"corpus: error: {tmp_path}/gold.jsonl: was adjudicated without disputes; adjudicate with "
        "another --rule\n",
    )
