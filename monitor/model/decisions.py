"""What was decided on an article, and the alerts that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .ids import ArticleId, DevelopmentId


class Verdict(StrEnum):
    """What an article is to a topic."""

    NEW = "new"  # it tells a development
    CORROBORATES = "corroborates"  # it tells what an earlier report already told
    NOTHING_NEW = "nothing-new"  # comment, recap, background
    COPY = "copy"  # a reprint or an excerpt
    IRRELEVANT = "irrelevant"  # about something else
    LEARNT = "learnt"  # background from before the topic or the source was watched: known, not alerted


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence, exactly as the source wrote it, and what it is to its development.

    role    first, corroborates or contradicts
    """

    sentence: str
    role: str = "first"


@dataclass(frozen=True, slots=True)
class Development:
    """A new thing that happened.

    headline     one line taken from the source
    kind         new-development or reversal
    novelty      0..1, the share that nothing earlier said
    happened_on  the day it took place, if the text tells
    evidence     at least one sentence, the most telling first
    firm         a new event of it is done, and of a kind that is news itself (convicted, resigned, killed), not one
                 that stories often just mention
    """

    headline: str
    kind: str
    novelty: float
    evidence: tuple[Evidence, ...]
    happened_on: date | None = None
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Corroboration:
    """A known development, told again, and the sentences that do."""

    development: DevelopmentId
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class MilestoneMet:
    """An expectation of the topic, and the sentence that says it came true."""

    expect: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on an article for a topic, and why.

    relevance    0..1
    copy_of      the article that it copies
    development  at most one an article; only with verdict NEW
    novelty      0..1, of the most novel sentence
    why          each gate with its value and threshold, in words and numbers; JSON types only
    """

    topic: str
    verdict: Verdict
    relevant: bool
    relevance: float
    why: Mapping[str, Any]
    copy_of: ArticleId | None = None
    development: Development | None = None
    corroborates: tuple[Corroboration, ...] = ()
    milestones: tuple[MilestoneMet, ...] = ()
    novelty: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing worth a person's attention, before it has an id.

    kind     new-development, reversal, milestone-met, milestone-overdue, edited, corrected, removed, resurfaced, blind
    url      where to read it; None: it is about our sight, not about a page
    about    the known development that it is about; None: none, or the one that is told with it
    """

    topic: str
    kind: str
    headline: str
    whats_new: str
    why: str
    url: str | None = None
    publisher: str | None = None
    published: datetime | None = None
    about: DevelopmentId | None = None


class Feedback(StrEnum):
    """What a person said that an alert was worth.  It is for people: no later article is judged by it."""

    USEFUL = "useful"
    NOISE = "noise"  # it should not have been raised
    KNOWN = "known"  # it is true, but the person knew it
