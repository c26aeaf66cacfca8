"""The life of a story: what a development means after what came before it.  Pure; pipeline.py carries it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from . import alert, schedule
from .model import Article, Ruling
from .store import Pulse


def lived(ruling: Ruling, article: Article, pulse: Pulse | None, told_at: datetime) -> Ruling:
    """Return a ruling whose development, if it has one and ends a silence, raises one alert more, which says so.

    pulse    how the story has moved so far; None: nothing is known of it
    told_at  when the article told the development; a report from before the silence, found late, does not end it
    """
    development = ruling.decision.development
    last = pulse.last_development_at if pulse is not None else None
    if development is None or last is None or not ruling.alerts:
        return ruling
    if schedule.phase(told_at, last, 0) != schedule.QUIET:
        return ruling
    again = alert.resurfaced(ruling.decision.topic, development, article, last, told_at)
    return replace(ruling, alerts=(*ruling.alerts, again))
