"""A wall clock that is set: back, ahead, in the middle of the work or while nobody looked; nothing is lost by it."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apscheduler.schedulers.base
import pytest

from monitor import schedule, service
from monitor.model import Entry, Hold, Manners, Plan, Receipt, RobotsTxt
from monitor.store import Store

from .room import DESK, NOW, STORY, Room, opened
from .world import FIRED, World, ask, followed

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


class Wall:
    """The machine's wall clock, set by hand; APScheduler reads it too."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()

    class Read(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return wall()

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Read)
    return wall


SET = {"back by an hour": -HOUR, "back by a year": -YEAR, "ahead by an hour": HOUR, "ahead by a year": YEAR}


@pytest.mark.parametrize("jump", SET.values(), ids=SET)
async def test_the_loop_goes_on_when_the_clock_is_set(wall: Wall, jump: timedelta) -> None:
    asked, done, told = [0], list[str](), list[float]()
    stop = asyncio.Event()

    async def due() -> tuple[str, ...]:
        asked[0] += 1
        return ()

    async def chore() -> None:
        done.append("chore")
        if len(done) == 3:
            wall.ahead += jump
        elif len(done) >= 6:
            stop.set()

    async def clock_set(jump_s: float) -> None:
        told.append(jump_s)

    async def visit(host: str) -> None:
        raise AssertionError(host)

    chores = (schedule.Chore("count", 0.02, chore),)
    async with asyncio.timeout(5):
        await schedule.run(due=due, visit=visit, stop=stop, now=wall, clock_set=clock_set, chores=chores, tick_s=0.01)
    assert asked[0] >= 6
    assert told == [pytest.approx(jump.total_seconds(), abs=1)]


WATCHED = {
    "both go on": ([(1, 1), (2, 2), (3, 3)], [0, 0]),
    "set back": ([(100, 1), (41, 2), (42, 3)], [-60, 0]),
    "set ahead, or slept": ([(1, 1), (3_602, 2)], [3_600]),
    "corrected slowly": ([(0, 0), (104, 100), (208, 200)], [0, 0]),
    "busy for long": ([(0, 0), (600, 600)], [0]),
    "back and ahead again": ([(100, 1), (41, 2), (102, 3)], [-60, 60]),
}


@pytest.mark.parametrize(("readings", "jumps"), WATCHED.values(), ids=WATCHED)
def test_a_watch_tells_a_clock_that_was_set(readings: list[tuple[float, float]], jumps: list[float]) -> None:
    at = [0]
    watch = schedule.Watch(lambda: datetime.fromtimestamp(readings[at[0]][0], UTC), lambda: float(readings[at[0]][1]))
    found = []
    for at[0] in range(1, len(readings)):
        found.append(watch.jump_s())
    assert found == jumps


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


CHANGES = {"to winter": datetime(2026, 10, 25, 1, tzinfo=UTC), "to summer": datetime(2026, 3, 29, 1, tzinfo=UTC)}


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_daylight_saving_sets_no_clock_and_moves_no_due_time(change: datetime) -> None:
    minutes = [change + timedelta(minutes=n) for n in range(-90, 91)]
    local = [each.astimezone().replace(tzinfo=None) for each in minutes]
    assert any(after - before != timedelta(minutes=1) for before, after in itertools.pairwise(local))
    seconds = iter(range(0, 60 * len(minutes), 60))
    at = iter(minutes)
    watch = schedule.Watch(lambda: next(at).astimezone(), lambda: next(seconds))
    assert not any(watch.jump_s() for _ in minutes[1:])
    with opened() as room:
        room.now = change - timedelta(minutes=30)
        room.follow()
        room.show(due=change + timedelta(minutes=30))
        due = [each for each in minutes if room.store.due_hosts(each.astimezone())]
        assert due[0] == change + timedelta(minutes=30)
        assert len(due) == 61


# ------------------------------------------------------------------------------------ what the wrong clock wrote


