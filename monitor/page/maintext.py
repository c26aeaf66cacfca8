"""The article's own text, picked out of a page's blocks.

Three steps, each over the block list of one walk: (1) mark the boxes that name themselves as something else, or that
look like rows of cards; (2) find the smallest box that holds nearly all of the unmarked prose, and the headline; (3) in
it keep prose and what stands between prose.  No rule names a site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from . import blocks, furniture, titles
from .blocks import Block, Box, MainText
from .furniture import Mark

_NEVER_OTHER = frozenset({"body", "main", "p", "h1", "h2", "h3"})
_OTHER_TAGS = frozenset({"aside", "footer"})
_IN_ROWS = frozenset({"div", "li", "article", "section", "td", "tr", "a", "figure", "dl"})

_SHORT_LINE = 120  # letters: a line that begins like furniture is furniture up to this length
_HEADING = 60  # letters: a line that may head the part after the article
_A_SENTENCE = re.compile(r"\w{2}[.!?。！？](?:['\"”’」』)）]*$|\s)")  # one ends here
_LEAST = 20  # letters that make a paragraph, on a page that has no prose
# A box that holds more of the page's prose than this is the article, whatever it is called.
_IN_DISGUISE = {Mark.MAYBE: 0.25, Mark.OTHER: 0.5}
_INTO = 0.9  # go into the child box that holds this much of its parent's prose
_CARD = 400  # letters of prose that a card holds at most, on average
_ARTICLE = 300  # letters of prose that an article has at least, before another one may begin
_ROW = 3  # cards that make a row

_NO_MARK = (Mark.NONE, "")

Named = tuple[Mark, str]


def read(body: LexborNode, title: str | None = None) -> MainText:
    """Pick the article's paragraphs out of a page's body.

    title     the article's headline: it is left out of the text, and what stands before it too
    Returns   no paragraphs when the page holds no prose
    """
    boxes, found = blocks.read(body)
    total = sum(block.length for block in found)
    linked = sum(block.linked for block in found)
    cards = _cards(boxes, found)
    layout = _around_headline(boxes, found, title)
    marks = _marks(boxes, found, cards, layout)
    root = _root(boxes, found, marks, layout)
    kept = _keep(boxes, found, marks, root, title)
    return MainText(
        paragraphs=tuple(block.text for block in kept),
        total=total,
        link_share=linked / total if total else 0.0,
        links=sum(block.is_link for block in found),
        cards=len(cards),
        lines=_lines(found, title),
    )


def _lines(found: list[Block], title: str | None) -> tuple[str, ...]:
    """List the short lines that follow the headline closely, then those that lead to it."""
    for number, block in enumerate(found):
        if title and block.kind == "heading" and titles.alike(block.text, title):
            near = found[number + 1 : number + 9] + found[max(0, number - 4) : number]
            return tuple(one.text for one in near if one.length <= _SHORT_LINE)
    return ()


def _around(boxes: list[Box], values: list[int]) -> list[int]:
    """Add each box's value to all boxes around it."""
    totals = values[:]
    for number in range(len(boxes) - 1, 0, -1):
        totals[boxes[number].parent] += totals[number]
    return totals


def _prose_in(boxes: list[Box], found: list[Block], marks: list[Mark] | None = None) -> list[int]:
    """Measure each box's prose, that of the boxes in it included; marked boxes count for none."""
    values = [0] * len(boxes)
    for block in found:
        if block.prose and not (marks and marks[block.box]):
            values[block.box] += block.prose
    return _around(boxes, values)


# ----------------------------------------------------------------------------------------- (1) what is something else


