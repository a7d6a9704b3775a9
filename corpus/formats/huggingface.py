"""A Hugging Face dataset folder: Parquet by split, a dataset card, and Croissant metadata.

    README.md  croissant.json  data/train-00000-of-00001.parquet
    id: string, text: string, lang: string, mentions: list<struct<id, start, end, label,
    links: list<struct<target, role, kb, kb_hash>>, candidates: …>>, tokens, sentences, layer, meta

`datasets.load_dataset(folder)` reads it as it is. Offsets are code points. No links are a mention
that was not judged, a link to `NIL` one judged absent. `meta` is JSON, which Parquet cannot type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import msgspec

from corpus.errors import FormatError, UsageError
from corpus.files import atomic_folder
from corpus.formats.huggingface_card import Facts, write_card, write_croissant
from corpus.formats.lines import json_text
from corpus.manifest import Stage
from corpus.model import Document, Layer, make_document

ROWS = 1000  # documents a row group
SPLITS = {"train": "train", "dev": "validation", "validation": "validation", "test": "test"}
"""Our names of splits, and what Hugging Face calls them."""


def schema() -> Any:
    """The columns of every split."""
    import pyarrow as pa

    text, number, real = pa.string(), pa.int64(), pa.float64()
    link = pa.struct([("target", text), ("role", text), ("kb", text), ("kb_hash", text)])
    candidate = pa.struct([("kb_id", text), ("prior", real), ("score", real), ("label", text)])
    mention = pa.struct(
        [
            *(("id", text), ("start", number), ("end", number), ("label", text)),
            *(("links", pa.list_(link)), ("candidates", pa.list_(candidate))),
            *(("source", text), ("votes", pa.list_(text)), ("decisions", pa.list_(text))),
        ]
    )
    token = pa.struct([("start", number), ("end", number), ("space_after", pa.bool_())])
    sentence = pa.struct([("start", number), ("end", number)])
    layer = pa.struct(
        [
            *(("name", text), ("round", number), ("state", text)),
            *(("comments", pa.list_(text)), ("blind", pa.bool_())),
        ]
    )
    return pa.schema(
        [
            *(("id", text), ("text", text), ("lang", text), ("mentions", pa.list_(mention))),
            *(("tokens", pa.list_(token)), ("sentences", pa.list_(sentence))),
            *(("layer", layer), ("meta", text)),
        ]
    )


def write_huggingface(
    documents: Iterable[Document],
    path: str | Path,
    *,
    split_of: Callable[[Document], str] = lambda document: "train",
) -> int:
    """The number of documents (each of one layer) now in the folder, whole or not at all.

    `split_of` names the split of the document that was last taken from `documents`.
    """
    with atomic_folder(path) as folder:
        (folder / "data").mkdir()
        facts = Facts(Path(path).name)
        with ExitStack() as stack:
            files: dict[str, _SplitFile] = {}
            for document in documents:
                split = SPLITS[split_of(document)]
                if split not in files:
                    files[split] = stack.enter_context(_SplitFile(folder, split))
                files[split].add(document)
                facts.add(split, document)
            if not files:
                files["train"] = stack.enter_context(_SplitFile(folder, "train"))
                facts.splits["train"] = 0
        write_card(folder, facts)
        write_croissant(folder, facts)
    return facts.documents


class _SplitFile:
    """A Parquet file that grows row group by row group."""

    def __init__(self, folder: Path, split: str) -> None:
        self._path = folder / "data" / f"{split}-00000-of-00001.parquet"
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> _SplitFile:
        from pyarrow.parquet import ParquetWriter

        self._writer = ParquetWriter(self._path, schema(), compression="zstd")
        return self

    def add(self, document: Document) -> None:
        self._rows.append(_row(document))
        if len(self._rows) == ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=schema()))
        self._rows = []

    def __exit__(self, *error: object) -> None:
        if self._rows:
            self._flush()
        self._writer.close()


def _row(document: Document) -> dict[str, Any]:
    (layer,) = document.layers
    mentions = []
    for one in layer.mentions:
        row = msgspec.structs.asdict(one)
        for field in ("links", "candidates"):
            row[field] = [msgspec.structs.asdict(each) for each in row[field]]
        mentions.append(row)
    sentences = document.sentences
    return {
        "id": document.id,
        "text": document.text,
        "lang": document.lang,
        "mentions": mentions,
        "tokens": None if document.tokens is None else [t._asdict() for t in document.tokens],
        "sentences": None if sentences is None else [{"start": s, "end": e} for s, e in sentences],
        "layer": {
            "name": layer.name,
            "round": layer.round,
            "state": layer.state,
            "comments": layer.comments,
            "blind": layer.blind,
        },
        "meta": json_text(document.meta),
    }


def read_huggingface(
    path: str | Path, *, layer: str = "gold", id_base: str | None = None, stage: Stage | None = None
) -> Iterator[Document]:
    """The Documents of a folder that `write_huggingface` made, split by split.

    Which split a document is in is counted and not carried. Raises FormatError.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    if not Path(path).is_dir():
        raise UsageError(f"{path}: is no folder", "give the one that holds data/*.parquet")
    order = {"train": 0, "validation": 1, "test": 2}
    files = sorted(
        Path(path).glob("data/*.parquet"),
        key=lambda file: (order.get(_split_of(file), 3), file.name),
    )
    for file in files:
        try:
            number = 0
            with ParquetFile(file) as source:
                for number, row in enumerate(_rows(source), 1):
                    yield _document(row, f"{file}: row {number}", layer)
            if stage is not None and len(files) > 1:
                stage.manifest.notes[f"documents of {_split_of(file)}"] = number
        except pa.ArrowException as error:
            reason = " ".join(str(error).split())
            raise FormatError(f"{file}: is no Parquet ({reason})", "export it again") from error


def _split_of(file: Path) -> str:
    return file.name.partition("-")[0].removesuffix(".parquet")


def _rows(source: Any) -> Iterator[dict[str, Any]]:
    # Asked for all row groups at once, it holds more of them the further it gets.
    for group in range(source.num_row_groups):
        for batch in source.iter_batches(batch_size=ROWS, row_groups=[group]):
            yield from batch.to_pylist()


def _document(row: dict[str, Any], where: str, layer: str) -> Document:
    try:
        text = row["text"]
        known = row.get("layer") or {"name": layer}
        mentions = [_without_nulls(one) for one in row["mentions"] or ()]
        of = msgspec.convert({**_without_nulls(known), "mentions": mentions}, Layer)
        meta = msgspec.json.decode(row.get("meta") or "{}")
        tokens = row.get("tokens")
        sentences = row.get("sentences")
        return make_document(
            row["id"],
            text,
            lang=row.get("lang") or "",
            meta=meta,
            tokens=None if tokens is None else _convert_tokens(tokens),
            sentences=None
            if sentences is None
            else tuple((s["start"], s["end"]) for s in sentences),
            layers=(of,),
        )
    except (KeyError, TypeError, AttributeError, msgspec.MsgspecError) as error:
        reason = f"column {error}" if isinstance(error, KeyError) else str(error)
        raise FormatError(
            f"{where}: is no document of corpus ({reason})",
            "import reads the folders that corpus export wrote",
        ) from error


def _convert_tokens(rows: list[dict[str, Any]]) -> Any:
    from corpus.model import Token

    return tuple(Token(row["start"], row["end"], row["space_after"]) for row in rows)


def _without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], {key: value for key, value in row.items() if value is not None})
