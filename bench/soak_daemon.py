"""Does the daemon itself stay small?  `monitor run` in fast motion for days, measured from outside each simulated hour.

    python bench/soak_daemon.py FEED_URL --publish URL [--news 24] [--hours 48] [--times 120] [--at 2025-03-14T09:00]

FEED_URL    a feed on this machine, which moves on when it is told to
--publish   is posted to, {n} and {updates} filled in: for 24 articles at the start, then hourly for a part of --news
--news      articles a day; every second one also edits an older one
--times     so many times as fast as life.  Pauses and time limits are as many times as short (see at.py)
--at        the time at which the simulation begins: not long before what the feed dates its items

The process is the one that a user starts, with a receiver for its alerts.  It tells by its own /metrics how it does;
only the log is weighed from outside.  Prints a line for each simulated hour, and at the end how things grew, by a
straight line through all but the first quarter.
"""

from __future__ import annotations

import argparse
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from soak import post, slope

FIRST = 24  # articles at the start
ATTEMPTS = 20  # to read the metrics: in fast motion the daemon waits only for some hundredths of a second for a request


@dataclass(frozen=True, slots=True)
class Hour:
    """How the daemon did at the end of a simulated hour; sizes in MB, the lag in seconds of real time."""

    memory: float
    descriptors: float
    journal: float
    log: float
    database: float
    lag: float
    articles: float
    waiting: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feed")
    parser.add_argument("--publish", required=True)
    parser.add_argument("--news", type=int, default=24)
    parser.add_argument("--hours", type=int, default=48, help="at least 2")
    parser.add_argument("--times", type=float, default=120.0)
    parser.add_argument("--at", default="2025-03-14T09:00")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, receiver() as (sink, received):
        began = time.monotonic()
        hours = soak(Path(folder), sink, asked)
        took = time.monotonic() - began
    told = hours[len(hours) // 4 :]
    for name in (field.name for field in fields(Hour) if field.name not in ("lag", "waiting")):
        each = slope(range(len(told)), [getattr(hour, name) for hour in told])
        print(f"{name}: {24 * each:+.2f} in 24 h")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"longest lag of the loop: {hours[-1].lag:.2f} s; {len(received)} messages received")
    cpu_s, peak_mb = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6
    print(f"CPU: {cpu_s:.0f} s of {took:.0f} s of real time; peak of memory: {peak_mb:.1f} MB")


def soak(folder: Path, sink: str, asked: argparse.Namespace) -> list[Hour]:
    """Run the daemon for so many simulated hours; return how it did in each."""
    host, port, config, log = urlsplit(asked.feed).hostname, free_port(), folder / "config.toml", folder / "log"
    config.write_text(
        f'[monitor]\ndatabase = "monitor.db"\nlisten = "127.0.0.1:{port}"\n[fetch]\nallow_networks = ["{host}/32"]\n'
        f'[[topics]]\nname = "Soak"\nabout = "*"\nfeeds = ["{asked.feed}"]\ninterval = {{ min = "5m", max = "5m" }}\n'
        f'[[channels]]\nname = "desk"\nwebhook = "{sink}"\n',
        "utf-8",
    )
    at = [sys.executable, str(Path(__file__).with_name("at.py")), "--at", asked.at, "--times", str(asked.times)]
    hours: list[Hour] = []
    post(asked.publish.format(n=FIRST, updates=0))
    with log.open("wb") as err:
        child = subprocess.Popen([*at, "run", "--config", str(config)], stderr=err)  # noqa: S603  our own command
    try:
        began = time.monotonic()
        for number in range(1, asked.hours + 1):
            time.sleep(max(0.0, began + number * 3600 / asked.times - time.monotonic()))
            hours.append(measured(f"http://127.0.0.1:{port}/metrics", log, asked.times))
            names = (f"{field.name} {value:.2f}" for field, value in zip(fields(Hour), astuple(hours[-1]), strict=True))
            print(f"hour {number:3}: {', '.join(names)}", flush=True)
            due = number * asked.news // 24 - (number - 1) * asked.news // 24
            if due:
                post(asked.publish.format(n=due, updates=(due + number % 2) // 2))
        child.send_signal(signal.SIGTERM)
        if code := child.wait(30):
            raise SystemExit(f"the daemon ended with {code}")
    finally:
        child.kill()
        child.wait()
    said = log.read_text("utf-8").splitlines()
    print(*(line for line in said if " INFO " not in line), sep="\n")
    with closing(sqlite3.connect(folder / "monitor.db")) as database:
        (polls,) = database.execute("SELECT count(*) FROM fetches WHERE url = ?", (asked.feed,)).fetchone()
    print(f"{polls} polls of the feed, {len(said)} lines in the log; what it says besides INFO stands above")
    return hours


def measured(metrics: str, log: Path, times: float) -> Hour:
    """Ask the daemon how it does."""
    says = dict(line.rsplit(" ", 1) for line in page(metrics).splitlines() if not line.startswith("#"))
    return Hour(
        memory=float(says["process_resident_memory_bytes"]) / 1e6,
        descriptors=float(says["process_open_fds"]),
        journal=float(says["monitor_database_wal_bytes"]) / 1e6,
        log=log.stat().st_size / 1e6,
        database=float(says["monitor_database_bytes"]) / 1e6,
        lag=float(says["monitor_loop_lag_max_seconds"]) / times,
        articles=float(says["monitor_articles"]),
        waiting=float(says["monitor_entries_waiting"]),
    )


def page(url: str) -> str:
    for _ in range(ATTEMPTS):
        try:
            with urlopen(url, timeout=10) as answer:  # noqa: S310  on this machine
                return str(answer.read(), "utf-8")
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url}: no answer")


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Take what is posted on loopback; yield the address, and the list that messages are added to."""
    received: list[bytes] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", received
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    main()
