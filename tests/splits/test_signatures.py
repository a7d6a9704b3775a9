"""Signatures: the same wherever a text stands, read as written, and never read damaged."""

import gzip
from contextlib import closing
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import CorpusError, StoreError, UsageError
from corpus.manifest import Counts
from corpus.model import make_document
from corpus.splits import signature_files, signing
from corpus.splits.assignment import assign_splits
from corpus.splits.near_duplicates import NearDuplicates
from corpus.splits.plan import Plan
from corpus.splits.signature_files import match_files, read_header, read_signed
from corpus.splits.signatures import each_signature, join_signatures, sign_texts, text_key
from corpus.splits.survey import Earlier
from corpus.store import encode_line

SHA256 = "ab" * 32
AGAIN = "make it again: corpus signatures … --force"
words = st.sampled_from(
    ["Kyiv", "OSCE", "é", "e\u0301", "กรุงเทพ", "北京", "हिन्दी", "😀", ".", "\n"]
)
texts = st.lists(st.lists(words, max_size=90).map(" ".join), min_size=1, max_size=8)


def same(one, other):
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


def documents(number, seed=1, size=120):
    random = Random(seed)
    return [
        make_document(f"d{n}", " ".join(random.choice("abcdefgh") * 3 for _ in range(size)))
        for n in range(number)
    ]


def write_signatures(path, documents, sha256=SHA256, **options):
    lines = [(f"x:{n}", encode_line(document)) for n, document in enumerate(documents, 1)]
    counts = Counts()
    path.write_bytes(b"".join(signing.sign_lines(lines, sha256, counts, **options)))
    assert counts == Counts(received=len(lines), kept=len(lines), written=len(lines))
    return path


@settings(deadline=None)
@given(texts)
def test_a_signature_depends_on_its_text_alone(texts):
    whole = sign_texts(texts)
    alone = [sign_texts([text]) for text in texts]
    assert same(whole, join_signatures(alone))
    assert all(same(a, b) for a, b in zip(each_signature(whole), alone, strict=True))


def test_pairs_of_signatures_are_those_of_the_texts(monkeypatch):
    monkeypatch.setattr("corpus.splits.near_duplicates.BATCH", 1000)
    random = Random(5)
    texts = [document.text for document in documents(60)]
    texts += [text[random.randrange(40) :] for text in random.sample(texts, 12)]
    texts += ["short", "…", "short too"]
    found = []
    for is_signed in (False, True):
        with closing(NearDuplicates()) as near:
            for key, text in enumerate(texts):
                near.add_signed(sign_texts([text]), key) if is_signed else near.add(text, key)
            found.append(list(near.pairs()))
    assert found[0] == found[1]
    assert len(found[0]) >= 12


@pytest.mark.parametrize("chunk", [1, 2000, 1 << 19])
def test_what_is_written_is_read_in_order(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(signing, "_CHUNK", chunk)
    written = [*documents(7), make_document("nothing", "…"), make_document("word", "OSCE")]
    path = write_signatures(tmp_path / "a.signatures", written)
    assert read_header(path).sha256 == SHA256
    read = list(read_signed(path))
    assert [one.key for one in read] == [text_key(document) for document in written]
    for one, document in zip(read, written, strict=True):
        assert one.file == str(path)
        assert same(one.signature, sign_texts([document.text]))


def test_no_documents_have_no_signatures(tmp_path):
    assert list(read_signed(write_signatures(tmp_path / "a.signatures", []))) == []


def test_workers_write_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "_CHUNK", 2000)
    one = write_signatures(tmp_path / "one", documents(40))
    two = write_signatures(tmp_path / "two", documents(40), workers=2)
    assert one.read_bytes() == two.read_bytes()


def test_a_worker_of_another_unicode_is_refused():
    with pytest.raises(CorpusError) as caught:
        signing._sign_chunk([], unicode="1.0")
    assert str(caught.value).endswith(
        ", here it is 1.0; start the workers with the same version of Python"
    )


