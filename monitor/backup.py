"""Copies of the database: one made while the daemon writes, and one put in place of what there is.

In goes a path, out comes what the copy holds.  A copy is made in a folder of its own beside its place, looked through,
brought to the disk, and only then renamed into place: under its name stands a whole copy or what stood there before.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from .database.file import VERSION, examine, explained, open_for_writing, open_to_copy, plainly, refuse_foreign
from .errors import StoreBusy, StoreError, UsageError

PAGES_AT_ONCE = 2000  # 8 MB: between two steps the progress is told
JOURNALS = ("-wal", "-journal")  # what SQLite would play into a file that lies beside them
HINT = "Give a file that `monitor backup` made."

Progress = Callable[[int, int], None]  # how many pages are copied, of how many


@dataclass(frozen=True, slots=True)
class Holding:
    """What a copy of the database holds.

    newest_alert_at     as in the database; None: it holds no alert
    """

    file: str
    size_bytes: int
    articles: int
    alerts: int
    newest_alert_at: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now.

    kept    where the database lies that was there before; None: there was none
    """

    now: Holding
    kept: str | None


def backup(
    database: Path, file: Path, *, force: bool = False, progress: Progress = lambda done, total: None
) -> Holding:
    """Copy the database as it stands at this moment, while others may write to it.

    force   overwrite what stands under the name
    Raises  UsageError if the file exists already or is the database itself; StoreError if the database or the copy is
            not whole, or there is no room: then nothing stands under the name but what stood there before.
    """
    named, database, file = file, database.resolve(), file.resolve()  # SQLite's journals lie beside the file itself
    if not database.exists() or database.stat().st_size == 0:
        raise StoreError(f"{database}: there is no database yet. `monitor run` or `monitor once` creates it.")
    _refuse_same(file, database)
    _refuse_occupied(file, force=force, hint="Give another name, or --force to overwrite it.")
    refuse_foreign(database)
    with _beside(file) as copy:
        _copy(database, copy, progress)
        holding = _looked_through(copy, named=named, of=database)
        shutil.copymode(database, copy)
        _into_place(copy, file)
    return holding


def restore(database: Path, file: Path, now: datetime, *, force: bool = False) -> Restored:
    """Put a copy in the database's place, with its tables brought up to date.  No daemon may run meanwhile.

    force   also where there is a database; that is kept beside, under a name with the time
    Raises  UsageError if there is no such file, or a database is in its place already; StoreError if the file is no
            whole database of ours, or newer; StoreBusy if another program has the present one open.  Nothing changed.
    """
    if not file.exists():
        raise UsageError(f"{file}: there is no such file.")
    database, file = database.resolve(), file.resolve()
    _refuse_same(file, database)
    if file.is_file() and file.stat().st_size == 0:
        raise StoreError(f"{file}: this file is empty. {HINT}")
    refuse_foreign(file, HINT)
    occupied = database.exists() and (database.is_dir() or database.stat().st_size > 0)
    if occupied:
        _refuse_occupied(database, force=force, hint="--force puts the copy in its place and keeps it beside.")
        _refuse_others(database)
    with _beside(database) as copy:
        _copy(file, copy, lambda done, total: None)
        _looked_through(copy, named=file, of=file)
        _bring_up_to_date(copy, named=file)
        holding = _looked_through(copy, named=database, of=file)
        kept = _free_name(database, now) if occupied else None
        _into_place(copy, database, kept)
    return Restored(holding, str(kept) if kept else None)


# ----------------------------------------------------------------------------------------------------- what may be


def _refuse_same(file: Path, database: Path) -> None:
    if file.exists() and database.exists() and file.samefile(database):
        raise UsageError(f"{file}: this is the database itself. Give the name of a copy.")


def _refuse_occupied(file: Path, *, force: bool, hint: str) -> None:
    if file.is_dir():
        raise UsageError(f"{file}: this is a folder. Give the name of a file.")
    if file.exists() and not force:
        raise UsageError(f"{file}: exists already. {hint}")


def _refuse_others(database: Path) -> None:
    """Refuse another program's database; what can no longer be read as a database may have been ours, and is kept."""
    with database.open("rb") as head:
        readable = head.read(16).startswith(b"SQLite format 3\x00")
    if readable:
        refuse_foreign(database)


