import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from ipaddress import ip_network

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import FetchSettings
from monitor.fetch import FAULTS, Fetcher
from monitor.model import Failed, Fetched, NotModified, Outcome, Validators
from monitor.web import codings, connect, polite, transport

from .clock import START, Clock
from .origin import Behaviour, Origin, Request, endless, page, raw, redirect, silent

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as made:
        yield made


Make = Callable[..., Fetcher]


@pytest.fixture
async def make(clock: Clock) -> AsyncIterator[Make]:
    """Make a fetcher with these settings; real connections to 127.0.0.1 unless a transport is given."""
    made: list[Fetcher] = []

    def fetcher(connections: httpx.AsyncBaseTransport | None = None, contact: str = "", **settings: object) -> Fetcher:
        defaults = {"allow_networks": (ip_network("127.0.0.1/32"),), "per_host_delay_s": 0.0, "robots": False}
        chosen = FetchSettings(**{**defaults, **settings})  # type: ignore[arg-type]
        # As vetted() makes it, less the reading of all authorities' certificates for each test.
        plain = connections or transport.Transport(NO_TLS, chosen.allow_networks, connect.resolve)
        made.append(
            Fetcher(chosen, contact=contact, now=clock, steady=clock.steady, sleep=clock.sleep, transport=plain)
        )
        return made[-1]

    yield fetcher
    for each in made:
        await each.aclose()


def failed(outcome: Outcome, error: str) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert (outcome.error, outcome.at) == (error, START), outcome.why
    return outcome


