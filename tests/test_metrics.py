"""What the daemon tells those who watch it: the page as values, and the real daemon over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from monitor import gauges, listener, metrics, service
from monitor.config import Config
from monitor.gauges import Lag
from monitor.model import ALERT_KINDS, SourceState
from monitor.reading import Reader

from .room import Room
from .world import FIRED, World, followed

DOC = (Path(__file__).parent.parent / "docs" / "config.md").read_text("utf-8")
COUNTS = metrics.Counts(
    articles=3,
    developments=2,
    alerts={"reversal": 2},
    deliveries={"held": 1},
    sources={"ok": 4},
    entries_waiting=5,
    topics=2,
    blind=1,
    database_bytes=4_096,
    journal_bytes=0,
    disk_free_bytes=123_456_789_012,
)
PROCESS = metrics.Process("1.2", 0.25, 1.5, 2.0, 1_000, 7)
ANYWHERE = ("127.0.0.1", 0)


# -------------------------------------------------------------------------------------------------------- the page


def numbers(page: str) -> dict[str, float]:
    """Read a page as strictly as the format is written down."""
    samples: dict[str, float] = {}
    told = ""
    for line in page.splitlines():
        if found := re.fullmatch(r"# HELP (\w+) [^\\]+", line):
            assert found[1] not in {name.partition("{")[0] for name in samples}
            told = found[1]
        elif line.startswith("#"):
            assert line == f"# TYPE {told} gauge"
        else:
            name, value = line.rsplit(" ", 1)
            assert re.fullmatch(told + r'(\{[a-z]+="[\w.-]+"\})?', name)
            assert name not in samples
            samples[name] = float(value)
    assert page.endswith("\n")
    return samples


def test_every_kind_and_state_has_its_number_from_the_start() -> None:
    found = numbers(metrics.page(PROCESS, COUNTS))
    assert [found[f'monitor_alerts{{kind="{kind}"}}'] for kind in ("reversal", "blind")] == [2, 0]
    assert {name for name in found if name.startswith("monitor_alerts")} == {
        f'monitor_alerts{{kind="{kind}"}}' for kind in ALERT_KINDS
    }
    assert {name for name in found if name.startswith("monitor_sources")} == {
        f'monitor_sources{{state="{state}"}}' for state in SourceState
    }
    assert found["monitor_disk_free_bytes"] == 123_456_789_012
    assert found["monitor_loop_lag_seconds"] == 0.25
    assert found['monitor_build_info{version="1.2"}'] == 1


def test_what_is_not_known_is_left_out() -> None:
    unread = numbers(metrics.page(replace(PROCESS, turned_ago_s=None, resident_bytes=None), None))
    assert unread["monitor_database_readable"] == 0
    assert set(numbers(metrics.page(PROCESS, COUNTS))) - set(unread) >= {
        "monitor_articles",
        "monitor_loop_last_turn_age_seconds",
        "process_resident_memory_bytes",
    }


def test_a_word_from_elsewhere_never_becomes_a_label() -> None:
    page = metrics.page(PROCESS, replace(COUNTS, alerts={'x"} 1\nevil{y="': 3, "blind": 1}))
    assert "evil" not in page
    assert (numbers(page)['monitor_alerts{kind="other"}'], numbers(page)['monitor_alerts{kind="blind"}']) == (3, 1)


def test_the_document_names_all_there_is_and_nothing_else() -> None:
    names = {each.name for each in (*metrics.OF_PROCESS, *metrics.OF_DATABASE)} | {"monitor_database_readable"}
    assert set(re.findall(r"`((?:monitor|process)_\w+)", DOC)) == names


@dataclass
class Hand:
    """A loop whose appointments we keep ourselves."""

    at: float = 100.0
    kept: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def call_at(self, at: float, do: Callable[[], None]) -> Any:
        self.kept.append((at, do))

    def come(self, late: float) -> None:
        at, do = self.kept.pop()
        self.at = at + late
        do()


def test_lag_is_the_last_and_the_greatest() -> None:
    hand = Hand()
    lag = Lag(lambda: hand.at, hand.call_at)
    seen = []
    for late in (0.0, 2.0, 0.5):
        hand.come(late)
        seen.append((lag.last_s, lag.greatest_s))
    assert seen == [(0.0, 0.0), (2.0, 2.0), (0.5, 2.0)]


def test_only_a_page_that_is_still_to_be_read_waits(tmp_path: Path) -> None:
    room = Room(tmp_path / "monitor.db")
    room.follow()
    for state, due in (("new", 1), ("failed", 1), ("blocked", 0), ("article", 1), ("skipped", 0)):
        room.run(
            "INSERT INTO entries (source_id, url, host, first_seen_at, state, next_try_at) "
            f"VALUES (1, 'https://{state}.example/', 'h', 't', '{state}', {'NULL' if not due else repr('t')})"
        )
    room.run("UPDATE topics SET blind_since = 't'")
    with closing(room.store), Reader.open(room.path) as reader:
        found = reader.counts()
    assert found.entries_waiting == 2
    assert (found.topics, found.blind) == (1, 1)


# ------------------------------------------------------------------------------------------------------ the daemon


@dataclass
class Daemon:
    """A daemon that runs; `config`: what the file says from now on, once `hup` is set."""

    world: World
    log: pytest.LogCaptureFixture
    config: Config
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hup: asyncio.Event = field(default_factory=asyncio.Event)

    async def says(self, words: str) -> None:
        while words not in self.log.text:  # noqa: ASYNC110  what is logged sets no event
            await asyncio.sleep(0.001)

    async def port(self) -> int:
        """Return where it listens, as the log has it, and forget the log."""
        await self.says("/healthz")
        (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/metrics", self.log.text)
        self.log.clear()
        return int(port)

    def change(self, **changes: Any) -> None:
        self.config = replace(self.config, sha256="changed", **changes)
        self.hup.set()


@asynccontextmanager
async def running(world: World, config: Config, log: pytest.LogCaptureFixture) -> AsyncIterator[Daemon]:
    log.set_level(logging.INFO, "monitor")
    daemon, outside = Daemon(world, log, config), world.world()

    def reload(sha256: str) -> Config | None:
        return daemon.config if daemon.config.sha256 != sha256 else None

    async with service.opened(config, outside) as house, asyncio.timeout(20):
        task = asyncio.create_task(service.run(house, config, outside, reload=reload, stop=daemon.stop, hup=daemon.hup))
        try:
            yield daemon
        finally:
            daemon.stop.set()
            await task


async def asked(port: int, request: bytes) -> tuple[str, dict[str, str], str]:
    """Send bytes, and return status, headers and body of what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *lines = head.split("\r\n")
    return (
        status.partition(" ")[2],
        {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)},
        body,
    )


