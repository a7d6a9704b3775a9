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
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.linking_data import FAIR, hipe, wiki_fair, write_sources
from benchmarks.results import Row, add_options, met, publish
from corpus.kb.build import build_kb
from corpus.kb.candidates import MOST, rank
from corpus.kb.knowledge_base import KB
from corpus.kb.rules import DOCUMENT_RULES, RULES
from corpus.model import NIL, Document, layer_of
from corpus.suggest.aliases import Match, Reading
from corpus.suggest.linking import Linker, Options
from corpus.suggest.links import suggest_links

_RANKED = 20_000  # mentions a second, the target


class Scores(NamedTuple):
    """Shares over the mentions whose link is known."""

    known: int
    recall_1: float
    recall_9: float
    accuracy: float
    confirmed: float


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
    add_options(parser)
    options = parser.parse_args()
    fair = wiki_fair(options.data)
    corpora = {FAIR: fair.documents}
    for path in sorted((options.data / "hipe2022").glob("*.tsv")):
        corpora[path.stem.removeprefix("HIPE-2022-v2.1-")] = hipe(path)
    with tempfile.TemporaryDirectory() as folder:
        sources = write_sources(options.data, Path(folder), fair.entities)
        path = Path(folder) / "all.kb"
        rows = measure(corpora, fair.spans, sources, path, options.rules)
    command = f"python benchmarks/linking.py DATA --rules {' '.join(options.rules)}"
    command = command if options.rules != list(RULES) else "python benchmarks/linking.py DATA"
    publish("linking", rows, options, command=command, packages=("spacy", "marisa-trie"))
    slow = [row for row in rows if met(row) is False]
    sys.exit(f"{slow[0].what}: too slow" if slow else 0)


def measure(
    corpora: dict[str, list[Document]],
    spans: Mapping[str, tuple[int, int]],
    sources: list[Path],
    path: Path,
    rules: Sequence[str],
) -> list[Row]:
    """All tables: quality, speed, names found, each rule off."""
    info = build_kb(sources, path).info
    print(f"{info.entities:,} entities, {info.aliases:,} aliases, {info.keys:,} keys")
    full = KB(path)
    prior = KB(path, without=("label", "context", "coherence"))
    rows = [quality(name, documents, full, prior) for name, documents in corpora.items()]
    share = f"{named_by_label(corpora[FAIR], full):.1%}"
    rows.append(Row("Easy", f"links of {FAIR} spelt as the label", figures={"share": share}))
    for least in (1, 2):
        calls, cold, warm = max(speed(corpora[FAIR], path, least) for _ in range(5))
        figures = {"at first sight": round(cold), "each entity seen before": round(warm)}
        rows.append(Row("Mentions ranked a second", f"with {least} candidates or more", calls,
                        ratio=cold / _RANKED, of=f"{_RANKED:,} a second", target=">= 1",
                        figures=figures))  # fmt: skip
    for rule in ["", *rules]:
        if rule in DOCUMENT_RULES or not rule:
            kb = KB(path, without=[rule])
        else:
            other = path.with_name("other.kb")
            build_kb(sources, other, rules=[one for one in RULES if one != rule])
            kb = KB(other)
        rows.append(without_rule(rule, corpora, spans, kb))
    return rows


def quality(name: str, documents: list[Document], full: KB, prior: KB) -> Row:
    ours, theirs = score(documents, full), score(documents, prior)
    figures: dict[str, float | int | str] = {
        "links": ours.known,
        "in the KB": f"{ceiling(documents, full):.1%}",
        "recall@1": f"{ours.recall_1:.1%}",
        "recall@9": f"{ours.recall_9:.1%}",
        "right link": f"{ours.accuracy:.1%}",
        "by prior": f"{theirs.accuracy:.1%}",
        "confirm": f"{ours.confirmed:.1%}",
    }
    return Row("Quality", name, figures=figures)


def without_rule(
    rule: str, corpora: dict[str, list[Document]], spans: Mapping[str, tuple[int, int]], kb: KB
) -> Row:
    figures: dict[str, float | int | str] = {}
    for name, documents in corpora.items():
        scores = score(documents, kb)
        figures[f"{name} r@1"] = f"{scores.recall_1:.1%}"
        figures[f"{name} r@9"] = f"{scores.recall_9:.1%}"
    found, precision, recall = score_spans(corpora[FAIR], spans, kb)
    figures |= {"names found": found, "precision": f"{precision:.1%}", "recall": f"{recall:.1%}"}
    return Row("Without a rule", rule or "nothing", figures=figures)


if __name__ == "__main__":
    main()
