"""When to look next: rules as case tables, properties, and the loop itself with a hand-set pace."""

import asyncio
import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import schedule
from monitor.model import EntryState, Failed, Interval, Phase, SourceState

NOW = datetime(2021, 8, 9, 12, tzinfo=UTC)
WIDE = Interval(300, 43_200)


def utc() -> datetime:
    return datetime.now(UTC)


def failed(error: str = "status", status: int | None = None, retry_at: datetime | None = None) -> Failed:
    return Failed("https://a.example/", "https://a.example/", NOW, error, "why", status, retry_at)


EVER = math.inf
INTERVALS = {
    "news halves it": (Phase.DEVELOPING, 1_000, WIDE, True, EVER, 500),
    "silence stretches it by a quarter": (Phase.DEVELOPING, 1_000, WIDE, False, EVER, 1_250),
    "news never goes below the least": (Phase.DEVELOPING, 400, WIDE, True, EVER, 300),
    "a new range takes hold at once": (Phase.DEVELOPING, 300, Interval(3_600, 7_200), True, EVER, 3_600),
    "without a floor it stays at the most allowed": (Phase.DEVELOPING, 0, Interval(0, 0), False, EVER, 0),
    "breaking: near the least, though silent": (Phase.BREAKING, 43_200, WIDE, False, EVER, 811),
    "breaking: at the least with news": (Phase.BREAKING, 500, WIDE, True, EVER, 300),
    "developing: an hour, though long silent": (Phase.DEVELOPING, 43_200, WIDE, False, EVER, 3_600),
    "slow: over half an hour, whatever a busy list shows": (Phase.SLOW, 300, WIDE, True, EVER, 2_190),
    "slow: hours, after silence": (Phase.SLOW, 43_200, WIDE, False, EVER, 15_989),
    "quiet: hours, whatever a busy list shows": (Phase.QUIET, 300, WIDE, True, EVER, 15_989),
    "quiet: never beyond the most": (Phase.QUIET, 40_000, WIDE, False, EVER, 43_200),
    "quiet: sooner where the list moves on": (Phase.QUIET, 15_989, WIDE, True, 1_000, 1_000),
    "no list is asked more often than is allowed": (Phase.QUIET, 15_989, WIDE, True, 10, 300),
    "that a list lasts is no reason to wait": (Phase.BREAKING, 500, WIDE, True, 9_000, 300),
    "the user's range holds in every phase": (Phase.QUIET, 60, Interval(60, 120), False, EVER, 104),
    "breaking without a least: a thousandth of the most": (Phase.BREAKING, 1, Interval(0, 1_000), True, EVER, 1),
}


@pytest.mark.parametrize("name", INTERVALS)
def test_next_interval(name: str) -> None:
    phase, current, interval, news, lasts, expected = INTERVALS[name]
    found = schedule.next_interval(current, interval, phase=phase, news=news, lasts_s=lasts)
    assert found == pytest.approx(expected, abs=0.5)


@given(st.floats(0, 1e6), st.floats(0, 1e5), st.floats(0, 1e5), st.booleans(), st.sampled_from(Phase))
def test_an_interval_stays_in_its_range(current: float, low: float, more: float, news: bool, phase: Phase) -> None:
    interval = Interval(low, low + more)
    assert low <= schedule.next_interval(current, interval, phase=phase, news=news) <= low + more


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1e5), st.booleans())
def test_a_livelier_story_is_never_looked_at_less_often(current: float, low: float, more: float, news: bool) -> None:
    interval = Interval(low, low + more)
    found = [schedule.next_interval(current, interval, phase=phase, news=news) for phase in Phase]
    assert found == sorted(found)


def test_every_phase_has_a_pace() -> None:
    assert set(schedule.PACES) == set(Phase)


def test_jitter_only_delays_and_by_a_tenth_at_most() -> None:
    dues = [schedule.next_due(NOW, 1_000, random.Random(seed)) for seed in range(50)]
    assert min(dues) >= NOW + timedelta(seconds=1_000)
    assert max(dues) <= NOW + timedelta(seconds=1_100)
    assert len(set(dues)) > 40


