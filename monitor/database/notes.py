"""Lines that a monitor keeps about itself, each under a key."""

from __future__ import annotations

from datetime import datetime

from .file import Connection, columns


def put(conn: Connection, key: str, value: str | None, at: datetime | None) -> None:
    """Keep a line; None forgets it."""
    if value is None:
        conn.execute("DELETE FROM notes WHERE key = ?", columns(key))
        return
    conn.execute(
        """INSERT INTO notes (key, value, at) VALUES (?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at""",
        columns(key, value, at),
    )


def get(conn: Connection, key: str) -> str | None:
    """Return a line; None: there is none."""
    row = conn.execute("SELECT value FROM notes WHERE key = ?", columns(key)).fetchone()
    return row[0] if row else None


def all_of(conn: Connection) -> dict[str, str]:
    """Return every line by its key."""
    return {row[0]: row[1] for row in conn.execute("SELECT key, value FROM notes ORDER BY key")}
