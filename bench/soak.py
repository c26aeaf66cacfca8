"""Does it stay small?  Follows a feed through days of simulated time in one process, and measures each hour.

    python bench/soak.py FEED_URL [--publish URL] [--hours 48] [--start 2025-03-14T09:00:00] [--database DIR]

FEED_URL    a feed on this machine, which moves on by itself or when it is told to
--publish   is posted to before every sixth look (or as --every says), {n} and {updates} filled in, so that the feed has
            something new
--start     the time at which the simulation begins: not long after what the feed dates its first items

Time is turned by hand: a look every five simulated minutes, with everything that the daemon does between looks (later
looks at filed pages, keeping order, deliveries, the search index).  Prints a line for each simulated hour, and at the
end how memory, open descriptors and the write-ahead log grew, by a straight line through all but the first quarter.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from monitor import service
from monitor.config import load

STEP = timedelta(minutes=5)
STEPS_AN_HOUR = 12


class Clock:
    """A wall clock that is turned by hand, and on which waiting takes no time."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("feed")
    parser.add_argument("--publish", default="")
    parser.add_argument("--every", type=int, default=6, help="looks between two times of publishing")
    parser.add_argument("--hours", type=int, default=48)
    parser.add_argument("--start", type=datetime.fromisoformat, default=datetime(2025, 3, 14, 9, tzinfo=UTC))
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.database or None) as folder:
        rows = asyncio.run(soak(Path(folder), asked))
    told = rows[len(rows) // 4 :]
    for name, at in (("memory, MB", 1), ("descriptors", 2), ("write-ahead log, MB", 3)):
        print(f"{name}: {24 * slope([row[0] for row in told], [row[at] for row in told]):+.2f} in 24 h")
    print(f"longest step: {max(row[4] for row in rows):.2f} s; longest pause of the loop: {rows[-1][5]:.2f} s")


async def soak(folder: Path, asked: argparse.Namespace) -> list[tuple[float, ...]]:
    config_file = folder / "config.toml"
    host = urlsplit(asked.feed).hostname
    config_file.write_text(
        f'[monitor]\ndatabase = "monitor.db"\n[fetch]\nper_host_delay = "0s"\nallow_networks = ["{host}/32"]\n'
        f'[[topics]]\nname = "Soak"\nabout = "*"\nfeeds = ["{asked.feed}"]\ninterval = {{ min = "5m", max = "5m" }}\n',
        "utf-8",
    )
    config, clock, dice = load(config_file), Clock(asked.start.replace(tzinfo=UTC)), random.Random(7)  # noqa: S311
    world = service.World(now=clock, rng=dice, sleep=clock.sleep)
    rows: list[tuple[float, ...]] = []
    pause = Pause()
    watching = asyncio.create_task(pause.watch())
    async with service.opened(config, world) as house:
        for step in range(asked.hours * STEPS_AN_HOUR):
            if asked.publish and step % asked.every == 0:
                n, updates = dice.randint(0, 2), dice.randint(0, 1)
                await asyncio.to_thread(post, asked.publish.format(n=n, updates=updates))
            began, due = time.monotonic(), clock.now + STEP
            await service.once(house, config)
            took, clock.now = time.monotonic() - began, max(due, clock.now)
            if step % STEPS_AN_HOUR == STEPS_AN_HOUR - 1:
                gc.collect()
                wal = config.database.with_name(config.database.name + "-wal")
                row = ((step + 1) / STEPS_AN_HOUR, resident_mb(), open_descriptors(), wal.stat().st_size / 1e6)
                rows.append((*row, took, pause.longest_s))
                said = "hour {:3.0f}: {:6.1f} MB, {:3.0f} descriptors, log {:5.2f} MB, step {:.2f} s"
                print(said.format(*row, took), flush=True)
    watching.cancel()
    return rows


class Pause:
    """How long the loop was held up."""

    longest_s = 0.0

    async def watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.05)
            self.longest_s = max(self.longest_s, time.monotonic() - began - 0.05)


def post(url: str) -> None:
    with urlopen(Request(url, method="POST"), timeout=30) as answer:  # noqa: S310  given on the command line
        answer.read()


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return by how much y grows for each x (least squares)."""
    mid_x, mid_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mid_x) * (y - mid_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mid_x) ** 2 for x in xs)


if __name__ == "__main__":
    main()
