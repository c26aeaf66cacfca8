"""What politeness remembers: receipts for each host, robots.txt files, and hosts that want to be left alone."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from ..model import Hold, Manners, RobotsTxt
from .file import columns, due, moment, named

ADD_RECEIPT = """
INSERT INTO hosts (host, requests, not_modified, failed, received_bytes, unasked, delay_s, shortest_pause_s,
                   first_asked_at, last_asked_at)
VALUES (:host, :requests, :not_modified, :failed, :received_bytes, :unasked, :delay_s, :shortest_pause_s, :at, :at)
ON CONFLICT (host) DO UPDATE SET
    requests = requests + :requests, not_modified = not_modified + :not_modified, failed = failed + :failed,
    received_bytes = received_bytes + :received_bytes, unasked = unasked + :unasked,
    delay_s = iif(:requests, :delay_s, delay_s), last_asked_at = :at,
    shortest_pause_s = min(ifnull(shortest_pause_s, :shortest_pause_s), ifnull(:shortest_pause_s, shortest_pause_s))
"""

KEEP_ROBOTS = """
INSERT INTO robots (origin, text, fetched_at, ask_again_at) VALUES (?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET
    text = excluded.text, fetched_at = excluded.fetched_at, ask_again_at = excluded.ask_again_at
"""

HOLD = "UPDATE hosts SET left_alone_until = ?, left_alone_status = ? WHERE host = ?"


def write(conn: sqlite3.Connection, manners: Manners) -> None:
    """Add receipts up, and keep the latest robots.txt and hold of each."""
    for receipt in manners.receipts:
        conn.execute(
            ADD_RECEIPT,
            named(
                host=receipt.host,
                requests=receipt.requests,
                not_modified=receipt.not_modified,
                failed=receipt.failed,
                received_bytes=receipt.received_bytes,
                unasked=receipt.unasked,
                delay_s=float(receipt.delay_s),
                shortest_pause_s=receipt.shortest_pause_s,
                at=receipt.at,
            ),
        )
    for file in manners.robots:
        conn.execute(KEEP_ROBOTS, columns(file.origin, file.text, file.at, file.until))
    for hold in manners.holds:
        conn.execute(HOLD, (due(hold.until), hold.status, hold.host))


def robots(conn: sqlite3.Connection, origin: str) -> RobotsTxt | None:
    """Return the robots.txt of an origin as it was last kept; None: it never was."""
    row = conn.execute("SELECT text, fetched_at, ask_again_at FROM robots WHERE origin = ?", (origin,)).fetchone()
    return RobotsTxt(origin, bytes(row[0]), moment(row[1]), moment(row[2])) if row else None


def holds(conn: sqlite3.Connection, now: datetime) -> tuple[Hold, ...]:
    """Return the hosts that are to be left alone now."""
    rows = conn.execute(
        "SELECT host, left_alone_until, left_alone_status FROM hosts WHERE left_alone_until > ?", columns(now)
    )
    return tuple(Hold(host, moment(until), status) for host, until, status in rows)
