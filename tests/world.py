"""A small world under our hand: sites that publish, edit, retract and time out, and a clock that only we turn.

The pages go through the real fetcher (behind `httpx.MockTransport`), the real parser, the real judge and a real
database; only the network and the time are ours.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import httpx

from monitor import service
from monitor.config import Config, load

from .room import furnish

START = datetime(2021, 8, 1, 8, tzinfo=UTC)

# A story in three reports, by two sentences each.
FIRED = (
    "Harbour Bank fired its regional manager Paul Renner on Tuesday after an inquiry into the missing deposits.",
    "The bank said in a statement that Renner had broken its code of conduct and will not be paid a bonus.",
)
ARRESTED = (
    "Police in Brixham arrested the former manager Paul Renner on Friday on suspicion of fraud.",
    "Officers searched two houses and seized computers, the police said in a bulletin.",
)
OLD = (
    "Harbour Bank opened an inquiry into missing deposits at its branch in Brixham, it said on Monday.",
    "About 400 customers have complained that sums were taken from their savings accounts.",
)


@dataclass
class Page:
    title: str
    paragraphs: tuple[str, ...]
    published: datetime


@dataclass
class World:
    """Outlets by host name.

    trouble  a host or an address -> a status, "timeout", "refused", or where it leads: "/" or an address
    undated  the feeds give no dates
    headers  of all answers of a host
    stuck    hosts whose feed says that nothing changed to whoever asks so
    validates  pages come with an ETag, and are answered with 304 (so many: unchanged) while they stay as they are
    """

    folder: Path
    now: datetime = START
    pages: dict[str, dict[str, Page]] = field(default_factory=dict)
    trouble: dict[str, int | str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    slept: float = 0.0
    undated: bool = False
    robots_asked: int = 0
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)
    validates: bool = False
    unchanged: int = 0
    env: dict[str, str] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------ what happens in it

    def turn(self, **ahead: float) -> None:
        """Turn the clock ahead: turn(hours=3)."""
        self.now += timedelta(**ahead)

    def publish(self, host: str, path: str, title: str, *paragraphs: str, published: datetime | None = None) -> str:
        """Put an article on a site and in its feed; return its address."""
        self.pages.setdefault(host, {})[path] = Page(title, paragraphs, published or self.now)
        return f"https://{host}{path}"

    def edit(self, host: str, path: str, title: str | None = None, *paragraphs: str) -> None:
        old = self.pages[host][path]
        self.pages[host][path] = Page(title or old.title, paragraphs or old.paragraphs, old.published)

    def requests(self, url: str) -> int:
        return self.asked.count(url)

    # ----------------------------------------------------------------------------------------- how it is looked at

    def world(self) -> service.World:
        return service.World(
            now=lambda: self.now,
            steady=lambda: self.now.timestamp(),
            sleep=self._sleep,
            rng=random.Random(7),
            transport=httpx.MockTransport(self._answer),
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds

    def config(
        self, *feeds: str, about: str | None = "*", more: str = "", topic: str = "", slug: str = "story"
    ) -> Config:
        """Write a config file with one topic that watches these hosts' feeds, beside its database, and load it."""
        furnish(self.folder / "monitor.db")
        addresses = ", ".join(f'"https://{host}/feed.xml"' for host in feeds)
        query = "" if about is None else f'about = "{about}"\n'
        path = self.folder / "config.toml"
        path.write_text(
            '[monitor]\ndatabase = "monitor.db"\ncontact = "mailto:test@example.org"\n'
            '[fetch]\nper_host_delay = "0s"\n'
            f'[[topics]]\nname = "Story"\nslug = "{slug}"\n{query}feeds = [{addresses}]\n{topic}\n{more}\n',
            encoding="utf-8",
        )
        return load(path, env=self.env)

    async def once(self, config: Config) -> None:
        """Make one pass, as the command does: open the database, visit what is due, close."""
        async with service.opened(config, self.world()) as house:
            await service.once(house, config)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = self._respond(request)
        response.headers.update(self.headers.get(request.url.host, {}))
        return response

    def _respond(self, request: httpx.Request) -> httpx.Response:
        url, host, path = str(request.url), request.url.host, request.url.path
        if path == "/robots.txt" and self.trouble.get(host) != "refused":
            self.robots_asked += 1
            return httpx.Response(404)
        self.asked.append(url)
        fault = self.trouble.get(url, self.trouble.get(host))
        if fault == "timeout":
            raise httpx.ReadTimeout("no answer", request=request)
        if fault == "refused" or host not in self.pages:
            raise httpx.ConnectError("connection refused", request=request)
        if isinstance(fault, str):
            return httpx.Response(302, headers={"Location": fault})
        if isinstance(fault, int):
            return httpx.Response(fault, text="<h1>Not here</h1>")
        if path == "/feed.xml":
            return httpx.Response(304) if "if-none-match" in request.headers else self._feed(host)
        if path == "/":
            return httpx.Response(200, html=f"<title>{host}</title><h1>{host}</h1>{self._links(host)}")
        page = self.pages[host].get(path)
        return self._page(request, page, host) if page else httpx.Response(404, text="not found")

    def _page(self, request: httpx.Request, page: Page, host: str) -> httpx.Response:
        if not self.validates:
            return httpx.Response(200, html=article_html(page, host))
        tag = f'"{hash((page.title, page.paragraphs))}"'
        if request.headers.get("if-none-match") == tag:
            self.unchanged += 1
            return httpx.Response(304)
        return httpx.Response(200, html=article_html(page, host), headers={"ETag": tag})

    def _links(self, host: str) -> str:
        pages = self.pages[host].items()
        return "".join(f'<article><h2><a href="{path}">{escape(page.title)}</a></h2></article>' for path, page in pages)

    def _feed(self, host: str) -> httpx.Response:
        newest = sorted(self.pages[host].items(), key=lambda item: item[1].published, reverse=True)
        items = "".join(
            f"<item><title>{escape(page.title)}</title><link>https://{host}{path}</link>"
            f"{'' if self.undated else f'<pubDate>{format_datetime(page.published, usegmt=True)}</pubDate>'}</item>"
            for path, page in newest
        )
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'
        headers = {"Content-Type": "application/rss+xml"} | ({"ETag": '"1"'} if host in self.stuck else {})
        return httpx.Response(200, content=feed.encode(), headers=headers)


