"""What holds for every test: its files lie in memory, and the garbage collector passes over the tests themselves."""

import gc
import os
from collections.abc import Generator

import pytest

from .room import FAST_DISK

if FAST_DISK is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", FAST_DISK)  # SQLite waits for the disk at every commit


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without a look for garbage among them: none of it is any, and there is much of it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
