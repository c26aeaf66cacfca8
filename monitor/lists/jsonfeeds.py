"""Lists in JSON: JSON Feed, and the answers of search endpoints, whatever they call their fields.

A search answer is read by its shape: the list of objects, at any depth, in which the most have an address and a title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import jsonpath
from ..errors import NotAFeed
from ..model import Entry, Fields, Listing
from . import entries

# Names of fields, without case, "_" and "-"; the first of a row that holds something usable wins.
URL = """
    url link weburl href permalink canonicalurl articleurl pageurl shareurl docurl externalurl uri @id id guid
""".split()  # noqa: SIM905
TITLE = "title headline webtitle name heading subject".split()  # noqa: SIM905
PUBLISHED = """
    datepublished publishedat pubdate published publicationdate publishdate publishtime webpublicationdate seendate
    dategmt date datetime firstpublished createdat created ctime timestamp time
""".split()  # noqa: SIM905
UPDATED = "datemodified modifiedgmt modified updatedat updated lastmodified lastupdated mtime".split()  # noqa: SIM905
SUMMARY = "summary description contenttext abstract excerpt snippet teaser trailtext contenthtml intro content".split()  # noqa: SIM905
PUBLISHER = "source publisher sourcename sitename publication provider outlet domain".split()  # noqa: SIM905
GUID = ("id", "guid", "uuid")
TEXT_WITHIN = ("rendered", "main", "value", "text", "href", "default", "plain", "#text")
"""Where an object stands in the place of a text, the keys under which the text is."""

COMPLAINTS = ("message", "error", "errors", "detail", "description", "fault", "reason")
"""Keys under which a service says why it has no list to give."""

MAX_DEPTH = 12
MAX_NODES = 500_000
_CALLBACK = re.compile(r"\s*[\w.$]+\s*\((?P<json>.*)\)\s*;?\s*", re.DOTALL)
_ESCAPES = re.compile(r'\\(?:(?P<sound>["\\/bfnrt]|u[0-9a-fA-F]{4})|)')
_MILLISECONDS = 10**11

Object = Mapping[str, Any]
FOUND = Fields()
"""Nothing is said of where anything stands: it is found by its name."""


def read(text: str, *, url: str, fields: Fields | None = None) -> Listing:
    """Read a JSON Feed or another list of links in JSON.

    text    decoded; a callback around the JSON (JSONP) is looked through
    fields  where the articles stand; None: they are found by their shape
    Raises  NotAFeed if it is no JSON, holds no list of objects with addresses, or has nothing where `fields` say.
    """
    content = _loaded(text)
    if fields is not None:
        return Listing("json", _told(content, url, fields))
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
    raise NotAFeed(
        "this JSON holds no list of articles: no objects with a web address, as a feed or search answer has"
        + _complaint(content)
    )


def lists_in(text: str, base: str) -> Iterator[tuple[Entry, ...]]:
    """Give what each list of objects within a JSON text holds, for a text that need not hold any, nor be JSON."""
    try:
        content = _loaded(text)
    except NotAFeed:
        return
    for items in _lists(content):
        # schema.org's ItemList has each thing inside a ListItem
        yield _entries((_unpacked(item) for item in items), base)


def _unpacked(item: Any) -> Any:
    inner = item.get("item") if isinstance(item, dict) else None
    return inner if isinstance(inner, dict) else item


def _told(content: Any, url: str, fields: Fields) -> tuple[Entry, ...]:
    """Return the articles that stand where the config says."""
    items = _items(content, url, fields)
    objects = [item for item in items if isinstance(item, dict)]
    if items and not objects:
        raise NotAFeed(f"items{_as(fields.items)} leads to no objects, but to {jsonpath.shown(items[0])}")
    found = [(item, _entry(item, url, fields)) for item in objects]
    read = [entry for _, entry in found if entry]
    if objects and not read:
        raise NotAFeed(_lost("link", fields.link, objects, "no web address"))
    for name, path, values in (
        ("title", fields.title, [entry.title for entry in read]),
        ("date", fields.date, [entry.published for entry in read]),
    ):
        if path and read and not any(values):
            raise NotAFeed(_lost(name, path, objects, f"no {name}"))
    return entries.once(read)


def _items(content: Any, url: str, fields: Fields) -> list[Any]:
    """Return the list of articles: where a path leads, else the answer itself, else the best list within."""
    if fields.items is None:
        if isinstance(content, list):
            return content
        best = max(_lists(content), key=lambda items: _worth(_entries(items, url, fields)), default=None)
        if best is None and content:
            raise NotAFeed(f"this JSON holds no list, but is {jsonpath.shown(content)}{_complaint(content)}")
        return best or []
    try:
        reached = jsonpath.follow(content, fields.items)
    except jsonpath.NothingThere as nothing:
        raise NotAFeed(f"items{_as(fields.items)} leads nowhere: {nothing}{_complaint(content)}") from nothing
    if jsonpath.EVERY in jsonpath.steps(fields.items) and not any(isinstance(each, list) for each in reached):
        return reached
    wrong = next((each for each in reached if each is not None and not isinstance(each, list)), None)
    if wrong is not None:
        raise NotAFeed(f"items{_as(fields.items)} leads to no list, but to {jsonpath.shown(wrong)}")
    return [item for each in reached if each for item in each]


def _lost(name: str, path: str | None, objects: Sequence[Object], kind: str) -> str:
    """Say why none of the articles has what a path should lead to, and what the first has instead."""
    if path is None:
        return f"no {name} is found in the articles; name its path: the first is {jsonpath.shown(objects[0])}"
    try:
        value = jsonpath.follow(objects[0], path)
    except jsonpath.NothingThere as nothing:
        return f"{name}{_as(path)} leads nowhere in any article: {nothing}".replace("in the answer", "in the first")
    return f"{name}{_as(path)} leads to {kind}, but to {jsonpath.shown(value[0] if value else None)}"


def _complaint(content: Any) -> str:
    """Return what a service says is wrong, as the end of a sentence; "" if it says nothing."""
    said = [content[name] for name in COMPLAINTS if content.get(name)] if isinstance(content, dict) else []
    words = next((words for each in said if (words := _words(each))), None)
    return f'; it says "{words}"' if words else ""


def _words(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[name] for name in COMPLAINTS if isinstance(value.get(name), str)), None)
    return entries.plain_summary(value[:200]) if isinstance(value, str) else None


def _as(path: str | None) -> str:
    return f' = "{path}"' if path else ""


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


def _entries(items: Iterable[Any], base: str, fields: Fields = FOUND) -> tuple[Entry, ...]:
    objects = (item for item in items if isinstance(item, dict))
    return entries.once(entry for item in objects if (entry := _entry(item, base, fields)))


def _entry(item: Object, base: str, fields: Fields = FOUND) -> Entry | None:
    named = {str(key).lower().replace("_", "").replace("-", ""): value for key, value in item.items()}
    if fields.link:
        link = next((url for value in _at(item, fields.link) if (url := _told_address(value, base))), None)
    else:
        link = next((url for value in _held(named, URL) if (url := _address(value, base))), None)
    # An object of nothing but an address is a menu's or a picture's, unless the config says otherwise.
    if link is None or not (fields.link or any(name in named for name in (*TITLE, *PUBLISHED, *SUMMARY, *GUID))):
        return None
    titles = _at(item, fields.title) if fields.title else _held(named, TITLE)
    dates = _at(item, fields.date) if fields.date else _held(named, PUBLISHED)
    publisher = next((who for value in _held(named, PUBLISHER) if (who := _outlet(value))), None)
    title = next((title for value in titles if (title := entries.plain_title(_string(value)))), None)
    return Entry(
        url=link,
        title=entries.without_name(title, publisher),
        published=next((at for value in dates if (at := entries.instant(_date(value)))), None),
        updated=next((at for value in _held(named, UPDATED) if (at := entries.instant(_date(value)))), None),
        guid=next((guid for value in _held(named, GUID) if (guid := entries.squeezed(_string(value)))), None),
        summary=next(
            (text for value in _held(named, SUMMARY) if (text := entries.plain_summary(_string(value)))), None
        ),
        publisher=publisher,
    )


def _outlet(value: Any) -> str | None:
    """Return the name of an outlet: a text, or what an object, or the first of a list, calls its name."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "title") if isinstance(value.get(key), str)), None)
    return entries.plain_title(value) if isinstance(value, str) and "://" not in value else None


def _at(item: Object, path: str) -> list[Any]:
    try:
        return jsonpath.follow(item, path)
    except jsonpath.NothingThere:
        return []


def _told_address(value: Any, base: str) -> str | None:
    """Return the address where the config says that one is: a relative one needs no slash there, a number is none."""
    return None if isinstance(value, (int, float)) else entries.address(_string(value), base)


def _held(named: Object, names: Sequence[str]) -> list[Any]:
    """Return the values of the fields that are there, in the order of their names."""
    return [named[name] for name in names if name in named]


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
