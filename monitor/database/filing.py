"""Write a plan: what a visit found and what was decided on it.  The caller's transaction makes it whole."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import zstandard

from .. import edits
from ..model import (
    Alert,
    AlertId,
    ArticleId,
    Capture,
    Committed,
    Decision,
    Development,
    DevelopmentId,
    Edit,
    Entry,
    EntryState,
    EntryUpdate,
    Evidence,
    Failed,
    Fetched,
    NewEntry,
    Outcome,
    Phase,
    Plan,
    Reading,
    Ruling,
    Shown,
    SourceUpdate,
    Standing,
    Validators,
)
from ..urls import site
from . import addresses, manners, outbox, watchlist
from .archive import marks
from .file import column, columns, due, named
from .outbox import Routes

# A link shown before is read again when its source says that it was updated since.
UPDATED = "state IN ('article', 'copy') AND {} > coalesce(entries.updated_at, entries.first_seen_at)"

ADD_ENTRY = f"""
INSERT INTO entries (source_id, url, guid, title, summary, published_at, updated_at, host, first_seen_at, background,
                     state, why, next_try_at, publisher)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source_id, url) DO UPDATE SET
    title = coalesce(excluded.title, title), summary = coalesce(excluded.summary, summary),
    publisher = coalesce(excluded.publisher, publisher),
    updated_at = excluded.updated_at, background = excluded.background,
    state = 'new', why = NULL, attempts = 0, next_try_at = excluded.first_seen_at
WHERE {UPDATED.format("excluded.updated_at")}
"""  # noqa: S608

ADD_ARTICLE = """
INSERT INTO articles (url, fetched_url, canonical_url, publisher, agency, title, author, published_at,
                      published_is_day, modified_at, language, text, first_seen_at, last_seen_at, copy_of, status)
VALUES (:url, :fetched_url, :canonical_url, :publisher, :agency, :title, :author, :published_at,
        :published_is_day, :modified_at, :language, :text, :at, :at, :copy_of, :status)
RETURNING id
"""

# What a later reading leaves out is kept from the earlier one.
UPDATE_ARTICLE = """
UPDATE articles SET
    fetched_url = coalesce(:fetched_url, fetched_url), canonical_url = coalesce(:canonical_url, canonical_url),
    publisher = coalesce(:publisher, publisher), agency = coalesce(:agency, agency), title = :title,
    author = coalesce(:author, author), published_at = coalesce(:published_at, published_at),
    published_is_day = CASE WHEN :published_at IS NULL THEN published_is_day ELSE :published_is_day END,
    modified_at = coalesce(:modified_at, modified_at), language = coalesce(:language, language), text = :text,
    last_seen_at = :at, copy_of = nullif(:copy_of, id), status = :status
WHERE id = :id
"""

ADD_EDIT = "INSERT INTO edits (revision_id, kind, was, became, sentence, instead) VALUES (?, ?, ?, ?, ?, ?)"

UPDATE_SOURCE = """
UPDATE sources SET
    state = :state, interval_s = :interval_s, next_due_at = :next_due_at, failures = :failures, why = :why,
    last_ok_at = coalesce(:last_ok_at, last_ok_at), learning = coalesce(:learning, learning),
    etag = CASE WHEN :validated THEN :etag ELSE etag END,
    last_modified = CASE WHEN :validated THEN :last_modified ELSE last_modified END,
    body_sha256 = coalesce(:body_sha256, body_sha256), whole_at = coalesce(:whole_at, whole_at),
    unchanged = coalesce(:unchanged, unchanged), missed_at = :missed_at, not_before_at = :not_before_at,
    absent = :absent, absent_since = :absent_since,
    told = CASE told WHEN 'parked' THEN iif(:state = 'parked', told, NULL)
                     WHEN 'missed' THEN iif(:missed_at IS NULL, NULL, told) END
WHERE id = :id
"""

UPDATE_ENTRY = """
UPDATE entries SET
    state = :state, why = :why, attempts = :attempts, next_try_at = :next_try_at,
    article_id = coalesce(:article, article_id), missed = :missed, missed_since = :missed_since,
    etag = CASE WHEN :validated THEN :etag ELSE etag END,
    last_modified = CASE WHEN :validated THEN :last_modified ELSE last_modified END
