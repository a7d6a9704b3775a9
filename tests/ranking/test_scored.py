"""Scored documents wait in a file and come out of it as they went in, in the order of ranking."""

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.manifest import Manifest
from corpus.ranking.scored import Scored, open_scored
from corpus.ranking.signals import Signals

part = st.floats(0, 1).map(lambda number: round(number, 6))
ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
rows = st.builds(
    Scored,
    st.booleans(),
    part,
    ids,
    st.builds(Signals, part, part, part, part, st.integers(0, 9)),
    st.integers(0, 9),
    st.binary(max_size=9),
)
TWINS = [
    Scored(False, 0.5, document, Signals(), 0, line)
    for line, document in ((b"1", "\uffff"), (b"2", "\U00010000"), (b"3", "a\0b"), (b"4", "a\0a"))
]


@settings(deadline=None)
@given(st.lists(rows, max_size=12))
@example([*TWINS, *TWINS])
@example([Scored(False, 1.0, "7", Signals(), 0, b""), Scored(True, 0.0, "07", Signals(), 0, b"")])
def test_rows_come_back_equal_and_in_the_order_that_python_gives(tmp_path_factory, given):
    output = tmp_path_factory.mktemp("scored") / "x.jsonl"
    with open_scored(output, Manifest("rank")) as file:
        file.add(given)
        assert len(file) == len(given)
        found = list(file.in_order())
    assert found == sorted(given, key=lambda row: (row.annotated, -row.score, row.document))
    assert [type(row.score) for row in found] == [float] * len(found)
    assert list(output.parent.iterdir()) == []


def test_an_output_in_a_bucket_has_nothing_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_scored(Path("s3://bucket/x.jsonl"), Manifest("rank")) as file:
        file.add(TWINS)
        assert [row.line for row in file.in_order()] == [b"4", b"3", b"1", b"2"]
        assert list(tmp_path.iterdir()) == []
