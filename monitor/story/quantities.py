"""Amounts that a sentence tells, in one notation for all languages: "18 months" and "一年六个月" are the same.

Years, dates, clock times and ordinals are no amounts: they say when, or which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .tables import table


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of what.

    value   in `unit`; thousands, millions, dozens, 万 and 亿 are multiplied out
    unit    "people", "%", "day" (weeks are 7), "month" (years are 12), "hour", a currency ("usd"), a counted noun in
            the singular ("count"), or "" when nothing says what is counted
    at      where it starts, in characters
    """

    value: float
    unit: str
    at: int


_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: float(n) for n, word in enumerate(_ONES)} | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9,
    "trillion": 1e12, "k": 1e3, "dozens": 12.0, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9,
}  # fmt: skip
_CURRENCIES = {
    "$": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "usd": "usd", "€": "eur", "euro": "eur",
    "euros": "eur", "£": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "cny", "yuan": "cny", "rmb": "cny",
    "renminbi": "cny", "yen": "jpy", "hk$": "hkd", "rupees": "inr", "won": "krw", "rubles": "rub", "roubles": "rub",
}  # fmt: skip
_TIMES = {  # unit, and how many of it
    "day": ("day", 1), "days": ("day", 1), "week": ("day", 7), "weeks": ("day", 7), "month": ("month", 1),
    "months": ("month", 1), "year": ("month", 12), "years": ("month", 12), "hour": ("hour", 1), "hours": ("hour", 1),
}  # fmt: skip
_COUNTED = table("words")["counted"]
_PEOPLE = frozenset(_COUNTED["people"].split())
_NO_UNIT = frozenset(_COUNTED["nothing"].split())

_NUMBER = "|".join(
    [
        r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?",
        rf"(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?",
        "|".join(sorted(_ONES, key=len, reverse=True)),
        "dozens|hundreds|thousands|millions|billions",
    ]
)
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_ENGLISH = re.compile(
    rf"(?<![\w.,:/-])(?P<sign>us\$|hk\$|[$€£¥])?\s?(?P<number>{_NUMBER})(?![\d:/]|\.\d)"
    rf"(?P<more>(?:[- ]?(?:{_SCALE})\b)*)"
    r"(?P<percent>\s?%|[- ]per ?cent\b)?(?:[- ](?P<first>[a-z]+))?(?:[- ](?P<second>[a-z]+))?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.I)
_MONTHS = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s*$", re.IGNORECASE
)  # "August 9" is a day
_MONTH_AFTER = re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$", re.IGNORECASE)

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?[百千]?|[零〇一二两三四五六七八九十百千]+)"
_HAN_PEOPLE = "名位人"
_HAN_MONEY = {
    "美元": "usd",
    "美金": "usd",
    "人民币": "cny",
    "元": "cny",
    "欧元": "eur",
    "英镑": "gbp",
    "日元": "jpy",
    "港元": "hkd",
    "韩元": "krw",
}
_HAN_TIMES = {
    "年": ("month", 12),
    "个月": ("month", 1),
    "个多月": ("month", 1),
    "周": ("day", 7),
    "天": ("day", 1),
    "日": ("day", 1),
    "小时": ("hour", 1),
}
_HAN_UNITS = {"项": "count", "起": "case", "例": "case", "辆": "vehicle", "架": "aircraft", "艘": "ship", "级": "magnitude", "票": "vote", "岁": "age", "家": "firm", "次": "time", "公里": "km", "米": "m", "吨": "ton", "倍": "times", "分": "point", "枚": "medal", "场": "match", "亩": "mu", "户": "household", "部": "piece", "件": "item", "条": "item"}  # fmt: skip # noqa: E501
_HAN_UNIT = "|".join(sorted([*_HAN_MONEY, *_HAN_TIMES, *_HAN_UNITS, *_HAN_PEOPLE], key=len, reverse=True))
_HAN = re.compile(
    rf"(?<![\d.第年])(?P<percent>百分之)?(?P<number>{_HAN_NUMBER})(?P<scale>[万亿]*)(?:多|余|来)?(?P<sign>%|％)?"
    rf"(?:个(?!月|多月))?(?P<unit>{_HAN_UNIT})?"
)
_HAN_TERM = re.compile(rf"({_HAN_NUMBER})年(?:零)?({_HAN_NUMBER})个月")
_HAS_HAN = re.compile(r"[一-鿿]")


