"""The tables, as numbered migrations: those that a file lacks are one transaction, so a failed one leaves no trace.

Columns stand in two groups: what the source (or the config file) says, which is never changed, and what we know.
Times are ISO 8601 text in UTC to the second (`2026-11-22T16:05:13Z`), so that text order is time order.
What every table and column means to a reader: docs/database.md.

A released migration is never edited: a change is a new one at the end.  `PRAGMA user_version` counts them.
"""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from .. import importance, looks
from . import addresses, proof

MIGRATIONS = Migrations("monitor")  # file.VERSION says how many there are

TOPICS = """
CREATE TABLE topics (
    slug                 TEXT PRIMARY KEY,
    name                 TEXT NOT NULL,
    about                TEXT,
    -- ours
    phase                TEXT NOT NULL DEFAULT 'quiet',
    last_development_at  TEXT,
    active               INTEGER NOT NULL DEFAULT 1,
    blind_since          TEXT,
    added_at             TEXT NOT NULL
);
CREATE TABLE milestones (
    id                   INTEGER PRIMARY KEY,
    topic                TEXT NOT NULL REFERENCES topics (slug),
    expect               TEXT NOT NULL,
    phrases              TEXT NOT NULL,
    expected_by          TEXT,
    -- ours
    met_at               TEXT,
    met_alert_id         INTEGER REFERENCES alerts (id),
    overdue_alert_id     INTEGER REFERENCES alerts (id),
    active               INTEGER NOT NULL DEFAULT 1,
    UNIQUE (topic, expect)
);
"""

SOURCES = """
CREATE TABLE sources (
    id                   INTEGER PRIMARY KEY,
    url                  TEXT NOT NULL,
    kind                 TEXT NOT NULL CHECK (kind IN ('feed', 'sitemap', 'listing', 'search', 'page', 'site')),
    links                TEXT,
    interval_min_s       REAL NOT NULL,
    interval_max_s       REAL NOT NULL,
    etag                 TEXT,
    last_modified        TEXT,
    -- ours
    host                 TEXT NOT NULL,
    state                TEXT NOT NULL DEFAULT 'new'
                         CHECK (state IN ('new', 'ok', 'blocked', 'failing', 'parked')),
    why                  TEXT,
    last_ok_at           TEXT,
    next_due_at          TEXT NOT NULL,
    interval_s           REAL NOT NULL,
    failures             INTEGER NOT NULL DEFAULT 0,
    learning             INTEGER NOT NULL DEFAULT 1,
    body_sha256          TEXT,
    found_by             INTEGER REFERENCES sources (id),
    active               INTEGER NOT NULL DEFAULT 1,
    added_at             TEXT NOT NULL
);
CREATE UNIQUE INDEX sources_address ON sources (url, kind, ifnull(links, ''));
CREATE INDEX sources_due ON sources (next_due_at, host) WHERE active = 1;
CREATE INDEX sources_host_due ON sources (host, next_due_at) WHERE active = 1;
CREATE INDEX sources_found_by ON sources (found_by);
CREATE TABLE topic_sources (
    id                   INTEGER PRIMARY KEY,
    topic                TEXT NOT NULL REFERENCES topics (slug),
    source_id            INTEGER NOT NULL REFERENCES sources (id),
    via                  INTEGER REFERENCES sources (id),
    -- ours
    since                TEXT NOT NULL,
    until                TEXT
);
CREATE UNIQUE INDEX topic_sources_once ON topic_sources (topic, source_id, ifnull(via, 0));
CREATE INDEX topic_sources_source ON topic_sources (source_id);
CREATE INDEX topic_sources_via ON topic_sources (via);
"""

ENTRIES = """
CREATE TABLE entries (
    id                   INTEGER PRIMARY KEY,
    source_id            INTEGER NOT NULL REFERENCES sources (id),
    url                  TEXT NOT NULL,
    guid                 TEXT,
    title                TEXT,
    summary              TEXT,
    published_at         TEXT,
    updated_at           TEXT,
    -- ours
    host                 TEXT NOT NULL,
    first_seen_at        TEXT NOT NULL,
    background           INTEGER NOT NULL DEFAULT 0,
    state                TEXT NOT NULL DEFAULT 'new'
                         CHECK (state IN ('new', 'article', 'copy', 'not-article', 'blocked', 'failed', 'skipped')),
    why                  TEXT,
    attempts             INTEGER NOT NULL DEFAULT 0,
    next_try_at          TEXT,
    article_id           INTEGER REFERENCES articles (id),
    UNIQUE (source_id, url)
);
CREATE INDEX entries_url ON entries (url);
CREATE INDEX entries_article ON entries (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX entries_due ON entries (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX entries_host_due ON entries (host, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE TABLE fetches (
    id                   INTEGER PRIMARY KEY,
    url                  TEXT NOT NULL,
    final_url            TEXT NOT NULL,
    at                   TEXT NOT NULL,
    status               INTEGER,
    bytes                INTEGER NOT NULL,
    ms                   INTEGER NOT NULL,
    outcome              TEXT NOT NULL CHECK (outcome IN ('fetched', 'not-modified', 'failed')),
    error                TEXT,
    why                  TEXT
);
CREATE INDEX fetches_url ON fetches (url);
CREATE INDEX fetches_at ON fetches (at);
"""

