"""Databases of every earlier version, full of rows, are brought up to date; one that is interrupted goes on later."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
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
        read = EntryUpdate(EntryId(2), EntryState.ARTICLE, None, 1, NOW + timedelta(hours=1))
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


# What was filed before pages were looked at again: how old it was at the last request, in hours, or else its rows; and
# at which age, in hours, it is to be looked at.
LOOKS: dict[str, tuple[float, str, float | None]] = {
    "just filed": (0, "", 0.25),
    "of an hour": (1, "", 3),
    "short before a look": (23.9, "", 72),
    "of two weeks": (13 * 24, "", 336),
    "older than the last look": (720, "", None),
    "a teaser": (1, "UPDATE articles SET status = 'partial' WHERE id = :article", 3),
    "an old teaser": (200, "UPDATE articles SET status = 'partial' WHERE id = :article", None),
    "published long before it was watched": (
        1,
        "UPDATE entries SET background = 1 WHERE id = :entry;"
        "UPDATE articles SET published_at = '2025-12-01T00:00:00Z' WHERE id = :article",
        None,
    ),
    "published long before it was shown": (
        1,
        "UPDATE articles SET published_at = '2025-12-01T00:00:00Z' WHERE id = :article",
        3,
    ),
    "a copy": (1, "UPDATE articles SET copy_of = 1 WHERE id = :article", None),
    "about something else": (1, "UPDATE decisions SET verdict = 'irrelevant' WHERE article_id = :article", None),
    "of no topic": (1, "DELETE FROM decisions WHERE article_id = :article", None),
    "of a topic that rests": (1, "UPDATE topics SET active = 0", None),
    "of a source that rests": (1, "UPDATE sources SET active = 0", None),
    "to be read anew": (1, "UPDATE entries SET state = 'failed' WHERE id = :entry", None),
    "shown twice": (
        1,
        """INSERT INTO sources SELECT :entry, url || 2, 'feed', links, 1, 9, etag, last_modified, host, state, why,
        last_ok_at, next_due_at, 1, 0, 0, NULL, NULL, 1, added_at FROM sources WHERE id = 1;
        INSERT INTO entries (source_id, url, host, first_seen_at, state, next_try_at, article_id)
        SELECT :entry, url, host, first_seen_at, state, NULL, article_id FROM entries WHERE id = :entry""",
        3,
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_was_filed_before_pages_were_looked_at_again_is_looked_at_from_now_on(
    house: Room, tmp_path: Path, name: str
) -> None:
    hours, change, looked_at = LOOKS[name]
    path = tmp_path / "monitor.db"
    made(path, 1, house.path)
    seen = NOW - timedelta(hours=hours)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("UPDATE entries SET next_try_at = NULL WHERE id = 2")
        conn.execute("UPDATE articles SET first_seen_at = ? WHERE id = 1", (f"{seen:%Y-%m-%dT%H:%M:%SZ}",))
        for statement in change.split(";"):
            conn.execute(statement, {"entry": 2, "article": 1})
        conn.commit()
    Store.open(path).close()
    found = [datetime.fromisoformat(row[0]) for row in asked(path, LOOKED_AT)]
    assert len(found) == (looked_at is not None)
    for at in found:
        wait = seen + timedelta(hours=looked_at or 0) - NOW
        assert NOW + wait <= at <= NOW + 1.1 * wait + timedelta(seconds=1)


LOOKED_AT = "SELECT next_try_at FROM entries WHERE article_id = 1 AND next_try_at IS NOT NULL"


def test_looks_at_what_was_filed_together_are_spread_evenly(house: Room, tmp_path: Path) -> None:
    path, many = tmp_path / "monitor.db", 200
    made(path, 9, house.path)
    with closing(sqlite3.connect(path)) as conn:
        ids = [(id_, f"https://news.example/{id_}") for id_ in range(100, 100 + many)]
        conn.executemany(
            """INSERT INTO articles (id, url, title, text, first_seen_at, last_seen_at)
            SELECT ?, ?, title, text, first_seen_at, last_seen_at FROM articles WHERE id = 1""",
            ids,
        )
        conn.executemany(
            """INSERT INTO entries (source_id, url, host, first_seen_at, state, article_id)
            SELECT 1, ?2, host, first_seen_at, 'article', ?1 FROM entries WHERE id = 2""",
            ids,
        )
        conn.executemany(
            """INSERT INTO decisions (article_id, topic, decided_at, relevant, relevance, verdict, novelty, why)
            VALUES (?, 'mill', '', 1, 1, 'learnt', 0, '{}')""",
            [(id_,) for id_, _ in ids],
        )
        conn.execute("UPDATE fetches SET at = ?", (f"{NOW + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}",))
        conn.commit()
    Store.open(path).close()
    due = [row[0] for row in asked(path, "SELECT next_try_at FROM entries WHERE article_id >= 100 ORDER BY 1")]
    first = NOW + timedelta(hours=24)
    for part in range(10):  # of the two hours in which they fall due
        until = f"{first + timedelta(hours=1.9) * (part + 1) / 10:%Y-%m-%dT%H:%M:%SZ}"
        assert abs(sum(at <= until for at in due) - many * (part + 1) / 10) <= 3


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
    with closing(sqlite3.connect(tmp_path / "start.db")) as conn:
        conn.execute("UPDATE entries SET next_try_at = NULL")
        conn.commit()
    shutil.copy(tmp_path / "start.db", tmp_path / "whole.db")
    Store.open(tmp_path / "whole.db").close()
    before, after = contents(tmp_path / "start.db"), contents(tmp_path / "whole.db", had)
    assert [name for name in had if before[name] != after[name]] == ["entries"], "one is to be looked at again"
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
        if versions[-1] == 1:
            assert contents(path) == before
        Store.open(path).close()
        assert contents(path, had) == after
        check_whole(path)
        assert asked(path, "PRAGMA user_version") == [(database.VERSION,)]
    assert versions == sorted(versions)
    assert set(versions) == {1, database.VERSION}
