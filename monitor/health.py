"""Is the daemon well?  What was looked up goes in, a sentence for each thing that is the matter comes out.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from . import plain
from .dates import span

TURNED_WITHIN = timedelta(minutes=3)  # it is noted once a minute
LATE_AFTER = timedelta(hours=1)  # an alert that a channel has refused for so long
LEFT_LYING = timedelta(minutes=10)  # a delivery that is due and not even tried
LONGEST = 1_000  # characters of what is wrong in a config file: some five mistakes
ENOUGH_BYTES = 100_000_000  # free on the disk: a busy day's pages fit in several times


@dataclass(frozen=True, slots=True)
class Vitals:
    """What there is to know.

    alive_at      when the loop last turned, to the minute; None: it never did
    config_error  why the changed config file was refused; None: it was not
    blind         topics of which nothing can be seen
    dead          deliveries that were given up, of alerts that nobody has marked as seen
    late          deliveries that should have been made
    free_bytes    on the database's disk
    """

    running: bool
    alive_at: datetime | None
    config_error: str | None
    blind: tuple[str, ...]
    dead: int
    late: int
    free_bytes: int


def _running(vitals: Vitals, _: datetime) -> str | None:
    return None if vitals.running else "no monitor runs on this database; start one with `monitor run`"


def _loop(vitals: Vitals, now: datetime) -> str | None:
    if vitals.alive_at is None:
        return "the loop has not turned yet"
    silent = now - vitals.alive_at
    return f"the loop has not turned for {span(silent.total_seconds())}" if silent > TURNED_WITHIN else None


def _config(vitals: Vitals, _: datetime) -> str | None:
    if vitals.config_error is None:
        return None
    why = "; ".join(vitals.config_error.splitlines())
    if len(why) > LONGEST:
        why = f"{why[:LONGEST]}… (all of it: `monitor status`)"
    return f"the changed config file is refused, the old one stays in force: {why}"


def _topics(vitals: Vitals, _: datetime) -> str | None:
    return f"nothing can be seen of {', '.join(vitals.blind)}; see `monitor sources`" if vitals.blind else None


def _deliveries(vitals: Vitals, _: datetime) -> str | None:
    wrong = [f"{count} {what}" for count, what in ((vitals.dead, "given up"), (vitals.late, "late")) if count]
    if not wrong:
        return None
    return f"deliveries: {' and '.join(wrong)}; `deliveries.error` says why, `monitor seen` settles those given up"


def _disk(vitals: Vitals, _: datetime) -> str | None:
    if vitals.free_bytes >= ENOUGH_BYTES:
        return None
    return f"the disk is nearly full: {vitals.free_bytes / 1e6:.0f} MB are free"


CHECKS: Mapping[str, Callable[[Vitals, datetime], str | None]] = MappingProxyType(
    {
        "running": _running,
        "loop": _loop,
        "config": _config,
        "topics": _topics,
        "deliveries": _deliveries,
        "disk": _disk,
    }
)


def said(found: Mapping[str, str | None]) -> str:
    """Say in a line what is the matter, or that nothing is."""
    wrong = [what for what in found.values() if what]
    return plain.line(f"not healthy: {'; '.join(wrong)}" if wrong else f"healthy: {', '.join(found)}")


def checked(vitals: Vitals, now: datetime) -> dict[str, str | None]:
    """Return for each check what is the matter; None: all is well."""
    return {name: check(vitals, now) for name, check in CHECKS.items()}
