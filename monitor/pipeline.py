"""One visit: look, decide, commit.

    host -> its sources that are due   -> fetch -> feeds -> entries            one transaction a poll
         -> its entries that wait      -> fetch -> parse -> desk -> alerts      one transaction a page
         -> pages to look at again     -> fetch -> parse -> desk -> alerts      one transaction a page

`poll_host` is the unit of work; whoever runs it (the daemon's loop, `once`, the demo) sees to it that no site is
visited twice at a time.  What a visit learns is on disk before the next one begins, so a visit may be cut off anywhere:
what was not committed is still due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from . import alert, decide, polling, recheck, schedule, urls, wrapped
from .decide import SETTLED
from .desk import Desk
from .errors import MonitorError, NotAFeed, NotAnArticle
from .house import House
from .model import (
    Article,
    Entry,
    EntryState,
    EntryUpdate,
    Failed,
    Fetched,
    Filed,
    Listing,
    NotModified,
    Outcome,
    Plan,
    Shown,
    Source,
    SourceKind,
    SourceState,
    Standing,
    Waiting,
    Watched,
)
from .store import Store

PAGES_A_VISIT = 20  # then the host's sources have their turn again
SHUT = frozenset({"consent", "wrapped", "login", "captcha", "paywall"})  # we are kept out, though with status 200

log = logging.getLogger("monitor")


async def poll_host(house: House, host: str, *, polls_until: datetime | None = None) -> None:
    """Visit one host: poll its sources that are due, then read pages that wait, one request after another."""
    for watched in await house.store(Store.due_sources, host, polls_until or house.now()):
        visit = look if watched.source.kind is SourceKind.PAGE else poll
        await _guarded(house, visit(house, watched), watched=watched)
    fresh = await house.store(Store.waiting, host, house.now(), PAGES_A_VISIT)
    for waiting in fresh:
        await _guarded(house, read(house, waiting), waiting=waiting)
    if len(fresh) < PAGES_A_VISIT:
        await _look_again(house, host)


async def _look_again(house: House, host: str) -> None:
    """Look again at a few pages of a host that were read before; the others that are due have their turn later."""
    now = house.now()
    due = await house.store(Store.rechecks, host, now, recheck.AT_ONCE + 1)
    for waiting in due[: recheck.AT_ONCE]:
        await _guarded(house, look_again(house, waiting), waiting=waiting)
    if len(due) > recheck.AT_ONCE:
        later = schedule.next_due(house.now(), recheck.PUT_OFF_S, house.rng)
        await house.store(Store.put_off, host, now, later)


async def _guarded(
    house: House, visit: Awaitable[Plan], *, watched: Watched | None = None, waiting: Waiting | None = None
) -> None:
    """Let a fault of ours cost one page or one poll, not the daemon: it is recorded and tried again later."""
    try:
        await visit
    except MonitorError:
        raise
    except Exception as error:
        where = watched.source.url if watched else waiting.entry.url if waiting else "?"
        log.error("%s: a fault of this program: %r; please report it (more with -v)", where, error)  # noqa: TRY400
        log.debug("the fault in full", exc_info=True)
        now = house.now()
        failed = Failed(where, where, now, "fault", f"a fault of this program: {error!r}")
        source = polling.failed_source(watched, failed, now, house.rng) if watched else None
        entry = polling.failed_entry(waiting, failed, now) if waiting else None
        await house.commit(Plan(now, source=source, entry=entry))


# -------------------------------------------------------------------------------------------------- polling a source


async def poll(house: House, watched: Watched) -> Plan:
    """Ask a source what it lists, and remember the links that are new."""
    conditions = polling.validators(watched, house.now())
    outcome = await house.fetch.get(watched.source.url, conditions, accept="feed")
    listing, shown = await asyncio.to_thread(polling.listed, watched, outcome), Shown()
    if isinstance(listing, Listing):
        listing = await _robots_sitemaps(house, watched, listing)
        shown = await house.store(Store.shown, watched.id, listing.entries)
    plan = await asyncio.to_thread(polling.plan_poll, watched, outcome, listing, shown, house.now(), house.rng)
    plan = await house.weighed(plan, outcome, watched=watched)
    await house.commit(plan)
    _say_poll(watched, plan)
    return plan


async def _robots_sitemaps(house: House, watched: Watched, listing: Listing) -> Listing:
    """Add to what a site's home page shows the sitemaps that its robots.txt names."""
    if watched.source.kind is not SourceKind.SITE:
        return listing
    named = await house.fetch.sitemaps(watched.source.url)
    sitemaps = (Source(SourceKind.SITEMAP, url, watched.source.interval) for url in named)
    return replace(listing, children=(*listing.children, *sitemaps))


