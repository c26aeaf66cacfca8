import doctest
from typing import NamedTuple

import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor import dates, parse
from monitor.page import agencies, blocks, furniture, titles


def read(html: str) -> list[tuple[str, str]]:
    body = LexborHTMLParser(html.encode(), scripting=True).body
    assert body is not None
    return [(block.kind, block.text) for block in blocks.read(body)[1]]


CASES = {
    "inline elements flow": ("<p>One <b>two</b> <i>three</i></p>", [("p", "One two three")]),
    "bare text beside a paragraph": (
        "<div>One<p>two</p>three</div>",
        [("text", "One"), ("p", "two"), ("text", "three")],
    ),
    "one break is a blank": ("<p>One<br>two</p>", [("p", "One two")]),
    "two breaks part paragraphs": ("<div>One<br><br>two</div>", [("text", "One"), ("text", "two")]),
    "a break after a sentence parts too": ("<p>One.<br>Two.</p>", [("p", "One."), ("p", "Two.")]),
    "scripts and forms are skipped": ("<p>One<script>x</script><button>y</button></p>", [("p", "One")]),
    "a quote stays a quote inside": ("<blockquote><p>One</p></blockquote>", [("quote", "One")]),
    "a caption stays a caption inside": ("<figcaption><div>One</div></figcaption>", [("caption", "One")]),
    "lists and headings": ("<h2>One</h2><ul><li>two</ul>", [("heading", "One"), ("item", "two")]),
    "a box in a heading is the heading": ("<h2><div>One</div></h2>", [("heading", "One")]),
    "a paragraph under a picture is its caption": ("<figure><p>One</p></figure>", [("caption", "One")]),
    "a list in a quote is a list": ("<blockquote><ul><li>One</ul></blockquote>", [("item", "One")]),
    "a box in an item is bare text": ("<ul><li><div>One</div></ul>", [("text", "One")]),
    "a paragraph in an item is a paragraph": ("<ul><li><p>One</p></ul>", [("p", "One")]),
    "cells are lines of their own": ("<table><tr><td>One<td>two</table>", [("cell", "One"), ("cell", "two")]),
    "breaks between words do not add up": ("<p>One<br>two<br>three</p>", [("p", "One two three")]),
    "breaks with blanks between them add up": ("<div>One<br> <br>two</div>", [("text", "One"), ("text", "two")]),
    "a break after a sentence in bold parts, too": (
        "<div><b>One.</b><br>two</div>",
        [("text", "One."), ("text", "two")],
    ),
    "menus and comments are skipped": ("<nav>One</nav><!-- two --><p>three</p>", [("p", "three")]),
    "an unknown element flows": ("<p>One <x-y>two</x-y></p>", [("p", "One two")]),
    "an empty element parts paragraphs, too": ("<div>One<hr>two</div>", [("text", "One"), ("text", "two")]),
    "a line of verse": ("<pre>One\n  two</pre>", [("pre", "One two")]),
    "wide blanks are blanks": ("<p>\u3000One&nbsp;two\n</p>", [("p", "One two")]),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_reads(html: str, expected: list[tuple[str, str]]) -> None:
    assert read(html) == expected


LINE = "The ferry to the island of the seals left"  # 41 letters
LONG_LINE = f"{LINE} two hours late again"  # 62
LEAD = f"{LONG_LINE}, and no one on the pier could say why that was"  # 109
PROSE = {
    "a long paragraph": (f"<p>{LONG_LINE}</p>", True),
    "long bare text": (f"<div>{LONG_LINE}</div>", True),
    "a long item": (f"<li>{LONG_LINE}</li>", True),
    "a short paragraph that is a sentence": (f"<p>{LINE}.</p>", True),
    "a short paragraph that is none": (f"<p>{LINE}</p>", False),
    "a sentence of few letters": ("<p>The ferry left at noon.</p>", False),
    "short bare text that is a sentence": (f"<div>{LINE}.</div>", False),
    "a lead that is set as a heading": (f"<h2>{LEAD}.</h2>", True),
    "a long heading that is no sentence": (f"<h2>{LEAD}</h2>", False),
    "a heading that is a sentence": (f"<h2>{LONG_LINE}.</h2>", False),
    "a caption": (f"<figcaption>{LEAD}.</figcaption>", False),
    "a paragraph that is mostly link": (f"<p>{LINE} <a href='/'>{LONG_LINE}</a></p>", False),
    "a paragraph that is less than half link": (f"<p>{LONG_LINE} <a href='/'>{LINE}</a></p>", True),
    "twenty characters of Chinese": (f"<div>{'渡轮今天又晚了两个小时' * 2}</div>", True),
    "as many letters of Greek": (f"<div>{'Το πλοίο άργησε πάλι' * 1}</div>", False),
}


@pytest.mark.parametrize(("html", "is_prose"), PROSE.values(), ids=PROSE)
def test_prose_reads_as_running_text(html: str, is_prose: bool) -> None:
    body = LexborHTMLParser(html.encode()).body
    assert body is not None
    (block,) = blocks.read(body)[1]
    assert block.prose == (block.length if is_prose else 0)


class Box(NamedTuple):
    parent: int
    tag: str
    words: str
    hidden: bool = False
    datetime: str = ""


BOXES = {
    "a block has a box": ("<p>x</p>", [Box(0, "p", "")]),
    "what flows has none": ("<b>x</b>", []),
    "but for one that has a name": ("<span class=by-line>x</span>", [Box(0, "span", "by-line")]),
    "and one that is hidden": ("<b hidden>x</b>", [Box(0, "b", "", hidden=True)]),
    "and a time": ("<time datetime=2024-05-09>x</time>", [Box(0, "time", "", datetime="2024-05-09")]),
    "even an empty one, as its date may be all": (
        "<p>x<time datetime=2024-05-09></time></p>",
        [Box(0, "p", ""), Box(1, "time", "", datetime="2024-05-09")],
    ),
    "a time of another element says nothing": ("<p datetime=2024-05-09>x</p>", [Box(0, "p", "")]),
    "class, id and role are its words": (
        "<div role=main id=b class='a  c'>x</div><div id=d>y</div>",
        [Box(0, "div", "a  c b main"), Box(0, "div", "d")],
    ),
    "boxes are numbered as they stand": (
        "<div><p>x</p></div><p>y</p>",
        [Box(0, "div", ""), Box(1, "p", ""), Box(0, "p", "")],
    ),
    "an empty element has no box": ("<div></div>", []),
    "an attribute without a value": ("<p class id=b hidden>x</p>", [Box(0, "p", "b", hidden=True)]),
    "shown, though a style is given": ("<p style='display: block'>x</p>", [Box(0, "p", "")]),
    "hidden by a style": ("<p style='DISPLAY : none'>x</p>", [Box(0, "p", "", hidden=True)]),
    "hidden from readers by voice": ("<p aria-hidden=true>x</p>", [Box(0, "p", "", hidden=True)]),
}


@pytest.mark.parametrize(("html", "expected"), BOXES.values(), ids=BOXES)
def test_boxes(html: str, expected: list[Box]) -> None:
    body = LexborHTMLParser(html.encode()).body
    assert body is not None
    boxes = blocks.read(body)[0]
    columns = zip(boxes.parents, boxes.tags, boxes.words, strict=True)
    found = [Box(*row, number in boxes.hidden, boxes.datetimes.get(number, "")) for number, row in enumerate(columns)]
    assert found == [Box(-1, "body", ""), *expected]


def test_links_are_measured() -> None:
    body = LexborHTMLParser(
        b"<p>one <a href=/>two</a></p><p><a name=x>three</a></p><p>or <a href=/>four, five</a>"
    ).body
    assert body is not None
    first, second, third = blocks.read(body)[1]
    assert (first.length, first.linked, first.is_link) == (7, 3, False)
    assert (third.length, third.linked, third.is_link) == (13, 10, True)
    assert second.linked == 0, "an anchor without address is no link"


def test_a_page_may_nest_deeper_than_the_stack() -> None:
    assert read("<b>" * 20_000 + "deep") == [("text", "deep")]


def test_chinese_weighs_three_letters() -> None:
    assert blocks.size("大桥 ok") == 9


@pytest.mark.parametrize("text", ["Done.", "“Done.”", "Done!)", "完了。", "完了。」", "क्या।", "هل؟"])
def test_ends_a_sentence(text: str) -> None:
    assert blocks.ends_sentence(text + " ")


@pytest.mark.parametrize("text", ["Done", "Done:", "", "完了"])
def test_ends_no_sentence(text: str) -> None:
    assert not blocks.ends_sentence(text)


NAMED = {
    "camel case": ("relatedStories", furniture.Mark.OTHER),
    "part of a longer word": ("shareholder-news", furniture.Mark.NONE),
    "the surest word counts": ("card js-comments", furniture.Mark.NEVER),
    "a designer's word": ("article-card", furniture.Mark.MAYBE),
    "the first word of the surest kind": ("tags related promo", furniture.Mark.OTHER),
    "a word with a number": ("ad-3 widget2", furniture.Mark.OTHER),
    "a number that letters follow": ("ad6ed79d", furniture.Mark.NONE),
    "a word after letters": ("roadshare", furniture.Mark.NONE),
    "a word with letters behind it": ("adventure shared", furniture.Mark.NONE),
    "nothing": ("", furniture.Mark.NONE),
}


@pytest.mark.parametrize(("words", "mark"), NAMED.values(), ids=NAMED)
def test_names_mark_what_is_not_the_article(words: str, mark: furniture.Mark) -> None:
    assert furniture.named(words)[0] == mark


def test_the_first_of_equally_sure_words_is_given() -> None:
    assert furniture.named("tags related promo") == (furniture.Mark.OTHER, "related")


@pytest.mark.parametrize(
    "line", ["Read more: the bridge", "Photo: A. Name", "PHOTO BY A. Name", "相关阅读：大桥", "Updated 9 May", "Video"]
)
def test_begins_as_furniture(line: str) -> None:
    assert furniture.begins_line(line)


@pytest.mark.parametrize(
    "line", ["Photo evidence shows cracks.", "Updated figures are out.", "Related parties were heard."]
)
def test_begins_as_a_sentence(line: str) -> None:
    assert not furniture.begins_line(line)


TAILS = {
    "English": "Related stories",
    "a number of comments": "12 comments",
    "German": "Mehr zum Thema",
    "French": "Sur le même sujet",
    "Spanish": "Más noticias",
    "Portuguese": "Leia também",
    "Italian": "Leggi anche",
    "Dutch": "Lees meer",
    "Swedish": "Läs mer",
    "Polish": "Zobacz również",
    "Russian": "Читайте также",
    "Greek": "Σχετικά άρθρα",
    "simplified Chinese": "相关新闻",
    "traditional Chinese": "延伸閱讀",
    "Japanese": "おすすめの記事",
    "Korean": "관련 기사",
    "with a sign in front": "» Most read",
}


@pytest.mark.parametrize("line", TAILS.values(), ids=TAILS)
def test_heads_what_comes_after_the_article(line: str) -> None:
    assert furniture.heads_tail(line)


@pytest.mark.parametrize("line", ["What comes next", "The latest talks failed", "Moreover", "这座桥"])
def test_heads_a_part_of_the_article(line: str) -> None:
    assert not furniture.heads_tail(line)


CREDITS = {
    "a byline": (["Text."], "Maria Writer; Associated Press", "AP"),
    "a source line at the end": (["Text.", "Source: AFP"], None, "AFP"),
    "a Chinese source line": (["正文。", "来源：新华社"], None, "Xinhua"),
    "an agency spelt another way": (["正文。", "来源：路透"], None, "Reuters"),
    "an agency in small letters": (["Text.", "Source: reuters"], None, "Reuters"),
    "a dash at the end": (["It rained all day, the service said. — dpa"], None, "dpa"),
    "a name in a sentence": (["He told Reuters that it rained.", "AP was told the same."], "Maria Writer", None),
    "no text": ([], None, None),
}


@pytest.mark.parametrize(("paragraphs", "byline", "agency"), CREDITS.values(), ids=CREDITS)
def test_credits(paragraphs: list[str], byline: str | None, agency: str | None) -> None:
    assert agencies.credited(paragraphs, byline) == agency


@pytest.mark.parametrize("module", [agencies, dates, furniture, parse, titles])
def test_examples_in_the_docstrings(module: object) -> None:
    ran = doctest.testmod(module)  # type: ignore[arg-type]
    assert ran.attempted
    assert not ran.failed