def fetched(outcome: Outcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


# ------------------------------------------------------------------------------------------------------ one page


async def test_a_page_comes_back_whole(make: Make, origin: Origin) -> None:
    packed = gzip.compress(b"<h1>News</h1>")
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip", "Cache-Control": "max-age=60"}
    headers |= {"ETag": 'W/"1"', "Last-Modified": "Mon, 09 Aug 2021 07:00:00 GMT"}
    origin.paths["/a"] = page(packed, headers=headers)
    got = fetched(await make().get(origin.url("/a#part")))
    assert (got.url, got.final_url, got.status, got.at) == (origin.url("/a#part"), origin.url("/a"), 200, START)
    assert (got.body, got.content_type, got.fresh_s) == (b"<h1>News</h1>", "text/html", 60.0)
    assert got.validators == Validators('W/"1"', "Mon, 09 Aug 2021 07:00:00 GMT")
    assert got.ms >= 0


async def test_connections_are_vetted_unless_others_are_given(origin: Origin) -> None:
    async with Fetcher(FetchSettings(), contact="", now=Clock()) as fetch:
        failed(await fetch.get(origin.url()), "private-address")
        failed(await fetch.get(f"http://localhost:{origin.port}/"), "private-address")
    assert origin.requests == []


async def test_who_asks_and_what_for(make: Make, origin: Origin) -> None:
    origin.paths["/"] = page()
    await make(contact="mailto:desk@example.org").get(origin.url())
    await make().get(origin.url(), accept="feed")
    first, second = (request.headers for request in origin.requests)
    assert first["user-agent"].startswith("story-monitor/")
    assert first["user-agent"].endswith(" (+mailto:desk@example.org)")
    assert first["accept"].startswith("text/html")
    assert first["accept-encoding"] == codings.ACCEPTED
    assert "(" not in second["user-agent"]
    assert second["accept"].startswith("application/rss+xml")
    assert not {"cookie", "authorization", "if-none-match", "if-modified-since", "referer"} & set(first)


async def test_a_page_that_did_not_change(make: Make, origin: Origin) -> None:
    async def conditional(request: Request, writer: asyncio.StreamWriter) -> None:
        same = request.headers.get("if-none-match") == 'W/"1"' and request.headers.get("if-modified-since") == "once"
        headers = {"ETag": 'W/"1"', "Last-Modified": "once"}
        await page(status="304 Not Modified" if same else "200 OK", body="" if same else "a", headers=headers)(
            request, writer
        )

    origin.paths["/"] = conditional
    fetch = make()
    first = fetched(await fetch.get(origin.url()))
    again = await fetch.get(origin.url(), first.validators)
    assert isinstance(again, NotModified)
    assert (again.validators, again.status, again.at) == (first.validators, 304, START)
    fetched(await fetch.get(origin.url()))
    assert {request.connection for request in origin.requests} == {1}, "a 304 leaves the connection usable"


async def test_not_modified_without_being_asked_is_a_fault(make: Make, origin: Origin) -> None:
    origin.paths["/"] = page("", status="304 Not Modified")
    assert "304" in failed(await make().get(origin.url()), "protocol").why


# ------------------------------------------------------------------------------------------------------- bounds

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


async def reset(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


FAULTY: dict[str, tuple[Behaviour, str]] = {
    "a body without end": (endless(HEAD + b"\r\n", b"x" * 10_000), "too-large"),
    "a length beyond the limit": (raw(HEAD + b"Content-Length: 99999999\r\n\r\n", close=False), "too-large"),
    "a bomb": (page(gzip.compress(bytes(5_000_000)), headers={"Content-Encoding": "gzip"}), "too-large"),
    "a body shorter than announced": (raw(HEAD + b"Content-Length: 50\r\n\r\nhalf of"), "truncated"),
    "a body longer than announced": (raw(HEAD + b"Content-Length: 5\r\n\r\nfirst, second"), "truncated"),
    "chunks without the last": (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), "truncated"),
    "compressed, and cut": (page(gzip.compress(b"page " * 99)[:20], headers={"Content-Encoding": "gzip"}), "truncated"),
    "compressed, and broken": (
        page(gzip.compress(b"page")[:-8] + bytes(8), headers={"Content-Encoding": "gzip"}),
        "decode",
    ),
    "a reset connection": (reset, "connect"),
    "no HTTP": (raw(b"HELLO WORLD\r\n\r\n"), "protocol"),
    "no answer": (raw(b""), "protocol"),
    "two lengths": (raw(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), "protocol"),
    "headers without end": (endless(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n" * 1_000), "protocol"),
    "no content": (page("", status="204 No Content"), "status"),
    "no such page": (page("", status="404 Not Found"), "status"),
    "a part of the page": (page("part", status="206 Partial Content"), "status"),
}


@pytest.mark.parametrize("case", FAULTY)
async def test_faulty_servers_give_a_named_failure(case: str, make: Make, origin: Origin) -> None:
    behaviour, error = FAULTY[case]
    origin.paths["/"] = behaviour
    got = failed(await make(max_body_bytes=1_000_000).get(origin.url()), error)
    assert f"127.0.0.1:{origin.port}" in got.why


async def test_a_page_of_exactly_the_limit(make: Make, origin: Origin) -> None:
    origin.paths["/"] = page(b"x" * 1_000)
    assert len(fetched(await make(max_body_bytes=1_000).get(origin.url())).body) == 1_000
    failed(await make(max_body_bytes=999).get(origin.url()), "too-large")


async def test_nobody_listens(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        got = await make().get(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert "no connection" in failed(got, "connect").why


@pytest.mark.parametrize("behaviour", [silent, raw(HEAD + b"Content-Length: 9\r\n\r\nslow", close=False)])
async def test_the_deadline_spans_headers_and_body(behaviour: Behaviour, make: Make, origin: Origin) -> None:
    origin.paths["/"] = behaviour
    got = failed(await make(timeout_s=0.05).get(origin.url()), "timeout")
    assert "within 0.05 s" in got.why and got.ms >= 50


async def test_the_deadline_spans_the_redirects(make: Make, origin: Origin) -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.03)
        await redirect(request.path + "x")(request, writer)

    class Slow(dict[str, Behaviour]):
        def get(self, key: str, default: object = None) -> Behaviour:  # type: ignore[override]
            return slow

    origin.paths = Slow()
    failed(await make(timeout_s=0.1).get(origin.url()), "timeout")
    assert 2 <= len(origin.requests) <= 4


async def test_cancelling_is_no_failure_and_gives_the_turn_back(make: Make, origin: Origin) -> None:
    asked = asyncio.Event()

    async def asked_and_silent(request: Request, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await silent(request, writer)

    origin.paths = {"/": asked_and_silent, "/next": page()}
    fetch = make()
    task = asyncio.create_task(fetch.get(origin.url()))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    fetched(await fetch.get(origin.url("/next")))


# ---------------------------------------------------------------------------------------------------- redirects


async def test_redirects_are_followed(make: Make, origin: Origin) -> None:
    statuses = ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    for number, status in enumerate(statuses):
        origin.paths[f"/{number}"] = redirect(f"/{number + 1}#part", status)
    origin.paths["/5"] = page("there")
    got = fetched(await make().get(origin.url("/0")))
    assert (got.url, got.final_url, got.body) == (origin.url("/0"), origin.url("/5"), b"there")


AWAY = {
    "in a circle": ("/", "redirect", "circle"),
    "nowhere": ("", "redirect", "without saying where"),
    "to something that is no address": ("http://[bad/", "redirect", "not an address"),
    "to a file": ("file:///etc/passwd", "scheme", '"file"'),
    "to a script": ("javascript:alert(1)", "scheme", '"javascript"'),
    "to data": ("data:text/html,x", "scheme", '"data"'),
    "with a user name": ("http://user:pass@127.0.0.1/", "scheme", "user name"),
    "to a private address": ("http://192.168.0.1/", "private-address", "192.168.0.1"),
    "… as one number": ("http://3232235521/", "private-address", "192.168.0.1"),
    "… octal": ("http://0300.0250.0.1/", "private-address", "192.168.0.1"),
    "… in full-width digits": ("http://１９２.１６８.０.１/", "private-address", "192.168.0.1"),
    "… with a tab": ("ht\ttp://192.168.0.1/", "private-address", "192.168.0.1"),
    "… without its scheme": ("//192.168.0.1/", "private-address", "192.168.0.1"),
    "… behind a backslash": ("http://192.168.0.1\\@127.0.0.1/", "private-address", "192.168.0.1"),
    "… as mapped IPv6": ("http://[::ffff:192.168.0.1]/", "private-address", "::ffff"),
    "to the metadata service": ("http://169.254.169.254/latest", "private-address", "169.254.169.254"),
}


@pytest.mark.parametrize("case", AWAY)
async def test_redirects_that_are_not_followed(case: str, make: Make, origin: Origin) -> None:
    target, error, words = AWAY[case]
    origin.paths["/"] = redirect(target.encode().decode("latin-1"))
    got = failed(await make().get(origin.url()), error)
    assert words in got.why
    assert "pass@" not in got.why
    assert (got.status, got.final_url, len(origin.requests)) == (302, origin.url(), 1)


async def test_ten_redirects_are_followed_and_not_one_more(make: Make, origin: Origin) -> None:
    for number in range(11):
        origin.paths[f"/{number}"] = redirect(f"/{number + 1}")
    origin.paths["/11"] = page("there")
    fetched(await make().get(origin.url("/1")))
    assert "more than 10" in failed(await make().get(origin.url("/0")), "redirect").why


async def test_no_cookie_is_sent_back_or_kept(make: Make, origin: Origin) -> None:
    origin.paths = {
        "/": page("", status="302 Found", headers={"Location": "/to", "Set-Cookie": "sid=1"}),
        "/to": page(),
    }
    fetch = make()
    got = fetched(await fetch.get(origin.url()))
    await fetch.get(origin.url())
    assert all("cookie" not in request.headers for request in origin.requests)
    assert "set-cookie" not in got.headers


REFUSED = {
    "a file": ("file:///etc/passwd", "scheme", '"file"'),
    "mail": ("mailto:a@example.org", "scheme", '"mailto"'),
    "no address": ("not an address", "scheme", "not an address"),
    "nothing": ("", "scheme", "not an address"),
    "a relative one": ("/page.html", "scheme", "not an address"),
    "with a password": ("http://me:secret@news.test/", "scheme", "user name"),
    "longer than any": ("http://news.test/" + "x" * 9_000, "scheme", "longer than"),
    "private": ("http://10.0.0.1/", "private-address", "10.0.0.1"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_addresses_that_are_not_asked(case: str, make: Make) -> None:
    url, error, words = REFUSED[case]
    got = failed(await make(httpx.MockTransport(lambda _: httpx.Response(200))).get(url), error)
    assert words in got.why and "secret" not in got.why
    assert got.status is None


# ---------------------------------------------------------------------------------------------------- politeness

SECRET = page("User-agent: *\nDisallow: /secret\n")


async def test_robots_txt_comes_first_and_is_obeyed_unless_ignored(make: Make, origin: Origin) -> None:
    origin.paths = {"/robots.txt": SECRET, "/secret": page(), "/open": page()}
    fetch = make(robots=True)
    got = failed(await fetch.get(origin.url("/secret")), "robots")
    assert got.retry_at == START + timedelta(days=1)
    fetched(await fetch.get(origin.url("/open")))
    assert origin.asked == ["/robots.txt", "/open"]
    fetched(await make(robots=False).get(origin.url("/secret")))


async def test_a_redirect_to_another_host_asks_that_hosts_robots_txt(make: Make, origin: Origin) -> None:
    async with Origin({"/robots.txt": SECRET, "/secret": page()}) as other:
        origin.paths["/"] = redirect(other.url("/secret"))
        got = failed(await make(robots=True).get(origin.url()), "robots")
    assert got.final_url == other.url("/secret")
    assert other.asked == ["/robots.txt"]


async def test_while_robots_txt_fails_nothing_is_asked(make: Make, origin: Origin, clock: Clock) -> None:
    origin.paths = {"/robots.txt": page("", status="503 Service Unavailable"), "/": page()}
    fetch = make(robots=True)
    got = failed(await fetch.get(origin.url()), "robots")
    assert (got.status, got.retry_at) == (503, START + timedelta(hours=1))
    failed(await fetch.get(origin.url()), "robots")
    assert origin.asked == ["/robots.txt"]
    origin.paths["/robots.txt"] = page("")
    clock.turn(3_600)
    fetched(await fetch.get(origin.url()))


async def test_a_host_that_cannot_be_reached_is_not_a_matter_of_robots_txt(make: Make) -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    got = failed(await make(httpx.MockTransport(unreachable), robots=True).get("http://news.test/"), "connect")
    assert got.retry_at is None


async def test_of_a_huge_robots_txt_the_beginning_counts(make: Make, origin: Origin) -> None:
    rules = b"User-agent: *\nDisallow: /secret\n" + b"# filler\n" * 200_000
    packed = page(gzip.compress(rules), headers={"Content-Encoding": "gzip"})
    origin.paths = {"/robots.txt": packed, "/secret": page(), "/open": page()}
    fetch = make(robots=True)
    failed(await fetch.get(origin.url("/secret")), "robots")
    fetched(await fetch.get(origin.url("/open")))


async def test_five_redirects_of_robots_txt_are_followed(make: Make, origin: Origin) -> None:
    origin.paths = {f"/{number}": redirect(f"/{number + 1}") for number in range(1, 9)}
    origin.paths |= {"/robots.txt": redirect("/1"), "/secret": page()}
    origin.paths["/5"] = SECRET
    failed(await make(robots=True).get(origin.url("/secret")), "robots")
    origin.paths["/5"], origin.paths["/6"] = redirect("/6"), SECRET
    fetched(await make(robots=True).get(origin.url("/secret")))


async def test_sitemaps_of_robots_txt(make: Make, origin: Origin) -> None:
    lines = "Sitemap: /news.xml\nSitemap: https://b.example/all.xml\nSitemap: file:///etc/passwd\nSitemap: http://[\n"
    origin.paths["/robots.txt"] = page(lines)
    fetch = make(robots=False)
    assert await fetch.sitemaps(origin.url("/section/")) == (origin.url("/news.xml"), "https://b.example/all.xml")
    assert await fetch.sitemaps("http://10.0.0.1/") == ()
    assert await fetch.sitemaps(f"http://127.0.0.1:{origin.port + 1 if origin.port < 65_000 else 9}/") == ()


async def test_a_host_is_asked_one_at_a_time_with_a_pause_after_each(make: Make, origin: Origin, clock: Clock) -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.002)
        await page()(request, writer)

    origin.paths["/"] = slow
    fetch = make(per_host_delay_s=2.0)
    await asyncio.gather(*(fetch.get(origin.url()) for _ in range(5)))
    assert origin.most_at_once == 1
    assert clock.slept == [2.0] * 4
    assert {request.connection for request in origin.requests} == {1}, "the connection is kept between them"


async def test_a_line_that_is_too_long_is_a_failure(
    make: Make, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polite, "LONGEST_WAIT_S", 0.01)
    origin.paths["/"] = silent
    fetch = make(timeout_s=0.1)
    _, second = await asyncio.gather(fetch.get(origin.url()), fetch.get(origin.url()))
    assert "wait for their turn" in failed(second, "timeout").why


async def test_different_hosts_are_asked_at_the_same_time(make: Make, origin: Origin, clock: Clock) -> None:
    both_asked = asyncio.Barrier(2)

    async def meet(request: Request, writer: asyncio.StreamWriter) -> None:
        await both_asked.wait()
        await page()(request, writer)

    origin.paths["/"] = meet
    async with Origin({"/": meet}) as other:
        fetch = make(per_host_delay_s=2.0, timeout_s=2.0)
        for got in await asyncio.gather(fetch.get(origin.url()), fetch.get(other.url())):
            fetched(got)
    assert clock.slept == []


async def test_a_crawl_delay_that_asks_more_wins_and_is_capped(make: Make, origin: Origin, clock: Clock) -> None:
    origin.paths = {"/robots.txt": page("User-agent: *\nCrawl-delay: 9\n"), "/": page()}
    fetch = make(robots=True, per_host_delay_s=2.0)
    await fetch.get(origin.url())
    await fetch.get(origin.url())
    assert clock.slept == [9.0, 9.0], "robots.txt is a request too"
    origin.paths["/robots.txt"] = page("User-agent: *\nCrawl-delay: 86400\n")
    clock.turn(86_400)
    await fetch.get(origin.url())
    await fetch.get(origin.url())
    assert clock.slept[-1] == 60.0


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_retry_after_holds_the_whole_host(status: str, make: Make, origin: Origin, clock: Clock) -> None:
    origin.paths = {"/busy": page("", status=status, headers={"Retry-After": "120"}), "/": page()}
    fetch = make()
    until = START + timedelta(minutes=2)
    assert failed(await fetch.get(origin.url("/busy")), "status").retry_at == until
    held = failed(await fetch.get(origin.url()), "status")
    assert (held.retry_at, held.status) == (until, int(status[:3]))
    assert "until 2021-08-09 00:02:00 UTC" in held.why
    assert await fetch.sitemaps(origin.url()) == ()
    assert origin.asked == ["/busy"]
    clock.turn(120)
    fetched(await fetch.get(origin.url()))


async def test_other_answers_with_retry_after_hold_only_themselves(make: Make, origin: Origin) -> None:
    origin.paths = {"/gone": page("", status="404 Not Found", headers={"Retry-After": "120"}), "/": page()}
    fetch = make()
    assert failed(await fetch.get(origin.url("/gone")), "status").retry_at == START + timedelta(minutes=2)
    fetched(await fetch.get(origin.url()))


# ------------------------------------------------------------------------------------------------------- faults

TOLD: dict[str, tuple[Exception, str]] = {
    "a look-up": (connect.NameNotFound("the name a.example does not exist"), "dns"),
    "a private address": (connect.PrivateAddress("10.0.0.1 is a private address"), "private-address"),
    "a handshake": (connect.TlsFailed("its certificate is not valid"), "tls"),
    "a broken secure connection": (ssl.SSLError(1, "bad record"), "tls"),
    "a refused connection": (httpx.ConnectError("refused"), "connect"),
    "a slow connection": (httpx.ConnectTimeout("slow"), "timeout"),
    "a slow answer": (httpx.ReadTimeout("slow"), "timeout"),
    "a reset": (httpx.ReadError("reset"), "connect"),
    "a broken answer": (httpx.RemoteProtocolError("bad\x1b[31m\nline"), "protocol"),
    "an impossible request": (httpx.LocalProtocolError("bad"), "protocol"),
    "a proxy": (httpx.ProxyError("407 for http://user:secret@proxy.test"), "connect"),
    "an operating system": (OSError(101, "Network is unreachable"), "connect"),
    "anything else of httpx": (httpx.TooManyRedirects("many"), "protocol"),
}


@pytest.mark.parametrize("case", TOLD)
async def test_exceptions_are_told_as_failures(case: str, make: Make) -> None:
    exception, error = TOLD[case]
    web = respx.Router()
    web.get("https://a.example/").mock(side_effect=exception)
    got = failed(await make(httpx.MockTransport(web.async_handler)).get("https://a.example/"), error)
    assert "secret" not in got.why
    assert got.why.isprintable()


def test_the_most_specific_exception_comes_first() -> None:
    kinds = [kind for kind, _, _ in FAULTS]
    for index, kind in enumerate(kinds):
        assert not any(issubclass(kind, earlier) for earlier in kinds[:index]), kind


async def test_pages_can_be_mocked_with_respx(make: Make) -> None:
    packed = gzip.compress(b"page")
    web = respx.Router()
    web.get("https://a.example/").respond(301, headers={"Location": "https://b.example/to"})
    web.get("https://b.example/to").respond(200, content=packed, headers={"Content-Encoding": "gzip"})
    got = fetched(await make(httpx.MockTransport(web.async_handler)).get("https://a.example/"))
    assert (got.final_url, got.body) == ("https://b.example/to", b"page")


@given(st.text(max_size=80), st.binary(max_size=80))
def test_whatever_the_address_and_the_answer_there_is_an_outcome(url: str, body: bytes) -> None:
    async def ask() -> Outcome:
        answer = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
        settings = FetchSettings(per_host_delay_s=0.0)
        async with Fetcher(settings, contact="", now=lambda: START, transport=answer) as fetch:
            return await fetch.get(url)

    got = asyncio.run(ask())
    assert got.url == url
