"""What is known of a story: the texts, sentences and events told so far, and how a new event compares with them."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ..model import Article, DevelopmentId
from ..text import guess_language, sentences
from .compact import Numbers, Shelf
from .facts import Event, Facts, Status, facts, undone_by
from .novelty import Sentences, Texts, Vocabulary, terms

LEAD_LINES = 3  # sentences; they say the news
_LINES = 40  # sentences of an article that are read; the news stands above
_SHORTEST = 6  # characters; less is no sentence
_SAME_AMOUNT = 0.05  # "$69 billion" and "$68.7 billion" are one
_OFTEN, _ENOUGH = 0.5, 4  # a name in half of at least four articles tells nobody apart
_AGAIN = re.compile(r"\b(?:another|second|third|again|once more)\b|再次|再度|第[二三四五六]次|又有|又一", re.IGNORECASE)


# --------------------------------------------------------------------------------------------------- reading articles


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of an article, or its headline, with what it says."""

    text: str
    facts: Facts
    terms: tuple[str, ...]
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """An article, read: the headline (if any) first, then the sentences from the top."""

    article: Article
    at: datetime
    language: str
    lines: tuple[Line, ...]

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def body(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.headline)

    @property
    def above(self) -> tuple[Line, ...]:
        """The headline and the lead."""
        return (*(line for line in self.lines if line.headline), *self.body[:LEAD_LINES])

    @property
    def told_on(self) -> date | None:
        """The latest day that headline and lead name; None: they name none."""
        return max((line.facts.happened_on for line in self.above if line.facts.happened_on is not None), default=None)


def read(article: Article, at: datetime, known_names: Container[str] = frozenset()) -> Read:
    """Return the article's sentences and their facts, seen from the time it appeared.

    at           when it was published, or else first seen
    known_names  keys of names met elsewhere in the story
    """
    texts = [text for text in sentences(article.text, article.language)[:_LINES] if len(text) >= _SHORTEST]
    lines = [_line(text, at, known_names) for text in texts]
    if article.title.strip():
        own = _Either(known_names, frozenset(name for line in lines for name in line.facts.names))
        title = article.title.strip()
        lines.insert(0, Line(title, facts(title, at.date(), headline=True, known_names=own), tuple(terms(title)), True))
    language = article.language or guess_language(article.text or article.title) or "?"
    return Read(article, at, language, tuple(lines))


class _Either:
    """Two sets of names, asked as one."""

    def __init__(self, *sets: Container[str]) -> None:
        self._sets = sets

    def __contains__(self, name: object) -> bool:
        return any(name in names for names in self._sets)


def _line(text: str, at: datetime, known_names: Container[str]) -> Line:
    return Line(text, facts(text, at.date(), known_names=known_names), tuple(terms(text)))


_NAME = "name "


def fact_keys(lines: Iterable[Line]) -> tuple[str, ...]:
    """Return what lines tell in terms that are the same in every language: events, names, numbers and days."""
    found: dict[str, None] = {}
    for line in lines:
        for event in line.facts.events:
            found[event.kind if event.status is Status.DONE else f"{event.kind}, {event.status}"] = None
        found.update(dict.fromkeys(f"{_NAME}{name}" for name in sorted(line.facts.names)))
        found.update(
            dict.fromkeys(f"{value:.12g}" for value, _ in sorted(line.facts.amounts))
        )  # units are told in many ways
        if line.facts.happened_on is not None:
            found[f"on {line.facts.happened_on}"] = None
    return tuple(found)


def _without_names(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if not key.startswith(_NAME))


# -------------------------------------------------------------------------------------------------- comparing events


class Change(StrEnum):
    """What an event adds to what is known, the greatest first."""

    REVERSED = "reversed"  # takes back, or denies, what was reported
    KIND = "new kind of event"
    FULFILLED = "planned before, now done"
    WHO = "happened to someone else"
    AMOUNT = "another number"
    CONFIRMED = "alleged before, now told as done"
    AGAIN = "again"
    KNOWN = "known"