# --------------------------------------------------------------------------------------------------- reading a page


async def read(house: House, waiting: Waiting) -> Plan:
    """Read the page behind an entry, decide on it for each topic, and file it.

    A page that is already filed, because another source showed it, is not asked for again.
    """
    filed = None if waiting.again else await house.store(Store.filed, waiting.entry.url)
    if filed is not None:
        return await decide.on(house, filed.article, tuple(waiting.topics), entry=waiting)
    outcome = await house.fetch.get(waiting.entry.url)
    if isinstance(outcome, Fetched):
        article = await asyncio.to_thread(parsed, outcome)
        if isinstance(article, Article):
            article = completed(article, waiting.entry, house.now())
            return await decide.on(house, article, tuple(waiting.topics), entry=waiting, page=outcome)
        state = EntryState.BLOCKED if article.kind in SHUT else EntryState.NOT_ARTICLE
        update = EntryUpdate(waiting.id, state, _no(article, waiting.entry), waiting.attempts + 1)
    elif wrapped.is_consent(outcome.final_url) and (wall := _shut(outcome)):
        update = EntryUpdate(waiting.id, EntryState.BLOCKED, _no(wall, waiting.entry), waiting.attempts + 1)
    else:
        update = polling.failed_entry(waiting, outcome, house.now())
    plan = await house.weighed(Plan(house.now(), (outcome,), entry=update), outcome, waiting=waiting)
    await house.commit(plan)
    log.info("%s: %s (%s)", waiting.entry.url, update.state.value, update.why)
    return plan


def parsed(page: Fetched) -> Article | NotAnArticle:
    """Return the article on a page, or why there is none."""
    from . import parse  # a pass that meets no new page needs no parser

    if shut := _shut(page):
        return shut
    try:
        return parse.article(page.body, url=page.final_url, content_type=page.content_type)
    except NotAnArticle as error:
        return error


def _no(reason: NotAnArticle, entry: Entry) -> str:
    """Say why there is no article; where it is a middleman that stands before it, also whose it would have been."""
    middleman = wrapped.is_wrapped(entry.url) and entry.publisher
    return f"{reason}; its publisher is {entry.publisher}" if middleman else str(reason)


def _shut(outcome: Outcome) -> NotAnArticle | None:
    """Return why what a link led to cannot be the publisher's page; None: it may be."""
    if why := wrapped.dead_end(outcome.final_url):
        return NotAnArticle("consent" if wrapped.is_consent(outcome.final_url) else "wrapped", why)
    return None


def completed(article: Article, entry: Entry | None, now: datetime) -> Article:
    """Return the article with what only its feed says of it, and without dates that cannot be true yet."""
    own = _believable(article.published, now)
    return replace(
        article,
        title=article.title or (entry.title if entry else None) or "",
        published=own or _believable(entry.published if entry else None, now),
        published_is_day=article.published_is_day and own is not None,
        modified=_believable(article.modified, now),
        publisher=article.publisher or (entry.publisher if entry else None),
    )


def _believable(claimed: datetime | None, now: datetime) -> datetime | None:
    """Return a claimed time as it is filed, in UTC, so that a restart reads what was judged; None: it lies ahead."""
    return claimed.astimezone(UTC) if claimed is not None and claimed <= now + SETTLED else None


# ---------------------------------------------------------------------------------------------- watching one page


