"""A disk that fails under a monitor.  `python -m tests.faults FOLDER NAME...` makes three passes, one with a fault.

Each answer is a line of JSON on stdout: {"name", "said", "ended", "outcome"}, what the second and the third pass ended
with.  The faults of DISKS need a mount namespace of their own: `unshare -rm python -m tests.faults ...`.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.config import load
from monitor.errors import MonitorError

from .world import ARRESTED, FIRED, OLD, START, World, ask

FEED = "wire.example"
LATER = timedelta(hours=2)


def a_world(folder: Path, hours: float) -> World:
    """Return the world as it is so many hours after the start: an old report, and later two developments."""
    world = World(folder, START + timedelta(hours=hours))
    world.publish(FEED, "/old", "Inquiry at Harbour Bank", *OLD, published=START - timedelta(days=5))
    if hours:
        world.publish(FEED, "/fired", "Harbour Bank fires manager", *FIRED, published=START + LATER)
        world.publish(FEED, "/arrested", "Police arrest former manager Renner", *ARRESTED, published=START + LATER)
    return world


async def a_pass(folder: Path, hours: float) -> str:
    """Make a pass at that time, and return what it ended with; "" if all went well."""
    world = a_world(folder, hours)
    written = folder / "config.toml"
    try:
        await world.once(load(written) if written.exists() else world.config(FEED))
    except MonitorError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def outcome(folder: Path) -> dict[str, list[Any]]:
    """Return all that was found, without the times; and that the file is whole."""
    asked = {
        "whole": "PRAGMA integrity_check",
        "loose": "PRAGMA foreign_key_check",
        "articles": "SELECT url, title, text FROM articles ORDER BY url",
        "links": "SELECT url, state FROM entries ORDER BY url",
        "evidence": "SELECT sentence, role FROM evidence ORDER BY sentence",
        "alerts": "SELECT topic, kind, headline, url FROM alerts ORDER BY url",
        "found": "SELECT rowid FROM alerts_fts WHERE alerts_fts MATCH 'Renner'",
    }
    world = World(folder)
    return {name: [list(row) for row in ask(world, sql)] for name, sql in asked.items()}


# ------------------------------------------------------------------------------------------------------- the faults


@contextmanager
def full(folder: Path) -> Iterator[None]:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        file.write(bytes(free - 80_000))  # the journal can be begun, and not be finished
    yield
    ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    mount("-o", "remount,ro", str(folder))
    yield
    mount("-o", "remount,rw", str(folder))


@contextmanager
def limited(folder: Path) -> Iterator[None]:
    """No file may grow beyond this: the write fails with an error that is not "disk full"."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)  # noqa: S607


DISKS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {"full": full, "read-only": read_only}
LIMITS: dict[str, Callable[[Path], AbstractContextManager[None]]] = {"limited": limited}


def main(folder: Path, names: list[str]) -> None:
    for name in names:
        place = folder / name
        place.mkdir()
        if name in DISKS:
            mount("-t", "tmpfs", "-o", "size=8m", "none", str(place))
        asyncio.run(a_pass(place, 0))
        with {**DISKS, **LIMITS}[name](place):
            said = asyncio.run(a_pass(place, 2))
        ended = asyncio.run(a_pass(place, 3))
        print(json.dumps({"name": name, "said": said, "ended": ended, "outcome": outcome(place)}), flush=True)


if __name__ == "__main__":
    if sys.argv[2] == "pass":  # one pass alone, for whoever watches it from outside
        sys.exit(asyncio.run(a_pass(Path(sys.argv[1]), float(sys.argv[3]))) or 0)
    main(Path(sys.argv[1]), sys.argv[2:])
