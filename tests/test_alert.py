"""What is said, and how it reaches a channel: at least once, under one key, signed."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from monitor import alert
from monitor.errors import DeliverError
from monitor.model import (
    Article,
    Channel,
    Decision,
    Delivery,
    DeliveryId,
    Development,
    Evidence,
    Milestone,
    MilestoneMet,
    Verdict,
)

NOW = datetime(2021, 8, 9, 12, tzinfo=UTC)
ARTICLE = Article(
    "https://wire.example/a", "Manager fired", "The firm fired a manager.", publisher="Wire", published=NOW
)
FIRED = Development(
    "Manager fired",
    "new-development",
    0.9,
    (Evidence("The firm fired a manager."), Evidence("He will not return."), Evidence("Told again.", "corroborates")),
)


def decision(**more: object) -> Decision:
    return Decision("probe", Verdict.NEW, True, 1.0, {"new": "fired: manager"}, **more)  # type: ignore[arg-type]


def test_a_development_is_told_in_the_sources_own_sentences() -> None:
    (told,) = alert.compose(decision(development=FIRED), ARTICLE)
    assert (told.kind, told.headline) == ("new-development", "Manager fired")
    assert told.whats_new == "The firm fired a manager. He will not return."
    assert told.why == "fired: manager"
    assert (told.url, told.publisher, told.published) == (ARTICLE.url, "Wire", NOW)


def test_a_milestone_is_an_alert_of_its_own() -> None:
    met = MilestoneMet("a hotline runs", "The hotline has opened.")
    kinds = [told.kind for told in alert.compose(decision(development=FIRED, milestones=(met,)), ARTICLE)]
    assert kinds == ["new-development", "milestone-met"]


def test_a_decision_without_news_says_nothing() -> None:
    assert alert.compose(decision(), ARTICLE) == ()


def test_overdue_counts_the_days_and_names_the_phrases() -> None:
    told = alert.overdue("probe", Milestone("results", ("inquiry concluded",), date(2021, 9, 30)), date(2021, 10, 10))
    assert "10 days later" in told.whats_new
    assert "inquiry concluded" in told.why


# ---------------------------------------------------------------------------------------------------- delivering


@dataclass
class Books:
    """What the store would note."""

    accepted: list[int] = field(default_factory=list)
    refused: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)

    def outbox(self) -> alert.Outbox:
        async def delivered(id: DeliveryId) -> None:
            self.accepted.append(id)

        async def undelivered(id: DeliveryId, error: str, again: datetime | None) -> None:
            self.refused[id] = (error, again)

        return alert.Outbox(delivered, undelivered)


def delivery(number: int, channel: str = "desk", attempts: int = 0) -> Delivery:
    return Delivery(DeliveryId(number), channel, f"key-{number}", attempts, {"id": number, "headline": f"h{number}"})


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


DESK = Channel("desk", webhook="https://desk.example/hook", secret="s3cret")


async def test_a_webhook_gets_the_alert_signed_under_its_key() -> None:
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(204)

    books = Books()
    async with client(answer) as http:
        assert await alert.deliver([delivery(1)], books.outbox(), [DESK], http, lambda: NOW) == 1
    assert books.accepted == [1]
    (request,) = got
    assert json.loads(request.content) == {"key": "key-1", "alert": {"id": 1, "headline": "h1"}}
    assert request.headers["Idempotency-Key"] == "key-1"
    expected = hmac.new(b"s3cret", request.content, hashlib.sha256).hexdigest()
    assert request.headers["X-Monitor-Signature"] == expected


async def test_a_failing_channel_waits_and_does_not_hold_up_another() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503 if request.url.host == "desk.example" else 200)

    books, other = Books(), Channel("other", webhook="https://other.example/")
    waiting = [delivery(1), delivery(2), delivery(3, "other")]
    async with client(answer) as http:
        assert await alert.deliver(waiting, books.outbox(), [DESK, other], http, lambda: NOW) == 1
    assert books.accepted == [3]
    assert list(books.refused) == [1]  # the second of the same channel waits for the first
    error, again = books.refused[1]
    assert "503" in error
    assert again == NOW + timedelta(seconds=alert.RETRY_S[0])


async def test_an_error_never_carries_the_secret_or_the_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route to {request.url} with s3cret")

    books = Books()
    async with client(answer) as http:
        await alert.deliver([delivery(1)], books.outbox(), [DESK], http, lambda: NOW)
    error, _ = books.refused[1]
    assert "s3cret" not in error
    assert "desk.example" not in error


async def test_a_digest_goes_out_as_one() -> None:
    bodies: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200)

    books, daily = Books(), Channel("desk", webhook="https://desk.example/", digest_s=86_400)
    async with client(answer) as http:
        await alert.deliver([delivery(1), delivery(2)], books.outbox(), [daily], http, lambda: NOW)
    (body,) = bodies
    assert [each["key"] for each in body["alerts"]] == ["key-1", "key-2"]  # type: ignore[attr-defined]
    assert books.accepted == [1, 2]


async def test_a_channel_that_left_the_config_is_said_and_tried_later() -> None:
    books = Books()
    async with client(lambda _: httpx.Response(200)) as http:
        await alert.deliver([delivery(1, "gone")], books.outbox(), [DESK], http, lambda: NOW)
    error, again = books.refused[1]
    assert "no longer in the config" in error
    assert again is not None


TRIES = {
    "the first failure is tried again soon": (1, DeliverError("x"), 2.0),
    "a receiver down for long is still tried": (11, DeliverError("x"), 86_400.0),
    "not for ever": (12, DeliverError("x"), None),
    "a refusal that will stay is given up sooner": (5, alert.Refused(404), None),
    "an overloaded receiver is not": (5, alert.Refused(503), 1_800.0),
}


@pytest.mark.parametrize(("attempts", "error", "wait_s"), TRIES.values(), ids=TRIES)
def test_next_try(attempts: int, error: DeliverError, wait_s: float | None) -> None:
    expected = None if wait_s is None else NOW + timedelta(seconds=wait_s)
    assert alert.next_try(attempts, error, NOW) == expected
