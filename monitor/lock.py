"""One monitor at a time on a database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import AlreadyRunning, StoreError


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
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise AlreadyRunning(
                f"{database}: another monitor (process {pid}) already works on this database. "
                "Stop it first, or give this one another `database` in its config file."
            ) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)
