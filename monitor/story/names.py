"""Who and what a sentence names, as keys that are the same in English and in Chinese where that can be told cheaply.

A key is one folded word: the words of a capitalised name ("elizabeth", "holmes"), or the romanised surname of a Chinese
one ("王某文" and "Wang" are both "wang").  Two mentions may be the same when they share a key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass

from .tables import alternatives, table


@dataclass(frozen=True, slots=True)
class Name:
    """A name, its keys, and where it stands in the sentence (characters)."""

    text: str
    keys: frozenset[str]
    at: int


_TABLE = table("names")
_SURNAMES: dict[str, str] = dict(pair.split(":") for pair in _TABLE["surnames"].split())
_ROMAN_SURNAMES = frozenset(_SURNAMES.values()) - frozenset(_TABLE["ambiguous"].split())
_NOT_NAMES = frozenset(_TABLE["not_names"].split())

_UPPER = "A-ZÀ-ÖØ-ÞŁŚŠŽŻČĐİΑ-ΩА-Я"
_LETTER = r"[^\W\d_㐀-鿿぀-ヿ가-힯]"
_CAPITALISED = re.compile(
    rf"\b[{_UPPER}](?:{_LETTER}|['’.-](?={_LETTER}))*\.?"
    rf"(?:\s+(?:(?:al|bin|de|del|della|der|di|el|la|le|van|von)\s+)?[{_UPPER}](?:{_LETTER}|['’.-](?={_LETTER}))*\.?(?=\W|$))*"
)
_WORD = re.compile(rf"{_LETTER}+(?:['’-]{_LETTER}+)*")
_TITLE_WORDS = re.compile(r"[^\W\d_]+")
_HAN_MASKED = re.compile(rf"([{''.join(_SURNAMES)}])(某[某一-鿿](?=[、，。：；（）\s]|$)|某|姓)")
# What goes with persons: words before a Chinese name, and characters and verbs behind one.
BEFORE_HAN = alternatives(_TABLE["roles"])
BEHIND_HAN = "[在被称说表因已向与和于及将等的对从公发回宣承否涉引辞]"
VERBS_HAN = alternatives(_TABLE["verbs"])

_HAN_NAME = rf"([{''.join(_SURNAMES)}][一-鿿]{{1,2}}?)"
_HAN_AFTER_ROLE = re.compile(rf"(?:{BEFORE_HAN}){_HAN_NAME}(?=[一-鿿]?[、，。：；“”（）\s]|{BEHIND_HAN})")
_HAN_SAYS = re.compile(rf"(?:^|[，。、；：“”（）\s和与对]){_HAN_NAME}(?={VERBS_HAN})")


def names(text: str, *, headline: bool = False, known: Container[str] = frozenset()) -> tuple[Name, ...]:
    """Return the names in `text`, in order.

    headline   its words are all capitalised in some papers: then only what is `known` counts, and Chinese names
    known      keys met elsewhere, where capitals do tell; the first word of a sentence is a name only if it is one
    """
    found = _known_words(text, known) if headline and _title_cased(text) else _latin(text, known)
    return tuple(sorted((*found, *_han(text)), key=lambda name: name.at))


def fold_name(word: str) -> str:
    """Return a word of a name as its key: lower case, without accents and possessive."""
    word = re.sub(r"['’]s$", "", word)
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def romanised(text: str) -> str | None:
    """Return the Latin spelling of the surname a Chinese name starts with; None when it starts with none."""
    surname = _SURNAMES.get(text[:1])
    return None if surname is None else fold_name(surname)


def _title_cased(text: str) -> bool:
    words = [word for word in _TITLE_WORDS.findall(text) if len(word) > 3]
    return len(words) > 1 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def _known_words(text: str, known: Container[str]) -> list[Name]:
    folded = ((match, fold_name(match[0])) for match in _WORD.finditer(text))
    return [Name(match[0], frozenset((key,)), match.start()) for match, key in folded if key in known]


def _latin(text: str, known: Container[str]) -> list[Name]:
    found = []
    for run in _CAPITALISED.finditer(text):
        words = [(fold_name(word[0]), word.start()) for word in _WORD.finditer(run[0])]
        while words and words[0][0] in _NOT_NAMES:  # "The Alibaba", "Chief Executive Daniel Zhang"
            words.pop(0)
        keys = frozenset(word for word, _ in words if word not in _NOT_NAMES and len(word) > 1 and word != "hr")
        starts = words and words[0][1] == 0 and not text[: run.start()].strip(_QUOTES)
        if not keys or (starts and len(words) == 1 and not keys & _ROMAN_SURNAMES and words[0][0] not in known):
            continue  # any word is capitalised there
        at = run.start() + words[0][1]
        found.append(Name(text[at : run.end()].rstrip("."), keys, at))
    return found


_QUOTES = " \t\"'“”‘’«»„()[]—–-"


def _han(text: str) -> list[Name]:
    found: dict[int, Name] = {}
    for pattern in (_HAN_MASKED, _HAN_AFTER_ROLE, _HAN_SAYS):
        for match in pattern.finditer(text):
            roman = romanised(match[1])
            if roman is not None:
                whole = match[0] if pattern is _HAN_MASKED else match[1]
                found.setdefault(match.start(1), Name(whole, frozenset((roman,)), match.start(1)))
    return list(found.values())
