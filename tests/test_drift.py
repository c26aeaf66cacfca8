"""Are the accepted articles still about the story?  Stories that move on, and a query that catches another one."""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import show
from monitor.desk import Desk
from monitor.model import Article, ArticleId, Decision, Drift, Filed, Seed, Topic, Verdict
from monitor.reading import Reader
from monitor.story.drift import Given

from .world import START, World

NOON = datetime(2021, 5, 1, 12, tzinfo=UTC)
BANK = Topic("bank", "Harbour Bank", about="Harbour")
STORY = (
    "Police questioned Paul Renner over the missing deposits of Harbour Bank in Brixham.",
    "The regional manager Paul Renner left Harbour Bank after the deposits went missing in Brixham.",
    "Customers of the branch in Brixham said that Paul Renner of Harbour Bank had their deposits.",
    "An inquiry by Harbour Bank found that deposits had gone missing while Paul Renner led the branch in Brixham.",
)
LATER = (
    "A court sentenced Paul Renner, once of Harbour Bank in Brixham, to four years in prison.",
    "The appeal of Paul Renner was dismissed; a judge upheld the sentence of the man from Brixham, once of Harbour.",
    "Prison officers moved Paul Renner to Exeter, far from Brixham and Harbour, after a quarrel with inmates.",
    "A film on Paul Renner will be shot this summer in Brixham harbour with an actress as the widow.",
)
OTHER = (
    "Dredgers deepened the harbour of Rotterdam, and Maersk sent its largest container vessel through the channel.",
    "Maersk said that its container vessel waited outside the harbour of Rotterdam, as the dredgers had not finished.",
    "Cranes in the harbour of Rotterdam unloaded the container vessel of Maersk within two days, a record.",
    "The pilots of Rotterdam harbour struck, and Maersk diverted every container vessel to Antwerp.",
)


def told(sentences: Sequence[str], count: int, *, start: int = 0) -> list[Article]:
    """Return articles, one a day, each with two of the sentences and many words of its own."""
    rng = random.Random(start)
    found = []
    for number in range(start, start + count):
        own = " ".join("".join(rng.choices("abcdefghiklmnoprstu", k=7)) for _ in range(40))
        text = f"{sentences[number % len(sentences)]} {sentences[(number + 1) % len(sentences)]} There was {own}."
        at = NOON + timedelta(days=number)
        title = f"Report on {own[:15]}"
        found.append(Article(f"https://wire.example/{number}", title, text, published=at, language="en"))
    return found


class Office:
    """A desk that accepts what its topic asks for, and the archive."""

    def __init__(self, topic: Topic = BANK) -> None:
        self.topic, self.desk, self.filed = topic, Desk((topic,)), list[Filed]()

    def take(self, articles: Sequence[Article], *, copy_of: ArticleId | None = None) -> Drift | None:
        for article in articles:
            number = ArticleId(len(self.filed) + 1)
            at = article.published or NOON
            decision = Decision(self.topic.slug, Verdict.NOTHING_NEW, True, 1.0, {}, copy_of=copy_of)
            self.desk.learn(number, article, [decision], {}, at=at)
            verdicts = {self.topic.slug: decision.verdict}
            self.filed.append(Filed(number, article, at, copy_of=copy_of, decided=verdicts))
        return self.desk.drifts().get(self.topic.slug)

    def reopened(self, topic: Topic) -> Drift | None:
        desk = Desk((topic,))
        for filed in self.filed:
            desk.remember(filed)
        return desk.drifts().get(topic.slug)


def test_another_story_under_the_same_word_is_told_with_what_to_do() -> None:
    office = Office()
    assert office.take(told(STORY, 12)) is None
    drift = office.take(told(OTHER, 12, start=12))
    assert drift is not None
    assert drift.since == NOON + timedelta(days=12)
    assert drift.why.startswith("Since 13 May 2021, 12 of the last 12 accepted articles share little with what the")
    excluded, asked = drift.why.split("NOT ")[1].split(": ask for them with AND ")
    assert {"rotterdam", "maersk"} <= set(excluded.split(")")[0].strip("(").split(" OR "))
    assert {"paul", "renner", "brixham"} <= set(asked.strip("(.)").split(" OR "))
    assert "harbour" not in drift.why, "what the query asks for marks off nothing"


def chinese(sentences: Sequence[str], count: int, start: int = 0) -> list[Article]:
    return [
        Article(f"https://a.example/{n}", "", sentences[n % 2] * 2, published=NOON + timedelta(days=n), language="zh")
        for n in range(start, start + count)
    ]


POISON = ("长安大学林姓研究生被投毒，警方拘留其室友。", "林姓研究生的室友承认投毒，长安大学致歉。")
FRAUD = ("邮件诈骗团伙在边境落网，警方缴获手机。", "诈骗团伙骗取老人存款，边境警方通报案情。")

STEADY: dict[str, list[list[Article]]] = {
    "a story that goes on": [told(STORY, 40)],
    "one that moves on with its names": [told(STORY, 12), told(LATER, 25, start=12)],
    "one that moves on, names and all, step by step": [
        told(STORY, 12),
        told((*STORY[:2], *LATER[:2]), 12, start=12),
        told((*LATER[:2], *(text.replace("Paul Renner", "Ada Coke") for text in LATER)), 24, start=24),
        told([text.replace("Paul Renner", "Ada Coke") for text in LATER], 24, start=48),
    ],
    "too few of another": [told(STORY, 12), told(OTHER, 6, start=12)],
    "a round-up now and then": [
        each for day in range(0, 60, 5) for each in (told(STORY, 4, start=day), told(OTHER, 1, start=day + 4))
    ],
    "one that begins in another language": [told(STORY, 12), chinese(POISON, 14, 12)],
    "one whose only name is the query's": [
        told(["The harbour is closed to ships, and the tide is high."] * 4, 12),
        told(["A new harbour café serves waffles, and music plays on Sundays."] * 4, 20, start=12),
    ],
    "nothing at all": [[]],
}


