"""Which sources are watched for which topics, and what is due.

`sync` makes the tables say what the config file says.  A topic watches a source because the config names it, or because
another source that it watches led there (a sitemap of an index, a feed of a site): `topic_sources.via`.  What is no
longer watched is marked with `until`; nothing is deleted.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TypedDict, TypeVar

from ..model import (
    Entry,
    EntryId,
    Fields,
    Interval,
    Milestone,
    Phase,
    Source,
    SourceId,
    SourceKind,
    SourceState,
    Topic,
    Validators,
    Waiting,
    Watched,
)
from ..urls import host
from .archive import marks
from .file import column, columns, day, due, instant, moment

ADD_SOURCE = """
INSERT INTO sources
    (url, kind, links, host, interval_min_s, interval_max_s, interval_s, next_due_at, added_at, found_by, learning)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (url, kind, ifnull(links, '')) DO NOTHING
"""

FIND_SOURCE = "SELECT id FROM sources WHERE url = ? AND kind = ? AND ifnull(links, '') = ifnull(?, '')"

# A config may name a hundred thousand sources: what is there already is found by SQLite, only the rest is touched.
TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS named (topic TEXT, url TEXT, kind TEXT, links TEXT, min_s REAL, max_s REAL)",
    "CREATE TEMP TABLE IF NOT EXISTS tree (topic TEXT, source_id INTEGER, via INTEGER, min_s REAL, max_s REAL)",
    "CREATE INDEX IF NOT EXISTS temp.tree_source ON tree (source_id, topic)",
    "DELETE FROM temp.named",
    "DELETE FROM temp.tree",
)

IS_NAMED = "s.url = n.url AND s.kind = n.kind AND ifnull(s.links, '') = ifnull(n.links, '')"

NOT_YET_THERE = f"""
SELECT url, kind, links, min_s, max_s FROM temp.named n
WHERE NOT EXISTS (SELECT 1 FROM sources s WHERE {IS_NAMED}) ORDER BY n.rowid
"""  # noqa: S608

# What the config names, and from there along every path on which one source led to another.
ROOTS = f"""
INSERT INTO temp.tree SELECT n.topic, s.id, NULL, n.min_s, n.max_s FROM temp.named n JOIN sources s ON {IS_NAMED}
"""  # noqa: S608

BRANCHES = """
INSERT INTO temp.tree
WITH RECURSIVE
    led AS MATERIALIZED (SELECT DISTINCT via, source_id FROM topic_sources WHERE via IS NOT NULL),
    reached (topic, source_id, via, min_s, max_s) AS (
        SELECT t.topic, l.source_id, l.via, t.min_s, t.max_s FROM led l JOIN temp.tree t ON t.source_id = l.via
        UNION
        SELECT r.topic, l.source_id, l.via, r.min_s, r.max_s FROM reached r JOIN led l ON l.via = r.source_id)
SELECT * FROM reached
"""

END_WATCHES = """
UPDATE topic_sources AS w SET until = :now
WHERE until IS NULL AND NOT EXISTS (
    SELECT 1 FROM temp.tree t WHERE t.source_id = w.source_id AND t.topic = w.topic AND t.via IS w.via)
"""

BEGIN_WATCHES = """
INSERT INTO topic_sources (topic, source_id, via, since) SELECT DISTINCT topic, source_id, via, :now FROM temp.tree t
WHERE NOT EXISTS (
    SELECT 1 FROM topic_sources w
    WHERE w.topic = t.topic AND w.source_id = t.source_id AND ifnull(w.via, 0) = ifnull(t.via, 0) AND w.until IS NULL)
ON CONFLICT (topic, source_id, ifnull(via, 0)) DO UPDATE SET until = NULL WHERE until IS NOT NULL
"""

MARK_ACTIVE = """
UPDATE sources SET active = NOT active
WHERE active <> (id IN (SELECT source_id FROM topic_sources WHERE until IS NULL))
"""

# The tightest wish of several topics holds.  A shorter interval counts from now, unless a server asked us to wait.
NEW_INTERVALS = """
UPDATE sources SET
    interval_min_s = w.min_s, interval_max_s = w.max_s, interval_s = min(max(interval_s, w.min_s), w.max_s),
    next_due_at = CASE
        WHEN state IN ('new', 'ok') AND min(max(interval_s, w.min_s), w.max_s) < interval_s
        THEN min(next_due_at, strftime('%Y-%m-%dT%H:%M:%SZ', :now,
                                       '+' || min(max(interval_s, w.min_s), w.max_s) || ' seconds'))
        ELSE next_due_at END
