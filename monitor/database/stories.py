"""How the stories stand: how much of them we can see, what is lost to us, and how they move."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby

from ..model import Drift, Loss, Pulse, Sight, SourceId
from .file import Connection, columns, instant, moment

LATELY = timedelta(days=2)  # as schedule.phase counts developments

# One failed poll is no blindness, a refusal is.  A page that is gone was seen to be gone.  A source that had something
# new on nearly every day is silent when it answers well for a week and has nothing: a feed that is not filled any more.
# Other sources may be silent for as long as their story is.
SILENT = """(s.state = 'ok' AND s.news_days >= 20 AND s.kind IN ('feed', 'sitemap', 'listing')
    AND julianday(s.last_ok_at) - julianday(s.last_new_at) >= 7)"""
NOT_SEEN = f"(s.state IN ('blocked', 'parked') OR s.state = 'failing' AND s.failures >= 3 OR {SILENT})"
IN_VIEW = "NOT (s.kind = 'page' AND s.state = 'parked')"

SIGHT = f"""
SELECT t.slug, t.name, t.blind_since, count(s.id) AS sources, count(CASE WHEN {NOT_SEEN} THEN 1 END) AS unseen,
       count(CASE WHEN s.state = 'parked' THEN 1 END) AS parked
FROM topics t
LEFT JOIN (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL) w ON w.topic = t.slug
LEFT JOIN sources s ON s.id = w.source_id AND {IN_VIEW}
WHERE t.active = 1 GROUP BY t.slug ORDER BY t.slug
"""  # noqa: S608  the two conditions above

UNSEEN = f"""
SELECT DISTINCT s.url, iif({SILENT}, 'silent', s.state),
       iif({SILENT}, 'nothing new since ' || date(s.last_new_at), s.why)
FROM topic_sources w JOIN sources s ON s.id = w.source_id
WHERE w.topic = ? AND w.until IS NULL AND {IN_VIEW} AND {NOT_SEEN}
ORDER BY s.last_ok_at DESC, s.id LIMIT 3
"""  # noqa: S608

PULSE = """
SELECT t.*, count(CASE WHEN d.first_seen_at > ? THEN 1 END) AS lately,
       count(CASE WHEN d.first_seen_at > ? THEN 1 END) AS day, count(d.id) AS week
FROM topics t LEFT JOIN developments d ON d.topic = t.slug AND d.first_seen_at > ?
WHERE t.active = 1 GROUP BY t.slug ORDER BY t.slug
"""

LOSSES = """
SELECT w.topic, t.name, iif(s.state = 'parked', 'parked', 'missed') AS loss, s.id, s.url, s.why
FROM sources s
JOIN (SELECT DISTINCT topic, source_id FROM topic_sources WHERE until IS NULL) w ON w.source_id = s.id
JOIN topics t ON t.slug = w.topic AND t.active = 1
WHERE (s.state = 'parked' OR s.missed_at IS NOT NULL) AND s.active = 1 AND s.kind <> 'page'
  AND s.told IS NOT iif(s.state = 'parked', 'parked', 'missed')
ORDER BY w.topic, loss, s.id
"""


def sight(conn: Connection) -> tuple[Sight, ...]:
    """Return for each topic how many of its sources we can see."""
    rows = conn.execute(SIGHT).fetchall()
    return tuple(
        Sight(
            topic=row["slug"],
            name=row["name"],
            blind_since=instant(row["blind_since"]),
            sources=row["sources"],
            unseen=row["unseen"],
            parked=row["parked"],
            why="; ".join(
                f"{url} is {state}" + (f" ({why})" if why else "")
                for url, state, why in conn.execute(UNSEEN, (row["slug"],))
            ),
        )
        for row in rows
    )


def losses(conn: Connection) -> tuple[Loss, ...]:
    """Return what is to be told of lost sources: one for each topic and kind."""
    rows = conn.execute(LOSSES).fetchall()
    found = []
    for (topic, name, kind), of_kind in groupby(rows, key=lambda row: (row["topic"], row["name"], row["loss"])):
        lost = list(of_kind)
        ids = tuple(SourceId(row["id"]) for row in lost)
        found.append(Loss(topic, name, kind, ids, tuple(row["url"] for row in lost), lost[0]["why"] or ""))
    return tuple(found)


def told(conn: Connection, loss: Loss) -> None:
    """Note that somebody was told of a loss."""
    conn.executemany("UPDATE sources SET told = ? WHERE id = ?", [(loss.kind, int(id)) for id in loss.sources])


def pulse(conn: Connection, now: datetime) -> tuple[Pulse, ...]:
    """Return for each topic how its story moves."""
    ago = columns(*(now - span for span in (LATELY, timedelta(days=1), timedelta(days=7))))
    return tuple(
        Pulse(
            topic=row["slug"],
            phase=row["phase"],
            added_at=moment(row["added_at"]),
            last_development_at=instant(row["last_development_at"]),
            lately=row["lately"],
            day=row["day"],
            week=row["week"],
            drift=Drift(moment(row["drift_since"]), row["drift_why"]) if row["drift_why"] else None,
        )
        for row in conn.execute(PULSE, ago)
    )


def set_blind(conn: Connection, topic: str, since: datetime | None) -> None:
    """Note since when a topic cannot be seen, unless that is noted already; None: it can be seen."""
    conn.execute(
        "UPDATE topics SET blind_since = iif(?1 IS NULL, NULL, coalesce(blind_since, ?1)) WHERE slug = ?2",
        columns(since, topic),
    )


def set_phase(conn: Connection, topic: str, phase: str) -> None:
    """Name the phase of a story."""
    conn.execute("UPDATE topics SET phase = ? WHERE slug = ?", columns(phase, topic))


def set_drift(conn: Connection, topic: str, drift: Drift | None) -> None:
    """Note that a topic's accepted articles are about something else now; None: about the story."""
    since, why = (drift.since, drift.why) if drift is not None else (None, None)
    conn.execute("UPDATE topics SET drift_since = ?, drift_why = ? WHERE slug = ?", columns(since, why, topic))
