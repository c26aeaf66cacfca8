"""One visit: look, decide, commit.

    host -> its sources that are due -> fetch -> feeds -> entries            one transaction a poll
         -> its entries that wait   -> fetch -> parse -> desk -> alerts      one transaction a page

`poll_host` is the unit of work; whoever runs it (the daemon's loop, `once`, the demo) sees to it that no site is
visited twice at a time.  What a visit learns is on disk before the next one begins, so a visit may be cut off anywhere:
what was not committed is still due.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from . import alert, edits, life, polling, urls, wrapped
from .desk import Desk
from .errors import MonitorError, NotAnArticle
from .fetch import Fetcher
from .model import (
    Alert,
    Article,
    ArticleId,
    Capture,
    Committed,
    Decision,
    Entry,
    EntryState,
    EntryUpdate,
    Failed,
    Fetched,
    Filed,
    Interval,
    Listing,
    NotModified,
    Outcome,
    Plan,
    Reading,
    Ruling,
    Shown,
    Source,
    SourceKind,
    SourceState,
    SourceUpdate,
    Topic,
    Verdict,
    Waiting,
    Watched,
)
from .outage import UNREACHED, Line
from .store import Store, Writer

SETTLED = timedelta(days=2)  # how far a page's own date may precede the watch, time zones and late feeds included
PAGES_A_VISIT = 20  # then the host's sources have their turn again
SHOWS_WHAT_IS_NEW = frozenset({SourceKind.FEED, SourceKind.SEARCH})  # other lists show old pages, too
REMOVED_AFTER = 3  # looks
REMOVED_FOR = timedelta(hours=6)
SHUT = frozenset({"consent", "wrapped", "login", "captcha", "paywall"})  # we are kept out, though with status 200

log = logging.getLogger("monitor")


@dataclass(slots=True)
class House:
    """What a visit is handed: the store, the way out, what is remembered, the clock and the dice.

    desk     replaced as a whole when the topics change, under `deciding`
    deciding held from judging an article until it is learnt: two reports of one fact must not both be the first
    line     whether the web can be reached at all
    """

    store: Writer
    fetch: Fetcher
    desk: Desk
    now: Callable[[], datetime]
    rng: random.Random
    deciding: asyncio.Lock
    line: Line = field(default_factory=Line)


async def poll_host(house: House, host: str, *, polls_until: datetime | None = None) -> None:
    """Visit one host: poll its sources that are due, then read pages that wait, one request after another."""
    for watched in await house.store(Store.due_sources, host, polls_until or house.now()):
        visit = look if watched.source.kind is SourceKind.PAGE else poll
        await _guarded(house, visit(house, watched), watched=watched)
    for waiting in await house.store(Store.waiting, host, house.now(), PAGES_A_VISIT):
        await _guarded(house, read(house, waiting), waiting=waiting)


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
        await _commit(house, Plan(now, source=source, entry=entry))


async def _commit(house: House, plan: Plan) -> Committed:
    """Write a plan, and with it what politeness has to remember by now."""
    return await house.store(Store.commit, replace(plan, manners=house.fetch.manners()))


async def _weighed(
    house: House, plan: Plan, outcome: Outcome, *, watched: Watched | None = None, waiting: Waiting | None = None
) -> Plan:
    """Return the plan, in which a failure is charged to its source or entry; to nobody if it is our own outage."""
    line, now, before = house.line, house.now(), house.line.since
    line.note(outcome, now)
    if (before is None) != (line.since is None):
        await _say_line(house, line.since, now)
    if not isinstance(outcome, Failed) or outcome.error not in UNREACHED:
        return plan
    pardon = Plan(
        now,
        source=polling.excused_source(watched, outcome, now, house.rng) if watched else None,
        entry=polling.excused_entry(waiting, outcome, now) if waiting else None,
    )
    if line.since is None:
        line.charge(now, pardon)
        return plan
    for earlier in line.pardons():
        await house.store(Store.commit, earlier)
    return replace(pardon, outcomes=plan.outcomes)


async def _say_line(house: House, since: datetime | None, now: datetime) -> None:
    """Note once that nothing can be reached, and once that it can be again."""
    await house.store(Store.note, "offline_since", since.isoformat(timespec="seconds") if since else None, now)
    if since is None:
        log.info("the web can be reached again")
    else:
        log.warning(
            "no host can be reached: this machine seems to be offline; none is blamed, all are tried again soon"
        )


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
    plan = await _weighed(house, plan, outcome, watched=watched)
    await _commit(house, plan)
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
        return await decide(house, filed.article, tuple(waiting.topics), entry=waiting)
    outcome = await house.fetch.get(waiting.entry.url)
    if isinstance(outcome, Fetched):
        article = await asyncio.to_thread(parsed, outcome)
        if isinstance(article, Article):
            article = completed(article, waiting.entry, house.now())
            return await decide(house, article, tuple(waiting.topics), entry=waiting, page=outcome)
        state = EntryState.BLOCKED if article.kind in SHUT else EntryState.NOT_ARTICLE
        update = EntryUpdate(waiting.id, state, _no(article, waiting.entry), waiting.attempts + 1)
    elif wrapped.is_consent(outcome.final_url) and (wall := _shut(outcome)):
        update = EntryUpdate(waiting.id, EntryState.BLOCKED, _no(wall, waiting.entry), waiting.attempts + 1)
    else:
        update = polling.failed_entry(waiting, outcome, house.now())
    plan = await _weighed(house, Plan(house.now(), (outcome,), entry=update), outcome, waiting=waiting)
    await _commit(house, plan)
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
        if isinstance(article, Article):
            article = completed(article, None, now)
            changed = polling.digest(outcome.body) != watched.body_sha256
            update = polling.good_source(watched, outcome, now, rng, news=changed)
            return await decide(house, article, tuple(watched.topics), watched=watched, page=outcome, source=update)
        failed = Failed(outcome.url, outcome.final_url, outcome.at, article.kind, str(article), outcome.status)
        update = polling.failed_source(watched, failed, now, rng)
        if article.kind in SHUT:
            update = replace(update, state=SourceState.BLOCKED)
        plan = Plan(now, (outcome,), update)
    elif isinstance(outcome, NotModified):
        plan = Plan(now, (outcome,), polling.good_source(watched, outcome, now, rng, news=False))
    else:
        plan = await _missed(house, watched, outcome)
    plan = await _weighed(house, plan, outcome, watched=watched)
    await _commit(house, plan)
    _say_poll(watched, plan)
    return plan


async def _missed(house: House, watched: Watched, failed: Failed) -> Plan:
    """Plan for a watched page that did not come: it is removed only when it is gone for hours and its site works."""
    now = house.now()
    update = polling.failed_source(watched, failed, now, house.rng)
    plan = Plan(now, (failed,), update)
    filed = await house.store(Store.filed, watched.source.url)
    told = watched.state is SourceState.PARKED
    if filed is None or told or failed.status not in (404, 410):
        return plan
    soon = min(update.due, now + REMOVED_FOR / 2)
    plan = replace(plan, source=replace(update, state=SourceState.FAILING, due=soon))
    long_gone = watched.last_ok is not None and now - watched.last_ok >= REMOVED_FOR
    if update.failures < REMOVED_AFTER or not long_gone:
        return plan
    front = await house.fetch.get(urls.canonical("/", watched.source.url))
    if isinstance(front, Failed):
        return replace(plan, outcomes=(failed, front))
    relevant = [slug for slug in watched.topics if filed.decided.get(slug) not in (None, Verdict.IRRELEVANT)]
    alerts = tuple(alert.removed(slug, filed.article, update.failures) for slug in relevant)
    reading = Reading(filed.article, known=filed.id, copy_of=filed.copy_of, status="gone", alerts=alerts)
    return replace(plan, outcomes=(failed, front), source=replace(update, state=SourceState.PARKED), reading=reading)


# ------------------------------------------------------------------------------------------------------- deciding


async def decide(
    house: House,
    article: Article,
    topics: Sequence[str],
    *,
    entry: Waiting | None = None,
    watched: Watched | None = None,
    page: Fetched | None = None,
    source: SourceUpdate | None = None,
) -> Plan:
    """Judge an article for each topic, write the outcome, and learn it: one after another, never two at a time."""
    async with house.deciding:
        filed = await house.store(Store.filed, article.url)
        now = house.now()
        if watched is not None:
            _take_seed(house.desk, watched, article)
        quiet = {slug: _is_background(slug, house.desk, article, entry, watched) for slug in topics}
        rulings = await asyncio.to_thread(judge, house.desk, article, filed, quiet, now)
        rulings = await _lived(house, rulings, article, now if filed else min(article.published or now, now), now)
        reading = reading_of(article, filed, rulings, page)
        plan = Plan(
            at=now,
            outcomes=(page,) if page else (),
            source=source,
            entry=_read_entry(entry, reading) if entry else None,
            reading=reading,
        )
        committed = await _commit(house, plan)
        _learn(house.desk, committed, article, rulings, now)
    _say_article(reading)
    return plan


def judge(
    desk: Desk, article: Article, filed: Filed | None, quiet: Mapping[str, bool], at: datetime
) -> tuple[Ruling, ...]:
    """Return a ruling for each topic that has not yet decided on exactly this text."""
    rulings = []
    for slug, background in quiet.items():
        if filed is not None and slug in filed.decided and _same(filed.article, article):
            continue
        known = filed.id if filed is not None and slug in filed.decided else None
        decision = desk.consider(article, slug, at=at, known=known, background=background)
        rulings.append(Ruling(decision, () if background else alert.compose(decision, article)))
    return tuple(rulings)


async def _lived(
    house: House, rulings: tuple[Ruling, ...], article: Article, told_at: datetime, now: datetime
) -> tuple[Ruling, ...]:
    """Return the rulings with what their developments do to the life of their stories; the database knows it so far."""
    if not any(ruling.decision.development for ruling in rulings):
        return rulings
    pulses = {pulse.topic: pulse for pulse in await house.store(Store.pulse, now)}
    return tuple(
        life.lived(ruling, article, pulses[ruling.decision.topic], told_at, now)
        if ruling.decision.topic in pulses
        else ruling
        for ruling in rulings
    )


def reading_of(article: Article, filed: Filed | None, rulings: Sequence[Ruling], page: Fetched | None) -> Reading:
    """Return the article as it is filed: new, read again, or only decided on for one more topic."""
    relevant = [ruling.decision for ruling in rulings if ruling.decision.relevant]
    copy_of = next((d.copy_of for d in relevant if d.copy_of is not None), filed.copy_of if filed else None)
    capture = None
    if page is not None and relevant:
        capture = Capture(page.final_url, page.at, page.status, page.headers, page.body, page.redirects)
    changed = edits.change(filed.article, article) if filed else None
    return Reading(
        article=article,
        rulings=tuple(rulings),
        known=filed.id if filed else None,
        copy_of=copy_of,
        change=changed,
        status="partial" if article.partial else "live",
        capture=capture,
        alerts=_edits(filed, article, changed, rulings),
    )


def _edits(filed: Filed | None, article: Article, changed: str | None, rulings: Sequence[Ruling]) -> tuple[Alert, ...]:
    """Return an alert for a changed headline, unless the edit already raises one for what it newly says."""
    if filed is None or changed is None or "headline" not in changed:
        return ()
    told = {ruling.decision.topic for ruling in rulings if ruling.alerts}
    topics = [slug for slug, verdict in filed.decided.items() if verdict is not Verdict.IRRELEVANT and slug not in told]
    return tuple(alert.edited(slug, filed.article, article) for slug in topics)


def _read_entry(entry: Waiting, reading: Reading) -> EntryUpdate:
    copies = bool(reading.rulings) and reading.copy_of is not None
    return EntryUpdate(entry.id, EntryState.COPY if copies else EntryState.ARTICLE, attempts=entry.attempts + 1)


def _is_seed(topic: Topic, watched: Watched) -> bool:
    return topic.seed is not None and topic.seed.url == watched.source.url


def _take_seed(desk: Desk, watched: Watched, article: Article) -> None:
    for slug in watched.topics:
        if _is_seed(desk.topics[slug], watched):
            desk.seed(slug, article)


def _is_background(slug: str, desk: Desk, article: Article, entry: Waiting | None, watched: Watched | None) -> bool:
    """Whether an article was there before the topic, or this source of it, was watched: then it is learnt quietly."""
    if watched is not None:
        dated = article.published
        since = watched.topics[slug]
        return _is_seed(desk.topics[slug], watched) or (watched.learning and (dated is None or dated < since))
    if entry is None:
        return True
    since = entry.topics[slug]
    if entry.background:
        return True
    dated = entry.entry.updated or entry.entry.published
    if dated is None and entry.kind not in SHOWS_WHAT_IS_NEW:
        dated = article.published
    return dated is not None and dated < since - SETTLED


def _learn(desk: Desk, committed: Committed, article: Article, rulings: Sequence[Ruling], at: datetime) -> None:
    if committed.article is not None and rulings:
        decisions: tuple[Decision, ...] = tuple(ruling.decision for ruling in rulings)
        desk.learn(committed.article, article, decisions, committed.developments, at=at)


def _same(old: Article, new: Article) -> bool:
    return (old.title, old.text) == (new.title, new.text)


# ------------------------------------------------------------------------------------------- when the topics change


def followed(topics: Sequence[Topic], seeded: Container[str]) -> tuple[Topic, ...]:
    """Return the topics as they can be followed now.

    An address that a topic takes its seed from is watched like a page.  Until it has been read once, a topic without a
    query has nothing to judge by: only its seed is asked for, so that no article is dismissed unjudged.

    seeded  slugs of the topics whose seed has been read
    """
    return tuple(_followed(topic, topic.slug in seeded) for topic in topics)


def _followed(topic: Topic, seeded: bool) -> Topic:
    if topic.seed is None or topic.seed.url is None:
        return topic
    seed = Source(SourceKind.PAGE, topic.seed.url, Interval(86_400.0, 7 * 86_400.0))
    waits = topic.about is None and not seeded
    return replace(topic, sources=(seed,) if waits else (*topic.sources, seed))


async def open_desk(store: Writer, topics: Sequence[Topic], *, by_meaning: bool = False) -> Desk:
    """Return a desk that remembers all that is filed on these topics, and has read their seeds."""
    desk = Desk(topics, by_meaning=by_meaning)
    for topic in topics:
        if topic.seed is not None and topic.seed.url is not None:
            seed = await store(Store.filed, topic.seed.url)
            if seed is not None:
                desk.seed(topic.slug, seed.article)
    last = ArticleId(0)
    while chapter := await store(Store.archive, last):
        await asyncio.to_thread(_remember, desk, chapter)
        last = chapter[-1].id
    return desk


def _remember(desk: Desk, chapter: Sequence[Filed]) -> None:
    for filed in chapter:
        desk.remember(filed)


async def catch_up(house: House) -> int:
    """Decide, quietly, on what is filed already but not yet decided for a topic that came later; return how many."""
    count = 0
    while behind := await house.store(Store.undecided):
        for filed, slugs in behind:
            await decide(house, filed.article, slugs)
            count += 1
    return count


# --------------------------------------------------------------------------------------------------- what is logged


def _say_poll(watched: Watched, plan: Plan) -> None:
    update = plan.source
    if update is None or update.state is SourceState.OK:
        log.debug("%s: %d new links", watched.source.url, len(plan.entries))
    elif update.state is not watched.state:
        log.warning("%s: %s (%s)", watched.source.url, update.state.value, update.why)


def _say_article(reading: Reading) -> None:
    for ruling in reading.rulings:
        log.debug("%s: %s for %s", reading.article.url, ruling.decision.verdict.value, ruling.decision.topic)
        for raised in ruling.alerts:
            log.info("alert for %s: %s (%s)", raised.topic, raised.headline, raised.url)
