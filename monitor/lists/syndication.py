"""RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, sitemaps and sitemap indexes: what each calls the fields of an entry.

One table for all: the formats are mixed in the wild, and no name means one thing here and another there.  The first
field of a row that holds something usable wins.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import feedparser
from lxml import etree

from ..errors import NotAFeed
from ..model import Entry
from . import entries, xmlitems
from .entries import Part
from .xmlitems import Document, Item

TITLE = ("title", "news:title", "dc:title", "atom:title", "media:title")
PUBLISHED = (
    "pubdate", "published", "issued", "dc:date", "dcterms:issued", "date", "atom:published", "news:publication_date",
    "dcterms:created", "created", "atom:issued",
)  # fmt: skip
UPDATED = ("updated", "modified", "lastmod", "dcterms:modified", "atom:updated", "atom:modified")
SUMMARY = ("description", "summary", "dc:description", "atom:summary", "content:encoded", "content", "atom:content")
GUID = ("guid", "id", "dc:identifier", "atom:id")
PUBLISHER = ("source", "?:source", "news:publication")  # Google News and most, Bing News, news sitemaps
LINK = ("feedburner:origlink", "link", "loc", "atom:link", "guid")
_WANTED = frozenset({*TITLE, *PUBLISHED, *UPDATED, *SUMMARY, *GUID, *LINK, *PUBLISHER, "news"})

PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
LONGEST_TTL_S = 7 * 86_400
"""A feed that asks to be left alone for longer than a week has made a mistake."""

SLOPPY_LENGTH = 500_000
"""Characters; what is broken beyond repair and longer is not given to feedparser, which takes seconds for it."""

_FORMATS = {"rss": "rss", "channel": "rss", "feed": "atom", "rdf": "rdf"}
_OWN_PAGE = ("alternate", "bookmark")
_NEXT_BEST = ("related", "via")
_PLAIN_TEXT_TYPES = frozenset({"text", "text/plain"})
_HTML_ESCAPES = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Syndicated:
    """A feed or sitemap as read; `format` as in `model.Listing`."""

    format: str
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...] = ()
    title: str | None = None
    ttl_s: float | None = None


def read(text: str, *, url: str) -> Syndicated:
    """Read a decoded feed, sitemap or sitemap index in XML.

    url     of the document; relative links start from it
    Raises  errors.NotAFeed if it is none of these, or declares entities of its own.
    """
    document: Document[Entry | Part] = xmlitems.read(text, url=url, make=_made)
    found = [thing for thing in document.items if isinstance(thing, Entry)]
    parts = tuple(thing for thing in document.items if isinstance(thing, Part))
    if not document.is_whole and len(document.mended) <= SLOPPY_LENGTH:
        found = max(found, _sloppily(document.mended, url), key=len)
    if not found and (document.lost or not document.closed):
        raise NotAFeed("this feed's XML is cut off or broken, and none of its items can be read")
    return Syndicated(
        format=_format(document),
        entries=entries.once(found),
        parts=parts,
        title=entries.plain_title(document.about.get("title")),
        ttl_s=_ttl_s(document.about),
    )


def _made(item: Item) -> Entry | Part | None:
    fields = _fields(item)
    if item.kind == "sitemap":
        url = entries.address(_text(fields, ("loc",)), item.base)
        return Part(url, _date(fields, UPDATED)) if url else None
    link = _link(item, fields)
    if link is None:
        return None
    publisher = _publisher(fields)
    return Entry(
        url=link,
        title=entries.without_name(_title(fields), publisher),
        published=_date(fields, PUBLISHED),
        updated=_date(fields, UPDATED),
        guid=entries.squeezed(_text(fields, GUID)),
        summary=_summary(fields),
        publisher=publisher,
    )


Fields = dict[str, list[etree._Element]]


def _fields(item: Item) -> Fields:
    """Return the children of an item that we read, by name; those of a news sitemap's inner element included."""
    fields: Fields = {}
    for name, element in item.fields():
        if name in _WANTED:
            fields.setdefault(name, []).append(element)
        elif name == "news:news":
            for inner, part in xmlitems.children(element):
                fields.setdefault(f"news:{inner}", []).append(part)
    return fields


def _text(fields: Fields, names: Iterable[str]) -> str | None:
    """Return the first text that is not blank."""
    for name in names:
        for element in fields.get(name, ()):
            if text := xmlitems.text_of(element).strip():
                return text
    return None


def _date(fields: Fields, names: Iterable[str]) -> datetime | None:
    for name in names:
        for element in fields.get(name, ()):
            if moment := entries.instant(element.text):
                return moment
    return None


def _title(fields: Fields) -> str | None:
    for name in TITLE:
        for element in fields.get(name, ()):
            text = xmlitems.text_of(element)
            if title := entries.squeezed(text) if _is_plain(element, text) else entries.plain_title(text):
                return title
    return None


