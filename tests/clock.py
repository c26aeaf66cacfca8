"""A clock that only we turn, and set."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2021, 8, 9, tzinfo=UTC)


class Clock:
    """Time passes only when somebody waits for it, or when the test says so."""

    def __init__(self) -> None:
        self.now = START
        self.passed_s = 0.0
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def steady(self) -> float:
        """Return how much time has passed, whatever the clock was set to."""
        return self.passed_s

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.passed_s += seconds
        self.set(seconds)

    def set(self, ahead_s: float) -> None:
        """Set the clock ahead, or back (< 0), in no time."""
        self.now += timedelta(seconds=ahead_s)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.turn(seconds)
        await asyncio.sleep(0)