def test_every_damaged_byte_and_every_cut_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "_CHUNK", 200)
    path = write_signatures(tmp_path / "a.signatures", documents(2, size=7))
    content = path.read_bytes()
    said = set()

    def is_refused(damaged):
        path.write_bytes(damaged)
        with pytest.raises(StoreError) as caught:
            match_files([path], [("a.jsonl", SHA256)], "make them")
            list(read_signed(path))
        said.add(str(caught.value).removeprefix(f"{path}: "))

    sha = content.index(SHA256.encode())
    for at in range(len(content)):
        # A hash that changed is of another file, and has its own test.
        if not sha <= at < sha + 64:
            for bits in (0x01, 0xFF):
                is_refused(content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :])
        is_refused(content[:at])
    is_refused(content + b"\0")
    assert {f"does not begin as signatures do; {AGAIN}", f"is damaged; {AGAIN}",
            f"is cut or damaged; {AGAIN}", f"goes on after its end; {AGAIN}"} <= said  # fmt: skip


def test_a_compressed_file_that_was_cut_is_refused(tmp_path):
    path = write_signatures(tmp_path / "a.signatures", documents(9))
    path.write_bytes(gzip.compress(path.read_bytes())[:-300])
    with pytest.raises(StoreError) as caught:
        list(read_signed(path))
    assert str(caught.value).startswith(f"{path}: cannot be read to its end (")
    assert str(caught.value).endswith("); the file was cut or is damaged; make it again")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"does not begin as signatures do; {AGAIN}"),
        (b"\x93NUMPY\x01", f"does not begin as signatures do; {AGAIN}"),
        (
            b'{"type":"document/1","id":"a"}\n',
            "is 'document/1', this corpus reads 'signatures/1'; give a file of that type",
        ),
        (
            b'{"type":"signatures/2","bands":9}\n',
            "is 'signatures/2', this corpus reads 'signatures/1'; use the version of corpus that "
            "wrote it",
        ),
    ],
)
def test_what_is_none_is_refused(tmp_path, content, message):
    path = tmp_path / "a.signatures"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        read_header(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(("name", "value"), [("WINDOW", 8), ("COUNTED", 5), ("WHOLE", 0)])
def test_other_parameters_are_refused(tmp_path, monkeypatch, name, value):
    with monkeypatch.context() as patch:
        patch.setattr(signature_files, name, value)
        path = write_signatures(tmp_path / "a.signatures", documents(1))
    with pytest.raises(StoreError) as caught:
        next(read_signed(path))
    wanted = getattr(signature_files, name)
    assert str(caught.value) == (
        f"{path}: is made with {name.lower()} {value}, and not {wanted}; {AGAIN}"
    )


def test_each_file_of_documents_has_its_own(tmp_path):
    made = [write_signatures(tmp_path / f"{n}.signatures", [], f"{n}" * 64) for n in range(3)]
    shards = [(f"gold/{n}.jsonl", f"{n}" * 64) for n in (2, 0, 1)]
    assert match_files(made, shards, "make") == [made[2], made[0], made[1]]
    with pytest.raises(UsageError) as caught:
        match_files(made[:1], shards, "corpus signatures …")
    assert str(caught.value) == (
        "gold/2.jsonl: there are no signatures of it; run: corpus signatures …"
    )
    with pytest.raises(UsageError) as caught:
        match_files(made, [("gold/9.jsonl", "9" * 64)], "corpus signatures …")
    assert str(caught.value) == (
        f"gold/9.jsonl: there are no signatures of it ({made[0]} is not of these bytes); "
        "run: corpus signatures …"
    )
    with pytest.raises(UsageError) as caught:
        match_files(made, shards[:2], "corpus signatures …")
    assert str(caught.value) == (
        f"{made[1]}: is of none of the files that are split; leave it out of --signatures, or "
        "remove it"
    )


@pytest.mark.parametrize(
    ("signed", "message"),
    [
        ([0, 2], f"PATH: is not of the text of 'd1'; {AGAIN}"),
        ([0, 1], f"document 'd2': has no signature; {AGAIN}"),
        ([0, 1, 2, 2], f"PATH: is of more texts than there are; {AGAIN}"),
    ],
)
def test_signatures_of_other_texts_are_refused(tmp_path, signed, message):
    three = documents(3)
    path = write_signatures(tmp_path / "a.signatures", [three[at] for at in signed])
    with closing(read_signed(path)) as reading, pytest.raises(StoreError) as caught:
        assign_splits(three, Earlier(), Plan(), reading)
    assert str(caught.value) == message.replace("PATH", str(path))
