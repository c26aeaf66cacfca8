"""Serve the demo's web over real HTTP on loopback, and lead a client to it whatever host name it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from . import web
from .story import Story

LOOPBACK = "127.0.0.1"
HEAD_LIMIT_BYTES = 65_536


class Web:
    """An HTTP/1.1 server of the story; `async with Web(story, now) as served: served.port`.

    now      the demo's clock; read once for each answer
    port     of the running server, chosen by the system
    served   answers sent so far
    """

    def __init__(self, story: Story, now: Callable[[], datetime]) -> None:
        self._story = story
        self._now = now
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.served = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, LOOPBACK, 0, limit=HEAD_LIMIT_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._open):  # since Python 3.12 wait_closed waits for idle keep-alive connections too
            writer.close()
        await self._server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until either side ends it."""
        self._open.add(writer)
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass  # the client went away, or does not speak HTTP: nothing to answer
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; tell whether the connection stays open."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        pairs = (line.partition(":") for line in lines[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        await reader.readexactly(int(headers.get("content-length") or 0))
        now = self._now()
        if method in {"GET", "HEAD"}:
            response = web.respond(self._story, headers.get("host", ""), rest.rpartition(" ")[0], headers, now)
        else:
            response = web.Response(405, {"allow": "GET, HEAD"}, b"")
        keep = headers.get("connection", "").lower() != "close"
        writer.write(_head(response, now, keep=keep) + (b"" if method == "HEAD" else response.body))
        await writer.drain()
        self.served += 1
        return keep


def _head(response: web.Response, now: datetime, *, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        f"Date: {format_datetime(now, usegmt=True)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
        f"Connection: {'keep-alive' if keep else 'close'}",
    ]
    if response.status != HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {len(response.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Loopback(httpx.AsyncBaseTransport):
    """Send each request over plain HTTP to one port of this machine, whatever host it names; the Host header stays.

    port     where a `Web` listens
    hosts    the names that exist; any other is as unknown as on the real network
    Raises   httpx.ConnectError for a host that does not exist, and what httpx.AsyncHTTPTransport raises
    """

    def __init__(self, port: int, hosts: Collection[str]) -> None:
        self._port = port
        self._hosts = frozenset(hosts)
        self._transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)  # it never speaks TLS

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self._hosts:
            raise httpx.ConnectError(f"The demo's web has no host called {request.url.host}.", request=request)
        local = httpx.Request(
            request.method,
            request.url.copy_with(scheme="http", host=LOOPBACK, port=self._port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._transport.handle_async_request(local)

    async def aclose(self) -> None:
        await self._transport.aclose()
