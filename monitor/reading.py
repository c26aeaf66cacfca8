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
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import zstandard

from .database import archive, proof, questions, watchlist
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
from .rows import (
    AlertRow,
    ArticleRow,
    ChannelRow,
    DeadRow,
    DecisionRow,
    EditRow,
    EntryRow,
    EvidenceRow,
    FetchRow,
    HostRow,
    RawPage,
    RevisionRow,
    SourceRow,
    Status,
    TimelineRow,
    TopicRow,
    Why,
)
from .urls import canonical

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
CHAPTER = 500
LATEST_FETCHES = 20


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
            questions.ALERTS
            + """WHERE (:all OR a.seen_at IS NULL) AND (:topic IS NULL OR a.topic = :topic)
            AND (:since IS NULL OR a.created_at >= :since)
            ORDER BY iif(:by = 'importance', a.importance, 0) DESC, a.created_at DESC, a.id DESC""",
            {"all": all, "topic": topic, "since": column(since), "by": by},
        )

    def alert(self, id: int) -> AlertRow:
        """Return one alert.  Raises UsageError if there is none."""
        found = self._rows(AlertRow, questions.ALERTS + "WHERE a.id = ?", (id,))
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
        return self._rows(TopicRow, questions.TOPICS)

    def sources(self) -> tuple[SourceRow, ...]:
        """Return the sources that are watched now."""
        return self._rows(SourceRow, questions.SOURCES)

    def hosts(self) -> tuple[HostRow, ...]:
        """Return what was asked of each host, the most asked first."""
        return self._rows(HostRow, questions.HOSTS)

    def channels(self) -> tuple[ChannelRow, ...]:
        """Return the channels that something was to be sent to, by name."""
        return self._rows(ChannelRow, questions.CHANNELS)

    def dead(self) -> tuple[DeadRow, ...]:
        """Return the deliveries that were given up, those of the newest alerts first."""
        return self._rows(DeadRow, questions.DEAD)

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
        return {(row[0], row[1]): Feedback(row[2]) for row in self._pairs(questions.FEEDBACK)}

    # ------------------------------------------------------------------------------------------------- the whole

    def proven_alerts(self, topic: str | None = None, since: datetime | None = None) -> Iterator[dict[str, Any]]:
        """Return alerts, oldest first, each with what it rests on.  Raises UsageError if there is no such topic.

        The fields are those of the table; "evidence" has the sentences, "texts" each version of the articles that these
        stand in, "retrievals" how each page was come by.
        """
        chosen = self._chosen(topic, since)
        for id_ in [row["id"] for row in self._pairs(questions.CHOSEN, chosen)]:
            (alert,) = self._pairs("SELECT * FROM alerts WHERE id = ?", (id_,))
            one = {"topic": None, "since": None, "id": id_}
            yield {
                **dict(alert),
                "evidence": [dict(row) for row in self._pairs(questions.PROVEN_BY, (alert["development_id"],))],
                "texts": [dict(row) for row in self._pairs(questions.TEXTS, one)],
                "retrievals": [
                    {**dict(row), "redirects": json.loads(row["redirects"])}
                    for row in self._pairs(questions.RETRIEVALS, one)
                ],
            }

    def raw_pages(self, topic: str | None = None, since: datetime | None = None) -> Iterator[RawPage]:
        """Return the raw pages behind alerts, in the order in which they came.  Raises UsageError as `alerts` does."""
        with plainly(self.path):
            for row in self._conn.execute(questions.RAW_PAGES, self._chosen(topic, since)):
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
            sources=self._counts(questions.SOURCE_STATES),
            entries=self._counts("SELECT state, count(*) FROM entries GROUP BY state"),
            articles=self._value("SELECT count(*) FROM articles"),
            decisions=self._counts("SELECT verdict, count(*) FROM decisions GROUP BY verdict"),
            developments=self._value("SELECT count(*) FROM developments"),
            alerts=self._value("SELECT count(*) FROM alerts"),
            new_alerts=self._value("SELECT count(*) FROM alerts WHERE seen_at IS NULL"),
            deliveries=self._counts(questions.DELIVERIES),
            next_due_at=column(next_due),
            started_at=notes.get("started_at"),
            offline_since=notes.get("offline_since"),
            config_error=notes.get("config_error"),
            drifts={row[0]: row[1] for row in self._pairs(questions.DRIFTS)},
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
            dead=self._value(questions.GIVEN_UP),
            late=self._pairs(questions.LATE, ago)[0][0],
            free_bytes=shutil.disk_usage(self.path.parent).free,
        )

    def counts(self) -> Counts:
        """Return what there is of each thing, in numbers."""
        ((topics, blind),) = self._pairs("SELECT count(*), count(blind_since) FROM topics WHERE active = 1")
        return Counts(
            articles=self._value("SELECT count(*) FROM articles"),
            developments=self._value("SELECT count(*) FROM developments"),
            alerts=self._counts("SELECT kind, count(*) FROM alerts GROUP BY kind"),
            deliveries=self._counts(questions.DELIVERIES),
            sources=self._counts(questions.SOURCE_STATES),
            entries_waiting=self._value(questions.UNREAD),
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
        articles = self._rows(ArticleRow, questions.ARTICLES, (article,))
        addresses = {*urls, *(url for each in articles for url in (each.url, each.fetched_url) if url)}
        asked = {
            "urls": json.dumps(sorted(addresses)),
            "article": article,
            "development": alert.development_id if alert else None,
            "limit": LATEST_FETCHES,
        }
        alerts = (
            (alert,)
            if alert
            else self._rows(AlertRow, questions.ALERTS + "WHERE a.article_id = ? ORDER BY a.id", (article,))
        )
        return Why(
            target=target,
            article=articles[0] if articles else None,
            revisions=self._revisions(article),
            decisions=self._rows(DecisionRow, questions.DECISIONS, (article,)),
            evidence=self._rows(EvidenceRow, questions.EVIDENCE, asked),
            alerts=alerts,
            entries=self._rows(EntryRow, questions.ENTRIES, asked),
            fetches=self._rows(FetchRow, questions.FETCHES, asked),
        )

    def _revisions(self, article: int | None) -> tuple[RevisionRow, ...]:
        edits: dict[int, list[EditRow]] = {}
        for edit in self._rows(EditRow, questions.EDITS, (article,)):
            edits.setdefault(edit.revision_id, []).append(edit)
        found = self._rows(RevisionRow, questions.REVISIONS, (article,))
        return tuple(replace(each, edits=tuple(edits.get(each.id, ()))) for each in found)

    def _did_you_mean(self, url: str) -> str:
        """Return a hint at known addresses of the same host: comparing with all would take too long."""
        start = "/".join(url.split("/")[:3])
        known = [row[0] for row in self._pairs(questions.KNOWN_URLS, {"start": start, "end": start + "\U0010ffff"})]
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