def test_what_a_server_asks_for_wins_only_when_later() -> None:
    later, sooner = NOW + timedelta(hours=5), NOW + timedelta(seconds=1)
    assert schedule.next_due(NOW, 60, random.Random(1), not_before=later) == later
    assert schedule.next_due(NOW, 60, random.Random(1), not_before=sooner) >= NOW + timedelta(seconds=60)


@given(st.integers(1, 10_000), st.floats(0, 1e6))
def test_backoff_grows_but_is_never_for_good(failures: int, current: float) -> None:
    wait = schedule.backoff(current, WIDE, failures)
    assert 0 < wait <= schedule.LONGEST_BACKOFF_S
    assert schedule.backoff(current, WIDE, failures + 1) >= wait


STATES = {
    "gone is parked at once": (failed(status=410), 1, SourceState.PARKED),
    "not found may be a slip": (failed(status=404), 1, SourceState.FAILING),
    "not found for long is parked": (failed(status=404), schedule.GONE_AFTER, SourceState.PARKED),
    "forbidden is blocked": (failed(status=403), 1, SourceState.BLOCKED),
    "too many requests is blocked": (failed(status=429), 1, SourceState.BLOCKED),
    "robots.txt is blocked": (failed("robots"), 1, SourceState.BLOCKED),
    "a private address is blocked": (failed("private-address"), 1, SourceState.BLOCKED),
    "a time-out is failing": (failed("timeout"), 9, SourceState.FAILING),
    "a server error is failing": (failed(status=503), 1, SourceState.FAILING),
}


@pytest.mark.parametrize(("outcome", "failures", "state"), STATES.values(), ids=STATES)
def test_state_after(outcome: Failed, failures: int, state: SourceState) -> None:
    assert schedule.state_after(outcome, failures) is state


RETRIES = {
    "a reset is tried again within seconds": (failed("connect"), 1, EntryState.FAILED, 5),
    "a server error likewise": (failed(status=503), 1, EntryState.FAILED, 5),
    "the last try is a day later": (failed("timeout"), 13, EntryState.FAILED, 86_400),
    "then it is given up": (failed("timeout"), 14, EntryState.FAILED, None),
    "robots.txt is asked again tomorrow": (failed("robots"), 1, EntryState.BLOCKED, 86_400),
    "a missing page may appear in an hour": (failed(status=404), 1, EntryState.FAILED, 3_600),
    "a private address stays one": (failed("private-address"), 1, EntryState.BLOCKED, None),
    "Retry-After wins when later": (failed(status=429, retry_at=NOW + timedelta(hours=2)), 1, EntryState.FAILED, 7_200),
}


@pytest.mark.parametrize(("outcome", "attempts", "state", "wait_s"), RETRIES.values(), ids=RETRIES)
def test_retry(outcome: Failed, attempts: int, state: EntryState, wait_s: float | None) -> None:
    expected = None if wait_s is None else NOW + timedelta(seconds=wait_s)
    assert schedule.retry(outcome, attempts, NOW) == (state, expected)


PHASES = {
    "two developments in two days": (timedelta(hours=5), 2, "breaking"),
    "one alone is no storm": (timedelta(hours=5), 1, "developing"),
    "a week": (timedelta(days=7), 0, "developing"),
    "a month": (timedelta(days=30), 0, "slow"),
    "half a year": (timedelta(days=180), 0, "quiet"),
    "just now, by a clock that ran ahead": (timedelta(hours=-1), 0, "developing"),
}


@pytest.mark.parametrize(("ago", "lately", "name"), PHASES.values(), ids=PHASES)
def test_phase(ago: timedelta, lately: int, name: str) -> None:
    assert schedule.phase(NOW, NOW - ago, lately) == name


