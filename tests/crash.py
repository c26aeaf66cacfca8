"""A monitor that dies: one pass over a small world, killed at its n-th step.  `python -m tests.crash` takes orders.

A step is a statement to the database, and the moments before and after a message leaves for a channel.  Each order is a
line of JSON on stdin: {"folder", "now", "channel", "edited", "at"}; the pass is made by a child, which kills itself as
`kill -9` does when it reaches step `at` (null: never).  Each answer is a line on stdout: {"killed", "steps"}.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor import channels
from monitor.database import file

from .world import ARRESTED, FIRED, OLD, START, World

FEED, WATCHED = "wire.example", "paper.example"
BEFORE = START - timedelta(days=5)


class Steps:
    """Counts, and kills this process at the step that was ordered."""

    def __init__(self, at: int | None) -> None:
        self.made, self._at = 0, at

    def step(self) -> None:
        self.made += 1
        if self.made == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    """Have every statement and every message counted."""

    class Counted(file.Connection):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            steps.step()
            return super().execute(*args)

        def executemany(self, *args: Any) -> sqlite3.Cursor:
            steps.step()
            return super().executemany(*args)

    plain_send = channels.send

    async def counted_send(*message: Any) -> None:
        steps.step()
        await plain_send(*message)
        steps.step()

    file.Connection = Counted  # type: ignore[misc]
    channels.send = counted_send


def a_world(folder: Path, now: datetime, *, edited: bool) -> World:
    """Return the world as it is then: an old report, and after an hour two developments and, perhaps, an edit."""
    world = World(folder, now)
    world.publish(FEED, "/old", "Inquiry at Harbour Bank", *OLD, published=BEFORE)
    title = "Harbour Bank says it will repay savers" if edited else "Harbour Bank says it is safe"
    world.publish(WATCHED, "/statement", title, *OLD, published=BEFORE)
    if now > START:
        world.publish(FEED, "/fired", "Harbour Bank fires manager", *FIRED, published=now)
        world.publish(FEED, "/arrested", "Police arrest former manager Renner", *ARRESTED, published=now)
    return world


async def a_pass(order: dict[str, Any], steps: Steps | None) -> None:
    world = a_world(Path(order["folder"]), datetime.fromisoformat(order["now"]), edited=order["edited"])
    topic = f'pages = ["https://{WATCHED}/statement"]\ninterval = {{ min = "1m", max = "1m" }}\nalerts_per_hour = 0'
    config = world.config(FEED, topic=topic, more=order["channel"])
    if steps is not None:
        watch(steps)
    await world.once(config)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:  # what is loaded once is there in every child
        for now, edited in ((START, False), (START + timedelta(hours=2), True)):
            nobody = '[[channels]]\nname = "nobody"\nwebhook = "http://127.0.0.1:9/"\n'
            order = {"folder": folder, "now": now.isoformat(), "channel": nobody, "edited": edited}
            asyncio.run(a_pass(order, None))
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            steps = Steps(order["at"])
            asyncio.run(a_pass(order, steps))
            (Path(order["folder"]) / "steps").write_text(str(steps.made), "ascii")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or status == 0, f"the pass ended with status {status}"
        made = None if killed else int((Path(order["folder"]) / "steps").read_text("ascii"))
        print(json.dumps({"killed": killed, "steps": made}), flush=True)


if __name__ == "__main__":
    main()
