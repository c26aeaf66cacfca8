"""From a page to somebody's webhook: a real receiver, which refuses, hangs, and loses answers."""

import asyncio
import hashlib
import hmac
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor import channels, service
from monitor.config import Config
from monitor.follow import follow
from monitor.house import House
from monitor.model import Alert
from monitor.post import deliver
from monitor.store import Store

from .receiver import LOST, Receiver, listening
from .test_pipeline import one, started
from .world import FIRED, World, ask

SECRET = 'secret = "${KEY}"'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, env={"KEY": "s3cret"})


async def told(world: World, receiver: Receiver) -> Any:
    config = await started(world, "wire.example", more=receiver.channel("desk", SECRET))
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    return config


async def test_an_alert_arrives_once_with_its_evidence_and_signature(world: World, receiver: Receiver) -> None:
    config = await told(world, receiver)
    world.turn(hours=13)
    await world.once(config)
    (post,) = receiver.got
    assert post.key == post.message["key"]
    assert post.headers["content-type"] == "application/json"
    assert post.message["alert"]["headline"] == one(world, "select headline from alerts")
    assert FIRED[0] in [piece["sentence"] for piece in post.message["alert"]["evidence"]]
    assert one(world, "select state from deliveries") == "delivered"


def signed(headers: dict[str, str], body: bytes, key: str) -> bool:
    """Check a signature as docs/config.md tells a receiver to."""
    expected = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["x-monitor-signature"])


async def test_a_receiver_can_tell_who_posted(world: World, receiver: Receiver) -> None:
    await told(world, receiver)
    (post,) = receiver.got
    assert signed(post.headers, post.body, "s3cret")
    assert not signed(post.headers, post.body + b" ", "s3cret")
    assert not signed(post.headers, post.body, "another")


FAILURES = {"503": 503, "a page that is not there": 404, "a lost answer": LOST}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
async def test_what_was_not_accepted_is_sent_again_under_the_same_key(
    world: World, receiver: Receiver, answer: int | str
) -> None:
    receiver.answers["/desk"].append(answer)
    config = await told(world, receiver)
    state, error = one(world, "select state, error from deliveries")
    assert state == "waiting"
    assert str(answer) in error or "could not be reached" in error
    await world.once(config)
    assert len(receiver.got) == 1, "not before its time"
    world.turn(minutes=1)
    await world.once(config)
    first, second = receiver.got
    assert (first.key, first.body) == (second.key, second.body)
    assert one(world, "select state, attempts from deliveries") == ("delivered", 2)


async def test_the_secret_is_nowhere_in_the_database(world: World, receiver: Receiver) -> None:
    await told(world, receiver)
    tables = [
        row[0] for row in ask(world, "select name from sqlite_master where type = 'table' and name not like '%fts%'")
    ]
    assert "s3cret" not in str([ask(world, f"select * from {table}") for table in tables])


# ------------------------------------------------------------------------------------------------------ one pass


def headlines(receiver: Receiver) -> list[str]:
    return [each["headline"] for post in receiver.got for each in post.alerts]


async def raise_alerts(house: House, count: int, kind: str = "edited") -> None:
    for number in range(count):
        await house.store(Store.raise_alert, Alert("story", kind, f"{kind} {number + 1}", "w", "y"), house.now())


async def test_one_pass_delivers_all_that_is_due_whatever_another_channel_does(
    world: World, receiver: Receiver
) -> None:
    more = receiver.channel("bad", 'kinds = ["edited"]') + receiver.channel("good", 'kinds = ["edited", "blind"]')
    config = world.config("wire.example", topic="alerts_per_hour = 0", more=more)
    receiver.answers["/bad"].extend([503] * 9)
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 101)
        await raise_alerts(house, 1, "blind")
        await deliver(house, config.channels)
    assert len(receiver.at("/bad")) == 1
    assert [post.alerts[0]["id"] for post in receiver.at("/good")] == list(range(1, 103))
    assert ask(world, "select channel, state, count(*) from deliveries group by 1, 2") == [
        ("bad", "waiting", 101), ("good", "delivered", 102)
    ]  # fmt: skip


