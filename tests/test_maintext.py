from collections.abc import Container

import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.page import blocks, maintext
from monitor.page.blocks import MainText

TITLE = "Council votes to fill the old quarry"
NOTICE = "The reading room of the library is open on all days of the week but not on public holidays."  # a page's own
LEAD = (
    "After nine years of delay the members of the council agreed by a single vote on what is to become of the quarry "
    "above the town, and on who is to pay for it."
)


def said(*numbers: int) -> tuple[str, ...]:
    """Write paragraphs of the article, of 88 letters each."""
    return tuple(
        f"Speaker {n:03} told the council that the old quarry has been under water since last autumn." for n in numbers
    )


def apart(*numbers: int) -> tuple[str, ...]:
    """Write paragraphs of something else, of 88 letters each."""
    return tuple(
        f"Offer {n:03} of the week brings a set of garden chairs to the home of each one who answers." for n in numbers
    )


STORY = said(*range(1, 11))
FIRST, SECOND = STORY[:5], STORY[5:]
LONG = " ".join(said(*range(31, 38)))
LINK_TEXT = "Garden chairs of oak, from the market"
LINK = f"<a href='/garden'>{LINK_TEXT}</a>"
WALL = f"<ul class='wall'><li>{LINK}</ul>"
STEP = "<ul class='wall'><li><a href='/'>Garden chairs</a></ul>"
H1 = f"<h1>{TITLE}</h1>"


def ps(*texts: str, of: str = "") -> str:
    return "".join(f"<p class='{of}'>{text}</p>" if of else f"<p>{text}</p>" for text in texts)


def div(inner: str, name: str = "") -> str:
    return f"<div class='{name}'>{inner}</div>" if name else f"<div>{inner}</div>"


def headed(text: str, *texts: str) -> str:
    return div(f"<h2>{text}</h2>{ps(*texts)}", "entry")


def main_text(html: str, title: str | None = TITLE, repeated: Container[str] = ()) -> MainText:
    body = LexborHTMLParser(html.encode(), scripting=True).body
    assert body is not None
    return maintext.read(*blocks.read(body), title, repeated=repeated)


def read(html: str, title: str | None = TITLE, repeated: Container[str] = ()) -> tuple[str, ...]:
    return main_text(html, title, repeated).paragraphs


Cases = dict[str, tuple[str, tuple[str, ...]]]


def test_the_samples_are_as_long_as_the_rules_are_tested_with() -> None:
    assert {len(text) for text in (*STORY, *apart(1, 2))} == {88}
    assert blocks.PROSE <= len(NOTICE) <= 119
    assert 120 < len(LEAD) < 0.1 * 20 * 88


# ------------------------------------------------------------------------------------------------- root and home

ROOT: Cases = {
    "the box with nearly all prose leaves what stands around it": (
        div(ps(LEAD), "notice") + div(ps(*STORY, *said(*range(11, 31))), "story"),
        (*STORY, *said(*range(11, 31))),
    ),
    "the headline stays inside, and the lead with it": (
        div(H1 + ps(LEAD), "top") + div(ps(*STORY, *said(*range(11, 31))), "story"),
        (LEAD, *STORY, *said(*range(11, 31))),
    ),
    "a paragraph longer than all others is no home": (
        H1 + f"<blockquote>{LONG}</blockquote>" + ps(*FIRST, of="plain"),
        (LONG, *FIRST),
    ),
    "an article in equal parts has no home but the page": (
        H1 + "".join(div(ps(*said(n, n + 1)), name) for n, name in ((1, "one"), (3, "two"), (5, "three"))),
        said(*range(1, 7)),
    ),
    "one box is all": (H1 + ps(*STORY), STORY),
    "what is marked weighs nothing": (
        H1 + div(ps(*apart(*range(20))), "comments") + div(ps(*FIRST), "story"),
        FIRST,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), ROOT.values(), ids=ROOT)
def test_the_article_stands_in(html: str, expected: tuple[str, ...]) -> None:
    title = TITLE if H1 in html else None
    assert read(html, title) == expected


