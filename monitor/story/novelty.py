"""How much of a text was said before: the nearest known article, and the nearest known sentence.

Words weigh by their rarity in the story so far (TF-IDF), so that what every report repeats counts little.  Chinese,
Japanese, Korean and Thai are compared by pairs of characters.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from math import log, sqrt

from ..text import COMMON_WORDS, fold, tokens
from .compact import Numbers, Postings, Shelf

LEAD, BODY = 200, 800  # characters: the lead says the news, and the rest of the start explains it
_CANDIDATES = 8
_QUERY_WORDS = 40  # of a text, the rarest; they find the candidates
_SENTENCE_WORDS = 8
_SEVERAL = 3  # articles
_ENOUGH = 4  # of their shares, to tell what is usual
_NEARLY_ALL = 0.8  # of them; what more of them have is the story's name, which other news has too
_POSTINGS = 1500  # a word told more often finds nothing; the oldest of more sentences are not looked at

_COMMON = COMMON_WORDS["en"]


def terms(text: str) -> list[str]:
    """Return what texts are compared by: words without the common ones, and pairs of characters."""
    found: list[str] = []
    previous = ""
    for token in tokens(fold(text)):
        alone = len(token) == 1 and ord(token) >= 0x0E00
        if alone:
            if previous:
                found.append(previous + token)
            previous = token
        else:
            previous = ""
            if token not in _COMMON:
                found.append(token)
    return found


@dataclass(frozen=True, slots=True)
class Nearest:
    """The known text that is most like a new one.

    key      None: nothing is known yet
    novelty  0..1, the share of the new text that it does not say
    """

    key: int | None
    novelty: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the known articles in its language a new one is, each 0..1; words weigh by their rarity.

    None is what cannot be told, as nothing is known or only a few articles are.

    key                the article that is most like it; None: none shares a word with it
    alike              the few most similar articles, each with the likeness of the starts
    headline           highest likeness of the headlines
    lead               share of its headline and lead that the nearest article has
    headline_in_third  likeness of its headline to the lead of the third most similar one
    at_home            mean share of the articles that have each term of its start
    at_home_usually    that of the terms that not nearly all have, next to what it was for the known articles when they
                       came: 1 is the usual
    """

    key: int | None = None
    alike: tuple[tuple[int, float], ...] = ()
    headline: float | None = None
    lead: float | None = None
    headline_in_third: float | None = None
    at_home: float | None = None
    at_home_usually: float | None = None


@dataclass(frozen=True, slots=True)
class _Compared:
    number: int
    headline: float
    start: float
    headline_in_lead: float


class Vocabulary:
    """The words of a story as numbers, and the rows of words that its articles and sentences are.

    An article and its sentences stand side by side, as they have nearly the same words: together they compress well.
    """

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._rows = Shelf(rows=32, opened=128)

    def known(self, words: Iterable[str]) -> list[int]:
        """Return the number of each word; -1 for one that was never met."""
        return self._numbers.known(words)

    def add(self, words: Iterable[str]) -> tuple[int, array[int]]:
        """Put a row of words behind the others; return its number, and those of its words."""
        row = array("I", self._numbers.take(words))
        self._rows.add(row.tobytes())
        return len(self._rows) - 1, row

    def row(self, number: int) -> array[int]:
        """Return the words of a row."""
        return array("I", self._rows[number])


