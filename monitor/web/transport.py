"""The way out: httpx's transport over connections of our own, found again by their origin.

    httpx.Request -> Transport -> a connection that rests, or a new one (connect.py) -> exchange.py -> httpx.Response

httpx's own pool looks at every connection on every request, and polls their sockets: 3.6 ms of CPU a page, and with 500
connections 19.  Here a connection is found by its origin, and one that the server closed takes itself out.  All that
fetch.py knows of this is `vetted(settings)`, an `httpx.AsyncBaseTransport`: in a test `httpx.MockTransport` takes its
place.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import urllib.request
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping

import httpx

from ..config import FetchSettings
from ..errors import ConfigError
from .addresses import Networks
from .connect import Http2Only, Resolve, connect, resolve
from .exchange import Connection, Incoming, Unanswered

MAX_IDLE = 256  # connections that rest; one an origin, as one request at a time is made to it
IDLE_S = 60.0

Origin = tuple[bytes, bytes, int]
_PORTS = {b"http": 80, b"https": 443}
_LINE_ENDS = re.compile(rb"[\r\n\0]")


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over vetted connections that rest for a minute after their last answer.

    context   for https
    allow     private networks that may be reached
    resolver  (host, port) -> addresses; raises OSError
    http2     makes what speaks HTTP/2 to the servers that speak nothing else; None: they are not read
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        allow: Networks,
        resolver: Resolve,
        http2: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self._context, self._allow, self._resolver = context, allow, resolver
        self._make_http2 = http2
        self._http2: httpx.AsyncBaseTransport | None = None
        self._idle: OrderedDict[Origin, tuple[Connection, float]] = OrderedDict()  # the longest resting first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read.  Raises httpx.TransportError.

        One that met a connection which the server had given up is repeated on a new one.
        Source  RFC 9112, section 9.3.1: a client may repeat a GET by itself when a kept connection ends early.
        """
        origin, written = _origin(request.url), _written(request)
        kept = self._rested(origin)
        if kept is not None:
            try:
                return await self._exchange(kept, origin, written)
            except (Unanswered, httpx.ReadError):
                pass
        try:
            connection = await self._connect(origin)
        except Http2Only as only:
            return await self._by_http2(request, only)
        return await self._exchange(connection, origin, written)

    async def aclose(self) -> None:
        """Close what rests."""
        while self._idle:
            self._idle.popitem()[1][0].close()
        if self._http2 is not None:
            await self._http2.aclose()

    async def _by_http2(self, request: httpx.Request, only: Http2Only) -> httpx.Response:
        """Ask the address that was vetted, under the name that was meant: the name is not looked up again."""
        if self._make_http2 is None:
            raise only
        self._http2 = self._http2 or self._make_http2()
        named = {**request.extensions, "sni_hostname": request.url.host.rstrip(".")}
        url = request.url.copy_with(host=only.address)
        return await self._http2.handle_async_request(
            httpx.Request(request.method, url, headers=request.headers, extensions=named)
        )

    async def _exchange(self, connection: Connection, origin: Origin, request: bytes) -> httpx.Response:
        incoming = connection.exchange(request)
        try:
            await incoming.head()
        except BaseException:  # cancelled in the middle: what comes now is nobody's
            connection.close()
            raise
        body = _Body(incoming, connection, origin, self)
        return httpx.Response(incoming.status, headers=incoming.headers, stream=body)

    async def _connect(self, origin: Origin) -> Connection:
        scheme, host, port = origin
        context = self._context if scheme == b"https" else None
        return await connect(host.decode("ascii"), port, allow=self._allow, resolver=self._resolver, context=context)

    # ---------------------------------------------------------------------------------------- connections that rest

    def _rested(self, origin: Origin) -> Connection | None:
        """Take the connection to an origin that can be used again; None: there is none."""
        connection, since = self._idle.pop(origin, (None, 0.0))
        if connection is None or not connection.is_open:
            return None
        if asyncio.get_running_loop().time() - since > IDLE_S:
            connection.close()
            return None
        return connection

    def give_back(self, connection: Connection, origin: Origin) -> None:
        """Let a connection rest if it can be used again, and close those that have rested for long."""
        if not connection.rest():
            return
        now = asyncio.get_running_loop().time()
        if before := self._idle.pop(origin, None):
            before[0].close()
        self._idle[origin] = (connection, now)
        while len(self._idle) > MAX_IDLE or next(iter(self._idle.values()))[1] < now - IDLE_S:
            self._idle.popitem(last=False)[1][0].close()


