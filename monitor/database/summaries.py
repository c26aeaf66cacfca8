"""Alerts that wait for a summary, and what a language model said; a question that was asked is answered from here.

Alerts are queued by a mark in `notes`, after they were committed: who raises one neither knows of summaries nor waits.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from ..model import AlertId, Summary, Unsummarised
from .archive import marks
from .file import columns, due, named

MARK = "summarised_alerts"
MOST_EVIDENCE = 8  # sentences that are asked about

BEGIN = (
    "INSERT INTO notes (key, value) SELECT ?, ifnull(max(id), 0) FROM alerts WHERE true ON CONFLICT (key) DO NOTHING"
)

BEHIND = "SELECT count(*) FROM notes WHERE key = ? AND CAST(value AS INTEGER) < (SELECT max(id) FROM alerts)"

QUEUE = """
INSERT INTO summaries (alert_id, next_try_at)
SELECT a.id, :now FROM notes n JOIN alerts a ON a.id > CAST(n.value AS INTEGER)
WHERE n.key = :key AND a.development_id IS NOT NULL AND a.kind NOT IN ('corrected', 'removed')
ON CONFLICT (alert_id) DO NOTHING
"""

WAITING = """
SELECT s.alert_id, s.attempts, a.development_id FROM summaries s JOIN alerts a ON a.id = s.alert_id
WHERE s.next_try_at <= ? ORDER BY s.next_try_at, s.alert_id LIMIT ?
"""

EVIDENCE = """
SELECT development_id, sentence FROM evidence
WHERE role <> 'corroborates' AND development_id IN ({}) ORDER BY development_id, id
"""

KNOWN = """
SELECT a.summary, s.error FROM summaries s JOIN alerts a ON a.id = s.alert_id
WHERE s.question_sha256 = ? AND s.alert_id <> ?
  AND (s.state = 'dropped' OR (s.state = 'written' AND a.summary IS NOT NULL)) LIMIT 1
"""

SETTLE = """
UPDATE summaries SET state = ?, attempts = attempts + 1, next_try_at = NULL, answered_at = ?, question_sha256 = ?,
    error = ? WHERE alert_id = ?
"""


def want(conn: sqlite3.Connection, wanted: bool) -> None:
    """Have alerts summed up that are raised from now on, or none; what waits already goes on waiting."""
    if wanted:
        conn.execute(BEGIN, (MARK,))
    else:
        conn.execute("DELETE FROM notes WHERE key = ?", (MARK,))


def behind(conn: sqlite3.Connection) -> bool:
    """Tell whether alerts were raised since they were queued last, and summaries are wanted."""
    return bool(conn.execute(BEHIND, (MARK,)).fetchone()[0])


def queue(conn: sqlite3.Connection, now: datetime) -> None:
    """Put the alerts in the queue that were raised since it was done last, but for those that report no development."""
    conn.execute(QUEUE, named(now=now, key=MARK))
    conn.execute("UPDATE notes SET value = (SELECT ifnull(max(id), 0) FROM alerts) WHERE key = ?", (MARK,))


def waiting(conn: sqlite3.Connection, now: datetime, limit: int) -> tuple[Unsummarised, ...]:
    """Return the alerts whose summary is due, the longest waiting first."""
    rows = conn.execute(WAITING, (*columns(now), limit)).fetchall()
    evidence = _evidence(conn, [row["development_id"] for row in rows])
    return tuple(
        Unsummarised(AlertId(row["alert_id"]), row["attempts"], tuple(evidence[row["development_id"]][:MOST_EVIDENCE]))
        for row in rows
    )


def _evidence(conn: sqlite3.Connection, developments: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for development, sentence in conn.execute(EVIDENCE.format(marks(developments)), developments):
        found[development].append(sentence)
    return found


def known(conn: sqlite3.Connection, alert: AlertId, question: str) -> Summary | None:
    """Return what was answered to the same question about another alert; None: it was not asked."""
    row = conn.execute(KNOWN, (question, int(alert))).fetchone()
    return Summary(row["summary"], row["error"] or "") if row is not None else None


def settle(conn: sqlite3.Connection, alert: AlertId, question: str, summary: Summary, at: datetime) -> None:
    """Write an answer, or why it was dropped."""
    state = "dropped" if summary.text is None else "written"
    conn.execute(SETTLE, columns(state, at, question, summary.dropped or None, int(alert)))
    conn.execute("UPDATE alerts SET summary = ? WHERE id = ?", columns(summary.text, int(alert)))


def postpone(conn: sqlite3.Connection, alert: AlertId, error: str, next_try: datetime | None) -> None:
    """Note why there was no answer, and when to ask again; None: it is given up."""
    conn.execute(
        "UPDATE summaries SET state = ?, attempts = attempts + 1, next_try_at = ?, error = ? WHERE alert_id = ?",
        columns("dead" if next_try is None else "waiting", due(next_try), error, int(alert)),
    )
