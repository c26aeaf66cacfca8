"""A page's tree -> its blocks of text, each with the boxes that hold it, in one walk.

A block is a run of text that a browser would set on lines of its own: a paragraph, a heading, a list item, a cell.
A box is an element around blocks.  Boxes are numbered in document order, so a box comes after the one that holds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

# What never holds an article's prose.
SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "video", "audio", "select",
    "option", "button", "input", "textarea", "map", "math", "head", "link", "meta", "nav", "dialog", "menu", "datalist",
    "progress", "meter", "area", "track", "source", "applet", "frameset", "noframes", "img", "plaintext", "xmp",
    "-comment", "-undef", "-document", "-doctype",
})  # fmt: skip
# What a browser sets on a line of its own; every other element flows inside its paragraph.
BLOCKS = {
    "p": "p", "div": "text", "section": "text", "article": "text", "main": "text", "body": "text", "header": "text",
    "footer": "text", "aside": "text", "form": "text", "fieldset": "text", "center": "text", "hgroup": "text",
    "details": "text", "summary": "text", "address": "text", "figure": "caption", "figcaption": "caption",
    "caption": "caption", "legend": "caption", "ul": "item", "ol": "item", "li": "item", "dl": "item", "dt": "item",
    "dd": "item", "table": "cell", "tbody": "cell", "thead": "cell", "tfoot": "cell", "tr": "cell", "td": "cell",
    "th": "cell", "blockquote": "quote", "pre": "pre", "h1": "heading", "h2": "heading", "h3": "heading",
    "h4": "heading", "h5": "heading", "h6": "heading", "hr": "text", "amp-story": "text",
}  # fmt: skip

PROSE = 60  # letters that make a block prose, if it is no link
_SENTENCE = 30  # letters that make a paragraph prose, if it ends as a sentence does
_LEAD = 100  # letters that make a heading prose, if it ends as a sentence does
_MOSTLY_LINK = 0.6
_MOST_WORDS = 1_000  # letters of an element's classes
_TELLING = frozenset({"id", "role", "style", "hidden", "aria-hidden"})  # attributes, besides its classes

_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_CJK_WEIGHT = 2  # a character of Chinese says about as much as three Latin letters
_SENTENCE_END = re.compile(r"[.!?。！？…।؟][\"'”’»)\]」』]*$")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\ufeff\ufffe\uffff]")  # soft hyphens too: they part no words
_INHERITED = frozenset({"caption", "quote", "heading"})  # what a plain box inside takes over from the one around it


@dataclass(slots=True)
class Boxes:
    """The elements around blocks, in columns: rules ask for one thing of hundreds of them.

    parents    for each box the number of the one that holds it; the body's is -1
    tags
    words      its class, id and role, as given
    hidden     the numbers of those whose author says that they are not shown
    datetimes  of each <time> that gives one, by number, as written
    """

    parents: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    datetimes: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tags)


@dataclass(slots=True)
class Block:
    """A run of text.

    kind    p, text (bare in a container), item, cell, quote, pre, heading, caption
    length  in letters of an alphabet: a CJK character counts for three
    linked  how much of `length` is inside links
    prose   `length` when it reads as running text, else 0
    """

    text: str
    kind: str
    box: int
    length: int
    linked: int
    prose: int

    @property
    def is_link(self) -> bool:
        return self.linked > _MOSTLY_LINK * self.length


def ends_sentence(text: str) -> bool:
    """Tell whether text stops as a sentence does, in any script; quotes and brackets may close after the stop."""
    return _SENTENCE_END.search(text[-20:].rstrip()) is not None


def size(text: str) -> int:
    """Measure text in characters of an alphabet, so that thresholds hold for every script."""
    return len(text) if text.isascii() else len(text) + _CJK_WEIGHT * len(_CJK.findall(text))


@dataclass(frozen=True, slots=True)
class MainText:
    """What was read as the article, and what surrounds it.

    paragraphs  in order
    total       letters of all the page's text
    link_share  share of `total` that is inside links
    links       blocks that are mostly link
    cards       boxes that show other articles: a linked headline with little else, in rows
    lines       short lines around the headline, where dates and names are shown
    """

    paragraphs: tuple[str, ...] = ()
    total: int = 0
    link_share: float = 0.0
    links: int = 0
    cards: int = 0
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


# An element that is being walked: itself, its box, its kind of text, is it a block, is it a link.
_Frame = tuple[LexborNode, int, str, bool, bool]


@dataclass(slots=True)
class _Walk:
    """A walk over a tree.

    pieces  of text, read since the last block
    linked  those of them that are inside of links
    links   that are around
    broken  how many pieces there were at the last line break; 0: there was none
    """

    boxes: Boxes = field(default_factory=Boxes)
    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    links: int = 0
    broken: int = 0

    def over(self, root: LexborNode) -> None:
        """Walk the tree without recursion: a page may nest deeper than Python's stack."""
        pieces = self.pieces
        stack = [self._open(root, root.tag or "body", -1, "text")]
        node = root.first_child
        while stack:
            element, box, kind, is_block, is_link = stack[-1]
            while node is not None:
                if (text := node.text_content) is not None:
                    self._text(text)
                elif (tag := node.tag or "-comment") not in SKIPPED:
                    if pieces and tag in BLOCKS:
                        self._flush(box, kind)
                    inner = node.first_child
                    if inner is not None or tag == "time":
                        stack.append(self._open(node, tag, box, kind))
                        node = inner
                        break
                    if tag == "br":
                        self._break(box, kind)
                node = node.next
            else:
                stack.pop()
                if is_block and pieces:
                    self._flush(box, kind)
                self.links -= is_link
                node = element.next

    def _open(self, node: LexborNode, tag: str, box: int, kind: str) -> _Frame:
        own = BLOCKS.get(tag)
        attributes = node.attributes
        words, hidden = _described(attributes) if attributes else ("", False)
        if own or words or hidden or tag == "time":
            boxes = self.boxes
            number = len(boxes.tags)
            boxes.parents.append(box)
            boxes.tags.append(tag)
            boxes.words.append(words)
            if hidden:
                boxes.hidden.add(number)
            if tag == "time" and (datetime := attributes.get("datetime")):
                boxes.datetimes[number] = datetime
            box = number
        if own and not (kind in _INHERITED and own in ("text", "p")):
            kind = own
        is_link = tag == "a" and "href" in attributes
        self.links += is_link
        return node, box, kind, own is not None, is_link

    def _text(self, text: str) -> None:
        if self.pieces or not text.isspace():
            self.pieces.append(text)
            if self.links:
                self.linked.append(text)

    def _break(self, box: int, kind: str) -> None:
        """End a paragraph at two line breaks, or at one that follows a full sentence."""
        pieces = self.pieces
        again = self.broken and not any(map(str.strip, pieces[self.broken :]))
        if again or (pieces and ends_sentence(pieces[-1])):
            self._flush(box, kind)
        else:
            pieces.append(" ")
            self.broken = len(pieces)

    def _flush(self, box: int, kind: str) -> None:
        text = _plain(self.pieces)
        if text:
            length = size(text)
            linked = min(length, size(_plain(self.linked))) if self.linked else 0
            prose = length if length >= _SENTENCE and _is_prose(text, kind, length, linked) else 0
            self.blocks.append(Block(text, kind, box, length, linked, prose))
        self.pieces.clear()
        self.linked.clear()
        self.broken = 0


