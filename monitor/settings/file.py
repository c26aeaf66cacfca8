"""The shape of config.toml: every key, and what is said when a value is not what it should be.

The tables below are the keys, each with the function that reads it; `read` goes through a document by them, adds what
only shows between values, and turns all findings into plain lines.  A value that may be a secret is never shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ..model import ALERT_KINDS, ALERTS_PER_HOUR, Seed
from . import values
from .values import Refused, Surroundings, did_you_mean

Place = tuple[str | int, ...]


@dataclass(slots=True)
class Findings:
    """What was found wrong so far, each with its place; and where the file stands."""

    around: Surroundings
    wrong: list[tuple[Place, str]] = field(default_factory=list)

    def read(self, read: Read, value: object, place: Place) -> Any:
        """Read a value; None: it was refused, and is among what is wrong."""
        try:
            return read(value, place, self)
        except Refused as refused:
            self.wrong.append((place, _said(refused, value, place)))
            return None


Read = Callable[[object, Place, Findings], Any]
"""From the value as written to the value meant.  Raises Refused, or adds to the findings what is wrong inside it."""


# --------------------------------------------------------------------------------------------- kinds of values


def as_it_is(check: Callable[[Any], Any]) -> Read:
    """A value that `check` reads, whatever it is."""
    return lambda value, place, found: check(value)


def quoted(check: Callable[[str], Any] = values.text) -> Read:
    """Text that `check` reads."""
    return lambda value, place, found: check(_quoted(value, place))


def looked_up(check: Callable[[Any, Surroundings], Any]) -> Read:
    """A value that may name something outside of the file."""
    return lambda value, place, found: check(value, found.around)


def filled_in(check: Callable[[str, Surroundings], Any]) -> Read:
    """Text in which `${NAME}` may stand."""
    return lambda value, place, found: check(_quoted(value, place), found.around)


def many(read: Read, *, some: str = "") -> Read:
    """A list; `some`: of what there has to be one at least."""

    def reads(value: object, place: Place, found: Findings) -> list[Any]:
        if not isinstance(value, list):
            raise _other_kind(place, "a list in [ ]")
        if some and not value:
            raise values.not_allowed(f"a list of at least one {some}")
        return [found.read(read, each, (*place, at)) for at, each in enumerate(value)]

    return reads


def names(read: Read) -> Read:
    """A table whose keys are the user's own words."""
    word = quoted()

    def reads(value: object, place: Place, found: Findings) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _other_kind(place, "a table")
        return {
            found.read(word, name, (*place, name)): found.read(read, each, (*place, name))
            for name, each in value.items()
        }

    return reads


def table(kind: type[Any]) -> Read:
    """A table with exactly the keys of a class below."""
    known = _keys_of(kind)

    def reads(value: object, place: Place, found: Findings) -> Any:
        if not isinstance(value, dict):
            raise _other_kind(place, "a table")
        before = len(found.wrong)
        given = {}
        for name, each in value.items():
            if name in known:
                given[name] = found.read(known[name].read, each, (*place, name))
            else:
                found.wrong.append(((*place, name), _unknown((*place, name))))
        found.wrong += [
            ((*place, name), "missing; it has to be given")
            for name, each in known.items()
            if each.required and name not in value
        ]
        return kind(**given) if len(found.wrong) == before else None

    return reads


def addresses(kind: type[SourceTable]) -> Read:
    """A list of addresses, each alone or as a table."""
    whole, url = table(kind), _keys_of(kind)["url"].read

    def reads(value: object, place: Place, found: Findings) -> Any:
        if isinstance(value, str):
            return kind(url=url(value, place, found))
        if isinstance(value, dict):
            return whole(value, place, found)
        raise values.not_allowed('an address in quotes, or a table such as { url = "https://…" }')

    return many(reads)


def _quoted(value: object, place: Place) -> str:
    if isinstance(value, str):
        return value
    raise _other_kind(place, "text in quotes")


class Key(NamedTuple):
    """How a key is read, the class of the tables that stand below it, and whether it has to be given."""

    read: Read
    below: type[Any] | None
    required: bool


def key(read: Read, default: Any = None, *, below: type[Any] | None = None) -> Any:
    """Declare a key of a table; `default` is what it means when it is left out, MISSING: it has to be given."""
    about = {"read": read, "below": below}
    if isinstance(default, list | dict):
        return field(default_factory=type(default), metadata=about)
    return field(default=default, metadata=about)


