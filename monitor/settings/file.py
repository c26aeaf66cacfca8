"""The shape of config.toml: every key, and what is said when a value is not what it should be.

pydantic reads the file into the tables below; `read` adds what only shows between values, and turns all findings into
plain lines.  A value that may be a secret is never shown in a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from ..model import Seed
from . import values
from .values import Surroundings, did_you_mean

# ------------------------------------------------------------------------------------------------------ the tables

Text = Annotated[str, AfterValidator(values.text)]
Duration = Annotated[float, PlainValidator(values.duration)]
Url = Annotated[str, PlainValidator(values.web_url)]


class Table(BaseModel):
    """A table of the file: no other keys, no other types, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class IntervalTable(Table):
    """`interval = { min = "5m", max = "12h" }`; None: not said here."""

    min: Duration | None = None
    max: Duration | None = None

    @model_validator(mode="after")
    def _in_order(self) -> IntervalTable:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise values.because("min is longer than max; exchange the two")
        return self


class SourceTable(Table):
    """An address, alone or as `{ url = "…", interval = {…} }`."""

    url: Url
    interval: IntervalTable = IntervalTable()

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, value: object) -> object:
        if isinstance(value, str):
            return {"url": value}
        if isinstance(value, dict):
            return value
        raise values.not_allowed('an address in quotes, or a table such as { url = "https://…" }')


class ListingTable(SourceTable):
    """A section page; `links`: CSS selector of the links that lead to articles, None: they are found."""

    links: Annotated[Text, AfterValidator(values.selector)] | None = None


class SearchTable(SourceTable):
    """A search endpoint; a placeholder in its address stands for the words of the topic.

    items, link, title, date  where an answer in JSON has its articles, and each of them these; None: they are found
    """

    url: Annotated[str, PlainValidator(values.search_url)]
    items: Annotated[str, PlainValidator(values.json_path)] | None = None
    link: Annotated[str, PlainValidator(values.json_path)] | None = None
    title: Annotated[str, PlainValidator(values.json_path)] | None = None
    date: Annotated[str, PlainValidator(values.json_path)] | None = None


class MilestoneTable(Table):
    """`[[topics.milestones]]`."""

    expect: Text
    any: Annotated[list[Text], AfterValidator(values.some("phrase that tells that it has happened"))]
    by: Annotated[date, PlainValidator(values.day)] | None = None


class TopicTable(Table):
    """`[[topics]]`."""

    name: Text
    slug: Annotated[str, PlainValidator(values.slug)] | None = None
    about: Annotated[str, AfterValidator(values.about)] | None = None
    aliases: dict[Text, Annotated[list[Text], AfterValidator(values.some("other name"))]] = {}
    languages: list[Annotated[str, PlainValidator(values.language)]] = []
    seed: Annotated[Seed, PlainValidator(values.seed)] | None = None
    feeds: list[SourceTable] = []
    sitemaps: list[SourceTable] = []
    listings: list[ListingTable] = []
    searches: list[SearchTable] = []
    pages: list[SourceTable] = []
    sites: list[SourceTable] = []
    interval: IntervalTable = IntervalTable()
    notify: list[Text] | None = None
    milestones: list[MilestoneTable] = []


class ChannelTable(Table):
    """`[[channels]]`; what `${…}` stands for is already put in."""

    name: Text
    webhook: Annotated[str, AfterValidator(values.webhook)] | None = Field(default=None, repr=False)
    apprise: Annotated[str, AfterValidator(values.apprise)] | None = Field(default=None, repr=False)
    secret: Annotated[str, AfterValidator(values.secret)] | None = Field(default=None, repr=False)
    kinds: list[Annotated[str, PlainValidator(values.one_of(*values.ALERT_KINDS))]] | None = None
    digest: Annotated[float, PlainValidator(values.some_time)] | None = None


class FetchTable(Table):
    """`[fetch]`; None: as `config.FetchSettings` has it."""

    timeout: Annotated[float, PlainValidator(values.some_time)] | None = None
    max_body: Annotated[int, PlainValidator(values.size)] | None = None
    per_host_delay: Duration | None = None
    robots: Annotated[str, PlainValidator(values.one_of("obey", "ignore"))] | None = None
    allow_networks: list[Annotated[IPv4Network | IPv6Network, PlainValidator(values.network)]] | None = None
    proxy: Annotated[str, AfterValidator(values.proxy)] | None = Field(default=None, repr=False)
    ca_file: Annotated[Path | None, PlainValidator(values.ca_file)] = None