async def look(house: House, watched: Watched) -> Plan:
    """Look at a page that is watched for itself: for what it says, for edits, and for its removal."""
    outcome = await house.fetch.get(watched.source.url, polling.validators(watched, house.now()))
    now, rng = house.now(), house.rng
    if isinstance(outcome, Fetched):
        article = await asyncio.to_thread(parsed, outcome)
        filed = await house.store(Store.filed, watched.source.url)
        gone = recheck.absent(outcome, article, filed.article) if filed else None
        if isinstance(article, Article) and gone is None:
            article = completed(article, None, now)
            changed = polling.digest(outcome.body) != watched.body_sha256
            update = polling.good_source(watched, outcome, now, rng, news=changed)
            return await decide.on(house, article, tuple(watched.topics), watched=watched, page=outcome, source=update)
        kind, why = (article.kind, str(article)) if isinstance(article, NotAnArticle) else ("moved", gone or "")
        failed = Failed(outcome.url, outcome.final_url, outcome.at, kind, why, outcome.status)
        if gone is not None:
            plan = await _missed(house, watched, outcome, failed, gone)
        else:
            update = polling.failed_source(watched, failed, now, rng)
            shut = kind in SHUT
            plan = Plan(now, (outcome,), replace(update, state=SourceState.BLOCKED) if shut else update)
    elif isinstance(outcome, NotModified):
        plan = Plan(now, (outcome,), polling.good_source(watched, outcome, now, rng, news=False))
    else:
        plan = await _missed(house, watched, outcome, outcome, None)
    plan = await house.weighed(plan, outcome, watched=watched)
    await house.commit(plan)
    _say_poll(watched, plan)
    return plan


async def _missed(house: House, watched: Watched, outcome: Outcome, failed: Failed, gone: str | None) -> Plan:
    """Plan for a watched page that did not come: it is removed only when it is gone for hours and its site works.

    failed   the outcome, as the source is charged with it
    gone     why a page that came does not hold the article
    """
    now = house.now()
    update = polling.failed_source(watched, failed, now, house.rng)
    plan = Plan(now, (outcome,), update)
    filed = await house.store(Store.filed, watched.source.url)
    told = watched.state is SourceState.PARKED
    if filed is None or told:
        return plan
    if filed.status != "gone":
        plan = replace(plan, standing=Standing(filed.id, "unreachable"))
    gone = gone or recheck.absent(outcome, None, filed.article)
    if gone is None:
        return plan
    soon = min(update.due, now + recheck.MISSED_FOR / 2)
    plan = replace(plan, source=replace(update, state=SourceState.FAILING, due=soon))
    long_gone = watched.last_ok is not None and now - watched.last_ok >= recheck.MISSED_FOR
    if update.failures < recheck.MISSED_ENOUGH or not long_gone:
        return plan
    front = await _front(house, filed.article.url)
    plan = replace(plan, outcomes=(outcome, front))
    if not await asyncio.to_thread(_works, front, outcome):
        return plan
    topics = recheck.topics_of(filed, watched.topics)
    alerts = tuple(alert.removed(slug, filed, update.failures, gone) for slug in topics)
    parked = replace(update, state=SourceState.PARKED)
    return replace(plan, source=parked, standing=Standing(filed.id, "gone", alerts))


async def _front(house: House, url: str) -> Outcome:
    return await house.fetch.get(urls.canonical("/", url))


def _works(front: Outcome, missing: Outcome) -> bool:
    """Tell whether a site answers well, by its front page."""
    from . import feeds

    links = 0
    if isinstance(front, Fetched):
        with suppress(NotAFeed):
            kind = SourceKind.LISTING
            listing = feeds.listing(front.body, url=front.final_url, kind=kind, content_type=front.content_type)
            links = len(listing.entries)
    return recheck.shows_itself(front, links, missing)


# ------------------------------------------------------------------------------------------- looking again at a page


