"""Gamma (Mathet, Widlöcher, Métivier 2015), by the library pygamma-agreement.

Gamma aligns the units of all annotators at least cost and compares that with random annotation.
Documents do not share an alignment: gamma is that of each document, and their mean. What is
drawn at random is drawn from a seed.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from corpus.decisions import digest
from corpus.errors import DependencyError
from corpus.model import Mention

Watch = Callable[[Sequence[Any]], Iterable[Any]]


class GammaSample:
    """At most so many documents that several annotators confirmed, chosen by seed and id."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seed = seed
        self._kept: list[tuple[str, str, dict[str, tuple[Mention, ...]]]] = []

    def add(self, document: str, marks: Mapping[str, tuple[Mention, ...]]) -> None:
        """Offer a document's layers."""
        self._kept.append((digest(self.seed, document), document, dict(marks)))
        self._kept.sort(key=lambda one: one[:2])
        del self._kept[self.size :]

    def gammas(self, watch: Watch = lambda items: items) -> dict[str, float]:
        """Document -> gamma, in the order of the ids, without those that have none."""
        found = {}
        for _, document, marks in watch(sorted(self._kept, key=lambda one: one[1])):
            gamma = gamma_of(marks, seed=self.seed)
            if gamma is not None:
                found[document] = gamma
        return found


def require_gamma() -> None:
    """Raises DependencyError if the library is not there."""
    try:
        import_module("pygamma_agreement")
    except ImportError as error:
        raise DependencyError(
            "--gamma needs the package pygamma-agreement", "pip install 'corpus[gamma]'"
        ) from error


def gamma_of(marks: Mapping[str, Sequence[Mention]], *, seed: int = 0) -> float | None:
    """Gamma of one document, None where two annotators with mentions are lacking.

    Positions and categories weigh alike, as in the paper.
    """
    import numpy as np

    continuum = _continuum(marks)
    if continuum is None:
        return None
    from pygamma_agreement import CombinedCategoricalDissimilarity

    # The library draws from numpy's global generator and logs that it chose a solver.
    state = np.random.get_state()
    logging.disable(logging.WARNING)
    try:
        np.random.seed(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = continuum.compute_gamma(CombinedCategoricalDissimilarity(alpha=1, beta=1))
            return round(float(found.gamma), 6)
    finally:
        logging.disable(logging.NOTSET)
        np.random.set_state(state)


def _continuum(marks: Mapping[str, Sequence[Mention]]) -> Any:
    from pyannote.core import Segment
    from pygamma_agreement import Continuum

    if sum(bool(mentions) for mentions in marks.values()) < 2:
        return None
    continuum = Continuum()
    for name in sorted(marks):
        continuum.add_annotator(name)
        for mention in marks[name]:
            continuum.add(name, Segment(mention.start, mention.end), mention.label)
    return continuum
