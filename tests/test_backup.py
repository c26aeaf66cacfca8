"""Copies of the database: whole or not there, whatever comes in between."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor import backup, cli
from monitor.database.schema import VIEWS
from monitor.errors import MonitorError, StoreBusy, StoreError, UsageError
from monitor.lock import only_one
from monitor.model import AlertId
from monitor.store import Store

from .room import NOW, Room, opened

HEADLINES = "SELECT headline FROM alerts ORDER BY id"
# The view as it was before it told of edits: with today's, no database passes for one of an earlier version.
OLD_TIMELINE = f"DROP VIEW timeline; {VIEWS[VIEWS.index('CREATE VIEW timeline') : VIEWS.index('CREATE VIEW rejected')]}"


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        room.follow()
        room.tell("wire", "It burnt.")
        yield room


@pytest.fixture
def copy(room: Room) -> Path:
    """A backup with one alert of a database that has two."""
    backup.backup(room.path, room.path.parent / "copy.db")
    room.tell("desk", "It burnt again.")
    return room.path.parent / "copy.db"


def alerts(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(conn.execute("SELECT count(*) FROM alerts").fetchone()[0])


def files(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder, but for what SQLite keeps there while a database is open."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file() and not each.name.endswith(("-wal", "-shm", ".lock"))
    }


# --------------------------------------------------------------------------------------------------------- a backup


def test_a_backup_says_what_it_holds_and_is_one_plain_file(room: Room) -> None:
    path = room.path.parent / "copy.db"
    room.path.chmod(0o600)
    held = backup.backup(room.path, path)
    assert held == backup.Holding(str(path), path.stat().st_size, 1, 1, "2026-03-01T12:00:00Z")
    assert set(files(room.path.parent)) == {"monitor.db", "copy.db"}
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert conn.execute("SELECT count(*) FROM articles_fts").fetchone() == (1,)


def test_a_backup_holds_one_moment_though_the_daemon_goes_on_writing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES_AT_ONCE", 8)
    steps = []

    def write(done: int, total: int) -> None:
        room.tell(f"n{len(steps)}", text="words " * 2000)  # raises StoreBusy if it had to wait
        steps.append((done, total))

    assert backup.backup(room.path, room.path.parent / "copy.db", progress=write).alerts == 1
    assert len(steps) > 5
    assert steps[-1][0] == steps[-1][1]
    assert alerts(room.path) == 1 + len(steps)
    assert alerts(room.path.parent / "copy.db") == 1


def occupied(room: Room, path: Path) -> None:
    path.write_text("a shopping list")


def itself(room: Room, path: Path) -> None:
    path.hardlink_to(room.path)


def folder(room: Room, path: Path) -> None:
    path.mkdir()


def loose(room: Room, path: Path) -> None:
    room.run("INSERT INTO evidence VALUES (99, 98, 97, 'x', 'first', 'x')")


def emptied(room: Room, path: Path) -> None:
    room.store.close()
    room.path.write_bytes(b"")


NOT_BACKED_UP = {
    "over a file": (occupied, UsageError, "--force"),
    "over the database": (itself, UsageError, "the database itself"),
    "over a folder": (folder, UsageError, "is a folder"),
    "of rows that point at nothing": (loose, StoreError, "row 99 of evidence points at nothing"),
    "of nothing": (emptied, StoreError, "there is no database yet"),
}


@pytest.mark.parametrize(("before", "kind", "said"), NOT_BACKED_UP.values(), ids=NOT_BACKED_UP)
def test_a_backup_that_cannot_be_made_leaves_everything_as_it_was(
    room: Room, before: Callable[[Room, Path], None], kind: type[MonitorError], said: str
) -> None:
    path = room.path.parent / "copy.db"
    before(room, path)
    as_it_was = files(room.path.parent)
    with pytest.raises(kind, match=said):
        backup.backup(room.path, path)
    assert files(room.path.parent) == as_it_was


def test_a_backup_overwrites_when_told_to_and_no_old_journal_is_played_into_it(room: Room) -> None:
    path = room.path.parent / "copy.db"
    crashed(room.path, path)
    room.tell("desk", "It burnt again.")
    backup.backup(room.path, path, force=True)
    assert alerts(path) == 2
    assert not list(path.parent.glob("copy.db-*"))


# -------------------------------------------------------------------------------------------------------- a restore


def crashed(source: Path, path: Path) -> None:
    """Leave a database as a killed process does: with rows that stand only in the journal beside it."""
    for end in ("", "-wal"):
        shutil.copy(source.with_name(source.name + end), path.with_name(path.name + end))
    assert path.with_name(path.name + "-wal").stat().st_size > 0


def test_a_restore_keeps_the_database_that_was_there(room: Room, copy: Path) -> None:
    room.path.chmod(0o640)
    room.store.close()
    restored = backup.restore(room.path, copy, NOW, force=True)
    assert restored.now.alerts == alerts(room.path) == 1
    assert room.path.stat().st_mode & 0o777 == 0o640
    kept = Path(str(restored.kept))
    assert kept == room.path.parent / "monitor.db.before-restore-20260301T120000Z"
    assert alerts(kept) == 2
    again = backup.restore(room.path, copy, NOW, force=True)
    assert again.kept == f"{kept}-2"
    room.store = Store.open(room.path)
    room.tell("desk", "It burnt again.")
    assert alerts(room.path) == 2


def test_after_a_restore_what_was_not_sent_keeps_its_key_and_what_is_found_again_gets_another(
    room: Room, copy: Path
) -> None:
    before = {each.key for each in room.store.outbox(NOW)}
    room.store.close()
    backup.restore(room.path, copy, NOW, force=True)
    room.store, room.now = Store.open(room.path), NOW + timedelta(hours=1)
    room.follow()
    room.tell("desk", "It burnt again.")
    first, found_again = (each.key for each in room.store.outbox(room.now))
    assert first in before
    assert found_again not in before


def test_a_restore_needs_no_force_where_there_is_no_database(room: Room, copy: Path) -> None:
    place = room.path.parent / "new" / "monitor.db"
    with pytest.raises(StoreError, match=r"the folder .*new does not exist"):
        backup.restore(place, copy, NOW)
    place.parent.mkdir()
    assert backup.restore(place, copy, NOW).kept is None
    assert list(place.parent.iterdir()) == [place]
    room.store.close()
    before = files(room.path.parent)
    with pytest.raises(UsageError, match="--force"):
        backup.restore(room.path, copy, NOW)
    assert files(room.path.parent) == before


def test_a_database_behind_a_link_is_restored_where_it_lies(room: Room, copy: Path) -> None:
    link, real = room.path.parent / "link.db", room.path.parent / "real" / "monitor.db"
    real.parent.mkdir()
    crashed(room.path, real)
    link.symlink_to(real)
    assert backup.backup(link, room.path.parent / "second.db").alerts == 2
    backup.restore(link, copy, NOW, force=True)
    assert link.is_symlink()
    assert alerts(link) == 1
    assert [each.name for each in real.parent.glob("*-wal")] == []


def test_a_copy_made_with_cp_is_restored_with_its_journal(room: Room, copy: Path) -> None:
    copied = room.path.parent / "cp.db"
    crashed(room.path, copied)
    assert backup.restore(room.path.parent / "other.db", copied, NOW).now.alerts == 2


def test_a_database_that_another_program_has_open_is_not_replaced(room: Room, copy: Path) -> None:
    before = alerts(room.path)
    with pytest.raises(StoreBusy, match="another program has it open"):
        backup.restore(room.path, copy, NOW, force=True)
    assert alerts(room.path) == before
    assert not list(room.path.parent.glob("*before-restore*"))


def test_a_damaged_database_is_kept_with_what_stood_in_its_journal(room: Room, copy: Path) -> None:
    place = room.path.parent / "damaged.db"
    room.run("PRAGMA wal_checkpoint(TRUNCATE)")
    room.store.seen([AlertId(1)], NOW + timedelta(days=9))  # changes one page, not the first
    crashed(room.path, place)
    place.write_bytes(b"SQLite format 4" + place.read_bytes()[15:])
    kept = Path(str(backup.restore(place, copy, NOW, force=True).kept))
    assert alerts(place) == 1
    assert b"2026-03-10T12:00:00Z" in b"".join(each.read_bytes() for each in kept.parent.glob(f"{kept.name}*"))


def sql(statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as conn:
            conn.executescript(statements)

    return change


def written(content: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(content)

    return change


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def index_lost(path: Path) -> None:
    """One row of an index points past the table: found only by comparing the two."""
    sql(
        """PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'alerts_topic')
        WHERE name = 'developments_topic'"""
    )(path)


REFUSED = {
    "a text": (written(b"a shopping list\n" * 20), "no SQLite database"),
    "nothing": (written(b""), "is empty"),
    "a header alone": (written(b"SQLite format 3\x00" + bytes(84)), "no SQLite database"),
    "half a file": (cut, "damaged"),
    "an index of another table": (index_lost, "damaged"),
    "another program's": (sql("PRAGMA application_id = 42"), "belongs to another program"),
    "an empty database": (lambda path: (path.unlink(), sql("VACUUM")(path))[0], "no database of monitor"),
    "a newer one": (sql("PRAGMA user_version = 999"), "newer version"),
    "one that claims to be much older": (sql("PRAGMA user_version = 2"), "no database as monitor makes it"),
    "one that claims to be older": (
        sql(f"PRAGMA user_version = 5; {OLD_TIMELINE}"),
        "its own list of changes is wrong",
    ),
    "one that was changed before": (
        sql(f"PRAGMA user_version = 5; DELETE FROM _sqlite_migrations WHERE id = 6; {OLD_TIMELINE}"),
        "duplicate column name",
    ),
    "a version that never was": (sql("PRAGMA user_version = 0"), "no database of monitor"),
    "a trigger": (sql("CREATE TRIGGER t AFTER INSERT ON alerts BEGIN DELETE FROM alerts; END"), "trigger"),
    "a missing table": (sql("DROP TABLE deliveries"), "deliveries is missing"),
    "a view in place of a table": (sql("DROP TABLE deliveries; CREATE VIEW deliveries AS SELECT 1"), "another view"),
    "another view": (sql("DROP VIEW new_alerts; CREATE VIEW new_alerts AS SELECT 1 AS id"), "another view"),
    "rows that point at nothing": (
        sql("INSERT INTO evidence VALUES (9, 9, 9, 'x', 'first', 'x')"),
        "points at nothing",
    ),
}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_whole_database_of_ours_is_refused(
    room: Room, copy: Path, change: Callable[[Path], None], said: str
) -> None:
    room.store.close()
    change(copy)
    before = files(room.path.parent)
    with pytest.raises(StoreError, match=said):
        backup.restore(room.path, copy, NOW, force=True)
    assert files(room.path.parent) == before


def test_what_a_person_added_is_restored_too(room: Room, copy: Path) -> None:
    sql("CREATE TABLE mine (x); CREATE VIEW also_mine AS SELECT x FROM mine; CREATE INDEX i ON alerts (url)")(copy)
    place = room.path.parent / "other.db"
    backup.restore(place, copy, NOW)
    with closing(sqlite3.connect(place)) as conn:
        assert conn.execute("SELECT count(*) FROM also_mine").fetchone() == (0,)


def test_a_file_that_does_not_exist_is_said(room: Room) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        backup.restore(room.path, room.path.parent / "nowhere.db", NOW, force=True)


# A child restores once for each step that touches the disk, and is killed right before that step.
KILLED = """
import os, shutil, signal, sys
from datetime import datetime
from pathlib import Path
from monitor import backup
from monitor.database import schema

