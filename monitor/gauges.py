"""What the daemon tells those who watch it: the numbers and the verdict, each as a page for the listener.

The database is read in a thread of its own, by a connection that cannot write, and what was read is kept for a few
seconds: however often and by however many it is asked for, neither the writer nor the loop waits for it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from . import __version__, health, metrics
from .errors import StoreError
from .listener import Answer, Page
from .reading import Reader

KEPT_S = 5.0
LOCK_S = 0.5  # a lock that keeps even readers out is not waited for longer
LAG_EVERY_S = 1.0
PROC = Path("/proc/self")

Found = tuple[metrics.Counts, health.Vitals] | StoreError


class Lag:
    """By how much the loop comes late: it makes an appointment with itself each second, and looks at the clock then.

    time, call_at   of the loop
    """

    def __init__(
        self, time: Callable[[], float], call_at: Callable[[float, Callable[[], None]], asyncio.TimerHandle]
    ) -> None:
        self._time, self._call_at = time, call_at
        self.last_s = self.greatest_s = 0.0
        self._appoint()

    def close(self) -> None:
        self._timer.cancel()

    def _appoint(self) -> None:
        self._at = self._time() + LAG_EVERY_S
        self._timer = self._call_at(self._at, self._come)

    def _come(self) -> None:
        self.last_s = max(0.0, self._time() - self._at)
        self.greatest_s = max(self.greatest_s, self.last_s)
        self._appoint()


class Gauges:
    """The pages of a daemon that works on a database."""

    def __init__(self, database: Path, now: Callable[[], datetime]) -> None:
        loop = asyncio.get_running_loop()
        self._database, self._now, self._steady = database, now, loop.time
        self._lag = Lag(loop.time, loop.call_at)
        self._turned_s: float | None = None
        self._reading: asyncio.Future[Found] | None = None
        self._read_at_s = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gauges")
        self.pages: dict[str, Page] = {"/metrics": self._metrics, "/healthz": self._healthz}

    def turned(self) -> None:
        """Note that the loop has turned."""
        self._turned_s = self._steady()

    def close(self) -> None:
        self._lag.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _metrics(self) -> Answer:
        found = await self._fresh()
        counts = None if isinstance(found, StoreError) else found[0]
        return Answer("200 OK", metrics.page(self._process(), counts), metrics.MEDIA_TYPE)

    async def _healthz(self) -> Answer:
        found = await self._fresh()
        if isinstance(found, StoreError):
            return Answer("503 Service Unavailable", f"{health.said({'database': str(found)})}\n")
        checks = health.checked(found[1], self._now())
        return Answer("503 Service Unavailable" if any(checks.values()) else "200 OK", f"{health.said(checks)}\n")

    async def _fresh(self) -> Found:
        """Return what was read within the last seconds; all who ask meanwhile wait for one reading."""
        reading = self._reading
        if reading is None or (reading.done() and self._steady() - self._read_at_s >= KEPT_S):
            self._reading = reading = asyncio.get_running_loop().run_in_executor(self._thread, self._read)
            reading.add_done_callback(self._note_time)
        return await asyncio.shield(reading)

    def _note_time(self, _: asyncio.Future[Found]) -> None:
        self._read_at_s = self._steady()

    def _read(self) -> Found:
        try:
            with Reader.open(self._database, busy_timeout_s=LOCK_S, beside_writer=True) as reader:
                return reader.counts(), reader.vitals(self._now(), running=True)
        except StoreError as error:
            return error

    def _process(self) -> metrics.Process:
        return metrics.Process(
            version=__version__,
            lag_s=self._lag.last_s,
            greatest_lag_s=self._lag.greatest_s,
            turned_ago_s=None if self._turned_s is None else self._steady() - self._turned_s,
            resident_bytes=_resident_bytes(),
            descriptors=_descriptors(),
        )


def _resident_bytes() -> int | None:
    try:
        return int((PROC / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _descriptors() -> int | None:
    try:
        return len(tuple((PROC / "fd").iterdir())) - 1  # the one that lists them
    except OSError:
        return None
