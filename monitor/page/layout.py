"""A page's boxes and blocks, with what each box holds in all: the sums that rules about a page's shape ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import titles
from .blocks import Block, Boxes

ARTICLE = 300  # letters of prose that an article has at least, before another one may begin
_A_LINK = 15  # letters of a link that may be a headline
_TEXT_BESIDE_LINKS = 0.3  # share of a block in links, below which its prose is a page's own


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of a page; prose, length, linked and headlines are sums over all that is in a box.

    ends       for each box the number behind the last box in it
    around     the numbers of the boxes around the page's main heading; empty: it shows none
    headlines  links long enough to be the headline of another article
    """

    boxes: Boxes
    blocks: Sequence[Block]
    ends: Sequence[int]
    around: frozenset[int]
    prose: Sequence[int]
    length: Sequence[int]
    linked: Sequence[int]
    headlines: Sequence[int]

    def path(self, number: int) -> Iterator[int]:
        """List a box and all boxes around it, from the inside out."""
        return _path(self.boxes, number)

    def inside(self, outer: int) -> range:
        """Give the numbers of the box `outer` and of all boxes in it."""
        return range(outer, self.ends[outer])

    def density(self, number: int) -> float:
        """Give the share of a box's text that is in links."""
        return self.linked[number] / max(1, self.length[number])

    def own_prose(self, block: Block) -> int:
        """Give a block's prose, if it is not full of links."""
        return block.prose if block.linked < _TEXT_BESIDE_LINKS * block.length else 0

    def prose_before(self, number: int) -> int:
        """Measure the prose that stands before a box and is not full of links."""
        own = 0
        for block in self.blocks:
            if block.box >= number:
                break
            own += self.own_prose(block)
        return own


def of(boxes: Boxes, blocks: Sequence[Block], title: str | None) -> Layout:
    """Measure a page whose headline is `title`."""
    prose, length, linked, headlines = ([0] * len(boxes) for _ in range(4))
    for block in blocks:
        box = block.box
        length[box] += block.length
        prose[box] += block.prose
        if block.linked:
            linked[box] += block.linked
            headlines[box] += is_headline(block)
    for totals in (prose, length, linked, headlines):
        add_up(boxes, totals)
    around = _around_headline(boxes, blocks, title)
    return Layout(boxes, blocks, ends(boxes), around, prose, length, linked, headlines)


def ends(boxes: Boxes) -> list[int]:
    """Give for each box the number behind the last box in it."""
    parents = boxes.parents
    found = list(range(1, len(boxes) + 1))
    for number in range(len(boxes) - 1, 0, -1):
        parent = parents[number]
        if found[parent] < found[number]:
            found[parent] = found[number]
    return found


def add_up(boxes: Boxes, totals: list[int]) -> None:
    """Add what each box holds itself to all boxes around it, in place."""
    parents = boxes.parents
    for number in range(len(parents) - 1, 0, -1):
        if totals[number]:
            totals[parents[number]] += totals[number]


def is_headline(block: Block) -> bool:
    """Tell whether a block is a link long enough to be the headline of another article."""
    return block.length >= _A_LINK and block.is_link


def _around_headline(boxes: Boxes, blocks: Sequence[Block], title: str | None) -> frozenset[int]:
    """Find the boxes around the first main heading that says what the title says."""
    for block in blocks:
        if block.kind == "heading" and title and boxes.tags[block.box] == "h1" and titles.alike(block.text, title):
            return frozenset(_path(boxes, block.box))
    return frozenset()


def _path(boxes: Boxes, number: int) -> Iterator[int]:
    while number >= 0:
        yield number
        number = boxes.parents[number]
