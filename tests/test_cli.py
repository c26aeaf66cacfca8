"""The command as a person meets it: what it prints, and the exit code, whatever is wrong."""

import contextlib
import http.server
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from monitor import cli
from monitor.lock import only_one
from monitor.reading import Reader

from .room import furnish

CONFIG = '[monitor]\ndatabase = "monitor.db"\n[[topics]]\nname = "Story"\nabout = "bank"\nfeeds = ["https://nowhere.invalid/rss"]\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def filled(home: Path) -> Path:
    """A database with nothing in it yet."""
    furnish(home / "monitor.db")
    return home


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words))


READERS = [*map(str.split, ("alerts", "topics", "sources", "status", "timeline story", "why 1"))]
READERS += [["channels"], ["channels", "dead"], ["channels", "retry"]]


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_without_a_database_readers_say_what_to_do(home: Path, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert "monitor run" in result.stderr
    assert not (home / "monitor.db").exists()


@pytest.mark.parametrize("words", [["alerts"], ["topics"], ["sources"], ["status"]], ids=lambda words: words[0])
def test_an_empty_database_is_no_error(filled: Path, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()
    assert json.loads(run(*words, "--json").stdout) is not None


BROKEN = {
    "an unknown key": (CONFIG + 'feds = ["x"]\n', ("config.toml", "topics[0].feds", "feeds")),
    "a wrong type": (CONFIG.replace('"bank"', "3"), ("topics[0].about",)),
    "no TOML": ("[monitor\n", ("config.toml", "line 1")),
    "a bad query": (CONFIG.replace('"bank"', '"bank AND ("'), ("topics[0].about",)),
    "no topics": ('[monitor]\ndatabase = "monitor.db"\n', ("topics",)),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", ["run", "once", "check", "alerts", "status"])
def test_a_broken_config_names_the_place_and_exits_3(
    home: Path, command: str, text: str, said: tuple[str, ...]
) -> None:
    (home / "config.toml").write_text(text)
    result = run(command)
    assert result.exit_code == 3
    assert all(word in result.stderr for word in said), result.stderr
    assert "Traceback" not in result.output


def test_no_config_at_all_lists_where_it_was_looked_for(home: Path) -> None:
    (home / "config.toml").unlink()
    result = run("alerts")
    assert result.exit_code == 3
    assert "config.toml" in result.stderr


def test_a_second_instance_exits_5_and_names_the_first(home: Path) -> None:
    with only_one(home / "monitor.db"):
        result = run("once")
    assert result.exit_code == 5
    assert str(os.getpid()) in result.stderr


FILES = {
    "a text file": b"This is a shopping list, and long enough to be taken for a database file by its size alone.\n"
    * 20,
    "another program's database": None,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_foreign_file_is_refused_and_left_as_it_is(home: Path, content: bytes | None) -> None:
    path = home / "monitor.db"
    if content is None:
        with sqlite3.connect(path) as db:
            db.execute("create table cakes (name)")
        db.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    for command in ("once", "alerts"):
        result = run(command)
        assert result.exit_code == 1, result.output
        assert "monitor.db" in result.stderr
    assert path.read_bytes() == before


def test_a_newer_database_is_refused(filled: Path) -> None:
    with sqlite3.connect(filled / "monitor.db") as db:
        db.execute("pragma user_version = 999")
    db.close()
    result = run("once")
    assert result.exit_code == 1
    assert "newer" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["timeline", "nothing"],
        ["why", "7"],
        ["seen", "7"],
        ["alerts", "--topic", "nothing"],
        ["alerts", "--since", "soon"],
    ],
    ids=lambda words: " ".join(words),
)
def test_what_does_not_exist_is_said_with_exit_2(filled: Path, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("monitor: ")


@pytest.mark.parametrize("words", [["fly"], ["alerts", "--fast"], ["seen"]], ids=lambda words: " ".join(words))
def test_wrong_words_exit_2(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_once_with_a_host_that_does_not_resolve_says_so_and_exits_4(home: Path) -> None:
    result = run("once")
    assert result.exit_code == 4, result.output
    with sqlite3.connect(home / "monitor.db") as db:
        state, why = db.execute("select state, why from sources").fetchone()
    db.close()
    assert state == "failing"
    assert "nowhere.invalid" in why


def test_check_writes_nothing(home: Path) -> None:
    result = run("check")
    assert result.exit_code == 4
    assert "nowhere.invalid" in result.stdout
    assert sorted(path.name for path in home.iterdir()) == ["config.toml"]


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    for name, command in cli.main.commands.items():
        assert command.help, name
        if isinstance(command, click.Group):
            assert all(each.help for each in command.commands.values())
            assert all(re.search(rf"`([a-z]+ )?{each}`", readme) for each in command.commands)
        assert re.search(rf"`(monitor )?{name}\b", readme), f"{name} is not in the README"


def test_a_fault_of_ours_is_one_sentence_and_exit_1(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(_: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(Reader, "topics", faulty)
    result = run("topics")
    assert result.exit_code == 1
    assert "fault of this program" in result.stderr
    assert "Traceback" not in result.output


SEEN = {
    "seen alone": (["seen", "1"], "1 marked as seen.", (1, None)),
    "noise": (["seen", "1", "2", "--noise"], "2 marked as noise.", (2, "noise")),
    "useful": (["seen", "2", "--useful"], "1 marked as useful.", (1, "useful")),
}


@pytest.mark.parametrize(("words", "said", "stored"), SEEN.values(), ids=SEEN)
def test_seen_says_what_was_marked(filled: Path, words: list[str], said: str, stored: tuple[int, str | None]) -> None:
    with contextlib.closing(sqlite3.connect(filled / "monitor.db")) as db, db:
        db.execute("insert into topics (slug, name, added_at) values ('story', 'Story', '2026-03-01')")
        for headline in ("Fire", "Flood"):
            db.execute(
                "insert into alerts (topic, kind, headline, whats_new, why, created_at) values (?, ?, ?, ?, ?, ?)",
                ("story", "edited", headline, "x", "x", "2026-03-01T12:00:00Z"),
            )
    assert run(*words).stdout.strip() == said
    marked = [each["feedback"] for each in json.loads(run("alerts", "--all", "--json").stdout) if each["seen_at"]]
    assert (len(marked), marked[0]) == stored
    noise = json.loads(run("topics", "--json").stdout)[0]["noise_share"]
    assert noise == {None: None, "noise": 1.0, "useful": 0.0}[stored[1]]


def test_an_alert_has_one_mark(filled: Path) -> None:
    result = run("seen", "1", "--noise", "--useful")
    assert result.exit_code == 2
    assert "one mark" in result.stderr


@pytest.mark.parametrize("text", [CONFIG + 'feds = ["x"]\n', CONFIG.replace("monitor.db", "nowhere/monitor.db")])
def test_a_json_log_is_json_to_the_last_word(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)
    result = run("run", "--log", "json")
    told = [json.loads(line) for line in result.stderr.splitlines()]
    assert result.exit_code in (1, 3)
    assert [line["level"] for line in told] == ["info", "error"]
    assert "\nmonitor: " in run("run").stderr


def test_version() -> None:
    assert run("version").stdout.startswith("story-monitor ")


# ---------------------------------------------------------------------------------------------------- the daemon


@contextlib.contextmanager
def running(home: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "monitor", "run", "-v"], cwd=home, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        assert child.stderr is not None
        child.stderr.close()


@pytest.fixture
def daemon(home: Path) -> Iterator[subprocess.Popen[str]]:
    with running(home) as child:
        yield child


def wait_for(child: subprocess.Popen[str], words: str) -> list[str]:
    """Read the log until a line has these words; the child ends the wait by ending."""
    assert child.stderr is not None
    lines = []
    for line in child.stderr:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def test_the_daemon_ends_on_sigterm_and_can_start_again(daemon: subprocess.Popen[str], home: Path) -> None:
    wait_for(daemon, "following 1 topic into")
    wait_for(daemon, "failing")
    assert run("once").exit_code == 5
    began = time.monotonic()
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=20) == 0
    assert time.monotonic() - began < 20
    assert run("status").exit_code == 0


def test_a_lock_at_the_start_is_waited_for_and_sigterm_ends_the_wait(filled: Path) -> None:
    with contextlib.closing(sqlite3.connect(filled / "monitor.db", isolation_level=None)) as holder:
        holder.execute("begin immediate")
        with running(filled) as child:
            wait_for(child, "waiting up to two minutes for the lock")
            began = time.monotonic()
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=20) == 0
            assert time.monotonic() - began < 4


def test_a_changed_config_is_taken_over_and_a_broken_one_refused(daemon: subprocess.Popen[str], home: Path) -> None:
    wait_for(daemon, "following 1 topic into")
    (home / "config.toml").write_text(CONFIG + '[[topics]]\nname = "Other"\nabout = "fish"\n')
    wait_for(daemon, "config taken over: 2 topics")
    (home / "config.toml").write_text(CONFIG + "feds = 1\n")
    lines = wait_for(daemon, "feds")
    assert any("refused" in line for line in lines)
    assert run("status").exit_code == 3
    with sqlite3.connect(home / "monitor.db") as db:
        assert "feds" in db.execute("select value from notes where key = 'config_error'").fetchone()[0]
        assert db.execute("select count(*) from topics where active").fetchone()[0] == 2
    db.close()
    (home / "config.toml").write_text(CONFIG)
    wait_for(daemon, "config taken over: 1 topics")
    assert run("status").exit_code == 0


class Slow(http.server.BaseHTTPRequestHandler):
    """A feed with one article, whose page comes only once `open_` is set."""

    open_ = threading.Event()
    asked = threading.Event()

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        if self.path == "/robots.txt":
            self.send_error(404)
        elif self.path == "/feed":
            item = f"<item><title>Bank closes</title><link>{base}/page</link></item>"
            self.answer("application/rss+xml", f"<rss version='2.0'><channel>{item}</channel></rss>")
        else:
            self.asked.set()
            self.open_.wait(30)
            text = (
                "<p>The bank closed its branch in Brixham on Monday, it said in a statement to its customers.</p>" * 3
            )
            self.answer("text/html", f"<title>Bank closes</title><article><h1>Bank closes</h1>{text}</article>")

    def answer(self, kind: str, text: str) -> None:
        with contextlib.suppress(OSError):  # a client that was killed has gone
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def test_sigterm_in_the_middle_of_a_request_loses_nothing(home: Path) -> None:
    Slow.open_.clear()
    Slow.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feed = f"http://127.0.0.1:{server.server_port}/feed"
        settings = '[fetch]\nallow_networks = ["127.0.0.0/8"]\nper_host_delay = "0s"\n'
        (home / "config.toml").write_text(settings + CONFIG.replace("https://nowhere.invalid/rss", feed))
        child = subprocess.Popen([sys.executable, "-m", "monitor", "run"], cwd=home, stderr=subprocess.DEVNULL)
        try:
            assert Slow.asked.wait(20)
            began = time.monotonic()
            child.send_signal(signal.SIGTERM)
            assert child.wait(timeout=10) == 0
            assert time.monotonic() - began < 20
        finally:
            child.kill()
            child.wait()
            Slow.open_.set()
        with contextlib.closing(sqlite3.connect(home / "monitor.db")) as db:
            assert db.execute("select state from entries").fetchall() == [("new",)]
        assert run("once").exit_code == 0
        with contextlib.closing(sqlite3.connect(home / "monitor.db")) as db:
            assert db.execute("select state from entries").fetchall() == [("article",)]
            assert "Brixham" in db.execute("select text from articles").fetchone()[0]
        server.shutdown()
