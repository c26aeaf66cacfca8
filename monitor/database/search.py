"""The full-text indexes of articles and alerts, which follow behind what is written: a mark says how far they are."""

from __future__ import annotations

from . import notes
from .file import Connection

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


def index(conn: Connection, limit: int) -> int:
    """Bring the indexes up to date by at most `limit` articles and as many alerts; return how many were taken."""
    articles = _index(conn, "revisions", limit, TAKE_OUT, PUT_IN)
    return articles + _index(conn, "alerts", limit, PUT_IN_ALERTS)


def _index(conn: Connection, table: str, limit: int, *statements: str) -> int:
    """Run statements over the rows of a table that came after its mark, and move the mark."""
    key = f"indexed_{table}"
    mark = int(notes.get(conn, key) or 0)
    until, count = conn.execute(
        f"SELECT max(id), count(*) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?)",  # noqa: S608
        (mark, limit),
    ).fetchone()
    if count:
        for statement in statements:
            conn.execute(statement, {"mark": mark, "until": until})
        notes.put(conn, key, str(until), None)
    return int(count)
