"""Other programs at the database while the monitor runs: locks at the start, and writers that may damage it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor import cli, service, store
from monitor.database.file import may_damage
from monitor.errors import StoreBusy
from monitor.store import Store
from monitor.upkeep import keep

from .room import NOW, furnish
from .world import World, ask, followed


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


VERSIONS = {
    (3, 6, 23): False,
    (3, 7, 0): True,
    (3, 40, 1): True,
    (3, 44, 5): True,
    (3, 44, 6): False,
    (3, 45, 0): True,
    (3, 50, 6): True,
    (3, 50, 7): False,
    (3, 51, 2): True,
    (3, 51, 3): False,
    (3, 53, 0): False,
}


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: ".".join(map(str, version)))
def test_which_versions_may_damage_a_database(version: tuple[int, int, int]) -> None:
    assert may_damage(version) is VERSIONS[version]


def run(*words: str) -> str:
    result = CliRunner().invoke(cli.main, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def by_hand(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE alerts SET seen_at = '2026-03-01T12:00:00Z'")


def by_our_command(path: Path) -> None:
    run("seen", "1", "--useful")


def by_reading(path: Path) -> None:
    run("alerts")


WRITERS: dict[str, tuple[bool, Callable[[Path], None], bool]] = {
    "another program": (True, by_hand, True),
    "another program, where SQLite can bear it": (False, by_hand, False),
    "monitor seen": (True, by_our_command, False),
    "a reader": (True, by_reading, False),
}


@pytest.mark.parametrize(("old", "write", "warned"), WRITERS.values(), ids=WRITERS)
async def test_another_writer_is_spoken_of_once(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    old: bool,
    write: Callable[[Path], None],
    warned: bool,
) -> None:
    config = await followed(world, "wire.example")
    monkeypatch.chdir(world.folder)
    monkeypatch.setattr(store, "may_damage", lambda: old)
    with closing(sqlite3.connect(config.database)) as conn, conn:
        conn.execute(
            """INSERT INTO alerts (topic, kind, headline, whats_new, why, created_at)
            VALUES ('story', 'edited', 'x', 'x', 'x', '2026-03-01T12:00:00Z')"""
        )
    async with service.opened(config, world.world()) as house:
        for _ in range(2):
            await keep(house)
            assert "another program has written" not in caplog.text
        for _ in range(2):
            write(config.database)
            await keep(house)
    assert caplog.text.count("another program has written") == warned
    assert ("at risk: another program has written" in run("status")) is warned


def test_a_guest_makes_no_checkpoint(tmp_path: Path) -> None:
    path = furnish(tmp_path / "monitor.db")
    with closing(Store.open(path)):
        for guest, checkpoints in ((True, False), (False, True)):
            size = path.stat().st_size
            with closing(Store.open(path, guest=guest)) as other:
                other.note("long", str(guest) * 2_000_000, NOW)
            assert (path.stat().st_size > size) is checkpoints


# ------------------------------------------------------------------------------------------------ a lock at the start


async def test_a_lock_at_the_start_is_waited_out(world: World, caplog: pytest.LogCaptureFixture) -> None:
    config = await followed(world, "wire.example")
    waits: list[float] = []
    with closing(sqlite3.connect(config.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                holder.execute("ROLLBACK")

        with caplog.at_level(logging.WARNING, "monitor"):
            async with service.opened(config, replace(world.world(), sleep=sleep)) as house:
                await service.once(house, config)
    assert len(waits) == 3
    assert caplog.text.count("waiting up to two minutes for the lock") == 1
    assert "another program holds" in caplog.text
    assert ask(world, "SELECT state FROM sources") == [("ok",)]


async def test_a_lock_that_is_taken_between_opening_and_following_is_waited_out(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config = await followed(world, "wire.example")
    caplog.clear()
    monkeypatch.setattr(service, "LOCK_TIMEOUT_S", 0.0)
    with closing(sqlite3.connect(config.database, isolation_level=None)) as holder:

        def now() -> datetime:  # asked for the first time when the database is open
            if not caplog.text and not holder.in_transaction:
                holder.execute("BEGIN IMMEDIATE")
            return world.now

        async def sleep(seconds: float) -> None:
            holder.execute("ROLLBACK")

        async with service.opened(config, replace(world.world(), now=now, sleep=sleep)) as house:
            await service.once(house, config)
    assert caplog.text.count("waiting up to two minutes for the lock") == 1


async def test_a_lock_that_stays_ends_the_start_after_two_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = await followed(world, "wire.example")
    monkeypatch.setattr(service, "OPENING_TIMEOUT_S", 0.0)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with closing(sqlite3.connect(config.database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another program holds"):
            async with service.opened(config, replace(world.world(), sleep=sleep)):
                raise AssertionError("it was opened")
    assert 60 <= sum(waits) <= 120
