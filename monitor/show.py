"""What a person sees: tables on a terminal, plain lines in a pipe.

A page's text is shown as text: no control or escape sequence reaches a terminal, no markup a browser, no formula a
spreadsheet.  rich, which draws on terminals, is imported only where there is one.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Line = tuple[tuple[str, str], ...]
"""A line in pieces, each with its style ("": none)."""

KIND_STYLE = {
    "new-development": "bold green",
    "reversal": "bold red",
    "milestone-met": "bold cyan",
    "resurfaced": "bold cyan",
    "blind": "bold red",
}
STATE_STYLE = {"ok": "green", "new": "dim", "failing": "red", "blocked": "red", "parked": "yellow"}


def terminal() -> Console | None:
    """Return the terminal that is written to; None: it is a file or a pipe."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, markup=False, emoji=False)


class PlainFormatter(logging.Formatter):
    """Whatever a page put into a message, no further line of it can pass for a message of its own."""

    def format(self, record: logging.LogRecord) -> str:
        return plain.lines(super().format(record)).replace("\n", "\n    ")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, in ASCII: whatever a page put into a message stays inside its field."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": plain.lines(record.getMessage()),
        }
        if record.exc_info:
            told["traceback"] = plain.lines(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=True)


def mapping(found: Any) -> dict[str, Any]:
    """Return a row as a mapping of its columns."""
    return asdict(found) if is_dataclass(found) and not isinstance(found, type) else dict(found)


def as_json(found: Any, *, indent: int | None = 1) -> None:
    """Print rows, or one row, as JSON; instants in ISO 8601.  Without indent: in a line."""
    if isinstance(found, (list, tuple)):
        found = [mapping(row) for row in found]
    elif is_dataclass(found):
        found = mapping(found)
    print(json.dumps(found, ensure_ascii=True, indent=indent, default=_json), flush=True)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return mapping(value) if is_dataclass(value) or isinstance(value, Mapping) else str(value)


# ------------------------------------------------------------------------------------------------- tables and lines

Column = tuple[str, Callable[[Any], object]]


def rows(
    columns: Sequence[Column], found: Sequence[Any], *, nothing: str, style: Callable[[Any], str] | None = None
) -> None:
    """Print rows as a table on a terminal, as tab-separated lines in a pipe."""
    if not found:
        print(nothing)
        return
    screen = terminal()
    if screen is None:
        print("\t".join(name for name, _ in columns))
        for row in found:
            print("\t".join(plain.line(value(row)) for _, value in columns))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, _ in columns:
        table.add_column(name, overflow="fold")
    for row in found:
        table.add_row(*(Text(plain.line(value(row))) for _, value in columns), style=style(row) if style else None)
    screen.print(table)


def write(*lines: Line) -> None:
    """Print lines, in their styles on a terminal."""
    screen = terminal()
    for line in lines:
        if screen is None:
            print(words(line))
        else:
            screen.print(_text(line))


def words(line: Line) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in line)


def _text(line: Line) -> Text:
    from rich.text import Text

    return Text.assemble(*line)


def day(when: object) -> str:
    """Return the day of an instant or date, or a dash."""
    return str(when)[:10] if when else "-"


def minute(when: object) -> str:
    """Return an instant to the minute, or a dash."""
    return str(when)[:16].replace("T", " ") if when else "-"


def backing(row: Any) -> str:
    """Return in words who says so besides the first."""
    independent, reports = row.independent_reports or 0, row.reports or 0
    if not reports:
        return ""
    said = "one outlet so far" if independent <= 1 else f"{independent} independent outlets"
    return f"{said}, {reports} reports" if reports > independent else said


def publisher(row: Any) -> str:
    """Return who says so: the name that the page gives itself, or else its host."""
    return plain.line(row.publisher or urlsplit(row.url or "").netloc)


def dated(row: Any) -> str:
    """Return the day of an alert: when its report was published, or, if it is none, when it was raised."""
    return day((reports(row) and row.published_at) or row.created_at)


def reports(row: Any) -> bool:
    """Tell whether an alert tells what a report says, and not what became of the report."""
    return bool(row.development_id) and row.kind not in ("corrected", "removed")


