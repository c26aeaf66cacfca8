"""The whole way, from a feed to an alert in the database, in a world under our hand."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import parse, service
from monitor.errors import StoreError
from monitor.importance import of
from monitor.judge import THRESHOLD
from monitor.pipeline import poll
from monitor.store import Store

from .world import ARRESTED, FIRED, OLD, START, World, ask, followed


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def one(world: World, sql: str) -> Any:
    rows = ask(world, sql)
    assert len(rows) == 1, rows
    return rows[0] if len(rows[0]) > 1 else rows[0][0]


async def started(world: World, *hosts: str, **more: Any) -> Any:
    """Follow hosts that already hold an old article, and let half a day pass."""
    config = await followed(world, *hosts, **more)
    world.turn(hours=13)
    return config


async def test_what_was_there_before_is_learnt_quietly(world: World) -> None:
    await started(world, "wire.example")
    assert one(world, "select verdict from decisions") == "learnt"
    assert ask(world, "select * from alerts") == []
    assert ask(world, "select * from developments") == []


async def test_a_development_is_one_alert_with_the_sources_own_sentence(world: World) -> None:
    config = await started(world, "wire.example")
    url = world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    kind, headline, address = one(world, "select kind, headline, url from alerts")
    assert (kind, address) == ("new-development", url)
    assert headline in ("Harbour Bank fires manager", FIRED[0])
    sentences = [row[0] for row in ask(world, "select sentence from evidence")]
    assert FIRED[0] in sentences
    assert one(world, "select firm from developments") == 1
    novelty, importance = one(
        world, "select novelty, importance from developments d join alerts a on a.development_id = d.id"
    )
    assert THRESHOLD <= novelty < 1
    assert importance == of("new-development", novelty=novelty, firm=True)


async def test_a_second_pass_finds_nothing_new_and_asks_no_page_again(world: World) -> None:
    config = await started(world, "wire.example")
    url = world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    world.turn(minutes=10)
    await world.once(config)
    assert world.requests(url) == 1
    assert one(world, "select count(*) from alerts") == 1


async def test_a_page_that_two_sources_of_a_host_show_is_asked_for_once(world: World) -> None:
    config = world.config("wire.example", topic='searches = ["https://wire.example/feed.xml"]')
    url = world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    assert ask(world, "select state, article_id from entries") == [("article", 1), ("article", 1)]
    assert world.requests(url) == 1


async def test_a_reprint_is_filed_as_a_copy_and_not_alerted(world: World) -> None:
    config = await started(world, "wire.example", "portal.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    world.turn(hours=13)
    world.publish("portal.example", "/p1", "Bank boss out", *FIRED, "Sign up for our newsletter.")
    await world.once(config)
    assert one(world, "select count(*) from alerts") == 1
    original, copy = (
        row[0] for row in ask(world, "select id from articles where url like '%/fired' or url like '%/p1' order by id")
    )
    assert one(world, f"select copy_of from articles where id = {int(copy)}") == original
    assert one(world, "select state from entries where url like '%/p1'") == "copy"


async def test_two_reports_that_arrive_together_are_one_alert(world: World) -> None:
    config = await started(world, "wire.example", "daily.example")
    world.publish("wire.example", "/a", "Harbour Bank fires manager", *FIRED)
    world.publish("daily.example", "/b", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    assert one(world, "select count(*) from alerts") == 1


async def test_the_next_development_is_the_next_alert(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    world.turn(days=3)
    world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    await world.once(config)
    assert [row[0].rsplit("/", 1)[1] for row in ask(world, "select url from alerts order by id")] == [
        "fired",
        "arrested",
    ]


async def test_news_in_the_first_poll_of_a_source_that_was_down_is_alerted(world: World) -> None:
    world.publish("wire.example", "/old", "Inquiry at Harbour Bank", *OLD, published=START - timedelta(days=2))
    world.trouble["wire.example"] = "refused"
    config = world.config("wire.example")
    await world.once(config)
    world.turn(days=3)
    del world.trouble["wire.example"]
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED, published=START + timedelta(days=1))
    await world.once(config)
    assert one(world, "select url from alerts") == "https://wire.example/fired"
    assert dict(ask(world, "select a.url, verdict from decisions d join articles a on a.id = d.article_id")) == {
        "https://wire.example/old": "learnt",
        "https://wire.example/fired": "new",
    }


async def test_a_wrong_date_on_a_page_does_not_silence_what_a_feed_newly_shows(world: World) -> None:
    world.undated = True
    config = await started(world, "wire.example")
    url = world.publish(
        "wire.example", "/fired", "Harbour Bank fires manager", *FIRED, published=START - timedelta(900)
    )
    await world.once(config)
    assert one(world, "select url from alerts") == url


async def test_a_source_that_is_added_later_is_learnt_quietly_too(world: World) -> None:
    await started(world, "wire.example")
    world.publish("daily.example", "/fired", "Harbour Bank fires manager", *FIRED)
    world.turn(hours=13)
    await world.once(world.config("wire.example", "daily.example"))
    assert ask(world, "select * from alerts") == []
    assert one(world, "select count(*) from decisions where verdict = 'learnt'") == 2


async def test_a_topic_that_is_added_later_learns_what_is_filed(world: World) -> None:
    await started(world, "wire.example", about="Harbour")
    more = '[[topics]]\nname = "Brixham"\nabout = "Brixham"\nfeeds = ["https://wire.example/feed.xml"]\n'
    config = world.config("wire.example", about="Harbour", more=more)
    asked = world.requests("https://wire.example/old")
    await world.once(config)
    assert dict(ask(world, "select topic, verdict from decisions")) == {"story": "learnt", "brixham": "learnt"}
    assert world.requests("https://wire.example/old") == asked
    world.turn(hours=13)
    world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    await world.once(config)
    assert one(world, "select topic from alerts") == "brixham"


async def test_a_topic_that_is_removed_is_archived_and_not_polled(world: World) -> None:
    await started(world, "wire.example")
    asked = world.requests("https://wire.example/feed.xml")
    await world.once(world.config("daily.example", slug="other"))
    assert dict(ask(world, "select slug, active from topics")) == {"story": 0, "other": 1}
    assert world.requests("https://wire.example/feed.xml") == asked
    assert one(world, "select count(*) from articles") == 1


async def test_an_article_about_something_else_is_filed_but_not_alerted(world: World) -> None:
    config = await started(world, "wire.example", about="Renner")
    world.publish("wire.example", "/cats", "Cat show opens", "A cat show opened in Brixham on Sunday.", "It is free.")
    await world.once(config)
    assert one(
        world, "select d.verdict from decisions d join articles a on a.id = d.article_id where a.url like '%cats'"
    ) == ("irrelevant")
    assert ask(world, "select * from alerts") == []


async def test_a_page_that_times_out_is_read_later_and_nothing_is_lost(world: World) -> None:
    config = await started(world, "wire.example")
    url = world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    world.trouble[url] = "timeout"
    await world.once(config)
    state, why = one(world, "select state, why from entries where url like '%/fired'")
    assert state == "failed"
    assert "timeout" in why
    del world.trouble[url]
    world.turn(minutes=1)
    await world.once(config)
    assert one(world, "select url from alerts") == url


async def test_links_are_on_disk_before_they_are_followed(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    async with service.opened(config, world.world()) as house:
        (source,) = await house.store(Store.due_sources, "wire.example", world.now)
        await poll(house, source)  # ... and here the plug is pulled
    assert one(world, "select state from entries where url like '%/fired'") == "new"
    await world.once(config)
    assert one(world, "select url from alerts") == "https://wire.example/fired"


async def test_a_failing_source_says_why_and_when_it_is_asked_again(world: World) -> None:
    config = world.config("wire.example", "daily.example")
    world.publish("daily.example", "/old", "Inquiry at Harbour Bank", *OLD, published=START - timedelta(days=2))
    await world.once(config)
    state, why, due = one(world, "select state, why, next_due_at from sources where host = 'wire.example'")
    assert state == "failing"
    assert "connect" in why
    assert due > world.now.isoformat()[:19]
    assert one(world, "select state from sources where host = 'daily.example'") == "ok"


async def test_a_date_that_cannot_be_true_yet_is_not_kept(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED, published=START + timedelta(days=900))
    await world.once(config)
    assert one(world, "select published_at from articles where url like '%/fired'") is None
    assert one(world, "select count(*) from alerts") == 1


async def test_a_page_that_is_no_article_leaves_a_reason(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/empty", "")
    await world.once(config)
    state, why = one(world, "select state, why from entries where url like '%/empty'")
    assert state == "not-article"
    assert why
    assert one(world, "select count(*) from articles") == 1


async def test_a_source_that_is_not_a_feed_says_what_it_is(world: World) -> None:
    world.publish("wire.example", "/old", "Inquiry at Harbour Bank", *OLD, published=START - timedelta(days=2))
    config = world.config(topic='sitemaps = ["https://wire.example/old"]')
    await world.once(config)
    state, why = one(world, "select state, why from sources")
    assert state == "failing"
    assert "not-a-feed" in why
    assert "HTML" in why
    assert ask(world, "select * from entries") == []


async def test_two_topics_share_one_request(world: World) -> None:
    more = '[[topics]]\nname = "Brixham"\nabout = "Brixham"\nfeeds = ["https://wire.example/feed.xml"]\n'
    await started(world, "wire.example", more=more)
    assert world.requests("https://wire.example/old") == 1
    assert one(world, "select count(*) from decisions") == 2


async def test_a_fault_of_ours_costs_one_page_and_is_written_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/bad", "Bad", "This page hits a fault.")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    sound = parse.article

    def faulty(body: bytes, *, url: str, content_type: str | None = None) -> Any:
        if url.endswith("/bad"):
            raise ZeroDivisionError("a fault")
        return sound(body, url=url, content_type=content_type)

    monkeypatch.setattr(parse, "article", faulty)
    await world.once(config)
    state, why = one(world, "select state, why from entries where url like '%/bad'")
    assert state == "failed"
    assert "fault of this program" in why
    assert one(world, "select url from alerts") == "https://wire.example/fired"


async def test_a_seed_alone_suffices_and_is_read_before_anything_is_judged(world: World) -> None:
    seed = world.publish("bank.example", "/seed", "Inquiry at Harbour Bank", *OLD, published=START - timedelta(days=3))
    world.publish(
        "wire.example", "/cats", "Cat show opens", "A cat show opened in the town hall on Sunday.", "It is free."
    )
    config = world.config("wire.example", about=None, topic=f'seed = "{seed}"')
    await world.once(config)
    assert world.asked.index(seed) < world.asked.index("https://wire.example/feed.xml")
    world.turn(hours=13)
    about_it = "Harbour Bank will pay back the missing deposits of 400 customers in Brixham, it said on Thursday."
    world.publish("wire.example", "/paid", "Harbour Bank to pay back missing deposits", about_it, *OLD)
    world.publish(
        "wire.example", "/dogs", "Dog show opens", "A dog show opened in the town hall on Thursday.", "It is free."
    )
    await world.once(config)
    verdicts = dict(ask(world, "select a.url, d.relevant from decisions d join articles a on a.id = d.article_id"))
    assert verdicts["https://wire.example/dogs"] == 0
    assert verdicts["https://wire.example/paid"] == 1
    assert [row[0] for row in ask(world, "select url from alerts")] == ["https://wire.example/paid"]


async def test_trouble_with_the_database_in_a_visit_is_told_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = await started(world, "wire.example", "daily.example")

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Store, "commit", full)
    with pytest.raises(StoreError, match="the disk is full"):
        await world.once(config)


# ------------------------------------------------------------------------------------------------- watched pages


async def watching(world: World) -> Any:
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED, published=START - timedelta(days=1))
    config = world.config(topic='pages = ["https://wire.example/fired"]')
    await world.once(config)
    world.turn(hours=13)
    return config


async def test_a_changed_headline_of_a_watched_page_is_alerted(world: World) -> None:
    config = await watching(world)
    world.edit("wire.example", "/fired", "Harbour Bank parts with manager")
    await world.once(config)
    kind, headline, old = one(world, "select kind, headline, whats_new from alerts")
    assert (kind, headline) == ("edited", "Harbour Bank parts with manager")
    assert "Harbour Bank fires manager" in old
    assert one(world, "select count(*) from revisions") == 2


async def test_an_edited_comma_is_kept_but_not_alerted(world: World) -> None:
    config = await watching(world)
    world.edit("wire.example", "/fired", None, FIRED[0].replace(" after", ", after"), FIRED[1])
    await world.once(config)
    assert ask(world, "select * from alerts") == []
    assert [row[0] for row in ask(world, "select change from revisions order by id")][1:] == ["wording"]


# ------------------------------------------------------------------------------------------------------- keeping


async def test_being_blind_to_a_topic_is_said_once(world: World) -> None:
    config = await started(world, "wire.example")
    world.trouble["wire.example"] = 403
    for _ in range(3):
        await world.once(config)
        world.turn(days=2)
    assert one(world, "select kind from alerts") == "blind"
    del world.trouble["wire.example"]
    for _ in range(2):
        await world.once(config)
        world.turn(days=2)
    assert one(world, "select blind_since is null from topics") == 1
    blind, again = (row[0] for row in ask(world, "select headline from alerts order by id"))
    assert blind.startswith("Blind to Story")
    assert again == "No longer blind to Story: its source can be read again"


async def test_a_milestone_is_met_or_overdue_once(world: World) -> None:
    milestones = (
        '[[topics.milestones]]\nexpect = "the manager is arrested"\nany = ["arrested the former manager"]\n'
        "by = 2021-09-30\n"
        '[[topics.milestones]]\nexpect = "the deposits are paid back"\nany = ["paid back"]\nby = 2021-08-20\n'
    )
    config = await started(world, "wire.example", more=milestones)
    world.publish("wire.example", "/arrested", "Police arrest former bank manager", *ARRESTED)
    for _ in range(3):
        await world.once(config)
        world.turn(days=30)
    kinds = [row[0] for row in ask(world, "select kind from alerts order by id")]
    assert sorted(kinds) == ["milestone-met", "milestone-overdue", "new-development"]


async def test_the_phase_of_a_story_follows_its_developments(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    assert one(world, "select phase from topics") == "developing"
    world.turn(days=200)
    await world.once(config)
    assert one(world, "select phase from topics") == "quiet"


# ----------------------------------------------------------------------------------------- what politeness remembers


async def test_what_was_asked_of_a_host_is_counted(world: World) -> None:
    config = await started(world, "wire.example")
    await world.once(config)
    row = one(world, "select requests, failed, received_bytes > 0, unasked, delay_s from hosts")
    assert row == (4, 1, 1, 0, 0.0), "robots.txt (there is none), the feed twice, the article"


async def test_robots_txt_is_asked_for_once_a_day_over_restarts(world: World) -> None:
    config = await started(world, "wire.example")
    await world.once(config)
    assert world.robots_asked == 1
    world.turn(hours=25)
    await world.once(config)
    assert world.robots_asked == 2


async def test_a_host_that_asked_to_be_left_alone_is_so_over_a_restart(world: World) -> None:
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires its manager", *FIRED)
    world.headers["wire.example"] = {"Retry-After": "7200"}
    world.trouble["https://wire.example/fired"] = 429
    await world.once(config)
    asked = len(world.asked)
    world.turn(hours=1)
    ask_now = "update entries set next_try_at = '2021-01-01T00:00:00Z' where next_try_at is not null"
    with closing(sqlite3.connect(world.folder / "monitor.db")) as db, db:
        db.execute(ask_now)
    await world.once(config)
    assert len(world.asked) == asked
    assert one(world, "select attempts from entries where url like '%fired'") == 1, "nothing was asked"
    world.trouble.clear()
    world.turn(hours=2)
    await world.once(config)
    assert one(world, "select count(*) from alerts") == 1


# ------------------------------------------------------------------------------------------------- their fault or ours


async def test_when_nothing_can_be_reached_no_source_is_charged(world: World) -> None:
    hosts = [f"{name}.example" for name in ("wire", "post", "times", "herald")]
    config = await started(world, *hosts)
    world.trouble |= dict.fromkeys(hosts, "refused")
    await world.once(config)
    assert set(ask(world, "select state, failures from sources")) == {("ok", 0)}
    assert all("offline" in why for (why,) in ask(world, "select why from sources"))
    assert one(world, "select count(*) from notes where key = 'offline_since'") == 1
    world.trouble.clear()
    world.publish("wire.example", "/fired", "Harbour Bank fires its manager", *FIRED)
    world.turn(minutes=2)
    await world.once(config)
    assert one(world, "select count(*) from alerts") == 1
    assert ask(world, "select * from notes where key = 'offline_since'") == []


async def test_one_host_that_cannot_be_reached_is_charged(world: World) -> None:
    config = await started(world, "wire.example", "post.example", "times.example", "herald.example")
    world.trouble["wire.example"] = "refused"
    await world.once(config)
    assert ask(world, "select host, failures from sources where failures > 0") == [("wire.example", 1)]


# ---------------------------------------------------------------------------------------------------- what is missed


async def test_a_feed_that_moved_on_too_fast_is_told_once_and_looked_at_sooner(world: World) -> None:
    config = await started(world, "wire.example", "post.example", topic='interval = { min = "10m", max = "12h" }')
    for _ in range(3):
        world.pages["wire.example"].clear()
        for number in range(4):
            world.publish("wire.example", f"/{world.now:%d%H}-{number}", f"Fog over the harbour, part {number}", *OLD)
        await world.once(config)
        world.turn(hours=13)
    told = ask(world, "select kind, headline, whats_new from alerts where kind = 'blind'")
    assert len(told) == 1
    assert "missed" in told[0][1] and "https://wire.example/feed.xml" in told[0][2]
    assert one(world, "select interval_s, state from sources where host = 'wire.example'") == (600.0, "ok")
    world.publish("wire.example", "/next", "Fog lifts over the harbour", *OLD)
    await world.once(config)
    assert one(world, "select missed_at from sources where host = 'wire.example'") is None


async def test_a_source_that_is_gone_is_told_once(world: World) -> None:
    config = await started(world, "wire.example", "post.example")
    world.trouble["https://wire.example/feed.xml"] = 410
    for _ in range(3):
        await world.once(config)
        world.turn(hours=25)
    assert one(world, "select state from sources where host = 'wire.example'") == "parked"
    (told,) = ask(world, "select kind, headline, whats_new from alerts")
    assert told[0] == "blind" and told[1].startswith("Gone: a source of") and "410" in told[2]
    world.trouble.clear()
    await world.once(config)
    assert one(world, "select told from sources where host = 'wire.example'") is None


async def test_the_only_source_being_gone_is_not_told_twice(world: World) -> None:
    config = await started(world, "wire.example")
    world.trouble["https://wire.example/feed.xml"] = 410
    await world.once(config)
    assert one(world, "select count(*) from alerts where kind = 'blind'") == 1


async def test_a_server_that_says_unchanged_for_ever_is_asked_for_the_whole(world: World) -> None:
    world.stuck.add("wire.example")
    config = await started(world, "wire.example")
    world.publish("wire.example", "/fired", "Harbour Bank fires its manager", *FIRED)
    await world.once(config)
    assert ask(world, "select * from alerts") == [], "it says that nothing changed"
    world.turn(hours=13)
    await world.once(config)
    assert one(world, "select count(*) from alerts") == 1
