"""What may come over a connection, fed whole, byte by byte and with junk behind; no socket is opened."""

import asyncio
from typing import cast

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.exchange import MAX_WAITING_BYTES, Connection, Disconnected, Incoming, Unanswered, WrongLength

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: %s\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Wire(asyncio.Transport):
    """Keeps what is written, and whether it was paused or cut."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.paused = self.cut = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def abort(self) -> None:
        self.cut = True

    def is_closing(self) -> bool:
        return self.cut


async def read(incoming: Incoming) -> tuple[int, bytes]:
    await incoming.head()
    return incoming.status, b"".join([chunk async for chunk in incoming.body()])


def received(*parts: bytes, closed: bool = False) -> tuple[int, bytes, bool]:
    """Return status, body, and whether the connection may be used again, of what came in these parts."""
    incoming = Incoming(Wire())
    for part in parts:
        incoming.take(part)
    if closed:
        incoming.end()
    status, body = asyncio.run(read(incoming))
    return status, body, incoming.keeps


SOUND: dict[str, tuple[bytes, int, bytes, bool]] = {
    "a length": (OK + b"Content-Length: 5\r\n\r\nhello", 200, b"hello", True),
    "no body": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, b"", True),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    "an empty body": (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    "chunks": (CHUNKED + b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n", 200, b"hello world", True),
    "chunks with a trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\n\r\n", 200, b"hello", True),
    "chunks win over a length": (
        OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        200,
        b"hello",
        False,
    ),
    "interim answers": (b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" * 3 + OK + LENGTH % b"2" + b"hi", 200, b"hi", True),
    "a connection that ends": (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", False),
    "lines that end in LF": ((OK + b"Content-Length: 2\r\n\r\n").replace(b"\r", b"") + b"hi", 200, b"hi", True),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", True),
    "an odd status": (b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n", 999, b"", True),
    "another protocol": (b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 101, b"", False),
    "controls in a header": (OK + b"X-Powered-By: \x1b[31mred\x01\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", True),
    "Latin-1 in a header": (OK + b"X: caf\xe9\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi", True),
}  # fmt: skip


@pytest.mark.parametrize("case", SOUND)
def test_sound_answers(case: str) -> None:
    data, status, body, keeps = SOUND[case]
    assert received(data) == (status, body, keeps)


@pytest.mark.parametrize("case", SOUND)
def test_sound_answers_that_come_byte_by_byte(case: str) -> None:
    data, status, body, keeps = SOUND[case]
    assert received(*(data[i : i + 1] for i in range(len(data)))) == (status, body, keeps)


@pytest.mark.parametrize("case", SOUND)
def test_what_follows_a_sound_answer_ends_the_connection(case: str) -> None:
    data, status, body, _ = SOUND[case]
    planted = OK + b"Content-Length: 6\r\n\r\nforged"
    if status != 101:
        assert received(data + planted) == (status, body, False)


def test_a_body_that_ends_with_the_connection() -> None:
    assert received(OK + b"\r\n", b"to the ", b"end", closed=True) == (200, b"to the end", False)


def test_a_line_end_behind_the_body_is_carelessness() -> None:
    assert received(OK + b"Content-Length: 2\r\n\r\nhi\r\n") == (200, b"hi", False)


UNSOUND: dict[str, tuple[bytes, type[Exception], str]] = {
    "nothing": (b"", Unanswered, "without an answer"),
    "half a head": (OK + b"Content-", httpx.RemoteProtocolError, "middle of the headers"),
    "half a body": (OK + b"Content-Length: 9\r\n\r\nhalf", Disconnected, "before the body"),
    "no last chunk": (CHUNKED + b"5\r\nhello\r\n", Disconnected, "before the body"),
    "more than announced": (OK + b"Content-Length: 2\r\n\r\nhi there", WrongLength, "more was sent"),
    "two lengths": (OK + b"Content-Length: 2\r\n" + LENGTH % b"3" + b"hi", httpx.RemoteProtocolError, "content-length"),
    "a length in words": (OK + b"Content-Length: two\r\n\r\nhi", httpx.RemoteProtocolError, "content-length"),
    "a length beyond all": (OK + LENGTH % (b"9" * 30), httpx.RemoteProtocolError, "content-length"),
    "a chunk that is no number": (CHUNKED + b"ZZ\r\nhello", httpx.RemoteProtocolError, "chunk"),
    "a chunk beyond all": (CHUNKED + b"f" * 17 + b"\r\nhello", httpx.RemoteProtocolError, "chunk"),
    "a chunk without its end": (CHUNKED + b"5\r\nhelloXX0\r\n\r\n", httpx.RemoteProtocolError, ""),
    "another coding": (OK + b"Transfer-Encoding: xchunked\r\n\r\nhi", httpx.RemoteProtocolError, "transfer-encoding"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", httpx.RemoteProtocolError, "not HTTP"),
    "letters in the status": (b"HTTP/1.1 2OO OK\r\n\r\n", httpx.RemoteProtocolError, "status"),
    "a head without end": (OK + b"X: y\r\n" * 50_000, httpx.RemoteProtocolError, "256 KiB"),
    "interim answers without end": (b"HTTP/1.1 102 Wait\r\n\r\n" * 20_000, httpx.RemoteProtocolError, "256 KiB"),
    "an extension without end": (CHUNKED + b"5;" + b"a" * 400_000, httpx.RemoteProtocolError, "hardly anything"),
    "trailers without end": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 60_000, httpx.RemoteProtocolError, "hardly anything"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSOUND)
def test_unsound_answers(case: str) -> None:
    data, kind, words = UNSOUND[case]
    with pytest.raises(kind, match=f"(?i){words}"):
        received(data, closed=True)


@given(
    st.lists(st.binary(max_size=60), max_size=6), st.sampled_from([b"", OK, CHUNKED, OK + b"Content-Length: 9\r\n\r\n"])
)
def test_whatever_comes_it_is_an_answer_or_an_error_of_httpx(parts: list[bytes], start: bytes) -> None:
    try:
        status, _, _ = received(start, *parts, closed=True)
    except httpx.TransportError as error:
        assert str(error)
    else:
        assert 100 < status < 1000


def test_each_byte_may_be_a_chunk_of_its_own() -> None:
    body = b"0123456789" * 10_000
    data = CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    assert received(data) == (200, body, True)


async def test_a_server_that_sends_faster_than_we_read_waits() -> None:
    wire = Wire()
    incoming = Incoming(wire)
    incoming.take(OK + b"\r\n" + bytes(MAX_WAITING_BYTES + 1))
    assert wire.paused
    taken = incoming.body()
    assert len(await anext(taken)) == MAX_WAITING_BYTES + 1
    reading = asyncio.ensure_future(cast("asyncio.Future[bytes]", anext(taken)))
    await asyncio.sleep(0)
    assert not wire.paused
    incoming.take(b"more")
    assert await reading == b"more"


async def test_a_reset_is_told_from_an_end() -> None:
    incoming = Incoming(Wire())
    incoming.lost(ConnectionResetError("reset by peer"))
    with pytest.raises(httpx.ReadError, match="reset"):
        await incoming.head()


async def test_a_connection_rests_only_after_a_whole_answer() -> None:
    for data, rests in ((OK + b"Content-Length: 2\r\n\r\nhi", True), (OK + b"Content-Length: 2\r\n\r\nh", False)):
        wire, connection = Wire(), Connection()
        connection.connection_made(wire)
        await asyncio.sleep(0)
        connection.exchange(b"GET / HTTP/1.1\r\n\r\n")
        connection.data_received(data)
        assert connection.rest() is rests
        assert wire.cut is not rests


async def test_an_answer_that_nobody_asked_for_ends_the_connection() -> None:
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)
    connection.data_received(OK)
    assert not connection.is_open
    with pytest.raises(Unanswered):
        await connection.exchange(b"GET / HTTP/1.1\r\n\r\n").head()
    assert wire.written == b""