class _Body(httpx.AsyncByteStream):
    """The body as it travels."""

    def __init__(self, incoming: Incoming, connection: Connection, origin: Origin, pool: Transport) -> None:
        self._incoming, self._connection, self._origin, self._pool = incoming, connection, origin, pool
        self._is_closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._incoming.body()

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._pool.give_back(self._connection, self._origin)


def _origin(url: httpx.URL) -> Origin:
    scheme = url.raw_scheme
    if scheme not in _PORTS:
        raise httpx.UnsupportedProtocol(f"the scheme {scheme.decode('ascii', 'replace')!r} is not spoken here")
    return scheme, url.raw_host, url.port or _PORTS[scheme]


def _written(request: httpx.Request) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % (name, value) for name, value in request.headers.raw]
    if any(map(_LINE_ENDS.search, lines)):  # it would begin a line of its own
        raise httpx.LocalProtocolError("a line end in a header or in the address")
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.content


# -------------------------------------------------------------------------------------------------------- settings


def tls_context(settings: FetchSettings) -> ssl.SSLContext:
    """Return the context for all connections: the usual authorities, or SSL_CERT_FILE's, and those of `ca_file`.

    Raises  ConfigError if a file cannot be read as certificates.
    """
    try:
        context = httpx.create_ssl_context()
        if settings.ca_file is not None:
            context.load_verify_locations(settings.ca_file)
    except OSError as error:
        where = settings.ca_file or "the file or folder that SSL_CERT_FILE or SSL_CERT_DIR names"
        raise ConfigError(
            f"fetch.ca_file: {where} cannot be read as certificates ({error.strerror or error}); "
            "allowed: a file of certificates in PEM form"
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def vetted(settings: FetchSettings, *, resolver: Resolve = resolve) -> httpx.AsyncBaseTransport:
    """Return the transport that connects to the public internet and to the networks that the user allows, only.

    resolver  (host, port) -> addresses; raises OSError
    With a proxy, that resolves the names: then only addresses written as numbers can be vetted, which fetch does.
    Raises    ConfigError if certificate files or the proxy's address cannot be used
    """
    context = tls_context(settings)
    if settings.proxy and settings.proxy != "env":
        return _through(settings.proxy, context)
    direct = Transport(context, settings.allow_networks, resolver, lambda: _http2(settings))
    if settings.proxy != "env":
        return direct
    named = urllib.request.getproxies()
    proxies = {scheme: _through(named[scheme], context) for scheme in ("http", "https", "all") if named.get(scheme)}
    return ByEnvironment(direct, proxies)


class ByEnvironment(httpx.AsyncBaseTransport):
    """Goes through the proxies of HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, past them for the hosts of NO_PROXY."""

    def __init__(self, direct: httpx.AsyncBaseTransport, proxies: Mapping[str, httpx.AsyncBaseTransport]) -> None:
        self._direct, self._proxies = direct, proxies

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self._proxies.get(request.url.scheme) or self._proxies.get("all")
        if proxy is None or urllib.request.proxy_bypass(request.url.netloc.decode("ascii")):
            return await self._direct.handle_async_request(request)
        return await proxy.handle_async_request(request)

    async def aclose(self) -> None:
        for each in (self._direct, *self._proxies.values()):
            await each.aclose()


def _http2(settings: FetchSettings) -> httpx.AsyncBaseTransport:
    """Return httpx's own transport, for the few servers that refuse HTTP/1.1."""
    limits = httpx.Limits(max_keepalive_connections=MAX_IDLE, keepalive_expiry=IDLE_S)
    return httpx.AsyncHTTPTransport(verify=tls_context(settings), http2=True, trust_env=False, limits=limits)


def _through(proxy: str, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """Return httpx's own transport, which speaks to proxies of every kind; a proxy's pool has one host to look at."""
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        return httpx.AsyncHTTPTransport(verify=context, trust_env=False, proxy=address)
    except (ValueError, ImportError, httpx.InvalidURL):
        # The address may hold a password: neither it nor what the library says of it is shown.
        scheme = address.partition("://")[0]
        raise ConfigError(
            f"fetch.proxy: the {scheme} proxy that it names cannot be used; allowed: http://HOST:PORT, "
            "https://HOST:PORT, and socks5://HOST:PORT where the package socksio is installed"
        ) from None
