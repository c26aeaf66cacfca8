"""The article's own text, picked out of a page's blocks.

Four steps, each over the block list of one walk: (1) mark the boxes that hold something else (`elsewhere`); (2) find
the root, the smallest box with nearly all of the unmarked prose and the headline, and in it the home, where most of
that prose stands together; (3) keep what is at home, and of what stands apart only what belongs to it; (4) drop lines
that are no part of the story.  The thresholds were set on pages of some hundred sites; moving one of them by a third
hardly changes the figures (bench/extraction.md).
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from . import blocks, elsewhere, furniture, titles
from . import layout as layouts
from .blocks import Block, Boxes, MainText
from .furniture import Mark
from .layout import Layout

_INTO = 0.9  # the root: go into the child box that holds this much of its parent's prose
_HOME = 0.5  # the home: go into the child box that holds this much of the root's prose
_NO_HOME = frozenset({"p", "li", "ul", "ol", "blockquote", "pre", "dl", "dd", "dt", "tr", "tbody", "table"})

# What stands apart from home.
_LEAD_SHARE = 0.1  # before home: of the root's prose, a part so large belongs to it;
_LEAD = 120  # or one of so many letters
_WALL = 16  # after home: letters of links in between that are a wall
_SIDE_DENSITY = 0.05  # share of a part's text in links, from which a wall counts
_MOST_AT_HOME = 0.6  # share of the root's prose at home, from which only single paragraphs follow
_PART = 200  # letters of prose that a part after home has at least

_BETWEEN_CELLS = " | "
_SHORT_LINE = 120  # letters: a line that begins like furniture is furniture up to this length
_LONG_NOTICE = 600  # letters: and a notice up to this
_HEADING = 60  # letters: a line that may head the part after the article
_BEFORE_TAIL = 0.6  # share of the prose that stands before a tail
_SURELY_TAIL = 0.9
_GOES_ON = 80  # letters of a paragraph that shows that the article goes on
_A_SENTENCE = re.compile(r"\w{2}[.!?。！？](?:['\"”’」』)）]*$|\s)")  # one ends here
_WORD = re.compile(r"[^\W_]")
_LEAST = 20  # letters that make a paragraph, on a page that has no prose
_LABEL = 25  # letters of a bare line that is no sentence
_SHAPE = 4  # boxes around a heading by which it is likened to another
_NEXT_TO_NOTHING = 140  # letters of prose that cannot be all there is ...
_MUCH = 600  # ... on a page with so many
_MOSTLY = 0.5


def read(boxes: Boxes, found: Sequence[Block], title: str | None = None, *, repeated: Container[str] = ()) -> MainText:
    """Pick the article's paragraphs out of a page's boxes and blocks.

    title     the article's headline: it is left out of the text, and what stands before it too
    repeated  texts that the source shows on many pages: no part of this one's article
    Returns   no paragraphs when the page holds no prose
    """
    if not boxes:
        return MainText()
    layout = layouts.of(boxes, found, title)
    marks, cards = elsewhere.marks(layout)
    kept = _keep(layout, marks, title, repeated)
    if _letters(kept) < _NEXT_TO_NOTHING and layout.prose[0] >= _MUCH:  # the names must have said too much
        marks, cards = elsewhere.marks(layout, least=Mark.NEVER)
        kept = _keep(layout, marks, title, repeated)
    total = layout.length[0]
    return MainText(
        paragraphs=tuple(_lines_of(boxes, kept)),
        total=total,
        link_share=layout.linked[0] / total if total else 0.0,
        links=sum(1 for block in found if block.linked and block.is_link),
        cards=cards,
        lines=_lines(found, title, kept),
    )


def _lines_of(boxes: Boxes, kept: Sequence[Block]) -> list[str]:
    """Write each block as a paragraph, and the cells of a row as one line."""
    lines: list[str] = []
    last = -1
    for block in kept:
        parent = boxes.parents[block.box]
        row = parent if boxes.tags[parent] == "tr" else -1
        if row >= 0 and row == last:
            lines[-1] += f"{_BETWEEN_CELLS}{block.text}"
        else:
            lines.append(block.text)
        last = row
    return lines


def _lines(found: Sequence[Block], title: str | None, kept: Sequence[Block]) -> tuple[str, ...]:
    """List the short lines that follow the headline closely, then those that lead to it.

    Where no heading is the headline, the lines that lead to the text are taken.
    """
    for number, block in enumerate(found):
        if title and block.kind == "heading" and titles.alike(block.text, title):
            near = [*found[number + 1 : number + 9], *found[max(0, number - 4) : number]]
            return tuple(one.text for one in near if one.length <= _SHORT_LINE)
    first = next((number for number, block in enumerate(found) if kept and block is kept[0]), 0)
    return tuple(one.text for one in found[max(0, first - 5) : first] if one.length <= _SHORT_LINE)


def _keep(layout: Layout, marks: list[Mark], title: str | None, repeated: Container[str]) -> list[Block]:
    boxes = layout.boxes
    prose = [0] * len(boxes)
    for block in layout.blocks:
        if not marks[block.box]:
            prose[block.box] += block.prose
    layouts.add_up(boxes, prose)
    best = _best_children(boxes, prose)
    root = _root(layout, prose, best)
    inside = layout.inside(root)
    body = [
        block
        for block in layout.blocks
        if block.box in inside and not marks[block.box] and block.kind != "caption" and block.text not in repeated
    ]
    if title:
        body = _after_headline(layout, body, title)
    body = _before_tail(boxes, body)
    body = _attached(layout, body, marks, prose, root, _home(boxes, prose, best, root))
    body = [block for block in body if not _is_furniture(block, title)]
    return _trimmed(_once(body))


# -------------------------------------------------------------------------------------------- (2) where the article is


def _best_children(boxes: Boxes, prose: list[int]) -> dict[int, int]:
    """Find for each box the box in it that holds the most prose."""
    best: dict[int, int] = {}
    for number in range(1, len(boxes)):
        if prose[number]:
            parent = boxes.parents[number]
            if parent not in best or prose[number] > prose[best[parent]]:
                best[parent] = number
    return best


def _root(layout: Layout, prose: list[int], best: dict[int, int]) -> int:
    """Go from the body into the box with nearly all of its parent's prose, as long as the headline is inside too."""
    root = 0
    while root in best and prose[best[root]] >= _INTO * prose[root]:
        if root in layout.around and best[root] not in layout.around:
            break
        root = best[root]
    return root


