"""What a poll writes: the source's new state, and the links to remember.  Pure; pipeline.py carries it out."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import datetime, timedelta

from . import feeds, schedule, urls
from .errors import NotAFeed
from .model import (
    Entry,
    EntryState,
    Failed,
    Fetched,
    Listing,
    NewEntry,
    NotModified,
    Outcome,
    Plan,
    SourceKind,
    SourceState,
    SourceUpdate,
    Watched,
)

LEARN_DAYS = 30  # of a sitemap's past, when a topic begins: older pages are not fetched


def listed(watched: Watched, outcome: Outcome) -> Listing | NotAFeed | None:
    """Return what a source lists; None: nothing changed or nothing came; NotAFeed: why it cannot be read."""
    if not isinstance(outcome, Fetched) or digest(outcome.body) == watched.body_sha256:
        return None
    source = watched.source
    try:
        return feeds.listing(
            outcome.body,
            url=outcome.final_url,
            kind=source.kind,
            content_type=outcome.content_type,
            links=source.links,
        )
    except NotAFeed as error:
        return error


def plan_poll(
    watched: Watched, outcome: Outcome, listing: Listing | NotAFeed | None, now: datetime, rng: random.Random
) -> Plan:
    """Decide what a poll writes.

    listing  its entries are those that the source had not shown before, or says it has updated
    """
    if isinstance(outcome, Failed):
        update = failed_source(watched, outcome, now, rng)
        return Plan(now, (outcome,), update)
    if isinstance(listing, NotAFeed):
        update = failed_source(watched, unreadable(outcome, listing), now, rng)
        return Plan(now, (outcome,), update)
    found = listing or Listing("unchanged")
    since = min(watched.topics.values(), default=now)
    wait = found.ttl_s or 0.0
    update = good_source(watched, outcome, now, rng, news=bool(found.entries), at_least_s=wait)
    entries = tuple(new_entry(entry, watched, since) for entry in found.entries)
    interval = watched.source.interval
    return Plan(now, (outcome,), update, entries, tuple(replace(child, interval=interval) for child in found.children))


def new_entry(entry: Entry, watched: Watched, since: datetime) -> NewEntry:
    """Return a link as it is remembered: to be read, as background or not, or skipped because it is old."""
    dated = entry.updated or entry.published
    background = watched.learning and (dated is None or dated < since)
    old = (
        watched.source.kind is SourceKind.SITEMAP
        and background
        and (dated is not None and dated < since - timedelta(days=LEARN_DAYS))
    )
    host = urls.host(entry.url)
    if old:
        why = f"older than the {LEARN_DAYS} days that are learnt when a topic begins"
        return NewEntry(entry, host, background, EntryState.SKIPPED, why)
    return NewEntry(entry, host, background)


def good_source(
    watched: Watched,
    outcome: Fetched | NotModified,
    now: datetime,
    rng: random.Random,
    *,
    news: bool,
    at_least_s: float = 0.0,
    why: str | None = None,
) -> SourceUpdate:
    """Return a source after an answer that could be read."""
    interval = watched.source.interval
    # The first poll always brings "news"; it says nothing of the source's pace.
    usual = watched.interval_s if watched.learning else None
    interval_s = usual or schedule.next_interval(watched.interval_s, interval, news=news)
    server_s = min(max(outcome.fresh_s or 0.0, at_least_s), max(interval.max_s, interval_s))
    return SourceUpdate(
        id=watched.id,
        state=SourceState.OK,
        interval_s=interval_s,
        due=schedule.next_due(now, interval_s, rng, not_before=now + timedelta(seconds=server_s)),
        failures=0,
        why=why,
        last_ok=now,
        validators=outcome.validators,
        learning=False,
        body_sha256=digest(outcome.body) if isinstance(outcome, Fetched) else watched.body_sha256,
    )


def failed_source(watched: Watched, failed: Failed, now: datetime, rng: random.Random) -> SourceUpdate:
    """Return a source after a failure: slower, with the reason, and always with a next time."""
    failures = watched.failures + 1
    state = schedule.state_after(failed, failures)
    wait_s = schedule.source_wait(state, watched.interval_s, watched.source.interval, failures)
    return SourceUpdate(
        id=watched.id,
        state=state,
        interval_s=watched.interval_s,
        due=schedule.next_due(now, wait_s, rng, not_before=failed.retry_at),
        failures=failures,
        why=f"{failed.error}: {failed.why}",
    )


def unreadable(outcome: Fetched | NotModified, error: NotAFeed) -> Failed:
    """Return an answer that holds no list as a failure of its source."""
    return Failed(outcome.url, outcome.final_url, outcome.at, "not-a-feed", str(error), outcome.status)


def digest(body: bytes) -> str:
    """Return the SHA-256 of a body, by which we know that it did not change whatever its headers say."""
    return hashlib.sha256(body).hexdigest()
