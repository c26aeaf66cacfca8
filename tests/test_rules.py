import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.web import rules
from monitor.web.rules import Rules

US = "story-monitor"
SITE = "https://a.example"
PAGE = f"{SITE}/private/a.html"


def allowed(text: str | bytes, path: str = "/private/a.html") -> bool:
    """Tell whether we may ask for a path, by a file whose lines stand in a group for us where it names none."""
    written = text.encode() if isinstance(text, str) else text
    return Rules(written, US).allow(SITE + path)


ASKED_FOR = {
    "nothing is forbidden": ("User-agent: *\nDisallow:\n", True),
    "a folder is forbidden": ("User-agent: *\nDisallow: /private/\n", False),
    "the longer rule wins": ("User-agent: *\nDisallow: /private/\nAllow: /private/a\n", True),
    "wherever it stands": ("User-agent: *\nAllow: /private/a\nDisallow: /private/\n", True),
    "of two equally long ones, allow": ("User-agent: *\nDisallow: /private/\nAllow: /private/\n", True),
    "wildcard and end": ("User-agent: *\nDisallow: /*.html$\n", False),
    "paths have a case": ("User-agent: *\nDisallow: /PRIVATE/\n", True),
    "keys have none": ("USER-AGENT: *\nDISALLOW: /private/\n", False),
    "our group instead of the one for all": (
        "User-agent: *\nDisallow: /\nUser-agent: story-monitor\nDisallow:\n",
        True,
    ),
    "our empty group instead of that for all": ("User-agent: *\nDisallow: /\nUser-agent: story-monitor\n", True),
    "our name in another case": ("User-agent: Story-Monitor\nDisallow: /\n", False),
    "our name with a version": ("User-agent: story-monitor/2.0\nDisallow: /\n", False),
    "our name with another": ("User-agent: story-monitor and others\nDisallow: /\n", False),
    "a longer name is another's": ("User-agent: story-monitor-extra\nDisallow: /\n", True),
    "a part of our name is another's": ("User-agent: story\nDisallow: /\n", True),
    "a star and more words are all": ("User-agent: * (all of you)\nDisallow: /\n", False),
    "a star in a name is a part of it": ("User-agent: *bot\nDisallow: /\n", True),
    "two groups for us are one": (
        "User-agent: story-monitor\nDisallow: /x\n\nUser-agent: story-monitor\nDisallow: /private/\n",
        False,
    ),
    "two groups for all are one": ("User-agent: *\nDisallow: /x\n\nUser-agent: *\nDisallow: /private/\n", False),
    "a group for two": ("User-agent: other\nUser-agent: story-monitor\nDisallow: /\n", False),
    "a rule before any group": ("Disallow: /\nUser-agent: other\nDisallow: /\n", True),
    "an empty line splits no group": ("User-agent: story-monitor\n\nDisallow: /\n", False),
    "a line that nobody knows splits no group": (
        "User-agent: story-monitor\nNoindex: /x\nUser-agent: *\nDisallow: /\n",
        False,
    ),
    "a sitemap splits no group": (
        "User-agent: story-monitor\nSitemap: https://a.example/s.xml\nUser-agent: other\nDisallow: /\n",
        False,
    ),
    "a delay splits no group": ("User-agent: story-monitor\nCrawl-delay: 1\nUser-agent: *\nDisallow: /\n", False),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /private/\n", False),
    "half a byte order mark": (b"\xef\xbbUser-agent: *\nDisallow: /private/\n", False),
    "old line ends": ("User-agent: *\rDisallow: /private/\r", False),
    "a separator of lines that is none": ("User-agent: *\u2028Disallow: /private/\n", True),
    "zero bytes": ("\0\0User-agent: *\nDisallow: /private/\n", False),
    "comments": ("# hi\nUser-agent: * # all\n  Disallow : /private/ # x\n", False),
    "missing colons": ("User-agent *\nDisallow\t/private/\n", False),
    "a sentence is no rule": ("User-agent: *\nDisallow /private/ please\n", True),
    "misspelt": ("Useragent: *\nDisalow: /private/\n", False),
    "a longer word": ("User-agents: *\nDisallowed: /private/\n", False),
    "no slash first": ("User-agent: *\nDisallow: private/\n", True),
    "a page of HTML": ("<html><head><title>Our site</title></head></html>", True),
    "nothing at all": ("", True),
}


