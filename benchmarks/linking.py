"""How good are candidates, ranking and each rule, on corpora that nobody here has annotated?

    python benchmarks/linking.py DATA                       the tables of benchmarks/README.md
    python benchmarks/linking.py DATA --rules lower_case    only these rules off in turn

DATA holds elevant/wiki-fair-v2.benchmark.jsonl, hipe2022/*.tsv, csc_city_aliases.tsv.gz,
nsi_brand_aliases.tsv.gz, country-codes.csv and seed_qids.tsv.

The knowledge base has no alias that was read off an annotated text: its aliases are the rows of
csc (cities, described by their country), nsi (brands), country-codes (countries, in six
languages) and seed_qids (labels), and, for wiki-fair, the name (Wikidata's label) that each of
its annotations carries beside the id, never the annotated surface. It has no counts, so the prior
is even among an alias's entities. hipe2022 gives ids alone: what those files do not name, nothing
can find, which its ceiling tells.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from corpus.kb.build import build_kb
from corpus.kb.candidates import MOST, rank
from corpus.kb.knowledge_base import KB
from corpus.kb.rules import DOCUMENT_RULES, RULES
from corpus.model import NIL, Document, Layer, Link, Mention, layer_of, make_document, with_ids
from corpus.suggest.aliases import Match, Reading
from corpus.suggest.linking import Linker, Options
from corpus.suggest.links import suggest_links

FAIR = "wiki-fair-v2"
_RANKED = 20_000  # mentions a second, the target
_TYPES = {"Q215627": "person", "Q43229": "organisation", "Q27096213": "region"}
_LANGUAGES = {"en": "en", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar", "cn": "zh"}


class Scores(NamedTuple):
    """Shares over the mentions whose link is known."""

    known: int
    recall_1: float
    recall_9: float
    accuracy: float
    confirmed: float


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


def score(documents: Sequence[Document], kb: KB) -> Scores:
    """How the candidates of the gold mentions fare."""
    known = linked = first = among = right = confirmed = 0
    for document in documents:
        gold = layer_of(document, "gold")
        for mention, found in zip(
            gold.mentions, suggest_links(document, gold, kb, threshold=0.6).mentions, strict=True
        ):
            target = mention.links[0].target
            ids = [candidate.kb_id for candidate in found.candidates]
            known += 1
            linked += target != NIL
            first += ids[:1] == [target]
            among += target in ids
            right += found.links[0].target == target
            confirmed += (ids[0] if ids else NIL) == target
    return Scores(known, first / linked, among / linked, right / known, confirmed / known)


def ceiling(documents: Sequence[Document], kb: KB) -> float:
    """The share of links whose entity the knowledge base has, under whatever name."""
    links = [
        mention.links[0].target
        for document in documents
        for mention in layer_of(document, "gold").mentions
        if mention.links[0].target != NIL
    ]
    return sum(kb.find(target) is not None for target in links) / len(links)


def score_spans(
    documents: Sequence[Document], spans: Mapping[str, tuple[int, int]], kb: KB
) -> tuple[int, float, float]:
    """Names found where the corpus is annotated, precision, and recall of names with a capital.

    A name found is right if its span is that of a gold mention, whatever it is linked to.
    """
    linker = Linker(kb, Options())
    found = right = capital = hit = 0
    for document in documents:
        first, last = spans[document.id]
        gold = {(one.start, one.end) for one in layer_of(document, "gold").mentions}
        text = document.text
        names = linker.read(text, document.lang).names
        silver = {(one.start, one.end) for one in names if first <= one.start and one.end <= last}
        found += len(silver)
        right += len(silver & gold)
        capitalised = {span for span in gold if not text[slice(*span)].islower()}
        capital += len(capitalised)
        hit += len(silver & capitalised)
    return found, right / found, hit / capital


def speed(documents: Sequence[Document], path: Path, least: int) -> tuple[int, float, float]:
    """Mentions with at least so many candidates, and how many a second of processor time ranks.

    Contexts are made within that time. First opened afresh, then when all was seen once.
    """
    kb = KB(path)
    rates = []
    for _ in range(2):
        readings, calls = [], 0
        for document in documents:
            reading = Reading(kb, document.text)
            surfaces = [document.text[one.start : one.end] for one in document.layers[0].mentions]
            meant = [(surface, tuple(kb.lookup(surface))) for surface in surfaces]
            reading.names = [Match(0, 0, postings) for _, postings in meant]
            readings.append((reading, [row for row in meant if len(row[1]) >= least]))
        began = time.process_time()
        for reading, meant in readings:
            for surface, postings in meant:
                rank(kb, postings, surface, reading.context, most=MOST)
                calls += 1
        rates.append(calls / (time.process_time() - began))
    return calls, rates[0], rates[1]


def named_by_label(documents: Sequence[Document], kb: KB) -> float:
    """The share of links whose mention is spelt as the entity's label: the easy ones."""
    spelt = linked = 0
    for document in documents:
        for mention in layer_of(document, "gold").mentions:
            entity = kb.find(mention.links[0].target)
            linked += mention.links[0].target != NIL
            surface = document.text[mention.start : mention.end]
            spelt += entity is not None and entity.label == surface
    return spelt / linked


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rules", nargs="*", default=list(RULES))
    options = parser.parse_args()
    fair = wiki_fair(options.data)
    corpora = {FAIR: fair.documents}
    for path in sorted((options.data / "hipe2022").glob("*.tsv")):
        corpora[path.stem.removeprefix("HIPE-2022-v2.1-")] = hipe(path)
    with tempfile.TemporaryDirectory() as folder:
        sources = write_sources(options.data, Path(folder), fair.entities)
        path = Path(folder) / "all.kb"
        print_tables(corpora, fair.spans, sources, path, options.rules)


