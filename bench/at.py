"""The program itself, at another time or in fast motion: for tests from outside whose articles are dated.

    python bench/at.py --at 2025-03-14T09:00Z [--since EPOCH] [--times 120] [--undigested] run --config FILE

--at          the time at which it begins
--since       when that was, in seconds since 1970; now when left out.  Who starts the program again and again, as one
              that kills it does, gives the same each time, and the clock goes on
--times       so many times as fast: the clock, what the loop and its scheduler wait, every pause and every time limit.
              The machine is as fast as ever, so to the program it seems as many times as slow
--undigested  each alert is sent by itself, however many there are (`alerts_per_hour = 0` in each topic)

Everything else is the program's own: what cli.py builds is replaced before it is built.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from apscheduler.schedulers import base

from monitor import cli, config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--since", type=float, default=time.time())
    parser.add_argument("--times", type=float, default=1.0)
    parser.add_argument("--undigested", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    at = asked.at if asked.at.tzinfo else asked.at.replace(tzinfo=UTC)
    clock = clock_of(at + timedelta(seconds=(time.time() - asked.since) * asked.times), asked.times)
    cli.now = clock
    if asked.times != 1.0:
        hurry(clock, asked.times)
    if asked.undigested:
        config.load = undigested
    cli.main(asked.command, prog_name="monitor")


def clock_of(start: datetime, times: float) -> Callable[[], datetime]:
    """Return a wall clock that shows `start` now, goes so many times as fast, and is never set."""
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=(time.monotonic() - begun) * times)


# --------------------------------------------------------------------------------------------------- fast motion


def hurry(clock: Callable[[], datetime], times: float) -> None:
    """Have loops that are run from now on wait so many times as short, and APScheduler go by `clock`."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return clock().astimezone(tz)

    def run(main: Coroutine[Any, Any, object]) -> object:
        with asyncio.Runner(loop_factory=lambda: Loop(times)) as runner:
            return runner.run(main)

    base.datetime = Now
    asyncio.run = run  # type: ignore[assignment]


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are shorter."""

    def __init__(self, times: float) -> None:
        super().__init__(Selector(times))
        self._times = times

    def time(self) -> float:
        return super().time() * self._times


class Selector(selectors.DefaultSelector):
    """Waits for what comes, with time limits in shorter seconds."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self._times = times

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._times)


# -------------------------------------------------------------------------------------------------------- budget

_load = config.load


def undigested(path: Path, **options: Any) -> config.Config:
    """Load a config file, and give no topic a budget of alerts."""
    loaded = _load(path, **options)
    return replace(loaded, topics=tuple(replace(topic, alerts_per_hour=0) for topic in loaded.topics))


if __name__ == "__main__":
    main()
