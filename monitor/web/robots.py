"""robots.txt: what a site asks of programs, remembered for a day.

    answer to /robots.txt + what was known + now -> Known: rules, or why nothing may be asked for the time being

Source: RFC 9309, section 2.3; what the file says is read in rules.py.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ..model import Failed, RobotsTxt
from .answers import Answer, retry_at, status_name
from .rules import Rules

PRODUCT_TOKEN = "story-monitor"  # noqa: S105  (a robots.txt speaks to us by this name)
MAX_BYTES = 500 * 1024  # RFC 9309, section 2.5: at least this much is read
MAX_REDIRECTS = 5  # section 2.3.1.2
FRESH = timedelta(days=1)  # section 2.4

RETRY_REFUSED = timedelta(hours=1)  # after an answer that says "not now"
RETRY_UNREACHED = timedelta(minutes=1)  # after none: then the page could not be had either, and its own retry counts
ALLOWED_AFTER = timedelta(days=30)  # section 2.3.1.4: unreachable for so long is as good as none

_NOT_REACHABLE = frozenset({"dns", "tls", "private-address"})
_NOT_REACHED = frozenset({"connect", "timeout", "protocol"})
"""Failures that a page on the same host would meet too: told as what they are, not as a matter of robots.txt."""


def robots_allow(robots_txt: bytes, user_agent: str, url: str) -> bool:
    """Tell whether a robots.txt lets a program ask for an address.

    user_agent  its product token, or a User-Agent header that begins with it and its version
    """
    return Rules(robots_txt, user_agent).allow(url)


# ------------------------------------------------------------------------------------------------- what is known


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a site's robots.txt.

    says   its rules; Failed: nothing may be asked for, and why
    until  when it is asked for again
    since  when it could first not be had, of an unbroken series; None: it could
    text   what was read; None: nothing was
    """

    says: Rules | Failed
    until: datetime
    since: datetime | None = None
    text: bytes | None = None


def learn(known: Known | None, got: Answer | Failed, now: datetime) -> Known:
    """Return what is known after an attempt to read a robots.txt.

    known  from before; rules that were once read hold on while the file cannot be had
    Source RFC 9309, section 2.3.1
    """
    if isinstance(got, Answer) and 200 <= got.status < 300:
        return _read(_whole_lines(got.body or b""), now + FRESH)
    if _is_unavailable(got):
        return _read(b"", now + FRESH)
    since = known.since if known and known.since else now
    trouble = _trouble(got, now)
    until = trouble.retry_at or now + RETRY_UNREACHED
    if now - since >= ALLOWED_AFTER:
        return Known(Rules(b"", PRODUCT_TOKEN), until, since)
    return Known(known.says if known and isinstance(known.says, Rules) else trouble, until, since)


def _read(text: bytes, until: datetime) -> Known:
    return Known(Rules(text, PRODUCT_TOKEN), until, text=text)


def _is_unavailable(got: Answer | Failed) -> bool:
    """Tell whether there is no robots.txt: then everything may be asked for.

    429 means "later", as 5xx does (so do Google and Bing), although it is a 4xx.
    """
    if isinstance(got, Failed):
        return got.error in ("redirect", "scheme")
    return 300 <= got.status < 500 and got.status != 429


def _trouble(got: Answer | Failed, now: datetime) -> Failed:
    """Return the failure of every page of a site whose robots.txt cannot be had."""
    if isinstance(got, Failed):
        at_home = got.status is None and _host(got.final_url) == _host(got.url)
        if at_home and got.error in _NOT_REACHABLE:
            return replace(got, at=now)
        why = f"robots.txt comes first and could not be read: {got.why}"
        if at_home and got.error in _NOT_REACHED:
            return replace(got, at=now, why=why)
        return replace(got, at=now, error="robots", why=why, retry_at=_later(got.retry_at, now))
    why = (
        f"{_host(got.url)} answered {status_name(got.status)} for its robots.txt, so no page may be asked for "
        "until it can be read"
    )
    again = _later(retry_at(got.headers, now), now)
    return Failed(got.url, got.url, now, "robots", why, got.status, again)


def _later(asked: datetime | None, now: datetime) -> datetime:
    return max(asked or now, now + RETRY_REFUSED)


def _whole_lines(body: bytes) -> bytes:
    """Drop a rule that was cut at the limit: half of it would forbid more than the whole."""
    if len(body) < MAX_BYTES:
        return body
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]


def _host(url: str) -> str:
    return urlsplit(url).netloc


async def _forgetful(_: str) -> RobotsTxt | None:
    return None


class Robots:
    """The robots.txt of every site lately visited, each asked for once at a time and once a day.

    ask     reads the file at an address, redirects followed, at most MAX_BYTES of it
    now     the clock
    recall  gives the file of an origin as it was last kept, perhaps by an earlier process; None: it never was
    keep    is told of each file that was read
    """

    MAX_SITES = 2_000  # remembered; the longest unused is forgotten first

    def __init__(
        self,
        ask: Callable[[str], Awaitable[Answer | Failed]],
        now: Callable[[], datetime],
        recall: Callable[[str], Awaitable[RobotsTxt | None]] = _forgetful,
        keep: Callable[[RobotsTxt], None] = lambda _: None,
    ) -> None:
        self._ask, self._now, self._recall, self._keep = ask, now, recall, keep
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._asking: dict[str, asyncio.Lock] = {}

    async def of(self, url: str) -> Known:
        """Return what the robots.txt of an address's origin says, asking for it where that is not known."""
        origin = "/".join(url.split("/", 3)[:3])
        known = self._known.get(origin)
        if known is not None and self._now() < known.until:
            self._known.move_to_end(origin)
            return known
        lock = self._asking.setdefault(origin, asyncio.Lock())
        try:
            async with lock:
                return await self._learnt(origin)
        finally:
            if not lock.locked():
                self._asking.pop(origin, None)

    async def _learnt(self, origin: str) -> Known:
        """Return what is known of an origin after all was done to know it."""
        known = self._known.get(origin) or await self._recalled(origin)
        if known is None or known.until <= self._now():
            got = await self._ask(f"{origin}/robots.txt")
            known = await asyncio.to_thread(learn, known, got, self._now())  # half a megabyte of rules takes a while
            if known.text is not None:
                self._keep(RobotsTxt(origin, known.text, self._now(), known.until))
        self._known[origin] = known
        while len(self._known) > self.MAX_SITES:
            self._known.popitem(last=False)
        return known

    async def _recalled(self, origin: str) -> Known | None:
        kept = await self._recall(origin)
        return _read(kept.text, kept.until) if kept else None

    def forget(self) -> None:
        """Recall every file when it is wanted next."""
        self._known.clear()
