"""What the command line reads: rows named like the columns, and plain words for what does not exist."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import reading
from monitor.errors import StoreError, UsageError
from monitor.model import (
    AlertId,
    Article,
    Entry,
    EntryState,
    EntryUpdate,
    Failed,
    Feedback,
    Fetched,
    Plan,
    Reading,
    Ruling,
    SourceState,
    Verdict,
)
from monitor.reading import Reader

from .room import NOW, STORY, Room, again, alert, decision, opened, telling

PAGE = "https://news.example/1"


@pytest.fixture
def told() -> Iterator[tuple[Room, Reader]]:
    """Two developments, the second of which a person has seen; a page that was no article; an odd one out."""
    with opened() as room:
        room.follow()
        room.show(Entry(PAGE, "A shop"), Entry("https://wire.example/story?utm_source=rss", "Fire"))
        for waiting in room.store.waiting("news.example", NOW):
            if waiting.entry.url == PAGE:
                failed = Failed(PAGE, PAGE, NOW, "timeout", "too slow")
                update = EntryUpdate(waiting.id, EntryState.NOT_ARTICLE, "listing: a front page", 1)
                room.store.commit(Plan(NOW, outcomes=(failed,), entry=update))
            else:
                read_(room, waiting.id)
        room.now += timedelta(hours=2)
        room.tell("second", "The mill was rebuilt.")
        room.file("herald", again(1, "The mill burnt."))  # type: ignore[arg-type]
        room.file("other", Ruling(decision(Verdict.IRRELEVANT, relevant=False)))
        room.store.seen([AlertId(2)], NOW)
        with Reader.open(room.path) as reader:
            yield room, reader


def read_(room: Room, entry: int) -> None:
    url = "https://wire.example/story"
    article = Article(url, "Fire", "The mill burnt.", fetched_url=url + "?x", publisher="Wire", published=NOW)
    room.store.commit(
        Plan(
            NOW,
            outcomes=(Fetched(url + "?x", url + "?x", NOW, 200, {}, b"x"),),
            entry=EntryUpdate(entry, EntryState.ARTICLE, attempts=1),  # type: ignore[arg-type]
            reading=Reading(article, (telling("The mill burnt."),)),
        )
    )


Told = tuple[Room, Reader]


def test_new_alerts_come_first_and_seen_ones_only_when_asked_for(told: Told) -> None:
    _, reader = told
    assert [row.id for row in reader.alerts()] == [1]
    assert [row.id for row in reader.alerts(all=True)] == [2, 1]
    assert [row.id for row in reader.alerts(all=True, since=NOW + timedelta(hours=1))] == [2]
    assert [row.id for row in reader.alerts("mill")] == [1]
    row = reader.alert(1)
    assert (row.reports, row.independent_reports, row.created_at) == (2, 2, "2026-03-01T12:00:00Z")


def test_what_an_alert_was_worth_is_read_back_however_it_was_written(told: Told) -> None:
    room, reader = told
    assert reader.feedback() == {}
    room.store.seen([AlertId(1)], NOW, Feedback.USEFUL)
    room.run("UPDATE alerts SET feedback = 'noise' WHERE id = 2")
    assert [row.feedback for row in reader.alerts(all=True)] == ["noise", "useful"]
    second, first = ((row.article_id, row.topic) for row in reader.alerts(all=True))
    assert reader.feedback() == {first: Feedback.USEFUL, second: Feedback.NOISE}
    mill, *_ = reader.topics()
    assert (mill.useful, mill.noise, mill.known, mill.noise_share) == (1, 1, 0, 0.5)


def test_alerts_are_ranked_when_asked_for(told: Told) -> None:
    room, reader = told
    room.store.raise_alert(alert("blind"), NOW - timedelta(days=1))
    assert [row.id for row in reader.alerts(all=True)] == [2, 1, 3]
    found = reader.alerts(all=True, by="importance")
    assert [(row.id, row.importance) for row in found] == [(3, 0.55), (1, 0.4), (2, 0.35)]


def test_the_timeline_is_in_order(told: Told) -> None:
    _, reader = told
    rows = reader.timeline("mill")
    assert [row.evidence for row in rows] == ["The mill burnt.", "The mill was rebuilt."]
    assert (rows[0].publisher, rows[0].day, rows[0].reports) == ("Wire", "2026-03-01", 2)


def test_topics_and_sources_say_how_they_stand(told: Told) -> None:
    room, reader = told
    room.follow(STORY, replace(STORY, slug="gone", name="Another"))
    room.follow()
    room.show(state=SourceState.BLOCKED, why="robots: not allowed")
    room.store.seen([AlertId(1)], NOW, Feedback.NOISE)
    mill, gone = reader.topics()
    assert (mill.slug, mill.active, mill.developments, mill.new_alerts, mill.sources) == ("mill", True, 2, 0, 1)
    assert (mill.useful, mill.noise, mill.known, mill.noise_share) == (0, 1, 0, 1.0)
    assert (gone.noise, gone.noise_share) == (0, None)
    assert (gone.slug, gone.active, gone.sources) == ("gone", False, 0)
    (source,) = reader.sources()
    assert (source.state, source.why, source.topics, source.entries) == ("blocked", "robots: not allowed", "mill", 2)
    room.store.sync((), NOW)
    assert reader.sources() == ()


def test_status_counts_everything(told: Told) -> None:
    room, reader = told
    room.store.note("started_at", "2026-03-01T00:00:00Z", NOW)
    status = reader.status()
    assert status.entries == {"article": 1, "not-article": 1}
    assert status.decisions == {"new": 2, "corroborates": 1, "irrelevant": 1}
    assert (status.articles, status.developments, status.alerts, status.new_alerts) == (4, 2, 2, 1)
    assert status.deliveries == {"waiting": 2}
    room.run("UPDATE deliveries SET held_until = '2026-03-01T15:00:00Z' WHERE id = 2")
    assert reader.status().deliveries == {"waiting": 1, "held": 1}
    assert (status.topics, status.sources) == (1, {"ok": 1})
    assert (status.started_at, status.config_error) == ("2026-03-01T00:00:00Z", None)
    assert status.next_due_at == "2026-03-01T12:05:00Z"
    assert status.size_bytes > 0


TARGETS = {
    "its address": "https://wire.example/story",
    "the address that answered": "https://wire.example/story?x",
    "the link that led to it": "https://wire.example/story?utm_source=rss",
    "its address, written carelessly": "  HTTPS://wire.example:443/story#top ",
    "its alert": "1",
    "its alert, with a sign": "#1",
}


@pytest.mark.parametrize("name", TARGETS)
def test_why_finds_an_article_by(told: Told, name: str) -> None:
    _, reader = told
    why = reader.why(TARGETS[name])
    assert why.article is not None
    assert (why.article.url, why.article.characters) == ("https://wire.example/story", 15)
    assert [(row.verdict, row.why) for row in why.decisions] == [("new", {"gate": [1, 2]})]
    assert [row.id for row in why.alerts] == [1]
    assert why.evidence[0].sentence == "The mill burnt."
    assert [row.state for row in why.entries] == ["article"]
    assert [(row.outcome, row.status) for row in why.fetches] == [("fetched", 200)]


def test_the_why_of_an_alert_has_the_evidence_of_all_reports(told: Told) -> None:
    _, reader = told
    assert [row.role for row in reader.why("1").evidence] == ["first", "corroborates"]


def test_why_says_what_became_of_a_link_without_an_article(told: Told) -> None:
    _, reader = told
    why = reader.why(PAGE)
    assert why.article is None
    assert [(row.state, row.why) for row in why.entries] == [("not-article", "listing: a front page")]
    assert [(row.error, row.why) for row in why.fetches] == [("timeout", "too slow")]


def test_the_archive_holds_what_is_relevant_in_order(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    _, reader = told
    monkeypatch.setattr(reading, "CHAPTER", 2)
    filed = list(reader.archive())
    assert [each.article.url.split("/")[2] for each in filed] == ["wire.example", "second.example", "herald.example"]
    assert [each.told for each in filed] == [{"mill": 1}, {"mill": 2}, {"mill": 1}]


UNKNOWN: dict[str, tuple[Callable[[Reader], object], str]] = {
    "a topic, nearly": (lambda reader: reader.timeline("mil"), "no topic “mil”; did you mean “mill”"),
    "a topic": (lambda reader: reader.alerts("zebra"), r"no topic “zebra”; there are: mill"),
    "an alert": (lambda reader: reader.alert(99), "no alert 99; the last one is 2"),
    "an alert's why": (lambda reader: reader.why("99"), "no alert 99"),
    "an address, nearly": (
        lambda reader: reader.why("https://wire.example/storey"),
        "Did you mean https://wire.example/story",
    ),
    "an address": (lambda reader: reader.why("https://nobody.example/"), "no such address was ever seen"),
    "neither": (lambda reader: reader.why("'; DROP TABLE alerts --"), "no such address was ever seen"),
    "a number beyond all": (lambda reader: reader.why("9" * 30), "no such address was ever seen"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_does_not_exist_is_said(told: Told, name: str) -> None:
    ask, said = UNKNOWN[name]
    with pytest.raises(UsageError, match=said):
        ask(told[1])


def test_fields_are_columns() -> None:
    tables = {
        reading.AlertRow: "alerts",
        reading.TimelineRow: "timeline",
        reading.EvidenceRow: "evidence",
        reading.EntryRow: "entries",
        reading.FetchRow: "fetches",
        reading.DecisionRow: "decisions",
        reading.ArticleRow: "articles",
        reading.SourceRow: "sources",
        reading.TopicRow: "topics",
    }
    counted = {"reports", "independent_reports", "characters", "revisions", "topics", "entries"}
    counted |= {"developments", "new_alerts", "useful", "noise", "known", "noise_share", "sources"}
    with opened() as room:
        for row, table in tables.items():
            columns = {each[1] for each in room.rows(f"PRAGMA table_info({table})")}
            assert {each.name for each in fields(row)} - columns <= counted, table


# -------------------------------------------------------------------------------------------------------- opening


def older(path: Path) -> None:
    with opened() as room:
        room.store.close()
        path.write_bytes(room.path.read_bytes())
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript("PRAGMA user_version = 0")


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "none yet": (lambda path: None, "there is no database yet. `monitor run`"),
    "an empty file": (lambda path: path.touch(), "there is no database yet"),
    "no database": (lambda path: path.write_text("hello"), "no SQLite database"),
    "an older version's": (older, "written by an older version"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_database_that_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    make, said = UNREADABLE[name]
    make(tmp_path / "monitor.db")
    with pytest.raises(StoreError, match=said):
        Reader.open(tmp_path / "monitor.db")


def test_reading_never_writes(told: Told) -> None:
    room, reader = told
    before = room.everything()
    with pytest.raises(StoreError, match="cannot be written to"):
        reader._rows(reading.FetchRow, "DELETE FROM alerts")
    assert room.everything() == before


def test_reading_works_while_a_writer_holds_the_lock(told: Told) -> None:
    room, reader = told
    with closing(sqlite3.connect(room.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert reader.status().alerts == 2
        with Reader.open(room.path) as another:
            assert len(another.alerts()) == 1
        holder.execute("ROLLBACK")
