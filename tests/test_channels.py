"""How what is said reaches a channel: at least once, under one key, signed; and what a failure means."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from click.testing import CliRunner, Result

from monitor import channels, cli
from monitor.channels import Gone, Health, Refused, setback
from monitor.errors import DeliverError
from monitor.model import Channel, Delivery, DeliveryId, Setback

from .receiver import Receiver, listening
from .room import NOW, STORY, Room, alert, opened

DESK = Channel("desk", webhook="https://desk.example/hook", secret="s3cret")
HOUR = timedelta(hours=1)


def delivery(number: int, attempts: int = 0, channel: str = "desk") -> Delivery:
    return Delivery(DeliveryId(number), channel, f"key-{number}", attempts, {"id": number, "headline": f"h{number}"})


# ---------------------------------------------------------------------------------------------- what a failure means

DOWN = DeliverError("down")
LATER = Refused(503, NOW + HOUR)
SETBACKS = {  # attempts before, error, failures of the channel before -> seconds until this one's next try, the others'
    "the first failure is tried again soon": (0, DOWN, 0, 2.0, 2.0),
    "the step is that of the message": (3, DOWN, 0, 300.0, 300.0),
    "or of the channel, if that failed more often": (0, DOWN, 4, 1_800.0, 1_800.0),
    "a receiver down for long is still tried": (10, DOWN, 10, 86_400.0, 86_400.0),
    "not for ever, but the others are": (11, DOWN, 11, None, 86_400.0),
    "an answer of the server's is no other thing": (2, Refused(503), 2, 60.0, 60.0),
    "nor one that nobody may come in": (2, Refused(401), 2, 60.0, 60.0),
    "a page that is gone may come back": (6, Refused(404), 6, 21_600.0, 21_600.0),
    "what the channel asks for is kept": (0, LATER, 0, 3_600.0, 3_600.0),
    "up to a day": (0, Refused(429, NOW + 9 * 24 * HOUR), 0, 86_400.0, 86_400.0),
    "and never hurries": (7, Refused(429, NOW), 7, 43_200.0, 43_200.0),
    "a message that is refused waits alone": (0, Refused(400), 0, 2.0, None),
    "by its own step": (1, Refused(413), 9, 10.0, None),
    "and is given up sooner": (4, Refused(422), 0, None, None),
    "a channel that the config has no more is not waited for": (0, Gone("gone"), 0, None, None),
}


@pytest.mark.parametrize(("attempts", "error", "failures", "own", "others"), SETBACKS.values(), ids=SETBACKS)
def test_setback(attempts: int, error: DeliverError, failures: int, own: float | None, others: float | None) -> None:
    missed = setback([delivery(1, attempts)], error, failures, NOW)
    assert missed.tries == ((1, None if own is None else NOW + timedelta(seconds=own)),)
    assert missed.until == (None if others is None else NOW + timedelta(seconds=others))
    assert (missed.channel, missed.at, missed.error) == ("desk", NOW, str(error))


def test_a_digest_is_tried_again_as_one_and_each_alert_of_it_is_given_up_by_itself() -> None:
    missed = setback([delivery(1, 11), delivery(2, 3), delivery(3)], DOWN, 0, NOW)
    again = NOW + timedelta(seconds=86_400)
    assert missed.tries == ((1, None), (2, again), (3, again))


# --------------------------------------------------------------------------------------------------------- delivering


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


def raised(room: Room, count: int, channel: Channel = DESK) -> None:
    """Follow a story without a noise budget, and raise so many alerts in it."""
    room.follow(replace(STORY, alerts_per_hour=0), channels=(channel,))
    for number in range(count):
        room.store.raise_alert(alert("blind", f"h{number + 1}"), room.now)


Answer = Callable[[httpx.Request], httpx.Response]


async def deliver(room: Room, answer: Answer, health: Health, channel: Channel | None = DESK) -> tuple[int, Health]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        waiting = room.store.outbox(room.now)
        return await channels.deliver(channel, waiting, room.outbox(), client, lambda: room.now, health)


class Answers:
    """Answers with these statuses in turn, the last one for ever, and keeps which alerts it was asked to take."""

    def __init__(self, *statuses: int, **headers: str) -> None:
        self.statuses, self.headers = list(statuses), {name.replace("_", "-"): v for name, v in headers.items()}
        self.asked: list[list[str]] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        message = json.loads(request.content)
        self.asked.append([each["headline"] for each in message.get("alerts") or [message["alert"]]])
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return httpx.Response(status, headers=self.headers)


def states(room: Room) -> list[tuple[str, int, str | None]]:
    return room.rows("SELECT state, attempts, next_try_at FROM deliveries ORDER BY id")


async def test_a_webhook_gets_the_alert_signed_under_its_key(room: Room) -> None:
    raised(room, 1)
    desk = Answers(204)
    assert await deliver(room, desk, Health()) == (1, Health(well=True))
    (request,) = desk.requests
    message = json.loads(request.content)
    assert list(message) == ["key", "alert"]
    assert message["alert"]["headline"] == "h1"
    assert request.headers["Idempotency-Key"] == message["key"] == room.rows("SELECT key FROM deliveries")[0][0]
    assert request.headers["X-Monitor-Signature"] == hmac.new(b"s3cret", request.content, hashlib.sha256).hexdigest()
    assert states(room) == [("delivered", 1, None)]


async def test_a_channel_that_fails_is_tried_once_a_step_and_the_others_wait_with_it(room: Room) -> None:
    raised(room, 3)
    desk, health = Answers(503), Health()
    for second in range(700):
        room.now = NOW + timedelta(seconds=second)
        if room.store.due_channels(room.now):
            _, health = await deliver(room, desk, health)
    assert desk.asked == [["h1"]] * 5  # after 0, 2, 12, 72 and 372 seconds
    again = "2026-03-01T12:36:12Z"
    assert states(room) == [("waiting", 5, again), ("waiting", 0, again), ("waiting", 0, again)]
    assert {row[0] for row in room.rows("SELECT error FROM deliveries")} == {
        "the channel answered 503; 2xx means delivered"
    }


async def test_what_is_raised_while_a_channel_rests_waits_too_but_not_what_somebody_makes_due(room: Room) -> None:
    raised(room, 2)
    desk, health = Answers(503, retry_after="3600"), Health()
    _, health = await deliver(room, desk, health)
    room.now += timedelta(minutes=1)
    room.store.raise_alert(alert("blind", "h3"), room.now)
    _, health = await deliver(room, desk, health)
    assert desk.asked == [["h1"]]
    assert [row[2] for row in states(room)] == ["2026-03-01T13:00:00Z"] * 3
    room.run("UPDATE deliveries SET next_try_at = '2000-01-01T00:00:00Z' WHERE id = 2")
    await deliver(room, desk, health)
    assert desk.asked == [["h1"], ["h2"]]


async def test_what_waited_for_a_channel_follows_as_soon_as_it_accepts_again(room: Room) -> None:
    raised(room, 3)
    _, health = await deliver(room, Answers(503, retry_after="3600"), Health())
    room.run("UPDATE deliveries SET next_try_at = '2000-01-01T00:00:00Z' WHERE id = 2")
    room.now += timedelta(minutes=1)
    desk = Answers(200)
    _, health = await deliver(room, desk, health)
    assert health == Health(well=True)
    await deliver(room, desk, health)
    assert desk.asked == [["h2"], ["h1"], ["h3"]]


async def test_a_message_that_is_refused_by_itself_holds_up_no_other(room: Room) -> None:
    raised(room, 3)
    desk = Answers(200, 400, 200)
    assert await deliver(room, desk, Health()) == (2, Health(well=True))
    assert desk.asked == [["h1"], ["h2"], ["h3"]]
    assert states(room) == [("delivered", 1, None), ("waiting", 1, "2026-03-01T12:00:02Z"), ("delivered", 1, None)]


async def test_a_digest_goes_out_as_one(room: Room) -> None:
    raised(room, 2, channel := replace(DESK, digest_s=86_400.0))
    room.now += timedelta(days=1)
    desk = Answers(200)
    await deliver(room, desk, Health(), channel)
    (request,) = desk.requests
    message = json.loads(request.content)
    keys = [row[0] for row in room.rows("SELECT key FROM deliveries ORDER BY id")]
    assert [each["key"] for each in message["alerts"]] == keys
    assert message["key"] == request.headers["Idempotency-Key"] not in keys
    assert [row[0] for row in states(room)] == ["delivered"] * 2


async def test_a_digest_that_is_refused_is_sent_in_halves_until_the_refused_alert_is_alone(room: Room) -> None:
    raised(room, 4, channel := replace(DESK, digest_s=86_400.0))
    room.now += timedelta(days=1)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(413 if "h3" in request.content.decode() else 200)

    assert (await deliver(room, answer, Health(), channel))[0] == 3
    assert [row[:2] for row in states(room)] == [("delivered", 1)] * 2 + [("waiting", 1), ("delivered", 1)]


async def test_what_a_channel_that_left_the_config_should_have_got_is_dead_at_once(room: Room) -> None:
    raised(room, 2)
    await deliver(room, Answers(200), Health(), None)
    assert room.rows("SELECT state, attempts, error FROM deliveries") == [
        ("dead", 1, "the config file has no such channel any more")
    ] * 2  # fmt: skip


def no_route(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError(f"no route to {request.url} with s3cret")


def broken(request: httpx.Request) -> httpx.Response:
    raise ZeroDivisionError(f"{request.url} s3cret")


@pytest.mark.parametrize(
    ("answer", "said"),
    [(no_route, "could not be reached (ConnectError)"), (broken, "a fault of this program (ZeroDivisionError)")],
)
async def test_an_error_never_carries_the_secret_or_the_address(room: Room, answer: Answer, said: str) -> None:
    raised(room, 1)
    await deliver(room, answer, Health())
    ((error, state),) = room.rows("SELECT error, state FROM deliveries")
    assert said in error
    assert state == "waiting"
    assert "s3cret" not in error
    assert "desk.example" not in error


# ---------------------------------------------------------------------------------------------------- the command


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> Iterator[Room]:
    """A config with the channels desk and mail, and a database with deliveries for desk, and for one that is gone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    monkeypatch.setenv("KEY", "s3cret")
    topic = '[[topics]]\nname = "Mill fire"\nabout = "mill"\nfeeds = ["https://news.example/rss"]\n'
    desk = receiver.channel("desk", 'secret = "${KEY}"')
    mail = '[[channels]]\nname = "mail"\napprise = "mailto://${KEY}@desk.example"\n'
    (tmp_path / "config.toml").write_text(topic + desk + mail)
    room = Room(tmp_path / "monitor.db")
    raised(room, 2, Channel("gone", webhook="x"))
    raised(room, 3, Channel("desk", webhook="x"))
    first, *_ = room.store.outbox(NOW, channel="desk")
    room.store.delivered([first.id], NOW)
    room.store.undelivered(Setback("desk", NOW, "it is down", ((DeliveryId(4), None),), NOW + HOUR))
    room.store.undelivered(Setback("gone", NOW, "no more", ((DeliveryId(1), None), (DeliveryId(2), None)), None))
    yield room
    room.store.close()


