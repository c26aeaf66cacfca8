"""A page's headline, chosen among what it claims (metadata) and what it shows (its headings)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_PARTS = re.compile(r"\s+[|\-–—·•»«:/]+\s+|\s*[|｜»]\s*|\s*(?<!_)_(?!_)\s*|\s+-{1,2}\s+")  # "__" is part of a name
_SEPARATORS = " |-–—·•»«:：/｜_"
_WORD = re.compile(r"\w")
_WORDS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]|[^\\W_]+")
_LONGEST_SHOWN = 300
_ALIKE = 0.8  # share of common words that makes two headings one
_AGREE = 0.4  # share of common words that makes a shown heading the claimed headline
_TOUCH = 0.15  # share of common words that makes two headings speak of one thing
_AS_LONG = 0.6  # of the claim's words
_LEAST_WORDS = 3  # of a claim that is the heading without its kicker
_LONGEST_OUTLET = 5  # words
_LEAST_SITE = 3  # letters of a site's name that is cut off wherever it stands at an end


def choose(
    claims: Sequence[str], shown: Sequence[str], *, sites: Sequence[str] = (), lesser: Sequence[str] = ()
) -> str | None:
    """Choose the headline: the shown heading that agrees best with the claims, else the best claim.

    claims   what metadata says, the most reliable first; may end in the site's name
    shown    the page's main headings, in order
    sites    the site's names, which are no headlines
    lesser   its headings of the second rank, looked at where no main one is the headline
    Returns  text without the site's name; None when there is neither claim nor heading

    >>> choose(["Two charged over fire | The Daily Example"], ["The Daily Example", "Two charged over fire"])
    'Two charged over fire'
    """
    headings = [text for text in shown if _is_headline(text, claims, sites)]
    if not claims:
        return headings[0] if headings else None
    for ranked in (headings, lesser):
        if ranked is lesser:
            ranked = [text for text in lesser if _is_headline(text, claims, sites) and _is_end(text, claims)]
        scored = [(_agreement(text, claims), -number) for number, text in enumerate(ranked)]
        best, number = max(scored, default=(0.0, 0))
        if best >= _AGREE:
            return _without_name(_tidied(ranked[-number], claims), sites)
    if len(shown) == len(headings) == 1 and _is_retold(headings[0], claims):
        return headings[0]
    return _without_site(claims[0], claims, [*headings, *lesser], sites)


def outlet(page: str, title: str | None) -> str | None:
    """Name the outlet by what follows the headline in a page's title ("Two charged over fire - The Daily Example").

    page   the text of <title>
    title  the headline
    """
    if not title or not page.startswith(title):
        return None
    parts = [part.strip(_SEPARATORS) for part in _PARTS.split(page[len(title) :]) if _WORD.search(part)]
    is_apart = page[len(title) :].lstrip()[:1] in _SEPARATORS
    if not parts or not is_apart or len(_key(parts[-1])) > _LONGEST_OUTLET or any(map(str.isdigit, parts[-1])):
        return None
    return parts[-1]


def alike(a: str, b: str) -> bool:
    """Tell whether two headings say the same: most of their words in common."""
    first, second = set(_key(a[:_LONGEST_SHOWN])), set(_key(b[:_LONGEST_SHOWN]))
    return bool(first) and 2 * len(first & second) >= _ALIKE * (len(first) + len(second))


def _is_headline(text: str, claims: Sequence[str], sites: Sequence[str]) -> bool:
    """Tell whether a heading may be the headline: it is not too long, no styles, and not the site's name."""
    if len(text) > _LONGEST_SHOWN or "{" in text:
        return False
    key = _key(text)
    if not key or any(key == _key(site) for site in sites):
        return False
    return not _is_other_part(key, claims)


def _is_other_part(key: tuple[str, ...], claims: Sequence[str]) -> bool:
    """Tell whether a heading is what the page's title has besides the headline: its end, or what a claim lacks."""
    if not claims:
        return False
    parts = [_key(part) for part in _PARTS.split(claims[-1]) if part and _WORD.search(part)]
    if len(parts) > 1 and key == parts[-1] and len(parts[0]) > len(key):
        return True
    page = _key(claims[-1])
    rest = page[len(key) :] if page[: len(key)] == key else page[: -len(key)] if page[-len(key) :] == key else ()
    return len(rest) > 1 and any(_key(claim) == rest for claim in claims[:-1])


def _is_end(heading: str, claims: Sequence[str]) -> bool:
    """Tell whether a claim begins or ends with all of a heading."""
    own = _key(heading)
    return any(own in (words[: len(own)], words[-len(own) :]) for words in map(_key, claims))


def _is_retold(heading: str, claims: Sequence[str]) -> bool:
    """Tell whether a page's one main heading is its headline in other words than the claims: as long, on the same."""
    least = max(_LEAST_WORDS + 1, _AS_LONG * len(_key(claims[0])))
    return len(_key(heading)) >= least and _agreement(heading, claims) >= _TOUCH


def _is_any(text: str, sites: Iterable[str]) -> bool:
    key = _key(text)
    return any(key == _key(site) for site in sites)


@lru_cache(maxsize=256)
def _key(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(text.casefold()))


def _agreement(heading: str, claims: Sequence[str]) -> float:
    """Say how well a heading agrees with the nearest claim, 0..1: the words they share, of both and of its own."""
    own = set(_key(heading))
    best = 0.0
    for claim in dict.fromkeys(claims):
        other = set(_key(claim[:_LONGEST_SHOWN]))
        if own and other:
            common = len(own & other)
            best = max(best, common / (len(own) + len(other)) + common / len(own) / 2)
    return best


def _tidied(heading: str, claims: Sequence[str]) -> str:
    """Take off the heading what a claim goes without: a kicker ("Culture: ..."), or words glued to it."""
    own = "".join(_key(heading))
    best = heading
    for claim in claims:
        words = _key(claim)
        bare = "".join(words)
        if bare == own:
            return heading if words == _key(heading) else claim.strip()
        if best is heading and len(words) >= _LEAST_WORDS and 2 * len(bare) > len(own) and own.endswith(bare):
            best = claim.strip()
    return best


def _without_name(text: str, sites: Sequence[str]) -> str:
    """Cut the site's name off the end, where something parts them."""
    for site in sites:
        if len(site) >= _LEAST_SITE and len(text) > len(site) and text.casefold().endswith(site.casefold()):
            head = text[: -len(site)]
            if head.rstrip(" ")[-1:] in _SEPARATORS and head.rstrip(_SEPARATORS):
                return head.rstrip(_SEPARATORS)
    return text


def _without_site(claim: str, claims: Sequence[str], headings: Sequence[str], sites: Sequence[str]) -> str:
    """Cut the site's name off a claimed title."""
    parts = [part for part in _PARTS.split(claim) if part and _WORD.search(part)]
    if len(parts) < 2:
        return _without_name(claim.strip(), sites)
    if _is_any(parts[-1], sites):
        return _before(claim, parts[-1])
    if _is_any(parts[0], sites):
        return claim[claim.find(parts[1]) :].strip()
    for other in (*claims[1:], *headings):
        if len(_key(other)) >= 2 and claim.startswith(other):
            return other.strip()
    if len(_key(parts[-1])) <= 4 and len(_key(parts[-1])) * 2 < len(_key(claim)):
        return _before(claim, parts[-1])
    return _without_name(claim.strip(), sites)


def _before(claim: str, last: str) -> str:
    return claim[: claim.rfind(last)].rstrip(_SEPARATORS).strip()
