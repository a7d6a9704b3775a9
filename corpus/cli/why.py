"""corpus why: the whole story of a gold mention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.cli.options import Json

if TYPE_CHECKING:
    from corpus.decisions import Answer, Vote
    from corpus.gold.provenance import Step
    from corpus.gold.story import LayerSays, MentionStory, Story
    from corpus.model import Link


def why_cli(
    place: Annotated[str, typer.Argument(metavar="DOC:START-END", help="The place, code points.")],
    file: Annotated[
        Path | None,
        typer.Option("--in", help="The gold that it stands in; by default the one in this folder."),
    ] = None,
    json: Json = False,
) -> int:
    """Tell why a mention is gold, or why none is: votes, rule or decision, links, article, steps.

    Walks the manifests back from the gold to the article, and says of each file whether it is
    still what was read. A place without gold shows its votes and open disputes.

    \b
    Example:
      corpus why minsk.txt:10-14
      corpus why minsk.txt:10-14 --in linked-gold.jsonl --json
    """
    import msgspec

    from corpus.gold.provenance import find_gold
    from corpus.gold.story import parse_place, tell_story

    document, start, end = parse_place(place)
    story = tell_story(file or find_gold(Path()), document, start, end)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(story), indent=2).decode())
    else:
        for line in _lines(story):
            typer.echo(_printable(line))
    return 0


def _lines(story: Story) -> Iterator[str]:
    yield f"{story.document} {story.start}-{story.end} in {story.file}"
    before, after = (" ".join(text.split(" ")) for text in (story.before, story.after))
    yield f"  {before}⟦{story.text}⟧{after}"
    if not story.gold:
        yield "no gold mention here"
    for one in story.gold:
        yield from _mention_lines(one)
    if story.other_votes:
        yield "other votes here"
        yield from (f"  {_vote(vote)}" for vote in story.other_votes)
    for dispute in story.disputes:
        yield f"open dispute {dispute.id} about {dispute.task} at {dispute.start}-{dispute.end}"
        if dispute.earlier is not None:
            earlier = dispute.earlier
            yield f"  before the votes changed {earlier.author} decided {_answer(earlier.answer)}"
    yield "layers"
    yield from (f"  {_layer(one)}" for one in story.layers)
    yield "article"
    for name, value in story.article.items():
        yield f"  {name} {value}"
    yield f"  text sha256 {story.sha256}"
    yield "made by"
    for step in story.steps:
        yield from _step_lines(step)


def _mention_lines(one: MentionStory) -> Iterator[str]:
    mention = one.mention
    yield f"gold {mention.label} {mention.start}-{mention.end} {one.text!r}, mention {mention.id}"
    yield from (f"  link {_link(link)}" for link in one.links)
    if not one.links:
        yield "  no link: not judged"
    if mention.source:
        yield f"  marked by {mention.source}"
    yield from (f"  settled by {rule}" for rule in one.rules)
    for decision in one.decisions:
        where = f" ({decision.source})" if decision.source else ""
        yield f"  decided by {decision.author}{where}: {_answer(decision.answer)}"
        if decision.comment:
            yield f"    comment {decision.comment!r}"
    yield from (f"  vote {_vote(vote)}" for vote in one.votes)
    if one.missing:
        yield f"  no file here explains {', '.join(one.missing)}"


def _vote(vote: Vote) -> str:
    settled = f"settled by {vote.settled}" if vote.settled else "open"
    who = f"{vote.author}#{vote.round} on {vote.task} {vote.mention}"
    return f"{who}: {_answer(vote.answer)}, {settled}"


def _answer(answer: Answer) -> str:
    said = [f"{mark.label} {mark.start}-{mark.end}" for mark in answer.marks]
    said += [_link(link) for link in answer.links]
    return " + ".join(said) or answer.key or "no mention"


def _link(link: Link) -> str:
    kb = f" of {link.kb or 'a knowledge base'} {link.kb_hash}" if link.kb_hash else ""
    return f"{link.target}{' (metonymic)' if link.role == 'metonymic' else ''}{kb}"


def _layer(one: LayerSays) -> str:
    state = f", {one.state}" if one.state else ""
    blind = ", suggestions kept back" if one.blind else ""
    said = [
        f"{m.label} {m.start}-{m.end}"
        + "".join(f" {_link(link)}" for link in m.links)
        + (f" [{m.source}]" if m.source else "")
        for m in one.mentions
    ]
    number = f"#{one.round}" if one.layer.startswith("annotator:") else ""
    return f"{one.layer}{number} ({one.task}{state}{blind}): {'; '.join(said) or 'nothing here'}"


def _step_lines(step: Step) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in step.versions.items())
    yield f"  {step.command} -> {step.output}, {step.finished or 'not finished'} ({versions})"
    if step.settings:
        yield "    with " + ", ".join(f"{name}={value}" for name, value in step.settings.items())
    for source in step.inputs:
        yield f"    from {source.path} {source.sha256[:16]} ({source.state})"


def _printable(text: str) -> str:
    # An article may hold anything: no control character reaches the terminal.
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
