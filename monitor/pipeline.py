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
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from . import alert, decide, polling, recheck, schedule, urls, wrapped
from .decide import SETTLED
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
    filed = await house.store(Store.filed, watched.source.url)
    outcome = await house.fetch.get(watched.source.url, polling.validators(watched, house.now()))
    found = await asyncio.to_thread(parsed, outcome) if isinstance(outcome, Fetched) else None
    gone = recheck.absent(outcome, found, filed.article) if filed else None
    now, rng = house.now(), house.rng
    if isinstance(outcome, Fetched) and isinstance(found, Article) and gone is None:
        found = completed(found, None, now)
        if filed and recheck.topics_of(filed, watched.topics):
            gone = await _exchanged(house, outcome, found, filed, watched.topics)
        if gone is None:
            changed = polling.digest(outcome.body) != watched.body_sha256
            update = polling.good_source(watched, outcome, now, rng, news=changed)
            return await decide.on(house, found, tuple(watched.topics), watched=watched, page=outcome, source=update)
    if isinstance(outcome, NotModified):
        update = polling.good_source(watched, outcome, now, rng, news=False)
        plan = Plan(now, (outcome,), update, standing=await _still_there(house, filed) if filed else None)
    else:
        plan = await _unread(house, watched, filed, outcome, found, gone)
    plan = await house.weighed(plan, outcome, watched=watched)
    await house.commit(plan)
    _say_poll(watched, plan)
    return plan


async def _unread(
    house: House,
    watched: Watched,
    filed: Filed | None,
    outcome: Fetched | Failed,
    found: Article | NotAnArticle | None,
    gone: str | None,
) -> Plan:
    """Plan for a watched page that could not be had, or that does not hold its article any more.

    gone   in a clause, why its article is not there; None: that cannot be told
    """
    now, failed = house.now(), outcome
    if isinstance(failed, Fetched):
        kind, why = (found.kind, str(found)) if isinstance(found, NotAnArticle) else ("moved", gone or "")
        failed = Failed(failed.url, failed.final_url, failed.at, kind, why, failed.status)
    update = polling.failed_source(watched, failed, now, house.rng)
    if filed is None or gone is None:
        if failed.error in SHUT:
            update = replace(update, state=SourceState.BLOCKED)
        plan = Plan(now, (outcome,), update, standing=_not_had(filed) if filed else None)
    else:
        missing = recheck.Missing(gone, watched.absent + 1, watched.absent_since or now)
        update = recheck.missed_page(update, filed, missing, now, house.rng)
        topics = recheck.topics_of(filed, watched.topics)
        plan = await _not_there(house, Plan(now, (outcome,), update), filed, missing, topics)
    if filed is not None and (plan.standing is None or plan.standing.status == "gone"):
        return replace(plan, source=replace(update, state=SourceState.PARKED))
    return plan


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
        gone = await _exchanged(house, outcome, found, filed, recheck.topics_of(filed, house.desk.topics))
        if gone is None:
            return await decide.on(house, found, tuple(waiting.topics), entry=waiting, page=outcome)
    now = house.now()
    if gone is not None:
        missing = recheck.Missing(gone, waiting.missed + 1, waiting.missed_since or now)
        entry = recheck.missed(waiting, filed, missing, now, house.rng)
        topics = (slug for slug in filed.told if slug in house.desk.topics)
        plan = await _not_there(house, Plan(now, (outcome,), entry=entry), filed, missing, topics)
    elif isinstance(outcome, NotModified):
        entry = recheck.seen(waiting, filed.first_seen, filed.article, now, house.rng, None)
        plan = Plan(now, (outcome,), entry=entry, standing=await _still_there(house, filed))
    else:
        why = f"{outcome.error}: {outcome.why}" if isinstance(outcome, Failed) else str(found)
        entry = recheck.failed(waiting, filed, why, now, house.rng, outcome)
        plan = Plan(now, (outcome,), entry=entry, standing=_not_had(filed))
    plan = await house.weighed(plan, outcome, waiting=waiting)
    await house.commit(plan)
    log.info(
        "%s: looked at again (%s)", waiting.entry.url, plan.entry.why if plan.entry and plan.entry.why else "there"
    )
    return plan


async def _exchanged(house: House, outcome: Fetched, found: Article, filed: Filed, topics: Iterable[str]) -> str | None:
    """Return in a clause why a page shows another text, about none of the topics; None: it shows the article."""

    def on_topic() -> bool:
        at = house.now()
        return any(house.desk.consider(found, slug, at=at, known=filed.id).relevant for slug in topics)

    return recheck.exchanged(outcome, found, filed, on_topic=await asyncio.to_thread(on_topic))


async def _still_there(house: House, filed: Filed) -> Standing:
    status = "partial" if filed.status == "partial" else "live"
    return Standing(filed.id, status, decide.back(house, filed, await house.store(Store.record, filed.id)))


async def _not_there(house: House, plan: Plan, filed: Filed, missing: recheck.Missing, topics: Iterable[str]) -> Plan:
    """Add to a plan that an article is not on its page: it is removed only when it is so for hours and its site works.

    topics   are told of it then
    """
    plan = replace(plan, standing=_not_had(filed))
    if plan.standing is None or not missing.is_long(plan.at):
        return plan
    (outcome,) = plan.outcomes
    front = await _front(house, filed.article.url)
    plan = replace(plan, outcomes=(outcome, front))
    if not await asyncio.to_thread(_works, front, outcome):
        return plan
    alerts = tuple(alert.removed(slug, filed, missing.looks, missing.why) for slug in topics)
    return replace(plan, standing=Standing(filed.id, "gone", alerts))


def _not_had(filed: Filed) -> Standing | None:
    """Return how an article stands whose page was not had; None: it is known to be gone, and stays so."""
    return None if filed.status == "gone" else Standing(filed.id, "unreachable")


# --------------------------------------------------------------------------------------------------- what is logged


def _say_poll(watched: Watched, plan: Plan) -> None:
    update = plan.source
    if update is None or update.state is SourceState.OK:
        log.debug("%s: %d new links", watched.source.url, len(plan.entries))
    elif update.state is not watched.state:
        log.warning("%s: %s (%s)", watched.source.url, update.state.value, update.why)
