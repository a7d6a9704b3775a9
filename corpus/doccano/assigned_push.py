"""Documents -> a project for each annotator and pass: everybody gets theirs, and is let in.

Each project is pushed to as any other, and its annotator becomes a member only when what the
server holds was read back and compared. What is on the server is asked first: run again after any
interruption, the same documents go to the same people.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from corpus.doccano.accounts import add_member, count_open, create_users, find_users
from corpus.doccano.annotators import Share, find_shares, read_seed, share_mark, share_name
from corpus.doccano.assigned_parts import AssignPlan, AssignResult, Parts, ShareResult
from corpus.doccano.assignment import Dealer, Held
from corpus.doccano.client import Doccano
from corpus.doccano.exports import read_rows, unpack_export
from corpus.doccano.link_project import KIND
from corpus.doccano.link_push import LinkPushPlan, push_links
from corpus.doccano.link_rows import Stored
from corpus.doccano.link_store import read_decisions
from corpus.doccano.mapping import is_ours, read_mark
from corpus.doccano.pieces import document_of
from corpus.doccano.projects import check_name, check_type, find_project
from corpus.doccano.push import Watch, push_documents
from corpus.errors import DoccanoError, DoccanoProjectError, UsageError


def push_assigned(
    plan: AssignPlan, client: Doccano, record: Callable[[Any], None], *, watch: Watch
) -> AssignResult:
    """Every document is on the server where it was dealt to, and its annotators are let in.

    `record` takes each finding as it comes, and after those of a project its summary. Raises
    before anything is sent: UsageError for users that are not there and may not be created,
    DoccanoProjectError for projects of other people, another task or another seed.
    """
    users = find_users(client, plan.deal.annotators)
    missing = [name for name in plan.deal.annotators if name not in users]
    result = AssignResult(plan.push.project, dry_run=plan.dry_run)
    if missing and plan.passwords is None and not plan.dry_run:
        raise UsageError(
            f"{client.url} has no user {', '.join(missing)}",
            "create them with --create-users FILE, which gets their passwords",
        )
    shares = _known_shares(plan, client)
    with contextlib.ExitStack() as stack:
        workspace = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="corpus-push-")))
        held = Held()
        stack.callback(held.close)
        exports = {
            (share.annotator, share.round): _read_held(client, plan, share, held, workspace)
            for share in watch(shares, "read back")
        }
        parts = Parts(plan, workspace, result)
        with parts:
            parts.deal(Dealer(plan.deal, held), record, watch)
        _tell_others(plan, client, shares, result)
        if plan.dry_run:
            result.notes += [f"user to create: {name}" for name in missing]
            return result
        if missing and plan.passwords is not None:
            users |= create_users(client, missing, plan.passwords)
            result.users_created = missing
        for share in result.shares:
            export = exports.get((share.annotator, share.round))
            _push_share(plan, client, share, parts, export, record, watch)
            if share.pushed is not None:
                share.member = _let_in(client, share, users[share.annotator], result)
    result.clean = result.clean and all(s.pushed is None or s.pushed.clean for s in result.shares)
    return result


def _known_shares(plan: AssignPlan, client: Doccano) -> list[Share]:
    """The projects that are there, sound. Raises DoccanoProjectError for what is not ours."""
    check_name(plan.push.project)
    projects = client.list_projects()
    shares = find_shares(projects, plan.push.project)
    names = {
        share_name(plan.push.project, name, round)
        for name in plan.deal.annotators
        for round in range(1, plan.deal.passes + 1)
    }
    for name in names:
        check_name(name)
    known = {share.id for share in shares}
    for project in projects:
        if project["name"] in names and project["id"] not in known:
            raise DoccanoProjectError(
                f"project {project['name']!r} ({project['id']}) is there and is no annotator's "
                f"part of {plan.push.project!r}: {project['description']}",
                "give another --project; nothing was changed",
            )
    for share in shares:
        check_type(share.project, KIND if isinstance(plan.push, LinkPushPlan) else _SPANS)
        if share.renamed:
            raise DoccanoProjectError(share.renamed, "rename it back in Doccano; nothing was sent")
        seed = read_seed(share.project)
        if seed not in (None, plan.deal.seed):
            raise DoccanoProjectError(
                f"{share.project['name']!r} was dealt with --seed {seed}, not {plan.deal.seed}",
                f"give --seed {seed}; nothing was changed",
            )
    return shares


_SPANS = "SequenceLabeling"


def _read_held(
    client: Doccano, plan: AssignPlan, share: Share, held: Held, workspace: Path
) -> Path | None:
    """The project's full export, after what it says was taken; None if it is empty."""
    if not client.count_examples(share.id):
        return None
    archive = workspace / f"held-{share.id}.zip"
    client.export_project(share.id, archive)
    files = unpack_export(archive, workspace)
    seat = (share.annotator, share.round)
    if isinstance(plan.push, LinkPushPlan):
        for _, stored in read_decisions(files):
            if isinstance(stored, Stored):
                held.add(stored.document, *seat, blind=not stored.preselected)
    else:
        for file in files:
            for _, row in read_rows(file):
                if is_ours(row):
                    blind = read_mark(row.corpus_mark).is_blind
                    held.add(document_of(row), *seat, blind=blind)
    for file in files:
        file.path.unlink()
    return archive


def _push_share(
    plan: AssignPlan,
    client: Doccano,
    share: ShareResult,
    parts: Parts,
    export: Path | None,
    record: Callable[[Any], None],
    watch: Watch,
) -> None:
    seat = (share.annotator, share.round)
    if not share.documents:
        return
    fields: dict[str, Any] = {
        "documents": parts.path(seat),
        "project": share.project,
        "export": export,
        "description": share_mark(plan.push.project, *seat, plan.deal.seed),
    }

    def watched(items: Any, what: str) -> Any:
        return watch(items, f"{share.annotator}.{share.round}: {what}")

    if isinstance(plan.push, LinkPushPlan):
        links = msgspec.structs.replace(plan.push, **fields)
        share.pushed = push_links(links, client, record, watch=watched)
    else:
        labels = tuple(sorted(parts.labels | set(plan.push.labels)))
        spans = msgspec.structs.replace(plan.push, labels=labels, **fields)
        share.pushed = push_documents(spans, client, record, watch=watched)
    record(share.pushed)


def _let_in(client: Doccano, share: ShareResult, user: int, result: AssignResult) -> str:
    """What became of the annotator's membership, in words."""
    pushed = share.pushed
    if pushed is None or pushed.project_id is None or not pushed.clean:
        return "not let in: not everything is on the server as it was sent"
    if share.round > 1:
        before = share_name(result.project, share.annotator, share.round - 1)
        project = find_project(client, before)
        left, total = count_open(client, int(project["id"])) if project else (0, 0)
        if left:
            done = f"{total - left} of {total} are confirmed in {before}"
            return f"waits: {done}; run this again when all are"
    try:
        return add_member(client, pushed.project_id, user)
    except DoccanoError as error:
        result.clean = False
        return f"not let in: {error.message}"


def _tell_others(
    plan: AssignPlan, client: Doccano, shares: list[Share], result: AssignResult
) -> None:
    """Note the projects that are there and that nobody asked for."""
    for share in shares:
        if share.annotator not in plan.deal.annotators or share.round > plan.deal.passes:
            result.notes.append(f"{share.project['name']} is left as it is")
    if any(project["name"] == plan.push.project for project in client.list_projects()):
        result.notes.append(
            f"{plan.push.project!r} is a project of its own, which a pull reads as one more "
            "annotator's"
        )
