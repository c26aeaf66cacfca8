"""Memory: the database, one transaction a method.

Each public method of `Store` is one transaction, in the words of the trade; no cursor and no row leaves it.  The
statements stand with what they write: watchlist.py (topics, sources, what is due), filing.py (a visit's plan),
outbox.py (alerts and deliveries), stories.py (how stories stand), summaries.py, archive.py (articles read back),
search.py (full text), schema.py (the tables).  writer.py owns the thread that it belongs to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from .database import archive, clock, filing, manners, notes, outbox, retention, search, stories, summaries, watchlist
from .database.file import (
    BUSY_TIMEOUT_S,
    Connection,
    may_damage,
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
    Loss,
    Milestone,
    Plan,
    Pulse,
    Record,
    RobotsTxt,
    Setback,
    Shown,
    Sight,
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
            calls = int(notes.get(self._conn, "guests") or 0)
            notes.put(self._conn, "guests", str(calls + 1), at)
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
        return stories.sight(self._conn)

    @_reads
    def losses(self) -> tuple[Loss, ...]:
        """Return what is to be told of lost sources: one for each topic and kind."""
        return stories.losses(self._conn)

    @_writes
    def tell(self, losses: Sequence[tuple[Loss, Alert]], at: datetime) -> None:
        """Write the alerts about lost sources, and that they were told of."""
        for loss, alert in losses:
            outbox.add_alert(self._conn, alert, at, self._routes)
            stories.told(self._conn, loss)

    @_writes
    def go_blind(self, alert: Alert, at: datetime) -> AlertId:
        """Write the alert that we cannot see a topic any more, and since when."""
        stories.set_blind(self._conn, alert.topic, at)
        return outbox.add_alert(self._conn, alert, at, self._routes)

    @_writes
    def see_again(self, alert: Alert, at: datetime) -> AlertId:
        """Write the alert that we can see a topic again."""
        stories.set_blind(self._conn, alert.topic, None)
        return outbox.add_alert(self._conn, alert, at, self._routes)

    @_reads
    def pulse(self, now: datetime) -> tuple[Pulse, ...]:
        """Return for each topic how its story moves."""
        return stories.pulse(self._conn, now)

    @_writes
    def set_phase(self, topic: str, phase: str) -> None:
        """Name the phase of a story."""
        stories.set_phase(self._conn, topic, phase)

    @_writes
    def set_drift(self, topic: str, drift: Drift | None) -> None:
        """Note that a topic's accepted articles are about something else now; None: about the story."""
        stories.set_drift(self._conn, topic, drift)

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
        notes.put(self._conn, key, value, at)

    @_reads
    def notes(self) -> dict[str, str]:
        """Return the lines about this monitor itself."""
        return notes.all_of(self._conn)

    @_reads
    def at_risk(self) -> bool:
        """Tell whether another program wrote since this was asked last, and this SQLite may not bear it (see RISK).

        False when it is asked for the first time, and when only `monitor seen` wrote: that makes no checkpoint.
        """
        guests = notes.get(self._conn, "guests")
        (version,) = self._conn.execute("PRAGMA data_version").fetchone()  # changes when another connection has written
        before, self._met = self._met, (version, guests or "")
        if before is None or not may_damage():
            return False
        return self._met[0] != before[0] and self._met[1] == before[1]

    @_writes
    def index_text(self, limit: int = CHAPTER) -> int:
        """Bring the full-text indexes up to date by at most `limit` articles and alerts; return how many were taken."""
        return search.index(self._conn, limit)

    @_writes
    def drop_captures(self, before: datetime, after: int = 0, limit: int = CHAPTER) -> tuple[int | None, int, int]:
        """Delete raw captures made before an instant, of the `limit` that follow row `after`; none behind an alert.

        Returns  the last row looked at (None: there are no more), how many were deleted, and their bytes
        """
        return retention.drop(self._conn, before, after, limit)
