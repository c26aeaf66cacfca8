"""Whether the daemon is well: the rules as a table, and the command on a real database with a real lock."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor import cli, health
from monitor.lock import held, only_one
from monitor.reading import Reader

from .room import NOW, Room

WELL: dict[str, Any] = {
    "running": True,
    "alive_at": NOW - timedelta(seconds=59),
    "config_error": None,
    "blind": (),
    "dead": 0,
    "late": 0,
    "free_bytes": health.ENOUGH_BYTES,
}

# What is otherwise than well -> the check that says so, and a word of what it says; None: all is well.
CASES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "well": ({}, None, ""),
    "stopped": ({"running": False}, "running", "monitor run"),
    "never turned": ({"alive_at": None}, "loop", "not turned yet"),
    "hangs": ({"alive_at": NOW - timedelta(minutes=4)}, "loop", "for 4 min"),
    "slow, but turning": ({"alive_at": NOW - timedelta(minutes=3)}, None, ""),
    "config refused": ({"config_error": "line 1 is wrong\nline 2 too"}, "config", "line 1 is wrong; line 2 too"),
    "refused for much": ({"config_error": "x" * 1_001}, "config", f"{'x' * 1_000}… (all of it: `monitor status`)"),
    "refused for as much as is shown": ({"config_error": "x" * 999 + "!"}, "config", "x!"),
    "blind": ({"blind": ("mill", "bank")}, "topics", "mill, bank"),
    "given up": ({"dead": 2}, "deliveries", "2 given up"),
    "late": ({"late": 3}, "deliveries", "3 late"),
    "disk": ({"free_bytes": health.ENOUGH_BYTES - 1}, "disk", "100 MB"),
}


@pytest.mark.parametrize(("changes", "check", "word"), CASES.values(), ids=CASES)
def test_what_is_the_matter(changes: dict[str, Any], check: str | None, word: str) -> None:
    found = {name: said for name, said in health.checked(health.Vitals(**{**WELL, **changes}), NOW).items() if said}
    assert list(found) == ([check] if check else [])
    assert all(word in said for said in found.values())


def test_what_a_config_holds_is_said_as_one_line_of_plain_text() -> None:
    hostile = health.Vitals(**{**WELL, "config_error": 'found "\x1b[2J\u202eevil\r\nHTTP/1.1 200 OK"; allowed: x'})
    said = health.said(health.checked(hostile, NOW))
    assert said.isprintable()
    assert said.endswith('; HTTP/1.1 200 OK"; allowed: x')


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    (tmp_path / "config.toml").write_text(
        '[monitor]\ndatabase = "monitor.db"\n[[topics]]\nname = "Mill fire"\nslug = "mill"\nabout = "mill"\n'
        'feeds = ["https://news.example/rss"]\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "now", lambda: NOW)
    room = Room(tmp_path / "monitor.db")
    room.follow()
    room.store.note("alive_at", NOW.isoformat(), NOW)
    yield room
    room.store.close()


def asked(*words: str) -> Result:
    return CliRunner().invoke(cli.main, ["health", *words])


def test_a_daemon_that_runs_is_healthy(room: Room) -> None:
    with only_one(room.path):
        result = asked()
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert result.stdout.startswith("healthy: ")


def test_what_is_wrong_is_one_line_and_exit_1(room: Room) -> None:
    room.run("UPDATE topics SET blind_since = '2026-03-01T00:00:00Z'")
    result = asked()
    assert (result.exit_code, result.stdout.count("\n")) == (1, 1)
    assert "no monitor runs" in result.stdout
    assert "mill" in result.stdout
    told = json.loads(asked("--json").stdout)
    assert (told["healthy"], told["checks"]["disk"]) == (False, None)
    assert "mill" in told["checks"]["topics"]


def test_a_config_that_is_refused_is_not_healthy(room: Room) -> None:
    (room.path.parent / "config.toml").write_text("[monitor\n")
    result = asked()
    assert result.exit_code == 1
    assert "not healthy" in result.stderr


DELIVERIES = {
    "just raised": ("next_try_at = '2026-03-01T12:00:00Z'", (0, 0)),
    "waits for its digest": ("next_try_at = '2026-03-08T12:00:00Z'", (0, 0)),
    "left lying": ("next_try_at = '2026-03-01T11:49:00Z'", (0, 1)),
    "refused for long": ("attempts = 5, next_try_at = '2026-03-01T13:00:00Z'", (0, 1)),
    "given up": ("state = 'dead', next_try_at = NULL", (1, 0)),
    "delivered": ("state = 'delivered', next_try_at = NULL", (0, 0)),
}


@pytest.mark.parametrize(("state", "found"), DELIVERIES.values(), ids=DELIVERIES)
def test_deliveries(room: Room, state: str, found: tuple[int, int]) -> None:
    room.now = NOW - timedelta(hours=2)
    room.tell("wire")
    room.run(f"UPDATE deliveries SET {state}")
    with Reader.open(room.path) as reader:
        vitals = reader.vitals(NOW, running=True)
        assert (vitals.dead, vitals.late) == found
        room.run("UPDATE alerts SET seen_at = '2026-03-01T11:59:00Z'")
        assert reader.vitals(NOW, running=True).dead == 0


def test_who_looks_keeps_no_monitor_from_starting(room: Room) -> None:
    assert not held(room.path)
    with only_one(room.path):
        assert held(room.path)
    assert not held(room.path)
    enough = threading.Event()

    def look() -> None:
        while not enough.is_set():
            held(room.path)

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(20):
        with only_one(room.path):
            pass
    enough.set()
    looker.join()
