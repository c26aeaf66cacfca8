"""The store as a whole: all of a plan or nothing, locks, a full disk, and the thread."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreBusy, StoreError, UsageError
from monitor.model import (
    AlertId,
    Article,
    ArticleId,
    Capture,
    DeliveryId,
    Development,
    DevelopmentId,
    Drift,
    Entry,
    EntryState,
    EntryUpdate,
    Fetched,
    NewEntry,
    Plan,
    Reading,
    Ruling,
    Setback,
    Source,
    SourceId,
    SourceKind,
    Summary,
    Verdict,
)
from monitor.store import Store
from monitor.writer import Writer

from .room import NOW, STORY, Room, again, alert, decision, furnish, opened, telling


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


# ----------------------------------------------------------------------------------------- all of it, or nothing


BROKEN_PLANS: dict[str, Callable[[], tuple[Ruling, ...]]] = {
    "two alerts of one kind for one development": lambda: (telling("y", alert(), alert()),),
    "a topic that does not exist": lambda: (Ruling(decision(topic="nobody")),),
    "a corroboration of a development that does not exist": lambda: (again(DevelopmentId(99), "x"),),
    "a development without a sentence": lambda: (
        Ruling(decision(Verdict.NEW, development=Development("x", "new-development", 1.0, ()))),
    ),
}


@pytest.mark.parametrize("name", BROKEN_PLANS)
def test_a_plan_that_breaks_a_rule_leaves_nothing(room: Room, name: str) -> None:
    room.follow()
    room.show(Entry("https://news.example/1"))
    room.tell("wire")
    (waiting,) = room.store.waiting("news.example", NOW)
    before = room.everything()
    url = "https://new.example/"
    plan = Plan(
        NOW + timedelta(hours=1),
        outcomes=(Fetched(url, url, NOW, 200, {}, b"x"),),
        source=room.update(why="changed"),
        entries=(NewEntry(Entry("https://news.example/2"), "news.example"),),
        children=(Source(SourceKind.FEED, "https://child.example/"),),
        entry=EntryUpdate(waiting.id, EntryState.ARTICLE),
        reading=Reading(
            Article(url, "New", "text"), (telling("z"), *BROKEN_PLANS[name]()), capture=Capture(url, NOW, 200, {}, b"x")
        ),
    )
    with pytest.raises((sqlite3.IntegrityError, ValueError)):
        room.store.commit(plan)
    assert room.everything() == before
    sound = replace(plan, reading=Reading(Article(url, "New", "text"), (telling("z"),)))
    assert room.store.commit(sound).article == 2


WRITES: dict[str, Callable[[Store], object]] = {
    "sync": lambda store: store.sync((replace(STORY, name="Other"),), NOW),
    "commit": lambda store: store.commit(Plan(NOW, reading=Reading(Article("https://a.example/", "T", "x")))),
    "raise_alert": lambda store: store.raise_alert(alert(), NOW),
    "delivered": lambda store: store.delivered([DeliveryId(1)], NOW),
    "undelivered": lambda store: store.undelivered(Setback("desk", NOW, "503", ((DeliveryId(1), NOW),), NOW)),
    "wait_along": lambda store: store.wait_along("desk", NOW, NOW, "503"),
    "hold": lambda store: store.hold([DeliveryId(1)], NOW),
    "recovered": lambda store: store.recovered("desk"),
    "retry": lambda store: store.retry(["desk"], NOW),
    "seen": lambda store: store.seen([AlertId(1)], NOW),
    "want_summaries": lambda store: store.want_summaries(True),
    "queue_summaries": lambda store: store.queue_summaries(NOW),
    "summarised": lambda store: store.summarised(AlertId(1), "q", Summary("It burnt [1]"), NOW),
    "not_summarised": lambda store: store.not_summarised(AlertId(1), "503", NOW),
    "tell": lambda store: store.tell([], NOW),
    "go_blind": lambda store: store.go_blind(alert("blind"), NOW),
    "see_again": lambda store: store.see_again(alert("blind"), NOW),
    "set_phase": lambda store: store.set_phase("mill", "slow"),
    "set_drift": lambda store: store.set_drift("mill", Drift(NOW, "other articles")),
    "set_back": lambda store: store.set_back(NOW),
    "note": lambda store: store.note("a", "b", NOW),
    "drop_captures": lambda store: store.drop_captures(NOW),
    "put_off": lambda store: store.put_off("news.example", NOW, NOW),
    "index_text": lambda store: store.index_text(),
}
READS: dict[str, Callable[[Store], object]] = {
    "due_hosts": lambda store: store.due_hosts(NOW),
    "due_sources": lambda store: store.due_sources("news.example", NOW),
    "waiting": lambda store: store.waiting("news.example", NOW),
    "rechecks": lambda store: store.rechecks("news.example", NOW, 5),
    "record": lambda store: store.record(ArticleId(1)),
    "next_due": lambda store: store.next_due(),
    "shown": lambda store: store.shown(SourceId(1), (Entry("https://x.example/"),)),
    "robots": lambda store: store.robots("https://x.example"),
    "holds": lambda store: store.holds(NOW),
    "losses": lambda store: store.losses(),
    "filed": lambda store: store.filed("https://x.example/"),
    "archive": lambda store: store.archive(),
    "undecided": lambda store: store.undecided(),
    "due_channels": lambda store: store.due_channels(NOW),
    "outbox": lambda store: store.outbox(NOW),
    "summaries_behind": lambda store: store.summaries_behind(),
    "unsummarised": lambda store: store.unsummarised(NOW),
    "summary": lambda store: store.summary(AlertId(1), "q"),
    "overdue": lambda store: store.overdue(NOW.date()),
    "sight": lambda store: store.sight(),
    "pulse": lambda store: store.pulse(NOW),
    "notes": lambda store: store.notes(),
    "at_risk": lambda store: store.at_risk(),
}


def test_the_tables_of_reads_and_writes_name_every_method() -> None:
    public = {name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")}
    assert public - {"close", "hurry", "wait_since"} == set(WRITES) | set(READS)


@pytest.fixture
def locked(room: Room) -> Iterator[Room]:
    room.follow()
    room.tell("wire")
    with closing(sqlite3.connect(room.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield room
        holder.execute("ROLLBACK")


@pytest.mark.parametrize("name", WRITES)
def test_writing_into_a_locked_database_is_refused_and_can_be_repeated(locked: Room, name: str) -> None:
    before = locked.everything()
    with pytest.raises(StoreBusy, match=r"another program holds the database's lock"):
        WRITES[name](locked.store)
    assert locked.everything() == before


@pytest.mark.parametrize("name", WRITES)
def test_the_same_write_succeeds_once_the_lock_is_gone(room: Room, name: str) -> None:
    room.follow()
    room.tell("wire")
    WRITES[name](room.store)


@pytest.mark.parametrize("name", READS)
def test_reading_does_not_wait_for_a_lock(locked: Room, name: str) -> None:
    READS[name](locked.store)


def test_a_full_disk_is_said_and_nothing_half_written_stays(tmp_path: Path, room: Room) -> None:
    room.follow()
    room.store._conn.execute(f"PRAGMA max_page_count = {room.rows('PRAGMA page_count')[0][0]}")
    with pytest.raises(StoreError, match="the disk is full"):
        room.file("wire", text="long " * 100_000)
    assert room.rows("SELECT count(*) FROM articles") == [(0,)]
    room.store._conn.execute("PRAGMA max_page_count = 100000")
    assert room.file("wire").article == 1


def test_a_file_that_became_read_only_is_said(room: Room) -> None:
    room.store._conn.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="cannot be written to"):
        room.store.note("a", "b", NOW)


# ---------------------------------------------------------------------------------------------------- the thread


async def test_the_writer_runs_the_store_in_one_thread_of_its_own(tmp_path: Path) -> None:
    async with Writer(furnish(tmp_path / "monitor.db")) as store:
        await store(Store.sync, (STORY,), NOW)
        hosts = await asyncio.gather(*(store(Store.due_hosts, NOW) for _ in range(5)))
        assert hosts == [("news.example",)] * 5
        name = await store(lambda _: threading.current_thread().name)
        assert name.startswith("store")
    assert not any(thread.name.startswith("store") for thread in threading.enumerate())
    with pytest.raises(RuntimeError):
        await store(Store.notes)


async def test_the_writer_hands_on_what_a_method_raises(tmp_path: Path) -> None:
    async with Writer(furnish(tmp_path / "monitor.db")) as store:
        with pytest.raises(UsageError):
            await store(Store.seen, [AlertId(1)], NOW)
    with pytest.raises(StoreError, match="does not exist"):
        async with Writer(tmp_path / "none" / "monitor.db"):
            pass
    assert not any(thread.name.startswith("store") for thread in threading.enumerate())


async def test_what_was_begun_is_finished_though_its_caller_is_cancelled(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(store: Store) -> None:
        begun.set()
        go_on.wait(5)
        store.note("slow", "done", NOW)

    async with Writer(furnish(tmp_path / "monitor.db")) as store:
        caller = asyncio.create_task(store(slow))
        waiting = asyncio.create_task(store(Store.note, "waiting", "done", NOW))
        await asyncio.to_thread(begun.wait, 5)
        caller.cancel()
        waiting.cancel()
        await asyncio.gather(caller, waiting, return_exceptions=True)
        go_on.set()
        assert await store(Store.notes) == {"slow": "done"}


async def test_closing_does_not_wait_out_another_programs_lock(tmp_path: Path) -> None:
    path = furnish(tmp_path / "monitor.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with Writer(path, busy_timeout_s=10.0) as store:
            other.execute("BEGIN IMMEDIATE")
            late = [asyncio.create_task(store(Store.note, str(n), "x", NOW)) for n in range(2)]
            await asyncio.sleep(0)
            began = time.monotonic()
        assert time.monotonic() - began < 5
        assert [type(each) for each in await asyncio.gather(*late, return_exceptions=True)] == [StoreBusy] * 2


async def test_a_lock_is_waited_for_once_however_many_stand_in_line(tmp_path: Path) -> None:
    def waited(store: Store) -> int:
        return store.waited

    path = tmp_path / "monitor.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with Writer(path, busy_timeout_s=0.02) as store:
            other.execute("BEGIN IMMEDIATE")
            line = [store(Store.note, str(n), "x", NOW) for n in range(64)]
            *written, notes, turns = await asyncio.gather(
                *line, store(Store.notes), store(waited), return_exceptions=True
            )
            assert {type(each) for each in written} == {StoreBusy}
            assert (notes, turns) == ({}, 10)
            with pytest.raises(StoreBusy):
                await store(Store.note, "later", "x", NOW)
            assert await store(waited) == 20, "who comes later waits too"
            other.execute("COMMIT")
            await asyncio.gather(*(store(Store.note, str(n), "x", NOW) for n in range(64)))
            assert (len(await store(Store.notes)), await store(waited)) == (64, 20)


# How many turns of the ten of the first caller had passed when the next one came -> how many that one waits.
CAME = {"before them": (0, 0), "after four of them": (4, 4), "after the last": (10, 10)}


@pytest.mark.parametrize(("at", "waits"), CAME.values(), ids=CAME)
def test_what_others_waited_since_a_caller_came_counts_as_waited(tmp_path: Path, at: int, waits: int) -> None:
    path = tmp_path / "monitor.db"
    store = Store.open(path, busy_timeout_s=0.02)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for came, turns in ((0, 10), (at, 10 + waits)):
            store.wait_since(came)
            with pytest.raises(StoreBusy):
                store.note("a", "x", NOW)
            assert store.waited == turns
        other.execute("COMMIT")
        store.wait_since(0)
        store.note("a", "x", NOW)
    store.close()


async def test_a_lock_that_is_let_go_in_time_costs_nothing(tmp_path: Path) -> None:
    path = furnish(tmp_path / "monitor.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with Writer(path, busy_timeout_s=10.0) as store:
            other.execute("BEGIN IMMEDIATE")
            written = asyncio.create_task(store(Store.note, "a", "x", NOW))
            asyncio.get_running_loop().call_later(0.02, other.execute, "COMMIT")
            await written
            assert await store(Store.notes) == {"a": "x"}


@pytest.mark.slow
def test_the_store_keeps_its_pace_with_a_hundred_thousand_sources(room: Room) -> None:
    sources = tuple(
        Source(SourceKind.FEED, f"https://h{number % 20_000}.example/{number}") for number in range(100_000)
    )
    room.follow(replace(STORY, sources=sources))
    room.follow(replace(STORY, sources=sources))
    room.run("UPDATE sources SET next_due_at = '2027-01-01T00:00:00Z'")
    begun = time.process_time()
    for _ in range(100):
        assert room.store.due_hosts(NOW) == ()
    assert (time.process_time() - begun) / 100 < 0.005
    begun = time.process_time()
    for number in range(500):
        room.tell(f"n{number}", text=f"n{number} tells it. " + "Other words follow here. " * 100)
    assert (time.process_time() - begun) / 500 < 0.01
