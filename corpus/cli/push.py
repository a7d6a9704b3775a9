"""corpus push: documents -> Doccano, read back span by span."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.assign import (
    Annotators,
    Blind,
    CreateUsers,
    Overlap,
    Passes,
    PerDocument,
    Repeat,
    push_assigned_cli,
    read_deal,
)
from corpus.cli.findings_file import findings_file
from corpus.cli.links import Exits, plan_links, push_link_task
from corpus.cli.options import AllowRejects, Json, Seed
from corpus.cli.terminal import count, print_result, progress, say

if TYPE_CHECKING:
    from corpus.doccano.push import PushPlan, PushResult

ProjectName = Annotated[str, typer.Option("--project", "-p", help="The project's exact name.")]
ProjectId = Annotated[
    int | None, typer.Option("--project-id", help="Its id, where several have that name.")
]
TaskName = Annotated[
    str, typer.Option("--task", help="spans: mark and label mentions; links: choose entities.")
]
KnowledgeBase = Annotated[
    Path | None, typer.Option("--kb", metavar="DIR", help="With --task links: its knowledge base.")
]
LayerName = Annotated[
    str, typer.Option(help="The layer with the mentions: silver, or gold with --task links.")
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds for one import or export.")
]


def push_cli(
    documents: Annotated[Path, typer.Argument(help="Documents with the layer to suggest.")],
    project: ProjectName,
    layer: LayerName = "",
    label: Annotated[
        list[str] | None, typer.Option(help="A label type to have beside the layer's own; repeat.")
    ] = None,
    guidelines: Annotated[
        Path | None, typer.Option(help="A Markdown file for the project's guideline.")
    ] = None,
    project_id: ProjectId = None,
    add_labels: Annotated[
        bool, typer.Option("--add-labels", help="Add label types that a running project lacks.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Mend documents left without spans that a person touched."),
    ] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="Send again what has changed at its source and nobody has touched."
        ),
    ] = False,
    without_gold: Annotated[
        Path | None,
        typer.Option(metavar="GOLD", help="Leave out the documents that have gold in this file."),
    ] = None,
    max_chars: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Send longer articles in pieces, cut between paragraphs."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done and change nothing.")
    ] = False,
    task: TaskName = "spans",
    kb: KnowledgeBase = None,
    per: Annotated[
        str, typer.Option(help="With --task links: an example a decision, or a mention.")
    ] = "decision",
    report: Annotated[
        Path | None, typer.Option(help="Where to record what was done, instead of beside DOCS.")
    ] = None,
    annotators: Annotators = "",
    overlap: Overlap = 0.0,
    per_document: PerDocument = 0,
    passes: Passes = 1,
    repeat: Repeat = 1.0,
    blind: Blind = 0.0,
    seed: Seed = 0,
    create_users: CreateUsers = None,
    time_limit: TimeLimit = 600.0,
    allow_rejects: AllowRejects = False,
    json: Json = False,
) -> int:
    """Send documents to a Doccano project and prove that every span arrived.

    Makes the project and its label types if they are not there, sends only what is missing, and
    compares what the server then holds with what was sent. Run it again after any interruption.

    With --annotators each document goes to one of them, or to all for the share --overlap, in
    projects of their own: `<project>.<annotator>.<pass>`. They are let in when all has arrived.

    With --task links an example is a decision: which entity do these mentions mean? The documents
    are those of `corpus suggest --task links`.

    \b
    Example:
      corpus push silver.jsonl --project news --annotators ann,bob,eve --overlap 0.2
      corpus push silver.jsonl --project news.ann.1
      corpus push silver.jsonl --project news.ann.1 --guidelines guide.md --dry-run
      corpus push silver.jsonl --project news.ann.1 --max-chars 8000
      corpus push round-2.jsonl --project news.ann.2 --without-gold gold.jsonl
      corpus push linked.jsonl --project links.ann.1 --task links --kb news.kb
    """
    from corpus.doccano.link_push import LinkPushPlan
    from corpus.doccano.push import PushPlan

    check_task(task)
    deal = read_deal(annotators, overlap, per_document, passes, repeat, blind, seed, create_users)
    wanted = not dry_run and str(documents) != "-"
    target = report or (_report_path(documents, project) if wanted else None)
    spans_only: dict[str, object] = {"--label": label, "--guidelines": guidelines}
    spans_only |= {"--add-labels": add_labels, "--repair": repair, "--update": update}
    spans_only |= {"--without-gold": without_gold, "--max-chars": max_chars}
    exits = Exits(time_limit, allow_rejects, json)
    with _spooled(documents) as source:
        plan: PushPlan | LinkPushPlan
        if task == "links":
            plan = plan_links(source, project, kb, layer, per, project_id, dry_run, spans_only)
        else:
            plan = PushPlan(
                documents=source,
                project=project,
                layer=layer or "silver",
                labels=tuple(label or ()),
                guideline=_read_guideline(guidelines),
                project_id=project_id,
                add_labels=add_labels,
                repair=repair,
                update=update,
                kept=_kept_folder(documents, project),
                without_gold=without_gold,
                max_chars=max_chars,
                dry_run=dry_run,
            )
        if deal is not None:
            return push_assigned_cli(plan, deal, create_users, target, exits)
        if isinstance(plan, LinkPushPlan):
            return push_link_task(plan, target, exits)
        result = _push(plan, target, time_limit)
    return _finish(result, target, allow_rejects=allow_rejects, as_json=json)


def check_task(task: str) -> None:
    """Raises UsageError for a task that there is not."""
    from corpus.errors import UsageError

    if task not in ("spans", "links"):
        raise UsageError(f"--task {task}: no such task", "the tasks are: spans, links")


def _push(plan: PushPlan, report: Path | None, time_limit: float) -> PushResult:
    from corpus.doccano.client import Doccano
    from corpus.doccano.push import push_documents
    from corpus.doccano.settings import read_settings

    with findings_file(report) as record:
        client = Doccano(read_settings(), time_limit=time_limit)
        result = push_documents(plan, client, record, watch=progress)
        record(result)
    return result


def _finish(result: PushResult, report: Path | None, *, allow_rejects: bool, as_json: bool) -> int:
    import msgspec

    documents, spans = result.documents, result.spans
    lines = [
        f"{result.project} ({result.url or 'not there yet'}): "
        f"{count(documents['given'], 'document')} given, {result.sent:,} sent, "
        f"{documents.get('stored', 0):,} stored as sent "
        f"with {count(spans.get('stored', 0), 'span')}"
    ]
    quiet = ("given", "stored")
    for what, verdicts in (("documents", documents), ("spans", spans)):
        rest = [f"{number:,} {verdict}" for verdict, number in verdicts.items() if number]
        rest = [one for one in rest if one.partition(" ")[2] not in quiet]
        if rest:
            lines.append(f"  {what}: {', '.join(rest)}")
    if result.label_types:
        made = "label types to make" if result.dry_run else "label types made"
        lines.append(f"  {made}: {', '.join(result.label_types)}")
    lines += [f"  {note}" for note in result.notes]
    refused = documents["refused"] or spans["refused"]
    failed = not result.clean or (bool(refused) and not allow_rejects)
    if report is not None:
        lines.append(f"  record, with each that is not stored as sent: {report}")
    if failed and documents.get("unclear"):
        lines.append("  for the unclear ones, run it again with --repair")
    print_result(
        {**msgspec.to_builtins(result), "report": str(report or "")},
        "\n".join(lines),
        as_json=as_json,
    )
    if failed:
        say("corpus: error: not everything is on the server as it was sent")
    return 1 if failed else 0


def _kept_folder(documents: Path, project: str) -> Path:
    beside = Path("stdin") if str(documents) == "-" else documents
    return _report_path(beside, project).with_suffix("")


def _report_path(documents: Path, project: str) -> Path:
    import re

    from corpus.doccano.mapping import spans_mark

    name = re.sub(r"[^\w.-]", "_", project, flags=re.ASCII)
    if name != project:  # two names must not become one file
        name += "-" + spans_mark([(0, 0, project)]).partition(":")[2][:8]
    return Path(f"{documents}.push-{name}.jsonl")


def _read_guideline(path: Path | None) -> str:
    from corpus.errors import UsageError

    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: {reason}", "give a text file in UTF-8") from error


def _spooled(documents: Path) -> AbstractContextManager[Path]:
    # Documents are read more than once, standard input only once.
    return _standard_input() if str(documents) == "-" else nullcontext(documents)


@contextmanager
def _standard_input() -> Iterator[Path]:
    import shutil
    import tempfile

    from corpus.store import open_input

    with tempfile.TemporaryDirectory(prefix="corpus-push-") as folder:
        path = Path(folder) / "stdin.jsonl"
        with path.open("wb") as sink:
            shutil.copyfileobj(open_input("-"), sink)
        yield path
