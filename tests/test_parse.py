import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import parse
from monitor.errors import NotAnArticle
from monitor.model import Article

URL = "https://news.example.com/2021/08/12/harbour-bridge"
TITLE = "Harbour board approves repair of the old bridge"
STORY = (
    "The harbour board approved a plan to repair the old bridge on Thursday, after two years of talks with the city.",
    "Work is to begin in March and will take eleven months, the board's chair, Ana Ruiz, told reporters.",
    "About 900 people who live on the island will have to use a ferry while the bridge is closed.",
    "“We know that this is hard,” Ms Ruiz said. “But the bridge has waited for too long.”",
)
TEXT = "\n\n".join(STORY)
OTHER = "The old ferry was sold on Friday to a company from the mainland, its owner said."


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts or STORY)


def page(main: str | None = None, *, head: str = "", before: str = "", after: str = "", lang: str = "en") -> bytes:
    body = f"<article><h1>{TITLE}</h1>{paragraphs()}</article>" if main is None else main
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{TITLE} | The Daily Example</title>{head}</head><body>'
        f"<nav><a href='/'>Home</a> <a href='/news'>All the news of today and yesterday</a></nav>"
        f"{before}{body}{after}<footer><p>Copyright The Daily Example. All rights reserved, as they always were.</p>"
        f"</footer></body></html>"
    ).encode()


def linked(**fields: object) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def read(body: bytes, url: str = URL) -> Article:
    return parse.article(body, url=url)


def teasers(count: int) -> str:
    return "".join(
        f"<div class='item'><h3><a href='/{n}'>Another story of the day, number {n}</a></h3>"
        f"<p>It tells something else at length, so that it looks like prose, for the {n}th time.</p></div>"
        for n in range(count)
    )


# ------------------------------------------------------------------------------------------------------------- text

