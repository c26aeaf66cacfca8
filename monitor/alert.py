"""What we say (top half, pure), and the way to the channels (bottom half, touches the network).

Alerts are written with the developments they report; a delivery is marked as made after the channel's answer.  So a
channel gets each alert at least once, always under the same key.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import httpx

from . import plain, urls
from .errors import DeliverError
from .model import (
    Alert,
    Article,
    Channel,
    Decision,
    Delivery,
    DeliveryId,
    Development,
    Edit,
    Filed,
    Milestone,
    Quoted,
)

MOST_SENTENCES = 3  # shown in an alert; the evidence table has them all
MOST_SOURCES = 5
LONGEST_SUBJECT = 200  # letters
RETRY_S = (2.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0, 86_400.0, 86_400.0)
FINAL_STATUS = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
FINAL_AFTER = 4  # refusals that will not change by waiting are tried so often, in case somebody mends the receiver


def compose(decision: Decision, article: Article) -> tuple[Alert, ...]:
    """Return the alerts that a decision raises: its development, and the milestones it meets."""
    return (*_development(decision, article), *_milestones(decision, article))


def publisher(article: Article) -> str:
    """Return who says so: the name that the page gives itself, or else its host."""
    return article.publisher or urls.host(article.url)


def _development(decision: Decision, article: Article) -> Iterable[Alert]:
    development = decision.development
    if development is None:
        return
    sentences = [piece.sentence for piece in development.evidence if piece.role != "corroborates"]
    yield Alert(
        topic=decision.topic,
        kind=development.kind,
        headline=development.headline,
        whats_new=" ".join(sentences[:MOST_SENTENCES]),
        why=str(decision.why.get("new", "nothing earlier says this")),
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )


def resurfaced(topic: str, development: Development, article: Article, last: datetime, at: datetime) -> Alert:
    """Return the alert for a development that ends a long silence, in addition to the development's own.

    last   when the development before it was read
    at     when this one was told
    """
    days = (at - last).days
    return Alert(
        topic=topic,
        kind="resurfaced",
        headline=f"After {days} days of quiet, there is news: {development.headline}",
        whats_new=development.evidence[0].sentence,
        why=f"the development before this one was read on {last:%Y-%m-%d}, {days} days earlier",
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )


def _milestones(decision: Decision, article: Article) -> Iterable[Alert]:
    for met in decision.milestones:
        yield Alert(
            topic=decision.topic,
            kind="milestone-met",
            headline=met.expect,
            whats_new=met.sentence,
            why=f"expected: {met.expect}; this sentence says that it happened",
            url=article.url,
            publisher=publisher(article),
            published=article.published,
        )


def overdue(topic: str, milestone: Milestone, today: date) -> Alert:
    """Return the alert for an expectation whose day has passed."""
    days = (today - milestone.by).days if milestone.by else 0
    later = "a day later" if days == 1 else f"{days} days later"
    return Alert(
        topic=topic,
        kind="milestone-overdue",
        headline=f"Not seen yet: {milestone.expect}",
        whats_new=f"Expected by {milestone.by}; {later} no report says that it happened.",
        why="no article of this topic contains one of: " + ", ".join(milestone.any),
    )


def blind(topic: str, name: str, sources: int, why: str) -> Alert:
    """Return the alert for a topic none of whose sources can be read."""
    return Alert(
        topic=topic,
        kind="blind",
        headline=f"Blind to {name}: none of its {sources} sources can be read",
        whats_new=why,
        why="every source of the topic is failing, blocked or parked; see `monitor sources`",
    )


def lost(topic: str, name: str, kind: str, urls: Sequence[str], why: str) -> Alert:
    """Return the alert for sources of a topic that are gone ("parked") or moved on faster than we looked ("missed")."""
    count = "a source" if len(urls) == 1 else f"{len(urls)} sources"
    shown = "\n".join(urls[:MOST_SOURCES]) + (f"\nand {len(urls) - MOST_SOURCES} more" * (len(urls) > MOST_SOURCES))
    headline, reason = LOSSES[kind]
    return Alert(
        topic=topic,
        kind="blind",
        headline=headline.format(name=name, count=count),
        whats_new=f"{why}\n{shown}" if len(urls) == 1 else shown,
        why=reason,
    )


LOSSES = {
    "parked": (
        "Gone: {count} of {name}",
        "the address answers that there is nothing any more; it is asked once a day from now on. Correct the address "
        "in config.toml, or remove it",
    ),
    "missed": (
        "Items may have been missed in {count} of {name}",
        "none of the links shown now was there at the look before: more came in between than the list holds. It is "
        "looked at more often now; a smaller `interval` or a sitemap of the site helps",
    ),
}


def edited(topic: str, old: Article, new: Article) -> Alert:
    """Return the alert for an article whose headline was changed."""
    return Alert(
        topic=topic,
        kind="edited",
        headline=new.title,
        whats_new=f"The headline was: {old.title}",
        why=f"the words of the headline changed; it was “{old.title}”, it is “{new.title}”",
        url=new.url,
        publisher=publisher(new),
        published=new.published,
    )


def corrected(topic: str, new: Article, found: Sequence[Edit], quoted: Sequence[Quoted]) -> Alert:
    """Return the alert for an article that takes back or changes what a topic was told.

    found    the edits that do, as edits.corrections returns them; at least one
    quoted   the sentences that the topic's developments rest on, those that were edited first
    """
    return Alert(
        topic=topic,
        kind="corrected",
        headline=f"Corrected: {new.title}",
        whats_new="\n".join(_was_and_is(edit) for edit in found[:MOST_SENTENCES]),
        why="; ".join(dict.fromkeys(_why_corrected(edit, quoted) for edit in found)),
        url=new.url,
        publisher=publisher(new),
        published=new.published,
        about=quoted[0].development if quoted else None,
    )


def _was_and_is(edit: Edit) -> str:
    if not edit.sentence:
        return edit.became
    return f"was: {edit.sentence}; is: {edit.instead or 'not there any more'}"


def _why_corrected(edit: Edit, quoted: Sequence[Quoted]) -> str:
    rests = f", on which “{quoted[0].headline}” rests" if quoted else ""
    if not edit.sentence:
        return f"a note of {edit.kind} was added to the article{rests}"
    if edit.kind == "removed":
        return f"a sentence is gone from the article{rests}"
    return f"a {edit.kind} changed in a sentence{rests}: was “{edit.was}”, is “{edit.became or 'not there any more'}”"


def removed(topic: str, filed: Filed, looks: int, why: str) -> Alert:
    """Return the alert for an article that is gone from its page while the site works; `why` is a clause."""
    seen = f"{filed.last_seen:%Y-%m-%d %H:%M} UTC" if filed.last_seen is not None else "an unknown time"
    return Alert(
        topic=topic,
        kind="removed",
        headline=f"Removed: {filed.article.title}",
        whats_new=f"The article was last seen at {seen}, and not at the {looks} looks since. "
        f"Its text is kept: article {filed.id} in the tables articles and revisions, its page in captures.",
        why=f"{why}, again and again, while the site's front page works",
        url=filed.article.url,
        publisher=publisher(filed.article),
        published=filed.article.published,
        about=filed.told.get(topic),
    )


def back(topic: str, article: Article) -> Alert:
    """Return the alert for an article that is there again after a topic was told that it was removed."""
    return Alert(
        topic=topic,
        kind="removed",
        headline=f"Back again: {article.title}",
        whats_new="The article that was told to be removed is on its page again.",
        why="the page shows the article again; whoever was told that it was removed is told this, once",
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )


# ------------------------------------------------------------------------------------------------ to the channels


@dataclass(frozen=True, slots=True)
class Outbox:
    """What delivering tells the store: accepted, or not, why, and when to try again (None: never)."""

    delivered: Callable[[DeliveryId], Awaitable[None]]
    undelivered: Callable[[DeliveryId, str, datetime | None], Awaitable[None]]


async def deliver(
    waiting: Sequence[Delivery],
    outbox: Outbox,
    channels: Sequence[Channel],
    client: httpx.AsyncClient,
    now: Callable[[], datetime],
) -> int:
    """Send what waits, each channel for itself, and return how many deliveries were accepted.

    A channel that fails is tried again later, by RETRY_S, and never delays another.
    """
    by_name = {channel.name: channel for channel in channels}
    ordered = sorted(waiting, key=lambda delivery: (delivery.channel, delivery.id))
    batches = [(by_name.get(name), tuple(group)) for name, group in groupby(ordered, key=lambda each: each.channel)]
    counts = await asyncio.gather(*(_to_channel(outbox, channel, batch, client, now) for channel, batch in batches))
    return sum(counts)


async def _to_channel(
    outbox: Outbox,
    channel: Channel | None,
    deliveries: Sequence[Delivery],
    client: httpx.AsyncClient,
    now: Callable[[], datetime],
) -> int:
    sent = 0
    for batch in _messages(channel, deliveries):
        try:
            await send(channel, batch, client)
        except DeliverError as error:
            at = now()  # once, so that what belongs together is tried again together
            for delivery in batch:
                await outbox.undelivered(delivery.id, str(error), next_try(delivery.attempts + 1, error, at))
            break  # the others of this channel wait for their turn: what fails once fails again
        for delivery in batch:
            await outbox.delivered(delivery.id)
            sent += 1
    return sent


def _messages(channel: Channel | None, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, ...]]:
    """Return what is sent as one: all on a channel with a digest, what the noise budget held together, or each alone.

    What was held has the most important first.
    """
    if channel is not None and channel.digest_s is not None:
        return [tuple(deliveries)]
    groups: dict[object, list[Delivery]] = {}
    for each in deliveries:
        groups.setdefault((each.alert.get("topic"), each.held_until) if each.held_until else each.id, []).append(each)
    return [tuple(sorted(group, key=lambda each: -each.alert.get("importance", 0.0))) for group in groups.values()]


def next_try(attempts: int, error: DeliverError, now: datetime) -> datetime | None:
    """Return when to try a delivery again after `attempts` (>= 1) failures; None: given up."""
    final = isinstance(error, Refused) and error.status in FINAL_STATUS
    if attempts > (FINAL_AFTER if final else len(RETRY_S)):
        return None
    return now + timedelta(seconds=RETRY_S[attempts - 1])


class Refused(DeliverError):
    """A channel answered, but not with 2xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the channel answered {status}; 2xx means delivered")
        self.status = status


