"""The page: benchmarks/README.md and plots/, from results/ and the prose of prose/.

prose/NAME.md is the section of a benchmark: a heading, what was measured, and conclusions. Its line
`{tables}` becomes the command, the machine, the plots and the tables of results/NAME.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.plots import growth_of, growth_plot, target_plot
from benchmarks.results import FOLDER, Result, read_results
from benchmarks.tables import tables_of

HOME = Path(__file__).parent
SECTIONS = (
    "startup",
    "convert",
    "web_pages",
    "jsonl",
    "suggest",
    "suggest_growth",
    "kb",
    "linking",
    "doccano",
    "split",
    "growth",
    "near_duplicates",
    "report",
    "formats",
    "tests",
)
MARK = "{tables}"


def make_page(prose: Path = HOME / "prose", results: Path = FOLDER) -> dict[str, str]:
    """The text of each file of the page by its path below benchmarks/."""
    found = read_results(results)
    unknown = sorted({*found} - {*SECTIONS})
    if unknown:
        raise SystemExit(
            f"results/{unknown[0]}.json has no place in SECTIONS of benchmarks/page.py"
        )
    order = [name for name in SECTIONS if (prose / f"{name}.md").is_file()]
    files = {"plots/targets.svg": target_plot([found[name] for name in order if name in found])}
    parts = [(prose / "head.md").read_text("utf-8").strip(), "![Ratios](plots/targets.svg)"]
    for name in order:
        text = (prose / f"{name}.md").read_text("utf-8").strip()
        tables = section(found[name], files) if name in found else "Not measured yet."
        parts.append(text.replace(MARK, tables))
    files["README.md"] = "\n\n".join(parts) + "\n"
    return files


def section(result: Result, files: dict[str, str]) -> str:
    """What stands for `{tables}`; the plots are put among the files."""
    versions = "".join(f", {name} {version}" for name, version in sorted(result.versions.items()))
    parts = [f"`{result.command}` ({result.machine}{versions})."]
    if result.note:
        parts[0] += f" {result.note}"
    for title, (unit, lines) in growth_of(result).items():
        path = f"plots/{result.name}-{title}.svg"
        files[path] = growth_plot(f"{result.name}: {title}", unit, lines)
        parts.append(f"![{result.name}: {unit}]({path})")
    return "\n\n".join([*parts, *tables_of(result)])


def write_page(files: Mapping[str, str], home: Path = HOME) -> None:
    """Write the files, and remove plots that are none of them."""
    for path in sorted((home / "plots").glob("*.svg")):
        if f"plots/{path.name}" not in files:
            path.unlink()
    for name, text in files.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