async def test_a_digest_is_one_post_with_a_key_of_its_own(world: World, receiver: Receiver) -> None:
    config = world.config("wire.example", more=receiver.channel("desk", f'digest = "1d"\n{SECRET}'))
    receiver.answers["/desk"].append(503)
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 3)
        assert await deliver(house, config.channels) == 0
        world.turn(days=1)
        assert await deliver(house, config.channels) == 0
        world.turn(minutes=1)
        assert await deliver(house, config.channels) == 3
    refused, post = receiver.got
    assert list(post.message) == ["key", "alerts"]
    assert post.key == post.message["key"] == refused.key
    assert [each["headline"] for each in post.alerts] == ["edited 1", "edited 2", "edited 3"]
    assert [(each["key"],) for each in post.alerts] == ask(world, "select key from deliveries order by id")
    assert signed(post.headers, post.body, "s3cret")


async def test_one_refused_message_waits_alone(world: World, receiver: Receiver) -> None:
    config = world.config("wire.example", more=receiver.channel("desk"))
    receiver.answers["/desk"].append(400)
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 2)
        assert await deliver(house, config.channels) == 1
    assert ask(world, "select state from deliveries") == [("waiting",), ("delivered",)]


async def test_a_channel_taken_out_of_the_config_leaves_dead_letters_that_say_so(
    world: World, receiver: Receiver
) -> None:
    config = world.config("wire.example", more=receiver.channel("desk"))
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 2)
        without = world.config("wire.example")
        await follow(house, without)
        await deliver(house, without.channels)
    assert receiver.got == []
    assert ask(world, "select state, attempts, error from deliveries") == [
        ("dead", 1, "the config file has no such channel any more")
    ] * 2  # fmt: skip


async def test_an_answer_that_takes_too_long_is_none(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "ANSWER_WITHIN_S", 0.1)
    config = world.config("wire.example", more=receiver.channel("desk"))
    receiver.hanging["/desk"] = threading.Event()
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 1)
        assert await deliver(house, config.channels) == 0
    assert "did not answer within 0.1 s" in one(world, "select error from deliveries")


# -------------------------------------------------------------------------------------------------------- Apprise


def json_channel(receiver: Receiver) -> str:
    return f'[[channels]]\nname = "phone"\napprise = "json://127.0.0.1:{receiver.port}/phone"\n'


APPRISE_WARNS = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # it imports that


@APPRISE_WARNS
async def test_apprise_hands_alerts_on(world: World, receiver: Receiver) -> None:
    pytest.importorskip("apprise", reason="needs story-monitor[apprise]")
    receiver.answers["/phone"].append(503)
    config = world.config("wire.example", more=json_channel(receiver))
    async with service.opened(config, world.world()) as house:
        await raise_alerts(house, 1)
        assert await deliver(house, config.channels) == 0
        assert "did not accept the alert" in one(world, "select error from deliveries")
        world.turn(minutes=1)
        assert await deliver(house, config.channels) == 1
    refused, post = receiver.got
    assert refused.message == post.message
    assert (post.message["title"], post.message["message"]) == ("edited 1", "edited 1\nw\ny")
    assert one(world, "select state, attempts from deliveries") == ("delivered", 2)


