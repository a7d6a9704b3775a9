"""HTML, feeds, NewsML-G2 and NITF: the text, and what the markup says of it."""

import pytest

from corpus.articles.feed import read_feed
from corpus.articles.html import fragment_text, read_html, with_title
from corpus.articles.newsml import read_newsml
from corpus.articles.raw import RawArticle, Unreadable

PARAGRAPHS = [
    "The two ministers met in Stockholm on Thursday to talk about the cease-fire in the east.",
    "“It is clear that this will be one of the main topics,” the spokesman told reporters.",
    "The talks go on next week in Vienna, where the organisation has its seat, he said.",
]


def page(head: str, body: str) -> bytes:
    return f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode()


def test_html_article_has_title_first_and_no_navigation():
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    head = (
        "<meta charset='utf-8'><title>Ministers meet</title><meta name='author' content='Ann Roe'>"
    )
    nav = "<nav><a href='/'>Home</a></nav>"
    html = page(head, f"{nav}<article><h1>Ministers meet</h1>{body}</article><footer>© X</footer>")
    (article,) = read_html(html)
    assert isinstance(article, RawArticle)
    assert article.text.split("\n")[0] == article.title == "Ministers meet"
    assert all(p in article.text for p in PARAGRAPHS)
    assert "Home" not in article.text
    assert article.byline == "Ann Roe"


def test_html_without_title_begins_with_its_text():
    body = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    (article,) = read_html(page("", f"<article>{body}</article>"))
    assert isinstance(article, RawArticle)
    assert article.text.startswith(PARAGRAPHS[0])


@pytest.mark.parametrize("data", [b"<html></html>", b"<html><body> </body></html>", b"<!-- x -->"])
def test_html_without_article_is_unreadable(data):
    assert list(read_html(data)) == [Unreadable("no article was found in the page")]


def test_html_that_is_not_what_it_declares_is_unreadable():
    (bad,) = read_html(b"<html><head><meta charset='utf-8'></head><body><p>caf\xe9</p>")
    assert bad == Unreadable("the file says that it is utf-8, but byte 53 is not utf-8")


def test_fragment_keeps_paragraphs_apart_and_leaves_scripts_out():
    html = (
        "<p>One <b>bold</b>\n line</p><script>x()</script><ul><li>a<li>b</ul>two<br>lines &amp; all"
    )
    assert fragment_text(html) == "One bold line\n\na\n\nb\n\ntwo\nlines & all"
    assert fragment_text("plain < text") == "plain < text"
    assert fragment_text(" ") == ""


