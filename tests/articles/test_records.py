"""Rows of JSONL, JSON, CSV, TSV and Parquet as articles, and what is said of bad ones."""

import gzip
import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.articles.conversion import article_pieces, convert_piece
from corpus.articles.raw import ConvertOptions
from corpus.articles.sources import find_sources
from corpus.model import Change, Document


def convert(path, **options):
    """(documents, [(id, place below the folder, reason)]) of a file."""
    chosen = ConvertOptions(**options)
    (source,) = find_sources([path]).sources
    results = [
        found.result
        for piece in article_pieces(source, chosen)
        for found in convert_piece(piece, chosen)
    ]
    rejects = [
        (r.document, r.where.removeprefix(f"{path.parent}/"), r.reason)
        for r in results
        if isinstance(r, Change)
    ]
    return [r for r in results if isinstance(r, Document)], rejects


def test_jsonl_rows_keep_what_they_hold(tmp_path):
    path = tmp_path / "a.jsonl"
    row = {
        "id": 7,
        "text": "Text.",
        "headline": "T",
        "author": "Ann",
        "url": "u:1",
        "n": [1.5, None],
    }
    line = json.dumps(row).encode()
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + b'{"text": "Two.", "url": "u:2"}')
    (first, second), rejects = convert(path)
    assert rejects == []
    assert first.id == "7"
    assert first.meta == {
        "title": "T",
        "byline": "Ann",
        "source": "u:1",
        "file": "a.jsonl#1",
        "source_sha256": hashlib.sha256(line).hexdigest(),
        "format": "jsonl",
        "encoding": "utf-8",
        "fields": {"n": [1.5, None]},
    }
    assert (second.id, second.meta["file"]) == ("u:2", "a.jsonl#3")


@pytest.mark.parametrize(
    ("line", "where", "reason"),
    [
        (b'{"text": "a\\ud800b"}', "2", "lone surrogate U+D800 at offset 1 of the text"),
        (b'{"text": "a\\u0000b"}', "2", "NUL (U+0000) at offset 1 of the text"),
        (b'{"text": "a", "x": "\\u0000"}', "2", "NUL (U+0000) in its id or metadata"),
        (b'{"text": "a", "x": "\\udfff"}', "2", "a lone surrogate in its id or metadata"),
        (
            b'{"body": "a", "title": "t"}',
            "2",
            "no column 'text'; there are: body, title (choose with --text-column)",
        ),
        (b'{"text": null}', "2", "column 'text' holds null, not text"),
        (b'{"text": 5}', "2", "column 'text' holds a number, not text"),
        (b'{"text": " \\n"}', "2", "it has no text"),
        (b'{"text": "Leave a Reply"}', "2", "nothing but web boilerplate"),
        (b"[1]", "2", "the row is a list, not an object"),
        (b'{"text": "bad\xff"}', "2:14", "the line is not UTF-8"),
        (b'{"text": "half', "2:10", "broken JSON: Unterminated string starting at"),
        (b"!", "2:1", "broken JSON: Expecting value"),
    ],
)
def test_bad_line_is_named_and_the_rest_goes_on(tmp_path, line, where, reason):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "One."}\n' + line + b'\n{"text": "Three."}\n')
    documents, rejects = convert(path)
    assert [d.text for d in documents] == ["One.", "Three."]
    assert rejects == [("a.jsonl#2", f"a.jsonl:{where}", reason)]


def test_nan_which_other_tools_write_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One.", "score": NaN}')
    ((document,), _) = convert(path)
    assert document.meta["fields"] == {"score": "NaN"}


def test_cut_gzip_keeps_what_was_read_before(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    lines = b"".join(
        b'{"text": "%s"}\n' % hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(2000)
    )
    path.write_bytes(gzip.compress(lines)[:-2000])
    documents, (reject,) = convert(path)
    assert 1500 < len(documents) < 2000
    assert reject[0] == f"a.jsonl.gz#{len(documents) + 1}"
    assert reject[2].startswith("cannot be read to its end (")


def test_csv_with_semicolons_quoted_newlines_and_legacy_encoding(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('nr;text\r\n1;"Größe;\nund Straße, sagte Müller"\r\n'.encode("cp1252"))
    ((document,), rejects) = convert(path, id_column="nr")
    assert (document.id, document.text) == ("1", "Größe;\nund Straße, sagte Müller")
    assert document.meta["encoding"] == "cp1252"
    assert rejects == []


def test_csv_rows_that_do_not_fit_are_rejects(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,text,more\n1,a,b,c\n2\n3,ok\n4,"cut\n')
    documents, rejects = convert(path)
    assert [d.id for d in documents] == ["3"]
    assert rejects == [
        ("a.csv#1", "a.csv#1", "4 cells under 3 columns"),
        ("a.csv#2", "a.csv#2", "1 cells under 3 columns"),
        ("a.csv#4", "a.csv#4", "unexpected end of data (line 5)"),
    ]


@pytest.mark.parametrize(
    ("header", "options", "reason"),
    [
        ("id,body", {}, "no column 'text'; there are: id, body (choose with --text-column)"),
        (
            "id,text",
            {"id_column": "nr"},
            "no column 'nr'; there are: id, text (choose with --id-column)",
        ),
        ("text,text", {}, "column 'text' stands twice"),
    ],
)
def test_table_without_the_column_is_one_reject(tmp_path, header, options, reason):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n1,x\n2,y\n")
    assert convert(path, **options) == ([], [("a.csv", "a.csv", reason)])


def test_parquet_rows_keep_their_columns(tmp_path):
    path = tmp_path / "a.parquet"
    table = {"text": ["One.", None], "id": [10**12, 2], "day": pa.array([0, 1], pa.date32())}
    pq.write_table(pa.table(table), path)
    ((document,), rejects) = convert(path)
    assert (document.id, document.meta["fields"]) == (str(10**12), {"day": "1970-01-01"})
    assert rejects == [("2", "a.parquet#2", "column 'text' holds null, not text")]


def test_broken_parquet_is_a_reject(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    ((_, _, reason),) = convert(path)[1]
    assert reason.startswith("not a whole Parquet file (")


def test_json_array_and_object(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[{"text": "One."}, {"text": 2}]')
    ((one,), rejects) = convert(path)
    assert one.id == "a.json#1"
    assert rejects == [("a.json#2", "a.json#2", "column 'text' holds a number, not text")]
    path.write_text('\n{"text": "Object."}')
    assert [d.id for d in convert(path)[0]] == ["a.json"]
    path.write_text('[{"text": "One."}, {"text"')
    assert convert(path)[1] == [
        ("a.json", "a.json", "broken JSON: Expecting ':' delimiter (line 1, column 27)")
    ]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json", "a.txt", "a.html", "a.rss"])
def test_empty_file_is_a_reject(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    assert convert(path) == ([], [(name, name, "it is empty")])


def test_id_column_dash_takes_file_and_row(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "x", "text": "One."}')
    ((document,), _) = convert(path, id_column="-")
    assert (document.id, document.meta["fields"]) == ("a.jsonl#1", {"id": "x"})


def test_named_id_column_must_be_filled(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"nr": "", "text": "One."}')
    assert convert(path, id_column="nr")[1] == [("a.jsonl#1", "a.jsonl:1", "no id in column 'nr'")]
