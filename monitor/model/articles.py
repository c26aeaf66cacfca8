"""What a source lists, what was read on a page, and what was edited there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .wanted import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A link that a source showed, as the source states it.

    url        absolute, http or https, without fragment
    guid       the source's own id for it
    publisher  whose page it is, where a list of many outlets says so
    """

    url: str
    title: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    guid: str | None = None
    summary: str | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a feed, sitemap, section page or search answer lists, in the order the source gives it.

    format     rss, atom, rdf, json-feed, sitemap, news-sitemap, sitemap-index, listing, json
    children   further addresses to read: the sitemaps of an index, the feeds and sitemaps of a site
    title      of the feed itself
    ttl_s      how long the feed asks to be left alone; None: it does not say
    """

    format: str
    entries: tuple[Entry, ...] = ()
    children: tuple[Source, ...] = ()
    title: str | None = None
    ttl_s: float | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of a live blog.

    published  None where it gives only a time of the day, and the day is not known
    text       paragraphs parted by blank lines
    """

    published: datetime | None
    headline: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A read page.

    url            canonical address under which it is filed; always on the site that served it
    canonical_url  the address that the page claims for itself, wherever it points; None: no claim
    text           paragraphs joined by blank lines
    author         people, joined by "; "
    published      with the offset from UTC that the page gives, if any; with `published_is_day` when it gave a day
                   without a time (then midnight UTC)
    language       two-letter code; None: not known
    agency         the wire service it credits ("Reuters"); None: none named
    partial        a teaser: the rest is behind a paywall
    updates        of a live blog, in the order in which the page shows them; the text holds them too
    """

    url: str
    title: str
    text: str
    fetched_url: str | None = None
    canonical_url: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: datetime | None = None
    published_is_day: bool = False
    modified: datetime | None = None
    language: str | None = None
    agency: str | None = None
    partial: bool = False
    updates: tuple[Update, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that changed from one reading of a page to the next.

    kind      one of edits.KINDS
    was       the words before; "": there were none
    became    the words after; "": there are none
    sentence  of the earlier text in which it changed, where it stands in one; instead   what stands there now
    """

    kind: str
    was: str = ""
    became: str = ""
    sentence: str = ""
    instead: str = ""
