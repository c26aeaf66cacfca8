"""Every value that flows through the house, in the order the data takes.  Frozen; derived properties only.

    Topic, Source -> Fetched | NotModified | Failed -> Listing of Entries -> Article -> Decision -> Plan -> Alert

Field names are used alike everywhere: `at` (observed by us), `published` and `modified` (claimed by the source),
`first_seen` (by us), `happened_on` (when the thing itself took place), `due`.  All instants are aware, in UTC.
Text that a source wrote is never changed, only derived from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, NewType
from zoneinfo import ZoneInfo

ArticleId = NewType("ArticleId", int)
SourceId = NewType("SourceId", int)
EntryId = NewType("EntryId", int)
DevelopmentId = NewType("DevelopmentId", int)
AlertId = NewType("AlertId", int)
DeliveryId = NewType("DeliveryId", int)


# ---------------------------------------------------------------------------------------------- what the user follows


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


# ------------------------------------------------------------------------------------------------- what came back


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with, verbatim; None: it gave none."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """One step on the way to a page: this address answered with this status, and sent us on."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came back whole.

    url        as asked for
    final_url  after redirects
    redirects  the steps between the two, in order
    headers    names in lower case; repeated ones joined by ", "
    body       decoded (no content-encoding left)
    fresh_s    seconds for which the server says the answer stays fresh (Cache-Control); None: not said
    ms         wall time of the whole chain
    """

    url: str
    final_url: str
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    validators: Validators = Validators()
    fresh_s: float | None = None
    ms: int = 0
    redirects: tuple[Redirect, ...] = ()

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing changed since the validators we sent."""

    url: str
    final_url: str
    at: datetime
    validators: Validators = Validators()
    fresh_s: float | None = None
    ms: int = 0
    status: int = 304


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that gave no page.

    error      its class: timeout, dns, connect, tls, protocol, truncated, too-large, decode, redirect,
               private-address, scheme, robots, status
    why        one plain sentence
    status     of the last answer; None: there was none
    retry_at   when the server (or a robots rule) lets us ask again; None: it did not say
    asked      False: the page itself was not asked for, as its host is to be left alone
    """

    url: str
    final_url: str
    at: datetime
    error: str
    why: str
    status: int | None = None
    retry_at: datetime | None = None
    ms: int = 0
    asked: bool = True


Outcome = Fetched | NotModified | Failed


# -------------------------------------------------------------------------------------- what we owe the publishers


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked of a host since the last receipt: robots.txt and redirects included.

    at                of the last request
    received_bytes    of bodies, as they travelled
    unasked           pages that were not asked for, because robots.txt forbids it
    delay_s           the pause that was to be kept after a request to its site
    shortest_pause_s  that was kept; None: there was only one request
    """

    host: str
    at: datetime
    requests: int = 0
    not_modified: int = 0
    failed: int = 0
    received_bytes: int = 0
    unasked: int = 0
    delay_s: float = 0.0
    shortest_pause_s: float | None = None


@dataclass(frozen=True, slots=True)
class RobotsTxt:
    """The robots.txt of an origin ("https://news.example"), as it was read; to be asked for again at `until`."""

    origin: str
    text: bytes
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A host that asked, by an answer with `status`, to be left alone until then."""

    host: str
    until: datetime
    status: int


@dataclass(frozen=True, slots=True)
class Manners:
    """What politeness is to remember beyond the end of the program."""

    receipts: tuple[Receipt, ...] = ()
    robots: tuple[RobotsTxt, ...] = ()
    holds: tuple[Hold, ...] = ()


# -------------------------------------------------------------------------------------------- what a source listed


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


# -------------------------------------------------------------------------------------------------- what was read


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


# ------------------------------------------------------------------------------------------------ what was decided


class Verdict(StrEnum):
    """What an article is to a topic."""

    NEW = "new"  # it tells a development
    CORROBORATES = "corroborates"  # it tells what an earlier report already told
    NOTHING_NEW = "nothing-new"  # comment, recap, background
    COPY = "copy"  # a reprint or an excerpt
    IRRELEVANT = "irrelevant"  # about something else
    LEARNT = "learnt"  # background from before the topic or the source was watched: known, not alerted


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence, exactly as the source wrote it, and what it is to its development.

    role    first, corroborates or contradicts
    """

    sentence: str
    role: str = "first"


