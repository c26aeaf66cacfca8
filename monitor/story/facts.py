"""What a sentence says happened: which kind of event, to whom, how much, when, and how certain.

The kinds and their words are data (data/events.toml), read once with the package.  Facts of different languages are
compared through them: the kind, amounts in one notation (quantities.py), days (days.py) and name keys (names.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from ..text import simplified
from .days import Day, days
from .names import Name, fold_name, names
from .quantities import Quantity, quantities
from .tables import alternatives, table

RECENT = timedelta(days=3)  # a report tells what took place on its day or shortly before; what is older is a recap


class Status(StrEnum):
    """How certain a sentence is of an event."""

    DONE = "done"
    PLANNED = "planned"
    ALLEGED = "alleged"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a sentence.

    kind     a class of data/events.toml
    who      keys of names ("holmes") and roles ("@manager", "@employees") that it happens to; empty: not told
    amounts  (value, unit) pairs told with it
    at       where its words stand, in characters
    by       keys of the names that do it, in the active voice; empty: not told
    """

    kind: str
    status: Status
    who: frozenset[str] = frozenset()
    amounts: frozenset[tuple[float, str]] = frozenset()
    at: int = 0
    by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a sentence says.

    names        keys of all names in it
    happened_on  the day that it names; None: none, or only a month or a year
    past         the words that date it before the news ("last month"); None: it tells the news
    """

    events: tuple[Event, ...] = ()
    names: frozenset[str] = frozenset()
    amounts: frozenset[tuple[float, str]] = frozenset()
    happened_on: date | None = None
    past: str | None = None


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    who: str = "none"
    announced: bool = False
    scenery: bool = False
    undoes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The compiled events.toml: English phrases by first word, Chinese phrases by first character, longest first."""

    classes: Mapping[str, _Class] = field(default_factory=dict)
    english: Mapping[str, Sequence[tuple[tuple[frozenset[str] | None, ...], str]]] = field(default_factory=dict)
    chinese: Mapping[str, Sequence[tuple[re.Pattern[str], str]]] = field(default_factory=dict)


_GAP = 3  # words that a * may stand for
_VOWELS = "aeiou"


def _forms(word: str) -> Iterator[str]:
    """Yield the regular forms of a verb: approve, approves, approved, approving."""
    yield word
    if word.endswith("y") and word[-2] not in _VOWELS:
        yield from (word[:-1] + "ies", word[:-1] + "ied", word + "ing")
    elif word.endswith("e"):
        yield from (word + "s", word + "d", word[:-1] + "ing")
    else:
        yield from (word + ("es" if word.endswith(("s", "sh", "ch", "x")) else "s"), word + "ed", word + "ing")


def _options(word: str) -> frozenset[str]:
    return frozenset(form for one in word.split("|") for form in (_forms(one[:-1]) if one.endswith("~") else (one,)))


def _compile(table: Mapping[str, Any]) -> _Lexicon:
    english: dict[str, list[tuple[tuple[frozenset[str] | None, ...], str]]] = {}
    chinese: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    classes = {}
    for name, row in table.items():
        classes[name] = _Class(
            name,
            row["who"],
            announced=row.get("announced", False),
            scenery=row.get("scenery", False),
            undoes=frozenset(row.get("undoes", ())),
        )
        for phrase in row["en"]:
            words = tuple(None if word == "*" else _options(word) for word in phrase.split())
            for first in words[0] or ():
                english.setdefault(first, []).append((words, name))
        for phrase in row["zh"]:
            pattern = re.compile(re.escape(phrase).replace(r"\*", "[^，。；]{0,24}?"))
            chinese.setdefault(phrase[0], []).append((pattern, name))
    for phrases in english.values():
        phrases.sort(key=lambda pair: -len(pair[0]))
    for patterns in chinese.values():
        patterns.sort(key=lambda pair: -len(pair[0].pattern))
    return _Lexicon(classes, english, chinese)


