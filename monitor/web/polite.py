"""One request at a time to a host, with a pause after each, and none while it asks to be left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LONGEST_WAIT_S = 600.0  # for a turn; a longer queue is better put off than slept through
MANY = 4_096  # hosts remembered before those that need no more waiting are forgotten


class Held(Exception):
    """A host asked to be left alone until `until`, by an answer with `status`."""

    def __init__(self, host: str, until: datetime, status: int) -> None:
        super().__init__(f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until, self.status = until, status


class NoTurn(Exception):
    """Too many requests to a host wait for their turn."""


@dataclass(slots=True)
class _Slot:
    """ended: of the last request; delay_s: the pause after it; held: until when, and by which status."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    ended: datetime | None = None
    delay_s: float = 0.0
    held: tuple[datetime, int] | None = None


class Hosts:
    """The hosts we talk to, and when each may be asked again.

    now, sleep  the clock and how to wait on it
    """

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._now, self._sleep = now, sleep
        self._slots: dict[str, _Slot] = {}

    def __len__(self) -> int:
        return len(self._slots)

    @asynccontextmanager
    async def turn(self, host: str, delay_s: float) -> AsyncIterator[None]:
        """Wait until `host` may be asked, and keep it for the one request made inside.

        delay_s  from the end of the last request to this one, at least
        Raises   Held, NoTurn
        """
        slot = self._slots.setdefault(host, _Slot())
        slot.waiting += 1
        try:
            await self._enter(host, slot, delay_s)
            try:
                yield
            finally:
                slot.ended, slot.delay_s = self._now(), delay_s
                slot.turn.release()
        finally:
            slot.waiting -= 1
            self._forget_some()

    def hold(self, host: str, until: datetime, status: int) -> None:
        """Ask nothing of a host until then; `status` is of the answer that said so."""
        slot = self._slots.setdefault(host, _Slot())
        slot.held = (max(until, slot.held[0]) if slot.held else until, status)

    def check(self, host: str) -> None:
        """Raise Held if the host is to be left alone now."""
        slot = self._slots.get(host)
        if slot is not None and slot.held is not None:
            if self._now() < slot.held[0]:
                raise Held(host, *slot.held)
            slot.held = None

    async def _enter(self, host: str, slot: _Slot, delay_s: float) -> None:
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await slot.turn.acquire()
                try:
                    await self._pause(slot, delay_s)
                    self.check(host)
                except BaseException:
                    slot.turn.release()
                    raise
        except TimeoutError:
            raise NoTurn(f"too many requests to {host} wait for their turn") from None

    async def _pause(self, slot: _Slot, delay_s: float) -> None:
        if slot.ended is None:
            return
        left_s = delay_s - (self._now() - slot.ended).total_seconds()
        if left_s > 0:
            await self._sleep(min(left_s, delay_s))  # a clock that was set back must not stop us for hours

    def _forget_some(self) -> None:
        if len(self._slots) > MANY:
            now = self._now()
            self._slots = {host: slot for host, slot in self._slots.items() if not _is_done(slot, now)}


def _is_done(slot: _Slot, now: datetime) -> bool:
    """Tell whether nothing is lost when a host is forgotten."""
    paused = slot.ended is not None and now < slot.ended + timedelta(seconds=slot.delay_s)
    return not slot.waiting and not paused and (slot.held is None or slot.held[0] <= now)