BEFORE_HOME: Cases = {
    "a long lead is kept": (
        H1 + div(ps(LEAD), "top") + div(ps(*STORY, *said(*range(11, 21))), "story"),
        (LEAD, *STORY, *said(*range(11, 21))),
    ),
    "a short lead is kept if it is a tenth of the article": (
        H1 + div(ps(NOTICE), "top") + div(ps(*FIRST), "story"),
        (NOTICE, *FIRST),
    ),
    "a short lead of a long article is dropped": (H1 + div(ps(NOTICE), "top") + div(ps(*STORY), "story"), STORY),
    "a long lead may be full of links": (
        H1 + div(ps(f"{LEAD} {LINK} {LINK}"), "top") + div(ps(*STORY, *said(*range(11, 31))), "story"),
        (f"{LEAD} {LINK_TEXT} {LINK_TEXT}", *STORY, *said(*range(11, 31))),
    ),
    "a short lead that is named as home is kept": (
        H1 + div(ps(NOTICE), "part") + div(ps(*STORY), "part"),
        (NOTICE, *STORY),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), BEFORE_HOME.values(), ids=BEFORE_HOME)
def test_before_home(html: str, expected: tuple[str, ...]) -> None:
    assert read(html) == expected


def after_home(part: str, *, between: str = "", home: tuple[str, ...] = STORY) -> str:
    return div(H1 + div(ps(*home), "story") + between + part, "page")


TWO = apart(1, 2)
FOUR = apart(1, 2, 3, 4)
LINKED = f"The offer of the week was found at the market by {LINK} and it is said to be a good one, too."
LINKED_TEXT = LINKED.replace(LINK, LINK_TEXT)
THIRDS = div(ps(*apart(5, 6, 7)), "third")
AFTER_HOME: Cases = {
    "a part is dropped where most stands at home": (after_home(div(ps(*TWO), "more")), STORY),
    "a single paragraph is kept": (after_home(div(ps(NOTICE), "more")), (*STORY, NOTICE)),
    "a single paragraph is kept behind a short link": (after_home(ps(NOTICE), between=STEP), (*STORY, NOTICE)),
    "a single paragraph is dropped behind a wall of links": (after_home(ps(NOTICE), between=WALL), STORY),
    "a single piece of bare text is dropped": (after_home(div(NOTICE, "more")), STORY),
    "a single paragraph with links in a box of its own is dropped": (after_home(div(ps(LINKED), "more")), STORY),
    "a part with links is kept": (
        after_home(div(ps(LINKED, NOTICE), "more")),
        (*STORY, LINKED_TEXT, NOTICE),
    ),
    "a link before what is marked at home's end is a part of the wall": (
        div(H1 + div(ps(*STORY) + WALL + div(ps(*TWO), "related"), "story") + ps(NOTICE), "page"),
        STORY,
    ),
    "a part with links is kept behind a short link": (
        after_home(div(ps(LINKED, NOTICE), "more"), between=STEP),
        (*STORY, LINKED_TEXT, NOTICE),
    ),
    "a part with links is dropped behind a wall of them": (
        after_home(div(ps(LINKED, NOTICE), "more"), between=WALL),
        STORY,
    ),
    "links inside the part itself are no wall": (
        after_home(div(WALL + ps(LINKED, NOTICE), "more")),
        (*STORY, LINKED_TEXT, NOTICE),
    ),
    "a long part is kept where little more than half stands at home": (
        after_home(div(ps(*FOUR), "more"), home=FIRST),
        (*FIRST, *FOUR),
    ),
    "a long part without links is kept behind a wall of them, too": (
        after_home(div(ps(*FOUR), "more"), home=FIRST, between=WALL),
        (*FIRST, *FOUR),
    ),
    "a short part is dropped, and a long one kept": (
        after_home(div(ps(*TWO), "more") + THIRDS, home=said(*range(1, 7))),
        (*said(*range(1, 7)), *apart(5, 6, 7)),
    ),
    "a part named as home is kept": (after_home(div(ps(*TWO), "story")), (*STORY, *TWO)),
    "a part named as home that is mostly short lines is dropped": (
        after_home(div(ps(*TWO) + ps(*["Oak, in brown, from the market of the old town"] * 5), "story")),
        STORY,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), AFTER_HOME.values(), ids=AFTER_HOME)
def test_after_home(html: str, expected: tuple[str, ...]) -> None:
    assert read(html) == expected


# ------------------------------------------------------------------------------------- the headline, and other articles

