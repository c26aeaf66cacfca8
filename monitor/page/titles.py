"""A page's headline, chosen among what it claims (metadata) and what it shows (<h1>)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARTS = re.compile(r"\s+[|\-–—·•»«:/]+\s+|\s*[|｜_»]\s*|\s+-{1,2}\s+")
_WORD = re.compile(r"\w")
_WORDS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]|[^\\W_]+")
_LONGEST_SHOWN = 300
_ALIKE = 0.8  # share of common words that makes two headings one
_AGREE = 0.4  # share of common words that makes a shown heading the claimed headline


def choose(claims: Sequence[str], shown: Sequence[str], *, site: str | None = None) -> str | None:
    """Choose the headline: the shown heading that agrees best with the claims, else the best claim.

    claims   what metadata says, the most reliable first; may end in the site's name
    shown    the page's main headings, in order
    site     the site's name, which is no headline
    Returns  text without the site's name; None when there is neither claim nor heading

    >>> choose(["Two charged over fire | The Daily Example"], ["The Daily Example", "Two charged over fire"])
    'Two charged over fire'
    """
    headings = [text for text in shown if len(text) <= _LONGEST_SHOWN and not _same(text, site)]
    if not claims:
        return headings[0] if headings else None
    scored = [(_agreement(text, claims), -number) for number, text in enumerate(headings)]
    best, number = max(scored, default=(0.0, 0))
    if best >= _AGREE:
        heading = headings[-number]
        return _tidied(heading, claims)
    return _without_site(claims[0], claims, headings, site)


def alike(a: str, b: str) -> bool:
    """Tell whether two headings say the same: most of their words in common."""
    first, second = set(_key(a[:_LONGEST_SHOWN])), set(_key(b[:_LONGEST_SHOWN]))
    return bool(first) and 2 * len(first & second) >= _ALIKE * (len(first) + len(second))


def _same(a: str, b: str | None) -> bool:
    return b is not None and _key(a) == _key(b)


def _key(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(text.casefold()))


def _agreement(heading: str, claims: Sequence[str]) -> float:
    """Say how well a heading agrees with the nearest claim, 0..1: the words they share, of both and of its own."""
    own = set(_key(heading))
    best = 0.0
    for claim in claims:
        other = set(_key(claim[:_LONGEST_SHOWN]))
        if own and other:
            common = len(own & other)
            best = max(best, common / (len(own) + len(other)) + common / len(own) / 2)
    return best


def _tidied(heading: str, claims: Sequence[str]) -> str:
    """Take a kicker off the heading ("Culture: ...") when the page's first claim goes without."""
    own, claim = _key(heading), _key(claims[0])
    longer = len(own) - len(claim)
    if claim and 0 < longer <= len(claim) and own[-len(claim) :] == claim:
        return claims[0].strip()
    return heading


def _without_site(claim: str, claims: Sequence[str], headings: Sequence[str], site: str | None) -> str:
    """Cut the site's name off a claimed title."""
    parts = [part for part in _PARTS.split(claim) if part and _WORD.search(part)]
    if len(parts) < 2:
        return claim.strip()
    if _same(parts[-1], site):
        return _before(claim, parts[-1])
    if _same(parts[0], site):
        return claim[claim.find(parts[1]) :].strip()
    for other in (*claims[1:], *headings):
        if len(_key(other)) >= 2 and claim.startswith(other) and len(other) < len(claim):
            return other.strip()
    if len(_key(parts[-1])) <= 4 and len(_key(parts[-1])) * 2 < len(_key(claim)):
        return _before(claim, parts[-1])
    return claim.strip()


def _before(claim: str, last: str) -> str:
    return claim[: claim.rfind(last)].rstrip(" |-–—·•»«:/｜_").strip()
