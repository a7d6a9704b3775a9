"""Gamma by its library: what we hand over, that a seed fixes it, that no state is left."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest

from corpus.gold.gamma import GammaSample, gamma_of
from tests.gold.several_annotators import said

pytest.importorskip("pygamma_agreement", reason="an extra: pip install 'corpus[gamma]'")

ANN = said("ann", [(0, 10, "A"), (20, 30, "B"), (40, 45, "A")]).mentions
BOB = said("bob", [(0, 10, "A"), (21, 30, "B"), (40, 45, "B")]).mentions


@pytest.mark.long
def test_gamma_is_the_library_s_and_the_same_for_a_seed():
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    continuum = Continuum()
    for name, mentions in (("ann", ANN), ("bob", BOB)):
        for mention in mentions:
            continuum.add(name, Segment(mention.start, mention.end), mention.label)
    before = np.random.get_state()[1].tolist()
    ours = gamma_of({"ann": ANN, "bob": BOB}, seed=3)
    assert np.random.get_state()[1].tolist() == before
    assert logging.root.manager.disable == logging.NOTSET
    np.random.seed(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = continuum.compute_gamma(CombinedCategoricalDissimilarity(alpha=1, beta=1))
    assert ours == pytest.approx(float(found.gamma), abs=1e-6)
    assert ours == gamma_of({"bob": BOB, "ann": ANN}, seed=3)
    assert gamma_of({"ann": ANN, "bob": ANN}) == 1


def test_gamma_needs_two_annotators_with_mentions():
    assert gamma_of({"ann": ANN, "bob": ()}) is None


def test_sample_is_of_the_same_documents_whatever_their_order():
    samples = [GammaSample(3, 5), GammaSample(3, 5)]
    ids = [f"d{n}" for n in range(20)]
    for sample, order in zip(samples, (ids, ids[::-1]), strict=True):
        for id in order:
            sample.add(id, {"ann": ANN, "bob": ()})
    kept = [sorted(id for _, id, _ in sample._kept) for sample in samples]
    assert kept[0] == kept[1]
    assert len(kept[0]) == 3
