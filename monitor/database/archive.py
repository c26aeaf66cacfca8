"""What is filed, read back as values: the articles with what was decided on them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from ..model import Article, ArticleId, DevelopmentId, Filed, Quoted, Record, Verdict
from . import addresses
from .file import instant, moment

BY_URL = """
SELECT * FROM articles WHERE id = (SELECT article_id FROM addresses WHERE identity = ?)
"""

QUOTED = """
SELECT d.topic, d.id, d.headline, e.sentence FROM evidence e JOIN developments d ON d.id = e.development_id
WHERE e.article_id = ? ORDER BY e.role <> 'first', e.id
"""

REPLACED = """
SELECT e.sentence, e.instead FROM edits e JOIN revisions r ON r.id = e.revision_id
WHERE r.article_id = ? AND e.instead IS NOT NULL ORDER BY e.id
"""

RELEVANT_AFTER = """
SELECT * FROM articles a WHERE id > ? AND EXISTS (SELECT 1 FROM decisions WHERE article_id = a.id AND relevant = 1)
ORDER BY id LIMIT ?
"""

# A watched page has no entry: its article is found by the page's address.
UNDECIDED = """
WITH watches AS (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL),
     shown AS (
        SELECT e.article_id, w.topic FROM entries e JOIN watches w ON w.source_id = e.source_id
        WHERE e.article_id IS NOT NULL
        UNION
        SELECT a.id, w.topic FROM sources s JOIN watches w ON w.source_id = s.id
        JOIN articles a ON a.url = s.url WHERE s.kind = 'page'
        UNION
        SELECT a.id, w.topic FROM sources s JOIN watches w ON w.source_id = s.id
        JOIN articles a ON a.fetched_url = s.url WHERE s.kind = 'page')
SELECT article_id, json_group_array(topic) FROM shown
WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.article_id = shown.article_id AND d.topic = shown.topic)
GROUP BY article_id ORDER BY article_id LIMIT ?
"""


def by_url(conn: sqlite3.Connection, url: str) -> Filed | None:
    """Return the article that an address leads to, in any spelling of it; None: none is filed."""
    found = _filed(conn, conn.execute(BY_URL, (addresses.key(url),)).fetchall())
    return found[0] if found else None


def relevant_after(conn: sqlite3.Connection, last: int, limit: int) -> tuple[Filed, ...]:
    """Return the next articles, in the order of filing, that some topic found relevant."""
    return _filed(conn, conn.execute(RELEVANT_AFTER, (last, limit)).fetchall())


def undecided(conn: sqlite3.Connection, limit: int) -> tuple[tuple[Filed, tuple[str, ...]], ...]:
    """Return articles that a topic's sources showed but on which nothing was decided for it, with these topics."""
    slugs = {row[0]: tuple(sorted(json.loads(row[1]))) for row in conn.execute(UNDECIDED, (limit,))}
    return tuple((filed, slugs[filed.id]) for filed in by_ids(conn, list(slugs)))


def by_ids(conn: sqlite3.Connection, ids: Sequence[int]) -> tuple[Filed, ...]:
    """Return articles by their ids, in the order of filing."""
    rows = conn.execute(f"SELECT * FROM articles WHERE id IN ({marks(ids)}) ORDER BY id", ids)  # noqa: S608
    return _filed(conn, rows.fetchall())


def record(conn: sqlite3.Connection, article: int) -> Record:
    """Return what was told of an article.  What became of a sentence that is quoted counts as quoted, too."""
    quoted = [Quoted(row[0], DevelopmentId(row[1]), row[2], row[3]) for row in conn.execute(QUOTED, (article,))]
    for sentence, instead in conn.execute(REPLACED, (article,)):
        quoted += [replace(each, sentence=instead) for each in tuple(quoted) if each.sentence == sentence]
    titles = frozenset(row[0] for row in conn.execute("SELECT title FROM revisions WHERE article_id = ?", (article,)))
    removed = frozenset(
        row[0] for row in conn.execute("SELECT topic FROM alerts WHERE article_id = ? AND kind = 'removed'", (article,))
    )
    return Record(tuple(dict.fromkeys(quoted)), titles, removed)


def marks(values: Sequence[object]) -> str:
    """Return the placeholders for a list of values."""
    return ",".join("?" * len(values))


def _filed(conn: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> tuple[Filed, ...]:
    if not rows:
        return ()
    ids = [row["id"] for row in rows]
    decided: dict[int, dict[str, Verdict]] = defaultdict(dict)
    told: dict[int, dict[str, DevelopmentId]] = defaultdict(dict)
    sql = f"SELECT article_id, topic, verdict, development_id FROM decisions WHERE article_id IN ({marks(ids)})"  # noqa: S608
    for id_, topic, verdict, development in conn.execute(sql, ids):
        decided[id_][topic] = Verdict(verdict)
        if development is not None:
            told[id_][topic] = DevelopmentId(development)
    return tuple(
        Filed(
            id=ArticleId(row["id"]),
            article=_article(row),
            first_seen=moment(row["first_seen_at"]),
            copy_of=ArticleId(row["copy_of"]) if row["copy_of"] is not None else None,
            decided=decided[row["id"]],
            told=told[row["id"]],
            status=row["status"],
            last_seen=instant(row["last_seen_at"]),
        )
        for row in rows
    )


def _article(row: sqlite3.Row) -> Article:
    return Article(
        url=row["url"],
        title=row["title"],
        text=row["text"],
        fetched_url=row["fetched_url"],
        canonical_url=row["canonical_url"],
        publisher=row["publisher"],
        author=row["author"],
        published=instant(row["published_at"]),
        published_is_day=bool(row["published_is_day"]),
        modified=instant(row["modified_at"]),
        language=row["language"],
        agency=row["agency"],
        partial=row["status"] == "partial",
    )
