import pytest

from corpus.doccano.verdicts import judge_spans

SENT = [(3, 7, "GPE")]


@pytest.mark.parametrize(
    ("found", "verdicts"),
    [
        ([(3, 7, "GPE")], [("stored", "")]),
        ([], [("dropped", "the server does not have it")]),
        ([(5, 9, "GPE")], [("shifted", "on the server it begins 2 UTF-16 units later")]),
        ([(2, 6, "GPE")], [("shifted", "on the server it begins 1 UTF-16 units earlier")]),
        ([(3, 7, "ORG")], [("relabelled", "it is 'ORG' on the server")]),
        (
            [(3, 9, "GPE")],
            [("dropped", "the server does not have it"), ("added", "it was not sent")],
        ),
        ([(3, 7, "GPE")] * 2, [("added", "it was not sent"), ("stored", "")]),
    ],
)
def test_judge_spans_gives_each_span_its_verdict(found, verdicts):
    assert [(one.verdict, one.reason) for one in judge_spans(SENT, found)] == verdicts


def test_judge_spans_explains_two_lost_spans_by_two_found_ones():
    sent = [(0, 2, "X"), (10, 12, "X")]
    verdicts = judge_spans(sent, [(1, 3, "X"), (11, 13, "X")])
    assert [one.verdict for one in verdicts] == ["shifted", "shifted"]
    assert [one.verdict for one in judge_spans(sent, [(1, 3, "X")])] == ["shifted", "dropped"]
