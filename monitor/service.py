"""The daemon and its one-pass sister: open the house, visit what is due, keep things in order, close.

Everything that a command needs to run is built in cli.py and handed in; here it is only put to work.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

import httpx

from . import dates, pipeline, schedule
from .config import Config
from .desk import Desk
from .errors import ConfigError, MonitorError, StoreBusy, StoreError
from .fetch import Fetcher
from .follow import follow, waits_for_seed
from .gauges import Gauges
from .house import House
from .listener import Listener
from .model import RobotsTxt
from .outage import Line
from .post import Post, deliver, summarise
from .store import Store
from .supervisor import Supervisor
from .upkeep import drop_captures, keep
from .writer import Writer

DELIVER_EVERY_S = 1.0
CONFIG_EVERY_S = 1.0
INDEX_EVERY_S = 10.0
KEEP_EVERY_S = 60.0
AFTER_FAULT_S = 5.0  # so that a fault that comes back does not fill the log
SEND_ON_S = 1.0  # for the messages under way when we are to stop
SUMMARISE_EVERY_S = 2.0
HOSTS_AT_ONCE = 64  # visits under way
OPENING_TIMEOUT_S = 0.2  # for one try to get the lock: so a signal is obeyed at once
LOCK_TIMEOUT_S = 5.0  # the same, once the database is open
OPENING_EVERY_S = 1.0
OPENING_S = 120.0
ALIVE_EVERY = timedelta(minutes=1)
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # a clock before this program was written is not right yet: it never counts

log = logging.getLogger("monitor")
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """What lies outside of the program: time, chance, the network, and who started us.

    steady   seconds that pass whatever the wall clock, `now`, is set to
    """

    now: Callable[[], datetime]
    rng: random.Random
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None
    supervisor: Supervisor = field(default_factory=Supervisor)


@contextlib.asynccontextmanager
async def opened(config: Config, world: World) -> AsyncIterator[House]:
    """Open the database and the way out, and remember what is filed; close both at the end."""
    # One thread thinks: several would only wait for one another, and each keeps memory of its own.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="think"))
    async with contextlib.AsyncExitStack() as stack:
        timeouts = {"busy_timeout_s": LOCK_TIMEOUT_S, "opening_timeout_s": OPENING_TIMEOUT_S}
        store = await _patiently(
            world, lambda: stack.enter_async_context(Writer(config.database, **timeouts)), OPENING_TIMEOUT_S
        )
        await store(Store.at_risk)  # who writes from now on is another program
        notes = await store(Store.notes)
        alive = datetime.fromisoformat(notes.get("alive_at", EARLIEST.isoformat()))
        if (jump_s := (world.now() - alive).total_seconds()) <= -schedule.SET_S:
            await _set_back(store, world.now(), jump_s)
        fetch = await _fetcher(config, world, store)
        since = notes.get("offline_since")
        line = Line(datetime.fromisoformat(since) if since else None)
        house = House(store, fetch, Desk(()), world.now, world.rng, asyncio.Lock(), line)
        try:
            await _patiently(world, lambda: follow(house, config, world.supervisor.remembering), LOCK_TIMEOUT_S)
            yield house
        finally:
            await house.fetch.aclose()


async def _patiently(world: World, begin: Callable[[], Awaitable[T]], timeout_s: float) -> T:
    """Begin what another program's lock may hinder, waiting up to two minutes.  Raises StoreBusy after that.

    timeout_s   how long a try waits by itself
    """
    tries = int(OPENING_S / (timeout_s + OPENING_EVERY_S))
    for left in reversed(range(tries)):
        try:
            return await begin()
        except StoreBusy as error:
            if not left:
                raise
            if left == tries - 1:
                log.warning("waiting up to two minutes for the lock: %s", error)
        await world.sleep(OPENING_EVERY_S)
    raise AssertionError("the last try returns or raises")


async def _set_back(store: Writer, now: datetime, jump_s: float) -> None:
    """Take a clock that was set back at its word, and bring back what was put off by the wrong one."""
    back = f"the clock was set back by {dates.span(-jump_s)}, to {now:%Y-%m-%d %H:%M:%S} UTC"
    if now < EARLIEST:
        log.warning("%s; that cannot be right, so nothing is changed until it is", back)
        return
    changed = await store(Store.set_back, now)
    log.warning("%s; times to come that lay too far ahead and were brought back: %d", back, changed)


async def _alive(store: Writer, at: datetime) -> None:
    """Note that this monitor worked at an instant, for `monitor health` and to know a clock that was set back."""
    await store(Store.note, "alive_at", at.isoformat(timespec="seconds"), at)


async def _fetcher(config: Config, world: World, store: Writer) -> Fetcher:
    """Return a fetcher that goes on with the manners of the one before it."""

    async def recall(origin: str) -> RobotsTxt | None:
        return await store(Store.robots, origin)

    return Fetcher(
        config.fetch,
        contact=config.contact,
        now=world.now,
        steady=world.steady,
        sleep=world.sleep,
        recall=recall,
        holds=await store(Store.holds, world.now()),
        transport=world.transport,
    )


# ----------------------------------------------------------------------------------------------------- one pass


async def once(house: House, config: Config) -> None:
    """Visit what is due until nothing is due and no entry waits, deliver what there is to say, then sum it up."""
    await _pass(house)
    if waits_for_seed(config, house):
        await follow(house, config)
        await _pass(house)
    await keep(house)
    await drop_captures(house, config.keep_captures_s)
    await deliver(house, config.channels)
    await summarise(house, config.llm)
    await _alive(house.store, house.now())
    while await house.store(Store.index_text):
        pass


async def _pass(house: House) -> None:
    """Poll each source that is due now, and read every page that waits by then.  Raises StoreError."""
    try:
        await _visits(house)
    except* MonitorError as several:  # visits run side by side and may all meet the same trouble: the first tells it
        trouble: BaseException = several
        while isinstance(trouble, BaseExceptionGroup):
            trouble = trouble.exceptions[0]
        first = trouble
    else:
        return
    raise first


async def _visits(house: House) -> None:
    until = house.now()
    busy: dict[str, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        while True:
            due = await house.store(Store.due_hosts, house.now(), until)
            for host in schedule.in_turn(due, busy, HOSTS_AT_ONCE - len(busy)):
                visit = pipeline.poll_host(house, host, polls_until=until)
                busy[host] = group.create_task(visit, name=f"visit {host}")
            if not busy:
                return
            await asyncio.wait(busy.values(), return_when=asyncio.FIRST_COMPLETED)
            busy = {host: task for host, task in busy.items() if not task.done()}


# --------------------------------------------------------------------------------------------------- the daemon


async def run(
    house: House,
    config: Config,
    world: World,
    *,
    reload: Callable[[str], Config | None],
    stop: asyncio.Event,
    hup: asyncio.Event,
) -> None:
    """Follow the topics until `stop` is set.

    reload  given the hash of the config in force, returns the changed one, or None if the file is the same;
            raises ConfigError if it is broken
    hup     set to have the file read again at once
    """
    daemon = _Daemon(house, config, world, reload, stop)
    await daemon.begin()
    chores = (
        schedule.Chore("read the config file", CONFIG_EVERY_S, daemon.read_config),
        schedule.Chore("deliver", DELIVER_EVERY_S, daemon.deliver),
        schedule.Chore("summarise", SUMMARISE_EVERY_S, daemon.summarise),
        schedule.Chore("index text", INDEX_EVERY_S, daemon.index),
        schedule.Chore("keep in order", KEEP_EVERY_S, daemon.keep),
    )
    others = (asyncio.create_task(daemon.on_hangup(hup)), asyncio.create_task(_hurry(house, stop)))
    try:
        await schedule.run(
            due=daemon.due,
            visit=daemon.visit,
            stop=stop,
            now=world.now,
            clock_set=daemon.clock_set,
            chores=chores,
            visits=HOSTS_AT_ONCE,
        )
    finally:
        world.supervisor.stopping()
        daemon.fall_silent()
        for task in others:
            task.cancel()
        await daemon.stop_sending()
    if daemon.broken is not None:
        raise daemon.broken


async def _hurry(house: House, stop: asyncio.Event) -> None:
    """Have nothing wait for a lock once we are to stop: what is not written is done again at the next start."""
    await stop.wait()
    house.store.hurry()


class _Daemon:
    """The chores of a running daemon; each logs what goes wrong and lets the loop go on."""

    def __init__(
        self,
        house: House,
        config: Config,
        world: World,
        reload: Callable[[str], Config | None],
        stop: asyncio.Event,
    ) -> None:
        self.house, self.config, self.world, self.reload, self.stop = house, config, world, reload, stop
        self.refused = ""
        self.broken: StoreError | None = None
        self.locked = False
        self.alive_at: datetime | None = None
        self.ready = False
        self.post = Post(house)
        self.sending: dict[str, asyncio.Task[None]] = {}
        self.gauges = Gauges(config.database, world.now)
        self.listener = Listener(self.gauges.pages, world.now)
        self.listening = asyncio.Lock()
        self.unheard = ""

    async def begin(self) -> None:
        at = self.house.now()
        for key, value in (("started_at", at.isoformat(timespec="seconds")), ("config_error", None), ("at_risk", None)):
            await self._kept(self.house.store(Store.note, key, value, at))
        await self.listen()

    async def listen(self) -> None:
        """Listen where the config says, if anywhere."""
        async with self.listening:
            address = self.config.listen
            if address == self.listener.address:
                return
            if address is not None:
                await self._listen(address)
            else:
                self.listener.close()
                log.info("metrics are served no more")

    async def _listen(self, address: tuple[str, int]) -> None:
        """Listen at an address; where that cannot be, say so once, and it is tried again a minute later."""
        try:
            bound = await self.listener.listen(address)
        except OSError as error:
            why = f"cannot listen at {_authority(address)}: {os.strerror(error.errno) if error.errno else error}"
            if why != self.unheard:
                log.warning("%s; everything else goes on. Free this port, or give another `listen`.", why)
            self.unheard = why
        else:
            self.unheard = ""
            log.info("metrics are at http://%s/metrics, health at /healthz", _authority(bound))

    def fall_silent(self) -> None:
        self.listener.close()
        self.gauges.close()

    async def due(self) -> Sequence[str]:
        """Return the hosts that are due; that they could be asked for is what shows that the daemon does its work.

        None of them while another program holds the database's lock: what they answer could not be written down.
        """
        hosts = await self._kept(self.house.store(Store.due_hosts, self.house.now()))
        if hosts is None:
            return ()
        await self._turned()
        return () if await self._is_locked() else hosts

    async def _is_locked(self) -> bool:
        """Tell whether the lock that something met is held still, by writing a note."""
        if self.locked:
            self.locked = False
            await self._kept(_alive(self.house.store, self.house.now()))
        return self.locked

    async def _turned(self) -> None:
        """Say that the loop turns: to who started us, to who watches us, and once a minute to the database."""
        self.gauges.turned()
        self.world.supervisor.alive(asyncio.get_running_loop().time())
        if not self.ready:
            self.ready = True
            self._say_ready()
        now = self.house.now()
        if self.alive_at is None or now - self.alive_at >= ALIVE_EVERY:
            self.alive_at = now
            await self._kept(_alive(self.house.store, now))

    def _say_ready(self) -> None:
        count = len(self.config.topics)
        refused = "; a changed config file is refused" if self.refused else ""
        self.world.supervisor.ready(f"following {count} topic{'s'[: count != 1]}{refused}")

    async def clock_set(self, jump_s: float) -> None:
        """Go by the wall clock as it is now."""
        self.alive_at = None
        if jump_s > 0:
            log.warning(
                "the clock went ahead by %s, or this machine slept; what has become due is done in turn",
                dates.span(jump_s),
            )
            return
        now = self.house.now()
        await self._kept(_set_back(self.house.store, now, jump_s))
        self.house.fetch.recall(await self._kept(self.house.store(Store.holds, now)) or ())

    async def visit(self, host: str) -> None:
        await self._kept(pipeline.poll_host(self.house, host))
        if waits_for_seed(self.config, self.house):
            await self._kept(follow(self.house, self.config))

    async def deliver(self) -> None:
        """Begin to send to each channel that something is due for; one that is still at work is left alone."""
        for name in await self._kept(self.house.store(Store.due_channels, self.house.now())) or ():
            if name not in self.sending:
                self.sending[name] = asyncio.create_task(self._send(name), name=f"send to {name}")

    async def _send(self, name: str) -> None:
        channel = next((each for each in self.config.channels if each.name == name), None)
        try:
            await self._kept(self.post.send(name, channel))
        finally:
            del self.sending[name]

    async def stop_sending(self) -> None:
        """Let what is under way come to its end for a moment, so that it is not sent again, then cancel it."""
        tasks = tuple(self.sending.values())
        if tasks:
            await asyncio.wait(tasks, timeout=SEND_ON_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def summarise(self) -> None:
        await self._kept(summarise(self.house, self.config.llm))

    async def index(self) -> None:
        await self._kept(self.house.store(Store.index_text))

    async def keep(self) -> None:
        await self.listen()
        await self._kept(keep(self.house))
        await self._kept(drop_captures(self.house, self.config.keep_captures_s))

    async def on_hangup(self, hup: asyncio.Event) -> None:
        while True:
            await hup.wait()
            hup.clear()
            self.refused = ""
            self.world.supervisor.reloading()
            await self.read_config()
            self._say_ready()

    async def read_config(self) -> None:
        """Take over a changed config file; refuse a broken one whole, keep the old one, and say so once."""
        try:
            config = await asyncio.to_thread(self.reload, self.config.sha256)
        except ConfigError as error:
            if str(error) != self.refused:
                self.refused = str(error)
                await self._kept(self.house.store(Store.note, "config_error", str(error), self.house.now()))
                log.error("the changed config is refused, the old one stays in force:\n%s", error)  # noqa: TRY400
            return
        if self.refused:
            self.refused = ""
            await self._kept(self.house.store(Store.note, "config_error", None, self.house.now()))
        if config is not None:
            await self._take_over(config)

    async def _take_over(self, config: Config) -> None:
        if config.database != self.config.database:
            log.warning("`database` changed: that takes a restart; %s stays in use", self.config.database)
        if (config.fetch, config.contact) != (self.config.fetch, self.config.contact):
            before, self.house.fetch = self.house.fetch, await _fetcher(config, self.world, self.house.store)
            await before.aclose()  # a request under way fails, and is tried again in seconds
        await self._kept(follow(self.house, config))
        self.config = config
        await self.listen()
        log.info("config taken over: %d topics", len(config.topics))

    async def _kept(self, work: Awaitable[T]) -> T | None:
        """Await work; a locked database is waited out, any other trouble with it ends the daemon with its reason.

        A fault of ours is logged, and the daemon goes on.
        """
        try:
            return await work
        except StoreBusy as error:
            self.locked = True
            log.warning("%s", error)
        except StoreError as error:
            self.broken = self.broken or error
            self.stop.set()
        except Exception as error:
            log.error("a fault of this program: %r; please report it (more with -v)", error)  # noqa: TRY400
            log.debug("the fault in full", exc_info=True)
            await self.world.sleep(AFTER_FAULT_S)
        return None


def _authority(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
