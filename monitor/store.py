"""Memory: the database, and the one thread that owns it.

Each public method of `Store` is one transaction, in the words of the trade; no cursor and no row leaves it.  The
statements stand with what they write: watchlist.py (topics, sources, what is due), filing.py (a visit's plan),
outbox.py (alerts and deliveries), summaries.py, archive.py (articles read back), schema.py (the tables).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from .database import archive, clock, filing, manners, outbox, retention, summaries, watchlist
from .database.file import (
    BUSY_TIMEOUT_S,
    Connection,
    columns,
    instant,
    may_damage,
    moment,
    open_for_writing,
    plainly,
    transaction,
)
from .model import (
    Alert,
    AlertId,
    ArticleId,
    Channel,
    Committed,
    Delivery,
    DeliveryId,
    Drift,
    Entry,
    Feedback,
    Filed,
    Hold,
    Milestone,
    Plan,
    Record,
    RobotsTxt,
    Setback,
    Shown,
    SourceId,
    Summary,
    Topic,
    Unsummarised,
    Waiting,
    Watched,
)

CHAPTER = 500  # articles read from the archive at a time
LATELY = timedelta(days=2)  # as schedule.phase counts developments

RISK = (
    "another program has written to the database while the monitor runs, and the SQLite of this Python "
    f"({sqlite3.sqlite_version}) may damage a database that two programs write to in the same instant; that is rare. "
    "Use a Python with SQLite 3.51.3 or newer, or let no other program write while the monitor runs; reading, and "
    "`monitor seen`, are safe"
)

P = ParamSpec("P")
R = TypeVar("R")


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


# One failed poll is no blindness, a refusal is.  A page that is gone was seen to be gone.  A source that had something
# new on nearly every day is silent when it answers well for a week and has nothing: a feed that is not filled any more.
# Other sources may be silent for as long as their story is.
SILENT = """(s.state = 'ok' AND s.news_days >= 20 AND s.kind IN ('feed', 'sitemap', 'listing')
    AND julianday(s.last_ok_at) - julianday(s.last_new_at) >= 7)"""
NOT_SEEN = f"(s.state IN ('blocked', 'parked') OR s.state = 'failing' AND s.failures >= 3 OR {SILENT})"
IN_VIEW = "NOT (s.kind = 'page' AND s.state = 'parked')"

SIGHT = f"""
SELECT t.slug, t.name, t.blind_since, count(s.id) AS sources, count(CASE WHEN {NOT_SEEN} THEN 1 END) AS unseen,
       count(CASE WHEN s.state = 'parked' THEN 1 END) AS parked
FROM topics t
LEFT JOIN (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL) w ON w.topic = t.slug
LEFT JOIN sources s ON s.id = w.source_id AND {IN_VIEW}
WHERE t.active = 1 GROUP BY t.slug ORDER BY t.slug
"""  # noqa: S608  the two conditions above

UNSEEN = f"""
SELECT DISTINCT s.url, iif({SILENT}, 'silent', s.state),
       iif({SILENT}, 'nothing new since ' || date(s.last_new_at), s.why)
FROM topic_sources w JOIN sources s ON s.id = w.source_id
WHERE w.topic = ? AND w.until IS NULL AND {IN_VIEW} AND {NOT_SEEN}
ORDER BY s.last_ok_at DESC, s.id LIMIT 3
"""  # noqa: S608

PULSE = """
SELECT t.*, count(CASE WHEN d.first_seen_at > ? THEN 1 END) AS lately,
       count(CASE WHEN d.first_seen_at > ? THEN 1 END) AS day, count(d.id) AS week
FROM topics t LEFT JOIN developments d ON d.topic = t.slug AND d.first_seen_at > ?
WHERE t.active = 1 GROUP BY t.slug ORDER BY t.slug
"""

LOSSES = """
SELECT w.topic, t.name, iif(s.state = 'parked', 'parked', 'missed') AS loss, s.id, s.url, s.why
FROM sources s
JOIN (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL) w ON w.source_id = s.id
JOIN topics t ON t.slug = w.topic AND t.active = 1
WHERE (s.state = 'parked' OR s.missed_at IS NOT NULL) AND s.active = 1 AND s.kind <> 'page'
  AND s.told IS NOT iif(s.state = 'parked', 'parked', 'missed')
