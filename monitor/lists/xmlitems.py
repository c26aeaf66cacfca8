"""An XML document -> its items, one at a time, so that a list of any length costs the memory of one item.

    sound XML          read by lxml, without DTDs, entities or network, within libxml2's limits on depth and length
    broken XML         repaired (what stands before it, control characters, HTML's entities, bare ampersands), then read
                       by a parser that goes on after an error; what stands before a cut is kept
    XML with entities  refused: a feed has no use for its own, and they are how a small file becomes a large one

A name is compared without its namespace, as feeds declare them wrongly or not at all: see `name`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from html.entities import html5
from typing import Generic, TypeVar

from lxml import etree

from .. import urls
from ..errors import NotAFeed

T = TypeVar("T")

ITEMS = ("item", "entry", "url", "sitemap")
ROOTS = ("rss", "feed", "rdf", "urlset", "sitemapindex")

_HEAD = 16_384  # characters in which the root element must begin
_ROOT = re.compile(rf"<(?:[\w.-]+:)?({'|'.join((*ROOTS, 'channel'))})(?=[\s>/])", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE | re.DOTALL)
_OWN_ENTITIES = re.compile(r"<!DOCTYPE\b.*?<!ENTITY\b", re.IGNORECASE | re.DOTALL)
_ITEM_TAG = re.compile(r"<(?:[\w.-]+:)?(?:item|entry|url|sitemap)(?=[\s>])", re.IGNORECASE)

_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry|url|sitemap)\s*>", re.IGNORECASE)

_UNDECLARED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_FAULTS = re.compile(
    r"(?P<cdata><!\[CDATA\[.*?(?:\]\]>|\Z))"
    r"|&(?P<sound>(?:amp|lt|gt|quot|apos);)"
    r"|&(?P<named>[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|&\#(?P<code>[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});"
    r"|(?P<bare>&)",
    re.DOTALL,
)
_HTML_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|(?P<html></?(?:a|abbr|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figure|figcaption|font|h[1-6]|hr|i"
    r"|iframe|img|ins|li|nobr|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|th|tr|u|ul|wbr)"
    r"(?:\s[^<>]*)?/?>)",
    re.IGNORECASE | re.DOTALL,
)
_PIECE = 65_536  # characters that one call looks at, so that a document of nothing but faults holds up no other thread
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, section 2.2
_XML_BASE = b"xml:base"
_CDATA = "<![CDATA["

_PREFIXES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """An XML list that was read.

    root    local name of its root element, in lower case
    items   what `make` made of each item
    about   text of the elements beside the items, by their name: the feed's title, ttl and so on
    seen    how many items were met, those that `make` left out included
    lost    how many items the text seems to open beyond those that were read; 0 in a sound document
    closed  False when the text ends before its first item and its root element do
    mended  the text as it was repaired; empty if that was not needed
    """

    root: str
    items: tuple[T, ...]
    about: dict[str, str]
    seen: int
    lost: int = 0
    closed: bool = True
    mended: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether all items were read, but for one that the end of the document cuts."""
        return self.lost <= (1 if self.seen else 0)


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a list, valid while it is being made into something.

    base  what its relative links start from
    """

    element: etree._Element
    base: str

    @property
    def kind(self) -> str:
        """Return its local name in lower case: item, entry, url or sitemap."""
        return _split(str(self.element.tag))[1]

    def fields(self) -> Iterator[tuple[str, etree._Element]]:
        """Give its child elements with their names, in order."""
        return children(self.element)


def read(text: str, *, url: str, make: Callable[[Item], T | None]) -> Document[T]:
    """Read a decoded XML document item by item.

    text    as `charset.decode` gives it; an encoding that it declares is not looked at
    url     of the document
    make    makes something of an item, or None to leave it out
    Raises  NotAFeed if the document declares entities of its own or has no root element of a list.
    """
    start = root_of(text)
    if start is None:
        raise NotAFeed("this XML holds no feed or sitemap that we know")
    if _OWN_ENTITIES.search(text, 0, start.start()):
        raise NotAFeed("xml entities: the document declares entities of its own, which no feed needs; it is not read")
    body = text.encode("utf-8", "replace").lstrip()
    # With a DTD that is not read, an entity of HTML is no error to the parser: its text would be lost silently.
    if "<!DOCTYPE" not in text[: start.start()] or not _UNDECLARED.search(body):
        with suppress(etree.XMLSyntaxError):
            return _parsed(body, url, make, recover=False)
    mended, closed = _uncut(repaired(text[start.start() :]), start[0])
    if not mended:
        raise NotAFeed("this feed's XML is cut off before the end of its first item")
    found = _recovered(mended, url, make)
    if not found.is_whole:
        found = max(found, _recovered(_with_html_as_text(mended), url, make), key=lambda document: document.seen)
    return replace(found, closed=closed or found.seen > 0, mended=mended)


def root_of(text: str) -> re.Match[str] | None:
    """Find where the root element of a feed or sitemap opens, also behind a warning that a script printed before it.

    Returns  a match whose first group is the root's local name; None: there is none, or the text is an HTML page
    """
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    return None if _HTML.match(head) else _ROOT.search(text, 0, _HEAD)


def repaired(text: str) -> str:
    """Return XML without what most often keeps a feed from being well-formed."""
    sound = "".join(_FORBIDDEN.sub("", piece) for piece in _pieces(text))
    return "".join(_FAULTS.sub(_mended, piece) for piece in _pieces(sound))


def _pieces(text: str) -> Iterator[str]:
    """Cut a text behind tags, but not within CDATA, which may make a piece long."""
    start = 0
    while start < len(text):
        end = min(start + _PIECE, len(text))
        end = text.rfind(">", start, end) + 1 or end
        opened = text.rfind(_CDATA, start, end)
        if opened >= 0 and text.find("]]>", opened, end) < 0:
            closed = text.find("]]>", opened)
            end = len(text) if closed < 0 else closed + 3
        yield text[start:end]
        start = end


def children(element: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Give the child elements of an element in order, each with its name in lower case.

    A name of the same namespace as its parent, or of none, stands alone ("title"); one of a known extension, whatever
    prefix the document gave it, has that extension's usual prefix ("dc:date"); one that is unknown has "?:".
    """
    own = _split(str(element.tag))[0]
    for child in element:
        if isinstance(child.tag, str):
            yield _name(child.tag, own), child


