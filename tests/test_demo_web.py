from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo import story, web
from monitor.demo.serve import Loopback, Web
from monitor.demo.story import Outlet, Page, Story

STORY = story.load()
MOMENTS = story.moments(STORY)
LAST = MOMENTS[-1]
CONSENTED = {"cookie": "consent=all"}
KINDS = {
    "report", "reprint", "recap", "comment", "paraphrase", "translation", "distractor", "consent", "background",
}  # fmt: skip


def by_url(url: str) -> Page:
    return next(page for page in STORY.pages if page.url == url)


def shown(page: Page, now: datetime, headers: dict[str, str] | None = None) -> web.Response:
    return web.respond(STORY, page.outlet.host, page.path, headers or {}, now)


def listed(outlet_key: str, now: datetime) -> web.Response:
    outlet = next(outlet for outlet in STORY.outlets if outlet.key == outlet_key)
    return web.respond(STORY, outlet.host, outlet.list_path, {}, now)


def charset(response: web.Response) -> str:
    """The charset a browser would take: the header's, else the one in the page's first bytes."""
    for place in (response.headers["content-type"], response.body[:1024].decode("latin-1")):
        found = re.search(r"charset=\"?([\w-]+)", place)
        if found:
            return found[1]
    raise AssertionError("no charset said")


# ------------------------------------------------------------------------------------------------------ the story


def test_every_development_has_one_report_and_it_comes_first() -> None:
    facts = {page.fact for page in STORY.pages} - {None}
    assert facts == {f"D{number}" for number in range(1, 12)}
    for fact in facts:
        pages = [page for page in STORY.pages if page.fact == fact]
        assert [page.kind for page in pages].count("report") == 1
        assert pages[0].kind == "report"


def test_developments_come_in_their_order() -> None:
    reports = [page for page in STORY.pages if page.kind == "report"]
    assert [page.fact for page in reports] == [f"D{number}" for number in range(1, 12)]


def test_pages_are_in_range_unique_and_of_known_kinds() -> None:
    assert len({page.url for page in STORY.pages}) == len(STORY.pages)
    assert {page.kind for page in STORY.pages} == KINDS
    for page in STORY.pages:
        assert datetime(2021, 7, 1, tzinfo=UTC) <= page.published < STORY.end
        assert page.path.startswith("/")
        assert 3 <= len(page.paragraphs) <= 7
        assert page.wall in {None, "page", "redirect"}
        assert (page.kind == "consent") == (page.wall is not None)


def test_every_outlet_has_something_from_before_the_start() -> None:
    for outlet in STORY.outlets:
        assert STORY.of(outlet)[0].published < STORY.start
        assert f"page-{outlet.layout}" in STORY.layouts


def test_reprints_carry_the_words_of_the_agency_and_its_name() -> None:
    copies = [page for page in STORY.pages if page.copy_of is not None]
    assert {page.kind for page in copies} == {"reprint", "distractor"}
    for page in copies:
        assert page.copy_of is not None
        assert page.copy_of.published < page.published
        assert page.paragraphs[0] == "(Harbour Wire) -- " + page.copy_of.paragraphs[0]
        assert set(page.paragraphs[1:]) <= set(page.copy_of.paragraphs[1:])


def test_private_persons_have_no_full_name() -> None:
    text = "\n".join(paragraph for page in STORY.pages for paragraph in page.paragraphs)
    assert not re.search(r"Zhang Guo|张国|Wang Cheng|王成文", text)


def test_moments_are_all_the_changes_in_order_and_far_enough_apart_to_be_polled() -> None:
    assert list(MOMENTS) == sorted(set(MOMENTS))
    assert {page.published for page in STORY.pages} <= set(MOMENTS)
    assert {page.removed_at for page in STORY.pages if page.removed_at} <= set(MOMENTS)
    assert {edit.at for page in STORY.pages for edit in page.edits} <= set(MOMENTS)
    assert min(after - before for before, after in pairwise(MOMENTS)) >= timedelta(minutes=5)


