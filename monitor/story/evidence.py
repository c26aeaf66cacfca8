"""Which sentences of an article prove its development: the one that states it, then others that tell something new."""

from __future__ import annotations

from collections.abc import Sequence

from .measures import Told, told_in, worth
from .memory import LEAD_LINES, Line, Read, Story
from .sayings import sayings

MOST_EVIDENCE = 3

_LINE_NEW = 0.6  # a sentence of which half was said before is no evidence, unless an event of it is new
_LATER = 0.1  # so much less may a sentence share with the headline that stands one earlier
_SHARED_EVENTS = 0.2  # what the headline's events count in a sentence, next to its words
_SAME = 0.45  # two sentences of which one shares so much with the other say the same
_STATES = 0.3  # with that share of the headline's words, a sentence is evidence whatever is new in it


def evidence(new: Read, events: Told, story: Story) -> list[Line]:
    """Return the lines that say something new: the one that states the development, then others in their order."""
    body = list(new.body)
    gains: dict[str, float] = {}
    below = told_in(body[LEAD_LINES:], story, {one.event.kind for one in events.title})
    for one in (*events.above, *below):
        gains[one.event.kind] = max(gains.get(one.event.kind, 0.0), worth(one))
    title = next((line for line in new.lines if line.headline), None)
    found: list[tuple[float, int]] = []
    for position, line in enumerate(body):
        if line.facts.past is not None:
            continue
        said = story.sentences.nearest(line.terms).novelty
        gain = max((gains.get(event.kind, 0.0) for event in line.facts.events), default=0.0)
        stated = _stated(line, title) if title is not None else 0.0
        if (said >= _LINE_NEW and (line.facts.events or line.facts.amounts)) or gain > 0 or stated >= _STATES:
            found.append((_telling(line, said, gain, position), position))
    if not found:
        return body[:1] or list(new.lines[:1])
    first = _first_of(found, body, title)
    near = frozenset(body[first].terms) | (frozenset(title.terms) if title is not None else frozenset())
    others = [row for row in found if row[1] != first and not near.isdisjoint(body[row[1]].terms)]
    others.sort(key=lambda row: (-row[0], row[1]))
    return [body[first], *(body[at] for at in sorted(at for _, at in others[: MOST_EVIDENCE - 1]))]


def evidence_of_sentences(new: Read, story: Story) -> list[Line]:
    """Return the sentences of a text without a headline that tell something new, the most telling first."""
    chosen: list[Line] = []
    for one in sorted((one for one in sayings(new, story) if one.new), key=lambda one: -one.tells):
        if len(chosen) < MOST_EVIDENCE and all(_shared(one.line, other) < _SAME for other in chosen):
            chosen.append(one.line)
    return chosen or list(new.body[:1])


def _shared(one: Line, other: Line) -> float:
    words, others = frozenset(one.terms), frozenset(other.terms)
    return len(words & others) / max(1, min(len(words), len(others)))


def _first_of(found: Sequence[tuple[float, int]], body: Sequence[Line], title: Line | None) -> int:
    """Return the position of the sentence that states what the headline states; without one, of the most telling."""
    if title is not None:
        stated = {at: _stated(body[at], title) for _, at in found}
        best = max(stated, key=lambda at: (stated[at] - _LATER * at, -at))
        if stated[best] > 0:
            return best
    return max(found, key=lambda row: (row[0], -row[1]))[1]


def _stated(line: Line, title: Line) -> float:
    """Return how much of the headline a sentence states: the share of its words, and more for its events."""
    kinds = {event.kind for event in title.facts.events}
    words = frozenset(title.terms)
    events = len(kinds & {event.kind for event in line.facts.events}) / len(kinds) if kinds else 0.0
    return len(words.intersection(line.terms)) / max(1, len(words)) + _SHARED_EVENTS * events


def _telling(line: Line, said: float, gain: float, position: int) -> float:
    facts = line.facts
    return (
        said
        + 3.0 * gain
        + 0.1 * bool(facts.amounts)
        + 0.1 * bool(facts.names)
        + 0.2 * bool(facts.events)
        - 0.04 * position
    )
