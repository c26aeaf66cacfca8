"""Raw captures that have had their time: what may go, a little at a time.

Never those of an article that an alert or a piece of evidence rests on.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from .file import columns

# The rows are walked in the order they were written, so that each transaction is short however many stay.
CHAPTER = "SELECT max(rowid) FROM (SELECT rowid FROM captures WHERE rowid > ? ORDER BY rowid LIMIT ?)"

DROP = """
DELETE FROM captures WHERE rowid > :after AND rowid <= :until AND fetched_at < :before AND NOT EXISTS (
    SELECT 1 FROM (
        SELECT article_id FROM revisions WHERE capture_sha256 = captures.sha256
        UNION ALL SELECT article_id FROM retrievals WHERE capture_sha256 = captures.sha256) AS r
    WHERE EXISTS (SELECT 1 FROM alerts WHERE article_id = r.article_id)
       OR EXISTS (SELECT 1 FROM evidence WHERE article_id = r.article_id))
RETURNING length(body)
"""


def drop(conn: sqlite3.Connection, before: datetime, after: int, limit: int) -> tuple[int | None, int, int]:
    """Delete captures made before an instant, of the `limit` that follow row `after`.

    Returns  the last row looked at (None: there are no more), how many were deleted, and their bytes
    """
    until = conn.execute(CHAPTER, (after, limit)).fetchone()[0]
    if until is None:
        return None, 0, 0
    (day,) = columns(before)
    sizes = [row[0] for row in conn.execute(DROP, {"after": after, "until": until, "before": day})]
    return until, len(sizes), sum(sizes)