def alert_lines(row: Any, *, marks: bool = True, ranked: bool = False) -> list[Line]:
    """Return an alert as a person reads it: the headline, the proof, who says so, and where.

    marks   the headline begins with number and date
    ranked  the headline tells how important it is
    """
    head = (
        (f"#{row.id} {dated(row)}  " if marks else "", "dim"),
        (f"{row.importance:.2f}  " if ranked else "", "dim"),
        (f"{row.kind}  " if row.kind != "new-development" else "", KIND_STYLE.get(row.kind, "yellow")),
        (plain.line(row.headline), "bold"),
        (f"  ({row.feedback})" if row.feedback else "", "dim"),
    )
    proof = ((f"    {_said(row)}", ""),)
    gist = f"    in short, by a language model: {plain.line(row.summary)}" if row.summary else ""
    who = " · ".join(filter(None, (publisher(row), backing(row), plain.line(row.url))))
    return [head, proof, *(((line, style),) for line, style in ((gist, ""), (f"    {who}" * bool(who), "dim")) if line)]


def _said(row: Any) -> str:
    """Return what an alert rests on; of one that ends a silence, whose sentence stands with its development, why."""
    if row.kind == "resurfaced":
        return plain.line(row.why)
    return f"“{plain.line(row.whats_new)}”" if reports(row) else plain.line(row.whats_new)


def alerts(found: Sequence[Any], *, everything: bool, ranked: bool = False) -> None:
    """Print alerts as they are given; `ranked`: each with its importance."""
    if not found:
        print("No alerts." if everything else "No new alerts. `monitor alerts --all` shows those already seen.")
        return
    screen = terminal()
    if screen is None:
        for row in found:
            write(*alert_lines(row, ranked=ranked), ())
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_lines=True)
    for name in ("#", "date", "what is new", "who says so"):
        table.add_column(name, overflow="fold", no_wrap=name in ("#", "date"))
    for row in found:
        head, proof, *_ = alert_lines(row, marks=False, ranked=ranked)
        what = _text((*head, ("\n", ""), (words(proof).strip(), ""), ("\n", ""), (plain.line(row.url), "dim")))
        who = _text(((publisher(row), ""), ("\n", ""), (backing(row), "dim")))
        table.add_row(str(row.id), dated(row), what, who)
    screen.print(table)
    screen.print(f"{len(found)} alerts. Mark as seen: monitor seen ID --useful, --noise or --known", style="dim")


def marked(row: Any) -> str:
    """Return in words how a topic's alerts were marked, and the share that was noise; "": none was."""
    if row.noise_share is None:
        return ""
    return f"{row.useful} useful, {row.known} known, {row.noise} noise ({row.noise_share:.0%})"


def topics(found: Sequence[Any]) -> None:
    """Print the topics and how their stories stand."""
    columns: tuple[Column, ...] = (
        ("topic", lambda row: row.slug),
        ("name", lambda row: row.name),
        ("phase", lambda row: row.phase if row.active else "archived"),
        ("last development", lambda row: minute(row.last_development_at)),
        ("developments", lambda row: row.developments),
        ("new alerts", lambda row: row.new_alerts),
        ("marked", marked),
        ("sources", lambda row: row.sources),
        ("drift", lambda row: (row.active and row.drift_why) or ""),
    )
    rows(columns, found, nothing="No topics yet. They come from the config file when `monitor run` or `once` runs.")


def sources(found: Sequence[Any]) -> None:
    """Print the sources and how they do."""
    columns: tuple[Column, ...] = (
        ("state", lambda row: row.state),
        ("kind", lambda row: row.kind),
        ("url", lambda row: row.url),
        ("last ok", lambda row: minute(row.last_ok_at)),
        ("next", lambda row: minute(row.next_due_at)),
        ("links", lambda row: row.entries),
        ("why", lambda row: row.why),
    )
    rows(columns, found, nothing="No sources yet.", style=lambda row: STATE_STYLE.get(row.state, ""))


