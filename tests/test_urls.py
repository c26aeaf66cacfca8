"""Addresses: one form for one page, nothing lost that tells pages apart, and no claim believed that hides others."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor import urls

CANONICAL = {
    "host and scheme are lower-cased": ("HTTPS://News.Example.COM/A", "https://news.example.com/A"),
    "the scheme's own port goes": ("https://example.com:443/a", "https://example.com/a"),
    "another port stays": ("http://example.com:8080/a", "http://example.com:8080/a"),
    "an empty path becomes a slash": ("https://example.com", "https://example.com/"),
    "the fragment goes": ("https://example.com/a#part-2", "https://example.com/a"),
    "a fragment that looks like a query goes": ("https://example.com/a#?id=3", "https://example.com/a"),
    "a fragment that names a page stays": ("https://example.com/#!/story/7", "https://example.com/#!/story/7"),
    "nothing but its mark goes": ("https://example.com/a#!", "https://example.com/a"),
    "user name and password go": ("https://me:secret@example.com/a", "https://example.com/a"),
    "dots in the path are resolved": ("https://example.com/a/./b/../c", "https://example.com/a/c"),
    "back-slashes are slashes": ("https:\\\\example.com\\a", "https://example.com/a"),
    "white space around it goes": ("  https://example.com/a\n", "https://example.com/a"),
    "an international name becomes ASCII": ("https://例子.中国/新闻", "https://xn--fsqu00a.xn--fiqs8s/%E6%96%B0%E9%97%BB"),
    "campaign parameters go": ("https://example.com/a?utm_source=rss&utm_medium=feed", "https://example.com/a"),
    "their case does not matter": ("https://example.com/a?UTM_Source=rss&FBCLID=x", "https://example.com/a"),
    "the others stay, in their order": (
        "https://example.com/a?id=3&fbclid=x&page=2&gclid=y&lang=zh",
        "https://example.com/a?id=3&page=2&lang=zh",
    ),
    "their spelling is not touched": ("https://example.com/a?q=b+c%2Fd&e&f=", "https://example.com/a?q=b+c%2Fd&e&f="),
    "ambiguous names stay": ("https://example.com/a?cid=5&ref=x&source=y", "https://example.com/a?cid=5&ref=x&source=y"),
    "ampersands escaped once too often are seen through": (
        "https://example.com/a?id=3&amp;utm_source=x",
        "https://example.com/a?id=3",
    ),
    "a session id in the path goes": ("https://example.com/a;jsessionid=4F?id=1", "https://example.com/a?id=1"),
    "other path parameters stay": ("https://example.com/a;v=1/b", "https://example.com/a;v=1/b"),
    "a session id in the query goes": ("https://example.com/a?PHPSESSID=9&id=1", "https://example.com/a?id=1"),
    "an empty query goes": ("https://example.com/a?", "https://example.com/a"),
    "a path that only the session id kept from being resolved": ("https://example.com/a/..;jsessionid=1/b", "https://example.com/b"),
    "an IPv4 address in hexadecimal is one": ("http://0x7f.1/", "http://127.0.0.1/"),
}  # fmt: skip


@pytest.mark.parametrize("case", CANONICAL)
def test_canonical(case: str) -> None:
    given_url, expected = CANONICAL[case]
    assert urls.canonical(given_url) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("b", "https://example.com/news/b"),
        ("/b", "https://example.com/b"),
        ("//other.example/b", "https://other.example/b"),
        ("?page=2", "https://example.com/news/a?page=2"),
        ("#top", "https://example.com/news/a"),
        ("", "https://example.com/news/a"),
    ],
)
def test_relative_links_start_from_their_base(link: str, expected: str) -> None:
    assert urls.canonical(link, "https://example.com/news/a#x") == expected


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("javascript:alert(1)", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("data:text/html,x", "only http and https"),
        ("mailto:a@example.com", "only http and https"),
        ("", "not an address"),
        ("/relative", "not an address"),
        ("http://", "not an address"),
        ("http://a b/", "not an address"),
        ("https://example.com/" + "x" * 9_000, "longer than"),
    ],
)
def test_what_is_no_web_address_is_refused_in_words(bad: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        urls.canonical(bad)
    assert len(str(caught.value)) < 250


def test_lone_surrogates_are_no_crash() -> None:
    assert urls.canonical("https://example.com/\ud800") == "https://example.com/%EF%BF%BD"
    assert urls.canonical("https://example.com/\ud83d\ude00") == "https://example.com/%F0%9F%98%80"


STORY = "example.com/2026/11/28/mill-fire-at-the-quay"
SAME = {  # spellings of one page's address
    STORY: [
        f"https://{STORY}", f"http://{STORY}", f"HTTPS://EXAMPLE.com:443/{STORY.partition('/')[2]}", f"http://{STORY}/",
        f"https://www.{STORY}", f"http://www.{STORY}/?", f"https://{STORY}#comments", f"https://me:pw@{STORY}",
        f"https://{STORY}?utm_source=a&utm_medium=b", f"https://{STORY}?fbclid=1&gclid=2&mc_cid=3&igshid=4&spm=5.6",
        f"https://{STORY}?from=timeline&isappinstalled=0", f"https://{STORY}?from=singlemessage&scene=1&clicktime=2",
        f"https://{STORY}?ref=home&source=rss&cmp=x&share_token=9-a", f"https://{STORY}?sid=4f&PHPSESSID=9",
        f"https://{STORY};jsessionid=4F00", f"https://{STORY}/amp", f"https://{STORY}/amp/", f"https://{STORY}.amp",
        f"https://{STORY}?amp", f"https://{STORY}?amp=1", f"https://{STORY}?outputType=amp", f"https://{STORY}?print=1",
        f"https://amp.{STORY}", f"https://m.{STORY}", f"http://mobile.{STORY}/", f"https://wap.{STORY}", f"https://3g.{STORY}",
        "https://example.com/2026/./11/x/../28/mill%2Dfire%2dat-the-quay", f"https://{STORY}?&&",
        f"https://{STORY}?utm%5Fsource=x", f"https://www.m.{STORY}",
    ],
    "example.com/2026/11/28/mill-fire.html": [
        "https://example.com/2026/11/28/mill-fire.html", "https://example.com/2026/11/28/mill-fire.amp.html",
        "https://example.com/2026/11/28/mill-fire_amp.html",
    ],
    "example.com/story.php?id=7&lang=de": [
        "https://example.com/story.php?id=7&lang=de", "http://www.example.com/story.php?lang=de&id=7",
        "https://example.com/story.php?lang=de&utm_source=x&id=7#top", "https://example.com/story.php?id=%37&lang=d%65",
    ],
    "example.com/": ["https://example.com", "http://www.example.com/", "https://example.com/?", "https://example.com/#"],
    "news.example.co.uk/a": ["https://news.example.co.uk/a", "https://www.news.example.co.uk/a/"],
    "xn--fsqu00a.xn--fiqs8s/%E6%96%B0%E9%97%BB": [
        "https://例子.中国/新闻", "http://www.例子.中国/%e6%96%b0%e9%97%bb/", "https://xn--fsqu00a.xn--fiqs8s/新闻",
        "https://例子。中国/新闻",
    ],
    "xn--bcher-kva.example/a": ["https://bücher.example/a", "https://BÜCHER.example/a", "https://xn--bcher-kva.example/a"],
    "example.com/a?b&a": ["https://example.com/a?b&a"],
    "example.com/#!/story/7": ["https://example.com/#!/story/7", "http://www.example.com#!/story/7"],
}  # fmt: skip


@pytest.mark.parametrize(("url", "key"), [(url, key) for key, spellings in SAME.items() for url in spellings])
def test_spellings_of_one_address_are_one(url: str, key: str) -> None:
    assert urls.identity(url) == key


DIFFERENT = {
    "an id": ("https://example.com/story.php?id=1", "https://example.com/story.php?id=2"),
    "a page of a long article": (f"https://{STORY}?page=1", f"https://{STORY}?page=2"),
    "a language": (f"https://{STORY}?lang=de", f"https://{STORY}?lang=en"),
    "the case of a path": ("https://example.com/a/Ab", "https://example.com/a/aB"),
    "the case of a value": ("https://example.com/v?id=Ab", "https://example.com/v?id=aB"),
    "a slash that is doubled": ("https://example.com/a//b", "https://example.com/a/b"),
    "an escaped slash": ("https://example.com/a%2Fb", "https://example.com/a/b"),
    "an escaped percent sign": ("https://example.com/a%2541", "https://example.com/aA"),
    "a port": ("https://example.com:8443/a", "https://example.com/a"),
    "an edition": ("https://de.example.com/2026/11/28/a-b-c", "https://fr.example.com/2026/11/28/a-b-c"),
    "a section of a paper": ("https://sport.example.com/a-b-c-d", "https://example.com/a-b-c-d"),
    "another tenant of a platform": ("https://m.blogspot.com/2026/11/a-b-c", "https://blogspot.com/2026/11/a-b-c"),
    "a mobile host under a section's": (f"https://m.news.{STORY}", f"https://news.{STORY}"),
    "a mobile front page": ("https://m.example.com/", "https://example.com/"),
    "a mobile section page": ("https://m.example.com/world", "https://example.com/world"),
    "where a word may mean the page": ("https://example.com/view?from=1", "https://example.com/view?from=2"),
    "where a source may be the page": ("https://example.com/list?source=1", "https://example.com/list?source=2"),
    "where a session may be a year": ("https://example.com/bill.asp?session=2025", "https://example.com/bill.asp?session=2026"),
    "a word that ends like a view": ("https://example.com/wiki/my-new-guitar_amp", "https://example.com/wiki/my-new-guitar"),
    "what amp stands for elsewhere": (f"https://{STORY}?amp=500", f"https://{STORY}"),
    "the order of what is repeated": ("https://example.com/a?x=1&x=2", "https://example.com/a?x=2&x=1"),
    "a fragment that names a page": ("https://example.com/#!/story/7", "https://example.com/#!/story/8"),
    "a path in the query": ("https://example.com/?/a/b&c", "https://example.com/?c&/a/b"),
    "a name that only looks alike": ("https://xn--bcher-kva.example/a", "https://bucher.example/a"),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_differs_stays_two(case: str) -> None:
    one, other = DIFFERENT[case]
    assert urls.identity(one) != urls.identity(other)


PIECES = st.sampled_from(["a", "..", ".", "%2e", ";jsessionid=1", ";phpsessid=", "utm_source=x", "amp;", *"&?=#/é%:@ "])


@given(st.lists(PIECES, max_size=12).map("".join))
@example("/..;jsessionid=1/b")
@example("?&utm_source=x&&")
def test_canonical_twice_is_canonical_once(tail: str) -> None:
    once = urls.canonical("https://example.com/" + tail)
    assert urls.canonical(once) == once
    assert "#" not in once


TAILS = st.lists(
    st.sampled_from(
        [*"a/?&=;%#!-_.~: é", "..", "%2e", "%2F", "amp", "/amp", "?amp=1", "ref=x", "utm_a=b", "b-c-d", "2026", "#!"]
    ),
    max_size=12,
).map(lambda pieces: "".join(pieces).strip())
HOSTS = st.sampled_from(
    ["example.com", "www.example.com", "m.example.com", "www.m.example.com", "amp.example.co.uk", "news.example.com:81",
     "m.blogspot.com", "localhost", "127.0.0.1", "[::1]:8", "例子.中国", "www.m.example"]
)  # fmt: skip


@given(HOSTS, TAILS)
def test_identity_is_that_of_the_canonical_address_and_its_own(host: str, tail: str) -> None:
    url = f"https://{host}/{tail}"
    key = urls.identity(url)
    assert urls.identity(urls.canonical(url)) == key
    assert urls.identity(f"https://{key}") == key
    assert urls.identity(f"http://{key}") == key


@given(TAILS, st.lists(st.sampled_from(["utm_source=x", "fbclid=1", "spm=a.b", "gclid=2"]), min_size=1, max_size=3))
def test_trackers_never_tell_pages_apart(tail: str, trackers: list[str]) -> None:
    address, mark, fragment = f"https://example.com/{tail}".partition("#")
    tracked = f"{address}{'&' if '?' in address else '?'}{'&'.join(trackers)}{mark}{fragment}"
    assert urls.identity(tracked) == urls.identity(f"{address}{mark}{fragment}")


MEANT = st.sampled_from(["id", "p", "page", "article", "newsid", "lang", "story", "v", "q"])
VALUES = st.text("abcXYZ0123456789", min_size=1, max_size=8)


@given(st.sampled_from(["/a", "/story.php", "/2026/11/28/mill-fire-at-quay"]), MEANT, VALUES, VALUES)
def test_a_parameter_that_means_the_page_is_never_lost(path: str, name: str, one: str, other: str) -> None:
    a, b = (urls.identity(f"https://example.com{path}?{name}={value}") for value in (one, other))
    assert (a == b) == (one == other)


LETTERS = st.text("az09-_~./%?&=#:@;,+ A\u00e4'\"", max_size=12)


@given(
    st.sampled_from(["news", "xn--a", "a-b", "1", "0x7"]),
    st.sampled_from(["example", "xn--p1ai", "com.", "0x1"]),
    LETTERS,
)
@example("news", "example", "a/../b")
@example("news", "example", "a/.%2e/b?q='")
def test_an_address_that_needs_no_change_is_what_the_standard_makes_of_it(name: str, top: str, rest: str) -> None:
    url = f"https://{name}.{top}/{rest}"
    try:
        expected = ada_url.normalize_url(url)
    except ValueError:
        expected = ""
    try:
        assert urls.resolve(url, "http://b.example/c") == expected
    except ValueError:
        assert not expected


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_plain_error(text: str) -> None:
    try:
        once = urls.canonical(text, "https://example.com/a/")
    except ValueError as error:
        assert str(error)
    else:
        assert urls.canonical(once) == once
        assert urls.host(once)


NAMES = st.text("abcdefgxyz", min_size=1, max_size=8)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=5))
def test_parameters_that_may_tell_pages_apart_are_all_kept(pairs: list[tuple[str, str]]) -> None:
    wanted = [(name, value) for name, value in pairs if name not in urls.TRACKING_PARAMETERS]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    assert parse_qsl(urlsplit(urls.canonical(f"https://example.com/a?{query}")).query) == wanted


@pytest.mark.parametrize(
    ("url", "host", "site"),
    [
        ("https://News.Example.com/a", "news.example.com", "example.com"),
        ("https://news.example.com:8443/a", "news.example.com:8443", "example.com"),
        ("https://www.example.co.uk/a", "www.example.co.uk", "example.co.uk"),
        ("https://news.example.com.cn/a", "news.example.com.cn", "example.com.cn"),
        ("https://example.com./a", "example.com.", "example.com"),
        ("http://anna.blogspot.com/a", "anna.blogspot.com", "anna.blogspot.com"),
        ("http://blogspot.com/a", "blogspot.com", "blogspot.com"),
        ("http://127.0.0.1:8600/a", "127.0.0.1:8600", "127.0.0.1:8600"),
        ("http://[::1]/a", "[::1]", "[::1]"),
        ("http://[::1]:8600/a", "[::1]:8600", "[::1]:8600"),
        ("http://localhost:8600/a", "localhost:8600", "localhost:8600"),
        ("http://localhost/a", "localhost", "localhost"),
    ],
)
def test_host_and_site(url: str, host: str, site: str) -> None:
    assert urls.host(url) == host
    assert urls.site(url) == site


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://www.example.com/", "http://m.example.com:8080/", True),
        ("https://example.com/", "https://example.org/", False),
        ("https://anna.github.io/", "https://ben.github.io/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.2:1/", False),
        ("https://example.com/", "no address", False),
        ("no address", "no address", False),
    ],
)
def test_same_site(a: str, b: str, same: bool) -> None:
    assert urls.same_site(a, b) is same
    assert urls.same_site(b, a) is same


PAGE = "https://www.example.com/world/2021/08/09/alibaba-fires-manager"
FILING = {
    "no claim": (PAGE + "?utm_source=x", None, PAGE),
    "an empty claim": (PAGE, " ", PAGE),
    "a claim without parameters": (PAGE + "?src=feed", PAGE, PAGE),
    "a relative claim": (PAGE + "?src=feed", "/world/2021/08/09/alibaba-fires-manager", PAGE),
    "the desktop page of a mobile one": (PAGE.replace("www", "m"), PAGE, PAGE),
    "the page of its AMP view": (PAGE + "/amp", PAGE, PAGE),
    "the page of its second part": ("https://example.com/tech/alibaba/2", "https://example.com/tech/alibaba", "https://example.com/tech/alibaba"),
    "the page of its printed view": ("https://example.com/story.html?print=1", "https://example.com/story.html", "https://example.com/story.html"),
    "a clean name for an id": ("https://example.com/?p=123", "https://example.com/alibaba-fires-manager", "https://example.com/alibaba-fires-manager"),
    "another site is not believed": (PAGE, "https://www.example.org/a-story-of-theirs", PAGE),
    "another tenant of a platform is not believed": ("https://a.github.io/a-b-c", "https://b.github.io/a-b-c", "https://a.github.io/a-b-c"),
    "another port of an IP address is not believed": ("http://127.0.0.1:81/a-b-c", "http://127.0.0.1:82/a-b-c", "http://127.0.0.1:81/a-b-c"),
    "the front page is not believed": (PAGE, "https://www.example.com/", PAGE),
    "the front page by its file name is not believed": (PAGE, "https://www.example.com/index.html", PAGE),
    "the front page is not believed of its page with an id": ("https://example.com/?p=7", "https://example.com/", "https://example.com/?p=7"),
    "the front page is believed of itself": ("https://example.com/?lang=en", "https://example.com/", "https://example.com/"),
    "the section above is not believed": (PAGE, "https://www.example.com/world", PAGE),
    "another section is not believed": (PAGE, "https://www.example.com/category/china", PAGE),
    "a script without its id is not believed": ("https://example.com/story.php?id=77", "https://example.com/story.php", "https://example.com/story.php?id=77"),
    "no web address is not believed": (PAGE, "javascript:void(0)", PAGE),
    "no address is not believed": (PAGE, "http://[broken", PAGE),
}  # fmt: skip


@pytest.mark.parametrize("case", FILING)
def test_filing_url(case: str) -> None:
    fetched, claimed, expected = FILING[case]
    assert urls.filing_url(fetched, claimed) == expected


@given(st.text(max_size=60))
def test_a_page_is_never_filed_on_another_site(claim: str) -> None:
    assert urls.same_site(urls.filing_url(PAGE, claim), PAGE)
    assert urls.same_site(urls.filing_url(PAGE, "https://" + claim), PAGE)


@pytest.mark.parametrize(
    ("url", "article"),
    [
        (PAGE, True),
        ("https://example.com/alibaba-fires-manager.html", True),
        ("https://example.com/a/58142073", True),
        ("https://example.com/story.php?id=5", True),
        ("https://example.com/%E9%98%BF%E9%87%8C%E5%B7%B4%E5%B7%B4%E5%BC%80%E9%99%A4", True),
        ("https://example.com/", False),
        ("https://example.com/world", False),
        ("https://example.com/world/asia-pacific", False),
        ("https://example.com/search?q=alibaba", False),
    ],
)
def test_addresses_of_articles_are_told_from_sections(url: str, article: bool) -> None:
    assert urls.names_article(url) is article


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [("EXAMPLE.com", "example.com"), ("例子.中国", "xn--fsqu00a.xn--fiqs8s"), ("[::1]", "[::1]")],
)
def test_ascii_host(name: str, ascii_name: str) -> None:
    assert urls.ascii_host(name) == ascii_name


@pytest.mark.parametrize("name", ["", "a/b", "a b", "user@example.com", "example.com:80", "[::1"])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        urls.ascii_host(name)
