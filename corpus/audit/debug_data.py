"""What `spacy debug data` itself says of the layer, as it would be trained on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.audit.doubts import Doubt
from corpus.errors import DataError
from corpus.formats.docbin import write_docbin
from corpus.model import Document

MOST = 5000
"""Documents that are given to it: it holds them all in memory."""

_COLOUR = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
_SAYS = re.compile(r"\s*([⚠✘])\s*(.*)")
# The same file is its train and its dev, which it remarks on.
_OF_OURS = re.compile(r"also in evaluation data|in the dev data|\d+ (warning|error)s?$")


def debug_data(documents: Iterable[Document], *, layer: str, lang: str) -> Iterator[Doubt]:
    """Its warnings (score 0.5) and errors (0.9), of the corpus as a whole.

    Raises DataError if it cannot run.
    """
    from spacy.cli.init_config import init_config

    with tempfile.TemporaryDirectory(prefix="corpus-audit-") as folder:
        docbin, config = Path(folder, "train.spacy"), Path(folder, "config.cfg")
        write_docbin(documents, docbin, layer=layer)
        init_config(lang=lang, pipeline=["ner"], silent=True).to_disk(config)
        command = [sys.executable, "-m", "spacy", "debug", "data", str(config)]
        command += ["--paths.train", str(docbin), "--paths.dev", str(docbin)]
        plain = os.environ | {"PYTHONIOENCODING": "utf-8", "ANSI_COLORS_DISABLED": "1"}
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", env=plain)
    if "Data file validation" not in ran.stdout:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise DataError(f"spacy debug data did not run ({last})", "give --no-debug-data")
    for line in _COLOUR.sub("", ran.stdout).splitlines():
        match = _SAYS.match(line)
        if match and not _OF_OURS.search(match[2]):
            score = 0.9 if match[1] == "✘" else 0.5
            yield Doubt(kind="debug-data", score=score, reason=match[2])
