"""What a plan writes: articles, decisions, developments, and what the views and the search make of them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.database.filing import independent, lasts
from monitor.model import (
    AlertId,
    Article,
    ArticleId,
    Capture,
    Committed,
    DevelopmentId,
    Edit,
    Entry,
    EntryState,
    EntryUpdate,
    Hold,
    Manners,
    Milestone,
    MilestoneMet,
    NewEntry,
    Plan,
    Reading,
    Ruling,
    Source,
    SourceKind,
    Topic,
    Verdict,
)

from .room import FAST_DISK, NOW, STORY, Room, again, alert, decision, opened, telling


@pytest.fixture
def room() -> Iterator[Room]:
    with opened() as room:
        yield room


# ------------------------------------------------------------------------------------------------------ articles


PAGE = Article("https://wire.example/1", "Title", "Text.")
ELSEWHERE = Ruling(decision(Verdict.IRRELEVANT, relevant=False))
LASTING = {  # plan, whether it is on the disk when it is written
    "a poll that brings nothing": (Plan(NOW), False),
    "a new link": (Plan(NOW, entries=(NewEntry(Entry(PAGE.url), "wire.example"),)), True),
    "a host's wish": (Plan(NOW, manners=Manners(holds=(Hold("wire.example", NOW, 429),))), True),
    "an article on something else": (
        Plan(NOW, reading=Reading(PAGE, (ELSEWHERE,))),
        False,
    ),
    "an article on the topic": (Plan(NOW, reading=Reading(PAGE, (Ruling(decision(Verdict.NOTHING_NEW)),))), True),
    "an article read again": (Plan(NOW, reading=Reading(PAGE, known=ArticleId(1))), True),
    "an alert": (Plan(NOW, reading=Reading(PAGE, alerts=(alert(),))), True),
}


@pytest.mark.parametrize("case", LASTING.values(), ids=LASTING.keys())
def test_what_cannot_be_found_out_again_survives_a_power_cut(case: tuple[Plan, bool]) -> None:
    plan, expected = case
    assert lasts(plan) is expected


def test_an_article_is_read_back_as_it_was_filed(room: Room) -> None:
    room.follow()
    article = Article(
        *("https://wire.example/story", "工厂起火", "第一段。\n\n第二段。", "https://wire.example/s?x=1"),
        *("https://other.example/", "Wire", "A; B", NOW, True, NOW, "zh", "Agency", True),
    )
    ruling = telling("第一段。")
    done = room.store.commit(Plan(NOW, reading=Reading(article, (ruling,))))
    filed = room.store.filed("https://wire.example/s?x=1")
    assert filed is not None
    assert filed.article == article
    assert (filed.id, filed.first_seen, filed.decided) == (done.article, NOW, {"mill": Verdict.NEW})
    assert filed.told == done.developments == {"mill": 1}
    assert room.store.archive() == (filed,)
    assert room.store.archive(filed.id) == ()
    assert room.rows("SELECT status FROM articles") == [("partial",)]


def test_an_article_is_found_by_the_link_that_led_to_it(room: Room) -> None:
    room.follow()
    room.show(Entry("https://news.example/short"))
    (waiting,) = room.store.waiting("news.example", NOW)
    reading = Reading(Article("https://news.example/long", "T", "x"), (Ruling(decision()),))
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, EntryState.ARTICLE), reading=reading))
    filed = room.store.filed("https://news.example/short")
    assert filed is not None
    assert filed.article.url == "https://news.example/long"
    assert room.store.filed("https://news.example/none") is None


def test_a_changed_text_is_a_revision_and_an_unchanged_one_is_not(room: Room) -> None:
    room.follow()
    first = room.file("wire", text="Old.", publisher="Wire", published=NOW)
    room.file("wire", text="Old.")
    room.file("wire", text="New.", known=first.article, edits=(Edit("text"),))
    room.file("wire", text="New.", title="Other", known=first.article)
    assert room.rows("SELECT change, text, text_sha256 FROM revisions ORDER BY id") == [
        (change, text, hashlib.sha256(text.encode()).hexdigest())
        for change, text in (("first", "Old."), ("text", "New."), ("wording", "New."))
    ]
    assert room.rows("SELECT title, text, publisher, published_at FROM articles") == [
        ("Other", "New.", "Wire", "2026-03-01T12:00:00Z")
    ]


def test_a_page_may_turn_out_to_be_a_copy_but_never_of_itself(room: Room) -> None:
    room.follow()
    room.file("wire")
    second = room.file("herald").article
    room.file("herald", known=second, copy_of=ArticleId(1))
    room.file("wire", known=ArticleId(1), copy_of=ArticleId(1))
    assert room.rows("SELECT id, copy_of FROM articles") == [(1, None), (2, 1)]


def test_a_page_that_is_gone_keeps_its_text(room: Room) -> None:
    room.follow()
    first = room.tell("wire")
    room.file("wire", known=first.article, status="gone", alerts=(alert("removed"),))
    assert room.rows("SELECT status, text FROM articles") == [("gone", "wire tells it.")]
    assert room.rows("SELECT kind, article_id, development_id FROM alerts ORDER BY id") == [
        ("new-development", 1, 1),
        ("removed", 1, None),
    ]


def test_the_same_bytes_are_kept_once(room: Room) -> None:
    room.follow()
    capture = Capture("https://wire.example/story", NOW, 200, {"content-type": "text/html"}, b"<p>" * 999)
    room.file("wire", capture=capture)
    room.file("copy", capture=capture)
    room.file("wire", capture=replace(capture, body=b"another clock"))
    ((sha256, body, headers),) = room.rows("SELECT sha256, body, headers FROM captures")
    assert sha256 == hashlib.sha256(capture.body).hexdigest()
    assert len(body) < 100
    assert headers == '{"content-type": "text/html"}'
    assert room.rows("SELECT DISTINCT capture_sha256 FROM revisions") == [(sha256,)]
    room.run("PRAGMA foreign_keys = ON; DELETE FROM captures")
    assert room.rows("SELECT DISTINCT capture_sha256 FROM revisions") == [(None,)]


def test_text_that_utf8_cannot_hold_is_mended(room: Room) -> None:
    room.follow()
    room.file("wire", text="half \ud83d of a pair, \x00 and a whole \U0001f525")
    assert room.rows("SELECT text FROM articles") == [("half \ufffd of a pair, \x00 and a whole \U0001f525",)]


def test_what_is_filed_for_one_topic_waits_for_another_that_shows_it(room: Room) -> None:
    room.follow()
    room.show(Entry("https://wire.example/story"))
    (waiting,) = room.store.waiting("news.example", NOW)
    article = Article("https://wire.example/story", "T", "x")
    reading = Reading(article, (Ruling(decision()),))
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, EntryState.ARTICLE), reading=reading))
    assert room.store.undecided() == ()
    page = Source(SourceKind.PAGE, "https://wire.example/story")
    room.follow(STORY, replace(STORY, slug="two"), Topic("three", "Three", "x", sources=(page,)))
    ((filed, slugs),) = room.store.undecided()
    assert (filed.article, slugs) == (article, ("three", "two"))
    rulings = tuple(Ruling(decision(topic=slug)) for slug in slugs)
    room.store.commit(Plan(NOW, reading=Reading(article, rulings, known=filed.id)))
    assert room.store.undecided() == ()


# --------------------------------------------------------------------------------------- decisions, developments


def test_a_development_has_evidence_and_one_alert(room: Room) -> None:
    room.follow()
    done = room.tell("wire", "The mill  burnt “down”.\u00a0")
    assert done == Committed(ArticleId(1), {"mill": DevelopmentId(1)}, (AlertId(1),))
    assert room.rows("SELECT sentence, role FROM evidence") == [("The mill  burnt “down”.\u00a0", "first")]
    assert room.rows("SELECT last_development_at FROM topics") == [("2026-03-01T12:00:00Z",)]
    assert room.rows("SELECT development_id, article_id, created_at FROM alerts") == [(1, 1, "2026-03-01T12:00:00Z")]


def test_reports_are_counted_and_outlets_only_once(room: Room) -> None:
    room.follow()
    told = room.tell("wire").developments["mill"]
    steps = {
        "a second outlet": (again(told, "It burnt."), {"publisher": "Herald"}, (2, 2)),
        "the same outlet again": (again(told, "It burnt."), {"publisher": " herald"}, (3, 2)),
        "a reprint": (Ruling(decision(Verdict.COPY, copy_of=ArticleId(1))), {"copy_of": ArticleId(1)}, (4, 2)),
        "a reprint of the reprint": (Ruling(decision(Verdict.COPY)), {"copy_of": ArticleId(4)}, (5, 2)),
        "a reprint with a sentence": (again(told, "It burnt."), {"copy_of": ArticleId(1), "publisher": "R"}, (6, 2)),
        "an agency in one paper": (again(told, "Burnt."), {"agency": "AgencyX", "publisher": "P"}, (7, 3)),
        "the same agency in another": (again(told, "Burnt."), {"agency": "agencyx", "publisher": "Q"}, (8, 3)),
        "the agency itself": (again(told, "Burnt."), {"publisher": "AgencyX"}, (9, 3)),
    }
    for number, (name, (ruling, fields, expected)) in enumerate(steps.items()):
        room.file(f"n{number}", ruling, **fields)
        assert room.rows("SELECT reports, independent_reports FROM developments") == [expected], name
    assert {row[0] for row in room.rows("SELECT role FROM evidence WHERE article_id > 1")} == {"corroborates"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "A", "a"]),
            st.sampled_from([None, "P", "Q", "A"]),
            st.sampled_from(
                ["https://p.example/1", "https://www.p.example/2", "https://q.example/", "https://r.example"]
            ),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_reports_does_not_change_their_number(voices: list[Any], rng: Any) -> None:
    shuffled = list(voices)
    rng.shuffle(shuffled)
    assert independent(voices) == independent(shuffled) == independent(voices * 2)
    assert independent(voices) <= len(voices)
    assert (independent(voices) == 0) == (not voices)


AGAIN = {
    "a decision without a development gives way": (Ruling(decision()), telling("x"), "new", 2),
    "a telling one stays when nothing is new": (telling("x"), Ruling(decision()), "new", 2),
    "a telling one gives way to one that tells another": (telling("x"), telling("y"), "new", 3),
    "a first report stays one": (telling("x"), again(DevelopmentId(1), "z"), "new", 2),
    "a later report becomes a first one": (again(DevelopmentId(1), "z"), telling("y"), "new", 2),
    "an irrelevant one becomes relevant": (
        Ruling(decision(Verdict.IRRELEVANT, relevant=False)),
        Ruling(decision()),
        "nothing-new",
        None,
    ),
}


@pytest.mark.parametrize("name", AGAIN)
def test_reading_again_never_loses_a_development(room: Room, name: str) -> None:
    before, after, verdict, development = AGAIN[name]
    room.follow()
    room.tell("first")
    done = room.file("wire", before)
    room.file("wire", after, known=done.article, text="changed")
    found = room.rows("SELECT verdict, development_id FROM decisions WHERE article_id = 2")
    assert found == [(verdict, development)]


def test_a_milestone_is_met_once(room: Room) -> None:
    room.follow(
        replace(STORY, milestones=(Milestone("report", ("out",), date(2026, 2, 1)), Milestone("trial", ("t",))))
    )
    assert [late[1].expect for late in room.store.overdue(NOW.date())] == ["report"]
    met = decision(milestones=(MilestoneMet("report", "It is out."), MilestoneMet("trial", "It opened.")))
    ruling = Ruling(met, (alert("milestone-met", "a"), alert("milestone-met", "b")))
    assert room.file("one", ruling).alerts == (1, 2)
    assert room.file("two", ruling).alerts == ()
    assert room.store.overdue(NOW.date()) == ()
    assert room.rows("SELECT met_alert_id, met_at FROM milestones") == [
        (1, "2026-03-01T12:00:00Z"),
        (2, "2026-03-01T12:00:00Z"),
    ]


def test_a_milestone_is_overdue_once_until_its_day_is_moved(room: Room) -> None:
    waits = Milestone("report", ("out",), date(2026, 2, 27))
    room.follow(replace(STORY, milestones=(waits,)))
    assert room.store.overdue(date(2026, 2, 27)) == ()
    assert room.store.overdue(date(2026, 2, 28)) == (("mill", waits),)
    first = room.store.raise_alert(alert("milestone-overdue"), NOW, milestone="report")
    assert room.store.raise_alert(alert("milestone-overdue"), NOW, milestone="report") == first
    assert room.store.overdue(NOW.date()) == ()
    room.follow(replace(STORY, milestones=(replace(waits, by=date(2026, 2, 28)),)))
    assert len(room.store.overdue(NOW.date())) == 1


# --------------------------------------------------------------------------------------------------------- views


def test_the_views_tell_the_story(room: Room) -> None:
    room.follow()
    room.show(Entry("https://news.example/1", "A shop"))
    (waiting,) = room.store.waiting("news.example", NOW)
    room.store.commit(Plan(NOW, entry=EntryUpdate(waiting.id, EntryState.NOT_ARTICLE, "listing: a front page")))
    told = room.tell("wire", "It\nburnt.", publisher="Wire", published=NOW - timedelta(days=1)).developments["mill"]
    room.file("herald", again(told, "Yes."))
    assert room.rows("SELECT topic, kind, headline, whats_new FROM new_alerts") == [
        ("Mill fire", "new-development", "Fire at the mill", "It burnt.")
    ]
    assert room.rows("SELECT day, evidence, publisher, reports, independent_reports FROM timeline") == [
        ("2026-02-28", "It burnt.", "Wire", 2, 2)
    ]
    assert set(room.rows("SELECT verdict, title, why FROM rejected")) == {
        ("corroborates", "Title of herald", '{"gate": [1, 2]}'),
        ("not-article", "A shop", "listing: a front page"),
    }


# -------------------------------------------------------------------------------------------------------- search


def found(room: Room, words: str) -> list[int]:
    return [row[0] for row in room.rows("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", f'"{words}"')]


def test_search_finds_the_present_text_in_any_script(room: Room) -> None:
    room.follow()
    first = room.file("wire", text="阿里巴巴公布调查结果。")
    assert room.store.index_text() == 1
    assert found(room, "调查结果") == [1]
    room.file("wire", text="The inquiry ended.", known=first.article)
    room.file("wire", text="The inquiry ended today.", known=first.article)
    assert found(room, "调查结果") == [1]
    assert room.store.index_text() == 2
    assert found(room, "调查结果") == []
    assert found(room, "inquiry ended today") == [1]
    assert room.store.index_text() == 0


def test_search_finds_alerts(room: Room) -> None:
    room.follow()
    room.tell("wire")
    while room.store.index_text(1):
        pass
    assert room.rows("SELECT rowid FROM alerts_fts WHERE alerts_fts MATCH 'burnt'") == [(1,)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text("xyz 火灾", max_size=8), st.integers(0, 3)), max_size=10))
@settings(max_examples=15, deadline=None)
def test_after_any_edits_index_and_revisions_agree_with_the_texts(edits: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory(dir=FAST_DISK) as folder:
        room = Room(Path(folder) / "x.db")
        room.follow()
        for name, text, batch in edits:
            room.file(name, text=text or "empty")
            if batch:
                room.store.index_text(batch)
        while room.store.index_text(2):
            pass
        room.store.close()
        room.run("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        latest = room.rows(
            """SELECT a.text, r.text, r.text_sha256 FROM articles a
            JOIN revisions r ON r.id = (SELECT max(id) FROM revisions WHERE article_id = a.id)"""
        )
        assert len(latest) == len({name for name, _, _ in edits})
        assert all(now == then and sha == hashlib.sha256(now.encode()).hexdigest() for now, then, sha in latest)
