"""From what an annotator chose in a link project back to links. Pure.

    comment       meaning
    kb:Q81299     the id that OTHER stands for
    meto:Q159     a second, metonymic link: "Moscow denied" is the city and Russia

The last comment of a pattern counts; Doccano exports comments without their authors. Every
comment that does not count is a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from corpus.doccano.link_examples import (
    BAD_SPAN,
    CANDIDATE_KEYS,
    OTHER,
    SPLIT,
    UNSURE,
)
from corpus.model import NIL, Link, Role

_COMMENT = re.compile(r"\s*(kb|meto)\s*:\s*(\S+)\s*\Z", re.IGNORECASE)
_UNLINKED = (BAD_SPAN, UNSURE, SPLIT)


class KnowledgeBase(NamedTuple):
    """What a link remembers of a knowledge base, and whether it has an id."""

    name: str
    hash: str
    knows: Callable[[str], bool] = lambda _: True


class Decision(NamedTuple):
    """One annotator's choice: its key, the links it gives, or the reason why it gives none.

    BAD SPAN, UNSURE and SPLIT are choices without links; `reason` is for what is no choice.
    """

    key: str
    links: tuple[Link, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()


def read_decision(
    labels: Sequence[str],
    comments: Sequence[str],
    candidates: Sequence[str],
    *,
    shown: KnowledgeBase,
    now: KnowledgeBase | None,
) -> Decision:
    """The decision behind an example's labels and comments.

    `candidates` are the frozen ids that the keys 1 … 9 meant when the annotator saw them, and
    `shown` is the knowledge base that they came from; `now` is the one to ask for ids that came
    by comment, None where there is none.
    """
    found, notes = _read_comments(comments)
    if not labels:
        return Decision("", reason="no key was chosen", notes=notes)
    if len(labels) > 1:
        keys = ", ".join(sorted(labels))
        return Decision("", reason=f"several keys were chosen: {keys}", notes=notes)
    key = labels[0]
    if key in _UNLINKED:
        return Decision(key, notes=(*notes, *_idle(found, key)))
    target, reason = _target(key, found.get("kb", ""), candidates)
    if not reason and found.get("kb", target) != target:
        # On the page letters typed beside the comment's field are keys: neither can be trusted.
        reason = f"the key is {key}, and a comment says kb:{found['kb']}"
    reason = reason or _unknown(target if key == OTHER else "", now)
    metonymic = found.get("meto", "")
    reason = reason or _unknown(metonymic, now)
    if reason:
        return Decision(key, reason=reason, notes=notes)
    links = [_link(target, "literal", now if key == OTHER and now else shown)]
    if metonymic:
        links.append(_link(metonymic, "metonymic", now or shown))
    if now is not None and key in CANDIDATE_KEYS and not now.knows(target):
        # The list was frozen: what the person chose stands, and the change is shown.
        notes = (*notes, f"{target} has left the knowledge base since the push")
    return Decision(key, tuple(links), notes=notes)


def _link(target: str, role: Role, kb: KnowledgeBase) -> Link:
    return Link(target=target, role=role, kb=kb.name, kb_hash=kb.hash)


def _idle(found: dict[str, str], key: str) -> Iterator[str]:
    """The comments, which say nothing beside that key."""
    for kind, kb_id in sorted(found.items()):
        yield f"a comment that does not count beside {key}: {kind}:{kb_id}"


def _read_comments(comments: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    found: dict[str, str] = {}
    others = []
    for comment in comments:
        match = _COMMENT.match(comment)
        if not match:
            others.append(f"comment: {comment}")
            continue
        kind = match[1].lower()
        if kind in found:
            others.append(f"an earlier comment, which does not count: {kind}:{found[kind]}")
        found[kind] = match[2]
    return found, tuple(others)


def _target(key: str, other: str, candidates: Sequence[str]) -> tuple[str, str]:
    if key == NIL:
        return NIL, ""
    if key == OTHER:
        return other, "" if other else "OTHER was chosen without a comment like kb:Q81299"
    if key in CANDIDATE_KEYS:
        place = CANDIDATE_KEYS.index(key)
        if place < len(candidates):
            return candidates[place], ""
        return "", f"key {key} was chosen, and there are only {len(candidates)} candidates"
    return "", f"{key!r} is no label of a link project"


def _unknown(kb_id: str, now: KnowledgeBase | None) -> str:
    if not kb_id or kb_id == NIL:
        return ""
    if now is None:
        return f"{kb_id} came by comment, and there is no --kb to check it against"
    return "" if now.knows(kb_id) else f"{kb_id} came by comment and is not in the knowledge base"
