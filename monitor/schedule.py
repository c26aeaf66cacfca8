"""When to look next (rules, pure), and the loop that looks (bottom half, the only place that knows APScheduler).

Due times live in the database.  A tick wakes the loop; the loop asks what is due and starts a visit to each host whose
site is not being visited.  Ticks go by the wall clock, so the loop watches whether that is set.  How lively a story is
says how often its sources are looked at; within that, more often after news and less often after silence, and never so
seldom that a list moves on between two looks.  The interval that the user allows always holds; what a server asks for
(Retry-After, Cache-Control, the feed's ttl) wins when it is later.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from . import looks, urls
from .model import EntryState, Failed, Interval, Phase, SourceState

AFTER_NEWS = 0.5
AFTER_SILENCE = 1.25
JITTER_RATIO = 0.1  # so that sources added together drift apart
LONGEST_BACKOFF_S = 86_400.0
PARKED_S = 86_400.0
GONE_AFTER = 5  # failures in a row with 404 before a source is parked; 410 needs none

BLOCKED_STATUS = frozenset({401, 402, 403, 407, 429, 451})
BLOCKED_ERRORS = frozenset({"robots", "private-address", "scheme"})
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})

# How long to wait before an entry's page is asked for again, by what went wrong; after the last one it is given up.
RETRIES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "passing": (5, 30, 180, 900, 3_600, 21_600, *(86_400,) * 7),  # time-outs, resets, 5xx: mostly over soon
        "blocked": (86_400, 3 * 86_400),  # robots.txt or a refusal: rules change, but rarely
        "missing": (3_600, 86_400),  # 404: some sites announce before they publish
        "final": (),  # a private address, a file that is too large: the next answer is the same
    }
)
FINAL_ERRORS = frozenset({"private-address", "scheme", "too-large"})

# A story's phase: days since its last development -> how it is called.
PHASES: tuple[tuple[float, Phase], ...] = ((2, Phase.BREAKING), (14, Phase.DEVELOPING), (60, Phase.SLOW))
BREAKING_NEEDS = 2  # developments within the first limit: one alone is no storm

# How far on the way from the shortest interval (0) to the longest (1) a phase's sources are polled: after news, and
# after silence.  The way is one of equal factors: half of it, from 5 minutes to 12 hours, is one hour.
PACES: Mapping[Phase, tuple[float, float]] = MappingProxyType(
    {
        Phase.BREAKING: (0.0, 0.2),  # the next development may be an hour away: about as often as is allowed
        Phase.DEVELOPING: (0.0, 0.5),  # one came within two weeks: as often as is allowed while there is news
        Phase.SLOW: (0.4, 0.8),  # weeks lie between two: some hours late is soon enough, whatever else a list shows
        Phase.QUIET: (0.8, 1.0),  # months without one: about as seldom as is allowed
    }
)
SET_S = 5.0  # by so much a clock must go wrong at once to have been set: less is a busy machine, or a slow correction
NO_LEAST = 1_000  # a least interval of 0 counts as this part of the longest one, where a way between them is needed


def pace(interval: Interval, phase: Phase) -> tuple[float, float]:
    """Return the shortest and the longest distance between polls, in seconds, of a story in this phase.

    >>> [round(seconds / 60) for seconds in pace(Interval(300, 43_200), Phase.SLOW)]
    [37, 266]
    """
    least = interval.min_s or interval.max_s / NO_LEAST
    if least == 0:
        return 0.0, 0.0
    shortest, longest = (least * (interval.max_s / least) ** share for share in PACES[phase])
    return shortest, longest


def next_interval(
    current_s: float, interval: Interval, *, phase: Phase, news: bool, lasts_s: float = math.inf
) -> float:
    """Return the next distance between polls in seconds, always within `interval`.

    phase    of the liveliest story that the source serves
    lasts_s  how long the source shows what it shows, so that it is looked at sooner whatever the phase
    """
    shortest_s, longest_s = pace(interval, phase)
    changed = current_s * AFTER_NEWS if news else max(current_s, 1.0) * AFTER_SILENCE
    wanted = min(max(changed, shortest_s), longest_s, lasts_s)
    return min(max(wanted, interval.min_s), interval.max_s)


def next_due(now: datetime, wait_s: float, rng: random.Random, *, not_before: datetime | None = None) -> datetime:
    """Return when to poll next: `wait_s` and a little jitter from now, or `not_before` when that is later."""
    due = now + timedelta(seconds=wait_s * (1 + JITTER_RATIO * rng.random()))
    return max(due, not_before) if not_before is not None else due


def backoff(interval_s: float, interval: Interval, failures: int) -> float:
    """Return how long to wait after `failures` (>= 1) failures in a row: doubling, capped, never for good."""
    longest = min(max(interval.max_s, 3_600.0), LONGEST_BACKOFF_S)
    return float(min(max(interval_s, 1.0) * 2 ** min(failures, 20), longest))


def state_after(failed: Failed, failures: int) -> SourceState:
    """Return how a source does after its `failures`-th failure in a row."""
    if failed.status == 410 or (failed.status == 404 and failures >= GONE_AFTER):
        return SourceState.PARKED
    if failed.error in BLOCKED_ERRORS or failed.status in BLOCKED_STATUS:
        return SourceState.BLOCKED
    return SourceState.FAILING


def source_wait(state: SourceState, interval_s: float, interval: Interval, failures: int) -> float:
    """Return the seconds until a failing, blocked or parked source is asked again."""
    return PARKED_S if state is SourceState.PARKED else backoff(interval_s, interval, failures)


def retry(failed: Failed, attempts: int, now: datetime) -> tuple[EntryState, datetime | None]:
    """Return the state of an entry after its `attempts`-th failed attempt, and when to try again (None: never)."""
    kind = _retry_kind(failed)
    state = EntryState.BLOCKED if kind in ("blocked", "final") else EntryState.FAILED
    waits = RETRIES[kind]
    if attempts > len(waits):
        return state, None
    again = now + timedelta(seconds=waits[attempts - 1])
    return state, max(again, failed.retry_at) if failed.retry_at else again


def _retry_kind(failed: Failed) -> str:
    if failed.error in FINAL_ERRORS:
        return "final"
    if failed.status in PASSING_STATUS or (failed.error == "robots" and failed.status is not None):
        return "passing"  # a robots.txt that cannot be had is no refusal
    if failed.error == "robots" or failed.status in BLOCKED_STATUS:
        return "blocked"
    if failed.error == "status":
        return "missing"
    return "passing"


def next_recheck(first_seen: datetime, now: datetime, rng: random.Random, *, teaser: bool = False) -> datetime | None:
    """Return when to look again at the page of an article; None: it is too old.

    >>> seen = datetime.fromisoformat("2021-08-09T12:00:00+00:00")
    >>> str(next_recheck(seen, seen + timedelta(hours=5), random.Random(1)))[:10]
    '2021-08-10'
    """
    wait_s = looks.wait_s((now - first_seen).total_seconds(), teaser=teaser)
    return None if wait_s is None else next_due(now, wait_s, rng)


def phase(now: datetime, since: datetime, lately: int) -> Phase:
    """Return the phase of a story.

    since   when its last development was read; of a story without one, when it came to be followed
    lately  developments within the last two days
    """
    days = (now - since).total_seconds() / 86_400
    for limit, name in PHASES:
        if days <= limit and (name is not Phase.BREAKING or lately >= BREAKING_NEEDS):
            return name
    return Phase.QUIET


def in_turn(hosts: Iterable[str], busy: Iterable[str], room: int) -> list[str]:
    """Return the hosts to visit next, in their order: none of a site that is being visited, and one of any other.

    Hosts of one site wait for one another's requests; visited together they would only stand in the way of others.
    room  at most so many
    """
    taken, chosen = {urls.site_of(host) for host in busy}, list[str]()
    for host in hosts:
        if len(chosen) >= room:
            break
        if (site := urls.site_of(host)) not in taken:
            taken.add(site)
            chosen.append(host)
    return chosen


# --------------------------------------------------------------------------------------------------- the loop


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every `every_s` seconds while the loop runs; `name` is for the log."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[object]]


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Every so many seconds, from the last time or, when that is long past, from now.

    APScheduler's own would count what was missed one by one: thirty million seconds, after a clock was set by a year.
    """

    def __init__(self, seconds: float) -> None:
        self.step = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        following = (previous or now) + self.step
        return following if following > now else now + self.step