@APPRISE_WARNS
async def test_a_service_behind_apprise_that_hangs_costs_only_itself(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("apprise", reason="needs story-monitor[apprise]")
    monkeypatch.setattr(service, "SEND_ON_S", 0.05)
    config = world.config("wire.example", more=json_channel(receiver) + receiver.channel("good"))
    receiver.hanging["/phone"] = threading.Event()
    async with running(world, config, monkeypatch) as (house, stop):
        await raise_alerts(house, 1)
        await until(lambda: receiver.at("/phone") and receiver.at("/good"))
        assert await asyncio.to_thread(lambda: "articles are read meanwhile")
        (sending,) = [each for each in threading.enumerate() if each.name == "apprise"]
        assert sending.daemon
        assert not [each for each in threading.enumerate() if each.name.startswith("ThreadPool")], (
            "the end waits for one"
        )
        began = time.monotonic()
        stop.set()
    assert time.monotonic() - began < 2


# --------------------------------------------------------------------------------------------- a locked database


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Hold the lock of the database, as another program may."""
    with closing(sqlite3.connect(world.folder / "monitor.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("COMMIT")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a write wait for the lock for a moment only."""
    monkeypatch.setattr(service, "LOCK_TIMEOUT_S", 0.01)


LOCKED = {  # the first answer -> what is posted in all, and how many of these are accepted
    "accepted": (204, ["edited 1", "edited 2"], 2),
    "not accepted": (503, ["edited 1"], 0),
    "this message refused": (400, ["edited 1", "edited 2"], 1),
}


@pytest.mark.parametrize(("answer", "in_all", "accepted"), LOCKED.values(), ids=LOCKED)
@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_cannot_be_written_down_is_not_asked_for_twice(
    world: World,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    answer: int,
    in_all: list[str],
    accepted: int,
) -> None:
    config = world.config("wire.example", more=receiver.channel("desk"))
    receiver.answers["/desk"].append(answer)
    async with service.opened(config, world.world()) as house, asyncio.timeout(20):
        await raise_alerts(house, 2)
        with locked(world):
            sending = asyncio.create_task(deliver(house, config.channels))
            await until(lambda: "What a channel answered is written down" in caplog.text)
            await asyncio.sleep(0.05)  # a few more writes that fail
            assert headlines(receiver) == ["edited 1"]
            assert not sending.done()
        assert await sending == accepted
        assert headlines(receiver) == in_all


@pytest.mark.usefixtures("impatient")
async def test_a_locked_database_does_not_hold_up_the_end(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "SEND_ON_S", 0.05)
    monkeypatch.setattr(service, "LOCK_TIMEOUT_S", 2.0)
    config = world.config("wire.example", more=receiver.channel("desk"))
    with ExitStack() as until_the_end:
        async with running(world, config, monkeypatch) as (house, stop):
            receiver.hanging["/desk"] = threading.Event()
            await raise_alerts(house, 1)
            await until(lambda: receiver.got)
            until_the_end.enter_context(locked(world))
            receiver.hanging["/desk"].set()
            await until(lambda: "What a channel answered is written down" in caplog.text)
            began = time.monotonic()
            stop.set()
        assert time.monotonic() - began < 1.5
    assert one(world, "select state from deliveries") == "waiting"


# ---------------------------------------------------------------------------------------------------- the daemon


@asynccontextmanager
async def running(
    world: World, config: Config, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[House, asyncio.Event]]:
    """Run the daemon, which looks into its outbox all the time, until the end or until it is stopped."""
    monkeypatch.setattr(service, "DELIVER_EVERY_S", 0.01)
    stop = asyncio.Event()
    async with service.opened(config, world.world()) as house, asyncio.timeout(20):
        daemon = asyncio.create_task(
            service.run(house, config, world.world(), reload=lambda _: None, stop=stop, hup=asyncio.Event())
        )
        try:
            yield house, stop
        finally:
            stop.set()
            await daemon


async def until(true: Any) -> None:
    while not true():  # noqa: ASYNC110  a server's thread makes it so
        await asyncio.sleep(0.005)


async def test_a_channel_that_hangs_costs_only_itself(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SEND_ON_S", 0.05)
    config = world.config("wire.example", more=receiver.channel("slow") + receiver.channel("good"))
    receiver.hanging["/slow"] = threading.Event()
    async with running(world, config, monkeypatch) as (house, stop):
        await raise_alerts(house, 1)
        await until(lambda: receiver.at("/slow") and receiver.at("/good"))
        for count in (2, 3):
            await raise_alerts(house, 1)
            await until(lambda count=count: len(receiver.at("/good")) == count)
        assert len(receiver.at("/slow")) == 1, "it is not asked a second thing meanwhile"
        began = time.monotonic()
        stop.set()
    assert time.monotonic() - began < 2
    assert ask(world, "select state, count(*) from deliveries where channel = 'slow' group by 1") == [("waiting", 3)]
    assert ask(world, "select state, count(*) from deliveries where channel = 'good' group by 1") == [("delivered", 3)]


async def test_what_is_under_way_at_the_end_is_waited_for(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = world.config("wire.example", more=receiver.channel("slow"))
    receiver.hanging["/slow"] = threading.Event()
    async with running(world, config, monkeypatch) as (house, stop):
        await raise_alerts(house, 1)
        await until(lambda: receiver.at("/slow"))
        stop.set()
        await asyncio.sleep(0)
        receiver.hanging["/slow"].set()
    assert one(world, "select state, attempts from deliveries") == ("delivered", 1)
