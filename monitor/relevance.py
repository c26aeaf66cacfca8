"""Is an article about the story?

With a query (`about`) the query decides.  With a seed article alone, likeness to the seed decides, and to what was
accepted since: a story moves on to other words, but keeps its names.

Likeness is the cosine of term vectors, each term weighed by its rarity in what else the desk has read: a topic's own
articles are left out of that count (with them, the story's names looked common: F1 .79 instead of .91), and those that
were neither clearly about a topic nor clearly about something else.  The root of a cosine is taken, because from none
to little in common is a longer way than from much to more.

Tried and left out, as they did not help on both halves of the measured stories: thresholds that follow the scores seen
so far (gap, Otsu, quantiles), the nearest of the accepted or refused articles, other shares for title, lead and body,
terms refused in the same topic counted twice, word frequencies of a dictionary, learning only from what is well above
the threshold.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .model import Article, Topic
from .settings import query
from .story.pinyin import alike
from .story.terms import CHARACTER, Counts, Vector, by_character, length, opening, vector
from .text import sentences, simplified, tokens

# From this likeness on an article is about the story; a little more is asked while little else has been read, as common
# words then still count.
THRESHOLD = 0.36
_UNREAD_MARGIN, _UNREAD = 0.055, 200
_CLEAR = 0.1  # so far below the threshold an article is about something else for certain
_QUERY_THRESHOLD = 0.5  # what a query accepts scores .6 or more; what it refuses is held below

# Shares of the score.  The seed keeps a share of its own, so that the topic cannot drift away from it.
_SEED, _CENTRE = 0.26, 0.74
_MOST_TERMS = 1_000  # kept of what was learnt; the weakest half goes when there are more

_PASSING_WORDS, _PASSING_LEAD = 600, 300  # a long text, and how much of it is its beginning
_CHARACTER_WORDS = 0.6  # a Chinese word has between one and two characters


@dataclass(frozen=True, slots=True)
class Relevance:
    """What was found.

    score      0..1; relevant from `threshold` on
    reasons    in words, what spoke for it or against it
    """

    relevant: bool
    score: float
    reasons: tuple[str, ...]
    threshold: float


class Profile:
    """What a topic knows of itself: its query, or its seed article and what was learnt since."""

    def __init__(self, topic: Topic, seed: Article | None = None, read: Counts | None = None) -> None:
        """Raise query.QueryError if the topic's `about` cannot be read.

        read   counts of all that the desk has read, whatever it is about; None: nothing else is read
        """
        self._query = None
        if topic.about is not None:
            aliases = {simplified(word): tuple(map(simplified, also)) for word, also in topic.aliases.items()}
            self._query = query.parse(simplified(topic.about), aliases, alike)
        self._read = read if read is not None else Counts()
        self._own = Counts(_MOST_TERMS)
        self._seed: Vector = vector(seed.title, seed.text) if seed is not None else {}
        self._centre = Counter(self._seed)
        self._sizes: dict[bool, _Sizes] = {}

    @property
    def learns(self) -> bool:
        """Tell whether what is read changes what the topic takes: only without a query, and with a seed."""
        return self._query is None and bool(self._seed)

    def assess(self, article: Article) -> Relevance:
        """Say whether the article is about the topic; changes nothing."""
        if self._query is not None:
            return _by_query(self._query, article)
        if not self._seed:
            return Relevance(False, 0.0, ("the seed article has not been read yet",), THRESHOLD)
        return self._by_likeness(article)

    def learn(self, article: Article) -> None:
        """Take in an accepted article; one that is not about the topic teaches nothing, nor does any to a query."""
        if not self.learns:
            return
        found = vector(article.title, article.text)
        if not self._likeness(found, by_character(found)).relevant:
            return
        self._centre.update(found)
        self._own.add(found)
        if len(self._centre) > _MOST_TERMS:
            self._centre = Counter(dict(self._centre.most_common(_MOST_TERMS // 2)))
        self._sizes.clear()

    def is_clear(self, relevant: bool, score: float) -> bool:
        """Tell whether an article with this `score` counts as read: what is on the border does for neither side."""
        return not self.learns or relevant or score < THRESHOLD - _CLEAR

    def _by_likeness(self, article: Article) -> Relevance:
        found = vector(article.title, article.text)
        likeness = self._likeness(found, by_character(found))
        reasons = (_in_words(likeness.shared, article),)
        return Relevance(likeness.relevant, likeness.score, reasons, likeness.threshold)

    def _likeness(self, found: Vector, script: bool) -> _Likeness:
        rarity = self._read.rarity(found, script, self._own)
        weighed = {term: value * rarity[term] ** 2 for term, value in found.items()}
        size = _weighed_length(found, rarity)
        sizes = self._weighed_sizes(script)
        shared = {term: value * self._centre[term] for term, value in weighed.items() if term in self._centre}
        seed = math.fsum(value * self._seed[term] for term, value in weighed.items() if term in self._seed)
        centre = math.fsum(shared.values())
        score = _SEED * math.sqrt(seed / size / sizes.seed) + _CENTRE * math.sqrt(centre / size / sizes.centre)
        others = max(0, self._read.articles(script) - self._own.articles(script))
        threshold = THRESHOLD + _UNREAD_MARGIN * _UNREAD / (_UNREAD + others)
        return _Likeness(min(1.0, score), threshold, shared)  # rounding may leave it a hair above

    def _weighed_sizes(self, script: bool) -> _Sizes:
        """Return the lengths of seed and centre as weighed now; worked out anew when anything was read or learnt."""
        read = self._read.articles(script)
        sizes = self._sizes.get(script)
        if sizes is None or read != sizes.read:
            rarity = self._read.rarity(self._centre, script, self._own)
            rarity |= self._read.rarity(self._seed.keys() - rarity.keys(), script, self._own)
            seed, centre = (
                length(value * rarity[term] for term, value in side.items()) or 1.0
                for side in (self._seed, self._centre)
            )
            sizes = self._sizes[script] = _Sizes(read, seed, centre)
        return sizes


def _weighed_length(found: Vector, rarity: Vector) -> float:
    """Return the length, 1 when it would be 0: it is divided by."""
    return length(value * rarity[term] for term, value in found.items()) or 1.0


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How like a story an article is, and what each term that they share adds to that."""

    score: float
    threshold: float
    shared: Vector

    @property
    def relevant(self) -> bool:
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Lengths of seed and centre when so many articles were `read`."""

    read: int
    seed: float
    centre: float


# --------------------------------------------------------------------------------------------------------- by a query


def _by_query(about: query.Query, article: Article) -> Relevance:
    """Let the query decide, but for a long text that names the story once, in passing."""
    title, text = simplified(article.title), simplified(article.text)
    match = about.match(title, text)
    if not match.matched:
        return Relevance(False, min(match.score, 0.49), match.reasons, _QUERY_THRESHOLD)
    if _is_passing(about, title, text):
        reasons = (*match.reasons, "one passing mention far down in a long text")
        return Relevance(False, 0.3, reasons, _QUERY_THRESHOLD)
    return Relevance(True, match.score, match.reasons, _QUERY_THRESHOLD)


def _is_passing(about: query.Query, title: str, text: str) -> bool:
    """Tell whether only one sentence names what is asked for, far down, and does not open its paragraph.

    A round-up names a story where its item begins: there it is no passing mention.
    """
    if len(text) < _PASSING_WORDS or about.match(title, "").score > 0:
        return False
    seen, named = 0.0, 0
    for paragraph in re.split(r"\n\s*\n", text):
        for place, sentence in enumerate(sentences(paragraph)):
            if about.match("", sentence).score > 0:
                named += 1
                if named > 1 or place == 0 or seen < _PASSING_LEAD:
                    return False
            seen += sum(_CHARACTER_WORDS if CHARACTER.match(token) else 1 for token in tokens(sentence))
    return named == 1 and seen > _PASSING_WORDS


# ------------------------------------------------------------------------------------------------------- by likeness


def _in_words(shared: Mapping[str, float], article: Article) -> str:
    """Name what the article has in common with the seed, the weightiest first, pairs of characters joined to words."""
    if not shared:
        return "nothing in common with the seed article"
    worth: dict[str, float] = {}
    for word in _chained(opening(article.title, article.text), shared):
        pairs = (word[i : i + 2] for i in range(len(word) - 1))
        worth[word] = shared[word] if word in shared else math.fsum(shared.get(pair, 0.0) for pair in pairs)
    return "in common with the seed: " + ", ".join(sorted(worth, key=lambda word: -worth[word])[:5])


def _chained(terms: Iterable[str], shared: Mapping[str, float]) -> Iterable[str]:
    """Give the shared terms in order, pairs that overlap as one word."""
    word = ""
    for term in terms:
        if term in shared and word and len(term) == 2 and CHARACTER.match(term) and word[-1] == term[0]:
            word += term[1]
            continue
        if word:
            yield word
        word = term if term in shared else ""
    if word:
        yield word
