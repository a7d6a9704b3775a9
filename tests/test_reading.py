"""How far files are read, and by whom."""

import gzip
import os

import pytest

from corpus.files import open_bytes, open_input
from corpus.reading import note_reading, watch_reading


def test_what_is_read_is_counted_as_it_stands_on_disk(tmp_path):
    plain, packed, other = (tmp_path / name for name in ("a.txt", "b.gz", "c.txt"))
    plain.write_bytes(bytes(5000))
    packed.write_bytes(gzip.compress(os.urandom(5_000_000)))
    other.write_bytes(b"of no interest")
    sizes = {str(path): path.stat().st_size for path in (plain, packed)}
    with watch_reading(sizes) as reading:
        assert (reading.done, reading.total) == (0, sum(sizes.values()))
        with open_bytes(plain) as source:
            source.read(1000)
            assert reading.done == 1000
        assert reading.done == 5000
        with open_bytes(other) as source:
            source.read()
        source = open_input(packed)
        source.read(100)
        assert 5000 < reading.done < reading.total
        source.read()
        assert reading.done == reading.total
        source.close()
        assert reading.done == reading.total


def test_a_file_that_another_process_reads_counts_whole(tmp_path):
    with watch_reading({"a": 10, "b": 20}) as reading:
        note_reading("b")
        note_reading("elsewhere")
        assert reading.done == 20


def test_after_the_block_nothing_is_noted(tmp_path):
    (tmp_path / "a").write_bytes(b"text")
    with pytest.raises(KeyError), watch_reading({str(tmp_path / "a"): 4}) as reading:
        raise KeyError
    with open_bytes(tmp_path / "a") as source:
        source.read()
    assert reading.done == 0