@dataclass(frozen=True, slots=True)
class Development:
    """A new thing that happened.

    headline     one line taken from the source
    kind         new-development or reversal
    novelty      0..1, the share that nothing earlier said
    happened_on  the day it took place, if the text tells
    evidence     at least one sentence, the most telling first
    firm         a new event of it is done, and of a kind that is news itself (convicted, resigned, killed), not one
                 that stories often just mention
    """

    headline: str
    kind: str
    novelty: float
    evidence: tuple[Evidence, ...]
    happened_on: date | None = None
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Corroboration:
    """A known development, told again, and the sentences that do."""

    development: DevelopmentId
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class MilestoneMet:
    """An expectation of the topic, and the sentence that says it came true."""

    expect: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on an article for a topic, and why.

    relevance    0..1
    copy_of      the article that it copies
    development  at most one an article; only with verdict NEW
    novelty      0..1, of the most novel sentence
    why          each gate with its value and threshold, in words and numbers; JSON types only
    """

    topic: str
    verdict: Verdict
    relevant: bool
    relevance: float
    why: Mapping[str, Any]
    copy_of: ArticleId | None = None
    development: Development | None = None
    corroborates: tuple[Corroboration, ...] = ()
    milestones: tuple[MilestoneMet, ...] = ()
    novelty: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing worth a person's attention, before it has an id.

    kind     new-development, reversal, milestone-met, milestone-overdue, edited, corrected, removed, resurfaced, blind
    url      where to read it; None: it is about our sight, not about a page
    about    the known development that it is about; None: none, or the one that is told with it
    """

    topic: str
    kind: str
    headline: str
    whats_new: str
    why: str
    url: str | None = None
    publisher: str | None = None
    published: datetime | None = None
    about: DevelopmentId | None = None


class Feedback(StrEnum):
    """What a person said that an alert was worth.  It is for people: no later article is judged by it."""

    USEFUL = "useful"
    NOISE = "noise"  # it should not have been raised
    KNOWN = "known"  # it is true, but the person knew it


# --------------------------------------------------------------------------------------------- what is remembered


class SourceState(StrEnum):
    """How a source does."""

    NEW = "new"
    OK = "ok"
    BLOCKED = "blocked"  # we are not wanted, or not allowed: slower, never for good
    FAILING = "failing"
    PARKED = "parked"  # gone: looked at once a day until a person decides


class EntryState(StrEnum):
    """What became of a link."""

    NEW = "new"
    ARTICLE = "article"
    COPY = "copy"
    NOT_ARTICLE = "not-article"
    BLOCKED = "blocked"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Watched:
    """A source as we know it: what the config says, what we remember, and which topics it serves.

    topics      slug -> since when the topic watches it
    learning    True until its first good poll is filed: what it shows then is background
    interval_s  the current distance between polls
    body_sha256 of the last good body
    whole_at    when it last sent its content, not only the word that nothing changed
    unchanged   how often it has said since that nothing changed
    missed_at   since when it may have shown links that we never saw; None: each look met the one before
    phase       of the liveliest story that it serves
    absent      of a watched page: looks in a row at which its article was not there, the first of them at absent_since
    """

    id: SourceId
    source: Source
    host: str
    topics: Mapping[str, datetime]
    state: SourceState = SourceState.NEW
    validators: Validators = Validators()
    interval_s: float = 300.0
    failures: int = 0
    last_ok: datetime | None = None
    due: datetime | None = None
    learning: bool = True
    body_sha256: str | None = None
    whole_at: datetime | None = None
    unchanged: int = 0
    missed_at: datetime | None = None
    phase: Phase = Phase.DEVELOPING
    absent: int = 0
    absent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Of the links that a source lists now.

    fresh   those that it had not shown before, or says it has updated since they were read
    known   how many it had shown before
    """

    fresh: tuple[Entry, ...] = ()
    known: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry whose page has not been read yet, or is to be read again.

    background  it was there before we watched: learn it quietly
    topics      slug of each topic whose source showed it -> since when the topic watches that source
    kind        of the source
    again       its page was read before; the source says that it was updated since
    recheck     its article is filed, and its page is looked at again though nobody says that it was updated
    validators  that its page came with
    missed      looks in a row at which the article was not there any more, the first of them at missed_since
    """

    id: EntryId
    source: SourceId
    kind: SourceKind
    entry: Entry
    topics: Mapping[str, datetime]
    background: bool = False
    attempts: int = 0
    again: bool = False
    recheck: bool = False
    validators: Validators = Validators()
    missed: int = 0
    missed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """The articles accepted for a topic are about something else now.

    since   when the first of them appeared
    why     in words: how many, what they have in common, and what to do
    """

    since: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Filed:
    """An article in the archive, as the desk needs it to remember.

    decided   slug -> the verdict it was given
    told      slug -> the development it is evidence for
    status    live, partial, unreachable (not to be had at the last look), gone
    """

    id: ArticleId
    article: Article
    first_seen: datetime
    copy_of: ArticleId | None = None
    decided: Mapping[str, Verdict] = field(default_factory=dict)
    told: Mapping[str, DevelopmentId] = field(default_factory=dict)
    status: str = "live"
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of an article that a development of a topic rests on, or what became of one; `headline` is its."""

    topic: str
    development: DevelopmentId
    headline: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Record:
    """What was told of an article, by which what is edited in it is weighed.

    titles    of all its versions
    removed   topics that were told that it is gone
    """

    quoted: tuple[Quoted, ...] = ()
    titles: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


# ------------------------------------------------------------------------------------------- what one visit writes


@dataclass(frozen=True, slots=True)
class SourceUpdate:
    """The source after a poll.  What is None stays as it is, but for `why`, `missed_at`, `not_before`, `absent_since`.

    not_before   the server does not want to be asked again sooner; None: it did not say
    """

    id: SourceId
    state: SourceState
    interval_s: float
    due: datetime
    failures: int
    why: str | None = None
    last_ok: datetime | None = None
    validators: Validators | None = None
    learning: bool | None = None
    body_sha256: str | None = None
    whole_at: datetime | None = None
    unchanged: int | None = None
    missed_at: datetime | None = None
    not_before: datetime | None = None
    absent: int = 0
    absent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A link to remember.  One that the source showed before is left as it is, unless it says it was updated.

    why     given with state SKIPPED
    """

    entry: Entry
    host: str
    background: bool = False
    state: EntryState = EntryState.NEW
    why: str | None = None