def _home(boxes: Boxes, prose: list[int], best: dict[int, int], root: int) -> int:
    """Go on from the root to the smallest container that still holds most of its prose."""
    home = root
    while home in best and prose[best[home]] >= _HOME * prose[root]:
        home = best[home]
    while home != root and boxes.tags[home] in _NO_HOME:
        home = boxes.parents[home]
    return home


# ----------------------------------------------------------------------------------------------- (3) what belongs to it


@dataclass(frozen=True, slots=True)
class _Home:
    """Where most of the article stands.

    first, last  the blocks of its prose
    share        of the root's prose
    ways         for each box around it, the box in that on the way to it
    """

    first: int
    last: int
    share: float
    ways: dict[int, int]


def _attached(
    layout: Layout, body: list[Block], marks: list[Mark], prose: list[int], root: int, box: int
) -> list[Block]:
    """Drop what stands apart from home and does not belong to it."""
    if box == root:
        return body
    at_home = layout.inside(box)
    own = [
        number for number, one in enumerate(layout.blocks) if one.prose and one.box in at_home and not marks[one.box]
    ]
    ways = {layout.boxes.parents[one]: one for one in layout.path(box)}
    home = _Home(own[0], own[-1], prose[box] / prose[root], ways)
    numbers = {id(block): number for number, block in enumerate(layout.blocks)}
    return [
        block
        for block in body
        if block.box in at_home or _belongs(layout, block, numbers[id(block)], home, prose, prose[root])
    ]


def _belongs(layout: Layout, block: Block, number: int, home: _Home, prose: list[int], whole: int) -> bool:
    """Tell whether a block apart from home belongs to it, by the largest box around it that does not hold home."""
    branch = _branch(layout, block.box, home)
    if branch is None:
        amount, density = block.prose, block.linked / max(1, block.length)
    else:
        amount, density = prose[branch], layout.density(branch)
    if branch is not None and _is_like_home(layout, branch, amount, home):
        return True
    if number < home.first:
        is_deck = block.kind == "p" and layout.boxes.parents[block.box] in layout.around
        return is_deck or amount > min(_LEAD, _LEAD_SHARE * whole)
    wall = sum(
        one.linked
        for one in layout.blocks[home.last + 1 : number]
        if one.linked and (branch is None or one.box < branch)
    )
    if density > _SIDE_DENSITY:
        return wall <= _WALL and amount != block.prose
    if home.share < _MOST_AT_HOME:
        return amount > _PART
    return amount == block.prose and block.kind == "p" and wall <= _WALL


def _branch(layout: Layout, box: int, home: _Home) -> int | None:
    """Find the largest box around `box` that does not hold home; None: home is in `box` itself."""
    branch = None
    while box not in home.ways:
        branch, box = box, layout.boxes.parents[box]
    return branch


