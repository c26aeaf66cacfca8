"""Looking again at the pages of filed articles: when, what it costs, and what is said of edits and removals."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import recheck, schedule, service, show
from monitor.config import load
from monitor.errors import NotAnArticle
from monitor.model import Article, Failed, Fetched, NotModified, Outcome
from monitor.reading import Reader
from monitor.timeline import FORMS

from .origin import Origin, page
from .world import ARRESTED, FIRED, OLD, START, World, article_html, ask, followed
from .world import Page as Story

HOST, URL = "wire.example", "https://wire.example/fired"
TITLE = "Harbour Bank fires manager"
MONTH = timedelta(days=33)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, validates=True)


async def told(world: World, **more: Any) -> Any:
    """Follow a host, and read a report that raises an alert."""
    config = await followed(world, HOST, **more)
    world.turn(hours=13)
    world.publish(HOST, "/fired", TITLE, *FIRED)
    await world.once(config)
    assert [row[0] for row in ask(world, "select kind from alerts")] == ["new-development"]
    return config


async def pass_by(world: World, config: Any, time: timedelta, *, step: timedelta = timedelta(hours=4)) -> None:
    """Let time pass, and make a pass each step."""
    for _ in range(int(time / step)):
        world.turn(seconds=step.total_seconds())
        await world.once(config)


def later(world: World) -> list[Any]:
    """Return kind, headline, what is new and why of the alerts after the first."""
    return ask(world, "select kind, headline, whats_new, why, development_id from alerts where id > 1 order by id")


# --------------------------------------------------------------------------------------------------------- when

HOURS = (0.25, 1, 3, 24, 72, 168, 336, 720)


def test_a_page_is_looked_at_less_and_less_often_and_after_a_month_no_more() -> None:
    seen = now = START
    ages = []
    while (due := schedule.next_recheck(seen, now, random.Random(1))) is not None:
        ages.append((due - seen).total_seconds() / 3_600)
        now = due
    assert len(ages) == len(HOURS)
    assert all(hours <= age <= 1.1 * hours for hours, age in zip(HOURS, ages, strict=True))


def test_looks_that_were_missed_are_not_made_up_for() -> None:
    due = schedule.next_recheck(START, START + timedelta(days=10), random.Random(1))
    assert due is not None and due >= START + timedelta(days=14)
    assert schedule.next_recheck(START, START + timedelta(days=31), random.Random(1)) is None


def test_pages_found_together_are_not_looked_at_together() -> None:
    rng = random.Random(1)
    assert len({schedule.next_recheck(START, START, rng) for _ in range(20)}) == 20


async def test_a_month_of_an_article_that_stays_as_it_is(world: World) -> None:
    config = await told(world)
    read_at = world.now
    for hours in (0, *HOURS, 3 * 720):
        world.now = read_at + timedelta(hours=1.11 * hours)
        await world.once(config)
    assert world.requests(URL) == 1 + len(HOURS)
    assert later(world) == []
    assert ask(world, "select count(*) from revisions r join articles a on a.id = r.article_id") == [(2,)]
    assert ask(world, "select next_try_at, state from entries where url like '%fired'") == [(None, "article")]
    outcomes = [row[0] for row in ask(world, f"select outcome from fetches where url = '{URL}'")]
    whole = [1 + HOURS.index(age) for age in (24, 720)]
    assert [at for at, word in enumerate(outcomes) if word == "fetched"] == [0, *whole]
    assert outcomes.count("not-modified") == 6
    assert ask(world, "select not_modified from hosts") == [(world.unchanged,)]


async def test_nothing_is_looked_at_within_the_pass_that_read_it_and_due_times_outlive_it(world: World) -> None:
    config = await told(world)
    assert world.requests(URL) == 1
    (due,) = ask(world, "select next_try_at from entries where url like '%fired'")[0]
    assert due >= f"{world.now + timedelta(minutes=15):%Y-%m-%dT%H:%M:%SZ}"
    world.turn(minutes=14)
    await world.once(config)
    assert world.requests(URL) == 1
    world.turn(minutes=3)
    await world.once(config)
    assert world.requests(URL) == 2


@pytest.mark.parametrize("where", ["topic", "monitor"])
async def test_it_can_be_turned_off(world: World, where: str) -> None:
    config = await told(world, topic="recheck = false" if where == "topic" else "")
    if where == "monitor":
        path = world.folder / "config.toml"
        path.write_text(path.read_text("utf-8").replace("[monitor]", "[monitor]\nrecheck = false"), "utf-8")
        config = load(path)
    world.turn(hours=5)
    await world.once(config)
    assert world.requests(URL) == 1
    assert ask(world, "select count(*) from entries where next_try_at is not null") == [(0,)] or where == "monitor"


async def test_copies_and_articles_on_something_else_are_not_looked_at_again(world: World) -> None:
    config = await followed(world, HOST, "portal.example", about="Harbour")
    world.turn(hours=13)
    world.publish(HOST, "/fired", TITLE, *FIRED)
    await world.once(config)
    world.turn(minutes=5)
    cats = world.publish(HOST, "/cats", "Cat show opens", "A cat show opened in Brixham on Sunday.", "It is free.")
    copy = world.publish("portal.example", "/p1", "Bank boss out", *FIRED)
    world.turn(hours=12)
    await world.once(config)
    await pass_by(world, config, timedelta(days=4), step=timedelta(days=2))
    assert world.requests(cats) == world.requests(copy) == 1
    assert world.requests(URL) > 1


async def test_what_a_version_filed_that_looked_at_nothing_again_is_looked_at_too(world: World) -> None:
    config = await told(world)
    with closing(sqlite3.connect(config.database)) as db:
        db.executescript(
            "update entries set next_try_at = null; pragma user_version = 9;"
            "delete from _sqlite_migrations where name = 'm010_looks'"
        )
    world.edit(HOST, "/fired", None, FIRED[0].replace("Paul Renner", "Peter Renner"), FIRED[1])
    await world.once(config)
    assert world.requests(URL) == 1, "not at once"
    world.turn(minutes=20)
    await world.once(config)
    assert [row[0] for row in later(world)] == ["corrected"]


PARTS = {
    "buys": "Exeter buys a bridge over the river.",
    "sells": "Truro sells two boats of its fire service.",
    "mends": "Bodmin mends the roof of a church.",
    "finds": "Penzance finds an old map of the coast.",
    "shows": "Plymouth shows paintings by its pupils.",
    "opens": "Torquay opens a library by the sea.",
    "hides": "Bude hides eggs in all its gardens.",
    "hears": "Looe hears an owl in the belfry at night.",
    "wants": "Fowey wants a second ferry to the islands.",
    "loses": "Padstow loses its last butcher after a century.",
}


async def test_a_host_has_few_pages_looked_at_at_once_and_fresh_ones_first(world: World) -> None:
    config = await followed(world, HOST)
    world.turn(hours=13)
    for verb, line in PARTS.items():
        world.publish(HOST, f"/part-{verb}", f"Who {verb} what", line, "It said so on its board.")
    await world.once(config)
    world.turn(hours=13)
    fresh = world.publish(HOST, "/fired", TITLE, *FIRED)
    world.asked.clear()
    await world.once(config)
    again = [url for url in world.asked if "part" in url or "old" in url]
    assert len(again) == recheck.AT_ONCE
    assert world.asked.index(fresh) < world.asked.index(again[0])
    world.turn(minutes=12)
    world.asked.clear()
    await world.once(config)
    further = [url for url in world.asked if "part" in url or "old" in url]
    assert len(further) == recheck.AT_ONCE
    assert not set(further) & set(again)


# ------------------------------------------------------------------------------------------------------- what is said


@dataclass(frozen=True)
class Said:
    """An edit of the told article, and what the alert says of it; "": there is none."""

    paragraphs: tuple[str, ...] = FIRED
    title: str = TITLE
    kind: str = ""
    says: tuple[str, ...] = ()


MORE = "The branch stands by the harbour, next to the old town hall and the fish market."
EDITS = {
    "a name in the evidence": Said(
        (FIRED[0].replace("Paul Renner", "Peter Renner"), *FIRED[1:], MORE),
        kind="corrected",
        says=("was: Harbour Bank fired its regional manager Paul", "is: Harbour Bank fired its regional manager Peter"),
    ),
    "a sentence of the evidence is gone": Said(
        (FIRED[1], MORE), kind="corrected", says=(f"was: {FIRED[0]}", "not there any more")
    ),
    "a correction": Said(
        (*FIRED, MORE, "Correction: An earlier version of this article gave a wrong first name."),
        kind="corrected",
        says=("Correction: An earlier version", "a note of correction"),
    ),
    "another headline": Said(title="Harbour Bank parts with manager", kind="edited", says=(TITLE,)),
    "a comma": Said((FIRED[0].replace(" after", ", after"), FIRED[1], MORE)),
    "a sentence that no evidence has": Said((*FIRED, "It was built by the same family.")),
    "a sentence more": Said((*FIRED, MORE, "A spokeswoman did not want to say more.")),
    "a slip": Said((FIRED[0].replace("inquiry", "inquriy"), FIRED[1], MORE)),
}


@pytest.mark.parametrize("name", EDITS)
async def test_an_edit_is_said_when_it_touches_what_was_told(world: World, name: str) -> None:
    config = await followed(world, HOST)
    world.turn(hours=13)
    world.publish(HOST, "/fired", TITLE, *FIRED, MORE)
    await world.once(config)
    case = EDITS[name]
    world.edit(HOST, "/fired", case.title, *(case.paragraphs if case.paragraphs != FIRED else (*FIRED, MORE)))
    world.turn(minutes=20)
    await world.once(config)
    assert ask(world, "select count(*) from revisions where change <> 'first'") == [(1,)]
    alerts = later(world)
    assert [row[0] for row in alerts] == [case.kind] * bool(case.kind)
    for words in case.says:
        assert any(words in column for column in alerts[0][2:4])
    if case.kind == "corrected":
        assert alerts[0][4] == 1, "it belongs to the development that was told"
    await pass_by(world, config, timedelta(days=2), step=timedelta(days=1))
    assert len(later(world)) == len(alerts), "once"


async def test_a_number_that_changes_again_is_said_again(world: World) -> None:
    config = await followed(world, HOST)
    world.turn(hours=13)
    dead = "A fire at Harbour Bank in Brixham killed 12 people on Friday, the police said."
    world.publish(HOST, "/fired", "Fire kills 12 at Harbour Bank", dead, *ARRESTED)
    await world.once(config)
    for count in ("15", "18"):
        world.edit(HOST, "/fired", None, dead.replace("12", count), *ARRESTED)
        world.turn(days=4)
        await world.once(config)
    found = [row for row in later(world) if row[0] == "corrected"]
    assert ["15" in found[0][3], "18" in found[1][3]] == [True, True]
    assert ask(world, "select was, became from edits where kind = 'number' order by id") == [("12", "15"), ("15", "18")]


async def test_a_headline_that_changes_to_and_fro_is_said_once(world: World) -> None:
    config = await told(world)
    for days in range(1, 6):
        world.edit(HOST, "/fired", "Harbour Bank parts with manager" if days % 2 else TITLE)
        world.turn(days=days * days)
        await world.once(config)
    assert [row[0] for row in later(world)] == ["edited"]


JAILED = "Paul Renner was convicted of fraud and sentenced to five years in prison on Friday, Harbour Bank said."


async def test_what_an_article_newly_says_is_news_like_any_other(world: World) -> None:
    config = await told(world)
    world.edit(HOST, "/fired", None, *FIRED, JAILED)
    world.turn(hours=1)
    await world.once(config)
    assert [row[0] for row in later(world)] == ["new-development"]
    assert ask(world, "select sentence from evidence where development_id = 2") == [(JAILED,)]


async def test_why_and_timeline_show_the_words_before_and_after(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    config = await told(world)
    world.edit(HOST, "/fired", None, FIRED[0].replace("Paul Renner", "Peter Renner"), FIRED[1])
    world.turn(minutes=20)
    await world.once(config)
    with Reader.open(config.database) as reader:
        why, timeline = reader.why(URL), reader.timeline("story")
    assert [row.change for row in why.revisions] == ["first", "lead, name"]
    assert [(row.kind, row.was, row.became) for row in why.revisions[1].edits][1:] == [
        ("name", "Paul Renner", "Peter Renner")
    ]
    for form in FORMS.values():
        form("Story", timeline)
        assert "Peter Renner" in capsys.readouterr().out
    show.why(why)
    assert "became: Peter Renner" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------------------ removed

GONE: dict[str, int | str | Story] = {
    "not found": 404,
    "gone": 410,
    "it leads to the front page": "/",
    "a page that says so with 200": Story("Sorry", ("This page is not here any more. Try our search.",), START),
}


def take_away(world: World, how: int | str | Story) -> None:
    if isinstance(how, Story):
        world.pages[HOST]["/fired"] = how
    else:
        world.trouble[URL] = how


@pytest.mark.parametrize("how", GONE.values(), ids=GONE.keys())
async def test_a_removed_article_is_said_once_after_hours_and_its_return_too(
    world: World, how: int | str | Story
) -> None:
    config = await told(world)
    world.publish(HOST, "/second", "Fog over the harbour", *OLD, published=START - timedelta(days=9))
    world.publish(HOST, "/third", "Ferry to the islands is late", *OLD, published=START - timedelta(days=9))
    seen, kept = world.now, world.pages[HOST]["/fired"]
    take_away(world, how)
    world.turn(minutes=20)
    await world.once(config)
    assert ask(world, "select status from articles where url like '%fired'") == [("unreachable",)]
    await pass_by(world, config, timedelta(hours=20))
    ((kind, headline, new, why, development),) = later(world)
    assert (kind, headline, development) == ("removed", f"Removed: {TITLE}", 1)
    assert f"{seen:%Y-%m-%d %H:%M}" in new and "captures" in new
    assert why
    assert ask(world, "select status, text from articles where url like '%fired'") == [("gone", "\n\n".join(FIRED))]
    assert ask(
        world, "select count(*) from revisions r join articles a on a.id = r.article_id and a.url like '%fired'"
    ) == [(1,)]
    world.trouble.clear()
    world.pages[HOST]["/fired"] = kept
    await pass_by(world, config, MONTH, step=timedelta(days=11))
    assert [row[:2] for row in later(world)][1:] == [("removed", f"Back again: {TITLE}")]
    assert ask(world, "select status from articles where url like '%fired'") == [("live",)]


def whole(world: World) -> None:
    world.trouble[HOST] = 404


def refused(world: World) -> None:
    world.trouble[URL] = 503


def for_repairs(world: World) -> None:
    notice = Story("Back soon", ("We are mending things. Come back in an hour, and thank you for waiting.",), START)
    world.pages[HOST] = {"/fired": notice}


QUIET: dict[str, Callable[[World], None]] = {
    "the whole site answers 404": whole,
    "the page answers 503": refused,
    "every page is a notice with 200": for_repairs,
}


@pytest.mark.parametrize("name", QUIET)
async def test_a_site_in_trouble_removes_nothing(world: World, name: str) -> None:
    config = await told(world)
    kept = world.pages[HOST]
    QUIET[name](world)
    await pass_by(world, config, timedelta(days=1))
    assert [row[0] for row in later(world) if row[0] != "blind"] == []
    assert ask(world, "select status, text from articles where url like '%fired'")[0] == (
        "unreachable",
        "\n\n".join(FIRED),
    )
    world.trouble.clear()
    world.pages[HOST] = kept
    await pass_by(world, config, timedelta(days=12), step=timedelta(days=4))
    assert ask(world, "select status from articles where url like '%fired'") == [("live",)]
    assert [row[0] for row in later(world) if row[0] != "blind"] == []


@pytest.mark.parametrize("how", GONE.values(), ids=GONE.keys())
async def test_an_article_that_is_missed_once_is_not_removed(world: World, how: int | str | Story) -> None:
    config = await told(world)
    kept = world.pages[HOST]["/fired"]
    take_away(world, how)
    world.turn(minutes=20)
    await world.once(config)
    world.trouble.clear()
    world.pages[HOST]["/fired"] = kept
    await pass_by(world, config, timedelta(days=2), step=timedelta(hours=12))
    assert later(world) == []
    assert ask(world, "select status from articles where url like '%fired'") == [("live",)]
    assert ask(world, "select missed, missed_since from entries where url like '%fired'") == [(0, None)]


async def test_of_an_article_that_no_alert_rests_on_only_the_status_is_kept(world: World) -> None:
    config = await told(world)
    world.trouble[f"https://{HOST}/old"] = 410
    await pass_by(world, config, timedelta(days=4), step=timedelta(hours=12))
    assert later(world) == []
    assert ask(world, "select status from articles where url like '%old'") == [("gone",)]


async def test_our_own_outage_is_charged_to_no_article(world: World) -> None:
    hosts = (HOST, "post.example", "times.example", "herald.example")
    config = await followed(world, *hosts)
    world.turn(hours=13)
    world.publish(HOST, "/fired", TITLE, *FIRED)
    await world.once(config)
    world.trouble |= dict.fromkeys(hosts, "refused")
    world.turn(hours=13)
    await world.once(config)
    world.trouble.clear()
    world.turn(minutes=5)
    await world.once(config)
    assert ask(world, "select distinct status from articles") == [("live",)]
    assert set(ask(world, "select distinct state from entries")) <= {("article",), ("copy",)}


async def test_an_article_that_moved_to_another_site_is_filed_there_as_a_copy(world: World) -> None:
    config = await told(world)
    world.pages["wire.test"] = {"/fired": world.pages[HOST]["/fired"]}
    world.trouble[URL], world.validates = "https://wire.test/fired", False
    world.turn(hours=2)
    await world.once(config)
    found = ask(world, "select url, status, copy_of from articles where url like '%fired' order by id")
    assert found == [(URL, "live", None), ("https://wire.test/fired", "live", 2)]
    assert later(world) == []


# ------------------------------------------------------------------------------------------------------ watched pages


async def watching(world: World, about: str = "*") -> Any:
    """Watch a page for itself, on a site that shows others."""
    world.publish(HOST, "/fired", TITLE, *FIRED, published=START - timedelta(days=1))
    world.publish(HOST, "/second", "Fog over the harbour", *OLD)
    world.publish(HOST, "/third", "Ferry to the islands is late", *OLD)
    world.publish(HOST, "/fourth", "Fish market is open again", *OLD)
    config = world.config(about=about, topic=f'pages = ["{URL}"]\ninterval = {{ min = "1h", max = "4h" }}')
    await world.once(config)
    assert ask(world, "select kind, status from sources join articles") == [("page", "live")]
    return config


def status(world: World) -> str:
    return str(ask(world, "select status from articles where url like '%fired'")[0][0])


def said(world: World) -> list[str]:
    """Return the headlines of the alerts, but for those that a topic cannot be seen."""
    return [row[0] for row in ask(world, "select headline from alerts where kind <> 'blind' order by id")]


@pytest.mark.parametrize("how", GONE.values(), ids=GONE.keys())
async def test_a_watched_page_that_is_removed_is_said_once_and_its_return_too(
    world: World, how: int | str | Story
) -> None:
    config, kept = await watching(world), world.pages[HOST]["/fired"]
    take_away(world, how)
    await pass_by(world, config, timedelta(hours=5), step=timedelta(hours=5))
    assert (status(world), said(world)) == ("unreachable", [])
    await pass_by(world, config, timedelta(hours=10), step=timedelta(hours=5))
    assert (status(world), said(world)) == ("gone", [f"Removed: {TITLE}"])
    await pass_by(world, config, timedelta(days=6), step=timedelta(days=2))
    assert said(world) == [f"Removed: {TITLE}"], "once"
    assert ask(world, "select state, count(*) from sources join revisions") == [("parked", 1)]
    world.trouble.clear()
    world.pages[HOST]["/fired"] = kept
    await pass_by(world, config, timedelta(days=4), step=timedelta(days=2))
    assert (status(world), said(world)) == ("live", [f"Removed: {TITLE}", f"Back again: {TITLE}"])
    assert ask(world, "select state, absent, absent_since from sources") == [("ok", 0, None)]


@pytest.mark.parametrize("name", QUIET)
async def test_a_site_in_trouble_removes_no_watched_page(world: World, name: str) -> None:
    config, kept = await watching(world), world.pages[HOST]
    QUIET[name](world)
    await pass_by(world, config, timedelta(days=4), step=timedelta(hours=24))
    assert (status(world), said(world)) == ("unreachable", [])
    world.trouble.clear()
    world.pages[HOST] = kept
    await pass_by(world, config, timedelta(days=4), step=timedelta(days=2))
    assert (status(world), said(world)) == ("live", [])


@pytest.mark.parametrize("fault", [503, 403, "timeout"])
async def test_a_watched_page_that_could_not_be_had_does_not_count_as_missing(world: World, fault: int | str) -> None:
    config = await watching(world)
    world.trouble[URL] = fault
    await pass_by(world, config, timedelta(days=4), step=timedelta(hours=24))
    assert (status(world), said(world)) == ("unreachable", [])
    for count in (1, 2):
        world.trouble[URL] = 404
        await pass_by(world, config, timedelta(hours=25), step=timedelta(hours=25))
        assert ask(world, "select absent from sources") == [(count,)]
        assert (status(world), said(world)) == ("unreachable", [])
        world.trouble[URL] = fault
        await pass_by(world, config, timedelta(hours=25), step=timedelta(hours=25))
    world.trouble[URL] = 404
    await pass_by(world, config, timedelta(hours=25), step=timedelta(hours=25))
    assert (status(world), said(world)) == ("gone", [f"Removed: {TITLE}"])


async def test_a_watched_page_that_is_unchanged_after_a_failure_is_live_again(world: World) -> None:
    config = await watching(world)
    world.trouble[URL] = 503
    await pass_by(world, config, timedelta(hours=5), step=timedelta(hours=5))
    assert status(world) == "unreachable"
    world.trouble.clear()
    await pass_by(world, config, timedelta(hours=12), step=timedelta(hours=12))
    assert world.unchanged == 1
    assert status(world) == "live"


async def test_another_text_in_the_place_of_a_watched_page_is_no_version_of_it(world: World) -> None:
    config = await watching(world, about="Renner")
    shoes = ("We sell boots and sandals of all colours.", "Order before noon and have them tomorrow.")
    world.edit(HOST, "/fired", "Cheap boots", *shoes)
    await pass_by(world, config, timedelta(days=2), step=timedelta(hours=12))
    assert ask(world, "select distinct title from revisions") == [(TITLE,)]
    assert (status(world), said(world)) == ("gone", [f"Removed: {TITLE}"])


async def test_another_text_on_the_topic_in_the_place_of_a_watched_page_is_its_next_version(world: World) -> None:
    config = await watching(world, about="Renner")
    jailed = (
        "Renner, 41, was found guilty by a jury in Exeter and led away at noon.",
        "He has a month from that day to lodge an appeal.",
    )
    world.edit(HOST, "/fired", "Five years for a fraud", *jailed)
    await pass_by(world, config, timedelta(days=2), step=timedelta(hours=12))
    assert ask(world, "select title, status from articles") == [("Five years for a fraud", "live")]
    assert said(world) == ["Five years for a fraud"]


# ------------------------------------------------------------------------------------------ why an article is not there

ARTICLE = Article("https://wire.example/news/fired-2021", "Fired", "\n\n".join(FIRED))


def came(final: str) -> Fetched:
    return Fetched(ARTICLE.url, final, START, 200, {}, b"")


ABSENT: dict[str, tuple[Outcome, Article | NotAnArticle | None, str]] = {
    "it came": (came(ARTICLE.url), ARTICLE, ""),
    "nothing changed": (NotModified(ARTICLE.url, ARTICLE.url, START), None, ""),
    "not found": (Failed(ARTICLE.url, ARTICLE.url, START, "status", "", 404), None, "404"),
    "refused": (Failed(ARTICLE.url, ARTICLE.url, START, "status", "", 403), None, ""),
    "no answer": (Failed(ARTICLE.url, ARTICLE.url, START, "timeout", ""), None, ""),
    "the front page": (came("https://wire.example/"), NotAnArticle("listing", ""), "front page"),
    "a section": (came("https://wire.example/news/"), ARTICLE, "section /news/"),
    "another site": (came("https://parked.example/x"), NotAnArticle("parked", ""), "another site"),
    "another text on another site": (came("https://parked.example/x"), Article("", "Shoes", "Buy."), "another site"),
    "it moved to another site": (came("https://wire.test/fired"), ARTICLE, ""),
    "another spelling": (came("https://www.wire.example/news/fired-2021?utm_source=x"), ARTICLE, ""),
    "a page of errors": (came(ARTICLE.url), NotAnArticle("error-page", "it says so"), "it says so"),
    "a paywall": (came(ARTICLE.url), NotAnArticle("paywall", ""), ""),
    "a consent wall": (came(ARTICLE.url), NotAnArticle("consent", ""), ""),
}


@pytest.mark.parametrize("name", ABSENT)
def test_why_an_article_is_not_on_its_page(name: str) -> None:
    outcome, found, why = ABSENT[name]
    said = recheck.absent(outcome, found, ARTICLE)
    assert (why in said) if said and why else (not why and said is None)


# --------------------------------------------------------------------------------------------------- over real sockets


async def test_a_look_asks_a_real_server_whether_the_page_changed(tmp_path: Path) -> None:
    now = datetime(2021, 8, 9, 12, tzinfo=UTC)

    async def slept(_: float) -> None:
        pass

    def served(title: str) -> Callable[..., Awaitable[None]]:
        body = article_html(Story(title, (*FIRED, *OLD), now), "127.0.0.1")

        async def behave(request: Any, writer: Any) -> None:
            known = request.headers.get("if-none-match") == f'"{title}"'
            answer = page("", status="304 Not Modified") if known else page(body, headers={"ETag": f'"{title}"'})
            await answer(request, writer)

        return behave

    async with Origin() as origin:
        link = f"<item><title>x</title><link>{origin.url('/fired')}</link></item>"
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>w</title>{link}</channel></rss>'
        origin.paths |= {"/feed.xml": page(feed, headers={"Content-Type": "text/xml"}), "/fired": served("One")}
        path = tmp_path / "config.toml"
        path.write_text(
            f'[monitor]\ndatabase = "monitor.db"\n[fetch]\nper_host_delay = "0s"\nallow_networks = ["127.0.0.1/32"]\n'
            f'[[topics]]\nname = "Story"\nabout = "*"\nfeeds = ["{origin.url("/feed.xml")}"]\n',
            "utf-8",
        )
        config, world = load(path), World(tmp_path)
        outside = service.World(now=lambda: now, sleep=slept, rng=random.Random(7))
        for minutes in (0, 20, 60):
            now += timedelta(minutes=minutes)
            if minutes == 60:
                origin.paths["/fired"] = served("Two")
            async with service.opened(config, outside) as house:
                await service.once(house, config)
    looks = [request for request in origin.requests if request.path == "/fired"]
    assert [request.headers.get("if-none-match") for request in looks] == [None, '"One"', '"One"']
    assert [row[0] for row in ask(world, "select outcome from fetches where url like '%/fired'")] == [
        "fetched",
        "not-modified",
        "fetched",
    ]
    assert ask(world, "select was, became from edits where kind = 'headline'") == [("One", "Two")]
