"""What a poll writes: how long a list shows what it shows."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from monitor import polling
from monitor.model import Entry, Listing, Shown, Source, SourceId, SourceKind, Watched

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

LASTING: dict[str, tuple[int, int, float | None, float]] = {
    "nothing new": (30, 30, 3_600, math.inf),
    "a third is new after an hour": (30, 20, 3_600, 3_600),
    "all is new after an hour": (30, 0, 3_600, 1_200),
    "one of thirty is new after an hour": (30, 29, 3_600, 36_000),
    "too few links to tell": (2, 0, 3_600, math.inf),
    "never looked at before": (30, 0, None, math.inf),
    "an empty list": (0, 0, 3_600, math.inf),
    "a list that repeats a link": (4, 5, 3_600, math.inf),
}


@pytest.mark.parametrize("name", LASTING)
def test_how_long_a_list_lasts(name: str) -> None:
    count, known, ago_s, expected = LASTING[name]
    source = Source(SourceKind.FEED, "https://news.example/rss")
    last_ok = None if ago_s is None else NOW - timedelta(seconds=ago_s)
    watched = Watched(SourceId(1), source, "news.example", {"mill": NOW}, last_ok=last_ok)
    listing = Listing("rss", tuple(Entry(f"https://news.example/{number}") for number in range(count)))
    assert polling.lasting(watched, listing, Shown(known=known), NOW) == pytest.approx(expected)