_LEXICON = _compile(table("events"))
KINDS = frozenset(_LEXICON.classes)
_CHINESE_FIRST = re.compile(f"[{re.escape(''.join(_LEXICON.chinese))}]")


def undone_by(kind: str) -> frozenset[str]:
    """Return the kinds of events whose effect an event of this kind takes back."""
    return _LEXICON.classes[kind].undoes


def is_scenery(kind: str) -> bool:
    """Tell whether events of this kind are often named as what a story is about, not as what is new in it."""
    return _LEXICON.classes[kind].scenery


# ----------------------------------------------------------------------------------------------- roles, how certain

_WORDS = table("words")


def _english_roles() -> dict[str, str]:
    singular = {word: role for role, row in _WORDS["roles"].items() for word in row["en"].split()}
    plural = {word + "s": role + "s" for word, role in singular.items()}
    return singular | plural | {word: role + "s" for word, role in _WORDS["plurals"].items()}


_ROLE_OF_WORD = _english_roles()
_CHINESE_ROLES = {word: role for role, row in _WORDS["roles"].items() for word in row["zh"].split()}
_CHINESE_ROLE = re.compile(alternatives(" ".join(_CHINESE_ROLES)))
_CHINESE_PLURAL = re.compile(r"(?:[二两三四五六七八九十数百千\d]+(?:名|位|个)|多名|多位|数名|等)[^，。；]{0,4}$")

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[.;:?!,]")
_CLAUSE_ENDS = frozenset(".;:?!")
_HALTS = frozenset(_WORDS["halts"]["en"].split())
_PASSIVE = frozenset(_WORDS["passive"]["en"].split())
_PLANNED = frozenset(_WORDS["planned"]["en"].split())
_DENIED = frozenset(_WORDS["denied"]["en"].split())
_STATUS_WORDS = (  # the words, how many before the verb are looked at, and what they make of it
    (_DENIED, 3, Status.DENIED),
    (frozenset(_WORDS["planned"]["near"].split()), 2, Status.PLANNED),
    (_PLANNED, 4, Status.PLANNED),
    (frozenset(_WORDS["alleged"]["en"].split()), 7, Status.ALLEGED),
)
_CHINESE_STATUS = tuple(  # the same, with characters
    (re.compile(rf"(?:{alternatives(_WORDS[name]['zh'])})[^，。；]{{0,{reach}}}$"), status)
    for name, reach, status in (
        ("denied", 2, Status.DENIED),
        ("planned", 4, Status.PLANNED),
        ("alleged", 8, Status.ALLEGED),
    )
)
_PAST = re.compile("|".join((*_WORDS["past"]["en"], *_WORDS["past"]["zh"])), re.IGNORECASE)


# ------------------------------------------------------------------------------------------------- reading a sentence


def facts(
    sentence: str, published: date | None, *, headline: bool = False, known_names: Container[str] = frozenset()
) -> Facts:
    """Return what `sentence` says happened, seen from the day it was published.

    published    None: days are not resolved
    headline     it is one (its capitals may tell nothing)
    known_names  keys of names met elsewhere in the story
    """
    return _facts(simplified(sentence), published, headline, known_names)


def _facts(text: str, published: date | None, headline: bool, known_names: Container[str]) -> Facts:
    named = names(text, headline=headline, known=known_names)
    amounts = quantities(text)
    when = days(text, published) if published is not None else ()
    triggers = sorted((*_english_triggers(text), *_chinese_triggers(text)))
    people = _people(text, named)
    triggers = [
        one for one in triggers if headline or not any(name.at <= one[0] < name.at + len(name.text) for name in named)
    ]
    events = _merged(
        Event(
            kind,
            _status(text, start, kind),
            _who(text, start, end, kind, people, triggers),
            _near(amounts, start, triggers),
            start,
            _by(text, start, kind, named, triggers),
        )
        for start, end, kind in triggers
    )
    exact = [day.exact for day in when if day.exact is not None and published is not None and day.exact <= published]
    return Facts(
        events=events,
        names=frozenset(key for name in named for key in name.keys),
        amounts=frozenset((q.value, q.unit) for q in amounts),
        happened_on=max(exact, default=None),
        past=_past(text, when, published, events),
    )