@pytest.mark.parametrize("case", ASKED_FOR)
def test_what_may_be_asked_for(case: str) -> None:
    text, expected = ASKED_FOR[case]
    assert allowed(text) is expected


PATTERNS = {  # a forbidden pattern -> paths that it matches, paths that it does not
    "/fish": ("/fish /fish.html /fish/salmon /fishheads?x=1", "/Fish /catfish /?id=fish"),
    "/fish/": ("/fish/ /fish/?id=1", "/fish /fish.html"),
    "/fish*": ("/fish /fish.html", "/catfish"),
    "/*.php": ("/index.php /a/b.php?x /x.php/ /index?f=name.php/", "/ /windows.PHP"),
    "/*.php$": ("/a.php /a/b.php", "/a.php? /a.php/ /a.php5 /aphp"),
    "/fish*.php": ("/fish.php /fishheads/x.php?y", "/Fish.PHP"),
    "/a$": ("/a", "/a/ /ab /a$"),
    "/a$b": ("/a$b /a$bc", "/a /ab"),
    "/a$$": ("/a$", "/a /a$$"),
    "/a*$": ("/a /abc", "/b"),
    "/a*b*c$": ("/abc /axbxc /abcbc", "/ab /abcb"),
    "/**a": ("/a /ba", "/"),
    "*": ("/ /a", ""),
    "*a": ("/a /ba", "/"),
    "*$": ("/ /a", ""),
    "/aa*aa$": ("/aaaa /aaxaa", "/aaa"),
    "/über": ("/%C3%BCber /%C3%BCberblick /%c3%bcber", "/uber"),
    "/%c3%bc": ("/%C3%BC /%c3%bc", "/%C3"),
    "/%62": ("/%62 /b", "/%2562"),
    "/%2F": ("/%2f /%2Fa", "//"),
    "/a%2Ab": ("/a%2Ab", "/a*b /axb"),
    "/100%": ("/100% /100%x", "/100"),
    "/x#y": ("/x /xz", "/"),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_a_pattern_matches(pattern: str) -> None:
    matched, unmatched = PATTERNS[pattern]
    text = f"User-agent: *\nDisallow: {pattern}\n"
    assert [path for path in matched.split() if allowed(text, path)] == []
    assert [path for path in unmatched.split() if not allowed(text, path)] == []


def test_of_two_readings_of_an_escape_both_must_allow() -> None:
    # RFC 9309, section 2.2.2, takes "%62" for "b"; Google's parser compares what is written.
    assert not allowed("User-agent: *\nDisallow: /\nAllow: /%62\n", "/b")
    assert allowed("User-agent: *\nDisallow: /\nAllow: /%62\n", "/%62")
    assert not allowed("User-agent: *\nDisallow: /%62\n", "/b")
    assert allowed("User-agent: *\nDisallow: /%62\nAllow: /b\n", "/b")


@pytest.mark.parametrize("page", ["/index.html", "/index.htm"])
def test_an_allowed_index_allows_its_folder(page: str) -> None:
    text = f"User-agent: *\nDisallow: /\nAllow: /a{page}\n"
    assert allowed(text, f"/a{page}") and allowed(text, "/a/")
    assert not (allowed(text, "/a") or allowed(text, "/a/b") or allowed(text, "/"))
    assert allowed(f"User-agent: *\nDisallow: /a{page}\n", "/a/")


def test_robots_txt_itself_may_always_be_asked_for() -> None:
    assert allowed("User-agent: *\nDisallow: /\n", "/robots.txt")
    assert not allowed("User-agent: *\nDisallow: /\n", "/robots.txt?x")


ADDRESSES = {  # address -> the path that a rule sees
    "https://a.example": "/",
    "https://a.example?x": "/?x",
    "https://a.example;x": "/;x",
    "https://a.example/x?y#z": "/x?y",
    "https://a.example#/x": "/",
    "//a.example/x": "/x",
    "a.example/x": "/x",
    "https://a.example/x?y=http://b.example/z": "/x?y=http://b.example/z",
    "": "/",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_rules_are_about_path_and_query(url: str) -> None:
    assert not Rules(f"User-agent: *\nDisallow: {ADDRESSES[url]}$\n".encode(), US).allow(url)


NAMES = {  # how the program calls itself -> the group that is its own, for "a", "b" and all others
    "a": "a",
    "A": "a",
    "a/1.0 (+mailto:x@example.org)": "a",
    "b/2": "b",
    "a b": "*",
    "ab": "*",
    "*": "*",
    "": "*",
    "ä": "*",
}


@pytest.mark.parametrize("name", NAMES)
def test_which_group_speaks_to_us(name: str) -> None:
    text = "".join(f"User-agent: {group}\nDisallow: /\nAllow: /{group}/\n" for group in "ab*")
    said = Rules(text.replace("/*/", "/all/").encode(), name)
    assert [group for group in ("a", "b", "all") if said.allow(f"{SITE}/{group}/")] == [NAMES[name].replace("*", "all")]


def test_a_line_is_read_up_to_a_limit() -> None:
    path = "/" + "x" * (rules.MAX_LINE - len("Disallow: /"))
    text = f"User-agent: *\nDisallow: {path}yz\n"
    assert not allowed(text, path) and not allowed(text, path + "a")
    assert allowed(text, path[:-1])


def spelt_out(pattern: str, path: str) -> bool:
    """Tell whether a pattern matches, by trying everything."""
    if not pattern:
        return True
    if pattern == "$":
        return not path
    if pattern[0] == "*":
        return any(spelt_out(pattern[1:], path[at:]) for at in range(len(path) + 1))
    return path[:1] == pattern[0] and spelt_out(pattern[1:], path[1:])


PATTERN = st.text("/ab*$.", min_size=1, max_size=8)


@given(st.lists(st.tuples(PATTERN, st.booleans()), max_size=5), st.text("/ab$.", max_size=8))
@example([("/*", False), ("/*$", True)], "")
@example([("*a", False), ("/a$", True)], "a")
def test_the_longest_match_decides(lines: list[tuple[str, bool]], rest: str) -> None:
    path = f"/{rest}"
    text = "User-agent: *\n" + "".join(f"{'Allow' if yes else 'Disallow'}: {pattern}\n" for pattern, yes in lines)
    matching = [(len(pattern), yes) for pattern, yes in lines if spelt_out(pattern, path)]
    assert allowed(text, path) is max(matching, default=(0, True))[1]


@given(st.binary(max_size=300), st.text(max_size=60), st.text(max_size=20))
def test_any_bytes_any_address_and_any_name_give_an_answer(text: bytes, url: str, name: str) -> None:
    said = Rules(text, name)
    assert said.allow(url) in (True, False)
    assert 0 <= said.crawl_delay_s <= rules.LONGEST_CRAWL_DELAY_S
    assert all(said.sitemaps)


LINES = st.sampled_from(["User-agent: *", "User-agent: story-monitor", "Crawl-delay: ", "Request-rate: ", "Sitemap: "])


@given(st.lists(st.tuples(LINES, st.text(max_size=12)), max_size=12))
def test_lines_with_any_value_give_an_answer(lines: list[tuple[str, str]]) -> None:
    said = Rules("\n".join(start + rest for start, rest in lines).encode("utf-8", "surrogatepass"), US)
    assert said.allow(PAGE) in (True, False)
    assert 0 <= said.crawl_delay_s <= rules.LONGEST_CRAWL_DELAY_S


DELAYS = {
    "none": ("User-agent: *\nDisallow:\n", 0.0),
    "seconds": ("User-agent: *\nCrawl-delay: 5\n", 5.0),
    "half a second": ("User-agent: *\nCrawl-delay: 0.5\n", 0.5),
    "for another": ("User-agent: other\nCrawl-delay: 5\n", 0.0),
    "for us, not for all": ("User-agent: *\nCrawl-delay: 5\nUser-agent: story-monitor\nDisallow:\n", 0.0),
    "two of them": ("User-agent: *\nCrawl-delay: 5\nCrawl-delay: 2\n", 5.0),
    "absurd": ("User-agent: *\nCrawl-delay: 1000000000\n", rules.LONGEST_CRAWL_DELAY_S),
    "a word": ("User-agent: *\nCrawl-delay: slowly\n", 0.0),
    "no number": ("User-agent: *\nCrawl-delay: nan\n", 0.0),
    "negative": ("User-agent: *\nCrawl-delay: -5\n", 0.0),
    "a rate": ("User-agent: *\nRequest-rate: 1/10s\n", 10.0),
    "a rate by day": ("User-agent: *\nRequest-rate: 1/1m 0600-0845\n", 60.0),
    "a rate of nothing": ("User-agent: *\nRequest-rate: 0/10\n", 0.0),
    "a rate and a delay": ("User-agent: *\nRequest-rate: 1/2s\nCrawl-delay: 5\n", 5.0),
}


@pytest.mark.parametrize("case", DELAYS)
def test_crawl_delay(case: str) -> None:
    text, seconds = DELAYS[case]
    assert Rules(text.encode(), US).crawl_delay_s == seconds


def test_sitemaps_are_listed_once_and_not_without_end() -> None:
    lines = "Sitemap: https://a.example/1.xml\nsitemap: /2.xml\nUser-agent: x\nSitemap: https://a.example/1.xml\n"
    assert Rules(lines.encode(), US).sitemaps == ("https://a.example/1.xml", "/2.xml")
    assert Rules(b"Sitemap https://a.example/1.xml\nSitemap:\n", US).sitemaps == ("https://a.example/1.xml",)
    many = "".join(f"Sitemap: https://a.example/{number}.xml\n" for number in range(rules.MAX_SITEMAPS + 5))
    assert len(Rules(many.encode(), US).sitemaps) == rules.MAX_SITEMAPS


# A small file may hold what costs much: half a megabyte of each, against a path as long as an address may be.
LONG = "/" + "a" * 8_000
HOSTILE = {
    "stars": "Disallow: /" + "*a" * 8_000 + "b$\n",
    "many stars": ("Disallow: /" + "*a" * 500 + "b\n") * 500,
    "many patterns": "".join(f"Disallow: /*{'a' * 50}b{'a' * 45}{number}\n" for number in range(4_500)),
    "many beginnings": "".join(f"Disallow: /q{number}\n" for number in range(30_000)),
    "many lengths": "".join(f"Disallow: /{'a' * number}b\n" for number in range(900)),
    "many names": "User-agent: *\n" * 20_000 + "".join(f"Disallow: /q{number}\n" for number in range(13_000)),
    "one line": "Disallow: /" + "%c3" * 160_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_read_and_asked_in_a_moment(case: str) -> None:
    text = f"User-agent: *\nAllow: /\n{HOSTILE[case]}".encode()
    before = time.process_time()
    said = Rules(text, US)
    read = time.process_time()
    said.allow(SITE + LONG)
    assert read - before < 15 and time.process_time() - read < 4


def test_a_pattern_too_many_is_read_by_its_beginning() -> None:
    text = "User-agent: *\nAllow: /*z\nDisallow: /b/*z\n" + "".join(
        f"Disallow: /a/*{number:05}\n" for number in range(rules.MAX_WILD)
    )
    assert not allowed(text, "/b/") and not allowed(text, "/b/z")
    assert allowed(text, "/a/") and allowed(text, "/c")


SHARED = Path(os.environ.get("MONITOR_SHARED") or Path(__file__).parents[2] / "shared")
GOOGLE = SHARED / "bench/hostile/data/google_robots.jsonl"


@pytest.mark.skipif(not GOOGLE.exists(), reason="the shared benchmark data are not here (MONITOR_SHARED)")
def test_googles_cases() -> None:
    rows = [json.loads(line) for line in GOOGLE.read_text("utf-8").splitlines()]
    wrong = [row for row in rows if Rules(row["robots"].encode(), row["agent"]).allow(row["url"]) is not row["allowed"]]
    assert all("?" in row["robots"] for row in wrong) and len(wrong) <= 1, "one case has a letter lost to its encoding"
