import json

import msgspec
import pytest

from corpus.doccano.link_examples import SPLIT, Known, LinkExample
from corpus.doccano.link_rows import LinkRow, decode_link_row, encode_link_row, read_stored
from corpus.doccano.mapping import example_uuid
from corpus.model import Candidate, Mention

MENTIONS = (
    Mention("m1", 12, 16, "ORG"),
    Mention("m2", 80, 84, "ORG"),
    Mention("m3", 12, 16, "ORG"),
)
EXAMPLE = LinkExample(
    key="3b",
    document="007",
    sha256="ab",
    mentions=MENTIONS,
    candidates=(Candidate("Q81299", 0.9, 0.9), Candidate("local:pa", 0.1, 0.1)),
    chosen="1",
    kb="my news",
    kb_hash="5f",
    text="the ⟦OSCE⟧",
)


def sent() -> dict[str, object]:
    return json.loads(encode_link_row(EXAMPLE, project="news.ann.1"))


def exported(**changes: object) -> LinkRow:
    """The row as an export brings it back: the uuid is gone, an id and comments have come."""
    row = {"id": 12, **sent(), "Comments": [], **changes}
    return decode_link_row(json.dumps(row).encode(), "x:1")


def test_row_has_string_metadata_under_the_same_keys_whatever_the_decision():
    row = sent()
    assert row["example_uuid"] == example_uuid("news.ann.1", "007", "3b")
    assert row["label"] == ["1"]
    meta = {key: value for key, value in row.items() if key.startswith("corpus_")}
    assert all(isinstance(value, str) for value in meta.values())
    assert meta["corpus_places"] == "12-16 80-84"  # the third mention lies on the first
    bare = EXAMPLE._replace(candidates=(), chosen="NIL")
    again = json.loads(encode_link_row(bare, project="news.ann.1"))
    assert list(again) == list(row)


def test_row_comes_back_as_it_was_sent():
    stored = read_stored(exported())
    assert not isinstance(stored, str)
    assert (stored.example, stored.document, stored.key) == (12, "007", "3b")
    assert stored.places == ((12, 16), (80, 84))
    assert (stored.label, stored.candidates) == ("ORG", ("Q81299", "local:pa"))
    assert (stored.kb, stored.kb_hash, stored.document_mark) == ("my news", "5f", "ab")
    assert (stored.sent, stored.chosen, stored.comments) == ("1", ("1",), ())
    assert not stored.changed


def test_row_reads_comments_in_either_shape_and_sees_a_changed_text():
    stored = read_stored(
        exported(text="1   Rome", Comments=[{"comment": "a"}, "b"], label=["2", "1"])
    )
    assert not isinstance(stored, str)
    assert (stored.comments, stored.changed, stored.chosen) == (("a", "b"), True, ("1", "2"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"corpus_id": None}, "it was not pushed by corpus as a link to decide"),
        ({"corpus_mark": 3.0}, "it was not pushed by corpus as a link to decide"),
        ({"corpus_mark": "v9 a b"}, "it was pushed by a corpus of row version v9"),
        ({"corpus_places": "12 80-x"}, "its corpus_places '12 80-x' are no places"),
        ({"corpus_places": ""}, "its corpus_places '' are no places"),
    ],
)
def test_row_that_is_no_decision_says_why(changes, reason):
    assert read_stored(exported(**changes)) == reason


def test_only_a_confirmed_split_of_several_places_is_split():
    stored = read_stored(exported(label=[SPLIT]))
    assert not isinstance(stored, str)
    places = frozenset({(12, 16), (80, 84)})
    assert stored.known == Known("3b", places, "ORG", split=False)
    confirmed = msgspec.structs.replace(stored, confirmed=True)
    assert confirmed.known == Known("3b", places, "ORG", split=True)
    assert not msgspec.structs.replace(confirmed, places=((12, 16),)).known.split