FILLED = [headed(TITLE, *FIRST), headed("Market sells chairs of oak", *apart(*range(4)))]
HEADLINE: Cases = {
    "what stands before it is dropped": (ps(*TWO) + H1 + ps(*STORY), STORY),
    "a headline below the text cuts nothing": (ps(*STORY) + H1 + ps(*TWO), (*STORY, *TWO)),
    "an article that follows, headed in the same way, is dropped": ("".join(FILLED), FIRST),
    "one that follows is kept when the first is a teaser": (
        headed(TITLE, *said(1, 2, 3)) + headed("What the neighbours say", *said(4, 5)),
        (*said(1, 2, 3), "What the neighbours say", *said(4, 5)),
    ),
    "the headline said once more starts no other article": (
        headed(TITLE, *FIRST) + headed(f"{TITLE}!", *SECOND),
        (*FIRST, f"{TITLE}!", *SECOND),
    ),
    "headings of sections, each in a box, head no articles": (
        div(f"<h2>{TITLE}</h2>", "top") + ps(*FIRST) + div("<h2>What the neighbours say</h2>", "top") + ps(*SECOND),
        (*FIRST, "What the neighbours say", *SECOND),
    ),
    "headings of sections that stand beside the headline head no articles": (
        f"<h2>{TITLE}</h2>{ps(*FIRST)}<h2>What the neighbours say</h2>{ps(*SECOND)}",
        (*FIRST, "What the neighbours say", *SECOND),
    ),
    "a sentence set as the headline is heads no article": (
        f"<h2>{TITLE}</h2>{ps(*FIRST)}<h2>{LEAD}</h2>{ps(*SECOND)}",
        (*FIRST, LEAD, *SECOND),
    ),
    "headings in boxes of another name head no articles": (
        headed(TITLE, *FIRST) + div(f"<h2>What the neighbours say</h2>{ps(*SECOND)}", "part"),
        (*FIRST, "What the neighbours say", *SECOND),
    ),
    "headings set in another way than the headline head no articles": (
        div(H1 + ps(*FIRST), "entry") + div("<h3>What the neighbours say</h3>" + ps(*SECOND), "entry"),
        (*FIRST, "What the neighbours say", *SECOND),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), HEADLINE.values(), ids=HEADLINE)
def test_the_headline_begins_the_article(html: str, expected: tuple[str, ...]) -> None:
    assert read(html) == expected


# ------------------------------------------------------------------------------------------------------------- tails

LINKS = f"<p>{LINK}</p><p>{LINK}</p>"
SEVEN, THREE = STORY[:7], STORY[7:]
TAILS: Cases = {
    "a line that says so, with links behind it, ends the article": (
        H1 + div(ps(*SEVEN), "a") + "<h3>You might like this</h3>" + LINKS + div(ps(*THREE), "a"),
        SEVEN,
    ),
    "a line that says so in Russian": (
        H1 + div(ps(*SEVEN), "a") + "<h3>Другие новости</h3>" + LINKS + div(ps(*THREE), "a"),
        SEVEN,
    ),
    "without links it ends nothing": (
        H1 + div(ps(*SEVEN) + "<h3>You might like this</h3>", "a") + div(ps(*THREE), "a"),
        (*SEVEN, "You might like this", *THREE),
    ),
    "without links it ends the article at its very end": (
        H1 + div(ps(*STORY, *said(*range(11, 21))), "a") + "<h3>You might like this</h3>" + div(ps(NOTICE), "a"),
        (*STORY, *said(*range(11, 21))),
    ),
    "it ends nothing in the first half": (
        H1 + div(ps(*THREE), "a") + div("<h3>You might like this</h3>" + LINKS + ps(*SEVEN), "a"),
        (*THREE, "You might like this", *SEVEN),
    ),
    "it ends nothing if the article goes on in the same box": (
        H1 + div(ps(*SEVEN) + "<h3>You might like this</h3>" + LINKS + ps(*THREE)),
        (*SEVEN, "You might like this", *THREE),
    ),
    "short lines in the same box are no article that goes on": (
        H1 + div(ps(*SEVEN) + "<h3>You might like this</h3>" + LINKS + ps("Oak is sold by the piece, too.")),
        SEVEN,
    ),
    "bare text in the same box is no article that goes on": (
        H1 + div(ps(*SEVEN) + "<h3>You might like this</h3>" + LINKS + div(TWO[0]) + div(TWO[1])),
        SEVEN,
    ),
    "a long line heads nothing": (
        H1 + div(ps(*SEVEN), "a") + "<p>You might think that this is the end of the story, which is not so</p>" + LINKS
        + div(ps(*THREE), "a"),
        (*SEVEN, "You might think that this is the end of the story, which is not so", *THREE),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), TAILS.values(), ids=TAILS)