FROM (SELECT source_id, min(min_s) AS min_s, min(max_s) AS max_s FROM temp.tree GROUP BY source_id) AS w
WHERE w.source_id = sources.id AND (interval_min_s, interval_max_s) IS NOT (w.min_s, w.max_s)
"""

# Only sources that do well: the others wait for reasons of their own.  What is due within twice the shortest interval
# is soon enough; so a story in which much happens does not move its sources again and again.
HASTEN = """
UPDATE sources SET next_due_at = max(ifnull(not_before_at, ''),
                                     strftime(:iso, :at, '+' || interval_min_s || ' seconds'))
WHERE active = 1 AND state = 'ok'
  AND id IN (SELECT source_id FROM topic_sources WHERE topic = :topic AND until IS NULL)
  AND next_due_at > max(ifnull(not_before_at, ''), strftime(:iso, :at, '+' || (2 * interval_min_s) || ' seconds'))
"""

LEAD_ON = """
INSERT INTO topic_sources (topic, source_id, via, since)
SELECT topic, :child, :parent, min(since) FROM topic_sources WHERE source_id = :parent AND until IS NULL GROUP BY topic
ON CONFLICT (topic, source_id, ifnull(via, 0)) DO UPDATE SET until = NULL WHERE until IS NOT NULL
"""


V = TypeVar("V")


class Said(TypedDict, total=False):
    """How a source's links are found: one of the two."""

    links: str | None
    fields: Fields | None


def sync(conn: sqlite3.Connection, topics: Sequence[Topic], now: datetime) -> None:
    """Make the tables say what the config says: topics, their sources, their milestones."""
    at = str(column(now))
    _topics(conn, topics, at)
    _milestones(conn, topics)
    for statement in TEMPORARY:
        conn.execute(statement)
    conn.executemany(
        "INSERT INTO temp.named VALUES (?, ?, ?, ?, ?, ?)",
        (
            columns(topic.slug, *_found_by(each), float(each.interval.min_s), float(each.interval.max_s))
            for topic in topics
            for each in topic.sources
        ),
    )
    _add_named(conn, at)
    for statement in (ROOTS, BRANCHES):
        conn.execute(statement)
    for statement in (END_WATCHES, BEGIN_WATCHES):
        conn.execute(statement, {"now": at})
    conn.execute(MARK_ACTIVE)
    conn.execute(NEW_INTERVALS, {"now": at})


def _add_named(conn: sqlite3.Connection, at: str) -> None:
    """Add the sources that the config names and that are not there yet."""
    new = [
        Source(SourceKind(row["kind"]), row["url"], Interval(row["min_s"], row["max_s"]), row["links"])
        for row in conn.execute(NOT_YET_THERE)
    ]
    conn.executemany(ADD_SOURCE, (_source_row(each, at, found_by=None, learning=True) for each in new))


def _topics(conn: sqlite3.Connection, topics: Sequence[Topic], at: str) -> None:
    conn.execute("UPDATE topics SET active = 0")
    conn.executemany(
        """INSERT INTO topics (slug, name, about, phase, added_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (slug) DO UPDATE SET name = excluded.name, about = excluded.about, active = 1""",
        [columns(topic.slug, topic.name, topic.about, Phase.DEVELOPING, at) for topic in topics],
    )


def _milestones(conn: sqlite3.Connection, topics: Sequence[Topic]) -> None:
    """A later day makes a milestone that was overdue wait again."""
    conn.execute("UPDATE milestones SET active = 0")
    conn.executemany(
        """INSERT INTO milestones (topic, expect, phrases, expected_by) VALUES (?, ?, ?, ?)
        ON CONFLICT (topic, expect) DO UPDATE SET phrases = excluded.phrases, active = 1,
            overdue_alert_id = CASE WHEN expected_by IS excluded.expected_by THEN overdue_alert_id END,
            expected_by = excluded.expected_by""",
        [
            columns(topic.slug, each.expect, json.dumps(each.any, ensure_ascii=False), each.by)
            for topic in topics
            for each in topic.milestones
        ],
    )


def _source_row(source: Source, at: str, *, found_by: int | None, learning: bool) -> tuple[object, ...]:
    least, most = float(source.interval.min_s), float(source.interval.max_s)
    return (
        *columns(*_found_by(source), host(source.url)),
        *(least, most, least, at, at, found_by, int(learning)),
    )


def _found_by(source: Source) -> tuple[str, SourceKind, str | None]:
    """Return what tells sources apart: address, kind, and `links`, which is a CSS selector or holds paths into JSON."""
    if source.fields is None:
        return source.url, source.kind, source.links
    given = {name: path for name, path in asdict(source.fields).items() if path is not None}
    return source.url, source.kind, json.dumps(given, ensure_ascii=False)


def _said_links(column: str | None) -> Said:
    if column is not None and column.startswith("{"):  # no CSS selector does
        return {"fields": Fields(**json.loads(column))}
    return {"links": column}


