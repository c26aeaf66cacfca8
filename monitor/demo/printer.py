"""The demo, told as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import plain, show


class DemoPrinter:
    """Tell the demo as it happens."""

    def __init__(self, *, as_json: bool, command: str) -> None:
        """Print JSON or words; `command` is how a person calls this program where it is installed."""
        self._json, self._command, self._screen = as_json, command, show.terminal()

    def begins(self, outlets: Sequence[str], pages: int, database: Path, config: Path) -> None:
        self._say(
            f"A small web of {len(outlets)} outlets is served on this machine: {', '.join(outlets)}.\n"
            f"They will publish {pages} pages over ten months: reports, reprints, recaps and comment.\n"
            f"monitor follows them with {config.name}; each alert appears here as it is raised.\n"
        )

    def day(self, now: datetime) -> None:
        if self._screen is not None and not self._json:
            self._screen.print(f"  {now:%Y-%m-%d %H:%M}", style="dim", end="\r")

    def raised(self, alert: Any) -> None:
        if self._json:
            show.as_json(alert, indent=None)
            return
        self._clear()
        show.write(*show.alert_lines(alert), ())

    def ends(self, timeline: Sequence[Any], read: int, quiet: int, database: Path, config: Path) -> None:
        if self._json:
            return
        self._clear()
        show.write((("The story so far, as `monitor timeline` tells it:", "bold"),), ())
        for row in timeline:
            show.write(((f"{row.day}  ", "bold"), (plain.line(row.headline), ""), (f"  ({show.backing(row)})", "dim")))
        self._say(
            f"\n{read} articles were read; {quiet} of them raised no alert: background, reprints, recaps, comment, "
            "other stories. The view `rejected` says why for each.\n"
        )
        self._say(f'Look around:\n  sqlite3 {database.name} "select * from new_alerts"')  # noqa: S608  a hint, not a query
        self._say(f"  {self._command} alerts --config {config.name}\n  {self._command} why 1 --config {config.name}")

    def _clear(self) -> None:
        """Take the day off the line that is written next."""
        if self._screen is not None:
            print("\x1b[2K", end="")  # erase the line

    def _say(self, text: str) -> None:
        if not self._json:
            print(text)
