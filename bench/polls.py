"""How many polls that find nothing new a second of CPU pays for: 304 after 304 over kept connections.

    python bench/polls.py [--hosts 200] [--polls 20000]

A process beside this one plays the hosts, on addresses of the loopback net; only this one's CPU is counted.  What runs
is `Fetcher.get`, with all it does in life: vetting, robots.txt (which is kept), turns, deadlines, receipts.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import multiprocessing
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from monitor.config import FetchSettings
from monitor.fetch import Fetcher
from monitor.model import NotModified, Validators

LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"),)
NOT_MODIFIED = (
    b"HTTP/1.1 304 Not Modified\r\nServer: nginx/1.22.1\r\nDate: Fri, 27 Nov 2026 10:00:00 GMT\r\n"
    b'Last-Modified: Fri, 27 Nov 2026 09:00:00 GMT\r\nConnection: keep-alive\r\nETag: "6567-1a2b"\r\n'
    b"Cache-Control: max-age=0\r\n\r\n"
)
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
CONDITIONS = Validators(etag='"6567-1a2b"', last_modified="Fri, 27 Nov 2026 09:00:00 GMT")


class Host(asyncio.Protocol):
    """Answers each request, which comes in one piece, by what its address begins with."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(NO_ROBOTS if data.startswith(b"GET /robots.txt") else NOT_MODIFIED)


async def _hosts(ready: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(Host, "0.0.0.0", 0)  # noqa: S104  (all of 127/8)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def serve(ready: Connection) -> None:
    """Play the hosts until ended; the port goes back through `ready`."""
    asyncio.run(_hosts(ready))


async def polled(port: int, hosts: int, polls: int) -> float:
    """Return the CPU seconds of `polls` polls, spread over all hosts, after one of each that is not counted."""
    settings = FetchSettings(per_host_delay_s=0.0, allow_networks=LOOPBACK)
    urls = [f"http://127.0.0.{number + 1}:{port}/feed.xml" for number in range(hosts)]

    async def poll(url: str, times: int) -> None:
        for _ in range(times):
            outcome = await fetcher.get(url, CONDITIONS, accept="feed")
            if not isinstance(outcome, NotModified):
                raise SystemExit(f"{url}: {outcome}")

    async with Fetcher(settings, contact="", now=lambda: datetime.now(UTC)) as fetcher:
        await asyncio.gather(*(poll(url, 1) for url in urls))
        begun = time.process_time()
        await asyncio.gather(*(poll(url, polls // hosts) for url in urls))
        return time.process_time() - begun


def main() -> None:
    """Play the hosts, poll them, say the rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=200, help="at most 254")
    parser.add_argument("--polls", type=int, default=20_000)
    asked = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    hosts = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    hosts.start()
    try:
        cpu_s = asyncio.run(polled(ours.recv(), asked.hosts, asked.polls))
    finally:
        hosts.terminate()
    count = asked.polls // asked.hosts * asked.hosts
    print(f"{count} polls, {cpu_s:.2f} s of CPU, {count / cpu_s:,.0f} a second of CPU")


if __name__ == "__main__":
    main()