def test_channels_are_listed_with_how_they_do(home: Room, receiver: Receiver) -> None:
    found = json.loads(run("channels", "--json").stdout)
    assert [(each["channel"], each["by"]) for each in found] == [
        ("desk", f"webhook, 127.0.0.1:{receiver.port}"), ("mail", "apprise, mailto"), ("gone", None)
    ]  # fmt: skip
    counts = [[each[name] for name in ("waiting", "held", "delivered", "dead")] for each in found]
    assert counts == [[1, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 2]]
    assert (found[0]["error"], found[0]["next_try_at"]) == ("it is down", "2026-03-01T13:00:00Z")
    printed = run("channels").stdout
    assert "s3cret" not in printed
    assert "not in the config file" in printed
    assert "monitor channels dead" in printed


def test_dead_letters_are_listed(home: Room) -> None:
    lines = run("channels", "dead").stdout.splitlines()[1:]
    assert [line.split("\t") for line in lines] == [
        ["#4", "2026-03-01 12:00", "desk", "h2", "1", "it is down"],
        ["#2", "2026-03-01 12:00", "gone", "h2", "1", "no more"],
        ["#1", "2026-03-01 12:00", "gone", "h1", "1", "no more"],
    ]


def test_dead_letters_are_tried_again_where_there_is_a_channel(home: Room) -> None:
    assert run("channels", "retry", "mail").stdout.startswith("0 due")
    assert run("channels", "retry").stdout.startswith("2 due")
    assert [each.id for each in home.store.outbox(NOW + 9_000 * HOUR)] == [4, 5]
    assert home.rows("SELECT id, state, attempts FROM deliveries WHERE id > 2") == [
        (3, "delivered", 1), (4, "waiting", 0), (5, "waiting", 0)
    ]  # fmt: skip


