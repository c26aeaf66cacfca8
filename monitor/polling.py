"""What a poll writes: the source's new state, and the links to remember.  Pure; pipeline.py carries it out."""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import replace
from datetime import datetime, timedelta

from . import endpoints, schedule, urls
from .errors import NotAFeed
from .model import (
    Entry,
    EntryState,
    EntryUpdate,
    Failed,
    Fetched,
    Listing,
    NewEntry,
    NotModified,
    Outcome,
    Plan,
    Shown,
    SourceKind,
    SourceState,
    SourceUpdate,
    Validators,
    Waiting,
    Watched,
)

LEARN_DAYS = 30  # of a sitemap's past, when a topic begins: older pages are not fetched
WHOLE_EVERY = 24  # polls; some servers answer "not modified" for ever
WHOLE_WITHIN = timedelta(days=1)
SHOWS_ALL_IN_TURN = frozenset({"rss", "atom", "rdf", "json-feed", "news-sitemap"})
"""Lists to which what is new is added and from which what is old falls out; others are sorted, cut or searched."""

FEWEST_LINKS = 3  # in a list, below which that none is known means little
MOST_NEW = 1 / 3  # of what a list shows may be new at a look: two bursts in one would still be seen
OUTAGE_RETRY_S = 60.0


def validators(watched: Watched, now: datetime) -> Validators:
    """Return what to ask "has it changed?" with; none when the whole is wanted: now and then, and after a gap."""
    lately = watched.whole_at is not None and now - watched.whole_at < WHOLE_WITHIN
    if watched.missed_at is None and not watched.absent and watched.unchanged < WHOLE_EVERY and lately:
        return watched.validators
    return Validators()


def listed(watched: Watched, outcome: Outcome) -> Listing | NotAFeed | None:
    """Return what a source lists; NotAFeed: why it cannot be read; None: no more than last time.

    A source answers with something else than last time or it does not, whatever its validators say.
    """
    if not isinstance(outcome, Fetched) or digest(outcome.body) == watched.body_sha256:
        return None
    from . import feeds  # a pass on which every source says "not modified" needs no parser

    source = watched.source
    try:
        return feeds.listing(
            outcome.body,
            url=outcome.final_url,
            kind=source.kind,
            content_type=outcome.content_type,
            links=source.links,
            fields=source.fields,
        )
    except NotAFeed as error:
        return error


def plan_poll(
    watched: Watched,
    outcome: Outcome,
    listing: Listing | NotAFeed | None,
    shown: Shown,
    now: datetime,
    rng: random.Random,
) -> Plan:
    """Decide what a poll writes.

    listing  as `listed` returns it; None: nothing changed, or nothing came
    shown    which of its entries are fresh
    """
    if isinstance(outcome, Failed):
        update = failed_source(watched, outcome, now, rng)
        return Plan(now, (outcome,), update)
    if isinstance(listing, NotAFeed):
        update = failed_source(watched, unreadable(outcome, listing), now, rng)
        return Plan(now, (outcome,), update)
    found = listing or Listing("unchanged")
    since = min(watched.topics.values(), default=now)
    lasts_s = lasting(watched, found, shown, now)
    update = good_source(
        watched, outcome, now, rng, news=bool(shown.fresh), at_least_s=found.ttl_s or 0.0, lasts_s=lasts_s
    )
    if listing is None:
        update = replace(update, missed_at=watched.missed_at)
    elif is_gap(watched, listing, shown):
        update = after_gap(watched, update, now, rng)
    entries = tuple(new_entry(entry, watched, since) for entry in shown.fresh)
    interval = watched.source.interval
    return Plan(now, (outcome,), update, entries, tuple(replace(child, interval=interval) for child in found.children))


def lasting(watched: Watched, listing: Listing, shown: Shown, now: datetime) -> float:
    """Return after how many seconds, at the pace since the look before, MOST_NEW of what a list shows will be new."""
    count = len(listing.entries)
    new = max(count - shown.known, 0) / count if count >= FEWEST_LINKS else 0.0
    if watched.last_ok is None or new == 0:
        return math.inf
    return (now - watched.last_ok).total_seconds() * MOST_NEW / new


def is_gap(watched: Watched, listing: Listing, shown: Shown) -> bool:
    """Tell whether a list holds nothing of what it held at the look before: then more has passed than we saw."""
    searched = watched.source.kind is SourceKind.SEARCH
    adds_up = not searched and listing.format in SHOWS_ALL_IN_TURN and len(listing.entries) >= FEWEST_LINKS
    return adds_up and not watched.learning and not shown.known


