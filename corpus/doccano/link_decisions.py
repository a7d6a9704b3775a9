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
    """What a link remembers of a knowledge base, and the id that an id means in it, or None."""

    name: str
    hash: str
    target_of: Callable[[str], str | None] = lambda kb_id: kb_id


class Decision(NamedTuple):
    """One annotator's choice: its key, the links it gives, or the reason why it gives none.

    BAD SPAN, UNSURE and SPLIT are choices without links; `reason` is for what is no choice.
    `repairs` says which ids that came by comment are called otherwise now, a sentence each.
    """

    key: str
    links: tuple[Link, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


class _Followed(NamedTuple):
    """The id that an id in a comment means now, why it cannot be taken, and how it changed."""

    id: str
    reason: str = ""
    repair: str = ""


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
    said = {kind: _follow(kind, kb_id, now) for kind, kb_id in found.items()}
    literal, metonymic = said.get("kb"), said.get("meto")
    target, reason = _target(key, literal, candidates)
    if not reason and literal and target not in (found["kb"], literal.id):
        # On the page letters typed beside the comment's field are keys: neither can be trusted.
        reason = f"the key is {key}, and a comment says kb:{found['kb']}"
    reason = reason or (metonymic.reason if metonymic else "")
    if reason:
        return Decision(key, reason=reason, notes=notes)
    if metonymic and metonymic.id == target:
        notes = (*notes, f"a comment that does not count: meto:{found['meto']}, as the key says")
        metonymic = None
    links = [_link(target, "literal", now if key == OTHER and now else shown)]
    if metonymic:
        links.append(_link(metonymic.id, "metonymic", now or shown))
    if key in CANDIDATE_KEYS:
        notes = (*notes, *_left(target, now))
    repairs = [one.repair for one in (literal if key == OTHER else None, metonymic) if one]
    return Decision(key, tuple(links), notes=notes, repairs=tuple(filter(None, repairs)))


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


def _target(key: str, other: _Followed | None, candidates: Sequence[str]) -> tuple[str, str]:
    """The id that the key means, and why it means none."""
    if key == NIL:
        return NIL, ""
    if key == OTHER:
        if other is None:
            return "", "OTHER was chosen without a comment like kb:Q81299"
        return other.id, other.reason
    if key in CANDIDATE_KEYS:
        place = CANDIDATE_KEYS.index(key)
        if place < len(candidates):
            return candidates[place], ""
        return "", f"key {key} was chosen, and there are only {len(candidates)} candidates"
    return "", f"{key!r} is no label of a link project"


def _follow(kind: str, kb_id: str, now: KnowledgeBase | None) -> _Followed:
    if kb_id == NIL:
        return _Followed(kb_id)
    if now is None:
        return _Followed("", f"{kb_id} came by comment, and there is no --kb to check it against")
    target = now.target_of(kb_id)
    if target is None:
        return _Followed("", f"{kb_id} came by comment and is not in the knowledge base")
    if target == kb_id:
        return _Followed(kb_id)
    repair = f"the comment {kind}:{kb_id} means {target}: {now.name} redirects it there"
    return _Followed(target, repair=repair)


def _left(target: str, now: KnowledgeBase | None) -> Iterator[str]:
    """What became of a candidate since the push. The list was frozen: the choice stands."""
    there = target if now is None else now.target_of(target)
    if there is None:
        yield f"{target} has left the knowledge base since the push"
    elif there != target:
        yield f"{target} is {there} since the push: corpus kb migrate moves the link"
