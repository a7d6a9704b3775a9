"""The parts of train: nested, stable, of the size asked for."""

from itertools import pairwise

import pytest

from corpus.curve.material import Sample, first_documents, read_material, sizes_of
from corpus.curve.plan import CurvePlan, parse_shares
from corpus.errors import UsageError
from corpus.store import write_documents
from tests.curve.growing import news


def samples(number):
    return [Sample(news(n), f"{n}") for n in range(number)]


@pytest.mark.parametrize("seed", range(5))
def test_a_share_holds_the_smaller_ones_of_its_seed_in_file_order(seed):
    whole = samples(40)
    parts = [first_documents(whole, size, seed) for size in (0, 3, 10, 40)]
    for smaller, larger in pairwise(parts):
        assert [each for each in larger if each in smaller] == smaller
    assert [len(part) for part in parts] == [0, 3, 10, 40]
    # In a corpus that has grown the earlier documents keep their order among themselves.
    grown = first_documents(samples(80), 20, seed)
    assert len(grown) == 20
    old = [each for each in grown if each in whole]
    assert old == first_documents(whole, len(old), seed)


def test_seeds_draw_other_documents():
    drawn = {tuple(s.document.id for s in first_documents(samples(40), 10, n)) for n in range(9)}
    assert len(drawn) == 9


def test_sizes_are_rounded_and_may_be_none():
    plan = CurvePlan(shares=parse_shares("1,0.01,0.5,0.15,0.5"))
    assert sizes_of(plan, 10) == {0.01: 0, 0.15: 2, 0.5: 5, 1.0: 10}


@pytest.mark.parametrize("text", ["", "0", "1.1", "-0.5", "half", "0.5;1", "nan"])
def test_shares_that_cannot_be_are_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_shares(text)
    assert str(caught.value) == (
        f"--shares {text}: not numbers over 0 and up to 1; give them as in 0.1,0.5,1"
    )


def test_a_file_of_documents_is_split_80_to_20_and_always_the_same(tmp_path):
    write_documents([news(n) for n in range(20)], tmp_path / "gold.jsonl")
    first, again = (read_material(tmp_path / "gold.jsonl", CurvePlan()) for _ in range(2))
    assert first == again
    assert (len(first.train), len(first.dev), first.without_layer) == (16, 4, 0)