def test_what_comes_after_the_article(html: str, expected: tuple[str, ...]) -> None:
    assert read(html) == expected


# ------------------------------------------------------------------------------------------------------------- lines

LINES: Cases = {
    "items of a list": (
        "<ul><li>Lorries by day</li><li>Pumps by night</li></ul>",
        ("Lorries by day", "Pumps by night"),
    ),
    "cells of a row stand in one line": (
        "<table><tr><td>Lorries</td><td>40</td></tr><tr><td>Pumps</td><td>6</td></tr></table>",
        ("Lorries | 40", "Pumps | 6"),
    ),
    "cells that hold paragraphs are lines of their own": (
        "<table><tr><td><p>Lorries by day</p></td><td><p>Pumps by night</p></td></tr></table>",
        ("Lorries by day", "Pumps by night"),
    ),
    "a heading": ("<h2>What comes next</h2>", ("What comes next",)),
    "a quote": ("<blockquote>So be it</blockquote>", ("So be it",)),
    "lines of a verse": ("<pre>So be it</pre>", ("So be it",)),
    "the text of a caption is dropped": (f"<figure><img><figcaption>{NOTICE}</figcaption></figure>", ()),
    "the headline said again is dropped": (f"<p>{TITLE}</p>", ()),
    "a row of stars is dropped": ("<p>* * *</p>", ()),
    "a number is no row of stars": ("<p>1</p>", ("1",)),
    "a link on its own is dropped": (f"<p>{LINK}</p>", ()),
    "a sentence that is all link is kept": ("<p><a href='/'>So the town has decided, at last.</a></p>",
                                            ("So the town has decided, at last.",)),
    "a listed sentence that is all link is dropped": ("<ul><li><a href='/'>So the town decided.</a></ul>", ()),
    "a line that begins as furniture is dropped": ("<p>Read more about it</p>", ()),
    "a long one that begins as furniture is kept": (f"<p>Read more, {LEAD}</p>", (f"Read more, {LEAD}",)),
    "a credit is dropped": ("<p>Photo: A. Painter</p>", ()),
    "a bare label is dropped": ("<div>Advice</div>", ()),
    "a bare sentence is kept": ("<div>So be it.</div>", ("So be it.",)),
    "bare words as long as a line are kept": ("<div>so it was in the old days</div>", ("so it was in the old days",)),
    "a paragraph repeated word for word is dropped": (f"<p>{FIRST[0]}</p>", ()),
    "hidden text is dropped": (f"<div hidden><p>{NOTICE}</p></div>", ()),
}  # fmt: skip
FOREIGN = {
    "German": "Lesen Sie auch: Der alte Steinbruch",
    "French": "À lire aussi : la vieille carrière",
    "Spanish": "Lea también: la vieja cantera",
    "Portuguese": "Leia também: a velha pedreira",
    "Italian": "Leggi anche la vecchia cava",
    "Dutch": "Lees ook: de oude groeve",
    "Swedish": "Läs också: det gamla stenbrottet",
    "Polish": "Czytaj też: stary kamieniołom",
    "Russian": "Читайте также: старый карьер",
    "Greek": "Διαβάστε επίσης: το παλιό λατομείο",
    "Indonesian": "Baca juga: tambang tua",
    "Vietnamese": "Xem thêm: mỏ đá cũ",
    "simplified Chinese": "相关阅读：旧采石场",
    "traditional Chinese": "延伸閱讀：舊採石場",
    "Japanese": "関連記事：古い採石場",
    "Korean": "관련기사 오래된 채석장",
}
NOTICES = {
    "who wrote it": "Ana Ruiz is a senior reporter at The Daily Example and covers the harbour. Follow her on X.",
    "who holds the rights": "Copyright 2021 The Daily Example. No part of this page may be shown elsewhere without our "
    "consent, which we give in writing, if at all, to those who ask for it in good time and tell us what for.",
    "who is not to blame": "免责声明：以上内容来自作者，仅供读者参考，本站不保证其中陈述的真实性，读者风险自负。",
    "where it may be shown": "凡本网注明来源的文章，版权均属于本网，未经书面授权，任何媒体不得转载或以其他方式使用。",
}  # fmt: skip
LINES |= {f"a notice of {about} is dropped": (f"<p>{text}</p>", ()) for about, text in NOTICES.items()}
LINES |= {f"furniture in {name} is dropped": (f"<p>{line}</p>", ()) for name, line in FOREIGN.items()}


