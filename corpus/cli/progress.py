"""What `corpus doccano status --project` prints: how far each annotator is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.cli.terminal import print_result, progress

if TYPE_CHECKING:
    from corpus.doccano.progress import Progress


def print_progress(project: str, *, as_json: bool) -> int:
    """Print each annotator's pass of the project; 0."""
    import msgspec

    from corpus.doccano.client import Doccano
    from corpus.doccano.progress import read_progress
    from corpus.doccano.settings import read_settings

    passes = read_progress(Doccano(read_settings()), project, watch=progress)
    width = max(len(one.project) for one in passes)
    lines = [f"{one.project:{width}}  {_tell(one)}" for one in passes]
    result = {"project": project, "passes": msgspec.to_builtins(passes)}
    print_result(result, "\n".join(lines), as_json=as_json)
    return 0


def _tell(one: Progress) -> str:
    unit = "decisions" if one.task == "links" else "documents"
    share = f" ({one.confirmed / one.total:.0%})" if one.total else ""
    line = (
        f"{one.annotator}, pass {one.round}: {one.confirmed:,} of {one.total:,} {unit} confirmed"
        f"{share}, {one.touched:,} touched, {one.untouched:,} untouched  {one.url}"
    )
    return line if one.is_member else f"{line}  (no member of it yet)"
