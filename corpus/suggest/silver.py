"""Documents -> the same with a `silver` layer: what a machine suggests, in no way judged."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.engine import Rescue, chunked, run_chunks
from corpus.errors import StoreError
from corpus.kb.knowledge_base import KB
from corpus.kb.layout import INFO
from corpus.manifest import Counts, Stage
from corpus.model import (
    Change,
    Document,
    Layer,
    Mention,
    count_mentions,
    layer_of,
    problems_of,
    with_layer,
)
from corpus.store import decode_line, encode_line
from corpus.suggest.linking import Linker, Options, make_mentions, write_mentions
from corpus.suggest.pipeline import Found, find_entities, load_pipeline

SILVER = "silver"
CHUNK = 64  # documents handed to a worker at once: work for some ten milliseconds
_CLOSING = b"}]}\n"  # of the last layer, the layers and the document

Line = tuple[str, bytes]


def open_kb(path: str, without: tuple[str, ...] = ()) -> KB:
    """The knowledge base at that path, opened once a process however many chunks ask for it."""
    return _open_kb(path, without, _state_of(path))


def _open_linker(options: Options) -> Linker:
    return _cached_linker(options, _state_of(options.kb))


@lru_cache(2)
def _cached_linker(options: Options, state: object) -> Linker:
    return Linker(_open_kb(options.kb, options.without, state), options)


@lru_cache(2)
def _open_kb(path: str, without: tuple[str, ...], state: object) -> KB:
    return KB(path, without)


def _state_of(path: str) -> object:
    """What an open knowledge base belongs to: this process, and this build at this place."""
    # SQLite connections must not cross a fork, so a worker opens its own.
    folder = Path(path).absolute()
    with contextlib.suppress(OSError):
        info = (folder / INFO).stat()
        return os.getpid(), folder, info.st_ino, info.st_mtime_ns
    return os.getpid(), folder


class Outcome(Struct):
    """What became of some documents: those that go on, as lines, and their accounts."""

    lines: list[bytes] = []
    documents: Counts = msgspec.field(default_factory=Counts)
    mentions: Counts = msgspec.field(default_factory=Counts)
    changes: list[Change] = []
    notes: Counter[str] = msgspec.field(default_factory=Counter)


def suggest_lines(
    lines: Iterable[Line],
    stage: Stage,
    options: Options,
    *,
    workers: int = 1,
    scheduler: str = "",
) -> Iterator[bytes]:
    """The lines of Document JSONL, each with a silver layer; (where, line) come in.

    The bytes are the same for any number of workers. A document that has a silver layer is a
    reject unless `options.replace`. Raises StoreError for a line that is no sound document.
    """
    work = partial(_suggest_chunk, options=options)
    yield from collect(run_lines(work, lines, workers, scheduler), stage)


def run_lines(
    work: Callable[[list[Line]], Outcome], lines: Iterable[Line], workers: int, scheduler: str
) -> Iterator[Outcome]:
    """The outcomes of the lines in order; a document that kills its worker is a reject."""
    rescue = Rescue(_single_lines, _give_up)
    run = partial(run_chunks, workers=workers, scheduler=scheduler)
    for _, outcome in run(work, chunked(lines, CHUNK), rescue=rescue):
        yield outcome


def _single_lines(lines: list[Line]) -> list[list[Line]]:
    return [[line] for line in lines]


def _give_up(lines: list[Line], reason: str) -> Outcome:
    outcome = Outcome()
    for document in decode_documents(lines):
        mentions = count_mentions(document)
        outcome.documents.received += 1
        outcome.documents.rejected += 1
        outcome.mentions.received += mentions
        outcome.mentions.rejected += mentions
        outcome.changes.append(Change("rejected", document.id, reason))
    return outcome


def collect(outcomes: Iterable[Outcome], stage: Stage) -> Iterator[bytes]:
    """The lines of the outcomes; what became of their documents is in the stage's books."""
    notes: Counter[str] = Counter()
    for outcome in outcomes:
        _add(stage.documents, outcome.documents)
        added = outcome.mentions.added
        outcome.mentions.added = 0
        _add(stage.mentions, outcome.mentions)
        if added:
            stage.add(SILVER, added)
        for change in outcome.changes:
            stage.record(change)
        notes.update(outcome.notes)
        yield from outcome.lines
    stage.manifest.notes.update(sorted(notes.items()))


def suggest_documents(documents: Sequence[Document], options: Options) -> list[Document]:
    """The documents, each with a new silver layer; those that are rejects are missing."""
    return [decode_line(line, Document, "") for line in _suggest(documents, options).lines]


def _suggest_chunk(lines: list[Line], *, options: Options) -> Outcome:
    return _suggest(list(decode_documents(lines)), options)


