"""Links that lead through a service which counts them: where the publisher's address stands in each, as one table.

A wrapped link whose target can be read off is never asked for.  One that keeps its target to itself (a shortener, a
new link of Google News) is followed like any redirect; where it does not lead on, what comes back is no article: see
`dead_end`.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

DEEPEST = 5
"""How many wraps around one another are undone."""

_WEB = re.compile(r"https?://[^\s/?#\\]+", re.IGNORECASE)
_ENCODED_WEB = re.compile(r"https?%3a", re.IGNORECASE)


def _named(*names: str) -> Callable[[SplitResult], str | None]:
    """Look into query parameters, the first that holds a web address."""

    def find(parts: SplitResult) -> str | None:
        values: dict[str, str] = {}
        for piece in parts.query.split("&"):
            name, _, value = piece.partition("=")
            values.setdefault(name.lower().removeprefix("amp;"), unquote(value))
        return next((found for name in names if (found := _web(values.get(name)))), None)

    return find


def _whole_query(parts: SplitResult) -> str | None:
    return _web(unquote(parts.query))


def _yahoo(parts: SplitResult) -> str | None:
    found = re.search(r"/RU=([^/]+)", parts.path)
    return _web(unquote(found[1])) if found else None


def _amp(parts: SplitResult) -> str | None:
    """Source: "AMP Cache URL format": /c/ (or /v/), s/ for https, then the publisher's address without its scheme."""
    found = re.fullmatch(r"/(?:c|v|amp)/(s/)?(.+)", parts.path)
    if not found:
        return None
    query = "&".join(piece for piece in parts.query.split("&") if not re.match(r"amp_|usqp=|aoh=|referrer=", piece))
    return _web(f"http{'s' if found[1] else ''}://{found[2]}{'?' if query else ''}{query}")


def _bing(parts: SplitResult) -> str | None:
    found = re.search(r"(?:^|&)u=a1([\w-]+)", parts.query)
    return _web(_base64(found[1]).decode("utf-8", "replace")) if found else None


def _google_news(parts: SplitResult) -> str | None:
    """Read the address in the token of an old link: a protobuf message whose field 4 it is; new ones hold a key."""
    fields = _fields(_base64(parts.path.rstrip("/").rpartition("/")[2]))
    return next((found for number, value in fields if number == 4 and (found := _web(_text(value)))), None)


@dataclass(frozen=True, slots=True)
class Wrap:
    """A service's links: `host` and `path` are patterns, `find` looks where the publisher's address stands."""

    host: str
    path: str
    find: Callable[[SplitResult], str | None]


_GOOGLE = r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}"
WRAPS = (
    Wrap(r"news\.google\.com", r"/(?:rss/|__i/rss/rd/)?(?:articles|read)/.", _google_news),
    Wrap(r"news\.google\.com", r"/news/url", _named("url")),
    Wrap(_GOOGLE, r"/url", _named("q", "url")),
    Wrap(_GOOGLE, r"/amp/", _amp),
    Wrap(r"(?:www\.|cn\.)?bing\.com", r"/news/apiclick\.aspx", _named("url")),
    Wrap(r"(?:www|cn)\.bing\.com", r"/ck/a", _bing),
    Wrap(r"r\.search\.yahoo\.com|[a-z]{2}\.search\.yahoo\.com", r"/.*/RU=", _yahoo),
    Wrap(r"(?:html\.|lite\.|www\.)?duckduckgo\.com", r"/l/", _named("uddg")),
    Wrap(r"(?:www\.)?baidu\.com", r"/link", _named("url")),
    Wrap(r"yandex\.(?:ru|com|by|kz)", r"/(?:turbo/?$|clck/)", _named("text", "url")),
    Wrap(r"(?:l|lm|www|m)\.facebook\.com|l\.messenger\.com", r"/l\.php", _named("u")),
    Wrap(r"l\.instagram\.com|l\.threads\.(?:net|com)", r"/", _named("u")),
    Wrap(r"out\.reddit\.com", r"/", _named("url")),
    Wrap(r"(?:away\.)?vk\.com", r"/away(?:\.php)?", _named("to")),
    Wrap(r"t\.me", r"/iv", _named("url")),
    Wrap(r"t\.umblr\.com", r"/redirect", _named("z")),
    Wrap(r"href\.li", r"/", _whole_query),
    Wrap(r"(?:www\.)?youtube\.com", r"/redirect", _named("q")),
    Wrap(r"(?:www\.)?linkedin\.com", r"/(?:redir/redirect|safety/go)", _named("url")),
    Wrap(r"slack-redir\.net", r"/link", _named("url")),
    Wrap(r"medium\.com", r"/r/", _named("url")),
    Wrap(r"getpocket\.com", r"/redirect", _named("url")),
    Wrap(r"weibo\.cn", r"/sinaurl", _named("u", "toasturl")),
    Wrap(r"link\.(?:zhihu\.com|csdn\.net|juejin\.cn)", r"/", _named("target")),
    Wrap(r"(?:[\w-]+\.)?safelinks\.protection\.outlook\.com", r"/", _named("url")),
    Wrap(r"[\w-]+\.cdn\.ampproject\.org|[\w-]+\.bing-amp\.com|cdn\.ampproject\.org", r"/[cv]/", _amp),
)
"""Host and path of a wrapped link, and where it holds the publisher's address."""

