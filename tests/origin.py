"""A web server on loopback that does what a test says, byte by byte: also what no proper server would do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Behaviour = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Request:
    """What came in.  `connection` counts the connections of a server from 1."""

    path: str
    headers: dict[str, str]
    connection: int


@dataclass
class Origin:
    """Serves `paths`; what is not there is answered 404.  Keeps every request, and how many were there at a time."""

    paths: dict[str, Behaviour] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)

    def url(self, path: str = "/") -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    @property
    def asked(self) -> list[str]:
        return [request.path for request in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._connections += 1
        number = self._connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                pairs = (line.partition(":") for line in lines if line)
                request = Request(
                    first.split(" ")[1], {name.lower(): value.strip() for name, _, value in pairs}, number
                )
                await self._answer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side, or the test, has had enough
        finally:
            writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.paths.get(request.path.partition("?")[0], page("no such page", status="404 Not Found"))(
                request, writer
            )
            await writer.drain()
        finally:
            self._at_once -= 1


def page(body: str | bytes = "hello", *, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer properly, and keep the connection."""
    content = body.encode() if isinstance(body, str) else body

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        lines = {"Content-Length": str(len(content)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + content)

    return behave


def redirect(target: str, status: str = "302 Found") -> Behaviour:
    return page(b"", status=status, headers={"Location": target})


def raw(*parts: bytes, close: bool = True) -> Behaviour:
    """Send these bytes and nothing else, then close."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if close:
            writer.close()

    return behave


def endless(head: bytes, part: bytes) -> Behaviour:
    """Send `part` again and again until the other side goes away."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(part)
            await writer.drain()

    return behave


async def silent(request: Request, writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()
