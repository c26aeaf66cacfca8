"""How old an article is when its page is looked at again.  Pure.

schedule.py makes a due time of it for an article that was read; database/schema.py for those that were filed before
pages were looked at again; database/clock.py learns from it how long a wait can be.
"""

from __future__ import annotations

# In seconds since an article was first seen: most edits are made within the hour, most corrections within days.  After
# the last of these, never.
AGES = (900, 3_600, 10_800, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400)
TEASER_AGES = (10_800, 86_400, 7 * 86_400)  # the rest of it is behind a paywall
GAP_S = 900  # between two looks, at least
WHOLE_AT = frozenset({86_400, 30 * 86_400})  # some servers answer "not modified" for ever


def wait_s(age_s: float, *, teaser: bool = False) -> float | None:
    """Return in how many seconds an article of this age is looked at again; None: it is too old.

    >>> wait_s(5 * 3_600) / 3_600
    19.0
    """
    return next((each - age_s for each in (TEASER_AGES if teaser else AGES) if each >= age_s + GAP_S), None)


def asks_for_the_whole(age_s: float) -> bool:
    """Tell whether a look at this age asks for the whole page, whatever its server says of changes."""
    return max((each for each in AGES if each <= age_s), default=0) in WHOLE_AT
