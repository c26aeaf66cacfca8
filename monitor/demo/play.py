"""Play the story: turn the clock from one thing that happens to the next, and let the real program look each time.

Only the clock and the way to the loopback server are the demo's; everything else is what `monitor run` does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

from .. import service
from ..config import load
from ..errors import UsageError
from ..model import Topic
from ..reading import Reader
from ..rows import AlertRow, TimelineRow
from ..store import Store
from . import story as stories
from .serve import Loopback, Web

AFTER = timedelta(minutes=6)  # how long after something happens the program looks: one poll later
LOOKS_AFTER_REMOVAL = (timedelta(hours=5), timedelta(hours=10), timedelta(hours=20))


class Told(Protocol):
    """Somebody who watches the demo."""

    def begins(self, outlets: Sequence[str], pages: int, database: Path, config: Path) -> None: ...
    def day(self, now: datetime) -> None: ...
    def raised(self, alert: AlertRow) -> None: ...
    def ends(self, timeline: Sequence[TimelineRow], read: int, quiet: int, database: Path, config: Path) -> None: ...


@dataclass(slots=True)
class Clock:
    """A clock that only the conductor turns."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


async def play(database: Path, *, told: Told, pause_s: float) -> None:
    """Play the story into a fresh database, with `pause_s` seconds of real time after each thing that happens.

    The config that the program runs on is written beside the database.
    Raises UsageError if the database is a file that no demo has left.
    """
    story = stories.load()
    config_path = database.with_suffix(".toml")
    _make_room(database, config_path)
    config_path.write_text(stories.config_text({}, database.name), encoding="utf-8")
    config = load(config_path)
    clock = Clock(story.start)
    told.begins([outlet.name for outlet in story.outlets], len(story.pages), database, config_path)
    async with Web(story, clock) as web:
        loopback = Loopback(web.port, {outlet.host for outlet in story.outlets})
        world = service.World(
            now=clock,
            steady=lambda: clock.now.timestamp(),
            sleep=_no_wait,
            rng=random.Random(1),  # noqa: S311
            transport=loopback,
        )
        async with service.opened(config, world) as house:
            await house.store(Store.note, "demo", "left by `monitor demo`", clock())
            shown = 0
            for moment in looks(story, config.topics):
                clock.now = moment
                told.day(moment)
                await service.once(house, config)
                shown = _tell(database, told, shown)
                await asyncio.sleep(pause_s)
    with Reader.open(database, beside_writer=True) as reader:
        (topic,) = reader.topics()
        status = reader.status()
        told.ends(
            reader.timeline(topic.slug), status.articles, status.articles - _alerted(reader), database, config_path
        )


def looks(story: stories.Story, topics: Sequence[Topic]) -> tuple[datetime, ...]:
    """Return the instants at which the program looks: before the story begins, after each change, at the end.

    And on the day after something was expected, to say that it is overdue.
    """
    after = {moment + AFTER for moment in stories.moments(story) if moment >= story.start}
    gone = [page.removed_at for page in story.pages if page.removed_at is not None]
    again = {moment + wait for moment in gone for wait in LOOKS_AFTER_REMOVAL}
    expected = [milestone.by for topic in topics for milestone in topic.milestones if milestone.by is not None]
    late = {datetime.combine(day, time(8), UTC) + timedelta(days=1) for day in expected}
    return tuple(sorted({story.start, *after, *again, *late, story.end}))


async def _no_wait(seconds: float) -> None:
    """The demo's web needs no pause between requests."""


def _make_room(database: Path, config: Path) -> None:
    """Remove what an earlier demo left under these names, and nothing else."""
    if database.exists():
        with Reader.open(database, beside_writer=True) as reader:
            if "demo" not in reader.notes():
                raise UsageError(
                    f"{database}: this database was not left by `monitor demo`, so it is not replaced. "
                    "Name another file with --database."
                )
        for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
            database.with_name(name).unlink(missing_ok=True)
    elif config.exists():
        raise UsageError(f"{config}: this file exists already. Name another database with --database.")


def _tell(database: Path, told: Told, shown: int) -> int:
    with Reader.open(database, beside_writer=True) as reader:
        for alert in sorted(reader.alerts(all=True), key=lambda row: row.id):
            if alert.id > shown:
                told.raised(alert)
                shown = alert.id
    return shown


def _alerted(reader: Reader) -> int:
    return len({alert.url for alert in reader.alerts(all=True) if alert.url})
