"""Pages made to take a reader's time or memory: each is read, or refused, in a moment."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import parse
from monitor.errors import NotAnArticle
from monitor.page import charset, weight

MOST_S = 10.0  # of CPU time, for any page, on a slow machine; a page that costs by the square takes minutes
STORY = "<p>" + "The harbour board approved a plan to repair the old bridge on Thursday, its chair said. " * 5 + "</p>"
BEFORE = f"<title>Harbour board approves repair</title><h1>Harbour board approves repair</h1>{STORY}{STORY}".encode()
FORMATTING = b"".join(b"<%b>" % tag * 3 for tag in (b"b", b"i", b"u", b"s", b"em", b"tt", b"big", b"code", b"small"))


def many(form: bytes, count: int) -> bytes:
    return b"".join(form % number for number in range(count))


Made = Callable[[], bytes]
NESTED: dict[str, Made] = {
    "blocks in blocks": lambda: b"<div>" * 100_000,
    "blocks in blocks, closed by other names": lambda: b"<div></section>" * 50_000,
    "blocks in tables that swallow their end": lambda: b"<div><table></div></table>" * 20_000,
    "blocks in blocks, in capitals": lambda: b"<DIV\n>" * 100_000,
    "elements that few people know": lambda: b"<search><hgroup>" * 50_000,
    "elements that nobody knows": lambda: b"<x-y>" * 100_000,
    "lists in lists": lambda: b"<ul><li>" * 50_000,
    "tables in tables": lambda: b"<table><tr><td>" * 30_000,
    "options without end": lambda: b"<select>" + b"<optgroup><option>a" * 50_000,
    "drawings in drawings": lambda: b"<svg><g>" * 50_000,
    "formulas with text in them": lambda: b"<math><annotation-xml encoding='text/html'><div>" * 20_000,
    "templates in templates": lambda: b"<template>" * 50_000,
    "paragraphs deep in spans": lambda: b"<span>" * 30_000 + b"<p>x" * 30_000,
    "ends that end nothing, deep in spans": lambda: b"<span>" * 30_000 + b"</div>" * 30_000,
}
FORMATTED: dict[str, Made] = {
    "formatting that is never closed": lambda: b"<b><p>" * 50_000,
    "links that are never closed": lambda: b"<a href=x>" * 100_000,
    "links around blocks": lambda: b"<a href=x><div>" * 20_000,
    "formatting that each paragraph opens anew": lambda: many(b"<p><font color=%d>x", 20_000),
    "formatting that a short page opens anew": lambda: many(b"<p><font color=%d>x", 900),
    "formatting of every kind, opened anew": lambda: b"<p>" + FORMATTING + b"<p>x" * 15_000,
    "formatting closed at the end only": lambda: b"<p>" + FORMATTING + b"<p>x" * 15_000 + b"</b></i></u></s></em>" * 99,
    "formatting of all colours in one another": lambda: many(b"<font color=%d>", 60_000),
    "formatting closed in the wrong order": lambda: b"<b>" + b"<div>" * 9_000 + b"</b>" * 9_000,
    "formatting pushed out of a table": lambda: b"<table><tr>" + b"x<b>y" * 30_000,
}
ATTRIBUTES: dict[str, Made] = {
    "attributes without end": lambda: b"<p " + many(b"a%d=1 ", 100_000) + b">",
    "attributes without values": lambda: b"<p " + many(b"a%x ", 40_000) + b">",
    "attributes with ends of tags in them": lambda: b"<p " + many(b"a%d='>' ", 100_000) + b">",
    "attributes with whole tags in them": lambda: b"<p " + many(b"a%d='<p></p>' ", 100_000) + b">",
    "attributes that begin with a sign": lambda: b"<p " + many(b"=%d ", 100_000) + b">",
    "attributes of many elements": lambda: (b"<p " + many(b"a%d=1 ", 4_000) + b">") * 100,
    "attributes of one root, said again and again": lambda: many(b"<html a%d=1>", 60_000),
    "one attribute again and again": lambda: b"<p " + b"a=1 " * 200_000 + b">",
    "a value of megabytes": lambda: b"<img alt='" + b"x " * 3_000_000 + b"'>",
    "classes without end": lambda: b"<div class='" + b"a b c d " * 500_000 + b"'>x</div>",
}
FLOODS: dict[str, Made] = {
    "signs that open nothing": lambda: b"<" * 6_000_000,
    "marks that declare nothing": lambda: b"<!" * 3_000_000,
    "a comment of megabytes": lambda: b"<!--" + b"-" * 6_000_000,
    "comments without end": lambda: b"<!---->" * 800_000,
    "NUL bytes": lambda: b"\0" * 4_000_000,
    "names with NUL bytes in them": lambda: b"<di\0v>" * 50_000,
    "blocks in another encoding": lambda: b"<div>" * 50_000,
    "line breaks": lambda: b"x<br>" * 1_000_000,
    "links": lambda: b"<a href=/x>link</a> " * 200_000,
    "character references": lambda: b"&amp;&notit;" * 400_000,
    "unclosed paragraphs": lambda: b"<p>" * 1_000_000,
    "a script of megabytes": lambda: b"<script>" + b"a='<div>';" * 500_000 + b"</script>",
    "text of megabytes": lambda: b"<p>" + b"filler words here. " * 250_000,
    "brackets and blanks": lambda: b"<p>" + b" " * 500_000 + b"(" * 200_000 + b"a" * 200_000,
}
HOSTILE = NESTED | FORMATTED | ATTRIBUTES | FLOODS
ENCODED = {"blocks in another encoding": "utf-16"}


def made(name: str) -> bytes:
    page = BEFORE + HOSTILE[name]()
    return page.decode().encode(ENCODED[name]) if name in ENCODED else page


def seconds(page: bytes) -> float:
    begun = time.process_time()
    try:
        parse.article(page, url="https://news.example.com/bridge")
    except NotAnArticle as refusal:
        assert refusal.kind
    return time.process_time() - begun


# Other ways to write "blocks in blocks": cut to as many tags, they cost what that costs.
AS_BLOCKS = {
    "blocks in blocks, closed by other names",
    "blocks in blocks, in capitals",
    "blocks in another encoding",
    "elements that few people know",
    "lists in lists",
    "names with NUL bytes in them",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in AS_BLOCKS)) for name in HOSTILE]
)
def test_takes_no_time(name: str) -> None:
    assert seconds(made(name)) < MOST_S


@pytest.mark.parametrize("name", sorted(AS_BLOCKS | {"blocks in blocks"}))
def test_blocks_are_cut_however_they_are_written(name: str) -> None:
    page = charset.to_utf8(made(name), None)
    assert page.count(b"<") > weight.MOST_TAGS + 1
    assert weight.bounded(page).count(b"<") <= weight.MOST_TAGS + 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["text of megabytes", "signs that open nothing", "unclosed paragraphs"])
def test_takes_no_time_at_fifty_megabytes(name: str) -> None:
    page = BEFORE + HOSTILE[name]() * 8
    assert seconds(page) < MOST_S


CUT = {name: make for name, make in HOSTILE.items() if name in {*NESTED, *FORMATTED} or "attributes" in name}


@pytest.mark.parametrize("name", [name for name in CUT if name != "elements that few people know"])
def test_what_stands_before_is_kept(name: str) -> None:
    page = BEFORE + HOSTILE[name]()
    kept = weight.bounded(page)
    assert page.startswith(kept)
    assert kept.startswith(BEFORE)


def test_signs_that_open_nothing_are_cut_too() -> None:
    kept = weight.bounded(made("signs that open nothing"))
    assert kept.startswith(BEFORE)
    assert kept.count(b"<") <= weight.MOST_SIGNS


SOUND = {
    "a page of an article": BEFORE,
    "a long page": BEFORE + STORY.encode() * 2_000,
    "a page with much script": BEFORE + b"<script>for(i=0;i<n;i++){a[i]=b[i]<c}</script>" * 2_000,
    "a page with icons in every row": BEFORE + many(b"<li><i class='icon i%d'></i> item</li>", 2_000),
    "a drawing with many points": BEFORE + b"<svg><path d='" + b"M 1 2 L 3 4 " * 40_000 + b"'/></svg>",
    "unclosed paragraphs, as of old": BEFORE + b"<p>x" * 9_000,
    "unclosed bold type, as of old": BEFORE + b"<li><b>x" * 2_000,
}


@pytest.mark.parametrize("page", SOUND.values(), ids=SOUND)
def test_a_sound_page_is_whole(page: bytes) -> None:
    assert weight.bounded(page) == page


@given(st.binary(max_size=400).map(lambda noise: noise * 40))
def test_a_cut_page_is_a_beginning(page: bytes) -> None:
    assert page.startswith(weight.bounded(page))


def test_text_is_cut_where_no_article_goes_on() -> None:
    paragraphs = ("a" * 1_000,) * 500
    cut = weight.shortened(paragraphs)
    assert sum(map(len, cut)) == weight.MOST_LETTERS
    assert weight.shortened(paragraphs[:9]) == paragraphs[:9]
    assert weight.shortened(("b" * (weight.MOST_LETTERS + 1),)) == ("b" * weight.MOST_LETTERS,)