def _merged(events: Iterable[Event]) -> tuple[Event, ...]:
    """Join what a sentence says twice of one event: "sentenced a man to 18 months in prison"."""
    kept: list[Event] = []
    for event in events:
        for i, other in enumerate(kept):
            if other.kind == event.kind and (not other.who or not event.who or other.who & event.who):
                status = Status.DONE if Status.DONE in {other.status, event.status} else other.status
                kept[i] = replace(
                    other,
                    status=status,
                    who=other.who | event.who,
                    amounts=other.amounts | event.amounts,
                    by=other.by | event.by,
                )
                break
        else:
            kept.append(event)
    return tuple(kept)


def _english_triggers(text: str) -> list[tuple[int, int, str]]:
    words = [(match[0].lower().replace("’", "'"), match.start(), match.end()) for match in _WORD.finditer(text)]
    plain = [word for word, _, _ in words]
    found: list[tuple[int, int, str]] = []
    skip_to = 0
    for i, word in enumerate(plain):
        if i < skip_to:
            continue
        for phrase, kind in _LEXICON.english.get(word, ()):
            end = _match(phrase, plain, i)
            if end:
                found.append((words[i][1], words[end - 1][2], kind))
                skip_to = end if None not in phrase else i + 1
                break
    return _outermost(found)


def _match(phrase: Sequence[frozenset[str] | None], words: Sequence[str], i: int) -> int:
    """Return the index after the phrase that starts at word `i`; 0 when it does not."""
    gap = 0
    for part in phrase:
        if part is None:
            gap = _GAP
            continue
        for skipped in range(gap + 1):
            at = i + skipped
            if at >= len(words) or (words[at] in _CLAUSE_ENDS):
                return 0
            if words[at] in part:
                i = at + 1
                break
        else:
            return 0
        gap = 0
    return i


def _chinese_triggers(text: str) -> list[tuple[int, int, str]]:
    found = []
    skip_to = 0
    for first in _CHINESE_FIRST.finditer(text):
        i = first.start()
        if i < skip_to:
            continue
        for pattern, kind in _LEXICON.chinese[first[0]]:
            match = pattern.match(text, i)
            if match is not None:
                found.append((i, match.end(), kind))
                skip_to = match.end()
                break
    return found


