"""HTTP/1.1 on one connection: a request goes out, its answer comes in, and nothing else is listened to.

    bytes -> head (httptools) -> body: as long as announced | chunks (httptools) | until the server closes

What a server may do to us is bounded here: a head without end, chunks that are mostly frame, more than was announced,
an answer planted behind another for the request to come.  What it sends faster than it is read waits in its socket.

Sources: RFC 9112; its leniencies only where browsers have them and a connection of ours, on which one request waits
for one answer and surplus ends it, cannot be confused by them.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

import httptools
import httpx

MAX_HEAD_BYTES = 1 << 18  # before the final status line and headers are complete
MAX_WAITING_BYTES = 1 << 18  # of a body that came and was not taken yet; then the server waits
FRAME_BYTES_PER_BYTE = 8  # of chunks, in which each byte may come by itself, and no more than that

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_BLANK = b"\r\n \t"
_SWITCHING = 101


class WrongLength(httpx.RemoteProtocolError):
    """More bytes came than the body was said to have: what was taken as the body is cut short."""


class Disconnected(httpx.RemoteProtocolError):
    """The connection ended in the middle of a body."""


class Unanswered(httpx.RemoteProtocolError):
    """The connection ended before a byte of the answer came: on one that was kept, the request may be repeated."""


class Incoming:
    """An answer on its way in.

    status      0 until the head is complete
    headers     names and values as they were sent
    is_whole    all of it is here, though perhaps not all is taken yet
    keeps       another request may follow on the connection
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.is_whole = False
        self.keeps = False
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)
        # A line may end in LF alone (RFC 9112, section 2.2), chunks win over a length (section 6.3), and a header that
        # we never read may hold control characters.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_chunked_length=True, lenient_headers=True
        )
        self._head = bytearray()
        self._head_bytes = self._frame_bytes = self._body_bytes = 0
        self._left: int | None = None  # of a body of known length
        self._is_chunked = self._keeps_alive = False
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._fault: Exception | None = None
        self._change: asyncio.Future[None] | None = None

    # ------------------------------------------------------------------------------------------ what is asked of it

    async def head(self) -> None:
        """Wait until status and headers are here.  Raises httpx.RemoteProtocolError, httpx.ReadError."""
        while not self.status:
            if self._fault is not None:
                raise self._fault
            await self._changed()

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes, chunks undone.  Raises WrongLength, Disconnected, and as `head`."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._waiting_bytes -= len(chunk)
                yield chunk
            if self._fault is not None:
                raise self._fault
            if self.is_whole:
                return
            self._transport.resume_reading()
            await self._changed()

    async def _changed(self) -> None:
        self._change = asyncio.get_running_loop().create_future()
        try:
            await self._change
        finally:
            self._change = None

    # -------------------------------------------------------------------------------------------- what happens to it

    def take(self, data: bytes) -> None:
        """Take in what the server sent."""
        try:
            if not self.status:
                data = self._take_head(data)
            if self.status and data:
                self._take_body(data)
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(_lower(str(error))))
        except httpx.RemoteProtocolError as error:
            self._fail(error)
        self._wake()

    def end(self) -> None:
        """Note that the server sends no more."""
        until_closed = self.status and self._left is None and not self._is_chunked
        if until_closed and self._fault is None:
            self.is_whole = True
        elif not self.is_whole:
            self._fail(self._cut())
        self._wake()

    def lost(self, error: Exception | None) -> None:
        """Note that the connection is gone."""
        if error is None:
            self.end()
        elif not self.is_whole:
            self._fail(httpx.ReadError(str(error)))
            self._wake()

    def _cut(self) -> httpx.RemoteProtocolError:
        if self.status:
            return Disconnected("the connection was closed before the body was complete")
        if self._head_bytes or self._head:
            return httpx.RemoteProtocolError("the connection was closed in the middle of the headers")
        return Unanswered("the connection was closed without an answer")

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self.keeps = False
        self._transport.abort()

    def _wake(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    # ------------------------------------------------------------------------------------------------- head and body

    def _take_head(self, data: bytes) -> bytes:
        """Read heads up to the final one; return what follows it."""
        self._head += data
        while not self.status:
            found = _END_OF_HEAD.search(self._head)
            if self._head_bytes + (found.end() if found else len(self._head)) > MAX_HEAD_BYTES:
                raise httpx.RemoteProtocolError(f"headers longer than {MAX_HEAD_BYTES // 1024} KiB")
            if found is None:
                self._refuse_other_protocols()
                return b""
            self._head_bytes += found.end()
            self._read_head(bytes(self._head[: found.end()]))
            del self._head[: found.end()]
        return bytes(self._head)

    def _refuse_other_protocols(self) -> None:
        """Do not wait for the end of a head that does not begin like one."""
        start = self._head.lstrip(b"\r\n")[:5]
        if not b"HTTP/".startswith(start):
            raise httpx.RemoteProtocolError("the answer is not HTTP")

    def _read_head(self, head: bytes) -> None:
        self.headers = []
        with suppress(httptools.HttpParserUpgrade):
            self._parser.feed_data(head)
        status = self._parser.get_status_code()
        if status >= 200 or status == _SWITCHING:  # else an interim answer: the real one follows
            self._frame()
            self.status = status

    def _frame(self) -> None:
        """Find out how the body ends."""
        named = {name.lower(): value.strip().lower() for name, value in self.headers}
        coding = named.get(b"transfer-encoding", b"")
        if coding not in (b"", b"identity", b"chunked"):
            raise httpx.RemoteProtocolError(f"unknown transfer-encoding {coding.decode('latin-1')[:40]!r}")
        status = self._parser.get_status_code()
        self._is_chunked = coding == b"chunked"
        if status in (204, 304, _SWITCHING):
            self._is_chunked, self._left = False, 0
        elif not self._is_chunked and b"content-length" in named:
            self._left = int(named[b"content-length"])
        doubtful = status == _SWITCHING or (self._is_chunked and b"content-length" in named)
        self.keeps = self._keeps_alive and not doubtful
        self.is_whole = self._left == 0

    def _take_body(self, data: bytes) -> None:
        if self._is_chunked:
            self._take_chunks(data)
        elif self._left is None:
            self.on_body(data)
        else:
            part, surplus = data[: self._left], data[self._left :]
            self._left -= len(part)
            self.is_whole = self._left == 0
            if part:
                self.on_body(part)
            if surplus:
                self._look_at(surplus)

    def _take_chunks(self, data: bytes) -> None:
        if self.is_whole:
            self.keeps = False
            return
        before = self._body_bytes
        self._parser.feed_data(data)
        self._frame_bytes += len(data) - (self._body_bytes - before)
        if self._frame_bytes > MAX_HEAD_BYTES + FRAME_BYTES_PER_BYTE * self._body_bytes:
            raise httpx.RemoteProtocolError("chunks that hold hardly anything")

    def _look_at(self, surplus: bytes) -> None:
        """Judge what came behind the end of a body of known length: nothing, if all is well.

        Another answer there was planted for the request to come, so the connection is not used again; line ends are
        carelessness; anything else is the rest of a page that is longer than it was said to be.
        """
        self.keeps = False
        if surplus.strip(_BLANK) and not surplus.startswith(b"HTTP/"):
            raise WrongLength("more was sent than announced")

    # ------------------------------------------------------------------------------------------ called by httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.status:  # else it is a trailer behind the chunks, which says nothing that we use
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._keeps_alive = self._parser.should_keep_alive()  # of an answer without a body it is forgotten next

    def on_body(self, body: bytes) -> None:
        if self.is_whole and self._is_chunked:  # of what follows
            return
        self._body_bytes += len(body)
        self._chunks.append(body)
        self._waiting_bytes += len(body)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._is_chunked:
            self.is_whole = True

    def on_message_begin(self) -> None:
        if self.is_whole:  # something follows the last chunk
            self.keeps = False


class Connection(asyncio.Protocol):
    """A connection to a server, with at most one exchange at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._incoming: Incoming | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def exchange(self, request: bytes) -> Incoming:
        """Send a request and return its answer, which is on its way."""
        if self._transport is None:
            raise RuntimeError("the connection was never made")
        self._incoming = Incoming(self._transport)
        if self._transport.is_closing():
            self._incoming.end()
        else:
            self._transport.write(request)
        return self._incoming

    def rest(self) -> bool:
        """End an exchange; tell whether another may follow.  If not, the connection is closed."""
        incoming, self._incoming = self._incoming, None
        if incoming is not None and incoming.is_whole and incoming.keeps and self.is_open:
            cast(asyncio.Transport, self._transport).resume_reading()
            return True
        self.close()
        return False

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------------------------------ called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._incoming is None:  # an answer to a request that was not made yet is somebody else's
            self.close()
        else:
            self._incoming.take(data)

    def eof_received(self) -> None:
        if self._incoming is not None:
            self._incoming.end()

    def connection_lost(self, error: Exception | None) -> None:
        if self._incoming is not None:
            self._incoming.lost(error)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
