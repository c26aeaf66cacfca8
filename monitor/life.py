"""The life of a story: what a development means after what came before it.  Pure; decide.py carries it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from . import alert, schedule
from .model import Article, Phase, Pulse, Ruling


def phase(pulse: Pulse, now: datetime) -> Phase:
    """Return the phase of a story; before its first development it develops from the day it came to be followed."""
    return schedule.phase(now, pulse.last_development_at or pulse.added_at, pulse.lately)


def lived(ruling: Ruling, article: Article, pulse: Pulse, told_at: datetime, now: datetime) -> Ruling:
    """Return a ruling with what its development, if it has one, does to the story.

    It moves the story into a livelier phase; and if it ends a silence, it raises one alert more, which says so.

    pulse    how the story has moved so far
    told_at  when the article told the development; a report from before the silence, found late, does not end it
    """
    development, last = ruling.decision.development, pulse.last_development_at
    if development is None:
        return ruling
    moved = replace(ruling, phase=schedule.phase(now, now, pulse.lately + 1))
    if last is None or not ruling.alerts or schedule.phase(told_at, last, 0) is not Phase.QUIET:
        return moved
    again = alert.resurfaced(ruling.decision.topic, development, article, last, told_at)
    return replace(moved, alerts=(*ruling.alerts, again))
