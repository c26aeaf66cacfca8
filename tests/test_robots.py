import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Failed, RobotsTxt
from monitor.web import robots
from monitor.web.answers import Answer
from monitor.web.robots import Known, Robots, learn, robots_allow
from monitor.web.rules import Rules

from .clock import Clock

NOW = datetime(2021, 8, 9, tzinfo=UTC)
URL = "https://a.example/robots.txt"
PAGE = "https://a.example/private/a.html"


@pytest.mark.parametrize("agent", ["story-monitor", "story-monitor/1.0 (+mailto:a@example.org)"])
def test_a_program_is_known_by_its_name_or_by_its_header(agent: str) -> None:
    assert not robots_allow(b"User-agent: story-monitor\nDisallow: /private/\n", agent, PAGE)
    assert robots_allow(b"User-agent: other\nDisallow: /private/\n", agent, PAGE)


# ------------------------------------------------------------------------------------------------- what is known

FORBIDS = b"User-agent: *\nDisallow: /private/\n"


def answer(status: int, body: bytes | None = None, **headers: str) -> Answer:
    return Answer(URL, status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def failed(error: str, status: int | None = None, final_url: str = URL) -> Failed:
    return Failed(URL, final_url, NOW, error, "it did not work", status)


AFTER = {  # what came -> allowed?, or the error and the status and when again
    "rules": (answer(200, FORBIDS), False),
    "an empty file": (answer(200, b""), True),
    "no content": (answer(204), True),
    "not found": (answer(404), True),
    "gone": (answer(410), True),
    "refused": (answer(403), True),
    "a redirect to nowhere": (answer(302), True),
    "redirects without end": (failed("redirect", 302), True),
    "a redirect to a file": (failed("scheme", 302), True),
    "too many requests": (answer(429), ("robots", 429, timedelta(hours=1))),
    "server error": (answer(500), ("robots", 500, timedelta(hours=1))),
    "server error with a short wish": (answer(503, retry_after="60"), ("robots", 503, timedelta(hours=1))),
    "server error with a long wish": (answer(503, retry_after="7200"), ("robots", 503, timedelta(hours=2))),
    "broken compression": (failed("decode"), ("robots", None, timedelta(hours=1))),
    "the host's name is gone": (failed("dns"), ("dns", None, None)),
    "the host is a private one": (failed("private-address"), ("private-address", None, None)),
    "a redirect to a private address": (failed("private-address", 302), ("robots", 302, timedelta(hours=1))),
    "it redirects, and the other host is dead": (
        failed("connect", final_url="https://b.example/"),
        ("robots", None, timedelta(hours=1)),
    ),
    "refused connection": (failed("connect"), ("connect", None, None)),
    "too slow": (failed("timeout"), ("timeout", None, None)),
}


@pytest.mark.parametrize("case", AFTER)
def test_what_is_learnt_from_an_answer(case: str) -> None:
    got, expected = AFTER[case]
    known = learn(None, got, NOW)
    if isinstance(known.says, Rules):
        assert known.says.allow(PAGE) is expected
        assert known.until == NOW + timedelta(days=1)
        return
    _, _, wait = expected
    again = None if wait is None else NOW + wait
    assert (known.says.error, known.says.status, known.says.retry_at) == (*expected[:2], again)
    assert known.until == (again or NOW + timedelta(minutes=1))


def test_rules_that_were_read_hold_on_while_the_file_cannot_be_had() -> None:
    first = learn(None, answer(200, FORBIDS), NOW)
    later = learn(first, answer(500), NOW + timedelta(days=1))
    assert later.says is first.says
    assert later.until == NOW + timedelta(days=1, hours=1)


def test_after_thirty_days_without_it_everything_is_allowed_and_it_is_still_asked_for() -> None:
    known: Known | None = None
    for day in range(30):
        known = learn(known, answer(500), NOW + timedelta(days=day))
        assert isinstance(known.says, Failed)
    known = learn(known, answer(500), NOW + timedelta(days=30))
    assert isinstance(known.says, Rules) and known.says.allow(PAGE)
    assert known.until == NOW + timedelta(days=30, hours=1)


def test_an_answer_ends_the_count_of_days() -> None:
    known = learn(None, answer(500), NOW)
    known = learn(known, answer(200, b""), NOW + timedelta(days=29))
    known = learn(known, answer(500), NOW + timedelta(days=31))
    assert known.since == NOW + timedelta(days=31)


def test_a_rule_that_is_cut_at_the_limit_is_dropped() -> None:
    text = b"User-agent: *\nDisallow: /x\n" + b"#" * (robots.MAX_BYTES - 100) + b"\n"
    cut = (text + b"Disallow: /" + b"p" * 200)[: robots.MAX_BYTES]
    known = learn(None, answer(200, cut), NOW)
    assert isinstance(known.says, Rules)
    assert known.says.allow("https://a.example/" + "p" * 300) and not known.says.allow("https://a.example/x")


class Site:
    """Answers for robots.txt, and counts."""

    def __init__(self) -> None:
        self.now = NOW
        self.asked: list[str] = []
        self.robots = Robots(self.ask, lambda: self.now)

    async def ask(self, url: str) -> Answer | Failed:
        self.asked.append(url)
        await asyncio.sleep(0)
        return replace(answer(200, FORBIDS), url=url)


async def test_it_is_asked_for_once_a_day_and_once_at_a_time() -> None:
    site = Site()
    await asyncio.gather(*(site.robots.of(f"https://a.example/{number}") for number in range(5)))
    assert site.asked == ["https://a.example/robots.txt"]
    site.now += timedelta(hours=23, minutes=59)
    await site.robots.of(PAGE)
    assert len(site.asked) == 1
    site.now += timedelta(minutes=1)
    await site.robots.of(PAGE)
    assert len(site.asked) == 2


async def test_every_origin_has_its_own() -> None:
    site = Site()
    for url in ("http://a.example/x", "https://a.example/x", "https://a.example:8443/x", "https://b.example/x"):
        await site.robots.of(url)
    assert len(set(site.asked)) == 4


async def test_the_longest_unused_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Robots, "MAX_SITES", 2)
    site = Site()
    for host in ("a", "b", "a", "c", "a", "b"):
        await site.robots.of(f"https://{host}.example/")
    assert [url[8] for url in site.asked] == ["a", "b", "c", "b"]