WHERE id = :id
"""

# A ruling that told a development is replaced only by one that tells another: the row explains the alert.
ADD_DECISION = """
INSERT INTO decisions (article_id, topic, decided_at, relevant, relevance, verdict, copy_of, development_id, novelty,
                       why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (article_id, topic) DO UPDATE SET
    decided_at = excluded.decided_at, relevant = excluded.relevant, relevance = excluded.relevance,
    verdict = excluded.verdict, copy_of = excluded.copy_of, development_id = excluded.development_id,
    novelty = excluded.novelty, why = excluded.why
WHERE decisions.development_id IS NULL
   OR excluded.development_id IS NOT NULL AND (decisions.verdict <> 'new' OR excluded.verdict = 'new')
"""

ORIGINALS = """
WITH RECURSIVE original (id) AS (
    VALUES (?) UNION SELECT a.copy_of FROM articles a JOIN original o ON o.id = a.id WHERE a.copy_of IS NOT NULL)
SELECT DISTINCT development_id FROM evidence WHERE article_id IN original
"""

REPORTS = """
WITH RECURSIVE report (id) AS (
    SELECT article_id FROM evidence WHERE development_id = ?
    UNION SELECT a.id FROM articles a JOIN report r ON a.copy_of = r.id)
SELECT count(*) FROM report
"""

VOICES = """
SELECT DISTINCT a.id, a.agency, a.publisher, a.url FROM evidence e JOIN articles a ON a.id = e.article_id
WHERE e.development_id = ? AND a.copy_of IS NULL
"""


HABIT_DAYS = 30
# Each day with something new counts one, each day without takes one away.
NEWS_DAY = """
UPDATE sources SET last_new_at = :at, news_days = CASE
    WHEN last_new_at IS NULL THEN 1
    WHEN date(last_new_at) >= date(:at) THEN news_days
    ELSE min(:most, 1 + max(0, news_days - (julianday(date(:at)) - julianday(date(last_new_at)) - 1))) END
WHERE id = :id
"""


def lasts(plan: Plan) -> bool:
    """Tell whether a plan holds what could not be found out again: it is to survive a power cut, whatever that costs.

    An article that concerns no topic, a page that is none, and a poll that brings nothing new are not waited for: after
    a power cut they are due as before, and asked for once more.
    """
    reading = plan.reading
    if plan.entries or plan.children or plan.manners.holds:
        return True
    if plan.standing is not None:
        return bool(plan.standing.alerts)
    return reading is not None and (
        reading.known is not None
        or bool(reading.alerts)
        or any(ruling.decision.relevant or ruling.alerts for ruling in reading.rulings)
    )


def write(conn: sqlite3.Connection, plan: Plan, to: Routes) -> Committed:
    """Write all of a plan and return the ids that its rows were given."""
    _outcomes(conn, plan.outcomes)
    if plan.source is not None:
        watchlist.lead_on(conn, plan.source.id, plan.children, str(column(plan.at)))
        _source(conn, plan.source)
    elif plan.entries or plan.children:
        raise ValueError("a plan with new links or children must say which source showed them")
    entries = _entries(conn, plan.source.id, plan.entries, plan.at) if plan.source else 0
    if plan.source is not None and entries and not all(each.background for each in plan.entries):
        conn.execute(NEWS_DAY, {"id": int(plan.source.id), "at": column(plan.at), "most": HABIT_DAYS})
    filed = _reading(conn, plan.reading, plan.at, to) if plan.reading else Committed()
    if plan.standing is not None:
        filed = _standing(conn, plan.standing, plan.at, to)
    if plan.entry is not None:
        _entry(conn, plan.entry, filed.article)
    manners.write(conn, plan.manners)
    return Committed(filed.article, filed.developments, filed.alerts, entries)


def shown(conn: sqlite3.Connection, source: int, entries: Sequence[Entry]) -> Shown:
    """Return which links of a source are fresh, and how many it had shown before."""
    read: dict[str, str | None] = {}
    for start in range(0, len(entries), 500):
        urls = columns(*(entry.url for entry in entries[start : start + 500]))
        rows = conn.execute(
            f"""SELECT url, CASE WHEN state IN ('article', 'copy') THEN coalesce(updated_at, first_seen_at) END
            FROM entries WHERE source_id = ? AND url IN ({marks(urls)})""",  # noqa: S608
            (source, *urls),
        )
        read.update((row[0], row[1]) for row in rows)
    return Shown(tuple(entry for entry in entries if _is_fresh(entry, read)), len(read))


def _is_fresh(entry: Entry, read: dict[str, str | None]) -> bool:
    url = column(entry.url)
    if url not in read:
        return True
    at = read[url]
    return at is not None and entry.updated is not None and str(column(entry.updated)) > at


# ------------------------------------------------------------------------------------------- requests and sources


def _outcomes(conn: sqlite3.Connection, outcomes: Iterable[Outcome]) -> None:
    conn.executemany(
        """INSERT INTO fetches (url, final_url, at, status, bytes, ms, outcome, error, why)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [_fetch(outcome) for outcome in outcomes],
    )


