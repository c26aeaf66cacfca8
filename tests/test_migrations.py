"""Databases of every earlier version, full of rows, are brought up to date; one that is interrupted goes on later."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from monitor.database import file as database
from monitor.database.schema import MIGRATIONS
from monitor.errors import StoreError
from monitor.model import (
    AlertId,
    ArticleId,
    Capture,
    DevelopmentId,
    Edit,
    Entry,
    EntryId,
    EntryState,
    EntryUpdate,
    Failed,
    Feedback,
    Hold,
    Manners,
    Plan,
    Receipt,
    RobotsTxt,
    Summary,
)
from monitor.store import Store

from .room import NOW, Room, again, alert, opened

EARLIER = range(1, database.VERSION)
NAMES = [each.name for each in MIGRATIONS.pending(Database(sqlite3.connect(":memory:")))]

# What a database that lacks it is given: worked out from the rest of its rows.
DERIVED = {
    "addresses": "SELECT identity, article_id FROM addresses ORDER BY identity",
    "importance": "SELECT id, importance FROM alerts ORDER BY id",
}


@pytest.fixture(scope="module")
def house() -> Iterator[Room]:
    """A database of today with a row in every table."""
    with opened() as room:
        room.follow()
        room.show(Entry("https://news.example/1", title="A link"), Entry("https://short.example/x"))
        page = "https://wire.example/story"
        capture = Capture(page, NOW, 200, {"content-type": "text/html"}, b"<p>It burnt.")
        room.tell("wire", "The mill burnt down.", fetched_url="https://wire.example/go/9", capture=capture)
        room.tell("desk", "Three were arrested.")
        edit = Edit("number", "Three", "Five", "Three were arrested.", "Five were arrested.")
        room.file("desk", known=ArticleId(2), edits=(edit,), text="Five were arrested.")
        room.file("copy", again(DevelopmentId(1), "The mill burnt down."))
        room.store.raise_alert(alert("blind"), NOW)
        read = EntryUpdate(EntryId(2), EntryState.ARTICLE, None, 1, None)
        host, until = "news.example", NOW + timedelta(hours=1)
        manners = Manners(
            (Receipt(host, NOW, requests=3),), (RobotsTxt(host, b"x", NOW, until),), (Hold(host, until, 429),)
        )
        failed = Failed(page, page, NOW, "timeout", "it took too long")
        room.store.commit(Plan(NOW, outcomes=(failed,), entry=read, manners=manners))
        room.run("UPDATE entries SET article_id = 1 WHERE id = 2")
        room.run("INSERT INTO addresses VALUES ('short.example/x', 1, 0)")
        room.store.want_summaries(True)
        room.tell("late", "The owner was charged.")
        room.store.queue_summaries(NOW)
        room.store.summarised(AlertId(4), "q", Summary("Charged [1]"), NOW)
        room.store.seen([AlertId(1)], NOW, Feedback.NOISE)
        room.store.delivered([room.store.outbox(NOW)[0].id], NOW)
        room.store.index_text()
        assert not [name for name, rows in contents(room.path).items() if not rows], "a table is empty"
        yield room


def tables(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the tables with their columns, but for what SQLite, FTS5 and the migrations keep for themselves."""
    names = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_fts%'").fetchall()
    return {
        name: [row[1] for row in conn.execute(f"PRAGMA table_info({name})")]
        for (name,) in names
        if not name.startswith(("sqlite_", "_sqlite"))
    }


