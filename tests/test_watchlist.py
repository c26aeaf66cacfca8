"""Which sources are watched, what is due, and which links wait."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import (
    Entry,
    EntryState,
    EntryUpdate,
    Failed,
    Fetched,
    Interval,
    NewEntry,
    NotModified,
    Phase,
    Plan,
    Shown,
    Source,
    SourceId,
    SourceKind,
    SourceState,
    Topic,
    Validators,
)
from monitor.store import Store

from .room import FAST_DISK, FEED, NOW, STORY, Room, furnish, opened, telling


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


# --------------------------------------------------------------------------------------- sources and what is due


def test_a_new_source_is_due_at_once(room: Room) -> None:
    room.follow()
    assert room.store.due_hosts(NOW) == ("news.example",)
    (watched,) = room.store.due_sources("news.example", NOW)
    assert (watched.source, watched.topics, watched.learning) == (FEED, {"mill": NOW}, True)
    assert room.store.next_due() == NOW


def test_the_longest_waiting_host_stands_first(room: Room) -> None:
    sources = tuple(Source(SourceKind.FEED, f"https://{name}.example/rss") for name in "abc")
    room.follow(replace(STORY, sources=sources))
    room.run("UPDATE sources SET next_due_at = '2026-01-01T00:00:00Z' WHERE host = 'b.example'")
    assert room.store.due_hosts(NOW) == ("b.example", "a.example", "c.example")


def test_a_poll_may_be_asked_for_ahead_of_time_an_entry_not(room: Room) -> None:
    room.follow()
    room.show(Entry("https://news.example/1"))
    (waiting,) = room.store.waiting("news.example", NOW)
    later = NOW + timedelta(hours=1)
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, EntryState.FAILED, "timeout", 1, later)))
    assert room.store.due_hosts(NOW) == ()
    assert room.store.due_hosts(NOW, NOW + timedelta(minutes=5)) == ("news.example",)
    assert room.store.waiting("news.example", later - timedelta(seconds=1)) == ()
    (waiting,) = room.store.waiting("news.example", later)
    assert waiting.attempts == 1


def test_what_must_wait_is_never_due_a_fraction_of_a_second_early(room: Room) -> None:
    room.follow()
    room.show(due=NOW + timedelta(seconds=9.5))
    assert room.store.due_hosts(NOW + timedelta(seconds=9.9)) == ()
    assert room.store.due_hosts(NOW + timedelta(seconds=10)) == ("news.example",)


def test_a_time_set_by_hand_makes_things_due(room: Room) -> None:
    room.follow()
    room.show(Entry("https://news.example/1"), due=NOW + timedelta(days=3))
    (waiting,) = room.store.waiting("news.example", NOW)
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, EntryState.NOT_ARTICLE, "a front page", 1)))
    assert room.store.due_hosts(NOW) == ()
    room.run("UPDATE sources SET next_due_at = '2000-01-01'; UPDATE entries SET next_try_at = '2000-01-01 00:00:00'")
    assert len(room.store.due_sources("news.example", NOW)) == 1
    assert len(room.store.waiting("news.example", NOW)) == 1


def test_pages_are_read_in_the_order_in_which_the_story_was_told(room: Room) -> None:
    room.follow()
    dated = {"old": NOW - timedelta(days=9), "new": NOW, "undated": None}
    room.show(*(Entry(f"https://news.example/{name}", published=at) for name, at in dated.items()))
    waiting = room.store.waiting("news.example", NOW, 2)
    assert [each.entry.url[21:] for each in waiting] == ["old", "new"]
    assert waiting[0].topics == {"mill": NOW}


def test_a_source_keeps_what_an_update_leaves_out(room: Room) -> None:
    room.follow()
    room.show(validators=Validators('W/"1"', "Mon"), last_ok=NOW, body_sha256="aa")
    room.show(state=SourceState.FAILING, failures=1, why="timeout: too slow", learning=None)
    (watched,) = room.store.due_sources("news.example", NOW + timedelta(days=1))
    assert watched.validators == Validators('W/"1"', "Mon")
    assert (watched.last_ok, watched.body_sha256, watched.learning) == (NOW, "aa", False)
    room.show(validators=Validators())
    (watched,) = room.store.due_sources("news.example", NOW + timedelta(days=1))
    assert watched.validators == Validators()
    assert room.rows("SELECT why, failures FROM sources") == [(None, 0)]


# --------------------------------------------------------------------------------------- when the config changes


def test_a_topic_that_leaves_rests_and_comes_back(room: Room) -> None:
    other = Topic("dam", "Dam", "dam", sources=(FEED, Source(SourceKind.FEED, "https://dam.example/rss")))
    room.follow(STORY, other)
    room.show(Entry("https://news.example/1"))
    room.now += timedelta(days=1)
    room.follow(STORY)
    assert room.rows("SELECT slug FROM topics WHERE active = 1") == [("mill",)]
    assert room.store.due_hosts(room.now) == ("news.example",)
    assert room.store.due_sources("news.example", room.now)[0].topics == {"mill": NOW}
    room.follow(other)
    room.run("UPDATE sources SET next_due_at = '2000-01-01T00:00:00Z'")
    assert set(room.store.due_hosts(room.now)) == {"news.example", "dam.example"}
    assert room.store.due_sources("news.example", room.now)[0].topics == {"dam": NOW}
    room.follow()
    room.store.sync((), room.now)
    assert room.store.due_hosts(room.now) == ()
    assert room.store.waiting("news.example", room.now) == ()
    assert room.store.next_due() is None
    assert room.rows("SELECT count(*) FROM entries") == [(1,)]


INTERVALS = {
    "a shorter one counts from now": ((300, 600), SourceState.OK, 600, timedelta(seconds=600)),
    "a longer one keeps the next poll": ((7200, 9000), SourceState.OK, 7200, timedelta(hours=1)),
    "one that holds the present distance changes nothing": ((60, 9000), SourceState.OK, 3600, timedelta(hours=1)),
    "a server that asked us to wait is not asked sooner": ((60, 60), SourceState.BLOCKED, 60, timedelta(hours=1)),
}


@pytest.mark.parametrize("name", INTERVALS)
def test_a_changed_interval_applies(room: Room, name: str) -> None:
    (least, most), state, distance_s, due_in = INTERVALS[name]
    room.follow()
    room.show(interval_s=3600, due=NOW + timedelta(hours=1), state=state)
    room.follow(replace(STORY, sources=(replace(FEED, interval=Interval(least, most)),)))
    (watched,) = room.store.due_sources("news.example", NOW + timedelta(days=1))
    assert (watched.interval_s, watched.due) == (distance_s, NOW + due_in)


def test_the_tightest_interval_of_two_topics_holds(room: Room) -> None:
    lazy = replace(STORY, slug="lazy", sources=(replace(FEED, interval=Interval(3600, 7200)),))
    room.follow(STORY, lazy)
    (watched,) = room.store.due_sources("news.example", NOW)
    assert watched.source.interval == Interval(300, 7200)


def test_children_follow_their_parent(room: Room) -> None:
    site = Source(SourceKind.SITE, "https://news.example/")
    room.follow(replace(STORY, sources=(site,)))
    child, grandchild = (Source(SourceKind.SITEMAP, f"https://news.example/{n}.xml") for n in (1, 2))
    room.store.commit(Plan(NOW, source=room.update(), children=(child, site)))
    room.store.commit(Plan(NOW, source=room.update(id=SourceId(2)), children=(grandchild, child)))
    watched = room.store.due_sources("news.example", NOW + timedelta(days=1))
    assert {each.source.url for each in watched} == {site.url, child.url, grandchild.url}
    assert room.rows("SELECT count(*) FROM topic_sources WHERE via = source_id") == [(0,)]
    assert room.rows("SELECT id, found_by FROM sources ORDER BY id") == [(1, None), (2, 1), (3, 2)]
    room.follow(replace(STORY, slug="late", sources=(site,)))
    watched = room.store.due_sources("news.example", NOW + timedelta(days=1))
    assert [set(each.topics) for each in watched] == [{"late"}] * 3
    room.follow(replace(STORY, sources=(FEED,)))
    assert {each.source.url for each in room.store.due_sources("news.example", NOW + timedelta(days=1))} == {FEED.url}


def test_a_child_learns_only_while_its_parent_does(room: Room) -> None:
    room.follow()
    first, second = (Source(SourceKind.FEED, f"https://news.example/{n}") for n in (1, 2))
    room.store.commit(Plan(NOW, source=room.update(), children=(first,)))
    room.store.commit(Plan(NOW, source=room.update(), children=(second,)))
    assert room.rows("SELECT learning FROM sources ORDER BY id") == [(0,), (1,), (0,)]


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=0), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_after_any_changes_exactly_what_the_config_names_is_polled(configs: list[set[str]]) -> None:
    with (
        tempfile.TemporaryDirectory(dir=FAST_DISK) as folder,
        closing(Store.open(furnish(Path(folder) / "x.db"))) as store,
    ):
        for names in configs:
            topics = [
                Topic(name, name, "x", sources=(Source(SourceKind.FEED, f"https://{name}.example/"), FEED))
                for name in sorted(names)
            ]
            store.sync(topics, NOW)
            store.sync(topics, NOW)
        last = configs[-1]
        assert set(store.due_hosts(NOW)) == {f"{name}.example" for name in last} | ({"news.example"} if last else set())
        assert {slug for each in store.due_sources("news.example", NOW) for slug in each.topics} == last


# --------------------------------------------------------------------------------------------------------- links


def test_a_link_is_remembered_once(room: Room) -> None:
    room.follow()
    entry = Entry("https://news.example/1", "One", NOW, guid="g", summary="s")
    assert room.store.shown(SourceId(1), (entry,)) == Shown((entry,), known=0)
    assert room.show(entry).entries == 1
    assert room.show(entry).entries == 0
    other = Entry("https://news.example/2")
    assert room.store.shown(SourceId(1), (entry, other)) == Shown((other,), known=1)
    (waiting,) = room.store.waiting("news.example", NOW)
    assert waiting.entry == entry


UPDATES = {
    "later than what was read": (EntryState.ARTICLE, timedelta(hours=1), True),
    "later, of a copy": (EntryState.COPY, timedelta(hours=1), True),
    "not later": (EntryState.ARTICLE, timedelta(0), False),
    "later, of a page that is no article": (EntryState.NOT_ARTICLE, timedelta(hours=1), False),
}


@pytest.mark.parametrize("name", UPDATES)
def test_a_link_is_read_again_when_its_source_says_it_was_updated(room: Room, name: str) -> None:
    state, later, read_again = UPDATES[name]
    room.follow()
    entry = Entry("https://news.example/1", updated=NOW - timedelta(days=1))
    room.show(entry)
    (waiting,) = room.store.waiting("news.example", NOW)
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, state, attempts=1)))
    changed = replace(entry, updated=NOW - timedelta(days=1) + later)
    assert room.store.shown(SourceId(1), (changed,)) == Shown((changed,) if read_again else (), known=1)
    assert room.show(changed).entries == int(read_again)
    assert room.show(changed).entries == 0
    assert len(room.store.waiting("news.example", NOW)) == int(read_again)


def test_a_skipped_link_does_not_wait(room: Room) -> None:
    room.follow()
    skipped = NewEntry(Entry("https://news.example/1"), "news.example", True, EntryState.SKIPPED, "too old")
    room.store.commit(Plan(NOW, source=room.update(), entries=(skipped,)))
    assert room.rows("SELECT state, why, background, next_try_at FROM entries") == [("skipped", "too old", 1, None)]


def test_a_plan_with_links_must_say_whose_they_are(room: Room) -> None:
    with pytest.raises(ValueError, match="which source"):
        room.store.commit(Plan(NOW, entries=(NewEntry(Entry("https://x.example/"), "x.example"),)))


def test_every_outcome_is_recorded(room: Room) -> None:
    url = "https://news.example/1"
    outcomes = (
        Fetched(url, url + "#end", NOW, 200, {}, b"12345", ms=7),
        NotModified(url, url, NOW),
        Failed(url, url, NOW, "timeout", "too slow"),
    )
    room.store.commit(Plan(NOW, outcomes=outcomes))
    assert room.rows("SELECT status, bytes, ms, outcome, error, why FROM fetches") == [
        (200, 5, 7, "fetched", None, None),
        (304, 0, 0, "not-modified", None, None),
        (None, 0, 0, "failed", "timeout", "too slow"),
    ]


# ------------------------------------------------------------------------------------- what a story's phase changes

HOUR = timedelta(hours=1)
WAKING = replace(telling("The mill burnt down on Monday."), phase=Phase.BREAKING)  # followed stories begin as quiet
HASTENED: dict[str, tuple[timedelta, SourceState, timedelta | None, timedelta]] = {
    "what is due much later is pulled forward": (6 * HOUR, SourceState.OK, None, timedelta(minutes=5)),
    "what is due soon stays": (timedelta(minutes=9), SourceState.OK, None, timedelta(minutes=9)),
    "a server that wants to be left alone is": (6 * HOUR, SourceState.OK, 6 * HOUR, 6 * HOUR),
    "a server's wish holds, not more": (6 * HOUR, SourceState.OK, 2 * HOUR, 2 * HOUR),
    "a wish that is over is over": (6 * HOUR, SourceState.OK, -2 * HOUR, timedelta(minutes=5)),
    "a source in trouble is not asked sooner": (6 * HOUR, SourceState.FAILING, None, 6 * HOUR),
    "nor one that refuses us": (6 * HOUR, SourceState.BLOCKED, None, 6 * HOUR),
}


@pytest.mark.parametrize("name", HASTENED)
def test_a_development_that_wakes_a_story_pulls_its_sources_forward(room: Room, name: str) -> None:
    due_in, state, held, expected = HASTENED[name]
    room.follow()
    room.show(due=NOW + due_in, state=state, not_before=None if held is None else NOW + held)
    room.file("wire", WAKING)
    assert room.store.next_due() == NOW + expected


def test_a_development_of_a_story_that_goes_on_as_it_was_moves_nothing(room: Room) -> None:
    room.follow()
    room.file("wire", WAKING)
    room.show(due=NOW + 6 * HOUR, state=SourceState.OK)
    room.file("post", WAKING)
    assert room.store.next_due() == NOW + 6 * HOUR


def test_a_development_moves_no_other_topics_sources(room: Room) -> None:
    other = Topic("dam", "Dam", "dam", sources=(Source(SourceKind.FEED, "https://dam.example/rss"),))
    room.follow(STORY, other)
    for number in (1, 2):
        room.show(id=SourceId(number), due=NOW + 6 * HOUR)
    room.file("wire", WAKING)
    assert room.rows("SELECT (julianday(next_due_at) - julianday(?)) * 24 < 1 FROM sources", NOW.isoformat()) in (
        [(1,), (0,)],
        [(0,), (1,)],
    )


LIVELIEST = {
    "one quiet story": (["quiet"], Phase.QUIET),
    "a quiet and a breaking one": (["quiet", "breaking"], Phase.BREAKING),
    "a slow and a quiet one": (["slow", "quiet"], Phase.SLOW),
    "a word that somebody wrote by hand": (["asleep"], Phase.QUIET),
}


@pytest.mark.parametrize(("phases", "expected"), LIVELIEST.values(), ids=LIVELIEST)
def test_a_source_follows_the_liveliest_of_its_stories(room: Room, phases: list[str], expected: Phase) -> None:
    room.follow(*(replace(STORY, slug=f"story-{number}") for number in range(len(phases))))
    for number, phase in enumerate(phases):
        room.store.set_phase(f"story-{number}", phase)
    (watched,) = room.store.due_sources("news.example", NOW)
    assert watched.phase is expected