def channels(found: Sequence[Mapping[str, Any]]) -> None:
    """Print the channels and how they do."""
    columns: tuple[Column, ...] = (
        ("channel", lambda row: row["channel"]),
        ("by", lambda row: row["by"] or "not in the config file"),
        ("waiting", lambda row: f"{row['waiting']}" + (f" ({row['held']} held)" if row["held"] else "")),
        ("delivered", lambda row: row["delivered"]),
        ("dead", lambda row: row["dead"]),
        ("next try", lambda row: minute(row["next_try_at"])),
        ("last error", lambda row: row["error"]),
    )
    rows(
        columns,
        found,
        nothing="No channels: alerts stand in the database only. Tables [[channels]] in the config file send them on.",
        style=lambda row: "red" if row["dead"] or not row["by"] else "yellow" if row["error"] else "",
    )
    if any(row["dead"] for row in found):
        print("`monitor channels dead` lists what was given up; `monitor channels retry` tries it again.")


def dead(found: Sequence[Any]) -> None:
    """Print the alerts that a channel never got."""
    columns: tuple[Column, ...] = (
        ("alert", lambda row: f"#{row.alert_id}"),
        ("raised", lambda row: minute(row.created_at)),
        ("channel", lambda row: row.channel),
        ("headline", lambda row: row.headline),
        ("tries", lambda row: row.attempts),
        ("last error", lambda row: row.error),
    )
    rows(columns, found, nothing="No dead letters: no alert was given up.")


def tested(found: Sequence[Any]) -> None:
    """Print how channels took a test message."""
    columns: tuple[Column, ...] = (
        ("channel", lambda row: row.channel),
        ("", lambda row: "ok" if row.ok else "failed"),
        ("what happened", lambda row: row.said),
    )
    rows(columns, found, nothing="No channels: the config file has no [[channels]].", style=_tested_style)


def _tested_style(row: Any) -> str:
    return STATE_STYLE["ok" if row.ok else "failing"]


def hosts(found: Sequence[Any]) -> None:
    """Print what was asked of each host: a receipt to show a publisher."""
    columns: tuple[Column, ...] = (
        ("host", lambda row: row.host),
        ("requests", lambda row: row.requests),
        ("unchanged", lambda row: f"{row.not_modified_share or 0:.0%}"),
        ("failed", lambda row: row.failed),
        ("received", lambda row: f"{row.received_bytes / 1e6:.1f} MB"),
        ("left by robots.txt", lambda row: row.unasked),
        ("pause to keep", lambda row: f"{row.delay_s:g} s"),
        ("shortest kept", lambda row: "" if row.shortest_pause_s is None else f"{row.shortest_pause_s:.1f} s"),
        ("left alone until", lambda row: minute(row.left_alone_until)),
        ("since", lambda row: minute(row.first_asked_at)),
    )
    rows(columns, found, nothing="Nothing has been asked of anybody yet.")


def check(tried: Sequence[Any], config: Any) -> None:
    """Print what trying each source gave."""
    columns: tuple[Column, ...] = (
        ("", lambda row: "ok" if row.ok else "FAILED"),
        ("topic", lambda row: row.topic),
        ("kind", lambda row: row.kind),
        ("url", lambda row: row.url),
        ("found", lambda row: row.found),
    )
    print(f"{plain.line(config.path)}: sound; {len(config.topics)} topics, {len(tried)} sources")
    rows(columns, tried, nothing="No sources.", style=lambda row: "green" if row.ok else "red")


def status(found: Any, config: Path, *, running: bool | None = None) -> None:
    """Print how the whole does."""
    lines = {
        "config": f"{config}" + (" (a change was refused, see below)" if found.config_error else ""),
        "database": found.database,
        "size": _sizes(found),
        "running": {None: None, True: f"yes, since {minute(found.started_at)}", False: "no"}[running],
        "offline": found.offline_since and f"since {minute(found.offline_since)}: no host can be reached",
        "topics": found.topics,
        "sources": _counted(found.sources),
        "links": _counted(found.entries),
        "articles": found.articles,
        "decisions": _counted(found.decisions),
        "developments": found.developments,
        "alerts": f"{found.alerts} ({found.new_alerts} new)",
        "deliveries": _counted(found.deliveries) if found.deliveries else None,
        "next look": minute(found.next_due_at),
    }
    for name, value in lines.items():
        if value is not None:
            print(f"{name:>13}  {plain.line(value)}")
    if found.config_error:
        print(plain.lines(found.config_error))
    if "at_risk" in found.notes:
        print(plain.line(f"at risk: {found.notes['at_risk']}"))
    for slug, why in found.drifts.items():
        print(plain.line(f"{slug}: {why}"))