class MonitorTable(Table):
    """`[monitor]`."""

    database: Annotated[Text, AfterValidator(values.database)] = "monitor.db"
    contact: Annotated[str, PlainValidator(values.contact)] = ""


class File(Table):
    """config.toml as a whole."""

    monitor: MonitorTable = MonitorTable()
    fetch: FetchTable = FetchTable()
    topics: list[TopicTable] = []
    channels: list[ChannelTable] = []


def keys() -> dict[str, tuple[str, ...]]:
    """List the keys of every table, by the table's path: "" for the file, "topics", "topics.interval" …"""
    return {path: tuple(table.model_fields) for path, table in _tables(File)}


def _tables(table: type[Table], path: str = "") -> Iterator[tuple[str, type[Table]]]:
    yield path, table
    for name, info in table.model_fields.items():
        for inner in _tables_in(info.annotation):
            yield from _tables(inner, f"{path}.{name}".lstrip("."))


def _tables_in(annotation: object) -> Iterator[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)


# --------------------------------------------------------------------------------------------- reading, with lines

Place = tuple[str | int, ...]


def read(document: Mapping[str, Any], around: Surroundings) -> tuple[File | None, tuple[str, ...]]:
    """Read a parsed TOML document.

    Returns  the file and no lines; or None and a line for each thing that is wrong, in the order of the tables
    """
    found = list(_between(document))
    file = None
    try:
        file = File.model_validate(document, context=around)
    except ValidationError as error:
        found += [_said(each, document) for each in error.errors(include_url=False)]
    lines = [f"{_spelled(place)}: {why}" if place else why for place, why in sorted(found, key=_order)]
    return (None, tuple(lines)) if lines else (file, ())


def _order(finding: tuple[Place, str]) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in finding[0])


def _spelled(place: Place) -> str:
    """Write a place as a person would look it up: topics[0].interval.min."""
    path = ""
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            bare = step if re.fullmatch(r"[\w-]+", step) else json.dumps(step, ensure_ascii=False)
            path += f".{bare}" if path else bare
    return path


_SHOWN_OF_CHANNELS = ("name", "kinds", "digest")
_BY_TYPE = {
    "string_type": "text in quotes",
    "list_type": "a list in [ ]",
    "dict_type": "a table",
    "model_type": "a table",
}
_PLACES = {  # where the keys of a table stand that has a heading
    "": "at the top level",
    "monitor": "under [monitor]",
    "fetch": "under [fetch]",
    "topics": "under [[topics]], above any other heading",
    "topics.milestones": "under [[topics.milestones]]",
    "channels": "under [[channels]]",
}
_BY_PLACE = {  # how a table is headed that was written as something else
    "monitor": "a table headed [monitor]",
    "fetch": "a table headed [fetch]",
    "topics": "tables headed [[topics]]",
    "channels": "tables headed [[channels]]",
    "topics.milestones": "tables headed [[topics.milestones]]",
}


def _said(error: ErrorDetails, document: Mapping[str, Any]) -> tuple[Place, str]:
    """Turn one of pydantic's findings into a place and a plain sentence."""
    place = _written(error["loc"], document)
    kind, why = error["type"], error["msg"]
    if kind == "missing":
        return place, "missing; it has to be given"
    if kind == "extra_forbidden":
        return place, _unknown(place)
    value = error["input"]
    if kind == "because" and (_secret(place) or isinstance(value, Mapping)):
        return place, why
    if kind not in ("allowed", "because"):
        why = f"allowed: {_BY_PLACE.get(_table(place)) or _BY_TYPE.get(kind) or why}"
    return place, f"found {_shown(value, place)}; {why}"


def _secret(place: Place) -> bool:
    """Tell whether what stands at a place may be a secret."""
    return place[-1] == "proxy" or (place[0] == "channels" and not set(_SHOWN_OF_CHANNELS) & set(place))


def _written(place: Place, document: Mapping[str, Any]) -> Place:
    """Cut a place back to what stands in the file: an address alone has no `url` key."""
    value: Any = document
    for depth, step in enumerate(place):
        if isinstance(value, str):
            return place[:depth]
        try:
            value = value[step]
        except (LookupError, TypeError):
            return place[: depth + 1]
    return place