class Texts:
    """The articles of a story in one language, each with a number of the caller's.

    Words are kept as numbers; of an article, those of its headline and of its first BODY characters.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._keys = array("I")
        self._postings = Postings()
        self._rows = array("I")
        self._in_title, self._in_lead = array("I"), array("I")  # how many of an article's words are
        self._shares = 0.0  # sum of each article's share when it came, once several were known
        self._lengths = array("d")  # of each article's views, three to an article
        self._measured = array("B")  # when they were; 0: never

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, title: str, text: str) -> None:
        """Remember an article."""
        words, in_title, in_lead = _words(title, text)
        row, coded = self._vocabulary.add(words)
        distinct = set(coded)
        if len(self._keys) >= _SEVERAL:
            self._shares += self._share_of_rarer(self._postings.counts(distinct))
        self._postings.add(len(self._keys), distinct)
        self._rows.append(row)
        self._in_title.append(in_title)
        self._in_lead.append(in_lead)
        self._lengths.extend((0.0, 0.0, 0.0))
        self._measured.append(0)
        self._keys.append(key)

    def likeness(self, title: str, text: str) -> Likeness:
        """Return how like the known articles a new one is."""
        if not self._keys:
            return Likeness()
        words, in_title, in_lead = _words(title, text)
        unknown: dict[str, int] = {}
        coded = [
            number if number >= 0 else unknown.setdefault(word, -1 - len(unknown))
            for word, number in zip(words, self._vocabulary.known(words), strict=True)
        ]
        views = _views(coded, in_title, in_lead)
        told = self._postings.counts(views[-1])
        weights = self._rarities(views[-1], told)
        lengths = [_length(view, weights) for view in views]
        compared = [self._compare(i, views, lengths, weights) for i in self._candidates(views[-1], told, weights)]
        several = len(self._keys) >= _SEVERAL
        in_leads = [*sorted((one.headline_in_lead for one in compared), reverse=True), 0.0, 0.0, 0.0]
        counted = len(self._keys) - _SEVERAL
        usual = self._shares / counted if counted >= _ENOUGH else 0.0
        nearest = max(compared, key=lambda one: one.headline + one.start, default=None)
        return Likeness(
            key=self._keys[nearest.number] if nearest else None,
            alike=tuple((self._keys[one.number], one.start) for one in compared),
            headline=max((one.headline for one in compared), default=0.0),
            lead=self._covered(views[1], nearest.number, weights) if nearest else 0.0,
            headline_in_third=in_leads[2] if several else None,
            at_home=self._share(told) if several else None,
            at_home_usually=self._share_of_rarer(told) / usual if usual else None,
        )

    def share(self, words: Sequence[str]) -> float:
        """Return the mean share of the known articles that have one of these terms, 0..1."""
        return self._share(self._postings.counts(self._vocabulary.known(set(words))))

    def _share(self, told: Collection[int]) -> float:
        """Return the mean share of the known articles, given how many have each of some terms."""
        return sum(told) / (len(told) * len(self._keys)) if told and self._keys else 0.0

    def _share_of_rarer(self, told: Collection[int]) -> float:
        most = _NEARLY_ALL * len(self._keys)
        return self._share([count for count in told if count <= most])

    def _compare(
        self, i: int, views: Sequence[Counter[int]], lengths: Sequence[float], weights: Mapping[int, float]
    ) -> _Compared:
        others = self._views_of(i)
        title, lead, start = self._lengths_of(i, others)
        return _Compared(
            number=i,
            headline=_cosine(views[0], others[0], weights, lengths[0] * title),
            start=_cosine(views[2], others[2], weights, lengths[2] * start),
            headline_in_lead=_cosine(views[0], others[1], weights, lengths[0] * lead),
        )

    def _lengths_of(self, i: int, views: Sequence[Counter[int]]) -> Sequence[float]:
        """Return the lengths of an article's views: measured anew when twice as many articles are known."""
        age = len(self._keys).bit_length()
        if self._measured[i] != age:
            weights = self._rarities(views[-1], self._postings.counts(views[-1]))
            self._lengths[3 * i : 3 * i + 3] = array("d", (_length(view, weights) for view in views))
            self._measured[i] = age
        return self._lengths[3 * i : 3 * i + 3]

    def _covered(self, lead: Mapping[int, int], i: int, weights: Mapping[int, float]) -> float:
        """Return the share of a lead, by rarity, that the start of a known article has."""
        whole = sum(weights[number] for number in lead)
        start = self._views_of(i)[2]
        return sum(weights[number] for number in lead if number in start) / whole if whole else 0.0

    def _rarities(self, words: Iterable[int], told: Iterable[int]) -> dict[int, float]:
        """Return the weight of each word: 0 when every article has it; above all others stand words that none has."""
        known = len(self._keys) + 1
        return {number: log(known / (count + 0.5)) for number, count in zip(words, told, strict=True)}

    def _candidates(self, view: Mapping[int, int], told: Iterable[int], weights: Mapping[int, float]) -> Iterable[int]:
        known = [number for number, count in zip(view, told, strict=True) if 0 < count <= _POSTINGS]
        scores: dict[int, float] = {}
        known.sort(key=lambda number: weights[number] * view[number], reverse=True)
        for number in known[:_QUERY_WORDS]:
            weight = weights[number] ** 2
            for i in self._postings.latest(number, _POSTINGS):
                scores[i] = scores.get(i, 0.0) + weight
        return nlargest(_CANDIDATES, scores, key=scores.__getitem__)

    def _views_of(self, i: int) -> tuple[Counter[int], ...]:
        return _views(self._vocabulary.row(self._rows[i]), self._in_title[i], self._in_lead[i])


