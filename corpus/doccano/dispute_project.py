"""Disputes -> a project of their own in Doccano, and what was chosen there -> decisions.

One example a dispute, one key a decision, nothing chosen beforehand. The server is asked first
and believed: only what is missing is sent, and what was sent is read back.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from corpus.decisions import Decision, Dispute, decide
from corpus.doccano.client import BATCH_SIZE, Doccano
from corpus.doccano.dispute_examples import SHORTCUTS, Describe, read_choice, render_dispute
from corpus.doccano.dispute_rows import StoredDispute, encode_dispute_row, read_dispute_row
from corpus.doccano.exports import ExportFile, unpack_export
from corpus.doccano.labels import PALETTE, TEXT_COLOUR
from corpus.doccano.link_decisions import KnowledgeBase
from corpus.doccano.link_project import KIND, check_link_settings
from corpus.doccano.projects import Project, create_named, find_project
from corpus.doccano.snapshots import take_snapshot
from corpus.engine import chunked
from corpus.errors import DoccanoProjectError
from corpus.model import Document, Task

Watch = Callable[[Iterable[Any], str], Iterable[Any]]
Disputes = Callable[[], Iterator[tuple[Dispute, Document]]]
"""The disputes with their documents, from the first on each time."""

_GUIDELINES: dict[Task, str] = {
    "spans": """\
Annotators differ about the place in ⟦brackets⟧. Which mentions stand there?

- **1 … 9** choose the answer of that number; who gave it stands behind it.
- **n** NONE: there is no mention here.
- **a** ALL: all the mentions that are listed, together.
- **o** OTHER: something else. Write it as a comment, a line a mention: `Kyiv city = GPE`
- **u** UNSURE: leave it open.
- One key decides, **→** goes on. The same key again takes it back.
- Click into the comment's field before you type: anywhere else letters are keys.
""",
    "links": """\
Annotators differ about the name in ⟦brackets⟧. Which entity does it mean here?

