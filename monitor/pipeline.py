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
import random
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from . import alert, edits, life, polling, recheck, schedule, urls, wrapped
from .desk import Desk
from .errors import MonitorError, NotAFeed, NotAnArticle
from .fetch import Fetcher
from .model import (
    Alert,
    Article,
    ArticleId,
    Capture,
    Committed,
    Decision,
    Edit,
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
    Record,
    Ruling,
    Shown,
    Source,
    SourceKind,
    SourceState,
    SourceUpdate,
    Standing,
    Topic,
    Waiting,
    Watched,
)
from .outage import UNREACHED, Line
from .store import Store, Writer

SETTLED = timedelta(days=2)  # how far a page's own date may precede the watch, time zones and late feeds included
PAGES_A_VISIT = 20  # then the host's sources have their turn again
SHOWS_WHAT_IS_NEW = frozenset({SourceKind.FEED, SourceKind.SEARCH})  # other lists show old pages, too
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
            return await decide(house, found, tuple(watched.topics), watched=watched, page=outcome, source=update)
    if isinstance(outcome, NotModified):
        update = polling.good_source(watched, outcome, now, rng, news=False)
        plan = Plan(now, (outcome,), update, standing=await _still_there(house, filed) if filed else None)
    else:
        plan = await _unread(house, watched, filed, outcome, found, gone)
    plan = await _weighed(house, plan, outcome, watched=watched)
    await _commit(house, plan)
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
        await _commit(house, plan)
        return plan
    outcome = await house.fetch.get(waiting.entry.url, recheck.conditions(waiting, filed, house.now()))
    found = await asyncio.to_thread(parsed, outcome) if isinstance(outcome, Fetched) else None
    gone = recheck.absent(outcome, found, filed.article)
    if isinstance(outcome, Fetched) and isinstance(found, Article) and gone is None:
        found = completed(found, waiting.entry, house.now())
        gone = await _exchanged(house, outcome, found, filed, recheck.topics_of(filed, house.desk.topics))
        if gone is None:
            return await decide(house, found, tuple(waiting.topics), entry=waiting, page=outcome)
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
    plan = await _weighed(house, plan, outcome, waiting=waiting)
    await _commit(house, plan)
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
    return Standing(filed.id, status, _back(house, filed, await house.store(Store.record, filed.id)))


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


def _back(house: House, filed: Filed, record: Record) -> tuple[Alert, ...]:
    """Return the alerts that an article is there again, for the topics that were told that it was removed."""
    if filed.status != "gone":
        return ()
    return tuple(alert.back(slug, filed.article) for slug in sorted(record.removed) if slug in house.desk.topics)


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
        again = entry is not None and entry.recheck
        filed = await house.store(Store.filed, entry.entry.url if entry and again else article.url)
        if filed is not None and not urls.same_site(filed.article.url, article.url):
            filed, again = await house.store(Store.filed, article.url), False  # it moved: no site writes for another
        record = await house.store(Store.record, filed.id) if filed else Record()
        now = house.now()
        if filed is not None and article.partial and not filed.article.partial:
            article = replace(article, text=filed.article.text)  # what a paywall hides now was read before
        if watched is not None:
            _take_seed(house.desk, watched, article)
        quiet = {slug: _is_background(slug, house.desk, article, entry, watched) for slug in topics}
        if filed is not None and again:  # what is new in it has come since we watch
            quiet = {slug: background and slug not in filed.decided for slug, background in quiet.items()}
        rulings = await asyncio.to_thread(judge, house.desk, article, filed, quiet, now)
        rulings = await _lived(house, rulings, article, now if filed else min(article.published or now, now), now)
        changed = await asyncio.to_thread(edits.edits, filed.article, article) if filed else ()
        reading = reading_of(article, filed, rulings, page, changed)
        reading = replace(reading, alerts=_said_of(house, reading, filed, record)) if filed else reading
        plan = Plan(
            at=now,
            outcomes=(page,) if page else (),
            source=source,
            entry=_read_entry(house, entry, reading, filed, page, now) if entry else None,
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


def reading_of(
    article: Article,
    filed: Filed | None,
    rulings: Sequence[Ruling],
    page: Fetched | None,
    changed: tuple[Edit, ...] = (),
) -> Reading:
    """Return the article as it is filed: new, read again, or only decided on for one more topic."""
    relevant = [ruling.decision for ruling in rulings if ruling.decision.relevant]
    copy_of = next((d.copy_of for d in relevant if d.copy_of is not None), filed.copy_of if filed else None)
    capture = None
    if page is not None and relevant:
        capture = Capture(page.final_url, page.at, page.status, page.headers, page.body, page.redirects)
    return Reading(
        article=article,
        rulings=tuple(rulings),
        known=filed.id if filed else None,
        copy_of=copy_of,
        edits=changed,
        status="partial" if article.partial else "live",
        capture=capture,
    )


def _said_of(house: House, reading: Reading, filed: Filed, record: Record) -> tuple[Alert, ...]:
    """Return the alerts for what was edited in an article, and for one that is back again.

    What changes a sentence that a topic was told, and a note of correction, are said.  A changed headline is too,
    unless the edit raises another alert, or the article had that headline before.
    """
    topics = recheck.topics_of(filed, house.desk.topics)
    said = {ruling.decision.topic for ruling in reading.rulings if ruling.alerts}
    alerts = []
    for slug in topics:
        quoted = [each for each in record.quoted if each.topic == slug]
        if found := edits.corrections(reading.edits, [each.sentence for each in quoted]):
            quoted.sort(key=lambda each: not edits.touched(found, each.sentence))
            alerts.append(alert.corrected(slug, reading.article, found, quoted))
            said.add(slug)
    retitled = any(edit.kind == "headline" for edit in reading.edits) and reading.article.title not in record.titles
    if retitled:
        alerts += [alert.edited(slug, filed.article, reading.article) for slug in topics if slug not in said]
    return (*alerts, *_back(house, filed, record))


def _read_entry(
    house: House, entry: Waiting, reading: Reading, filed: Filed | None, page: Fetched | None, now: datetime
) -> EntryUpdate:
    """Return an entry whose article was read, and when its page is looked at again; one that shared it has no look."""
    decided = {**(filed.decided if filed else {}), **{r.decision.topic: r.decision.verdict for r in reading.rulings}}
    if reading.rulings and reading.copy_of is not None:
        return EntryUpdate(entry.id, EntryState.COPY, attempts=entry.attempts + 1)
    again = page is not None and recheck.wanted(decided, reading.copy_of, house.desk.topics)
    since = filed.first_seen if filed else now
    given = page.validators if page is not None else None
    return recheck.seen(entry, since, reading.article, now, house.rng, given, again=again)


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