SURROUNDED = {
    "by nothing": page(),
    "by related stories in a box that says so": page(after=f"<div class='related-stories'>{paragraphs(OTHER)}</div>"),
    "by rows of cards that say nothing": page(after=f"<div>{teasers(5)}</div>", before=f"<div>{teasers(4)}</div>"),
    "by readers' comments, longer than the article": page(
        after=f"<div id='comments'>{paragraphs(*(f'I have always said so, number {n}. ' * 9 for n in range(9)))}</div>"
    ),
    "by a consent banner": page(
        before="<div class='cookie-consent'><p>We and our 842 partners store information on your device.</p></div>"
    ),
    "by hidden text": page(before="<div style='display:none'><p>For machines only, and it is long enough.</p></div>"),
    "by a sidebar that holds prose": page(after=f"<aside><p>{STORY[0][::-1]}</p></aside>"),
    "by an error that a script left behind": page(
        f"<article><h1>{TITLE}</h1><ul><li>Oops!<br>Something went wrong.<br>Please try again later.</li></ul>"
        f"<div>Jonas Writer</div><div>·3 min read</div>{paragraphs()}"
        "<div><h2>Recommended Stories</h2><ul>"
        + "".join(f"<li><a href='/{n}'>Oops, another headline of the day, number {n}</a></li>" for n in range(5))
        + "</ul></div></article>"
    ),
    "by lines of furniture between its paragraphs": page(
        f"<article><h1>{TITLE}</h1>{paragraphs(STORY[0], 'Advertisement', STORY[1])}"
        f"<p><a href='/other'>Read more: the bridge, a short history in pictures</a></p>"
        f"{paragraphs('Read also: the bridge in 1950', *STORY[2:], 'Sign up for our newsletter', 'Follow us here')}"
        "</article>"
    ),
    "with the same paragraphs twice": page(f"<article><h1>{TITLE}</h1>{paragraphs()}{paragraphs()}</article>"),
    "by a second article on the same page": page(
        f"<div class='a'><header><h1>{TITLE}</h1></header>{paragraphs()}</div>"
        f"<div class='a'><header><h1>Ferry company hires captains</h1></header>"
        f"{paragraphs(*(f'The ferry company hired captain number {n} on Friday, it said.' for n in range(9)))}</div>"
    ),
    "split over boxes by advertisements": page(
        f"<div class='body'><h1>{TITLE}</h1><div>{paragraphs(*STORY[:2])}</div><div class='ad-slot'>Buy now, pay "
        f"later, and never think of it again.</div><div>{paragraphs(*STORY[2:])}</div></div>"
    ),
    "in a body whose class says sidebar": page(f"<div class='has-sidebar card'><h1>{TITLE}</h1>{paragraphs()}</div>"),
    "in lines parted by breaks": page(f"<div><h1>{TITLE}</h1><div>{'<br><br>'.join(STORY)}</div></div>"),
    "in tables, as of old": page(
        "<table><tr><td><a href=/>Home</a><br><a href=/a>News</a></td><td>"
        f"<font size=5><h1>{TITLE}</h1></font>{paragraphs()}</td></tr></table>"
    ),
    "in tag soup": f"<HTML><TITLE>{TITLE}</TITLE><BODY BGCOLOR=white><H1>{TITLE}</H1><P>{'<P>'.join(STORY)}".encode(),
    "with links inside": page(
        f"<article><h1>{TITLE}</h1>{paragraphs()}</article>".replace("Ana Ruiz", "<a href='/ruiz'>Ana Ruiz</a>")
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", SURROUNDED.values(), ids=SURROUNDED)
def test_the_text_is_the_articles_own(body: bytes) -> None:
    assert read(body).text == TEXT


def test_lists_quotes_and_headings_stay_where_they_stand() -> None:
    main = (
        f"<article><h1>{TITLE}</h1>{paragraphs(*STORY[:2])}<h2>What happens next</h2><ul>"
        f"<li>The ferry runs from March</li><li>The bridge opens again in February of the year after</li></ul>"
        f"<blockquote>{STORY[3]}</blockquote>"
        f"{paragraphs(STORY[2])}</article>"
    )
    assert read(page(main)).text.split("\n\n") == [
        *STORY[:2],
        "What happens next",
        "The ferry runs from March",
        "The bridge opens again in February of the year after",
        STORY[3],
        STORY[2],
    ]


def test_a_sentence_that_begins_like_furniture_is_kept() -> None:
    odd = (
        "Photo evidence shows three cracks in the deck.",
        "Updated figures put the cost at 9 million, the board said.",
    )
    assert read(page(f"<article><h1>{TITLE}</h1>{paragraphs(STORY[0], *odd, STORY[1])}</article>")).text.split(
        "\n\n"
    ) == [
        STORY[0],
        *odd,
        STORY[1],
    ]


def test_chinese_is_measured_by_what_it_says() -> None:
    story = (
        "海港委员会周四批准了旧桥的维修计划，工程将于三月开始。",
        "约九百名岛上居民在大桥关闭期间须乘渡轮。",
        "委员会主席说：“这座桥等得太久了。”",
    )
    title = "海港委员会批准旧桥维修"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{paragraphs(*story * 1)}</body></html>"
    found = read(body.encode("gbk"))
    assert found.text == "\n\n".join(story)
    assert (found.title, found.language) == (title, "zh")


def test_text_that_only_the_linked_data_holds() -> None:
    body = page(
        "<div id='root'></div>", head=linked(headline=TITLE, articleBody="<p>" + "</p><p>".join(STORY) + "</p>")
    )
    assert read(body).text == TEXT


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["<div>", "<article><p>", "<p>", "<table><tr>", "<!--", "<script>"]))
def test_any_bytes_are_an_article_or_none(noise: bytes, opened: str) -> None:
    try:
        found = read(opened.encode() + noise + page())
    except NotAnArticle:
        return
    assert found.title
    assert found.text.encode()


# --------------------------------------------------------------------------------------------------------- metadata


def test_what_the_page_says_about_itself() -> None:
    head = linked(
        headline=TITLE,
        author=[{"@type": "Person", "name": "Maria Writer"}, {"name": "By Tom Scribe, Chief Reporter"}],
        publisher={"@type": "Organization", "name": "The Daily Example"},
        datePublished="2021-08-12T09:30:00+02:00",
        dateModified="2021-08-13",
    )
    found = read(page(head=head + '<link rel="canonical" href="https://news.example.com/harbour-bridge-repair-1234">'))
    assert found.title == TITLE
    assert found.author == "Maria Writer; Tom Scribe"
    assert found.publisher == "The Daily Example"
    assert found.published == datetime(2021, 8, 12, 7, 30, tzinfo=UTC)
    assert not found.published_is_day
    assert found.modified == datetime(2021, 8, 13, tzinfo=UTC)
    assert found.language == "en"
    assert found.canonical_url == found.url == "https://news.example.com/harbour-bridge-repair-1234"
    assert found.fetched_url == URL
    assert not found.partial