@given(st.datetimes(datetime(2021, 7, 1), datetime(2022, 7, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # made aware
def test_nothing_changes_between_two_moments(now: datetime) -> None:
    before = max((moment for moment in MOMENTS if moment <= now), default=None)
    if before is None:
        return
    for outlet in STORY.outlets:
        for path in ("/", outlet.list_path):
            then = web.respond(STORY, outlet.host, path, {}, before)
            assert web.respond(STORY, outlet.host, path, {}, now) == then


# -------------------------------------------------------------------------------------------------------- its pages


@pytest.mark.parametrize("page", STORY.pages, ids=lambda page: page.outlet.key + page.path)
def test_a_page_holds_its_title_and_paragraphs_in_its_own_charset(page: Page) -> None:
    response = shown(page, page.published, CONSENTED)
    assert response.status == 200
    html = unescape(response.body.decode(charset(response)))
    assert page.title in html
    assert f"<h1{html.split('<h1')[1].split('>')[0]}>{page.title}</h1>" in html
    for paragraph in page.paragraphs:
        assert paragraph in html
    assert "$" not in re.sub(r"\$\d", "", html)  # no placeholder was left


def test_there_are_seven_layouts_and_two_encodings() -> None:
    assert len({outlet.layout for outlet in STORY.outlets}) == 7
    assert {outlet.encoding for outlet in STORY.outlets} == {"utf-8", "gb18030"}


def test_a_page_is_not_there_before_it_is_published() -> None:
    for page in STORY.pages:
        assert shown(page, page.published - timedelta(seconds=1), CONSENTED).status == 404


def test_an_edited_headline_replaces_the_old_one_on_the_page_and_in_the_feed() -> None:
    (page,) = [page for page in STORY.pages if any(edit.title for edit in page.edits)]
    (edit,) = page.edits
    assert edit.title is not None
    for now, there, gone in (
        (edit.at - timedelta(seconds=1), page.title, edit.title),
        (edit.at, edit.title, page.title),
    ):
        for response in (shown(page, now), listed(page.outlet.key, now)):
            text = response.body.decode()
            assert there in text
            assert gone not in text


def test_an_appended_paragraph_appears_with_its_edit() -> None:
    (page,) = [page for page in STORY.pages if any(edit.append for edit in page.edits)]
    (edit,) = page.edits
    before, after = (unescape(shown(page, at).body.decode()) for at in (edit.at - timedelta(seconds=1), edit.at))
    assert edit.append[0] not in before
    assert edit.append[0] in after


def test_removed_pages_say_so_and_leave_the_lists() -> None:
    removed = [page for page in STORY.pages if page.removed_at is not None]
    assert {page.removed_status for page in removed} == {404, 410}
    for page in removed:
        assert page.removed_at is not None
        just_before = page.removed_at - timedelta(seconds=1)
        assert shown(page, just_before).status == 200
        assert shown(page, page.removed_at).status == page.removed_status
        assert page.path in listed(page.outlet.key, just_before).body.decode()
        assert page.path not in listed(page.outlet.key, page.removed_at).body.decode()


def test_the_consent_wall_hides_the_page_and_opens_with_consent() -> None:
    walled = [page for page in STORY.pages if page.wall is not None]
    assert {page.wall for page in walled} == {"page", "redirect"}
    for page in walled:
        response = shown(page, LAST)
        if page.wall == "redirect":
            assert (response.status, response.body) == (302, b"")
            assert response.headers["location"].startswith("/consent?next=%2F")
            response = web.respond(STORY, page.outlet.host, response.headers["location"], {}, LAST)
        assert response.status == 200
        assert "We value your privacy" in response.body.decode()
        assert page.paragraphs[0] not in unescape(response.body.decode())
        assert page.paragraphs[0] in unescape(shown(page, LAST, CONSENTED).body.decode())


# ----------------------------------------------------------------------------------------------------------- its lists


def links(response: web.Response) -> list[str]:
    """The addresses of the entries of a feed or sitemap, in its order."""
    root = ElementTree.fromstring(response.body.decode(charset_of_xml(response.body)).partition("?>")[2])  # noqa: S314
    atom = "{http://www.w3.org/2005/Atom}"
    loc = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    found = [link.text for link in root.findall("channel/item/link")] + [link.text for link in root.iter(loc)]
    found += [link.get("href") for entry in root.iter(f"{atom}entry") for link in entry.findall(f"{atom}link")]
    return [link for link in found if link]


def charset_of_xml(body: bytes) -> str:
    return body.split(b'encoding="')[1].split(b'"')[0].decode()


@pytest.mark.parametrize("outlet", STORY.outlets, ids=lambda outlet: outlet.key)
def test_lists_show_what_is_out_newest_first_and_grow(outlet: Outlet) -> None:
    seen: set[str] = set()
    for now in MOMENTS:
        response = listed(outlet.key, now)
        out = [page for page in STORY.of(outlet) if page.listed(now)]
        if outlet.lists == "section":
            found = [outlet.home + path for path in re.findall(r'class="story" href="([^"]+)"', response.body.decode())]
        else:
            found = links(response)
        assert found == [page.url for page in reversed(out)][:20]
        seen |= set(found)
    assert seen == {page.url for page in STORY.of(outlet)}


def test_a_feed_shows_no_more_than_twenty() -> None:
    page = STORY.of(STORY.outlets[0])[0]
    many = tuple(
        Page(page.outlet, f"/a/{number}", page.published + timedelta(hours=number), "t", ("p",), "report", "a")
        for number in range(30)
    )
    own = Story(STORY.start, STORY.end, STORY.outlets, many, STORY.layouts)
    response = web.respond(own, page.outlet.host, page.outlet.list_path, {}, LAST)
    assert links(response) == [f"{page.outlet.home}/a/{number}" for number in range(29, 9, -1)]


CONDITIONS = {
    "the same tag": ({"if-none-match": "ETAG"}, 304),
    "the same tag, weak": ({"if-none-match": "W/ETAG"}, 304),
    "the same tag among others": ({"if-none-match": '"x", ETAG'}, 304),
    "any tag": ({"if-none-match": "*"}, 304),
    "another tag": ({"if-none-match": '"x"'}, 200),
    "another tag weighs more than the same date": ({"if-none-match": '"x"', "if-modified-since": "DATE"}, 200),
    "the same date": ({"if-modified-since": "DATE"}, 304),
    "another date": ({"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
    "no condition": ({}, 200),
}


@pytest.mark.parametrize("said", CONDITIONS)
def test_conditional_requests(said: str) -> None:
    headers, status = CONDITIONS[said]
    for path in ("/feeds/china.rss", STORY.of(STORY.outlets[0])[0].path):
        first = web.respond(STORY, "harbourwire.example", path, {}, LAST)
        given_back = {
            name: value.replace("ETAG", first.headers["etag"]).replace("DATE", first.headers["last-modified"])
            for name, value in headers.items()
        }
        response = web.respond(STORY, "harbourwire.example", path, given_back, LAST)
        assert response.status == status
        assert (response.body == b"") == (status == 304)
        assert response.headers["etag"] == first.headers["etag"]


def test_a_feed_that_grew_is_sent_again() -> None:
    report = next(page for page in STORY.pages if page.kind == "report")
    before = listed("wire", report.published - timedelta(seconds=1))
    known = {"if-none-match": before.headers["etag"]}
    assert web.respond(STORY, "harbourwire.example", "/feeds/china.rss", known, report.published).status == 200


def test_unknown_hosts_and_paths() -> None:
    assert web.respond(STORY, "elsewhere.example", "/", {}, LAST).status == 421
    assert web.respond(STORY, "harbourwire.example", "/no/such", {}, LAST).status == 404
    assert web.respond(STORY, "HarbourWire.example:8080", "/?from=mail", {}, LAST).status == 200


def test_text_is_escaped_wherever_it_goes() -> None:
    nasty = 'A <b>&amp; "quote"</script>'
    for outlet in STORY.outlets:
        page = Page(outlet, "/a", STORY.start, nasty, (nasty, nasty), "report", nasty)
        own = Story(STORY.start, STORY.end, STORY.outlets, (page,), STORY.layouts)
        for path in ("/", "/a", outlet.list_path):
            text = web.respond(own, outlet.host, path, {}, LAST).body.decode(outlet.encoding)
            assert "<b>&amp; " not in text
            assert '"quote"</script>' not in text


# ---------------------------------------------------------------------------------------------------------- its config


def test_the_config_names_every_outlet_and_a_database() -> None:
    config = tomllib.loads(story.config_text({}, 'C:\\new\\"my" 数据.db'))
    assert config["monitor"]["database"] == 'C:\\new\\"my" 数据.db'
    (topic,) = config["topics"]
    lists = {*topic["feeds"], *topic["sitemaps"], *(listing["url"] for listing in topic["listings"])}
    assert lists == {outlet.list_url for outlet in STORY.outlets}
    for url in topic["pages"]:
        assert by_url(url).published < STORY.start
        assert by_url(url).removed_at is not None


def test_the_config_takes_other_addresses() -> None:
    text = story.config_text({"harbourwire.example": "http://localhost:8080"}, "demo.db")
    assert "http://localhost:8080/feeds/china.rss" in text
    assert "http://harbourwire.example" not in text


def test_the_topics_words_part_the_story_from_the_rest() -> None:
    (topic,) = tomllib.loads(story.config_text({}, "demo.db"))["topics"]
    company, *deeds = re.findall(r"[A-Za-z]{4,}", topic["about"])
    for page in STORY.pages:
        text = "\n".join([page.title, *page.paragraphs])

        def said(word: str, text: str = text) -> bool:
            names = [re.escape(name) for name in (word, *topic["aliases"].get(word, ()))]
            return (
                re.search("|".join(name if not name.isascii() else rf"\b{name}\b" for name in names), text) is not None
            )

        told = page.fact is not None or page.kind in {"recap", "comment", "background"}
        assert (said(company) and any(said(deed) for deed in deeds)) == told


def test_milestones_come_true_in_the_story_as_the_demo_shows_them() -> None:
    (topic,) = tomllib.loads(story.config_text({}, "demo.db"))["topics"]
    own, police, court = topic["milestones"]

    def met(milestone: dict[str, list[str]]) -> set[str | None]:
        return {
            page.fact
            for page in STORY.pages
            if page.kind == "report" and any(phrase in " ".join(page.paragraphs) for phrase in milestone["any"])
        }

    assert met(own) == set()  # overdue, and never met
    assert "D6" in met(police)  # met in time
    assert met(court) == {"D11"}  # overdue, then met
    assert court["by"] < datetime(2022, 6, 22, tzinfo=UTC).date()


# ---------------------------------------------------------------------------------------------------- over real sockets


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with Web(STORY, lambda: LAST) as served:
        transport = Loopback(served.port, {outlet.host for outlet in STORY.outlets})
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            yield client


async def test_every_page_answers_over_http_as_expected(client: httpx.AsyncClient) -> None:
    for page in STORY.pages:
        expected = 302 if page.wall == "redirect" else 200 if page.listed(LAST) else page.removed_status
        answer = await client.get(page.url)
        assert answer.status_code == expected
        assert answer.url == page.url  # the client sees the name it asked for
        assert answer.content == shown(page, LAST).body


async def test_redirects_stay_on_the_named_host(client: httpx.AsyncClient) -> None:
    page = next(page for page in STORY.pages if page.wall == "redirect")
    answer = await client.get(page.url, follow_redirects=True)
    assert answer.url.host == page.outlet.host
    assert answer.url.path == "/consent"


async def test_robots_allow_every_page_and_name_the_sitemap(client: httpx.AsyncClient) -> None:
    robots = (await client.get("http://changhe-news.example/robots.txt")).text
    assert "Disallow: /search" in robots
    assert "Sitemap: http://changhe-news.example/sitemap-news.xml" in robots
    assert not any(page.path.startswith(("/search", "/login")) for page in STORY.pages)


async def test_conditional_requests_over_http(client: httpx.AsyncClient) -> None:
    url = "http://harbourwire.example/feeds/china.rss"
    first = await client.get(url)
    again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get(url)).status_code == 200  # the connection survived the empty answer


async def test_a_host_that_does_not_exist_cannot_be_reached(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ConnectError, match=r"no host called elsewhere\.example"):
        await client.get("http://elsewhere.example/")


async def test_other_methods(client: httpx.AsyncClient) -> None:
    head = await client.head("http://harbourwire.example/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    post = await client.post("http://harbourwire.example/", content=b"x" * 10)
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD")
    assert (await client.get("http://harbourwire.example/")).status_code == 200


async def test_many_requests_share_the_clock_and_the_server() -> None:
    now = [STORY.start]
    async with Web(STORY, lambda: now[0]) as served:
        hosts = {outlet.host for outlet in STORY.outlets}
        async with httpx.AsyncClient(transport=Loopback(served.port, hosts), trust_env=False) as client:
            early = await asyncio.gather(*(client.get(outlet.list_url) for outlet in STORY.outlets))
            now[0] = LAST
            late = await asyncio.gather(*(client.get(outlet.list_url) for outlet in STORY.outlets))
        assert served.served == 2 * len(STORY.outlets)
    assert all(len(before.content) < len(after.content) for before, after in zip(early, late, strict=True))
    assert {answer.headers["date"] for answer in late} == {"Fri, 24 Jun 2022 10:00:00 GMT"}


NOISE = {
    "not HTTP at all": b"\x16\x03\x01\x02\x00\r\n\r\n",
    "a length that is no number": b"GET / HTTP/1.1\r\nHost: harbourwire.example\r\nContent-Length: x\r\n\r\n",
    "an end in the middle": b"GET / HTTP/1.1\r\nHost: harb",
}


@pytest.mark.parametrize("said", NOISE)
async def test_a_broken_client_does_not_stop_the_server(said: str) -> None:
    async with Web(STORY, lambda: LAST) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(NOISE[said])
        writer.write_eof()
        await reader.read()
        writer.close()
        async with httpx.AsyncClient(transport=Loopback(served.port, {"harbourwire.example"})) as client:
            assert (await client.get("http://harbourwire.example/")).status_code == 200


async def test_the_server_ends_while_a_client_keeps_its_connection_open() -> None:
    async with Web(STORY, lambda: LAST) as served:
        client = httpx.AsyncClient(transport=Loopback(served.port, {"harbourwire.example"}))
        await client.get("http://harbourwire.example/")
    with pytest.raises(httpx.TransportError):
        await client.get("http://harbourwire.example/")
    await client.aclose()
