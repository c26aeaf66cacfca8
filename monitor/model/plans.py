"""What one visit writes: a plan, which is one transaction, and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .answers import Manners, Outcome, Redirect, Validators
from .articles import Article, Edit, Entry
from .decisions import Alert, Decision
from .ids import AlertId, ArticleId, DevelopmentId, EntryId, SourceId
from .known import EntryState, SourceState
from .wanted import Phase, Source


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
