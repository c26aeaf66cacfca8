"""Which development of the story an article tells again, if any: what it shares with those who told it, and when.

Here time counts, unlike for what is new: others report a development in the days after it, and mostly the latest one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from math import exp

from ..model import DevelopmentId
from .facts import is_scenery
from .measures import Told
from .memory import Change, Read, Story, fact_keys
from .novelty import Likeness
from .weights import AGAIN

LEAST = 0.4  # from this on, an article tells a development again: a wrong confirmation is worse than none
_FRESH = timedelta(days=3)
_SAID_AGAIN = frozenset({Change.KNOWN, Change.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Again:
    """A known development, and how likely an article tells it again.

    measures   each 0..1
    likely     0..1; it counts from LEAST on
    """

    development: DevelopmentId
    measures: dict[str, float]
    likely: float


def told_again(new: Read, events: Told, like: Likeness, story: Story) -> Again | None:
    """Return the development that an article most likely tells again, however unlikely; None: none is known.

    like     of the known articles in its language
    """
    if not story.developments:
        return None
    latest = next(reversed(story.developments))
    found: defaultdict[DevelopmentId, dict[str, float]] = defaultdict(dict)
    found[latest]["it is the latest one"] = 1.0
    for article, share in like.alike:
        _keep(found, story.articles[article].development, "text like a report of it", share)
    for article, share in story.alike_in_facts(fact_keys(new.above)):
        _keep(found, story.articles[article].development, "facts in a report of it", share)
    for one in events.above:
        if one.change in _SAID_AGAIN and one.nearest is not None and not is_scenery(one.event.kind):
            _keep(found, one.nearest.development, "an event of it", 1.0)
    for development, measures in found.items():
        age = abs(new.at - story.articles[story.developments[development]].at)
        measures["told lately"] = exp(-age / _FRESH)
    weighed = [Again(development, measures, AGAIN.weigh(measures)[0]) for development, measures in found.items()]
    return max(weighed, key=lambda again: again.likely)


def _keep(
    found: defaultdict[DevelopmentId, dict[str, float]], development: DevelopmentId | None, name: str, value: float
) -> None:
    if development is not None:
        found[development][name] = max(value, found[development].get(name, 0.0))
