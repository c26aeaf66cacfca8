"""Keep order: how each story does, what is overdue, what we cannot see any more, and what may be thrown away."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from . import alert, life
from .house import House
from .model import Drift, Pulse
from .store import RISK, Store

DROP_EVERY = timedelta(days=1)  # old captures

log = logging.getLogger("monitor")


async def keep(house: House) -> None:
    """Say how each story does, what is overdue, which sources are lost, and which topics we are blind to."""
    now = house.now()
    await _look_for_risk(house)
    drifts = house.desk.drifts()
    for pulse in await house.store(Store.pulse, now):
        phase = life.phase(pulse, now)
        if phase != pulse.phase:
            await house.store(Store.set_phase, pulse.topic, phase)
        await _note_drift(house, pulse, drifts.get(pulse.topic))
    for slug, milestone in await house.store(Store.overdue, now.date()):
        late = alert.overdue(slug, milestone, now.date())
        await house.store(Store.raise_alert, late, now, milestone=milestone.expect)
    losses = [
        (loss, alert.lost(loss.topic, loss.name, loss.kind, loss.urls, loss.why))
        for loss in await house.store(Store.losses)
    ]
    if losses:
        await house.store(Store.tell, losses, now)
    for sight in await house.store(Store.sight):
        blind = sight.sources > 0 and sight.unseen == sight.sources and sight.parked < sight.unseen
        if blind and sight.blind_since is None:
            lost = alert.blind(sight.topic, sight.name, sight.sources, sight.why)
            await house.store(Store.go_blind, lost, now)
        elif not blind and sight.blind_since is not None:
            again = alert.sees_again(sight.topic, sight.name, sight.sources, sight.unseen, sight.blind_since)
            await house.store(Store.see_again, again, now)


async def _look_for_risk(house: House) -> None:
    """Say once, and keep for `monitor status`, that another program writes where this SQLite cannot bear it."""
    if await house.store(Store.at_risk) and "at_risk" not in await house.store(Store.notes):
        log.warning("%s", RISK)
        await house.store(Store.note, "at_risk", RISK, house.now())


async def _note_drift(house: House, pulse: Pulse, drift: Drift | None) -> None:
    """Note whether a topic's articles are still about its story, and log it when that changes."""
    if drift is not None and pulse.drift is None:
        log.warning("%s: %s", pulse.topic, drift.why)
    elif drift is None and pulse.drift is not None:
        log.info("%s: the accepted articles are about the story again", pulse.topic)
    if drift != pulse.drift:
        await house.store(Store.set_drift, pulse.topic, drift)


async def drop_captures(house: House, keep_s: float | None) -> None:
    """Delete raw captures older than `keep_s` (None: keep them all), once a day, a few at a time; log what it freed."""
    if keep_s is None:
        return
    now, notes = house.now(), await house.store(Store.notes)
    last = notes.get("captures_dropped_at")
    if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < DROP_EVERY:
        return
    row, count, size = 0, 0, 0
    before = now - timedelta(seconds=keep_s)
    while (done := await house.store(Store.drop_captures, before, row))[0] is not None:
        row, count, size = done[0], count + done[1], size + done[2]
    await house.store(Store.note, "captures_dropped_at", now.isoformat(timespec="seconds"), now)
    if count:
        said = "deleted %d raw capture%s from before %s: %.1f MB are free in the database file, for what comes"
        log.info(said, count, "s"[: count != 1], before.date(), size / 1e6)