ORDER BY w.topic, loss, s.id
"""

# An article's text in the index is that of its last revision up to the mark.  To take it out, FTS5 wants it again.
TAKE_OUT = """
INSERT INTO articles_fts (articles_fts, rowid, title, text)
SELECT 'delete', article_id, title, text FROM revisions WHERE id IN (
    SELECT max(id) FROM revisions WHERE id <= :mark
        AND article_id IN (SELECT article_id FROM revisions WHERE id > :mark AND id <= :until)
    GROUP BY article_id)
"""

PUT_IN = """
INSERT INTO articles_fts (rowid, title, text)
SELECT article_id, title, text FROM revisions WHERE id IN (
    SELECT max(id) FROM revisions WHERE id > :mark AND id <= :until GROUP BY article_id)
"""

PUT_IN_ALERTS = """
INSERT INTO alerts_fts (rowid, headline, whats_new)
SELECT id, headline, whats_new FROM alerts WHERE id > :mark AND id <= :until
"""


def _writes(method: Callable[Concatenate[Store, P], R]) -> Callable[Concatenate[Store, P], R]:
    """Make a method one transaction that writes.  A locked database raises StoreBusy, other troubles StoreError."""

    @wraps(method)
    def whole(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction(store._conn, store.path, write=True):
            return method(store, *args, **kwargs)

    return whole


def _reads(method: Callable[Concatenate[Store, P], R]) -> Callable[Concatenate[Store, P], R]:
    """Make a method one transaction that sees the database as it stands at one moment."""

    @wraps(method)
    def whole(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with transaction(store._conn, store.path, write=False):
            return method(store, *args, **kwargs)

    return whole


class Store:
    """The database of one monitor.  Belongs to the thread that opened it."""

    def __init__(self, conn: Connection, path: Path) -> None:
        self._conn = conn
        self.path = path
        self._routes: outbox.Routes = {}
        self._guest = False
        self._met: tuple[int, str] | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        opening_timeout_s: float | None = None,
        guest: bool = False,
    ) -> Store:
        """Open the database, create it where there is none, and bring its tables up to date.

        opening_timeout_s   how long to wait for a lock until it is open; None: as long as later
        guest               a monitor may be at work on it: keep out of its way
        Raises  StoreError, saying what is wrong with the file and what to do; nothing foreign or newer is touched.
        """
        conn = open_for_writing(path, busy_timeout_s=busy_timeout_s, opening_timeout_s=opening_timeout_s, guest=guest)
        store = cls(conn, path)
        store._guest = guest
        return store

    def close(self) -> None:
        self._conn.close()

    def hurry(self) -> None:
        """Wait for another program's lock no longer than a tenth of the usual time, from now on; from any thread."""
        self._conn.patience = 1

    @property
    def waited(self) -> int:
        """How many turns another program's lock was waited for so far; from any thread."""
        return self._conn.waited

    def wait_since(self, waited: int) -> None:
        """Count what was waited for a lock since `waited` as waited by the next method."""
        self._conn.wait_since(waited)

    # ------------------------------------------------------------------------------------------ what is followed

    def sync(self, topics: Sequence[Topic], now: datetime, channels: Sequence[Channel] = ()) -> None:
        """Follow these topics and no others, and send their alerts to these channels, from now on.

        What is left out is kept and rests; what comes back goes on where it was.
        """
        self._sync(topics, now)
        self._routes = outbox.routes(topics, channels)

    @_writes
    def _sync(self, topics: Sequence[Topic], now: datetime) -> None:
        watchlist.sync(self._conn, topics, now)

    @_reads
    def due_hosts(self, now: datetime, polls_until: datetime | None = None) -> tuple[str, ...]:
        """Return the hosts with a source due by `polls_until` (now, when left out) or an entry due now.

        The longest waiting stands first.
        """
        return watchlist.due_hosts(self._conn, now, polls_until or now)

    @_reads
    def due_sources(self, host: str, until: datetime) -> tuple[Watched, ...]:
        """Return a host's sources that are due by `until`, the longest waiting first."""
        return watchlist.due_sources(self._conn, host, until)

    @_reads
    def waiting(self, host: str, now: datetime, limit: int = 50) -> tuple[Waiting, ...]:
        """Return a host's entries whose page is to be read now: background first, then the oldest published."""
        return watchlist.waiting(self._conn, host, now, limit)

    @_reads
    def rechecks(self, host: str, now: datetime, limit: int) -> tuple[Waiting, ...]:
        """Return a host's entries whose page was read and is to be looked at again now, the longest due first."""
        return watchlist.rechecks(self._conn, host, now, limit)

    @_writes
    def put_off(self, host: str, now: datetime, until: datetime) -> None:
        """Look again later at all pages of a host that are due to be looked at again by now."""
        watchlist.put_off(self._conn, host, now, until)

    @_reads
    def next_due(self) -> datetime | None:
        """Return when the next source or entry is due, which may be past; None: nothing is ever due."""
        return watchlist.next_due(self._conn)

    @_reads
    def shown(self, source: SourceId, entries: Sequence[Entry]) -> Shown:
        """Return which links of a source are fresh, and how many of them it had shown before."""
        return filing.shown(self._conn, source, entries)

    @_reads
    def robots(self, origin: str) -> RobotsTxt | None:
        """Return the robots.txt of an origin as it was last kept; None: it never was."""
        return manners.robots(self._conn, origin)

    @_reads
    def holds(self, now: datetime) -> tuple[Hold, ...]:
        """Return the hosts that asked to be left alone for longer than now."""
        return manners.holds(self._conn, now)

    # --------------------------------------------------------------------------------------------- what is filed

    def filed(self, url: str) -> Filed | None:
        """Return the article that an address leads to: its own, one asked for, or a link's.  None: none is filed."""
        with plainly(self.path):  # nearly always one statement, and twice an article
            return archive.by_url(self._conn, url)

    @_reads
    def record(self, article: ArticleId) -> Record:
        """Return what was told of an article."""
        return archive.record(self._conn, article)

    @_reads
    def archive(self, after: ArticleId = ArticleId(0), limit: int = CHAPTER) -> tuple[Filed, ...]:  # noqa: B008  an int
        """Return the next articles that some topic found relevant, in the order of filing; () at the end."""
        return archive.relevant_after(self._conn, after, limit)

    @_reads
    def undecided(self, limit: int = CHAPTER) -> tuple[tuple[Filed, tuple[str, ...]], ...]:
        """Return articles that a topic's source showed but on which it has no decision yet, with these topics."""
        return archive.undecided(self._conn, limit)

    def commit(self, plan: Plan) -> Committed:
        """Write all of a plan, or nothing.

        Raises  sqlite3.IntegrityError or ValueError if the plan breaks a rule of the tables.
        """
        with transaction(self._conn, self.path, write=True, lasts=filing.lasts(plan)):
            return filing.write(self._conn, plan, self._routes)

    # ------------------------------------------------------------------------------------- alerts and deliveries

    @_writes
    def raise_alert(self, alert: Alert, at: datetime, *, milestone: str | None = None) -> AlertId:
        """Write an alert that belongs to no article.

        milestone   what was expected and is overdue; of one that was spoken of before, that alert is returned
        """
        if milestone is not None:
            said = outbox.overdue_alert(self._conn, alert.topic, milestone)
            if said is not None:
                return said
        written = outbox.add_alert(self._conn, alert, at, self._routes)
        if milestone is not None:
            outbox.mark_overdue(self._conn, alert.topic, milestone, written)
        return written

    @_reads
    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """Return the channels for which a delivery is due, the longest waiting first."""
        return outbox.due_channels(self._conn, now)

    @_reads
    def outbox(self, now: datetime, limit: int = 100, *, channel: str | None = None) -> tuple[Delivery, ...]:
        """Return the deliveries that are due, of one channel or of all, the longest waiting first."""
        return outbox.waiting(self._conn, now, channel, limit)

    @_writes
    def delivered(self, ids: Sequence[DeliveryId], at: datetime) -> None:
        """Note that a channel accepted a message of these deliveries."""
        outbox.delivered(self._conn, ids, at)

    @_writes
    def undelivered(self, missed: Setback) -> None:
        """Note that a channel did not accept a message, when that is tried again, and until when the others wait."""
        outbox.undelivered(self._conn, missed)

    @_writes
    def wait_along(self, channel: str, at: datetime, until: datetime, error: str) -> None:
        """Let what is due at `at` and was never tried wait until its channel is tried again; `error` says why."""
        outbox.wait_along(self._conn, channel, at, until, error)

    @_writes
    def hold(self, ids: Sequence[DeliveryId], until: datetime) -> None:
        """Let deliveries wait until then, to go out as one message."""
        outbox.hold(self._conn, ids, until)

    @_writes
    def recovered(self, channel: str) -> None:
        """Make due what waits because its channel did not accept it: now it does."""
        outbox.recovered(self._conn, channel)

    @_writes
    def retry(self, channels: Sequence[str], at: datetime) -> int:
        """Make due at `at` what these channels did not accept, dead letters too, and return how much that is."""
        return outbox.retry(self._conn, channels, at)

    @_writes
    def seen(self, ids: Sequence[AlertId], at: datetime, feedback: Feedback | None = None) -> int:
        """Mark alerts as seen, and return how many were not before.  Raises UsageError if one does not exist.

        feedback   what they were worth; None: what was said of them before stays
        """
        if self._guest:
            calls = self._conn.execute("SELECT value FROM notes WHERE key = 'guests'").fetchone()
            self._note("guests", str(int(calls[0]) + 1 if calls else 1), at)
        return outbox.seen(self._conn, ids, at, feedback)

    # ------------------------------------------------------------------------------------------------- summaries

    @_writes
    def want_summaries(self, wanted: bool) -> None:
        """Have the alerts summed up that are raised from now on, or none."""
        summaries.want(self._conn, wanted)

    @_reads
    def summaries_behind(self) -> bool:
        """Tell whether alerts wait to be queued for a summary."""
        return summaries.behind(self._conn)

    @_writes
    def queue_summaries(self, now: datetime) -> None:
        """Queue the alerts that were raised since it was done last."""
        summaries.queue(self._conn, now)

    @_reads
    def unsummarised(self, now: datetime, limit: int = 20) -> tuple[Unsummarised, ...]:
        """Return the queued alerts whose summary is due, the longest waiting first."""
        return summaries.waiting(self._conn, now, limit)

    @_reads
    def summary(self, alert: AlertId, question: str) -> Summary | None:
        """Return what was answered to the same question, by its hash, about another alert; None: it was not asked."""
        return summaries.known(self._conn, alert, question)

    @_writes
    def summarised(self, alert: AlertId, question: str, summary: Summary, at: datetime) -> None:
        """Write the answer to a question, by its hash, or why it was dropped."""
        summaries.settle(self._conn, alert, question, summary, at)

    @_writes
    def not_summarised(self, alert: AlertId, error: str, next_try: datetime | None) -> None:
        """Note why there was no answer, and when to ask again; None: it is given up."""
        summaries.postpone(self._conn, alert, error, next_try)

    # ------------------------------------------------------------------------------------------ how things stand

    @_reads
    def overdue(self, today: date) -> tuple[tuple[str, Milestone], ...]:
        """Return topic and milestone of what was expected before today, has not come, and was not spoken of yet."""
        return watchlist.overdue(self._conn, today)

    @_reads
    def sight(self) -> tuple[Sight, ...]:
        """Return for each topic how many of its sources we can see."""
        rows = self._conn.execute(SIGHT).fetchall()
        return tuple(
            Sight(
                topic=row["slug"],
                name=row["name"],
                blind_since=instant(row["blind_since"]),
                sources=row["sources"],
                unseen=row["unseen"],
                parked=row["parked"],
                why="; ".join(
                    f"{url} is {state}" + (f" ({why})" if why else "")
                    for url, state, why in self._conn.execute(UNSEEN, (row["slug"],))
                ),
            )
            for row in rows
        )

    @_reads
    def losses(self) -> tuple[Loss, ...]:
        """Return what is to be told of lost sources: one for each topic and kind."""
        rows = self._conn.execute(LOSSES).fetchall()
        found = []
        for (topic, name, kind), of_kind in groupby(rows, key=lambda row: (row["topic"], row["name"], row["loss"])):
            lost = list(of_kind)
            ids = tuple(SourceId(row["id"]) for row in lost)
            found.append(Loss(topic, name, kind, ids, tuple(row["url"] for row in lost), lost[0]["why"] or ""))
        return tuple(found)

    @_writes
    def tell(self, losses: Sequence[tuple[Loss, Alert]], at: datetime) -> None:
        """Write the alerts about lost sources, and that they were told of."""
        for loss, alert in losses:
            outbox.add_alert(self._conn, alert, at, self._routes)
            self._conn.executemany(
                "UPDATE sources SET told = ? WHERE id = ?", [(loss.kind, int(id)) for id in loss.sources]
            )

    @_writes
    def go_blind(self, alert: Alert, at: datetime) -> AlertId:
        """Write the alert that we cannot see a topic any more, and since when."""
        self._conn.execute(
            "UPDATE topics SET blind_since = coalesce(blind_since, ?) WHERE slug = ?", columns(at, alert.topic)
        )
        return outbox.add_alert(self._conn, alert, at, self._routes)

    @_writes
    def see_again(self, alert: Alert, at: datetime) -> AlertId:
        """Write the alert that we can see a topic again."""
        self._conn.execute("UPDATE topics SET blind_since = NULL WHERE slug = ?", columns(alert.topic))
        return outbox.add_alert(self._conn, alert, at, self._routes)

    @_reads
    def pulse(self, now: datetime) -> tuple[Pulse, ...]:
        """Return for each topic how its story moves."""
        ago = columns(*(now - span for span in (LATELY, timedelta(days=1), timedelta(days=7))))
        return tuple(
            Pulse(
                topic=row["slug"],
                phase=row["phase"],
                added_at=moment(row["added_at"]),
                last_development_at=instant(row["last_development_at"]),
                lately=row["lately"],
                day=row["day"],
                week=row["week"],
                drift=Drift(moment(row["drift_since"]), row["drift_why"]) if row["drift_why"] else None,
            )
            for row in self._conn.execute(PULSE, ago)
        )

    @_writes
    def set_phase(self, topic: str, phase: str) -> None:
        """Name the phase of a story."""
        self._conn.execute("UPDATE topics SET phase = ? WHERE slug = ?", columns(phase, topic))

    @_writes
    def set_drift(self, topic: str, drift: Drift | None) -> None:
        """Note that a topic's accepted articles are about something else now; None: about the story."""
        since, why = (drift.since, drift.why) if drift is not None else (None, None)
        self._conn.execute(
            "UPDATE topics SET drift_since = ?, drift_why = ? WHERE slug = ?", columns(since, why, topic)
        )

    @_writes
    def set_back(self, now: datetime) -> int:
        """Bring back every time that lies further ahead than a rule allows, after the clock was set back to `now`.

        Returns   how many were changed
        """
        digests = (channel.digest_s for route in self._routes.values() for channel in route.channels)
        return clock.set_back(self._conn, now, max((each or 0.0 for each in digests), default=0.0))

    @_writes
    def note(self, key: str, value: str | None, at: datetime) -> None:
        """Remember a line about this monitor itself; None forgets it."""
        self._note(key, value, at)

    @_reads
    def notes(self) -> dict[str, str]:
        """Return the lines about this monitor itself."""
        return {row[0]: row[1] for row in self._conn.execute("SELECT key, value FROM notes ORDER BY key")}

    @_reads
    def at_risk(self) -> bool:
        """Tell whether another program wrote since this was asked last, and this SQLite may not bear it (see RISK).

        False when it is asked for the first time, and when only `monitor seen` wrote: that makes no checkpoint.
        """
        guests = self._conn.execute("SELECT value FROM notes WHERE key = 'guests'").fetchone()
        (version,) = self._conn.execute("PRAGMA data_version").fetchone()  # changes when another connection has written
        before, self._met = self._met, (version, guests[0] if guests else "")
        if before is None or not may_damage():
            return False
        return self._met[0] != before[0] and self._met[1] == before[1]

    @_writes
    def index_text(self, limit: int = CHAPTER) -> int:
        """Bring the full-text indexes up to date by at most `limit` articles and alerts; return how many were taken."""
        articles = self._index("revisions", limit, TAKE_OUT, PUT_IN)
        return articles + self._index("alerts", limit, PUT_IN_ALERTS)

    def _index(self, table: str, limit: int, *statements: str) -> int:
        """Run statements over the rows of a table that came after its mark, and move the mark."""
        key = f"indexed_{table}"
        row = self._conn.execute("SELECT value FROM notes WHERE key = ?", (key,)).fetchone()
        mark = int(row[0]) if row else 0
        until, count = self._conn.execute(
            f"SELECT max(id), count(*) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?)",  # noqa: S608
            (mark, limit),
        ).fetchone()
        if count:
            for statement in statements:
                self._conn.execute(statement, {"mark": mark, "until": until})
            self._note(key, str(until), None)
        return int(count)

    @_writes
    def drop_captures(self, before: datetime, after: int = 0, limit: int = CHAPTER) -> tuple[int | None, int, int]:
        """Delete raw captures made before an instant, of the `limit` that follow row `after`; none behind an alert.

        Returns  the last row looked at (None: there are no more), how many were deleted, and their bytes
        """
        return retention.drop(self._conn, before, after, limit)

    def _note(self, key: str, value: str | None, at: datetime | None) -> None:
        if value is None:
            self._conn.execute("DELETE FROM notes WHERE key = ?", columns(key))
            return
        self._conn.execute(
            """INSERT INTO notes (key, value, at) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at""",
            columns(key, value, at),
        )


