"""Who speaks in a text: somebody who reports what others did and said, or somebody who argues.

A report names its source ("police said", "according to") or its day.  Comment and essays speak of "I", "we" and "you"
and ask questions, all outside quotes and reported speech, as what others say is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..text import sentences, simplified
from .tables import alternatives, table

_TABLE = table("voice")
_READ = 4000  # characters; whoever argues does so from the start
_LEAST, _SHARE = 2, 0.15  # sentences in the writer's own voice

_QUOTED = re.compile(
    r"“[^”]{0,800}”|\"[^\"\n]{0,800}\"|「[^」]{0,800}」|『[^』]{0,800}』|[“\"「][^”\"」\n]*$", re.MULTILINE
)
_OWN = re.compile(rf"\b(?:{'|'.join(_TABLE['own']['en'])})|{'|'.join(_TABLE['own']['zh'])}")
_ASKS = re.compile(r"[?？][”\"’')）]*\s*$")
_SOURCE = re.compile(
    rf"\b(?:{'|'.join(_TABLE['source']['en'])})\b|{alternatives(_TABLE['source']['zh'])}", re.IGNORECASE
)


def argues(text: str, language: str | None) -> str:
    """Return the words in which the writer speaks, "I think"; empty for a text whose writer stays out of it."""
    outside = sentences(_QUOTED.sub(" ", simplified(text[:_READ])), language)
    own = [
        match[0]
        for sentence in outside
        if (match := _OWN.search(sentence) or _ASKS.search(sentence)) and not _SOURCE.search(sentence)
    ]
    if len(own) < max(_LEAST, _SHARE * len(outside)):
        return ""
    return next((words.strip() for words in own if words.strip()[:1] not in {"?", "？"}), "?")


def names_source(lead: Sequence[str]) -> bool:
    """Tell whether a sentence says who says so: "police said", "according to the ministry", "据通报"."""
    return any(_SOURCE.search(simplified(sentence)) for sentence in lead)
