"""A store on a disk of its own, and short ways to put things into it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import disk_usage
from typing import Any, ParamSpec

from monitor.channels import Outbox
from monitor.model import (
    Alert,
    Article,
    Channel,
    Committed,
    Corroboration,
    Decision,
    Development,
    DevelopmentId,
    Entry,
    Evidence,
    Milestone,
    NewEntry,
    Plan,
    Reading,
    Ruling,
    Source,
    SourceId,
    SourceKind,
    SourceState,
    SourceUpdate,
    Topic,
    Verdict,
)
from monitor.store import Store

P = ParamSpec("P")
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FEED = Source(SourceKind.FEED, "https://news.example/rss")
DESK = Channel("desk", webhook="https://desk.example/")
STORY = Topic("mill", "Mill fire", "mill", sources=(FEED,), milestones=(Milestone("report", ("report out",)),))
SHM = Path("/dev/shm")  # noqa: S108  many small databases; in a container it may be very small itself
FAST_DISK = str(SHM) if SHM.is_dir() and disk_usage(SHM).free > 500e6 else None
TABLES = "topics sources entries fetches articles revisions captures decisions developments evidence alerts deliveries"


def furnish(path: Path) -> Path:
    """Put an empty database at a path where none is: a copy, for making one takes longer than most tests."""
    if not path.exists():
        path.write_bytes(_empty())
    return path


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory(dir=FAST_DISK) as folder:
        path = Path(folder) / "monitor.db"
        Store.open(path).close()
        return path.read_bytes()


class Room:
    """A store, and short ways to put things into it."""

    def __init__(self, path: Path) -> None:
        self.path, self.now = furnish(path), NOW
        self.store = Store.open(path, busy_timeout_s=0.01)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as conn:
            return conn.execute(sql, values).fetchall()

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self.rows(f"SELECT * FROM {table}") for table in TABLES.split()}

    def run(self, sql: str) -> None:
        with closing(sqlite3.connect(self.path)) as conn:
            conn.executescript(sql)

    def follow(self, *topics: Topic, channels: tuple[Channel, ...] = (DESK,)) -> None:
        self.store.sync(topics or (STORY,), self.now, channels)

    def outbox(self) -> Outbox:
        """Return what a channel tells the store."""

        def told(method: Callable[P, None]) -> Callable[P, Awaitable[None]]:
            async def tell(*args: P.args, **kwargs: P.kwargs) -> None:
                method(*args, **kwargs)

            return tell

        store = self.store
        return Outbox(
            delivered=told(store.delivered),
            recovered=told(store.recovered),
            undelivered=told(store.undelivered),
            held=told(store.hold),
            postponed=told(store.wait_along),
        )

    def update(self, **changes: Any) -> SourceUpdate:
        usual = SourceUpdate(SourceId(1), SourceState.OK, 300, self.now + timedelta(minutes=5), 0, learning=False)
        return replace(usual, **changes)

    def show(self, *entries: Entry, **changes: Any) -> Committed:
        background = changes.pop("background", False)
        new = tuple(NewEntry(entry, "news.example", background=background) for entry in entries)
        return self.store.commit(Plan(self.now, source=self.update(**changes), entries=new))

    def file(self, name: str, *rulings: Ruling, text: str = "", **changes: Any) -> Committed:
        """File an article under a short name; `changes` are fields of Article or Reading."""
        page = Article(f"https://{name}.example/story", f"Title of {name}", text or f"{name} tells it.")
        of_reading = {key: changes.pop(key) for key in tuple(changes) if key in Reading.__slots__}
        reading = Reading(replace(page, **changes), rulings, **of_reading)
        return self.store.commit(Plan(self.now, reading=reading))

    def tell(self, name: str, sentence: str = "", **changes: Any) -> Committed:
        """File an article that tells a development, with its alert."""
        return self.file(name, telling(sentence or f"{name} tells it."), **changes)


@contextmanager
def opened() -> Iterator[Room]:
    with tempfile.TemporaryDirectory(dir=FAST_DISK) as folder:
        room = Room(Path(folder) / "monitor.db")
        yield room
        room.store.close()


def decision(verdict: Verdict = Verdict.NOTHING_NEW, **changes: Any) -> Decision:
    return replace(Decision("mill", verdict, True, 0.8, {"gate": [1, 2]}), **changes)


def alert(kind: str = "new-development", headline: str = "Fire at the mill") -> Alert:
    return Alert("mill", kind, headline, "It burnt.", "nothing earlier says this", "https://wire.example/story")


def telling(sentence: str, *alerts: Alert) -> Ruling:
    development = Development(sentence, "new-development", 1.0, (Evidence(sentence),))
    return Ruling(decision(Verdict.NEW, development=development, novelty=1.0), alerts or (alert(),))


def again(development: DevelopmentId, *sentences: str) -> Ruling:
    evidence = tuple(Evidence(sentence) for sentence in sentences)
    return Ruling(decision(Verdict.CORROBORATES, corroborates=(Corroboration(development, evidence),)))
