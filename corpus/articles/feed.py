"""RSS and Atom: one entry, one article, its title first."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from typing import Any

from corpus.articles.encoding import decode_bytes
from corpus.articles.html import fragment_text, with_title
from corpus.articles.raw import RawArticle, Unreadable
from corpus.errors import DataError

_end = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
_declared = re.compile(rb"""<\?xml[^>]{0,80}encoding\s*=\s*["']([\w.:-]+)""")


def read_feed(data: bytes) -> Iterator[RawArticle | Unreadable]:
    """The entries; what a feed says of itself is not repeated in them."""
    import feedparser

    declared = _declared.search(data, 0, 200)
    try:
        page, encoding = decode_bytes(data, declared=declared[1].decode() if declared else "utf-8")
    except DataError as error:
        yield Unreadable(error.message)
        return
    page = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", page)
    # A stream, never a string: feedparser would take a string for an address or a path.
    parsed = feedparser.parse(io.BytesIO(page.encode("utf-8", "surrogatepass")))
    entries = parsed.entries
    if not entries:
        reason = str(parsed.get("bozo_exception", "")) if parsed.bozo else "it has no entries"
        yield Unreadable(f"not a feed with articles: {' '.join(reason.split())}")
        return
    is_whole = _end.search(data) is not None
    for number, entry in enumerate(entries if is_whole else entries[:-1], 1):
        yield _article(entry, number, encoding, parsed.feed.get("language", ""))
    if not is_whole:
        yield Unreadable("the feed is cut off in or after this entry", row=len(entries))


def _article(entry: Any, number: int, encoding: str, lang: str) -> RawArticle | Unreadable:
    contents = [_plain(content) for content in entry.get("content", ())]
    body = max(contents, key=len, default="")
    more: dict[str, Any] = {}
    if not body:
        body = _plain(entry.get("summary_detail", {}))
        if body:
            more["summary_only"] = True
    title = _plain(entry.get("title_detail", {}))
    link = entry.get("link", "")
    ident = entry.get("id", "") or link
    if not body and not title:
        return Unreadable("the entry has neither text nor title", row=number, id=ident)
    return RawArticle(
        with_title(title, body) if body else title,
        row=number,
        id=ident,
        title=title,
        byline=entry.get("author", ""),
        date=_date(entry),
        uri=link,
        lang=entry.get("language", "") or lang,
        encoding=encoding,
        more=more,
    )


def _plain(detail: Any) -> str:
    value = detail.get("value", "") or ""
    if detail.get("type") == "text/plain":
        return str(value).strip()
    return fragment_text(value)


def _date(entry: Any) -> str:
    for name in ("published", "updated"):
        parsed = entry.get(f"{name}_parsed")
        if parsed:
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", parsed)
        if entry.get(name):
            return str(entry[name])
    return ""
