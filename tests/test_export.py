"""What is handed on: every alert with what it rests on, and pages that an archive's own reader reads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor import export
from monitor.errors import UsageError
from monitor.model import Capture, DevelopmentId, Redirect
from monitor.reading import Reader

from .room import NOW, Room, again, alert, opened

# warcio leaves its temporary files to be closed when nobody has them any more.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Unclosed file <tempfile:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

SENTENCE = "Police arrested three people over the fire at the mill. “三人被捕”"
PAGE = Capture(
    "https://wire.example/story",
    NOW,
    200,
    {"content-type": "text/html", "content-encoding": "gzip", "x-odd": "a\r\nb"},
    f"<p>{SENTENCE}".encode(),
    (Redirect("https://wire.example/s", 301),),
)


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        room.follow()
        room.store.raise_alert(alert("blind"), NOW)
        room.tell("wire", SENTENCE, text=f"{SENTENCE} They deny it.", capture=PAGE)
        room.file("paper", again(DevelopmentId(1), "Three are held."), text="Three are held.", capture=PAGE)
        room.file("other", text="Something else.", capture=replace(PAGE, body=b"other"))
        yield room


def written(room: Room, form: str, **chosen: Any) -> Path:
    file = room.path.with_name("out")
    with Reader.open(room.path) as reader:
        count = export.to_file(reader, file, form, chosen.get("topic"), chosen.get("since"))
    assert [path.name for path in file.parent.glob(".out*")] == []
    assert count == (len(file.read_text("ascii").splitlines()) if form == "jsonl" else len(pages(file)))
    return file


def records(file: Path) -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    """Return type, record headers, HTTP headers and content of each record."""
    with file.open("rb") as stream:
        return [
            (
                record.rec_type,
                {name.lower(): value for name, value in record.rec_headers.headers},
                {name.lower(): value for name, value in record.http_headers.headers} if record.http_headers else {},
                record.content_stream().read(),
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def pages(file: Path) -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    return [record for record in records(file) if record[0] == "response"]


def test_an_alert_is_handed_on_with_its_sentences_texts_and_pages(room: Room) -> None:
    blind, told = map(json.loads, written(room, "jsonl").read_text("ascii").splitlines())
    assert (blind["kind"], blind["evidence"], blind["texts"], blind["retrievals"]) == ("blind", [], [], [])
    assert told["sha256"] == room.rows("SELECT sha256 FROM alerts WHERE id = 2")[0][0]
    assert [(each["sentence"], each["role"], each["url"]) for each in told["evidence"]] == [
        (SENTENCE, "first", "https://wire.example/story"),
        ("Three are held.", "corroborates", "https://paper.example/story"),
    ]
    assert [each["text"] for each in told["texts"]] == [f"{SENTENCE} They deny it.", "Three are held."]
    assert [(each["url"], each["redirects"]) for each in told["retrievals"]] == [
        (PAGE.url, [{"url": "https://wire.example/s", "status": 301}])
    ] * 2


def test_the_raw_pages_behind_alerts_are_read_back_from_the_archive(room: Room) -> None:
    first, second = pages(written(room, "warc"))
    kind, about, headers, body = first
    assert body == second[3] == PAGE.body
    assert (about["warc-target-uri"], about["warc-date"]) == (PAGE.url, "2026-03-01T12:00:00Z")
    assert headers == {
        "content-type": "text/html",
        "x-archive-orig-content-encoding": "gzip",
        "x-odd": "a b",
        "content-length": str(len(PAGE.body)),
    }
    assert kind == "response"


def test_the_archive_says_who_wrote_it_and_over_which_redirects_a_page_was_reached(room: Room) -> None:
    info, page, redirects, *_ = records(written(room, "warc"))
    assert info[0] == "warcinfo"
    assert b"story-monitor/" in info[3]
    assert redirects[1]["warc-refers-to"] == page[1]["warc-record-id"]
    assert json.loads(redirects[3]) == {"redirects": [{"url": "https://wire.example/s", "status": 301}]}


def test_only_what_was_asked_for_is_handed_on(room: Room) -> None:
    assert written(room, "jsonl", since=NOW.replace(year=2027)).read_bytes() == b""
    assert pages(written(room, "warc", since=NOW.replace(year=2027))) == []
    assert len(written(room, "jsonl", topic="mill").read_text("ascii").splitlines()) == 2
    with pytest.raises(UsageError, match="no topic"):
        written(room, "jsonl", topic="mlil")


def test_a_page_whose_bytes_were_deleted_is_left_out(room: Room) -> None:
    room.run("PRAGMA foreign_keys = ON; DELETE FROM captures")
    assert pages(written(room, "warc")) == []
    told = json.loads(written(room, "jsonl").read_text("ascii").splitlines()[1])
    assert [each["capture_sha256"] for each in told["retrievals"]] == [None, None]


def test_what_cannot_be_written_is_said(room: Room, tmp_path: Path) -> None:
    with Reader.open(room.path) as reader, pytest.raises(UsageError, match=r"nowhere.out: cannot be written"):
        export.to_file(reader, tmp_path / "nowhere" / "out", "jsonl", None, None)