_NEAREST = (
    Change.KNOWN,
    Change.AGAIN,
    Change.CONFIRMED,
    Change.AMOUNT,
    Change.WHO,
    Change.FULFILLED,
    Change.REVERSED,
    Change.KIND,
)
_ORDER = {change: i for i, change in enumerate(_NEAREST)}


@dataclass(frozen=True, slots=True)
class Mention:
    """An event, and who told it first.

    at           of the article
    sentence     its number in the story
    development  it was told with; None: learnt as background
    vague        another mention tells all that it tells, and more
    """

    event: Event
    at: datetime
    sentence: int
    development: DevelopmentId | None = None
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """An article of the story.

    development  that it told or confirmed; None: none
    """

    at: datetime
    development: DevelopmentId | None


@dataclass(frozen=True, slots=True)
class Compared:
    """An event of a new article, what it adds, and the known event that is nearest to it."""

    event: Event
    change: Change
    line: Line
    nearest: Mention | None = None


_GENERIC = frozenset({"@suspect", "@company", "@suspects"})
_ANYONE = frozenset({"@employee", "@client", "@artist", "@driver", "@doctor", "@teacher", "@child", "@police"})


def _persons(who: frozenset[str]) -> frozenset[str]:
    """Return whom these keys may mean; a woman may be an employee or a client, but is not called a manager."""
    plain = who - _GENERIC
    return plain | _ANYONE if "@woman" in plain else plain


def may_be_same(one: frozenset[str], other: frozenset[str], often: frozenset[str]) -> bool:
    """Tell whether two sets of name and role keys may mean the same person; not knowing counts as may.

    often   names that nearly every article of the story has
    """
    rest, other_rest = one - often, other - often
    if rest and other_rest:
        one, other = rest, other_rest
    one, other = _persons(one), _persons(other)
    if not one or not other or one & other:
        return True
    return _only_roles(one) != _only_roles(other)  # "the manager" may be Wang


def _only_roles(who: frozenset[str]) -> bool:
    return all(key.startswith("@") for key in who)


def other_amount(one: Iterable[tuple[float, str]], other: Iterable[tuple[float, str]]) -> bool:
    """Tell whether two mentions of an event differ in a number of the same unit."""
    known: dict[str, list[float]] = {}
    for value, unit in other:
        known.setdefault(unit, []).append(value)
    everything = [value for values in known.values() for value in values]
    for value, unit in one:
        if any(_same_number(value, each) for each in everything):
            continue
        if unit in known:
            return True
    return False


def _same_number(one: float, other: float) -> bool:
    larger = max(abs(one), abs(other))
    exact = larger < 20 and one == int(one) and other == int(other)  # 11 dead are not 12 dead
    return one == other if exact else abs(one - other) <= _SAME_AMOUNT * larger


def _done_by_another(event: Event, known: Event) -> bool:
    """Tell whether somebody else does it to somebody else: both are told, and have nothing in common."""
    return (
        bool(event.by and known.by and event.who and known.who)
        and not event.by & known.by
        and not event.who & known.who
    )


def _counts_more(event: Event, known: Event) -> bool:
    """Tell whether an event happens to several people without a name, and the known one to a person."""
    several = any(unit == "people" and value > 1 for value, unit in event.amounts) and _only_roles(event.who)
    return (
        several
        and not event.who & known.who
        and any(not key.endswith("s") for key in known.who - _GENERIC)
        and not any(unit == "people" for _, unit in known.amounts)
    )


def _tells_more(one: Event, other: Event) -> bool:
    """Tell whether one mention of an event says all that another says, and whom it happens to; "a firm" is nobody."""
    who, other_who = one.who - _GENERIC, other.who - _GENERIC
    return (
        bool(who)
        and (who, one.by, one.amounts) != (other_who, other.by, other.amounts)
        and one.status is other.status
        and who >= other_who
        and one.by >= other.by
        and one.amounts >= other.amounts
    )


