"""Send what is due: alerts to their channels, questions for summaries to the user's model."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Concatenate, ParamSpec

import httpx

from . import channels, summary
from .errors import StoreBusy
from .house import House
from .model import AlertId, Channel, Llm, Summary
from .store import Store

log = logging.getLogger("monitor")
P = ParamSpec("P")


async def deliver(house: House, to: Sequence[Channel]) -> int:
    """Send all that is due, to each channel for itself, and return how many deliveries were accepted."""
    post, named = Post(house), {channel.name: channel for channel in to}
    due = await house.store(Store.due_channels, house.now())
    return sum(await asyncio.gather(*(post.send(name, named.get(name)) for name in due)))


class Post:
    """The way out to the channels, and how each of them does."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._health: dict[Channel | None, channels.Health] = {}

    async def send(self, name: str, channel: Channel | None) -> int:
        """Send all that is due for a channel by now, and return how many deliveries it accepted.

        channel  None: the config file has none of this name
        """
        house, until, sent = self._house, self._house.now(), 0
        outbox = channels.Outbox(
            delivered=self._write(Store.delivered),
            recovered=self._write(Store.recovered),
            undelivered=self._write(Store.undelivered),
            held=self._write(Store.hold),
            postponed=self._write(Store.wait_along),
        )
        async with httpx.AsyncClient(timeout=channels.ANSWER_WITHIN_S, trust_env=False, verify=_tls()) as client:
            while waiting := await house.store(Store.outbox, until, channel=name):
                health = self._health.get(channel, channels.Health())
                count, self._health[channel] = await channels.deliver(
                    channel, waiting, outbox, client, house.now, health
                )
                sent += count
        return sent

    def _write(self, method: Callable[Concatenate[Store, P], None]) -> Callable[P, Awaitable[None]]:
        """Make a method of the store one that waits for as long as another program holds the lock.

        Until what a channel has answered is written down, nothing more is sent to it, and so nothing twice.
        """

        async def write(*args: P.args, **kwargs: P.kwargs) -> None:
            try:  # also when we are to stop: it has been sent
                return await asyncio.shield(self._house.store(method, *args, **kwargs))
            except StoreBusy as error:
                log.warning("%s What a channel answered is written down as soon as that is possible.", error)
            while True:  # each waits for the lock itself, by the busy timeout of the store
                with contextlib.suppress(StoreBusy):
                    return await self._house.store(method, *args, **kwargs)

        return write


async def summarise(house: House, llm: Llm | None) -> int:
    """Ask the model for the summaries that are due, and return how many were answered; None: there is no model."""
    if llm is None:
        return 0
    if await house.store(Store.summaries_behind):
        await house.store(Store.queue_summaries, house.now())
    waiting = await house.store(Store.unsummarised, house.now())
    if not waiting:
        return 0

    async def known(id: AlertId, question: str) -> Summary | None:
        return await house.store(Store.summary, id, question)

    async def settled(id: AlertId, question: str, answer: Summary) -> None:
        await house.store(Store.summarised, id, question, answer, house.now())

    async def postponed(id: AlertId, error: str, again: datetime | None) -> None:
        await house.store(Store.not_summarised, id, error, again)

    async with httpx.AsyncClient(timeout=llm.timeout_s, trust_env=False, verify=_tls()) as client:
        return await summary.summarise(waiting, summary.Ledger(known, settled, postponed), llm, client, house.now)


@cache
def _tls() -> ssl.SSLContext:
    """Return the context for connections to channels and models; to read all authorities anew takes 40 ms each time."""
    return httpx.create_ssl_context(trust_env=False)
