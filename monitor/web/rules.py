"""The text of a robots.txt -> what it asks of one program.

    lines -> groups of user agents -> the rules of the groups that name us, or of those for all
    a path -> the longest pattern that matches it says yes or no

Source: RFC 9309, and where that leaves room the parser that Google published (2019), which sites test their files
against.  The two read percent-encoding apart: to the RFC "%62" is "b", Google compares what is written.  We ask only
for what both allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from math import isfinite

LONGEST_CRAWL_DELAY_S = 60.0
MAX_SITEMAPS = 1_000
MAX_LINE = 2_083 * 8 - 1  # bytes; Google reads no further
MAX_WILD = 2_000
"""Patterns with a "*" that are matched as such, so that no file can hold us up; of further ones what stands before the
star forbids, and nothing allows."""

_ROBOTS = b"/robots.txt"  # implicitly allowed: RFC 9309, section 2.2.2

_BOM = re.compile(rb"\xef(?:\xbb\xbf?)?")  # or what is left of one
_LINE_END = re.compile(rb"[\r\n]+")
_TOKEN = re.compile(rb"[A-Za-z_-]+")
_HEADER = re.compile(rb"([A-Za-z_-]+)(?:/.*)?", re.DOTALL)
_BEFORE_PATH = re.compile(rb"(?://)?(?:[^/?;]*?://)?[^/?;]*")
_RATE = re.compile(rb"(\d{1,9})\s*/\s*(\d{1,9})\s*([smhd]?)", re.IGNORECASE)
_SECONDS = {b"": 1, b"s": 1, b"m": 60, b"h": 3_600, b"d": 86_400}

_TO_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}|[\x80-\xff]")
_UNRESERVED = re.compile(rb"%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])")  # RFC 3986, section 2.3

_AGENT, _ALLOW, _DISALLOW, _SITEMAP, _DELAY, _REQUEST_RATE = range(6)
_FIELDS = (  # what the name of a field begins with, in lower case, misspellings included
    (_AGENT, (b"user-agent", b"useragent", b"user agent")),
    (_ALLOW, (b"allow",)),
    (_DISALLOW, (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw")),
    (_SITEMAP, (b"sitemap", b"site-map")),
    (_DELAY, (b"crawl-delay", b"crawl delay")),
    (_REQUEST_RATE, (b"request-rate", b"request rate")),
)


class Rules:
    """What one robots.txt says to one program.

    text           the file's bytes
    product_token  the name by which the file speaks to the program, or a User-Agent header that begins with it and its
                   version; where it is neither, only the groups for all are meant
    """

    def __init__(self, text: bytes, product_token: str) -> None:
        name = _HEADER.fullmatch(product_token.encode("utf-8", "replace"))
        groups = _Groups(name[1].lower() if name else b"")
        for line in _LINE_END.split(_BOM.sub(b"", text.replace(b"\0", b""), count=1)):
            groups.read(line[:MAX_LINE])
        said = groups.ours
        self.crawl_delay_s = min(said.delay_s, LONGEST_CRAWL_DELAY_S)
        """Seconds between two requests, by Crawl-delay or Request-rate; at most LONGEST_CRAWL_DELAY_S."""
        self.sitemaps = tuple(groups.sitemaps)
        """Addresses of the Sitemap lines as written, each once, at most MAX_SITEMAPS."""
        self._written = self._meant = _Patterns(said.rules)
        if any(b"%" in pattern for pattern in said.rules):
            self._meant = _Patterns(_by_pattern((_unescaped(pattern), yes) for pattern, yes in said.rules.items()))

    def allow(self, url: str) -> bool:
        """Tell whether an address, as it would be asked for, may be."""
        path = _path(url.encode("utf-8", "surrogatepass"))
        return path == _ROBOTS or (self._written.allow(path) and self._meant.allow(_unescaped(_escaped(path))))


class _Said:
    """What the groups for one user agent say together."""

    def __init__(self) -> None:
        self.rules = dict[bytes, bool]()  # pattern: it allows
        self.delay_s = 0.0


class _Groups:
    """Reads lines one by one, and keeps what they say to us and what to all.

    A rule speaks to the user agents that stand above it, up to the rule before those.  Nothing else ends a group.
    """

    def __init__(self, us: bytes) -> None:
        self._us, self._all, self._our = us, _Said(), _Said()
        self._named = False  # there is a group for us, so those for all are not meant
        self._open = set[_Said]()
        self._ruled = False  # the open group has a rule: the next user agent starts another
        self.sitemaps: dict[str, None] = {}

    @property
    def ours(self) -> _Said:
        return self._our if self._named else self._all

    def read(self, line: bytes) -> None:
        key, value = _pair(line)
        field = _field(key)
        if field == _AGENT:
            self._address(value)
        elif field in (_ALLOW, _DISALLOW):
            self._rule(_escaped(value), field == _ALLOW)
        elif field == _SITEMAP and len(self.sitemaps) < MAX_SITEMAPS and value:
            scheme = key.split()[-1]  # of "Sitemap https://...", where a colon is wanting
            value = scheme + b":" + value if scheme in (b"http", b"https") else value
            self.sitemaps[value.decode("utf-8", "replace")] = None
        elif field in (_DELAY, _REQUEST_RATE):
            seconds = _delay_s(value) if field == _DELAY else _rate_s(value)
            for said in self._open:
                said.delay_s = max(said.delay_s, seconds)

    def _address(self, value: bytes) -> None:
        if self._ruled:
            self._open, self._ruled = set(), False
        token = _TOKEN.match(value)
        if value.split()[:1] == [b"*"]:
            self._open.add(self._all)
        elif token and token[0].lower() == self._us:
            self._open.add(self._our)
            self._named = True

    def _rule(self, pattern: bytes, allows: bool) -> None:
        self._ruled = True
        for said in self._open:
            if pattern:
                said.rules[pattern] = allows or said.rules.get(pattern, False)  # of two equally long ones, Allow
            if allows and pattern[(slash := pattern.rfind(b"/")) :].startswith(b"/index.htm"):
                said.rules[pattern[: slash + 1] + b"$"] = True  # the page that a folder shows


def _pair(line: bytes) -> tuple[bytes, bytes]:
    """Split a line into its field's name, in lower case, and its value; between two words the colon may be wanting."""
    said = line.partition(b"#")[0]
    key, colon, value = said.partition(b":")
    if not colon:
        words = said.split()
        key, value = words if len(words) == 2 else (b"", b"")
    return key.strip().lower(), value.strip()