ARTICLES = """
CREATE TABLE articles (
    id                   INTEGER PRIMARY KEY,
    url                  TEXT NOT NULL UNIQUE,
    fetched_url          TEXT,
    canonical_url        TEXT,
    publisher            TEXT,
    agency               TEXT,
    title                TEXT NOT NULL,
    author               TEXT,
    published_at         TEXT,
    published_is_day     INTEGER NOT NULL DEFAULT 0,
    modified_at          TEXT,
    language             TEXT,
    text                 TEXT NOT NULL,
    -- ours
    first_seen_at        TEXT NOT NULL,
    last_seen_at         TEXT NOT NULL,
    copy_of              INTEGER REFERENCES articles (id),
    status               TEXT NOT NULL DEFAULT 'live'
                         CHECK (status IN ('live', 'partial', 'gone', 'unreachable'))
);
CREATE INDEX articles_fetched_url ON articles (fetched_url);
CREATE INDEX articles_copy_of ON articles (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX articles_first_seen ON articles (first_seen_at);
CREATE TABLE captures (
    sha256               TEXT PRIMARY KEY,
    url                  TEXT NOT NULL,
    fetched_at           TEXT NOT NULL,
    status               INTEGER NOT NULL,
    headers              TEXT NOT NULL,
    body                 BLOB NOT NULL
);
CREATE TABLE revisions (
    id                   INTEGER PRIMARY KEY,
    article_id           INTEGER NOT NULL REFERENCES articles (id),
    title                TEXT NOT NULL,
    text                 TEXT NOT NULL,
    -- ours
    seen_at              TEXT NOT NULL,
    text_sha256          TEXT NOT NULL,
    change               TEXT NOT NULL,
    capture_sha256       TEXT REFERENCES captures (sha256) ON DELETE SET NULL
);
CREATE INDEX revisions_article ON revisions (article_id);
CREATE INDEX revisions_capture ON revisions (capture_sha256) WHERE capture_sha256 IS NOT NULL;
"""

DEVELOPMENTS = """
CREATE TABLE developments (
    id                   INTEGER PRIMARY KEY,
    topic                TEXT NOT NULL REFERENCES topics (slug),
    headline             TEXT NOT NULL,
    happened_on          TEXT,
    -- ours
    first_seen_at        TEXT NOT NULL,
    kind                 TEXT NOT NULL,
    novelty              REAL NOT NULL,
    reports              INTEGER NOT NULL DEFAULT 0,
    independent_reports  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX developments_topic ON developments (topic, first_seen_at);
CREATE TABLE evidence (
    id                   INTEGER PRIMARY KEY,
    development_id       INTEGER NOT NULL REFERENCES developments (id),
    article_id           INTEGER NOT NULL REFERENCES articles (id),
    sentence             TEXT NOT NULL,
    -- ours
    role                 TEXT NOT NULL CHECK (role IN ('first', 'corroborates', 'contradicts')),
    seen_at              TEXT NOT NULL,
    UNIQUE (development_id, article_id, sentence)
);
CREATE INDEX evidence_article ON evidence (article_id);
CREATE TABLE decisions (
    id                   INTEGER PRIMARY KEY,
    article_id           INTEGER NOT NULL REFERENCES articles (id),
    topic                TEXT NOT NULL REFERENCES topics (slug),
    -- ours
    decided_at           TEXT NOT NULL,
    relevant             INTEGER NOT NULL,
    relevance            REAL NOT NULL,
    verdict              TEXT NOT NULL
                         CHECK (verdict IN ('new', 'corroborates', 'nothing-new', 'copy', 'irrelevant', 'learnt')),
    copy_of              INTEGER REFERENCES articles (id),
    development_id       INTEGER REFERENCES developments (id),
    novelty              REAL NOT NULL,
    why                  TEXT NOT NULL,
    UNIQUE (article_id, topic)
);
CREATE INDEX decisions_development ON decisions (development_id) WHERE development_id IS NOT NULL;
CREATE INDEX decisions_copy_of ON decisions (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX decisions_relevant ON decisions (article_id) WHERE relevant = 1;
CREATE INDEX decisions_topic ON decisions (topic, decided_at);
"""

