"""The table of digests agrees with a dict, whatever comes in, in memory and on disk."""

import hashlib
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import digests
from corpus.articles.digests import SIZE, PlacesByDigest
from corpus.store import read_documents

IN_MEMORY, ON_DISK = 1 << 16, 1


@pytest.fixture(scope="module", params=[IN_MEMORY, ON_DISK], ids=["in memory", "on disk"])
def where(request: pytest.FixtureRequest) -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "_IN_MEMORY", request.param)
        yield request.param


def digest(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()[:SIZE]


def check_against_a_dict(count: int, distinct: int, batch: int) -> None:
    plain: dict[bytes, int] = {}
    with closing(PlacesByDigest()) as table:
        for at in range(0, count, batch):
            places = range(at, min(at + batch, count))
            keys = [digest(place % distinct) for place in places]
            expected = [plain.setdefault(key, at) for key, at in zip(keys, places, strict=True)]
            assert table.first_places(keys, places) == expected
        assert len(table) == len(plain) == distinct


def test_table_grows_and_agrees_with_a_dict(where: int) -> None:
    check_against_a_dict(30_000, 17_000, 700)


def test_table_goes_from_memory_to_disk() -> None:
    check_against_a_dict(70_000, 40_000, 1000)


# The first half chooses the slot, two bytes of the second what memory keeps of a digest: all want
# the same slot, and many look alike there.
ALIKE = [bytes(8) + bytes((n, 0, 0, 0, 0, 0, n % 3, 0)) for n in range(1, 32)]
# The last slot, from which they go on at the first.
AT_THE_END = [b"\xff" * 8 + key[8:] for key in ALIKE]


@pytest.mark.parametrize("keys", [ALIKE, AT_THE_END], ids=["one slot", "the last slot"])
@given(batches=st.lists(st.lists(st.integers(0, 30), max_size=40), max_size=5))
def test_first_place_is_the_first(where: int, keys: list[bytes], batches: list[list[int]]) -> None:
    seen: list[int] = []
    with closing(PlacesByDigest()) as table:
        for numbers in batches:
            places = range(len(seen), len(seen) + len(numbers))
            seen += numbers
            firsts = table.first_places([keys[number] for number in numbers], places)
            assert firsts == [seen.index(number) for number in numbers]


def test_digest_of_zeros_is_a_digest(where: int) -> None:
    with closing(PlacesByDigest()) as table:
        assert table.first_places([bytes(SIZE)], [7]) == [7]
        assert table.first_places([digest(1), bytes(SIZE)], [8, 9]) == [8, 7]


def test_no_digests_have_no_places(where: int) -> None:
    with closing(PlacesByDigest()) as table:
        assert table.first_places([], []) == []


CONVERT_WITH_SMALL_TABLES = """
import sys
import corpus.articles.digests as digests
digests._IN_MEMORY = 1 << 12
from corpus.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("room", [190_000, None])
def test_full_temporary_folder_is_one_line(tmp_path: Path, room: int | None) -> None:
    articles, output = tmp_path / "articles.jsonl", tmp_path / "out.jsonl.gz"
    articles.write_text("".join(f'{{"text": "No {n}."}}\n' for n in range(2100)))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if room:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, "-c", CONVERT_WITH_SMALL_TABLES, "convert", articles, "-o", output]
    ran = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=60)
    if room is None:
        assert ran.returncode == 0
        assert len({document.id for document in read_documents(output)}) == 2100
        return
    assert (ran.returncode, ran.stdout, output.exists()) == (1, "", False)
    assert ran.stderr == (
        f"corpus: error: {tempfile.gettempdir()}: writing failed (file too large); "
        "free some room there or set TMPDIR to another folder, and run it again\n"
    )
