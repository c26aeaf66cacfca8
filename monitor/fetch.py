"""Ask for an address: politely, conditionally, within bounds.  What goes wrong is a value, never an exception.

    get(url, validators) -> Fetched | NotModified | Failed

    vet the address -> robots.txt of its host -> the host's turn -> the exchange, under the deadline
       ^                                                              |
       +-------------------------- redirect --------------------------+

Every hop of a redirect chain passes all of these; the deadline spans the exchanges of the whole chain, while waiting
for robots.txt and for turns has bounds of its own (robots.py, polite.py).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

import httpx

from . import __version__, endpoints, plain, urls
from .config import FetchSettings
from .model import Failed, Hold, Manners, Outcome, Redirect, RobotsTxt, Validators
from .web import answers, codings, connect, exchange, polite, robots
from .web.addresses import as_address, may_reach
from .web.answers import Answer
from .web.receipts import Ledger
from .web.robots import robots_allow
from .web.transport import vetted as way_out

__all__ = ["Fetcher", "robots_allow"]

NONE = Validators()
MAX_REDIRECTS = 10
MAX_AT_ONCE = 100  # requests under way

ACCEPT: Mapping[str, str] = {
    "html": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.5",
    "robots": "text/plain, */*;q=0.8",
}

FAULTS: tuple[tuple[type[Exception], str, str], ...] = (  # the most specific first
    (TimeoutError, "timeout", "{host} did not answer in full within {timeout_s:g} s"),
    (connect.PrivateAddress, "private-address", "{error}"),
    (connect.NameNotFound, "dns", "{error}"),
    (connect.TlsFailed, "tls", "no secure connection to {host} could be made: {error}"),
    (exchange.Disconnected, "truncated", "{host} closed the connection in the middle of the page"),
    (exchange.WrongLength, "truncated", "{host} sent more than it announced, so the page is cut short"),
    (codings.TooLarge, "too-large", "the page at {host} is larger than {limit}; see `max_body` in config.toml"),
    (codings.Truncated, "truncated", "{host} sent a compressed page that ends too early"),
    (codings.Undecodable, "decode", "{host} sent a page whose compression is broken: {error}"),
    (httpx.TimeoutException, "timeout", "{host} did not answer in full within {timeout_s:g} s"),
    # Nothing of what a proxy says is told: it may repeat the password.
    (httpx.ProxyError, "connect", "the proxy did not connect us to {host}; see `proxy` in config.toml"),
    (httpx.ConnectError, "connect", "no connection to {host}: refused, or the host cannot be reached"),
    (httpx.NetworkError, "connect", "{host} reset the connection before the page was complete"),
    (httpx.LocalProtocolError, "protocol", "no valid request to {host} can be made: {error}"),
    (httpx.RemoteProtocolError, "protocol", "{host} breaks the rules of the HTTP protocol: {error}"),
    (httpx.UnsupportedProtocol, "scheme", "the scheme of the address at {host} is not one that is read"),
    (httpx.InvalidURL, "protocol", "no valid request to {host} can be made: {error}"),
    (httpx.DecodingError, "decode", "{host} sent a page whose compression is broken"),
    (ssl.SSLError, "tls", "the secure connection to {host} broke: {error}"),
    (OSError, "connect", "no connection to {host}: {error}"),
    (httpx.HTTPError, "protocol", "{host} could not be asked: {error}"),
)
"""Foreign exception -> error class -> sentence."""


class _Refused(Exception):
    """A hop that is not made, or led nowhere."""

    def __init__(
        self,
        error: str,
        why: str,
        status: int | None = None,
        retry_at: datetime | None = None,
        *,
        asked: bool = True,
    ) -> None:
        super().__init__(why)
        self.error, self.why, self.status, self.retry_at, self.asked = error, why, status, retry_at, asked


@dataclass(frozen=True, slots=True)
class _Bounds:
    """limit_bytes: of a body; cut: keep what fits of a larger one; timeout_s: of the chain; redirects: at most."""

    limit_bytes: int
    timeout_s: float
    redirects: int
    cut: bool = False


@dataclass(slots=True)
class _Chain:
    """A request on its way: where it is, the time left for its exchanges, the addresses asked so far, and their say."""

    at: str
    left_s: float
    asked: set[str] = field(default_factory=set)
    redirects: list[Redirect] = field(default_factory=list)


async def _forgetful(_: str) -> RobotsTxt | None:
    return None


class Fetcher:
    """Asks for addresses; one for the whole program, so that every host has one queue.

    settings   see config.FetchSettings
    contact    goes into the User-Agent; "": none
    now        the wall clock, aware and in UTC
    steady     seconds that pass whatever that is set to
    sleep      how to wait for a site's turn
    recall     gives the robots.txt of an origin as it was last kept; None: it never was
    holds      hosts that are to be left alone, from before
    transport  makes the connections; None: web.transport's.  Closed together with the fetcher.
    Raises     ConfigError if certificate files cannot be read
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        contact: str,
        now: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        recall: Callable[[str], Awaitable[RobotsTxt | None]] = _forgetful,
        holds: Iterable[Hold] = (),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings, self._now = settings, now
        self._hosts = polite.Hosts(now, steady, sleep, holds)
        self._ledger = Ledger()
        self._robots = robots.Robots(self._ask_robots, now, recall, self._ledger.read)
        self._room = asyncio.Semaphore(MAX_AT_ONCE)
        self._connections = transport or way_out(settings)
        self._headers = ((b"User-Agent", _who(contact).encode()), (b"Accept-Encoding", codings.ACCEPTED.encode()))
        self._page = _Bounds(settings.max_body_bytes, settings.timeout_s, MAX_REDIRECTS)
        self._robots_txt = _Bounds(robots.MAX_BYTES, settings.timeout_s, robots.MAX_REDIRECTS, cut=True)

    async def get(self, url: str, validators: Validators = NONE, *, accept: str = "html") -> Outcome:
        """Ask for a page; nothing but cancellation is raised.

        validators  of the version that is known: "has it changed?"
        accept      "html" or "feed": what is preferred, where a server has several
        """
        headers = {"accept": ACCEPT[accept], **answers.conditions(validators)}
        chain = _Chain(url, self._page.timeout_s)
        got = await self._follow(chain, headers, self._page, obey=self._settings.robots)
        if isinstance(got, Failed):
            return got
        shown, ms = _host(got.url), _ms(self._page.timeout_s - chain.left_s)
        return answers.outcome(
            url, got, validators, host=shown, now=self._now(), ms=ms, redirects=tuple(chain.redirects)
        )

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the web addresses that the Sitemap lines of the robots.txt at an address's origin name.

        Empty where there are none, or where robots.txt cannot be had.
        """
        try:
            base = self._vet(url)
            self._hosts.check(_host(base))
            says = (await self._robots.of(base)).says
        except (_Refused, polite.Held):
            return ()
        return () if isinstance(says, Failed) else _web_addresses(says.sitemaps, base)

    def manners(self) -> Manners:
        """Return what politeness is to remember since it was last asked: receipts, robots.txt files, holds."""
        return self._ledger.emptied()

    def recall(self, holds: Iterable[Hold]) -> None:
        """Go by these holds and by the robots.txt files as they are kept, when the clock was set back."""
        self._hosts.set_back(holds)
        self._robots.forget()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._connections.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # ------------------------------------------------------------------------------------------------ a chain

    async def _follow(
        self, chain: _Chain, headers: Mapping[str, str], bounds: _Bounds, *, obey: bool
    ) -> Answer | Failed:
        """Return the answer at the end of a redirect chain, or what was in the way."""
        url = chain.at
        try:
            return await self._walk(chain, headers, bounds, obey=obey)
        except _Refused as refused:
            no = refused
        except polite.Held as held:
            no = _Refused("status", f"{held}; nothing was asked", held.status, held.until, asked=False)
        except polite.NoTurn as late:
            no = _Refused("timeout", str(late), asked=False)
        except tuple(foreign for foreign, _, _ in FAULTS) as fault:
            no = _Refused(*_told(fault, chain.at, bounds))
        ms = _ms(bounds.timeout_s - chain.left_s)
        return Failed(url, chain.at, self._now(), no.error, no.why, no.status, no.retry_at, ms, no.asked)

    async def _walk(self, chain: _Chain, headers: Mapping[str, str], bounds: _Bounds, *, obey: bool) -> Answer:
        chain.at = self._vet(chain.at)
        while True:
            self._hosts.check(_host(chain.at))
            crawl_delay_s = await self._permitted(chain.at) if obey else 0.0
            chain.asked.add(chain.at)
            pause_s = max(self._settings.per_host_delay_s, crawl_delay_s, endpoints.pause_s(_host(chain.at)))
            answer = await self._in_turn(chain, headers, bounds, pause_s)
            target = answers.location(answer)
            if target is None:
                return answer
            chain.redirects.append(Redirect(chain.at, answer.status))
            chain.at = self._next(chain, target, answer.status, bounds.redirects)

    async def _in_turn(self, chain: _Chain, headers: Mapping[str, str], bounds: _Bounds, delay_s: float) -> Answer:
        """Send one request when its site may be asked, take note of what the answer wants, and write a receipt."""
        host, answer = _host(chain.at), None
        async with self._hosts.turn(host, urls.site_of(host), delay_s) as paused_s:
            try:
                answer = await self._exchange(chain, headers, bounds)
                asked_for = answers.retry_at(answer.headers, self._now()) if answer.status in polite.BUSY else None
                if hold := self._hosts.answered(host, answer.status, asked_for):
                    self._ledger.held(hold)
                return answer
            finally:
                self._ledger.asked(
                    host,
                    self._now(),
                    status=answer.status if answer else None,
                    received_bytes=answer.received_bytes if answer else 0,
                    delay_s=delay_s,
                    paused_s=paused_s,
                )

    def _next(self, chain: _Chain, target: str, status: int, most: int) -> str:
        """Return where a redirect leads; a failure is one of the page that redirects."""
        host = _host(chain.at)
        try:
            following = self._vet(urls.resolve(target, chain.at))
        except ValueError:
            raise _Refused("redirect", f"{host} redirects to something that is not an address", status) from None
        except _Refused as refused:
            raise _Refused(refused.error, f"{host} redirects to where we do not go: {refused.why}", status) from None
        if following in chain.asked:
            raise _Refused(
                "redirect", f"{host} redirects in a circle (it may want cookies, which are not kept)", status
            )
        if len(chain.asked) > most:
            raise _Refused("redirect", f"{host} redirects more than {most} times", status)
        return following

    def _vet(self, url: str) -> str:
        """Return an address as it is asked for: absolute, without fragment.  Raises _Refused."""
        try:
            text = urls.resolve(url)
        except ValueError as error:
            raise _Refused("scheme", f"{error}; only http and https addresses are read") from None
        if not text.startswith(("http://", "https://")):
            raise _Refused("scheme", f'the scheme "{text.partition(":")[0]}" is not read, only http and https')
        if len(text) > urls.MAX_LENGTH:
            raise _Refused("scheme", f"the address at {_host(text)} is longer than {urls.MAX_LENGTH} characters")
        host = _host(text)
        if "@" in text.split("/", 3)[2]:
            raise _Refused("scheme", f"the address at {host} holds a user name or password, which are never sent")
        # What is written in numbers needs no name server: refuse it before its robots.txt is asked for.  Behind a
        # proxy, which resolves the names, this is all that can be vetted.
        name = urls.without_port(host)
        address = as_address(name)
        if address is not None and not may_reach(address, self._settings.allow_networks):
            raise _Refused("private-address", str(connect.refusal(name, [address])))
        return text.partition("#")[0]

    # ---------------------------------------------------------------------------------------------- politeness

    async def _permitted(self, url: str) -> float:
        """Return the seconds that the site wants between two requests.  Raises _Refused if it wants none of this."""
        known = await self._robots.of(url)
        if isinstance(known.says, Failed):
            no = known.says
            raise _Refused(no.error, no.why, no.status, no.retry_at, asked=no.asked)
        if not known.says.allow(url):
            self._ledger.left_unasked(_host(url), self._now())
            why = f"the robots.txt of {_host(url)} asks programs not to read this page"
            raise _Refused("robots", why, retry_at=known.until)
        return known.says.crawl_delay_s

    async def _ask_robots(self, url: str) -> Answer | Failed:
        chain = _Chain(url, self._robots_txt.timeout_s)
        got = await self._follow(chain, {"accept": ACCEPT["robots"]}, self._robots_txt, obey=False)
        return got

    # ------------------------------------------------------------------------------------------------ exchange

    async def _exchange(self, chain: _Chain, headers: Mapping[str, str], bounds: _Bounds) -> Answer:
        """Send one request and take the answer in, within what is left of the chain's time."""
        clock = asyncio.get_running_loop().time
        async with self._room:
            began = clock()
            try:
                async with asyncio.timeout(max(chain.left_s, 0.0)):
                    return await self._send(chain.at, headers, bounds)
            finally:
                chain.left_s -= clock() - began

    async def _send(self, url: str, headers: Mapping[str, str], bounds: _Bounds) -> Answer:
        """Ask the transport itself: of what httpx.AsyncClient adds (cookies, redirects, log-ins) nothing is wanted."""
        asked = [*self._headers, *((name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items())]
        request = httpx.Request("GET", _parsed(url), headers=asked)
        response = await self._connections.handle_async_request(request)
        try:
            answer = Answer(url, response.status_code, answers.headers_of(response.headers.raw))
            if answer.status in answers.WHOLE:
                body = await _body(response, answer.headers, bounds)
                return replace(answer, body=body.decoded(), received_bytes=body.received)
            return answer
        finally:
            await response.aclose()


async def _body(response: httpx.Response, headers: Mapping[str, str], bounds: _Bounds) -> codings.Body:
    """Take a body in.  Raises codings.CodingError, httpx errors."""
    length = headers.get("content-length", "")
    if not bounds.cut and length.isdecimal() and int(length[:20]) > bounds.limit_bytes:
        raise codings.TooLarge
    body = codings.Body(headers.get("content-encoding"), bounds.limit_bytes)
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):  # pragma: no cover  (httpx promises it)
        raise TypeError("a response without an asynchronous body")
    try:
        async for chunk in stream:
            body.feed(chunk)
        body.finish()
    except codings.TooLarge:
        if not bounds.cut:
            raise
    return body