ALERTS = """
CREATE TABLE alerts (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    topic                TEXT NOT NULL REFERENCES topics (slug),
    kind                 TEXT NOT NULL,
    headline             TEXT NOT NULL,
    whats_new            TEXT NOT NULL,
    why                  TEXT NOT NULL,
    url                  TEXT,
    publisher            TEXT,
    published_at         TEXT,
    -- ours
    created_at           TEXT NOT NULL,
    seen_at              TEXT,
    development_id       INTEGER REFERENCES developments (id),
    article_id           INTEGER REFERENCES articles (id)
);
CREATE UNIQUE INDEX alerts_once ON alerts (topic, development_id, kind) WHERE development_id IS NOT NULL;
CREATE INDEX alerts_new ON alerts (created_at) WHERE seen_at IS NULL;
CREATE INDEX alerts_topic ON alerts (topic, created_at);
CREATE INDEX alerts_article ON alerts (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX alerts_development ON alerts (development_id) WHERE development_id IS NOT NULL;
CREATE TABLE deliveries (
    id                   INTEGER PRIMARY KEY,
    alert_id             INTEGER NOT NULL REFERENCES alerts (id),
    channel              TEXT NOT NULL,
    key                  TEXT NOT NULL UNIQUE,
    state                TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts             INTEGER NOT NULL DEFAULT 0,
    next_try_at          TEXT,
    delivered_at         TEXT,
    error                TEXT,
    UNIQUE (alert_id, channel)
);
CREATE INDEX deliveries_due ON deliveries (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE TABLE notes (
    key                  TEXT PRIMARY KEY,
    value                TEXT NOT NULL,
    at                   TEXT
);
"""

# No triggers keep these up: an article would be indexed inside the transaction that files it, and a user's own
# `update` would be slow.  Store.index_text works through what is new, in batches, by high-water marks in `notes`.
SEARCH = """
CREATE VIRTUAL TABLE articles_fts USING fts5
    (title, text, content = 'articles', content_rowid = 'id', tokenize = 'trigram');
CREATE VIRTUAL TABLE alerts_fts USING fts5
    (headline, whats_new, content = 'alerts', content_rowid = 'id', tokenize = 'trigram');
"""

VIEWS = """
CREATE VIEW new_alerts AS
    SELECT a.id, a.created_at, t.name AS topic, a.kind,
           replace(a.headline, char(10), ' ') AS headline,
           replace(a.whats_new, char(10), ' ') AS whats_new,
           a.publisher, a.published_at, a.url
    FROM alerts a JOIN topics t ON t.slug = a.topic
    WHERE a.seen_at IS NULL
    ORDER BY a.created_at DESC, a.id DESC;
CREATE VIEW timeline AS
    SELECT d.topic,
           coalesce(d.happened_on, date(a.published_at), date(d.first_seen_at)) AS day,
           d.headline,
           replace(e.sentence, char(10), ' ') AS evidence,
           a.publisher, a.url, d.reports, d.independent_reports, d.kind,
           d.happened_on, d.first_seen_at, d.id AS development_id
    FROM developments d
    LEFT JOIN evidence e ON e.id = (
        SELECT id FROM evidence WHERE development_id = d.id ORDER BY role <> 'first', role = 'corroborates', id LIMIT 1)
    LEFT JOIN articles a ON a.id = e.article_id
    ORDER BY d.topic, day, d.id;
CREATE VIEW rejected AS
    SELECT d.decided_at AS at, d.topic, d.verdict, a.title, a.url, d.relevance, d.novelty,
           o.url AS copy_of, d.why, a.id AS article_id
    FROM decisions d
    JOIN articles a ON a.id = d.article_id
    LEFT JOIN articles o ON o.id = d.copy_of
    WHERE d.verdict <> 'new'
    UNION ALL
    SELECT e.first_seen_at, w.topic, e.state, e.title, e.url, NULL, NULL, NULL, e.why, NULL
    FROM entries e
    JOIN (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL) w ON w.source_id = e.source_id
    WHERE e.state IN ('not-article', 'blocked', 'failed', 'skipped')
    ORDER BY 1 DESC;
"""