def article_html(page: Page, host: str) -> str:
    """Return a page as sites build them: navigation, the article, and what else is to be read."""
    body = "".join(f"<p>{escape(text)}</p>" for text in page.paragraphs)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(page.title)} - {host}</title>"
        f'<meta property="og:title" content="{escape(page.title)}"><meta property="og:type" content="article">'
        f'<meta property="og:site_name" content="{host}">'
        f'<meta property="article:published_time" content="{page.published.isoformat()}"></head>'
        f"<body><nav><a href=/>Home</a> <a href=/world>World</a> <a href=/money>Money</a></nav>"
        f"<main><article><h1>{escape(page.title)}</h1>{body}</article></main>"
        f"<aside><h2>Recommended</h2><a href=/x>Ten things to do this weekend</a></aside>"
        f"<footer>All rights reserved</footer></body></html>"
    )


def ask(world: World, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the world's database."""
    with closing(sqlite3.connect(world.folder / "monitor.db")) as db:
        return db.execute(sql).fetchall()


async def followed(world: World, *hosts: str, **more: Any) -> Config:
    """Follow hosts that already hold an old article, and make the first pass."""
    for host in hosts:
        world.publish(host, "/old", f"Inquiry at Harbour Bank, says {host}", *OLD, published=START - timedelta(days=2))
    config = world.config(*hosts, **more)
    await world.once(config)
    return config
