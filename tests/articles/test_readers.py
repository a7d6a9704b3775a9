"""No input whatever stops a reader: it gives Documents and rejects, and nothing else."""

import gzip

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.articles.cleaning import original_text
from corpus.articles.conversion import article_pieces, convert_piece
from corpus.articles.raw import ConvertOptions, Source
from corpus.articles.readers import READERS
from corpus.model import Change, Document, problems_of
from corpus.store import encode_line

_PARTS = [
    b'{"text": "', b'"}', b"\n", b"\r\n", b"\0", b"\\ud800", b"text", b",", b";", b'"', b"[",
    b"]", b"<html>", b"<p>", b"</p>", b"<rss>", b"<item>", b"<title>", b"</item></rss>", b"&nbsp;",
    b"&x;",
    b"<nitf><body><body.content>", b"</body.content></body></nitf>", b"<newsItem>", b"<?xml?>",
    b"<!DOCTYPE nitf [<!ENTITY x 'y'>]>", b"\xef\xbb\xbf", b"\xff\xfe", "é😀ü".encode(), b"\xe9",
    b"Leave a Reply", b"KYIV: It", b"PAR1", b"\x1f\x8b", b"<![CDATA[", b"]]>", b"</", b"id,text",
]  # fmt: skip
files = st.one_of(
    st.binary(max_size=80), st.lists(st.sampled_from(_PARTS), max_size=25).map(b"".join)
)


@pytest.mark.parametrize("kind", sorted(READERS))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=files)
@example(data=b"\x1f\x8b\x08\0")
@example(data=gzip.compress(b'{"text": "a"}')[:-9])
@example(data=b'{"text": "a", "id": ' + b"[" * 5000)
@example(data=b"<p>" * 5000)
@example(data=b"<nitf>" * 600)
@example(data=b'id,text\n1,"' + b"x" * 200_000)
@example(data=b",\x01\x01:\t\x01")
def test_any_bytes_become_documents_and_rejects(tmp_path, kind, data):
    path = tmp_path / "input"
    path.write_bytes(data)
    options = ConvertOptions()
    for piece in article_pieces(Source(0, str(path), "input", kind), options):
        for found in convert_piece(piece, options):
            assert isinstance(found.result, Document | Change)
            encode_line(found.result)
            if isinstance(found.result, Document):
                assert list(problems_of(found.result)) == []
                original_text(found.result)
            else:
                assert found.result.reason
