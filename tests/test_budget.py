"""A story that raises many alerts does not bury a channel, and nothing is lost or told twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import channels
from monitor.budget import HOUR, PRESSING, held_until
from monitor.model import Alert, Channel

from .room import DESK, NOW, STORY, Room, again, alert, opened, telling

BRIDGE = replace(STORY, slug="bridge", name="Bridge", milestones=())


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


def minutes(number: float | None) -> datetime | None:
    return None if number is None else NOW + timedelta(minutes=number)


# ---------------------------------------------------------------------------------------------------- the rule

HELD = {  # importance, budget, sent, first, digest (minutes from now) -> held until
    "nothing went out": ((0.3, 2, 0, None, None), None),
    "one more is allowed": ((0.3, 2, 1, -5, None), None),
    "the budget is used up": ((0.3, 2, 2, -50, None), 10),
    "a digest is on its way": ((0.3, 2, 0, None, 20), 20),
    "the last digest was just now": ((0.3, 2, 2, -50, 0), 60),
    "it was some time ago": ((0.3, 2, 2, -50, -30), 30),
    "it was long ago": ((0.3, 2, 2, -10, -55), 50),
    "it is pressing": ((PRESSING + 0.01, 2, 2, -50, 20), None),
    "as much as is still held": ((PRESSING, 2, 2, -50, 20), 20),
    "no limit": ((0.3, 0, 99, -50, 20), None),
    "the clock was set back": ((0.3, 2, 2, 500, 600), 60),
}


@pytest.mark.parametrize(("given_", "until"), HELD.values(), ids=HELD)
def test_until_when_an_alert_is_held(
    given_: tuple[float, int, int, float | None, float | None], until: float | None
) -> None:
    importance, budget, sent, first, digest = given_
    found = held_until(NOW, importance, budget, sent=sent, first=minutes(first), digest=minutes(digest))
    assert found == minutes(until)


# ------------------------------------------------------------------------------------------ in the database


def raised(room: Room, *kinds: str, topic: str = "mill") -> None:
    for kind in kinds:
        room.store.raise_alert(replace(alert(kind), topic=topic), room.now)


def held(room: Room) -> list[Any]:
    return room.rows("SELECT next_try_at, held_until FROM deliveries ORDER BY id")


def test_what_is_over_the_budget_waits_until_its_hour_is_over(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=2))
    raised(room, "edited", "edited")
    room.now += timedelta(minutes=40)
    raised(room, "removed", "blind")
    at_once, later = "2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z"
    assert held(room) == [(at_once, None)] * 2 + [(later, later), ("2026-03-01T12:40:00Z", None)]
    assert len(room.rows("SELECT * FROM alerts")) == 4
    assert [each.held_until for each in room.store.outbox(room.now)] == [None] * 3
    assert [each.held_until for each in room.store.outbox(room.now + timedelta(minutes=20))][-1] == NOW + HOUR


def test_each_topic_and_channel_has_a_budget_of_its_own(room: Room) -> None:
    topics = replace(STORY, alerts_per_hour=1), replace(BRIDGE, alerts_per_hour=1)
    few = Channel("few", webhook="x", kinds=("removed",))
    daily = Channel("daily", webhook="x", digest_s=86_400)
    room.follow(*topics, channels=(DESK, few, daily))
    raised(room, "edited", "removed")
    raised(room, "edited", topic="bridge")
    waits = room.rows("SELECT channel, alert_id FROM deliveries WHERE held_until IS NOT NULL")
    assert waits == [("desk", 2)]


def test_without_a_limit_nothing_waits(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=0))
    raised(room, *["edited"] * 30)
    assert {until for _, until in held(room)} == {None}


def test_what_others_confirm_becomes_more_important_and_waits_no_longer(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=1))
    raised(room, "edited")
    firm = telling("The owner was convicted.")
    development = replace(firm.decision.development, firm=True)  # type: ignore[type-var]
    told = room.file("wire", replace(firm, decision=replace(firm.decision, development=development)))
    assert room.rows("SELECT importance FROM alerts WHERE id = 2") == [(0.5,)]
    assert held(room)[1] == ("2026-03-01T13:00:00Z",) * 2
    room.now += timedelta(minutes=10)
    room.file("herald", again(told.developments["mill"], "The owner was found guilty."))
    assert room.rows("SELECT importance FROM alerts WHERE id = 2") == [(0.55,)]
    assert held(room)[1] == ("2026-03-01T12:10:00Z", None)


def test_what_was_held_together_is_taken_from_the_outbox_whole(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=1), replace(BRIDGE, alerts_per_hour=1))
    raised(room, *["edited"] * 8)
    room.now += timedelta(seconds=1)
    raised(room, *["edited"] * 2, topic="bridge")
    later = room.now + HOUR
    waiting = room.store.outbox(later, limit=4)
    assert Counter(each.alert["topic"] for each in waiting) == {"mill": 8, "bridge": 1}
    for each in waiting:
        room.store.delivered([each.id], later)
    (last,) = room.store.outbox(later, limit=4)
    assert last.alert["topic"] == "bridge"


# ------------------------------------------------------------------------------------------------ to the channels


class Desk:
    """Channels that write down what they get and when."""

    def __init__(self, room: Room, channels: Sequence[Channel]) -> None:
        self.room, self.channels = room, channels
        self.status = 200
        self.got: list[tuple[datetime, str, list[dict[str, Any]]]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if self.status == 200:
            self.got.append((self.room.now, request.url.host, body["alerts"] if "alerts" in body else [body["alert"]]))
        return httpx.Response(self.status)

    async def deliver(self) -> None:
        """Do what the daemon does every few seconds."""
        outbox = self.room.outbox()
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.answer)) as client:
            for channel in self.channels:
                if waiting := self.room.store.outbox(self.room.now, channel=channel.name):
                    await channels.deliver(channel, waiting, outbox, client, lambda: self.room.now, channels.Health())


async def test_a_digest_of_the_hour_has_the_most_important_first(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=1))
    desk = Desk(room, [DESK])
    raised(room, "edited", "resurfaced", "removed", "edited", "corrected")
    await desk.deliver()
    room.now += HOUR
    await desk.deliver()
    kinds = [[each["kind"] for each in told] for _, _, told in desk.got]
    assert kinds == [["edited"], ["corrected", "removed", "resurfaced", "edited"]]


async def test_a_digest_that_is_refused_is_tried_again_as_one(room: Room) -> None:
    room.follow(replace(STORY, alerts_per_hour=1))
    desk = Desk(room, [DESK])
    raised(room, "edited", "edited", "removed")
    await desk.deliver()
    desk.status, room.now = 503, room.now + HOUR
    await desk.deliver()
    assert room.rows("SELECT count(*), count(DISTINCT next_try_at) FROM deliveries WHERE state = 'waiting'") == [(2, 1)]
    desk.status, room.now = 200, room.now + timedelta(minutes=1)
    await desk.deliver()
    assert [len(told) for _, _, told in desk.got] == [1, 2]


CHANNELS = (
    Channel("all", webhook="https://all.example/"),
    Channel("some", webhook="https://some.example/", kinds=("edited", "blind")),
    Channel("daily", webhook="https://daily.example/", digest_s=7_200),
)
KINDS = ("edited", "removed", "new-development", "milestone-overdue", "blind", "reversal")
RAISED = st.tuples(
    st.sampled_from([0, 0, 1, 10, 700, 1800, 3599, 3600, 3601, 9000]),  # seconds since the one before
    st.sampled_from(["mill", "bridge"]),
    st.sampled_from(KINDS),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(RAISED, max_size=40), st.integers(1, 3))
def test_each_alert_reaches_each_channel_once_and_few_come_one_by_one(
    sequence: Sequence[tuple[int, str, str]], budget: int
) -> None:
    with opened() as room:
        room.follow(replace(STORY, alerts_per_hour=budget), replace(BRIDGE, alerts_per_hour=budget), channels=CHANNELS)
        desk = Desk(room, CHANNELS)
        asyncio.run(_play(room, desk, sequence))
        rows = room.rows("SELECT id, topic, kind FROM alerts")
        due = Counter(
            (f"{c.name}.example", id_) for c in CHANNELS for id_, _, kind in rows if kind in (c.kinds or KINDS)
        )
        assert Counter((host, each["id"]) for _, host, told in desk.got for each in told) == due
        for host, topic in ((host, topic) for host in ("all.example", "some.example") for topic in ("mill", "bridge")):
            _few_at_once([(at, told) for at, to, told in desk.got if (to, told[0]["topic"]) == (host, topic)], budget)


async def _play(room: Room, desk: Desk, sequence: Sequence[tuple[int, str, str]]) -> None:
    """Raise the alerts, deliver whenever something is due, and let three hours pass at the end."""
    at = NOW
    for wait_s, topic, kind in (*sequence, (3 * 3600, "", "")):
        at += timedelta(seconds=wait_s)
        while due := room.rows("SELECT min(next_try_at) FROM deliveries WHERE state = 'waiting'")[0][0]:
            if datetime.fromisoformat(due) > at:
                break
            room.now = max(room.now, datetime.fromisoformat(due))
            await desk.deliver()
        room.now = at
        if topic:
            room.store.raise_alert(Alert(topic, kind, "x", "x", "x"), at)


def _few_at_once(got: Sequence[tuple[datetime, list[dict[str, Any]]]], budget: int) -> None:
    """Check what a channel got of a topic: few single messages in any hour, and digests an hour apart."""
    raised_at = {told[0]["id"]: datetime.fromisoformat(told[0]["created_at"]) for _, told in got}
    singles = [(at, told[0]) for at, told in got if at == raised_at[told[0]["id"]] and len(told) == 1]
    ordinary = [at for at, each in singles if each["importance"] <= PRESSING]
    for end in ordinary:
        assert sum(end - HOUR < at <= end for at in ordinary) <= budget
    digests = [at for at, told in got if (at, told[0]) not in singles]
    assert all(later - earlier >= HOUR for earlier, later in pairwise(digests))
    for at, told in got:
        waited = [at - datetime.fromisoformat(each["created_at"]) for each in told]
        assert max(waited) <= HOUR
        assert [each["importance"] for each in told] == sorted((each["importance"] for each in told), reverse=True)
        assert len(told) == 1 or all(each["importance"] <= PRESSING for each in told)