# What politeness remembers over a restart, and how well we see what a source shows.
MANNERS = """
CREATE TABLE hosts (
    host                 TEXT PRIMARY KEY,
    left_alone_until     TEXT,
    left_alone_status    INTEGER,
    -- ours
    requests             INTEGER NOT NULL DEFAULT 0,
    not_modified         INTEGER NOT NULL DEFAULT 0,
    failed               INTEGER NOT NULL DEFAULT 0,
    received_bytes       INTEGER NOT NULL DEFAULT 0,
    unasked              INTEGER NOT NULL DEFAULT 0,
    delay_s              REAL NOT NULL DEFAULT 0,
    shortest_pause_s     REAL,
    first_asked_at       TEXT NOT NULL,
    last_asked_at        TEXT NOT NULL
);
CREATE INDEX hosts_left_alone ON hosts (left_alone_until) WHERE left_alone_until IS NOT NULL;
CREATE TABLE robots (
    origin               TEXT PRIMARY KEY,
    text                 BLOB NOT NULL,
    -- ours
    fetched_at           TEXT NOT NULL,
    ask_again_at         TEXT NOT NULL
);
ALTER TABLE sources ADD COLUMN whole_at TEXT;
ALTER TABLE sources ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN missed_at TEXT;
ALTER TABLE sources ADD COLUMN told TEXT CHECK (told IN ('parked', 'missed'));
CREATE INDEX sources_lost ON sources (state) WHERE state = 'parked' OR missed_at IS NOT NULL
"""


# By which spellings of its address an article is known; and whose page a list says a link is.
ADDRESSES = """
CREATE TABLE addresses (
    identity             TEXT PRIMARY KEY,
    article_id           INTEGER NOT NULL REFERENCES articles (id),
    -- ours
    own                  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses (article_id);
ALTER TABLE entries ADD COLUMN publisher TEXT
"""


# What a person said an alert was worth; how much it matters, and until when the noise budget holds its delivery.
WORTH = """
ALTER TABLE alerts ADD COLUMN feedback TEXT CHECK (feedback IN ('useful', 'noise', 'known'));
CREATE INDEX alerts_feedback ON alerts (topic, feedback) WHERE feedback IS NOT NULL;
ALTER TABLE alerts ADD COLUMN importance REAL NOT NULL DEFAULT 0 CHECK (importance BETWEEN 0 AND 1);
ALTER TABLE developments ADD COLUMN firm INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN held_until TEXT;
DROP VIEW new_alerts;
CREATE VIEW new_alerts AS
    SELECT a.id, a.created_at, t.name AS topic, a.kind,
           replace(a.headline, char(10), ' ') AS headline,
           replace(a.whats_new, char(10), ' ') AS whats_new,
           a.publisher, a.published_at, a.url, a.importance
    FROM alerts a JOIN topics t ON t.slug = a.topic
    WHERE a.seen_at IS NULL
    ORDER BY a.created_at DESC, a.id DESC
"""


# What a story's phase does to its sources, and whether its articles are still about it.
LIFE = """
ALTER TABLE sources ADD COLUMN not_before_at TEXT;
ALTER TABLE topics ADD COLUMN drift_since TEXT;
ALTER TABLE topics ADD COLUMN drift_why TEXT
"""


# What a language model makes of an alert, and which alerts it is still to be asked about.
SUMMARIES = """
ALTER TABLE alerts ADD COLUMN summary TEXT;
CREATE TABLE summaries (
    alert_id             INTEGER PRIMARY KEY REFERENCES alerts (id),
    -- ours
    state                TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'written', 'dropped', 'dead')),
    attempts             INTEGER NOT NULL DEFAULT 0,
    next_try_at          TEXT,
    answered_at          TEXT,
    question_sha256      TEXT,
    error                TEXT
);
CREATE INDEX summaries_due ON summaries (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX summaries_question ON summaries (question_sha256) WHERE question_sha256 IS NOT NULL
"""


