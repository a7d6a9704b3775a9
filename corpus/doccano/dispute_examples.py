"""A dispute as somebody reads it, its answers with one key each, and what a key meant. Pure.

    Attending a meeting in ⟦Kyiv city⟧, Lavrov said …

    1   ⟦Kyiv⟧ city · GPE — ann, eve
    2   ⟦Kyiv city⟧ · LOC — bob
    n   no mention here — joe

The same text is shown by Doccano and in the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from corpus.decisions import Answer, Dispute, Mark, meaning, voters_of
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_examples import BAD_SPAN, CANDIDATE_KEYS, OTHER, UNSURE, context_of
from corpus.model import NIL, Document, Link, Mention, Task

NONE, ALL = "NONE", "ALL"
SHORTCUTS: Mapping[Task, Mapping[str, str]] = {
    "spans": {
        **{key: key for key in CANDIDATE_KEYS},
        NONE: "n",
        ALL: "a",
        OTHER: "o",
        UNSURE: "u",
    },
    "links": {
        **{key: key for key in CANDIDATE_KEYS},
        NIL: "n",
        BAD_SPAN: "b",
        OTHER: "o",
        UNSURE: "u",
    },
}
"""The label types of a dispute project and the one key of each, in the order of the page."""

_AROUND = 260  # columns of context on either side
_EXTENT = 60  # characters of the disputed place that an option shows
_SPAN = re.compile(r"\s*(?P<text>.+?)\s*=\s*(?P<label>[^\s=](?:[^=]*[^\s=])?)\s*", re.DOTALL)
_KB_ID = re.compile(r"\s*kb\s*:\s*(\S+)\s*", re.IGNORECASE)
_REACH = 200  # characters around the place in which the words of an OTHER are looked for

Describe = Callable[[str], tuple[str, str, str]]
"""kb_id -> (label, type, description) to show beside a link; empty where nothing is known."""


class Choice(NamedTuple):
    """An answer that a key gives: what is shown of it, and who gave it."""

    key: str
    shown: str
    answer: Answer
    voters: tuple[str, ...]


class Chosen(NamedTuple):
    """What was decided: an answer, or the reason why what was typed is none."""

    answer: Answer | None
    reason: str = ""


def choices_of(dispute: Dispute, document: Document, describe: Describe) -> list[Choice]:
    """The answers that have a key, the numbered ones first.

    They follow from the votes alone, so a key always means the same in a dispute of one id.
    """
    numbered = [one for one in dispute.options if one.marks or _is_linked(one)]
    choices = [
        Choice(key, _shown(dispute, document, one, describe), one, _voters(dispute, one))
        for key, one in zip(CANDIDATE_KEYS, numbered, strict=False)
    ]
    if dispute.task == "links":
        nil = next((one for one in dispute.options if _is_nil(one)), _nil_beside(dispute))
        bad = Answer(key=BAD_SPAN)
        choices += [
            Choice(NIL, "not in the knowledge base", nil, _voters(dispute, nil)),
            Choice(BAD_SPAN, "the brackets mark no name", bad, _voters(dispute, bad)),
        ]
        return choices
    none = Answer()
    choices.append(Choice(NONE, "no mention here", none, _voters(dispute, none)))
    marks = sorted({mark for one in numbered for mark in one.marks})
    if len(numbered) > 1:
        together = Answer(marks=tuple(marks))
        choices.append(Choice(ALL, "all of these mentions together", together, ()))
    return choices


def _nil_beside(dispute: Dispute) -> Answer:
    """NIL in the knowledge base of the other answers."""
    for option in dispute.options:
        for link in option.links:
            return Answer(links=(Link(NIL, kb=link.kb, kb_hash=link.kb_hash),))
    return Answer(links=(Link(NIL),))


def _is_linked(answer: Answer) -> bool:
    return bool(answer.links) and not _is_nil(answer)


def _is_nil(answer: Answer) -> bool:
    return bool(answer.links) and answer.links[0].target == NIL


def _voters(dispute: Dispute, answer: Answer) -> tuple[str, ...]:
    return tuple(voters_of(dispute, answer))


def _shown(dispute: Dispute, document: Document, answer: Answer, describe: Describe) -> str:
    if answer.links:
        return " + ".join(_shown_link(link, describe) for link in answer.links)
    return "  and  ".join(_shown_mark(dispute, document.text, mark) for mark in answer.marks)


def _shown_link(link: Link, describe: Describe) -> str:
    parts = [_one_line(part) for part in (*describe(link.target), link.target)]
    role = " (metonymic)" if link.role == "metonymic" else ""
    return " · ".join(dict.fromkeys(filter(None, parts))) + role


def _shown_mark(dispute: Dispute, text: str, mark: Mark) -> str:
    """The mention in brackets within the disputed place."""
    before = text[min(dispute.start, mark.start) : mark.start]
    after = text[mark.end : max(dispute.end, mark.end)]
    if len(before) > _EXTENT:
        before = f"… {before[-_EXTENT:]}"
    if len(after) > _EXTENT:
        after = f"{after[:_EXTENT]} …"
    within = text[mark.start : mark.end]
    return f"{_flat(before)}⟦{_flat(within)}⟧{_flat(after)} · {mark.label}"


def _flat(text: str) -> str:
    return re.sub(r"\s", " ", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def render_dispute(dispute: Dispute, document: Document, describe: Describe) -> str:
    """The place in its context, the answers with their keys, and who gave which."""
    place = Mention("", dispute.start, dispute.end, dispute.label or "?")
    keys = SHORTCUTS[dispute.task]
    lines = [context_of(document.text, place, _AROUND), ""]
    choices = choices_of(dispute, document, describe)
    said = [meaning(choice.answer) for choice in choices]
    for number, choice in enumerate(choices):
        if said[number] in said[:number]:
            continue  # all together is somebody's own answer
        by = f" — {', '.join(choice.voters)}" if choice.voters else ""
        lines.append(f"{keys[choice.key]}   {choice.shown}{by}")
    lines += _more(dispute, document, describe)
    return "\n".join(lines)


def _more(dispute: Dispute, document: Document, describe: Describe) -> Iterator[str]:
    unsure = voters_of(dispute, Answer(key=UNSURE))
    if unsure:
        yield f"{UNSURE}: {', '.join(unsure)}"
    extra = sum(one.marks != () or _is_linked(one) for one in dispute.options) - len(CANDIDATE_KEYS)
    if extra > 0:
        yield f"{extra} more answers have no key: OTHER, with a comment"
    if dispute.earlier is not None:
        said = describe_answer(dispute, document, dispute.earlier.answer, describe)
        yield ""
        yield f"Decided by {dispute.earlier.author} before the votes changed: {said}"


def describe_answer(
    dispute: Dispute, document: Document, answer: Answer, describe: Describe
) -> str:
    """One line that says what the answer is."""
    for choice in choices_of(dispute, document, describe):
        if meaning(choice.answer) == meaning(answer):
            return choice.shown
    return _shown(dispute, document, answer, describe) or answer.key


def read_choice(
    dispute: Dispute,
    document: Document,
    key: str,
    comments: Sequence[str],
    kb: KnowledgeBase | None,
) -> Chosen:
    """What the key means, with the comments that an OTHER needs.

    UNSURE decides nothing. `kb` is asked for an id that came by comment.
    """
    if key == UNSURE:
        return Chosen(None)
    if key == OTHER:
        if dispute.task == "links":
            return _read_link(comments, kb)
        return _read_marks(dispute, document, comments)
    for choice in choices_of(dispute, document, lambda _: ("", "", "")):
        if choice.key == key:
            return Chosen(choice.answer)
    return Chosen(None, f"{key} was chosen, and there is no such answer")


def _read_link(comments: Sequence[str], kb: KnowledgeBase | None) -> Chosen:
    ids = [found[1] for comment in comments if (found := _KB_ID.fullmatch(comment))]
    if not ids:
        return Chosen(None, "OTHER needs a comment like kb:Q81299")
    if kb is None:
        return Chosen(None, f"{ids[-1]} came by comment, and there is no --kb to check it against")
    target = kb.target_of(ids[-1])
    if target is None:
        return Chosen(None, f"{ids[-1]} came by comment and is not in the knowledge base")
    return Chosen(Answer(links=(Link(target, kb=kb.name, kb_hash=kb.hash),)))


def _read_marks(dispute: Dispute, document: Document, comments: Sequence[str]) -> Chosen:
    lines = [line for comment in comments for line in comment.splitlines() if "=" in line]
    if not lines:
        return Chosen(None, "OTHER needs a comment like Kyiv city = GPE")
    marks = []
    for line in lines:
        found = _SPAN.fullmatch(line)
        if found is None:
            return Chosen(None, f"{line[:60]!r} is not like Kyiv city = GPE")
        places = _find(dispute, document.text, found["text"])
        if len(places) != 1:
            where = "nowhere" if not places else f"{len(places)} times"
            return Chosen(None, f"{found['text'][:60]!r} stands {where} at the disputed place")
        marks.append(Mark(*places[0], found["label"]))
    return Chosen(Answer(marks=tuple(sorted(set(marks)))))


def _find(dispute: Dispute, text: str, words: str) -> list[tuple[int, int]]:
    """Where these words overlap the disputed place."""
    first, last = max(0, dispute.start - _REACH), dispute.end + _REACH
    pattern = r"\s+".join(map(re.escape, words.split()))
    places = []
    for match in re.finditer(f"(?=({pattern}))", text[first:last]):
        start, end = first + match.start(1), first + match.end(1)
        if start < dispute.end and dispute.start < end:
            places.append((start, end))
    return places


def entity_names(document: Document) -> dict[str, str]:
    """kb_id -> label, as far as the candidates of the document's layers tell."""
    return {
        candidate.kb_id: candidate.label
        for layer in document.layers
        for mention in layer.mentions
        for candidate in mention.candidates
        if candidate.label
    }
