"""What is on its way to a channel, or to the language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .ids import AlertId, DeliveryId


@dataclass(frozen=True, slots=True)
class Unsummarised:
    """An alert that waits for a summary.

    attempts   failures so far
    evidence   the sentences that its development was told with, in the order of the evidence table
    """

    alert: AlertId
    attempts: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a question for a summary.

    text      one line that cites sentences of the evidence as [1], [2]; None: the answer was dropped
    dropped   why, in a clause; "": it was not
    """

    text: str | None
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to a channel.

    key         never changes, so that a receiver can tell a repeated delivery from a new alert
    alert       the alert's columns and its evidence, as they are sent
    held_until  those of its topic that were held until the same instant are sent as one; None: it is sent alone
    failed      it could not be delivered before, or had to wait because its channel failed
    """

    id: DeliveryId
    channel: str
    key: str
    attempts: int
    alert: Mapping[str, Any]
    held_until: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Setback:
    """That a channel did not accept a message, and what it means.

    at      when
    error   why, in plain words without a secret
    tries   the deliveries of the message, and when each is tried again; None: it is given up
    until   what else is due for the channel waits until then; None: only this message was refused
    """

    channel: str
    at: datetime
    error: str
    tries: tuple[tuple[DeliveryId, datetime | None], ...]
    until: datetime | None
