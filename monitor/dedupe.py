"""Is an article a copy of one we know, and what does it say that the original does not?

Reprints, excerpts and agency copies share long runs of words with their original; two reports of one event by two
hands do not.  Measured on real pairs, the share of the shorter text's runs that the longer one has lies above .35 for
copies and below .31 for everything else, so `COPY` stands between.

An index answers in about the same time however many texts it holds: a sample of each text's runs is looked up, the few
texts that share some are compared in full.  What a source repeats on page after page (boilerplate) counts neither for
nor against.  What a copy adds or changes, down to one number, is handed on as its residue.
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections import Counter, OrderedDict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Generic, TypeVar

import xxhash

from .text import sentences, simplified, tokens

COPY = 0.33  # from this `overlap` on, one text is a copy of the other, or of a part of it

# A run holds five words, or six characters of a script without blanks (which say less than a word): 30 units.
_RUN_UNITS = 30
_WORD_UNITS, _CHARACTER_UNITS = 6, 5
_FIRST_CHARACTER = "\u0e00"  # Thai and what follows it in Unicode is cut by character; see text.tokens

_LEAST_SHARED = 12  # runs: short texts share a stock phrase by chance; fewer count only if nothing else is in the text
_SAMPLE = 96  # most runs of one text that are kept for look-up
_MOST_PAGES = 12  # under one run the first so many texts are kept: the original is among the earliest
_MOST_COMPARED = 12  # candidates that are compared in full
_UNPACKED = 128  # texts kept unpacked, as those of a running story are asked for again and again
_RECENT, _REPEATED = 8, 3  # what 3 of a source's latest 8 pages have in common is boilerplate
_ALIKE = 0.1  # originals that cover nearly as much of a text are equally good: the earliest is named

K = TypeVar("K", bound=Hashable)


def overlap(a: str, b: str) -> float:
    """Return the share of the shorter text's word runs that the longer text has, 0..1; symmetric.

    1 for equal texts and for a text and its part, 0 when one of them is empty.
    Source   containment of Broder 1997, On the resemblance and containment of documents.

    >>> overlap("Police arrested a man in Hangzhou on Monday.", "Police arrested a man in Hangzhou on Monday")
    1.0
    """
    one, other = _runs(_joined(_parts(a))), _runs(_joined(_parts(b)))
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else 0.0


@dataclass(frozen=True, slots=True)
class Copy(Generic[K]):
    """A text that is a copy.

    key          of its original: among the texts that cover it nearly equally well, the one added first
    containment  share of the shorter of both texts that the other has, COPY..1
    residue      the sentences, in order, that neither the original nor another text it copies has; also those in which
                 a word, number, name or date is not as there
    """

    key: K
    containment: float
    residue: tuple[str, ...]


class Index(Generic[K]):
    """The texts known so far, by a key of the caller's, in the order in which they were added."""

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}
        self._keys: list[K] = []
        self._packed: list[bytes] = []
        self._sizes = array("I")
        self._postings = _Postings()
        self._recent: dict[str, deque[frozenset[int]]] = {}
        self._unpacked: OrderedDict[int, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def find(self, text: str, *, source: str | None = None, exclude: K | None = None) -> Copy[K] | None:
        """Return what `text` copies, or None when it is fresh; changes nothing.

        source   who publishes it: what it repeats on page after page does not count
        exclude  a key that is passed over, such as the text's own when it is read again
        """
        parts = _parts(text)
        content = self._content(parts, source)
        own = _runs(_joined(content))
        passed = self._numbers.get(exclude) if exclude is not None else None
        matches = [m for m in self._compare(own, passed) if m.is_copy(len(own))]
        if not matches:
            return None
        best = max(m.shared for m in matches) - _ALIKE * len(own)
        original = min((m for m in matches if m.shared >= best), key=lambda m: m.number)
        known = [m.known for m in matches]
        residue = tuple(part.sentence for part in content if not any(has.says(part.words) for has in known))
        return Copy(self._keys[original.number], original.containment(len(own)), residue)

    def add(self, key: K, text: str, *, source: str | None = None) -> None:
        """Remember `text` under `key`; a key that is there already gets the new text and keeps its place."""
        parts = _parts(text)
        content = self._content(parts, source)
        if source is not None and key not in self._numbers:  # a page that is read again repeats itself, not another
            self._recent.setdefault(source, deque(maxlen=_RECENT)).append(frozenset(part.mark for part in parts))
        self._put(key, content)

    def replace(self, key: K, text: str) -> None:
        """Put the new text of an edited page in the place of its old one.

        Raises   KeyError if nothing was added under `key`.
        """
        if key not in self._numbers:
            raise KeyError(key)
        self._put(key, _parts(text))

    def _put(self, key: K, parts: Sequence[_Part]) -> None:
        packed, runs = _Known.pack(parts), _runs(_joined(parts))
        number = self._numbers.setdefault(key, len(self._keys))
        if number == len(self._keys):
            self._keys.append(key)
            self._packed.append(packed)
            self._sizes.append(len(runs))
        else:
            self._packed[number], self._sizes[number] = packed, len(runs)
            self._unpacked.pop(number, None)
        for run in _sample(runs):
            self._postings.add(run, number)

    def _content(self, parts: Sequence[_Part], source: str | None) -> Sequence[_Part]:
        """Leave out what the source repeats, unless nothing to speak of would remain (it repeats a whole article)."""
        pages = self._recent.get(source, ()) if source is not None else ()
        if len(pages) < _REPEATED:
            return parts
        content = [part for part in parts if sum(part.mark in page for page in pages) < _REPEATED]
        size = sum(len(part.words) for part in content)
        return content if size >= 2 * _LEAST_SHARED else parts

    def _compare(self, own: frozenset[int], passed: int | None) -> list[_Match]:
        """Compare in full with the texts that share most of the looked-up runs."""
        hits = Counter(chain.from_iterable(map(self._postings.get, own)))
        if passed is not None:
            hits.pop(passed, None)
        promise = {
            number: count * _stride(self._sizes[number]) / max(1, min(len(own), self._sizes[number]))
            for number, count in hits.items()
        }
        # Ten steps are all that an estimate can tell apart; within a step the earliest is looked at first.
        likely = sorted(promise, key=lambda number: (-min(10, round(10 * promise[number])), number))[:_MOST_COMPARED]
        known = ((number, self._known(number)) for number in likely)
        return [_Match(number, has, len(own & has.runs)) for number, has in known]

    def _known(self, number: int) -> _Known:
        """Unpack a text, or take it from those unpacked lately."""
        found = self._unpacked.pop(number, None) or _Known(self._packed[number])
        self._unpacked[number] = found
        if len(self._unpacked) > _UNPACKED:
            self._unpacked.popitem(last=False)
        return found


# ------------------------------------------------------------------------------------------------- a text, taken apart


@dataclass(frozen=True, slots=True)
class _Part:
    """A sentence, its words, and a mark by which it is known again."""

    sentence: str
    words: tuple[str, ...]
    mark: int


# Where and by which agency a report was written: reprints drop it, or add their own.
_DATELINE = re.compile(
    r"""\s*(?:
        (?: [A-Z][A-Z .,/]{1,40} | [A-Z][a-z]+(?:[ ][A-Z][a-z]+){0,2} )?            # BEIJING, Aug 9 (Reuters) -
        (?: ,?\s[A-Z][a-z]{2,8}\.?\s\d{1,2} )? ,?\s* \([A-Z][\w ]{1,30}\) \s*[-–—]{1,2}\s+
      | [A-Z][A-Z .,/]{2,30} (?: ,\s[A-Z][a-z]{2,8}\.?\s\d{1,2} )? \s?[-–—]{1,2}\s+      # LONDON, 9 Aug -
      | [（(【[]? [^，。！？\n\d]{0,12} (?:社|报|网|台|新闻|客户端|财经)                   # 新华社杭州8月9日电
        (?: [^，。！？\n\d] | \d{1,4}[年月日] ){0,14} (?:讯|电|消息|报道) [）)】\]：:，,\s]+
    )""",
    re.VERBOSE,
)


@lru_cache(maxsize=2)  # a text is looked for, then added
def _parts(text: str) -> Sequence[_Part]:
    """Cut a text into its sentences, their datelines left aside."""
    parts = []
    for sentence in sentences(text):
        dateline = _DATELINE.match(sentence)
        words = tuple(tokens(simplified(sentence[dateline.end() :] if dateline else sentence)))
        if words:
            parts.append(_Part(sentence, words, hash(words)))
    return tuple(parts)


def _joined(parts: Iterable[_Part]) -> Sequence[str]:
    return tuple(word for part in parts for word in part.words)


@lru_cache(maxsize=8)
def _runs(words: Sequence[str]) -> frozenset[int]:
    """Return the 64-bit hashes of all runs of `_RUN_UNITS`; a shorter text is one run."""
    joined = " ".join(words).encode("utf-8", "surrogatepass")
    starts = [0, *(blank.end() for blank in re.finditer(b" ", joined)), len(joined) + 1]  # no word has a blank
    units = [_CHARACTER_UNITS if len(word) == 1 and word >= _FIRST_CHARACTER else _WORD_UNITS for word in words]
    found, end, filled = set(), 0, 0
    for start in range(len(words)):
        while filled < _RUN_UNITS and end < len(words):
            filled += units[end]
            end += 1
        if filled < _RUN_UNITS and start:
            break
        found.add(xxhash.xxh3_64_intdigest(joined[starts[start] : starts[end] - 1]))
        filled -= units[start]
    return frozenset(found)


def _stride(size: int) -> int:
    """Return how many runs stand behind each one kept for look-up: a power of two, so that samples agree."""
    return 1 << max(0, (size - 1) // _SAMPLE).bit_length()


def _sample(runs: frozenset[int]) -> Iterable[int]:
    # Bits apart from those by which the postings are filed, which would else fill up unevenly.
    mask = (_stride(len(runs)) - 1) << _Postings.SHARD_BITS
    return (run for run in runs if not run & mask)


# ------------------------------------------------------------------------------------------------- a text, compared to

# Words whose coming and going changes nothing that is said.  Not here: negations, "will", "may", "by", passive marks.
_LIGHT_WORDS = (
    "a an the and that which also said says of in on at to for its it this as der die das und den dem le la les de du "
    "des et el los las y 的 了 着 也 都 而 及 与 和 等 在 于 其 该 这 那 之 据 并 则 又"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
_RUN_LEAST = 3  # words that must stand together to be found again
_GAP_MOST = 4  # light words in a row that may come or go


class _Known:
    """A text of the index, unpacked: its runs, and its words in order, a line for each sentence."""

    def __init__(self, packed: bytes) -> None:
        self._lines = zlib.decompress(packed).decode("utf-8", "surrogatepass")
        self.runs = _runs(tuple(self._lines.split()))

    @staticmethod
    def pack(parts: Iterable[_Part]) -> bytes:
        lines = "".join(f"\n {' '.join(part.words)} " for part in parts)
        return zlib.compress(f"{lines}\n".encode("utf-8", "surrogatepass"), 6)

    def says(self, words: Sequence[str]) -> bool:
        """Tell whether the text has the sentence, word by word but for light words.

        A part of a sentence is not enough: "Wang was fired" is not said by "It is not true that Wang was fired".
        """
        if f"\n {' '.join(words)} \n" in self._lines:
            return True
        at, position = 0, -1
        while at < len(words):
            begin, found = self._find(words, at, position)
            between = self._lines[position if position >= 0 else self._lines.rfind("\n", 0, found + 1) : found]
            if not _are_light(words[at:begin]) or (found >= 0 and not _are_light(between.split())):
                return False
            if found < 0:
                break
            at, position = self._follow(words, begin, found)
        rest = self._lines[position : self._lines.find("\n", position)]
        return position >= 0 and _are_light(rest.split())

    def _find(self, words: Sequence[str], at: int, position: int) -> tuple[int, int]:
        """Return the first word from `at` on with which a run begins that is here again, and where; or the end and -1.

        position   the run must not be before it
        """
        for begin in range(at, len(words) - _RUN_LEAST + 1):
            found = self._lines.find(f" {' '.join(words[begin : begin + _RUN_LEAST])} ", max(position, 0))
            if found >= 0:
                return begin, found
        return len(words), -1

    def _follow(self, words: Sequence[str], at: int, found: int) -> tuple[int, int]:
        """Go on as long as both agree; return the next word and where the text goes on."""
        while at < len(words) and self._lines.startswith(f" {words[at]} ", found):
            found += len(words[at]) + 1
            at += 1
        return at, found


def _are_light(words: Sequence[str]) -> bool:
    return len(words) <= _GAP_MOST and _LIGHT.issuperset(words)


@dataclass(frozen=True, slots=True)
class _Match:
    """A text of the index that shares runs with the one in question."""

    number: int
    known: _Known
    shared: int

    def containment(self, size: int) -> float:
        return self.shared / max(1, min(size, len(self.known.runs)))

    def is_copy(self, size: int) -> bool:
        containment = self.containment(size)
        return containment >= COPY and (self.shared >= _LEAST_SHARED or containment == 1)


# ------------------------------------------------------------------------------------------------------------ postings


class _Postings:
    """Which texts a run was seen in: an open-addressing hash table in plain arrays, eight bytes a pair.

    A dict of lists would take twelve times the memory.  The table is cut into shards, so that growing stops the caller
    for the time of one shard only.  A slot holds the run's upper 32 bits and the text's number + 1; 0 is free.
    """

    SHARD_BITS = 10

    def __init__(self) -> None:
        self._shards = [array("Q", bytes(64)) for _ in range(1 << self.SHARD_BITS)]
        self._used = [0] * len(self._shards)

    def get(self, run: int) -> list[int]:
        """Return the numbers of the texts in which the run was seen."""
        shard, mark = self._shards[run & (len(self._shards) - 1)], run >> 32
        size = len(shard)
        slot, found = mark % size, []
        while value := shard[slot]:
            if value >> 32 == mark:
                found.append((value & 0xFFFFFFFF) - 1)
            slot = slot + 1 if slot + 1 < size else 0
        return found

    def add(self, run: int, number: int) -> None:
        """Note that a text has the run, unless enough earlier ones have it."""
        seen = self.get(run)
        if len(seen) >= _MOST_PAGES or number in seen:
            return
        which = run & (len(self._shards) - 1)
        if 10 * (self._used[which] + 1) > 7 * len(self._shards[which]):
            self._grow(which)
        _insert(self._shards[which], (run >> 32) << 32 | (number + 1))
        self._used[which] += 1

    def _grow(self, which: int) -> None:
        old = self._shards[which]
        # In the order of the numbers, as the earliest text has to be found first.
        values = sorted(filter(None, old), key=lambda value: value & 0xFFFFFFFF)
        grown = array("Q", bytes(8 * (len(old) * 3 // 2 + 8)))
        for value in values:
            _insert(grown, value)
        self._shards[which] = grown


def _insert(shard: array[int], value: int) -> None:
    size = len(shard)
    slot = (value >> 32) % size
    while shard[slot]:
        slot = slot + 1 if slot + 1 < size else 0
    shard[slot] = value
