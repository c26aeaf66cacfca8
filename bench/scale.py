"""Does it hold with a hundred thousand sources?  Builds a database of them, and measures what a start and a tick cost.

    python bench/scale.py --sources 100000

Nothing leaves this machine: the sources' hosts do not exist, and only one source, on loopback, is ever due.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import TypeVar

from monitor.config import Config, load
from monitor.model import Plan, SourceState, SourceUpdate
from monitor.store import Store
from monitor.writer import Writer

A_TOPIC = 2_000  # sources
A_HOST = 5
TICKS = 200
PATIENCE_S = 60.0
T = TypeVar("T")
FEED = b"<rss version='2.0'><channel><title>Loopback</title></channel></rss>"


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--sources", type=int, default=100_000)
    asked = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder, origin() as (port, arrivals):
        path = Path(folder) / "config.toml"
        path.write_text(config_text(asked.sources, port), "utf-8")
        took, config = timed(lambda: load(path))
        say("reading the config file", took)
        with closing(Store.open(config.database)) as store:
            say("the first sync", timed(lambda: store.sync(config.topics, now()))[0])
            say("polling each source once, in the store", timed(lambda: rest(store, config))[0])
            say("a sync that changes nothing", timed(lambda: store.sync(config.topics, now()))[0])
            ticks = sorted(timed(lambda: store.due_hosts(now()))[0] for _ in range(TICKS))
            say("a tick that finds nothing due, in SQL", median(ticks))
        say("a tick that finds nothing due, through the thread", asyncio.run(tick(config.database)))
        for command in ("once", "run"):
            make_due(config)
            first_s, peak_mb, cpu_s = started(command, path, arrivals)
            say(f"monitor {command}: from start to the first request", first_s)
            say(f"monitor {command}: CPU", cpu_s)
            print(f"{f'monitor {command}: peak memory':52} {peak_mb:9.0f} MB")
        print(f"{'the database':52} {config.database.stat().st_size / 1e6:9.0f} MB")


def say(what: str, took_s: float) -> None:
    print(f"{what:52} {took_s * 1_000:9.2f} ms" if took_s < 0.1 else f"{what:52} {took_s:9.2f} s", flush=True)


def now() -> datetime:
    return datetime.now(UTC)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the wall time of work in seconds, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


# ------------------------------------------------------------------------------------------------ what is followed


def config_text(sources: int, port: int) -> str:
    """Return a config of so many feeds, the first of them on loopback."""
    feeds = [f"https://h{number // A_HOST}.example/feeds/{number % A_HOST}.xml" for number in range(sources)]
    feeds[0] = f"http://127.0.0.1:{port}/feed.xml"
    topics = (
        f'[[topics]]\nname = "Topic {start // A_TOPIC}"\nabout = "harbour{start} OR bridge{start}"\n'
        f"feeds = {json.dumps(feeds[start : start + A_TOPIC], indent=1)}\n"
        for start in range(0, sources, A_TOPIC)
    )
    head = '[monitor]\ndatabase = "monitor.db"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n'
    return head + "".join(topics)


def rest(store: Store, config: Config) -> None:
    """Poll each source once, as if nothing had come: none is due for a day."""
    at = now()
    for host in store.due_hosts(at):
        for watched in store.due_sources(host, at):
            update = SourceUpdate(watched.id, SourceState.OK, 300.0, at + timedelta(days=1), 0, last_ok=at)
            store.commit(Plan(at, source=update))


def make_due(config: Config) -> None:
    """Make the source on loopback due, and no other."""
    with closing(Store.open(config.database)) as store:
        host = config.topics[0].sources[0].url.split("/")[2]
        (watched,) = store.due_sources(host, now() + timedelta(days=2))
        update = SourceUpdate(watched.id, SourceState.OK, 300.0, now(), 0)
        store.commit(Plan(now(), source=replace(update, due=now() - timedelta(minutes=1))))


async def tick(database: Path) -> float:
    """Return the median time of a tick, as the loop of the daemon sees it, in seconds."""
    async with Writer(database) as store:
        took = []
        for _ in range(TICKS):
            start = time.perf_counter()
            await store(Store.due_hosts, now())
            took.append(time.perf_counter() - start)
        return median(took)


# ------------------------------------------------------------------------------------------------- how it starts


@contextmanager
def origin() -> Iterator[tuple[int, list[float]]]:
    """Serve an empty feed on loopback; yield the port, and the list that the times of requests are added to."""
    arrivals: list[float] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arrivals.append(time.perf_counter())
            found = self.path == "/feed.xml"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(FEED) if found else 0))
            self.end_headers()
            self.wfile.write(FEED if found else b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, arrivals
    finally:
        server.shutdown()
        server.server_close()


def started(command: str, config: Path, arrivals: list[float]) -> tuple[float, float, float]:
    """Run a command until it has asked; return seconds to its first request, its peak memory in MB, its CPU seconds."""
    arrivals.clear()
    start = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-m", "monitor", command, "--config", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not arrivals and time.perf_counter() < start + PATIENCE_S:
        time.sleep(0.01)
    if command == "run":
        time.sleep(2.0)  # some ticks
        child.send_signal(signal.SIGTERM)
    usage = waited(child)
    return (arrivals[0] - start if arrivals else float("inf")), usage.ru_maxrss / 1_024, usage.ru_utime + usage.ru_stime


def waited(child: subprocess.Popen[bytes]) -> resource.struct_rusage:
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


if __name__ == "__main__":
    main()
