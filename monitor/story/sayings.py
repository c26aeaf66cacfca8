"""Texts without a headline: which of their sentences tell something of the story that nothing earlier said.

An article's headline says what its news is.  A ticker, a note or an excerpt has none: then each sentence stands for
itself, measured by whether it tells facts of the story, and held back when a known sentence says most of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from . import weights
from .memory import Line, Read, Story
from .voice import names_source

NOT_SAID = 0.75  # the share of a sentence, by rarity, that no known one has, from which on it may be new
TELLS = 0.64  # from this weight of its measures on, a sentence tells the story and is no scenery


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence, weighed.

    tells     0..1, how surely it tells a fact of the story
    not_said  0..1, the share of it that the nearest known sentence lacks
    """

    line: Line
    tells: float
    not_said: float
    measures: Mapping[str, float]

    @property
    def new(self) -> bool:
        """Whether it tells the story something new."""
        return self.tells >= TELLS and self.not_said >= NOT_SAID


def sayings(new: Read, story: Story) -> Sequence[Saying]:
    """Weigh each sentence of a text, in its order."""
    found = []
    for line in new.body:
        measured = measures(line, new.language, story)
        tells, _ = weights.SENTENCE.weigh(measured)
        found.append(Saying(line, tells, story.sentences.nearest(line.terms).novelty, measured))
    return found


def measures(line: Line, language: str, story: Story) -> dict[str, float]:
    """Return what a sentence is measured by."""
    texts = story.texts.get(language)
    return {
        "counts people": float(min(2, sum(unit == "people" for _, unit in line.facts.amounts))),
        "numbers": float(min(4, len(line.facts.amounts))),
        "length": log(1 + len(line.terms)),
        "new names": float(min(4, sum(not story.names[name] for name in line.facts.names))),
        "words of the story": sqrt(texts.share(line.terms)) if texts is not None else 0.0,
        "names a source": float(names_source([line.text])),
    }