# ---------------------------------------------------------------------------------------------------- making a copy


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Give a path for a copy on the same disk as its place, in a folder that is gone afterwards."""
    if not file.parent.is_dir():
        raise StoreError(f"{file}: the folder {file.parent} does not exist. Create it, or give another name.")
    try:
        folder = TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-")
    except OSError as error:
        raise StoreError(f"{file.parent}: cannot be written to ({error.strerror}).") from error
    with folder as path:
        yield Path(path) / file.name


def _copy(source: Path, copy: Path, progress: Progress) -> None:
    """Copy page by page what one transaction sees: writers go on meanwhile, and the copy does not begin anew."""

    def step(_: int, left: int, total: int) -> None:
        _sync(copy)  # bit by bit: who writes to the same disk would wait seconds for all of it at once
        progress(total - left, total)

    with closing(open_to_copy(source)) as old, closing(sqlite3.connect(copy, isolation_level=None)) as new:
        try:
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            new.execute("PRAGMA synchronous = OFF")
            old.backup(new, pages=PAGES_AT_ONCE, progress=step, sleep=0)
        except sqlite3.Error as error:
            told = explained(error, copy if _is_no_room(error) else source)
            raise told or error from error


def _is_no_room(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)


def _looked_through(copy: Path, *, named: Path, of: Path) -> Holding:
    """Make a copy one plain file without journals, and return what it holds.  Raises StoreError if it is not whole."""
    with plainly(of), closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        examine(conn, of)
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("PRAGMA journal_mode = DELETE")
        articles, alerts, newest = conn.execute(
            "SELECT (SELECT count(*) FROM articles), count(*), max(created_at) FROM alerts"
        ).fetchone()
    return Holding(str(named), copy.stat().st_size, articles, alerts, newest)


def _bring_up_to_date(copy: Path, *, named: Path) -> None:
    open_for_writing(copy).close()
    if refuse_foreign(copy) != VERSION:
        raise StoreError(f"{named}: its tables could not be brought up to date (its own list of changes is wrong).")


# ------------------------------------------------------------------------------------------------ into its place


def _into_place(copy: Path, file: Path, kept: Path | None = None) -> None:
    """Put a copy under its name, whatever lies there; `kept` is where that stays.

    A journal of the old file beside the new one would be played into it.  So SQLite folds it into the old file first;
    from a file too damaged for that it is taken away, and only then, when that is on the disk, the new one comes.
    Whoever is stopped in between finds the old file, or the new one; never the new one beside an old journal.
    """
    try:
        if file.exists():
            _look_like(file, copy)
        _sync(copy)
        _fold(file)
        if kept is not None:
            for end in ("", *JOURNALS):
                _keep(_beside_name(file, end), _beside_name(kept, end))
        for end in (*JOURNALS, "-shm"):
            _beside_name(file, end).unlink(missing_ok=True)
        _sync(file.parent)
        copy.replace(file)
        _sync(file.parent)
    except OSError as error:
        raise StoreError(f"{file}: could not be put in place ({error.strerror}).") from error


def _look_like(file: Path, copy: Path) -> None:
    """Let the same people use a copy: who restores may be another user than the daemon's."""
    shutil.copymode(file, copy)
    with suppress(PermissionError):
        os.chown(copy, file.stat().st_uid, file.stat().st_gid)


def _fold(file: Path) -> None:
    """Have SQLite finish what the file's journals hold, so that the file is all there is."""
    if not file.exists() or not any(_beside_name(file, end).exists() for end in JOURNALS):
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1)) as conn:
            conn.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        told = explained(error, file)
        if isinstance(told, StoreBusy):
            raise StoreBusy(f"{file}: another program has it open. Close that program, then try again.") from error


def _keep(file: Path, kept: Path) -> None:
    """Give a file a second name; where the disk has no second names, copy it."""
    if not file.exists():
        return
    try:
        os.link(file, kept)
    except OSError:
        shutil.copy2(file, kept)
        _sync(kept)


def _beside_name(file: Path, end: str) -> Path:
    return file.with_name(file.name + end)


def _free_name(database: Path, now: datetime) -> Path:
    """Return a name beside the database that nothing has."""
    stem = f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}"
    names = (database.with_name(stem + more) for more in ("", *(f"-{number}" for number in range(2, 1000))))
    return next(name for name in names if not name.exists())


def _sync(path: Path) -> None:
    """Have the disk keep a file's content, or a folder's names.  Raises StoreError if it cannot."""
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(f"{path}: could not be brought to the disk ({error.strerror}).") from error
