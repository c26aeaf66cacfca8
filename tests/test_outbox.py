"""Alerts, and their way to the channels."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import UsageError
from monitor.model import (
    AlertId,
    Channel,
    Entry,
    Feedback,
    Setback,
    Source,
    SourceKind,
    SourceState,
)

from .room import DESK, FEED, NOW, STORY, Room, again, alert, opened


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


def test_an_alert_goes_to_each_channel_that_takes_it(room: Room) -> None:
    channels = (
        DESK,
        Channel("edits", webhook="x", kinds=("edited",)),
        Channel("daily", webhook="x", digest_s=86_400),
        Channel("foreign", webhook="x"),
    )
    room.follow(replace(STORY, notify=("desk", "edits", "daily")), channels=channels)
    room.tell("wire")
    assert room.rows("SELECT channel, state, next_try_at FROM deliveries ORDER BY id") == [
        ("desk", "waiting", "2026-03-01T12:00:00Z"),
        ("daily", "waiting", "2026-03-02T00:00:00Z"),
    ]


def test_a_delivery_carries_the_alert_and_its_evidence(room: Room) -> None:
    room.follow()
    told = room.tell("wire", "It burnt.", publisher="Wire").developments["mill"]
    room.file("herald", again(told, "A fire broke out."))
    (delivery,) = room.store.outbox(NOW)
    columns = {row[1] for row in room.rows("PRAGMA table_info(alerts)")}
    assert set(delivery.alert) == columns | {"evidence"}
    assert delivery.alert["evidence"] == [
        {"sentence": "It burnt.", "role": "first", "url": "https://wire.example/story", "publisher": "Wire"},
        {
            "sentence": "A fire broke out.",
            "role": "corroborates",
            "url": "https://herald.example/story",
            "publisher": None,
        },
    ]


def test_a_delivery_is_tried_until_it_is_taken_or_given_up(room: Room) -> None:
    room.follow()
    room.tell("wire")
    room.tell("other", "y")
    first, second = room.store.outbox(NOW)
    later = NOW + timedelta(minutes=1)
    room.store.undelivered(Setback("desk", NOW, "503", ((first.id, later), (second.id, None)), later))
    assert room.store.outbox(NOW) == ()
    (again_,) = room.store.outbox(later)
    assert (again_.key, again_.attempts) == (first.key, 1)
    room.store.delivered([first.id], later)
    assert room.rows("SELECT state, attempts, delivered_at, error FROM deliveries ORDER BY id") == [
        ("delivered", 2, "2026-03-01T12:01:00Z", None),
        ("dead", 1, None, "503"),
    ]
    room.run("UPDATE deliveries SET next_try_at = '2000-01-01T00:00:00Z'")
    assert [each.id for each in room.store.outbox(NOW)] == [second.id]


def test_every_key_is_another(room: Room) -> None:
    room.follow(channels=(DESK, Channel("two", webhook="x")))
    room.tell("wire")
    room.tell("other", "y")
    assert len({each.key for each in room.store.outbox(NOW)}) == 4


def test_alerts_are_marked_as_seen(room: Room) -> None:
    room.follow()
    room.tell("wire")
    room.tell("other", "y")
    assert room.store.seen([AlertId(1)], NOW) == 1
    assert room.store.seen([AlertId(1), AlertId(2), AlertId(2)], NOW) == 1
    with pytest.raises(UsageError, match=r"no alert 7, 9; nothing was marked"):
        room.store.seen([AlertId(7), AlertId(1), AlertId(9)], NOW)
    assert room.rows("SELECT * FROM new_alerts") == []


def test_an_alert_is_marked_with_what_it_was_worth(room: Room) -> None:
    room.follow()
    room.tell("wire")
    room.tell("other", "y")
    assert room.store.seen([AlertId(1)], NOW, Feedback.NOISE) == 1
    assert room.store.seen([AlertId(1), AlertId(2)], NOW, Feedback.KNOWN) == 1, "the first was seen before"
    room.store.seen([AlertId(1)], NOW)
    assert room.rows("SELECT feedback FROM alerts ORDER BY id") == [("known",), ("known",)], "no mark takes none away"
    with pytest.raises(UsageError, match="no alert 9"):
        room.store.seen([AlertId(1), AlertId(9)], NOW, Feedback.USEFUL)
    assert room.rows("SELECT feedback FROM alerts WHERE id = 1") == [("known",)]


BY_HAND = {"useful": True, "noise": True, "known": True, "Noise": False, "": False, "rubbish": False}


@pytest.mark.parametrize(("word", "allowed"), BY_HAND.items())
def test_only_a_mark_that_is_one_can_be_written_by_hand(room: Room, word: str, allowed: bool) -> None:
    room.follow()
    room.tell("wire")
    with contextlib.nullcontext() if allowed else pytest.raises(sqlite3.IntegrityError, match="feedback"):
        room.run(f"UPDATE alerts SET feedback = '{word}'")
    room.run("UPDATE alerts SET feedback = NULL")


def test_a_topic_is_blind_from_the_first_alert_until_it_sees_again(room: Room) -> None:
    room.follow()
    room.show(state=SourceState.FAILING, why="dns: no such host", failures=3)
    (sight,) = room.store.sight()
    assert (sight.sources, sight.unseen, sight.blind_since) == (1, 1, None)
    assert sight.why == "https://news.example/rss is failing (dns: no such host)"
    room.store.go_blind(alert("blind"), NOW)
    assert room.store.sight()[0].blind_since == NOW
    room.show()
    room.store.see_again(alert("blind"), NOW)
    (sight,) = room.store.sight()
    assert (sight.unseen, sight.blind_since, sight.why) == (0, None, "")
    assert room.rows("SELECT kind, count(*) FROM alerts") == [("blind", 2)]


HABITS = {  # days with something new, then days on which it answers and has nothing; is it silent?
    "new things every day, then a week of nothing": (range(25), 7, True),
    "not yet a week": (range(25), 6, False),
    "nothing on weekends, then a week": ([day for day in range(50) if day % 7 < 5], 7, True),
    "a burst, as of a story": (range(15), 7, False),
    "every third day": (range(0, 60, 3), 30, False),
    "a habit of long ago": ([*range(30), *range(90, 95)], 7, False),
}


@pytest.mark.parametrize("habit", HABITS)
def test_a_source_is_silent_when_it_breaks_its_habit(room: Room, habit: str) -> None:
    days, silence, silent = HABITS[habit]
    room.follow()
    room.show(learning=False)
    for day in days:
        room.now = NOW + timedelta(days=day)
        for number in range(2):  # twice a day is as once
            room.show(Entry(f"https://news.example/{day}/{number}"), last_ok=room.now)
    last, room.now = room.now, room.now + timedelta(days=silence)
    room.show(last_ok=room.now)
    (sight,) = room.store.sight()
    assert (sight.unseen == 1) is silent
    assert sight.why == (f"https://news.example/rss is silent (nothing new since {last:%Y-%m-%d})" if silent else "")


def test_what_was_there_at_the_first_look_is_no_habit_and_a_stop_of_ours_no_silence(room: Room) -> None:
    room.follow()
    room.show(*(Entry(f"https://news.example/{number}") for number in range(40)), background=True)
    assert room.rows("SELECT last_new_at, news_days FROM sources") == [(None, 0)]
    for day in range(1, 26):
        room.now = NOW + timedelta(days=day)
        room.show(Entry(f"https://news.example/new/{day}"), last_ok=room.now)
    room.now += timedelta(days=60)  # we were not running
    assert room.store.sight()[0].unseen == 0


IN_TROUBLE = {
    "a refusal blinds at once": (FEED, SourceState.BLOCKED, 1, (1, 1)),
    "a feed that is gone blinds": (FEED, SourceState.PARKED, 1, (1, 1)),
    "two failures may pass": (FEED, SourceState.FAILING, 2, (1, 0)),
    "three do not": (FEED, SourceState.FAILING, 3, (1, 1)),
    "a page that is gone was seen": (Source(SourceKind.PAGE, FEED.url), SourceState.PARKED, 3, (0, 0)),
}


@pytest.mark.parametrize("name", IN_TROUBLE)
def test_what_blinds(room: Room, name: str) -> None:
    source, state, failures, expected = IN_TROUBLE[name]
    room.follow(replace(STORY, sources=(source,)))
    room.show(state=state, failures=failures, why="x")
    (sight,) = room.store.sight()
    assert (sight.sources, sight.unseen) == expected
    assert bool(sight.why) == bool(sight.unseen)


def test_the_pulse_counts_what_is_recent(room: Room) -> None:
    room.follow()
    for number, ago in enumerate((timedelta(hours=1), timedelta(days=1.5), timedelta(days=6), timedelta(days=60))):
        room.now = NOW - ago
        room.tell(f"n{number}")
    (pulse,) = room.store.pulse(NOW)
    assert (pulse.topic, pulse.phase, pulse.day, pulse.lately, pulse.week) == ("mill", "developing", 1, 2, 3)
    assert pulse.last_development_at == NOW - timedelta(hours=1)
    room.store.set_phase("mill", "breaking")
    assert room.store.pulse(NOW)[0].phase == "breaking"


def test_notes_are_kept_and_forgotten(room: Room) -> None:
    room.store.note("config_error", "line 3", NOW)
    room.store.note("config_error", "line 4", NOW)
    assert room.store.notes() == {"config_error": "line 4"}
    room.store.note("config_error", None, NOW)
    assert room.store.notes() == {}
