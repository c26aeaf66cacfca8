"""What was asked of each host, counted as it happens and handed over to be written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..model import Hold, Manners, Receipt, RobotsTxt


class Ledger:
    """Counts until it is emptied."""

    def __init__(self) -> None:
        self._receipts: dict[str, Receipt] = {}
        self._robots: dict[str, RobotsTxt] = {}
        self._holds: dict[str, Hold] = {}

    def asked(
        self,
        host: str,
        at: datetime,
        *,
        status: int | None,
        received_bytes: int,
        delay_s: float,
        paused_s: float | None,
    ) -> None:
        """Count a request.

        status    of its answer; None: there was none
        paused_s  since the end of the last one; None: there was none before
        """
        receipt = self._receipts.get(host) or Receipt(host, at)
        pauses = [pause for pause in (receipt.shortest_pause_s, paused_s) if pause is not None]
        self._receipts[host] = Receipt(
            host=host,
            at=at,
            requests=receipt.requests + 1,
            not_modified=receipt.not_modified + (status == 304),
            failed=receipt.failed + (status is None or status >= 400),
            received_bytes=receipt.received_bytes + received_bytes,
            unasked=receipt.unasked,
            delay_s=delay_s,
            shortest_pause_s=min(pauses, default=None),
        )

    def left_unasked(self, host: str, at: datetime) -> None:
        """Count a page that robots.txt asks not to read."""
        receipt = self._receipts.get(host) or Receipt(host, at)
        self._receipts[host] = replace(receipt, unasked=receipt.unasked + 1)

    def read(self, robots: RobotsTxt) -> None:
        """Keep a robots.txt."""
        self._robots[robots.origin] = robots

    def held(self, hold: Hold) -> None:
        """Keep that a host is to be left alone."""
        self._holds[hold.host] = hold

    def emptied(self) -> Manners:
        """Return what came together, and begin anew."""
        receipts, self._receipts = self._receipts, {}
        robots, self._robots = self._robots, {}
        holds, self._holds = self._holds, {}
        return Manners(tuple(receipts.values()), tuple(robots.values()), tuple(holds.values()))