def text_of(element: etree._Element) -> str:
    """Return all text within an element."""
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


def _parsed(body: bytes, url: str, make: Callable[[Item], T | None], *, recover: bool) -> Document[T]:
    events = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        tag=[f"{{*}}{name}" for name in ITEMS],
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    based = _XML_BASE in body
    made: list[T] = []
    seen = 0
    for _, element in events:
        if not _is_item(element):
            continue
        seen += not (recover and _is_swallowed(element))
        thing = make(Item(element, _base(element, url) if based else url))
        if thing is not None:
            made.append(thing)
        element.clear()
    root = events.root
    if root is None:
        raise NotAFeed("this XML is cut off before its first element")
    return Document(_split(str(root.tag))[1], tuple(made), _about(root), seen)


def _is_swallowed(element: etree._Element) -> bool:
    """Tell whether an item lies within another, whose end an element that does not nest has taken."""
    return next(element.iterancestors("{*}item", "{*}entry"), None) is not None


def _base(element: etree._Element, url: str) -> str:
    """Return what the links of an element start from, by its xml:base and those around it."""
    try:
        return urls.resolve(element.base or url, url)
    except ValueError:
        return url


def _recovered(text: str, url: str, make: Callable[[Item], T | None]) -> Document[T]:
    """Read a document by a parser that goes on after an error, and count what it missed."""
    body = text.encode("utf-8", "replace")
    try:
        found = _parsed(body, url, make, recover=True)
    except etree.XMLSyntaxError as error:
        raise NotAFeed(f"this is no XML that can be read: {error.msg or 'it is cut off or broken'}") from error
    opened = sum(len(_ITEM_TAG.findall(piece)) for piece in _pieces(text))
    return replace(found, lost=max(0, opened - found.seen))


def _uncut(text: str, opening: str) -> tuple[str, bool]:
    """Return a document without the item in which it was cut off, whose address may be half; and whether it is closed.

    opening  the start of its root element's tag: "<rss"
    """
    closing = re.compile(rf"</{re.escape(opening[1:])}\s*(?:>|\Z)", re.IGNORECASE)
    end = at = 0
    for piece in _pieces(text):
        if closing.search(piece):
            return text, True
        for last in _ITEM_END.finditer(piece):
            end = at + last.end()
        at += len(piece)
    return text[:end], False


def _with_html_as_text(text: str) -> str:
    """Escape HTML that stands unescaped in a feed: its elements do not nest, and take those of the feed with them."""

    def as_text(tag: re.Match[str]) -> str:
        return escape(tag[0], quote=False) if tag["html"] else tag[0]

    return "".join(_HTML_TAG.sub(as_text, piece) for piece in _pieces(text))


def _is_item(element: etree._Element) -> bool:
    """Tell an item of the list from an element that has such a name by chance: the `url` of a feed's image."""
    parent = element.getparent()
    if parent is None:
        return False
    return _split(str(element.tag))[1] in ("item", "entry") or _split(str(parent.tag))[1] in ("urlset", "sitemapindex")


def _about(root: etree._Element) -> dict[str, str]:
    """Return the texts beside the items: of the root's children, and of its channel's."""
    found: dict[str, str] = {}
    for name, child in children(root):
        pairs = children(child) if name == "channel" else iter([(name, child)])
        for inner, element in pairs:
            if not len(element) and element.text:
                found.setdefault(inner, element.text)
    return found


@lru_cache(maxsize=1_024)
def _name(tag: str, own: str) -> str:
    """Return the name under which we know a child of an element whose namespace is `own`."""
    space, local = _split(tag)
    if not space or space == own:
        return local
    return f"{_PREFIXES.get(space.lower(), '?' if '/' in space else space)}:{local}"


@lru_cache(maxsize=1_024)
def _split(tag: str) -> tuple[str, str]:
    """Split an element's tag into its namespace (or undeclared prefix) and its local name in lower case."""
    space, closed, local = tag.rpartition("}")
    if closed:
        return space[1:], local.lower()
    prefix, _, local = tag.rpartition(":")
    return prefix, local.lower()


def _mended(fault: re.Match[str]) -> str:
    match fault.lastgroup:
        case "named":
            return escape(html5.get(fault["named"], fault[0]), quote=False)
        case "code":
            digits = fault["code"]
            number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
            character = chr(number) if number <= 0x10FFFF else ""
            return "" if not character or _FORBIDDEN.match(character) else fault[0]
        case "bare":
            return "&amp;"
        case _:
            return fault[0]
