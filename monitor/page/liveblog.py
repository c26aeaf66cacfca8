"""A live blog as its dated updates, by its structure: like boxes side by side, or paragraphs, each with its time.

Comments and rows of teasers have that structure too; they are told by their names, and by the links that they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from .. import dates
from ..model import Update
from . import furniture, layout
from .blocks import Block, Boxes, ends_sentence
from .furniture import Mark

Stated = tuple[str | None, str | None, str]  # published, headline, body, as linked data give them

_ROW = 3  # updates that make a live blog
_MOSTLY = 0.6  # share of like boxes that have a time
_HEADS = 4  # blocks at the beginning of an update among which its time stands
_STAMP_LINE = 60  # letters of a line around a time: who wrote it, how long ago
_LEAST = 40  # letters of prose in an update, on average
_MOST = 1500  # and at most; longer ones are articles in a row
_TEASER = 250  # letters: a linked headline with less prose below shows another article
_LINK = 15  # letters of a link that is a headline
_AS_GOOD = 0.5  # share of the shown text that linked data must hold to be taken instead
_ORDERED = 0.8  # share of neighbours whose times run the same way
_OF_ALL = 0.4  # share of the page's prose that a live blog's updates hold
_BEFORE_THEM = 0.35  # and share of it that may stand before them; what readers write stands behind an article
_SHORT = 25  # letters: a line that is no sentence and no longer is furniture

_FLOWING = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "dt"})  # what follows these belongs to them
_AFTER = r"(?=\s|$|[-–—:|,(/]|[A-Z])"
_CLOCK = re.compile(
    r"(?:(?:um|at|kl\.?|ore|ora|à|às|a las|godz\.?)\s+)?"
    rf"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?(?:\s?Uhr)?(?:\s?(?:GMT|UTC|[A-Z]{{1,3}}S?T)\b)?{_AFTER}"
    r"|(?:[01]?\d|2[0-3])[.h][0-5]\d\s?(?:Uhr|[ap]\.?m\b\.?|GMT|UTC|BST|CES?T|$|(?=[-–—:|]))"
    r"|(?:1[0-2]|[1-9])\s?[ap]\.?m\b\.?"
    r"|(?:[01]?\d|2[0-3])[時时点點](?:[0-5]?\d分)?)",
    re.I,
)
_BEFORE = re.compile(r"[\W_]*")
_SEPARATOR = re.compile(r"^[\s\-–—:|,./)(\]]+")
_SAYS_LIVE = re.compile(
    r"\b(?:live[ -]?(?:blog|updates?|ticker|coverage|text|report)|liveblog|as it happened|news[- ]?ticker"
    r"|en (?:direct|vivo)|ao vivo|(?:in )?diretta|minuto a minuto|na żywo|relacja|canlı|онлайн|текстовая трансляция)\b"
    r"|^live\b|\blive$|[:|–—-]\s*live\b|直播|实时更新|實時更新|滚动|滾動|速報",
    re.I,
)
_HINT = re.compile(r"\d[:.hH時时点點]\s?\d|\d[ap ][. ]?[mM\d]|\d[時时点點]")
_MINUTES = re.compile(r"(?<!\d)([01]?\d|2[0-3])(?:[:.h时時]|(?=\s?[ap]\.?m))\s?([0-5]\d)?")
_NUMBERED = re.compile(r"\S*\d\S*")


def says_live(title: str | None) -> bool:
    """Tell whether a headline says that its page is a live blog."""
    return title is not None and _SAYS_LIVE.search(title) is not None


def read(
    boxes: Boxes,
    found: Sequence[Block],
    *,
    stated: Sequence[Stated] = (),
    day_first: bool = False,
    day: date | None = None,
) -> tuple[Update, ...]:
    """Split a live blog into its updates, in the order in which the page shows them; empty: it is none.

    boxes      of the page, and `found`, its blocks, as `blocks.read` gives them
    stated     what linked data say (liveBlogUpdate); taken where it holds about as much as is shown
    day_first  read 09/08/2021 as 9 August
    day        the day that a time alone belongs to; None: unknown
    """
    said = tuple(
        Update(_instant(published, day_first=day_first), headline, body) for published, headline, body in stated if body
    )
    shown = _shown(boxes, found, day_first=day_first, day=day)
    if len(said) >= _ROW and _letters(said) >= _AS_GOOD * _letters(shown):
        return said
    return shown


def _letters(updates: Sequence[Update]) -> int:
    return sum(len(update.text) for update in updates)


def _instant(text: str | None, *, day_first: bool) -> datetime | None:
    known = dates.instant(text, day_first=day_first) if text else None
    return known[0] if known else None


def _shown(boxes: Boxes, found: Sequence[Block], *, day_first: bool, day: date | None) -> tuple[Update, ...]:
    page = _Page(boxes, found, layout.ends(boxes), _starts(boxes, found))
    prose = sum(block.prose for block in found)
    if _times(boxes, found) < _ROW:
        return ()
    best: tuple[Update, ...] = ()
    for members in _rows(boxes):
        stamps = {number: stamp for number in members if (stamp := page.stamp(number))}
        if len(stamps) < _ROW or (page.is_boxed(members[0]) and len(stamps) < _MOSTLY * len(members)):
            continue
        if (
            not _in_order(list(stamps.values()))
            or page.is_elsewhere(members[0])
            or page.prose_before(min(stamps)) > _BEFORE_THEM * prose
        ):
            continue
        updates = tuple(page.updates(stamps, day_first=day_first, day=day))
        letters = _letters(updates)
        if len(updates) >= _ROW and _LEAST * len(updates) < letters < _MOST * len(updates):
            if letters < max(_letters(best), _OF_ALL * prose):
                continue
            best = updates
    return best


def _times(boxes: Boxes, found: Sequence[Block]) -> int:
    """Count what may be the time of an update: a quick look, which nearly all pages do not pass."""
    written = sum(1 for block in found if _HINT.search(block.text, 0, _STAMP_LINE))
    return written + len(boxes.datetimes)


def _in_order(stamps: Sequence[str]) -> bool:
    """Tell whether the times run one way, but for midnights: what many people wrote at any time does not."""
    minutes = [60 * int(match[1]) + int(match[2] or 0) for stamp in stamps if (match := _MINUTES.search(stamp))]
    falling = sum(1 for one, other in pairwise(minutes) if one >= other)
    rising = sum(1 for one, other in pairwise(minutes) if one <= other)
    return max(falling, rising) >= _ORDERED * (len(minutes) - 1)


def _rows(boxes: Boxes) -> Iterator[list[int]]:
    """List the rows of like boxes: same parent, same tag, same class, numbers in names left out."""
    rows: dict[tuple[int, str, str], list[int]] = {}
    plain: dict[str, str] = {}
    for number, words in enumerate(boxes.words):
        if words not in plain:
            plain[words] = " ".join(_NUMBERED.sub("", words).split())
        rows.setdefault((boxes.parents[number], boxes.tags[number], plain[words]), []).append(number)
    return (members for members in rows.values() if len(members) >= _ROW)


def _starts(boxes: Boxes, found: Sequence[Block]) -> dict[int, list[int]]:
    """Give for each box the blocks that stand in itself."""
    starts: dict[int, list[int]] = {}
    for number, block in enumerate(found):
        starts.setdefault(block.box, []).append(number)
    return starts


@dataclass(frozen=True, slots=True)
class _Page:
    boxes: Boxes
    found: Sequence[Block]
    ends: Sequence[int]
    starts: dict[int, list[int]]

    def blocks(self, first: int, end: int) -> list[Block]:
        """List the blocks in the boxes from one number to another, in document order."""
        numbers = [number for box in range(first, end) for number in self.starts.get(box, ())]
        return [self.found[number] for number in sorted(numbers)]

    def prose_before(self, number: int) -> int:
        return sum(block.prose for block in self.found if block.box < number)

    def is_boxed(self, number: int) -> bool:
        return self.boxes.tags[number] not in _FLOWING

    def is_elsewhere(self, number: int) -> bool:
        """Tell whether a box is, or is inside of, what others wrote, or what is hidden."""
        while number >= 0:
            tag = self.boxes.tags[number]
            if (
                number in self.boxes.hidden
                or tag == "blockquote"
                or (tag not in ("body", "html") and furniture.named(self.boxes.words[number])[0] == Mark.NEVER)
            ):
                return True
            number = self.boxes.parents[number]
        return False

    def stamp(self, number: int) -> str | None:
        """Give the time that a box begins with, as it writes it; None: it has none."""
        for inner in range(number, min(self.ends[number], number + 2 * _HEADS)):
            if inner in self.boxes.datetimes:
                return self.boxes.datetimes[inner]
        heads = self.blocks(number, min(self.ends[number], number + 4 * _HEADS))[:_HEADS]
        if not self.is_boxed(number):
            heads = heads[:1]
        return next((stamp for block in heads if (stamp := _stamp(block, first=block is heads[0]))), None)

    def updates(self, stamps: dict[int, str], *, day_first: bool, day: date | None) -> Iterator[Update]:
        members = sorted(stamps)
        teasers = 0
        for number, following in zip(members, [*members[1:], None], strict=True):
            end = self.ends[number] if self.is_boxed(number) else self._reach(number, following)
            blocks = self.blocks(number, end)
            teasers += self._is_teaser(blocks)
            if 2 * teasers > len(members):
                return
            headline, text = _read(blocks)
            if text:
                yield Update(_moment(stamps[number], day_first=day_first, day=day), headline, text)

    def _reach(self, number: int, following: int | None) -> int:
        """Give the number behind the last box that belongs to a paragraph with a time: up to the next such one."""
        if following is not None:
            return following
        return self.ends[self.boxes.parents[number]]

    def _is_teaser(self, blocks: list[Block]) -> bool:
        linked = any(block.is_link and block.length >= _LINK for block in blocks)
        return linked and sum(block.prose for block in blocks) < _TEASER


def _stamp(block: Block, *, first: bool) -> str | None:
    """Give the time at the start of a block, or anywhere in a short line; a whole date around it goes with it."""
    start = _BEFORE.match(block.text)
    if (match := _CLOCK.match(block.text, start.end() if start else 0)) and (first or block.length <= _STAMP_LINE):
        return match[0]
    if block.length > _STAMP_LINE or block.prose:
        return None
    return block.text if _CLOCK.search(block.text) else None


def _moment(stamp: str, *, day_first: bool, day: date | None) -> datetime | None:
    known = _instant(stamp, day_first=day_first)
    if known is None and day is not None and (clock := _CLOCK.search(stamp)):
        return _instant(f"{day.isoformat()} {clock[0].replace('h', ':')}", day_first=day_first)
    return known


def _read(blocks: list[Block]) -> tuple[str | None, str]:
    """Read an update's headline and text out of its blocks; the time is left out of both."""
    headline = None
    paragraphs: list[str] = []
    for number, block in enumerate(blocks):
        text = _unstamped(block) if number < _HEADS else block.text
        if not text or block.is_link or block.kind == "caption":
            continue
        if block.kind == "heading" and not paragraphs and headline is None:
            headline = text
        elif block.kind != "heading" and (len(text) > _SHORT or ends_sentence(text)) and not _is_line(block, text):
            paragraphs.append(text)
    return headline, "\n\n".join(paragraphs)


def _is_line(block: Block, text: str) -> bool:
    """Tell whether a block is a line around a time and no text: a name, a place, how long ago."""
    return block.length <= _STAMP_LINE and not ends_sentence(text) and _CLOCK.search(block.text) is not None


def _unstamped(block: Block) -> str:
    start = _BEFORE.match(block.text)
    match = _CLOCK.match(block.text, start.end() if start else 0)
    if match is None:
        return "" if block.length <= _STAMP_LINE and dates.instant(block.text) and not block.prose else block.text
    return _SEPARATOR.sub("", block.text[match.end() :])
