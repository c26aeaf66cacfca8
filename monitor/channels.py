"""The way to the channels: what is due goes out, at least once, and always under the same key.

In: a channel, and the deliveries that are due for it.  Out: posts and Apprise messages; and for the store, after the
channel's answer, what was accepted and what was not.  What a failure means, for the message and for the others of its
channel, is a rule without effects (`setback`).  Nothing here knows of a second channel.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from . import budget, plain, quiet
from .errors import DeliverError
from .model import Channel, Delivery, DeliveryId, Setback
from .web.answers import retry_at

LONGEST_SUBJECT = 200  # letters
ANSWER_WITHIN_S = 20.0  # a webhook
ACCEPT_WITHIN_S = 60.0  # a service behind Apprise, which may try several of its own addresses
RETRY_S = (2.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0, 86_400.0, 86_400.0)
LONGEST_REST = timedelta(days=1)  # that a channel may ask for by Retry-After
FINAL_STATUS = frozenset({400, 413, 422})  # this message is refused, and would be again; others may pass
FINAL_AFTER = 4  # such a message is tried so often, in case somebody mends the receiver

UNSAID = (
    *("topic", "url", "publisher", "published_at", "seen_at", "development_id", "article_id", "revision_id"),
    *("feedback", "summary", "sha256"),
)
"""Columns of an alert that a test message leaves empty."""

log = logging.getLogger("monitor")


# ---------------------------------------------------------------------------------------------- what a failure means


class Refused(DeliverError):
    """A channel answered, but not with 2xx.

    retry_at  when it wants to be asked again; None: it does not say
    """

    def __init__(self, status: int, retry_at: datetime | None = None) -> None:
        super().__init__(f"the channel answered {status}; 2xx means delivered")
        self.status = status
        self.retry_at = retry_at

    @property
    def final(self) -> bool:
        """Whether only this message is refused, which will not change by waiting."""
        return self.status in FINAL_STATUS


class Gone(DeliverError):
    """The config file has no such channel any more."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel does, as far as this process knows.

    failures  in a row
    until     it is left alone until then, but for what somebody made due by hand; None: it is not
    well      it took the message before
    """

    failures: int = 0
    until: datetime | None = None
    error: str = ""
    well: bool = False


def setback(message: Sequence[Delivery], error: DeliverError, failures: int, now: datetime) -> Setback:
    """Return what it means that a channel did not accept a message.

    failures  of the channel in a row, before this one
    """
    alone = isinstance(error, Gone) or (isinstance(error, Refused) and error.final)
    tries = 1 + max(each.attempts for each in message)
    step = tries if alone else max(tries, failures + 1)
    again = now + timedelta(seconds=RETRY_S[min(step, len(RETRY_S)) - 1])
    if isinstance(error, Refused) and error.retry_at:
        again = max(again, min(error.retry_at, now + LONGEST_REST))
    most = _most_tries(error)
    return Setback(
        channel=message[0].channel,
        at=now,
        error=str(error),
        tries=tuple((each.id, again if each.attempts < most else None) for each in message),
        until=None if alone else again,
    )


def _most_tries(error: DeliverError) -> int:
    """Return after how many failures a delivery may be tried once more."""
    if isinstance(error, Gone):
        return 0
    return FINAL_AFTER if isinstance(error, Refused) and error.final else len(RETRY_S)


# --------------------------------------------------------------------------------------------------------- delivering


@dataclass(frozen=True, slots=True)
class Outbox:
    """What delivering tells the store.  Each returns when it is written down, however long that takes.

    delivered    a message was accepted, and when
    recovered    the channel takes messages again: what waited for that is due
    undelivered  a message was not accepted, and what that means
    held         these wait for others until an instant, to go out with them
    postponed    of a channel, what is due at an instant and was never tried waits until another, and why
    """

    delivered: Callable[[Sequence[DeliveryId], datetime], Awaitable[None]]
    recovered: Callable[[str], Awaitable[None]]
    undelivered: Callable[[Setback], Awaitable[None]]
    held: Callable[[Sequence[DeliveryId], datetime], Awaitable[None]]
    postponed: Callable[[str, datetime, datetime, str], Awaitable[None]]


async def deliver(
    channel: Channel | None,
    waiting: Sequence[Delivery],
    outbox: Outbox,
    client: httpx.AsyncClient,
    now: Callable[[], datetime],
    health: Health,
) -> tuple[int, Health]:
    """Send what waits for one channel, and return how many deliveries were accepted, and how the channel does now.

    A channel that fails is left alone until its next try, with all that waits for it; a message that is refused by
    itself holds up no other, and several in one are sent in halves then.  Quiet hours hold what is not pressing.
    channel  None: the config file has it no more
    """
    at = now()
    if channel is not None and channel.quiet is not None and (end := quiet.until(channel.quiet, at)):
        await outbox.held([each.id for each in waiting if not _wakes(each)], end)
        waiting = [each for each in waiting if _wakes(each)]
    if waiting and health.until is not None and at < health.until:
        await outbox.postponed(waiting[0].channel, at, health.until, health.error)
        waiting = [each for each in waiting if each.failed]
    sent, messages = 0, deque(_messages(channel, waiting))
    while messages:
        message = messages.popleft()
        error = await _failure(channel, message, client, now)
        at = now()
        if error is None:
            ids = [each.id for each in message]
            await outbox.delivered(ids, at)
            sent, health = sent + len(ids), await _well(outbox, health, message[0].channel)
        elif isinstance(error, Refused) and error.final and len(message) > 1:
            half = len(message) // 2
            messages.extendleft((message[half:], message[:half]))
        else:
            missed = setback(message, error, health.failures, at)
            if missed.until is None and channel is not None:
                health = await _well(outbox, health, channel.name)
            await outbox.undelivered(missed)
            if missed.until is not None:
                return sent, Health(health.failures + 1, missed.until, missed.error)
    return sent, health


def _wakes(delivery: Delivery) -> bool:
    return budget.wakes(delivery.alert["kind"], delivery.alert["importance"])


async def _well(outbox: Outbox, health: Health, channel: str) -> Health:
    """Note that a channel takes messages, be it that it refuses one, and make due what waited for that."""
    if not health.well:
        await outbox.recovered(channel)
    return Health(well=True)


@dataclass(frozen=True, slots=True)
class Tested:
    """How a channel took a test message; `said` tells in plain words what happened, without a secret."""

    channel: str
    ok: bool
    said: str


async def try_out(channel: Channel, client: httpx.AsyncClient, now: Callable[[], datetime]) -> Tested:
    """Send a message that says that it is a test, the way that alerts go, and tell what happened."""
    error = await _failure(channel, [test_message(channel.name, now())], client, now)
    if error is not None:
        return Tested(channel.name, ok=False, said=str(error))
    return Tested(channel.name, ok=True, said="accepted the test message")


def test_message(channel: str, at: datetime) -> Delivery:
    """Return an alert that reports nothing: it has the columns of one, no number and the kind "test"."""
    told = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    columns = {
        "id": 0,
        "kind": "test",
        "headline": "Test of monitor: this is no alert",
        "whats_new": f"Somebody asked monitor to try the channel {channel}. There is nothing to do.",
        "why": "`monitor channels test` was called",
        "created_at": told,
        "importance": 0.0,
    }
    key = hashlib.sha256(f"test\x1f{channel}\x1f{at.isoformat()}".encode()).hexdigest()[:32]
    return Delivery(DeliveryId(0), channel, key, 0, {**dict.fromkeys(UNSAID), **columns, "evidence": []})


def way(channel: Channel) -> str:
    """Return how a channel is reached, without what may be secret: the webhook's host, or the kind of the service."""
    if channel.webhook is None:
        return f"apprise, {(channel.apprise or '').partition(':')[0]}"
    parts = urlsplit(channel.webhook)
    return f"webhook, {parts.hostname}" + (f":{parts.port}" if parts.port else "")