def test_a_test_message_goes_the_way_of_alerts_and_leaves_no_trace(home: Room, receiver: Receiver) -> None:
    before = home.everything()
    result = run("channels", "test", "desk", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == [{"channel": "desk", "ok": True, "said": "accepted the test message"}]
    (post,) = receiver.got
    assert post.headers["x-monitor-signature"] == channels.signature("s3cret", post.body)
    (told,) = post.alerts
    assert (told["id"], told["kind"], told["evidence"]) == (0, "test", [])
    assert "this is no alert" in told["headline"]
    assert told.keys() - {"evidence"} == {row[1] for row in home.rows("PRAGMA table_info(alerts)")}
    assert home.everything() == before


def test_a_test_that_fails_says_why_and_ends_with_4(home: Room, receiver: Receiver) -> None:
    receiver.answers["/desk"].append(401)
    result = run("channels", "test", "desk")
    assert result.exit_code == 4
    assert "the channel answered 401" in result.stdout


@pytest.mark.parametrize("command", ["test", "retry"])
def test_a_channel_that_nobody_has_is_told(home: Room, command: str) -> None:
    result = run("channels", command, "dask")
    assert result.exit_code == 2
    assert "no channel “dask”; it has: desk, mail" in result.stderr


def test_options_may_stand_before_or_behind_the_word(
    home: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir("/")
    file = str(tmp_path / "config.toml")
    for words in (["channels", "--config", file, "dead", "--json"], ["channels", "--json", "dead", "--config", file]):
        assert len(json.loads(run(*words).stdout)) == 3


# ----------------------------------------------------------------------------------------------------------- Apprise


class Apprise(ModuleType):
    """Stands in for the library: does what it is given to do."""

    NotifyFormat = type("NotifyFormat", (), {"TEXT": "text"})

    def __init__(self, notify: Callable[[], bool]) -> None:
        super().__init__("apprise")
        self.threads: list[threading.Thread] = []
        self._notify = notify

    def AppriseAsset(self, *, async_mode: bool, service_timeout: float) -> object:
        assert not async_mode and not service_timeout  # no pool of its own
        return object()

    def Apprise(self, asset: object) -> Apprise:
        return self

    def add(self, address: str) -> bool:
        return True

    def notify(self, **message: object) -> bool:
        self.threads.append(threading.current_thread())
        return self._notify()


PHONE = Channel("phone", apprise="mailto://s3cret@desk.example")


async def told(message: Sequence[Delivery]) -> None:
    async with httpx.AsyncClient(verify=False) as client:  # noqa: S501  it speaks to nobody
        await channels.send(PHONE, message, client, lambda: NOW)


async def test_a_service_that_hangs_holds_up_neither_other_work_nor_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    library = Apprise(go_on.wait)
    monkeypatch.setitem(sys.modules, "apprise", library)
    monkeypatch.setattr(channels, "ACCEPT_WITHIN_S", 0.05)
    sending = asyncio.create_task(told([delivery(1, channel="phone")]))
    with pytest.raises(DeliverError, match=r"did not accept the alert within 0\.05 s"):
        await sending
    (thread,) = library.threads
    assert thread.is_alive()
    assert thread.daemon  # so that the program ends without it
    assert await asyncio.to_thread(lambda: 1) == 1
    go_on.set()
    thread.join()


def raises() -> bool:
    raise RuntimeError("s3cret")


@pytest.mark.parametrize("notify", [lambda: False, raises], ids=["says no", "raises"])
async def test_a_service_that_does_not_accept_is_tried_again(
    room: Room, monkeypatch: pytest.MonkeyPatch, notify: Callable[[], bool]
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", Apprise(notify))
    raised(room, 1, PHONE)
    _, health = await deliver(room, Answers(200), Health(), PHONE)
    assert health.failures == 1
    assert states(room) == [("waiting", 1, "2026-03-01T12:00:02Z")]
    assert "s3cret" not in room.rows("SELECT error FROM deliveries")[0][0]
