"""What the page holds of a document."""

from corpus.model import Layer, Mention, make_document, with_ids
from corpus.report.records import Tables, entity_address, page_document
from tests.report.annotated import voted


def test_document_becomes_compact_with_offsets_in_utf16_units():
    text = "😀 OSCE"
    mention = Mention("1", 2, 6, "ORG")
    document = make_document("d", text, lang="en", layers=(Layer("gold", mentions=(mention,)),))
    tables = Tables()
    assert page_document(document, tables, split="dev") == {
        "i": "d",
        "t": text,
        "g": "en",
        "y": [{"n": 0, "m": [[3, 7, 0]]}],
        "s": 0,
    }
    assert tables.as_json() == {
        "layers": [("gold", "spans", 1)],
        "labels": ["ORG"],
        "entities": [],
        "splits": ["dev"],
        "roles": ("literal", "metonymic"),
        "states": ("confirmed", "touched", "untouched"),
        "nil": "NIL",
    }


def test_links_candidates_and_disagreements_are_kept():
    tables = Tables(lambda kb_id: ("Organization", "57 states") if kb_id == "Q81299" else ("", ""))
    record = page_document(voted(), tables)
    silver, _, bob, gold = record["y"]
    assert silver["m"][1] == [
        10, 14, 1, [[1, 0]], [[1, 0.98, 0.97], [2, 0.02, 0.1]], "kb",
    ]  # fmt: skip
    assert bob["s"] == 1
    assert gold["m"][0][5:] == ["", ("rule:majority",), 2]
    assert gold["m"][1][3:] == [[[3, 0], [4, 1]]]
    assert record["x"] == [(0, 4), (6, 14), (10, 14), (10, 27), (22, 27)]
    assert record["h"] == "The OSCE in Minsk"
    assert record["d"][0] == ["n", "3"]
    assert tables.as_json()["entities"][:3] == [
        ["NIL", "", "", ""],
        ["Q81299", "Organization", "57 states", "https://www.wikidata.org/wiki/Q81299"],
        ["Q2", "Orchestra", "", "https://www.wikidata.org/wiki/Q2"],
    ]


def test_only_addresses_of_the_web_become_links():
    assert entity_address("https://kb.example/1") == "https://kb.example/1"
    for kb_id in (
        "javascript:alert(1)",
        "Q0",
        "Q1 x",
        "https://a b",
        'http://x"y',
        "local:x",
        "NIL",
    ):
        assert entity_address(kb_id) == ""


def test_meta_that_is_not_text_is_shown_as_json():
    document = make_document("d", "x", meta={"a": ["b", 1], "title": 7, "c": None})
    record = page_document(document, Tables())
    assert record["d"] == [["a", '["b",1]'], ["c", "null"], ["title", "7"]]
    assert "h" not in record


def test_twins_of_one_span_are_both_there():
    mentions = with_ids([Mention("", 0, 1, "A"), Mention("", 0, 1, "A")])
    record = page_document(
        make_document("d", "x", layers=(Layer("gold", mentions=mentions),)), Tables()
    )
    assert record["y"][0]["m"] == [[0, 1, 0], [0, 1, 0]]
