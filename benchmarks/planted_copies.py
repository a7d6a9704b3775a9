"""Articles with planted wire copies, for benchmarks/near_duplicates.py: what is a copy is known.

Words and stock phrases are drawn by rank, as in running text (Zipf). What makes it hard: a third
of the articles belong to running stories, which share a standing background paragraph and a
quotation; each agency signs with one of a few credits; one article in 25 is a report by a template,
the same sentences with other names and numbers, a third of it. None of these are copies.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

Article = list[list[list[str]]]  # paragraphs of sentences of words

CREDITS = (
    "The Associated Press contributed to this report",
    "Reporting by our staff ; editing by the news desk ; all rights reserved",
    "This story was first published by a partner and is used by permission",
)


class Newsroom:
    """Draws words, sentences and articles."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        numbers = np.random.default_rng(seed)
        letters = "etaoinshrdlcumwfgypbvk"
        names = {
            "".join(self.random.choices(letters, k=self.random.randint(2, 10)))
            for _ in range(45_000)
        }
        self.words = sorted(names)[:40_000]
        self.random.shuffle(self.words)
        weights = 1 / (np.arange(len(self.words)) + 2.7)
        self._bounds = np.cumsum(weights / weights.sum())
        self._numbers = numbers
        self._drawn: list[str] = []
        self._at = 0
        self.phrases = [self.draw(self.random.randint(4, 9)) for _ in range(3000)]
        self.stories = [([self.sentence() for _ in range(3)], self.sentence()) for _ in range(400)]
        self.templates = [[self.sentence() for _ in range(7)] for _ in range(10)]

    def draw(self, count: int) -> list[str]:
        if len(self._drawn) < self._at + count:
            at = np.searchsorted(self._bounds, self._numbers.random(1 << 16))
            words = self.words
            self._drawn = [words[n] for n in np.minimum(at, len(words) - 1).tolist()]
            self._at = 0
        self._at += count
        return self._drawn[self._at - count : self._at]

    def sentence(self) -> list[str]:
        words = self.draw(self.random.randint(7, 24))
        if self.random.random() < 0.3:
            at = self.random.randint(0, len(words))
            phrase = self.phrases[int(len(self.phrases) * self.random.random() ** 3)]
            words = [*words[:at], *phrase, *words[at:]]
        if self.random.random() < 0.4:
            words[self.random.randrange(len(words))] = f"{self.random.randint(2, 99_999):,}"
        words[0] = words[0].capitalize()
        return words

    def paragraph(self) -> list[list[str]]:
        return [self.sentence() for _ in range(self.random.randint(1, 4))]

    def headline(self) -> list[list[str]]:
        return [[word.capitalize() for word in self.draw(self.random.randint(5, 11))]]

    def article(self) -> Article:
        size = self.random.choice((5, 8, 10, 12, 16))
        found = [self.headline(), *(self.paragraph() for _ in range(size))]
        kind = self.random.random()
        if kind < 0.33:
            background, quotation = self.random.choice(self.stories)
            found[-1:] = [background, [quotation]]
        elif kind < 0.37:
            found[2:4] = [[self.changed(s, 0.1) for s in self.random.choice(self.templates)]]
        if self.random.random() < 0.5:
            found.append([self.random.choice(CREDITS).split()])
        return found

    def changed(self, sentence: list[str], share: float) -> list[str]:
        return [self.draw(1)[0] if self.random.random() < share else word for word in sentence]


def text_of(article: Article) -> str:
    return "\n\n".join(" ".join(" ".join(s) + "." for s in paragraph) for paragraph in article)


def headline(room: Newsroom, article: Article) -> str:
    """Another headline, a dateline, another credit."""
    body = article[1:-1] if " ".join(article[-1][0]) in CREDITS else article[1:]
    first = [["KYIV", "(Agency)", "–", *body[0][0]], *body[0][1:]]
    credit = [room.random.choice(CREDITS).split()]
    return text_of([room.headline(), first, *body[1:], credit])


def cut(room: Newsroom, article: Article) -> str:
    """The first 35 to 80 per cent of its paragraphs, another headline."""
    keep = max(2, round(len(article) * room.random.uniform(0.35, 0.8)))
    return text_of([room.headline(), *article[1 : 1 + keep]])


def update(room: Newsroom, article: Article) -> str:
    """A later version: other numbers, a new lead, one or two new paragraphs."""
    body = [
        [
            [str(room.random.randint(2, 99_999)) if w[0].isdigit() else w for w in sentence]
            for sentence in paragraph
        ]
        for paragraph in article[1:]
    ]
    for _ in range(room.random.randint(1, 2)):
        body.insert(room.random.randint(0, len(body)), room.paragraph())
    return text_of([article[0], room.paragraph(), *body])


def edited(room: Newsroom, article: Article) -> str:
    """A desk's edit: 4 to 8 per cent of the words are others, one sentence in ten is gone."""
    share = room.random.uniform(0.04, 0.08)
    body = [
        [room.changed(s, share) for s in paragraph if room.random.random() > 0.1]
        for paragraph in article
    ]
    return text_of([paragraph for paragraph in body if paragraph])


def embedded(room: Newsroom, article: Article) -> str:
    """Two thirds of it inside a report of the paper's own that is as long."""
    own = room.article()
    keep = article[1 : 2 + len(article) * 2 // 3]
    at = room.random.randint(1, len(own))
    return text_of([*own[:at], *keep, *own[at:]])


def typeset(room: Newsroom, article: Article) -> str:
    """Capitals, straight quotes, decomposed letters, no paragraphs, hyphens for dashes."""
    text = text_of(article).replace("\n\n", " ").replace("–", "-")
    head, _, rest = text.partition(". ")
    return unicodedata.normalize("NFD", f"{head.upper()} -- {rest}")


def all_at_once(room: Newsroom, article: Article) -> str:
    """Cut to 60 to 85 per cent, edited by 3 per cent, other numbers, headline and credit."""
    keep = max(3, round(len(article) * room.random.uniform(0.6, 0.85)))
    body = [[room.changed(s, 0.03) for s in paragraph] for paragraph in article[1:keep]]
    return update(room, [room.headline()[0:1], *body, [room.random.choice(CREDITS).split()]])


EDITS: tuple[Callable[[Newsroom, Article], str], ...] = (
    headline, cut, update, edited, embedded, typeset, all_at_once,
)  # fmt: skip


def plant(count: int, *, seed: int = 1, share: float = 0.05) -> Iterator[dict[str, str]]:
    """`count` records, id and text; a copy names its original in `copy_of`, its edit in `edit`.

    Every record has all keys: text-dedup reads no other files.
    """
    room = Newsroom(seed)
    copies = round(count * share)
    originals = count - copies
    copied = set(room.random.sample(range(originals), copies))
    late: list[dict[str, str]] = []
    for number in range(originals):
        article = room.article()
        if number in copied:
            edit = EDITS[len(late) % len(EDITS)]
            text = edit(room, article)
            late.append({"text": text, "copy_of": f"a{number}", "edit": edit.__name__})
        yield {"id": f"a{number}", "text": text_of(article), "copy_of": "", "edit": ""}
    for number, record in enumerate(late):
        yield {"id": f"c{number}", **record}


def write_planted(path: Path, count: int, *, seed: int = 1) -> None:
    with path.open("w", encoding="utf-8") as sink:
        for record in plant(count, seed=seed):
            sink.write(json.dumps(record, ensure_ascii=False) + "\n")
