"""What the user wants: topics with their sources, channels, a language model.  What config.toml becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class SourceKind(StrEnum):
    """How an address is read; the config's keys are these words in the plural."""

    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    SEARCH = "search"
    PAGE = "page"
    SITE = "site"


class Phase(StrEnum):
    """How lively a story is, the liveliest first."""

    BREAKING = "breaking"
    DEVELOPING = "developing"
    SLOW = "slow"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Interval:
    """How often a source may be polled: seconds between two looks, 0 <= min_s <= max_s."""

    min_s: float = 300.0
    max_s: float = 43_200.0


@dataclass(frozen=True, slots=True)
class Fields:
    """Where an answer in JSON has its articles: paths as jsonpath.py reads them; None: found by itself.

    items              the list of articles, from the top of the answer
    link, title, date  of an article, from the article
    """

    items: str | None = None
    link: str | None = None
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An address that a topic names.

    links   CSS selector of the links of a listing; None: article links are found by themselves
    fields  where a search that answers in JSON has its articles; None: they are found by themselves
    """

    kind: SourceKind
    url: str
    interval: Interval = Interval()
    links: str | None = None
    fields: Fields | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that is expected to happen.

    any     phrases, one of which a sentence that says it happened contains
    by      the day after which its absence is news; None: never overdue
    """

    expect: str
    any: tuple[str, ...]
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """The article that a story starts from: `url` of a page, or `text` (first line: title) read from a file."""

    url: str | None = None
    text: str | None = None


ALERTS_PER_HOUR = 10
ALERT_KINDS = (
    "new-development",
    "reversal",
    "milestone-met",
    "milestone-overdue",
    "edited",
    "corrected",
    "removed",
    "resurfaced",
    "blind",
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A story to follow.

    about      query of the `about` language (see query.py); None only with a seed
    aliases    other names for a word of the query, in any language
    languages  language codes the story is told in; empty: any
    notify     names of channels; None: all
    alerts_per_hour   that a channel gets one by one, before others wait and come as one; 0: no limit
    recheck    whether the pages of its articles are looked at again for a month
    """

    slug: str
    name: str
    about: str | None = None
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    seed: Seed | None = None
    sources: tuple[Source, ...] = ()
    notify: tuple[str, ...] | None = None
    milestones: tuple[Milestone, ...] = ()
    alerts_per_hour: int = ALERTS_PER_HOUR
    recheck: bool = True


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day, by the clocks of a place; they go past midnight where they end before they begin."""

    begins: time
    ends: time
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts go besides the database.

    kinds     kinds of alerts it takes; None: all
    digest_s  alerts are held and sent as one, this many seconds apart; None: at once
    secret    key of the signature; never shown
    quiet     what is not pressing waits for their end; None: there are none
    """

    name: str
    webhook: str | None = field(default=None, repr=False)
    apprise: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    kinds: tuple[str, ...] | None = None
    digest_s: float | None = None
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Llm:
    """A language model that sums alerts up, asked as OpenAI's are.

    url        of its chat completions
    key        sent along as a bearer token; None: it asks for none.  Neither is ever shown
    timeout_s  for one answer
    """

    url: str = field(repr=False)
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