def after_gap(watched: Watched, update: SourceUpdate, now: datetime, rng: random.Random) -> SourceUpdate:
    """Return a source that is looked at as often as it may be, and says why."""
    soonest_s = watched.source.interval.min_s
    since = f" since {watched.last_ok:%Y-%m-%d %H:%M} UTC" if watched.last_ok else ""
    return replace(
        update,
        interval_s=soonest_s,
        due=min(update.due, schedule.next_due(now, soonest_s, rng)),
        why=f"items may have been missed: all links shown are new{since}",
        missed_at=watched.missed_at or now,
    )


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
    lasts_s: float = math.inf,
) -> SourceUpdate:
    """Return a source after an answer that could be read.

    at_least_s   what the answer itself asks for
    lasts_s      as `lasting` tells
    """
    interval = watched.source.interval
    # The first poll always brings "news"; it says nothing of the source's pace.
    usual = watched.interval_s if watched.learning else None
    interval_s = usual or schedule.next_interval(
        watched.interval_s, interval, phase=watched.phase, news=news, lasts_s=lasts_s
    )
    server_s = min(max(outcome.fresh_s or 0.0, at_least_s), max(interval.max_s, interval_s))
    server_s = max(server_s, endpoints.least_interval_s(watched.host))
    not_before = now + timedelta(seconds=server_s) if server_s else None
    return SourceUpdate(
        id=watched.id,
        state=SourceState.OK,
        interval_s=interval_s,
        due=schedule.next_due(now, interval_s, rng, not_before=not_before),
        failures=0,
        not_before=not_before,
        last_ok=now,
        validators=outcome.validators,
        learning=False,
        body_sha256=digest(outcome.body) if isinstance(outcome, Fetched) else watched.body_sha256,
        whole_at=now if isinstance(outcome, Fetched) else None,
        unchanged=0 if isinstance(outcome, Fetched) else watched.unchanged + 1,
    )


def failed_source(watched: Watched, failed: Failed, now: datetime, rng: random.Random) -> SourceUpdate:
    """Return a source after a failure: slower, with the reason, and always with a next time."""
    failures = watched.failures + failed.asked
    state = schedule.state_after(failed, failures) if failed.asked else watched.state
    wait_s = schedule.source_wait(state, watched.interval_s, watched.source.interval, max(failures, 1))
    if failed.asked:
        wait_s = max(wait_s, endpoints.least_interval_s(watched.host))
    return SourceUpdate(
        id=watched.id,
        state=state,
        interval_s=watched.interval_s,
        due=schedule.next_due(now, wait_s, rng, not_before=failed.retry_at),
        failures=failures,
        why=f"{failed.error}: {failed.why}",
        missed_at=watched.missed_at,
        absent=watched.absent,
        absent_since=watched.absent_since,
    )


def excused_source(watched: Watched, failed: Failed, now: datetime, rng: random.Random) -> SourceUpdate:
    """Return a source that could not be reached because nothing could: as it was, to be tried again soon."""
    return SourceUpdate(
        id=watched.id,
        state=watched.state,
        interval_s=watched.interval_s,
        due=schedule.next_due(now, OUTAGE_RETRY_S, rng),
        failures=watched.failures,
        why=f"this machine seems to be offline: {failed.why}",
        missed_at=watched.missed_at,
        absent=watched.absent,
        absent_since=watched.absent_since,
    )


def failed_entry(waiting: Waiting, outcome: Outcome, now: datetime) -> EntryUpdate:
    """Return an entry whose page did not come, with the reason and the next attempt."""
    if not isinstance(outcome, Failed):  # a 304 to a request without validators
        outcome = Failed(outcome.url, outcome.final_url, outcome.at, "protocol", "answered 304 though nothing was kept")
    attempts = waiting.attempts + outcome.asked
    state, again = schedule.retry(outcome, max(attempts, 1), now)
    why = f"{outcome.error}: {outcome.why}"
    if waiting.recheck:  # what was read stays read
        return EntryUpdate(waiting.id, EntryState.ARTICLE, why, attempts, again)
    return EntryUpdate(waiting.id, state, why if again else f"{why}; given up", attempts, again)


def excused_entry(waiting: Waiting, failed: Failed, now: datetime) -> EntryUpdate:
    """Return an entry whose page could not be reached because nothing could."""
    why = f"this machine seems to be offline: {failed.why}"
    return EntryUpdate(
        id=waiting.id,
        state=EntryState.ARTICLE if waiting.recheck else EntryState.NEW,
        why=why,
        attempts=waiting.attempts,
        next_try=now + timedelta(seconds=OUTAGE_RETRY_S),
        missed=waiting.missed,
        missed_since=waiting.missed_since,
    )


def unreadable(outcome: Fetched | NotModified, error: NotAFeed) -> Failed:
    """Return an answer that holds no list as a failure of its source."""
    return Failed(outcome.url, outcome.final_url, outcome.at, "not-a-feed", str(error), outcome.status)


def digest(body: bytes) -> str:
    """Return the SHA-256 of a body, by which we know that it did not change whatever its headers say."""
    return hashlib.sha256(body).hexdigest()
