"""Who has confirmed how much, as the last pull saw it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from corpus.model import Document, Task

ANNOTATOR = "annotator:"


class Progress(Struct):
    """A person's documents of one task and pass, by state."""

    person: str
    task: Task = "spans"
    round: int = 1
    confirmed: int = 0
    touched: int = 0
    untouched: int = 0

    @property
    def documents(self) -> int:
        """All that the person has."""
        return self.confirmed + self.touched + self.untouched


def progress_of(documents: Iterable[Document]) -> list[Progress]:
    """What each person has confirmed, by task, round and name."""
    found: dict[tuple[Task, int, str], Progress] = {}
    for document in documents:
        for layer in document.layers:
            if not layer.name.startswith(ANNOTATOR) or layer.state is None:
                continue
            person = layer.name.removeprefix(ANNOTATOR)
            key = (layer.task, layer.round, person)
            each = found.setdefault(key, Progress(person, layer.task, layer.round))
            setattr(each, layer.state, getattr(each, layer.state) + 1)
    return [found[key] for key in sorted(found)]


def waiting_for(progress: Sequence[Progress], people: Sequence[str], task: Task) -> list[Progress]:
    """Those of the people who have not confirmed all that they have, or have nothing yet."""
    by_person: dict[str, list[Progress]] = defaultdict(list)
    for each in progress:
        if each.task == task:
            by_person[each.person].append(each)
    waiting = []
    for person in people:
        own = by_person.get(person) or [Progress(person, task)]
        waiting += [each for each in own if not each.documents or each.confirmed < each.documents]
    return waiting


def tell_waiting(waiting: Sequence[Progress]) -> str:
    """Who has confirmed how much, in words."""
    return ", ".join(
        f"{each.person} has confirmed {each.confirmed:,} of {each.documents:,}" for each in waiting
    )