CONSENT_HOSTS = r"consent\.(?:google|youtube)(?:\.[a-z]{2,3}){1,2}|(?:[\w-]+\.)?consent\.yahoo\.com|guce\.[\w.-]+"
"""Hosts that serve nothing but a question for consent, whatever page was asked for."""

_ANY = re.compile(rf"https?://(?:{'|'.join(wrap.host for wrap in WRAPS)})(?::\d+)?/", re.IGNORECASE)
_PATTERNS = tuple((re.compile(wrap.host), re.compile(wrap.path, re.IGNORECASE), wrap.find) for wrap in WRAPS)
_CONSENT = re.compile(rf"https?://(?:{CONSENT_HOSTS})(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)


def unwrapped(url: str) -> str:
    """Return the publisher's address that a wrapped link holds, also one wrapped several times; else the link itself.

    url      absolute
    Returns  as it stands in the link, not yet in canonical form

    >>> unwrapped("https://www.bing.com/news/apiclick.aspx?ref=r&url=https%3a%2f%2fnews.example%2fa&c=1")
    'https://news.example/a'
    """
    for _ in range(DEEPEST):
        if not (inner := _inner(url)):
            break
        url = inner
    return url


def is_wrapped(url: str) -> bool:
    """Tell whether an address is a link of a service of the table, whether its target can be read off or not."""
    return _ANY.match(url) is not None and any(True for _ in _wraps_of(urlsplit(url)))


def is_consent(url: str) -> bool:
    """Tell whether an address is on a host that only asks for consent."""
    return _CONSENT.match(url) is not None


def dead_end(url: str) -> str | None:
    """Say why what is served at the end of a redirect chain can be no article; None: it may be one."""
    host = urlsplit(url).hostname or ""
    if is_consent(url):
        return f"the link led to {host}, which asks for consent to cookies and shows no article"
    if is_wrapped(url):
        return f"{host} does not lead on to the publisher's page, and its link does not tell the address"
    return None


def _inner(url: str) -> str | None:
    if not _ANY.match(url):
        return None
    parts = urlsplit(url)
    return next((inner for find in _wraps_of(parts) if (inner := find(parts))), None)


def _wraps_of(parts: SplitResult) -> Iterator[Callable[[SplitResult], str | None]]:
    host = (parts.hostname or "").lower()
    for name, path, find in _PATTERNS:
        if name.fullmatch(host) and path.match(parts.path):
            yield find


def _web(text: str | None) -> str | None:
    """Return a text that is a web address; one that was encoded once too often is decoded once more."""
    if text and _ENCODED_WEB.match(text):
        text = unquote(text)
    return text.strip() if text and _WEB.match(text.strip()) else None


def _text(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _base64(text: str) -> bytes:
    """Return what URL-safe base64 stands for, its padding left out or not; nothing where it stands for nothing."""
    try:
        return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return b""


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the number and value of each field of a protobuf message that has a length.

    Source  Protocol Buffers, "Encoding": a key of field number and wire type, then the value.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                _, at = _varint(message, at)
            case 1:
                at += 8
            case 2:
                length, at = _varint(message, at)
                yield key >> 3, message[at : at + length]
                at += length
            case 5:
                at += 4
            case _:
                return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        number, shift, at = number | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            break
    return number, at