def lead_on(conn: sqlite3.Connection, parent: int, children: Sequence[Source], at: str) -> None:
    """Watch what a source led to, for the topics that watch the source, for as long as they do.

    A child begins as its parent stands: what it shows is background only while the parent is learning too.
    """
    learning = bool(conn.execute("SELECT learning FROM sources WHERE id = ?", (parent,)).fetchone()[0])
    for child in children:
        conn.execute(ADD_SOURCE, _source_row(child, at, found_by=parent, learning=learning))
        found = conn.execute(FIND_SOURCE, columns(*_found_by(child))).fetchone()[0]
        if found != parent:
            conn.execute(LEAD_ON, {"child": found, "parent": parent})
            conn.execute("UPDATE sources SET active = 1 WHERE id = ? AND active = 0", (found,))


def hasten(conn: sqlite3.Connection, topic: str, at: datetime) -> None:
    """Look at a topic's sources soon: after the shortest interval that they allow, and no sooner than their servers."""
    conn.execute(HASTEN, {"topic": topic, "at": column(at), "iso": "%Y-%m-%dT%H:%M:%SZ"})


# ---------------------------------------------------------------------------------------------------- what is due


# Thousands of links may wait on one host for hours: hosts are skipped through by the index, not found row by row.
WAITING_HOSTS = """
WITH RECURSIVE hosts (host) AS (
    SELECT min(host) FROM entries WHERE next_try_at IS NOT NULL
    UNION ALL
    SELECT (SELECT min(e.host) FROM entries e WHERE e.next_try_at IS NOT NULL AND e.host > hosts.host)
    FROM hosts WHERE hosts.host IS NOT NULL)
SELECT host, (
    SELECT e.next_try_at FROM entries e JOIN sources s ON s.id = e.source_id AND s.active = 1
    WHERE e.host = hosts.host AND e.next_try_at <= :now ORDER BY e.next_try_at LIMIT 1) AS since
FROM hosts WHERE host IS NOT NULL
"""

# Grouping by host would tempt SQLite to walk through all sources in that order.
DUE_HOSTS = """
SELECT host, min(next_due_at) FROM sources INDEXED BY sources_due WHERE active = 1 AND next_due_at <= ? GROUP BY host
"""

WAITING = """
SELECT e.*, s.kind FROM entries e JOIN sources s ON s.id = e.source_id AND s.active = 1
WHERE e.host = ? AND e.next_try_at <= ? AND e.state <> 'article'
ORDER BY e.background DESC, coalesce(e.published_at, e.first_seen_at), e.id
LIMIT ?
"""  # what was there before is learnt first, then the oldest: a story is judged in the order in which it was told

RECHECKS = """
SELECT e.*, s.kind FROM entries e JOIN sources s ON s.id = e.source_id AND s.active = 1
WHERE e.host = ? AND e.next_try_at <= ? AND e.state = 'article' ORDER BY e.next_try_at, e.id LIMIT ?
"""

NEXT_ENTRY = """
SELECT e.next_try_at FROM entries e JOIN sources s ON s.id = e.source_id AND s.active = 1
WHERE e.next_try_at IS NOT NULL ORDER BY e.next_try_at LIMIT 1
"""


def due_hosts(conn: sqlite3.Connection, now: datetime, polls_until: datetime) -> tuple[str, ...]:
    """Return the hosts with a source due by `polls_until` or an entry due now; the longest waiting first."""
    since = {row[0]: row[1] for row in conn.execute(DUE_HOSTS, columns(polls_until))}
    if conn.execute("SELECT 1 FROM entries WHERE next_try_at <= ? LIMIT 1", columns(now)).fetchone():
        for name, at in conn.execute(WAITING_HOSTS, {"now": column(now)}):
            if at is not None:
                since[name] = min(at, since.get(name, at))
    return tuple(sorted(since, key=lambda name: (since[name], name)))


def due_sources(conn: sqlite3.Connection, name: str, until: datetime) -> tuple[Watched, ...]:
    """Return a host's sources due by `until`, the longest waiting first."""
    rows = conn.execute(
        "SELECT * FROM sources WHERE active = 1 AND host = ? AND next_due_at <= ? ORDER BY next_due_at, id",
        columns(name, until),
    ).fetchall()
    watches = _watches(conn, {row["id"] for row in rows})
    phases = _phases(conn, {slug for topics in watches.values() for slug in topics})
    return tuple(_watched(row, watches[row["id"]], phases) for row in rows)


def waiting(conn: sqlite3.Connection, name: str, now: datetime, limit: int) -> tuple[Waiting, ...]:
    """Return a host's entries whose page is to be read now, background first, then the oldest published."""
    return _waiting(conn, WAITING, name, now, limit)


def rechecks(conn: sqlite3.Connection, name: str, now: datetime, limit: int) -> tuple[Waiting, ...]:
    """Return a host's entries whose page was read and is to be looked at again, the longest due first."""
    return _waiting(conn, RECHECKS, name, now, limit)