def _fetch(outcome: Outcome) -> tuple[Any, ...]:
    size, word, error, why = 0, "not-modified", None, None
    if isinstance(outcome, Fetched):
        size, word = len(outcome.body), "fetched"
    elif isinstance(outcome, Failed):
        word, error, why = "failed", outcome.error, outcome.why
    return columns(
        *(outcome.url, outcome.final_url, outcome.at, outcome.status, size, outcome.ms),
        *(word, error, why),
    )


def _source(conn: sqlite3.Connection, update: SourceUpdate) -> None:
    """Write a source's state; what the update leaves out (None) stays, except the reason."""
    validators = update.validators or Validators()
    conn.execute(
        UPDATE_SOURCE,
        named(
            id=int(update.id),
            state=update.state,
            interval_s=update.interval_s,
            next_due_at=due(update.due),
            failures=update.failures,
            why=update.why,
            last_ok_at=update.last_ok,
            learning=update.learning,
            validated=update.validators is not None,
            etag=validators.etag,
            last_modified=validators.last_modified,
            body_sha256=update.body_sha256,
            whole_at=update.whole_at,
            unchanged=update.unchanged,
            missed_at=update.missed_at,
            not_before_at=due(update.not_before),
            absent=update.absent,
            absent_since=update.absent_since,
        ),
    )


def _entries(conn: sqlite3.Connection, source: int, entries: Sequence[NewEntry], at: datetime) -> int:
    """Remember links, and return how many were new or are to be read again."""
    before = conn.total_changes
    conn.executemany(ADD_ENTRY, (_new_entry(source, each, at) for each in entries))
    return conn.total_changes - before


def _new_entry(source: int, new: NewEntry, at: datetime) -> tuple[Any, ...]:
    entry = new.entry
    return columns(
        *(source, entry.url, entry.guid, entry.title, entry.summary, entry.published, entry.updated),
        *(new.host, at, new.background, new.state, new.why, at if new.state is EntryState.NEW else None),
        entry.publisher,
    )


def _entry(conn: sqlite3.Connection, update: EntryUpdate, article: int | None) -> None:
    if article is not None:
        both = "SELECT a.url, e.url FROM articles a, entries e WHERE a.id = ? AND e.id = ?"
        for own, link in conn.execute(both, (article, int(update.id))).fetchall():
            addresses.remember(conn, article, own, [link])
    conn.execute(UPDATE_ENTRY, _entry_row(update, article))


def _entry_row(update: EntryUpdate, article: int | None) -> dict[str, Any]:
    validators = update.validators or Validators()
    return named(
        id=int(update.id),
        state=update.state,
        why=update.why,
        attempts=update.attempts,
        next_try_at=due(update.next_try),
        article=article,
        validated=update.validators is not None,
        etag=validators.etag,
        last_modified=validators.last_modified,
        missed=update.missed,
        missed_since=update.missed_since,
    )


# ----------------------------------------------------------------------------------------------------- an article


def _reading(conn: sqlite3.Connection, reading: Reading, at: datetime, to: Routes) -> Committed:
    article, is_new = _article(conn, reading, at)
    alerts: list[AlertId] = []
    opened: dict[str, DevelopmentId] = {}
    told = set[DevelopmentId]()
    if not is_new or reading.copy_of is not None:  # else nothing was told by it, or by what it copies
        told = {DevelopmentId(row[0]) for row in conn.execute(ORIGINALS, (article,))}
    for ruling in reading.rulings:
        decision = ruling.decision
        development = _told(conn, decision, article, at)
        told |= {each.development for each in decision.corroborates}
        if decision.development is not None and development is not None:
            opened[decision.topic] = development
            told.add(development)
            _wake(conn, decision.topic, ruling.phase, at)
        alerts += _alerts(conn, ruling, opened.get(decision.topic), article, at, to)
    alerts += [_of_page(conn, alert, article, at, to) for alert in reading.alerts]
    for development in sorted(told):
        _count(conn, development)
        outbox.weigh_again(conn, development, at)
    return Committed(ArticleId(article), opened, tuple(alerts))


def _standing(conn: sqlite3.Connection, standing: Standing, at: datetime, to: Routes) -> Committed:
    article = int(standing.article)
    conn.execute(
        """UPDATE articles SET status = :status, last_seen_at = iif(:status IN ('live', 'partial'), :at, last_seen_at)
        WHERE id = :id""",
        named(id=article, status=standing.status, at=at),
    )
    alerts = tuple(_of_page(conn, alert, article, at, to) for alert in standing.alerts)
    return Committed(standing.article, {}, alerts)