def _summary(fields: Fields) -> str | None:
    for name in SUMMARY:
        for element in fields.get(name, ()):
            text = xmlitems.text_of(element)
            plain = entries.squeezed(text, entries.SUMMARY_LENGTH) if _is_plain(element, text) else None
            if summary := plain or entries.plain_summary(text):
                return summary
    return None


def _publisher(fields: Fields) -> str | None:
    """Return the outlet that an item comes from: RSS has its name in `source`, Atom and news sitemaps deeper."""
    for name in PUBLISHER:
        for element in fields.get(name, ()):
            inner = next((child for tag, child in xmlitems.children(element) if tag in ("title", "name")), element)
            if publisher := entries.plain_title(inner.text):
                return publisher
    return None


def _is_plain(element: etree._Element, text: str) -> bool:
    """Tell whether a text construct holds no markup, or says so (RFC 4287, section 3.1.1) and does not look like it.

    Many feeds put escaped HTML where their format's default says plain text, so saying nothing counts for nothing.
    """
    if "<" not in text and "&" not in text:
        return True
    said = (element.get("type") or "").lower() in _PLAIN_TEXT_TYPES
    return said and not _HTML_ESCAPES.search(element.text or "")


def _link(item: Item, fields: Fields) -> str | None:
    """Return the address of the page that an item is about; None: it has none on the web."""
    return next((url for target in _targets(item, fields) if (url := entries.address(target, item.base))), None)


def _targets(item: Item, fields: Fields) -> Iterator[str | None]:
    """Give what may lead to the item's own page, the surest first."""
    for name, link in _links(fields):
        if name == "guid":
            yield _permanent(link)
        elif (target := link.get("href")) is None:
            yield link.text
        elif _relation(link) in _OWN_PAGE:
            yield target
    for key in item.element.attrib:  # without their values, each of which would be searched for
        if str(key).endswith("}about"):
            yield item.element.get(key)
    for content in fields.get("content", ()):
        yield content.get("src")
    for _, link in _links(fields):
        yield link.get("href") if _relation(link) in _NEXT_BEST else None


def _links(fields: Fields) -> Iterator[tuple[str, etree._Element]]:
    """Give the elements that may hold a link, with their names; of one name, those to web pages first."""
    for name in LINK:
        found = fields.get(name, [])
        for link in sorted(found, key=_is_no_html) if len(found) > 1 else found:
            yield name, link


def _permanent(guid: etree._Element) -> str | None:
    said = guid.get("isPermaLink") or guid.get("ispermalink") or "true"
    text = (guid.text or "").strip()
    return text if said.strip().lower() != "false" and "://" in text else None


def _relation(link: etree._Element) -> str:
    return (link.get("rel") or _OWN_PAGE[0]).strip().lower()


def _is_no_html(element: etree._Element) -> bool:
    """Sort alternates that are no web pages (a JSON or PDF version) behind the others."""
    return "html" not in (element.get("type") or "html")


def _format(document: Document[Entry | Part]) -> str:
    if document.root == "sitemapindex":
        return "sitemap-index"
    if document.root == "urlset":
        titled = any(isinstance(thing, Entry) and thing.title for thing in document.items)
        return "news-sitemap" if titled else "sitemap"
    return _FORMATS.get(document.root, "rss")


def _ttl_s(about: dict[str, str]) -> float | None:
    """Return how long a feed asks to be left alone: RSS's ttl in minutes, or its period shared by its frequency."""
    try:
        ttl = float(about.get("ttl", "")) * 60
    except ValueError:
        ttl = 0.0
    if not ttl > 0 or math.isinf(ttl):
        period = PERIODS_S.get(about.get("sy:updateperiod", "").strip().lower(), 0)
        frequency = about.get("sy:updatefrequency", "1").strip()
        ttl = period / max(1, int(frequency)) if frequency.isdecimal() and len(frequency) < 10 else float(period)
    return min(ttl, LONGEST_TTL_S) if ttl > 0 else None


def _sloppily(text: str, url: str) -> list[Entry]:
    """Read a feed whose elements do not nest, by feedparser's reader for such."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    return [entry for item in found.entries if (entry := _of_feedparser(item, url))]


def _of_feedparser(item: feedparser.FeedParserDict, url: str) -> Entry | None:
    link = entries.address(item.get("link"), url)
    if link is None:
        return None
    return Entry(
        url=link,
        title=entries.plain_title(item.get("title")),
        published=entries.instant(item.get("published")),
        updated=entries.instant(dict.get(item, "updated")),  # its own `get` would answer with the date of publication
        guid=entries.squeezed(item.get("id")),
        summary=entries.plain_summary(item.get("summary")),
    )