def _sizes(found: Any) -> str:
    """Return in a line what takes the room, and how much there is."""
    sizes = (found.size_bytes, found.captures_bytes, found.free_bytes, found.journal_bytes, found.disk_free_bytes)
    all_, captures, empty, journal, disk = (f"{size / 1e6:.1f} MB" for size in sizes)
    return (
        f"{all_}: {captures} of it in {found.captures} raw captures, {empty} to be filled again; "
        f"journal {journal}; {disk} free on the disk"
    )


def holding(found: Any) -> None:
    """Print what a copy of the database holds, in a line."""
    newest = f", the newest of {minute(found.newest_alert_at)}" if found.newest_alert_at else ""
    said = f"{found.size_bytes / 1e6:.1f} MB, {found.articles} articles, {found.alerts} alerts{newest}"
    print(plain.line(f"{found.file}: {said}"))


def restored(found: Any) -> None:
    """Print what is in the database's place now, and where the one before it lies."""
    holding(found.now)
    if found.kept:
        print(plain.line(f"The database that was there before is kept as {found.kept}"))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def why(found: Any) -> None:
    """Print everything that was decided on an article or an alert, gate by gate."""
    for line in _tree(mapping(found)):
        print(plain.line(line))


def _tree(value: Any, depth: int = 0) -> list[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        lines = []
        for key, inner in value.items():
            if inner in (None, "", (), [], {}):
                continue
            if isinstance(inner, (Mapping, list, tuple)):
                lines += [f"{pad}{key}:", *_tree(inner, depth + 1)]
            else:
                lines.append(f"{pad}{key}: {inner}")
        return lines
    if isinstance(value, (list, tuple)):
        lines = []
        for inner in value:
            tree = _tree(inner, depth + 1)
            lines += [f"{pad}- {tree[0].lstrip()}", *tree[1:]] if tree else []
        return lines
    return [f"{pad}{value}"]


def compared(found: Any) -> None:
    """Print what a replay of the archive would have alerted, against what was."""
    print(f"{found.articles} articles: {found.kept} alerts kept, {len(found.gained)} gained, {len(found.lost)} lost")
    for name, count, marks in (
        ("kept", found.kept, found.kept_marked),
        ("lost", len(found.lost), found.lost_marked),
    ):
        if marks:
            print(f"{name} {count}, of which {_were_marked(marks)}")
    for sign, changed in (("+", found.gained), ("-", found.lost)):
        for row in changed:
            line = f"{sign} {day(row.published)} {row.topic}: {row.title} ({row.url})"
            print(plain.line(f"{line}, marked {row.feedback.value}" if row.feedback else line))


def _were_marked(counts: Mapping[str, int]) -> str:
    """Return counts in words: "2 were marked noise and 1 useful"."""
    (mark, count), *others = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    first = f"{count} {'was' if count == 1 else 'were'} marked {mark}"
    *before, last = [first, *(f"{number} {name}" for name, number in others)]
    return f"{', '.join(before)} and {last}" if before else last


def proof(found: Any) -> None:
    """Print what was verified, and what does not fit."""
    for problem in found.problems:
        print(plain.line(problem))
    count = len(found.problems)
    said = "nothing was changed since" if not count else f"{count} thing{'s'[: count != 1]} do not fit"
    print(f"{found.alerts} alerts, {found.texts} texts and {found.captures} raw pages verified: {said}.")
    if found.seal:
        print(f"The seal of the last alert is {found.seal}. Kept elsewhere, it proves that none was taken away.")
