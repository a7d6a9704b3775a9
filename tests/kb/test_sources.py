"""Files of entities: what is read, what is a reject and where it stands."""

import gzip

import pytest

from corpus.errors import KBError, UsageError
from corpus.kb.sources import Alias, Bad, Record, problem_of_alias, read_source


def test_jsonl_record_has_label_aliases_and_counts(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_text(
        '{"id": "Q1899", "label": "Kyiv", "type": "city", "description": "capital", "count": 57,'
        ' "aliases": {"en": ["Kiev"], "uk": ["Київ"]}, "counts": {"Kiev": 40, "Kyjiw": 2}}\n'
        '\n{"id": "Q1", "aliases": ["A", "B"]}\n',
        encoding="utf-8",
    )
    kyiv, other = read_source(path)
    assert kyiv == Record(
        where=f"{path}:1",
        id="Q1899",
        label="Kyiv",
        type="city",
        description="capital",
        count=57,
        aliases=(
            Alias("Kyiv", "", 0),
            Alias("Kiev", "en", 40),
            Alias("Київ", "uk", 0),
            Alias("Kyjiw", "", 2),
        ),
    )
    assert other.where == f"{path}:3"
    assert other.aliases == (Alias("A"), Alias("B"))


def test_csv_splits_aliases_and_tsv_has_one_a_row(tmp_path):
    (tmp_path / "a.csv").write_text(
        'qid,name,type,aliases,count\nQ1,Paris,city,"Paname|City, of Light|",7\n'
    )
    (tmp_path / "b.tsv.gz").write_bytes(
        gzip.compress(b'id\talias\tlang\tcount\nQ1\tParis "x"\tfr\t3\nQ1\tParigi\tit\t\n')
    )
    (record,) = read_source(tmp_path / "a.csv")
    assert (record.label, record.count) == ("Paris", 7)
    assert [alias.text for alias in record.aliases] == ["Paris", "Paname", "City, of Light"]
    first, second = read_source(tmp_path / "b.tsv.gz")
    assert (first.aliases, first.count) == ((Alias('Paris "x"', "fr", 3),), 0)
    assert second.aliases == (Alias("Parigi", "it", 0),)


def test_broken_lines_are_listed_with_their_place_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_bytes(
        b'{"id": "Q1", "label": "one"}\n'
        b'{"id": "Q2", "label": }\n'
        b'{"label": "no id"}\n'
        b'{"id": "Q4", "alias": ["typo"]}\n'
        b'{"id": "Q 5"}\n'
        b'{"id": "NIL"}\n'
        b'{"id": "Q7", "count": -1}\n'
        b'{"id": "Q8", "label": "\xff"}\n'
        b'{"id": "Q9", "label": "nine"}\n'
    )
    found = list(read_source(path))
    assert [item.id for item in found if isinstance(item, Record)] == ["Q1", "Q9"]
    assert [item for item in found if isinstance(item, Bad)] == [
        Bad(f"{path}:2:23", "", "JSON is malformed: invalid character"),
        Bad(f"{path}:3", "", "Object missing required field `id`"),
        Bad(f"{path}:4", "", "Object contains unknown field `alias`"),
        Bad(f"{path}:5", "", "'Q 5' is no id: 1-200 characters without blanks, and not NIL"),
        Bad(f"{path}:6", "", "'NIL' is no id: 1-200 characters without blanks, and not NIL"),
        Bad(f"{path}:7", "Q7", "a count is below 0"),
        Bad(f"{path}:8:24", "", "the line is not UTF-8"),
    ]


def test_table_rows_of_another_width_or_count_are_listed(tmp_path):
    path = tmp_path / "kb.tsv"
    path.write_text("id\tlabel\tcount\nQ1\tone\t1\nQ2\ttwo\nQ3\tthree\tmany\n")
    assert list(read_source(path))[1:] == [
        Bad(f"{path}:3", "", "2 fields where the header has 3"),
        Bad(f"{path}:4", "Q3", "the count 'many' is no whole number"),
    ]


def test_file_that_is_no_source_says_what_it_lacks(tmp_path):
    (tmp_path / "a.csv").write_text("name,country\nParis,FR\n")
    with pytest.raises(KBError) as caught:
        list(read_source(tmp_path / "a.csv"))
    assert str(caught.value) == (
        f"{tmp_path}/a.csv: needs a column id and one of label, alias, aliases; it has name, "
        "country; name the columns in the first row"
    )
    with pytest.raises(KBError) as caught:
        list(read_source(tmp_path / "a.xlsx"))
    assert str(caught.value) == (
        f"{tmp_path}/a.xlsx: no reader for .xlsx; a source is one of: .jsonl, .csv, .tsv, "
        ".json, .ttl, .rdf, .xml, .owl, .nt (each also as .gz, .bz2 or .zst), or KIND:PATH "
        "with KIND one of: jsonl, csv, tsv, wikidata, skos, geonames, anchors, redirects"
    )
    with pytest.raises(UsageError, match="no such file"):
        list(read_source(tmp_path / "none.jsonl"))
    (tmp_path / "latin.csv").write_bytes("id,label\nQ1,Malm\xf6\n".encode("latin-1"))
    with pytest.raises(KBError, match="save it as UTF-8"):
        list(read_source(tmp_path / "latin.csv"))


def test_problem_of_alias():
    assert problem_of_alias("Kyiv") == ""
    assert problem_of_alias(" \u00a0\u200b") == "an empty alias"
    assert problem_of_alias("x" * 10_000) == (
        f"an alias of 10000 characters (at most 300): {'x' * 30!r}…"
    )
    assert problem_of_alias("a\0b") == "an alias with U+0000: 'a\\x00b'"