def _who(contact: str) -> str:
    """Return the User-Agent: who asks, and how the one who runs it can be reached."""
    agent = f"{robots.PRODUCT_TOKEN}/{__version__}" + (f" (+{contact})" if contact else "")
    return agent.encode("ascii", "ignore").decode()


def _told(fault: Exception, url: str, bounds: _Bounds) -> tuple[str, str]:
    """Return the error class of an exception and the sentence for it."""
    error, sentence = next((error, why) for kind, error, why in FAULTS if isinstance(fault, kind))
    why = sentence.format(
        host=_host(url),
        error=_short(str(fault)),
        timeout_s=bounds.timeout_s,
        limit=f"{bounds.limit_bytes / 1e6:g} MB",
    )
    return error, why


def _short(message: str) -> str:
    """Return what a library or a server said, fit to be shown: one line, not long."""
    line = plain.line(message)
    return line if len(line) <= 200 else f"{line[:200]}..."


@lru_cache(maxsize=4_096)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)


def _host(url: str) -> str:
    """Return the host of a serialised http address, with its port; never a user name."""
    return url.split("/", 3)[2].rpartition("@")[2]


def _web_addresses(written: tuple[str, ...], base: str) -> tuple[str, ...]:
    found = []
    for text in written:
        with suppress(ValueError):
            address = urls.resolve(text, base)
            if address.startswith(("http://", "https://")):
                found.append(address)
    return tuple(dict.fromkeys(found))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
