"""What a person asks the database, in SQL; the columns are named like the fields of rows.py."""

from __future__ import annotations

ALERTS = """
SELECT a.id, a.topic, a.kind, a.headline, a.whats_new, a.why, a.url, a.publisher, a.published_at, a.created_at,
       a.seen_at, a.feedback, a.importance, a.development_id, a.article_id, a.summary, ifnull(d.reports, 0) AS reports,
       ifnull(d.independent_reports, 0) AS independent_reports
FROM alerts a LEFT JOIN developments d ON d.id = a.development_id
"""

TOPICS = """
WITH marked AS (
    SELECT topic, count(*) AS all_of_them, sum(feedback = 'useful') AS useful, sum(feedback = 'noise') AS noise,
           sum(feedback = 'known') AS known
    FROM alerts WHERE feedback IS NOT NULL GROUP BY topic)
SELECT slug, name, about, phase, active, last_development_at, blind_since, drift_since, drift_why, added_at,
       (SELECT count(*) FROM developments d WHERE d.topic = t.slug) AS developments,
       (SELECT count(*) FROM alerts a WHERE a.topic = t.slug AND a.seen_at IS NULL) AS new_alerts,
       ifnull(useful, 0) AS useful, ifnull(noise, 0) AS noise, ifnull(known, 0) AS known,
       1.0 * noise / all_of_them AS noise_share,
       (SELECT count(DISTINCT source_id) FROM topic_sources w WHERE w.topic = t.slug AND w.until IS NULL) AS sources
FROM topics t LEFT JOIN marked m ON m.topic = t.slug ORDER BY active DESC, name
"""

DRIFTS = "SELECT slug, drift_why FROM topics WHERE active = 1 AND drift_why IS NOT NULL ORDER BY slug"

SOURCES = """
SELECT id, url, kind, host, state, why, last_ok_at, next_due_at, interval_s, failures, found_by,
       (SELECT group_concat(DISTINCT topic) FROM topic_sources w
        WHERE w.source_id = s.id AND w.until IS NULL) AS topics,
       (SELECT count(*) FROM entries e WHERE e.source_id = s.id) AS entries
FROM sources s WHERE active = 1 ORDER BY topics, host, url
"""

HOSTS = """
SELECT host, requests, not_modified, 1.0 * not_modified / nullif(requests, 0) AS not_modified_share, failed,
       received_bytes, unasked, delay_s, shortest_pause_s, left_alone_until, first_asked_at, last_asked_at
FROM hosts ORDER BY requests DESC, host
"""

ARTICLES = """
SELECT id, url, fetched_url, canonical_url, publisher, agency, title, author, published_at, modified_at, language,
       first_seen_at, last_seen_at, copy_of, status,
       length(text) AS characters,
       (SELECT count(*) FROM revisions r WHERE r.article_id = a.id) AS revisions
FROM articles a WHERE id = ?
"""

DECISIONS = """
SELECT article_id, topic, verdict, relevant, relevance, novelty, copy_of, development_id, decided_at, why
FROM decisions WHERE article_id = ? ORDER BY topic
"""

EVIDENCE = """
SELECT development_id, article_id, sentence, role, seen_at FROM evidence
WHERE article_id = :article OR development_id = :development ORDER BY development_id, role <> 'first', id
"""

REVISIONS = "SELECT id, seen_at, change FROM revisions WHERE article_id = ? ORDER BY id"

EDITS = """
SELECT x.revision_id, x.kind, x.was, x.became FROM edits x JOIN revisions r ON r.id = x.revision_id
WHERE r.article_id = ? ORDER BY x.id
"""

ENTRIES = """
SELECT id, source_id, url, title, published_at, first_seen_at, background, state, why, attempts, next_try_at, article_id
FROM entries WHERE url IN (SELECT value FROM json_each(:urls)) OR article_id = :article ORDER BY id
"""

FETCHES = """
SELECT url, final_url, at, status, bytes, ms, outcome, error, why FROM fetches
WHERE url IN (SELECT value FROM json_each(:urls)) ORDER BY id DESC LIMIT :limit
"""

