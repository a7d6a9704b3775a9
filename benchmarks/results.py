"""The one shape of a result, and the files of results/: what the page and the gate are made from.

A file is one run of one benchmark: {"name", "command", "machine", "versions", "note", "rows"}.
results/NAME.json is of a full run, results/NAME.small.json of a small one, for the gate.
"""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
Figure = float | int | str


@dataclass(frozen=True)
class Row:
    """One line of a table; what was not measured is None.

    `ratio` is to the row `of`, of processor time unless `figures` or the table says otherwise.
    `target` is "<= 1.5" or ">= 1.85", what the ratio must be. `seconds` are by the clock,
    `processor` of all processes of the run. `peak_mb` is of the largest process.
    """

    table: str
    what: str
    size: int | None = None
    seconds: float | None = None
    processor: float | None = None
    ratio: float | None = None
    of: str = ""
    target: str = ""
    peak_mb: float | None = None
    figures: dict[str, Figure] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int | None]:
        return self.table, self.what, self.size


@dataclass(frozen=True)
class Result:
    """A run: `rows` in the order of the page, `command` to make it again."""

    name: str
    command: str
    machine: str
    versions: dict[str, str]
    rows: tuple[Row, ...]
    note: str = ""


def met(row: Row) -> bool | None:
    """Whether the ratio is what the target says; None without a target."""
    if not row.target or row.ratio is None:
        return None
    sign, limit = row.target.split()
    return row.ratio <= float(limit) if sign == "<=" else row.ratio >= float(limit)


def this_machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GB, {system}"


def versions_of(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def add_options(parser: ArgumentParser) -> None:
    """The options that every benchmark has."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    parser.add_argument("--note", default="", help="stands with the result on the page")


def publish(
    name: str, rows: Sequence[Row], options: Namespace, *, command: str, packages: Sequence[str]
) -> None:
    """Print the tables; with --json write the result too."""
    from benchmarks.tables import tables_of

    kept = tuple(rounded(row) for row in rows)
    result = Result(name, command, this_machine(), versions_of(packages), kept, options.note)
    print("\n\n".join(tables_of(result)))
    if options.json:
        write_result(result, options.json)


def rounded(row: Row) -> Row:
    """The row with four significant digits: more are noise."""
    values = {each.name: short(getattr(row, each.name)) for each in fields(row)}
    return Row(**{**values, "figures": {name: short(value) for name, value in row.figures.items()}})


def short(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def write_result(result: Result, path: Path) -> None:
    """One row a line, without what is empty, so that a change can be read."""
    head = {key: value for key, value in asdict(result).items() if key != "rows"}
    lines = [json.dumps(without_empty(asdict(row)), ensure_ascii=False) for row in result.rows]
    rows = ",\n".join(f"    {line}" for line in lines)
    opening = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{opening},\n  "rows": [\n{rows}\n  ]\n}}\n', encoding="utf-8")


def without_empty(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in (None, "", {})}


def read_result(path: Path) -> Result:
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = tuple(Row(**row) for row in found.pop("rows"))
    return Result(**found, rows=rows)


def read_results(folder: Path = FOLDER, *, small: bool = False) -> dict[str, Result]:
    """The results of the folder by name, of full runs or of small ones."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.stem.endswith(".small") == small:
            result = read_result(path)
            found[result.name] = result
    return found
