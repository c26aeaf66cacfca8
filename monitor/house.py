"""What a visit is handed, and how it writes down what it found.

A failure is charged to its source or entry, but for one that is the fault of our own line.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from . import polling
from .desk import Desk
from .fetch import Fetcher
from .model import Committed, Failed, Outcome, Plan, Waiting, Watched
from .outage import UNREACHED, Line
from .store import Store
from .writer import Writer

log = logging.getLogger("monitor")


@dataclass(slots=True)
class House:
    """What a visit is handed: the store, the way out, what is remembered, the clock and the dice.

    desk     replaced as a whole when the topics change, under `deciding`
    deciding held from judging an article until it is learnt: two reports of one fact must not both be the first
    line     whether the web can be reached at all
    """

    store: Writer
    fetch: Fetcher
    desk: Desk
    now: Callable[[], datetime]
    rng: random.Random
    deciding: asyncio.Lock
    line: Line = field(default_factory=Line)

    async def commit(self, plan: Plan) -> Committed:
        """Write a plan, and with it what politeness has to remember by now."""
        return await self.store(Store.commit, replace(plan, manners=self.fetch.manners()))

    async def weighed(
        self, plan: Plan, outcome: Outcome, *, watched: Watched | None = None, waiting: Waiting | None = None
    ) -> Plan:
        """Return the plan, in which a failure is charged to its source or entry; to nobody if it is our own outage."""
        line, now, before = self.line, self.now(), self.line.since
        line.note(outcome, now)
        if (before is None) != (line.since is None):
            await self._say_line(line.since, now)
        if not isinstance(outcome, Failed) or outcome.error not in UNREACHED:
            return plan
        pardon = Plan(
            now,
            source=polling.excused_source(watched, outcome, now, self.rng) if watched else None,
            entry=polling.excused_entry(waiting, outcome, now) if waiting else None,
        )
        if line.since is None:
            line.charge(now, pardon)
            return plan
        for earlier in line.pardons():
            await self.store(Store.commit, earlier)
        return replace(pardon, outcomes=plan.outcomes)

    async def _say_line(self, since: datetime | None, now: datetime) -> None:
        """Note once that nothing can be reached, and once that it can be again."""
        await self.store(Store.note, "offline_since", since.isoformat(timespec="seconds") if since else None, now)
        if since is None:
            log.info("the web can be reached again")
        else:
            log.warning(
                "no host can be reached: this machine seems to be offline; none is blamed, all are tried again soon"
            )
