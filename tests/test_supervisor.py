"""What systemd hears: over a real datagram socket, from the real daemon; and the unit file that starts it."""

import asyncio
import configparser
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor import service
from monitor.errors import AlreadyRunning, ConfigError, MonitorError, StoreError, UsageError
from monitor.store import Store
from monitor.supervisor import Supervisor

from .world import World, followed

SINCE_254 = re.compile(r"Unknown key( name)? '(RestartSteps|RestartMaxDelaySec)'")
UNIT = Path(__file__).parent.parent / "packaging" / "monitor.service"


class Systemd:
    """Listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)
        self.words: list[str] = []

    def heard(self) -> list[str]:
        """Return all that was said so far, a line each."""
        try:
            while True:
                self.words += self._socket.recv(4_096).decode().split("\n")
        except BlockingIOError:
            return self.words

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["file", "abstract"])
def systemd(request: pytest.FixtureRequest) -> Iterator[Systemd]:
    with tempfile.TemporaryDirectory() as folder:
        systemd = Systemd(f"@monitor-test-{os.getpid()}" if request.param == "abstract" else f"{folder}/notify")
        yield systemd
        systemd.close()


async def test_a_run_from_start_to_end(systemd: Systemd, tmp_path: Path) -> None:
    world = World(tmp_path)
    config = world.config("wire.example")
    env = {"NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "20000"}
    outside = replace(world.world(), supervisor=Supervisor.of(env, os.getpid()))
    stop, hup = asyncio.Event(), asyncio.Event()
    async with service.opened(config, outside) as house, asyncio.timeout(20):
        assert systemd.heard() == []  # an open database is no work done yet
        running = asyncio.create_task(service.run(house, config, outside, reload=lambda _: None, stop=stop, hup=hup))
        while "READY=1" not in systemd.heard():  # noqa: ASYNC110  here and below: what is said sets no event
            await asyncio.sleep(0)
        assert "STATUS=following 1 topic" in systemd.words
        before = systemd.heard().count("WATCHDOG=1")
        assert before >= 1
        hup.set()
        while systemd.heard().count("READY=1") < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert systemd.words.index("RELOADING=1") < len(systemd.words) - systemd.words[::-1].index("READY=1")
        while systemd.heard().count("WATCHDOG=1") == before:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert "STOPPING=1" not in systemd.words
        stop.set()
        await running
    assert systemd.heard()[-2:] == ["STOPPING=1", "STATUS=stopping"]


async def test_a_large_archive_may_take_as_long_as_it_takes(systemd: Systemd, tmp_path: Path) -> None:
    world = World(tmp_path)
    config = await followed(world, "wire.example")
    outside = replace(world.world(), supervisor=Supervisor.of({"NOTIFY_SOCKET": systemd.address}, os.getpid()))
    async with service.opened(config, outside):
        assert systemd.heard() == ["EXTEND_TIMEOUT_USEC=120000000", "STATUS=remembering the archive: 1 articles"]


async def test_a_loop_that_cannot_ask_is_neither_ready_nor_alive(
    systemd: Systemd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    config = world.config("wire.example")
    outside = replace(world.world(), supervisor=Supervisor(systemd.address, 0.02))
    stop, asked = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(service, "AFTER_FAULT_S", 0.0)
    loop = asyncio.get_running_loop()

    def broken(*_: object) -> None:
        loop.call_soon_threadsafe(asked.set)
        raise ValueError("a fault")

    async with service.opened(config, outside) as house, asyncio.timeout(20):
        monkeypatch.setattr(Store, "due_hosts", broken)
        running = asyncio.create_task(
            service.run(house, config, outside, reload=lambda _: None, stop=stop, hup=asyncio.Event())
        )
        await asked.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert systemd.heard() == []
        stop.set()
        await running
    assert "READY=1" not in systemd.heard()


FED = {
    "at half of its time": ("30000000", None, [0.0, 14.9, 15.0, 16.0, 30.0, 31.0], 3),
    "not when nobody watches": ("", None, [0.0, 100.0], 0),
    "not when another process is watched": ("30000000", "1", [0.0, 100.0], 0),
}


@pytest.mark.parametrize(("usec", "pid", "turns", "fed"), FED.values(), ids=FED)
def test_the_watchdog_is_fed(systemd: Systemd, usec: str, pid: str | None, turns: list[float], fed: int) -> None:
    env = {"NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": usec} | ({"WATCHDOG_PID": pid} if pid else {})
    supervisor = Supervisor.of(env, os.getpid())
    for at in turns:
        supervisor.alive(1_000 + at)
    assert systemd.heard().count("WATCHDOG=1") == fed


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "vsock:2:1", "@nobody-listens-here"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    Supervisor(address, 1.0).ready("well")


def test_a_status_is_one_line(systemd: Systemd) -> None:
    Supervisor(systemd.address).ready("fine\nWATCHDOG=1")
    assert len(systemd.heard()) == 2


@pytest.fixture
def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text("utf-8"))
    return parser


def test_the_unit_waits_for_our_word_and_restarts_what_a_restart_mends(unit: configparser.ConfigParser) -> None:
    told = unit["Service"]
    assert told["Type"] == "notify"
    assert told["Restart"] == "on-failure"
    never = {int(code) for code in told["RestartPreventExitStatus"].split()}
    assert never == {UsageError.exit_code, ConfigError.exit_code, AlreadyRunning.exit_code}
    assert not never & {StoreError.exit_code, MonitorError.exit_code}
    assert told["ExecStart"].split()[1] == "run"
    assert told["WatchdogSec"] == "5min"


def test_the_unit_tries_ever_less_often_and_never_gives_up(unit: configparser.ConfigParser) -> None:
    told = unit["Service"]
    assert (told["RestartSec"], told["RestartMaxDelaySec"]) == ("30s", "5min")
    assert int(told["RestartSteps"]) > 1
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_unit_may_write_only_where_its_database_lies(unit: configparser.ConfigParser) -> None:
    told = unit["Service"]
    assert (told["ProtectSystem"], told["NoNewPrivileges"], told["PrivateTmp"]) == ("strict", "yes", "yes")
    assert told["StateDirectory"] == "monitor"
    assert "ReadWritePaths" not in told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "monitor.service"
    copy.write_text(UNIT.read_text("utf-8").replace("/usr/local/bin/monitor", "/bin/true"))
    found = subprocess.run(
        ["systemd-analyze", "verify", str(copy)],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    told = [line for line in found.stderr.splitlines() if "monitor.service" in line]
    assert not [line for line in told if not SINCE_254.search(line)]
