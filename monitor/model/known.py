"""What the database remembers, as a visit asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .answers import Validators
from .articles import Article, Entry
from .decisions import Verdict
from .ids import ArticleId, DevelopmentId, EntryId, SourceId
from .wanted import Phase, Source, SourceKind


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


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of a topic we can see.

    sources     how many are watched for it, but for pages that are gone
    unseen      how many of them refuse us, have gone, failed three times in a row, or fell silent
    parked      how many of those have gone
    why         what is wrong with those, in a line; "" if nothing is
    """

    topic: str
    name: str
    blind_since: datetime | None
    sources: int
    unseen: int
    parked: int
    why: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a topic's story moves.

    phase       as it was named last
    lately      developments within the last two days
    day, week   developments within the last 24 hours, and within seven days
    drift       as it was noted last; None: the accepted articles are about the story
    """

    topic: str
    phase: str
    added_at: datetime
    last_development_at: datetime | None
    lately: int
    day: int
    week: int
    drift: Drift | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Sources of a topic through which something is lost to us, of which nobody was told yet.

    kind    parked (they are gone), or missed (they moved on faster than we looked)
    """

    topic: str
    name: str
    kind: str
    sources: tuple[SourceId, ...]
    urls: tuple[str, ...]
    why: str
