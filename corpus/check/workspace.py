"""The invariants, proven over all that is given: files, folders, knowledge bases."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from corpus.addresses import shown
from corpus.check.docbins import ids_of_docbin, prove_docbin
from corpus.check.documents import ids_of, prove_documents, prove_ledger
from corpus.check.facts import Facts, FactsWriter, named, repeated
from corpus.check.findings import Finding, Report, finding_of
from corpus.check.inventory import Kind, take_inventory
from corpus.check.links import LinkProof
from corpus.check.shards import prove_list
from corpus.check.signatures import prove_signatures
from corpus.check.stages import prove_manifest
from corpus.errors import KBError, StoreError
from corpus.kb.knowledge_base import KB
from corpus.manifest import Manifest, read_manifest

Watch = Callable[[Sequence[Path], str], Iterable[Path]]


def check_paths(
    paths: Sequence[Path],
    *,
    report: Report,
    kbs: Sequence[Path] = (),
    watch: Watch = lambda paths, _: paths,
) -> Iterator[Finding]:
    """Everything that is not as it must be, file by file; `report` counts what was looked at.

    Proven: schema, hashes, offsets and ids of each document; links against the knowledge bases;
    files against their manifests; conservation in each stage and from each to the next; texts
    and gold unchanged on the way; DocBins against their JSONL twins; signatures undamaged. `watch`
    is given the files as they are taken up. Raises UsageError for a path or KB that there is not.
    """
    for finding in _findings(paths, report, kbs, watch):
        yield replace(finding, file=shown(finding.file), what=shown(finding.what))
    report.notes = [shown(note) for note in report.notes]


def _findings(
    paths: Sequence[Path], report: Report, kbs: Sequence[Path], watch: Watch
) -> Iterator[Finding]:
    kinds = take_inventory(paths)
    given = {folder.resolve(): folder for folder in kbs}
    for folder in kbs:
        KB(folder)  # what a person named must be there, and sound
    folders = {path.resolve(): path for path, kind in kinds.items() if kind == "kb"} | given
    sound = []
    for folder in sorted(folders.values()):
        try:
            KB(folder)
            sound.append(folder)
        except KBError as error:
            yield finding_of(error, folder)
    report.knowledge_bases = len(folders)
    links = LinkProof(sound)
    with tempfile.TemporaryDirectory(prefix="corpus-check-") as scratch:
        facts: dict[Path, Facts] = {}
        for path in watch(list(kinds), "files"):
            yield from _prove_file(path, kinds[path], facts, links, Path(scratch), report)
        manifests = [path for path, kind in kinds.items() if kind == "manifest"]
        for path in watch(manifests, "stages"):
            yield from _prove_stage(path, facts, report)
        for path in (path for path, kind in kinds.items() if kind == "shards"):
            yield from prove_list(path, facts)
    if links.unproven:
        why = "no --kb was given" if not links.bases else "their knowledge base was not given"
        report.notes.append(f"{links.unproven} links could not be proven: {why}")


def _prove_file(
    path: Path,
    kind: Kind,
    facts: dict[Path, Facts],
    links: LinkProof,
    scratch: Path,
    report: Report,
) -> Iterator[Finding]:
    report.files += kind not in ("kb", "other")
    if kind == "partial":
        report.notes.append(f"{path}: left by a run that was killed; the next run removes it")
    elif kind == "other":
        report.others += 1
    elif kind == "ledger":
        yield from prove_ledger(path)
    elif kind == "signatures":
        yield from prove_signatures(path)
    elif kind in ("documents", "docbin"):
        writer = FactsWriter(path, scratch)
        if kind == "documents":
            yield from prove_documents(path, writer, links)
        else:
            yield from prove_docbin(path, writer)
        found = facts[path.resolve()] = writer.close()
        report.documents += found.documents
        report.mentions += found.mentions
        yield from _prove_unique(found)


def _prove_unique(facts: Facts) -> Iterator[Finding]:
    is_docbin = facts.path.suffix == ".spacy"
    ids = ids_of_docbin(facts.path) if is_docbin else ids_of(facts.path)
    first: dict[str, int] = {}
    for line, name in named(repeated(facts), ids):
        if name in first:
            before = f" in line {first[name]}" if line else ""
            what = f"the id stands already{before}"
            yield Finding(
                str(facts.path), what, "give each document its own id", line, document=name
            )
        first.setdefault(name, line)


def _prove_stage(path: Path, facts: dict[Path, Facts], report: Report) -> Iterator[Finding]:
    report.manifests += 1
    try:
        manifest: Manifest = read_manifest(path)
    except StoreError as error:
        yield finding_of(error, path)
        return
    yield from prove_manifest(path, manifest, facts, report.notes)
