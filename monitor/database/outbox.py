"""Alerts as rows, and their deliveries: what waits for which channel, under a key that never changes."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .. import importance
from ..budget import HOUR, PRESSING, held_until
from ..errors import UsageError
from ..model import Alert, AlertId, Channel, Delivery, DeliveryId, Feedback, Setback, Topic
from . import proof
from .archive import marks
from .file import column, columns, due, instant


@dataclass(frozen=True, slots=True)
class Route:
    """Where the alerts of a topic go: the channels that take them.

    alerts_per_hour   that a channel gets one by one; 0: no limit
    """

    channels: tuple[Channel, ...]
    alerts_per_hour: int


Routes = Mapping[str, Route]
"""Where the alerts of each topic go, by its slug."""

NOWHERE = Route((), 0)

ADD_ALERT = """
INSERT INTO alerts (topic, kind, headline, whats_new, why, url, publisher, published_at, created_at, development_id,
                    article_id, importance, revision_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, (SELECT max(id) FROM revisions WHERE article_id = ?11))
RETURNING id
"""

ADD_DELIVERY = """
INSERT INTO deliveries (alert_id, channel, key, next_try_at, held_until) VALUES (?, ?, ?, ?, ?)
"""

TOLD = "SELECT novelty, firm, independent_reports FROM developments WHERE id = ?"

# A digest of the past hour or of the next one was begun within the past two.
LATELY = """
SELECT count(CASE WHEN d.held_until IS NULL AND a.created_at > :hour_ago THEN 1 END) AS sent,
       min(CASE WHEN d.held_until IS NULL AND a.created_at > :hour_ago THEN a.created_at END) AS first,
       max(CASE WHEN d.held_until > :hour_ago THEN d.held_until END) AS digest
FROM alerts a JOIN deliveries d ON d.alert_id = a.id
WHERE a.topic = :topic AND a.created_at > :two_hours_ago AND a.created_at <= :now AND d.channel = :channel
"""

RELEASE = """
UPDATE deliveries SET held_until = NULL, next_try_at = :now
WHERE alert_id = :alert AND state = 'waiting' AND held_until > :now
"""

DUE_CHANNELS = """
SELECT channel FROM deliveries WHERE next_try_at <= ? AND state <> 'delivered'
GROUP BY channel ORDER BY min(next_try_at)
"""

# What was held together is sent together, however much it is.
WAITING = """
WITH due AS (
    SELECT d.id, d.channel, d.held_until FROM deliveries d
    WHERE d.next_try_at <= :now AND d.state <> 'delivered' AND (:channel IS NULL OR d.channel = :channel)
    ORDER BY d.next_try_at, d.id LIMIT :limit)
SELECT d.id AS delivery_id, d.channel, d.key, d.attempts, d.held_until, d.error IS NOT NULL AS failed, a.*
FROM deliveries d JOIN alerts a ON a.id = d.alert_id
WHERE d.next_try_at <= :now AND d.state <> 'delivered'
  AND (d.id IN (SELECT id FROM due)
       OR (d.channel, d.held_until) IN (SELECT channel, held_until FROM due))
ORDER BY d.next_try_at, d.id
"""

# A channel that fails keeps all that is due for it waiting; while it rests, only what was never tried: what else is due
# then, somebody wants to be tried.
WAIT_ALONG = """
UPDATE deliveries SET next_try_at = :until, error = :error
WHERE next_try_at <= :at AND channel = :channel AND state = 'waiting' AND (:failed OR error IS NULL)
"""

# Of what is due, the oldest alert goes first.
RECOVERED = """
UPDATE deliveries SET next_try_at = (SELECT created_at FROM alerts WHERE id = alert_id)
WHERE next_try_at IS NOT NULL AND channel = ? AND state = 'waiting' AND error IS NOT NULL
"""

# What is dead waits again, from its first try on; what waits after a failure is due too.
RETRY = """
UPDATE deliveries SET attempts = iif(state = 'dead', 0, attempts), state = 'waiting', next_try_at = ?
WHERE channel = ? AND (state = 'dead' OR state = 'waiting' AND error IS NOT NULL)
"""

EVIDENCE = """
SELECT e.development_id, e.sentence, e.role, a.url, a.publisher FROM evidence e JOIN articles a ON a.id = e.article_id
WHERE e.development_id IN ({}) ORDER BY e.role <> 'first', e.id
"""


def routes(topics: Sequence[Topic], channels: Sequence[Channel]) -> Routes:
    """Return which channels take which topic's alerts: all, or those that the topic names."""
    return {
        topic.slug: Route(
            tuple(each for each in channels if topic.notify is None or each.name in topic.notify),
            topic.alerts_per_hour,
        )
        for topic in topics
    }