def _outermost(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Drop what lies inside a longer phrase: the arrest in "will not approve the arrest" is none."""
    return [
        one
        for one in found
        if not any(other is not one and other[0] <= one[0] and one[1] <= other[1] for other in found)
    ]


def _status(text: str, start: int, kind: str) -> Status:
    found = certainty(text, start)
    return Status.DONE if found is Status.PLANNED and _LEXICON.classes[kind].announced else found


def certainty(text: str, start: int) -> Status:
    """Return how certain `text` is of what its words from character `start` on say."""
    before = text[max(0, start - 80) : start]
    words = _WORD.findall(before.lower().replace("’", "'"))
    ends = [i for i, word in enumerate(words) if word in _CLAUSE_ENDS]
    words = words[ends[-1] + 1 :] if ends else words
    for cues, reach, status in _STATUS_WORDS:
        if any(word in cues for word in words[-reach:]):
            return status
    for pattern, status in _CHINESE_STATUS:
        if pattern.search(before):
            return status
    return Status.DONE


_AWAITED = re.compile(rf"^[^，。；]{{0,4}}(?:{alternatives(_WORDS['awaited']['zh'])})")


def awaited(text: str, end: int) -> bool:
    """Tell whether what follows character `end` puts what stands before it ahead: "results will be announced"."""
    after = text[end : end + 60]
    return any(word in _PLANNED | _DENIED for word in _WORD.findall(after.lower())[:3]) or bool(_AWAITED.match(after))


def _people(text: str, named: Sequence[Name]) -> list[tuple[int, frozenset[str]]]:
    """Return where names and roles stand, with their keys; not those that only say whose ("the woman's manager")."""
    found = [(name.at, name.at + len(name.text), name.keys) for name in named]
    for match in _WORD.finditer(text):
        role = _ROLE_OF_WORD.get(fold_name(match[0]))
        if role is not None:
            found.append((match.start(), match.end(), frozenset((role,))))
    for match in _CHINESE_ROLE.finditer(text):
        plural = "s" if _CHINESE_PLURAL.search(text[max(0, match.start() - 10) : match.start()]) else ""
        found.append((match.start(), match.end(), frozenset((_CHINESE_ROLES[match[0]] + plural,))))
    return sorted(
        (
            (start, keys)
            for start, end, keys in found
            if not _POSSESSIVE.search(text[start:end]) and text[end : end + 1] != "的"
        ),
        key=lambda pair: pair[0],
    )


_POSSESSIVE = re.compile(r"['’]s$")


def _who(
    text: str,
    start: int,
    end: int,
    kind: str,
    people: Sequence[tuple[int, frozenset[str]]],
    triggers: Sequence[tuple[int, int, str]],
) -> frozenset[str]:
    """Return whom it happens to: what stands after the verb, or before it when that is passive or has no object."""
    side = _LEXICON.classes[kind].who
    if side == "none":
        return frozenset()
    left = max((stop for _, stop, _ in triggers if stop <= start), default=0)
    right = min((begin for begin, _, _ in triggers if begin >= end), default=len(text))
    after = _until_halt(text, end, right)
    behind = frozenset(key for at, keys in people if end <= at < after for key in keys)
    ahead = frozenset(key for at, keys in people if left <= at < start for key in keys)
    if side == "subject" or _is_passive(text, start):
        return ahead or behind
    return behind if _ACTS.fullmatch(text, start, end) else behind or ahead


_ACTS = re.compile(r"[a-z]+s", re.IGNORECASE)  # "jails": what stands before it does it


def _by(
    text: str, start: int, kind: str, named: Sequence[Name], triggers: Sequence[tuple[int, int, str]]
) -> frozenset[str]:
    """Return who does it: the names before a verb in the active voice."""
    if _LEXICON.classes[kind].who != "object" or not text[start].isascii() or _is_passive(text, start):
        return frozenset()  # in Chinese, whom it happens to may stand before the verb too
    left = max((stop for _, stop, _ in triggers if stop <= start), default=0)
    return frozenset(key for name in named if left <= name.at < start for key in name.keys)


def _until_halt(text: str, start: int, end: int) -> int:
    for match in _WORD.finditer(text, start, end):
        if match[0] in _CLAUSE_ENDS or match[0].lower() in _HALTS:
            return match.start()
    halt = re.compile("[，。；：]").search(text, start, end)
    return halt.start() if halt else end


def _is_passive(text: str, start: int) -> bool:
    before = text[max(0, start - 30) : start]
    if re.search(r"[被遭获受][^，。；]{0,6}$", before):
        return True
    return any(word in _PASSIVE for word in _WORD.findall(before.lower())[-3:])


def _near(
    amounts: Sequence[Quantity], start: int, triggers: Sequence[tuple[int, int, str]]
) -> frozenset[tuple[float, str]]:
    """Return the amounts to which this event is the nearest one told."""
    return frozenset(
        (q.value, q.unit)
        for q in amounts
        if min((abs(q.at - begin) for begin, _, _ in triggers), default=0) == abs(q.at - start)
    )


def _past(text: str, when: Sequence[Day], published: date | None, events: Sequence[Event]) -> str | None:
    """Return the words that date a sentence before its news: an older day, month or year, or one like "earlier"."""
    if published is not None and when:
        if any(
            day.last >= published - RECENT and day.first <= published and (day.last - day.first).days < 7
            for day in when
        ):
            return None
        old = [day for day in when if day.last < published - RECENT]
        if old:
            return str(old[-1].exact or f"{old[-1].first:%Y-%m}")
    match = _PAST.search(text)
    return match[0].strip() if match else None