@lru_cache(maxsize=64)
def _field(key: bytes) -> int | None:
    return next((field for field, names in _FIELDS if key.startswith(names)), None)


def _delay_s(value: bytes) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if isfinite(seconds) else 0.0


def _rate_s(value: bytes) -> float:
    """Return the seconds for each request of "1/10s", "30/1m"; a time of day after them is left unread."""
    found = _RATE.match(value)
    requests = int(found[1]) if found else 0
    return int(found[2]) * _SECONDS[found[3].lower()] / requests if found and requests else 0.0


# ---------------------------------------------------------------------------------------------------- matching


def _path(url: bytes) -> bytes:
    """Return path and query of an address; "/" where there are none."""
    url = url.partition(b"#")[0]
    before = _BEFORE_PATH.match(url)
    path = url[before.end() :] if before else b""
    return path if path.startswith(b"/") else b"/" + path


def _escaped(text: bytes) -> bytes:
    """Percent-encode what is not ASCII, and write every escape in upper case."""
    return _TO_ESCAPE.sub(lambda found: found[0].upper() if len(found[0]) == 3 else b"%%%02X" % ord(found[0]), text)


def _unescaped(text: bytes) -> bytes:
    """Resolve the escapes of letters that need none."""
    return _UNRESERVED.sub(lambda found: bytes([int(found[0][1:], 16)]), text)


def _by_pattern(rules: Iterable[tuple[bytes, bool]]) -> dict[bytes, bool]:
    """Return the rules with each pattern once; Allow wins."""
    found = dict[bytes, bool]()
    for pattern, allows in rules:
        found[pattern] = allows or found.get(pattern, False)
    return found


class _Wild:
    """A pattern with stars, taken apart at them."""

    def __init__(self, written: bytes, allows: bool) -> None:
        self.rank = (len(written), allows)
        self._ends = written.endswith(b"$")
        self.start, *self._between, self._last = (written[:-1] if self._ends else written).split(b"*")

    def matches(self, path: bytes) -> bool:
        """Tell whether a path begins as the pattern says.  No star is ever tried twice."""
        if not path.startswith(self.start):
            return False
        at = len(self.start)
        for part in self._between:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return path.find(self._last, max(len(path) - len(self._last), 0) if self._ends else at) >= at


class _Patterns:
    """The patterns for one program: the longest that matches decides, of two equally long ones Allow.

    Beginnings of paths, which most patterns are, are looked up by length: no file holds many different lengths.  Those
    with stars are tried in turn, the longest first.
    """

    def __init__(self, rules: dict[bytes, bool]) -> None:
        wild = [_Wild(written, yes) for written, yes in rules.items() if b"*" in written]
        wild.sort(key=lambda pattern: pattern.rank, reverse=True)
        plain = {written: yes for written, yes in rules.items() if b"*" not in written}
        self._wild = wild[:MAX_WILD]
        self._whole = {written[:-1]: yes for written, yes in plain.items() if written.endswith(b"$")}
        self._starts = {written: yes for written, yes in plain.items() if not written.endswith(b"$")}
        for surplus in wild[MAX_WILD:]:
            if not surplus.rank[1]:
                self._starts.setdefault(surplus.start, False)
        self._lengths = sorted({len(start) for start in self._starts}, reverse=True)

    def allow(self, path: bytes) -> bool:
        found = [(len(path) + 1, self._whole[path])] if path in self._whole else []
        start = next((path[:length] for length in self._lengths if path[:length] in self._starts), None)
        if start is not None:
            found.append((len(start), self._starts[start]))
        best = max(found, default=(0, True))
        return next((wild.rank for wild in self._wild if wild.rank > best and wild.matches(path)), best)[1]