TURNS = {
    "all of different sites": (["example.com", "example.org"], [], 9, ["example.com", "example.org"]),
    "no more than there is room for": (["example.com", "example.org"], [], 1, ["example.com"]),
    "no room": (["example.com"], ["example.org"], 0, []),
    "a host that is being visited": (["example.com", "example.org"], ["example.com"], 9, ["example.org"]),
    "a sibling of one": (["www.example.com", "example.org"], ["rss.example.com"], 9, ["example.org"]),
    "siblings": (["rss.example.com", "example.com", "example.org"], [], 9, ["rss.example.com", "example.org"]),
    "ports of one name": (["example.com:81", "example.com:82"], [], 9, ["example.com:81"]),
    "addresses, each a site": (["192.0.2.1", "192.0.2.2", "[2001:db8::1]:81"], [], 9, None),
    "sites under one public suffix": (["a.co.uk", "b.co.uk", "a.github.io", "b.github.io"], [], 9, None),
}


@pytest.mark.parametrize(("due", "busy", "room", "chosen"), TURNS.values(), ids=TURNS)
def test_one_host_of_a_site_is_visited_at_a_time(
    due: list[str], busy: list[str], room: int, chosen: list[str] | None
) -> None:
    assert schedule.in_turn(due, busy, room) == (due if chosen is None else chosen)


# ------------------------------------------------------------------------------------------------------ the loop


class Hosts:
    """Hosts that are due until visited; a visit takes as many turns of the loop as it is told."""

    def __init__(self, *names: str, turns: int = 1) -> None:
        self.due_now, self.turns = list(names), turns
        self.visited: list[str] = []
        self.under_way: set[str] = set()
        self.most_at_once = 0
        self.cancelled: list[str] = []
        self.stop = asyncio.Event()

    async def due(self) -> Sequence[str]:
        return list(self.due_now)

    async def visit(self, host: str) -> None:
        assert host not in self.under_way, "one visit a host at a time"
        self.under_way.add(host)
        self.most_at_once = max(self.most_at_once, len(self.under_way))
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(host)
            raise
        finally:
            self.under_way.discard(host)
        self.visited.append(host)
        self.due_now.remove(host)
        if not self.due_now:
            self.stop.set()


async def test_the_loop_visits_each_due_host_once_and_side_by_side() -> None:
    hosts = Hosts("a", "b", "c", turns=5)
    await schedule.run(due=hosts.due, visit=hosts.visit, stop=hosts.stop, now=utc, tick_s=0.01)
    assert sorted(hosts.visited) == ["a", "b", "c"]
    assert hosts.most_at_once == 3


async def test_the_loop_keeps_its_limit_of_visits() -> None:
    hosts = Hosts("a", "b", "c", "d", turns=5)
    await schedule.run(due=hosts.due, visit=hosts.visit, stop=hosts.stop, now=utc, tick_s=0.01, visits=2)
    assert sorted(hosts.visited) == ["a", "b", "c", "d"]
    assert hosts.most_at_once == 2


async def test_stopping_cuts_off_what_is_under_way() -> None:
    hosts = Hosts("a", turns=10**9)
    asyncio.get_running_loop().call_later(0.02, hosts.stop.set)
    async with asyncio.timeout(2):
        await schedule.run(due=hosts.due, visit=hosts.visit, stop=hosts.stop, now=utc, tick_s=0.01)
    assert hosts.cancelled == ["a"]


async def test_a_tick_finds_what_becomes_due_later_and_chores_run() -> None:
    chores, late = list[int](), Hosts()

    async def chore() -> None:
        chores.append(1)
        if len(chores) == 1:
            late.due_now.append("b")

    await schedule.run(
        due=late.due,
        visit=late.visit,
        stop=late.stop,
        now=utc,
        tick_s=0.01,
        chores=(schedule.Chore("count", 0.02, chore),),
    )
    assert late.visited == ["b"]


async def test_a_chore_under_way_is_cut_off_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    hosts, cut = Hosts(), list[str]()

    async def hang() -> None:
        hosts.stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.append("off")

    chores = (schedule.Chore("hang", 0.01, hang),)
    await schedule.run(due=hosts.due, visit=hosts.visit, stop=hosts.stop, now=utc, tick_s=0.01, chores=chores)
    for _ in range(5):
        await asyncio.sleep(0)
    assert cut == ["off"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