def _cosine(one: Mapping[int, int], other: Mapping[int, int], weights: Mapping[int, float], lengths: float) -> float:
    """Return the cosine of two views, given the product of their lengths."""
    shared = sum(n * other[number] * weights[number] ** 2 for number, n in one.items() if number in other)
    return min(1.0, shared / lengths) if shared > 0 else 0.0


@lru_cache(maxsize=2)  # an article is compared, then learnt
def _words(title: str, text: str) -> tuple[Sequence[str], int, int]:
    """Return the terms of title and start, and how many of them are the title's, and the lead's with it."""
    head, start = terms(title), terms(text[:BODY])
    lead = len(start) if len(text) <= LEAD else len(terms(text[:LEAD]))
    return tuple(head + start), len(head), len(head) + min(lead, len(start))


def _views(words: Sequence[int], in_title: int, in_lead: int) -> tuple[Counter[int], ...]:
    return tuple(Counter(words[:end]) for end in (in_title, in_lead, len(words)))


def _length(view: Mapping[int, int], weights: Mapping[int, float]) -> float:
    return sqrt(sum((n * weights[number]) ** 2 for number, n in view.items()))


class Sentences:
    """The sentences of a story, each with a number of the caller's."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._keys = array("I")
        self._postings = Postings()
        self._rows = array("I")

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int, words: Iterable[str]) -> None:
        """Remember a sentence, given as its terms."""
        row, coded = self._vocabulary.add(dict.fromkeys(words))
        self._postings.add(len(self._keys), coded)
        self._rows.append(row)
        self._keys.append(key)

    def nearest(self, words: Sequence[str]) -> Nearest:
        """Return the known sentence that says most of these terms; novelty is the share, by rarity, that it lacks."""
        if not words:
            return Nearest(None, 0.0)
        return min(self.alike(words), key=lambda one: one.novelty, default=Nearest(None, 1.0))

    def alike(self, words: Iterable[str]) -> Iterator[Nearest]:
        """Yield the few sentences that say most of these terms."""
        numbers = self._vocabulary.known(dict.fromkeys(words))  # in their order, so that ties fall the same each time
        weights: dict[int, float] = {}
        whole = 0.0
        for number, told in zip(numbers, self._postings.counts(numbers), strict=True):
            weight = log((len(self._keys) + 2) / (told + 0.5))
            whole += weight
            if told:
                weights[number] = weight
        scores: dict[int, float] = {}
        for number in sorted(weights, key=weights.__getitem__, reverse=True)[:_SENTENCE_WORDS]:
            for i in self._postings.latest(number, _POSTINGS):
                scores[i] = scores.get(i, 0.0) + weights[number]
        for i in nlargest(_CANDIDATES, scores, key=scores.__getitem__):
            said = self._vocabulary.row(self._rows[i])
            share = sum(weights[number] for number in said if number in weights) / whole
            yield Nearest(self._keys[i], max(0.0, 1.0 - share))
