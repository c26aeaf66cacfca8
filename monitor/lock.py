"""One monitor at a time on a database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import AlreadyRunning, StoreError

LOOKS = 10_000  # tries while others look: a look takes microseconds


@contextmanager
def only_one(database: Path) -> Iterator[None]:
    """Hold the lock of a database for as long as this process lives, kill -9 included.

    Raises AlreadyRunning if another process holds it, StoreError if the folder cannot be written to.
    """
    path = database.with_name(database.name + ".lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be created ({error.strerror}). The database's folder must exist and be writable."
        ) from error
    try:
        if not _taken(lock):
            pid = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise AlreadyRunning(
                f"{database}: another monitor (process {pid}) already works on this database. "
                "Stop it first, or give this one another `database` in its config file."
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def held(database: Path) -> bool:
    """Tell whether a monitor works on this database now; nothing is written, and no monitor is kept from starting."""
    try:
        lock = os.open(database.with_name(database.name + ".lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _had(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    """Take the lock for this process alone; False: another monitor has it.  Who only looks shares it for a moment."""
    for _ in range(LOOKS):
        if _had(lock, fcntl.LOCK_EX):
            return True
        if not _had(lock, fcntl.LOCK_SH):
            return False
        fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def _had(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
