"""Rules that settle a question from its votes, or leave it to a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from corpus.decisions import ANNOTATOR, RULE, Answer, Meaning, Vote, meaning
from corpus.errors import UsageError
from corpus.model import Document, Layer, Task

RULES = ("single", "unanimous", "majority", "weighted", "expert")
_NONE, _ONE = Fraction(0), Fraction(1)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_NO_CHOICE = ("UNSURE", "SPLIT", "")  # keys of a link task that say: somebody else should look


class Rule(NamedTuple):
    """How votes are counted: who weighs how much, whose word is the last."""

    name: str
    weights: Mapping[str, Fraction] = {}
    expert: str = ""

    @property
    def decision(self) -> str:
        """What a mention's `decision` says that this rule settled."""
        return f"{RULE}{self.name}"


def make_rule(name: str, weights: str = "", expert: str = "") -> Rule:
    """The rule of that name. Raises UsageError for one that there is not, or half of one."""
    if name not in RULES:
        raise UsageError(f"--rule {name}: no such rule", f"the rules are: {', '.join(RULES)}")
    for option, value, of in (("--weights", weights, "weighted"), ("--expert", expert, "expert")):
        if value and name != of:
            raise UsageError(f"{option} is not for --rule {name}", f"say --rule {of}")
        if not value and name == of:
            example = "ann=2,bob=1" if of == "weighted" else "ann"
            raise UsageError(
                f"--rule {name} needs {option}", f"say, for example: {option} {example}"
            )
    return Rule(name, _read_weights(weights), expert)


def _read_weights(written: str) -> dict[str, Fraction]:
    """Exact numbers: 0.1 and 0.2 weigh as much as 0.3."""
    weights: dict[str, Fraction] = {}
    for part in filter(None, (one.strip() for one in written.split(","))):
        name, _, number = part.rpartition("=")
        weight = Fraction(number) if _NUMBER.fullmatch(number) else None
        if not name or weight is None or name in weights:
            raise UsageError(
                f"--weights {part}: not a name with a number of its own",
                "write them like: ann=2,bob=1; who is not named weighs 1",
            )
        weights[name] = weight
    return weights


def settle(votes: Sequence[Vote], rule: Rule) -> Answer | None:
    """The answer that the rule takes from the votes, None where it cannot.

    `unanimous`: all say the same. `majority`: more than half say it. `weighted`: so, by weight.
    `expert`: the named one's word; where they gave none, all must say the same.
    """
    answers: dict[Meaning, Answer] = {}
    weights: dict[Meaning, Fraction] = {}
    total = _NONE
    for vote in votes:
        name = vote.author.removeprefix(ANNOTATOR)
        if rule.name == "expert" and name == rule.expert:
            return vote.answer if _is_choice(vote.answer) else None
        weight = rule.weights.get(name, _ONE) if rule.name == "weighted" else _ONE
        total += weight
        said = meaning(vote.answer)
        answers.setdefault(said, vote.answer)
        weights[said] = weights.get(said, _NONE) + weight
    for said, weight in weights.items():
        enough = 2 * weight > total if rule.name in ("majority", "weighted") else len(answers) == 1
        if enough and _is_choice(answers[said]):
            return answers[said]
    return None


def _is_choice(answer: Answer) -> bool:
    return bool(answer.links) or not answer.key or answer.key not in _NO_CHOICE


def voting_layers(document: Document, task: Task, *, annotator: str = "") -> list[Layer]:
    """The layers whose mentions are votes: of each annotator the last pass that they confirmed."""
    last: dict[str, Layer] = {}
    for layer in document.layers:
        named = layer.name.removeprefix(ANNOTATOR)
        if (
            layer.task == task
            and layer.state == "confirmed"
            and layer.name.startswith(ANNOTATOR)
            and annotator in ("", named)
            and (layer.name not in last or layer.round > last[layer.name].round)
        ):
            last[layer.name] = layer
    return [last[name] for name in sorted(last)]
