"""On which day a sentence says that something took place, seen from the day it was published.

Only the past counts: "will meet on Friday" is a plan, and plans are told by their words (see facts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a month or year, that a sentence names.

    first, last  what it may span: equal for a day
    at           where it is said, in characters
    """

    first: date
    last: date
    at: int

    @property
    def exact(self) -> date | None:
        """The day itself; None when only the month or the year is known."""
        return self.first if self.first == self.last else None


_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = rf"({'|'.join(_WEEKDAYS)})"
_COUNT = r"(a|an|one|two|three|four|five|six|seven|\d{1,2})"
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}

_CUE = re.compile(
    r"\d|\bago\b|\blast\b|day\b|\btonight\b|\bearlier\b|\bthis \w+ing\b"
    r"|\b(?:in|since|of|late|early|mid|until|during)[ -][JFMASOND]|[周期拜][一二三四五六日天]|[昨前今当上去]",
    re.IGNORECASE,
)  # most sentences name no day: one look spares them the rules

Rule = Callable[[re.Match[str], date], tuple[date, date] | None]


def days(text: str, published: date) -> tuple[Day, ...]:
    """Return the days that `text` names, in order, resolved against the day it was published.

    >>> days("Prosecutors dropped the case in September.", date(2021, 12, 12))[0].first
    datetime.date(2021, 9, 1)
    """
    found: list[Day] = []
    if _CUE.search(text) is None:
        return ()
    for pattern, rule in _RULES:
        for match in pattern.finditer(text):
            if any(day.at <= match.start() <= day.at + 10 for day in found):
                continue  # an earlier, more exact rule read it
            span = rule(match, published)
            if span is not None:
                found.append(Day(*span, match.start()))
    return tuple(sorted(found, key=lambda day: day.at))


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _calendar(year: int | None, month: int, day: int, published: date) -> tuple[date, date] | None:
    """Return the day; without a year, the one nearest to the publication, at most two months ahead of it."""
    if year is None:
        guess = _make(published.year, month, day)
        if guess is not None and guess > published + timedelta(days=62):
            guess = _make(published.year - 1, month, day)
    else:
        guess = _make(year, month, day)
    return None if guess is None else (guess, guess)


def _month(year: int | None, month: int, published: date) -> tuple[date, date] | None:
    if not 1 <= month <= 12:
        return None
    if year is None:
        year = published.year if month <= published.month else published.year - 1
    first = _make(year, month, 1)
    return None if first is None else (first, _end_of_month(first))


def _end_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower().rstrip(".")[:3]))


