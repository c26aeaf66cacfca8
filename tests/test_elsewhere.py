import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.page import blocks, elsewhere, layout
from monitor.page.furniture import Mark

TITLE = "Rowing club wins the long race"


def said(*numbers: int) -> tuple[str, ...]:
    """Write paragraphs of 93 letters each."""
    return tuple(
        f"Rower {n:03} told the club that the boat had taken in water from the first minute of the race."
        for n in numbers
    )


STORY = said(*range(1, 8))
TEASER = "The swimming club has a new house on the river, with a view of the old bridge from its windows."
H1 = f"<h1>{TITLE}</h1>"


def ps(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def with_link(text: str) -> str:
    return f"{text} <a href='/'>And the other boats of this and that race</a>"


def div(inner: str, name: str = "", tag: str = "div") -> str:
    return f"<{tag} class='{name}'>{inner}</{tag}>" if name else f"<{tag}>{inner}</{tag}>"


def measured(html: str, title: str | None = TITLE) -> layout.Layout:
    body = LexborHTMLParser(html.encode(), scripting=True).body
    assert body is not None
    return layout.of(*blocks.read(body), title)


def marked(html: str, title: str | None = TITLE) -> dict[str, Mark]:
    """Tell how each text that is not the article's own is marked."""
    page = measured(html, title)
    found, _ = elsewhere.marks(page)
    return {block.text: found[block.box] for block in page.blocks if found[block.box]}


def cards(html: str) -> int:
    return elsewhere.marks(measured(html, TITLE))[1]


def all_of(mark: Mark, *texts: str) -> dict[str, Mark]:
    return dict.fromkeys(texts, mark)


ARTICLE = div(H1 + ps(*STORY), "story")
NEVER, OTHER, MAYBE = Mark.NEVER, Mark.OTHER, Mark.MAYBE
Cases = dict[str, tuple[str, dict[str, Mark]]]

# ----------------------------------------------------------------------------------------------------------- by name

NAMED = {
    "a class": ("<div class='related-links'>", OTHER),
    "a class in camel case": ("<div class='moreFrom'>", OTHER),
    "an id": ("<section id=newsletter>", OTHER),
    "a role": ("<div role=complementary>", OTHER),
    "a tag": ("<aside>", OTHER),
    "another tag": ("<footer>", OTHER),
    "a tag that a lesser name stands on": ("<aside class=widget>", OTHER),
    "a tag that a surer name stands on": ("<aside class=comments>", NEVER),
    "what readers wrote": ("<div class=comments>", NEVER),
    "what lawyers wrote": ("<div id=cookie-notice>", NEVER),
    "what a designer calls anything": ("<div class=gallery>", MAYBE),
    "the surest of three": ("<div class='card promo consent'>", NEVER),
    "advertisements": ("<div class=ads>", OTHER),
    "one advertisement of several": ("<div class='ad ad_3'>", OTHER),
    "hidden by an attribute": ("<div hidden>", OTHER),
    "hidden from readers by voice": ("<div aria-hidden=true>", OTHER),
    "hidden by a style": ("<div style='color: red; Display : none'>", OTHER),
    "hidden, and what readers wrote": ("<div class=comments hidden>", NEVER),
    "hidden, and a designer's word": ("<div class=card hidden>", OTHER),
    "letters and digits that mean nothing": ("<div class=ad6ed79d>", Mark.NONE),
    "a word inside a longer one": ("<div class='shareholders unrelated adventure'>", Mark.NONE),
    "shared, not sharing": ("<div class=shared>", Mark.NONE),
    "not hidden": ("<div aria-hidden=false style='display:block'>", Mark.NONE),
    "a paragraph, whatever it is called": ("<p class=related>", Mark.NONE),
    "a heading, whatever it is called": ("<h2 class=related>", Mark.NONE),
    "the main part, whatever it is called": ("<main class=related>", Mark.NONE),
    "no name": ("<div>", Mark.NONE),
}


@pytest.mark.parametrize(("tag", "mark"), NAMED.values(), ids=NAMED)
def test_a_box_is_marked_by(tag: str, mark: Mark) -> None:
    name = tag[1:-1].split()[0]
    html = f"<div class=story>{H1}{ps(*STORY)}</div>{tag}{TEASER}</{name}>"
    assert marked(html) == ({TEASER: mark} if mark else {})


INSIDE: Cases = {
    "a box inside is marked as the one around it": (
        ARTICLE + div(div(ps(TEASER), "text"), "promo"),
        {TEASER: OTHER},
    ),
    "a lesser mark inside does not weaken it": (
        ARTICLE + div(div(ps(TEASER), "card"), "promo"),
        {TEASER: OTHER},
    ),
    "a surer mark inside strengthens it": (
        ARTICLE + div(ps(TEASER) + div(ps("Never!"), "comments"), "promo"),
        {TEASER: OTHER, "Never!": NEVER},
    ),
    "boxes around the headline are not marked": (
        div(div(H1, "promo"), "modal") + div(ps(*STORY), "story"),
        {},
    ),
    "a box around another heading that comes first is": (
        div("<h1>Other boats of the week</h1>", "promo") + ARTICLE,
        {"Other boats of the week": OTHER},
    ),
    "a box around the same words in a lesser heading is": (
        div(f"<h2>{TITLE}</h2>", "promo") + ARTICLE,
        {TITLE: OTHER},
    ),
    "a box around another heading is": (
        ARTICLE + div("<h1>Other boats of the week</h1>", "promo"),
        {"Other boats of the week": OTHER},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), INSIDE.values(), ids=INSIDE)
def test_boxes_in_boxes(html: str, expected: dict[str, Mark]) -> None:
    assert marked(html) == expected


FEW = said(1, 2, 3)
MANY = said(*range(20, 40))
DISGUISED: Cases = {
    "the article in a box that is called newsletter": (H1 + div(ps(*STORY), "newsletter-layout"), {}),
    "the article in an aside": (H1 + f"<aside>{ps(*STORY)}</aside>", {}),
    "the article in a box that hides until scripts run": (H1 + f"<div hidden>{ps(*STORY)}</div>", {}),
    "half of it in a box that is called sidebar": (
        H1 + div(ps(*FEW), "sidebar") + div(ps(*STORY), "story"),
        {},
    ),
    "a tenth of it in a box that is called sidebar": (
        H1 + div(ps(TEASER), "sidebar") + div(ps(*STORY), "story"),
        {TEASER: MAYBE},
    ),
    "a third of the page in a box that is called related": (
        H1 + div(ps(*FEW), "related") + div(ps(*said(*range(4, 9))), "story"),
        all_of(OTHER, *FEW),
    ),
    "most of the page in a box that is called related, beside an article": (
        H1 + div(ps(*MANY), "related") + div(ps(*STORY), "story"),
        all_of(OTHER, *MANY),
    ),
    "the same beside a teaser": (H1 + div(ps(*MANY), "related") + div(ps(*FEW), "story"), {}),
    "the same beside an article in pieces": (
        H1 + div(ps(*MANY), "related") + div(ps(*FEW), "one") + div(ps(*said(4, 5, 6, 7)), "two"),
        {},
    ),
    "the same beside as much text full of links": (
        H1 + div(ps(*MANY), "related")
        + div(ps(*map(with_link, STORY)), "story"),
        {},
    ),
    "the same beside an article around the headline, whose box is called so, too": (
        div(ps(*MANY), "related") + div(H1 + ps(*STORY), "promo"),
        all_of(OTHER, *MANY),
    ),
    "the same beside an article in a box that is called so, too": (
        H1 + div(ps(*MANY), "related") + div(ps(*STORY), "promo"),
        all_of(OTHER, *STORY),
    ),
    "nearly all of the page in a box that is called related, beside a short article": (
        H1 + div(ps(*said(*range(100, 190))), "related") + div(ps(*STORY), "story"),
        {},
    ),
    "most of the page hidden, beside an article": (
        H1 + f"<div hidden>{ps(*MANY)}</div>" + div(ps(*STORY), "story"),
        {},
    ),
    "some of it in boxes whose class says hidden": (
        H1 + "".join(div(ps(*said(n)), "hidden") for n in range(1, 6)) + div(ps(*said(6, 7, 8)), "story"),
        {},
    ),
    "some of it hidden": (
        H1 + f"<div hidden>{ps(*FEW)}</div>" + div(ps(*STORY), "story"),
        all_of(OTHER, *FEW),
    ),
    "the article over several boxes of one name": (
        H1 + "".join(div(ps(*said(10 * n, 10 * n + 1)), f"promo part{n}") for n in range(3)),
        {},
    ),
    "some boxes of one name": (
        H1 + "".join(div(ps(*said(10 * n, 10 * n + 1)), f"promo part{n}") for n in range(3)) + div(ps(*STORY), "story"),
        all_of(OTHER, *said(0, 1, 10, 11, 20, 21)),
    ),
    "several boxes that are hidden": (
        H1 + "".join(f"<div hidden>{ps(*said(10 * n, 10 * n + 1))}</div>" for n in range(3))
        + div(ps(*said(3, 4)), "story"),
        all_of(OTHER, *said(0, 1, 10, 11, 20, 21)),
    ),
    "one box of a name inside another counts once": (
        H1 + div(div(div(ps(*FEW), "promo c"), "promo b"), "promo a") + div(ps(*said(4, 5, 6, 7)), "story"),
        all_of(OTHER, *FEW),
    ),
    "more comments than article, and the article in a box that is called related": (
        H1 + div(ps(*STORY), "related") + div(ps(*MANY), "comments"),
        all_of(NEVER, *MANY),
    ),
    "comments and nothing else": (H1 + div(ps(*MANY), "comments"), all_of(NEVER, *MANY)),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), DISGUISED.values(), ids=DISGUISED)
