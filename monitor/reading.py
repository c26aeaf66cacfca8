"""The read-only side, for the command line: what the tables say, as rows whose fields are named like the columns.

Times are text as they stand in the database (`2026-11-22T16:05:13Z`); None is an empty column.
"""

from __future__ import annotations

import difflib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import zstandard

from .database import archive, proof, watchlist
from .database.file import (
    BUSY_TIMEOUT_S,
    Connection,
    column,
    instant,
    journal_bytes,
    open_for_reading,
    plainly,
    transaction,
)
from .errors import UsageError
from .health import LATE_AFTER, LEFT_LYING, Vitals
from .metrics import Counts
from .model import Feedback, Filed
from .urls import canonical

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
CHAPTER = 500
LATEST_FETCHES = 20


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


ALERTS = """
SELECT a.id, a.topic, a.kind, a.headline, a.whats_new, a.why, a.url, a.publisher, a.published_at, a.created_at,
       a.seen_at, a.feedback, a.importance, a.development_id, a.article_id, a.summary, ifnull(d.reports, 0) AS reports,
       ifnull(d.independent_reports, 0) AS independent_reports
FROM alerts a LEFT JOIN developments d ON d.id = a.development_id
"""

TOPICS = """
WITH marked AS (
    SELECT topic, count(*) AS all_of_them, sum(feedback = 'useful') AS useful, sum(feedback = 'noise') AS noise,
           sum(feedback = 'known') AS known
    FROM alerts WHERE feedback IS NOT NULL GROUP BY topic)
SELECT slug, name, about, phase, active, last_development_at, blind_since, drift_since, drift_why, added_at,
       (SELECT count(*) FROM developments d WHERE d.topic = t.slug) AS developments,
       (SELECT count(*) FROM alerts a WHERE a.topic = t.slug AND a.seen_at IS NULL) AS new_alerts,
       ifnull(useful, 0) AS useful, ifnull(noise, 0) AS noise, ifnull(known, 0) AS known,
       1.0 * noise / all_of_them AS noise_share,
       (SELECT count(DISTINCT source_id) FROM topic_sources w WHERE w.topic = t.slug AND w.until IS NULL) AS sources
FROM topics t LEFT JOIN marked m ON m.topic = t.slug ORDER BY active DESC, name
"""

DRIFTS = "SELECT slug, drift_why FROM topics WHERE active = 1 AND drift_why IS NOT NULL ORDER BY slug"

SOURCES = """
SELECT id, url, kind, host, state, why, last_ok_at, next_due_at, interval_s, failures, found_by,
       (SELECT group_concat(DISTINCT topic) FROM topic_sources w
        WHERE w.source_id = s.id AND w.until IS NULL) AS topics,
       (SELECT count(*) FROM entries e WHERE e.source_id = s.id) AS entries
FROM sources s WHERE active = 1 ORDER BY topics, host, url
"""

HOSTS = """
SELECT host, requests, not_modified, 1.0 * not_modified / nullif(requests, 0) AS not_modified_share, failed,
       received_bytes, unasked, delay_s, shortest_pause_s, left_alone_until, first_asked_at, last_asked_at
FROM hosts ORDER BY requests DESC, host
"""

ARTICLES = """
SELECT id, url, fetched_url, canonical_url, publisher, agency, title, author, published_at, modified_at, language,
       first_seen_at, last_seen_at, copy_of, status,
       length(text) AS characters,
       (SELECT count(*) FROM revisions r WHERE r.article_id = a.id) AS revisions
FROM articles a WHERE id = ?
"""

DECISIONS = """
SELECT article_id, topic, verdict, relevant, relevance, novelty, copy_of, development_id, decided_at, why
FROM decisions WHERE article_id = ? ORDER BY topic
"""

EVIDENCE = """
SELECT development_id, article_id, sentence, role, seen_at FROM evidence
WHERE article_id = :article OR development_id = :development ORDER BY development_id, role <> 'first', id
"""

REVISIONS = "SELECT id, seen_at, change FROM revisions WHERE article_id = ? ORDER BY id"

EDITS = """
SELECT x.revision_id, x.kind, x.was, x.became FROM edits x JOIN revisions r ON r.id = x.revision_id
WHERE r.article_id = ? ORDER BY x.id
"""