def _of_page(conn: sqlite3.Connection, alert: Alert, article: int, at: datetime, to: Routes) -> AlertId:
    """Write an alert that a page raised by itself.  Of a kind a development has one: a further one goes without it."""
    development = alert.about
    taken = "SELECT 1 FROM alerts WHERE topic = ? AND development_id = ? AND kind = ?"
    if development is not None and conn.execute(taken, columns(alert.topic, int(development), alert.kind)).fetchone():
        development = None
    return outbox.add_alert(conn, alert, at, to, development=development, article=article)


def _article(conn: sqlite3.Connection, reading: Reading, at: datetime) -> tuple[int, bool]:
    """File an article under its address or under the id it is known by; a changed title or text is a revision.

    Returns  its id, and whether it was filed for the first time
    """
    row = _article_row(reading, at)
    title, text = row["title"], row["text"]
    old = conn.execute(
        "SELECT id, title, text FROM articles WHERE id = ifnull(:known, (SELECT id FROM articles WHERE url = :url))",
        named(known=reading.known, url=reading.article.url),
    ).fetchone()
    if old is None:
        id_ = int(conn.execute(ADD_ARTICLE, row).fetchone()[0])
        change: str | None = "first"
    else:
        id_ = int(old["id"])
        conn.execute(UPDATE_ARTICLE, {**row, "id": id_})
        change = None if (old["title"], old["text"]) == (title, text) else edits.summary(reading.edits) or "wording"
    addresses.remember(conn, id_, row["url"], [row["fetched_url"]])
    capture = _capture(conn, id_, reading.capture, changed=change is not None)
    if change is not None:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        revision = conn.execute(
            """INSERT INTO revisions (article_id, title, text, seen_at, text_sha256, change, capture_sha256)
            VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            columns(id_, title, text, at, sha256, change, capture),
        ).fetchone()[0]
        conn.executemany(ADD_EDIT, (_edit_row(revision, each) for each in reading.edits))
    return id_, old is None


def _edit_row(revision: int, edit: Edit) -> tuple[Any, ...]:
    words = (edit.was, edit.became, edit.sentence, edit.instead)
    return columns(revision, edit.kind, *(text or None for text in words))


def _article_row(reading: Reading, at: datetime) -> dict[str, Any]:
    article = reading.article
    return named(
        url=article.url,
        fetched_url=article.fetched_url,
        canonical_url=article.canonical_url,
        publisher=article.publisher,
        agency=article.agency,
        title=article.title,
        author=article.author,
        published_at=article.published,
        published_is_day=article.published_is_day,
        modified_at=article.modified,
        language=article.language,
        text=article.text,
        at=at,
        copy_of=reading.copy_of,
        status=_status(reading),
    )


def _status(reading: Reading) -> str:
    return "partial" if reading.status == "live" and reading.article.partial else reading.status


def _capture(conn: sqlite3.Connection, article: int, capture: Capture | None, *, changed: bool) -> str | None:
    """Keep the bytes behind a revision, once for the same bytes; return their hash.

    A page read again unchanged has other bytes each time (clocks, tokens): those are kept only if none are yet.
    """
    if capture is None:
        return None
    if (
        not changed
        and conn.execute(
            "SELECT 1 FROM revisions WHERE article_id = ? AND capture_sha256 IS NOT NULL LIMIT 1", (article,)
        ).fetchone()
    ):
        return None
    sha256 = hashlib.sha256(capture.body).hexdigest()
    headers = json.dumps(dict(capture.headers), ensure_ascii=False)
    conn.execute(
        "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*columns(sha256, capture.url, capture.at, capture.status, headers), zstandard.compress(capture.body)),
    )
    redirects = json.dumps([asdict(step) for step in capture.redirects], ensure_ascii=False)
    conn.execute(
        """INSERT INTO retrievals (article_id, url, status, headers, at, redirects, capture_sha256)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        columns(article, capture.url, capture.status, headers, capture.at, redirects, sha256),
    )
    if not changed:
        conn.execute(
            """UPDATE revisions SET capture_sha256 = ?
            WHERE id = (SELECT max(id) FROM revisions WHERE article_id = ?)""",
            (sha256, article),
        )
    return sha256


# ---------------------------------------------------------------------------------------------- what was decided


