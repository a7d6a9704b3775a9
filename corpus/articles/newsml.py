"""NewsML-G2 and NITF: news as agencies send it. No entity is expanded, nothing is fetched."""

from __future__ import annotations

import html.entities
from collections.abc import Iterator
from typing import Any

from corpus.articles.html import fragment_text, with_title
from corpus.articles.metadata import clean_byline
from corpus.articles.raw import RawArticle, Unreadable

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BLOCKS = {
    "p", "hl1", "hl2", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "block", "table",
    "pre", "div", "br",
}  # fmt: skip
_FACTS = ("by", "creditline", "dateline", "contentCreated", "contentModified", "slugline")
_ITEMS = ("newsItem", "nitf")


def read_newsml(data: bytes) -> Iterator[RawArticle | Unreadable]:
    """The articles of a newsItem, a newsMessage or a NITF document."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, encoding="utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        yield Unreadable(f"not well-formed XML: {error.msg}", where=f":{error.lineno}")
        return
    encoding = (root.getroottree().docinfo.encoding or "utf-8").lower()
    unknown = _resolve_entities(root)
    if unknown:
        yield Unreadable(f"XML entity &{unknown}; is not known, and none is ever expanded")
        return
    items = [root] if _name(root) in _ITEMS else _outermost(root)
    if not items:
        yield Unreadable(f"<{_name(root)}> holds no newsItem and no nitf")
    for number, item in enumerate(items, 1):
        row = number if len(items) > 1 else 0
        read = _nitf if _name(item) == "nitf" else _news_item
        yield read(item, row, encoding)


def _outermost(root: Any) -> list[Any]:
    found = [element for element in root.iter() if _name(element) in _ITEMS]
    return [
        item for item in found if not any(_name(above) in _ITEMS for above in item.iterancestors())
    ]


def _resolve_entities(root: Any) -> str:
    """Put the named characters of HTML in their place; give the first other entity's name."""
    from lxml import etree

    for entity in list(root.iter(etree.Entity)):
        code = html.entities.name2codepoint.get(entity.name)
        if code is None:
            return str(entity.name)
        text = chr(code) + (entity.tail or "")
        before, parent = entity.getprevious(), entity.getparent()
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        entity.tail = None
        parent.remove(entity)
    return ""


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _first(element: Any, *path: str) -> Any:
    """The first descendant reached by these local names, each anywhere below the one before."""
    for name in path:
        if element is None:
            return None
        element = next((e for e in element.iter() if _name(e) == name and e is not element), None)
    return element


def _line(element: Any) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _paragraphs(element: Any) -> str:
    """The text below an element, a blank line between its blocks."""
    blocks: list[list[str]] = [[]]
    for kind, part in _walk(element):
        if kind == "border":
            blocks.append([])
        else:
            blocks[-1].append(part)
    lines = (" ".join("".join(block).split()) for block in blocks)
    return "\n\n".join(line for line in lines if line)


def _walk(element: Any) -> Iterator[tuple[str, str]]:
    from lxml import etree

    yield "text", element.text or ""
    for event, child in etree.iterwalk(element, events=("start", "end")):
        if child is element:
            continue
        if _name(child) in _BLOCKS:
            yield "border", ""
        if event == "start":
            yield "text", child.text or ""
        else:
            yield "text", child.tail or ""


def _nitf(item: Any, row: int, encoding: str) -> RawArticle | Unreadable:
    docdata = _first(item, "docdata")
    doc_id = _first(docdata, "doc-id")
    ident = doc_id.get("id-string", "") if doc_id is not None else ""
    title = _line(_first(item, "hedline", "hl1")) or _line(_first(item, "head", "title"))
    content = _first(item, "body.content")
    body = _paragraphs(content) if content is not None else ""
    if not body:
        return Unreadable("the NITF has no body.content with text", row=row, id=ident)
    date = next(
        (e.get("norm", "") for e in item.iter() if _name(e) in ("date.issue", "story.date")), ""
    )
    dateline = _first(item, "dateline")
    location = _first(dateline, "location") if dateline is not None else None
    return RawArticle(
        with_title(title, body),
        row=row,
        id=ident,
        title=title,
        byline=clean_byline(_line(_first(item, "byline"))),
        credit=_line(_first(item, "distributor")),
        dateline=_line(location) if location is not None else _line(dateline),
        date=_iso(date),
        lang=item.get(_XML_LANG, ""),
        lang_is_sure=True,
        encoding=encoding,
    )


def _news_item(item: Any, row: int, encoding: str) -> RawArticle | Unreadable:
    ident = item.get("guid", "")
    meta = _first(item, "contentMeta")
    content = _first(item, "contentSet")
    if content is None:
        return Unreadable("the newsItem has no contentSet", row=row, id=ident)
    title = _line(_first(meta, "headline")) if meta is not None else ""
    body, inner = _inline_text(content)
    if not body:
        return Unreadable("the newsItem holds no text (inlineXML or inlineData)", row=row, id=ident)
    facts = {
        name: _line(_first(meta, name)) if meta is not None else ""
        for name in (
            "by",
            "creditline",
            "dateline",
            "contentCreated",
            "contentModified",
            "slugline",
        )
    }
    language = _first(meta, "language") if meta is not None else None
    return RawArticle(
        with_title(title or (inner.title if inner else ""), body),
        row=row,
        id=ident,
        title=title or (inner.title if inner else ""),
        byline=clean_byline(facts["by"]) or (inner.byline if inner else ""),
        credit=facts["creditline"] or _line(_first(item, "rightsInfo", "copyrightHolder", "name")),
        dateline=facts["dateline"] or (inner.dateline if inner else ""),
        date=facts["contentCreated"]
        or facts["contentModified"]
        or _line(_first(item, "itemMeta", "versionCreated")),
        lang=language.get("tag", "") if language is not None else item.get(_XML_LANG, ""),
        lang_is_sure=True,
        encoding=encoding,
        more={"slugline": facts["slugline"]} if facts["slugline"] else {},
    )


def _inline_text(content: Any) -> tuple[str, RawArticle | None]:
    """The text of the first inlineXML or inlineData that holds any."""
    for part in content.iter():
        name = _name(part)
        if name == "inlineData":
            raw = "".join(part.itertext())
            is_html = "html" in part.get("contenttype", "")
            text = fragment_text(raw) if is_html else raw.strip()
            if text:
                return text, None
        elif name == "inlineXML":
            nitf = _first(part, "nitf")
            if nitf is not None:
                article = _nitf(nitf, 0, "")
                if isinstance(article, RawArticle):
                    return _paragraphs(_first(nitf, "body.content")), article
            else:
                page = _first(part, "body")
                text = _paragraphs(page if page is not None else part)
                if text:
                    return text, None
    return "", None


def _iso(date: str) -> str:
    """NITF writes 20211202T101500Z; with the dashes of ISO 8601's extended form."""
    day, mark, clock = date.partition("T")
    if len(day) == 8 and day.isdigit():
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if len(clock) >= 6 and clock[:6].isdigit():
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:6]}{clock[6:]}"
    return day + mark + clock
