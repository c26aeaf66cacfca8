import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from monitor.page import agencies, metadata, people, when
from monitor.page.metadata import Metadata

URL = "https://news.example.com/harbour-bridge-repair"
DAY = (datetime(2021, 8, 12, tzinfo=UTC), True)


def read(head: str = "", body: str = "", *, url: str = URL, lines: tuple[str, ...] = (), lang: str = "en") -> Metadata:
    page = f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{body}</body></html>".encode()
    tree = LexborHTMLParser(page, scripting=True)
    return metadata.shown(metadata.stated(tree, url=url), tree, lines, url=url, page=page)


def linked(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def meta(name: str, content: str, kind: str = "name") -> str:
    return f'<meta {kind}="{name}" content="{content}">'


def clock(hour: int, minute: int, offset: float = 0, day: int = 12) -> tuple[datetime, bool]:
    return datetime(2021, 8, day, hour, minute, tzinfo=timezone(timedelta(hours=offset))), False


# -------------------------------------------------------------------------------------------------------------- dates

STATED = {
    "linked data": linked(headline="H", datePublished="2021-08-12"),
    "linked data of the page around the article": '<script type="application/ld+json">{"@graph": [{"@type": "WebPage",'
    ' "datePublished": "2021-08-12"}, {"@type": "Article", "headline": "H"}]}</script>',
    "Open Graph": meta("article:published_time", "2021-08-12", "property"),
    "Open Graph, under the wrong attribute": meta("article:published_time", "2021-08-12"),
    "a name in capitals": meta("DC.Date.Issued", "2021-08-12"),
    "a name with other marks between its words": meta("publish_date", "2021-08-12"),
    "Dublin Core": meta("dcterms.created", "2021-08-12"),
    "microdata in <meta>": meta("datePublished", "2021-08-12", "itemprop"),
    "a value that should be a content": '<meta name="pubdate" value="2021-08-12">',
    "linked data rather than a weaker meta": linked(headline="H", datePublished="2021-08-12")
    + meta("date", "2021-09-01"),
    "publication rather than what came before or after": meta("article:modified_time", "2021-09-01")
    + meta("dc.date", "2021-08-12"),
}


@pytest.mark.parametrize("head", STATED.values(), ids=STATED)
def test_the_date_is_stated_in(head: str) -> None:
    assert read(head).published == DAY


SHOWN = {
    "RDFa": "<span property='schema:dateCreated' content='2021-08-12T00:00:00'></span>",
    "RDFa of several vocabularies": "<span property='dc:date dc:created' content='2021-08-12'>last week</span>",
    "the only date that stands alone": "<p>It was old.</p><small>August 12, 2021</small><p>In 2019 it was shut.</p>",
    "alone more than once, always the same": "<p><b>August 12, 2021</b></p><p><b>12 August 2021</b></p>",
    "microdata": "<span itemprop='datePublished' content='2021-08-12'>yesterday</span>",
    "microdata in other letters": "<span itemprop='DatePublished'>12 August 2021</span>",
    "<time>": "<p><time datetime='2021-08-12'>last week</time></p>",
    "the text of <time>": "<p><time>12 August 2021</time></p>",
    "<time>, not the one of the update": "<time class='updated' datetime='2021-09-01'></time>"
    "<time datetime='2021-08-12'></time>",
    "a class": "<div class='post-date'>12 August 2021</div>",
    "the class that tells most": "<div class='date'>1 May 2021</div><div class='published-date'>12 August 2021</div>",
    "not the box of another story": "<div class='related-story'><span class='date'>1 May 2021</span></div>"
    "<p class='date'>12 August 2021</p>",
    "not the footer": "<footer><p class='date'>1 May 2021</p></footer><p class='date'>12 August 2021</p>",
    "data in a script": '<script>window.state = {"publishedAt":"2021-08-12","x":1}</script>',
    "data in an attribute": "<div props='{&quot;datePublished&quot;:&quot;2021-08-12&quot;}'></div>",
}


@pytest.mark.parametrize("body", SHOWN.values(), ids=SHOWN)
def test_the_date_is_shown_in(body: str) -> None:
    assert read(body=body).published == DAY


LINES = {
    "a date": ("12 August 2021",),
    "published, in English": ("Updated 1 September 2021", "Published 12 August 2021"),
    "published and updated on one line": ("Updated: 1 September 2021 | Published: 12 August 2021",),
    "published before updated": ("Published 12 August 2021, updated 1 September 2021",),
    "German": ("Aktualisiert am 1. September 2021", "Veröffentlicht am 12. August 2021"),
    "French": ("Mis à jour le 1er septembre 2021", "Publié le 12 août 2021"),
    "Spanish": ("Actualizado 1 de septiembre de 2021", "Publicado el 12 de agosto de 2021"),
    "Russian": ("Обновлено 1 сентября 2021", "Опубликовано 12 августа 2021"),
    "Polish": ("Zaktualizowano 1 września 2021", "Opublikowano 12 sierpnia 2021"),
    "Chinese": ("更新：2021年9月1日", "发布时间：2021年8月12日"),
    "only an update": ("Last updated 12 August 2021",),
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
def test_the_date_stands_near_the_headline(lines: tuple[str, ...]) -> None:
    assert read(lines=lines, lang="de").published == DAY


ADDRESSES = {
    "folders": ("https://example.com/2021/08/12/bridge", DAY),
    "a month's name": ("https://example.com/2021/aug/12/bridge", DAY),
    "digits": ("https://example.com/news/20210812-bridge", DAY),
    "hyphens": ("https://example.com/news/2021-08-12/bridge", DAY),
    "digits behind a hyphen": ("https://example.com/bridge-reopens-20210812", DAY),
    "digits behind a letter": ("https://example.com/news/t20210812_4711.html", DAY),
    "a folder for the day": ("https://example.com/news/2021-08/12/bridge", DAY),
    "the day first": ("https://example.de/news/bridge-12-08-2021-x4.html", DAY),
    "no day": ("https://example.com/2021/08/bridge", None),
    "a number": ("https://example.com/news/1202108123", None),
    "a number that no month has": ("https://example.com/story-20219912", None),
    "a day outside of the path": ("https://example.com/a?d=2021-08-12", None),
}


@pytest.mark.parametrize(("url", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_the_address_gives(url: str, expected: tuple[datetime, bool] | None) -> None:
    assert read(url=url, lang="de").published == expected


def test_a_shown_date_far_from_the_addresss_is_anothers() -> None:
    body = "<time datetime='2020-01-01'></time>"
    assert read(body=body, url="https://example.com/2021/08/12/bridge").published == DAY


def test_an_update_is_no_publication_where_both_are_there() -> None:
    found = read(linked(headline="H", dateModified="2021-09-01", datePublished="2021-08-12"))
    assert (found.published, found.modified) == (DAY, (datetime(2021, 9, 1, tzinfo=UTC), True))


NOT_SHOWN = {
    "a copyright": "<p>Copyright 2021</p>",
    "two dates that stand alone": "<p>August 12, 2021</p><p>May 1, 2021</p>",
    "a date in a sentence": "<p>The old bridge was closed on August 12, 2021</p>",
    "RDFa of an update": "<span property='dc:modified'>soon</span>",
}


@pytest.mark.parametrize("body", NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_no_date_is_none(body: str) -> None:
    assert read(body=body).published is None


def test_the_day_that_a_member_joined_is_not_the_articles() -> None:
    assert read(lines=("Registered: 01.05.2020, 05:56", "12 August 2021")).published == DAY


def test_the_address_may_have_the_month_first() -> None:
    assert when.in_address("https://example.com/08-12-2021/bridge", day_first=False) == DAY


MOVED = linked(headline="H", datePublished="2025-06-12T10:00:00Z")
EARLIER = {
    "alone right behind the headline": (MOVED, ("Maria Berg", "August 12, 2021"), 2021),
    "with its weekday": (MOVED, ("Thursday, August 12, 2021",), 2021),
    "not in a caption": (MOVED, ("The bridge, seen from the harbour on August 12, 2021",), 2025),
    "not far from the headline": (MOVED, ("Share", "Save", "Print", "Listen", "Menu", "August 12, 2021"), 2025),
    "not an update": (MOVED, ("Updated August 12, 2021",), 2025),
    "not a later one": (linked(headline="H", datePublished="2020-01-02"), ("August 12, 2021",), 2020),
    "later too, where the statement is an unsure one": (meta("date", "2020-01-02"), ("August 12, 2021",), 2021),
}


@pytest.mark.parametrize(("head", "lines", "year"), EARLIER.values(), ids=EARLIER)
def test_a_day_that_is_shown_much_earlier_than_stated_is_taken(head: str, lines: tuple[str, ...], year: int) -> None:
    found = read(head, lines=lines).published
    assert found is not None and found[0].year == year


def test_a_day_shown_just_before_the_stated_one_is_not_taken() -> None:
    found = read(linked(headline="H", datePublished="2021-08-13"), lines=("August 12, 2021",)).published
    assert found is not None and found[0].day == 13


UTC_STAMP = linked(headline="H", datePublished="2021-08-13T02:11:03Z")
OFFSETS = {
    "stated": (linked(headline="H", datePublished="2021-08-12T21:11:00-05:00"), "", (), clock(21, 11, -5)),
    "in another statement of the instant": (
        UTC_STAMP + meta("article:published_time", "2021-08-12T21:11:03-05:00"), "", (), None),
    "in <time>": (UTC_STAMP, "<time datetime='2021-08-12T21:11:03-05:00'></time>", (), None),
    "in a line with a zone": (UTC_STAMP, "", ("Published 9:11 PM EST, Thu August 12, 2021",), None),
    "in a line with a clock alone": (UTC_STAMP, "", ("August 12, 2021 at 9:11 p.m.",), None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "body", "lines", "expected"), OFFSETS.values(), ids=OFFSETS)
def test_the_pages_clock_is_found(
    head: str, body: str, lines: tuple[str, ...], expected: tuple[datetime, bool] | None
) -> None:
    found = read(head, body, lines=lines).published
    assert found is not None
    assert found[0].utcoffset() == timedelta(hours=-5)
    assert found[0].day == 12
    assert expected in (None, found)


def test_a_local_time_that_calls_itself_utc_is_put_right() -> None:
    head = meta("article:published_time", "2021-08-12T17:00:00+00:00")
    body = "<span itemprop='datePublished' content='2021-08-12T17:00:00-07:00'></span>"
    assert read(head, body).published == clock(17, 0, -7)


def test_without_a_clock_the_day_in_the_address_is_kept() -> None:
    found = read(UTC_STAMP, url="https://example.com/2021/08/12/bridge").published
    assert found is not None
    assert found[0] == datetime(2021, 8, 13, 2, 11, 3, tzinfo=UTC)  # the same instant
    assert found[0].date().isoformat() == "2021-08-12"


NO_OFFSET = {
    "another day": ("August 20, 2021 at 9:11 p.m.",),
    "another minute": ("August 12, 2021 at 9:17 p.m.",),
    "the same clock": ("August 13, 2021 at 2:11 a.m.",),
}


@pytest.mark.parametrize("lines", NO_OFFSET.values(), ids=NO_OFFSET)
def test_another_date_tells_no_offset(lines: tuple[str, ...]) -> None:
    found = read(UTC_STAMP, lines=lines).published
    assert found is not None
    assert found[0] == datetime(2021, 8, 13, 2, 11, 3, tzinfo=UTC)
    assert found[0].minute == 11


@given(st.datetimes(datetime(2000, 1, 2), datetime(2050, 1, 1)), st.integers(-11, 14))  # noqa: DTZ001
def test_the_offset_never_moves_the_instant(naive: datetime, hours: int) -> None:
    stated = naive.replace(tzinfo=UTC), False
    shown = naive + timedelta(hours=hours)
    found = when.with_offset(stated, [(shown.replace(tzinfo=UTC, second=0, microsecond=0), False)], ())
    assert found[0] == stated[0]
    assert found[0].utcoffset() == timedelta(hours=hours)


DAY_FIRST = {
    "British English": ("en-GB", "", URL),
    "a locale that says so": ("en", meta("og:locale", "en_AU", "property"), URL),
    "a host that says so": ("en", "", "https://example.co.uk/bridge"),
    "another language": ("fr", "", URL),
}


@pytest.mark.parametrize(("lang", "head", "url"), DAY_FIRST.values(), ids=DAY_FIRST)
def test_the_day_comes_first_in(lang: str, head: str, url: str) -> None:
    assert read(head, "<time>12/08/2021</time>", url=url, lang=lang).published == DAY


def test_the_month_comes_first_in_american_english() -> None:
    assert read(body="<time>08/12/2021</time>", lang="en-US").published == DAY


# ------------------------------------------------------------------------------------------------------------- people

BYLINES = {
    "a button beside the name": ("何晓; 关注", ("何晓",)),
    "a name": ("Maria Writer", ("Maria Writer",)),
    "by": ("By Maria Berg", ("Maria Berg",)),
    "by, glued": ("Written byMaria Berg", ("Maria Berg",)),
    "two": ("By Maria Berg and Tom Scribe", ("Maria Berg", "Tom Scribe")),
    "three with commas": ("Maria Berg, Tom Scribe, Ann Lee", ("Maria Berg", "Tom Scribe", "Ann Lee")),
    "a role behind a comma": ("Maria Berg, Chief Reporter", ("Maria Berg",)),
    "a role behind nothing": ("Maria Berg Contributing Writer", ("Maria Berg",)),
    "a role in brackets": ("Maria Berg (Senior Editor)", ("Maria Berg",)),
    "a role in front": ("Reporter Maria Berg", ("Maria Berg",)),
    "an outlet behind a bar": ("Maria Berg | North Coast Media", ("Maria Berg",)),
    "a place": ("Von Maria Berg, Frankfurt", ("Maria Berg",)),
    "degrees": ("Maria Berg, MD, PhD", ("Maria Berg",)),
    "an address": ("Maria Berg maria@example.com", ("Maria Berg",)),
    "a date": ("By Maria Berg on August 12, 2021", ("Maria Berg",)),
    "a date, glued": ("Maria BergAugust 12, 2021", ("Maria Berg",)),
    "a surname that is a month": ("By Theresa May", ("Theresa May",)),
    "particles": ("Anna van der Berg and José de la Cruz", ("Anna van der Berg", "José de la Cruz")),
    "German": ("Von Maria Berg und Tom Scribe", ("Maria Berg", "Tom Scribe")),
    "a German column": ("Eine Kolumne von Maria Berg", ("Maria Berg",)),
    "a name that begins as a byline does": ("Dieter Parker", ("Dieter Parker",)),
    "French": ("Par Marie Dubois et Jean Petit", ("Marie Dubois", "Jean Petit")),
    "Spanish": ("Por Ana Ruiz y Luis Gómez", ("Ana Ruiz", "Luis Gómez")),
    "Polish": ("Autor: Jan Kowalski", ("Jan Kowalski",)),
    "Russian": ("Автор: Иван Петров и Анна Орлова", ("Иван Петров", "Анна Орлова")),
    "Greek": ("Του Γιώργου Νικολάου", ("Γιώργου Νικολάου",)),
    "Chinese, author": ("作者：张三", ("张三",)),
    "Chinese, reporters": ("记者 张三 李四", ("张三", "李四")),
    "Chinese, text": ("文/李四", ("李四",)),
    "Chinese, several": ("作者：张三、李四", ("张三", "李四")),
    "Korean": ("김민수 기자", ("김민수",)),
    "staff": ("Staff", ()),
    "nobody": ("admin", ()),
    "an address of the web": ("https://example.com/maria", ()),
    "words of a page": ("View all posts", ()),
    "a variable that was not filled": ("page.head.author", ()),
    "a caption": ("Photo: Maria Berg", ()),
    "only the label": ("Written by", ()),
}


@pytest.mark.parametrize(("claim", "names"), BYLINES.values(), ids=BYLINES)
def test_a_byline_names(claim: str, names: tuple[str, ...]) -> None:
    assert people.read([claim]).people == names


GROUPS = {
    "the site": ("The Daily Example", ("The Daily Example", "example"), "The Daily Example"),
    "the site by its host": ("Harbournews", ("harbournews",), "Harbournews"),
    "an agency": ("Associated Press", (), "Associated Press"),
    "initials": ("AFP", (), "AFP"),
    "a desk": ("Senior Travel Editor", (), "Senior Travel Editor"),
    "an office": ("Redaktion", (), "Redaktion"),
}


@pytest.mark.parametrize(("claim", "sites", "group"), GROUPS.values(), ids=GROUPS)
def test_is_no_person(claim: str, sites: tuple[str, ...], group: str) -> None:
    assert people.read([claim], sites=sites) == people.Byline((), (group,))


NEAR = {
    "by": (("Share", "By Maria Berg"), ("Maria Berg",)),
    "by alone, the name below": (("By", "Maria Berg", "August 12, 2021"), ("Maria Berg",)),
    "posted on a day by": (("Posted on August 12, 2021 by Maria Berg",), ("Maria Berg",)),
    "in lower case, when it is all": (("by someone",), ("someone",)),
    "not a sentence": (("By the way, the bridge is old",), ()),
    "not a line of its own": (("The bridge was built by Maria Berg",), ()),
}


@pytest.mark.parametrize(("lines", "names"), NEAR.values(), ids=NEAR)
def test_lines_near_the_headline_name(lines: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert people.in_lines(lines).people == names


BESIDE = {
    "above the date": (("Maria Berg", "August 12, 2021"), ("Maria Berg",)),
    "on its line": (("12.08.2021 - Maria Berg",), ("Maria Berg",)),
    "without a date": (("Maria Berg", "All the news"), ()),
    "a section": (("The harbour", "August 12, 2021"), ()),
}


@pytest.mark.parametrize(("lines", "names"), BESIDE.values(), ids=BESIDE)
def test_a_name_beside_the_date(lines: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert people.beside_date(lines).people == names


AUTHORS = {
    "linked data": (linked(author={"name": "Maria Berg"}), "", (), "Maria Berg"),
    "Dublin Core": (meta("DC.creator", "Maria Berg"), "", (), "Maria Berg"),
    "microdata": ("", "<span itemprop='author'><b itemprop='name'>Maria Berg</b></span>", (), "Maria Berg"),
    "rel": ("", "<a rel='author' href='/m'>Maria Berg</a>", (), "Maria Berg"),
    "both of one byline": ("", "<p><a rel='author'>Maria Berg</a> <a rel='author'>Tom Scribe</a></p>", (),
                           "Maria Berg; Tom Scribe"),
    "not those of other stories": ("", "<p><a rel='author'>Maria Berg</a></p><section><div><ul><li><p>"
                                   "<a rel='author'>Tom Scribe</a></p></li></ul></div></section>", (), "Maria Berg"),
    "a line": ("", "", ("By Maria Berg",), "Maria Berg"),
    "a class": ("", "<div class='post-author'>Maria Berg</div>", (), "Maria Berg"),
    "vcard": ("", "<p class='vcard'>Posted by <a class='fn'>Maria Berg</a></p>", (), "Maria Berg"),
    "not the comments": ("", "<div class='comment'><b class='author'>Tom Scribe</b></div>", (), None),
    "a person before the outlet": (linked(author={"@type": "Organization", "name": "Example"}), "",
                                   ("By Maria Berg",), "Maria Berg"),
    "the outlet where nobody else is": (linked(author={"@type": "Organization", "name": "Example News"}), "", (),
                                        "Example News"),
    "everyone, where a later claim names more": (
        linked(author={"name": "Maria Berg"}), "", ("By Maria Berg and Tom Scribe",), "Maria Berg; Tom Scribe"),
    "the full name, where a later claim has it": (
        meta("author", "Maria"), "", ("By Maria Berg",), "Maria Berg"),
    "the first claim, where a later one disagrees": (
        linked(author={"name": "Maria Berg"}), "", ("By Tom Scribe",), "Maria Berg"),
    "nobody": ("", "<p>The bridge</p>", (), None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "body", "lines", "author"), AUTHORS.values(), ids=AUTHORS)
def test_the_author_is(head: str, body: str, lines: tuple[str, ...], author: str | None) -> None:
    assert read(head, body, lines=lines).author == author


def test_an_agency_beside_a_person_is_kept_apart() -> None:
    found = read(linked(author=[{"name": "Maria Berg"}, {"name": "The Associated Press"}]))
    assert (found.author, found.signed.groups) == ("Maria Berg", ("The Associated Press",))


@given(st.text(max_size=120))
def test_any_text_is_a_byline_or_none(text: str) -> None:
    found = people.read([text], sites=["Example"])
    assert all(name.strip() == name and 1 < len(name) <= 60 for name in found.people + found.groups)
    people.in_lines([text, text])
    people.beside_date([text, "12 August 2021"])


# ------------------------------------------------------------------------------------------------- outlet, address

PUBLISHERS = {
    "Open Graph": (meta("og:site_name", "Example", "property"), "Example"),
    "linked data": (linked(publisher={"name": "Example"}), "Example"),
    "Open Graph before linked data": (
        meta("og:site_name", "Example", "property") + linked(publisher={"name": "Big Holding"}), "Example"),
    "the plain form of a slogan": (
        meta("og:site_name", "Example | All the news", "property") + linked(publisher={"name": "Example"}), "Example"),
    "not an address": (
        meta("og:site_name", "https://example.com", "property") + linked(publisher={"name": "Example"}), "Example"),
    "Dublin Core": (meta("DC.publisher", "Example"), "Example"),
    "a source with its label": (meta("source", "来源：例网"), "例网"),
    "the end of the title": ("<title>The bridge reopens | Example</title>" + meta("og:title", "The bridge reopens",
                                                                                   "property"), "Example"),
    "not known": ("<title>The bridge reopens</title>", None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "publisher"), PUBLISHERS.values(), ids=PUBLISHERS)
def test_the_publisher_is(head: str, publisher: str | None) -> None:
    assert read(head).publisher == publisher


CANONICAL = {
    "the link": ('<link rel="canonical" href="https://example.com/a">' + meta("og:url", "https://example.com/b",
                                                                              "property"), "https://example.com/a"),
    "a link with two relations": ('<link rel="shortlink CANONICAL" href="https://example.com/a">',
                                  "https://example.com/a"),
    "Open Graph": (meta("og:url", "https://example.com/a", "property"), "https://example.com/a"),
    "linked data": (linked(url="https://example.com/a"), "https://example.com/a"),
    "not there": ("", None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "url"), CANONICAL.values(), ids=CANONICAL)
def test_the_canonical_address_is(head: str, url: str | None) -> None:
    assert read(head).canonical_url == url


LANGUAGES = {
    "of the page": ("", "de-AT", "de"),
    "of a meta": (meta("og:locale", "fr_FR", "property"), "", "fr"),
    "of linked data": (linked(inLanguage="pl"), "", "pl"),
    "none": ("", "", None),
    "not a code": ("", "english", None),
}


@pytest.mark.parametrize(("head", "lang", "language"), LANGUAGES.values(), ids=LANGUAGES)
def test_the_language_is(head: str, lang: str, language: str | None) -> None:
    assert read(head, lang=lang).language == language


@given(st.text(alphabet="<>/='\" metaimhdlk ropby12&;", max_size=200))
def test_any_page_has_metadata(noise: str) -> None:
    assert isinstance(read(noise, noise), Metadata)


# ------------------------------------------------------------------------------------------------------------ agencies

CREDITS = {
    "one that the list knows": (["HARBOUR TOWN, Aug 12 (Reuters) - The bridge reopened."], None, "Reuters"),
    "one that no list knows": (["HARBOUR TOWN, Aug 12 (Harbour Wire) -- The bridge reopened."], None, "Harbour Wire"),
    "one without a place": (["(North Coast News Service) — The bridge reopened."], None, "North Coast News Service"),
    "a Chinese one": (["新华社北京8月12日电 大桥重新开放。"], None, "Xinhua"),
    "a Chinese one that no list knows": (["海港社北京8月12日电 大桥重新开放。"], None, "海港社"),
    "in the byline": (["The bridge reopened."], "Maria Berg; The Associated Press", "AP"),
    "not brackets in a sentence": (["The mayor (Harbour Party) - she is 40 - spoke."], None, None),
    "not an address": (["HARBOUR TOWN (example.com) - The bridge reopened."], None, None),
    "not in the second paragraph": (["The bridge.", "(Harbour Wire) - It reopened."], None, None),
    "none": (["The bridge reopened."], "Maria Berg", None),
    "of nothing": ([], None, None),
}


@pytest.mark.parametrize(("paragraphs", "byline", "agency"), CREDITS.values(), ids=CREDITS)
def test_the_agency_credited_is(paragraphs: list[str], byline: str | None, agency: str | None) -> None:
    assert agencies.credited(paragraphs, byline) == agency
