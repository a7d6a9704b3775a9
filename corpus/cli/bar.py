"""The bar that a terminal shows while something takes its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from corpus.cli.terminal import count
from corpus.manifest import Stage
from corpus.reading import Reading, watch_reading

T = TypeVar("T")

_OFTEN = 0.1  # seconds from one look at the counts to the next


def with_bar(items: Iterable[T], what: str, total: int | None, stage: Stage | None) -> Iterator[T]:
    """The items as they are, with a bar on stderr (see `terminal.progress`)."""
    with watch_reading(stage.sizes if stage is not None else {}) as reading:
        begun = shown = monotonic()
        # Worker processes are forked for the first item, before the bar starts a thread.
        stream = iter(items)
        first = list(islice(stream, 1))
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total or reading.total or None, told="")
            for number, item in enumerate(chain(first, stream), 1):
                yield item
                now = monotonic()
                if now - shown >= _OFTEN:
                    shown = now
                    done = number if total else reading.done
                    told = tell(number, total, stage, reading, now - begun)
                    bar.update(task, completed=done, told=told)


def tell(
    number: int, total: int | None, stage: Stage | None, reading: Reading, seconds: float
) -> str:
    """What stands beside the bar: how many, how fast, how many rejects, how long it takes.

    Before the stage has received a document, and without one, the items are counted.
    """
    received = stage.documents.received if stage is not None else 0
    done = received or number
    words = [count(done, "document") if received else f"{number:,}"]
    if total:
        words[0] += f" of {total:,}"
    words.append(f"{done / seconds:,.0f}/s")
    if stage is not None:
        words.append(count(stage.documents.rejected + stage.mentions.rejected, "reject"))
    words.append(_clock(seconds))
    part = number / total if total else reading.done / reading.total if reading.total else 0
    if 0 < part < 1:  # what is read as a whole is read long before it is done
        words.append(f"about {_clock(seconds / part - seconds)} left")
    return ", ".join(words)


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
