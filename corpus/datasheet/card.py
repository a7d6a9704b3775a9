"""The datasheet as Markdown, after "Datasheets for Datasets" (Gebru et al., 2021).

What neither manifests nor documents say is written as not recorded; nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from corpus.datasheet.facts import Facts, counted
from corpus.datasheet.limits import known_limits
from corpus.datasheet.lineage import Step
from corpus.manifest import FileMark

_MOST = 20  # sources and rights in a table
NOT_RECORDED = "*not recorded*"


class Given(Struct, frozen=True):
    """What a person states, and the files they name; all may be missing."""

    title: str
    layer: str = "gold"
    licence: str = ""
    contact: str = ""
    purpose: str = ""
    guidelines: FileMark | None = None
    agreement: Mapping[str, Any] | None = None
    doubts: Mapping[str, int] | None = None
    names: Mapping[str, str] = {}


def write_card(
    given: Given, facts: Facts, steps: Sequence[Step], origins: Sequence[FileMark]
) -> str:
    """The whole datasheet."""
    sections = (
        _head(given, facts),
        _composition(given, facts),
        _sources(given, facts, origins),
        _annotation(given, facts),
        _agreement(given),
        _splits(steps),
        _stages(steps),
        _limits(given, facts, steps),
    )
    card = "\n".join(line for section in sections for line in section).rstrip() + "\n"
    for name, pseudonym in given.names.items():  # in the reason of a reject, say
        card = re.sub(rf"annotator:{re.escape(name)}(?![\w-])", pseudonym, card)
    return card


def _head(given: Given, facts: Facts) -> Iterator[str]:
    yield f"# {_plain(given.title)}"
    yield ""
    linked = f", {facts.links['linked']:,} linked to {len(facts.entities):,} entities"
    mentions = sum(facts.labels.values())
    yield (
        f"{counted(facts.documents, 'document')} with {counted(mentions, 'mention')} in the layer "
        f"`{given.layer}`" + (linked if facts.links["linked"] else "") + "."
    )
    yield ""
    yield from _table(
        ("", ""),
        [
            ("Purpose", given.purpose or NOT_RECORDED),
            ("Licence of the annotations", given.licence or NOT_RECORDED),
            ("Contact", given.contact or NOT_RECORDED),
        ],
    )


def _composition(given: Given, facts: Facts) -> Iterator[str]:
    yield "## Composition"
    yield ""
    rows = [
        ("documents", f"{facts.documents:,}"),
        (f"documents with the layer `{given.layer}`", f"{facts.with_layer:,}"),
        ("characters", f"{facts.characters:,}"),
        ("languages", _listed(facts.languages)),
        ("dates", _dates(facts)),
        ("mentions linked to an entity", f"{facts.links['linked']:,}"),
        ("mentions judged absent (NIL)", f"{facts.links['NIL']:,}"),
        ("mentions not judged", f"{facts.links['not judged']:,}"),
        ("mentions with a metonymic link too", f"{facts.links['metonymic']:,}"),
        ("different entities", f"{len(facts.entities):,}"),
    ]
    rows += [
        (f"knowledge base `{kb or 'unnamed'}`", f"`{hash or 'no hash'}`, {number:,} links")
        for (kb, hash), number in sorted(facts.kbs.items())
    ]
    yield from _table(("", ""), rows)
    total = sum(facts.labels.values())
    shares = [
        (label, f"{number:,}", f"{number / total:.1%}")
        for label, number in sorted(facts.labels.items(), key=lambda each: (-each[1], each[0]))
    ]
    yield from _table(("label", "mentions", "share"), shares)


def _dates(facts: Facts) -> str:
    if not facts.first_date:
        return NOT_RECORDED
    undated = f"; {facts.undated:,} documents without" if facts.undated else ""
    return f"{facts.first_date} to {facts.last_date}{undated}"


def _sources(given: Given, facts: Facts, origins: Sequence[FileMark]) -> Iterator[str]:
    yield "## Sources and rights"
    yield ""
    yield from _table(("source", "documents"), _most(facts.sources))
    yield from _table(("rights, as the documents state them", "documents"), _most(facts.rights))
    yield from _table(("read as", "documents"), _most(facts.formats))
    if origins:
        rows = [(f"`{mark.path}`", f"`{mark.sha256 or 'stream'}`") for mark in origins]
        hidden = [("…", f"{len(rows) - _MOST:,} more")] if len(rows) > _MOST else []
        yield from _table(("file it began with", "SHA-256"), [*rows[:_MOST], *hidden])


def _annotation(given: Given, facts: Facts) -> Iterator[str]:
    yield "## Annotation"
    yield ""
    mark = given.guidelines
    told = f"`{mark.path}`, SHA-256 `{mark.sha256}`" if mark else NOT_RECORDED
    yield f"Guidelines: {told}"
    yield ""
    rows = []
    for (name, task), states in sorted(facts.layers.items()):
        person = name.removeprefix("annotator:")
        shown = given.names.get(person, person) if person != name else f"`{name}`"
        told = ", ".join(f"{number:,} {state}".strip() for state, number in sorted(states.items()))
        rows.append((shown, task, told, f"{facts.marked[name, task]:,}"))
    yield from _table(("layer or annotator", "task", "documents", "mentions"), sorted(rows))
    if given.names:
        yield "Annotators stand here by pseudonym. Untouched does not mean that there are no names."
        yield ""


def _agreement(given: Given) -> Iterator[str]:
    yield "## Agreement"
    yield ""
    found = given.agreement
    if found is None:
        yield NOT_RECORDED
        yield ""
        return
    documents = found.get("documents", {})
    compared, all = documents.get("compared", 0), documents.get("given", 0)
    yield (
        f"{compared:,} of {all:,} documents were confirmed by two annotators or more. In brackets "
        f"the interval of {found.get('confidence', 95):g} %."
    )
    yield ""
    everybody = [("all", found.get("overall", {}))]
    for pair in found.get("pairs", ()):
        who = " and ".join(sorted(given.names.get(name, name) for name in pair["annotators"]))
        everybody.append((who, pair))
    for who, questions in everybody:
        yield from _figures(who, questions)


def _figures(who: str, questions: Mapping[str, Any]) -> Iterator[str]:
    """A table of one pair, or of all: a row a question, a column a measure."""
    found: dict[str, dict[str, str]] = {}
    for question, measures in questions.items():
        for measure, figure in measures.items() if isinstance(measures, Mapping) else ():
            if isinstance(figure, Mapping) and figure.get("value") is not None:
                low, high = figure.get("low"), figure.get("high")
                between = f" ({low:.3f}–{high:.3f})" if None not in (low, high) else ""
                found.setdefault(question, {})[measure] = f"{figure['value']:.3f}{between}"
    columns = list(dict.fromkeys(measure for row in found.values() for measure in row))
    head = (who, *(column.replace("_", " ") for column in columns))
    rows = [(question, *(row.get(c, "–") for c in columns)) for question, row in found.items()]
    yield from _table(head, rows)


def _splits(steps: Sequence[Step]) -> Iterator[str]:
    yield "## Splits"
    yield ""
    made = [step for step in steps if step.manifest.command == "split"]
    if not made:
        yield NOT_RECORDED
        yield ""
        return
    manifest = made[-1].manifest
    noted: Mapping[str, Mapping[str, Any]] = manifest.notes.get("splits", {})
    names = manifest.settings.get("names", sorted(noted))  # in their order, not the alphabet's
    splits = {name: noted[name] for name in names if name in noted}
    rows = []
    for key in ("documents", "tokens", "mentions", "links", "nil", "unseen_entities",
                "unseen_surfaces", "ambiguous_surfaces"):  # fmt: skip
        if any(key in each for each in splits.values()):
            cells = (f"{each[key]:,}" if key in each else "–" for each in splits.values())
            rows.append((key.replace("_", " "), *cells))
    yield from _table(("", *splits), rows)
    kept = ", ".join(manifest.settings.get("keep_together", ())) or "nothing"
    yield f"Kept together: {kept}. Placed by {manifest.settings.get('by', 'labels')}."
    across = manifest.notes.get("near-duplicate pairs across splits")
    if across is not None:
        yield f"Near-duplicate pairs across splits: {across:,}."
    yield ""


def _stages(steps: Sequence[Step]) -> Iterator[str]:
    yield "## How it was made"
    yield ""
    if not steps:
        yield NOT_RECORDED
        yield ""
        return
    rows = []
    for step in steps:
        d, m = step.manifest.documents, step.manifest.mentions
        versions = ", ".join(f"{name} {v}" for name, v in sorted(step.manifest.versions.items()))
        rows.append(
            (
                f"`{step.manifest.command}`",
                f"`{step.output}`",
                f"{d.received:,} / {d.written:,} / {d.rejected:,}",
                f"{m.received:,} / {m.written:,} / {m.rejected:,}",
                versions,
            )
        )
    head = ("stage", "output", "documents in / out / rejected", "mentions", "versions")
    yield from _table(head, rows)
    hashes = [
        (f"`{mark.path}`", f"{mark.size:,}", f"`{mark.sha256}`")
        for step in steps
        for mark in step.manifest.outputs[:_MOST]
    ]
    yield from _table(("file", "bytes", "SHA-256"), hashes)


def _limits(given: Given, facts: Facts, steps: Sequence[Step]) -> Iterator[str]:
    yield "## Known limits"
    yield ""
    for limit in known_limits(facts, steps, doubts=given.doubts, agreement=given.agreement):
        yield f"- {limit}"
    yield ""


def _most(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(number for _, number in ordered[_MOST:])
    rows = [(name, f"{number:,}") for name, number in ordered[:_MOST]]
    return rows + ([(f"{len(ordered) - _MOST:,} others", f"{rest:,}")] if rest else [])


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in _most(counts))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(map(_plain, head))} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(map(_plain, row))} |"
    yield ""


def _plain(value: str) -> str:
    """The value on one line, without what would end a cell or begin a tag."""
    return " ".join(value.split()).replace("|", "\\|").replace("<", "&lt;")