def _marks(boxes: list[Box], found: list[Block], cards: set[int], layout: set[int]) -> list[Mark]:
    """Mark each box that is, or is inside of, something else than the article.

    A box around the page's main heading is part of its layout, whatever it is called; so is one with much of the prose.
    """
    prose = _prose_in(boxes, found)
    named = _named(boxes)
    said = _prose_by_word(boxes, found, named)
    whole = prose[0] - sum(amount for (mark, _), amount in said.items() if mark == Mark.NEVER)
    marks = [Mark.NONE] * len(boxes)
    for number in range(1, len(boxes)):
        mark, word = named[number]
        if mark and mark != Mark.NEVER:
            alone = prose[number] > _IN_DISGUISE[mark] * whole
            together = said.get((mark, word), 0) > _IN_DISGUISE[Mark.OTHER] * whole
            mark = Mark.NONE if alone or together else mark
        if number in layout:
            mark = Mark.NONE
        elif number in cards:
            mark = max(mark, Mark.OTHER)
        marks[number] = max(marks[boxes[number].parent], mark)
    return marks


def _around_headline(boxes: list[Box], found: list[Block], title: str | None) -> set[int]:
    """Find the boxes around the first main heading that says what the title says."""
    for block in found:
        if boxes[block.box].tag == "h1" and title and titles.alike(block.text, title):
            return set(_path(boxes, block.box))
    return set()


def _path(boxes: list[Box], number: int) -> Iterator[int]:
    """List a box and all boxes around it, from the inside out."""
    while number >= 0:
        yield number
        number = boxes[number].parent


def _named(boxes: list[Box]) -> list[Named]:
    """Mark each box by what its author calls it, with the word that says so."""
    known: dict[str, Named] = {"": _NO_MARK}
    named = [_NO_MARK]
    for box in boxes[1:]:
        if box.words not in known:
            known[box.words] = furniture.named(box.words)
        by_tag = (Mark.OTHER, box.tag) if box.tag in _OTHER_TAGS else _NO_MARK
        mark = _NO_MARK if box.tag in _NEVER_OTHER else max(by_tag, known[box.words])
        named.append((Mark.OTHER, "hidden") if box.hidden and mark[0] != Mark.NEVER else mark)
    return named


def _prose_by_word(boxes: list[Box], found: list[Block], named: list[Named]) -> dict[Named, int]:
    """Measure the prose inside boxes of each word: one that holds most of a page's prose belongs to its layout."""
    within: list[frozenset[Named]] = [frozenset()] * len(boxes)
    for number in range(1, len(boxes)):
        outer = within[boxes[number].parent]
        within[number] = outer | {named[number]} if named[number][0] else outer
    said: dict[Named, int] = {}
    for block in found:
        if block.prose:
            for key in within[block.box]:
                said[key] = said.get(key, 0) + block.prose
    return said


def _cards(boxes: list[Box], found: list[Block]) -> set[int]:
    """Find rows of like boxes, each a linked headline with little else: other articles."""
    rows: dict[tuple[int, str, str], list[int]] = {}
    for number, box in enumerate(boxes):
        if box.tag in _IN_ROWS:
            rows.setdefault((box.parent, box.tag, box.words), []).append(number)
    rows = {key: members for key, members in rows.items() if len(members) >= _ROW}
    if not rows:
        return set()
    prose = _prose_in(boxes, found)
    links = [0] * len(boxes)
    for block in found:
        if block.is_link and block.length >= 15:
            links[block.box] += 1
    links = _around(boxes, links)
    cards: set[int] = set()
    for members in rows.values():
        linked = sum(1 for number in members if 0 < links[number] <= 6)
        if linked >= 0.7 * len(members) and sum(prose[number] for number in members) < _CARD * len(members):
            cards.update(members)
    return cards


# -------------------------------------------------------------------------------------------- (2) where the article is


def _root(boxes: list[Box], found: list[Block], marks: list[Mark], layout: set[int]) -> int:
    """Go from the body into the box with nearly all of its parent's prose, as long as the headline is inside too."""
    prose = _prose_in(boxes, found, marks)
    best: dict[int, int] = {}
    for number in range(1, len(boxes)):
        parent = boxes[number].parent
        if parent not in best or prose[number] > prose[best[parent]]:
            best[parent] = number
    root = 0
    while root in best and prose[best[root]] >= _INTO * prose[root] > 0:
        if root in layout and best[root] not in layout:
            break
        root = best[root]
    return root


