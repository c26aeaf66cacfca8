"""Files that are not what they should be, and values as columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.database import file as database
from monitor.errors import StoreBusy, StoreError
from monitor.store import Store

from .room import NOW, Room, opened


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


# ------------------------------------------------------------------------------------------------ opening a file


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript("PRAGMA journal_mode = WAL; CREATE TABLE recipes (name)")


def another_application(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript("PRAGMA application_id = 42; CREATE TABLE recipes (name)")


def newer(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(f"PRAGMA user_version = {database.VERSION + 1}")


def damaged(path: Path) -> None:
    Store.open(path).close()
    body = bytearray(path.read_bytes())
    body[4096 : 4096 * 40] = b"\xee" * (4096 * 39)
    path.write_bytes(body)


def miscounted(path: Path) -> None:
    """The header says that seven pages are free, and none is: readable, but not to be trusted."""
    Store.open(path).close()
    body = bytearray(path.read_bytes())
    body[36:40] = (7).to_bytes(4, "big")
    path.write_bytes(body)


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a text file": (lambda path: path.write_text("[monitor]\n" * 99), "no SQLite database"),
    "a short file": (lambda path: path.write_bytes(b"SQLite format 3\x00"), "no SQLite database"),
    "a folder": (lambda path: path.mkdir(), "this is a folder"),
    "another program's database": (foreign, r"another program \(its tables: recipes\)"),
    "another program's, by its id": (another_application, r"another program \(its tables: recipes\)"),
    "a newer version's database": (newer, "written by a newer version"),
    "a damaged database": (damaged, "damaged"),
    "a database with a wrong count": (miscounted, r"damaged.*reelist"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_said_and_not_touched(tmp_path: Path, name: str) -> None:
    make, said = BAD_FILES[name]
    path = tmp_path / "monitor.db"
    make(path)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    with pytest.raises(StoreError, match=said):
        Store.open(path)
    after = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    assert after == before or name == "a damaged database"
    assert after[path] == before[path] if path.is_file() else path.is_dir()


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist"):
        Store.open(tmp_path / "nowhere" / "monitor.db")


def test_an_exclusive_lock_is_said(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.executescript(
            "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; INSERT INTO notes VALUES ('a', 'b', 'c')"
        )
        with pytest.raises(StoreBusy, match="another program holds"):
            Store.open(path, busy_timeout_s=0.01)


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "monitor.db"
    path.touch()
    with closing(Store.open(path)) as store:
        assert store.due_hosts(NOW) == ()
    with closing(sqlite3.connect(path)) as conn:
        facts = [
            conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "journal_mode", "user_version")
        ]
    assert facts == [database.APPLICATION_ID, "wal", database.VERSION]


def test_opening_again_changes_nothing_and_what_was_written_is_there(room: Room) -> None:
    room.follow()
    room.tell("wire")
    room.store.close()
    tables = room.rows("SELECT sql FROM sqlite_master")
    room.store = Store.open(room.path)
    assert room.rows("SELECT sql FROM sqlite_master") == tables
    assert room.store.filed("https://wire.example/story") is not None


def test_the_version_counts_the_migrations(room: Room) -> None:
    assert room.rows("SELECT count(*) FROM _sqlite_migrations") == [(database.VERSION,)]


# -------------------------------------------------------------------------------------------- values and columns


INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds


@given(INSTANTS)
def test_instants_are_kept_to_the_second(at: datetime) -> None:
    assert database.instant(database.column(at)) == at.replace(microsecond=0)
    later = database.moment(str(database.due(at)))
    assert timedelta(0) <= later - at < timedelta(seconds=1)


@given(INSTANTS, INSTANTS)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (database.column(one) <= database.column(other)) == (
        one.replace(microsecond=0) <= other.replace(microsecond=0)
    )


@given(st.text())
def test_any_text_can_be_stored(text: str) -> None:
    assert database.column(text).encode().decode() == database.column(text)


WRITTEN_BY_HAND = {
    "as sqlite's datetime() gives it": ("2026-03-01 12:00:00", NOW),
    "with an offset": ("2026-03-01T14:00:00+02:00", NOW),
    "a day": ("2026-03-01", NOW.replace(hour=0)),
    "words": ("tomorrow", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize("name", WRITTEN_BY_HAND)
def test_a_time_that_a_person_wrote_is_read(name: str) -> None:
    text, at = WRITTEN_BY_HAND[name]
    assert database.instant(text) == at


def test_a_write_holds_the_lock_from_its_first_read(room: Room) -> None:
    with closing(sqlite3.connect(room.path, timeout=0.01)) as other:
        with (
            closing(database.open_for_writing(room.path)) as conn,
            database.transaction(conn, room.path, write=True),
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO notes VALUES ('a', 'b', 'c')")
        other.rollback()
        other.execute("INSERT INTO notes VALUES ('a', 'b', 'c')")
