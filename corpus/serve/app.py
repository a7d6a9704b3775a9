"""The endpoint: POST /suggest takes a text and gives spans; /about and /health say what it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException
from pydantic import ConfigDict, Field

from corpus.errors import CorpusError
from corpus.serve.answers import Answer, Suggest, answer_text
from corpus.serve.given import Given
from corpus.serve.guard import Rules, guarded

Note = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A text; the label types of the project (None: all); a key under which to answer it once."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    text: str
    labels: list[str] | None = None
    once: Annotated[str, Field(max_length=500)] = ""


@dataclass(frozen=True)
class Suggested:
    """Spans in UTF-16 units as Doccano's auto-labelling takes them, and what was left out."""

    spans: list[dict[str, Any]]
    notes: list[str]


class Answering:
    """The suggestions, made one after the other in a thread that all of it belongs to.

    Requests wait in line for it, and /health is answered meanwhile.
    """

    def __init__(self, suggest: Suggest, given: Path, note: Note) -> None:
        self._suggest = suggest
        self._path = given
        self._given: Given | None = None
        self._note = note
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="suggest")

    async def answer(self, asked: Asked) -> Answer:
        """The answer; what was left out of it is noted, never the text itself."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._thread, self._answer, asked)
        for reason in found.notes:
            self._note(reason)
        return found

    def _answer(self, asked: Asked) -> Answer:
        if not asked.once:
            return answer_text(asked.text, self._suggest, asked.labels)
        self._given = self._given or Given(self._path)
        if not self._given.is_new(asked.once, asked.text):
            return Answer([], ["this text had its suggestions before"])
        found = answer_text(asked.text, self._suggest, asked.labels)
        self._given.add(asked.once, asked.text)
        return found

    def close(self) -> None:
        """What is under way has ended."""
        if self._given is not None:
            self._thread.submit(self._given.close).result()
        self._thread.shutdown()


def make_app(
    suggest: Suggest, *, rules: Rules, given: Path, about: dict[str, Any], note: Note
) -> Any:
    """The ASGI app that answers by `suggest`; `given` is the file of the texts it has answered.

    `note` is told what was left out of an answer, and why a text could not be answered.
    """
    answering = Answering(suggest, given, note)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        answering.close()

    async def suggest_spans(asked: Asked) -> Suggested:
        try:
            spans, notes = await answering.answer(asked)
        except Exception as error:
            known = error.message if isinstance(error, CorpusError) else ""
            reason = known or f"{type(error).__name__}: {error}"
            note(f"a text of {len(asked.text)} characters got no suggestions: {reason}")
            raise HTTPException(422 if known else 500, reason) from error
        return Suggested(spans=spans, notes=notes)

    async def tell_about() -> dict[str, Any]:
        return {"server": "corpus serve", **about}

    async def tell_health() -> dict[str, str]:
        return {"server": "corpus serve", "status": "ok"}

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.post("/suggest")(suggest_spans)
    app.get("/about")(tell_about)
    app.get("/health")(tell_health)
    return guarded(app, rules)
