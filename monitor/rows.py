"""What a person is shown: rows whose fields are named like the columns of the database.

Times are text as they stand there (`2026-11-22T16:05:13Z`); None is an empty column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, and how many now report its development (0 when it has none)."""

    id: int
    topic: str
    kind: str
    headline: str
    whats_new: str
    why: str
    url: str | None
    publisher: str | None
    published_at: str | None
    created_at: str
    seen_at: str | None
    feedback: str | None
    importance: float
    development_id: int | None
    article_id: int | None
    summary: str | None
    reports: int
    independent_reports: int


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A development, with its first sentence and source; `edits` of the articles that told it, a line each."""

    topic: str
    day: str
    headline: str
    evidence: str | None
    publisher: str | None
    url: str | None
    reports: int
    independent_reports: int
    kind: str
    happened_on: str | None
    first_seen_at: str
    development_id: int
    edits: str | None


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic, with counts of its developments, alerts and watched sources.

    useful, noise, known    alerts that were marked as such
    noise_share             0..1, of all that were marked; None: none was
    """

    slug: str
    name: str
    about: str | None
    phase: str
    active: bool
    last_development_at: str | None
    blind_since: str | None
    drift_since: str | None
    drift_why: str | None
    added_at: str
    developments: int
    new_alerts: int
    useful: int
    noise: int
    known: int
    noise_share: float | None
    sources: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A watched source, with the topics it serves and the number of links that it showed."""

    id: int
    url: str
    kind: str
    host: str
    state: str
    why: str | None
    last_ok_at: str | None
    next_due_at: str
    interval_s: float
    failures: int
    found_by: int | None
    topics: str
    entries: int


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What a channel was to be sent: counts of deliveries, and why the last that failed did.

    held     of those that wait, how many do so for others, to go out as one message
    """

    channel: str
    waiting: int
    held: int
    delivered: int
    dead: int
    last_delivered_at: str | None
    next_try_at: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DeadRow:
    """An alert that a channel never accepted, and that is not tried any more."""

    alert_id: int
    channel: str
    kind: str
    headline: str
    created_at: str
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class HostRow:
    """What was asked of a host.  not_modified_share is 0..1, None where nothing was asked."""

    host: str
    requests: int
    not_modified: int
    not_modified_share: float | None
    failed: int
    received_bytes: int
    unasked: int
    delay_s: float
    shortest_pause_s: float | None
    left_alone_until: str | None
    first_asked_at: str
    last_asked_at: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article without its text."""

    id: int
    url: str
    fetched_url: str | None
    canonical_url: str | None
    publisher: str | None
    agency: str | None
    title: str
    author: str | None
    published_at: str | None
    modified_at: str | None
    language: str | None
    first_seen_at: str
    last_seen_at: str
    copy_of: int | None
    status: str
    characters: int
    revisions: int


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided on an article for a topic; `why` holds each gate with value and threshold."""

    article_id: int
    topic: str
    verdict: str
    relevant: bool
    relevance: float
    novelty: float
    copy_of: int | None
    development_id: int | None
    decided_at: str
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A sentence, and what it is to its development."""

    development_id: int
    article_id: int
    sentence: str
    role: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class EditRow:
    """One thing that changed with a revision."""

    revision_id: int
    kind: str
    was: str | None
    became: str | None


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A version of an article: when it was first seen, and what changed in it."""

    id: int
    seen_at: str
    change: str
    edits: tuple[EditRow, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A link, and what became of it."""

    id: int
    source_id: int
    url: str
    title: str | None
    published_at: str | None
    first_seen_at: str
    background: bool
    state: str
    why: str | None
    attempts: int
    next_try_at: str | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class FetchRow:
    """A request."""

    url: str
    final_url: str
    at: str
    status: int | None
    bytes: int
    ms: int
    outcome: str
    error: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything behind an address or an alert.

    article     None: none was filed; then entries and fetches say why
    fetches     the latest first
    """

    target: str
    article: ArticleRow | None
    revisions: tuple[RevisionRow, ...]
    decisions: tuple[DecisionRow, ...]
    evidence: tuple[EvidenceRow, ...]
    alerts: tuple[AlertRow, ...]
    entries: tuple[EntryRow, ...]
    fetches: tuple[FetchRow, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How the whole does: counts, by state where there are states; only what is active counts as topic or source.

    size_bytes, journal_bytes   of the database file, and of the journal beside it
    captures_bytes              of raw captures, in that file
    free_bytes                  in that file, for what comes: what was deleted leaves the file as large as it was
    disk_free_bytes             on the disk, for this user
    drifts                      slug -> in words, for topics whose accepted articles are about something else now
    """

    database: str
    size_bytes: int
    journal_bytes: int
    captures: int
    captures_bytes: int
    free_bytes: int
    disk_free_bytes: int
    topics: int
    sources: Mapping[str, int]
    entries: Mapping[str, int]
    articles: int
    decisions: Mapping[str, int]
    developments: int
    alerts: int
    new_alerts: int
    deliveries: Mapping[str, int]
    next_due_at: str | None
    started_at: str | None
    offline_since: str | None
    config_error: str | None
    drifts: Mapping[str, str]
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawPage:
    """The raw answer behind an alert: what was asked for, over which redirects, and the bytes.

    redirects   the steps before `url`, each with "url" and "status"
    """

    url: str
    at: str
    status: int
    headers: Mapping[str, str]
    redirects: Sequence[Mapping[str, Any]]
    body: bytes