def _told(conn: sqlite3.Connection, decision: Decision, article: int, at: datetime) -> DevelopmentId | None:
    """Write a decision with its development and evidence; return the development that the article tells, if any."""
    development: DevelopmentId | None = None
    if decision.development is not None:
        development = _open(conn, decision.topic, decision.development, article, at)
    for each in decision.corroborates:
        _evidence(conn, each.development, article, each.evidence, at, role="corroborates")
        development = development or each.development
    copy_of = decision.copy_of if decision.copy_of != article else None
    conn.execute(
        ADD_DECISION,
        columns(
            *(article, decision.topic, at, decision.relevant, decision.relevance, decision.verdict, copy_of),
            *(development, decision.novelty, json.dumps(dict(decision.why), ensure_ascii=False)),
        ),
    )
    return development


def _open(conn: sqlite3.Connection, topic: str, development: Development, article: int, at: datetime) -> DevelopmentId:
    if not development.evidence:
        raise ValueError(f"{topic}: a development needs a sentence that says so: {development.headline!r}")
    row = conn.execute(
        """INSERT INTO developments (topic, headline, happened_on, first_seen_at, kind, novelty, firm)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        columns(
            *(topic, development.headline, development.happened_on, at, development.kind, float(development.novelty)),
            development.firm,
        ),
    ).fetchone()
    conn.execute(
        "UPDATE topics SET last_development_at = max(coalesce(last_development_at, ''), ?) WHERE slug = ?",
        columns(at, topic),
    )
    _evidence(conn, row[0], article, development.evidence, at)
    return DevelopmentId(row[0])


def _wake(conn: sqlite3.Connection, topic: str, phase: Phase | None, at: datetime) -> None:
    """Name the phase that a development brings its story into; where that is another one, look at its sources soon.

    A story that goes on as it was has its sources at that pace: they need not be gone through once more.
    """
    change = "UPDATE topics SET phase = ?1 WHERE slug = ?2 AND phase IS NOT ?1"
    if phase is not None and conn.execute(change, columns(phase, topic)).rowcount:
        watchlist.hasten(conn, topic, at)


def _evidence(
    conn: sqlite3.Connection,
    development: int,
    article: int,
    evidence: Iterable[Evidence],
    at: datetime,
    *,
    role: str | None = None,
) -> None:
    """Write sentences as the source wrote them.  `role` stands in for "first", which only the opening report is."""
    conn.executemany(
        """INSERT INTO evidence (development_id, article_id, sentence, role, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING""",
        [
            columns(development, article, each.sentence, role if role and each.role == "first" else each.role, at)
            for each in evidence
        ],
    )


def _alerts(
    conn: sqlite3.Connection, ruling: Ruling, opened: DevelopmentId | None, article: int, at: datetime, to: Routes
) -> list[AlertId]:
    """Write a ruling's alerts.  Those of kind milestone-met belong to its milestones, in order; each is raised once."""
    topic = ruling.decision.topic
    milestones = iter(ruling.decision.milestones)
    written = []
    for alert in ruling.alerts:
        if alert.kind != "milestone-met":
            written.append(outbox.add_alert(conn, alert, at, to, development=opened, article=article))
            continue
        milestone = next(milestones, None)
        expect = milestone.expect if milestone is not None else alert.headline
        if not outbox.met(conn, topic, expect):
            written.append(outbox.add_alert(conn, alert, at, to, article=article))
            outbox.mark_met(conn, topic, expect, at, written[-1])
    return written


# ------------------------------------------------------------------------------------------------- who reports it


def _count(conn: sqlite3.Connection, development: int) -> None:
    reports = conn.execute(REPORTS, (development,)).fetchone()[0]
    voices = [(row["agency"], row["publisher"], row["url"]) for row in conn.execute(VOICES, (development,))]
    conn.execute(
        "UPDATE developments SET reports = ?, independent_reports = ? WHERE id = ?",
        (reports, independent(voices), development),
    )


def independent(voices: Iterable[tuple[str | None, str | None, str]]) -> int:
    """Return how many independent outlets stand behind articles, each given as (agency, publisher, URL).

    An article that credits a wire agency is the agency's report, wherever it is printed.  Others are one outlet when
    their publisher or their site is the same.
    """
    voices = tuple(voices)
    if len(voices) < 2:
        return len(voices)
    names: dict[str, str] = {}  # each name of an outlet -> another one of it, up to the one that stands for all

    def root(name: str) -> str:
        while names.setdefault(name, name) != name:
            name = names[name]
        return name

    for agency, publisher, url in voices:
        own = agency or publisher
        first = own.strip().casefold() if own else site(url)
        second = first if agency else site(url)
        names[root(first)] = root(second)
    return len({root(name) for name in names})
