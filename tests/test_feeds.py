# ruff: noqa: E501  (sample documents, a line each)
"""Feeds, sitemaps, search answers and pages of links: each format read, each fault survived, and said in words."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import feeds, urls
from monitor.errors import NotAFeed
from monitor.lists import entries, sitemaps
from monitor.lists.entries import Part
from monitor.model import Entry, Listing, Source, SourceKind

URL = "https://news.example/feeds/world.xml"
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"{attrs}><channel><title>World</title>{head}{items}</channel></rss>'
NINE = datetime(2021, 8, 9, 9, 30, tzinfo=UTC)


def read(body: bytes | str, kind: SourceKind = SourceKind.FEED, url: str = URL, **how: str | None) -> Listing:
    return feeds.listing(body.encode() if isinstance(body, str) else body, url=url, kind=kind, **how)


def rss(items: str, head: str = "", attrs: str = "") -> str:
    return RSS.format(items=items, head=head, attrs=attrs)


def item(number: int, extra: str = "<description>Teaser</description>") -> str:
    return (
        f"<item><title>Item {number}</title><link>https://news.example/a/{number}</link>"
        f"<guid isPermaLink='false'>n-{number}</guid><pubDate>Mon, 09 Aug 2021 09:30:00 GMT</pubDate>{extra}</item>"
    )


def only(body: bytes | str, kind: SourceKind = SourceKind.FEED) -> Entry:
    (entry,) = read(body, kind).entries
    return entry


# ------------------------------------------------------------------------------------------------------- the formats

ARTICLE = "https://news.example/2021/probe"
FORMATS = {
    "RSS 2.0": ("rss", rss(f"<item><title>Probe ends</title><link>{ARTICLE}</link><pubDate>Mon, 09 Aug 2021 17:30:00 +0800</pubDate></item>")),
    "RSS 0.91 with its DTD": (
        "rss",
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        f'<rss version="0.91"><channel><item><title>Probe ends</title><link>{ARTICLE}</link><pubDate>2021-08-09T09:30:00Z</pubDate></item></channel></rss>',
    ),
    "RSS 1.0": (
        "rdf",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="x"><title>World</title></channel><item rdf:about="{ARTICLE}"><title>Probe ends</title><dc:date>2021-08-09T09:30:00Z</dc:date></item></rdf:RDF>',
    ),
    "Atom 1.0": (
        "atom",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>World</title><entry><title type="html">Probe &lt;b&gt;ends&lt;/b&gt;</title>'
        f'<link rel="self" href="https://news.example/x.atom"/><link href="{ARTICLE}"/><published>2021-08-09T09:30:00Z</published></entry></feed>',
    ),
    "Atom 0.3": (
        "atom",
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Probe ends</title>'
        f'<link rel="alternate" type="text/html" href="{ARTICLE}"/><issued>2021-08-09T09:30:00Z</issued></entry></feed>',
    ),
    "Atom with a prefix": (
        "atom",
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Probe ends</a:title>'
        f'<a:link href="{ARTICLE}"/><a:published>2021-08-09T09:30:00Z</a:published></a:entry></a:feed>',
    ),
    "JSON Feed": (
        "json-feed",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": ARTICLE, "title": "Probe ends", "date_published": "2021-08-09T09:30:00Z"}]}),
    ),
    "a news sitemap": (
        "news-sitemap",
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
        f"<url><loc>{ARTICLE}</loc><n:news><n:publication_date>2021-08-09T09:30:00Z</n:publication_date><n:title>Probe ends</n:title></n:news></url></urlset>",
    ),
    "a search answer deep in JSON": (
        "json",
        json.dumps({"ok": True, "facets": [{"url": "https://news.example/f"}], "data": {"hits": [{"webUrl": ARTICLE, "headline": {"main": "Probe ends"}, "pub_date": "2021-08-09T09:30:00Z"}]}}),
    ),
    "a search answer with compact dates": (
        "json",
        json.dumps({"articles": [{"url": ARTICLE, "title": "Probe ends", "seendate": "20210809T093000Z"}]}),
    ),
    "a search answer with seconds since 1970": ("json", json.dumps([{"link": ARTICLE, "title": {"rendered": "Probe ends"}, "timestamp": 1628501400}])),
    "a search answer with milliseconds": ("json", json.dumps([{"link": ARTICLE, "title": "Probe ends", "ctime": 1628501400000}])),
    "a search answer in a callback": ("json", f'show({{"list": [{{"url": "{ARTICLE}", "title": "Probe ends", "time": "2021-08-09 09:30"}}]}});'),
}  # fmt: skip


PUBLISHERS = {
    "RSS, as Google News": rss(f"<item><title>Probe ends - Harbour Times</title><link>{ARTICLE}</link><source url='https://harbour.example'>Harbour Times</source></item>"),
    "RSS, as Bing News": rss(f"<item><title>Probe ends</title><link>{ARTICLE}</link><News:Source>Harbour Times</News:Source></item>", attrs=" xmlns:News='https://www.bing.com/news/search?q=x'"),
    "Atom": f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Probe ends</title><link href="{ARTICLE}"/><source><id>x</id><title>Harbour Times</title></source></entry></feed>',
    "a news sitemap": f'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{ARTICLE}</loc><n:news><n:publication><n:name>Harbour Times</n:name><n:language>en</n:language></n:publication><n:title>Probe ends</n:title></n:news></url></urlset>',
    "JSON, a name": json.dumps([{"url": ARTICLE, "title": "Probe ends", "source": "Harbour Times"}]),
    "JSON, an object": json.dumps([{"url": ARTICLE, "title": "Probe ends", "source": {"id": None, "name": "Harbour Times"}}]),
    "JSON, a list": json.dumps([{"url": ARTICLE, "title": "Probe ends", "provider": [{"name": "Harbour Times"}]}]),
    "JSON, not an address": json.dumps([{"url": ARTICLE, "title": "Probe ends", "source": "https://x.example", "domain": "Harbour Times"}]),
}  # fmt: skip


@pytest.mark.parametrize("case", PUBLISHERS)
def test_the_outlet_that_a_list_names(case: str) -> None:
    assert (only(PUBLISHERS[case]).title, only(PUBLISHERS[case]).publisher) == ("Probe ends", "Harbour Times")


@pytest.mark.parametrize("case", FORMATS)
@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.SITEMAP, SourceKind.SEARCH, SourceKind.LISTING])
def test_each_format_is_read_whatever_the_config_calls_it(case: str, kind: SourceKind) -> None:
    form, body = FORMATS[case]
    found = read(body, kind)
    assert found.format == form
    (entry,) = found.entries
    assert (entry.url, entry.title, entry.published) == (ARTICLE, "Probe ends", NINE)


def test_a_plain_sitemap_gives_addresses_and_when_they_changed() -> None:
    body = f"<urlset><url><loc>\n <![CDATA[{ARTICLE}]]> </loc><lastmod>2021-08-09T09:30:00Z</lastmod></url><url><loc>/b</loc></url></urlset>"
    found = read(body, SourceKind.SITEMAP)
    assert found.format == "sitemap"
    assert found.entries == (Entry(ARTICLE, updated=NINE), Entry("https://news.example/b"))


def test_a_text_sitemap_is_an_address_a_line() -> None:
    found = read(f"\ufeff{ARTICLE}\r\n\r\nhttps://news.example/b\n{ARTICLE}\n", SourceKind.SITEMAP)
    assert [entry.url for entry in found.entries] == [ARTICLE, "https://news.example/b"]


def test_a_sitemap_may_be_packed_twice_and_cut() -> None:
    body = (
        f"<urlset>{''.join(f'<url><loc>https://news.example/{n}</loc></url>' for n in range(2000))}</urlset>".encode()
    )
    assert len(read(gzip.compress(gzip.compress(body)), SourceKind.SITEMAP).entries) == 2000
    assert 0 < len(read(gzip.compress(body)[:-400], SourceKind.SITEMAP).entries) < 2000


def test_a_gzip_bomb_is_refused_before_it_bursts() -> None:
    with pytest.raises(NotAFeed, match="too large"):
        read(gzip.compress(bytes(sitemaps.MAX_BYTES + 1_000_000)), SourceKind.SITEMAP)


def test_all_fields_of_an_entry_are_read() -> None:
    extra = (
        "<description>A &lt;b&gt;short&lt;/b&gt; teaser.&lt;script&gt;alert(1)&lt;/script&gt;</description>"
        "<media:title xmlns:media='http://search.yahoo.com/mrss/'>Photo</media:title>"
        "<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>2021-08-10</atom:updated>"
    )
    assert only(rss(item(1, extra))) == Entry(
        url="https://news.example/a/1",
        title="Item 1",
        published=NINE,
        updated=datetime(2021, 8, 10, tzinfo=UTC),
        guid="n-1",
        summary="A short teaser.",
    )


def test_the_feeds_own_title_and_rest_are_read() -> None:
    found = read(rss(item(1) + "<image><url>https://news.example/logo.png</url></image>", head="<ttl>15</ttl>"))
    assert (found.title, found.ttl_s, len(found.entries)) == ("World", 900, 1)


SY = " xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
TTL = {
    "minutes": ("<ttl>60</ttl>", 3_600),
    "a period": (f"<sy:updatePeriod{SY}>hourly</sy:updatePeriod>", 3_600),
    "a period shared out": (
        f"<sy:updatePeriod{SY}> daily </sy:updatePeriod><sy:updateFrequency{SY}>4</sy:updateFrequency>",
        21_600,
    ),
    "nothing": ("", None),
    "zero": ("<ttl>0</ttl>", None),
    "a negative": ("<ttl>-5</ttl>", None),
    "words": ("<ttl>soon</ttl>", None),
    "no number": ("<ttl>nan</ttl>", None),
    "without end": ("<ttl>inf</ttl>", None),
    "a year": ("<ttl>525600</ttl>", 604_800),
    "no such period": (f"<sy:updatePeriod{SY}>never</sy:updatePeriod>", None),
    "a silly frequency": (
        f"<sy:updatePeriod{SY}>daily</sy:updatePeriod><sy:updateFrequency{SY}>0</sy:updateFrequency>",
        86_400,
    ),
}


@pytest.mark.parametrize("case", TTL)
def test_how_long_a_feed_asks_to_be_left_alone(case: str) -> None:
    head, expected = TTL[case]
    assert read(rss(item(1), head=head)).ttl_s == expected


# ------------------------------------------------------------------------------------------------- links and texts

LINKS = {
    "tracking parameters go": ("<link>https://news.example/a?utm_source=rss&amp;id=1</link>", "https://news.example/a?id=1"),
    "CDATA and blanks": ("<link>\n <![CDATA[https://news.example/a?x=1&y=2]]>\n</link>", "https://news.example/a?x=1&y=2"),
    "relative to the feed": ("<link>a/1</link>", "https://news.example/feeds/a/1"),
    "the page that it is related to, if it has none": (
        "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='via' href='https://other.example/v'/>",
        "https://other.example/v",
    ),
    "the page that its content is": (
        "<content xmlns='http://www.w3.org/2005/Atom' src='https://other.example/c'/><content src='/c'/>",
        "https://news.example/c",
    ),
    "the guid, if it is an address": ("<guid>https://news.example/g</guid>", "https://news.example/g"),
    "not a guid that says it is none": ("<guid isPermaLink='false'>https://news.example/g</guid>", None),
    "not a guid that is a word": ("<guid>a-1</guid>", None),
    "Atom's link in RSS": (
        "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' href='https://news.example/at'/>",
        "https://news.example/at",
    ),
    "not Atom's link to itself": ("<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='https://news.example/at'/>", None),
    "the original behind a counting service": (
        "<link>https://count.example/1</link><f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>https://news.example/o</f:origLink>",
        "https://news.example/o",
    ),
    "the next when the first is unusable": ("<link>javascript:alert(1)</link><guid>https://news.example/g</guid>", "https://news.example/g"),
    "no script": ("<link>javascript:alert(1)</link>", None),
    "no file": ("<link>file:///etc/passwd</link>", None),
    "no words": ("<link>see our page</link>", None),
    "no empty link": ("<link> </link>", None),
    "no endless link": (f"<link>https://news.example/{'x' * 60_000}</link>", None),
}  # fmt: skip


@pytest.mark.parametrize("case", LINKS)
def test_the_link_of_an_item(case: str) -> None:
    inner, expected = LINKS[case]
    found = read(rss(f"<item><title>T</title>{inner}</item>"))
    assert [entry.url for entry in found.entries] == ([expected] if expected else [])


def test_xml_base_counts_on_the_item_and_around_it() -> None:
    body = rss("<item xml:base='b/'><link>a</link></item>", attrs=" xml:base='https://other.example/'")
    assert only(body).url == "https://other.example/b/a"


def test_an_xml_base_that_is_no_address_is_passed_over() -> None:
    assert only(rss("<item xml:base='http://['><link>a</link></item>")).url == "https://news.example/feeds/a"


def test_of_several_alternates_the_page_is_taken() -> None:
    links = "<link type='application/json' href='/a.json'/><link type='text/html' href='/a'/><link rel='enclosure' href='/a.mp3'/>"
    assert (
        only(f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{links}</entry></feed>").url == "https://news.example/a"
    )


def test_each_address_is_listed_once_and_the_first_stays() -> None:
    body = rss(item(1) + item(2) + item(1).replace("Item 1", "Again"))
    assert [entry.title for entry in read(body).entries] == ["Item 1", "Item 2"]


def test_one_guid_for_all_makes_no_two_articles_one() -> None:
    body = rss("".join(item(n).replace(f"n-{n}", "same") for n in range(3)))
    assert len(read(body).entries) == 3


TITLES = {
    "entities": ("AT&amp;amp;T &amp;#8217;s", "AT&T ’s"),
    "an entity once": ("AT&amp;T", "AT&T"),
    "markup": ("&lt;b&gt;Bold&lt;/b&gt; move&lt;br/&gt;today", "Bold move today"),
    "markup unescaped": ("Bold <b>move</b> today", "Bold move today"),
    "CDATA with markup": ("<![CDATA[<em>It</em>&#39;s &quot;over&quot;]]>", 'It\'s "over"'),
    "a tag that is talked about": ("Why &lt;script&gt; is bad", "Why <script> is bad"),
    "the same, escaped twice": ("Why &amp;lt;b&amp;gt; is bad", "Why <b> is bad"),
    "signs that are no tags": ("3 &lt; 5 and 7 &gt; 6", "3 < 5 and 7 > 6"),
    "white space": ("\n  One\tline \n only ", "One line only"),
    "Chinese": ("阿里巴巴：开除涉事员工", "阿里巴巴：开除涉事员工"),
    "nothing": ("  ", None),
}


@pytest.mark.parametrize("case", TITLES)
def test_titles_are_plain_text(case: str) -> None:
    written, expected = TITLES[case]
    assert only(rss(item(1).replace("Item 1", written))).title == expected


def test_a_title_that_says_it_is_plain_is_left_alone() -> None:
    entry = '<entry><title type="text">The &lt;b&gt; tag</title><link href="/a"/></entry>'
    assert only(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>').title == "The <b> tag"


def test_a_summary_is_cut() -> None:
    assert len(only(rss(item(1, f"<description>{'word ' * 5_000}</description>"))).summary or "") <= 2_000


def test_a_description_of_nothing_but_open_comments_takes_no_time() -> None:
    body = rss("".join(item(n, f"<description>{'&lt;!-- ' * 3_000}</description>") for n in range(30)))
    started = time.process_time()
    assert len(read(body).entries) == 30
    assert time.process_time() - started < 8


@given(st.text(max_size=80))
def test_plain_text_has_no_line_breaks_and_no_control_characters(text: str) -> None:
    for plain in (entries.plain_title(text), entries.plain_summary(text), entries.squeezed(text)):
        assert plain is None or (plain == " ".join(plain.split()) and plain.isprintable() >= plain.isascii())


DATES = {
    "RFC 822": ("Mon, 09 Aug 2021 17:30:00 +0800", NINE),
    "a wrong weekday": ("Fri, 09 Aug 2021 09:30:00 GMT", NINE),
    "ISO": ("2021-08-09 09:30", NINE),
    "garbage": ("last Tuesday-ish", None),
    "an impossible day": ("Sun, 30 Feb 2021 09:30:00 GMT", None),
    "a flood of digits": ("9" * 500, None),
}


@pytest.mark.parametrize("case", DATES)
def test_dates(case: str) -> None:
    written, expected = DATES[case]
    assert only(rss(item(1).replace("Mon, 09 Aug 2021 09:30:00 GMT", written))).published == expected


# ---------------------------------------------------------------------------------------------------- broken feeds

TEN = "".join(item(n) for n in range(10))
CHINESE = TEN.replace("Item", "新闻")
RUSSIAN = TEN.replace("Item", "Новости дня")
BROKEN = {
    "sound": rss(TEN),
    "a bare ampersand": rss(TEN).replace("Teaser", "AT&T & Co"),
    "HTML's entities": rss(TEN).replace("Teaser", "&nbsp;&mdash;&hellip;&eacute;"),
    "HTML's entities under a DTD": "<!DOCTYPE rss SYSTEM 'http://news.example/rss.dtd'>" + rss(TEN)[38:].replace("Teaser", "&nbsp;a"),
    "control characters": rss(TEN).replace("Teaser", "\x0b\x08\x1b"),
    "control characters as numbers": rss(TEN).replace("Teaser", "&#11;&#x1b;&#0;&#55357;"),
    "blank lines and a byte order mark first": "\n\n \ufeff" + rss(TEN),
    "a script's warning first": "<br />\n<b>Warning</b>: date() in <b>/x.php</b>\n" + rss(TEN),
    "undeclared prefixes": rss(TEN).replace("<guid", "<media:thumbnail url='x'/><dc:creator>A</dc:creator><guid"),
    "unclosed HTML": rss(TEN).replace("Teaser", "one<br>two<p>three <b>bold"),
    "an attribute without quotes": rss(TEN).replace("isPermaLink='false'", "isPermaLink=false"),
    "junk behind it": rss(TEN) + "<script>track()</script>",
    "says UTF-16, is UTF-8": rss(CHINESE).replace('"utf-8"', '"utf-16"'),
    "says Latin-1, is UTF-8": rss(CHINESE).replace('"utf-8"', '"iso-8859-1"'),
    "says UTF-8, is Windows-1251": rss(RUSSIAN).encode("cp1251"),
    "GBK": rss(CHINESE).replace('"utf-8"', '"gbk"').encode("gbk"),
    "GBK, said by nobody but the header": rss(CHINESE).replace('encoding="utf-8"', "").encode("gbk"),
    "UTF-16": rss(CHINESE).replace('"utf-8"', '"utf-16"').encode("utf-16"),
    "UTF-16 without a mark": rss(CHINESE).replace('"utf-8"', '"utf-16"').encode("utf-16-be"),
    "UTF-32": rss(CHINESE).encode("utf-32"),
    "items too deep to follow": rss(TEN + "<item>" + "<a>" * 5_000 + "</item>"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_feeds_are_read_whole(case: str) -> None:
    body = BROKEN[case]
    raw = body if isinstance(body, bytes) else body.encode()
    found = feeds.entries(raw, "application/rss+xml" + ("; charset=gbk" if "header" in case else ""), URL)
    assert [entry.url for entry in found] == [f"https://news.example/a/{n}" for n in range(10)]
    word = {raw == BROKEN["says UTF-8, is Windows-1251"]: "Новости дня", b"Item" in raw: "Item"}.get(True)
    if word is None:
        word = "Item" if "Item".encode("utf-16-be") in raw else "新闻"
    assert found[7].title == f"{word} 7"


@given(st.integers(min_value=0, max_value=len(rss(TEN))))
@settings(max_examples=60, deadline=None)
def test_a_cut_feed_gives_what_stands_before_the_cut_and_no_half_address(cut: int) -> None:
    whole = [entry.url for entry in read(rss(TEN)).entries]
    try:
        found = [entry.url for entry in read(rss(TEN)[:cut]).entries]
    except NotAFeed:
        found = []
    assert found == whole[: len(found)]
    assert len(found) >= rss(TEN)[:cut].count("</item>")


@given(
    st.binary(max_size=200),
    st.sampled_from(list(SourceKind)),
    st.sampled_from(["", "<rss>", "<html>", "{", "[", "<urlset>"]),
)
@settings(deadline=None)
def test_no_bytes_are_a_crash(body: bytes, kind: SourceKind, start: str) -> None:
    try:
        found = read(start.encode() + body, kind)
    except NotAFeed as error:
        assert str(error)
    else:
        assert all(entry.url == urls.canonical(entry.url) for entry in found.entries)


def test_a_hundred_items_cost_little() -> None:
    body = rss("".join(item(n) for n in range(2_000))).encode()
    started = time.process_time()
    assert len(read(body).entries) == 2_000
    assert time.process_time() - started < 8


ENTITIES = '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("name", ["b", "x"])
def test_a_document_with_entities_of_its_own_is_refused(name: str) -> None:
    body = rss(TEN).replace("<rss", ENTITIES + "<rss").replace("Teaser", f"&{name};")
    with pytest.raises(NotAFeed, match="xml entities"):
        read(body)


LAUGHS = "<!DOCTYPE r [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
SWELLING = f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>'
FROM_OUTSIDE = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x">%p;]>'
ONE = item(1)


def headed(doctype: str, items: str = ONE) -> str:
    return rss(items).replace("<rss", doctype + "<rss", 1)


OWN_ENTITIES = {
    "a billion laughs": headed(LAUGHS, ONE.replace("Teaser", "&l9;")),
    "a billion laughs in UTF-16": headed(LAUGHS, ONE.replace("Teaser", "&l9;"))
    .replace("utf-8", "utf-16")
    .encode("utf-16"),
    "a billion laughs that say UTF-7": headed(LAUGHS).replace("utf-8", "utf-7"),
    "one that swells": headed(SWELLING, ONE.replace("Teaser", "&a;" * 20_000)),
    "parameters from outside": headed(FROM_OUTSIDE),
    "in small letters": headed(LAUGHS.lower()),
    "behind a long comment": headed("<!--" + "x" * 10_000 + "-->" + LAUGHS),
}


@pytest.mark.parametrize("case", OWN_ENTITIES)
def test_no_entity_of_a_documents_own_is_ever_read(case: str) -> None:
    started = time.process_time()
    with pytest.raises(NotAFeed, match="xml entities"):
        read(OWN_ENTITIES[case])
    assert time.process_time() - started < 8


INCLUDED = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
HARMLESS = {  # the item is read, with its title as it is or as it is given here
    "a DTD from outside": (headed('<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd">'), "Item 1"),
    "a stylesheet": (headed('<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:1/x"?>'), "Item 1"),
    "a file to include": (rss(ONE.replace("Item 1", INCLUDED + "Item 1")), "Item 1"),
    "UTF-7 is no charset": (rss(ONE.replace("Item 1", "+ADw-b+AD4-")).replace("utf-8", "utf-7"), "+ADw-b+AD4-"),
    "zero bytes": (rss(ONE.replace("Item 1", "It\0em 1")), "Item 1"),
    "characters that XML forbids, by number": (rss(ONE.replace("Item 1", "&#0;&#x1b;&#55296;Item 1")), "Item 1"),
    "CDATA in pieces": (rss(ONE.replace("Item 1", "<![CDATA[<script>]]>]]&gt;")), "<script>]]>"),
    "a prefix that nobody declared": (rss(ONE.replace("<title>", "<q:title>other</q:title><title>")), "Item 1"),
    "a namespace of its own": (
        '<x:rss xmlns:x="urn:x"><x:channel><x:item><x:title>Item 1</x:title>'
        "<x:link>https://news.example/a/1</x:link></x:item></x:channel></x:rss>",
        "Item 1",
    ),
    "thousands of namespaces": (rss(ONE, attrs="".join(f' xmlns:n{n}="urn:{n}"' for n in range(5_000))), "Item 1"),
    "an attribute twice": (rss(ONE.replace("<item>", '<item a="1" a="2">')), "Item 1"),
    "the end cut by a letter": (rss(ONE)[:-1], "Item 1"),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_xml_may_ask_for_is_not_done(case: str) -> None:
    body, title = HARMLESS[case]
    (entry,) = read(body).entries
    assert (entry.title, entry.url) == (title, "https://news.example/a/1")


FLOODS: dict[str, Callable[[int], str]] = {  # half a megabyte of each
    "elements in an item": lambda n: "<item>" + "<a>" * 700 * n + "</a>" * 700 * n + "</item>",
    "elements before the items": lambda n: "<x>" * 700 * n + "</x>" * 700 * n,
    "items in items": lambda n: "<item>" * 400 * n + "</item>" * 400 * n,
    "attributes": lambda n: "<item " + " ".join(f'a{number}="x"' for number in range(500 * n)) + "/>",
    "brackets": lambda n: "<" * 5_000 * n,
    "ampersands": lambda n: "&" * 5_000 * n,
    "comments that do not end": lambda n: "<!--" * 1_250 * n,
    "CDATA that does not end": lambda n: "<item><title><![CDATA[" * 230 * n,
    "instructions": lambda n: "<?a b?>" * 700 * n,
    "a name": lambda n: f"<{'x' * 5_000 * n}/>",
    "titles": lambda n: "<item>" + "<title></title>" * 300 * n + "</item>",
    "links": lambda n: "<item>" + "<link href='mailto:a'/>" * 200 * n + "</item>",
}


@pytest.mark.parametrize("percent", [20, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", FLOODS)
def test_a_flood_takes_a_moment(case: str, percent: int) -> None:
    started = time.process_time()
    try:
        found = read(rss(FLOODS[case](percent) + ONE))
    except NotAFeed as error:
        assert str(error)
    else:
        assert len(found.entries) <= 1
    assert time.process_time() - started < percent / 5  # seconds; what costs by the square takes minutes at 100


# ------------------------------------------------------------------------------------------------- what is no feed

PAGE_WITH_FEEDS = (
    '<!DOCTYPE html><html><head><title>Home</title><link rel="alternate" type="application/rss+xml" href="/rss">'
    '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/rss">'
    '<link rel="alternate" hreflang="zh" href="/zh"><link rel="sitemap" href="/map.xml"></head><body></body></html>'
)
REFUSED = {
    "nothing": (b"", SourceKind.FEED, "empty"),
    "blanks": (b" \n\t ", SourceKind.FEED, "empty"),
    "a page that names its feed": (PAGE_WITH_FEEDS.encode(), SourceKind.FEED, "HTML page, not a feed; .*https://news.example/rss"),
    "a page without feeds": (b"<html><body>Moved</body></html>", SourceKind.FEED, "HTML page, not a feed, and it names no feed"),
    "a page that is a site map for people": (b"<html><h1>Site map</h1></html>", SourceKind.SITEMAP, "HTML page, not a sitemap"),
    "XHTML with a declaration": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>', SourceKind.FEED, "HTML page"),
    "other XML": (b"<?xml version='1.0'?><svg/>", SourceKind.FEED, "no feed or sitemap"),
    "XML of nothing but entities": (f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><rss/>'.encode(), SourceKind.FEED, "xml entities"),
    "XML cut in its root": (b"<rss version=", SourceKind.FEED, "no feed|cut off|no XML"),
    "a feed cut before its first item": (rss(TEN)[:90].encode(), SourceKind.FEED, "cut off|no XML that can be read"),
    "a feed cut in its first item": (rss(TEN)[:150].encode(), SourceKind.FEED, "cut off|no XML that can be read"),
    "a PDF": (b"%PDF-1.7 ...", SourceKind.FEED, "PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01", SourceKind.FEED, "binary"),
    "words": (b"Service temporarily unavailable", SourceKind.FEED, "answered is: Service temporarily"),
    "other JSON": (b'{"error": "no such feed"}', SourceKind.SEARCH, "JSON holds no list"),
    "JSON of lists of numbers": (b'{"a": [1, 2]}', SourceKind.SEARCH, "JSON holds no list"),
    "cut JSON": (b'{"items": [{"url": "https://news.example/a"', SourceKind.SEARCH, "no JSON that can be read"),
    "JSON nested without end": (b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}", SourceKind.FEED, "too deep|no JSON"),
    "HTML nested without end": (b"<html>" + b"<div>" * 50_000, SourceKind.LISTING, "too deep"),
    "damaged gzip": (b"\x1f\x8b" + b"x" * 50, SourceKind.SITEMAP, "gzip"),
    "a page of nothing but prose": (b"<html><body><p>Hello</p></body></html>", SourceKind.LISTING, "no article links"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_feed_is_said_in_words(case: str) -> None:
    body, kind, why = REFUSED[case]
    with pytest.raises(NotAFeed, match=why) as caught:
        read(body, kind)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("body", ["{}", "[]", '{"articles": []}', '{"total": 0, "hits": [], "terms": ["x"]}'])
def test_a_search_that_finds_nothing_is_no_fault(body: str) -> None:
    assert read(body, SourceKind.SEARCH) == Listing("json")


def test_odd_types_in_json_are_passed_over() -> None:
    items = [
        None,
        3,
        "x",
        {"id": {}, "url": 5, "title": []},
        {"id": "9", "url": "/a/9", "title": "Item 9", "date_published": {}},
    ]
    found = read(json.dumps({"version": 1, "items": items}))
    assert [(entry.url, entry.title) for entry in found.entries] == [("https://news.example/a/9", "Item 9")]


def test_an_item_outside_of_any_channel_is_read() -> None:
    assert only(f"<channel>{item(1)}</channel>").title == "Item 1"


def test_a_feed_of_faults_in_two_items_keeps_the_others() -> None:
    body = rss(TEN).replace("Item 3</title>", "Item 3").replace("<title>Item 6", "<title Item 6")
    assert len(read(body).entries) >= 8


def test_empty_feeds_are_feeds() -> None:
    assert read(rss("")).entries == ()
    assert read("<urlset/>", SourceKind.SITEMAP) == Listing("sitemap")


# ---------------------------------------------------------------------------------------------------- sitemap index


def test_an_index_gives_its_parts_newest_first_without_itself() -> None:
    parts = [
        ("https://news.example/a.xml", "2021-06-20"),
        (URL, "2021-08-01"),
        ("https://news.example/b.xml", "2021-08-09"),
    ]
    body = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{when}</lastmod></sitemap>" for loc, when in parts)
    found = read(f"<sitemapindex>{body}</sitemapindex>", SourceKind.SITEMAP)
    assert found.format == "sitemap-index"
    assert found.entries == ()
    assert found.children == tuple(Source(SourceKind.SITEMAP, f"https://news.example/{name}.xml") for name in "ba")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PARTS = {
    "old parts are left out": (
        [Part(f"https://e.example/{n}", day("2021-08-09" if n < 3 else "2009-01-01")) for n in range(5_000)],
        [f"https://e.example/{n}" for n in range(3)],
    ),
    "a date in the name stands for one": (
        [Part(f"https://e.example/map-{month}.xml", None) for month in ("2020-01", "2021-08", "2021-07")],
        ["https://e.example/map-2021-08.xml", "https://e.example/map-2021-07.xml"],
    ),
    "parts without any date are kept": (
        [Part("https://e.example/news.xml", None), Part("https://e.example/old.xml", day("2021-08-09"))],
        ["https://e.example/old.xml", "https://e.example/news.xml"],
    ),
    "of very many, the two ends": (
        [Part(f"https://e.example/p{n}.xml", None) for n in range(500)],
        [f"https://e.example/p{n}.xml" for n in (*range(25), *range(475, 500))],
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_parts_of_an_index_that_may_hold_something_new(case: str) -> None:
    parts, expected = PARTS[case]
    assert [source.url for source in sitemaps.children(parts, url=URL)] == expected


# ------------------------------------------------------------------------------------------------ pages and sites

SECTION = """<!DOCTYPE html><html><head><title>China - Example News</title></head><body>
<header><a href="/">Example News</a><a href="/sign-up-for-our-daily-letter">Sign up for our daily letter</a></header>
<nav class="top"><ul><li><a href="/world">World</a></li><li><a href="/special-report-on-the-region">A special report on the region</a></li></ul></nav>
<main>
 <article><a href="/2021/08/09/alibaba-fires-manager"><img alt=""></a>
   <h3><a href="/2021/08/09/alibaba-fires-manager?utm_source=home">Alibaba fires manager over assault claim</a></h3>
   <a href="/2021/08/09/alibaba-fires-manager">Read more</a></article>
 <article><a href="/news/58142073"><h3>Police open inquiry</h3><p>Officers in Jinan say that they …</p></a><time datetime="2021-08-08T10:00:00Z">8 Aug</time></article>
 <article><h3><a href="https://elsewhere.example/2021/08/09/alibaba-shares-fall-again">Alibaba shares fall again on the news</a></h3></article>
 <ul class="more"><li><a href="/a/101">Court to hear the case in September</a></li><li><a href="/a/102">Colleagues sign an open letter</a></li>
 <li><a href="/a/103">Regulators meet the company today</a></li><li><a href="/a/104">What we know about the probe</a></li><li><a href="/a/105">Company to revise its code</a></li></ul>
 <p class="tags"><a href="/tag/alibaba-group-holding">Alibaba Group Holding news</a></p>
 <a href="/files/annual-report-of-the-company.docx">Annual report of the company</a>
 <a href="#top">Back to the top of this page</a>
