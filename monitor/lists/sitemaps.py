"""What is peculiar to sitemaps: packed bodies, lists in plain text, and indexes of more parts than can be read."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from ..errors import NotAFeed
from ..model import Entry, Source, SourceKind
from . import entries
from .entries import Part

GZIP = b"\x1f\x8b"
MAX_BYTES = 50_000_000
"""Of an unpacked sitemap: the limit of the protocol (sitemaps.org, "Sitemap file size")."""

RECENT = timedelta(days=90)
"""A part that changed longer than this before the newest part holds only pages that did not change since."""

MAX_PARTS = 50
_STEP = 262_144
_LINE = re.compile(r"https?://\S+", re.IGNORECASE)
_DATE_IN_NAME = re.compile(
    r"(?<!\d)(20[0-4]\d|19[89]\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)


def unpacked(body: bytes) -> bytes:
    """Return a body without its gzip packing, however often it was packed; another body comes back as it is.

    A file that is cut off gives what stands before the cut.
    Raises  NotAFeed if it is no sound gzip file or becomes larger than MAX_BYTES.
    """
    for _ in range(3):
        if not body.startswith(GZIP):
            break
        body = _gunzipped(body)
    return body


def _gunzipped(body: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=31)
    out, packed = bytearray(), body
    while packed and not inflate.eof:
        try:
            out += inflate.decompress(packed, _STEP)
        except zlib.error as error:
            if out:
                break
            raise NotAFeed("this looks like a gzip file but cannot be unpacked: it is damaged") from error
        if len(out) > MAX_BYTES:
            raise NotAFeed(f"too large: the gzip file unpacks to more than {MAX_BYTES // 1_000_000} MB; it is not read")
        packed = inflate.unconsumed_tail
    return bytes(out)


def lines(text: str, *, url: str) -> tuple[Entry, ...]:
    """Return the entries of a text sitemap: one address a line, nothing else.

    Returns  none if any of the first lines is something else
    """
    listed = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not listed or not all(map(_LINE.fullmatch, listed[:20])):
        return ()
    found = (entries.address(line, url) for line in listed)
    return entries.once(Entry(link) for link in found if link)


def children(parts: Iterable[Part], *, url: str) -> tuple[Source, ...]:
    """Return the parts of a sitemap index that may hold something new, the newest first.

    A part's time is its lastmod, else the date in its name ("sitemap-2021-08.xml").  Parts that changed long before
    the newest one are left out: they come back with a new lastmod when they change.  Of parts without any time, the
    first and the last are kept: indexes grow at one of the two ends.
    url  of the index, which is never a part of itself
    """
    first: dict[str, datetime | None] = {}
    for part in parts:
        if part.url != url:
            first.setdefault(part.url, part.modified or _date_in_name(part.url))
    dated = sorted(((when, part) for part, when in first.items() if when), key=lambda pair: pair[0], reverse=True)
    undated = [part for part, when in first.items() if not when]
    if len(undated) > MAX_PARTS:
        undated = undated[: MAX_PARTS // 2] + undated[-MAX_PARTS // 2 :]
    recent = [part for when, part in dated if when >= dated[0][0] - RECENT][:MAX_PARTS]
    return tuple(Source(SourceKind.SITEMAP, part) for part in recent + undated)


def _date_in_name(url: str) -> datetime | None:
    """Return the end of the day, month or year that an address names."""
    found = _DATE_IN_NAME.search(url.partition("://")[2].partition("/")[2])
    if not found:
        return None
    year, month, day = found[1], found[2] or "12", found[3] or "28"
    return entries.instant(f"{year}-{month}-{day}")
