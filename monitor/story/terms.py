"""The terms of a text, and how rare each is among all that was read.

A term is a word, or a pair of neighbouring Chinese, Japanese or Korean characters; what every article says (function
words, newsroom phrases, bare small numbers) is no term.  Nobody ships a list of how often a word is said in the news,
and none would fit: the desk counts it in what it reads, whatever the language and the beat.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..text import COMMON_WORDS, simplified, tokens

Vector = Mapping[str, float]

_BODY, _LEAD = 3_000, 300  # characters
_STEM = 6  # letters: "assaulted" is "assaul", as is "assault"; crude, but the same in every language with blanks

CHARACTER = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]")
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


def terms(text: str) -> list[str]:
    """Return the stems of the words of `text` that say something, and its pairs of neighbouring characters, in order.

    >>> terms("Alibaba fires manager；阿里解雇经理")
    ['alibab', 'fires', 'manage', '阿里', '里解', '解雇', '雇经', '经理']
    """
    found, before = [], ""
    for token in tokens(simplified(text)):
        if CHARACTER.fullmatch(token):
            light = token in _LIGHT_CHARACTERS
            if before and not light and before + token not in _NO_TERMS:
                found.append(before + token)
            before = "" if light else token
            continue
        before = ""
        if token not in _NO_TERMS and not (token.isdigit() and len(token) <= 4) and len(token) > 1:
            found.append(token[:_STEM])
    return found


@lru_cache(maxsize=4)  # an article is judged, explained, then learnt, for each topic of its source
def _parts(title: str, text: str) -> tuple[list[str], list[str], list[str]]:
    return terms(title), terms(text[:_LEAD]), terms(text[:_BODY])


@lru_cache(maxsize=4)
def vector(title: str, text: str) -> Vector:
    """Return how much each term says in an article, a vector of length 1; empty when nothing does.

    It is the sum of three vectors of equal length, the title, title and lead, title and body: what an article opens
    with counts more.
    """
    head, lead, body = _parts(title, text)
    found: Counter[str] = Counter()
    for part in (head, head + lead, head + body):
        counts = {term: 1 + math.log(count) for term, count in Counter(part).items()}
        size = length(counts.values())
        found.update({term: count / size for term, count in counts.items()})
    size = length(found.values())
    return {term: value / size for term, value in found.items()}


def opening(title: str, text: str) -> list[str]:
    """Return the terms that an article's vector is made from, in order."""
    head, _, body = _parts(title, text)
    return head + body


def length(values: Iterable[float]) -> float:
    """Return the Euclidean length."""
    return math.sqrt(math.fsum(value * value for value in values))


def by_character(found: Vector) -> bool:
    """Tell whether most terms are pairs of characters: it is a text without blanks between its words."""
    return 2 * sum(CHARACTER.match(term) is not None for term in found) > len(found)


# ---------------------------------------------------------------------------------------------------------- how common

# Before anything was read: so many articles, of which so few say any term.  A small sample makes no word look common.
_UNREAD, _UNREAD_SAYING = 200, 2.0
_ENOUGH = 2_000  # articles
_LEAST_RARE = 1.0  # natural logarithm: what a third of all articles say weighs nothing


class Counts:
    """How many articles say a term; those in scripts with and without blanks are counted apart.

    most   terms that are kept of each script; the rarer half goes when there are more
    """

    def __init__(self, most: int = 40_000) -> None:
        self._most = most
        self._said = {True: Counter[str](), False: Counter[str]()}
        self._articles = {True: 0, False: 0}

    def add(self, found: Vector) -> None:
        """Count an article for the terms that it says in passing.

        What weighs more in it than its average term is its subject.  That many articles have one subject, because a
        story is big, makes no word of it common.
        """
        script = by_character(found)
        said = self._said[script]
        average = 1 / math.sqrt(len(found) or 1)
        said.update(term for term, value in found.items() if value < average)
        self._articles[script] += 1
        if len(said) > self._most:
            self._said[script] = Counter(dict(said.most_common(self._most // 2)))

    @property
    def enough(self) -> bool:
        """Tell whether so many were counted that more would change little: an archive need not be read to its end."""
        return sum(self._articles.values()) >= _ENOUGH

    def articles(self, script: bool) -> int:
        """Return how many articles were counted; `script` as `by_character` tells it."""
        return self._articles[script]

    def rarity(self, found: Iterable[str], script: bool, own: Counts) -> dict[str, float]:
        """Return the weight of each term, 0 and up: the rarer in articles other than the `own`, the more it says.

        Own articles are left out, because they make a story's own names look common.
        """
        said, mine = self._said[script], own._said[script]
        read = _UNREAD + max(0, self._articles[script] - own._articles[script])
        most = math.log(read) - _LEAST_RARE
        unsaid = most - math.log(_UNREAD_SAYING)
        weights = dict.fromkeys(found, unsaid)
        for term in weights:
            if count := said.get(term):
                count = max(0, count - mine.get(term, 0))
                weights[term] = max(0.0, most - math.log(_UNREAD_SAYING + count))
        return weights
