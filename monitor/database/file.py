"""The file under the store: open it safely, say in plain words what is wrong with it, and turn values into columns.

A database that is not ours, or that a newer version has written, is recognised from its header and left as it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ..errors import StoreBusy, StoreError

APPLICATION_ID = 0x6D6E7472  # "mntr"; says in the file's header whose database this is
VERSION = 11  # of the tables: how many migrations schema.py has
BUSY_TIMEOUT_S = 5.0
LOCK_TURNS = 10  # a lock is waited for in so many turns, so that whoever is to stop can give up after the one it is in
CHECKED_UP_TO_BYTES = 256_000_000  # larger files are checked only when they were not closed in order: it takes seconds
OLDEST_SQLITE = (3, 35, 0)  # RETURNING; trigram came with 3.34
MAGIC = b"SQLite format 3\x00"

TROUBLES: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (
        StoreBusy,
        "another program holds the database's lock. Nothing was written and nothing is lost; close the program that "
        "writes to it, or wait until it is done.",
    ),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "the database is locked. Nothing was written and nothing is lost; try again."),
    sqlite3.SQLITE_READONLY: (
        StoreError,
        "the database cannot be written to. Make the file and its folder writable for this user.",
    ),
    sqlite3.SQLITE_FULL: (
        StoreError,
        "there is no room to write: the disk is full. Nothing half-written stays; free some space and start again.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        StoreError,
        "the database is damaged. Stop using it; put your last backup in its place, or save what can be read with: "
        'sqlite3 FILE ".recover" | sqlite3 NEW_FILE',
    ),
    sqlite3.SQLITE_NOTADB: (StoreError, "this file is no SQLite database. Give another `database` in the config."),
    sqlite3.SQLITE_CANTOPEN: (
        StoreError,
        "the database cannot be opened. Its folder must exist and be readable and writable for this user.",
    ),
    sqlite3.SQLITE_PERM: (StoreError, "this user may not use the database. Change the file's owner or permissions."),
    sqlite3.SQLITE_IOERR: (StoreError, "the disk could not be read or written. Look at the disk, then start again."),
    sqlite3.SQLITE_PROTOCOL: (StoreBusy, "the database's lock could not be had. Nothing was written; try again."),
}


def explained(error: sqlite3.Error, path: Path) -> StoreError | None:
    """Return what a trouble with the file means; None: it is no trouble with the file, but a fault of a statement."""
    code = getattr(error, "sqlite_errorcode", None)
    kind, what = TROUBLES.get(code & 0xFF, (None, "")) if code is not None else (None, "")
    return kind(f"{path}: {what} ({error})") if kind else None


class Connection(sqlite3.Connection):
    """A connection that knows how its transactions are made.

    lasts     each is on the disk when it is done
    patience  how often another program's lock is waited for, a turn of the busy timeout each; set from any thread
    waited    how many such turns have passed in all
    """

    lasts = True
    patience = 1
    waited = 0
    _turn_ms = 0
    _left = LOCK_TURNS

    def take_turns(self, busy_timeout_s: float) -> None:
        """Wait for a lock by turns, so many seconds in all."""
        self._turn_ms = round(busy_timeout_s * 1_000 / LOCK_TURNS)
        self.patience = LOCK_TURNS
        self.execute(f"PRAGMA busy_timeout = {self._turn_ms}")

    def wait_since(self, waited: int) -> None:
        """Count what was waited since then as waited by who comes next; who has waited enough only tries."""
        before, self._left = self._left, max(0, LOCK_TURNS - (self.waited - waited))
        if (before > 0) is not (self._left > 0):
            self.execute(f"PRAGMA busy_timeout = {self._turn_ms if self._left else 0}")

    def waits_on(self, turns: int) -> bool:
        """Tell whether a lock that was met in so many turns is waited for once more."""
        self.waited += self._left > 0
        return turns < min(self.patience, self._left)


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turn SQLite's troubles with the file into a StoreError; a broken rule (IntegrityError) passes as it is."""
    try:
        yield
    except sqlite3.Error as error:
        told = explained(error, path)
        if told is None:
            raise
        raise told from error


