"""Compile what a person looks for, names and regexes, into patterns that search an article fast and in bounded time.

A regex can take longer than the age of the universe on a single line, and Python's `re` cannot be interrupted.  So a
repeat over something that can itself match in several ways, as in `(a+)+`, is refused when it is read, and the text is
searched in pieces of 1,000 characters, of which the first 50,000 are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

REGEX_LOOKS_AT = 50_000
REGEX_PIECE = 1_000
REGEX_OVERLAP = 200  # what stands across the border of two pieces is still found when it is shorter than this

_ACCENTS = re.compile("[\u0300-\u036f]+")
_ALIKE = (("’", "'"), ("‘", "'"), ("–", "-"), ("—", "-"), ("“", '"'), ("”", '"'), ("…", "..."), ("\u00a0", " "))
_STROKES = (("ł", "l"), ("ø", "o"), ("đ", "d"), ("ı", "i"), ("æ", "ae"), ("œ", "oe"))  # no accents to Unicode

# Thai and Lao, Burmese, Korean (whole and in parts), Khmer, kana, Han: scripts that put no space around each word.
_JOINING = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_JOINS_WORDS = re.compile(f"[{_JOINING}]")
_LETTER = f"[^\\W{_JOINING}]"  # a Latin name inside a Chinese sentence is still a whole word
_REST_OF_SYLLABLE = "[\u1161-\u11ff\u3099\u309a]"  # folding takes Korean and Japanese syllables apart
_GAP = r"[\s\-\u2010-\u2015]"


class BadRegex(ValueError):
    """Say why a regex is not taken.

    position    of the offending character in the regex, counted from 0
    """

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position


def fold(text: str) -> str:
    """Take away what is not compared: case, accents, width, the shape of quotes and dashes."""
    for shape, plain in () if text.isascii() else _ALIKE:
        text = text.replace(shape, plain)
    if text.isascii():
        return text.lower()
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    for stroke, plain in _STROKES:
        text = text.replace(stroke, plain)
    return text


def name(text: str, prefix: bool = False) -> re.Pattern[str]:
    """Compile a word or a phrase, to be searched in folded text.

    prefix   the last word may go on
    Returns  a pattern for whole words; in scripts that put no spaces between words, for the letters wherever they stand
    """
    folded = fold(text)
    pieces = [re.escape(piece) for piece in re.split(f"{_GAP}+", folded) if piece] or [re.escape(folded)]
    if _JOINS_WORDS.search(folded):
        return re.compile(f"{_GAP}*".join(pieces) + ("" if prefix else f"(?!{_REST_OF_SYLLABLE})"))
    first, *others = pieces
    # The look-behind stands after the word it guards: so the search skips to the word's first letters at full speed.
    rest = "".join(f"{_GAP}+{piece}" for piece in others)
    return re.compile(f"{first}(?<!{_LETTER}{first}){rest}" + ("" if prefix else f"(?!{_LETTER})"))


def finder(text: str, prefix: bool = False) -> Callable[[str], object]:
    """Return a function that searches folded text for a name.

    The pattern is compiled at the first search: most commands read the config and search nothing.
    """
    pattern = cache(lambda: name(text, prefix))
    return lambda folded: pattern().search(folded)


def regex(source: str) -> re.Pattern[str]:
    """Compile a user's regex, without regard to case, `^` and `$` at each line.

    Raises   BadRegex if it cannot be read, or could take for ever
    """
    try:
        pattern = re.compile(source, re.IGNORECASE | re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadRegex(getattr(error, "pos", None) or 0, f"this regex cannot be read: {error}") from error
    if (place := _explosive(source)) is not None:
        why = (
            "this repeat runs over something that can itself match in several ways, as in (a+)+, and could take for "
            f"ever; give it a limit of at most {_FEW}, as in (a+){{1,{_FEW}}}"
        )
        raise BadRegex(place, why)
    return pattern


def searched(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a user's regex is found in `text`, looking only as far as the time is bounded."""
    ends = min(len(text), REGEX_LOOKS_AT)
    starts = range(0, max(ends - REGEX_OVERLAP, 1), REGEX_PIECE - REGEX_OVERLAP)
    return any(pattern.search(text[start : min(start + REGEX_PIECE, ends)]) for start in starts)


_PARTS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<open>\(\??)|(?P<close>\))|(?P<choice>\|)"
    r"|(?P<repeat>[*+?]|\{(?P<least>\d*)(?P<most>,\d*)?\})|.",
    re.DOTALL,
)
_FEW = 10  # a repeat of at most this many rounds is not seen as one without end


def _explosive(source: str) -> int | None:
    """Find the repeat, without a small limit, of a group that can match in more than one way; None: there is none."""
    groups = [False]  # for each open group: can it match the same text in more than one way?
    closed = False  # the same, of the group that has just been closed
    for part in _PARTS.finditer(source):
        kind = part.lastgroup
        if kind == "repeat" and closed and _rounds(part) > _FEW:
            return part.start()
        if kind == "open":
            groups.append(False)
        elif kind == "choice" or (kind == "repeat" and not _exact(part)):
            groups[-1] = True
        closed = kind == "close" and groups.pop()
        groups[-1] |= closed
    return None


def _exact(repeat: re.Match[str]) -> bool:
    return repeat["least"] is not None and repeat["most"] is None


def _rounds(repeat: re.Match[str]) -> float:
    if repeat["least"] is None:
        return 1 if repeat[0] == "?" else float("inf")
    most = repeat["least"] if repeat["most"] is None else repeat["most"].removeprefix(",")
    return int(most) if most else float("inf")