def test_a_box_that_holds_the_article_is_trusted(html: str, expected: dict[str, Mark]) -> None:
    assert marked(html) == expected


# ---------------------------------------------------------------------------------------------------------- by shape


def card(number: int, *, text: str = TEASER, name: str = "e", tag: str = "div") -> str:
    link = f"<h3><a href='/{number}'>Swimming club builds house {number}</a></h3>"
    return div(f"{link}<p>{number}. {text}</p>", name, tag)


def row(*members: str) -> str:
    return ARTICLE + div("".join(members), "x")


NO_CARD = div(ps("River house"), "e")
MANY_LINKS = "".join(f"<p><a href='/{n}'>Swimming club builds house {n}</a></p>" for n in range(6))
CARDS = {
    "a row of linked headlines": (row(card(1), card(2), card(3)), 3),
    "list items": (row(*(card(n, tag="li") for n in range(4))), 4),
    "names that end in a number": (row(*(card(n, name=f"e-{n}") for n in range(4))), 4),
    "mostly linked headlines": (row(card(1), card(2), card(3), NO_CARD), 4),
    "two": (row(card(1), card(2)), 0),
    "names that differ": (row(card(1, name="a"), card(2, name="b"), card(3, name="c")), 0),
    "tags that differ": (row(card(1), card(2, tag="section"), card(3, tag="article")), 0),
    "boxes in different places": (row(div(card(1), "a"), div(card(2), "b"), div(card(3), "c")), 0),
    "tags that never come in rows": (row(*(card(n, tag="header") for n in range(4))), 0),
    "linked headlines in half of the row": (row(card(1), card(2), NO_CARD, NO_CARD), 0),
    "links too short for headlines": (row(*(div("<p><a href='/'>House</a></p>", "e") for _ in range(4))), 0),
    "long texts": (row(*(card(n, text=" ".join(said(*range(5)))) for n in range(4))), 0),
    "as many links as a menu has": (row(*(div(MANY_LINKS, "e") for _ in range(3))), 3),
    "more links than that": (row(*(div(MANY_LINKS + card(9), "e") for _ in range(3))), 0),
}  # fmt: skip