@contextmanager
def transaction(conn: Connection, path: Path, *, write: bool, lasts: bool = True) -> Iterator[None]:
    """Make what is done inside one transaction: all of it stands, or nothing.

    lasts   it is on the disk when it is done.  False: only with the next one that lasts, so that a power cut in between
            takes the database back to before it, whole; waiting for the disk is most of what a small write costs
    """
    with plainly(path):
        if write and lasts is not conn.lasts:
            conn.execute(f"PRAGMA synchronous = {'FULL' if lasts else 'NORMAL'}")
            conn.lasts = lasts
        _begin(conn, write=write)
        try:
            yield
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                with suppress(sqlite3.Error):
                    conn.execute("ROLLBACK")
            raise


def may_damage(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Tell whether a version of SQLite has the WAL-reset bug: two programs that write may damage the database.

    It needs a commit that begins the journal anew, just while another connection begins a checkpoint that finds nothing
    to do; so one connection that writes and makes checkpoints is safe, and so is any number beside it that make none.
    """
    repaired = (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)
    return (3, 7, 0) <= version < (3, 51, 3) and not repaired


def _begin(conn: Connection, *, write: bool) -> None:
    """Begin a transaction; another program's lock is waited for as long as the connection has patience."""
    turn = 0
    while True:
        try:
            conn.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        except sqlite3.OperationalError as error:
            turn += 1
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not conn.waits_on(turn):
                raise
        else:
            return


# ------------------------------------------------------------------------------------------------------ opening


def open_for_writing(
    path: Path,
    *,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    opening_timeout_s: float | None = None,
    guest: bool = False,
) -> Connection:
    """Open our database, create it where there is none, and bring its tables up to date.

    opening_timeout_s   how long to wait for a lock until it is open; None: as long as later
    guest               a monitor may be at work on it: checkpoints are left to that one, see `may_damage`
    Raises  StoreError: folder missing or not writable, no database, another program's, newer, locked, damaged, full.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(f"this Python brings SQLite {sqlite3.sqlite_version}; 3.35 or newer is needed.")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist. Create it, or change `database`.")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise StoreError(f"{path}: cannot be written to. Make the file and its folder writable for this user.")
    _refuse_newer(path, refuse_foreign(path))
    conn = _connect(path, "rwc", busy_timeout_s if opening_timeout_s is None else opening_timeout_s)
    try:
        with plainly(path):
            _prepare(conn, path)
            if guest:
                conn.execute("PRAGMA wal_autocheckpoint = 0")
            conn.take_turns(busy_timeout_s)
    except BaseException:
        conn.close()
        raise
    return conn


def open_for_reading(path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, beside_writer: bool = False) -> Connection:
    """Open our database to look at it.

    beside_writer  this process writes to it: then SQLite alone may open the file, for who closes a file gives up all
                   locks that his process has on it, the writer's among them (sqlite.org/howtocorrupt.html, 2.2)
    Raises         StoreError: there is none yet, it is not ours, or it was written by an older or newer version.
    """
    if not path.exists() or path.stat().st_size == 0:
        raise StoreError(f"{path}: there is no database yet. `monitor run` or `monitor once` creates it.")
    if not beside_writer:
        _refuse_newer(path, refuse_foreign(path))
    conn = _connect(path, "ro", busy_timeout_s)
    try:
        with plainly(path):
            version = conn.execute("PRAGMA user_version").fetchone()[0]
        _refuse_newer(path, version)
        _refuse_older(path, version)
        if beside_writer:
            conn.execute("PRAGMA cache_size = -256")  # kB; the writer has the pages that matter in memory already
    except BaseException:
        conn.close()
        raise
    return conn


def open_to_copy(path: Path) -> Connection:
    """Open a database of any version up to ours to copy it; without a journal beside it nothing is written there.

    Raises  StoreError: it cannot be opened, is another program's, or was written by a newer version.
    """
    _refuse_newer(path, refuse_foreign(path))
    alone = not journal_bytes(path) and not path.with_name(path.name + "-journal").exists()
    return _connect(path, "ro&immutable=1" if alone else "ro", BUSY_TIMEOUT_S)


def _connect(path: Path, mode: str, busy_timeout_s: float) -> Connection:
    with plainly(path):
        conn = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=busy_timeout_s,
            isolation_level=None,
            cached_statements=256,
            factory=Connection,
        )
    conn.row_factory = sqlite3.Row
    return conn


def refuse_foreign(path: Path, hint: str = "Give another `database` in the config file.") -> int:
    """Return the version of the tables, as the file's header has it; 0: none yet.  Raises StoreError if it is not ours.

    Only the header is looked at, so that nothing is touched, not even by recovering another program's journal.
    """
    if path.is_dir():
        raise StoreError(f"{path}: this is a folder, no file. {hint}")
    if not path.exists() or path.stat().st_size == 0:
        return 0
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror}). Change the file's owner or permissions."
        ) from error
    if not head.startswith(MAGIC) or len(head) < 100:
        raise StoreError(f"{path}: this file is no SQLite database. {hint}")
    application = int.from_bytes(head[68:72], "big")
    if application != APPLICATION_ID and (application != 0 or _tables(path)):
        names = ", ".join(_tables(path)[:3]) or "none yet"
        raise StoreError(
            f"{path}: this database belongs to another program (its tables: {names}). It was not touched. {hint}"
        )
    return int.from_bytes(head[60:64], "big")


def _refuse_newer(path: Path, version: int) -> None:
    if version > VERSION:
        raise StoreError(
            f"{path}: written by a newer version of monitor (tables of version {version}; this one knows {VERSION}). "
            "It was not touched. Install the newer version, or use another database."
        )


def _refuse_older(path: Path, version: int) -> None:
    if version < VERSION:
        raise StoreError(f"{path}: written by an older version. `monitor run` or `monitor once` brings it up to date.")


def _tables(path: Path) -> list[str]:
    """Return the names of a file's tables, without taking a lock; an unfinished journal beside it counts as one."""
    with (
        plainly(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as conn,
    ):
        names = [str(row[0]) for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return names or (["unknown"] if journal_bytes(path) else [])


def journal_bytes(path: Path) -> int:
    """Return the size of the write-ahead log beside a database; 0: there is none."""
    journal = path.with_name(path.name + "-wal")
    return journal.stat().st_size if journal.exists() else 0


def _prepare(conn: Connection, path: Path) -> None:
    in_order = journal_bytes(path) == 0
    if conn.execute("PRAGMA application_id").fetchone()[0] == 0:  # before WAL: so it always stands in the file's header
        conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _refuse_newer(path, conn.execute("PRAGMA user_version").fetchone()[0])
    if not in_order or path.stat().st_size <= CHECKED_UP_TO_BYTES:
        found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreError(f"{path}: {TROUBLES[sqlite3.SQLITE_CORRUPT][1]} ({' '.join(found.split())})")
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA journal_size_limit = 67108864")
    conn.execute("PRAGMA cache_size = -8000")
    conn.execute("PRAGMA temp_store = MEMORY")
    with transaction(conn, path, write=True):  # also tells whether it can be written to at all
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        if version < VERSION:
            try:
                _bring_up_to_date(conn)
            except sqlite3.Error as error:
                raise explained(error, path) or StoreError(
                    f"{path}: its tables (of version {version}) could not be brought up to date: {error}. Nothing was "
                    "changed. If you added a table or view of that name, rename it; else put a backup in its place."
                ) from error


def _bring_up_to_date(conn: sqlite3.Connection, version: int = VERSION) -> None:
    """Apply the migrations up to a version that are not applied yet."""
    from sqlite_utils import Database  # takes longer to load than most commands run, and is needed once a release

    from .schema import MIGRATIONS

    db = Database(conn, recursive_triggers=False, execute_plugins=False)
    pending = [each.name for each in MIGRATIONS.pending(db)]
    later = pending[len(pending) - (VERSION - version) :]
    MIGRATIONS.apply(db, stop_before=later[:1])


# ------------------------------------------------------------------------------------------ is a copy whole, and ours


def examine(conn: sqlite3.Connection, path: Path) -> None:
    """Look through a whole database of some version; takes seconds for each gigabyte.

    Raises  StoreError: damaged, rows that point at nothing, or tables that are not those of its version.
    """
    conn.execute("PRAGMA trusted_schema = OFF")  # it may come from anywhere
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    if conn.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID or version < 1:
        raise StoreError(f"{path}: this is no database of monitor.")
    found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{path}: the database is damaged ({' '.join(str(found).split())}).")
    wrong = _not_as_made(conn, version)
    if wrong:
        raise StoreError(f"{path}: this is no database as monitor makes it: {wrong}.")
    loose = conn.execute("PRAGMA foreign_key_check").fetchone()
    if loose is not None:
        raise StoreError(f"{path}: the database is damaged (row {loose[1]} of {loose[0]} points at nothing).")


def _not_as_made(conn: sqlite3.Connection, version: int) -> str:
    """Return what is not as a database of that version has it; "" if all is.  A person may have added to it."""
    trigger = conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchone()
    if trigger:  # it would act on whatever is written from now on
        return f'it has a trigger. If that is yours, take it out first: drop trigger "{trigger[0]}"'
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        _bring_up_to_date(made, version)
        expected, have = _schema(made), _schema(conn)
    for name, (kind, sql, columns_) in expected.items():
        if name not in have:
            return f"the {kind} {name} is missing"
        if have[name][0] != kind or (kind == "view" and have[name][1] != sql) or not columns_ <= have[name][2]:
            return f"{name} is another {have[name][0]}"
    return ""


def _schema(conn: sqlite3.Connection) -> dict[str, tuple[str, str, set[str]]]:
    """Return kind, statement and columns of each table and view."""
    rows = conn.execute("SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    return {
        name: (kind, sql, {row[0] for row in conn.execute("SELECT name FROM pragma_table_info(?)", (name,))})
        for name, kind, sql in rows
    }


# ------------------------------------------------------------------------------------------- values and columns


def column(value: Any) -> Any:
    """Return a value as it is stored: instants to the second below, days as ISO text, text that UTF-8 can hold."""
    kind = type(value)
    if kind is str:  # the kinds that nearly all values are of stand first: it is called a hundred times an article
        return value if value.isascii() else _encodable(value)
    if value is None or kind is int:
        return value
    if isinstance(value, datetime):
        return _utc(value).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def columns(*values: Any) -> tuple[Any, ...]:
    """Return a row as it is stored."""
    return tuple([column(value) for value in values])


def named(**values: Any) -> dict[str, Any]:
    """Return a row as it is stored, by name."""
    return {name: column(value) for name, value in values.items()}


def due(at: datetime | None) -> str | None:
    """Return an instant to the second above: what must wait until then is never a fraction of a second too early."""
    if at is None:
        return None
    at = _utc(at)
    return str(column(at + timedelta(seconds=1) if at.microsecond else at))


def instant(text: str | None) -> datetime | None:
    """Return the instant in a column that a person may have written; None: there is none that can be read."""
    if not text:
        return None
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def moment(text: str) -> datetime:
    """Return the instant in a column that always holds one; what cannot be read counts as long ago."""
    return instant(text) or datetime(1970, 1, 1, tzinfo=UTC)


def day(text: str | None) -> date | None:
    """Return the day in a column; None: there is none that can be read."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _encodable(text: str) -> str:
    """Return text as plain str; half of a surrogate pair, which no UTF-8 can hold, becomes a replacement character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(text)
