"""What the items of any list have in common: addresses joined and cleaned, texts made plain, dates read."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .. import dates, urls, wrapped
from ..model import Entry

TITLE_LENGTH = 1_000
SUMMARY_LENGTH = 2_000
_RAW_PER_CHARACTER = 10  # markup that is looked at for each character of plain text wanted

_UNPRINTED = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?([a-z][a-z0-9:]*)\b[^<>]*>", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Tags by which a headline is set in type.  Any other tag in a headline is what the headline talks about.
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite em font i ins mark nobr s small span strike strong sub sup tt u wbr".split()  # noqa: SIM905
)
_IN_TITLES = _INLINE | {"br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "img", "p"}


@dataclass(frozen=True, slots=True)
class Part:
    """A sitemap of a sitemap index.  modified None: the index does not say."""

    url: str
    modified: datetime | None


def squeezed(text: str | None, limit: int = TITLE_LENGTH) -> str | None:
    """Return text on one line, without control characters, at most `limit` characters; None when nothing is left."""
    if not text:
        return None
    if len(text) <= limit and text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text  # as it is, which is usual
    line = " ".join(_CONTROLS.sub("", text).split())
    return line[:limit].rstrip() or None


def plain_title(markup: str | None) -> str | None:
    """Return a headline as text: the markup that sets it in type stripped, entities decoded, on one line.

    Other tags stay: in the headline "Why <script> is dangerous" they are words.
    """
    if not markup:
        return None
    if "<" in markup:
        markup = _TAG.sub(_typeset_away, markup[: TITLE_LENGTH * _RAW_PER_CHARACTER])
    return squeezed(_unescaped(markup))


def plain_summary(markup: str | None) -> str | None:
    """Return an item's description as text: no markup, scripts or styles, on one line, cut at SUMMARY_LENGTH."""
    if not markup:
        return None
    markup = markup[: SUMMARY_LENGTH * _RAW_PER_CHARACTER]
    if "<" in markup:
        markup = _TAG.sub(_gap, _UNPRINTED.sub(" ", markup))
    return squeezed(_unescaped(markup), SUMMARY_LENGTH)


def without_name(title: str | None, publisher: str | None) -> str | None:
    """Return a headline without the outlet's name that Google News puts behind it: "Mill burns - Harbour Times"."""
    if title and publisher and len(title) > len(publisher) + 3:
        return title.removesuffix(f" - {publisher}")
    return title


def instant(text: str | None) -> datetime | None:
    """Return the instant that a date of any usual form gives, in UTC; None: no date."""
    found = dates.instant(text) if text else None
    return found[0] if found else None


def address(link: str | None, base: str) -> str | None:
    """Return a link's canonical address, the publisher's own where it is wrapped; None when it leads to no web page."""
    link = link.strip() if link else ""
    if not link or (" " in link and "://" not in link):  # words in the place of a link
        return None
    try:
        found = urls.canonical(link, base)
    except ValueError:
        return None
    inner = wrapped.unwrapped(found)
    try:
        return found if inner == found else urls.canonical(inner)
    except ValueError:
        return found


def once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries in their order, each address once: the first that has it stays."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.url, entry)
    return tuple(first.values())


def _typeset_away(tag: re.Match[str]) -> str:
    return _gap(tag) if tag[1].lower() in _IN_TITLES else tag[0]


def _gap(tag: re.Match[str]) -> str:
    """Return what stands for a tag in plain text: nothing within a line, else a blank."""
    return "" if tag[1].lower() in _INLINE else " "


def _unescaped(text: str) -> str:
    return html.unescape(text) if "&" in text else text