def put_off(conn: sqlite3.Connection, name: str, now: datetime, until: datetime) -> None:
    """Look again later at the pages of a host that are due to be looked at again by now."""
    conn.execute(
        "UPDATE entries SET next_try_at = ? WHERE host = ? AND next_try_at <= ? AND state = 'article'",
        (due(until), *columns(name, now)),
    )


def _waiting(conn: sqlite3.Connection, sql: str, name: str, now: datetime, limit: int) -> tuple[Waiting, ...]:
    rows = conn.execute(sql, (*columns(name, now), limit)).fetchall()
    watches = _watches(conn, {row["source_id"] for row in rows})
    return tuple(
        Waiting(
            id=EntryId(row["id"]),
            source=SourceId(row["source_id"]),
            kind=SourceKind(row["kind"]),
            entry=Entry(
                url=row["url"],
                title=row["title"],
                published=instant(row["published_at"]),
                updated=instant(row["updated_at"]),
                guid=row["guid"],
                summary=row["summary"],
                publisher=row["publisher"],
            ),
            topics=watches[row["source_id"]],
            background=bool(row["background"]),
            attempts=row["attempts"],
            again=row["article_id"] is not None,
            recheck=row["state"] == "article",
            validators=Validators(row["etag"], row["last_modified"]),
            missed=row["missed"],
            missed_since=instant(row["missed_since"]),
        )
        for row in rows
    )


def next_due(conn: sqlite3.Connection) -> datetime | None:
    """Return when the next source or entry is due; None: nothing ever is."""
    first = conn.execute("SELECT min(next_due_at) FROM sources WHERE active = 1").fetchone()[0]
    entry = conn.execute(NEXT_ENTRY).fetchone()
    return min((at for at in (instant(first), instant(entry[0] if entry else None)) if at), default=None)


def overdue(conn: sqlite3.Connection, today: date) -> tuple[tuple[str, Milestone], ...]:
    """Return the milestones whose day has passed, which nobody has reported and of which nothing was said yet."""
    rows = conn.execute(
        """SELECT m.topic, m.expect, m.phrases, m.expected_by FROM milestones m JOIN topics t ON t.slug = m.topic
        WHERE t.active = 1 AND m.active = 1 AND m.expected_by < ? AND m.met_at IS NULL AND m.overdue_alert_id IS NULL
        ORDER BY m.expected_by, m.id""",
        columns(today),
    )
    return tuple((row[0], Milestone(row[1], tuple(json.loads(row[2])), day(row[3]))) for row in rows)


def _watches(conn: sqlite3.Connection, sources: set[int]) -> Mapping[int, Mapping[str, datetime]]:
    """Return for each source the topics that watch it, and since when."""
    found: dict[int, dict[str, datetime]] = defaultdict(dict)
    for ids in _chunks(sorted(sources)):
        rows = conn.execute(
            f"""SELECT source_id, topic, min(since) FROM topic_sources
            WHERE until IS NULL AND source_id IN ({marks(ids)}) GROUP BY source_id, topic""",  # noqa: S608
            ids,
        )
        for source, topic, since in rows:
            found[source][topic] = moment(since)
    return found


def _phases(conn: sqlite3.Connection, topics: set[str]) -> Mapping[str, str]:
    """Return the phase of each topic."""
    found: dict[str, str] = {}
    for slugs in _chunks(sorted(topics)):
        found.update(conn.execute(f"SELECT slug, phase FROM topics WHERE slug IN ({marks(slugs)})", slugs).fetchall())  # noqa: S608
    return found


def _chunks(values: Sequence[V], size: int = 500) -> Iterator[Sequence[V]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _watched(row: sqlite3.Row, topics: Mapping[str, datetime], phases: Mapping[str, str]) -> Watched:
    served = {phases.get(slug) for slug in topics}
    return Watched(
        id=SourceId(row["id"]),
        source=Source(
            kind=SourceKind(row["kind"]),
            url=row["url"],
            interval=Interval(row["interval_min_s"], row["interval_max_s"]),
            **_said_links(row["links"]),
        ),
        host=row["host"],
        topics=topics,
        state=SourceState(row["state"]),
        validators=Validators(row["etag"], row["last_modified"]),
        interval_s=row["interval_s"],
        failures=row["failures"],
        last_ok=instant(row["last_ok_at"]),
        due=instant(row["next_due_at"]),
        learning=bool(row["learning"]),
        body_sha256=row["body_sha256"],
        whole_at=instant(row["whole_at"]),
        unchanged=row["unchanged"],
        missed_at=instant(row["missed_at"]),
        phase=next((phase for phase in Phase if phase in served), Phase.QUIET),
        absent=row["absent"],
        absent_since=instant(row["absent_since"]),
    )