def print_tables(
    corpora: dict[str, list[Document]],
    spans: Mapping[str, tuple[int, int]],
    sources: list[Path],
    path: Path,
    rules: Sequence[str],
) -> None:
    """All tables: quality, speed, names found, each rule off; an exit where ranking is too slow."""
    info = build_kb(sources, path).info
    print(f"{info.entities:,} entities, {info.aliases:,} aliases, {info.keys:,} keys\n")
    full = KB(path)
    prior = KB(path, without=("label", "context", "coherence"))
    print("| corpus | links | in the KB | recall@1 | recall@9 | right link | by prior | confirm |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, documents in corpora.items():
        ours, theirs = score(documents, full), score(documents, prior)
        print(
            f"| {name} | {ours.known:,} | {ceiling(documents, full):.1%} | {ours.recall_1:.1%} "
            f"| {ours.recall_9:.1%} | {ours.accuracy:.1%} | {theirs.accuracy:.1%} "
            f"| {ours.confirmed:.1%} |"
        )
    print(f"\nspelt as the label: {named_by_label(corpora[FAIR], full):.1%} of {FAIR}'s links")
    slow = []
    for least in (1, 2):
        calls, cold, warm = max(speed(corpora[FAIR], path, least) for _ in range(5))
        rates = f"ranked a second: {cold:,.0f} at first, {warm:,.0f} then"
        print(f"{calls:,} mentions of {least} candidates or more, {rates}")
        slow += [rates] if cold < _RANKED else []
    print()
    print("| without | " + " | ".join(f"{name} r@1 | r@9" for name in corpora), end="")
    print(" | names found | precision | recall |\n|---|" + "---:|" * (2 * len(corpora) + 3))
    for rule in ["", *rules]:
        if rule in DOCUMENT_RULES or not rule:
            kb = KB(path, without=[rule])
        else:
            other = path.with_name("other.kb")
            build_kb(sources, other, rules=[one for one in RULES if one != rule])
            kb = KB(other)
        cells = []
        for documents in corpora.values():
            scores = score(documents, kb)
            cells += [f"{scores.recall_1:.1%}", f"{scores.recall_9:.1%}"]
        found, precision, recall = score_spans(corpora[FAIR], spans, kb)
        cells += [f"{found:,}", f"{precision:.1%}", f"{recall:.1%}"]
        print(f"| {rule or 'nothing'} | {' | '.join(cells)} |", flush=True)
    sys.exit("\n".join(slow) or 0)


if __name__ == "__main__":
    main()