@dataclass(frozen=True, slots=True)
class EntryUpdate:
    """The entry after its page was read.  next_try None: not again; validators None: those it had."""

    id: EntryId
    state: EntryState
    why: str | None = None
    attempts: int = 0
    next_try: datetime | None = None
    validators: Validators | None = None
    missed: int = 0
    missed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision, and the alerts it raises (none when it was learnt quietly).

    phase   of the story from here on; None: as it was
    """

    decision: Decision
    alerts: tuple[Alert, ...] = ()
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """The raw bytes behind an article, and how they were come by."""

    url: str
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """An article to file, with what was decided on it.

    known       the article is already filed under this id (read again, or shown by one more source)
    edits       what changed since the last revision; (): first reading, or nothing changed
    status      live or partial
    alerts      raised by the page itself (edited, corrected, back again), apart from any decision
    """

    article: Article
    rulings: tuple[Ruling, ...] = ()
    known: ArticleId | None = None
    copy_of: ArticleId | None = None
    edits: tuple[Edit, ...] = ()
    status: str = "live"
    capture: Capture | None = None
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the page of a filed article was found at a look that read nothing new of it.

    status   live or partial (seen, and unchanged), unreachable, gone
    """

    article: ArticleId
    status: str
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one visit wants written, and nothing else; one transaction."""

    at: datetime
    outcomes: tuple[Outcome, ...] = ()
    source: SourceUpdate | None = None
    entries: tuple[NewEntry, ...] = ()
    children: tuple[Source, ...] = ()
    entry: EntryUpdate | None = None
    reading: Reading | None = None
    standing: Standing | None = None
    manners: Manners = Manners()


@dataclass(frozen=True, slots=True)
class Committed:
    """The ids that a plan's rows were given.

    article       None: the plan filed none
    developments  slug -> the development that was opened
    alerts        in the order of the plan: rulings first, then the reading's own
    entries       how many links were new, or are to be read again
    """

    article: ArticleId | None = None
    developments: Mapping[str, DevelopmentId] = field(default_factory=dict)
    alerts: tuple[AlertId, ...] = ()
    entries: int = 0


# ----------------------------------------------------------------------------------------------------- the outbox


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


@dataclass(frozen=True, slots=True)
class Unsummarised:
    """An alert that waits for a summary.

    attempts   failures so far
    evidence   the sentences that its development was told with, in the order of the evidence table
    """

    alert: AlertId
    attempts: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a question for a summary.

    text      one line that cites sentences of the evidence as [1], [2]; None: the answer was dropped
    dropped   why, in a clause; "": it was not
    """

    text: str | None
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to a channel.

    key         never changes, so that a receiver can tell a repeated delivery from a new alert
    alert       the alert's columns and its evidence, as they are sent
    held_until  those of its topic that were held until the same instant are sent as one; None: it is sent alone
    failed      it could not be delivered before, or had to wait because its channel failed
    """

    id: DeliveryId
    channel: str
    key: str
    attempts: int
    alert: Mapping[str, Any]
    held_until: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Setback:
    """That a channel did not accept a message, and what it means.

    at      when
    error   why, in plain words without a secret
    tries   the deliveries of the message, and when each is tried again; None: it is given up
    until   what else is due for the channel waits until then; None: only this message was refused
    """

    channel: str
    at: datetime
    error: str
    tries: tuple[tuple[DeliveryId, datetime | None], ...]
    until: datetime | None