def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the amounts in `text`, in order; `text` in simplified Chinese or any language with English numbers.

    >>> [(q.value, q.unit) for q in quantities("jailed for 18 months and fined $1.5 million")]
    [(18.0, 'month'), (1500000.0, 'usd')]
    """
    if _HAS_HAN.search(text):
        return tuple(_han(text))
    return tuple(found for match in _ENGLISH.finditer(text) if (found := _english(match, text)) is not None)


def han_number(text: str) -> float:
    """Return the value of digits or Chinese numerals below ten thousand: "十五" is 15; -1 when it is no number."""
    plain = text.replace(",", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return float(plain)
    if (mixed := re.fullmatch(r"(\d+(?:\.\d+)?)([百千])", plain)) is not None:
        return float(mixed[1]) * _DIGITS[mixed[2]]
    if not plain or any(c not in _DIGITS for c in plain):
        return -1.0
    if all(_DIGITS[c] < 10 for c in plain):  # 二〇二一: read digit by digit
        return float("".join(str(_DIGITS[c]) for c in plain))
    total, digit = 0, 0
    for c in plain:
        worth = _DIGITS[c]
        if worth >= 10:
            total += (digit or 1) * worth
            digit = 0
        else:
            digit = worth
    return float(total + digit)


def _english(match: re.Match[str], text: str) -> Quantity | None:
    number = match["number"].lower().replace(",", "")
    sign, first, second = (match["sign"] or "").lower(), (match["first"] or "").lower(), (match["second"] or "").lower()
    after = text[match.end("number") : match.end("number") + 3]
    if _ORDINAL.match(after) or (not sign and _says_when(number, first, text[: match.start()])):
        return None
    value = _english_value(number)
    for scale in re.findall(r"[a-z]+", match["more"].lower()):
        value = round(value * _SCALES[scale], 6)
    if number == "one" and not first:
        return None
    at = match.start()
    if match["percent"]:
        return Quantity(value, "%", at)
    if sign:
        return Quantity(value, _CURRENCIES[sign], at)
    return _with_noun(value, first, second, at)


def _with_noun(value: float, first: str, second: str, at: int) -> Quantity | None:
    for word in (first, second):
        if word in _CURRENCIES:
            return Quantity(value, _CURRENCIES[word], at)
        if word in _TIMES:
            if second == "old" or (word == second and first not in {"more", "full"}):
                return None  # an age, or "two of year"
            unit, each = _TIMES[word]
            return Quantity(value * each, unit, at)
        if word in _PEOPLE:
            return Quantity(value, "people", at)
    noun = first if first and first not in _NO_UNIT else ""
    return Quantity(value, noun.removesuffix("s") if len(noun) > 3 else noun, at)


def _english_value(number: str) -> float:
    if number[0].isdigit():
        return float(number)
    if number in _SCALES:
        return _SCALES[number]
    return sum(_WORDS[part] for part in re.split(r"[- ]", number))


def _says_when(number: str, first: str, before: str) -> bool:
    """Tell whether a bare number is a year, the day of a date, or a clock time."""
    if not number.isdigit():
        return False
    if len(number) == 4 and 1900 <= int(number) <= 2100 and first not in _PEOPLE:
        return True
    return bool(
        len(number) <= 2
        and (
            _MONTHS.search(before[-12:])
            or (first and len(first) >= 3 and _MONTH_AFTER.fullmatch(first) is not None)
            or first in {"am", "pm", "o"}
        )
    )


def _han(text: str) -> list[Quantity]:
    found = []
    spans = []
    for term in _HAN_TERM.finditer(text):
        years, months = han_number(term[1]), han_number(term[2])
        if 0 <= years < 100 and 0 <= months < 12:
            found.append(Quantity(years * 12 + months, "month", term.start()))
            spans.append(term.span())
    for match in _HAN.finditer(text):
        if any(start <= match.start() < end for start, end in spans):
            continue
        one = _han_one(match, text)
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda q: q.at)


def _han_one(match: re.Match[str], text: str) -> Quantity | None:
    value = han_number(match["number"])
    unit, scale = match["unit"] or "", match["scale"] or ""
    digits = match["number"][0].isdigit()
    if value < 0 or not (
        unit or scale or match["sign"] or match["percent"] or (digits and not text[match.end() :][:1].isalpha())
    ):
        return None  # 一些, 万一, 十分: numerals inside words
    for c in scale:
        value = round(value * (1e4 if c == "万" else 1e8), 6)
    if match["percent"] or match["sign"]:
        return Quantity(value, "%", match.start())
    if unit == "分" and (not digits or text[: match.start()].endswith(("时", "点"))):
        return None  # 十分 is "very", and 3时30分 a time of day
    if unit in _HAN_TIMES:
        return _han_time(value, unit, match, text)
    if unit in _HAN_MONEY:
        return Quantity(value, _HAN_MONEY[unit], match.start())
    if unit and unit in _HAN_PEOPLE:
        return Quantity(value, "people", match.start())
    return Quantity(value, _HAN_UNITS[unit], match.start()) if unit else _bare(value, match, text)


def _han_time(value: float, unit: str, match: re.Match[str], text: str) -> Quantity | None:
    before, after = text[: match.start()], text[match.end() : match.end() + 1]
    if unit == "日" and (
        before[-1:] in {"月", "至", "、"} or (match["number"][0].isdigit() and not before.endswith(("拘留", "为期")))
    ):
        return None  # 8月14日, 14日: days of the calendar
    if unit == "年" and (value >= 1900 or after in {"月", "代", "度"} or before.endswith(("今", "去"))):
        return None
    name, each = _HAN_TIMES[unit]
    return Quantity(value * each, name, match.start())


def _bare(value: float, match: re.Match[str], text: str) -> Quantity | None:
    after = text[match.end() : match.end() + 1]
    number = match["number"]
    if not match["scale"] and (
        after in {"月", "时", "点", ":", "号", "：", "-"} or len(number) == 4 or not number[0].isdigit()
    ):
        return None
    return Quantity(value, "", match.start())
