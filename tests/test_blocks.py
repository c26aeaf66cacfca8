import doctest

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
    "wide blanks are blanks": ("<p>\u3000One&nbsp;two\n</p>", [("p", "One two")]),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES)
def test_reads(html: str, expected: list[tuple[str, str]]) -> None:
    assert read(html) == expected


def test_links_are_measured() -> None:
    body = LexborHTMLParser(b"<p>one <a href=/>two</a></p><p><a name=x>three</a></p>").body
    assert body is not None
    first, second = blocks.read(body)[1]
    assert (first.length, first.linked, first.is_link) == (7, 3, False)
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
    "nothing": ("", furniture.Mark.NONE),
}


@pytest.mark.parametrize(("words", "mark"), NAMED.values(), ids=NAMED)
def test_names_mark_what_is_not_the_article(words: str, mark: furniture.Mark) -> None:
    assert furniture.named(words)[0] == mark


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
