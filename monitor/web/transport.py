"""Connections: every address is vetted before a byte is sent to it.  The one place that opens sockets to the web.

    httpx.AsyncClient -> Transport -> httpcore.AsyncConnectionPool -> Network -> getaddrinfo, connect, TLS

A page can point anywhere, also at the router, the cloud's metadata service or a database on this machine.  So a name
is resolved here, each of its addresses is judged, and the connection is made to an address that passed: the name is
not looked up a second time, so it cannot change in between (DNS rebinding).

The seam for a faster pool: all that fetch.py knows of this file is `vetted(settings)`, an httpx.AsyncBaseTransport,
and the exceptions below.  httpcore's pool looks at every connection on every request, so its limits stay at httpx's
defaults; a pool that finds a connection by its origin can take its place without a change elsewhere.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from ..config import FetchSettings
from ..errors import ConfigError
from .addresses import Address, Networks, as_address, may_reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_CONNECTIONS, MAX_IDLE, IDLE_S = 100, 20, 5.0  # httpx's defaults; see the module's docstring
MAX_HEAD_BYTES = 1 << 18  # before the final status line and headers are complete
CONNECT_ATTEMPT_S = 5.0  # for an address that is not the last one of its name


class PrivateAddress(httpx.ConnectError):
    """A host has no address that may be reached; the message says which it has."""


class NameNotFound(httpx.ConnectError):
    """A host name has no address; the message says whether there is none, or the name server gave no answer."""


class TlsFailed(httpx.ConnectError):
    """No secure connection could be made; the message says why."""


class WrongLength(httpx.RemoteProtocolError):
    """More bytes came than the body was said to have: what was taken as the body is cut short."""


class Disconnected(httpx.RemoteProtocolError):
    """The connection ended in the middle of a body."""


def refusal(host: str, addresses: Iterable[Address]) -> PrivateAddress:
    """Return the exception that says why a host is not connected to."""
    shown = ", ".join(sorted({str(address) for address in addresses})[:3])
    where = "is" if as_address(host) else f"({shown}) is"
    return PrivateAddress(
        f"{host} {where} a private address, which no page may lead us to; to allow it, name its network in "
        "allow_networks in config.toml"
    )


# ------------------------------------------------------------------------------------------------- names


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host name by the system's resolver, in the order it prefers.

    A look-up cannot be interrupted.  It runs in a thread of its own that nobody waits for, so that silent name servers
    neither fill the event loop's thread pool nor hold up the end of the program.
    Raises  OSError (socket.gaierror), UnicodeError.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | BaseException) -> None:
        if answer.done():
            return
        if isinstance(found, BaseException):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def look_up() -> None:
        found: list[str] | BaseException
        try:
            rows = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            found = error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    return await answer


async def _addresses(host: str, port: int, resolver: Resolve) -> list[Address]:
    written = as_address(host)
    if written is not None:
        return [written]
    try:
        found = [ip_address(text) for text in await resolver(host, port)]
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise NameNotFound(f"the name server gave no answer for {host}; is this machine online?") from error
        raise NameNotFound(f"the name {host} does not exist") from error
    except UnicodeError as error:
        raise NameNotFound(f"{host} is not a possible name of a host") from error
    if not found:
        raise NameNotFound(f"the name {host} has no address")
    return found


# ------------------------------------------------------------------------------------------------ connections


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections to vetted addresses only."""

    def __init__(self, allow: Networks, resolver: Resolve) -> None:
        self._allow, self._resolver = allow, resolver
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Connect to the first address of `host` that answers; raises PrivateAddress, NameNotFound, httpcore errors."""
        found = await _addresses(host, port, self._resolver)
        vetted = [address for address in found if may_reach(address, self._allow)]
        if not vetted:
            raise refusal(host, found)
        for address in vetted[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._connect(address, port, CONNECT_ATTEMPT_S, local_address, socket_options)
        return await self._connect(vetted[-1], port, timeout, local_address, socket_options)

    async def _connect(
        self,
        address: Address,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> Stream:
        stream = await self._sockets.connect_tcp(str(address), port, timeout, local_address, socket_options)
        peer = stream.get_extra_info("server_addr")
        if ip_address(peer[0]) != address:
            await stream.aclose()
            raise refusal(str(peer[0]), [ip_address(peer[0])])
        return Stream(stream)

    async def sleep(self, seconds: float) -> None:
        await self._sockets.sleep(seconds)


class Stream(httpcore.AsyncNetworkStream):
    """A connection that knows what it must not accept: a head without end, or an answer that nobody asked for yet.

    answered    bytes came in since the last request was sent
    ended       the server closed it
    last        the bytes that came in last
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._head_bytes = 0
        self._in_head = True
        self.answered = self.ended = False
        self.last = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = await self._inner.read(max_bytes, timeout)
        self.answered, self.ended, self.last = True, not data, data
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                raise httpcore.RemoteProtocolError(f"headers longer than {MAX_HEAD_BYTES // 1024} KiB")
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._head_bytes, self._in_head, self.answered = 0, True, False
        await self._inner.write(buffer, timeout)

    def head_is_complete(self) -> None:
        """What comes from now on is body, which fetch counts."""
        self._in_head = False

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        try:
            return Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))
        except (httpcore.ConnectError, ssl.SSLError) as error:
            raise TlsFailed(_tls_reason(error)) from error

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _tls_reason(error: BaseException) -> str:
    """Return why a handshake failed, in the words of the TLS library."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return cause.reason.replace("_", " ").lower()
        cause = cause.__cause__ or cause.__context__
    return "the server ended the handshake"


# -------------------------------------------------------------------------------------------------- transport

_TRANSLATIONS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (  # the most specific first
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (ssl.SSLError, httpx.ReadError),
)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except tuple(foreign for foreign, _ in _TRANSLATIONS) as error:
        ours = next(ours for foreign, ours in _TRANSLATIONS if isinstance(error, foreign))
        raise ours(str(error)) from error


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over vetted connections that are kept for a few seconds."""

    def __init__(self, context: ssl.SSLContext, allow: Networks, resolver: Resolve) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_IDLE,
            keepalive_expiry=IDLE_S,
            network_backend=Network(allow, resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.  Raises httpx.TransportError; one that met a connection the server had given up is repeated.

        Source  RFC 9112, section 9.3.1: a client may repeat a GET by itself when a kept connection ends early.
        """
        while True:
            kept = _KeptConnection()
            try:
                with _translated():
                    response = await self._pool.handle_async_request(_to_httpcore(request, kept.trace))
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                if not kept:
                    raise
                continue
            stream: Stream = response.extensions["network_stream"]
            # A complete answer that was there before the request is another's, planted behind the one before it.
            if not kept or stream.answered:
                break
            await response.aclose()
        stream.head_is_complete()
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_ResponseBody(response, stream),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _KeptConnection:
    """True unless a request had to open a connection; httpcore tells by its trace extension."""

    def __init__(self) -> None:
        self._kept = True

    def __bool__(self) -> bool:
        return self._kept

    async def trace(self, event: str, _: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self._kept = False


def _to_httpcore(request: httpx.Request, trace: Callable[..., Awaitable[None]]) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions={**request.extensions, "trace": trace},
    )


class _ResponseBody(httpx.AsyncByteStream):
    """The body as it travels."""

    def __init__(self, response: httpcore.Response, stream: Stream) -> None:
        self._response, self._stream = response, stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunk = b""
        try:
            with _translated():
                async for chunk in self._response.aiter_stream():
                    yield chunk
        except httpx.RemoteProtocolError as error:
            if self._stream.ended:
                raise Disconnected("the connection was closed before the body was complete") from error
            raise
        await self._check_end(chunk)

    async def _check_end(self, chunk: bytes) -> None:
        """Look at what came after the last bytes of a body of known length: nothing, if all is well.

        Another answer there was planted for the request to come, so the connection is not used again; anything else is
        the rest of a page that is longer than it was said to be.
        """
        names = {name.lower() for name, _ in self._response.headers}
        known_length = b"content-length" in names and b"transfer-encoding" not in names
        last = self._stream.last
        if not known_length or not chunk or last.endswith(chunk):
            return
        await self._stream.aclose()
        surplus = last[last.find(chunk) + len(chunk) :]
        if not surplus.startswith(b"HTTP/"):
            raise WrongLength("more was sent than announced")

    async def aclose(self) -> None:
        with _translated():
            await self._response.aclose()


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
    direct = Transport(context, settings.allow_networks, resolver)
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


def _through(proxy: str, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
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
