"""Are the accepted articles still about the story?  A query may come to catch another one that has the same words.

The articles that are like the story are kept as its course: a story that moves on brings its new words in beside the
old ones, so they become its own; another story never does.  An article is like the story by the words that it shares
with the course, or, when those have changed, by the names.  What the query asks for tells nothing, as every accepted
article has it.  A language is compared with itself only.  Where capitals would show names and a story has none of its
own, nothing is said: it may move on with the one name that the query asks for.

Measured on 222 real stories of 16 articles and more: no drift is seen in any of them.  When another story's articles
follow, it is seen after eleven to seventeen of them: nearly always in Chinese, where stories are of one event; in a
third of the English ones, which are of wars and epidemics and have much in common.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from ..model import ArticleId, Drift, Topic
from .memory import Read
from .novelty import terms

BEGINNING = 8  # articles that are the story's own, whatever they say
COURSE = 20  # articles of the story that count, the latest
RECENT, ENOUGH = 20, 8  # accepted articles that are looked at, and how many there must be
LITTLE, AGAIN = 0.15, 0.3  # a median likeness below the one is a drift, which ends above the other
STRANGE = 7  # articles that must be unlike the story, at least
ALIKE = 0.5  # from this likeness on an article belongs to the course

_LINES = 6  # of an article's text, in which its words are counted; names count wherever they stand
_FIRM_NAME, _OWN_WORD = 0.5, 0.3  # share of the course that has it
_KEPT = 0.4  # the likeness of an article that has all the names, and none of the words
_MOST_WORDS = 40
_NO_CAPITALS = frozenset({"ar", "fa", "he", "hi", "ja", "ko", "th", "ur", "zh"})
_SHOWN, _SHOWN_IN, _NOT_IN = 5, 0.5, 0.1  # terms that are shown: told by half of the ones, and not by the others


@dataclass(frozen=True, slots=True)
class Gist:
    """What an article is recognised by: its names, as keys, and the words that it begins with."""

    article: ArticleId
    at: datetime
    names: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the articles of a story have in common: term -> share of them, 0..1.

    usual   the share of it that one of them has, 0..1; 0: they have nothing in common
    """

    weights: Mapping[str, float]
    usual: float

    def in_(self, has: frozenset[str]) -> float:
        """Return the share of them that a text has, 0..1 of what is usual; what nearly all have counts most."""
        return min(1.0, _share(has, self.weights) / self.usual) if self.usual else 0.0


class Given:
    """The words that a topic's query asks for, each in all its names."""

    def __init__(self, topic: Topic) -> None:
        asked = topic.about or ""
        words = set(terms(asked))
        for word, also in topic.aliases.items():
            if set(terms(word)) <= words:
                asked = " ".join((asked, *also))
        self._words = frozenset(terms(asked))
        self._beginnings = tuple(word.casefold() for word in re.findall(r"(\w+)\*", asked))

    def without(self, words: Iterable[str]) -> frozenset[str]:
        """Return the words that the query does not ask for; numbers tell no story."""
        return frozenset(
            word
            for word in words
            if word not in self._words and not word.startswith(self._beginnings or ("\0",)) and not word[0].isdigit()
        )


def gist(article: ArticleId, new: Read, given: Given) -> Gist:
    """Return what an article is recognised by."""
    head = [line for line in new.lines if line.headline] + list(new.body[:_LINES])
    names = given.without(name for line in new.lines for name in line.facts.names)
    return Gist(article, new.at, names, given.without(word for line in head for word in line.terms))


def common(sets: Sequence[frozenset[str]], least: float) -> Terms:
    """Return the terms that at least this share of some texts have, and at least two of them."""
    told = Counter(term for has in sets for term in has)
    often = [(term, n / len(sets)) for term, n in told.items() if n > 1 and n >= least * len(sets)]
    weights = dict(sorted(often, key=lambda each: (-each[1], each[0]))[:_MOST_WORDS])
    return Terms(weights, median(_share(has, weights) for has in sets) if weights else 0.0)


def likeness(one: Gist, names: Terms, words: Terms) -> float:
    """Return how much of the story's own an article has, 0..1 of what its articles usually have."""
    return max(words.in_(one.words), _KEPT * names.in_(one.names))


def _share(has: frozenset[str], weights: Mapping[str, float]) -> float:
    whole = sum(weight**2 for weight in weights.values())
    return sum(weight**2 for term, weight in weights.items() if term in has) / whole if whole else 0.0