@pytest.mark.parametrize(("html", "count"), CARDS.values(), ids=CARDS)
def test_rows_of_cards(html: str, count: int) -> None:
    teasers = [text for text in marked(html) if TEASER in text]
    assert cards(html) == count
    assert bool(teasers) == bool(count and TEASER in html)


def test_a_card_that_holds_the_headline_is_no_other_article() -> None:
    own = div(f"<h1><a href='/'>{TITLE}</a></h1>{ps(TEASER)}", "e")
    found = marked(div(own + card(1) + card(2)))
    assert TEASER not in found
    assert f"1. {TEASER}" in found


def test_a_card_that_readers_wrote_stays_theirs() -> None:
    found = marked(row(*(div(card(n), "comment") for n in range(3))))
    assert set(found.values()) == {NEVER}


ENGLISH = "I was there on the day and must say that nobody got as wet as those who looked on"
CHINESE = "我那天在河边，可以说没有人比看比赛的人更湿，下次请提醒大家带伞，也请告诉我们几点开始比赛，谢谢大家"
NAMES = ("Anna B", "Tom", "riverfan77", "Old Rower", "Nell")


def entry(number: int, *, text: str = ENGLISH, when: str = "9 May 2024", extra: str = "") -> str:
    return f"<li><b>{NAMES[number % 5]}</b><div>{when}</div>{extra}<div>{text}, number {number}.</div></li>"


