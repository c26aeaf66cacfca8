"""Try each source once, without writing anything: what would come back, and what would be in it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import httpx

from . import feeds, parse, urls, wrapped
from .config import Config
from .errors import ParseError
from .fetch import Fetcher
from .model import Failed, Fetched, Listing, Source, SourceKind

SHOWN_TITLES = 3
SHOWN_FURTHER = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a source gave: whether it can be followed, and what was found or what is wrong.

    titles    of the first articles
    leads_to  further addresses that become sources: the feeds and sitemaps of a site, the parts of an index
    """

    topic: str
    kind: SourceKind
    url: str
    ok: bool
    found: str
    ms: int = 0
    titles: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()


def sources(config: Config) -> tuple[tuple[str, Source], ...]:
    """Return every source of a config with its topic's slug."""
    return tuple((topic.slug, source) for topic in config.topics for source in topic.sources)


async def try_all(
    config: Config,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
    done: Callable[[], None],
    transport: httpx.AsyncBaseTransport | None = None,
) -> tuple[Tried, ...]:
    """Try all sources of a config side by side, one request a host at a time; `done` is called after each."""
    async with Fetcher(config.fetch, contact=config.contact, now=now, sleep=sleep, transport=transport) as fetch:

        async def one(topic: str, source: Source) -> Tried:
            tried = await _try(fetch, topic, source)
            done()
            return tried

        return tuple(await asyncio.gather(*(one(topic, source) for topic, source in sources(config))))


async def _try(fetch: Fetcher, topic: str, source: Source) -> Tried:
    page = source.kind is SourceKind.PAGE
    outcome = await fetch.get(source.url, accept="html" if page else "feed")
    tried = Tried(topic, source.kind, source.url, ok=False, found="", ms=outcome.ms)
    if isinstance(outcome, Failed):
        return replace(tried, found=f"{outcome.error}: {outcome.why}")
    if not isinstance(outcome, Fetched):
        return replace(tried, found="answered 304 though nothing was kept")
    named = await fetch.sitemaps(source.url) if source.kind is SourceKind.SITE else ()
    return await asyncio.to_thread(_read, tried, source, outcome, named)


def _read(tried: Tried, source: Source, page: Fetched, sitemaps: Sequence[str]) -> Tried:
    """Add what a page holds; `sitemaps`: those that robots.txt names."""
    try:
        if source.kind is SourceKind.PAGE:
            article = parse.article(page.body, url=page.final_url, content_type=page.content_type)
            return replace(tried, ok=True, found=f"article: {article.title}", titles=(article.title,))
        listing = feeds.listing(
            page.body,
            url=page.final_url,
            kind=source.kind,
            content_type=page.content_type,
            links=source.links,
            fields=source.fields,
        )
    except ParseError as error:
        return replace(tried, found=str(error))
    titles = tuple(entry.title for entry in listing.entries if entry.title)[:SHOWN_TITLES]
    leads_to = tuple(dict.fromkeys((*(child.url for child in listing.children), *sitemaps)))
    return replace(tried, ok=True, found=_told(listing, titles, leads_to), titles=titles, leads_to=leads_to)


def _told(listing: Listing, titles: Sequence[str], leads_to: Sequence[str]) -> str:
    """Say what a list holds, in one line."""
    dates = [date for entry in listing.entries if (date := entry.updated or entry.published)]
    said = f"{listing.format}: {len(listing.entries)} links"
    said += f", newest {max(dates):%Y-%m-%d %H:%M} UTC" if dates else ""
    said += "".join(f"; {number} of them through {host}, which may not say where" for host, number in _kept(listing))
    said += f"; first: {' · '.join(titles)}" if titles else ""
    if leads_to:
        more = f" and {len(leads_to) - SHOWN_FURTHER} more" if len(leads_to) > SHOWN_FURTHER else ""
        said += f"; leads on to {', '.join(leads_to[:SHOWN_FURTHER])}{more}"
    return said


def _kept(listing: Listing) -> list[tuple[str, int]]:
    """Return the services that keep the address behind their links to themselves, each with the number of them."""
    return list(Counter(urls.host(entry.url) for entry in listing.entries if wrapped.is_wrapped(entry.url)).items())
