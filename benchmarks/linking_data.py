"""The corpora and the sources of the knowledge base of benchmarks/linking.py."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from corpus.model import NIL, Document, Layer, Link, Mention, make_document, with_ids

FAIR = "wiki-fair-v2"
_TYPES = {"Q215627": "person", "Q43229": "organisation", "Q27096213": "region"}
_LANGUAGES = {"en": "en", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar", "cn": "zh"}


class WikiFair(NamedTuple):
    """The corpus, its entities, and of each document the part that is annotated."""

    documents: list[Document]
    entities: dict[str, dict[str, Any]]
    spans: dict[str, tuple[int, int]]


def wiki_fair(data: Path) -> WikiFair:
    """The documents with their gold layers, and the entities: names and types, no surfaces."""
    documents: list[Document] = []
    entities: dict[str, dict[str, Any]] = {}
    spans: dict[str, tuple[int, int]] = {}
    path = data / "elevant" / "wiki-fair-v2.benchmark.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        mentions = []
        for label in row["labels"]:
            id = label["entity_id"]
            if id.startswith("Q") and id[1:].isdigit():
                kinds = [_TYPES[kind] for kind in label["type"].split("|") if kind in _TYPES]
                kind = "region" if "region" in kinds else kinds[0] if kinds else ""
                entities[id] = {"id": id, "label": label["name"], "type": kind}
            elif id != "<NIL>":
                continue
            if not (label["coref"] or label.get("desc") or label.get("optional")):
                mentions.append(_mention(*label["span"], NIL if id == "<NIL>" else id))
        documents.append(_document(f"wiki-fair:{row['id']}", row["text"], mentions))
        spans[documents[-1].id] = tuple(row["evaluation_span"])
    return WikiFair(documents, entities, spans)


def hipe(path: Path) -> list[Document]:
    """The documents of a HIPE-2022 file, joined by its NoSpaceAfter, with their literal links."""
    documents = []
    id, text, mentions = "", "", []
    for line in [*path.read_text(encoding="utf-8").splitlines()[1:], "# hipe2022:document_id = "]:
        if line.startswith("# hipe2022:document_id"):
            if text:
                documents.append(_document(id, text, mentions))
            id, text, mentions = line.partition("= ")[2], "", []
        elif line and not line.startswith("#"):
            token, tag, *rest = line.split("\t")
            start = len(text)
            text += token + ("" if "NoSpaceAfter" in rest[-1] else " ")
            if tag.startswith("B-") and rest[5] not in ("_", "-"):
                mentions.append(_mention(start, start + len(token), rest[5]))
            elif tag.startswith("I-") and mentions:
                mentions[-1] = _mention(mentions[-1].start, start + len(token), rest[5])
    return documents


def _mention(start: int, end: int, target: str) -> Mention:
    return Mention("", start, end, "MISC", links=(Link(target),))


def _document(id: str, text: str, mentions: Iterable[Mention]) -> Document:
    # Two annotations of one span, for two readings, are one decision: the first stands.
    firsts = {(one.start, one.end): one for one in reversed(list(mentions))}
    return make_document(id, text, layers=(Layer("gold", mentions=with_ids(firsts.values())),))


def write_sources(data: Path, folder: Path, entities: dict[str, dict[str, Any]]) -> list[Path]:
    """The sources of the knowledge base; the corpus's own entities come first."""
    with (data / "country-codes.csv").open(encoding="utf-8", newline="") as lines:
        countries = list(csv.DictReader(lines))
    rows: dict[str, list[dict[str, Any]]] = {"own": list(entities.values())}
    rows["countries"] = list(_countries(countries))
    names = {row["ISO3166-1-Alpha-2"]: row["official_name_en"] for row in countries}
    with gzip.open(data / "csc_city_aliases.tsv.gz", "rt", encoding="utf-8") as lines:
        cities: dict[str, dict[str, Any]] = {}
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            described = {"description": f"in {names.get(row['country'], row['country'])}"}
            city = cities.setdefault(
                row["qid"], {"id": row["qid"], "type": "city", "aliases": [], **described}
            )
            city["aliases"].append(row["alias"])
    rows["cities"] = list(cities.values())
    with gzip.open(data / "nsi_brand_aliases.tsv.gz", "rt", encoding="utf-8") as lines:
        table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows["brands"] = [
            {"id": row["qid"], "type": "brand", "aliases": [row["alias"]]} for row in table
        ]
    with (data / "seed_qids.tsv").open(encoding="utf-8", newline="") as lines:
        seeds = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows["seeds"] = [{"id": row["qid"], "aliases": [row["label"]]} for row in seeds]
    for name, items in rows.items():
        lines_of = (json.dumps(item, ensure_ascii=False) + "\n" for item in items if item["id"])
        (folder / f"{name}.jsonl").write_text("".join(lines_of), encoding="utf-8")
    return [folder / f"{name}.jsonl" for name in rows]


def _countries(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        aliases = {
            lang: [row[f"official_name_{column}"]]
            for column, lang in _LANGUAGES.items()
            if row.get(f"official_name_{column}")
        }
        aliases["en"] = [*aliases.get("en", []), row["CLDR display name"]]
        yield {
            "id": row["wikidata_id"].rpartition("/")[2],
            "label": row["CLDR display name"],
            "type": "country",
            "aliases": aliases,
        }