# How each kept page was come by, apart from its bytes, which others may share; and a seal on every alert.
PROOF = """
CREATE TABLE retrievals (
    id                   INTEGER PRIMARY KEY,
    article_id           INTEGER NOT NULL REFERENCES articles (id),
    url                  TEXT NOT NULL,
    status               INTEGER NOT NULL,
    headers              TEXT NOT NULL,
    -- ours
    at                   TEXT NOT NULL,
    redirects            TEXT NOT NULL,
    capture_sha256       TEXT REFERENCES captures (sha256) ON DELETE SET NULL
);
CREATE INDEX retrievals_article ON retrievals (article_id);
CREATE INDEX retrievals_capture ON retrievals (capture_sha256) WHERE capture_sha256 IS NOT NULL;
INSERT INTO retrievals (article_id, url, status, headers, at, redirects, capture_sha256)
    SELECT r.article_id, c.url, c.status, c.headers, c.fetched_at, '[]', c.sha256
    FROM revisions r JOIN captures c ON c.sha256 = r.capture_sha256 ORDER BY r.id;
ALTER TABLE alerts ADD COLUMN revision_id INTEGER REFERENCES revisions (id);
ALTER TABLE alerts ADD COLUMN sha256 TEXT
"""


# When the page behind an entry is looked at again, what to ask its server with, and whether it is still there; and
# what changed from one version of an article to the next.
EDITS = """
ALTER TABLE entries ADD COLUMN etag TEXT;
ALTER TABLE entries ADD COLUMN last_modified TEXT;
ALTER TABLE entries ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN missed_since TEXT;
CREATE TABLE edits (
    id                   INTEGER PRIMARY KEY,
    revision_id          INTEGER NOT NULL REFERENCES revisions (id),
    kind                 TEXT NOT NULL,
    was                  TEXT,
    became               TEXT,
    sentence             TEXT,
    instead              TEXT
);
CREATE INDEX edits_revision ON edits (revision_id);
DROP VIEW timeline;
CREATE VIEW timeline AS
    SELECT d.topic,
           coalesce(d.happened_on, date(a.published_at), date(d.first_seen_at)) AS day,
           d.headline,
           replace(e.sentence, char(10), ' ') AS evidence,
           a.publisher, a.url, d.reports, d.independent_reports, d.kind,
           d.happened_on, d.first_seen_at, d.id AS development_id,
           (SELECT group_concat(said, char(10)) FROM (
                SELECT replace(date(r.seen_at) || ' ' || x.kind || ': ' || ifnull(x.was || ' → ', '')
                               || ifnull(x.became, 'not there any more'), char(10), ' ') AS said
                FROM revisions r JOIN edits x ON x.revision_id = r.id
                WHERE r.article_id IN (
                    SELECT article_id FROM evidence WHERE development_id = d.id AND role <> 'corroborates')
                  AND x.kind IN ('correction', 'retraction', 'headline', 'number', 'name', 'removed')
                ORDER BY x.id)) AS edits
    FROM developments d
    LEFT JOIN evidence e ON e.id = (
        SELECT id FROM evidence WHERE development_id = d.id ORDER BY role <> 'first', role = 'corroborates', id LIMIT 1)
    LEFT JOIN articles a ON a.id = e.article_id
    ORDER BY d.topic, day, d.id
"""


# How regularly a source has something new, to see when it falls silent.
HABIT = """
ALTER TABLE sources ADD COLUMN last_new_at TEXT;
ALTER TABLE sources ADD COLUMN news_days INTEGER NOT NULL DEFAULT 0
"""


# Links to articles on a topic that no link has looked at again, and how old each was at the last request.  Of several
# links to one article, the first of a source that is watched is taken.
NEVER_LOOKED_AT = """
SELECT e.id, a.status = 'partial' AS teaser, strftime('%s', :at) - strftime('%s',
           min(a.first_seen_at, iif(e.background, ifnull(a.published_at, a.first_seen_at), a.first_seen_at))) AS age_s
FROM articles a JOIN entries e ON e.id = (
    SELECT min(link.id) FROM entries link JOIN sources s ON s.id = link.source_id AND s.active = 1
    WHERE link.article_id = a.id AND link.state = 'article')
WHERE a.copy_of IS NULL
  AND NOT EXISTS (SELECT 1 FROM entries link WHERE link.article_id = a.id AND link.next_try_at IS NOT NULL)
  AND EXISTS (SELECT 1 FROM decisions d JOIN topics t ON t.slug = d.topic AND t.active = 1
              WHERE d.article_id = a.id AND d.verdict NOT IN ('irrelevant', 'copy'))
"""

LOOK_AT = "UPDATE entries SET next_try_at = strftime('%Y-%m-%dT%H:%M:%SZ', :at, :wait || ' seconds') WHERE id = :id"
SPREAD = 0.1  # of a wait is added by turns, for what was filed together is not to be looked at together
GOLDEN = 0.618034  # whose multiples fill the way from 0 to 1 evenly, however many they are


