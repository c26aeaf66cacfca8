"""Is an article about the story?

With a query (`about`) the query decides.  With a seed article alone, likeness to the seed decides, and to what was
accepted since: a story moves on to other words, but keeps its names.

Likeness is the cosine of term vectors.  A term is a word, or a pair of neighbouring Chinese, Japanese or Korean
characters; what every article says (function words, newsroom phrases, bare small numbers) is no term.  A text stands
for three vectors in equal parts, its title, its lead and all of it, so that what it opens with counts more.

Weights by rarity are left out on purpose.  Counted on the few articles that a topic sees, they make the story's own
names look common: F1 fell from .91 to .79 where accepted articles were counted, and did not rise where only refused
ones were.  What was learnt from accepted articles raised it to .93.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .model import Article, Topic
from .settings import query
from .text import COMMON_WORDS, sentences, simplified, tokens

# From this likeness on an article is about the story.  Chinese and English were measured apart and agree.
THRESHOLD = 0.09
_QUERY_THRESHOLD = 0.5  # what a query accepts scores .6 or more; what it refuses is held below

# What may be learnt is clearly about the story; the seed keeps most of the weight, so that the topic cannot drift.
_LEARN_FROM = 1.3  # times the threshold
_LEARNT_WEIGHT = 0.6  # reached after ...
_LEARNT_FULL = 5  # articles
_LEARNT_SCALE = 0.6  # likeness to many articles runs higher than likeness to one
_SUPPORT = 2  # articles that must have a term before it counts
_MOST_TERMS = 4_000  # kept of what was learnt; the weakest half goes when there are more

_BODY, _LEAD = 3_000, 300  # characters
_STEM = 6  # letters: "assaulted" is "assaul", as is "assault"; crude, but the same in every language with blanks

_PASSING_WORDS, _PASSING_LEAD = 600, 300  # a long text, and how much of it is its beginning
_CHARACTER_WORDS = 0.6  # a Chinese word has between one and two characters

_CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]")
# Characters that build sentences, count or date; a pair with one of them is no name and no subject.
_LIGHT_CHARACTERS = frozenset(
    "的了着过在是和与也就都而及等将被对为于其该这那之据称并则又还从到向以由或但因把让给上下中大小多少不没无未有能可会要"
    "说年月日时分一二三四五六七八九十两个们他它她我你您此每各某所后前来去出进更最很已"
)
_NEWSROOM_WORDS = (
    "记者 报道 表示 消息 目前 进行 相关 情况 问题 工作 新闻 发布 发现 认为 指出 介绍 联系 编辑 来源 责任 责编 图片 "
    "视频 网友 微博 微信 公众 客户 户端 平台 媒体 转载 声明 内容 版权 says told reported report reports according news "
    "reuters ap afp bloomberg yesterday today tomorrow monday tuesday wednesday thursday friday saturday sunday year "
    "years month months week weeks day days new first last one two three people percent"
)
_NO_TERMS = frozenset(_NEWSROOM_WORDS.split()).union(*COMMON_WORDS.values())

Vector = Mapping[str, float]


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
    """What a topic knows of itself: its query, or its seed article and what was learnt since.

    A seed knows its own language only; to follow a story in several, give the topic a query with aliases.
    """

    def __init__(self, topic: Topic, seed: Article | None = None) -> None:
        """Raise query.QueryError if the topic's `about` cannot be read."""
        self._query = None
        if topic.about is not None:
            aliases = {simplified(word): tuple(map(simplified, also)) for word, also in topic.aliases.items()}
            self._query = query.parse(simplified(topic.about), aliases)
        self._seed = _vector(seed) if seed is not None else None
        self._learnt: Counter[str] = Counter()
        self._support: Counter[str] = Counter()
        self._articles = 0
        self._centre: Vector = {}

    def assess(self, article: Article) -> Relevance:
        """Say whether the article is about the topic; changes nothing."""
        if self._query is not None:
            return _by_query(self._query, article)
        if self._seed is None:
            return Relevance(False, 0.0, ("the seed article has not been read yet",), THRESHOLD)
        return self._by_likeness(article, _vector(article))

    def learn(self, article: Article) -> None:
        """Take in an accepted article.

        One that is only just about the topic teaches nothing; neither does any to a topic with a query.
        """
        if self._query is not None or self._seed is None:
            return
        vector = _vector(article)
        if self._by_likeness(article, vector).score < _LEARN_FROM * THRESHOLD:
            return
        self._learnt.update(vector)
        self._support.update(vector.keys())
        self._articles += 1
        if len(self._learnt) > _MOST_TERMS:
            self._learnt = Counter(dict(self._learnt.most_common(_MOST_TERMS // 2)))
            self._support = Counter({term: self._support[term] for term in self._learnt})
        self._centre = _unit({term: value for term, value in self._learnt.items() if self._support[term] >= _SUPPORT})

    def _by_likeness(self, article: Article, vector: Vector) -> Relevance:
        seed = self._seed or {}
        score = _dot(seed, vector)
        if self._articles:
            weight = _LEARNT_WEIGHT * min(1.0, self._articles / _LEARNT_FULL)
            score = (1 - weight) * score + weight * _LEARNT_SCALE * _dot(self._centre, vector)
        shared = {term: value * seed[term] for term, value in vector.items() if term in seed}
        score = min(1.0, score)  # rounding may leave it a hair above
        return Relevance(score >= THRESHOLD, score, (_in_words(shared, article),), THRESHOLD)


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
            seen += sum(_CHARACTER_WORDS if _CHARACTER.match(token) else 1 for token in tokens(sentence))
    return named == 1 and seen > _PASSING_WORDS


# ------------------------------------------------------------------------------------------------------- by likeness


def _vector(article: Article) -> Vector:
    """Return the mean of three vectors of length 1: the title, title and lead, title and body."""
    title, lead, body = (_terms(text) for text in (article.title, article.text[:_LEAD], article.text[:_BODY]))
    parts = [terms for terms in (title, title + lead, title + body) if terms]
    found: Counter[str] = Counter()
    for terms in parts:
        weights = {term: 1 + math.log(count) for term, count in Counter(terms).items()}
        found.update({term: weight / len(parts) for term, weight in _unit(weights).items()})
    return found


def _terms(text: str) -> list[str]:
    """Return the stems of the words of `text` that say something, and its pairs of neighbouring characters."""
    found, before = [], ""
    for token in tokens(simplified(text)):
        if _CHARACTER.fullmatch(token):
            light = token in _LIGHT_CHARACTERS
            if before and not light and before + token not in _NO_TERMS:
                found.append(before + token)
            before = "" if light else token
            continue
        before = ""
        if token not in _NO_TERMS and not (token.isdigit() and len(token) <= 4) and len(token) > 1:
            found.append(token[:_STEM])
    return found


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(math.fsum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()} if length else {}


def _dot(one: Vector, other: Vector) -> float:
    shorter, longer = sorted((one, other), key=len)
    return math.fsum(value * longer[term] for term, value in shorter.items() if term in longer)


def _in_words(shared: Mapping[str, float], article: Article) -> str:
    """Name what the article has in common with the seed, the weightiest first, pairs of characters joined to words."""
    if not shared:
        return "nothing in common with the seed article"
    worth: dict[str, float] = {}
    for word in _chained(_terms(f"{article.title}\n{article.text[:_BODY]}"), shared):
        pairs = (word[i : i + 2] for i in range(len(word) - 1))
        worth[word] = shared[word] if word in shared else math.fsum(shared.get(pair, 0.0) for pair in pairs)
    return "in common with the seed: " + ", ".join(sorted(worth, key=lambda word: -worth[word])[:5])


def _chained(terms: Iterable[str], shared: Mapping[str, float]) -> Iterable[str]:
    """Give the shared terms in order, pairs that overlap as one word."""
    word = ""
    for term in terms:
        if term in shared and word and len(term) == 2 and _CHARACTER.match(term) and word[-1] == term[0]:
            word += term[1]
            continue
        if word:
            yield word
        word = term if term in shared else ""
    if word:
        yield word
