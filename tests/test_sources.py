# ruff: noqa: E501  (sample documents, a line each)
"""Each kind of source, from what it serves to what is filed: samples of our own, through the whole daemon."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from monitor import probe, urls, wrapped
from monitor.config import Config, load

from .world import World

BURNT = (
    "The old mill at Harbour Quay burnt down on Monday night, the fire service said; nobody was hurt.",
    "Forty firefighters were at the quay until Tuesday morning, and the road along the harbour stayed shut.",
)
SHELL = "<!doctype html><html><head><title>{}</title></head><body><script>load()</script></body></html>"


@dataclass
class Web(World):
    """A world in which single addresses answer as a test says."""

    served: dict[str, Callable[[], httpx.Response]] = field(default_factory=dict)

    def serve(self, url: str, body: str | bytes, kind: str = "text/html", status: int = 200) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.served[url] = lambda: httpx.Response(status, content=content, headers={"content-type": kind})

    def redirect(self, url: str, target: str) -> None:
        self.served[url] = lambda: httpx.Response(302, headers={"location": target})

    def follow(self, sources: str) -> Config:
        path = self.folder / "config.toml"
        path.write_text(
            '[fetch]\nper_host_delay = "0s"\n'
            f'[[topics]]\nname = "Mill fire"\nabout = "mill AND (fire OR burnt)"\n{sources}\n',
            encoding="utf-8",
        )
        return load(path, env={})

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "monitor.db")) as db:
            return db.execute(sql).fetchall()

    def _respond(self, request: httpx.Request) -> httpx.Response:
        served = self.served.get(str(request.url))
        if served is None:
            return super()._respond(request)
        self.asked.append(str(request.url))
        return served()


@pytest.fixture
def web(tmp_path: Path) -> Web:
    web = Web(tmp_path)
    web.publish("harbour.example", "/2026/mill-fire", "Mill burns down", *BURNT)
    return web


PAGE = "https://harbour.example/2026/mill-fire"


def rss(*items: str) -> str:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>mill - Search</title>{"".join(items)}</channel></rss>'
    )


def item(link: str, title: str = "Mill burns down", more: str = "") -> str:
    escaped = link.replace("&", "&amp;")
    return f"<item><title>{title}</title><link>{escaped}</link><pubDate>Sun, 01 Aug 2021 07:00:00 GMT</pubDate>{more}</item>"


# ------------------------------------------------------------------------------------------- searches of news


def token(inner: str) -> str:
    return (
        urlsafe_b64encode(b"\x08\x13\x22" + bytes([len(inner)]) + inner.encode() + b"\xd2\x01\x00").decode().strip("=")
    )


GOOGLE = "https://news.google.com/rss/search?q=mill%20%28fire%20OR%20burnt%29&hl=en-US&gl=US&ceid=US%3Aen"
SEARCHES = 'searches = ["https://news.google.com/rss/search?q={about}&hl=en-US&gl=US&ceid=US:en"]'
NEW_LINK = f"https://news.google.com/rss/articles/{token('AU_yqLMeG1pbGxmaXJl')}?oc=5"
WALLS = {
    "goes to the question for consent": ("https://consent.google.com/ml?continue=x", "blocked", "asks for consent"),
    "is refused at the question for consent": ("https://consent.google.de/ml", "blocked", "asks for consent"),
    "goes nowhere": (None, "blocked", "does not lead on"),
    "goes to the publisher": (PAGE, "article", None),
}


@pytest.mark.parametrize("case", WALLS)
async def test_a_new_link_of_google_news_is_followed_and_no_wall_is_filed(web: Web, case: str) -> None:
    target, state, why = WALLS[case]
    config = web.follow(SEARCHES)
    address = config.topics[0].sources[0].url
    source = "<source url='https://harbour.example'>Harbour Times</source>"
    web.serve(address, rss(item(NEW_LINK, "Mill burns down - Harbour Times", source)), "application/xml")
    web.serve(NEW_LINK, SHELL.format("Google News"))
    web.serve(
        "https://consent.google.com/ml?continue=x", SHELL.format("Before you continue") + "<p>We use cookies" * 90
    )
    web.serve("https://consent.google.de/ml", "no", status=403)
    if target is not None:
        web.redirect(NEW_LINK, target)
    await web.once(config)
    ((found, reason, title, publisher),) = web.ask("select state, why, title, publisher from entries")
    assert (found, title, publisher) == (state, "Mill burns down", "Harbour Times")
    assert (why or "") in (reason or "")
    assert reason is None or reason.endswith("; its publisher is Harbour Times")
    assert web.ask("select url from articles") == ([(PAGE,)] if state == "article" else [])


async def test_an_old_link_of_google_news_is_never_asked_for(web: Web) -> None:
    config = web.follow(SEARCHES)
    old = f"https://news.google.com/rss/articles/{token(PAGE)}?oc=5"
    web.serve(config.topics[0].sources[0].url, rss(item(old)), "application/xml")
    await web.once(config)
    assert web.ask("select url, state from entries") == [(PAGE, "article")]
    assert web.requests(old) == 0


async def test_links_of_bing_news_lead_to_the_publisher(web: Web) -> None:
    config = web.follow('searches = ["https://www.bing.com/news/search?q={words}&format=rss"]')
    wrapped = f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={quote(PAGE, safe='')}&c=9&mkt=en-us"
    more = (
        "<News:Source xmlns:News='https://www.bing.com/news/search?q=mill&amp;format=rss'>Harbour Times</News:Source>"
    )
    web.serve(config.topics[0].sources[0].url, rss(item(wrapped, more=more)), "text/xml; charset=utf-8")
    await web.once(config)
    assert web.ask("select url, state, publisher from entries") == [(PAGE, "article", "Harbour Times")]
    assert [url for url in web.asked if "apiclick" in url] == []


# ------------------------------------------------------------------------------------------------------ GDELT

GDELT = "https://api.gdeltproject.org/api/v2/doc/doc?query={about}&mode=artlist&format=json&sort=datedesc"


def gdelt(*articles: str) -> str:
    """Answer as the DOC 2.0 API does, in its own layout."""
    rows = ", ".join(
        f'{{ "url": "{url}", "url_mobile": "{url}/amp", "title": "Mill fire at Harbour\\Quay , police say", '
        '"seendate": "20210801T071500Z", "socialimage": "", "domain": "harbour.example", "language": "English", '
        '"sourcecountry": "United Kingdom" }' for url in articles
    )  # fmt: skip
    return f'{{"articles": [ {rows} ] }}'


async def test_gdelt_is_read_though_its_escapes_are_broken(web: Web) -> None:
    config = web.follow(f'searches = ["{GDELT}"]')
    (source,) = config.topics[0].sources
    assert "query=mill%20%28fire%20OR%20burnt%29&" in source.url
    web.serve(source.url, gdelt(PAGE + "?utm_source=gdelt"), "application/json")
    await web.once(config)
    assert web.ask("select url, title, published_at, state from entries") == [
        (PAGE, "Mill fire at Harbour\\Quay , police say", "2021-08-01T07:15:00Z", "article")
    ]


@pytest.mark.parametrize(
    "words",
    [
        "Please limit requests to one every 5 seconds or contact the team for larger queries.\n",
        "Your query was too short or too long.",
        "Queries containing OR'd terms must be surrounded by ().",
    ],
)
async def test_what_gdelt_says_in_words_is_told_and_no_empty_success(web: Web, words: str) -> None:
    config = web.follow(f'searches = ["{GDELT}"]')
    web.serve(config.topics[0].sources[0].url, words, "text/html")
    await web.once(config)
    ((state, why, due),) = web.ask("select state, why, next_due_at from sources")
    assert state == "failing"
    assert words.strip() in why
    assert due >= "2021-08-01T08:15:00Z"


async def test_gdelt_that_finds_nothing_is_no_fault(web: Web) -> None:
    config = web.follow(f'searches = ["{GDELT}"]')
    web.serve(config.topics[0].sources[0].url, "{}", "application/json")
    await web.once(config)
    assert web.ask("select state, why from sources") == [("ok", None)]


async def test_gdelt_is_asked_once_in_five_seconds_and_an_address_once_in_fifteen_minutes(web: Web) -> None:
    config = web.follow(f'interval = {{ min = "1m", max = "2m" }}\nsearches = ["{GDELT}", "{GDELT}&timespan=1d"]')
    for source in config.topics[0].sources:
        web.serve(source.url, gdelt(), "application/json")
    await web.once(config)
    assert web.slept >= 2 * 5.0 - 0.1  # robots.txt, two searches
    assert min(web.ask("select min(next_due_at) from sources"))[0] >= "2021-08-01T08:15:00Z"


async def test_gdelt_that_answers_429_is_left_alone_and_says_so(web: Web) -> None:
    config = web.follow(f'searches = ["{GDELT}"]')
    web.serve(config.topics[0].sources[0].url, "Please limit requests", status=429)
    await web.once(config)
    ((state, why, due),) = web.ask("select state, why, next_due_at from sources")
    assert state == "blocked"
    assert "429 Too Many Requests: we asked too often" in why
    assert due >= "2021-08-01T08:15:00Z"


# ------------------------------------------------------------------------------------------ searches move about


async def test_a_search_that_shows_nothing_known_is_no_gap(web: Web) -> None:
    config = web.follow(SEARCHES)
    address = config.topics[0].sources[0].url
    web.serve(address, rss(*(item(f"https://harbour.example/a/{n}") for n in range(5))), "application/xml")
    await web.once(config)
    web.turn(hours=13)
    web.serve(address, rss(*(item(f"https://harbour.example/b/{n}") for n in range(5))), "application/xml")
    await web.once(config)
    assert web.ask("select state, why, missed_at from sources") == [("ok", None, None)]


# ------------------------------------------------------------------------------------------------- JSON by paths

API = "https://api.harbour.example/search?q=mill%20fire"
PATHS = (
    'searches = [{ url = "https://api.harbour.example/search?q={words}", '
    'items = "data.list", link = "href", title = "names.head", date = "printed" }]'
)


def answer(*rows: dict[str, Any], key: str = "list") -> str:
    return json.dumps({"menu": [{"url": "/x", "title": "Menu", "date": "2021-01-01"}], "data": {key: rows}})


ROW = {"href": "../2026/mill-fire", "names": {"head": "Mill burns down"}, "printed": 1627801200}
DATES = {
    "seconds": 1627801200,
    "milliseconds": 1627801200000,
    "seconds as text": "1627801200",
    "ISO 8601": "2021-08-01T09:00:00+02:00",
    "as in mails": "Sun, 01 Aug 2021 07:00:00 GMT",
}


@pytest.mark.parametrize("case", DATES)
async def test_json_is_read_by_the_paths_of_the_config(web: Web, case: str) -> None:
    config = web.follow(PATHS.replace("api.harbour.example/search", "harbour.example/api/search"))
    web.serve(config.topics[0].sources[0].url, answer(ROW | {"printed": DATES[case]}), "application/json")
    await web.once(config)
    assert web.ask("select url, title, published_at, state from entries") == [
        (PAGE, "Mill burns down", "2021-08-01T07:00:00Z", "article")
    ]
    config = web.follow(PATHS.replace("api.harbour.example/search", "harbour.example/api/search"))
    await web.once(config)
    assert web.ask("select count(*), links from sources") == [
        (1, '{"items": "data.list", "link": "href", "title": "names.head", "date": "printed"}')
    ]


WRONG = {
    "no such list": (answer(ROW, key="hits"), 'items = "data.list" leads nowhere: in data there is no "list", but an object with the keys hits'),
    "no list at all": ('{"data": {"list": "none"}}', 'items = "data.list" leads to no list, but to the text "none"'),
    "no objects": ('{"data": {"list": [1, 2]}}', 'items = "data.list" leads to no objects, but to the value 1'),
    "no link": (answer({"url": PAGE, "printed": 1}), 'link = "href" leads nowhere in any article: in the first there is no "href", but an object with the keys url, printed'),
    "a number for a link": (answer(ROW | {"href": 7}), 'link = "href" leads to no web address, but to the value 7'),
    "no title": (answer(ROW | {"names": {"short": "Fire"}}), 'title = "names.head" leads nowhere in any article: in names there is no "head", but an object with the keys short'),
    "no date": (answer(ROW | {"printed": "last week"}), 'date = "printed" leads to no date, but to the text "last week"'),
    "a refusal": ('{"status": "error", "message": "Your API key is not valid."}', 'an object with the keys status, message; it says "Your API key is not valid."'),
    "a page": ("<!doctype html><html><body><a href='/a'>A</a></body></html>", "this is an HTML page; items, link, title and date are paths into JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
async def test_a_path_that_leads_nowhere_is_a_failure_that_shows_what_is_there(web: Web, case: str) -> None:
    body, why = WRONG[case]
    config = web.follow(PATHS)
    web.serve(API, body, "application/json")
    await web.once(config)
    ((state, said),) = web.ask("select state, why from sources")
    assert (state, said) == ("failing", f"not-a-feed: {said.partition(': ')[2]}")
    assert why in said


FINE = {
    "an empty list": ('{"data": {"list": []}}', PATHS, 0),
    "null for nothing": ('{"data": {"list": null}}', PATHS, 0),
    "the answer is the list": (json.dumps([ROW]), PATHS.replace('items = "data.list", ', ""), 1),
    "the list is found by itself": (answer(ROW), PATHS.replace('items = "data.list", ', ""), 1),
    "the fields are found by themselves": (
        answer({"url": PAGE, "headline": "Mill"}, {"url": "https://harbour.example/2", "headline": "Mill 2"}),
        'searches = [{ url = "https://api.harbour.example/search?q={words}", items = "data.list" }]',
        2,
    ),
    "some without a date": (answer(ROW, {"href": "https://harbour.example/2"}), PATHS, 2),
    "lists of several sections": (
        json.dumps({"s": [{"a": [ROW]}, {"a": [{"href": "https://harbour.example/2"}]}]}),
        PATHS.replace("data.list", "s[*].a"),
        2,
    ),
    "objects by their ids": (json.dumps({"data": {"list": {"7": ROW}}}), PATHS.replace("list", "list[*]"), 1),
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
async def test_json_of_other_shapes(web: Web, case: str) -> None:
    body, sources, count = FINE[case]
    config = web.follow(sources)
    web.serve(API, body, "application/json")
    await web.once(config)
    assert web.ask("select state from sources") == [("ok",)]
    assert len(web.ask("select * from entries")) == count


# ------------------------------------------------------------------------------------------- one article, one row

SPELLINGS = [
    "https://www.quay.com/2026/11/28/mill-fire-at-the-quay",
    "http://www.quay.com/2026/11/28/mill-fire-at-the-quay/?utm_source=rss",
    "https://quay.com/2026/11/28/mill-fire-at-the-quay#comments",
    "https://m.quay.com/2026/11/28/mill-fire-at-the-quay?from=timeline&isappinstalled=0",
    "https://www.quay.com/2026/11/28/mill-fire-at-the-quay/amp",
    "https://www-quay-com.cdn.ampproject.org/c/s/www.quay.com/2026/11/28/mill-fire-at-the-quay/amp?usqp=mq331",
    "https://www.quay.com/2026/11/28/mill-fire-at-the-quay;jsessionid=4F?spm=a2.b",
]


def page(title: str, *paragraphs: str) -> str:
    """Return a page that names no canonical address."""
    return f"<!doctype html><html><head><title>{title}</title></head><body><main><article><h1>{title}</h1>{''.join(f'<p>{text}</p>' for text in paragraphs)}</article></main></body></html>"


@pytest.mark.parametrize("first", SPELLINGS)
async def test_many_spellings_of_one_address_are_one_article_asked_for_once(web: Web, first: str) -> None:
    lists = [first, *(url for url in SPELLINGS if url != first)]
    for number, url in enumerate(lists):
        web.serve(f"https://list{number}.example/rss", rss(item(url)), "application/xml")
        web.serve(urls.canonical(wrapped.unwrapped(url)), page("Mill burns down", *BURNT))
    await web.once(web.follow('feeds = ["https://list0.example/rss"]'))
    feeds = ", ".join(f'"https://list{number}.example/rss"' for number in range(len(lists)))
    await web.once(web.follow(f"feeds = [{feeds}]"))
    assert web.ask("select url from articles") == [(urls.canonical(wrapped.unwrapped(first)),)]
    assert len([url for url in web.asked if "quay.com" in url]) == 1
    assert {state for (state,) in web.ask("select state from entries")} == {"article"}


async def test_addresses_that_differ_in_what_they_mean_are_two_articles(web: Web) -> None:
    links = [f"https://quay.com/story.php?id={number}&from=rss" for number in (1, 2)]
    web.serve("https://list.example/rss", rss(*map(item, links)), "application/xml")
    for number, url in enumerate(links):
        web.serve(url, page(f"Report {number}", f"{BURNT[0]} Report {number}.", BURNT[1]))
    await web.once(web.follow('feeds = ["https://list.example/rss"]'))
    assert sorted(web.ask("select url from articles")) == [(url,) for url in links]


# ---------------------------------------------------------------------------------------------- what `check` shows


async def checked(web: Web, sources: str) -> probe.Tried:
    config, world = web.follow(sources), web.world()
    (tried,) = await probe.try_all(
        config, now=world.now, sleep=world.sleep, done=lambda: None, transport=world.transport
    )  # fmt: skip
    return tried


INDEX = "<sitemapindex><sitemap><loc>https://harbour.example/map-{}.xml</loc></sitemap></sitemapindex>"
CHECKED = {
    "a feed": (
        'feeds = ["https://harbour.example/x"]',
        rss(*(item(f"https://harbour.example/{n}", f"Item {n}") for n in range(5))),
        "rss: 5 links, newest 2021-08-01 07:00 UTC; first: Item 0 · Item 1 · Item 2",
    ),
    "a search through a service": (
        'searches = ["https://harbour.example/x"]',
        rss(item(NEW_LINK)),
        "rss: 1 links, newest 2021-08-01 07:00 UTC; 1 of them through news.google.com, which may not say where; first: Mill burns down",
    ),
    "an index of sitemaps": (
        'sitemaps = ["https://harbour.example/x"]',
        INDEX.format(1),
        "sitemap-index: 0 links; leads on to https://harbour.example/map-1.xml",
    ),
    "a site": (
        'sites = ["https://harbour.example/x"]',
        '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body></body></html>',
        "listing: 0 links; leads on to https://harbour.example/rss, https://harbour.example/named.xml",
    ),
    "a page": ('pages = ["https://harbour.example/x"]', page("Mill burns down", *BURNT), "article: Mill burns down"),
    "a search that finds nothing": ('searches = ["https://harbour.example/x"]', '{"hits": []}', "json: 0 links"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHECKED)
async def test_what_check_shows(web: Web, case: str) -> None:
    sources, body, found = CHECKED[case]
    web.serve("https://harbour.example/x", body)
    web.serve("https://harbour.example/robots.txt", "Sitemap: https://harbour.example/named.xml", "text/plain")
    tried = await checked(web, sources)
    assert (tried.ok, tried.found) == (True, found)


async def test_check_says_why_a_source_cannot_be_read(web: Web) -> None:
    web.serve("https://harbour.example/x", "Your query was too short.", "text/html")
    tried = await checked(web, 'searches = ["https://harbour.example/x"]')
    assert (tried.ok, tried.found) == (
        False, "this is no feed or sitemap; all that was answered is: Your query was too short."
    )  # fmt: skip


async def test_what_a_site_names_becomes_sources_whose_articles_are_read(web: Web) -> None:
    web.serve("https://harbour.example/", CHECKED["a site"][1])
    web.serve("https://harbour.example/robots.txt", "Sitemap: /news.xml", "text/plain")
    web.serve("https://harbour.example/rss", rss(item(PAGE)), "application/rss+xml")
    web.serve("https://harbour.example/news.xml", f"<urlset><url><loc>{PAGE}</loc></url></urlset>", "text/xml")
    await web.once(web.follow('sites = ["https://harbour.example/"]'))
    assert web.ask("select kind, url, state, found_by from sources order by id") == [
        ("site", "https://harbour.example/", "ok", None),
        ("feed", "https://harbour.example/rss", "ok", 1),
        ("sitemap", "https://harbour.example/news.xml", "ok", 1),
    ]
    assert web.ask("select count(*) from articles") == [(1,)]
    assert web.requests(PAGE) == 1


# ------------------------------------------------------------------------------------- the examples of the document

DOCUMENT = (Path(__file__).parent.parent / "docs" / "sources.md").read_text("utf-8")
EXAMPLES = [
    (heading.strip(), block)
    for heading, text in re.findall(r"^##+ (.+?)\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
]
SECTION = (
    "<!doctype html><html><head><title>China</title></head><body><main>"
    "<article><h3><a href='/2021/08/01/mill-burns-down'>The old mill burns down at the quay</a></h3></article></main></body></html>"
)
HIT = {"url": PAGE, "headline": "Mill burns down", "published": "2021-08-01T07:00:00Z"}
SAMPLES = {  # section of the document -> what its addresses answer in turn, and how what was found begins
    "feeds": [(rss(item(PAGE)), "rss: 1 links, newest 2021-08-01 07:00 UTC; first: Mill burns down")],
    "sitemaps": [
        (
            '<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://harbour.example/2026/mill-fire</loc><n:news><n:publication><n:name>Harbour Times</n:name></n:publication>'
            "<n:publication_date>2021-08-01T07:00:00Z</n:publication_date><n:title>Mill burns down</n:title></n:news></url></urlset>",
            "news-sitemap: 1 links, newest 2021-08-01 07:00 UTC; first: Mill burns down",
        ),
        (gzip.compress(INDEX.format("2021-08").encode()), "sitemap-index: 0 links; leads on to https://harbour.example/map-2021-08.xml"),
    ],
    "listings": [(SECTION, "listing: 1 links, newest 2021-08-01 00:00 UTC; first: The old mill burns down at the quay")] * 2,
    "Google News": [(rss(item(f"https://news.google.com/rss/articles/{token(PAGE)}")), "rss: 1 links")],
    "Bing News": [(rss(item(f"http://www.bing.com/news/apiclick.aspx?url={quote(PAGE, safe='')}")), "rss: 1 links")],
    "GDELT DOC 2.0": [(gdelt(PAGE), "json: 1 links, newest 2021-08-01 07:15 UTC; first: Mill fire at Harbour")],
    "JSON of any kind": [
        (json.dumps({"data": {"list": [HIT]}}), "json: 1 links, newest 2021-08-01 07:00 UTC; first: Mill burns down"),
        (
            json.dumps({"response": {"results": [{"webUrl": PAGE, "webTitle": "Mill burns down", "webPublicationDate": "2021-08-01T07:00:00Z"}]}}),
            "json: 1 links, newest 2021-08-01 07:00 UTC; first: Mill burns down",
        ),
    ],
    "pages": [(page("Mill burns down", *BURNT), "article: Mill burns down")],
    "sites": [(CHECKED["a site"][1], "listing: 0 links; leads on to https://news.example/rss")],
    "How often": [],
}  # fmt: skip


def test_every_section_of_the_document_has_an_example_that_is_run() -> None:
    assert {heading for heading, _ in EXAMPLES} == set(SAMPLES)


@pytest.mark.parametrize("heading", SAMPLES)
async def test_the_examples_of_the_document_are_true(web: Web, heading: str) -> None:
    answers = iter(SAMPLES[heading])
    for block in [block for name, block in EXAMPLES if name == heading]:
        config, world = web.follow(block), web.world()
        expected = []
        for source in config.topics[0].sources:
            body, found = next(answers)
            web.serve(urls.canonical(source.url), body)
            expected.append(found)
        tried = await probe.try_all(
            config, now=world.now, sleep=world.sleep, done=lambda: None, transport=world.transport
        )  # fmt: skip
        assert all(each.ok and each.found.startswith(found) for each, found in zip(tried, expected, strict=True)), tried
        await web.once(config)
        assert {row[0] for row in web.ask("select state from sources where active and found_by is null")} <= {"ok"}
    assert not list(answers)
