"""The program itself, at another time: for tests from outside whose articles are dated.

    python bench/at.py --at 2025-03-14T09:00Z [--since EPOCH] [--undigested] run --config FILE

--at          the time at which it begins
--since       when that was, in seconds since 1970; now when left out.  Who starts the program again and again, as one
              that kills it does, gives the same each time, and the clock goes on
--undigested  each alert is sent by itself, however many there are (`alerts_per_hour = 0` in each topic)

Everything else is the program's own: what cli.py builds is replaced before it is built.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor import cli, config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True)
    parser.add_argument("--since", type=float, default=time.time())
    parser.add_argument("--undigested", action="store_true")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    at = asked.at if asked.at.tzinfo else asked.at.replace(tzinfo=UTC)
    behind = timedelta(seconds=asked.since) - (at - datetime.fromtimestamp(0, UTC))
    cli.now = lambda: datetime.now(UTC) - behind
    if asked.undigested:
        config.load = undigested
    cli.main(asked.command, prog_name="monitor")


# -------------------------------------------------------------------------------------------------------- budget

_load = config.load


def undigested(path: Path, **options: Any) -> config.Config:
    """Load a config file, and give no topic a budget of alerts."""
    loaded = _load(path, **options)
    return replace(loaded, topics=tuple(replace(topic, alerts_per_hour=0) for topic in loaded.topics))


if __name__ == "__main__":
    main()