def thread(*entries: str, before: tuple[str, ...] = STORY) -> str:
    return H1 + div(ps(*before), "story") + f"<ul>{''.join(entries)}</ul>"


SILENT = "<li><div>Nell</div></li>"
THREADS = {
    "names, times and sentences": (thread(*map(entry, range(5))), True),
    "names, times and sentences in Chinese": (
        thread(*(entry(n, text=CHINESE, when="5小时前") for n in range(5))),
        True,
    ),
    "some without a sentence": (thread(*map(entry, range(4)), SILENT, SILENT), True),
    "mostly without a sentence": (thread(*map(entry, range(4)), SILENT, SILENT, SILENT), False),
    "one without a time": (thread(*map(entry, range(4)), entry(5, when="")), True),
    "two without a time": (thread(*map(entry, range(4)), entry(5, when=""), entry(6, when="")), False),
    "three are none": (thread(*map(entry, range(3))), False),
    "a heading in each: an article of dated entries": (
        thread(*(entry(n, extra="<h3>The boats are off</h3>") for n in range(5))),
        False,
    ),
    "a heading in one": (thread(*map(entry, range(4)), entry(4, extra="<h3>The boats are off</h3>")), False),
    "no article before: the entries are the article": (thread(*map(entry, range(5)), before=said(1, 2)), False),
    "only teasers before": (
        H1 + ps(*map(with_link, STORY)) + f"<ul>{''.join(map(entry, range(5)))}</ul>",
        False,
    ),
    "no times": (thread(*(entry(n, when="in May") for n in range(5))), False),
    "sentences with numbers are no times": (thread(*(entry(n, when="I counted 9 boats.") for n in range(5))), False),
    "long captions with numbers are no times": (
        thread(*(entry(n, when="", extra=f"<figure>9 {'boats ' * 9} of them</figure>") for n in range(5))),
        False,
    ),
    "entries that stand in a box each": (thread(*(f"<li><div>{entry(n)[4:-5]}</div></li>" for n in range(5))), True),
}  # fmt: skip


@pytest.mark.parametrize(("html", "is_thread"), THREADS.values(), ids=THREADS)
def test_what_readers_wrote_has_a_shape(html: str, is_thread: bool) -> None:
    marks = {mark for text, mark in marked(html).items() if text.startswith((ENGLISH, CHINESE))}
    assert marks == ({NEVER} if is_thread else set())


def article(title: str, *texts: str, level: int = 2) -> str:
    return f"<article><h{level}>{title}</h{level}>{ps(*texts)}</article>"


OWN = f"<article>{H1}{ps(*STORY)}</article>"
NEXT = said(50, 51, 52)
FURTHER: Cases = {
    "one with a heading of its own": (
        OWN + article("Swimming club builds house", *NEXT),
        all_of(NEVER, "Swimming club builds house", *NEXT),
    ),
    "one with a main heading of its own": (
        OWN + article("Swimming club builds house", *NEXT, level=1),
        all_of(NEVER, "Swimming club builds house", *NEXT),
    ),
    "one with a heading of a lower rank is a part": (OWN + article("How it went", *NEXT, level=3), {}),
    "one without a heading is a part": (OWN + f"<article>{ps(*NEXT)}</article>", {}),
    "one inside the article is a part": (OWN.replace("</article>", "") + article("How it went", *NEXT), {}),
    "one that stands before": (article("Swimming club builds house", *NEXT) + OWN, {}),
    "one after a teaser": (f"<article>{H1}{ps(*said(1, 2, 3))}</article>" + article("How it went", *NEXT), {}),
    "one where the headline stands outside": (
        H1 + f"<article>{ps(*STORY)}</article>" + article("How it went", *NEXT),
        {},
    ),
    "a section": (OWN + f"<section><h2>How it went</h2>{ps(*NEXT)}</section>", {}),
}  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), FURTHER.values(), ids=FURTHER)
def test_a_further_article_is(html: str, expected: dict[str, Mark]) -> None:
    assert marked(html) == expected


def test_nothing_is_marked_on_a_plain_page() -> None:
    assert marked(H1 + ps(*STORY)) == {}
    assert marked(ps(*STORY), title=None) == {}
    assert cards(H1 + ps(*STORY)) == 0


def test_names_that_say_less_than_asked_count_for_nothing() -> None:
    page = measured(ARTICLE + div(ps(TEASER), "promo") + div("<p>So be it.</p>", "comments"))
    found, _ = elsewhere.marks(page, least=Mark.NEVER)
    assert {block.text for block in page.blocks if found[block.box]} == {"So be it."}