def _plain(pieces: list[str]) -> str:
    """Join pieces of text, with single blanks, and without what nobody can see."""
    text = " ".join("".join(pieces).split())
    return text if text.isprintable() else _UNSEEN.sub("", text)


def _is_prose(text: str, kind: str, length: int, linked: int) -> bool:
    if kind == "caption" or 2 * linked > length:
        return False
    if kind == "heading":  # a designer's way to set a lead
        return length >= _LEAD and ends_sentence(text)
    return length >= PROSE or (kind == "p" and length >= _SENTENCE and ends_sentence(text))


def _described(attributes: dict[str, str | None]) -> tuple[str, bool]:
    """Give an element's class, id and role, and whether it is hidden."""
    words = (attributes.get("class") or "")[:_MOST_WORDS]
    if _TELLING.isdisjoint(attributes):  # as of most
        return words, False
    id_, role, style = attributes.get("id"), attributes.get("role"), attributes.get("style")
    if id_ or role:
        words = f"{words} {id_ or ''} {role or ''}".strip()[:_MOST_WORDS]
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    return words, hidden or (bool(style) and "display:none" in (style or "").replace(" ", "").lower())


def read(root: LexborNode) -> tuple[Boxes, list[Block]]:
    """Walk the element `root` and list its boxes and blocks in document order; box 0 is `root`."""
    walk = _Walk()
    walk.over(root)
    return walk.boxes, walk.blocks