async def _failure(
    channel: Channel | None, message: Sequence[Delivery], client: httpx.AsyncClient, now: Callable[[], datetime]
) -> DeliverError | None:
    """Send a message, and return why it was not accepted; None: it was."""
    try:
        await send(channel, message, client, now)
    except DeliverError as error:
        return error
    except Exception as fault:
        log.error("a fault of this program: %s; please report it (more with -v)", type(fault).__name__)  # noqa: TRY400
        log.debug("the fault in full", exc_info=True)
        return DeliverError(f"a fault of this program ({type(fault).__name__})")
    return None


def _messages(channel: Channel | None, deliveries: Sequence[Delivery]) -> list[tuple[Delivery, ...]]:
    """Return what is sent as one: all on a channel with a digest, what was held together, or each alone.

    What was held has the most important first.  The noise budget holds by topic, quiet hours do not.
    """
    if not deliveries:
        return []
    if channel is None or channel.digest_s is not None:
        return [tuple(deliveries)]
    groups: dict[object, list[Delivery]] = {}
    for each in deliveries:
        topic = None if channel.quiet else each.alert.get("topic")
        groups.setdefault((topic, each.held_until) if each.held_until else each.id, []).append(each)
    return [tuple(sorted(group, key=lambda each: -each.alert.get("importance", 0.0))) for group in groups.values()]


