"""long_table: what the long suites came to."""

from types import SimpleNamespace

from tests.long_table import long_rows, long_table


def report(nodeid, outcome="passed", duration=1.0, long=False, when="call"):
    keywords = {"long": 1} if long else {}
    return SimpleNamespace(
        nodeid=nodeid, outcome=outcome, duration=duration, keywords=keywords, when=when
    )


def test_a_suite_is_counted_with_its_short_sample_and_others_are_left_out():
    reports = [
        report("t.py::kill[0]"),
        report("t.py::kill[1]", outcome="failed", duration=2.4, long=True),
        report("t.py::short"),
    ]
    assert long_rows(reports) == [("t.py::kill", 2, 1, 3.4)]
    assert long_table(long_rows(reports))[2:] == ["| `t.py::kill` | 2 | 1 | 3 |"]