def _month_before(day: date, count: int = 1) -> tuple[date, date]:
    months = day.year * 12 + day.month - 1 - count
    first = date(max(1, months // 12), months % 12 + 1, 1)
    return first, _end_of_month(first)


def _year(year: int, _: date) -> tuple[date, date] | None:
    return (date(year, 1, 1), date(year, 12, 31)) if 1 <= year <= 9999 else None


def _weekday(match: re.Match[str], published: date) -> tuple[date, date]:
    back = (published.weekday() - _WEEKDAYS.index(match[2].lower())) % 7
    if match[1] and back == 0:
        back = 7
    day = published - timedelta(days=back)
    return day, day


def _han_weekday(match: re.Match[str], published: date) -> tuple[date, date]:
    number = "一二三四五六日天".index(match[2]) % 7 if match[2] != "天" else 6
    back = (published.weekday() - number) % 7
    if match[1]:
        back = published.weekday() + 7 - number
    day = published - timedelta(days=back)
    return day, day


def _han_day(match: re.Match[str], published: date) -> tuple[date, date] | None:
    day = int(match[1])
    guess = _make(published.year, published.month, day)
    if guess is None or guess > published + timedelta(days=3):
        first, _ = _month_before(published)
        guess = _make(first.year, first.month, day)
    return None if guess is None else (guess, guess)


def _ago(match: re.Match[str], published: date) -> tuple[date, date]:
    count = _COUNTS.get(match[1].lower()) or int(match[1])
    unit = match[2].lower().rstrip("s")
    if unit == "month":
        return _month_before(published, count)
    if unit == "year":
        return date(published.year - count, 1, 1), date(published.year - count, 12, 31)
    day = published - timedelta(days=count * (7 if unit == "week" else 1))
    return day, day


def _last(match: re.Match[str], published: date) -> tuple[date, date]:
    unit = match[1].lower()
    if unit in {"month", "个月", "月"}:
        return _month_before(published)
    if unit in {"year", "年"}:
        return date(published.year - 1, 1, 1), date(published.year - 1, 12, 31)
    start = published - timedelta(days=published.weekday() + 7)
    return start, start + timedelta(days=6)


def _back(count: int) -> Rule:
    return lambda _, published: (published - timedelta(days=count), published - timedelta(days=count))


def _last_year_month(match: re.Match[str], published: date) -> tuple[date, date] | None:
    year = published.year - (match[1] == "去")
    month = int(match[2])
    return _month(year, month, published)


def _integer(text: str | None) -> int | None:
    return int(text) if text else None


def _written(year: int, month: int, day: int) -> Rule:
    """Return the rule for a date whose parts stand in these groups of the pattern; the year may be missing."""
    return lambda m, published: _calendar(
        _integer(m[year]), int(m[month]) if m[month].isdigit() else _month_number(m[month]), int(m[day]), published
    )


def _month_of(year: int, month: int) -> Rule:
    """Return the rule for a month whose parts stand in these groups; year 0: it is not said."""
    return lambda m, published: _month(
        int(m[year]) if year else None, int(m[month]) if m[month].isdigit() else _month_number(m[month]), published
    )


def _plain_year(match: re.Match[str], published: date) -> tuple[date, date] | None:
    return _year(int(match[1]), published)


_YEAR = r"((?:19|20)\d\d)"
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(  # the exact ones first
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,?\s+{_YEAR})?", _written(3, 1, 2)),
        (rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+{_YEAR})?", _written(3, 2, 1)),
        (rf"\b{_YEAR}-(\d\d)-(\d\d)\b", _written(1, 2, 3)),
        (rf"(?:{_YEAR}年)?(\d{{1,2}})月(\d{{1,2}})[日号]", _written(1, 2, 3)),
        (rf"\b{_MONTH},?\s+{_YEAR}\b", _month_of(2, 1)),
        (rf"{_YEAR}年(\d{{1,2}})月(?!\d)", _month_of(1, 2)),
        (r"(今|去)年(\d{1,2})月(?!\d)", _last_year_month),
        (rf"\b(?:in|since|last|of|late|early|mid|until|during)[ -]+{_MONTH}(?!\s+\d)", _month_of(0, 1)),
        (rf"\b(last )?{_WEEKDAY}\b", _weekday),
        (r"(上)?(?:周|星期|礼拜)([一二三四五六日天])", _han_weekday),
        (r"\byesterday\b|昨[日天晚夜]", _back(1)),
        (r"前[日天]", _back(2)),
        (r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b|今[日天晚晨]|当日", _back(0)),
        (rf"\b{_COUNT} (days?|weeks?|months?|years?) (?:ago|earlier|before)\b", _ago),
        (r"\blast (week|month|year)\b", _last),
        (r"上(个月|月|周)(?![一二三四五六日天])", _last),
        (r"去(年)", _last),
        (r"(?<![\d月])(\d{1,2})[日号](?!线|楼|院|机)", _han_day),
        (r"(?<![\d年])(\d{1,2})月(?![\d份]*[日号])(?!\d)", _month_of(0, 1)),
        (rf"\b(?:in|since|of|from) {_YEAR}\b", _plain_year),
        (rf"{_YEAR}年", _plain_year),
    )
)
