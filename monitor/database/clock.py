"""What was written while the clock was ahead, brought back once the clock is right: no wait is longer than its rule.

A wait within its rule stays as it is, though it may have been meant to end earlier: by how much the clock was ahead
when it was written, nobody knows.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from .. import looks
from .file import column

DAY_S, HOUR_S = 86_400, 3_600
WEEK_S = 7 * DAY_S  # the longest Retry-After that is believed; no retry of an entry or a source is later

# Of a source that does well: its interval and a tenth for jitter, or what its server asked for within the longest one.
SOURCE_S = f"""
iif(state NOT IN ('new', 'ok'), {WEEK_S},
    max(1.1 * interval_s, iif(not_before_at > :now, interval_max_s, 0)))
"""

# Of an entry: the longest retry, or the longest time between two looks at a page that is filed.
ENTRY_S = f"iif(state = 'article', {looks.AGES[-1]}, {WEEK_S})"

# Table, column of the wait, the longest that a rule allows in seconds, what it becomes in seconds from now, and what
# else is to be said of the row.  What waited for too long is tried at once: hosts.left_alone_until still holds it.
WAITS = (
    ("sources", "next_due_at", SOURCE_S, "interval_s", "not_before_at = NULL"),
    ("entries", "next_try_at", ENTRY_S, "0", ""),
    ("hosts", "left_alone_until", f"{WEEK_S}", f"{HOUR_S}", ""),
    ("robots", "ask_again_at", f"{DAY_S}", "0", ""),
    ("deliveries", "held_until", f"{HOUR_S}", f"{HOUR_S}", ""),
    ("deliveries", "next_try_at", f"max({DAY_S}, :digest_s)", "0", ""),
    ("summaries", "next_try_at", f"{DAY_S}", "0", ""),
)

# What began cannot have begun later than now.  Whatever is older than the watch is learnt, and raises no alert.
BEGINNINGS = (("topics", "added_at"), ("topics", "last_development_at"), ("topic_sources", "since"))

# Instants are kept to the second, and a wait ends at the second above.
IN_S = "strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+' || CAST({} + 1 AS INTEGER) || ' seconds')"


def set_back(conn: sqlite3.Connection, now: datetime, digest_s: float) -> int:
    """Bring back what lies further ahead than any rule could have put it, and return how many times were changed.

    digest_s   the longest time between two digests of a channel
    """
    asked = {"now": column(now), "digest_s": digest_s}
    changed = 0
    for table, name, longest, becomes, besides in WAITS:
        also = f", {besides}" if besides else ""
        changed += conn.execute(
            f"UPDATE {table} SET {name} = {IN_S.format(becomes)}{also} WHERE {name} > {IN_S.format(longest)}",  # noqa: S608
            asked,
        ).rowcount
    for table, name in BEGINNINGS:
        changed += conn.execute(f"UPDATE {table} SET {name} = :now WHERE {name} > :now", asked).rowcount  # noqa: S608
    return changed
