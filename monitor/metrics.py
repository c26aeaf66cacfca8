"""How the daemon does, in numbers: what was counted goes in, a page in Prometheus' text format comes out.  Pure.

The names of metrics and labels are part of what users build on: a name that is gone breaks somebody's dashboard.  A
label holds a kind or a state that this program knows, never what a page or a person wrote.

Source   the text exposition format, version 0.0.4, of prometheus.io
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from .model import ALERT_KINDS, SourceState

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DELIVERY_STATES = ("waiting", "held", "delivered", "dead")
OTHER = "other"  # what an older or newer version wrote

T = TypeVar("T")
Value = float | Mapping[str, float] | None
"""A number, one for each value of the label, or None: it is not known, and left out."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the database holds.

    alerts           by kind
    deliveries       by state; `held`: until the digest that they are part of
    sources          in use, by state
    entries_waiting  links whose page is still to be read, now or at a later try
    topics           in use; `blind`: those of them of which nothing can be seen
    """

    articles: int
    developments: int
    alerts: Mapping[str, int]
    deliveries: Mapping[str, int]
    sources: Mapping[str, int]
    entries_waiting: int
    topics: int
    blind: int
    database_bytes: int
    journal_bytes: int
    disk_free_bytes: int


@dataclass(frozen=True, slots=True)
class Process:
    """What the process knows of itself; None: not yet, or this system does not tell.

    lag_s           by how much the loop last came late to an appointment with itself; `greatest_lag_s`: since the start
    turned_ago_s    since the loop last asked the database for what is due, and was answered
    resident_bytes  of memory
    """

    version: str
    lag_s: float
    greatest_lag_s: float
    turned_ago_s: float | None
    resident_bytes: int | None
    descriptors: int | None


class Metric(NamedTuple, Generic[T]):
    """A row of the page; `label`, "": it has none."""

    name: str
    help: str
    value: Callable[[T], Value]
    label: str = ""


OF_PROCESS: tuple[Metric[Process], ...] = (
    Metric("monitor_build_info", "Always 1; the label is what counts.", lambda has: {has.version: 1}, "version"),
    Metric("monitor_loop_lag_seconds", "By how much the loop last came late.", lambda has: has.lag_s),
    Metric("monitor_loop_lag_max_seconds", "The greatest lag since the start.", lambda has: has.greatest_lag_s),
    Metric(
        "monitor_loop_last_turn_age_seconds",
        "Since the loop last asked the database for what is due.",
        lambda has: has.turned_ago_s,
    ),
    Metric("process_resident_memory_bytes", "Resident memory.", lambda has: has.resident_bytes),
    Metric("process_open_fds", "Open file descriptors.", lambda has: has.descriptors),
)
OF_DATABASE: tuple[Metric[Counts], ...] = (
    Metric("monitor_articles", "Articles that are filed.", lambda has: has.articles),
    Metric("monitor_developments", "Developments that were found.", lambda has: has.developments),
    Metric("monitor_alerts", "Alerts that were raised.", lambda has: _each(ALERT_KINDS, has.alerts), "kind"),
    Metric("monitor_deliveries", "Alerts on their way.", lambda has: _each(DELIVERY_STATES, has.deliveries), "state"),
    Metric("monitor_sources", "Sources in use.", lambda has: _each(SourceState, has.sources), "state"),
    Metric("monitor_entries_waiting", "Links whose page is still to be read.", lambda has: has.entries_waiting),
    Metric("monitor_topics", "Topics in use.", lambda has: has.topics),
    Metric("monitor_topics_blind", "Topics of which nothing can be seen.", lambda has: has.blind),
    Metric("monitor_database_bytes", "Size of the database file.", lambda has: has.database_bytes),
    Metric("monitor_database_wal_bytes", "Size of its write-ahead log.", lambda has: has.journal_bytes),
    Metric("monitor_disk_free_bytes", "Room on the database's disk.", lambda has: has.disk_free_bytes),
)


def page(process: Process, counts: Counts | None) -> str:
    """Write the page; `counts`, None: the database cannot be read, which the page says."""
    readable: Metric[Counts | None] = Metric(
        "monitor_database_readable", "1, or 0 when what follows could not be counted.", lambda has: has is not None
    )
    lines = [*_lines(OF_PROCESS, process), *_lines((readable,), counts)]
    if counts is not None:
        lines += _lines(OF_DATABASE, counts)
    return "".join(f"{line}\n" for line in lines)


def _each(known: Iterable[str], counts: Mapping[str, int]) -> Mapping[str, float]:
    """Give each that is known its number, 0 too, and leave no count out."""
    each: dict[str, float] = {str(name): counts.get(name, 0) for name in known}
    rest = sum(counts.values()) - sum(each.values())
    return {**each, OTHER: rest} if rest else each


def _lines(metrics: Iterable[Metric[T]], seen: T) -> Iterable[str]:
    for name, help, read, label in metrics:
        value = read(seen)
        if value is None:
            continue
        yield f"# HELP {name} {help}"
        yield f"# TYPE {name} gauge"
        if isinstance(value, Mapping):
            yield from (f'{name}{{{label}="{of}"}} {number:.17g}' for of, number in value.items())
        else:
            yield f"{name} {float(value):.17g}"
