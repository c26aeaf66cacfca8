"""How much of a text was said before: the nearest known article, and the nearest known sentence.

Words weigh by their rarity in the story so far (TF-IDF), so that what every report repeats counts little.  Chinese,
Japanese, Korean and Thai are compared by pairs of characters.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from math import log, sqrt
from sys import intern
from typing import Generic, TypeVar

from ..text import COMMON_WORDS, fold, tokens

K = TypeVar("K", bound=Hashable)

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
class Nearest(Generic[K]):
    """The known text that is most like a new one.

    key      None: nothing is known yet
    novelty  0..1, the share of the new text that it does not say
    """

    key: K | None
    novelty: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Likeness(Generic[K]):
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

    key: K | None = None
    alike: tuple[tuple[K, float], ...] = ()
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
    """The words of a story, numbered in the order in which they are met; its articles and sentences share it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, word: str) -> int:
        """Return the word's number, new or not."""
        return self._numbers.setdefault(intern(word), len(self._numbers))  # stories share their words

    def known(self, word: str) -> int:
        """Return the word's number; -1 when it was never met."""
        return self._numbers.get(word, -1)


class _Postings:
    """Which texts have a word.  Most words of a story are told once, so the first text is kept apart, in four bytes."""

    _NONE = 0xFFFFFFFF

    def __init__(self) -> None:
        self._first = array("I")
        self._more: dict[int, array[int]] = {}

    def add(self, word: int, text: int) -> None:
        if word >= len(self._first):
            self._first.extend([self._NONE] * (word + 1 - len(self._first)))
        if self._first[word] == self._NONE:
            self._first[word] = text
        else:
            self._more.setdefault(word, array("I")).append(text)

    def count(self, word: int) -> int:
        if not 0 <= word < len(self._first) or self._first[word] == self._NONE:
            return 0
        return 1 + len(self._more.get(word, ()))

    def latest(self, word: int, most: int) -> Iterator[int]:
        """Yield the texts that have a word, at most `most` of the latest and the first."""
        if self.count(word):
            yield self._first[word]
            if word in self._more:
                yield from self._more[word][-most:]


class Texts(Generic[K]):
    """The articles of a story in one language, by a key of the caller's.

    Words are kept as numbers; of an article, those of its headline and of its first BODY characters.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._keys: list[K] = []
        self._postings = _Postings()
        self._words = array("I")
        self._ends = [0]
        self._heads: list[tuple[int, int]] = []
        self._shares = 0.0  # sum of each article's share when it came, once several were known
        self._lengths: list[tuple[int, Sequence[float]]] = []  # of each article's views, and when they were measured

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: K, title: str, text: str) -> None:
        """Remember an article."""
        words, in_title, in_lead = _words(title, text)
        coded = [self._vocabulary.number(word) for word in words]
        if len(self._keys) >= _SEVERAL:
            self._shares += self._share_of_rarer([self._postings.count(number) for number in set(coded)])
        for number in set(coded):
            self._postings.add(number, len(self._keys))
        self._words.extend(coded)
        self._ends.append(len(self._words))
        self._heads.append((in_title, in_lead))
        self._lengths.append((-1, ()))
        self._keys.append(key)

    def likeness(self, title: str, text: str) -> Likeness[K]:
        """Return how like the known articles a new one is."""
        if not self._keys:
            return Likeness()
        words, in_title, in_lead = _words(title, text)
        unknown: dict[str, int] = {}
        coded = [
            number if (number := self._vocabulary.known(word)) >= 0 else unknown.setdefault(word, -1 - len(unknown))
            for word in words
        ]
        views = _views(coded, in_title, in_lead)
        weights = {number: self._rarity(number) for number in views[-1]}
        lengths = [_length(view, weights) for view in views]
        compared = [self._compare(i, views, lengths, weights) for i in self._candidates(views[-1], weights)]
        several = len(self._keys) >= _SEVERAL
        in_leads = [*sorted((one.headline_in_lead for one in compared), reverse=True), 0.0, 0.0, 0.0]
        told = [self._postings.count(number) for number in views[-1]]
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
        return self._share([self._postings.count(self._vocabulary.known(word)) for word in set(words)])

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
        if self._lengths[i][0] != age:
            weights = {number: self._rarity(number) for number in views[-1]}
            self._lengths[i] = age, tuple(_length(view, weights) for view in views)
        return self._lengths[i][1]

    def _covered(self, lead: Mapping[int, int], i: int, weights: Mapping[int, float]) -> float:
        """Return the share of a lead, by rarity, that the start of a known article has."""
        whole = sum(weights[number] for number in lead)
        start = self._views_of(i)[2]
        return sum(weights[number] for number in lead if number in start) / whole if whole else 0.0

    def _rarity(self, number: int) -> float:
        """Return the weight of a word: 0 when every article has it; below 0 stand words that none has."""
        return log((len(self._keys) + 1) / (self._postings.count(number) + 0.5))

    def _candidates(self, view: Mapping[int, int], weights: Mapping[int, float]) -> Iterable[int]:
        known = [number for number in view if 0 < self._postings.count(number) <= _POSTINGS]
        scores: dict[int, float] = {}
        for number in nlargest(_QUERY_WORDS, known, key=lambda number: weights[number] * view[number]):
            weight = weights[number] ** 2
            for i in self._postings.latest(number, _POSTINGS):
                scores[i] = scores.get(i, 0.0) + weight
        return nlargest(_CANDIDATES, scores, key=scores.__getitem__)

    def _views_of(self, i: int) -> tuple[Counter[int], ...]:
        return _views(self._words[self._ends[i] : self._ends[i + 1]], *self._heads[i])


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


class Sentences(Generic[K]):
    """The sentences of a story, and what each belongs to."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._said: list[tuple[str, K]] = []
        self._postings = _Postings()
        self._words = array("I")
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._said)

    def add(self, key: K, sentence: str, words: Sequence[str]) -> None:
        """Remember a sentence, given with its terms."""
        for word in dict.fromkeys(words):
            number = self._vocabulary.number(word)
            self._postings.add(number, len(self._said))
            self._words.append(number)
        self._ends.append(len(self._words))
        self._said.append((sentence, key))

    def nearest(self, words: Sequence[str]) -> Nearest[K]:
        """Return the known sentence that says most of these terms; novelty is the share, by rarity, that it lacks."""
        if not words:
            return Nearest(None, 0.0)
        return min(self.alike(words), key=lambda one: one.novelty, default=Nearest(None, 1.0))

    def alike(self, words: Sequence[str]) -> Iterator[Nearest[K]]:
        """Yield the few sentences that say most of these terms."""
        weights: dict[int, float] = {}
        whole = 0.0
        for word in dict.fromkeys(words):  # in their order, so that ties fall the same way each time
            number = self._vocabulary.known(word)
            told = self._postings.count(number)
            weight = log((len(self._said) + 2) / (told + 0.5))
            whole += weight
            if told:
                weights[number] = weight
        scores: dict[int, float] = {}
        for number in nlargest(_SENTENCE_WORDS, weights, key=weights.__getitem__):
            for i in self._postings.latest(number, _POSTINGS):
                scores[i] = scores.get(i, 0.0) + weights[number]
        for i in nlargest(_CANDIDATES, scores, key=scores.__getitem__):
            said = self._words[self._ends[i] : self._ends[i + 1]]
            share = sum(weights[number] for number in said if number in weights) / whole
            yield Nearest(self._said[i][1], max(0.0, 1.0 - share), self._said[i][0])
