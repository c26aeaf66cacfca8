"""Which article an address leads to, however it is spelled: one row an identity (`urls.identity`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ..urls import identity

# An article's own address counts for more than one that only led to it: of those the latest reading, of its own the
# first that was filed.
REMEMBER = """
INSERT INTO addresses (identity, article_id, own) VALUES (?, ?, ?)
ON CONFLICT (identity) DO UPDATE SET article_id = excluded.article_id, own = excluded.own
WHERE addresses.own = 0
"""


def remember(conn: sqlite3.Connection, article: int, own: str, others: Iterable[str | None]) -> None:
    """Write down the addresses of an article: its own, and those that led to it."""
    rows = {key(url): 0 for url in others if url} | {key(own): 1}
    conn.executemany(REMEMBER, [(form, article, is_own) for form, is_own in rows.items()])


def key(url: str) -> str:
    """Return the form of an address by which it is looked up."""
    try:
        return identity(url)
    except ValueError:  # a page that is not from the web
        return url.encode("utf-8", "replace").decode()