ENTRIES = """
SELECT id, source_id, url, title, published_at, first_seen_at, background, state, why, attempts, next_try_at, article_id
FROM entries WHERE url IN (SELECT value FROM json_each(:urls)) OR article_id = :article ORDER BY id
"""

FETCHES = """
SELECT url, final_url, at, status, bytes, ms, outcome, error, why FROM fetches
WHERE url IN (SELECT value FROM json_each(:urls)) ORDER BY id DESC LIMIT :limit
"""

# What an alert rests on: its own article, and those that the evidence of its development stands in.
BEHIND = """
WITH chosen AS (
    SELECT id, article_id, development_id FROM alerts
    WHERE (:topic IS NULL OR topic = :topic) AND (:since IS NULL OR created_at >= :since)
        AND (:id IS NULL OR id = :id)),
behind AS (
    SELECT article_id FROM chosen WHERE article_id IS NOT NULL
    UNION SELECT e.article_id FROM chosen c JOIN evidence e ON e.development_id = c.development_id)
"""

CHOSEN = BEHIND + "SELECT id FROM chosen ORDER BY id"  # noqa: S608

PROVEN_BY = """
SELECT e.sentence, e.role, e.seen_at, a.id AS article_id, a.url, a.publisher, a.title, a.published_at
FROM evidence e JOIN articles a ON a.id = e.article_id WHERE e.development_id = ? ORDER BY e.role <> 'first', e.id
"""

TEXTS = (
    BEHIND
    + """SELECT r.article_id, a.url, r.title, r.text, r.seen_at, r.change, r.text_sha256, r.capture_sha256
FROM behind b JOIN revisions r ON r.article_id = b.article_id JOIN articles a ON a.id = b.article_id ORDER BY r.id"""
)

RETRIEVALS = (
    BEHIND
    + """SELECT r.article_id, r.url, r.at, r.status, json(r.redirects) AS redirects, r.capture_sha256
FROM behind b JOIN retrievals r ON r.article_id = b.article_id ORDER BY r.id"""
)

RAW_PAGES = (
    BEHIND
    + """SELECT r.url, r.at, r.status, r.headers, r.redirects, c.body
FROM behind b JOIN retrievals r ON r.article_id = b.article_id JOIN captures c ON c.sha256 = r.capture_sha256
ORDER BY r.id"""
)

# Of an article that raised several, read again, the last one counts.
FEEDBACK = """
SELECT article_id, topic, feedback FROM alerts
WHERE feedback IS NOT NULL AND article_id IS NOT NULL AND development_id IS NOT NULL
  AND kind NOT IN ('corrected', 'removed') ORDER BY id
"""

DELIVERIES = """
SELECT iif(state = 'waiting' AND held_until IS NOT NULL, 'held', state) AS now, count(*) FROM deliveries GROUP BY now
"""

CHANNELS = """
SELECT channel, count(CASE WHEN state = 'waiting' THEN 1 END) AS waiting,
       count(CASE WHEN state = 'waiting' AND held_until IS NOT NULL THEN 1 END) AS held,
       count(CASE WHEN state = 'delivered' THEN 1 END) AS delivered, count(CASE WHEN state = 'dead' THEN 1 END) AS dead,
       max(delivered_at) AS last_delivered_at, min(next_try_at) AS next_try_at,
       (SELECT e.error FROM deliveries e WHERE e.channel = d.channel AND e.error IS NOT NULL
        ORDER BY e.state = 'dead', e.id DESC LIMIT 1) AS error
FROM deliveries d GROUP BY channel ORDER BY channel
"""

DEAD = """
SELECT d.alert_id, d.channel, a.kind, a.headline, a.created_at, d.attempts, d.error
FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE d.state = 'dead' ORDER BY d.id DESC
"""

SOURCE_STATES = "SELECT state, count(*) FROM sources WHERE active = 1 GROUP BY state"

UNREAD = "SELECT count(*) FROM entries WHERE next_try_at IS NOT NULL AND state IN ('new', 'blocked', 'failed')"

GIVEN_UP = """
SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE d.state = 'dead' AND a.seen_at IS NULL
"""

LATE = """
SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id
WHERE d.next_try_at IS NOT NULL AND (d.next_try_at < :lying OR d.attempts > 0 AND a.created_at < :late)
"""

KNOWN_URLS = """
SELECT url FROM articles WHERE url BETWEEN :start AND :end
UNION SELECT url FROM entries WHERE url BETWEEN :start AND :end
UNION SELECT url FROM sources WHERE url BETWEEN :start AND :end
LIMIT 2000
"""


