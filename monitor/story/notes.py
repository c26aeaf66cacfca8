"""What an editor adds to a page: notes of correction and retraction, and lines that are furniture.

A note stands as a note: it begins its paragraph with a label ("Correction:", "更正："), or it is a sentence that opens
as such notes do ("An earlier version of this article …").  The word in running text makes none.  Words: notes.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..text import simplified
from .tables import table

_TABLE = table("notes")
_CORRECTION, _RETRACTION = "correction", "retraction"
_LONGEST_LINE = 300  # letters of furniture: nobody writes a report into one such line

# What may stand between a label and its colon: a day, in brackets or after a comma.
_BETWEEN = r"(?:\s*[(（\[][^()（）\[\]]{1,40}[)）\]]|,?\s(?=[^:：]*\d)[^:：]{1,24}(?=[:：]))?"
_BEGINS = r"^[\s*•·_#>\"“【\[(（—–-]*"
_MARK = r"\s*(?:[:：】\]]|[.。](?=\s|$)|\s?[—–]|-(?=\S|\s))"


def _all(lists: Mapping[str, Iterable[str]]) -> list[str]:
    return sorted({each for words in lists.values() for each in words}, key=len, reverse=True)


def _labels(words: Iterable[str]) -> re.Pattern[str]:
    forms = {re.escape(form) for word in words for form in (word, simplified(word))}
    return re.compile(rf"{_BEGINS}(?:{'|'.join(sorted(forms, key=len, reverse=True))}){_BETWEEN}{_MARK}", re.I)


def _openings(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"{_BEGINS}(?:{'|'.join(patterns)})", re.I)


def _within(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words), re.I)


# A retraction says more than a correction: it is looked for first.
_LABELS = {kind: _labels(_all(_TABLE["labels"][kind])) for kind in (_RETRACTION, _CORRECTION)}
_SENTENCES = {kind: _openings(_all(_TABLE["sentences"][kind])) for kind in (_RETRACTION, _CORRECTION)}
_EDITOR = _labels(_TABLE["editor"]["labels"])
_SAYS = {_RETRACTION: _within(_TABLE["editor"]["retracts"]), _CORRECTION: _within(_TABLE["editor"]["corrects"])}
_FURNITURE = re.compile(rf"[\s*•·|]*(?:{'|'.join(_TABLE['furniture']['lines'])})\s*", re.I)


def note(paragraph: str) -> str | None:
    """Return "correction" or "retraction" for a paragraph that is such a note; None for any other.

    >>> note("Correction: Mr Renner is 54, not 45."), note("The correction took four weeks.")
    ('correction', None)
    """
    text = _plain(paragraph)
    for kinds in (_LABELS, _SENTENCES):
        for kind, pattern in kinds.items():
            if pattern.search(text):
                return kind
    return next((kind for kind, says in _SAYS.items() if says.search(text)), None) if _EDITOR.search(text) else None


def opens_as_note(sentence: str) -> str | None:
    """Return the kind of note that a sentence within a paragraph is, by how it opens; None: it is none."""
    text = _plain(sentence)
    return next((kind for kind, pattern in _SENTENCES.items() if pattern.search(text)), None)


def is_furniture(line: str) -> bool:
    """Tell whether a line is no part of the report: when it was updated, counters, cookies, links to read more."""
    return len(line) <= _LONGEST_LINE and _FURNITURE.fullmatch(_plain(line)) is not None


def _plain(text: str) -> str:
    """Return text in one script of Chinese, with one shape of blanks and apostrophes."""
    return simplified(" ".join(text.replace("’", "'").split()))