async def look_again(house: House, waiting: Waiting) -> Plan:
    """Look again at the page of a filed article: for what it newly says, for edits, and for its removal."""
    filed = await house.store(Store.filed, waiting.entry.url)
    if filed is None or not recheck.wanted(filed.decided, filed.copy_of, house.desk.topics):
        plan = Plan(house.now(), entry=EntryUpdate(waiting.id, EntryState.ARTICLE, attempts=waiting.attempts))
        await house.commit(plan)
        return plan
    outcome = await house.fetch.get(waiting.entry.url, recheck.conditions(waiting, filed, house.now()))
    found = await asyncio.to_thread(parsed, outcome) if isinstance(outcome, Fetched) else None
    gone = recheck.absent(outcome, found, filed.article)
    if isinstance(outcome, Fetched) and isinstance(found, Article) and gone is None:
        found = completed(found, waiting.entry, house.now())
        on_topic = await asyncio.to_thread(_on_topic, house.desk, found, filed, house.now())
        gone = recheck.exchanged(outcome, found, filed, on_topic=on_topic)
        if gone is None:
            return await decide.on(house, found, tuple(waiting.topics), entry=waiting, page=outcome)
    if gone is not None:
        plan = await _not_there(house, waiting, filed, outcome, gone)
    elif isinstance(outcome, NotModified):
        plan = await _still_there(house, waiting, filed, outcome)
    else:
        why = f"{outcome.error}: {outcome.why}" if isinstance(outcome, Failed) else str(found)
        entry = recheck.failed(waiting, filed, why, house.now(), house.rng, outcome)
        standing = None if filed.status == "gone" else Standing(filed.id, "unreachable")
        plan = Plan(house.now(), (outcome,), entry=entry, standing=standing)
    plan = await house.weighed(plan, outcome, waiting=waiting)
    await house.commit(plan)
    log.info(
        "%s: looked at again (%s)", waiting.entry.url, plan.entry.why if plan.entry and plan.entry.why else "there"
    )
    return plan


def _on_topic(desk: Desk, found: Article, filed: Filed, at: datetime) -> bool:
    """Tell whether a text is about a topic that the article filed in its place is about."""
    topics = recheck.topics_of(filed, desk.topics)
    return any(desk.consider(found, slug, at=at, known=filed.id).relevant for slug in topics)


async def _still_there(house: House, waiting: Waiting, filed: Filed, outcome: NotModified) -> Plan:
    now = house.now()
    entry = recheck.seen(waiting, filed.first_seen, filed.article, now, house.rng, None)
    status = "partial" if filed.status == "partial" else "live"
    record = await house.store(Store.record, filed.id)
    return Plan(now, (outcome,), entry=entry, standing=Standing(filed.id, status, decide.back(house, filed, record)))


async def _not_there(house: House, waiting: Waiting, filed: Filed, outcome: Outcome, gone: str) -> Plan:
    """Plan for an article that is not on its page: it is removed only when it is so for hours and its site works."""
    now = house.now()
    entry = recheck.missed(waiting, filed, gone, now, house.rng)
    if filed.status == "gone":
        return Plan(now, (outcome,), entry=entry)
    plan = Plan(now, (outcome,), entry=entry, standing=Standing(filed.id, "unreachable"))
    if not recheck.is_long_gone(entry, now):
        return plan
    front = await _front(house, filed.article.url)
    plan = replace(plan, outcomes=(outcome, front))
    if not await asyncio.to_thread(_works, front, outcome):
        return plan
    rests = (slug for slug in filed.told if slug in house.desk.topics)
    alerts = tuple(alert.removed(slug, filed, entry.missed, gone) for slug in rests)
    return replace(plan, standing=Standing(filed.id, "gone", alerts))


# --------------------------------------------------------------------------------------------------- what is logged


def _say_poll(watched: Watched, plan: Plan) -> None:
    update = plan.source
    if update is None or update.state is SourceState.OK:
        log.debug("%s: %d new links", watched.source.url, len(plan.entries))
    elif update.state is not watched.state:
        log.warning("%s: %s (%s)", watched.source.url, update.state.value, update.why)
