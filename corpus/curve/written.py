"""What a curve leaves: `curve.json` with all figures, `curve.html` to look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from corpus.curve.figures import TaskCurve, draw_curve
from corpus.curve.material import Material, sizes_of
from corpus.curve.page import curve_page
from corpus.curve.plan import CurvePlan, Task
from corpus.curve.runs import Run
from corpus.errors import StoreError
from corpus.files import atomic_output
from corpus.manifest import Stage

CURVE, PAGE = "curve.json", "curve.html"


class Curve(Struct, frozen=True, tag_field="type", tag="curve/1"):
    """The curves of the tasks; how many documents there were to learn from and to score on."""

    train: int
    dev: int
    without_layer: int
    tasks: dict[Task, TaskCurve]


def write_curve(
    title: str,
    material: Material,
    plan: CurvePlan,
    runs: Mapping[tuple[Task, int, int], Run],
    folder: Path,
    stage: Stage,
) -> None:
    """Write both files, and tell the stage of them."""
    train, dev = len(material.train), len(material.dev)
    sizes = sizes_of(plan, train)
    tasks: dict[Task, TaskCurve] = {
        task: draw_curve(task, runs, plan, sizes, dev) for task in plan.tasks
    }
    curve = Curve(train, dev, material.without_layer, tasks)
    with atomic_output(folder / CURVE) as sink:
        encoded = msgspec.json.encode(curve)
        sink.write(msgspec.json.format(encoded, indent=2) + b"\n")
    with atomic_output(folder / PAGE) as sink:
        sink.write(curve_page(title, tasks, plan, train=train, dev=dev).encode())
    stage.manifest.notes["models"] = len(runs)
    stage.wrote([folder / CURVE, folder / PAGE])


def read_curve(path: Path) -> Curve:
    """The curve of a file. Raises StoreError if it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Curve)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise StoreError(f"{path}: not a curve ({error})", "make it again with --force") from error
