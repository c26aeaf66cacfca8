"""Quiet hours: until when a channel is left in peace.

What is not pressing (budget.py) waits for their end, and then goes out as one message.  They are told by the clocks of
a place: when these are put forward or back, the hours are shorter or longer, and an hour that comes twice counts twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from .model import Quiet

MINUTE = timedelta(minutes=1)


def until(quiet: Quiet, at: datetime) -> datetime | None:
    """Return when the quiet hours end that `at` lies in, to the minute, in its time zone; None: it lies in none."""
    if not _within(quiet, at):
        return None
    minute = at.replace(second=0, microsecond=0)
    # Minute by minute: so no day on which the clocks change is a case of its own.
    return next(end for n in count(1) if not _within(quiet, end := minute + n * MINUTE))


def _within(quiet: Quiet, at: datetime) -> bool:
    shown = at.astimezone(quiet.zone).time()
    if quiet.begins < quiet.ends:
        return quiet.begins <= shown < quiet.ends
    return shown >= quiet.begins or shown < quiet.ends