def add_alert(
    conn: sqlite3.Connection,
    alert: Alert,
    at: datetime,
    to: Routes,
    *,
    development: int | None = None,
    article: int | None = None,
) -> AlertId:
    """Write an alert, and a delivery for each channel that takes it."""
    matters = _importance(conn, alert.kind, development)
    values = columns(
        *(alert.topic, alert.kind, alert.headline, alert.whats_new, alert.why, alert.url, alert.publisher),
        *(alert.published, at, development, article, matters),
    )
    id_ = int(conn.execute(ADD_ALERT, values).fetchone()[0])
    proof.seal(conn, id_)
    route = to.get(alert.topic, NOWHERE)
    for channel in route.channels:
        if channel.kinds is None or alert.kind in channel.kinds:
            held = _held_until(conn, alert.topic, channel, at, matters, route.alerts_per_hour)
            first = held or _first_try(channel, at)
            conn.execute(ADD_DELIVERY, columns(id_, channel.name, key(id_, alert, at, channel.name), first, held))
    return AlertId(id_)


def key(alert_id: int, alert: Alert, at: datetime, channel: str) -> str:
    """Return the key of an alert on a channel.

    Time and headline are in it, so that an id given again, after a backup was put back, makes another key.
    """
    parts = (str(alert_id), alert.topic, alert.kind, column(alert.headline), str(column(at)), column(channel))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _first_try(channel: Channel, at: datetime) -> str | datetime:
    """Now, or at the next full multiple of a digest's distance."""
    if not channel.digest_s:
        return at
    turn = (math.floor(at.timestamp() / channel.digest_s) + 1) * channel.digest_s
    return str(due(datetime.fromtimestamp(turn, UTC)))


def _importance(conn: sqlite3.Connection, kind: str, development: int | None) -> float:
    told = conn.execute(TOLD, (development,)).fetchone()
    if told is None:
        return importance.of(kind)
    return importance.of(kind, novelty=told["novelty"], firm=bool(told["firm"]), outlets=told["independent_reports"])


def _held_until(
    conn: sqlite3.Connection, topic: str, channel: Channel, at: datetime, matters: float, budget: int
) -> datetime | None:
    """Return until when the noise budget holds an alert; None: not at all, as where a channel has its own digest."""
    if channel.digest_s or not budget:
        return None
    now = at.replace(microsecond=0)  # as instants are kept
    asked = {
        "topic": topic,
        "channel": column(channel.name),
        "now": column(now),  # what was raised while the clock was ahead takes no room for ever
        "hour_ago": column(now - HOUR),
        "two_hours_ago": column(now - 2 * HOUR),
    }
    sent, first, digest = conn.execute(LATELY, asked).fetchone()
    return held_until(now, matters, budget, sent=sent, first=instant(first), digest=instant(digest))


def weigh_again(conn: sqlite3.Connection, development: int, at: datetime) -> None:
    """Bring the importance of a development's alerts up to date; what has become pressing is held no longer."""
    alerts = conn.execute("SELECT id, kind FROM alerts WHERE development_id = ?", (development,)).fetchall()
    for id_, kind in alerts:
        matters = _importance(conn, kind, development)
        conn.execute("UPDATE alerts SET importance = ? WHERE id = ? AND importance <> ?", (matters, id_, matters))
        if matters > PRESSING:
            conn.execute(RELEASE, {"alert": id_, "now": column(at)})


# ------------------------------------------------------------------------------------------------------ milestones


def met(conn: sqlite3.Connection, topic: str, expect: str) -> bool:
    """Tell whether a milestone was met already.  One that the config no longer has counts as not met."""
    row = conn.execute(
        "SELECT met_at FROM milestones WHERE topic = ? AND expect = ?", columns(topic, expect)
    ).fetchone()
    return row is not None and row[0] is not None


def mark_met(conn: sqlite3.Connection, topic: str, expect: str, at: datetime, alert: AlertId) -> None:
    conn.execute(
        "UPDATE milestones SET met_at = ?, met_alert_id = ? WHERE topic = ? AND expect = ?",
        columns(at, int(alert), topic, expect),
    )


def overdue_alert(conn: sqlite3.Connection, topic: str, expect: str) -> AlertId | None:
    """Return the alert that said so; None: nothing was said yet."""
    row = conn.execute(
        "SELECT overdue_alert_id FROM milestones WHERE topic = ? AND expect = ?", columns(topic, expect)
    ).fetchone()
    return AlertId(row[0]) if row is not None and row[0] is not None else None


def mark_overdue(conn: sqlite3.Connection, topic: str, expect: str, alert: AlertId) -> None:
    conn.execute(
        "UPDATE milestones SET overdue_alert_id = ? WHERE topic = ? AND expect = ?", columns(int(alert), topic, expect)
    )


