import asyncio
from datetime import timedelta

import pytest

from monitor.model import Hold
from monitor.web import polite
from monitor.web.polite import Held, Hosts, NoTurn

from .clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hosts(clock: Clock) -> Hosts:
    return Hosts(clock, clock.steady, clock.sleep)


async def visit(
    hosts: Hosts,
    clock: Clock,
    host: str = "a.example",
    *,
    site: str | None = None,
    delay_s: float = 1.0,
    takes_s: float = 0.0,
) -> float | None:
    async with hosts.turn(host, site or host, delay_s) as paused_s:
        clock.turn(takes_s)
    return paused_s


async def test_the_pause_counts_from_the_end_of_the_last_request(hosts: Hosts, clock: Clock) -> None:
    await visit(hosts, clock, takes_s=5)
    assert clock.slept == []
    await visit(hosts, clock)
    assert clock.slept == [1.0]


async def test_time_that_has_passed_is_not_waited_for_again(hosts: Hosts, clock: Clock) -> None:
    await visit(hosts, clock)
    clock.turn(0.75)
    await visit(hosts, clock)
    clock.turn(30)
    await visit(hosts, clock)
    assert clock.slept == [0.25]


async def test_another_host_does_not_wait(hosts: Hosts, clock: Clock) -> None:
    await visit(hosts, clock, "a.example")
    await visit(hosts, clock, "b.example")
    assert clock.slept == []


async def test_the_hosts_of_a_site_share_one_turn(hosts: Hosts, clock: Clock) -> None:
    await visit(hosts, clock, "www.a.example", site="a.example")
    await visit(hosts, clock, "m.a.example", site="a.example")
    assert clock.slept == [1.0]


async def test_the_pause_that_was_kept_is_told(hosts: Hosts, clock: Clock) -> None:
    assert await visit(hosts, clock) is None
    assert await visit(hosts, clock) == 1.0
    clock.turn(7)
    assert await visit(hosts, clock) == 7.0


WAITS_S = {  # seconds of Retry-After of each refusal (None: not said) -> seconds until the host may be asked again
    "one refusal holds itself only": ([None], None),
    "two as well": ([None, None], None),
    "from the third on": ([None, None, None], 60),
    "doubled": ([None] * 5, 240),
    "capped": ([None] * 30, 3_600),
    "what the server says counts at once": ([120], 120),
}


@pytest.mark.parametrize("case", WAITS_S)
async def test_refusals_in_a_row(case: str, hosts: Hosts, clock: Clock) -> None:
    refusals, wait_s = WAITS_S[case]
    hold = None
    for said_s in refusals:
        hold = hosts.answered("a.example", 429, None if said_s is None else clock.now + timedelta(seconds=said_s))
    assert (hold and (hold.until - clock.now).total_seconds()) == wait_s
    if hold:
        with pytest.raises(Held):
            hosts.check("a.example")


async def test_an_answer_ends_a_row_of_refusals(hosts: Hosts, clock: Clock) -> None:
    for status in (503, 503, 200, 503, 503):
        assert hosts.answered("a.example", status, None) is None


async def test_holds_are_remembered_from_before(clock: Clock) -> None:
    hosts = Hosts(clock, clock.steady, clock.sleep, [Hold("a.example", clock.now + timedelta(hours=1), 429)])
    with pytest.raises(Held):
        await visit(hosts, clock)


SET_S = {"ahead by an hour": 3_600, "ahead by less than the pause": 0.5, "back by a day": -86_400}


@pytest.mark.parametrize("jump_s", SET_S.values(), ids=SET_S)
async def test_a_pause_is_kept_whatever_the_wall_clock_is_set_to(hosts: Hosts, clock: Clock, jump_s: float) -> None:
    await visit(hosts, clock)
    clock.turn(0.25)
    clock.set(jump_s)
    assert await visit(hosts, clock) == 1.0
    assert clock.slept == [0.75]


async def test_a_site_that_is_to_be_paused_is_not_forgotten_when_the_wall_clock_is_set_ahead(
    hosts: Hosts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polite, "MANY", 0)
    await visit(hosts, clock)
    clock.set(3_600)
    await visit(hosts, clock, "b.example")
    await visit(hosts, clock)
    assert clock.slept == [1.0]


async def test_a_host_is_left_alone_until_an_instant_of_the_wall_clock(hosts: Hosts, clock: Clock) -> None:
    hosts.hold("a.example", clock.now + timedelta(hours=1), 429)
    clock.set(3_600)
    await visit(hosts, clock)
    assert clock.slept == []


async def test_one_at_a_time(hosts: Hosts, clock: Clock) -> None:
    inside = 0

    async def one() -> None:
        nonlocal inside
        async with hosts.turn("a.example", "a.example", 1.0):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one() for _ in range(10)))
    assert clock.slept == [1.0] * 9


async def test_a_request_that_fails_gives_its_turn_back_and_still_counts(hosts: Hosts, clock: Clock) -> None:
    with pytest.raises(RuntimeError):
        async with hosts.turn("a.example", "a.example", 1.0):
            raise RuntimeError
    await visit(hosts, clock)
    assert clock.slept == [1.0]


async def test_a_host_that_asks_for_it_is_left_alone_until_then(hosts: Hosts, clock: Clock) -> None:
    until = clock.now + timedelta(minutes=5)
    hosts.hold("a.example", until, 429)
    with pytest.raises(Held, match="2021-08-09 00:05:00 UTC") as held:
        await visit(hosts, clock)
    assert (held.value.until, held.value.status) == (until, 429)
    await visit(hosts, clock, "b.example")
    clock.turn(300)
    await visit(hosts, clock)


async def test_a_shorter_wish_does_not_end_a_longer_one(hosts: Hosts, clock: Clock) -> None:
    hosts.hold("a.example", clock.now + timedelta(hours=1), 503)
    hosts.hold("a.example", clock.now + timedelta(minutes=1), 429)
    clock.turn(120)
    with pytest.raises(Held):
        hosts.check("a.example")


async def test_those_who_waited_in_line_hear_of_it(hosts: Hosts, clock: Clock) -> None:
    async def first() -> None:
        async with hosts.turn("a.example", "a.example", 1.0):
            await asyncio.sleep(0)
            hosts.hold("a.example", clock.now + timedelta(hours=1), 429)

    results = await asyncio.gather(first(), visit(hosts, clock), visit(hosts, clock), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), Held, Held]


async def test_a_line_that_is_too_long_is_left(hosts: Hosts, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polite, "LONGEST_WAIT_S", 0.0)
    async with hosts.turn("a.example", "a.example", 1.0):
        with pytest.raises(NoTurn, match=r"a\.example"):
            await visit(hosts, clock)
    await asyncio.sleep(0)


async def test_hosts_are_forgotten_when_nothing_is_lost_by_it(
    hosts: Hosts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polite, "MANY", 3)
    hosts.hold("held.example", clock.now + timedelta(hours=1), 429)
    for number in range(20):
        await visit(hosts, clock, f"{number}.example")
        clock.turn(10)
    assert len(hosts) <= 4
    with pytest.raises(Held):
        hosts.check("held.example")