def filled(room: Room, ahead: timedelta) -> None:
    """Let everything that waits wait from a moment that much ahead, by rules of its own."""
    room.now = NOW + ahead
    room.follow()
    room.show(Entry("https://news.example/1"), due=room.now + timedelta(seconds=300))
    receipt = Receipt("news.example", room.now, requests=1)
    room.store.commit(
        Plan(
            room.now,
            manners=Manners(
                (receipt,),
                (RobotsTxt("https://news.example", b"", room.now, room.now + timedelta(days=1)),),
                (Hold("news.example", room.now + HOUR, 503),),
            ),
        )
    )
    room.store.want_summaries(True)
    room.tell("wire")
    room.store.queue_summaries(room.now)
    room.run(
        f"UPDATE deliveries SET held_until = '{stamp(room.now + HOUR)}', next_try_at = '{stamp(room.now + HOUR)}';"
        f"UPDATE entries SET next_try_at = '{stamp(room.now + timedelta(days=1))}'"
    )


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# Column, and how long after `NOW` it may lie at most once the clock is right.
LATEST = {
    "sources.next_due_at": timedelta(seconds=301),
    "entries.next_try_at": timedelta(seconds=1),
    "hosts.left_alone_until": timedelta(seconds=3_601),
    "robots.ask_again_at": timedelta(seconds=1),
    "deliveries.held_until": timedelta(seconds=3_601),
    "summaries.next_try_at": timedelta(seconds=1),
    "topics.added_at": timedelta(0),
    "topics.last_development_at": timedelta(0),
    "topic_sources.since": timedelta(0),
}


@pytest.mark.parametrize("column", LATEST)
def test_what_a_clock_a_year_ahead_put_off_is_brought_back(column: str) -> None:
    table, name = column.split(".")
    with opened() as room:
        filled(room, YEAR)
        ((before,),) = room.rows(f"SELECT max({name}) FROM {table}")
        assert before > stamp(NOW + timedelta(days=300))
        room.store.set_back(NOW)
        ((after,),) = room.rows(f"SELECT max({name}) FROM {table}")
        assert stamp(NOW) <= after <= stamp(NOW + LATEST[column])


def test_what_lies_within_its_rule_stays() -> None:
    with opened() as room:
        filled(room, timedelta(0))
        before = room.everything()
        assert room.store.set_back(NOW) == 0
        assert room.everything() == before


def test_a_digest_and_a_wish_of_the_server_may_lie_far_ahead() -> None:
    with opened() as room:
        weekly = (replace(DESK, digest_s=7 * 86_400.0),)
        room.follow(channels=weekly)
        room.show(due=NOW + 10 * HOUR, not_before=NOW + 10 * HOUR)
        room.tell("wire")
        assert room.store.set_back(NOW) == 0


def test_a_hosts_sources_that_became_due_together_are_one_visit() -> None:
    with opened() as room:
        filled(room, timedelta(0))
        assert room.store.due_hosts(NOW + YEAR) == ("news.example",)


def test_alerts_of_a_clock_that_was_ahead_do_not_use_up_the_budget() -> None:
    with opened() as room:
        room.now = NOW + YEAR
        room.follow(replace(STORY, alerts_per_hour=1))
        room.tell("wire")
        room.now = NOW
        room.tell("post")
        assert room.rows("SELECT held_until FROM deliveries ORDER BY id") == [(None,), (None,)]


# ------------------------------------------------------------------------------------------------ the whole program


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, now=NOW + YEAR)


async def test_a_story_that_was_followed_by_a_clock_a_year_ahead_goes_on(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    config = await followed(world, "wire.example")
    world.now = NOW
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    for _ in range(2):
        world.turn(hours=1)
        await world.once(config)
    assert ask(world, "select kind from alerts") == [("new-development",)]
    (told,) = [record.getMessage() for record in caplog.records if "set back" in record.getMessage()]
    assert "by 365 d, to 2026-03-01 13:00:00 UTC" in told


async def test_a_clock_that_does_not_know_the_year_yet_changes_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    config = await followed(world, "wire.example")
    before = ask(world, "select next_due_at, since from sources join topic_sources on source_id = sources.id")
    world.now = datetime(1970, 1, 1, tzinfo=UTC)
    async with service.opened(config, world.world()):
        pass
    assert ask(world, "select next_due_at, since from sources join topic_sources on source_id = sources.id") == before
    assert "cannot be right" in caplog.text


async def test_a_running_daemon_takes_a_new_time_over(world: World, caplog: pytest.LogCaptureFixture) -> None:
    config = await followed(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED, published=NOW + timedelta(hours=1))
    stop = asyncio.Event()
    world.turn(minutes=2)
    async with service.opened(config, world.world()) as house, asyncio.timeout(20):
        house.fetch.recall([Hold("wire.example", world.now + timedelta(days=7), 503)])
        running = asyncio.create_task(
            service.run(house, config, world.world(), reload=lambda _: None, stop=stop, hup=asyncio.Event())
        )
        while (await house.store(Store.notes))["alive_at"] != world.now.isoformat():  # noqa: ASYNC110  a thread writes it
            await asyncio.sleep(0.01)
        world.now = NOW + timedelta(hours=2)
        while "set back" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        world.now += timedelta(minutes=6)
        while not ask(world, "select 1 from alerts"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert ask(world, "select kind from alerts") == [("new-development",)]