def _change(event: Event, known: Event, often: frozenset[str]) -> Change:
    if not may_be_same(event.who, known.who, often) or _done_by_another(event, known) or _counts_more(event, known):
        return Change.WHO if event.status is not Status.DENIED else Change.KNOWN
    if event.status is Status.DENIED:
        both = event.who & known.who - often
        return Change.REVERSED if both and known.status is not Status.DENIED else Change.KNOWN
    if known.status is Status.DENIED:
        return Change.REVERSED if event.status is Status.DONE else Change.KNOWN
    if other_amount(event.amounts, known.amounts):
        return Change.AMOUNT
    if event.status is Status.DONE and known.status is Status.PLANNED:
        return Change.FULFILLED
    if event.status is Status.DONE and known.status is Status.ALLEGED:
        return Change.CONFIRMED
    return Change.KNOWN


# ------------------------------------------------------------------------------------------------------- the memory


class Said:
    """The sentences and headlines of a story, each numbered when it was first told."""

    def __init__(self) -> None:
        self._numbers = Numbers(lately=64)
        self._texts = Shelf(rows=64, opened=8)
        self._articles = array("I")

    def __contains__(self, text: str) -> bool:
        return self._numbers.known([text])[0] >= 0

    def __getitem__(self, number: int) -> str:
        return self._texts[number].decode("utf-8", "surrogatepass")

    def article(self, number: int) -> int:
        """Return the number of the article that told a sentence first."""
        return self._articles[number]

    def take(self, text: str, article: int) -> tuple[int, bool]:
        """Return the number of a sentence that an article has, and whether it is the first."""
        (number,) = self._numbers.take([text])
        new = number == len(self._articles)
        if new:
            self._texts.add(text.encode("utf-8", "surrogatepass"))
            self._articles.append(article)
        return number, new


