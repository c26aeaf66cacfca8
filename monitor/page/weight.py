"""How much of a page the parser is given: what would take it too long, or too much memory, is cut off.

The parser is C code that nobody can stop, and some of what it does grows with the square of the page: elements inside
elements, attributes of one element, unclosed formatting that every paragraph opens anew (HTML standard, 13.2.4.3).
A page is cut before the tag that is too much; an article stands before such things, if there is one.
"""

from __future__ import annotations

import re

LARGEST = 5_000_000  # bytes; long reads with all their scripts stay below 3 million
MOST_TAGS = 20_000  # 99.9 % of news pages have fewer; as many blocks inside blocks take the parser half a second
MOST_SIGNS = 100_000  # "<" in all, also those that open nothing: five million of them hold up all threads for a second
MOST_LETTERS = 400_000  # of an article's text: more than a book's chapter

_UNCHECKED_TAGS = 1_500  # pages with fewer tags cannot grow large by formatting
_MANY_TAGS = 8_000  # so many can be enough with formatting of each kind, all of it equal
_UNCHECKED_BYTES = 150_000  # nor shorter ones by attributes: 37,000 fit in, which take a second
_MANY_ATTRIBUTES = 400  # of one element: worth counting
_MOST_COMPARED = 50_000_000  # comparisons of attributes with one another, over all elements
_MOST_ROOTS = 200
_MOST_REOPENED = 150_000  # elements that unclosed formatting may add
_SAME = 3  # equal elements that are opened anew at most (the standard's "Noah's Ark clause")

_TAG = re.compile(rb"<[a-zA-Z/!?]")
_ANY_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)")
_FORMATTING = frozenset(
    {b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u"}
)
# Formatting with attributes (what has none is equal, and few equal ones are opened anew), and roots; by first letters,
# as that is several times as fast.
_SUSPECT = re.compile(
    rb"<(?:[bB](?:[iI][gG]|[oO][dD][yY])?|[iIuU]|[eE][mM]|[tT][tT]|[cC][oO][dD][eE]|[fF][oO][nN][tT]|[hH][tT][mM][lL]"
    rb"|[nN][oO][bB][rR]|[sS](?:[mM][aA][lL][lL]|[tT][rR](?:[iI][kK][eE]|[oO][nN][gG]))?)[\s/]"
)
# Attributes as the standard reads them (13.2.5.32 and following): a value in quotes may hold ">".
_ATTRIBUTE = rb"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>]++)?+)?+"
_LADEN = re.compile(rb"<[a-zA-Z][^\s/>]*+(?:%b){%d}" % (_ATTRIBUTE, _MANY_ATTRIBUTES))
_ROOT = re.compile(rb"<(?:[hH][tT][mM][lL]|[bB][oO][dD][yY])[\s/]")
_ATTRIBUTES = re.compile(rb"<[a-zA-Z][^\s/>]*+((?:%b)*+)" % _ATTRIBUTE)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)


def bounded(page: bytes) -> bytes:
    """Give as much of a page, from its beginning, as can be parsed in well under a second.

    page     as UTF-8; every other encoding may hide its tags
    Returns  the page itself, in nearly all cases, or its beginning up to a tag
    """
    if len(page) > LARGEST:
        page = page[: max(page.rfind(b"<", 0, LARGEST), 0) or LARGEST]
    tags = page.count(b"<")
    if tags > MOST_SIGNS:
        page = page[: -len(page.split(b"<", MOST_SIGNS)[-1]) - 1]
    if tags > MOST_TAGS:
        page = _first_tags(page, MOST_TAGS)
        tags = page.count(b"<")
    if tags > _UNCHECKED_TAGS:
        page = _without_repeated(page, tags)
    if len(page) > _UNCHECKED_BYTES:
        page = _without_laden(page)
    return page


def _first_tags(page: bytes, most: int) -> bytes:
    for number, match in enumerate(_TAG.finditer(page)):
        if number == most:
            return page[: match.start()]
    return page


def _without_repeated(page: bytes, tags: int) -> bytes:
    """Cut a page that opens the same again and again, if one look says that it may."""
    suspects = len(_SUSPECT.findall(page))
    if suspects > _MOST_ROOTS:
        page = _without_roots(page)
        tags = page.count(b"<")
    if suspects * tags > _MOST_REOPENED or tags > _MANY_TAGS:
        page = _without_reopened(page)
    return page


def _without_reopened(page: bytes) -> bytes:
    """Cut a page where unclosed formatting would be opened anew too often."""
    unclosed = dict.fromkeys(_FORMATTING, 0)
    kinds: dict[bytes, set[bytes]] = {name: set() for name in _FORMATTING}
    open_now = reopened = 0
    for match in _ANY_TAG.finditer(page):
        is_end, name = match[1], match[2].lower()
        if name in unclosed:
            if not is_end:
                kinds[name].add(match[0])
            before = unclosed[name]
            unclosed[name] = max(0, before - 1) if is_end else min(before + 1, _SAME * len(kinds[name]))
            open_now += unclosed[name] - before
        if not is_end:
            reopened += open_now
            if reopened > _MOST_REOPENED:
                return page[: match.start()]
    return page


def _without_roots(page: bytes) -> bytes:
    """Cut a page that opens <html> or <body> again and again: the attributes of all of them go to the first one."""
    for number, match in enumerate(_ROOT.finditer(page)):
        if number == _MOST_ROOTS:
            return page[: match.start()]
    return page


def _without_laden(page: bytes) -> bytes:
    """Cut a page before the element whose attributes would take too long to compare with one another."""
    compared = 0
    for match in _LADEN.finditer(page):
        whole = _ATTRIBUTES.match(page, match.start())
        compared += len(_ONE_ATTRIBUTE.findall(whole[1])) ** 2 if whole else 0
        if compared > _MOST_COMPARED:
            return page[: match.start()]
    return page


def shortened(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Cut an article's text at MOST_LETTERS: what follows would be read for hours and is no article."""
    left = MOST_LETTERS
    for number, paragraph in enumerate(paragraphs):
        if len(paragraph) > left:
            return (*paragraphs[:number], paragraph[:left]) if left else paragraphs[:number]
        left -= len(paragraph)
    return paragraphs
