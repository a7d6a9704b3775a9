"""A web page: the article in it, found by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.articles.encoding import decode_bytes
from corpus.articles.raw import RawArticle, Unreadable
from corpus.errors import DataError

_declared = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,80}encoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
_encoding_in_xml = re.compile(r"^\s*<\?xml[^>]*\?>")
_HEAD = 4096


def read_html(data: bytes) -> Iterator[RawArticle | Unreadable]:
    """The article of a page, its title first; a page without one is unreadable."""
    declared = _declared.search(data, 0, _HEAD)
    name = (declared[1] or declared[2]).decode("ascii") if declared else ""
    try:
        page, encoding = decode_bytes(data, declared=name)
    except DataError as error:
        yield Unreadable(error.message)
        return
    found = _extract(_encoding_in_xml.sub("", page.removeprefix("\ufeff")))
    body = (found.text or "").strip() if found is not None else ""
    if not body:
        yield Unreadable("no article was found in the page")
        return
    title = found.title or ""
    yield RawArticle(
        with_title(title, body),
        title=title,
        byline=found.author or "",
        date=found.date or "",
        uri=found.url or "",
        lang=found.language or "",
        encoding=encoding,
        more={"site": found.sitename} if found.sitename else {},
    )


def with_title(title: str, body: str) -> str:
    """The body below its title, where it does not begin with it already."""
    clean = " ".join(title.split())
    if not clean or " ".join(body[: len(title) + 50].split()).startswith(clean):
        return body
    return f"{clean}\n\n{body}"


def _extract(page: str) -> Any:
    from trafilatura import bare_extraction

    if not page.strip():
        return None
    return bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        # Only the day that the page names: a guess would differ from day to day.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )


_BLOCKS = {
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_blank = re.compile(r"[ \t\r\n\f]+")
_gap = re.compile(r" *\n[ \n]*")


def fragment_text(fragment: str) -> str:
    """The text of a piece of HTML, a blank line between its blocks, scripts and styles left out."""
    import lxml.html

    if not fragment.strip():
        return ""
    parts: list[str] = []
    _collect(lxml.html.fragment_fromstring(fragment, create_parent="div"), parts)
    return _gap.sub(lambda gap: "\n\n" if gap[0].count("\n") > 1 else "\n", "".join(parts)).strip()


def _collect(element: Any, parts: list[str]) -> None:
    tag = element.tag if isinstance(element.tag, str) else None
    if tag not in (None, "script", "style"):
        border = "\n\n" if tag in _BLOCKS else "\n" if tag == "br" else ""
        parts += (border, _blank.sub(" ", element.text or ""))
        for child in element:
            _collect(child, parts)
        if tag != "br":
            parts.append(border)
    parts.append(_blank.sub(" ", element.tail or ""))