def contents(path: Path, only: dict[str, list[str]] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as conn:
        return {
            name: sorted(conn.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall(), key=repr)
            for name, columns in (only or tables(conn)).items()
        }


def made(path: Path, version: int, rows_of: Path) -> dict[str, list[str]]:
    """Make a database of a version with the rows of another one, as far as it had a place for them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute(f"PRAGMA application_id = {database.APPLICATION_ID}")
        conn.execute("PRAGMA journal_mode = WAL")
        MIGRATIONS.apply(Database(conn), stop_before=NAMES[version : version + 1])
        assert conn.execute("PRAGMA user_version").fetchone() == (version,)
        conn.execute("ATTACH ? AS full", (str(rows_of),))
        had = tables(conn)
        for name, columns in had.items():
            names = ", ".join(columns)
            conn.execute(f"INSERT INTO main.{name} ({names}) SELECT {names} FROM full.{name}")
        for index in ("articles_fts", "alerts_fts"):
            conn.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        conn.execute("DETACH full")
        return had


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql).fetchall()


def check_whole(path: Path) -> None:
    assert asked(path, "PRAGMA integrity_check") == [("ok",)]
    assert asked(path, "PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("version", EARLIER)
def test_every_row_of_an_earlier_version_survives_with_its_meaning(house: Room, tmp_path: Path, version: int) -> None:
    path = tmp_path / "monitor.db"
    had = made(path, version, house.path)
    before = contents(path)
    assert all(before.values())
    with closing(Store.open(path)) as store:
        assert asked(path, "PRAGMA user_version") == [(database.VERSION,)]
        assert contents(path, had) == before
        check_whole(path)
        for name, sql in DERIVED.items():
            assert asked(path, sql) == asked(house.path, sql), name
        schema = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        assert asked(path, schema) == asked(house.path, schema)
        found = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'desk'"
        assert asked(path, found) == asked(house.path, found) == [(2,)]
        for url in (
            "http://www.wire.example/story/",
            "https://wire.example/go/9",
            "http://short.example/x?utm_source=a",
        ):
            filed = store.filed(url)
            assert filed is not None, url
            assert filed.id == 1
        assert asked(path, "SELECT count(importance) FROM new_alerts") == [(3,)]
        work_goes_on(store, path)


def work_goes_on(store: Store, path: Path) -> None:
    room = object.__new__(Room)
    room.path, room.now, room.store = path, NOW + timedelta(days=1), store
    room.follow()
    assert room.tell("next", "The owner was sentenced.").alerts == (AlertId(5),)
    while store.index_text():
        pass
    assert asked(path, "SELECT rowid FROM alerts_fts WHERE alerts_fts MATCH 'burnt'") == [(1,), (2,), (3,), (4,), (5,)]


def test_a_name_that_is_taken_stops_the_change_with_a_sentence_and_leaves_all_as_it_was(
    house: Room, tmp_path: Path
) -> None:
    path = tmp_path / "monitor.db"
    made(path, 1, house.path)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("CREATE VIEW summaries AS SELECT 1")  # of a person; the last migration wants the name
    before = contents(path), asked(path, "SELECT * FROM sqlite_master")
    with pytest.raises(StoreError, match=r"of version 1.* could not be brought up to date.*summaries"):
        Store.open(path)
    assert (contents(path), asked(path, "SELECT * FROM sqlite_master")) == before
    assert asked(path, "PRAGMA user_version") == [(1,)]
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DROP VIEW summaries")
    Store.open(path).close()
    assert asked(path, "PRAGMA user_version") == [(database.VERSION,)]


# A child brings a database up to date, and is killed before its n-th statement; for every STEP-th n.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
import sqlite_utils
from monitor.database import file, schema

folder, step = Path(sys.argv[1]), int(sys.argv[2])
left = 0

class Watched(file.Connection):
    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.set_trace_callback(self.count)

    def count(self, statement):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

file.Connection = Watched
for n in range(0, 10_000, step):
    here = folder / f"{n}.db"
    shutil.copy(folder / "start.db", here)
    child = os.fork()
    if child == 0:
        left = n
        file.open_for_writing(here).close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
    if status == 0:
        break
"""


def test_a_kill_in_the_middle_of_a_migration_leaves_the_old_version_and_the_next_start_finishes_it(
    house: Room, tmp_path: Path
) -> None:
    had = made(tmp_path / "start.db", 1, house.path)
    before = contents(tmp_path / "start.db")
    step = 24
    ends = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(step)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert ends == ["-9"] * (len(ends) - 1) + ["0"]
    assert len(ends) >= 6
    versions = []
    for point in range(len(ends)):
        path = tmp_path / f"{point * step}.db"
        versions.append(asked(path, "PRAGMA user_version")[0][0])
        assert contents(path, had) == before
        if versions[-1] == 1:
            assert contents(path) == before
        Store.open(path).close()
        assert contents(path, had) == before
        check_whole(path)
        assert asked(path, "PRAGMA user_version") == [(database.VERSION,)]
    assert versions == sorted(versions)
    assert set(versions) == {1, database.VERSION}
