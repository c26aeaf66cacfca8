"""How much an alert matters, 0 to 1: a sum that anybody can do by hand with the rows below.

It ranks alerts, and says which of them may wait when a topic raises many (budget.py).  Whether there is an alert at all
is the judge's to say; nothing here adds or drops one.
"""

from __future__ import annotations

_OF_KIND = {
    "milestone-met": 0.80,  # the person said that it must not be missed
    "reversal": 0.60,  # who acts on what was reported before acts on what is wrong now
    "blind": 0.55,  # until somebody sees to it, nothing more is seen
    "corrected": 0.45,
    "milestone-overdue": 0.45,
    "removed": 0.40,
    "resurfaced": 0.30,
    "new-development": 0.25,
    "edited": 0.20,
}
_OF_ANOTHER_KIND = 0.25

# What a development adds, 0.40 in all, so that no sum is more than 1.
_FIRM = 0.15  # somebody was convicted, killed or has resigned: a firm event, and done
_NOVELTY = 0.10  # nothing earlier says any of it; in between, its share
_OUTLET = 0.05  # for each independent outlet besides the first …
_MOST_OUTLETS = 3  # … but no more than these
_LEAST_NOVELTY = 0.42  # that a development has: the judge's threshold, from where its share is counted


def of(kind: str, *, novelty: float | None = None, firm: bool = False, outlets: int = 1) -> float:
    """Return how much an alert matters, 0..1.

    kind      of the alert
    novelty   0..1, of the development that it reports; None: it reports none
    firm      that development tells a firm event that is done
    outlets   independent outlets that tell it, as far as is known
    """
    base = _OF_KIND.get(kind, _OF_ANOTHER_KIND)
    if novelty is None:
        return base
    share = (novelty - _LEAST_NOVELTY) / (1 - _LEAST_NOVELTY)
    adds = _FIRM * firm + _NOVELTY * min(1.0, max(0.0, share)) + _OUTLET * min(_MOST_OUTLETS, max(0, outlets - 1))
    return round(base + adds, 3)