class Watch:
    """Notices when the wall clock is set, by holding it against one that only goes forward.

    now     the wall clock
    steady  seconds that pass whatever the wall clock is set to; it may stand still while the machine sleeps
    """

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float]) -> None:
        self._now, self._steady = now, steady
        self._ahead_s = self._measured()

    def jump_s(self) -> float:
        """Return by how much the wall clock was set since it was last asked: ahead, or back (< 0); 0: it was not."""
        before, self._ahead_s = self._ahead_s, self._measured()
        jump_s = self._ahead_s - before
        return jump_s if abs(jump_s) >= SET_S else 0.0

    def _measured(self) -> float:
        return self._now().timestamp() - self._steady()


async def _nothing(_: float) -> None:
    pass


async def run(
    *,
    due: Callable[[], Awaitable[Sequence[str]]],
    visit: Callable[[str], Awaitable[object]],
    stop: asyncio.Event,
    now: Callable[[], datetime],
    clock_set: Callable[[float], Awaitable[object]] = _nothing,
    chores: Sequence[Chore] = (),
    tick_s: float = 1.0,
    visits: int = 64,
) -> None:
    """Visit every host that is due, one visit a site at a time, until `stop` is set; then cancel what is under way.

    due        returns the hosts that are due, the longest waiting first; asked in every turn of the loop
    visit      must not raise but for cancellation
    now        the wall clock
    clock_set  is told, before `due` is asked again, by how many seconds the wall clock was set: ahead, or back (< 0)
    visits     at most so many at once
    """
    wake, busy = asyncio.Event(), set[str]()
    watch = Watch(now, asyncio.get_running_loop().time)
    scheduler = AsyncIOScheduler(timezone="UTC")
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

    async def tick() -> None:  # a plain function would run in a thread
        wake.set()

    async def one(host: str) -> None:
        try:
            await visit(host)
        finally:
            busy.discard(host)
            wake.set()

    scheduler.add_job(tick, _Every(tick_s), **options)
    for chore in chores:
        scheduler.add_job(_until_stopped, _Every(chore.every_s), [chore.do], name=chore.name, **options)
    scheduler.start()
    try:
        async with asyncio.TaskGroup() as group:
            stopping = group.create_task(stop.wait())
            tasks = set[asyncio.Task[None]]()
            while not stop.is_set():
                wake.clear()
                if jump_s := watch.jump_s():
                    _follow_the_clock(scheduler, jump_s)
                    await clock_set(jump_s)
                for host in in_turn(await due(), busy, visits - len(busy)):
                    busy.add(host)
                    task = group.create_task(one(host), name=f"visit {host}")
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                await _either(wake, stopping, within_s=2 * tick_s)
            for task in tuple(tasks):
                task.cancel()
    finally:
        scheduler.shutdown(wait=False)


async def _until_stopped(do: Callable[[], Awaitable[object]]) -> None:
    """Do a chore; to be cut off by the end of the loop is no failure of it, which APScheduler would log as one."""
    with suppress(asyncio.CancelledError):
        await do()


def _follow_the_clock(scheduler: AsyncIOScheduler, jump_s: float) -> None:
    """Move the next runs with a clock that was set back: APScheduler would wait until it is as late again as it was.

    After one that was set ahead, or a sleep, it does by itself what was missed, each job once.
    """
    if jump_s < 0:
        for job in scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + timedelta(seconds=jump_s))


async def _either(wake: asyncio.Event, stopping: asyncio.Task[bool], *, within_s: float) -> None:
    """Return when the loop is to look again or to stop; without a tick, as when the clock was set back, soon."""
    waking = asyncio.ensure_future(wake.wait())
    try:
        await asyncio.wait({waking, stopping}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()
