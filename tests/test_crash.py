"""kill -9 at any step: nothing is lost, nothing is told twice, and an alert is sent again only if its mark was lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .room import FAST_DISK
from .test_delivery import Receiver, receiver
from .world import START

__all__ = ["receiver"]  # the fixture

LATER = START + timedelta(hours=2)
POINTS = 8  # of a pass, when not every one is tried


class Mortal:
    """The process that makes passes and dies in them."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def live(self, folder: Path, channel: str, *, at: int | None = None, first: bool = False) -> dict[str, Any]:
        order = {"folder": str(folder), "now": (START if first else LATER).isoformat(), "channel": channel}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({**order, "edited": not first, "at": at}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def mortal() -> Iterator[Mortal]:
    mortal = Mortal()
    yield mortal
    mortal.process.communicate(timeout=10)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "monitor.db")) as db:
        return db.execute(sql).fetchall()


NONE = [(0,)]
ALWAYS = {  # what holds after a pass, whenever another was killed before it
    "a page twice": ("select count(*) - count(distinct url) from articles", NONE),
    "a page without a decision": (
        "select count(*) from articles where id not in (select article_id from decisions)",
        NONE,
    ),
    "a development without its alert or its evidence": (
        "select count(*) from developments where id not in (select development_id from alerts where kind <> 'edited') "
        "or id not in (select development_id from evidence)",
        NONE,
    ),
    "an article that is not its last revision": (
        "select count(*) from articles a where text is not (select text from revisions "
        "where article_id = a.id order by id desc limit 1)",
        NONE,
    ),
    "an alert that was not delivered": ("select count(*) from deliveries where state <> 'delivered'", NONE),
    "damage": ("pragma integrity_check", [("ok",)]),
}
SAME = {  # what is as if nothing had been killed
    "pages": "select url, title, text from articles order by url",
    "revisions": "select url, r.title, change from revisions r join articles a on a.id = article_id order by 1, r.id",
    "verdicts": "select url, topic, verdict from decisions join articles a on a.id = article_id order by 1",
    "alerts": "select topic, kind, headline, whats_new, url from alerts order by kind, headline",
    "evidence": "select headline, sentence, role from evidence e join developments d on d.id = development_id "
    "order by 1, 2",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=FAST_DISK) as name:
        yield Path(name)


@pytest.fixture
def before(folder: Path, mortal: Mortal, receiver: Receiver) -> Path:
    """A database after its first pass, and what came in then forgotten."""
    folder = folder / "before"
    folder.mkdir()
    mortal.live(folder, channel(receiver), first=True)
    receiver.got.clear()
    return folder


def channel(receiver: Receiver) -> str:
    return receiver.channel("desk")


def swept(mortal: Mortal, receiver: Receiver, before: Path, folder: Path, step: int | None) -> Counter[int]:
    """Kill a pass at every `step`-th step (None: at POINTS of them), repeat it, and look at what stands.

    Returns how often an alert came in again, by the number of the step.
    """
    whole = folder / "whole"
    shutil.copytree(before, whole)
    last = mortal.live(whole, channel(receiver))["steps"]
    assert rows(whole, "select kind, count(*) from alerts group by 1") == [("edited", 1), ("new-development", 2)]
    again: Counter[int] = Counter()
    for at in range(1, last + 1, step or last // POINTS):
        receiver.got.clear()
        here = folder / str(at)
        shutil.copytree(before, here)
        assert mortal.live(here, channel(receiver), at=at)["killed"], f"step {at}"
        mortal.live(here, channel(receiver))
        for what, (sql, expected) in ALWAYS.items():
            assert rows(here, sql) == expected, f"{what}, after a kill at step {at} of {last}"
        for what, sql in SAME.items():
            assert rows(here, sql) == rows(whole, sql), f"{what}, after a kill at step {at} of {last}"
        keys = Counter(post.key for post in receiver.got)
        assert keys.keys() == {key for (key,) in rows(here, "select key from deliveries")}, f"step {at}"
        again[at] = keys.total() - len(keys)
        shutil.rmtree(here)
    return again


def test_a_pass_killed_anywhere_leaves_nothing_out(
    mortal: Mortal, receiver: Receiver, before: Path, folder: Path
) -> None:
    again = swept(mortal, receiver, before, folder, None)
    assert max(again.values()) <= 1, "only the message that was on its way may come again"


@pytest.mark.slow
def test_a_pass_killed_at_every_step_leaves_nothing_out(
    mortal: Mortal, receiver: Receiver, before: Path, folder: Path
) -> None:
    again = swept(mortal, receiver, before, folder, 1)
    assert max(again.values()) == 1, "a kill between a message and its mark was tried"
