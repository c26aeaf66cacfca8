"""The story of the demo as values: who publishes what, and when.  Read from story.toml and the page layouts beside it.

A page keeps its first version and its edits; what a reader sees at an instant is derived from both (`Page.version`).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from typing import Any

AGENCY_LINE = "({agency}) -- "  # how a reprint credits the wire, before its first words


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented publisher.

    layout        the html file `page-LAYOUT.html` in which its pages are set
    lists         how it shows what is new: rss, atom, news-sitemap, section
    list_path     where it does
    encoding      of its pages and feeds
    utc_offset_h  hours its clock is ahead of UTC
    """

    key: str
    name: str
    host: str
    language: str
    layout: str
    lists: str
    list_path: str
    author: str
    encoding: str = "utf-8"
    utc_offset_h: int = 0

    @property
    def home(self) -> str:
        return f"http://{self.host}"

    @property
    def list_url(self) -> str:
        return self.home + self.list_path


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to a page: from `at` on it has this title (None: the old one), and these paragraphs at its end."""

    at: datetime
    title: str | None = None
    append: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """What a page says at an instant."""

    title: str
    paragraphs: tuple[str, ...]
    modified: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the demo's web.

    kind            report, reprint, recap, comment, paraphrase, translation, distractor, consent, background
    fact            the development it tells, D1..D11; None: it tells none
    copy_of         the page it reprints
    removed_at      from then on it answers with `removed_status`; None: it stays
    wall            page: a consent page in its place; redirect: the reader is sent to /consent; None: open
    """

    outlet: Outlet
    path: str
    published: datetime
    title: str
    paragraphs: tuple[str, ...]
    kind: str
    author: str
    fact: str | None = None
    copy_of: Page | None = None
    edits: tuple[Edit, ...] = ()
    removed_at: datetime | None = None
    removed_status: int = 410
    wall: str | None = None

    @property
    def url(self) -> str:
        return self.outlet.home + self.path

    def version(self, now: datetime) -> Version:
        """Apply the edits made up to `now`, the earliest first."""
        title, paragraphs, modified = self.title, self.paragraphs, self.published
        for edit in self.edits:
            if edit.at <= now:
                title, paragraphs, modified = edit.title or title, paragraphs + edit.append, edit.at
        return Version(title, paragraphs, modified)

    def listed(self, now: datetime) -> bool:
        """Tell whether the page is out, and not yet removed."""
        return self.published <= now and (self.removed_at is None or now < self.removed_at)


@dataclass(frozen=True, slots=True)
class Story:
    """The whole web.

    start, end  the demo plays between them; what is older than `start` is background
    pages       the oldest first
    layouts     name of an html file, without its ending -> its text
    """

    start: datetime
    end: datetime
    outlets: tuple[Outlet, ...]
    pages: tuple[Page, ...]
    layouts: Mapping[str, str] = field(repr=False)

    def outlet(self, host: str) -> Outlet | None:
        """Find the outlet at a host name, or None."""
        return next((outlet for outlet in self.outlets if outlet.host == host), None)

    def of(self, outlet: Outlet) -> tuple[Page, ...]:
        """Return the pages of one outlet, the oldest first."""
        return tuple(page for page in self.pages if page.outlet == outlet)


def load() -> Story:
    """Read the story that is installed with the program.

    Raises   KeyError or TypeError if story.toml names an outlet, a page or a field that does not exist.
    """
    folder = resources.files("monitor.demo")
    table = tomllib.loads((folder / "story.toml").read_text(encoding="utf-8"))
    outlets = {key: Outlet(key=key, **row) for key, row in table["outlets"].items()}
    pages: dict[str, Page] = {}
    for row in table["pages"]:
        page = _page(row, outlets, pages)
        pages[page.outlet.host + page.path] = page
    layouts = {
        file.name.removesuffix(".html"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".html")
    }
    return Story(
        start=table["start"],
        end=table["end"],
        outlets=tuple(outlets.values()),
        pages=tuple(sorted(pages.values(), key=lambda page: page.published)),
        layouts=layouts,
    )


def moments(story: Story) -> tuple[datetime, ...]:
    """Return every instant at which something appears, changes or vanishes, the earliest first.

    The background from before `story.start` is included.
    """
    instants = {page.published for page in story.pages}
    instants |= {edit.at for page in story.pages for edit in page.edits}
    instants |= {page.removed_at for page in story.pages if page.removed_at is not None}
    return tuple(sorted(instants))


def config_text(base: Mapping[str, str], database: str) -> str:
    """Return the demo's config file (topic.toml beside this file), made for one run.

    base      host of an outlet -> the address it is reached at, without a slash at its end; a host that is not in it
              is reached at http://HOST
    database  path of the database
    """
    text = (resources.files("monitor.demo") / "topic.toml").read_text(encoding="utf-8")
    text = text.replace('"monitor-demo.db"', json.dumps(database, ensure_ascii=False), 1)
    for host, address in base.items():
        text = text.replace(f"http://{host}/", f"{address}/")
    return text


def _page(row: Mapping[str, Any], outlets: Mapping[str, Outlet], earlier: Mapping[str, Page]) -> Page:
    outlet = outlets[row["outlet"]]
    original = earlier[row["copy_of"]] if "copy_of" in row else None
    paragraphs = tuple(row["paragraphs"]) if original is None else _reprinted(original, row.get("cut", 0))
    edits = sorted(
        (Edit(edit["at"], edit.get("title"), tuple(edit.get("append", ()))) for edit in row.get("edits", ())),
        key=lambda edit: edit.at,
    )
    rest = {key: row[key] for key in row.keys() - {"outlet", "copy_of", "cut", "paragraphs", "edits", "author"}}
    author = row.get("author", outlet.author)
    return Page(outlet=outlet, paragraphs=paragraphs, copy_of=original, edits=tuple(edits), author=author, **rest)


def _reprinted(original: Page, cut: int) -> tuple[str, ...]:
    kept = original.paragraphs[: len(original.paragraphs) - cut]
    return (AGENCY_LINE.format(agency=original.outlet.name) + kept[0], *kept[1:])
