"""The demo, played at full speed: the story's developments, each once, and nothing else."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.demo import play, story
from monitor.errors import UsageError

TELLS = ("new-development", "reversal")
STORY = story.load()
FACT = {page.url: page.fact for page in STORY.pages}
KIND = {page.url: page.kind for page in STORY.pages}
FACTS = sorted({page.fact for page in STORY.pages if page.fact is not None}, key=lambda fact: int(fact[1:]))


class Silent:
    """Somebody who watches the demo and says nothing."""

    def begins(self, outlets: Sequence[str], pages: int, database: Path, config: Path) -> None: ...
    def day(self, now: object) -> None: ...
    def raised(self, alert: object) -> None: ...
    def ends(self, timeline: Sequence[object], read: int, quiet: int, database: Path, config: Path) -> None: ...


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("demo") / "demo.db"
    asyncio.run(play.play(database, told=Silent(), pause_s=0))
    return database


@pytest.fixture
def db(played: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(played)) as conn:
        yield conn


def told(db: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = db.execute("select kind, url from alerts where kind in (?, ?) order by id", TELLS)
    return [(KIND[url], FACT[url] or "none") for _, url in rows]


def test_every_development_is_alerted_exactly_once(db: sqlite3.Connection) -> None:
    assert Counter(fact for _, fact in told(db)) == Counter(FACTS)


def test_no_reprint_recap_or_comment_is_alerted(db: sqlite3.Connection) -> None:
    assert {kind for kind, _ in told(db)} <= {"report", "paraphrase", "translation"}


def test_the_alerts_tell_the_story_in_order(db: sqlite3.Connection) -> None:
    assert [fact for _, fact in told(db)] == FACTS


def test_reports_in_the_other_language_attach_to_the_same_development(db: sqlite3.Connection) -> None:
    languages: dict[int, set[str]] = {}
    for development, language in db.execute(
        "select e.development_id, a.language from evidence e join articles a on a.id = e.article_id"
    ):
        languages.setdefault(development, set()).add(language)
    both = sum({"en", "zh"} <= found for found in languages.values())
    pairs = {
        fact
        for fact in FACTS
        if {"en", "zh"} <= {page.outlet.language[:2] for page in STORY.pages if page.fact == fact and not page.copy_of}
    }
    assert both >= len(pairs) - 1, (both, sorted(pairs))


def test_each_alert_carries_its_proof_word_for_word(db: sqlite3.Connection) -> None:
    rows = db.execute(
        """select e.sentence, a.text, a.title from alerts x join evidence e on e.development_id = x.development_id
        join articles a on a.id = e.article_id"""
    ).fetchall()
    assert rows
    assert all(sentence in text or sentence in title for sentence, text, title in rows)


def test_the_edit_and_the_removal_are_told(db: sqlite3.Connection) -> None:
    kinds = Counter(row[0] for row in db.execute("select kind from alerts"))
    assert kinds["edited"] == 1
    assert kinds["removed"] == 1


def test_the_consent_wall_is_not_filed(db: sqlite3.Connection) -> None:
    walled = [page.url for page in STORY.pages if page.wall]
    states = dict(db.execute("select url, state from entries").fetchall())
    assert {states[url] for url in walled} == {"blocked"}
    assert db.execute("select count(*) from articles where title like '%cookie%'").fetchone()[0] == 0


def test_every_source_is_well_and_nothing_waits(db: sqlite3.Connection) -> None:
    states: list[tuple[Any, ...]] = db.execute("select state, kind from sources").fetchall()
    assert {state for state, kind in states if kind != "page"} == {"ok"}
    assert db.execute("select count(*) from entries where state = 'new'").fetchone()[0] == 0


def test_new_alerts_reads_well(db: sqlite3.Connection) -> None:
    rows = db.execute("select headline, whats_new, publisher from new_alerts where kind in (?, ?)", TELLS).fetchall()
    assert rows
    assert all(
        headline and whats_new and publisher and "\n" not in whats_new for headline, whats_new, publisher in rows
    )


def test_a_database_that_is_not_a_demo_is_not_replaced(tmp_path: Path) -> None:
    from monitor.store import Store

    path = tmp_path / "demo.db"
    Store.open(path).close()
    with pytest.raises(UsageError, match="not left by"):
        asyncio.run(play.play(path, told=Silent(), pause_s=0))
