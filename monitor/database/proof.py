"""What makes alerts provable: a seal on each, which holds the one before it, and the checks that all still fits.

    seal    an alert, just written      -> its hash goes into alerts.sha256, in the same transaction
    check   the whole database, read    -> Proof: what was checked, and what does not fit

A seal is a SHA-256 over the seal before it and over what the alert said then: its fixed columns, the sentences that
proved it, and the hash of the article's text as it was.  So whoever changes, adds or takes away an alert, or what it
rests on, breaks every seal from there on.  What people add later (seen, feedback, summary, reports that confirm) is
not in it.  Alerts taken away from the end break none: note the last seal elsewhere, as every webhook has it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

# Evidence is only ever added, so what an alert rested on is what was there at its time.
SAID = """
SELECT a.id, a.topic, a.kind, a.headline, a.whats_new, a.why, a.url, a.publisher, a.published_at, a.created_at,
       a.development_id, a.article_id,
       (SELECT json_group_array(sentence) FROM (
            SELECT e.sentence FROM evidence e
            WHERE e.development_id = a.development_id AND e.article_id = a.article_id AND e.seen_at <= a.created_at
              AND e.role <> 'corroborates' ORDER BY e.id)),
       a.revision_id, r.text_sha256
FROM alerts a LEFT JOIN revisions r ON r.id = a.revision_id WHERE a.id = ?
"""

UNPROVEN = """
SELECT e.development_id, e.sentence, a.url FROM evidence e JOIN articles a ON a.id = e.article_id
WHERE NOT EXISTS (
    SELECT 1 FROM revisions r WHERE r.article_id = e.article_id AND (instr(r.text, e.sentence) OR r.title = e.sentence))
ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was checked, and what does not fit.

    seal      of the last alert; None: there is no alert
    problems  a sentence each
    """

    alerts: int
    texts: int
    captures: int
    seal: str | None
    problems: tuple[str, ...]


def seal(conn: sqlite3.Connection, alert: int) -> None:
    """Seal the alert that was written last."""
    before = conn.execute("SELECT sha256 FROM alerts WHERE id < ? ORDER BY id DESC LIMIT 1", (alert,)).fetchone()
    own = _seal(conn, alert, before[0] if before else None)
    conn.execute("UPDATE alerts SET sha256 = ? WHERE id = ?", (own, alert))


def seal_all(conn: sqlite3.Connection) -> None:
    """Seal the alerts of a database that knew no seals; the text of an article was that of its last revision then."""
    conn.execute("""UPDATE alerts SET revision_id = (
        SELECT max(id) FROM revisions WHERE article_id = alerts.article_id AND seen_at <= alerts.created_at)""")
    for (alert,) in conn.execute("SELECT id FROM alerts ORDER BY id").fetchall():
        seal(conn, alert)


def _seal(conn: sqlite3.Connection, alert: int, before: str | None) -> str:
    said = json.dumps([before, *conn.execute(SAID, (alert,)).fetchone()], separators=(",", ":"))
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def check(conn: sqlite3.Connection) -> Proof:
    """Look whether seals, texts, raw pages and quoted sentences are as they were written; reads all of them."""
    problems = [*_broken_seals(conn), *_changed_texts(conn), *_changed_captures(conn), *_unproven(conn)]
    alerts, texts, captures, last = conn.execute(
        """SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM revisions), (SELECT count(*) FROM captures),
        (SELECT sha256 FROM alerts ORDER BY id DESC LIMIT 1)"""
    ).fetchone()
    return Proof(alerts, texts, captures, last, tuple(problems))


def _broken_seals(conn: sqlite3.Connection) -> Iterator[str]:
    before: str | None = None
    for alert, kept in conn.execute("SELECT id, sha256 FROM alerts ORDER BY id").fetchall():
        if kept != _seal(conn, alert, before):
            yield (
                f"alert {alert}: its seal does not fit: it, what it rests on, or an alert before it was changed, added "
                "or taken away"
            )
        before = kept


def _changed_texts(conn: sqlite3.Connection) -> Iterator[str]:
    rows = "SELECT r.text, r.text_sha256, r.seen_at, a.url FROM revisions r JOIN articles a ON a.id = r.article_id"
    for text, kept, seen_at, url in conn.execute(rows):
        if hashlib.sha256(text.encode()).hexdigest() != kept:
            yield f"{url}: its text of {seen_at} is not the one that was filed"
    last = """SELECT url FROM articles a WHERE text IS NOT
        (SELECT text FROM revisions WHERE article_id = a.id ORDER BY id DESC LIMIT 1)"""
    for (url,) in conn.execute(last):
        yield f"{url}: its text is not that of its last revision"


def _changed_captures(conn: sqlite3.Connection) -> Iterator[str]:
    for kept, body, url in conn.execute("SELECT sha256, CAST(body AS BLOB), url FROM captures"):
        try:
            whole = zstandard.decompress(body)
        except zstandard.ZstdError:
            whole = b""
        if hashlib.sha256(whole).hexdigest() != kept:
            yield f"{url}: the raw page {kept[:12]}… is not the one that was fetched"


def _unproven(conn: sqlite3.Connection) -> Iterator[str]:
    for development, sentence, url in conn.execute(UNPROVEN):
        yield f"development {development}: no version of {url} has the sentence “{sentence}”"
