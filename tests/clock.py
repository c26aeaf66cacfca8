"""A clock that only we turn."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2021, 8, 9, tzinfo=UTC)


class Clock:
    """Time passes only when somebody waits for it, or when the test says so."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.turn(seconds)
        await asyncio.sleep(0)