# Whether the article of a watched page is still there, apart from whether its server answers well.
ABSENT = """
ALTER TABLE sources ADD COLUMN absent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN absent_since TEXT
"""


def _run(db: Database, *scripts: str) -> None:
    """Run statements one by one, inside the migration's transaction (`executescript` would commit it)."""
    for script in scripts:
        for statement in script.split(";\n"):
            if statement.strip():
                db.conn.execute(statement)
    version = db.conn.execute("PRAGMA user_version").fetchone()[0]
    db.conn.execute(f"PRAGMA user_version = {version + 1}")


@MIGRATIONS()
def m001_the_house(db: Database) -> None:
    """Create every table, index and view of the first release."""
    _run(db, TOPICS, SOURCES, ENTRIES, ARTICLES, DEVELOPMENTS, ALERTS, SEARCH, VIEWS)


@MIGRATIONS()
def m002_manners(db: Database) -> None:
    """Remember what was asked of each host, its robots.txt, and where a source moved on faster than we looked."""
    _run(db, MANNERS)


@MIGRATIONS()
def m003_addresses(db: Database) -> None:
    """Know an article by any spelling of the addresses that led to it, and the outlet that a list names."""
    _run(db, ADDRESSES)
    for id_, own, link in db.conn.execute("SELECT id, url, fetched_url FROM articles ORDER BY id").fetchall():
        addresses.remember(db.conn, id_, own, [link])
    links = "SELECT a.id, a.url, e.url FROM entries e JOIN articles a ON a.id = e.article_id ORDER BY e.id"
    for id_, own, link in db.conn.execute(links).fetchall():
        addresses.remember(db.conn, id_, own, [link])


@MIGRATIONS()
def m004_worth_of_alerts(db: Database) -> None:
    """Keep what a person said an alert was worth, how much it matters, and until when its delivery is held."""
    _run(db, WORTH)
    told = """SELECT a.id, a.kind, d.novelty, ifnull(d.independent_reports, 1) FROM alerts a
    LEFT JOIN developments d ON d.id = a.development_id"""
    for id_, kind, novelty, outlets in db.conn.execute(told).fetchall():
        matters = importance.of(kind, novelty=novelty, outlets=outlets)
        db.conn.execute("UPDATE alerts SET importance = ? WHERE id = ?", (matters, id_))


@MIGRATIONS()
def m005_life(db: Database) -> None:
    """Know until when a server wants to be left alone when a story wakes, and when a story's articles drift."""
    _run(db, LIFE)


@MIGRATIONS()
def m006_summaries(db: Database) -> None:
    """Keep a one-line summary of an alert by a language model, and what becomes of the question for it."""
    _run(db, SUMMARIES)


@MIGRATIONS()
def m007_proof(db: Database) -> None:
    """Remember how each kept page was come by, and seal the alerts."""
    _run(db, PROOF)
    proof.seal_all(db.conn)


@MIGRATIONS()
def m008_edits(db: Database) -> None:
    """Look again at pages that were read, and keep what was edited in them, typed, with the words before and after."""
    _run(db, EDITS)


@MIGRATIONS()
def m009_habit(db: Database) -> None:
    """Remember how regularly a source has something new; it is learnt from now on."""
    _run(db, HABIT)


@MIGRATIONS()
def m010_looks(db: Database) -> None:
    """Look again at what was filed before pages were looked at again, at the ages that `looks` has.

    A migration knows no clock, and needs none: an article was as old as it was when something was last asked for.  If
    that was long ago, the look is due at once, like any look that fell due while nobody looked.
    """
    _run(db)
    last = db.conn.execute("SELECT at FROM fetches ORDER BY id DESC LIMIT 1").fetchone()
    for id_, teaser, age_s in db.conn.execute(NEVER_LOOKED_AT, {"at": last and last[0]}).fetchall():
        wait_s = looks.wait_s(age_s, teaser=bool(teaser)) if age_s is not None else None
        if wait_s is not None:
            spread = 1 + SPREAD * (id_ * GOLDEN % 1)
            db.conn.execute(LOOK_AT, {"at": last[0], "wait": f"+{round(wait_s * spread)}", "id": id_})


@MIGRATIONS()
def m011_absent(db: Database) -> None:
    """Count the looks at which the article of a watched page was not there; a failure of its server is none."""
    _run(db, ABSENT)