async def send(channel: Channel | None, deliveries: Sequence[Delivery], client: httpx.AsyncClient) -> None:
    """Hand one delivery, or a digest of several, to a channel; return when it has accepted.

    channel  None: the config file names it no more
    Raises DeliverError, whose text holds no secret.
    """
    if channel is None:
        raise DeliverError("the channel is no longer in the config file")
    if channel.webhook is not None:
        await _webhook(channel, deliveries, client)
    else:
        await asyncio.to_thread(_apprise, channel, deliveries)


async def _webhook(channel: Channel, deliveries: Sequence[Delivery], client: httpx.AsyncClient) -> None:
    key = deliveries[0].key if len(deliveries) == 1 else digest_key(deliveries)
    message: dict[str, Any] = {"key": key}
    if channel.digest_s is None and len(deliveries) == 1:
        message["alert"] = deliveries[0].alert
    else:
        message["alerts"] = [{"key": delivery.key, **delivery.alert} for delivery in deliveries]
    body = json.dumps(message).encode("ascii")
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    if channel.secret is not None:
        headers["X-Monitor-Signature"] = signature(channel.secret, body)
    try:
        answer = await client.post(channel.webhook or "", content=body, headers=headers)
    except httpx.HTTPError as error:
        raise DeliverError(f"the webhook could not be reached ({type(error).__name__})") from error
    if not answer.is_success:
        raise Refused(answer.status_code)