class Story:
    """What is known of one topic.  Only its owner calls `learn`; everything else changes nothing.

    everything   whatever is given is about the story: nobody asked for some of it only
    """

    def __init__(self, *, everything: bool = False) -> None:
        self.everything = everything
        self._vocabulary = Vocabulary()
        self.texts: dict[str, Texts] = {}
        self.said = Said()
        self.sentences = Sentences(self._vocabulary)
        self.articles: list[Known] = []
        self._above = array("I")  # of each article, the sentences of headline and lead
        self._above_ends = array("I", (0,))
        self.developments: dict[DevelopmentId, int] = {}  # each with the number of the article that told it first
        self.names: Counter[str] = Counter()
        self.met: set[str] = set()
        self._facts_in: dict[str, Sentences] = {}  # by language; a "sentence" is an article's facts
        self.numbers: set[float] = set()
        self.days: set[date] = set()
        self.latest: date | None = None  # of these days
        self._events: dict[str, list[Mention]] = {}
        self._distinct: set[Event] = set()
        self._alike: dict[frozenset[Any], frozenset[Any]] = {}  # events have the same persons and amounts over and over

    def __len__(self) -> int:
        return len(self.articles)

    def is_later(self, day: date | None) -> bool:
        """Tell whether a day lies after all that articles have named."""
        return day is not None and (self.latest is None or day > self.latest)

    def above(self, article: int) -> list[str]:
        """Return the headline and lead of an article, by its number."""
        start, end = self._above_ends[article], self._above_ends[article + 1]
        return [self.said[number] for number in self._above[start:end]]

    def often(self) -> frozenset[str]:
        """Return the keys of names that half of the articles have."""
        if len(self.articles) < _ENOUGH:
            return frozenset()
        least = _OFTEN * len(self.articles)
        return frozenset(name for name, count in self.names.most_common(12) if count >= least)

    def events(self, kind: str) -> Sequence[Mention]:
        """Return the known events of a kind, oldest first."""
        return self._events.get(kind, ())

    def told_abroad(self, keys: Sequence[str], language: str) -> float:
        """Return how much more of these facts one article in another language has than one in this, 0..1, by rarity.

        Names are left out: they are written in other ways.
        """
        asked = _without_names(keys)
        told = {other: 1.0 - known.nearest(asked).novelty for other, known in self._facts_in.items()} if asked else {}
        return max(0.0, max(told.values(), default=0.0) - told.get(language, 0.0))

    def alike_in_facts(self, keys: Sequence[str]) -> Iterator[tuple[int, float]]:
        """Yield the articles, in any language, that have most of these facts but names, each with its share, 0..1."""
        asked = _without_names(keys)
        for known in self._facts_in.values():
            yield from ((one.key, 1.0 - one.novelty) for one in known.alike(asked) if one.key is not None)

    def compare(self, event: Event, line: Line) -> Compared:
        """Return what an event adds to what is known."""
        often = self.often()
        best: tuple[Change, Mention | None] = (Change.KIND, None)
        for told in reversed(self.events(event.kind)):
            if told.vague and event.who:
                continue  # it is taken to be about what a fuller mention tells
            change = _change(event, told.event, often)
            if _ORDER[change] < _ORDER[best[0]]:
                best = (change, told)
            if change is Change.KNOWN:
                break  # nothing is nearer
        if event.status is Status.DENIED and best[0] is not Change.REVERSED:
            best = (Change.KNOWN, best[1])  # that something did not happen is news only where it was told before
        elif best[0] is Change.KIND:
            best = self._undoes(event, often) or best
        elif best[0] is Change.KNOWN and _AGAIN.search(line.text[max(0, event.at - 24) : event.at + 24]):
            best = (Change.AGAIN, best[1])
        return Compared(event, best[0], line, best[1])

    def _undoes(self, event: Event, often: frozenset[str]) -> tuple[Change, Mention] | None:
        """Return the known event whose effect a new one takes back; both must tell whom it happened to."""
        if event.status is not Status.DONE:
            return None
        for kind in sorted(undone_by(event.kind)):
            for told in reversed(self.events(kind)):
                named = bool(event.who) and bool(told.event.who)
                if told.event.status is not Status.DENIED and named and may_be_same(event.who, told.event.who, often):
                    return Change.REVERSED, told
        return None

    def learn(self, new: Read, development: DevelopmentId | None) -> None:
        """Remember an article, and the development that it told or confirmed."""
        number = len(self.articles)
        self.articles.append(Known(new.at, development))
        if development is not None:
            self.developments.setdefault(development, number)
        title = next((line.text for line in new.lines if line.headline), "")
        if new.language not in self.texts:
            self.texts[new.language] = Texts(self._vocabulary)
            self._facts_in[new.language] = Sentences(Vocabulary())
        self.texts[new.language].add(number, title, new.article.text)
        for line in new.lines:
            said, first = self.said.take(line.text, number)
            if first and line.terms:
                self.sentences.add(said, line.terms)
            for event in line.facts.events:
                self._learn_event(Mention(self._shared(event), new.at, said, development))
            self.numbers.update(value for value, _ in line.facts.amounts)
            if line.facts.happened_on is not None:
                self.days.add(line.facts.happened_on)
                self.latest = max(self.latest or date.min, line.facts.happened_on)
        self._above.extend(self.said.take(line.text, number)[0] for line in new.above)
        self._above_ends.append(len(self._above))
        self._facts_in[new.language].add(number, _without_names(fact_keys(new.lines)))
        self.names.update({name for line in new.lines for name in line.facts.names})

    def _shared(self, event: Event) -> Event:
        """Return the event wherever it stands, with the sets that equal ones have."""
        who, by, amounts = (self._alike.setdefault(each, each) for each in (event.who, event.by, event.amounts))
        return replace(event, at=0, who=who, by=by, amounts=amounts)

    def _learn_event(self, told: Mention) -> None:
        event = told.event
        if event in self._distinct:
            return
        self._distinct.add(event)
        known = self._events.setdefault(event.kind, [])
        for i, other in enumerate(known):
            if not other.vague and _tells_more(event, other.event):
                known[i] = replace(other, vague=True)
        known.append(replace(told, vague=any(_tells_more(other.event, event) for other in known)))