def _inside(boxes: list[Box], root: int) -> list[bool]:
    inside = [False] * len(boxes)
    inside[root] = True
    for number in range(root + 1, len(boxes)):
        inside[number] = inside[boxes[number].parent]
    return inside


# ---------------------------------------------------------------------------------------------- (3) what belongs to it


def _keep(boxes: list[Box], found: list[Block], marks: list[Mark], root: int, title: str | None) -> list[Block]:
    inside = _inside(boxes, root)
    body = [block for block in found if inside[block.box] and not marks[block.box] and block.kind != "caption"]
    if title:
        body = _after_headline(boxes, body, title)
    body = _before_tail(body)
    body = [block for block in body if not _is_furniture(block, title)]
    return _trimmed(_once(body))


def _after_headline(boxes: list[Box], body: list[Block], title: str) -> list[Block]:
    """Drop what stands before the headline, if most prose follows it, and further articles after this one."""
    starts = [
        number for number, block in enumerate(body) if block.kind == "heading" and titles.alike(block.text, title)
    ]
    if not starts or _letters(body[starts[0] + 1 :]) <= 0.5 * _letters(body):
        return body
    headline = body[starts[0]]
    after = body[starts[0] + 1 :]
    shape = _shape(boxes, headline.box)
    for number, block in enumerate(after):
        apart = block.kind == "heading" and boxes[block.box].parent != boxes[headline.box].parent
        if apart and _shape(boxes, block.box) == shape and not titles.alike(block.text, title):
            return after[:number] if _letters(after[:number]) >= _ARTICLE else after
    return after


def _shape(boxes: list[Box], number: int) -> list[tuple[str, str]]:
    """Describe where a heading stands: two with the same shape head two things of the same kind."""
    around = list(_path(boxes, number))[:4]
    return [(boxes[one].tag, boxes[one].words) for one in around]


def _once(body: list[Block]) -> list[Block]:
    """Drop what is repeated word for word."""
    seen: set[str] = set()
    kept: list[Block] = []
    for block in body:
        if block.length < blocks.PROSE or block.text not in seen:
            kept.append(block)
            seen.add(block.text)
    return kept


def _before_tail(body: list[Block]) -> list[Block]:
    """Drop what a line like "Related stories" heads, if most of the prose stands before it."""
    whole = _letters(body)
    so_far = 0
    for number, block in enumerate(body):
        if block.length <= _HEADING and so_far > 0.6 * whole and furniture.heads_tail(block.text):
            links_follow = any(one.is_link for one in body[number : number + 6])
            if links_follow or so_far > 0.9 * whole:
                return body[:number]
        so_far += block.prose
    return body


def _letters(body: list[Block]) -> int:
    return sum(block.prose for block in body)


def _is_furniture(block: Block, title: str | None) -> bool:
    if block.text == title or not any(c.isalnum() for c in block.text):
        return True
    if block.is_link and not (block.kind == "p" and blocks.ends_sentence(block.text)):
        return True
    if block.length <= _SHORT_LINE and furniture.begins_line(block.text):
        return True
    return block.kind == "text" and block.length < 25 and not blocks.ends_sentence(block.text)


def _goes_on(block: Block, last: Block) -> bool:
    """Tell whether a short paragraph right behind the last prose is one more sentence of it, such as an update."""
    return block.kind == last.kind == "p" and not block.is_link and _A_SENTENCE.search(block.text) is not None


def _trimmed(body: list[Block]) -> list[Block]:
    """Drop what comes before the first and after the last prose, and headings that head nothing."""
    prose = [number for number, block in enumerate(body) if block.prose]
    prose = prose or [number for number, block in enumerate(body) if block.kind == "p" and block.length >= _LEAST]
    if not prose:
        return []
    end = prose[-1] + 1
    while end < len(body) and _goes_on(body[end], body[prose[-1]]):
        end += 1
    body = body[prose[0] : end]
    return [
        block
        for block, following in zip(body, [*body[1:], None], strict=True)
        if block.kind != "heading" or (following is not None and following.kind != "heading")
    ]