class Reader:
    """The database, to look at."""

    def __init__(self, conn: Connection, path: Path) -> None:
        self._conn = conn
        self.path = path

    @classmethod
    def open(cls, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, beside_writer: bool = False) -> Reader:
        """Open the database; it is never written to.  Raises StoreError: there is none yet, or it cannot be read.

        beside_writer  in the process that writes to it
        """
        return cls(open_for_reading(path, busy_timeout_s=busy_timeout_s, beside_writer=beside_writer), path)

    def close(self) -> None:
        self._conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -------------------------------------------------------------------------------------------------- the lists

    def alerts(
        self,
        topic: str | None = None,
        since: datetime | None = None,
        all: bool = False,  # the command's own word
        by: str = "time",
    ) -> tuple[AlertRow, ...]:
        """Return the alerts not yet seen (or all), newest first.  Raises UsageError if there is no such topic.

        by   "time", or "importance": the most important first
        """
        if topic is not None:
            self._need_topic(topic)
        return self._rows(
            AlertRow,
            ALERTS
            + """WHERE (:all OR a.seen_at IS NULL) AND (:topic IS NULL OR a.topic = :topic)
            AND (:since IS NULL OR a.created_at >= :since)
            ORDER BY iif(:by = 'importance', a.importance, 0) DESC, a.created_at DESC, a.id DESC""",
            {"all": all, "topic": topic, "since": column(since), "by": by},
        )

    def alert(self, id: int) -> AlertRow:
        """Return one alert.  Raises UsageError if there is none."""
        found = self._rows(AlertRow, ALERTS + "WHERE a.id = ?", (id,))
        if not found:
            last = self._value("SELECT max(id) FROM alerts")
            known = f"the last one is {last}" if last else "there are none yet"
            raise UsageError(f"there is no alert {id}; {known}. `monitor alerts --all` lists them.")
        return found[0]

    def timeline(self, topic: str) -> tuple[TimelineRow, ...]:
        """Return a topic's developments in the order they happened.  Raises UsageError if there is no such topic."""
        self._need_topic(topic)
        return self._rows(TimelineRow, "SELECT * FROM timeline WHERE topic = ?", (topic,))

    def topics(self) -> tuple[TopicRow, ...]:
        """Return all topics, those no longer followed last."""
        return self._rows(TopicRow, TOPICS)

    def sources(self) -> tuple[SourceRow, ...]:
        """Return the sources that are watched now."""
        return self._rows(SourceRow, SOURCES)

    def hosts(self) -> tuple[HostRow, ...]:
        """Return what was asked of each host, the most asked first."""
        return self._rows(HostRow, HOSTS)

    def channels(self) -> tuple[ChannelRow, ...]:
        """Return the channels that something was to be sent to, by name."""
        return self._rows(ChannelRow, CHANNELS)

    def dead(self) -> tuple[DeadRow, ...]:
        """Return the deliveries that were given up, those of the newest alerts first."""
        return self._rows(DeadRow, DEAD)

    def notes(self) -> dict[str, str]:
        """Return the lines that the monitor keeps about itself."""
        return {row[0]: row[1] for row in self._pairs("SELECT key, value FROM notes ORDER BY key")}

    def archive(self) -> Iterator[Filed]:
        """Return the articles that some topic found relevant, in the order of filing, a few hundred at a time."""
        last = 0
        while True:
            with transaction(self._conn, self.path, write=False):
                chapter = archive.relevant_after(self._conn, last, CHAPTER)
            if not chapter:
                return
            yield from chapter
            last = chapter[-1].id

    def feedback(self) -> dict[tuple[int, str], Feedback]:
        """Return how the alert was marked that an article (its id) raised for a topic, where it was marked."""
        return {(row[0], row[1]): Feedback(row[2]) for row in self._pairs(FEEDBACK)}

    # ------------------------------------------------------------------------------------------------- the whole

    def proven_alerts(self, topic: str | None = None, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Return alerts, oldest first, each with what it rests on.  Raises UsageError if there is no such topic.

        The fields are those of the table; "evidence" has the sentences, "texts" each version of the articles that these
        stand in, "retrievals" how each page was come by.
        """
        chosen = self._chosen(topic, since)
        for id_ in [row["id"] for row in self._pairs(CHOSEN, chosen)]:
            (alert,) = self._pairs("SELECT * FROM alerts WHERE id = ?", (id_,))
            one = {"topic": None, "since": None, "id": id_}
            yield {
                **dict(alert),
                "evidence": [dict(row) for row in self._pairs(PROVEN_BY, (alert["development_id"],))],
                "texts": [dict(row) for row in self._pairs(TEXTS, one)],
                "retrievals": [
                    {**dict(row), "redirects": json.loads(row["redirects"])} for row in self._pairs(RETRIEVALS, one)
                ],
            }

    def raw_pages(self, topic: str | None = None, since: datetime | None = None) -> Iterator[RawPage]:
        """Return the raw pages behind alerts, in the order in which they came.  Raises UsageError as `alerts` does."""
        with plainly(self.path):
            for row in self._conn.execute(RAW_PAGES, self._chosen(topic, since)):
                yield RawPage(
                    url=row["url"],
                    at=row["at"],
                    status=row["status"],
                    headers=json.loads(row["headers"]),
                    redirects=json.loads(row["redirects"]),
                    body=zstandard.decompress(row["body"]),
                )

    def _chosen(self, topic: str | None, since: datetime | None) -> Mapping[str, Any]:
        if topic is not None:
            self._need_topic(topic)
        return {"topic": topic, "since": column(since), "id": None}

    def proof(self) -> proof.Proof:
        """Return whether alerts, and what they rest on, are as they were written; everything is read for it."""
        with transaction(self._conn, self.path, write=False):
            return proof.check(self._conn)

    def status(self) -> Status:
        """Return how the whole does."""
        notes = self.notes()
        with transaction(self._conn, self.path, write=False):
            next_due = watchlist.next_due(self._conn)
        ((captures, captures_bytes),) = self._pairs("SELECT count(*), ifnull(sum(length(body)), 0) FROM captures")
        return Status(
            database=str(self.path),
            size_bytes=self.path.stat().st_size,
            journal_bytes=journal_bytes(self.path),
            captures=captures,
            captures_bytes=captures_bytes,
            free_bytes=self._value("PRAGMA freelist_count") * self._value("PRAGMA page_size"),
            disk_free_bytes=shutil.disk_usage(self.path.parent).free,
            topics=self._value("SELECT count(*) FROM topics WHERE active = 1"),
            sources=self._counts(SOURCE_STATES),
            entries=self._counts("SELECT state, count(*) FROM entries GROUP BY state"),
            articles=self._value("SELECT count(*) FROM articles"),
            decisions=self._counts("SELECT verdict, count(*) FROM decisions GROUP BY verdict"),
            developments=self._value("SELECT count(*) FROM developments"),
            alerts=self._value("SELECT count(*) FROM alerts"),
            new_alerts=self._value("SELECT count(*) FROM alerts WHERE seen_at IS NULL"),
            deliveries=self._counts(DELIVERIES),
            next_due_at=column(next_due),
            started_at=notes.get("started_at"),
            offline_since=notes.get("offline_since"),
            config_error=notes.get("config_error"),
            drifts={row[0]: row[1] for row in self._pairs(DRIFTS)},
            notes=notes,
        )

    def vitals(self, now: datetime, *, running: bool) -> Vitals:
        """Return what tells whether the daemon is well."""
        notes = self.notes()
        ago = {"lying": column(now - LEFT_LYING), "late": column(now - LATE_AFTER)}
        return Vitals(
            running=running,
            alive_at=instant(notes.get("alive_at")),
            config_error=notes.get("config_error"),
            blind=tuple(
                row[0] for row in self._pairs("SELECT slug FROM topics WHERE active = 1 AND blind_since IS NOT NULL")
            ),
            dead=self._value(GIVEN_UP),
            late=self._pairs(LATE, ago)[0][0],
            free_bytes=shutil.disk_usage(self.path.parent).free,
        )

    def counts(self) -> Counts:
        """Return what there is of each thing, in numbers."""
        ((topics, blind),) = self._pairs("SELECT count(*), count(blind_since) FROM topics WHERE active = 1")
        return Counts(
            articles=self._value("SELECT count(*) FROM articles"),
            developments=self._value("SELECT count(*) FROM developments"),
            alerts=self._counts("SELECT kind, count(*) FROM alerts GROUP BY kind"),
            deliveries=self._counts(DELIVERIES),
            sources=self._counts(SOURCE_STATES),
            entries_waiting=self._value(UNREAD),
            topics=topics,
            blind=blind,
            database_bytes=self.path.stat().st_size,
            journal_bytes=journal_bytes(self.path),
            disk_free_bytes=shutil.disk_usage(self.path.parent).free,
        )

    # --------------------------------------------------------------------------------------------- one thing's why

    def why(self, target: str) -> Why:
        """Return everything behind an article's address or an alert's id.  Raises UsageError if neither is known."""
        target = target.strip()
        number = target.removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) < 19:
            alert = self.alert(int(number))
            return self._why(target, alert.article_id, [alert.url] if alert.url else [], alert)
        urls = [target]
        with suppress(ValueError):
            urls.append(canonical(target))
        for url in urls:
            with transaction(self._conn, self.path, write=False):
                filed = archive.by_url(self._conn, url)
            if filed is not None:
                return self._why(target, filed.id, [*urls, filed.article.url])
        found = self._why(target, None, urls)
        if not found.entries and not found.fetches:
            raise UsageError(f"{target}: no such address was ever seen.{self._did_you_mean(urls[-1])}")
        return found

    def _why(self, target: str, article: int | None, urls: Sequence[str], alert: AlertRow | None = None) -> Why:
        articles = self._rows(ArticleRow, ARTICLES, (article,))
        addresses = {*urls, *(url for each in articles for url in (each.url, each.fetched_url) if url)}
        asked = {
            "urls": json.dumps(sorted(addresses)),
            "article": article,
            "development": alert.development_id if alert else None,
            "limit": LATEST_FETCHES,
        }
        alerts = (
            (alert,) if alert else self._rows(AlertRow, ALERTS + "WHERE a.article_id = ? ORDER BY a.id", (article,))
        )
        return Why(
            target=target,
            article=articles[0] if articles else None,
            revisions=self._revisions(article),
            decisions=self._rows(DecisionRow, DECISIONS, (article,)),
            evidence=self._rows(EvidenceRow, EVIDENCE, asked),
            alerts=alerts,
            entries=self._rows(EntryRow, ENTRIES, asked),
            fetches=self._rows(FetchRow, FETCHES, asked),
        )

    def _revisions(self, article: int | None) -> tuple[RevisionRow, ...]:
        edits: dict[int, list[EditRow]] = {}
        for edit in self._rows(EditRow, EDITS, (article,)):
            edits.setdefault(edit.revision_id, []).append(edit)
        found = self._rows(RevisionRow, REVISIONS, (article,))
        return tuple(replace(each, edits=tuple(edits.get(each.id, ()))) for each in found)

    def _did_you_mean(self, url: str) -> str:
        """Return a hint at known addresses of the same host: comparing with all would take too long."""
        start = "/".join(url.split("/")[:3])
        known = [row[0] for row in self._pairs(KNOWN_URLS, {"start": start, "end": start + "\U0010ffff"})]
        near = difflib.get_close_matches(url, known, n=3, cutoff=0.6)
        return f" Did you mean {' or '.join(near)}?" if near else " `monitor sources` lists where we look."

    def _need_topic(self, slug: str) -> None:
        known = [row[0] for row in self._pairs("SELECT slug FROM topics ORDER BY slug")]
        if slug not in known:
            near = difflib.get_close_matches(slug, known, n=1)
            hint = f"did you mean “{near[0]}”?" if near else f"there are: {', '.join(known) or 'none yet'}."
            raise UsageError(f"there is no topic “{slug}”; {hint}")

    # ---------------------------------------------------------------------------------------------------- rows

    def _rows(self, kind: type[R], sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> tuple[R, ...]:
        """Return rows as values of a class whose fields are the columns."""
        types = {each.name: each.type for each in fields(kind)}
        return tuple(
            kind(**{name: _value(types[name], row[name]) for name in row.keys()})  # noqa: SIM118  a Row iterates values
            for row in self._pairs(sql, values)
        )

    def _pairs(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        with transaction(self._conn, self.path, write=False):
            return self._conn.execute(sql, values).fetchall()

    def _counts(self, sql: str) -> dict[str, int]:
        return {row[0]: row[1] for row in self._pairs(sql)}

    def _value(self, sql: str) -> Any:
        return self._pairs(sql)[0][0]


def _value(annotation: object, stored: Any) -> Any:
    if annotation == "bool":
        return bool(stored)
    return json.loads(stored) if annotation == "Mapping[str, Any]" else stored
