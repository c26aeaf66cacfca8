from datetime import timedelta

import pytest

from monitor.model import Failed, Fetched, Outcome, Plan
from monitor.outage import Line

from .clock import START

MINUTE = timedelta(minutes=1)


def answer(host: str) -> Outcome:
    url = f"https://{host}/"
    return Fetched(url, url, START, 200, {}, b"")


def failure(host: str, error: str = "connect", *, status: int | None = None, asked: bool = True) -> Outcome:
    url = f"https://{host}/"
    return Failed(url, url, START, error, "no", status, asked=asked)


LINES: dict[str, tuple[list[Outcome], bool]] = {
    "nothing was asked": ([], False),
    "two hosts that fail may be theirs": ([failure("a"), failure("b")], False),
    "one host that fails again and again, too": ([failure("a")] * 9, False),
    "three that fail, and none that answers": ([failure("a"), failure("b", "dns"), failure("c", "timeout")], True),
    "a host that answers now is reached": ([*map(failure, "abc"), answer("a")], False),
    "four of five": ([answer("e"), *map(failure, "abcd")], True),
    "three of four": ([answer("d"), *map(failure, "abc")], False),
    "an error page is an answer": ([failure(host, "status", status=503) for host in "abcd"], False),
    "what was not asked says nothing": ([failure(host, asked=False) for host in "abcd"], False),
    "a broken page says nothing": ([failure(host, "decode") for host in "abcd"], False),
}


@pytest.mark.parametrize("case", LINES)
def test_is_it_them_or_us(case: str) -> None:
    outcomes, down = LINES[case]
    line = Line()
    for outcome in outcomes:
        line.note(outcome, START)
    assert (line.since is not None) is down


def test_what_was_long_ago_does_not_count() -> None:
    line = Line()
    line.note(failure("a"), START)
    line.note(failure("b"), START)
    line.note(failure("c"), START + 11 * MINUTE)
    assert line.since is None


def test_the_time_it_began_stays() -> None:
    line = Line()
    for number, host in enumerate("abcdef"):
        line.note(failure(host), START + number * MINUTE)
    assert line.since == START + 2 * MINUTE


def test_what_was_charged_is_taken_back_once() -> None:
    line = Line()
    old, new = Plan(START), Plan(START + 11 * MINUTE)
    line.charge(old.at, old)
    line.charge(new.at, new)
    assert line.pardons() == [new]
    assert line.pardons() == []


def test_an_outage_from_before_ends_with_the_first_host_that_is_reached() -> None:
    line = Line(START)
    line.note(failure("a"), START + MINUTE)
    assert line.since == START
    line.note(answer("b"), START + MINUTE)
    assert line.since is None