def signature(secret: str, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of a body, as a receiver computes it to know that we sent it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def digest_key(deliveries: Sequence[Delivery]) -> str:
    """Return a key that stays the same for the same set of alerts."""
    return hashlib.sha256("\n".join(sorted(delivery.key for delivery in deliveries)).encode()).hexdigest()[:32]


def _apprise(channel: Channel, deliveries: Sequence[Delivery]) -> None:
    try:
        import apprise
    except ImportError as error:
        raise DeliverError("apprise is not installed; install story-monitor[apprise]") from error
    service = apprise.Apprise()
    if not service.add(channel.apprise or ""):
        raise DeliverError("apprise does not understand this channel's address; see its list of services")
    body = "\n\n".join(as_text(delivery.alert) for delivery in deliveries)
    if not service.notify(title=_subject(deliveries), body=body, body_format=apprise.NotifyFormat.TEXT):
        raise DeliverError("the service behind the apprise address did not accept the alert")


def _subject(deliveries: Sequence[Delivery]) -> str:
    if len(deliveries) > 1:
        return f"{len(deliveries)} alerts"
    return plain.line(plain.chat(deliveries[0].alert.get("headline")))[:LONGEST_SUBJECT]


def as_text(alert: Mapping[str, Any]) -> str:
    """Return an alert as a few plain lines, for mail and chat."""
    lines = [plain.chat(alert.get(name)) for name in ("headline", "whats_new", "why")]
    return "\n".join(filter(None, (*lines, plain.link(alert.get("url")).replace("@", "%40"))))
