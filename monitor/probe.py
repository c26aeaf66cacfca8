"""Try each source once, without writing anything: what would come back, and what would be in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx

from . import feeds, parse
from .config import Config
from .errors import ParseError
from .fetch import Fetcher
from .model import Failed, Fetched, Source, SourceKind


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a source gave: whether it can be followed, and what was found or what is wrong."""

    topic: str
    kind: SourceKind
    url: str
    ok: bool
    found: str
    ms: int = 0


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
    if isinstance(outcome, Fetched):
        ok, found = await asyncio.to_thread(_read, source, outcome)
    elif isinstance(outcome, Failed):
        ok, found = False, f"{outcome.error}: {outcome.why}"
    else:
        ok, found = False, "answered 304 though nothing was kept"
    return Tried(topic, source.kind, source.url, ok, found, outcome.ms)


def _read(source: Source, page: Fetched) -> tuple[bool, str]:
    try:
        if source.kind is SourceKind.PAGE:
            article = parse.article(page.body, url=page.final_url, content_type=page.content_type)
            return True, f"article: {article.title}"
        listing = feeds.listing(
            page.body,
            url=page.final_url,
            kind=source.kind,
            content_type=page.content_type,
            links=source.links,
            fields=source.fields,
        )
    except ParseError as error:
        return False, str(error)
    more = f", {len(listing.children)} further addresses" if listing.children else ""
    return True, f"{listing.format}: {len(listing.entries)} links{more}"