- **1 … 9** choose the answer of that number; who gave it stands behind it.
- **n** NIL: the knowledge base has no entry for it.
- **b** BAD SPAN: the brackets do not mark a name, or not all of it.
- **o** OTHER: another entity. Write its id as a comment: `kb:Q81299`
- **u** UNSURE: leave it open.
- One key decides, **→** goes on. The same key again takes it back.
- Click into the comment's field before you type: anywhere else letters are keys.
""",
}


class DisputePushed(msgspec.Struct):
    """What a push did, and what of it the server then had."""

    project: str
    url: str = ""
    task: str = ""
    open: int = 0
    sent: int = 0
    stored: int = 0
    outdated: int = 0
    problems: list[str] = []


class DisputesPulled(msgspec.Struct):
    """What was decided on the server, and what was not or could not be taken, by reason."""

    project: str
    decisions: list[Decision] = []
    undecided: int = 0
    outdated: int = 0
    refused: list[str] = []


def push_disputes(
    disputes: Disputes,
    client: Doccano,
    *,
    project: str,
    task: Task,
    describe: Callable[[Document], Describe],
    watch: Watch = lambda items, _: items,
) -> DisputePushed:
    """Every open dispute is one example of the project, which is made if it is not there.

    An example whose dispute is not open any more stays and is counted as outdated.
    """
    result = DisputePushed(project, task=task)
    open_ids = {dispute.id for dispute, _ in disputes() if dispute.decided is None}
    result.open = len(open_ids)
    there = find_project(client, project)
    if there is None:
        there = _create(client, project, task)
    check_link_settings(there)
    _add_types(client, there, task)
    id = int(there["id"])
    result.url = f"{client.url}/projects/{id}"
    with tempfile.TemporaryDirectory(prefix="corpus-disputes-") as folder:
        stored = _read_server(client, id, Path(folder))
        known = {one.dispute for one in stored}
        missing = (
            encode_dispute_row(
                dispute, render_dispute(dispute, document, describe(document)), project=project
            )
            for dispute, document in disputes()
            if dispute.id in open_ids and dispute.id not in known
        )
        for number, batch in enumerate(watch(chunked(missing, BATCH_SIZE), "upload")):
            name = f"corpus-disputes-{number}.jsonl"
            result.problems += client.import_rows(id, batch, name, kind=KIND)
            result.sent += len(batch)
        if result.sent:
            stored = _read_server(client, id, Path(folder))
    _compare(result, stored, open_ids)
    return result


def _compare(result: DisputePushed, stored: list[StoredDispute], open_ids: set[str]) -> None:
    copies = Counter(one.dispute for one in stored)
    result.outdated = sum(one.dispute not in open_ids for one in stored)
    result.stored = sum(id in copies for id in open_ids)
    result.problems += [
        f"dispute {id} is not on the server" for id in sorted(open_ids - set(copies))
    ]
    result.problems += [
        f"dispute {id} is {number} times on the server"
        for id, number in sorted(copies.items())
        if number > 1
    ]
    result.problems += [
        f"the text of example {one.example} was changed on the server"
        for one in stored
        if one.changed
    ]


def _create(client: Doccano, name: str, task: Task) -> Project:
    fields = {
        "project_type": KIND,
        "resourcetype": "TextClassificationProject",
        "single_class_classification": True,
    }
    return create_named(client, name, _GUIDELINES[task], fields, check_link_settings)


def _add_types(client: Doccano, project: Project, task: Task) -> None:
    """The project has the label types of disputes of that task, and no other."""
    names = {str(one["text"]) for one in client.list_category_types(project["id"])}
    strange = sorted(names - set(SHORTCUTS[task]))
    if strange:
        raise DoccanoProjectError(
            f"project {project['name']!r} ({project['id']}) has label types that are not of "
            f"disputes about {task}: {', '.join(strange)}",
            "give another --project; nothing was changed",
        )
    for name, key in SHORTCUTS[task].items():
        if name not in names:
            colour = PALETTE[0] if name.isdecimal() else PALETTE[7]
            fields = {"text": name, "prefix_key": None, "suffix_key": key}
            fields |= {"background_color": colour, "text_color": TEXT_COLOUR}
            client.create_category_type(project["id"], fields)


def _read_server(client: Doccano, project: int, folder: Path) -> list[StoredDispute]:
    if not client.count_examples(project):
        return []
    archive = folder / "full.zip"
    client.export_project(project, archive)
    return [one for one in _read(unpack_export(archive, folder)) if isinstance(one, StoredDispute)]


def _read(files: Iterable[ExportFile]) -> Iterator[StoredDispute | str]:
    for file in files:
        with file.path.open("rb") as source:
            for number, line in enumerate(source, 1):
                if not line.isspace():
                    yield read_dispute_row(line, f"export of {file.author}:{number}")


def pull_disputes(
    disputes: Disputes,
    client: Doccano,
    folder: Path,
    *,
    project: str,
    author: str,
    kb: KnowledgeBase | None = None,
) -> DisputesPulled:
    """What was chosen in the project as decisions; the raw export is kept in `folder`/snapshots.

    One key is a decision, confirmed or not: nothing was chosen beforehand. Raises
    DoccanoProjectError where there is no such project.
    """
    there = find_project(client, project)
    if there is None:
        raise DoccanoProjectError(
            f"no project is named {project!r}, or {client.username!r} is no member of it",
            "check --project; `corpus disputes push` makes one",
        )
    check_link_settings(there)
    id = int(there["id"])
    result = DisputesPulled(project)
    with tempfile.TemporaryDirectory(prefix="corpus-disputes-") as workspace:
        snapshot = take_snapshot(client, id, folder, Path(workspace), confirmed=False)
        stored: dict[str, StoredDispute] = {}
        for one in _read(snapshot.files):
            if isinstance(one, str):
                result.refused.append(one)
            elif one.dispute in stored:
                result.refused.append(f"example {one.example} is a second one of its dispute")
            else:
                stored[one.dispute] = one
    for dispute, document in disputes():
        found = stored.pop(dispute.id, None)
        if found is not None:
            _take(result, dispute, document, found, f"doccano:{id}", author, kb)
    result.outdated = len(stored)
    return result


def _take(
    result: DisputesPulled,
    dispute: Dispute,
    document: Document,
    stored: StoredDispute,
    source: str,
    author: str,
    kb: KnowledgeBase | None,
) -> None:
    where = f"example {stored.example} ({dispute.document} {dispute.start}-{dispute.end})"
    if stored.changed:
        result.refused.append(f"{where}: what is shown was changed on the server")
        return
    if not stored.chosen:
        result.undecided += 1
        if dispute.decided is not None and dispute.decided.source == f"{source}/{stored.example}":
            result.refused.append(f"{where}: taken back there, and decision {dispute.id} stands")
        return
    if len(stored.chosen) > 1:
        result.refused.append(f"{where}: several keys were chosen: {', '.join(stored.chosen)}")
        return
    chosen = read_choice(dispute, document, stored.chosen[0], stored.comments, kb)
    if chosen.answer is None:
        result.undecided += 1
        if chosen.reason:
            result.refused.append(f"{where}: {chosen.reason}")
        return
    result.decisions.append(
        decide(
            dispute,
            chosen.answer,
            author,
            source=f"{source}/{stored.example}",
            comment="\n".join(stored.comments),
        )
    )
