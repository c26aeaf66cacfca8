"""Is it them, or is it us?  When most hosts cannot be reached at once, no host is to blame.

each outcome -> Line.note -> is_down? -> nobody is charged; those charged since it began are pardoned
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from .model import Failed, Outcome, Plan

WINDOW = timedelta(minutes=10)  # the last word of each host counts for so long
FEWEST = 3  # hosts that cannot be reached, below which it is theirs
SHARE = 0.8  # of the hosts heard of
UNREACHED = frozenset({"dns", "connect", "timeout", "tls"})
"""Errors that a machine without a network meets everywhere; behind a hotel's log-in page it is the certificates."""


class Line:
    """Our line to the web, judged by the hosts that were lately asked.

    since  when it was found to be down, perhaps by an earlier process; None: it works, or nobody knows better
    """

    def __init__(self, since: datetime | None = None) -> None:
        self.since = since
        self._reached: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()  # the longest unheard of first
        self._lost = 0
        self._pardons: list[tuple[datetime, Plan]] = []

    def note(self, outcome: Outcome, now: datetime) -> None:
        """Take note of what came of a request."""
        if isinstance(outcome, Failed) and not outcome.asked:
            return
        reached = outcome.status is not None
        if not reached and isinstance(outcome, Failed) and outcome.error not in UNREACHED:
            return
        host = urlsplit(outcome.final_url).netloc
        self._forget(host)
        self._reached[host] = (now, reached)
        self._lost += not reached
        while next(iter(self._reached.values()))[0] < now - WINDOW:
            self._forget(next(iter(self._reached)))
        goes_down = self._lost >= max(FEWEST, SHARE * len(self._reached))
        stays_down = self.since is not None and self._lost == len(self._reached)
        self.since = (self.since or now) if goes_down or stays_down else None

    def charge(self, at: datetime, pardon: Plan) -> None:
        """Keep what takes a failure back that was charged to a host, in case it turns out to be ours."""
        self._pardons = [each for each in self._pardons if each[0] >= at - WINDOW]
        self._pardons.append((at, pardon))

    def pardons(self) -> Sequence[Plan]:
        """Return, once, what takes back the failures that were charged."""
        pardons, self._pardons = self._pardons, []
        return [pardon for _, pardon in pardons]

    def _forget(self, host: str) -> None:
        known = self._reached.pop(host, None)
        if known is not None and not known[1]:
            self._lost -= 1
