"""Real faults under a real database: each is waited out or named, and when it is gone the next pass has everything."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor import backup, schedule, service
from monitor.errors import StoreError
from monitor.store import Store

from .faults import FEED, a_pass, a_world, outcome
from .world import World


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What is found where nothing goes wrong."""
    folder = tmp_path_factory.mktemp("sound")
    for hours in (0, 2, 3):
        assert asyncio.run(a_pass(folder, hours)) == ""
    found = outcome(folder)
    assert (len(found["articles"]), len(found["alerts"])) == (3, 2)
    return found


# -------------------------------------------------------------------------------------------------- the disk fails


def passes(folder: Path, *names: str, words: tuple[str, ...] = ()) -> dict[str, Any]:
    asked = [*words, sys.executable, "-m", "tests.faults", str(folder), *names]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    return {answer["name"]: answer for answer in map(json.loads, told.stdout.splitlines())}


def can_mount() -> bool:
    unshare = shutil.which("unshare")
    asked = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return unshare is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


DISK_FAULTS = {
    "full": "there is no room to write: the disk is full",
    "read-only": "cannot be written to",
    "limited": "the disk could not be read or written",
}


@pytest.mark.parametrize("names", [("full", "read-only"), ("limited",)], ids=" ".join)
def test_a_disk_that_fails_is_named_and_nothing_is_lost(
    tmp_path: Path, names: tuple[str, ...], expected: dict[str, list[Any]]
) -> None:
    own_mounts = names != ("limited",)
    if own_mounts and not can_mount():
        pytest.skip("this machine gives no mount namespace (unshare -rm) to fill a disk in")
    answers = passes(tmp_path, *names, words=("unshare", "-rm") if own_mounts else ())
    for name in names:
        answer = answers[name]
        assert answer["said"].startswith("StoreError: ")
        assert DISK_FAULTS[name] in answer["said"]
        assert answer["ended"] == ""
        assert answer["outcome"] == expected


INJECTED = {
    "a write fails": ("pwrite64", "error=EIO", "the disk could not be read or written"),
    "a sync fails": ("fdatasync,fsync", "error=EIO", "the disk could not be read or written"),
    "the disk is full": ("pwrite64", "error=ENOSPC", "the disk is full|the disk could not be"),  # SQLite's word varies
}


