"""Files of entities of our own: JSONL, CSV and TSV -> records, one line or row at a time.

JSONL, one entity a line (only `id` is required):

    {"id": "Q1899", "label": "Kyiv", "type": "city", "description": "capital of Ukraine",
     "aliases": {"en": ["Kyiv", "Kiev"], "uk": ["Київ"]}, "count": 57, "counts": {"Kiev": 40}}

CSV or TSV with a header: id (or qid), label, type, description, aliases (split at |), alias
(one a row, the rows of an id together make its entity), lang, count.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from corpus.errors import DataError, KBError
from corpus.kb.records import Alias, Bad, Record
from corpus.store import decode_line, open_input, read_lines


class _Entity(Struct, forbid_unknown_fields=True):
    id: str
    label: str = ""
    type: str = ""
    description: str = ""
    aliases: dict[str, list[str]] | list[str] = []
    count: int = 0
    counts: dict[str, int] = {}


_COLUMNS = {
    "id": ("id", "qid", "kb_id"),
    "label": ("label", "name"),
    "type": ("type",),
    "description": ("description",),
    "aliases": ("aliases",),
    "alias": ("alias",),
    "lang": ("lang", "language"),
    "count": ("count", "prior_count"),
}


def read_jsonl(path: str | Path) -> Iterator[Record | Bad]:
    """The entities of a JSONL file."""
    for number, line in read_lines(path):
        where = f"{path}:{number}"
        try:
            entity = decode_line(line, _Entity, where)
        except DataError as error:
            # The message begins with the place, which has a field of its own.
            place, _, reason = error.message.partition(": ")
            yield Bad(place, "", reason)
            continue
        by_lang = entity.aliases if isinstance(entity.aliases, dict) else {"": entity.aliases}
        counts = entity.counts
        aliases = [
            Alias(text, lang, counts.get(text, 0))
            for lang, texts in by_lang.items()
            for text in texts
        ]
        known = {alias.text for alias in aliases} | {entity.label}
        aliases += [Alias(text, "", count) for text, count in counts.items() if text not in known]
        if entity.label and entity.label not in {alias.text for alias in aliases}:
            aliases.insert(0, Alias(entity.label, "", counts.get(entity.label, 0)))
        yield Record(
            where,
            entity.id,
            entity.label,
            entity.type,
            entity.description,
            entity.count,
            tuple(aliases),
        )


def read_csv(path: str | Path) -> Iterator[Record | Bad]:
    """The rows of a CSV file."""
    yield from _read_table(path, lambda lines: csv.reader(lines, strict=True))


def read_tsv(path: str | Path) -> Iterator[Record | Bad]:
    """The rows of a TSV file, which has no quoting."""
    yield from _read_table(
        path, lambda lines: csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    )


def _read_table(
    path: str | Path, reader_of: Callable[[io.TextIOWrapper], Iterator[list[str]]]
) -> Iterator[Record | Bad]:
    csv.field_size_limit(1 << 24)
    with io.TextIOWrapper(open_input(path), encoding="utf-8-sig", newline="") as lines:
        rows = reader_of(lines)
        try:
            header = next(rows, [])
            columns = _find_columns(path, header)
            for number, row in enumerate(rows, 2):
                if row:
                    yield _record_of(f"{path}:{number}", row, columns, len(header))
        except (csv.Error, UnicodeDecodeError) as error:
            line = getattr(rows, "line_num", 0) + 1
            raise KBError(f"{path}:{line}: {error}", "save it as UTF-8 CSV or TSV") from error


def _find_columns(path: str | Path, header: list[str]) -> dict[str, int]:
    found = {}
    for name, spellings in _COLUMNS.items():
        for at, column in enumerate(header):
            if column.strip().lower() in spellings and name not in found:
                found[name] = at
    if "id" not in found or not found.keys() & {"label", "alias", "aliases"}:
        raise KBError(
            f"{path}: needs a column id and one of label, alias, aliases; it has "
            f"{', '.join(header) or 'none'}",
            "name the columns in the first row",
        )
    return found


def _record_of(where: str, row: list[str], columns: dict[str, int], width: int) -> Record | Bad:
    if len(row) != width:
        return Bad(where, "", f"{len(row)} fields where the header has {width}")
    field = {name: row[at].strip() for name, at in columns.items()}
    try:
        count = int(field.get("count") or 0)
    except ValueError:
        return Bad(where, field["id"], f"the count {field['count']!r} is no whole number")
    lang = field.get("lang", "")
    texts = [part.strip() for part in field.get("aliases", "").split("|") if part.strip()]
    per_row = "alias" in columns
    if per_row:
        texts.append(field["alias"])
    label = field.get("label", "")
    if label and label not in texts:
        texts.insert(0, label)
    aliases = tuple(Alias(text, lang, count if per_row else 0) for text in texts)
    kind, description = field.get("type", ""), field.get("description", "")
    return Record(where, field["id"], label, kind, description, 0 if per_row else count, aliases)
