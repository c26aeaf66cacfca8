"""Quiet hours: when they end, on the days on which the clocks change too, and what a channel gets in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from monitor import budget, channels, quiet
from monitor.channels import Health
from monitor.importance import of
from monitor.model import Alert, Channel, Quiet

from .room import NOW, STORY, Room, alert, opened

NIGHT = "22:00-07:00"
BERLIN, HOWE = "Europe/Berlin", "Australia/Lord_Howe"  # the clocks of Lord Howe change by half an hour
HOURS = {  # hours, place, instant -> the end, both in UTC; "": it lies in none
    "in the evening": (NIGHT, "UTC", "2026-01-10 23:30:00", "2026-01-11 07:00:00"),
    "in the morning": (NIGHT, "UTC", "2026-01-10 06:59:59", "2026-01-10 07:00:00"),
    "when they begin": (NIGHT, "UTC", "2026-01-10 22:00:00", "2026-01-11 07:00:00"),
    "just before": (NIGHT, "UTC", "2026-01-10 21:59:59", ""),
    "when they end": (NIGHT, "UTC", "2026-01-10 07:00:00", ""),
    "by day": (NIGHT, "UTC", "2026-01-10 12:00:00", ""),
    "within one day": ("12:00-13:00", "UTC", "2026-01-10 12:30:30", "2026-01-10 13:00:00"),
    "and not after": ("12:00-13:00", "UTC", "2026-01-10 23:00:00", ""),
    "all but a minute": ("00:01-00:00", "UTC", "2026-01-10 00:01:00", "2026-01-11 00:00:00"),
    "by the clocks of winter": (NIGHT, BERLIN, "2026-01-10 21:30:00", "2026-01-11 06:00:00"),
    "by those of summer": (NIGHT, BERLIN, "2026-07-10 20:30:00", "2026-07-11 05:00:00"),
    "on the other side of the earth": (NIGHT, "Asia/Shanghai", "2026-01-10 15:00:00", "2026-01-10 23:00:00"),
    "a night that is an hour shorter": (NIGHT, BERLIN, "2026-03-28 21:00:00", "2026-03-29 05:00:00"),
    "a night that is an hour longer": (NIGHT, BERLIN, "2026-10-24 20:00:00", "2026-10-25 06:00:00"),
    "an end in the hour that is left out": ("22:00-02:30", BERLIN, "2026-03-29 00:59:00", "2026-03-29 01:00:00"),
    "is over with it": ("22:00-02:30", BERLIN, "2026-03-29 01:00:00", ""),
    "a beginning in it": ("02:30-07:00", BERLIN, "2026-03-29 00:59:00", ""),
    "begins with its end": ("02:30-07:00", BERLIN, "2026-03-29 01:00:00", "2026-03-29 05:00:00"),
    "hours that are left out altogether": ("02:10-02:50", BERLIN, "2026-03-29 01:00:00", ""),
    "an end in the hour that comes twice": ("22:00-02:30", BERLIN, "2026-10-24 23:00:00", "2026-10-25 00:30:00"),
    "is none for half an hour": ("22:00-02:30", BERLIN, "2026-10-25 00:45:00", ""),
    "and comes again": ("22:00-02:30", BERLIN, "2026-10-25 01:15:00", "2026-10-25 01:30:00"),
    "half an hour that is left out": (NIGHT, HOWE, "2026-10-03 12:00:00", "2026-10-03 20:00:00"),
}


def hours(written: str, place: str) -> Quiet:
    begins, ends = map(time.fromisoformat, written.split("-"))
    return Quiet(begins, ends, ZoneInfo(place))


@pytest.mark.parametrize(("written", "place", "at", "end"), HOURS.values(), ids=HOURS)
def test_when_quiet_hours_end(written: str, place: str, at: str, end: str) -> None:
    expected = datetime.fromisoformat(f"{end}+00:00") if end else None
    assert quiet.until(hours(written, place), datetime.fromisoformat(f"{at}+00:00")) == expected


WAKES = {
    "reversal": True, "milestone-met": True, "blind": False, "corrected": False, "milestone-overdue": False,
    "removed": False, "resurfaced": False, "new-development": False, "edited": False,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "wakes"), WAKES.items())
def test_what_wakes(kind: str, wakes: bool) -> None:
    assert budget.wakes(kind, of(kind)) is wakes


def test_a_firm_event_that_several_tell_wakes() -> None:
    assert budget.wakes("new-development", of("new-development", novelty=1.0, firm=True, outlets=3))


# ---------------------------------------------------------------------------------------------------- on a channel

QUIET = Channel("desk", webhook="https://desk.example/", quiet=hours("11:00-13:00", "UTC"))  # NOW is noon
END = "2026-03-01T13:00:00Z"


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


class Desk:
    """A channel that keeps what it gets, as lists of headlines."""

    def __init__(self, room: Room, channel: Channel = QUIET) -> None:
        self.room, self.channel, self.status, self.health = room, channel, 200, Health()
        self.got: list[list[str]] = []
        room.follow(STORY, replace(STORY, slug="bridge", name="Bridge"), channels=(channel,))

    def answer(self, request: httpx.Request) -> httpx.Response:
        message = json.loads(request.content)
        if self.status == 200:
            self.got.append([each["headline"] for each in message.get("alerts") or [message["alert"]]])
        return httpx.Response(self.status)

    async def deliver(self) -> None:
        room = self.room
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.answer)) as client:
            while waiting := room.store.outbox(room.now, limit=2):
                _, self.health = await channels.deliver(
                    self.channel, waiting, room.outbox(), client, lambda: room.now, self.health
                )


async def test_what_is_raised_in_them_goes_out_as_one_message_when_they_end(room: Room) -> None:
    desk = Desk(room)
    for number, topic in enumerate(["mill", "bridge", "mill", "mill"]):
        room.store.raise_alert(replace(alert("edited", f"e{number}"), topic=topic), room.now)
        await desk.deliver()
    assert desk.got == []
    assert set(room.rows("SELECT held_until, next_try_at, attempts, state FROM deliveries")) == {
        (END, END, 0, "waiting")
    }  # fmt: skip
    room.now = NOW + timedelta(hours=1)
    await desk.deliver()
    assert desk.got == [["e0", "e1", "e2", "e3"]]


async def test_what_is_pressing_goes_out_in_them(room: Room) -> None:
    desk = Desk(room)
    room.store.raise_alert(alert("edited", "calm"), room.now)
    room.store.raise_alert(alert("reversal", "pressing"), room.now)
    room.store.raise_alert(alert("blind", "ours"), room.now)
    await desk.deliver()
    assert desk.got == [["pressing"]]
    room.now = NOW + timedelta(hours=1)
    await desk.deliver()
    assert desk.got == [["pressing"], ["ours", "calm"]]


async def test_a_try_again_is_no_reason_to_wake_anybody(room: Room) -> None:
    room.now = NOW - timedelta(hours=1, seconds=1)
    desk = Desk(room)
    desk.status = 503
    room.store.raise_alert(alert("edited", "calm"), room.now)
    await desk.deliver()
    desk.status, room.now = 200, NOW
    await desk.deliver()
    assert desk.got == []
    room.now = NOW + timedelta(hours=1)
    await desk.deliver()
    assert desk.got == [["calm"]]


async def test_a_digest_that_is_due_in_them_waits_for_their_end(room: Room) -> None:
    desk = Desk(room, replace(QUIET, digest_s=43_200.0))
    room.now = NOW - timedelta(hours=2)
    for number in range(3):
        room.store.raise_alert(Alert("mill", "edited", f"e{number}", "w", "y"), room.now)
    for room.now in (NOW, NOW + timedelta(minutes=30)):
        await desk.deliver()
        assert desk.got == []
    room.now = NOW + timedelta(hours=1)
    await desk.deliver()
    assert desk.got == [["e0", "e1", "e2"]]
    assert datetime.fromisoformat(END) == room.now.astimezone(UTC)
