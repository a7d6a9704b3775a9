"""Sending again what has changed at its source, where no human has touched it.

The order makes a kill harmless: both exports are kept first, the example is deleted by its id,
and what is then missing is sent with the same UUID, by this push or the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus.doccano.client import Doccano
from corpus.doccano.comparison import Comparison
from corpus.doccano.exports import ExportFile
from corpus.doccano.judged import ARRIVED, Judged
from corpus.doccano.mapping import read_mark, spans_mark
from corpus.doccano.snapshots import FOLDER, take_snapshot
from corpus.engine import chunked

_LOOK_AHEAD = 20  # documents looked at before they are deleted: a fraction of a second


def delete_outdated(
    client: Doccano, project: int, comparison: Comparison, kept: Path, workspace: Path
) -> tuple[int, list[ExportFile]]:
    """How many documents of an older text or older suggestions are deleted, to be sent again.

    Judged by a full and a confirmed export made now, which stay in `kept`/snapshots, over all
    members and comments; and each is looked at once more just before. They are forgotten by
    `comparison`, which holds the rows of the files that are returned.
    """
    kept.mkdir(parents=True, exist_ok=True)
    full, confirmed = (
        take_snapshot(client, project, kept, workspace, confirmed=which) for which in (False, True)
    )
    comparison.load_server(full.files)
    comparison.load_confirmed(confirmed.files)
    outdated = [one for one in comparison.judge() if one.replaceable]
    _certify(client, project, comparison.witnesses(one.id for one in outdated if one.arrived))
    types = {int(one["id"]): str(one["text"]) for one in client.list_span_types(project)}
    deleted = 0
    for few in chunked(outdated, _LOOK_AHEAD):
        examples = {one.id: one.example for one in _as_sent(client, project, few, types)}
        if examples:
            client.delete_examples(project, [id for id in examples.values() if id is not None])
        for id in examples:
            comparison.forget(id)
        deleted += len(examples)
    return deleted, full.files


def _certify(client: Doccano, project: int, examples: Iterable[int]) -> None:
    """These say from now on themselves that their spans had arrived."""
    for example in examples:
        meta = client.read_example(project, example)["meta"]
        mark = read_mark(meta["corpus_mark"])._replace(batch=ARRIVED)
        client.update_example_meta(project, example, {**meta, "corpus_mark": str(mark)})


def snapshots_of(kept: Path) -> Path:
    """Where the exports of before an update stand."""
    return kept / FOLDER


def _as_sent(
    client: Doccano, project: int, few: Iterable[Judged], types: dict[int, str]
) -> Iterable[Judged]:
    for one in few:
        if one.example is None:
            continue
        there = client.read_example(project, one.example)
        if there["is_confirmed"] or there["comment_count"]:
            continue
        spans = client.list_spans(project, one.example)
        now = [(s["start_offset"], s["end_offset"], types.get(s["label"], "")) for s in spans]
        if spans_mark(now) == one.found:
            yield one