folder, copy = Path(sys.argv[1]), Path(sys.argv[2])
if sys.argv[3] == "no":
    backup._fold = lambda file: None  # as where SQLite cannot: the file is too damaged, or the disk fails
step = 0
while True:
    here = folder / str(step)
    shutil.copytree(folder / "start", here)
    child = os.fork()
    if child == 0:
        left = step
        def watched(effect):
            def act(*args, **more):
                global left
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
                return effect(*args, **more)
            return act
        for name in ("link", "unlink", "replace", "fsync"):
            setattr(os, name, watched(getattr(os, name)))
        backup.restore(here / "monitor.db", copy, datetime(2026, 3, 1), force=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status))
    if status == 0:
        break
    step += 1
"""


@pytest.mark.parametrize("folds", ["yes", "no"])
def test_a_kill_in_the_middle_leaves_the_old_database_or_the_new_one(room: Room, copy: Path, folds: str) -> None:
    room.store.note("which", "this is the old one", NOW)
    room.run("PRAGMA wal_checkpoint(TRUNCATE)")
    room.tell("third", "It burnt a third time.")
    start = room.path.parent / "points" / "start"
    start.mkdir(parents=True)
    crashed(room.path, start / "monitor.db")
    asked = [sys.executable, "-c", KILLED, str(start.parent), str(copy), folds]
    ends = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert ends == ["-9"] * (len(ends) - 1) + ["0"]
    seen = []
    for step in range(len(ends)):
        place = start.parent / str(step) / "monitor.db"
        journal = place.with_name("monitor.db-wal").exists()
        kept = list(place.parent.glob("*before-restore*"))
        if b"this is the old one" not in place.read_bytes():
            assert not journal, step
            assert alerts(place) == 1, step
        elif journal or folds == "yes":
            assert alerts(place) == 3, step
        if not journal and kept:
            assert alerts(min(kept)) == 3, step
        seen.append((journal, len(kept), alerts(place)))
    assert len(set(seen)) >= 4, "there are so many stages at least"
    assert seen[0] == (True, 0, 3)
    assert seen[-1][::2] == (False, 1)


# ------------------------------------------------------------------------------------------------------ the command


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, list(words))
    return result.exit_code, result.output


def test_the_commands_say_in_a_line_what_they_did(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room.path.parent)
    Path("config.toml").write_text('[monitor]\ndatabase = "monitor.db"\n[[topics]]\nname = "S"\nabout = "x"\n')
    code, said = run("backup", "copy.db")
    size = Path("copy.db").stat().st_size / 1e6
    assert said == f"copy.db: {size:.1f} MB, 1 articles, 1 alerts, the newest of 2026-03-01 12:00\n"
    assert code == 0
    code, said = run("backup", "copy.db")
    assert (code, "--force" in said) == (2, True)
    room.store.close()
    with only_one(room.path):
        code, said = run("restore", "copy.db", "--force")
        assert (code, "another monitor" in said) == (5, True)
    assert run("restore", "copy.db")[0] == 2
    code, said = run("restore", "copy.db", "--force")
    assert code == 0
    assert "is kept as" in said
    assert run("status")[0] == 0
