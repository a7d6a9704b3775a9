"""What people say of one question, and what settles it: votes, disputes, decisions.

A question of the task `spans` is whether a mention stands at a place, or which; one of `links`
is which entity a gold mention means. A rule settles what it can, a person the rest. A decision
names the votes that it settles by their hash: it is replayed as long as they are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from corpus.model import Link, Role, Task

ANNOTATOR = "annotator:"
RULE = "rule:"
"""What a mention's `decision` begins with that no person had to decide."""


class Mark(NamedTuple):
    """A span with its label: what a vote on spans marks."""

    start: int
    end: int
    label: str


class Answer(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What somebody says of a question: these marks (none: no mention), these links, or a key.

    `key` is for a link task's answers without links: BAD SPAN, UNSURE.
    """

    marks: tuple[Mark, ...] = ()
    links: tuple[Link, ...] = ()
    key: str = ""


class Vote(
    Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="vote/1",
):
    """One annotator's answer to one question, and what settled it (nothing: it is open).

    `mention` names the question within its document: a mention's id, or a place `start-end`
    where annotators disagree. `settled` is `rule:<name>` or the id of a Decision.
    """

    id: str
    document: str
    task: Task
    mention: str
    author: str
    round: int
    answer: Answer
    settled: str = ""


class Decision(
    Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="decision/1",
):
    """A person's answer to a dispute, for the votes of this hash on the text of this hash.

    `start` and `end` are where the dispute lies; `author` decided, `source` says where
    (`terminal`, or the Doccano project and example).
    """

    id: str
    document: str
    sha256: str
    task: Task
    mention: str
    start: int
    end: int
    votes: str
    answer: Answer
    author: str
    source: str = ""
    comment: str = ""


class Dispute(
    Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="dispute/1",
):
    """A question that no rule settles: its votes and the different answers among them.

    `id` is that of the decision that settles it, `decided` that decision if there is one; `label`
    is a gold mention's, of a link; `earlier` is a decision on this place that does not count,
    since the votes have changed.
    """

    id: str
    document: str
    sha256: str
    task: Task
    mention: str
    start: int
    end: int
    hash: str
    votes: tuple[Vote, ...]
    options: tuple[Answer, ...]
    label: str = ""
    decided: Decision | None = None
    earlier: Decision | None = None


Meaning = tuple[tuple[Mark, ...], tuple[tuple[str, Role], ...], str]


def meaning(answer: Answer) -> Meaning:
    """What makes two answers the same one: not the state of the knowledge base that was shown."""
    said = tuple((link.target, link.role) for link in answer.links)
    return (tuple(sorted(answer.marks)), said, answer.key)


def make_vote(
    document: str, task: Task, mention: str, author: str, round: int, answer: Answer
) -> Vote:
    """The vote, its id a digest of all that it says."""
    id = digest(document, task, mention, author, round, meaning(answer))
    return Vote(id, document, task, mention, author, round, answer)


def hash_votes(votes: Iterable[Vote]) -> str:
    """Equal for equal answers of the same people, in whatever order."""
    return digest(*sorted((vote.author, vote.round, meaning(vote.answer)) for vote in votes))


def decision_id(document: str, task: Task, mention: str, votes: str) -> str:
    """The id of the one decision that these votes on this question can have."""
    return digest(document, task, mention, votes)


def options_of(votes: Sequence[Vote]) -> tuple[Answer, ...]:
    """The different answers, what most people say first, then in the order of their meaning."""
    voters: dict[Meaning, list[str]] = {}
    answers: dict[Meaning, Answer] = {}
    for vote in votes:
        said = meaning(vote.answer)
        voters.setdefault(said, []).append(vote.author)
        answers.setdefault(said, vote.answer)
    return tuple(answers[said] for said in sorted(voters, key=lambda one: (-len(voters[one]), one)))


def voters_of(dispute: Dispute, answer: Answer) -> list[str]:
    """Who gave this answer, without the prefix of their layers."""
    said = meaning(answer)
    return [
        vote.author.removeprefix(ANNOTATOR)
        for vote in dispute.votes
        if meaning(vote.answer) == said
    ]


def decide(
    dispute: Dispute, answer: Answer, author: str, *, source: str = "", comment: str = ""
) -> Decision:
    """The decision of this dispute by this answer."""
    return Decision(
        id=dispute.id,
        document=dispute.document,
        sha256=dispute.sha256,
        task=dispute.task,
        mention=dispute.mention,
        start=dispute.start,
        end=dispute.end,
        votes=dispute.hash,
        answer=answer,
        author=author,
        source=source,
        comment=comment,
    )


def digest(*parts: object) -> str:
    """64 bits of a hash of the parts, in hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
