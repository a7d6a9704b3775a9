"""A manifest against the files that it speaks of, and each stage against the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from corpus import places
from corpus.addresses import is_on_web
from corpus.check.docbins import ids_of_docbin, prove_twins
from corpus.check.documents import gold_links, ids_of, rejected_documents
from corpus.check.facts import Facts, Ids, Table, changed, joined, missing, named
from corpus.check.findings import Finding
from corpus.files import is_stream, unsharded_path
from corpus.manifest import Counts, FileMark, Manifest, located, mark_file, rejects_path

FactsAt = Mapping[Path, Facts]
"""The facts of each file of documents, by its resolved path."""

_AT_ONCE = 10_000  # documents whose links are held in memory
_NAMED = 20  # documents named of one kind of difference


def prove_manifest(
    path: Path, manifest: Manifest, facts: FactsAt, notes: list[str]
) -> Iterator[Finding]:
    """What a manifest and its files say differently, and what its stage lost or changed."""
    if not manifest.finished:
        what = f"{manifest.command!r} was stopped before it finished"
        yield Finding(str(path), what, "run that command again")
        return
    for kind, counts in (("documents", manifest.documents), ("mentions", manifest.mentions)):
        for problem in counts.problems():
            what = f"{kind} are not conserved: {problem}"
            yield Finding(str(path), what, f"run {manifest.command!r} again with --force")
    yield from _prove_files(path, manifest, notes)
    yield from _prove_ledger(path, manifest)
    outputs = list(_facts_of(path, manifest.outputs, facts))
    yield from _prove_written(path, manifest, outputs)
    for docbin, jsonl in _twins(outputs):
        yield from prove_twins(docbin.path, jsonl.path)
    yield from _prove_step(path, manifest, facts, _once(outputs))


def _prove_files(path: Path, manifest: Manifest, notes: list[str]) -> Iterator[Finding]:
    again = f"run {manifest.command!r} again with --force"
    for mark in (*manifest.outputs, *manifest.ledgers):
        place = located(mark, path)
        if not places.is_file(place):
            yield Finding(str(place), f"is missing, {manifest.command!r} wrote it", again)
        elif not _is_as_marked(place, mark):
            yield Finding(str(place), f"was changed after {manifest.command!r} wrote it", again)
    for mark in manifest.inputs:
        place = located(mark, path)
        if not mark.sha256:
            notes.append(f"{path}: was made from a stream, which cannot be compared")
        elif is_on_web(place):
            notes.append(f"{path}: its input {place} is on a web server, and was not compared")
        elif not places.is_file(place):
            notes.append(f"{path}: its input {place} is not there any more")
        elif not _is_as_marked(place, mark):
            what = f"was changed after {manifest.command!r} read it"
            yield Finding(str(place), what, f"make {_output_of(path)} again with --force")


def _is_as_marked(place: Path, mark: FileMark) -> bool:
    return places.size_of(place) == mark.size and mark_file(place).sha256 == mark.sha256


def _output_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".manifest.json"))


def _prove_ledger(path: Path, manifest: Manifest) -> Iterator[Finding]:
    if manifest.documents == Counts():
        return  # of a knowledge base, say, whose ledger speaks of entities
    ledger = rejects_path(_output_of(path))
    listed, counted = rejected_documents(ledger), manifest.documents.rejected
    # A document that several annotators' files hold may be listed for each, and counts once.
    if not len(set(listed)) <= counted <= len(listed):
        what = f"{counted} documents were rejected, {len(listed)} stand in {ledger.name}"
        yield Finding(str(path), what, f"run {manifest.command!r} again with --force")


def _facts_of(path: Path, marks: list[FileMark], facts: FactsAt) -> Iterator[Facts]:
    for mark in marks:
        found = facts.get(located(mark, path).resolve())
        if found is not None:
            yield found


def _is_jsonl(facts: Facts) -> bool:
    return facts.path.suffix != ".spacy"


def _stem(facts: Facts) -> Path:
    return facts.path.with_name(facts.path.name.partition(".")[0])


def _once(outputs: list[Facts]) -> list[Facts]:
    """The files without the DocBins whose JSONL twin holds the same documents."""
    lines = {_stem(one) for one in outputs if _is_jsonl(one)}
    # A DocBin in shards may have one JSONL beside it (`corpus split --shard-size`).
    alone = [one for one in outputs if _is_jsonl(one) or unsharded_path(_stem(one)) not in lines]
    return list({_stem(one): one for one in sorted(alone, key=_is_jsonl)}.values())


def _twins(outputs: list[Facts]) -> Iterator[tuple[Facts, Facts]]:
    by_stem = {_stem(one): one for one in outputs if _is_jsonl(one)}
    for one in outputs:
        if not _is_jsonl(one) and _stem(one) in by_stem:
            yield one, by_stem[_stem(one)]


def _prove_written(path: Path, manifest: Manifest, outputs: list[Facts]) -> Iterator[Finding]:
    files = _once(outputs)
    if not files:
        return
    for kind in ("documents", "mentions"):
        counted, there = getattr(manifest, kind).written, sum(getattr(f, kind) for f in files)
        if counted != there:
            what = f"says that {counted} {kind} were written, its files hold {there}"
            yield Finding(str(path), what, f"run {manifest.command!r} again with --force")


def _prove_step(
    path: Path, manifest: Manifest, facts: FactsAt, outputs: list[Facts]
) -> Iterator[Finding]:
    """Conservation from stage to stage, where all that went in and came out is at hand."""
    inputs = list(_facts_of(path, manifest.inputs, facts))
    documents = [mark for mark in manifest.inputs if located(mark, path).resolve() in facts]
    unchanged = all(
        not is_stream(located(mark, path)) and _is_as_marked(located(mark, path), mark)
        for mark in documents
    )
    if not inputs or not outputs or not unchanged or not all(one.ours for one in inputs):
        return
    before, after = joined(inputs), joined(outputs)
    rejected = np.array(rejected_documents(rejects_path(_output_of(path))), np.uint64)
    # What a server or another source held beside the documents can only have been rejected.
    foreign = {
        "documents": int(np.sum(~np.isin(rejected, before["id"]))),
        "mentions": manifest.mentions.rejected,
    }
    for kind, strangers in foreign.items():
        counted, there = getattr(manifest, kind).received, sum(getattr(f, kind) for f in inputs)
        if not there <= counted <= there + strangers:
            what = f"says that {counted} {kind} were received, its inputs hold {there}"
            yield Finding(str(path), what, f"run {manifest.command!r} again with --force")
    lost = missing(before, after)
    fresh = missing(after, before) if not manifest.documents.added else lost[:0]
    yield from _prove_ids(manifest.command, inputs, lost[~np.isin(lost, rejected)], outputs, fresh)
    yield from _prove_unchanged(manifest.command, inputs, before, outputs)


def _prove_ids(
    command: str, inputs: list[Facts], lost: Ids, outputs: list[Facts], fresh: Ids
) -> Iterator[Finding]:
    again = f"run {command!r} again with --force"
    what = f"was read by {command!r} and is neither written nor rejected"
    yield from _name(inputs, lost, what, again)
    what = f"was written by {command!r} and is in none of its inputs"
    yield from _name(outputs, fresh, what, again)


def _prove_unchanged(
    command: str, inputs: list[Facts], before: Table, outputs: list[Facts]
) -> Iterator[Finding]:
    again = f"run {command!r} again with --force"
    for field, differs in (("text", "its text is"), ("gold", "its gold spans are")):
        what = f"{differs} not as in the input of {command!r}"
        yield from _name(outputs, changed(before, joined(outputs), field), what, again)
    if command == "kb migrate":
        return  # it changes links and nothing else, and lists each
    # Links stand whole only in JSONL.
    files = [one for one in outputs if _is_jsonl(one)]
    different = _overwritten(inputs, files, changed(before, joined(files), "links"))
    what = f"its gold links are not as in the input of {command!r}"
    yield from _name(files, different, what, again)


def _overwritten(inputs: list[Facts], outputs: list[Facts], different: Ids) -> Ids:
    """Of the documents whose gold links are different, those that have not only got more."""
    lost = []
    for first in range(0, len(different), _AT_ONCE):
        wanted = frozenset(different[first : first + _AT_ONCE].tolist())
        after = dict(found for one in outputs for found in gold_links(one.path, wanted))
        for one in filter(_is_jsonl, inputs):
            for document, links in gold_links(one.path, wanted):
                now = after.get(document, {})
                if any(now.get(mention) != of for mention, of in links.items()):
                    lost.append(document)
    return np.array(lost, np.uint64)


def _name(files: list[Facts], digests: Ids, what: str, mend: str) -> Iterator[Finding]:
    """A finding for each of these documents, the first few named, the others counted."""
    for one in files:
        here = digests[np.isin(digests, one.table["id"])].tolist()
        ids = ids_of(one.path) if _is_jsonl(one) else ids_of_docbin(one.path)
        for line, name in islice(named(here, ids), _NAMED):
            yield Finding(str(one.path), what, mend, line, document=name)
        if len(here) > _NAMED:
            yield Finding(str(one.path), f"{len(here) - _NAMED} more: {what}", mend)