PUBLISHED = {
    "a graph": page(head='<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "X"}, {"@type":'
                    ' ["Report", "NewsArticle"], "headline": "H", "datePublished": "2021-08-12"}]}</script>'),
    "broken JSON": page(head='<script type="application/ld+json">{"@type": "NewsArticle", "headline": "H",'
                        ' "datePublished": "2021-08-12", "author": </script>'),
    "JSON with a comma too many, in a comment": page(
        head='<script type="application/ld+json"><!-- {"@type": "Report", "datePublished": "2021-08-12",} --></script>'
    ),
    "Open Graph": page(head='<meta property="article:published_time" content="2021-08-12">'),
    "Dublin Core": page(head='<meta name="DC.date.issued" content="2021-08-12">'),
    "microdata": page(before='<span itemprop="datePublished" content="2021-08-12">last Thursday</span>'),
    "a time element": page(before='<time datetime="2021-08-12">last Thursday</time>'),
    "a line that people read": page(before='<p class="article-date">Published: 12 August 2021</p>'),
    "the address alone": page(),
    "the address, when what is shown is the date of something else": page(before='<time datetime="2020-01-01"></time>'),
    "metadata rather than what is shown": page(
        head='<meta property="article:published_time" content="2021-08-12">',
        before="<time datetime='2020-01-01'></time>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("body", PUBLISHED.values(), ids=PUBLISHED)
def test_the_day_of_publication_is_found_in(body: bytes) -> None:
    found = read(body)
    assert (found.published, found.published_is_day) == (datetime(2021, 8, 12, tzinfo=UTC), True)


TITLES = {
    "the heading, not the site's name": (page(before="<h1>The Daily Example</h1>"), TITLE),
    "the heading, though linked data speak of another article": (page(head=linked(headline="BUY CHEAP PILLS")), TITLE),
    "Open Graph where there is no heading": (
        page(paragraphs(), head=f'<meta property="og:title" content="{TITLE}">'),
        TITLE,
    ),
    "the head's title without the site's name": (page(paragraphs()), TITLE),
    "the head's title, not an icon's": (page(before="<svg><title>Icon</title></svg>"), TITLE),
}


@pytest.mark.parametrize(("body", "title"), TITLES.values(), ids=TITLES)
def test_the_title_is(body: bytes, title: str) -> None:
    assert read(body).title == title


def test_an_endless_title_is_cut() -> None:
    assert len(read(page().replace(TITLE.encode(), b"T" * 100_000)).title) <= 500


AUTHORS = {
    "linked data by id": (
        '<script type="application/ld+json">{"@graph": [{"@id": "#p", "@type": "Person", "name": "Maria Writer"},'
        ' {"@type": "NewsArticle", "headline": "H", "author": {"@id": "#p"}}]}</script>',
        "Maria Writer",
    ),
    "meta": ('<meta name="author" content="Maria Writer and Tom Scribe">', "Maria Writer; Tom Scribe"),
    "not an address": ('<meta property="article:author" content="https://social.example/maria">', None),
    "not the site itself where people are named": (
        linked(
            author=[{"name": "The Daily Example"}, {"name": "Maria Writer"}], publisher={"name": "The Daily Example"}
        ),
        "Maria Writer",
    ),
}


@pytest.mark.parametrize(("head", "author"), AUTHORS.values(), ids=AUTHORS)
def test_the_author_is(head: str, author: str | None) -> None:
    assert read(page(head=head)).author == author


def test_a_shown_byline_names_the_author() -> None:
    assert read(page(before='<p class="byline">By Maria Writer</p>')).author == "Maria Writer"


FILED = {
    "another site's address is only a claim": ("https://famous.example.org/article", URL),
    "a home page is a slip": ("/", URL),
    "a script is no address": ("javascript:alert(1)", URL),
}


@pytest.mark.parametrize(("claim", "url"), FILED.values(), ids=FILED)
def test_the_page_is_filed_under_its_own_site(claim: str, url: str) -> None:
    found = read(page(head=f'<link rel="canonical" href="{claim}">'))
    assert (found.url, found.canonical_url) == (url, claim)


def test_a_template_that_says_english_is_not_believed() -> None:
    german = ("Der Hafenrat hat am Donnerstag einen Plan für die Reparatur der alten Brücke beschlossen, und die "
              "Arbeiten sollen im März beginnen, sagte die Vorsitzende nach der Sitzung mit der Stadt.")  # fmt: skip
    assert (
        read(page(f"<article><h1>{TITLE}</h1>{paragraphs(german, german + ' Mehr nicht.')}</article>")).language == "de"
    )
    assert read(page(lang="fr-CA")).language == "fr"


CREDITS = {
    "a dateline": ("KATHMANDU, April 25 (Reuters) - " + STORY[0], "Reuters"),
    "a short dateline": ("LONDON (AP) — " + STORY[0], "AP"),
    "an agency in front": ("(Bloomberg) -- " + STORY[0], "Bloomberg"),
    "Chinese": ("新华社北京8月12日电 海港委员会周四批准了旧桥的维修计划，工程将于三月开始。", "Xinhua"),
    "Taiwan": ("（法新社羅馬19日電） 海港委員會週四批准了舊橋的維修計畫，工程將於三月開始。", "AFP"),
    "naming one is no credit": (
        "“The bridge has waited for too long,” Ms Ruiz told Reuters on Thursday evening.",
        None,
    ),
}


@pytest.mark.parametrize(("first", "agency"), CREDITS.values(), ids=CREDITS)
def test_the_agency_credited_is(first: str, agency: str | None) -> None:
    assert read(page(f"<article><h1>{TITLE}</h1>{paragraphs(first, *STORY)}</article>")).agency == agency


def test_a_teaser_before_a_paywall_is_partial() -> None:
    wall = "<div class='paywall'><p>To continue reading, subscribe now for 1 euro a month.</p></div>"
    found = read(
        page(
            f"<article><h1>{TITLE}</h1>{paragraphs(*STORY[:2])}{wall}</article>", head=linked(isAccessibleForFree=False)
        )
    )
    assert found.partial
    assert found.text == "\n\n".join(STORY[:2])


# ----------------------------------------------------------------------------------------- live blogs, teasers, scripts


def live(*entries: tuple[str, str]) -> str:
    rows = "".join(
        f"<div class='entry'><time datetime='2021-08-12T{at}:00+08:00'></time><p>{text}</p></div>"
        for at, text in entries
    )
    return f"<article><h1>{TITLE} – live updates</h1><div class='entries'>{rows}</div></article>"


def test_a_live_blog_is_split_into_its_updates() -> None:
    entries = (("12:40", STORY[2]), ("11:05", STORY[1]), ("09:30", STORY[0]))
    article = read(page(live(*entries), head=f"<meta property='og:title' content='{TITLE} – live updates'>"))
    assert [(update.text, update.published.isoformat()) for update in article.updates if update.published] == [
        (text, f"2021-08-12T{at}:00+08:00") for at, text in entries
    ]
    assert all(text in article.text for _, text in entries)


def test_a_report_has_no_updates() -> None:
    assert read(page()).updates == ()


def test_text_that_only_a_script_holds_is_found() -> None:
    data = {"props": {"article": {"headline": TITLE, "body": [{"type": "paragraph", "text": text} for text in STORY]}}}
    script = f"<script id='__NEXT_DATA__' type='application/json'>{json.dumps(data)}</script>"
    assert read(page(f"<div id='__next'></div>{script}")).text == TEXT


WALLED = {
    "a teaser that says how to read on": (f"<p>{STORY[0]}</p><div><p>Subscribe to continue reading</p></div>", True),
    "a whole article above an offer": (f"{paragraphs()}<div><p>Subscribe to our newsletter</p></div>", False),
}


@pytest.mark.parametrize(("text", "partial"), WALLED.values(), ids=WALLED)
def test_a_teaser_is_an_article_in_part(text: str, partial: bool) -> None:
    assert read(page(f"<article><h1>{TITLE}</h1>{text}</article>")).partial is partial


def test_what_a_source_shows_on_every_page_is_left_out() -> None:
    always = "The Daily Example is written by people who live here, and who would like to hear what you know."
    body = page(f"<article><h1>{TITLE}</h1>{paragraphs(*STORY, always)}</article>")
    assert always in read(body).text
    assert parse.article(body, url=URL, repeated={always}).text == TEXT


def test_the_day_is_the_pages_own() -> None:
    article = read(page(head="<meta property='article:published_time' content='2021-08-12T01:30:00+08:00'>"))
    assert article.published is not None
    assert article.published.date().isoformat() == "2021-08-12"
    assert article.published == datetime(2021, 8, 11, 17, 30, tzinfo=UTC)


def test_a_row_of_a_table_is_a_line() -> None:
    rows = "".join(
        f"<tr><td>{name}</td><td>{votes}</td></tr>" for name, votes in (("Harbour", "1,204"), ("Mill", "988"))
    )
    body = f"<article><h1>{TITLE}</h1>{paragraphs(*STORY[:2])}<table>{rows}</table>{paragraphs(*STORY[2:])}</article>"
    lines = read(page(body)).text.split("\n\n")
    assert lines == [*STORY[:2], "Harbour | 1,204", "Mill | 988", *STORY[2:]]


def test_what_nobody_can_see_is_left_out() -> None:
    unseen = "The har\u00adbour\u0001 board\ufeff met again in May."
    body = page(f"<article><h1>{TITLE}</h1>{paragraphs(*STORY[:3], unseen)}</article>")
    assert read(body).text.endswith("The harbour board met again in May.")


def test_a_page_may_come_from_no_address() -> None:
    assert read(page(), url="http://[::1").title == TITLE
