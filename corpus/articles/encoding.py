"""Bytes -> text, with the name of their encoding; or a DataError that says why not."""

from __future__ import annotations

import codecs
import re

from corpus.errors import DataError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive (docx, xlsx, epub …)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
_SAMPLE = 1 << 16
_multibyte = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_high = re.compile(rb"[\x80-\xff]+")


def binary_kind(data: bytes) -> str:
    """What kind of binary file begins with these bytes, or nothing."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def decode_bytes(data: bytes, *, declared: str = "") -> tuple[str, str]:
    """The text, a BOM kept, and the Python name of its encoding.

    A BOM decides, then what the file declares, then UTF-8, then detection. Raises DataError for
    binary data, for an encoding nobody knows, and for bytes that are not what the file says.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode(data, name, f"the file begins with the {name} byte order mark"), name
    kind = binary_kind(data)
    if kind:
        raise DataError(f"{kind}, not an article")
    nul = data.find(b"\0")
    if nul >= 0:
        raise DataError(f"NUL (U+0000) at byte {nul}: a binary or damaged file")
    if declared:
        name = _codec_name(declared)
        return _decode(data, name, f"the file says that it is {declared}"), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        _refuse_damaged_utf8(data, error)
    return _detect(data)


def _decode(data: bytes, name: str, claim: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise DataError(f"{claim}, but byte {error.start} is not {name}") from error


def _codec_name(declared: str) -> str:
    try:
        name = codecs.lookup(declared.strip().lower()).name
    except LookupError as error:
        raise DataError(f"the file says that it is {declared!r}, an unknown encoding") from error
    # Browsers read both as their Windows superset, and so do the people who write them.
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}.get(name, name)


def _refuse_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Raise DataError where nearly all that is not ASCII is UTF-8: the file is damaged UTF-8."""
    good = sum(len(match[0]) for match in _multibyte.finditer(data))
    high = sum(len(match[0]) for match in _high.finditer(data))
    if good > 0.85 * high:
        raise DataError(
            f"not valid UTF-8 at byte {error.start}, though the rest of it is UTF-8"
        ) from error


def _detect(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE]
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise DataError("no text encoding fits its bytes: a binary or damaged file")
    # Of encodings that give the same text the common one is named.
    names = [best.encoding, *best.could_be_from_charset]
    name = next((name for name in ("cp1252", "cp1251", "gb18030") if name in names), names[0])
    try:
        return data.decode(name), name
    except UnicodeDecodeError as error:
        raise DataError(
            f"looks like {name}, but byte {error.start} is not: a binary or damaged file"
        ) from error
