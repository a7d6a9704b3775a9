"""A command that is run once for each file: `-o 'documents/{}.jsonl'`, and `--shard K/N` of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.addresses import shown
from corpus.cli.terminal import Outcome, count, outcome_of, print_result

if TYPE_CHECKING:
    from corpus.manifest import Stage
    from corpus.shards import Job, Part


def run_shards(
    command: str,
    jobs: Sequence[Job],
    output: Path,
    part: Part,
    do: Callable[[Job], Stage | None],
    *,
    allow_rejects: bool,
    as_json: bool,
) -> int:
    """Do the part's jobs one after another, each left alone where it is done; the exit code.

    The first that cannot be done ends the run; what was done before it stays done.
    """
    from corpus.shards import make_folder, write_list

    listed = write_list(jobs, output, command)
    mine = [job for position, job in enumerate(jobs) if part.has(position)]
    outcomes = []
    for job in mine:
        make_folder(job.output)
        outcome = outcome_of(do(job), job.output, allow_rejects=allow_rejects)
        outcomes.append(outcome)
        if not as_json and not outcome.result["up_to_date"]:
            print_result({}, outcome.text, as_json=False)
    result = {"shards": shown(listed), "of": len(jobs), "outputs": [o.result for o in outcomes]}
    print_result(result, _summary(outcomes, len(jobs), shown(listed)), as_json=as_json)
    return max((outcome.code for outcome in outcomes), default=0)


def run_each(
    command: str,
    source: Path,
    output: Path,
    shard: str,
    run: Callable[..., Stage | None],
    *,
    allow_rejects: bool,
    as_json: bool,
) -> int:
    """`run(source, output)` for each file behind the source that is in the part; the exit code."""
    from corpus.shards import named_files, part_of, plan_jobs

    part = part_of(shard, output)
    jobs = plan_jobs(named_files(source), output)

    def do(job: Job) -> Stage | None:
        return run(Path(job.input), job.output, renew_inputs=True)

    return run_shards(command, jobs, output, part, do, allow_rejects=allow_rejects, as_json=as_json)


def _summary(outcomes: Sequence[Outcome], total: int, listed: str) -> str:
    results: list[dict[str, Any]] = [outcome.result for outcome in outcomes]
    ready = sum(result["up_to_date"] for result in results)
    documents = sum(result["documents"]["written"] for result in results)
    return (
        f"{listed}: {len(results)} of {count(total, 'shard')}, {ready} of them up to date, "
        f"{count(documents, 'document')}"
    )
