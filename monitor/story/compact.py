"""What a story keeps of thousands of articles, in plain arrays and compressed blocks instead of objects.

Numbers   words or sentences -> numbers, 0 and up, in the order in which they are met: 15 bytes each
Postings  a word's number -> the numbers of the texts that have it: 3 to 5 bytes each
Shelf     a row's number -> its bytes: as they compress

A dict of words takes 150 bytes a word, and an array of its own for every word that is told twice takes 170 more; most
words of a story are told once or twice.
"""

from __future__ import annotations

import zlib
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, pairwise

import xxhash


class Numbers:
    """Words, or other texts, numbered in the order in which they are met.

    A text is known again by its 64-bit hash, which stands in an open-addressing table of numbers.  The table is cut
    into shards, so that growing stops the caller for the time of one shard only.

    lately   texts asked for last that are kept in a dict, as most of those asked for next are among them
    """

    _SHARDS = 64

    def __init__(self, lately: int = 4_096) -> None:
        self._hashes = array("Q")
        self._shards = [array("I", bytes(32)) for _ in range(self._SHARDS)]  # number + 1; 0 is free
        self._used = [0] * self._SHARDS
        self._most_lately = lately
        self._lately: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._hashes)

    def known(self, texts: Iterable[str]) -> list[int]:
        """Return the number of each text; -1 for one that was never met."""
        lately = self._lately
        return [lately[text] if text in lately else self._look_up(text) for text in texts]

    def take(self, texts: Iterable[str]) -> list[int]:
        """Return the number of each text, new or not."""
        known = self._lately.get
        return [number if (number := known(text, -1)) >= 0 else self._take(text) for text in texts]

    def _look_up(self, text: str) -> int:
        return self._note(text, self._find(text))

    def _find(self, text: str) -> int:
        key = _hash(text)
        shard = self._shards[key % self._SHARDS]
        at = key // self._SHARDS % len(shard)
        while number := shard[at]:
            if self._hashes[number - 1] == key:
                return number - 1
            at = at + 1 if at + 1 < len(shard) else 0
        return -1

    def _take(self, text: str) -> int:
        number = self._find(text)
        if number >= 0:
            return self._note(text, number)
        key = _hash(text)
        which = key % self._SHARDS
        if 10 * (self._used[which] + 1) > 7 * len(self._shards[which]):
            self._grow(which)
        self._hashes.append(key)
        self._insert(self._shards[which], len(self._hashes))
        self._used[which] += 1
        return self._note(text, len(self._hashes) - 1)

    def _note(self, text: str, number: int) -> int:
        if len(self._lately) >= self._most_lately:
            self._lately.clear()
        self._lately[text] = number
        return number

    def _grow(self, which: int) -> None:
        old = self._shards[which]
        grown = array("I", bytes(4 * (len(old) * 3 // 2 + 8)))
        for number in filter(None, old):
            self._insert(grown, number)
        self._shards[which] = grown

    def _insert(self, shard: array[int], number: int) -> None:
        at = self._hashes[number - 1] // self._SHARDS % len(shard)
        while shard[at]:
            at = at + 1 if at + 1 < len(shard) else 0
        shard[at] = number


def _hash(text: str) -> int:
    # Not Python's own: it takes the bytes as they lie in memory, where "baba" and "慢慢" are the same.
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


class Postings:
    """Which texts have a word, in the order in which they were added.

    The texts of a word that is told more than once stand in a block with room for 2, 4, 8, … of them; all blocks of
    one size share an array, and one that was outgrown is taken by the next word.  The numbers of the first 65,535 texts
    take two bytes; then all are widened.
    """

    def __init__(self) -> None:
        self._told = array("H")  # in how many texts a word is
        self._where = array("I")  # the one text, or the number of the block among those of its size
        self._blocks: list[array[int]] = []
        self._free: list[array[int]] = []

    def counts(self, words: Iterable[int]) -> list[int]:
        """Return how many texts have each word; 0 for a number that no word has."""
        told, most = self._told, len(self._told)
        return [told[word] if 0 <= word < most else 0 for word in words]

    def add(self, text: int, words: Collection[int]) -> None:
        """Note that a text has these words, each given once."""
        if text >= 0xFFFF and self._told.typecode == "H":
            self._told = array("I", self._told)
            self._blocks = [array("I", block) for block in self._blocks]
        missing = max(0, max(words, default=-1) + 1 - len(self._told))
        self._told.frombytes(bytes(missing * self._told.itemsize))
        self._where.frombytes(bytes(missing * self._where.itemsize))
        counts, where, blocks = self._told, self._where, self._blocks
        for word in words:
            told = counts[word]
            if not told:
                where[word] = text
            elif told & (told - 1):  # no power of two: there is room left
                size = (told - 1).bit_length()
                blocks[size - 1][(where[word] << size) + told] = text
            else:
                self._move(word, array(counts.typecode, (*self.latest(word, told), text)))
            counts[word] = told + 1

    def latest(self, word: int, most: int) -> Sequence[int]:
        """Return the texts that have a word: the first, and at most `most` of the others, the latest."""
        told = self._told[word] if 0 <= word < len(self._told) else 0
        if told < 2:
            return self._where[word : word + told] if told else ()
        size, start = self._block(word)
        texts = self._blocks[size][start : start + told]
        return texts if told <= most + 1 else texts[:1] + texts[-most:]

    def _block(self, word: int) -> tuple[int, int]:
        """Return the size of a word's block, as the number of its array, and where it starts there."""
        size = (self._told[word] - 1).bit_length() - 1
        return size, self._where[word] << (size + 1)

    def _move(self, word: int, texts: array[int]) -> None:
        """Give a word a block of twice the size, of which these texts fill a half and one place more."""
        told = self._told[word]
        if told > 1:
            self._free[self._block(word)[0]].append(self._where[word])
        size = told.bit_length() - 1
        if size == len(self._blocks):
            self._blocks.append(array(texts.typecode))
            self._free.append(array("I"))
        room = 2 << size
        if self._free[size]:
            block = self._free[size].pop()
        else:
            block = len(self._blocks[size]) // room
            self._blocks[size].frombytes(bytes(room * texts.itemsize))
        self._blocks[size][block * room : block * room + len(texts)] = texts
        self._where[word] = block


class Shelf:
    """Rows of bytes, by their numbers: the latest as they are, the others compressed in blocks.

    rows    of a block, all of which are unpacked for one of them
    opened  blocks that are kept unpacked: what was asked for lately is asked for again
    """

    def __init__(self, rows: int, opened: int) -> None:
        self._rows = rows
        self._most_opened = opened
        self._blocks: list[bytes] = []
        self._latest: list[bytes] = []
        self._opened: OrderedDict[int, Sequence[bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._blocks) * self._rows + len(self._latest)

    def add(self, row: bytes) -> None:
        """Put a row behind the others."""
        self._latest.append(row)
        if len(self._latest) == self._rows:
            lengths = array("I", map(len, self._latest))
            self._blocks.append(zlib.compress(lengths.tobytes() + b"".join(self._latest), 6))
            self._latest.clear()

    def __getitem__(self, number: int) -> bytes:
        block, at = divmod(number, self._rows)
        return self._latest[at] if block == len(self._blocks) else self._open(block)[at]

    def _open(self, block: int) -> Sequence[bytes]:
        rows = self._opened.pop(block, None)
        if rows is None:
            packed = zlib.decompress(self._blocks[block])
            lengths = array("I", packed[: 4 * self._rows])
            ends = accumulate(lengths, initial=4 * self._rows)
            rows = [packed[start:end] for start, end in pairwise(ends)]
        self._opened[block] = rows
        if len(self._opened) > self._most_opened:
            self._opened.popitem(last=False)
        return rows