def _table(place: Place) -> str:
    return ".".join(step for step in place if isinstance(step, str))


def _shown(value: object, place: Place) -> str:
    """Show what was found, on one line and not too long, unless it may be a secret."""
    if isinstance(value, Mapping | list):
        return "a table" if isinstance(value, Mapping) else "a list"
    if _secret(place):
        return "a value that is not shown, as it may hold a secret"
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    hidden = re.sub(r"//[^/\s]*@", "//…@", value)
    short = json.dumps(hidden if len(hidden) <= 80 else f"{hidden[:79]}…", ensure_ascii=False)
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in short)


def _unknown(place: Place) -> str:
    """Say which key may have been meant, or where this one belongs."""
    key, table = str(place[-1]), _table(place[:-1])
    known = keys()
    if near := did_you_mean(key, known[table]):
        return f"unknown key; did you mean `{near}`?"
    for path, names in known.items():
        if key in names:
            where = _PLACES.get(path) or f"in a table of `{path.rpartition('.')[2]}`"
            return f"unknown key here; `{key}` belongs {where}"
    return f"unknown key; allowed here: {', '.join(known[table])}"


# ------------------------------------------------------------------------------------------- what shows between values


def _between(document: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Find what is wrong with values that are right alone; looks at the document, so that it needs no valid file."""
    topics, channels = _rows(document, "topics"), _rows(document, "channels")
    if document.get("topics", []) == []:
        yield ("topics",), 'no topic; add one: [[topics]], below it name = "…", about = "…" and feeds = ["https://…"]'
    for at, topic in topics:
        if "about" not in topic and "seed" not in topic:
            yield ("topics", at), "a topic needs `about`, the words to look for, or `seed`, an article to start from"
    for at, channel in channels:
        if ("webhook" in channel) == ("apprise" in channel):
            yield ("channels", at), "a channel needs either `webhook` or `apprise`, and not both"
        if "secret" in channel and "webhook" not in channel:
            yield ("channels", at, "secret"), "only a webhook is signed; leave `secret` out"
    yield from _twice("topics", "slug", [(at, _slug_of(topic)) for at, topic in topics])
    yield from _twice("channels", "name", [(at, _stripped(channel.get("name"))) for at, channel in channels])
    yield from _unknown_channels(topics, [_stripped(channel.get("name")) for _, channel in channels])
    yield from _stray_references(document, ())


def _rows(document: Mapping[str, Any], key: str) -> list[tuple[int, Mapping[str, Any]]]:
    rows = document.get(key)
    return [(at, row) for at, row in enumerate(rows) if isinstance(row, dict)] if isinstance(rows, list) else []


def _stripped(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _slug_of(topic: Mapping[str, Any]) -> str | None:
    name = _stripped(topic.get("name"))
    return _stripped(topic.get("slug")) or (values.slug_of(name) if name else None)


def _twice(table: str, key: str, named: Sequence[tuple[int, str | None]]) -> Iterator[tuple[Place, str]]:
    first: dict[str, int] = {}
    for at, name in named:
        if name is not None and first.setdefault(name, at) != at:
            yield (table, at, key), f'"{name}" is also that of {table}[{first[name]}]; give each its own `{key}`'


def _unknown_channels(
    topics: Sequence[tuple[int, Mapping[str, Any]]], names: Sequence[str | None]
) -> Iterator[tuple[Place, str]]:
    known = [name for name in names if name is not None]
    for at, topic in topics:
        notify = topic.get("notify")
        for index, name in enumerate(notify) if isinstance(notify, list) else ():
            if isinstance(name, str) and name.strip() not in known:
                near = did_you_mean(name, known)
                others = f"allowed: {', '.join(known)}" if known else "there are no [[channels]]"
                hint = f"did you mean `{near}`?" if near else others
                yield ("topics", at, "notify", index), f"no channel has the name {_shown(name, ('notify',))}; {hint}"


_FILLED_IN = ("webhook", "apprise", "secret", "proxy")


def _stray_references(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Find `${NAME}` where it would be taken as it stands."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _stray_references(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _stray_references(inner, (*place, at))
    elif isinstance(value, str) and values.REFERENCE.search(value) and place[-1] not in (*_FILLED_IN, "about"):
        yield place, f"${{…}} is filled in only in {', '.join(_FILLED_IN)}; write the value itself"