def get(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@pytest.fixture
async def daemon(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Daemon]:
    world = World(tmp_path)
    config = replace(await followed(world, "wire.example"), listen=ANYWHERE)
    async with running(world, config, caplog) as daemon:
        yield daemon


async def test_what_happens_is_counted(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    port = await daemon.port()
    status, headers, body = await asked(port, get("/metrics?x=1"))
    found = numbers(body)
    assert status == "200 OK"
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (headers["content-length"], headers["connection"]) == (str(len(body.encode())), "close")
    assert (found["monitor_articles"], found['monitor_sources{state="ok"}'], found["monitor_topics"]) == (1, 1, 1)
    assert found["process_resident_memory_bytes"] > 10_000_000
    assert found["process_open_fds"] > 3
    assert found["monitor_database_bytes"] > 100_000
    assert 0 <= found["monitor_loop_lag_seconds"] <= found["monitor_loop_lag_max_seconds"]
    monkeypatch.setattr(gauges, "KEPT_S", 0.0)
    daemon.world.turn(hours=1)
    daemon.world.publish("wire.example", "/fired", "Harbour Bank fires its manager", *FIRED)
    daemon.world.turn(hours=13)
    while not found['monitor_alerts{kind="new-development"}']:
        found = numbers((await asked(port, get("/metrics")))[2])
    assert found["monitor_developments"] == 1
    assert found["monitor_loop_last_turn_age_seconds"] < 20


async def test_it_is_read_once_for_many(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    port, opened = await daemon.port(), []
    usual = Reader.open

    def counted(*args: Any, **more: Any) -> Reader:
        opened.append(args)
        return usual(*args, **more)

    monkeypatch.setattr(Reader, "open", counted)
    answers = await asyncio.gather(*(asked(port, get(path)) for path in ("/metrics", "/healthz") * 3))
    assert len({status for status, _, _ in answers}) == 1
    assert len(opened) == 1


async def test_health_is_what_the_command_says(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "KEPT_S", 0.0)
    port = await daemon.port()
    status, _, line = await asked(port, get("/healthz"))
    while "not turned" in line:
        status, _, line = await asked(port, get("/healthz"))
    assert (status, line) == ("200 OK", "healthy: running, loop, config, topics, deliveries, disk\n")
    with closing(sqlite3.connect(daemon.config.database)) as db, db:
        db.execute("UPDATE topics SET blind_since = '2021-01-01T00:00:00Z'")
    status, _, line = await asked(port, get("/healthz"))
    assert (status, line) == (
        "503 Service Unavailable",
        "not healthy: nothing can be seen of story; see `monitor sources`\n",
    )


async def test_a_database_that_cannot_be_read_is_said(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    port = await daemon.port()
    monkeypatch.setattr(gauges.health, "checked", lambda *_: 1 / 0)
    assert (await asked(port, get("/healthz")))[0] == "500 Internal Server Error"
    monkeypatch.undo()
    monkeypatch.setattr(gauges, "KEPT_S", 0.0)
    moved = daemon.config.database.rename(daemon.world.folder / "away.db")
    status, _, line = await asked(port, get("/healthz"))
    _, _, page = await asked(port, get("/metrics"))
    moved.rename(daemon.config.database)
    assert (status, line.startswith("not healthy: ")) == ("503 Service Unavailable", True)
    assert numbers(page)["monitor_database_readable"] == 0


async def test_who_reads_beside_the_writer_takes_no_lock_of_his(daemon: Daemon) -> None:
    """Another program that comes and goes takes the write-ahead log for its own where the writer's lock is lost."""
    port = await daemon.port()
    await asked(port, get("/metrics"))
    log = daemon.config.database.with_name("monitor.db-wal")
    before = log.stat().st_ino
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM notes'); c.close()"
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, str(daemon.config.database)], check=True, timeout=20
    )
    assert done.returncode == 0
    assert log.stat().st_ino == before


# What is sent -> status, and a word of the answer.
REQUESTS: dict[str, tuple[bytes, str, str]] = {
    "another page": (get("/"), "404 Not Found", "/metrics and /healthz"),
    "a way out": (get("/../../etc/passwd"), "404 Not Found", ""),
    "to write": (get("/metrics", "POST"), "405 Method Not Allowed", "only read"),
    "to write, with a body": (get("/healthz", "PUT") + b"x" * 100_000, "405 Method Not Allowed", "only read"),
    "a method in small letters": (get("/metrics", "get"), "405 Method Not Allowed", "only read"),
    "no HTTP": (b"hello\r\n\r\n", "400 Bad Request", "HTTP/1.1"),
    "no text": (b"\xff\x00 \xfe\r\n\r\n", "400 Bad Request", "HTTP/1.1"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 Bad Request", "HTTP/1.1"),
    "a huge request line": (get("/" + "x" * 300_000), "431 Request Header Fields Too Large", "4096 bytes"),
    "huge headers": (get("/metrics")[:-2] + b"X: " + b"y" * 5_000, "431 Request Header Fields Too Large", ""),
    "a page's text": (get("/healthz"), "200 OK", "healthy"),
    "a head alone": (get("/healthz", "HEAD"), "200 OK", ""),
}


async def test_a_request_is_answered_or_turned_away(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "KEPT_S", 0.0)
    port = await daemon.port()
    while "not turned" in (await asked(port, get("/healthz")))[2]:
        pass
    for name, (request, status, word) in REQUESTS.items():
        told, headers, body = await asked(port, request)
        assert (told, word in body) == (status, True), name
        assert ("allow" in headers) == (status[:3] == "405"), name
        assert int(headers["content-length"]) == len(body.encode()) or name == "a head alone"
    assert (body, int(headers["content-length"]) > 0) == ("", True)


async def test_who_is_slow_is_told_so_and_who_comes_in_a_crowd_is_not_heard(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = await daemon.port()
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(listener.CONNECTIONS)]
    for reader, writer in crowd:
        writer.write(get("/healthz"))
        await reader.readuntil(b"\r\n\r\n")  # answered, and not gone yet
    late, unheard = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises(ConnectionError):
        assert not await late.read()
        raise ConnectionError  # closed without a word is as good as reset
    unheard.close()
    for _, writer in crowd:
        writer.close()
        await writer.wait_closed()
    monkeypatch.setattr(listener, "WITHIN_S", 0.05)
    status = ""
    while not status:  # until the crowd is gone
        try:
            status, _, _ = await asked(port, b"GET /metrics HTTP/1.1\r\n")
        except ConnectionError:
            continue
    assert status == "408 Request Timeout"


async def test_it_follows_the_config(daemon: Daemon) -> None:
    first = await daemon.port()
    with socket.socket() as free:
        free.bind(ANYWHERE)
        second = free.getsockname()[1]
    daemon.change(listen=("127.0.0.1", second))
    assert await daemon.port() == second
    assert (await asked(second, get("/metrics")))[0] == "200 OK"
    with pytest.raises(ConnectionRefusedError):
        await asked(first, get("/metrics"))
    daemon.config = replace(daemon.config, listen=None, sha256="again")
    daemon.hup.set()
    await daemon.says("served no more")
    with pytest.raises(ConnectionRefusedError):
        await asked(second, get("/metrics"))


async def test_a_port_that_is_taken_keeps_nothing_from_going_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "KEEP_EVERY_S", 0.05)
    world = World(tmp_path)
    with socket.socket() as other:
        other.bind(ANYWHERE)
        other.listen()
        port = other.getsockname()[1]
        config = replace(await followed(world, "wire.example"), listen=("127.0.0.1", port))
        async with running(world, config, caplog) as daemon:
            await daemon.says(f"cannot listen at 127.0.0.1:{port}: Address already in use; everything else goes on")
            asked_before = len(world.asked)
            world.turn(hours=13)
            while len(world.asked) == asked_before:  # noqa: ASYNC110  the network sets no event
                await asyncio.sleep(0.001)
            assert caplog.text.count("cannot listen") == 1
            other.close()
            assert await daemon.port() == port


async def test_it_ends_with_the_daemon_whoever_still_talks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = World(tmp_path)
    config = replace(await followed(world, "wire.example"), listen=ANYWHERE)
    async with running(world, config, caplog) as daemon:
        port = await daemon.port()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /met")
        await asked(port, get("/metrics"))
        loop = asyncio.get_running_loop()
        began = loop.time()
    assert loop.time() - began < listener.FAREWELL_S
    with pytest.raises(ConnectionError):
        assert not await reader.read()
        raise ConnectionError
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asked(port, get("/metrics"))


async def test_nothing_listens_unless_it_is_wanted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = World(tmp_path)
    config = await followed(world, "wire.example")
    assert config.listen is None
    async with running(world, config, caplog) as daemon:
        daemon.change()
        await daemon.says("config taken over")
    assert not [said for name, _, said in caplog.record_tuples if name == "monitor" and "metrics" in said]
