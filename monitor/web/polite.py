"""One request at a time to a site, with a pause after each, and none to a host that asks to be left alone.

A site is served by the same machines under many names (www., m., news.), so its hosts share one turn; what a host says
of its own load (429, 503) holds for that host.  Pauses are kept by a clock that only goes forward, whatever the wall
clock is set to; until when a host is left alone is an instant of the wall clock, for it outlives the program.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..model import Hold

LONGEST_WAIT_S = 600.0  # for a turn; a longer queue is better put off than slept through
MANY = 4_096  # sites remembered before those that need no more waiting are forgotten
STRIKES = 3  # refusals in a row, without a word on how long, from which on we stay away by ourselves
FIRST_HOLD_S, LONGEST_HOLD_S = 60.0, 3_600.0  # doubled from one to the other
BUSY = frozenset({429, 503})


class Held(Exception):
    """A host asked to be left alone until `until`, by an answer with `status`."""

    def __init__(self, host: str, until: datetime, status: int) -> None:
        super().__init__(f"{host} asked to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until, self.status = until, status


class NoTurn(Exception):
    """Too many requests to a site wait for their turn."""


@dataclass(slots=True)
class _Slot:
    """ended_s: of the last request, by the steady clock; delay_s: the pause after it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    ended_s: float | None = None
    delay_s: float = 0.0


class Hosts:
    """The sites and hosts we talk to, and when each may be asked again.

    now     the wall clock
    steady  seconds that pass whatever the wall clock is set to
    sleep   how to wait
    holds   hosts to be left alone, remembered from before
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        steady: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        holds: Iterable[Hold] = (),
    ) -> None:
        self._now, self._steady, self._sleep = now, steady, sleep
        self._slots: dict[str, _Slot] = {}
        self._holds = {hold.host: hold for hold in holds}
        self._strikes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._slots)

    @asynccontextmanager
    async def turn(self, host: str, site: str, delay_s: float) -> AsyncIterator[float | None]:
        """Wait until a host may be asked, and keep its site for the one request made inside.

        delay_s  from the end of the site's last request to this one, at least
        Yields   the seconds that have passed since that; None: it is the first that we remember
        Raises   Held, NoTurn
        """
        slot = self._slots.setdefault(site, _Slot())
        slot.waiting += 1
        try:
            paused_s = await self._enter(host, slot, delay_s)
            try:
                yield paused_s
            finally:
                slot.ended_s, slot.delay_s = self._steady(), delay_s
                slot.turn.release()
        finally:
            slot.waiting -= 1
            self._forget_some()

    def answered(self, host: str, status: int, retry_at: datetime | None) -> Hold | None:
        """Take note of an answer: one that says "not now" may mean that the host is to be left alone.

        retry_at  as Retry-After says; None: it does not.  Then refusals are counted: from the third in a row on we
                  stay away for a minute, two, four, up to an hour, and come back each time.
        Returns   the hold that begins; None: none does
        """
        if status not in BUSY:
            self._strikes.pop(host, None)
            return None
        strikes = self._strikes[host] = self._strikes.get(host, 0) + 1
        if retry_at is None and strikes >= STRIKES:
            wait_s = min(FIRST_HOLD_S * 2.0 ** min(strikes - STRIKES, 20), LONGEST_HOLD_S)
            retry_at = self._now() + timedelta(seconds=wait_s)
        return None if retry_at is None else self.hold(host, retry_at, status)

    def hold(self, host: str, until: datetime, status: int) -> Hold:
        """Ask nothing of a host until then; `status` is of the answer that said so."""
        before = self._holds.get(host)
        self._holds[host] = Hold(host, max(until, before.until) if before else until, status)
        return self._holds[host]

    def check(self, host: str) -> None:
        """Raise Held if the host is to be left alone now."""
        hold = self._holds.get(host)
        if hold is not None:
            if self._now() < hold.until:
                raise Held(host, hold.until, hold.status)
            del self._holds[host]

    def set_back(self, holds: Iterable[Hold]) -> None:
        """Go by these holds from now on; the others ended by a clock that has been set back since."""
        self._holds = {hold.host: hold for hold in holds}

    async def _enter(self, host: str, slot: _Slot, delay_s: float) -> float | None:
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await slot.turn.acquire()
                try:
                    paused_s = await self._pause(slot, delay_s)
                    self.check(host)
                except BaseException:
                    slot.turn.release()
                    raise
        except TimeoutError:
            raise NoTurn(f"too many requests to {host} wait for their turn") from None
        return paused_s

    async def _pause(self, slot: _Slot, delay_s: float) -> float | None:
        if slot.ended_s is None:
            return None
        left_s = slot.ended_s + delay_s - self._steady()
        if left_s > 0:
            await self._sleep(left_s)
        return self._steady() - slot.ended_s

    def _forget_some(self) -> None:
        if len(self._slots) > MANY:
            now, steady_s = self._now(), self._steady()
            self._slots = {site: slot for site, slot in self._slots.items() if not _is_done(slot, steady_s)}
            self._holds = {host: hold for host, hold in self._holds.items() if now < hold.until}
            self._strikes.clear()


def _is_done(slot: _Slot, steady_s: float) -> bool:
    """Tell whether nothing is lost when a site is forgotten."""
    paused = slot.ended_s is not None and steady_s < slot.ended_s + slot.delay_s
    return not slot.waiting and not paused
