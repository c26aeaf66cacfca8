"""What an article is measured by against all that is known of its story: numbers with names, and what each one says.

None of them asks how long ago the last report came: old stories are told again months later, and new ones overlap.
How much each counts is fitted (weights.toml); here stands only what they are.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from .facts import Event, Status, is_scenery
from .genre import REPORT, genre
from .memory import LEAD_LINES, Change, Compared, Line, Read, Story, fact_keys, may_be_same
from .novelty import Likeness
from .voice import argues

HARD = frozenset({Change.REVERSED, Change.KIND, Change.FULFILLED, Change.WHO, Change.AMOUNT})

_WORTH: Mapping[Change, float] = {  # of what an event adds; 1 is the most
    Change.REVERSED: 1.0,
    Change.KIND: 0.9,
    Change.FULFILLED: 0.65,
    Change.WHO: 0.8,
    Change.AMOUNT: 0.55,
    Change.CONFIRMED: 0.25,
    Change.AGAIN: 0.25,
    Change.KNOWN: 0.0,
}
_SCENERY_SHARE = 0.5
_PLAN_SHARE = 0.5
_PAIRED = frozenset({"zh", "ja", "th", "lo", "km", "my"})  # languages without blanks between words
_ELSEWHERE = 0.5  # of what reports usually share with those before them
_USUAL_LIKENESS: Mapping[str, float] = {  # means over labelled streams
    "headline like a known one": 0.2,
    "lead in the nearest article": 0.1,
    "headline in several leads": 0.1,
    "speaks of what the story speaks of": 0.35,
}


# ------------------------------------------------------------------------------------------------------ what it tells


@dataclass(frozen=True, slots=True)
class Told:
    """The events of an article against what is known: those of its headline, and those that only its lead has."""

    title: tuple[Compared, ...] = ()
    lead: tuple[Compared, ...] = ()

    @property
    def above(self) -> tuple[Compared, ...]:
        """The events of headline and lead."""
        return (*self.title, *self.lead)


def told(new: Read, story: Story) -> Told:
    """Compare each event of headline and lead with what is known; what is dated before the news is left out."""
    lead = [line for line in new.body[:LEAD_LINES] if line.facts.past is None]
    title = [line for line in new.lines if line.headline]
    headline = tuple(story.compare(_filled(event, lead), line) for line in title for event in line.facts.events)
    return Told(headline, told_in(lead, story, {one.event.kind for one in headline}))


def told_in(lines: Iterable[Line], story: Story, told_above: Container[str] = ()) -> tuple[Compared, ...]:
    """Compare each event of some lines with what is known, but for the kinds that were told above them."""
    return tuple(
        story.compare(event, line)
        for line in lines
        if line.facts.past is None
        for event in line.facts.events
        if event.kind not in told_above
    )


def _filled(event: Event, lead: Sequence[Line]) -> Event:
    """Return an event of the headline with what the lead adds: "client jailed" is the man surnamed Zhang."""
    for line in lead:
        for other in line.facts.events:
            if other.kind == event.kind and may_be_same(event.who, other.who, frozenset()):
                status = other.status if event.status is Status.PLANNED else event.status
                who, by, amounts = event.who | other.who, event.by | other.by, event.amounts | other.amounts
                event = replace(event, who=who, by=by, amounts=amounts, status=status)
    return event


def worth(one: Compared) -> float:
    """Return how much an event adds to what is known, 0..1; mere scenery and plans count half."""
    value = _WORTH[one.change]
    if is_scenery(one.event.kind):
        value *= _SCENERY_SHARE
    if one.event.status is Status.PLANNED:
        value *= _PLAN_SHARE
    return value


# ----------------------------------------------------------------------------------------------------------- measures


def measures(new: Read, events: Told, like: Likeness, story: Story) -> dict[str, float]:
    """Return what an article is measured by, each 0..1.

    like     of the known articles in its language
    """
    title = [line for line in new.lines if line.headline]
    return {
        **_by_words(like),
        **_by_events(events),
        **_by_facts(title, new.body[:LEAD_LINES], new.language, story),
        **_by_days(new, story),
        **_by_kind(new),
        "is about something else": float(not story.everything and _is_elsewhere(like)),
        "compared by pairs of characters": float(new.language in _PAIRED),
    }


def _by_words(like: Likeness) -> dict[str, float]:
    """Measure by words; what the known articles in the language are too few to tell is taken to be as usual."""
    found = {
        "headline like a known one": _root(like.headline),
        "lead in the nearest article": like.lead,
        "headline in several leads": _root(like.headline_in_third),
        "speaks of what the story speaks of": _root(like.at_home),
    }
    return {name: _USUAL_LIKENESS[name] if value is None else value for name, value in found.items()}


def _root(value: float | None) -> float | None:
    return None if value is None else sqrt(max(0.0, value))


def _is_elsewhere(like: Likeness) -> bool:
    """Tell whether an article has the story's names, as other news on them has, and little of the rest."""
    return like.at_home_usually is not None and like.at_home_usually < _ELSEWHERE


def _by_events(events: Told) -> dict[str, float]:
    return {
        "new event in the headline": max(map(worth, events.title), default=0.0),
        "new event in the lead": max(map(worth, events.lead), default=0.0),
    }


def _by_facts(title: Sequence[Line], lead: Sequence[Line], language: str, story: Story) -> dict[str, float]:
    """Measure by facts, which are the same in every language: kinds of events, names, numbers and days."""
    numbers = {value for line in title for value, _ in line.facts.amounts}
    return {
        "lead facts in an article of another language": story.told_abroad(fact_keys([*title, *lead]), language),
        "number of the headline is known": float(bool(numbers) and numbers <= story.numbers),
        "new number in the headline": float(not numbers <= story.numbers),
    }


def _by_days(new: Read, story: Story) -> dict[str, float]:
    """Measure by the day that headline and lead give: what is new happened after all that is known."""
    return {
        "day after all known ones": float(story.is_later(new.told_on)),
        "day is known": float(new.told_on in story.days),
    }


def _by_kind(new: Read) -> dict[str, float]:
    kind, _ = genre(new.article.title)
    return {
        "looks back": float(kind not in {REPORT, "comment"}),
        "comment": float(kind == "comment"),
        "writer argues": float(bool(argues(new.article.text, new.article.language))),
    }
