"""Encodings detected and named; binary and damaged files refused with the reason."""

import pytest

from corpus.articles.encoding import decode_bytes
from corpus.errors import DataError

RUSSIAN = "Министр иностранных дел России заявил в четверг, что переговоры начнутся завтра. " * 3
GERMAN = "Das Café in München war “schön” – für 5 €, sagte Müller über die Größe der Straße. " * 3
CHINESE = "俄罗斯外交部长星期四表示，会谈在斯德哥尔摩举行。" * 3


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8-r", "koi8_r"),
        (GERMAN, "cp1252", "cp1252"),
        (CHINESE, "gb18030", "gb18030"),
        (GERMAN, "utf-8", "utf-8"),
        ("\ufeffé", "utf-8", "utf-8"),
        ("\ufeffé", "utf-16-le", "utf-16-le"),
        ("\ufeffé", "utf-32-be", "utf-32-be"),
        ("plain", "ascii", "utf-8"),
    ],
)
def test_encoding_is_named_and_the_bytes_come_back(text, encoding, name):
    data = text.encode(encoding)
    decoded, found = decode_bytes(data)
    assert (decoded, found) == (text, name)
    assert decoded.encode(found) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n", "a PNG image, not an article"),
        (b"%PDF-1.7 x", "a PDF, not an article"),
        (b"ab\0c", "NUL (U+0000) at byte 2: a binary or damaged file"),
        (bytes(range(128, 256)) * 5, "no text encoding fits its bytes: a binary or damaged file"),
        (
            "é è à ü ö ñ".encode() + b"\xff",
            "not valid UTF-8 at byte 17, though the rest of it is UTF-8",
        ),
        (
            b"\xef\xbb\xbfab\xff",
            "the file begins with the utf-8 byte order mark, but byte 5 is not utf-8",
        ),
    ],
)
def test_binary_and_damaged_data_is_refused(data, message):
    with pytest.raises(DataError) as error:
        decode_bytes(data)
    assert error.value.message == message


def test_declared_encoding_binds_the_file():
    assert decode_bytes("é".encode("latin-1"), declared="ISO-8859-1") == ("é", "cp1252")
    with pytest.raises(DataError, match="says that it is UTF-8, but byte 0 is not utf-8"):
        decode_bytes(b"\xe9", declared="UTF-8")
    with pytest.raises(DataError, match="says that it is 'klingon', an unknown encoding"):
        decode_bytes(b"x", declared="klingon")