@pytest.mark.parametrize("name", STEADY)
def test_a_story_that_moves_on_does_not_drift(name: str) -> None:
    office = Office()
    for chapter in STEADY[name]:
        assert office.take(chapter) is None


def test_a_story_without_capitals_drifts_too() -> None:
    office = Office(Topic("zh", "投毒", about="警方 OR 大学"))
    assert office.take(chinese(POISON, 12)) is None
    drift = office.take(chinese(FRAUD, 12, 12))
    assert drift is not None
    assert "诈骗" in drift.why
    assert "投毒" in drift.why


def test_a_drift_ends_when_the_story_is_back() -> None:
    office = Office()
    office.take(told(STORY, 12))
    assert office.take(told(OTHER, 12, start=12)) is not None
    assert office.take(told(STORY, 12, start=24)) is None


def test_reprints_and_second_readings_count_once() -> None:
    office = Office()
    office.take(told(STORY, 12))
    assert office.take(told(OTHER, 20, start=12), copy_of=ArticleId(1)) is None
    (article,) = told(OTHER, 1, start=40)
    decision = Decision("bank", Verdict.NOTHING_NEW, True, 1.0, {})
    for _ in range(20):
        office.desk.learn(ArticleId(99), article, [decision], {}, at=NOON)
    assert office.desk.drifts() == {}


def test_a_restart_sees_the_same_drift_and_a_better_query_none() -> None:
    office = Office()
    office.take(told(STORY, 12))
    drift = office.take(told(OTHER, 12, start=12))
    assert drift is not None
    assert office.reopened(BANK) == drift
    assert office.reopened(Topic("bank", "Harbour Bank", about="Harbour NOT (rotterdam OR maersk)")) is None


def test_a_topic_that_has_only_a_seed_is_told_to_ask() -> None:
    seed = "Deposits missing at Harbour Bank\n\n" + " ".join(STORY)
    office = Office(Topic("bank", "Harbour Bank", seed=Seed(text=seed)))
    office.take(told(STORY, 12))
    drift = office.take(told([text.replace("harbour", "port") for text in OTHER], 12, start=12))
    assert drift is not None
    assert drift.why.endswith("The topic has no `about`, so its seed alone decides: write one.")


def test_two_languages_are_told_apart() -> None:
    office = Office()
    office.take([*chinese(POISON, 3), *told(STORY, 12, start=3)])
    drift = office.take(told(OTHER, 12, start=15))
    assert drift is not None
    assert "accepted articles in “en” share little" in drift.why


GIVEN: dict[str, tuple[str | None, dict[str, tuple[str, ...]], list[str]]] = {
    "a query's words": ("Harbour AND (bank OR branch)", {}, ["renner"]),
    "their other names": ("Harbour", {"Harbour": ("Bank", "Branch")}, ["renner"]),
    "not the names of what it does not ask for": ("Harbour", {"Bank": ("Branch",)}, ["bank", "branch", "renner"]),
    "beginnings": ("Harb* bra*", {}, ["bank", "renner"]),
    "everything": ("*", {}, ["bank", "branch", "harbour", "renner"]),
    "no query": (None, {}, ["bank", "branch", "harbour", "renner"]),
}


@pytest.mark.parametrize(("about", "aliases", "rest"), GIVEN.values(), ids=GIVEN)
def test_what_the_query_asks_for_tells_nothing(
    about: str | None, aliases: dict[str, tuple[str, ...]], rest: list[str]
) -> None:
    given = Given(Topic("bank", "Bank", about=about, aliases=aliases))
    assert sorted(given.without(["harbour", "bank", "branch", "renner", "2021"])) == rest


# --------------------------------------------------------------------------------------------------- where it is said


async def test_a_drift_is_noted_logged_once_and_raises_no_alert(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    caplog.set_level(logging.INFO, "monitor")
    config = world.config("wire.example", about="Harbour")
    for article in (*told(STORY, 12), *told(OTHER, 12, start=12)):
        path = article.url.removeprefix("https://wire.example")
        world.publish("wire.example", path, article.title, article.text, published=START - timedelta(days=1))
    for _ in range(2):
        await world.once(config)
        world.turn(hours=13)
    (logged,) = [record.getMessage() for record in caplog.records if "share little" in record.getMessage()]
    with Reader.open(tmp_path / "monitor.db") as reader:
        (topic,), status = reader.topics(), reader.status()
    assert topic.drift_since is not None
    assert logged == f"story: {topic.drift_why}"
    assert status.drifts == {"story": topic.drift_why}
    assert status.alerts == 0
    show.topics((topic,))
    show.status(status, tmp_path / "config.toml")
    assert capsys.readouterr().out.count(str(topic.drift_why)) == 2
    await world.once(world.config("wire.example", about="Harbour NOT (Rotterdam OR Maersk)"))
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
        assert db.execute("select drift_since, drift_why from topics").fetchall() == [(None, None)]
    assert caplog.messages[-1] == "story: the accepted articles are about the story again"
