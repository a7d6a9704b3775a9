"""How `corpus convert` writes an output: as JSONL or as a DocBin, in one file or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.model import Document

_SHARD_CHUNK = 256  # documents encoded at once for a shard


def is_docbin(output: Path) -> bool:
    """Whether a file of that name is a spaCy DocBin."""
    from corpus.compression import bare_name

    return bare_name(output).endswith(".spacy")


class Sink(NamedTuple):
    """How an output is written: `encode` in the workers, `write` here, from what it made."""

    encode: Callable[[list[Document]], Any]
    write: Callable[[Iterable[Any]], None]


def choose_sink(
    output: Path, *, shard_size: int, misaligned: Any, rules: Path | None, stage: Stage
) -> Sink:
    """The sink of an output of that name, one file or files of `shard_size` documents each."""
    if is_docbin(output):
        from corpus.formats.docbin_segment import encode_segment

        encode = partial(encode_segment, misaligned=misaligned)
        return _sink_of(
            output, shard_size, encode, partial(_write_docbin, stage, rules, set()), stage
        )
    return _sink_of(output, shard_size, _encode_lines, _write_lines, stage)


def _sink_of(
    output: Path,
    shard_size: int,
    encode: Callable[[list[Document]], Any],
    write: Callable[[Iterable[Any], Path], int],
    stage: Stage,
) -> Sink:
    """Encoded by the workers for one file; for shards here, since a chunk may end in the next."""
    from corpus.engine import chunked
    from corpus.store import write_shards

    def write_one(payloads: Iterable[Any]) -> None:
        stage.wrote(write_shards((), output, lambda _, path: write(payloads, path)))

    def write_many(payloads: Iterable[Any]) -> None:
        documents = chain.from_iterable(payloads)
        stage.wrote(write_shards(documents, output, write_shard, shard_size))

    def write_shard(documents: Iterable[Document], path: Path) -> int:
        return write(map(encode, chunked(documents, _SHARD_CHUNK)), path)

    return Sink(list, write_many) if shard_size else Sink(encode, write_one)


def _encode_lines(documents: list[Document]) -> bytes:
    from corpus.store import encode_line

    return b"".join(map(encode_line, documents))


def _write_lines(payloads: Iterable[bytes], path: Path) -> int:
    from corpus.store import atomic_output

    with atomic_output(path) as sink:
        return sum(map(sink.write, payloads))


def _write_docbin(
    stage: Stage, rules: Path | None, found: set[Any], payloads: Iterable[Any], path: Path
) -> int:
    from corpus.formats.docbin import DocBinWriter
    from corpus.formats.tokenizer_rules import write_tokenizer_rules

    with DocBinWriter(path, stage=stage) as writer:
        for segment in payloads:
            writer.add_segment(segment)
    found.update(writer.rules)  # one file of rules, whatever the number of shards
    if rules is not None:
        write_tokenizer_rules(found, rules)
    return writer.documents
