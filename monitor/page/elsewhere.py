"""Which boxes of a page hold something else than its article.

By name: a class, id or tag that says so.  By shape: rows of cards, each the linked headline of another article; rows
of signed and dated entries, which readers wrote; a further article below the first.  No rule names a site.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from . import blocks, furniture
from .blocks import Block
from .furniture import Mark
from .layout import ARTICLE, Layout

Named = tuple[Mark, str]

_NEVER_OTHER = frozenset({"body", "main", "p", "h1", "h2", "h3"})
_OTHER_TAGS = frozenset({"aside", "footer"})
_IN_ROWS = frozenset({"div", "li", "article", "section", "td", "tr", "a", "figure", "dl", "dd", "table"})
_NUMBERS = "0123456789-_"
_NO_MARK: Named = (Mark.NONE, "")
_HIDDEN: Named = (Mark.OTHER, "hidden by its author")  # not the class "hidden", which may hide a label only

# A box that holds more of the page's prose than this is the article, whatever it is called, ...
_IN_DISGUISE = {Mark.MAYBE: 0.25, Mark.OTHER: 0.5}
# ... unless one box that no name speaks against holds an article of its own: so many letters, and such a share.
_UNSUSPECTED = 600
_UNSUSPECTED_SHARE = 0.1

_ROW = 3  # cards that make a row
_CARD = 400  # letters of prose that a card holds at most, on average
_MOSTLY_CARDS = 0.7
_MOST_LINKS = 6  # headlines in one card
_THREAD = 4  # entries that make a thread of comments
_BEFORE_THREAD = 250  # letters of prose before it
_MOSTLY_PROSE = 0.6
_MOSTLY_SIGNED = 0.8
_SIGNATURE = 60  # letters of a line that holds a time


def marks(layout: Layout, *, least: Mark = Mark.MAYBE) -> tuple[list[Mark], int]:
    """Mark each box that is, or is inside of, something else than the article; give the number of cards, too.

    A box around the page's main heading is part of its layout, whatever it is called; so is one with much of the prose.

    least  names that say less than this count for nothing
    """
    rows = list(_rows(layout))
    cards = _cards(layout, rows)
    named = _named(layout)
    trusted = _in_disguise(layout, named) | layout.around
    own = {number: mark for number, (mark, _) in named.items() if mark >= least and number not in trusted}
    for number in cards - layout.around:
        own[number] = max(own.get(number, Mark.NONE), Mark.OTHER)
    own.update(dict.fromkeys(_threads(layout, rows) | _further_articles(layout), Mark.NEVER))
    return _spread(layout, own), len(cards)


def _spread(layout: Layout, own: Mapping[int, Mark]) -> list[Mark]:
    """Give each box the greatest mark of itself and of the boxes around it."""
    found = [Mark.NONE] * len(layout.boxes)
    for number in sorted(own):
        mark = own[number]
        if mark > found[number]:
            end = layout.ends[number]
            found[number:end] = [mark] * (end - number)
    return found


# ------------------------------------------------------------------------------------------------------------ by name


def _named(layout: Layout) -> dict[int, Named]:
    """Mark the boxes with text that their author calls something else, with the word that says so, as they stand."""
    named: dict[int, Named] = {}
    for number, (tag, words) in enumerate(zip(layout.boxes.tags, layout.boxes.words, strict=True)):
        if not layout.length[number]:
            continue
        mark = furniture.named(words) if words and tag not in _NEVER_OTHER else _NO_MARK
        if tag in _OTHER_TAGS and mark[0] < Mark.OTHER:
            mark = (Mark.OTHER, tag)
        if number in layout.boxes.hidden and mark[0] != Mark.NEVER:
            mark = _HIDDEN
        if mark[0] and number:
            named[number] = mark
    return named


def _in_disguise(layout: Layout, named: Mapping[int, Named]) -> set[int]:
    """Find the boxes whose names speak against them, but that hold so much prose that they are the article."""
    said = _prose_by_word(layout, named)
    whole = layout.prose[0] - sum(amount for (mark, _), amount in said.items() if mark == Mark.NEVER)
    trusted: set[int] = set()
    doubted: set[int] = set()
    for number, key in named.items():
        mark = key[0]
        if mark == Mark.NEVER:
            continue
        alone = layout.prose[number] > _IN_DISGUISE[mark] * whole
        together = key != _HIDDEN and said[key] > _IN_DISGUISE[Mark.OTHER] * whole
        if alone or together:
            (doubted if mark == Mark.OTHER and key != _HIDDEN else trusted).add(number)
    return trusted if doubted and _is_elsewhere(layout, named) else trusted | doubted


def _prose_by_word(layout: Layout, named: Mapping[int, Named]) -> dict[Named, int]:
    """Measure the prose inside boxes of each word: one that holds most of a page's prose belongs to its layout."""
    said: dict[Named, int] = {}
    end: dict[Named, int] = {}  # of the last box of a word that is not inside of another one
    for number, key in named.items():
        if number >= end.get(key, 0):
            said[key] = said.get(key, 0) + layout.prose[number]
            end[key] = layout.ends[number]
    return said