def _is_like_home(layout: Layout, branch: int, amount: int, home: _Home) -> bool:
    """Tell whether a branch is named as the one that holds home, and is mostly prose too."""
    tags, words = layout.boxes.tags, layout.boxes.words
    way = home.ways[layout.boxes.parents[branch]]
    return (tags[way], words[way]) == (tags[branch], words[branch]) and amount > _MOSTLY * layout.length[branch]


def _after_headline(layout: Layout, body: list[Block], title: str) -> list[Block]:
    """Drop what stands before the headline, if most prose follows it, and further articles after this one."""
    starts = [
        number for number, block in enumerate(body) if block.kind == "heading" and titles.alike(block.text, title)
    ]
    if not starts or _letters(body[starts[0] + 1 :]) <= _MOSTLY * _letters(body):
        return body
    after = body[starts[0] + 1 :]
    first = list(layout.path(body[starts[0]].box))
    shape = _shape(layout, first)
    for number, block in enumerate(after):
        if block.kind == "heading" and not titles.alike(block.text, title):
            around = list(layout.path(block.box))
            if _shape(layout, around) == shape and _heads_its_own(layout, around, first):
                return after[:number] if _letters(after[:number]) >= layouts.ARTICLE else after
    return after


def _shape(layout: Layout, around: list[int]) -> list[tuple[str, str]]:
    """Describe where a heading stands: two apart with the same shape head two things of the same kind."""
    return [(layout.boxes.tags[one], layout.boxes.words[one]) for one in around[:_SHAPE]]


def _heads_its_own(layout: Layout, around: list[int], first: list[int]) -> bool:
    """Tell whether a heading stands in a box with prose that the first heading is outside of."""
    apart = [box for box in around if box not in first]
    return len(apart) > 1 and layout.prose[apart[-1]] > 0


def _before_tail(boxes: Boxes, body: list[Block]) -> list[Block]:
    """Drop what a line like "Related stories" heads, if most prose stands before it and none goes on after it."""
    whole = _letters(body)
    so_far = 0
    held: set[int] = set()
    for number, block in enumerate(body):
        if block.length <= _HEADING and so_far > _BEFORE_TAIL * whole and furniture.heads_tail(block.text):
            links_follow = any(one.is_link for one in body[number : number + 6])
            if (links_follow or so_far > _SURELY_TAIL * whole) and not _goes_on_in(boxes, body[number + 1 :], held):
                return body[:number]
        if block.prose:
            so_far += block.prose
            held.add(boxes.parents[block.box])
    return body


def _goes_on_in(boxes: Boxes, body: list[Block], held: set[int]) -> bool:
    """Tell whether a long paragraph still follows in one of the boxes that held the article so far."""
    return any(one.kind == "p" and one.prose > _GOES_ON and boxes.parents[one.box] in held for one in body)


# -------------------------------------------------------------------------------------------- (4) what is no part of it


def _once(body: list[Block]) -> list[Block]:
    """Drop what is repeated word for word."""
    seen: set[str] = set()
    kept: list[Block] = []
    for block in body:
        if block.length < blocks.PROSE or block.text not in seen:
            kept.append(block)
            seen.add(block.text)
    return kept


def _letters(body: list[Block]) -> int:
    return sum(block.prose for block in body)


def _is_furniture(block: Block, title: str | None) -> bool:
    if block.text == title or _WORD.search(block.text) is None:
        return True
    if block.is_link and not (block.kind == "p" and blocks.ends_sentence(block.text)):
        return True
    if block.length <= _SHORT_LINE and furniture.begins_line(block.text):
        return True
    if block.length <= _LONG_NOTICE and furniture.is_notice(block.text):
        return True
    return block.kind == "text" and block.length < _LABEL and not blocks.ends_sentence(block.text)


def _goes_on(block: Block, last: Block) -> bool:
    """Tell whether a short paragraph right behind the last prose is one more sentence of it, such as an update."""
    return block.kind == last.kind == "p" and not block.is_link and _A_SENTENCE.search(block.text) is not None


def _trimmed(body: list[Block]) -> list[Block]:
    """Drop what comes before the first and after the last prose."""
    prose = [number for number, block in enumerate(body) if block.prose]
    prose = prose or [number for number, block in enumerate(body) if block.kind == "p" and block.length >= _LEAST]
    if not prose:
        return []
    end = prose[-1] + 1
    while end < len(body) and _goes_on(body[end], body[prose[-1]]):
        end += 1
    return body[prose[0] : end]
