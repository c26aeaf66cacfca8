"""What holds for every test: its files lie in memory, and go when it passed."""

import os

from .room import FAST_DISK

if FAST_DISK is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", FAST_DISK)  # SQLite waits for the disk at every commit
