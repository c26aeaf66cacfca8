"""Connections: every address is vetted before a byte is sent to it.  The one place that opens sockets to the web.

    host -> name server -> its addresses -> those that may be reached -> connect -> is that who answers? -> TLS

A page can point anywhere, also at the router, the cloud's metadata service or a database on this machine.  So a name
is resolved here, each of its addresses is judged, and the connection is made to an address that passed: the name is
not looked up a second time, so it cannot change in between (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address

import httpx

from .addresses import Address, Networks, as_address, may_reach
from .exchange import Connection

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_NO_PROTOCOL = "alert no application protocol"  # RFC 7301, section 3.2: none of those offered is spoken
ATTEMPT_S = 5.0  # for an address that is not the last one of its name


class PrivateAddress(httpx.ConnectError):
    """A host has no address that may be reached; the message says which it has."""


class NameNotFound(httpx.ConnectError):
    """A host name has no address; the message says whether there is none, or the name server gave no answer."""


class TlsFailed(httpx.ConnectError):
    """No secure connection could be made; the message says why."""


class Http2Only(TlsFailed):
    """The server ended the handshake because HTTP/1.1 is not spoken there.

    address  of the server, which was vetted
    """

    def __init__(self, message: str, address: str) -> None:
        super().__init__(message)
        self.address = address


def refusal(host: str, addresses: Iterable[Address]) -> PrivateAddress:
    """Return the exception that says why a host is not connected to."""
    shown = ", ".join(sorted({str(address) for address in addresses})[:3])
    where = "is" if as_address(host) else f"({shown}) is"
    return PrivateAddress(
        f"{host} {where} a private address, which no page may lead us to; to allow it, name its network in "
        "allow_networks in config.toml"
    )


async def connect(
    host: str, port: int, *, allow: Networks, resolver: Resolve, context: ssl.SSLContext | None
) -> Connection:
    """Connect to the first address of `host` that may be reached and answers.

    context  for TLS; None: in the clear
    Raises   PrivateAddress, NameNotFound, Http2Only, TlsFailed, httpx.ConnectError
    """
    found = await _addresses(host, port, resolver)
    vetted = [address for address in found if may_reach(address, allow)]
    if not vetted:
        raise refusal(host, found)
    for address in vetted[:-1]:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ATTEMPT_S):
                return await _secured(await _opened(address, port), host, context)
    try:
        return await _secured(await _opened(vetted[-1], port), host, context)
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error


async def _opened(address: Address, port: int) -> socket.socket:
    """Return a socket that is connected to the address, and to no other."""
    opened = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, (str(address), port))
        peer = ip_address(opened.getpeername()[0])
    except BaseException:
        opened.close()
        raise
    if peer != address:
        opened.close()
        raise refusal(str(peer), [peer])
    return opened


async def _secured(opened: socket.socket, host: str, context: ssl.SSLContext | None) -> Connection:
    """Return the connection over a socket, after the handshake where there is one.  Raises TlsFailed."""
    loop = asyncio.get_running_loop()
    address = opened.getpeername()[0]
    name = host.strip("[]").rstrip(".") if context else None
    try:
        _, connection = await loop.create_connection(Connection, sock=opened, ssl=context, server_hostname=name)
    except OSError as error:  # so is an ssl.SSLError
        if isinstance(error, ssl.SSLError) and _NO_PROTOCOL in str(error):  # it has no `reason`
            raise Http2Only(_reason(error), address) from error
        raise TlsFailed(_reason(error)) from error
    return connection


def _reason(error: OSError) -> str:
    """Return why a handshake failed, in the words of the TLS library."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return "the server ended the handshake"


# ------------------------------------------------------------------------------------------------------------ names


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
