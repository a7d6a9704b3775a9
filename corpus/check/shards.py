"""A list of shards against the files: is each there, of its own file, and no document twice?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from corpus import places
from corpus.check.docbins import ids_of_docbin
from corpus.check.documents import ids_of
from corpus.check.facts import Facts, Ids, named, repeated
from corpus.check.findings import Finding, finding_of
from corpus.errors import StoreError
from corpus.manifest import located, manifest_path, read_manifest
from corpus.shards import Shard
from corpus.store import read_records

_NAMED = 20  # documents named of each file


def prove_list(path: Path, facts: Mapping[Path, Facts]) -> Iterator[Finding]:
    """What the list says and is not there, and ids that stand in two of its shards."""
    try:
        shards = list(read_records(path, Shard))
    except StoreError as error:
        yield finding_of(error, path)
        return
    inputs: dict[str, str] = {}
    here: list[Facts] = []
    for line, shard in enumerate(shards, 1):
        again = f"run {shard.command!r} again"
        output = places.located(shard.output, path.parent)
        if shard.input in inputs:
            what = f"{shard.input} is made into {inputs[shard.input]} and into {shard.output}"
            yield Finding(str(path), what, again, line)
        inputs[shard.input] = shard.output
        if not places.is_file(output):
            what = f"its shard {output} is missing, {shard.input} was not done"
            yield Finding(str(path), what, again, line)
            continue
        for what in _claims(shard, output, path.parent):
            yield Finding(str(output), what, again)
        found = facts.get(output.resolve())
        if found is not None and found.ours:
            here.append(found)
    yield from _prove_apart(here, path)


def _claims(shard: Shard, output: Path, folder: Path) -> Iterator[str]:
    """What is wrong with where an output says that it comes from."""
    place = manifest_path(output)
    if not places.is_file(place):
        yield "has no manifest"
        return
    try:
        manifest = read_manifest(place)
    except StoreError:
        return  # a finding of its own
    made_of = {places.identity(located(mark, place)) for mark in manifest.inputs}
    wanted = places.identity(places.located(shard.input, folder))
    if manifest.command != shard.command or (manifest.finished and wanted not in made_of):
        yield f"was not made of {shard.input} by {shard.command!r}"


def _prove_apart(shards: list[Facts], path: Path) -> Iterator[Finding]:
    """The documents that stand in more than one shard."""
    if len(shards) < 2:
        return
    ids = np.sort(np.concatenate([_once(one) for one in shards]))
    twice = ids[1:][ids[1:] == ids[:-1]]
    for one in shards if len(twice) else ():
        wanted = twice[np.isin(twice, one.table["id"])].tolist()
        stream = ids_of_docbin(one.path) if one.path.suffix == ".spacy" else ids_of(one.path)
        for line, name in islice(named(wanted, stream), _NAMED):
            what = f"the id stands in another shard of {path} too"
            mend = "convert with --id-column -, or as one output"
            yield Finding(str(one.path), what, mend, line, document=name)
        if len(wanted) > _NAMED:
            yield Finding(
                str(one.path), f"{len(wanted) - _NAMED} more ids stand in other shards", "see above"
            )


def _once(facts: Facts) -> Ids:
    ids = np.asarray(facts.table["id"])
    return np.unique(ids) if repeated(facts) else ids