class Writer:
    """A store in a thread of its own: `async with Writer(path) as store: await store(Store.commit, plan)`.

    Calls are done one after another, in the order they were made.  A caller that is cancelled leaves nothing half done:
    what has begun is finished, what has not begun is not done.  Another program's lock is waited for once for all calls
    that stand in line, so that none waits longer the more there are.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, opening_timeout_s: float | None = None
    ) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._opening_timeout_s = opening_timeout_s
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="store", daemon=True)
        self._open = False
        self._store: Store | None = None

    async def __aenter__(self) -> Self:
        self._thread.start()
        self._open = True
        try:
            await self(Store.notes)  # so that what is wrong with the file is said here
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def __call__(self, method: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a method of the store in its thread.  Raises what the method raises."""
        if not self._open:
            raise RuntimeError("the store is not open: use `async with`")
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        waited = self._store.waited if self._store is not None else 0
        self._calls.put(_Call(lambda store: method(store, *args, **kwargs), answer, waited))
        return await answer

    def hurry(self) -> None:
        """Wait for another program's lock no longer than a moment, from now on: somebody wants to stop."""
        if self._store is not None:
            self._store.hurry()

    async def _close(self) -> None:
        """Finish what was begun, close the database, end the thread; a cancelled caller does not leave it open."""
        self._open = False
        self.hurry()
        self._calls.put(None)
        await asyncio.shield(asyncio.to_thread(self._thread.join))

    def _work(self) -> None:
        try:
            while (call := self._calls.get()) is not None:
                if call.answer.cancelled():
                    continue
                try:
                    self._store = self._store or Store.open(
                        self.path, busy_timeout_s=self._busy_timeout_s, opening_timeout_s=self._opening_timeout_s
                    )
                    self._store.wait_since(call.waited)
                    call.tell(call.method(self._store), None)
                except BaseException as error:  # noqa: BLE001  the caller's to handle
                    call.tell(None, error)
        finally:
            if self._store is not None:
                self._store.close()


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked of the store, where its answer is awaited, and how long a lock had been waited for before."""

    method: Callable[[Store], Any]
    answer: asyncio.Future[Any]
    waited: int

    def tell(self, result: Any, error: BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            self.answer.get_loop().call_soon_threadsafe(self._settle, result, error)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