class Course:
    """The course of a story in one language, and the articles accepted last."""

    def __init__(self, language: str) -> None:
        self.since: datetime | None = None
        self._capitals = language not in _NO_CAPITALS
        self._course: deque[Gist] = deque(maxlen=COURSE)
        self._names = self._words = Terms({}, 0.0)
        self._recent: deque[tuple[Gist, float]] = deque(maxlen=RECENT)

    def take(self, new: Gist) -> None:
        """Take in an accepted article; one read again counts once."""
        if any(new.article == each.article for each in (*self._course, *(old for old, _ in self._recent))):
            return
        if len(self._course) < BEGINNING:
            self._join(new)
            return
        nameless = self._capitals and not self._names.weights
        like = 1.0 if nameless else likeness(new, self._names, self._words)
        self._recent.append((new, like))
        if like >= ALIKE:
            self._join(new)
        self._mark()

    def _join(self, new: Gist) -> None:
        self._course.append(new)
        if len(self._course) >= BEGINNING:
            self._names = common([each.names for each in self._course], _FIRM_NAME)
            self._words = common([each.words for each in self._course], _OWN_WORD)

    def _mark(self) -> None:
        """Note the beginning and the end of a drift."""
        if len(self._recent) < ENOUGH:
            return
        middle = median(like for _, like in self._recent)
        if self.since is None and middle < LITTLE:
            strange = [old for old, like in self._last() if like < LITTLE]
            if len(strange) >= STRANGE:
                self.since = strange[0].at.replace(microsecond=0)  # as it is kept
        elif self.since is not None and middle >= AGAIN:
            self.since = None

    def _last(self) -> Sequence[tuple[Gist, float]]:
        """Return the recent articles from where those that are unlike the story prevail."""
        recent = list(self._recent)
        start, lead, most = len(recent) - 1, 0, 0
        for number in reversed(range(len(recent))):
            lead += 1 if recent[number][1] < LITTLE else -1
            if lead >= most:
                start, most = number, lead
        return recent[start:]

    def drift(self, language: str, *, asked: bool) -> Drift | None:
        """Say since when the accepted articles are about something else, and what to do; None: they are not.

        language   named in the sentence; "": there is only one
        asked      the topic has a query that can be changed
        """
        if self.since is None:
            return None
        last = self._last()
        strange = [old for old, like in last if like < LITTLE]
        return Drift(self.since, _in_words(self.since, strange, len(last), self._course, language, asked=asked))


# ---------------------------------------------------------------------------------------------------------- in words


def _in_words(
    since: datetime, strange: Sequence[Gist], last: int, course: Sequence[Gist], language: str, *, asked: bool
) -> str:
    accepted = f"accepted articles in “{language}”" if language else "accepted articles"
    said = [
        f"Since {since.day} {since:%B %Y}, {len(strange)} of the last {last} {accepted} share little with what the "
        "story was about."
    ]
    if common := _told_by(strange, course):
        said.append(f"Terms they have in common: {', '.join(common)}: exclude them with NOT {_either(common)}.")
    if lacking := _told_by(course, strange):
        said.append(
            f"Terms of the story that they lack: {', '.join(lacking)}: ask for them with AND {_either(lacking)}."
        )
    if not asked:
        said.append("The topic has no `about`, so its seed alone decides: write one.")
    return " ".join(said)


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"({' OR '.join(words)})"


def _told_by(these: Sequence[Gist], those: Sequence[Gist]) -> list[str]:
    """Return the words that mark off some articles from others, names first, as they can be written into a query."""
    names = Counter(name for each in these for name in each.names)
    words = Counter(word for each in these for word in each.words)
    others = Counter(word for each in those for word in each.words | each.names)
    found: list[str] = []
    for word, count in sorted(words.items(), key=lambda each: (-(2 * names[each[0]] + each[1]), each[0])):
        rare = others[word] <= _NOT_IN * len(those)
        if count >= _SHOWN_IN * len(these) and rare and len(word) > 1 and not _overlaps(word, found):
            found.append(word)
    return found[:_SHOWN]


def _overlaps(word: str, found: Sequence[str]) -> bool:
    """Tell whether a pair of characters stands within a word of which another pair was chosen."""
    return len(word) == 2 and any(len(other) == 2 and set(word) & set(other) for other in found)
