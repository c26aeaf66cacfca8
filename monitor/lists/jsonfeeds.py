"""Lists in JSON: JSON Feed, and the answers of search endpoints, whatever they call their fields.

A search answer is read by its shape: the list of objects, at any depth, in which the most have an address and a title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import NotAFeed
from ..model import Entry, Listing
from . import entries

# Names of fields, without case, "_" and "-"; the first of a row that holds something usable wins.
URL = "url link weburl href permalink canonicalurl articleurl pageurl shareurl docurl externalurl uri id guid".split()  # noqa: SIM905
TITLE = "title headline webtitle name heading subject".split()  # noqa: SIM905
PUBLISHED = """
    datepublished publishedat pubdate published publicationdate publishdate publishtime webpublicationdate seendate
    dategmt date datetime firstpublished createdat created ctime timestamp time
""".split()  # noqa: SIM905
UPDATED = "datemodified modifiedgmt modified updatedat updated lastmodified lastupdated mtime".split()  # noqa: SIM905
SUMMARY = "summary description contenttext abstract excerpt snippet teaser trailtext contenthtml intro content".split()  # noqa: SIM905
GUID = ("id", "guid", "uuid")
TEXT_WITHIN = ("rendered", "main", "value", "text", "href", "default", "plain", "#text")
"""Where an object stands in the place of a text, the keys under which the text is."""

MAX_DEPTH = 12
MAX_NODES = 500_000
_CALLBACK = re.compile(r"\s*[\w.$]+\s*\((?P<json>.*)\)\s*;?\s*", re.DOTALL)
_ESCAPES = re.compile(r'\\(?:(?P<sound>["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_MILLISECONDS = 10**11

Object = Mapping[str, Any]


def read(text: str, *, url: str) -> Listing:
    """Read a JSON Feed or another list of links in JSON.

    text    decoded; a callback around the JSON (JSONP) is looked through
    Raises  NotAFeed if it is no JSON or holds no list of objects with addresses.
    """
    content = _loaded(text)
    if (
        isinstance(content, dict)
        and isinstance(content.get("items"), list)
        and "jsonfeed.org" in str(content.get("version"))
    ):
        found = _entries(content["items"], url)
        return Listing("json-feed", found, title=entries.plain_title(_string(content.get("title"))))
    lists = list(_lists(content))
    best = max((_entries(items, url) for items in lists), key=_worth, default=())
    if best or not content or any(not items for items in lists):  # an answer that found nothing
        return Listing("json", best)
    raise NotAFeed("this JSON holds no list of articles: no objects with a web address, as a feed or search answer has")


def _loaded(text: str) -> Any:
    text = text.lstrip("\ufeff")
    if called := _CALLBACK.fullmatch(text):
        text = called["json"]
    try:
        try:
            return json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            if "escape" not in error.msg:
                raise
            return json.loads(_ESCAPES.sub(_sound, text), strict=False)
    except RecursionError as error:
        raise NotAFeed("this JSON is nested too deep to be a feed") from error
    except ValueError as error:
        raise NotAFeed(f"this is no JSON that can be read: {error}"[:300]) from error


def _sound(escape: re.Match[str]) -> str:
    """Return an escape as JSON has it; a backslash that is none, as GDELT leaves them in titles, is escaped itself."""
    return escape[0] if escape["sound"] else "\\\\"


def _lists(content: Any) -> Iterator[list[Any]]:
    """Give every list within, outer ones first, down to MAX_DEPTH and no more than MAX_NODES values."""
    level, nodes = [content], 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, list):
                yield value
                below.extend(value)
            elif isinstance(value, dict):
                below.extend(value.values())
        nodes += len(below)
        level = [value for value in below if isinstance(value, (list, dict))]
        if not level or nodes > MAX_NODES:
            return


def _worth(found: tuple[Entry, ...]) -> tuple[int, int, int]:
    """Rank lists: articles have titles and dates, other links at most titles."""
    titled = [entry for entry in found if entry.title]
    return sum(entry.published is not None for entry in titled), len(titled), len(found)


def _entries(items: Iterable[Any], base: str) -> tuple[Entry, ...]:
    objects = (item for item in items if isinstance(item, dict))
    return entries.once(entry for item in objects if (entry := _entry(item, base)))


def _entry(item: Object, base: str) -> Entry | None:
    fields = {str(key).lower().replace("_", "").replace("-", ""): value for key, value in item.items()}
    link = next((url for name in URL if (url := _address(fields.get(name), base))), None)
    if link is None or not any(name in fields for name in (*TITLE, *PUBLISHED, *SUMMARY, *GUID)):
        return None
    return Entry(
        url=link,
        title=next((title for name in TITLE if (title := entries.plain_title(_string(fields.get(name))))), None),
        published=next((at for name in PUBLISHED if (at := entries.instant(_date(fields.get(name))))), None),
        updated=next((at for name in UPDATED if (at := entries.instant(_date(fields.get(name))))), None),
        guid=next((guid for name in GUID if (guid := entries.squeezed(_string(fields.get(name))))), None),
        summary=next((text for name in SUMMARY if (text := entries.plain_summary(_string(fields.get(name))))), None),
    )


def _address(value: Any, base: str) -> str | None:
    """Return the address in a field; a bare number or word is an id, not a relative link."""
    text = _string(value)
    return entries.address(text, base) if text and ("://" in text or text.startswith("/")) else None


def _string(value: Any) -> str | None:
    """Return the text of a field: itself, a number's digits, or what an object in its place holds."""
    if isinstance(value, dict):
        value = next((value[key] for key in TEXT_WITHIN if isinstance(value.get(key), str)), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**20 else None
    return value if isinstance(value, str) else None


def _date(value: Any) -> str | None:
    """Return a date as text; numbers are seconds, or milliseconds, since 1970."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 < value < _MILLISECONDS * 1_000:
            return None
        return str(int(value / 1_000 if value >= _MILLISECONDS else value))
    return _string(value)