# ------------------------------------------------------------------------------------------------ over a restart


async def test_what_was_read_within_a_day_is_not_asked_for_again() -> None:
    clock = Clock()
    kept: dict[str, RobotsTxt] = {}
    asked = []

    async def ask(url: str) -> Answer:
        asked.append(url)
        return Answer(url, 200, {}, b"User-agent: *\nDisallow: /secret\n")

    async def recall(origin: str) -> RobotsTxt | None:
        return kept.get(origin)

    def keep(file: RobotsTxt) -> None:
        kept[file.origin] = file

    url = "https://a.example/secret"
    await robots.Robots(ask, clock, recall, keep).of(url)
    clock.turn(3_600)
    again = await robots.Robots(ask, clock, recall, keep).of(url)
    assert isinstance(again.says, Rules) and not again.says.allow(url)
    assert asked == ["https://a.example/robots.txt"]
    clock.turn(86_400)
    await robots.Robots(ask, clock, recall, keep).of(url)
    assert len(asked) == 2


async def test_rules_from_before_hold_on_while_the_file_cannot_be_had() -> None:
    clock = Clock()

    async def ask(url: str) -> Answer:
        return Answer(url, 503, {})

    async def recall(origin: str) -> RobotsTxt:
        return RobotsTxt(origin, b"User-agent: *\nDisallow: /secret\n", clock.now, clock.now)

    known = await robots.Robots(ask, clock, recall).of("https://a.example/")
    assert isinstance(known.says, Rules) and not known.says.allow("https://a.example/secret")
