"""The one thread that owns the database, for those who await."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from .database.file import BUSY_TIMEOUT_S
from .store import Store

P = ParamSpec("P")
R = TypeVar("R")


class Writer:
    """A store in a thread of its own: `async with Writer(path) as store: await store(Store.commit, plan)`.

    Calls are done one after another, in the order they were made.  A caller that is cancelled leaves nothing half done:
    what has begun is finished, what has not begun is not done.  Another program's lock is waited for once for all calls
    that stand in line, so that none waits longer the more there are.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S, opening_timeout_s: float | None = None
    ) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._opening_timeout_s = opening_timeout_s
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="store", daemon=True)
        self._open = False
        self._store: Store | None = None

    async def __aenter__(self) -> Self:
        self._thread.start()
        self._open = True
        try:
            await self(Store.notes)  # so that what is wrong with the file is said here
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def __call__(self, method: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a method of the store in its thread.  Raises what the method raises."""
        if not self._open:
            raise RuntimeError("the store is not open: use `async with`")
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        waited = self._store.waited if self._store is not None else 0
        self._calls.put(_Call(lambda store: method(store, *args, **kwargs), answer, waited))
        return await answer

    def hurry(self) -> None:
        """Wait for another program's lock no longer than a moment, from now on: somebody wants to stop."""
        if self._store is not None:
            self._store.hurry()

    async def _close(self) -> None:
        """Finish what was begun, close the database, end the thread; a cancelled caller does not leave it open."""
        self._open = False
        self.hurry()
        self._calls.put(None)
        await asyncio.shield(asyncio.to_thread(self._thread.join))

    def _work(self) -> None:
        try:
            while (call := self._calls.get()) is not None:
                if call.answer.cancelled():
                    continue
                try:
                    self._store = self._store or Store.open(
                        self.path, busy_timeout_s=self._busy_timeout_s, opening_timeout_s=self._opening_timeout_s
                    )
                    self._store.wait_since(call.waited)
                    call.tell(call.method(self._store), None)
                except BaseException as error:  # noqa: BLE001  the caller's to handle
                    call.tell(None, error)
        finally:
            if self._store is not None:
                self._store.close()


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked of the store, where its answer is awaited, and how long a lock had been waited for before."""

    method: Callable[[Store], Any]
    answer: asyncio.Future[Any]
    waited: int

    def tell(self, result: Any, error: BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            self.answer.get_loop().call_soon_threadsafe(self._settle, result, error)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
