"""Raw captures that have had their time go; what an alert rests on stays, and so does every text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError
from monitor.model import Capture, DevelopmentId, Edit

from .room import NOW, Room, again, opened
from .world import FIRED, World, ask, followed


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        room.follow()
        yield room


def capture(name: str, days: int) -> Capture:
    return Capture(f"https://{name}.example/story", NOW - timedelta(days=days), 200, {}, f"<p>{name}".encode())


def test_old_captures_go_but_for_those_that_an_alert_rests_on(room: Room) -> None:
    room.file("old", capture=capture("old", 9))
    room.file("young", capture=capture("young", 1))
    room.tell("told", capture=capture("told", 9))
    room.file("confirms", again(DevelopmentId(1), "told tells it."), capture=capture("confirms", 9))
    before = room.everything()
    last, count, size = room.store.drop_captures(NOW - timedelta(days=5))
    assert (last, count) == (4, 1)
    assert size > 0
    kept = [url for (url,) in room.rows("SELECT url FROM captures ORDER BY url")]
    assert kept == [f"https://{name}.example/story" for name in ("confirms", "told", "young")]
    assert room.rows("SELECT capture_sha256 FROM revisions WHERE article_id = 1") == [(None,)]
    after = room.everything()
    assert {name for name in before if before[name] != after[name]} == {"captures", "revisions"}
    assert room.rows("PRAGMA foreign_key_check") == []


def test_all_versions_of_an_article_that_an_alert_rests_on_stay(room: Room) -> None:
    filed = room.tell("told", capture=capture("told", 9))
    edited = replace(capture("told", 8), body=b"<p>edited")
    assert filed.article is not None
    room.file("told", known=filed.article, edits=(Edit("text"),), text="told tells more.", capture=edited)
    assert room.rows("SELECT count(*) FROM captures") == [(2,)]
    assert room.store.drop_captures(NOW)[1] == 0


def test_bytes_that_two_articles_share_stay_while_an_alert_rests_on_one(room: Room) -> None:
    shared = capture("shared", 9)
    room.file("plain", capture=shared)
    room.tell("told", capture=replace(shared, url="https://told.example/story"))
    room.run("UPDATE revisions SET capture_sha256 = NULL WHERE article_id = 2")  # only the way to it is known
    assert room.store.drop_captures(NOW)[1] == 0
    room.run("UPDATE retrievals SET capture_sha256 = NULL WHERE article_id = 2")
    assert room.store.drop_captures(NOW)[1] == 1


def test_few_are_looked_at_in_one_transaction_and_all_in_the_end(room: Room) -> None:
    for number in range(7):
        room.file(f"n{number}", capture=capture(f"n{number}", 9 if number % 2 else 1))
    steps, after = [], 0
    while (done := room.store.drop_captures(NOW - timedelta(days=5), after, 3))[0] is not None:
        after = done[0]
        steps.append(done[:2])
    assert steps == [(3, 1), (6, 2), (7, 0)]


KEPT = {
    "for ever": ('"forever"', 3),
    "left out": (None, 3),
    "long enough": ('"30d"', 3),
    "not long enough": ('"5d"', 2),  # those that the alert rests on
}


@pytest.mark.parametrize(("keep", "left"), KEPT.values(), ids=KEPT)
async def test_captures_are_kept_as_long_as_the_config_says(
    tmp_path: Path, keep: str | None, left: int, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(tmp_path)
    await followed(world, "wire.example")
    world.turn(hours=2)
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    world.publish("wire.example", "/again", "Harbour Bank fires manager Renner", *FIRED)
    config = world.config("wire.example")
    if keep is not None:
        text = config.path.read_text("utf-8").replace("contact =", f"keep_captures = {keep}\ncontact =")
        config.path.write_text(text, "utf-8")
        config = load(config.path)
    with caplog.at_level(logging.INFO, "monitor"):
        await world.once(config)
        assert ask(world, "SELECT count(*) FROM captures") == [(3,)]
        world.turn(days=10)
        await world.once(config)
        await world.once(config)
    assert ask(world, "SELECT count(*) FROM captures") == [(left,)]
    assert ask(world, "SELECT count(*) FROM articles WHERE text <> ''") == [(3,)]
    assert caplog.text.count("deleted 1 raw capture from before") == (left == 2)


async def test_it_is_done_once_a_day(tmp_path: Path) -> None:
    world = World(tmp_path)
    config = replace(await followed(world, "wire.example"), keep_captures_s=86_400.0)
    marks = set()
    for hours in (0, 1, 20, 4):
        world.turn(hours=hours)
        await world.once(config)
        marks |= set(ask(world, "SELECT value FROM notes WHERE key = 'captures_dropped_at'"))
    assert marks == {("2021-08-01T08:00:00+00:00",), ("2021-08-02T09:00:00+00:00",)}


@pytest.mark.parametrize("wrong", ["0d", "never", "180"])
def test_a_wrong_time_is_refused(tmp_path: Path, wrong: str) -> None:
    path = World(tmp_path).config("wire.example").path
    path.write_text(path.read_text("utf-8").replace("contact =", f'keep_captures = "{wrong}"\ncontact ='), "utf-8")
    with pytest.raises(ConfigError, match=r'keep_captures: .*"forever", or a duration such as "180d"'):
        load(path)