# What an alert rests on: its own article, and those that the evidence of its development stands in.
BEHIND = """
WITH chosen AS (
    SELECT id, article_id, development_id FROM alerts
    WHERE (:topic IS NULL OR topic = :topic) AND (:since IS NULL OR created_at >= :since)
        AND (:id IS NULL OR id = :id)),
behind AS (
    SELECT article_id FROM chosen WHERE article_id IS NOT NULL
    UNION SELECT e.article_id FROM chosen c JOIN evidence e ON e.development_id = c.development_id)
"""

CHOSEN = BEHIND + "SELECT id FROM chosen ORDER BY id"  # noqa: S608

PROVEN_BY = """
SELECT e.sentence, e.role, e.seen_at, a.id AS article_id, a.url, a.publisher, a.title, a.published_at
FROM evidence e JOIN articles a ON a.id = e.article_id WHERE e.development_id = ? ORDER BY e.role <> 'first', e.id
"""

TEXTS = (
    BEHIND
    + """SELECT r.article_id, a.url, r.title, r.text, r.seen_at, r.change, r.text_sha256, r.capture_sha256
FROM behind b JOIN revisions r ON r.article_id = b.article_id JOIN articles a ON a.id = b.article_id ORDER BY r.id"""
)

RETRIEVALS = (
    BEHIND
    + """SELECT r.article_id, r.url, r.at, r.status, json(r.redirects) AS redirects, r.capture_sha256
FROM behind b JOIN retrievals r ON r.article_id = b.article_id ORDER BY r.id"""
)

RAW_PAGES = (
    BEHIND
    + """SELECT r.url, r.at, r.status, r.headers, r.redirects, c.body
FROM behind b JOIN retrievals r ON r.article_id = b.article_id JOIN captures c ON c.sha256 = r.capture_sha256
ORDER BY r.id"""
)

# Of an article that raised several, read again, the last one counts.
FEEDBACK = """
SELECT article_id, topic, feedback FROM alerts
WHERE feedback IS NOT NULL AND article_id IS NOT NULL AND development_id IS NOT NULL
  AND kind NOT IN ('corrected', 'removed') ORDER BY id
"""

DELIVERIES = """
SELECT iif(state = 'waiting' AND held_until IS NOT NULL, 'held', state) AS now, count(*) FROM deliveries GROUP BY now
"""

CHANNELS = """
SELECT channel, count(CASE WHEN state = 'waiting' THEN 1 END) AS waiting,
       count(CASE WHEN state = 'waiting' AND held_until IS NOT NULL THEN 1 END) AS held,
       count(CASE WHEN state = 'delivered' THEN 1 END) AS delivered, count(CASE WHEN state = 'dead' THEN 1 END) AS dead,
       max(delivered_at) AS last_delivered_at, min(next_try_at) AS next_try_at,
       (SELECT e.error FROM deliveries e WHERE e.channel = d.channel AND e.error IS NOT NULL
        ORDER BY e.state = 'dead', e.id DESC LIMIT 1) AS error
FROM deliveries d GROUP BY channel ORDER BY channel
"""

DEAD = """
SELECT d.alert_id, d.channel, a.kind, a.headline, a.created_at, d.attempts, d.error
FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE d.state = 'dead' ORDER BY d.id DESC
"""

SOURCE_STATES = "SELECT state, count(*) FROM sources WHERE active = 1 GROUP BY state"

UNREAD = "SELECT count(*) FROM entries WHERE next_try_at IS NOT NULL AND state IN ('new', 'blocked', 'failed')"

GIVEN_UP = """
SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id WHERE d.state = 'dead' AND a.seen_at IS NULL
"""

LATE = """
SELECT count(*) FROM deliveries d JOIN alerts a ON a.id = d.alert_id
WHERE d.next_try_at IS NOT NULL AND (d.next_try_at < :lying OR d.attempts > 0 AND a.created_at < :late)
"""

KNOWN_URLS = """
SELECT url FROM articles WHERE url BETWEEN :start AND :end
UNION SELECT url FROM entries WHERE url BETWEEN :start AND :end
UNION SELECT url FROM sources WHERE url BETWEEN :start AND :end
LIMIT 2000
"""