async def send(
    channel: Channel | None, message: Sequence[Delivery], client: httpx.AsyncClient, now: Callable[[], datetime]
) -> None:
    """Hand one delivery, or a digest of several, to a channel; return when it has accepted.

    channel  None: the config file has it no more
    Raises DeliverError, whose text holds no secret.
    """
    if channel is None:
        raise Gone("the config file has no such channel any more")
    if channel.webhook is not None:
        await _webhook(channel, message, client, now)
    else:
        await _apprise(channel, message)


async def _webhook(
    channel: Channel, deliveries: Sequence[Delivery], client: httpx.AsyncClient, now: Callable[[], datetime]
) -> None:
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
        async with (
            asyncio.timeout(ANSWER_WITHIN_S),
            client.stream("POST", channel.webhook or "", content=body, headers=headers) as answer,
        ):
            if not answer.is_success:  # what else it says is not read: it may never end
                raise Refused(answer.status_code, retry_at(answer.headers, now()))
    except TimeoutError as error:
        raise DeliverError(f"the webhook did not answer within {ANSWER_WITHIN_S:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliverError(f"the webhook could not be reached ({type(error).__name__})") from error


def signature(secret: str, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of a body, as a receiver computes it to know that we sent it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def digest_key(deliveries: Sequence[Delivery]) -> str:
    """Return a key that stays the same for the same set of alerts."""
    return hashlib.sha256("\n".join(sorted(delivery.key for delivery in deliveries)).encode()).hexdigest()[:32]


async def _apprise(channel: Channel, deliveries: Sequence[Delivery]) -> None:
    try:
        async with asyncio.timeout(ACCEPT_WITHIN_S):
            await _in_a_thread(lambda: _notify(channel, deliveries))
    except TimeoutError as error:
        raise DeliverError(
            f"the service behind the apprise address did not accept the alert within {ACCEPT_WITHIN_S:g} s"
        ) from error


async def _in_a_thread(work: Callable[[], None]) -> None:
    """Do work in a thread of its own.

    Unlike the threads of an executor it is not waited for at the end: a mail server that hangs holds up neither the
    program's end, nor another channel, nor the thread in which articles are read.
    """
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def settle(error: Exception | None) -> None:
        if not done.done():
            done.set_result(error)

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  the caller's to handle
            result: Exception | None = error
        else:
            result = None
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=run, name="apprise", daemon=True).start()
    if (error := await done) is not None:
        raise error


def _notify(channel: Channel, deliveries: Sequence[Delivery]) -> None:
    try:
        import apprise
    except ImportError as error:
        raise DeliverError("apprise is not installed; install story-monitor[apprise]") from error
    # With these it sends from this thread.  A pool of its own would be filled by a few services that hang, and the
    # program's end would wait for it.
    service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False, service_timeout=0))
    if not service.add(channel.apprise or ""):
        raise DeliverError("apprise does not understand this channel's address; see its list of services")
    body = "\n\n".join(as_text(delivery.alert) for delivery in deliveries)
    try:
        accepted = service.notify(title=_subject(deliveries), body=body, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # some of its hundred services let theirs through
        raise DeliverError(f"the service behind the apprise address failed ({type(error).__name__})") from error
    if not accepted:
        raise DeliverError("the service behind the apprise address did not accept the alert")


def _subject(deliveries: Sequence[Delivery]) -> str:
    if len(deliveries) > 1:
        return f"{len(deliveries)} alerts"
    return plain.line(plain.chat(deliveries[0].alert.get("headline")))[:LONGEST_SUBJECT]


def as_text(alert: Mapping[str, Any]) -> str:
    """Return an alert as a few plain lines, for mail and chat."""
    lines = [plain.chat(alert.get(name)) for name in ("headline", "whats_new", "why")]
    return "\n".join(filter(None, (*lines, plain.link(alert.get("url")).replace("@", "%40"))))