@pytest.mark.slow
@pytest.mark.parametrize(("call", "error", "said"), INJECTED.values(), ids=INJECTED)
def test_a_call_that_fails_at_any_place_is_named_and_nothing_is_lost(
    tmp_path: Path, call: str, error: str, said: str, expected: dict[str, list[Any]]
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    ended = set[bool]()
    for place in range(1, 1500, 67 if call == "pwrite64" else 3):
        folder = tmp_path / str(place)
        folder.mkdir()
        asyncio.run(a_pass(folder, 0))
        inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        asked = [*inject, "-e", f"inject={call}:{error}:when={place}+", sys.executable]
        done = subprocess.run(
            [*asked, "-m", "tests.faults", str(folder), "pass", "2"], capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        assert done.returncode == 0 or re.search(said, done.stderr), done.stderr
        assert asyncio.run(a_pass(folder, 3)) == ""
        assert outcome(folder) == expected, place
        ended.add(done.returncode == 0)
        if done.returncode == 0:
            break
    assert ended == {False, True}


CONNECTION_FAULTS = {
    "a full disk": ("PRAGMA max_page_count = 1", "the disk is full"),  # cannot go below what there is
    "a file that became read-only": ("PRAGMA query_only = ON", "cannot be written to"),
}


@pytest.mark.parametrize(("pragma", "said"), CONNECTION_FAULTS.values(), ids=CONNECTION_FAULTS)
async def test_a_fault_in_the_middle_of_a_pass_ends_it_with_its_reason(
    tmp_path: Path, pragma: str, said: str, expected: dict[str, list[Any]]
) -> None:
    await a_pass(tmp_path, 0)
    world = a_world(tmp_path, 2)
    config = world.config(FEED)
    async with service.opened(config, world.world()) as house:
        await house.store(lambda store: store._conn.execute(pragma))
        with pytest.raises(StoreError, match=said):
            await service.once(house, config)
    assert await a_pass(tmp_path, 3) == ""
    assert outcome(tmp_path) == expected


# ---------------------------------------------------------------------------------------------- while the daemon runs


async def daemon(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    first: Callable[[Store], object],
    meanwhile: Callable[[service.House], Any] | None = None,
) -> None:
    """Run the daemon in a world; `first` is done to its store, and it is stopped once `meanwhile` is through."""
    monkeypatch.setattr(schedule, "run", partial(schedule.run, tick_s=0.02))
    config, stop = world.config(FEED), asyncio.Event()
    async with service.opened(config, world.world()) as house, asyncio.timeout(20), asyncio.TaskGroup() as group:
        await house.store(first)

        async def work() -> None:
            if meanwhile is not None:
                await meanwhile(house)
                stop.set()

        running = service.run(house, config, world.world(), reload=lambda _: None, stop=stop, hup=asyncio.Event())
        working, broken = group.create_task(work()), None
        try:
            await running
        except StoreError as error:
            broken = error
            working.cancel()
    if broken is not None:
        raise broken


async def test_a_lock_of_a_minute_is_waited_out(
    tmp_path: Path, expected: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await a_pass(tmp_path, 0)
    world = a_world(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None, check_same_thread=False)) as holder:

        async def lock(house: service.House) -> None:
            for _ in range(12):
                await asyncio.sleep(0.05)
                world.turn(seconds=5)
            assert holder.execute("SELECT count(*) FROM articles").fetchone() == (1,)
            holder.execute("ROLLBACK")
            while len(outcome(tmp_path)["found"]) < 2:
                await asyncio.sleep(0.02)
                await house.store(Store.index_text)

        monkeypatch.setattr(service, "LOCK_TIMEOUT_S", 0.0)
        await daemon(world, monkeypatch, first=lambda _: holder.execute("BEGIN IMMEDIATE"), meanwhile=lock)
    assert caplog.text.count("another program holds the database's lock") > 3
    assert outcome(tmp_path) == expected


async def test_while_the_database_is_locked_no_site_is_asked_in_vain_and_the_loop_turns(
    tmp_path: Path, expected: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_pass(tmp_path, 0)
    world = a_world(tmp_path, 2)
    monkeypatch.setattr(service, "LOCK_TIMEOUT_S", 0.0)
    with closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None, check_same_thread=False)) as holder:
        answer = world._respond

        def lock_when_asked(request: Any) -> Any:
            if not world.asked:
                holder.execute("BEGIN IMMEDIATE")
            return answer(request)

        monkeypatch.setattr(world, "_respond", lock_when_asked)

        async def watch(house: service.House) -> None:
            turns, due = 0, Store.due_hosts
            turned, loop = asyncio.Event(), asyncio.get_running_loop()

            def counted(*args: Any) -> Any:
                nonlocal turns
                turns += holder.in_transaction
                if turns == 20:
                    loop.call_soon_threadsafe(turned.set)
                return due(*args)

            monkeypatch.setattr(Store, "due_hosts", counted)
            await turned.wait()
            assert len(world.asked) == 1, "one visit was under way"
            holder.execute("ROLLBACK")
            while len(outcome(tmp_path)["found"]) < 2:
                await asyncio.sleep(0.02)
                await house.store(Store.index_text)

        await daemon(world, monkeypatch, first=lambda _: None, meanwhile=watch)
    assert outcome(tmp_path) == expected


async def test_a_page_that_is_damaged_while_the_daemon_runs_ends_it_and_a_backup_makes_it_whole(
    tmp_path: Path, expected: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_pass(tmp_path, 0)
    path = tmp_path / "monitor.db"
    backup.backup(path, tmp_path / "copy.db")
    size = path.stat().st_size

    def damage(store: Store) -> None:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xee" * (size - 4096))
        store._conn.execute("PRAGMA shrink_memory")  # what it remembers hides the damage

    with pytest.raises(StoreError, match=r"the database is damaged.*put your last backup in its place"):
        await daemon(a_world(tmp_path, 2), monkeypatch, first=damage)
    assert path.read_bytes().count(b"\xee" * 4096) > size // 4096 // 2, "nothing was made anew over it"
    with pytest.raises(StoreError, match="damaged"):
        Store.open(path)
    backup.restore(path, tmp_path / "copy.db", a_world(tmp_path, 2).now, force=True)
    assert await a_pass(tmp_path, 3) == ""
    assert outcome(tmp_path) == expected


# ------------------------------------------------------------------------------------------------------ at the start


def page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 4)
        file.write(b"\xee" * 4096 * 20)


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript("PRAGMA journal_mode = DELETE; PRAGMA user_version = 999")


def another(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript("CREATE TABLE recipes (name)")


def put_back(path: Path, content: bytes) -> None:
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    path.write_bytes(content)


FILES = {
    "damaged pages": (page, "damaged"),
    "cut short": (cut, "damaged"),
    "a newer version": (newer, "newer version"),
    "another program's database": (another, "belongs to another program"),
    "a text": (lambda path: path.write_text("a shopping list\n" * 99), "no SQLite database"),
}


@pytest.mark.parametrize(("change", "said"), FILES.values(), ids=FILES)
async def test_a_file_that_is_not_right_is_named_and_once_it_is_back_nothing_is_lost(
    tmp_path: Path, change: Callable[[Path], object], said: str, expected: dict[str, list[Any]]
) -> None:
    await a_pass(tmp_path, 0)
    path = tmp_path / "monitor.db"
    sound = path.read_bytes()
    change(path)
    wrong = path.read_bytes()
    ended = await a_pass(tmp_path, 2)
    assert ended.startswith("StoreError: ")
    assert said in ended
    assert path.read_bytes() == wrong
    put_back(path, sound)
    assert await a_pass(tmp_path, 3) == ""
    assert outcome(tmp_path) == expected


@pytest.mark.parametrize("left", [1.0, 0.6, 0.1, 0.0])
async def test_a_journal_left_by_a_crash_whole_or_cut_short_costs_nothing(
    tmp_path: Path, left: float, expected: dict[str, list[Any]]
) -> None:
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    await a_pass(tmp_path, 0)
    path = tmp_path / "monitor.db"
    with closing(sqlite3.connect(path)) as reader:  # keeps the journal from being folded in at the end
        reader.execute("SELECT count(*) FROM articles").fetchone()
        await a_pass(tmp_path, 2)
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", crashed)
    journal = crashed / "monitor.db-wal"
    size = journal.stat().st_size
    assert size > 100_000
    with journal.open("r+b") as file:
        file.truncate(int(size * left))
    assert await a_pass(crashed, 3) == ""
    assert outcome(crashed) == expected
