"""The life of a story: it falls quiet, and wakes, in a world under our hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import life
from monitor.model import Article, Phase, Pulse, Ruling

from .room import NOW, decision, telling
from .world import ARRESTED, FIRED, OLD, World, ask, followed

SENTENCED = (
    "A court in Exeter sentenced the former manager Paul Renner to four years in prison on Wednesday.",
    "The judge said that Renner had abused the trust of 400 customers of Harbour Bank.",
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def later(world: World, config: Any, **ahead: float) -> None:
    world.turn(**ahead)
    await world.once(config)


# ------------------------------------------------------------------------------------------------------ resurfacing


def of_kind(world: World, kind: str) -> list[tuple[Any, ...]]:
    columns = "headline, whats_new, url, publisher, development_id"
    return ask(world, f"select {columns} from alerts where kind = '{kind}' order by id")


async def test_a_quiet_story_that_wakes_is_said_once(world: World) -> None:
    config = await followed(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await later(world, config, hours=13)
    assert of_kind(world, "resurfaced") == [], "a story that never had a development does not resurface"
    await later(world, config, days=131)
    world.turn(hours=20)
    url = world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    await later(world, config, hours=5)
    (told,) = of_kind(world, "resurfaced")
    assert told == (
        "After 131 days of quiet, there is news: Police arrest former bank manager",
        *(ARRESTED[0], url, "wire.example", 2),
    )
    assert [row[4] for row in of_kind(world, "new-development")] == [1, 2], "it is beside the development's own alert"
    world.publish("wire.example", "/sentenced", "Former bank manager sentenced", *SENTENCED)
    await later(world, config, days=2)
    assert len(of_kind(world, "new-development")) == 3
    assert len(of_kind(world, "resurfaced")) == 1, "one for each silence"


async def test_each_silence_is_said_and_a_restart_forgets_none(world: World) -> None:
    config = await followed(world, "wire.example")
    for path, title, text in (
        ("/fired", "Harbour Bank fires manager", FIRED),
        ("/arrested", "Police arrest former bank manager", ARRESTED),
        ("/sentenced", "Former bank manager sentenced", SENTENCED),
    ):
        world.turn(days=100)
        world.publish("wire.example", path, title, *text)
        await later(world, config, hours=13)  # each pass opens the database anew
    assert [row[0].split(",")[0] for row in of_kind(world, "resurfaced")] == ["After 100 days of quiet"] * 2


async def test_resurfacing_is_delivered_to_the_channels_that_take_it(world: World) -> None:
    channel = '[[channels]]\nname = "wakes"\nwebhook = "https://desk.example/"\nkinds = ["resurfaced"]\n'
    config = await followed(world, "wire.example", more=channel)
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await later(world, config, hours=13)
    world.turn(days=90)
    world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    await later(world, config, hours=13)
    assert ask(world, "select kind from deliveries d join alerts a on a.id = d.alert_id") == [("resurfaced",)]


SILENCES: dict[str, tuple[datetime | None, timedelta, bool]] = {
    "a day": (NOW - timedelta(days=1), timedelta(0), False),
    "sixty days": (NOW - timedelta(days=60), timedelta(0), False),
    "longer": (NOW - timedelta(days=61), timedelta(0), True),
    "no development so far": (None, timedelta(0), False),
    "a report from before the silence, found late": (NOW - timedelta(days=90), timedelta(days=85), False),
}


@pytest.mark.parametrize(("last", "found_after", "wakes"), SILENCES.values(), ids=SILENCES)
def test_what_ends_a_silence(last: datetime | None, found_after: timedelta, wakes: bool) -> None:
    pulse = Pulse("mill", "quiet", NOW - timedelta(days=400), last, 0, 0, 0)
    article = Article("https://wire.example/story", "Fire", "It burnt again.")
    ruling = life.lived(telling("It burnt again."), article, pulse, NOW - found_after, NOW)
    assert [each.kind for each in ruling.alerts] == ["new-development"] + ["resurfaced"] * wakes


def test_what_tells_nothing_new_wakes_nothing() -> None:
    pulse = Pulse("mill", "quiet", NOW - timedelta(days=400), NOW - timedelta(days=99), 0, 0, 0)
    article = Article("https://wire.example/story", "Fire", "It burnt.")
    assert life.lived(Ruling(decision()), article, pulse, NOW, NOW) == Ruling(decision())
    assert life.lived(replace(telling("It burnt."), alerts=()), article, pulse, NOW, NOW).alerts == ()


# ----------------------------------------------------------------------------------------------------------- phases

PHASES: dict[str, tuple[timedelta, timedelta | None, int, Phase]] = {
    "new, and nothing so far": (timedelta(days=1), None, 0, Phase.DEVELOPING),
    "nothing for a month": (timedelta(days=30), None, 0, Phase.SLOW),
    "nothing for a season": (timedelta(days=90), None, 0, Phase.QUIET),
    "old, and something now": (timedelta(days=90), timedelta(hours=1), 1, Phase.DEVELOPING),
    "old, and much now": (timedelta(days=90), timedelta(hours=1), 2, Phase.BREAKING),
}


@pytest.mark.parametrize(("added", "last", "lately", "phase"), PHASES.values(), ids=PHASES)
def test_the_phase_of_a_story(added: timedelta, last: timedelta | None, lately: int, phase: Phase) -> None:
    pulse = Pulse("mill", "quiet", NOW - added, NOW - last if last is not None else None, lately, 0, 0)
    assert life.phase(pulse, NOW) is phase


@pytest.mark.parametrize(("lately", "phase"), [(0, Phase.DEVELOPING), (1, Phase.BREAKING), (7, Phase.BREAKING)])
def test_a_development_moves_the_story_into_its_phase(lately: int, phase: Phase) -> None:
    pulse = Pulse("mill", "slow", NOW - timedelta(days=90), NOW - timedelta(days=30), lately, 0, 0)
    article = Article("https://wire.example/story", "Fire", "It burnt.")
    assert life.lived(telling("It burnt."), article, pulse, NOW, NOW).phase is phase


async def test_a_story_that_wakes_is_polled_soon(world: World) -> None:
    config = await followed(world, "wire.example", "daily.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await later(world, config, hours=13)
    for _ in range(9):
        await later(world, config, days=14)
    assert ask(world, "select phase from topics") == [("quiet",)]
    assert all(wait >= 4 * 3_600 for (wait,) in ask(world, "select interval_s from sources"))
    world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    await later(world, config, days=14)
    due = [datetime.fromisoformat(at) for (at,) in ask(world, "select next_due_at from sources")]
    assert ask(world, "select phase from topics") == [("developing",)]
    assert due == [world.now + timedelta(minutes=5)] * 2
    await later(world, config, minutes=6)
    assert all(wait <= 3_600 for (wait,) in ask(world, "select interval_s from sources"))


async def test_a_busy_list_of_a_quiet_story_is_looked_at_before_it_has_moved_on(world: World) -> None:
    config = await followed(world, "wire.example", about="Renner")
    with closing(sqlite3.connect(world.folder / "monitor.db")) as db, db:
        db.execute("update topics set phase = 'quiet', added_at = '2020-01-01T00:00:00Z'")
    for hour in range(48):
        shown = world.pages["wire.example"]
        for number in range(3):
            world.publish("wire.example", f"/{hour}-{number}", f"Fog over the harbour, hour {hour}, {number}", *OLD)
        for path in list(shown)[:-12]:
            del shown[path]
        await later(world, config, hours=1)
    (wait,) = ask(world, "select interval_s from sources")
    assert 0.5 * 3_600 <= wait[0] <= 2 * 3_600
    assert ask(world, "select phase from topics") == [("quiet",)]
    assert ask(world, "select * from alerts") == [], "nothing was missed, so nothing is said"
    assert ask(world, "select count(*) from entries where url not like '%/47-%'") == [(1 + 47 * 3,)]


async def test_a_new_story_is_not_quiet_before_anything_came(world: World) -> None:
    config = await followed(world, "wire.example")
    assert ask(world, "select phase from topics") == [("developing",)]
    await later(world, config, days=100)
    assert ask(world, "select phase from topics") == [("quiet",)]
