"""What kind of text an article is, as far as its headline tells: a report, or one that looks back.

Comment, explainers, timelines and reviews of the year hold few new facts; they are held to a higher standard, and
never closed out.
"""

from __future__ import annotations

import re

from .tables import table

REPORT = "report"

_MARKS = {name: re.compile("|".join((*row["en"], *row["zh"])), re.IGNORECASE) for name, row in table("genres").items()}
KINDS = frozenset((REPORT, *_MARKS))


def genre(title: str) -> tuple[str, str]:
    """Return the kind of text and the words that tell it: ("timeline", "Timeline"), or ("report", "").

    Kinds: report, timeline, explainer, review, comment.
    """
    for name, pattern in _MARKS.items():
        match = pattern.search(title)
        if match is not None:
            return name, match[0]
    return REPORT, ""