</main>
<footer><a href="/terms-of-use-and-privacy">Terms of use and privacy policy</a></footer></body></html>"""
SECTION_URL = "https://news.example/china"


def test_articles_of_a_section_page_are_found() -> None:
    found = read(SECTION, SourceKind.LISTING, SECTION_URL)
    assert (found.format, found.title) == ("listing", "China - Example News")
    assert [(entry.url, entry.title) for entry in found.entries] == [
        ("https://news.example/2021/08/09/alibaba-fires-manager", "Alibaba fires manager over assault claim"),
        ("https://news.example/news/58142073", "Police open inquiry"),
        ("https://news.example/a/101", "Court to hear the case in September"),
        ("https://news.example/a/102", "Colleagues sign an open letter"),
        ("https://news.example/a/103", "Regulators meet the company today"),
        ("https://news.example/a/104", "What we know about the probe"),
        ("https://news.example/a/105", "Company to revise its code"),
    ]
    days = [entry.published.date().isoformat() if entry.published else None for entry in found.entries[:3]]
    assert days == ["2021-08-09", "2021-08-08", None]


def test_articles_of_a_chinese_section_page_are_found() -> None:
    rows = "".join(
        f'<li><a href="/c/2021-08-0{n}/doc-{n}.shtml">阿里巴巴通报员工被侵害事件{n}</a><span>08-0{n}</span></li>'
        for n in range(1, 7)
    )
    body = f'<html><body><div class="menu"><a href="/finance/">财经新闻滚动频道</a></div><ul class="list">{rows}</ul></body></html>'
    found = read(
        body.encode("gbk"), SourceKind.LISTING, "https://news.example/roll", content_type="text/html; charset=gbk"
    )
    assert [entry.title for entry in found.entries] == [f"阿里巴巴通报员工被侵害事件{n}" for n in range(1, 7)]


def scripted(kind: str, content: object) -> str:
    """Return a section page whose links only a script would show."""
    data = json.dumps(content).replace("</", "<\\/")
    return f"<!DOCTYPE html><html><head><title>China</title></head><body><div id='app'></div><script type='{kind}'>{data}</script></body></html>"


TOLD = [{"slug": f"/2021/08/0{n}/mill-fire-{n}", "name": f"Mill fire, day {n}"} for n in range(1, 7)]
IN_DATA = {
    "a script's state": ("application/json", {"props": {"nav": [{"url": "/world", "title": "World"}] * 9, "page": {"stories": [{"url": each["slug"], "headline": each["name"]} for each in TOLD]}}}),
    "schema.org's list of links": ("application/ld+json", {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "url": each["slug"], "name": each["name"]} for each in TOLD]}),
    "schema.org's list of things": ("application/ld+json", {"@graph": [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {"@id": each["slug"], "name": each["name"]}} for each in TOLD]}]}),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_DATA)
def test_articles_that_only_a_script_would_show_are_found_in_its_data(case: str) -> None:
    found = read(scripted(*IN_DATA[case]), SourceKind.LISTING, SECTION_URL)
    assert [(entry.url, entry.title) for entry in found.entries] == [
        (f"https://news.example{each['slug']}", each["name"]) for each in TOLD
    ]


NOT_IN_DATA = {
    "a menu": [
        {"url": f"/section/{word}", "title": word} for word in ("world", "china", "money", "sport", "art", "tech")
    ],
    "few": [{"url": each["slug"], "title": each["name"]} for each in TOLD[:3]],
    "another site's": [{"url": f"https://other.example{each['slug']}", "title": each["name"]} for each in TOLD],
    "no titles": [{"url": each["slug"], "id": 1} for each in TOLD],
    "no JSON": "{",
}


@pytest.mark.parametrize("case", NOT_IN_DATA)
def test_other_data_of_a_page_is_no_list_of_articles(case: str) -> None:
    with pytest.raises(NotAFeed, match="no article links were found"):
        read(scripted("application/json", NOT_IN_DATA[case]), SourceKind.LISTING, SECTION_URL)


def test_a_selector_decides_alone_and_may_lead_elsewhere() -> None:
    found = read(SECTION, SourceKind.LISTING, SECTION_URL, links="main article h3")
    assert [entry.url for entry in found.entries] == [
        "https://news.example/2021/08/09/alibaba-fires-manager",
        "https://elsewhere.example/2021/08/09/alibaba-shares-fall-again",
    ]


@pytest.mark.parametrize(
    ("links", "why"), [("main a.story", "chooses no link"), ("main >", "no CSS selector|chooses no link")]
)
def test_a_selector_that_chooses_nothing_is_said(links: str, why: str) -> None:
    with pytest.raises(NotAFeed, match=why):
        read(SECTION, SourceKind.LISTING, SECTION_URL, links=links)


def test_links_start_from_the_pages_base() -> None:
    body = '<html><head><base href="/en/"></head><body><main><h2><a href="probe-of-the-company">Probe of the company ends</a></h2></main></body></html>'
    assert only(body, SourceKind.LISTING).url == "https://news.example/en/probe-of-the-company"


def test_a_page_of_one_address_many_times_takes_no_time() -> None:
    body = "<html><body><div>" + "<a href='/a-b-c-d'>one two three four</a>" * 20_000
    started = time.process_time()
    assert len(read(body, SourceKind.LISTING).entries) == 1
    assert time.process_time() - started < 15


def test_a_site_gives_its_feeds_and_sitemaps_but_not_its_comments() -> None:
    found = read(PAGE_WITH_FEEDS, SourceKind.SITE, "https://news.example/")
    assert found == Listing(
        "listing",
        children=(
            Source(SourceKind.FEED, "https://news.example/rss"),
            Source(SourceKind.SITEMAP, "https://news.example/map.xml"),
        ),
        title="Home",
    )


def test_a_site_that_advertises_nothing_is_searched_for_links_to_feeds() -> None:
    found = read(
        '<html><body><a href="/feed/">Follow us</a><a href="/feedback">Write</a></body></html>', SourceKind.SITE
    )
    assert found.children == (Source(SourceKind.FEED, "https://news.example/feed/"),)


def test_a_site_without_feeds_is_read_as_a_section_page() -> None:
    found = read(SECTION, SourceKind.SITE, SECTION_URL)
    assert found.children == ()
    assert len(found.entries) == 7


@pytest.mark.parametrize(
    ("body", "kind"), [(rss(TEN), SourceKind.FEED), ("<urlset><url><loc>/a</loc></url></urlset>", SourceKind.SITEMAP)]
)
def test_a_site_whose_address_is_a_feed_is_that_feed(body: str, kind: SourceKind) -> None:
    found = read(body, SourceKind.SITE)
    assert (found.entries, found.children) == ((), (Source(kind, URL),))