def test_title_is_not_doubled():
    assert with_title("A  b", "A b\n\nText") == "A b\n\nText"
    assert with_title("", "Text") == "Text"
    assert with_title("A\nb", "Text") == "A b\n\nText"


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Feed</title><language>en-us</language>
<item><title>First &amp; best</title><guid>g1</guid><link>https://example.org/1</link>
<author>ann@example.org (Ann Roe)</author><pubDate>Thu, 02 Dec 2021 10:00:00 +0100</pubDate>
<description>Short.</description>
<content:encoded><![CDATA[<p>Long &eacute; text.</p><p>More.</p>]]></content:encoded></item>
<item><title>Second</title><description>&lt;p&gt;Only a summary&lt;/p&gt;</description></item>
<item><link>https://example.org/3</link></item>
</channel></rss>"""


def test_feed_entries_are_articles():
    first, second, third = read_feed(RSS.encode())
    assert isinstance(first, RawArticle)
    assert first.text == "First & best\n\nLong é text.\n\nMore."
    assert (first.id, first.uri, first.date) == (
        "g1",
        "https://example.org/1",
        "2021-12-02T09:00:00Z",
    )
    assert isinstance(second, RawArticle)
    assert (second.text, second.more) == ("Second\n\nOnly a summary", {"summary_only": True})
    assert third == Unreadable(
        "the entry has neither text nor title", row=3, id="https://example.org/3"
    )


def test_atom_is_read_too():
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>T</title>'
        "<updated>2021-12-02T10:00:00Z</updated>"
        '<content type="text">a &lt; b</content></entry></feed>'
    )
    (entry,) = read_feed(atom.encode())
    assert isinstance(entry, RawArticle)
    assert (entry.id, entry.text, entry.date) == ("tag:1", "T\n\na < b", "2021-12-02T10:00:00Z")


def test_cut_feed_loses_its_last_entry_openly():
    cut = RSS[: RSS.index("Only a sum")].encode()
    first, second = read_feed(cut)
    assert isinstance(first, RawArticle)
    assert second == Unreadable("the feed is cut off in or after this entry", row=2)


def test_file_that_is_no_feed_is_unreadable():
    (bad,) = read_feed(b"<rss><channel></channel></rss>")
    assert bad == Unreadable("not a feed with articles: it has no entries")


NITF = """<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf xml:lang="en"><head><title>T</title><docdata><doc-id id-string="urn:1"/>
<date.issue norm="20211202T101500Z"/></docdata></head><body><body.head>
<hedline><hl1>Head <em>line</em></hl1></hedline><byline>By Ann Roe</byline>
<dateline><location>KYIV</location>, Dec 2</dateline><distributor>AFP</distributor></body.head>
<body.content><p>One&nbsp;two <em>three</em>.</p><!-- c --><p>Four.</p></body.content>
</body></nitf>"""


def test_nitf_article():
    (article,) = read_newsml(NITF.encode())
    assert article == RawArticle(
        "Head line\n\nOne two three.\n\nFour.",
        id="urn:1",
        title="Head line",
        byline="Ann Roe",
        credit="AFP",
        dateline="KYIV",
        date="2021-12-02T10:15:00Z",
        lang="en",
        lang_is_sure=True,
    )


def g2(guid: str, content: str) -> str:
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}">'
        "<itemMeta><versionCreated>2021-12-02T10:00:00Z</versionCreated></itemMeta>"
        "<contentMeta><headline>Head</headline><creditline>dpa</creditline>"
        f'<language tag="de-DE"/></contentMeta><contentSet>{content}</contentSet></newsItem>'
    )


XHTML = (
    '<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
    "<body><p>Eins.</p><p>Zwei.</p></body></html></inlineXML>"
)


def test_newsml_message_with_several_items():
    message = (
        '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>'
        + g2("urn:a", XHTML)
        + g2("urn:b", "<inlineData contenttype='text/plain'>Nur Text.</inlineData>")
        + g2("urn:c", "<remoteContent href='x.jpg'/>")
        + "</itemSet></newsMessage>"
    )
    first, second, third = read_newsml(message.encode())
    assert isinstance(first, RawArticle)
    assert (first.id, first.row, first.text) == ("urn:a", 1, "Head\n\nEins.\n\nZwei.")
    assert (first.lang, first.credit, first.date) == ("de-DE", "dpa", "2021-12-02T10:00:00Z")
    assert isinstance(second, RawArticle)
    assert second.text == "Head\n\nNur Text."
    assert third == Unreadable(
        "the newsItem holds no text (inlineXML or inlineData)", row=3, id="urn:c"
    )


def test_no_entity_is_expanded_and_no_file_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for entity in (f'SYSTEM "{secret.as_uri()}"', '"inner"'):
        xml = f"<!DOCTYPE nitf [<!ENTITY x {entity}>]>" + NITF.partition('.dtd">')[2].replace(
            "&nbsp;", "&x;"
        )
        assert list(read_newsml(xml.encode())) == [
            Unreadable("XML entity &x; is not known, and none is ever expanded")
        ]


def test_xml_that_is_broken_or_no_news_is_unreadable():
    (broken,) = read_newsml(b"<nitf>\n<body>")
    assert isinstance(broken, Unreadable)
    assert broken.reason.startswith("not well-formed XML: ")
    assert broken.where == ":2"
    (other,) = read_newsml(b"<doc/>")
    assert other == Unreadable("<doc> holds no newsItem and no nitf")
