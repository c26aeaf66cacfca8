"""The noise budget: how many alerts of a topic a channel gets one by one within an hour, and until when others wait.

Those over the budget are written down like all others, and go out together when its hour is over.  Any hour, wherever
it begins, has no more single messages than the budget, and such digests lie an hour apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
PRESSING = 0.5
"""What matters more (importance.py) is never held: reversals, milestones met, blindness, firm events that several tell.

A single report is never pressing by its novelty, since what got in by mistake is the most novel of all.
"""


def wakes(kind: str, importance: float) -> bool:
    """Tell whether an alert goes out in the quiet hours of a channel.

    What never waits for the budget does, for the same reason: who acts on the story acts on something wrong until it is
    read.  `blind` is the exception: it tells of us, and in the morning there is as much to be done about it.
    """
    return importance > PRESSING and kind != "blind"


def held_until(
    at: datetime, importance: float, budget: int, *, sent: int, first: datetime | None, digest: datetime | None
) -> datetime | None:
    """Return until when an alert waits for others, at most an hour from now; None: it goes out at once.

    budget   single messages an hour; 0: no limit
    sent     how many went out, or were to go out, at once within the past hour, the pressing ones among them
    first    when the first of these was raised
    digest   when the latest digest goes or went out; None: there was none within the past hour
    """
    if budget == 0 or importance > PRESSING:
        return None
    if digest is not None and at < digest <= at + HOUR:
        return digest
    if sent < budget or first is None:
        return None
    return min(at + HOUR, max(each + HOUR for each in (first, digest) if each is not None))
