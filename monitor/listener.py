"""A door for whoever watches the daemon: a request for a page in, its text out, over HTTP/1.1 and nothing more.

It answers GET and HEAD of the pages that it is given, one request a connection, and reads no body.  A client that is
slow, says too much or comes in a crowd is turned away; none costs the loop more than a few kilobytes for seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

CONNECTIONS = 8  # at once; one more is closed unheard
REQUEST_BYTES = 4_096
WITHIN_S = 5.0  # for the request, and again for the answer
FAREWELL_S = 1.0  # for a client that still talks: closed on at once, it may never see the answer

log = logging.getLogger("monitor")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page says; `allow`: the methods that there are, when it was asked with another."""

    status: str
    body: str
    media_type: str = "text/plain; charset=utf-8"
    allow: str = ""


Page = Callable[[], Awaitable[Answer]]


class Listener:
    """Serves pages at one address, or at none.

    pages   by path
    now     for the Date of an answer
    """

    def __init__(self, pages: Mapping[str, Page], now: Callable[[], datetime]) -> None:
        self._pages, self._now = pages, now
        self._server: asyncio.Server | None = None
        self._talks = set[asyncio.Task[None]]()
        self.address: tuple[str, int] | None = None

    async def listen(self, address: tuple[str, int]) -> tuple[str, int]:
        """Listen at an IP address and port from now on, and nowhere else.

        Returns  where it listens, as the system has it
        Raises   OSError if that cannot be; then it listens nowhere
        """
        self.close()
        host, port = address
        self._server = await asyncio.start_server(self._met, host, port, limit=REQUEST_BYTES, backlog=CONNECTIONS)
        self.address = address
        bound: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return bound

    def close(self) -> None:
        """Listen no more, and break off whatever is being said."""
        if self._server is not None:
            self._server.close()
        self._server = self.address = None
        for talk in self._talks:
            talk.cancel()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is None or len(self._talks) >= CONNECTIONS:
            writer.transport.abort()
            return
        self._talks.add(talk)
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        finally:
            self._talks.discard(talk)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, answer = await self._heard(reader)
        async with asyncio.timeout(WITHIN_S):
            writer.write(self._written(answer or await self._answer(head), bodiless=head.startswith("HEAD ")))
            writer.write_eof()
            await writer.drain()
        async with asyncio.timeout(FAREWELL_S):
            while await reader.read(REQUEST_BYTES):
                pass

    async def _heard(self, reader: asyncio.StreamReader) -> tuple[str, Answer | None]:
        """Return the head of a request, or what is to be said when there is none."""
        try:
            async with asyncio.timeout(WITHIN_S):
                return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"), None
        except TimeoutError:
            return "", Answer("408 Request Timeout", f"no request within {WITHIN_S:.0f} seconds\n")
        except asyncio.LimitOverrunError:
            return "", Answer("431 Request Header Fields Too Large", f"a request has {REQUEST_BYTES} bytes at most\n")

    async def _answer(self, head: str) -> Answer:
        words = head.partition("\r\n")[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return Answer("400 Bad Request", "this is not a request in HTTP/1.1\n")
        method, target, _ = words
        page = self._pages.get(target.partition("?")[0])
        if page is None:
            return Answer("404 Not Found", f"here are {' and '.join(self._pages)}\n")
        if method not in ("GET", "HEAD"):
            return Answer("405 Method Not Allowed", "pages are only read here\n", allow="GET, HEAD")
        try:
            return await page()
        except Exception as error:
            log.error("a fault of this program: %r; please report it (more with -v)", error)  # noqa: TRY400
            log.debug("the fault in full", exc_info=True)
            return Answer("500 Internal Server Error", "a fault of this program; the log has it\n")

    def _written(self, answer: Answer, *, bodiless: bool) -> bytes:
        body = answer.body.encode()
        lines = (
            f"HTTP/1.1 {answer.status}",
            f"Date: {format_datetime(self._now(), usegmt=True)}",
            f"Content-Type: {answer.media_type}",
            f"Content-Length: {len(body)}",
            *((f"Allow: {answer.allow}",) if answer.allow else ()),
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        )
        return "\r\n".join((*lines, "", "")).encode() + (b"" if bodiless else body)
