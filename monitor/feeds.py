"""What a source lists, whatever it serves: find out by the bytes, not by what was expected, and read it.

    bytes -> gzip unpacked -> text -> XML    RSS, Atom, RDF, sitemap, news sitemap, sitemap index    syndication.py
                                   -> JSON   JSON Feed, search answers                               jsonfeeds.py
                                   -> lines  text sitemap                                            sitemaps.py
                                   -> HTML   section page, home page                                 listings.py

Servers send feeds as text/html and HTML pages as feeds; the content type only tells the charset.
"""

from __future__ import annotations

import re

from .errors import NotAFeed
from .lists import entries as plain
from .lists import jsonfeeds, listings, sitemaps, syndication, xmlitems
from .model import Entry, Fields, Listing, Source, SourceKind
from .page import charset

_JSON = re.compile(r"[\[{]|[\w.$]{1,60}\s*\(\s*[\[{]")
_HTML = re.compile(
    r"(?:<[?!](?!doctype)[^>]*>|[^<])*<(?:!doctype\s+html|html|head|body|title|meta|div|p|script|table|span|a|h1)\b",
    re.IGNORECASE,
)
_LOOKED_AT = 4_096
# XML 1.0, appendix F.1, and RFC 4627, section 3: documents in wide characters tell their charset by the first of them.
_WIDE = (
    ("utf-32", (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")),
    ("utf-32-be", (b"\x00\x00\x00<", b"\x00\x00\x00{", b"\x00\x00\x00[")),
    ("utf-32-le", (b"<\x00\x00\x00", b"{\x00\x00\x00", b"[\x00\x00\x00")),
    ("utf-16-be", (b"\x00<", b"\x00{", b"\x00[")),
    ("utf-16-le", (b"<\x00", b"{\x00", b"[\x00")),
)
_READ_AS_HTML = frozenset({SourceKind.LISTING, SourceKind.SITE, SourceKind.SEARCH})
_SHOWN_FEEDS = 5
_LONGEST_SENTENCE = 300  # characters of an answer that is told as a whole


def listing(
    body: bytes,
    *,
    url: str,
    kind: SourceKind,
    content_type: str | None = None,
    links: str | None = None,
    fields: Fields | None = None,
) -> Listing:
    """Return what a source lists, in its order, each address once.

    body          without content-encoding; a gzip file (sitemap.xml.gz) is unpacked
    url           where it was found, after redirects; relative links start from it
    kind          what the config calls it.  Only HTML is read by it: for links when a listing or search, for feeds
                  when a site, not at all when a feed or sitemap.  Whatever can be read is, whichever kind was said
    content_type  the header, for its charset
    links         CSS selector of a listing's links; None: they are found by themselves
    fields        where an answer in JSON has its articles; None: they are found by themselves
    Returns       for a site: its feeds as children; its articles only where it has no feed
    Raises        NotAFeed, saying in a plain sentence what was found instead.
    """
    text = _decoded(sitemaps.unpacked(body), content_type)
    if not text.strip("\x00"):
        raise NotAFeed("the answer is empty: no feed, and nothing else either, is at this address")
    found = _of_text(text, url=url, kind=kind, links=links, fields=fields)
    if kind is SourceKind.SITE and found.format not in ("listing", "sitemap-index"):  # the site's address is its feed
        child = SourceKind.SITEMAP if found.format.endswith("sitemap") else SourceKind.FEED
        return Listing(found.format, children=(Source(child, url),), title=found.title)
    return found


def entries(body: bytes, content_type: str, url: str) -> list[Entry]:
    """Return the entries of a feed or sitemap of any format.

    Raises  NotAFeed if it is none.
    """
    return list(listing(body, url=url, kind=SourceKind.FEED, content_type=content_type).entries)


def _decoded(body: bytes, content_type: str | None) -> str:
    """Return the text of a body, without what stands before its first character."""
    wide = next((codec for codec, starts in _WIDE if body.startswith(starts)), None)
    text = body.decode(wide, "replace") if wide else charset.decode(body, content_type)
    return text.lstrip("\ufeff \t\r\n")


def _of_text(text: str, *, url: str, kind: SourceKind, links: str | None, fields: Fields | None) -> Listing:
    if xmlitems.root_of(text):
        return _of_xml(text, url)
    if _JSON.match(text):
        return jsonfeeds.read(text, url=url, fields=fields)
    if _is_html(text):
        if fields:
            raise NotAFeed("this is an HTML page; items, link, title and date are paths into JSON")
        return _of_html(text, url=url, kind=kind, links=links)
    if lines := sitemaps.lines(text, url=url):
        return Listing("sitemap", lines)
    raise NotAFeed(_instead(text))


def _of_xml(text: str, url: str) -> Listing:
    read = syndication.read(text, url=url)
    return Listing(
        format=read.format,
        entries=read.entries,
        children=sitemaps.children(read.parts, url=url),
        title=read.title,
        ttl_s=read.ttl_s,
    )


def _of_html(text: str, *, url: str, kind: SourceKind, links: str | None) -> Listing:
    page = listings.parsed(text.encode("utf-8", "replace"), url=url)
    if kind not in _READ_AS_HTML:
        raise NotAFeed(_html_instead(page, kind))
    title = page.tree.css_first("title")
    name = (title.text(strip=True) or None) if title else None
    if links:
        return Listing("listing", listings.selected(page, links), title=name)
    children = listings.feeds(page) if kind is SourceKind.SITE else ()
    articles = () if children else listings.found(page) or listings.in_data(page)
    if not articles and kind is not SourceKind.SITE:
        raise NotAFeed(
            "no article links were found on this HTML page, so it serves as no feed; "
            'name them by a CSS selector, such as links = "main h3 a"'
        )
    return Listing("listing", articles, children, name)


def _html_instead(page: listings.Page, kind: SourceKind) -> str:
    """Say that a page is HTML where a feed was expected, and which feeds it names."""
    named = [source.url for source in listings.feeds(page)][:_SHOWN_FEEDS]
    what = "sitemap" if kind is SourceKind.SITEMAP else "feed"
    if named:
        return f"this is an HTML page, not a {what}; it names these: {', '.join(named)}"
    return f"this is an HTML page, not a {what}, and it names no feed"


def _is_html(text: str) -> bool:
    """Tell whether the first element is one of HTML's."""
    return _HTML.match(text, 0, _LOOKED_AT) is not None


def _instead(text: str) -> str:
    """Say what was found in place of a feed."""
    if text.startswith("%PDF-"):
        return "this is a PDF file, not a feed"
    if text.startswith("<") and "<!ENTITY" in text[:_LOOKED_AT]:
        return "xml entities: the document declares entities of its own, which no feed needs; it is not read"
    if text.startswith("<"):
        return "this XML holds no feed or sitemap that we know"
    if sum(letter < " " or letter == "\ufffd" for letter in text[:500]) > len(text[:500]) // 10:
        return "this is a binary file, not a feed"
    words = plain.squeezed(text, _LONGEST_SENTENCE + 1) or ""
    if len(words) <= _LONGEST_SENTENCE:  # GDELT says what is wrong with a search so, with status 200
        return f"this is no feed or sitemap; all that was answered is: {words}"
    return f"this is no feed or sitemap; it begins with: {words[:80].rstrip()}"
