"""Decide on an article for each topic, write the outcome, and learn it.

    Article, what is filed of it -> desk -> Decision -> alerts -> Plan     one transaction an article

One after another, never two at a time: two reports of one fact must not both be the first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from . import alert, edits, life, recheck, urls
from .desk import Desk
from .house import House
from .model import (
    Alert,
    Article,
    Capture,
    Committed,
    Decision,
    Edit,
    EntryState,
    EntryUpdate,
    Fetched,
    Filed,
    Plan,
    Reading,
    Record,
    Ruling,
    SourceKind,
    SourceUpdate,
    Topic,
    Waiting,
    Watched,
)
from .store import Store

SETTLED = timedelta(days=2)  # how far a page's own date may precede the watch, time zones and late feeds included
SHOWS_WHAT_IS_NEW = frozenset({SourceKind.FEED, SourceKind.SEARCH})  # other lists show old pages, too

log = logging.getLogger("monitor")


async def on(
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
        rulings = await asyncio.to_thread(_judge, house.desk, article, filed, quiet, now)
        rulings = await _lived(house, rulings, article, now if filed else min(article.published or now, now), now)
        changed = await asyncio.to_thread(edits.edits, filed.article, article) if filed else ()
        reading = _reading_of(article, filed, rulings, page, changed)
        reading = replace(reading, alerts=_said_of(house, reading, filed, record)) if filed else reading
        plan = Plan(
            at=now,
            outcomes=(page,) if page else (),
            source=source,
            entry=_read_entry(house, entry, reading, filed, page, now) if entry else None,
            reading=reading,
        )
        committed = await house.commit(plan)
        _learn(house.desk, committed, article, rulings, now)
    _say_article(reading)
    return plan


def _judge(
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


def _reading_of(
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
    return (*alerts, *back(house, filed, record))


def back(house: House, filed: Filed, record: Record) -> tuple[Alert, ...]:
    """Return the alerts that an article is there again, for the topics that were told that it was removed."""
    if filed.status != "gone":
        return ()
    return tuple(alert.back(slug, filed.article) for slug in sorted(record.removed) if slug in house.desk.topics)


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


def _say_article(reading: Reading) -> None:
    for ruling in reading.rulings:
        log.debug("%s: %s for %s", reading.article.url, ruling.decision.verdict.value, ruling.decision.topic)
        for raised in ruling.alerts:
            log.info("alert for %s: %s (%s)", raised.topic, raised.headline, raised.url)