def _is_elsewhere(layout: Layout, named: Mapping[int, Named]) -> bool:
    """Tell whether one box that no name speaks against holds an article of its own."""
    against = _spread(
        layout,
        {number: mark for number, (mark, _) in named.items() if mark >= Mark.OTHER and number not in layout.around},
    )
    own: dict[int, int] = {}
    for block in layout.blocks:
        if block.prose and not against[block.box]:
            parent = layout.boxes.parents[block.box]
            own[parent] = own.get(parent, 0) + layout.own_prose(block)
    return max(own.values(), default=0) >= max(_UNSUSPECTED, _UNSUSPECTED_SHARE * layout.prose[0])


# ----------------------------------------------------------------------------------------------------------- by shape


def _rows(layout: Layout) -> Iterator[list[int]]:
    """List the rows of like boxes: in the same box, of the same tag and names, but for a number at the end.

    Rows without any prose or headline of another article are left out.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    for number, (tag, parent) in enumerate(zip(layout.boxes.tags, layout.boxes.parents, strict=True)):
        if tag in _IN_ROWS:
            children[parent].append(number)
    for parent, numbers in children.items():
        if len(numbers) >= _ROW and (layout.prose[parent] or layout.headlines[parent]):
            rows: dict[tuple[str, str], list[int]] = {}
            for number in numbers:
                alike = layout.boxes.tags[number], layout.boxes.words[number].rstrip(_NUMBERS)
                rows.setdefault(alike, []).append(number)
            yield from (members for members in rows.values() if len(members) >= _ROW)


def _cards(layout: Layout, rows: Sequence[Sequence[int]]) -> set[int]:
    """Find rows of like boxes, each a linked headline with little else: other articles."""
    cards: set[int] = set()
    for members in rows:
        linked = sum(1 for number in members if 0 < layout.headlines[number] <= _MOST_LINKS)
        prose = sum(layout.prose[number] for number in members)
        if linked >= _MOSTLY_CARDS * len(members) and prose < _CARD * len(members):
            cards.update(members)
    return cards


def _threads(layout: Layout, rows: Sequence[Sequence[int]]) -> set[int]:
    """Find rows of entries below the article, each of some sentences and a line with a time: what readers wrote."""
    threads: set[int] = set()
    for members in rows:
        told = [number for number in members if layout.prose[number]]
        if len(told) < max(_THREAD, _MOSTLY_PROSE * len(members)):
            continue
        if layout.prose_before(layout.boxes.parents[members[0]]) >= _BEFORE_THREAD and _are_entries(layout, told):
            threads.update(members)
    return threads


def _are_entries(layout: Layout, members: Sequence[int]) -> bool:
    """Tell whether boxes are what readers wrote: most are signed, and none has a heading."""
    signed: set[int] = set()
    for block in layout.blocks:
        number = members[bisect_right(members, block.box) - 1]
        if block.box in layout.inside(number):
            if block.kind == "heading":
                return False
            if number not in signed and _is_signature(block):
                signed.add(number)
    return len(signed) >= _MOSTLY_SIGNED * len(members)


def _is_signature(block: Block) -> bool:
    """Tell whether a line may name who wrote an entry, and when."""
    if block.length >= _SIGNATURE or blocks.ends_sentence(block.text):
        return False
    return any(letter.isdigit() for letter in block.text)


def _further_articles(layout: Layout) -> set[int]:
    """Find the articles that follow the one under the headline, each with a heading of its own."""
    first = next((number for number in sorted(layout.around) if layout.boxes.tags[number] == "article"), None)
    if first is None or layout.prose[first] < ARTICLE:
        return set()
    headed: set[int] = set()
    for block in layout.blocks:
        if block.kind == "heading" and layout.boxes.tags[block.box] in ("h1", "h2"):
            headed.update(layout.path(block.box))
    behind = range(layout.ends[first], len(layout.boxes))
    return {number for number in behind if layout.boxes.tags[number] == "article" and number in headed}
