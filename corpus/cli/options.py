"""Options that several commands share, so that one name has one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Force = Annotated[bool, typer.Option("--force", help="Replace an existing output.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
AllowRejects = Annotated[
    bool, typer.Option("--allow-rejects", help="Exit 0 even if something was rejected.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes to use.")]
Output = Annotated[
    Path, typer.Option("-o", "--output", help="Where to write; - is standard output.")
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of every random choice.")]