@pytest.mark.parametrize(("line", "kept"), LINES.values(), ids=LINES)
def test_a_line_between_paragraphs(line: str, kept: tuple[str, ...]) -> None:
    assert read(f"{H1}<div>{ps(*FIRST)}{line}{ps(*SECOND)}</div>") == (*FIRST, *kept, *SECOND)


ENDS: Cases = {
    "a short line before the first paragraph is dropped": (ps("By A. Writer") + ps(*STORY), STORY),
    "a heading after the last paragraph is dropped": (ps(*STORY) + "<h2>What comes next</h2>", STORY),
    "a short sentence after the last paragraph is kept": (ps(*STORY, "It rained."), (*STORY, "It rained.")),
    "two short sentences after it are kept": (ps(*STORY, "It rained.", "We went."), (*STORY, "It rained.", "We went.")),
    "a line after it that is no sentence is dropped": (ps(*STORY, "Rain and wind"), STORY),
    "a short sentence after a listed one is dropped": (
        ps(*FIRST) + f"<ul><li>{STORY[5]}</ul><p>It rained.</p>",
        STORY[:6],
    ),
    "a listed sentence after it is dropped": (ps(*STORY) + "<ul><li>It rained.</ul>", STORY),
    "a sentence in a link after it is dropped": (
        ps(*STORY, "<a href='/'>So it rained.</a>"),
        STORY,
    ),
    "a page of short paragraphs has no prose, but a text": (
        ps("Rain by night", "rain in the old quarry", "sun by day", "sun on the walls of it"),
        ("rain in the old quarry", "sun by day", "sun on the walls of it"),
    ),
    "a page of short items has no text": ("<ul><li>rain in the old quarry<li>sun on the walls of it</ul>", ()),
    "a page of shorter lines has no text": (ps("Rain by night", "sun by day"), ()),
    "short lines may be said again": (
        ps(STORY[0], "So be it", STORY[1], "So be it", STORY[2]),
        (STORY[0], "So be it", STORY[1], "So be it", STORY[2]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), ENDS.values(), ids=ENDS)
def test_where_the_text_begins_and_ends(html: str, expected: tuple[str, ...]) -> None:
    assert read(f"{H1}<div>{html}</div>") == expected


def test_what_the_source_shows_on_many_pages_is_dropped() -> None:
    assert read(H1 + ps(*FIRST, NOTICE, *SECOND), repeated={NOTICE}) == STORY
    assert read(H1 + ps(*FIRST, NOTICE, *SECOND)) == (*FIRST, NOTICE, *SECOND)


# ---------------------------------------------------------------------------------------------- what surrounds the text


def test_a_page_without_boxes_or_text() -> None:
    assert maintext.read([], []) == MainText()
    assert main_text("<div></div>") == MainText()


def test_what_surrounds_the_text_is_measured() -> None:
    text = f"<p>{'a' * 64}<a href=/>{'c' * 8}</a></p>"
    found = main_text(H1 + text + "".join(f"<li><a href=/>{'b' * 16}</a>" for _ in range(4)))
    assert found.total == len(TITLE) + 136
    assert found.link_share == pytest.approx(72 / found.total)
    assert (found.links, found.cards) == (4, 4)


def test_the_lines_around_the_headline_come_nearest_first() -> None:
    found = main_text(
        ps("far", "Home", "Town", "News", "Today") + H1 + ps("By A. Writer", NOTICE, LEAD, *["9 May"] * 9)
    )
    assert found.lines == ("By A. Writer", NOTICE, *["9 May"] * 5, "Home", "Town", "News", "Today")


def test_without_a_headline_the_lines_that_lead_to_the_text_are_given() -> None:
    assert main_text(ps(*"abcd", "By A. Writer", "9 May", *STORY)).lines == ("b", "c", "d", "By A. Writer", "9 May")
    assert main_text(ps(LEAD) + ps(*STORY), repeated={LEAD}).lines == ()
    assert main_text(ps(*["Home"] * 12)).lines == ()


def test_names_count_for_nothing_where_they_leave_next_to_nothing() -> None:
    parts = div(ps(*FIRST[:3]), "promo") + div(ps(*SECOND[:3]), "related") + div(ps(*apart(1, 2)), "newsletter")
    assert read(H1 + parts + div(ps(*TWO), "comments")) == (*FIRST[:3], *SECOND[:3], *TWO)
    assert read(H1 + div(ps(*FIRST[:2]), "promo") + div(ps(*FIRST[2:4]), "related")) == (), "there is not much to lose"