# ------------------------------------------------------------------------------------------------------- deliveries


def due_channels(conn: sqlite3.Connection, now: datetime) -> tuple[str, ...]:
    """Return the channels for which a delivery is due, the longest waiting first."""
    return tuple(row[0] for row in conn.execute(DUE_CHANNELS, columns(now)))


def waiting(conn: sqlite3.Connection, now: datetime, channel: str | None, limit: int) -> tuple[Delivery, ...]:
    """Return the deliveries that are due, the longest waiting first; more than `limit` to complete a digest.

    channel   only those of one; None: of all
    """
    rows = conn.execute(WAITING, {"now": column(now), "channel": channel, "limit": limit}).fetchall()
    evidence = _evidence(conn, [row["development_id"] for row in rows if row["development_id"] is not None])
    return tuple(
        Delivery(
            id=DeliveryId(row["delivery_id"]),
            channel=row["channel"],
            key=row["key"],
            attempts=row["attempts"],
            alert=_message(row, evidence),
            held_until=instant(row["held_until"]),
            failed=bool(row["failed"]),
        )
        for row in rows
    )


def _message(row: sqlite3.Row, evidence: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the alert's columns and its evidence: a development's sentences, or the one that meets a milestone."""
    message = {name: row[name] for name in row.keys()[6:]}
    found = evidence.get(row["development_id"], [])
    if row["kind"] == "milestone-met":
        found = [{"sentence": row["whats_new"], "role": "first", "url": row["url"], "publisher": row["publisher"]}]
    return {**message, "evidence": found}


def _evidence(conn: sqlite3.Connection, developments: Sequence[int]) -> Mapping[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in conn.execute(EVIDENCE.format(marks(developments)), developments):
        found[row[0]].append({"sentence": row[1], "role": row[2], "url": row[3], "publisher": row[4]})
    return found


def delivered(conn: sqlite3.Connection, ids: Sequence[DeliveryId], at: datetime) -> None:
    conn.executemany(
        """UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, delivered_at = ?, next_try_at = NULL,
        error = NULL WHERE id = ?""",
        [columns(at, int(each)) for each in ids],
    )


def undelivered(conn: sqlite3.Connection, missed: Setback) -> None:
    conn.executemany(
        "UPDATE deliveries SET state = ?, attempts = attempts + 1, next_try_at = ?, error = ? WHERE id = ?",
        [
            columns("dead" if again is None else "waiting", due(again), missed.error, int(id_))
            for id_, again in missed.tries
        ],
    )
    if missed.until is not None:
        wait_along(conn, missed.channel, missed.at, missed.until, missed.error, failed=True)


def wait_along(
    conn: sqlite3.Connection, channel: str, at: datetime, until: datetime, error: str, *, failed: bool = False
) -> None:
    """Let what is due for a channel at `at` wait with it, uncounted; `failed`: also what failed before."""
    asked = {"channel": column(channel), "at": column(at), "until": due(until), "error": column(error)}
    conn.execute(WAIT_ALONG, {**asked, "failed": failed})


def hold(conn: sqlite3.Connection, ids: Sequence[DeliveryId], until: datetime) -> None:
    conn.executemany(
        "UPDATE deliveries SET held_until = ?, next_try_at = ? WHERE id = ?",
        [columns(until, until, int(each)) for each in ids],
    )


def recovered(conn: sqlite3.Connection, channel: str) -> None:
    conn.execute(RECOVERED, columns(channel))


def retry(conn: sqlite3.Connection, channels: Sequence[str], at: datetime) -> int:
    return conn.executemany(RETRY, [columns(at, each) for each in channels]).rowcount


def seen(conn: sqlite3.Connection, ids: Sequence[AlertId], at: datetime, feedback: Feedback | None = None) -> int:
    """Mark alerts as seen, and return how many were not.  Raises UsageError if one does not exist.

    feedback   what they were worth; None: what was said of them before stays
    """
    known = {row[0] for row in conn.execute(f"SELECT id FROM alerts WHERE id IN ({marks(ids)})", ids)}  # noqa: S608
    if unknown := [str(each) for each in ids if each not in known]:
        raise UsageError(
            f"there is no alert {', '.join(unknown)}; nothing was marked. "
            "`monitor alerts --all` lists all alerts with their ids."
        )
    changed = conn.executemany(
        "UPDATE alerts SET seen_at = ? WHERE id = ? AND seen_at IS NULL", [columns(at, int(each)) for each in ids]
    )
    if feedback is not None:
        conn.executemany("UPDATE alerts SET feedback = ? WHERE id = ?", [(feedback.value, int(each)) for each in ids])
    return changed.rowcount
