"""The screen of `corpus disputes decide`: one dispute at a time, one key each, saved at once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from corpus.decisions import Decision, Dispute, decide
from corpus.doccano.dispute_examples import (
    SHORTCUTS,
    Describe,
    describe_answer,
    read_choice,
    render_dispute,
)
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_examples import OTHER, UNSURE
from corpus.gold.decided import add_decisions
from corpus.gold.disputes import Disputed, decisions_path, read_disputes
from corpus.model import Document
from corpus.store import read_records

_SOURCE = "terminal"
_KEYS = {
    "spans": "1-9 answer  n no mention  a all  o other  u leave open  ← back  → on  q stop",
    "links": "1-9 answer  n NIL  b bad span  o other  u leave open  ← back  → on  q stop",
}
_ASKS = {"spans": "words = LABEL, for example: Kyiv city = GPE", "links": "kb:Q81299"}

Describer = Callable[[Document], Describe]


class DecideApp(App[int]):
    """Disputes one after the other; what a key decides is in the file before the next is shown."""

    CSS = """
    #where, #said, #keys { height: auto; padding: 0 1; }
    #where, #keys { background: $panel; }
    #said { color: $accent; }
    #body { padding: 1 2; }
    #other { display: none; }
    """
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None  # keys are ours until something is to be typed

    def __init__(
        self, gold: Path, *, by: str, kb: KnowledgeBase | None, describe: Describer, redo: bool
    ) -> None:
        super().__init__()
        self.path = decisions_path(gold)
        self.by = by
        self.kb = kb
        self.describe = describe
        self.made = 0
        self.made_before = _decided(self.path)
        self.total = sum(1 for _ in _shown(gold, self.made_before, redo))
        self._rest = _shown(gold, self.made_before, redo)
        self._seen: list[Disputed] = []
        self._answers: dict[str, Decision] = {}
        self._at = -1

    def compose(self) -> ComposeResult:
        """The screen from top to bottom."""
        yield Static(id="where")
        with VerticalScroll(can_focus=False):
            yield Static(id="body")
        yield Static(id="said")
        yield Input(id="other", disabled=True)
        yield Static(id="keys")

    def on_mount(self) -> None:
        """The first dispute is shown."""
        self._go_on()

    def close(self) -> None:
        """The files of disputes and documents are not read any further."""
        self._rest.close()

    def on_key(self, event: events.Key) -> None:
        """One key decides; none does while something is typed."""
        if self.query_one(Input).display:
            if event.key == "escape":
                self._ask(False)
            return
        if event.key in ("q", "escape"):
            self.exit(self.made)
        elif event.key in ("left", "backspace"):
            self._go_back()
        elif event.key in ("right", "u"):
            self._go_on()
        elif self._current is not None:
            self._press(event.character or "", self._current)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was typed for OTHER is the decision, if it can be read."""
        event.stop()
        if self._current is not None:
            self._take(OTHER, (event.value,), self._current)

    @property
    def _current(self) -> Disputed | None:
        return self._seen[self._at] if 0 <= self._at < len(self._seen) else None

    def _press(self, character: str, disputed: Disputed) -> None:
        for key, shortcut in SHORTCUTS[disputed.dispute.task].items():
            if character == shortcut and key == OTHER:
                self._ask(True)
                return
            if character == shortcut and key != UNSURE:
                self._take(key, (), disputed)

    def _take(self, key: str, comments: tuple[str, ...], disputed: Disputed) -> None:
        dispute, document = disputed
        chosen = read_choice(dispute, document, key, comments, self.kb)
        if chosen.answer is None:
            self._say(chosen.reason)
            return
        comment = "\n".join(comments)
        decision = decide(dispute, chosen.answer, self.by, source=_SOURCE, comment=comment)
        add_decisions(self.path, [decision], replace=True)
        self.made += dispute.id not in self._answers
        self._answers[dispute.id] = decision
        self._ask(False)
        self._go_on()

    def _go_on(self) -> None:
        if self._at + 1 >= len(self._seen):
            found = next(self._rest, None)
            if found is not None:
                self._seen.append(found)
        self._at = min(self._at + 1, len(self._seen))
        self._show()

    def _go_back(self) -> None:
        self._at = max(self._at - 1, 0)
        self._show()

    def _ask(self, asked: bool) -> None:
        field = self.query_one(Input)
        field.display = asked
        field.disabled = not asked
        field.value = ""
        if asked and self._current is not None:
            field.placeholder = _ASKS[self._current.dispute.task]
            field.focus()
        else:
            self.set_focus(None)

    def _say(self, text: str) -> None:
        self.query_one("#said", Static).update(Text(_printable(text)))

    def _show(self) -> None:
        where, body, keys = (self.query_one(f"#{id}", Static) for id in ("where", "body", "keys"))
        current = self._current
        left = self.total - self.made
        if current is None:
            what = "Nothing is left to look at." if self.total else "There is no open dispute."
            where.update(f"{self.made} decided, {left} left open")
            body.update(f"{what} q stops; ← goes back.")
            keys.update("← back  q stop")
            self._say("")
            return
        dispute, document = current
        where.update(
            Text(
                _printable(
                    f"{self._at + 1} of {self.total}  ·  {document.id} {dispute.start}-"
                    f"{dispute.end}  ·  {self.made} decided now"
                )
            )
        )
        describe = self.describe(document)
        body.update(_coloured(render_dispute(dispute, document, describe)))
        keys.update(_KEYS[dispute.task])
        answer = self._answers.get(dispute.id) or self.made_before.get(dispute.id)
        self._say(
            f"decided by {answer.author}: "
            f"{describe_answer(dispute, document, answer.answer, describe)}"
            if answer
            else ""
        )


def decide_disputes(
    gold: Path, *, by: str, kb: KnowledgeBase | None, describe: Describer, redo: bool
) -> int:
    """How many disputes were decided in the terminal before the person stopped."""
    app = DecideApp(gold, by=by, kb=kb, describe=describe, redo=redo)
    try:
        return app.run() or 0
    finally:
        app.close()


def _decided(path: Path) -> dict[str, Decision]:
    if not path.is_file():
        return {}
    return {decision.id: decision for decision in read_records(path, Decision)}


def _shown(gold: Path, made: dict[str, Decision], redo: bool) -> Generator[Disputed, None, None]:
    """The disputes that nobody has decided, in this file or after it was made; or all."""
    for disputed in read_disputes(gold):
        if redo or not _is_decided(disputed.dispute, made):
            yield disputed


def _is_decided(dispute: Dispute, made: dict[str, Decision]) -> bool:
    return dispute.decided is not None or dispute.id in made


def _coloured(text: str) -> Text:
    shown = Text(_printable(text))
    shown.highlight_regex(r"⟦[^⟧]*⟧", "bold reverse")
    shown.highlight_regex(r"(?m)^[0-9a-z](?=   )", "bold cyan")
    shown.highlight_regex(r"(?m) — .*$", "dim")
    return shown


def _printable(text: str) -> str:
    # An article may hold anything: no control character reaches the terminal.
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