def _keys_of(kind: type[Any]) -> Mapping[str, Key]:
    return {
        each.name: Key(
            each.metadata["read"], each.metadata["below"], each.default is MISSING and each.default_factory is MISSING
        )
        for each in fields(kind)
    }


# ------------------------------------------------------------------------------------------------------ the tables


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalTable:
    """`interval = { min = "5m", max = "12h" }`; None: not said here."""

    min: float | None = key(as_it_is(values.duration))
    max: float | None = key(as_it_is(values.duration))

    def __post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise values.because("min is longer than max; exchange the two")


INTERVAL = table(IntervalTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """An address, alone or as `{ url = "…", interval = {…} }`."""

    url: str = key(as_it_is(values.web_url), MISSING)
    interval: IntervalTable = key(INTERVAL, IntervalTable(), below=IntervalTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingTable(SourceTable):
    """A section page; `links`: CSS selector of the links that lead to articles, None: they are found."""

    links: str | None = key(quoted(lambda value: values.selector(values.text(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTable(SourceTable):
    """A search endpoint; a placeholder in its address stands for the words of the topic.

    items, link, title, date  where an answer in JSON has its articles, and each of them these; None: they are found
    """

    url: str = key(as_it_is(values.search_url), MISSING)
    items: str | None = key(as_it_is(values.json_path))
    link: str | None = key(as_it_is(values.json_path))
    title: str | None = key(as_it_is(values.json_path))
    date: str | None = key(as_it_is(values.json_path))


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneTable:
    """`[[topics.milestones]]`."""

    expect: str = key(quoted(), MISSING)
    any: list[str] = key(many(quoted(), some="phrase that tells that it has happened"), MISSING)
    by: date | None = key(as_it_is(values.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTable:
    """`[[topics]]`."""

    name: str = key(quoted(), MISSING)
    slug: str | None = key(as_it_is(values.slug))
    about: str | None = key(quoted(values.about))
    aliases: dict[str, list[str]] = key(names(many(quoted(), some="other name")), {})
    languages: list[str] = key(many(as_it_is(values.language)), [])
    seed: Seed | None = key(looked_up(values.seed))
    feeds: list[SourceTable] = key(addresses(SourceTable), [], below=SourceTable)
    sitemaps: list[SourceTable] = key(addresses(SourceTable), [], below=SourceTable)
    listings: list[ListingTable] = key(addresses(ListingTable), [], below=ListingTable)
    searches: list[SearchTable] = key(addresses(SearchTable), [], below=SearchTable)
    pages: list[SourceTable] = key(addresses(SourceTable), [], below=SourceTable)
    sites: list[SourceTable] = key(addresses(SourceTable), [], below=SourceTable)
    interval: IntervalTable = key(INTERVAL, IntervalTable(), below=IntervalTable)
    notify: list[str] | None = key(many(quoted()))
    alerts_per_hour: int = key(as_it_is(values.count), ALERTS_PER_HOUR)
    recheck: bool | None = key(as_it_is(values.yes_or_no))
    milestones: list[MilestoneTable] = key(many(table(MilestoneTable)), [], below=MilestoneTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTable:
    """`[[channels]]`; what `${…}` stands for is already put in."""

    name: str = key(quoted(), MISSING)
    webhook: str | None = key(filled_in(values.webhook))
    apprise: str | None = key(filled_in(values.apprise))
    secret: str | None = key(filled_in(values.secret))
    kinds: list[str] | None = key(many(as_it_is(values.one_of(*ALERT_KINDS))))
    digest: float | None = key(as_it_is(values.some_time))
    quiet: tuple[time, time] | None = key(as_it_is(values.hours))
    timezone: ZoneInfo = key(as_it_is(values.timezone), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTable:
    """`[fetch]`; None: as `config.FetchSettings` has it."""

    timeout: float | None = key(as_it_is(values.some_time))
    max_body: int | None = key(as_it_is(values.size))
    per_host_delay: float | None = key(as_it_is(values.duration))
    robots: str | None = key(as_it_is(values.one_of("obey", "ignore")))
    allow_networks: list[IPv4Network | IPv6Network] | None = key(many(as_it_is(values.network)))
    proxy: str | None = key(filled_in(values.proxy))
    ca_file: Path | None = key(looked_up(values.ca_file))


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorTable:
    """`[monitor]`; `embeddings`, None: not said here."""

    database: str = key(quoted(lambda value: values.database(values.text(value))), "monitor.db")
    contact: str = key(as_it_is(values.contact), "")
    embeddings: bool | None = key(looked_up(values.embeddings))
    keep_captures: float | None = key(as_it_is(values.keeping))
    recheck: bool = key(as_it_is(values.yes_or_no), True)
    listen: tuple[str, int] | None = key(as_it_is(values.listen))


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmTable:
    """`[llm]`; what `${…}` stands for is already put in."""

    url: str = key(filled_in(values.chat_url), MISSING)
    model: str = key(quoted(), MISSING)
    timeout: float = key(as_it_is(values.some_time), 60.0)
    key: str | None = key(filled_in(values.bearer))  # the last: from here on the name means this one


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """config.toml as a whole."""

    monitor: MonitorTable = key(table(MonitorTable), MonitorTable(), below=MonitorTable)
    fetch: FetchTable = key(table(FetchTable), FetchTable(), below=FetchTable)
    topics: list[TopicTable] = key(many(table(TopicTable)), [], below=TopicTable)
    channels: list[ChannelTable] = key(many(table(ChannelTable)), [], below=ChannelTable)
    llm: LlmTable | None = key(table(LlmTable), below=LlmTable)


def keys() -> dict[str, tuple[str, ...]]:
    """List the keys of every table, by the table's path: "" for the file, "topics", "topics.interval" …"""
    return {path: tuple(_keys_of(kind)) for path, kind in _tables(File)}


def _tables(kind: type[Any], path: str = "") -> Iterator[tuple[str, type[Any]]]:
    yield path, kind
    for name, each in _keys_of(kind).items():
        if each.below is not None:
            yield from _tables(each.below, f"{path}.{name}".lstrip("."))


# --------------------------------------------------------------------------------------------- reading, with lines


def read(document: Mapping[str, Any], around: Surroundings) -> tuple[File | None, tuple[str, ...]]:
    """Read a parsed TOML document.

    Returns  the file and no lines; or None and a line for each thing that is wrong, in the order of the tables
    """
    found = Findings(around, list(_between(document)))
    file = found.read(table(File), document, ())
    lines = [f"{_spelled(place)}: {why}" if place else why for place, why in sorted(found.wrong, key=_order)]
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


_SHOWN_OF_CHANNELS = ("name", "kinds", "digest", "quiet", "timezone")
_SHOWN_OF_LLM = ("model", "timeout")
_PLACES = {  # where the keys of a table stand that has a heading
    "": "at the top level",
    "monitor": "under [monitor]",
    "fetch": "under [fetch]",
    "topics": "under [[topics]], above any other heading",
    "topics.milestones": "under [[topics.milestones]]",
    "channels": "under [[channels]]",
    "llm": "under [llm]",
}
_BY_PLACE = {  # how a table is headed that was written as something else
    "monitor": "a table headed [monitor]",
    "fetch": "a table headed [fetch]",
    "topics": "tables headed [[topics]]",
    "channels": "tables headed [[channels]]",
    "topics.milestones": "tables headed [[topics.milestones]]",
    "llm": "a table headed [llm]",
}


def _other_kind(place: Place, allowed: str) -> Refused:
    """Make the error that says which kind of value belongs here."""
    return values.not_allowed(_BY_PLACE.get(_table(place)) or allowed)


def _said(refused: Refused, value: object, place: Place) -> str:
    """Say what was found and why it is refused, in a plain sentence."""
    if refused.kind_is_right and (_secret(place) or isinstance(value, Mapping)):
        return str(refused)
    return f"found {_shown(value, place)}; {refused}"


def _secret(place: Place) -> bool:
    """Tell whether what stands at a place may be a secret."""
    if place[0] == "llm":
        return not set(_SHOWN_OF_LLM) & set(place)
    return place[-1] == "proxy" or (place[0] == "channels" and not set(_SHOWN_OF_CHANNELS) & set(place))


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
        if "timezone" in channel and "quiet" not in channel:
            yield ("channels", at, "timezone"), "only the hours of `quiet` are by a clock; add them, or leave this out"
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


_FILLED_IN = ("webhook", "apprise", "secret", "proxy", "key")


def _stray_references(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Find `${NAME}` where it would be taken as it stands."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _stray_references(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _stray_references(inner, (*place, at))
    elif isinstance(value, str) and values.REFERENCE.search(value) and not _fills_in(place):
        told = f"{', '.join(_FILLED_IN)}, and the url of [llm]"
        yield place, f"${{…}} is filled in only in {told}; write the value itself"


def _fills_in(place: Place) -> bool:
    """Tell whether `${NAME}` may stand at a place; in a query it is an error of another kind."""
    return place[-1] in (*_FILLED_IN, "about") or place == ("llm", "url")