def decode_documents(lines: Iterable[Line]) -> Iterator[Document]:
    """The documents of these lines. Raises StoreError for a line that is no sound document."""
    for where, line in lines:
        document = decode_line(line, Document, where)
        for problem in problems_of(document):
            raise StoreError(
                f"{where}: document {document.id!r}: {problem}", "run corpus check on that file"
            )
        yield document


def _suggest(documents: Sequence[Document], options: Options) -> Outcome:
    outcome = Outcome()
    linker = _open_linker(options) if options.kb else None
    accepted = [document for document in documents if _accept(document, options, outcome)]
    entities = _entities(accepted, options, outcome)
    plain = not options.model and not options.labels
    for document, found in zip(accepted, entities, strict=True):
        if linker is not None and plain and layer_of(document, SILVER) is None:
            outcome.lines.append(_write(document, linker, outcome))
            continue
        mentions = make_mentions(
            document.text, linker, found, options, outcome.notes, document.lang
        )
        layer = Layer(name=SILVER, mentions=tuple(mentions))
        account_layer(document, layer, outcome)
        outcome.notes["linked"] += sum(bool(mention.links) for mention in mentions)
        outcome.lines.append(encode_line(with_layer(document, layer)))
    return outcome


def _write(document: Document, linker: Linker, outcome: Outcome) -> bytes:
    """The line of a document that has no silver layer yet, its mentions' JSON put together."""
    layer = Layer(name=SILVER)
    line = encode_line(with_layer(document, layer))
    account_layer(document, layer, outcome)
    mentions, linked = write_mentions(document.text, linker, document.lang)
    outcome.notes["linked"] += linked
    if not mentions:
        return line
    outcome.mentions.added += len(mentions)
    outcome.mentions.written += len(mentions)
    return b"".join(
        (line.removesuffix(_CLOSING), b',"mentions":[', b",".join(mentions), b"]", _CLOSING)
    )


def _accept(document: Document, options: Options, outcome: Outcome) -> bool:
    reason = ""
    if layer_of(document, SILVER) is not None and not options.replace:
        reason = "it has a silver layer already; --replace makes a new one"
    elif options.model and len(document.text) > load_pipeline(options.model).max_length:
        limit = load_pipeline(options.model).max_length
        reason = (
            f"its {len(document.text)} characters are more than the {limit} that {options.model} "
            "takes; without --model it can be suggested for"
        )
    outcome.documents.received += 1
    mentions = count_mentions(document)
    outcome.mentions.received += mentions
    if not reason:
        return True
    outcome.documents.rejected += 1
    outcome.mentions.rejected += mentions
    outcome.changes.append(Change(kind="rejected", document=document.id, reason=reason))
    return False


def _entities(
    documents: Sequence[Document], options: Options, outcome: Outcome
) -> Iterator[list[Found]]:
    if not options.model:
        yield from ([] for _ in documents)
        return
    mine = [document for document in documents if _speaks(options.model, document.lang)]
    outcome.notes["in another language than the model's"] += len(documents) - len(mine)
    texts = [document.text for document in mine]
    results = find_entities(options.model, texts, options.labels)
    for document in documents:
        if not _speaks(options.model, document.lang):
            yield []
            continue
        found, left_out = next(results)
        for reason in left_out:
            outcome.notes[f"left out, of the model: {reason}"] += 1
        yield found


def _speaks(model: str, lang: str) -> bool:
    """Whether the pipeline is for that language, as far as both say."""
    own = load_pipeline(model).lang
    return own in ("", "xx") or lang.partition("-")[0] in ("", own)


def account_layer(document: Document, layer: Layer, outcome: Outcome) -> None:
    """Count the document and its mentions; those of a silver layer that goes are listed."""
    counts, old = outcome.mentions, layer_of(document, SILVER, layer.task)
    fresh = {mention.id: mention for mention in layer.mentions}
    before = old.mentions if old is not None else ()
    for mention in before:
        now = fresh.get(mention.id)
        if now == mention:
            counts.kept += 1
        else:
            counts.repaired += now is not None
            counts.rejected += now is None
            outcome.changes.append(_change(document, mention, now))
    known = {mention.id for mention in before}
    counts.kept += count_mentions(document) - len(before)
    counts.added += sum(id not in known for id in fresh)
    counts.written += count_mentions(document) - len(before) + len(fresh)
    outcome.documents.kept += 1
    outcome.documents.written += 1


def _change(document: Document, mention: Mention, now: Mention | None) -> Change:
    return Change(
        kind="rejected" if now is None else "repaired",
        document=document.id,
        reason="--replace: the new silver layer "
        + ("does not have it" if now is None else "says it differently"),
        layer=SILVER,
        mention=mention.id,
        before=msgspec.to_builtins(mention),
        after=msgspec.to_builtins(now) if now is not None else {},
    )


def _add(total: Counts, part: Counts) -> None:
    for name in total.__struct_fields__:
        setattr(total, name, getattr(total, name) + getattr(part, name))
