"""Alerts that may be shown to others: what was changed is found; what people and time do with alerts is no change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.database import proof
from monitor.database.file import VERSION
from monitor.model import AlertId, Capture, DevelopmentId, Edit, Feedback, Redirect
from monitor.reading import Reader
from monitor.store import Store

from .room import NOW, Room, again, alert, opened

SENTENCE = "Police arrested three people over the fire at the mill."
PAGE = Capture(
    "https://wire.example/story",
    NOW,
    200,
    {"content-type": "text/html"},
    f"<p>{SENTENCE}".encode(),
    (Redirect("https://wire.example/s?1", 301), Redirect("https://wire.example/s", 302)),
)


@pytest.fixture
def room() -> Iterator[Room]:
    """Two developments, the second with its page, and an alert of no article between them."""
    with opened() as room:
        room.follow()
        room.tell("herald", "Fire destroyed the mill.", text="Fire destroyed the mill. Nobody knows why.")
        room.store.raise_alert(alert("blind"), NOW)
        room.tell("wire", SENTENCE, text=f"{SENTENCE} They deny it.", capture=PAGE)
        yield room


def found(room: Room) -> proof.Proof:
    with Reader.open(room.path) as reader:
        return reader.proof()


def test_what_was_written_is_verified(room: Room) -> None:
    proven = found(room)
    assert (proven.alerts, proven.texts, proven.captures, proven.problems) == (3, 2, 1, ())
    assert room.rows("SELECT sha256, revision_id FROM alerts WHERE id = 3") == [(proven.seal, 2)]


CHANGED = {  # by hand, and what is then said
    "a headline": ("UPDATE alerts SET headline = 'Mill safe' WHERE id = 1", "alert 1: its seal"),
    "a reason": ("UPDATE alerts SET why = '' WHERE id = 2", "alert 2: its seal"),
    "the time of an alert": ("UPDATE alerts SET created_at = '2020-01-01T00:00:00Z' WHERE id = 3", "alert 3: its seal"),
    "an alert taken away": ("DELETE FROM deliveries WHERE alert_id = 2; DELETE FROM alerts WHERE id = 2", "alert 3:"),
    "an alert added": (
        "INSERT INTO alerts (topic, kind, headline, whats_new, why, created_at) "
        "VALUES ('mill', 'blind', 'x', 'x', 'x', '2026-03-01T12:00:00Z')",
        "alert 4: its seal",
    ),
    "a seal written anew": ("UPDATE alerts SET sha256 = printf('%064d', 0) WHERE id = 1", "alert 1: its seal"),
    "a sentence": ("UPDATE evidence SET sentence = 'They deny it.' WHERE id = 2", "alert 3: its seal"),
    "a sentence taken away": ("DELETE FROM evidence WHERE id = 2", "alert 3: its seal"),
    "a sentence that nobody wrote": (
        "INSERT INTO evidence (development_id, article_id, sentence, role, seen_at) "
        "VALUES (2, 1, 'We confess.', 'corroborates', '2026-03-02T12:00:00Z')",
        "development 2: no version of https://herald.example/story has the sentence “We confess.”",
    ),
    "a text and its hash": (
        "UPDATE revisions SET text = 'They did it.', text_sha256 = "
        "'f5e8ff9a0ee4f5f7ecfd42dd1e5ad6d1cd1d8a1fd8d1a2fa3f4d0ab8b7c4e1d2' WHERE id = 2",
        "alert 3: its seal",
    ),
    "the text of a version": (
        "UPDATE revisions SET text = text || ' They did it.' WHERE id = 1",
        "https://herald.example/story: its text of 2026-03-01T12:00:00Z is not the one that was filed",
    ),
    "the text of an article": (
        "UPDATE articles SET text = 'x' WHERE id = 1",
        "https://herald.example/story: its text is not that of its last revision",
    ),
    "a raw page": (
        "UPDATE captures SET body = zeroblob(40)",
        "https://wire.example/story: the raw page",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_change_is_found(room: Room, what: str) -> None:
    sql, said = CHANGED[what]
    room.store.close()
    room.run(f"PRAGMA foreign_keys = OFF; {sql}")
    problems = found(room).problems
    assert any(problem.startswith(said) for problem in problems), problems


def test_an_alert_taken_away_from_the_end_shows_by_the_seal_kept_elsewhere(room: Room) -> None:
    kept = found(room).seal
    room.run("PRAGMA foreign_keys = OFF; DELETE FROM deliveries WHERE alert_id = 3; DELETE FROM alerts WHERE id = 3")
    proven = found(room)
    assert proven.problems == ()
    assert proven.seal != kept


def test_what_people_and_time_do_changes_nothing(room: Room) -> None:
    seal = found(room).seal
    room.store.seen([AlertId(1), AlertId(3)], NOW, Feedback.USEFUL)
    room.run("UPDATE alerts SET summary = 'Three held [1].', importance = 0.9 WHERE id = 3")
    room.file("paper", again(DevelopmentId(2), "Three are held."), text="Three are held.")
    room.file("wire", text=f"{SENTENCE} They now admit it.", known=2, edits=(Edit("text"),))  # in the same second
    room.run("PRAGMA foreign_keys = ON; DELETE FROM captures")
    proven = found(room)
    assert (proven.problems, proven.seal) == ((), seal)


def test_each_way_to_a_page_is_kept_though_its_bytes_are_kept_once(room: Room) -> None:
    mirror = replace(PAGE, url="https://mirror.example/1", redirects=(), headers={"server": "mirror"})
    room.file("mirror", capture=mirror)
    assert room.rows("SELECT article_id, url, status, headers, redirects FROM retrievals ORDER BY id") == [
        (
            2,
            PAGE.url,
            200,
            '{"content-type": "text/html"}',
            '[{"url": "https://wire.example/s?1", "status": 301}, {"url": "https://wire.example/s", "status": 302}]',
        ),
        (3, mirror.url, 200, '{"server": "mirror"}', "[]"),
    ]
    assert room.rows("SELECT count(*), count(DISTINCT capture_sha256) FROM retrievals") == [(2, 1)]
    assert room.rows("SELECT count(*) FROM captures") == [(1,)]


def test_alerts_from_before_there_were_seals_are_sealed(room: Room) -> None:
    seal = found(room).seal
    room.store.close()
    room.run(
        f"""DROP TABLE retrievals; ALTER TABLE alerts DROP COLUMN sha256; ALTER TABLE alerts DROP COLUMN revision_id;
        PRAGMA user_version = {VERSION - 1}; DELETE FROM _sqlite_migrations WHERE name = 'm007_proof'"""
    )
    room.store = Store.open(room.path)
    proven = found(room)
    assert (proven.problems, proven.seal) == ((), seal)
    assert room.rows("SELECT article_id, url, redirects FROM retrievals") == [(2, PAGE.url, "[]")]
