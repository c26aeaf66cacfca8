"""Dates as people and machines write them: ISO 8601, RFC 822, epoch seconds, and the written forms of many languages.

No clock is read here, so "two hours ago" is no date; a caller that knows the time drops dates that lie in its future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

Instant = tuple[datetime, bool]

FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST = 300  # characters looked at: a date stands near the start of its text
_BUDDHIST_YEARS = 543  # Thai years run ahead of the common era

# One line a language or spelling, January first; "|" parts variants of one month, "-" is a gap.
_MONTH_NAMES = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov december|dec
januar|jän|jänner|januari februar|februari|febr märz|mär|mrz|maart|mars april mai|mei|maj juni|jun juli|jul august|augustus|augusti - oktober|okt november dezember|dez|desember|des
janvier|janv février|févr|fév|fevrier mars avril|avr mai juin juillet|juil août|aout septembre octobre novembre décembre|déc|decembre
enero|ene febrero marzo abril|abr mayo junio julio agosto|ago septiembre|setiembre|set octubre noviembre diciembre|dic
janeiro fevereiro|fev março|marco abril maio|mai junho julho agosto setembro|set outubro|out novembro dezembro|dez
gennaio|gen febbraio marzo aprile maggio|mag giugno|giu luglio|lug agosto settembre ottobre|ott novembre dicembre
ianuarie|ian februarie martie aprilie mai iunie|iun iulie|iul august septembrie octombrie|oct noiembrie|noi decembrie
- - - - maj juni juli - - oktober|okt - december
styczeń|stycznia|sty luty|lutego|lut marzec|marca kwiecień|kwietnia|kwi maj|maja czerwiec|czerwca|cze lipiec|lipca|lip sierpień|sierpnia|sie wrzesień|września|wrz październik|października|paź listopad|listopada|lis grudzień|grudnia|gru
leden|ledna únor|února březen|března duben|dubna květen|května červen|června červenec|července srpen|srpna září říjen|října listopad|listopadu prosinec|prosince
január|januára február|februára marec apríl|apríla máj|mája jún|júna júl|júla augusta septembra október|októbra novembra decembra
január|jan február|febr március|márc április|ápr május|máj június|jún július|júl augusztus szeptember|szept október|okt november december
tammikuu|tammikuuta helmikuu|helmikuuta maaliskuu|maaliskuuta huhtikuu|huhtikuuta toukokuu|toukokuuta kesäkuu|kesäkuuta heinäkuu|heinäkuuta elokuu|elokuuta syyskuu|syyskuuta lokakuu|lokakuuta marraskuu|marraskuuta joulukuu|joulukuuta
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
janvāris|janvārī februāris|februārī marts|martā aprīlis|aprīlī maijs|maijā jūnijs|jūnijā jūlijs|jūlijā augusts|augustā septembris|septembrī oktobris|oktobrī novembris|novembrī decembris|decembrī
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
январь|января|янв февраль|февраля|фев март|марта|мар апрель|апреля|апр май|мая июнь|июня|июн июль|июля|июл август|августа|авг сентябрь|сентября|сен|сент октябрь|октября|окт ноябрь|ноября|ноя декабрь|декабря|дек
січень|січня|січ лютий|лютого|лют березень|березня|бер квітень|квітня|кві травень|травня|тра червень|червня|чер липень|липня|лип серпень|серпня|сер вересень|вересня|вер жовтень|жовтня|жов листопад|листопада|лис грудень|грудня|гру
януари февруари март април май юни юли август септември октомври ноември декември
јануар|јануари фебруар|февруари март април мај јун|јуни јул|јули август септембар октобар|октомври новембар децембар
ιανουάριος|ιανουαρίου|ιαν φεβρουάριος|φεβρουαρίου|φεβ μάρτιος|μαρτίου|μαρ απρίλιος|απριλίου|απρ μάιος|μαΐου|μαϊ|μαι ιούνιος|ιουνίου|ιουν ιούλιος|ιουλίου|ιουλ αύγουστος|αυγούστου|αυγ σεπτέμβριος|σεπτεμβρίου|σεπ οκτώβριος|οκτωβρίου|οκτ νοέμβριος|νοεμβρίου|νοε δεκέμβριος|δεκεμβρίου|δεκ
ינואר|בינואר פברואר|בפברואר מרץ|במרץ אפריל|באפריל מאי|במאי יוני|ביוני יולי|ביולי אוגוסט|באוגוסט ספטמבר|בספטמבר אוקטובר|באוקטובר נובמבר|בנובמבר דצמבר|בדצמבר
يناير فبراير مارس أبريل|ابريل مايو يونيو يوليو أغسطس|اغسطس سبتمبر أكتوبر|اكتوبر نوفمبر ديسمبر
जनवरी फरवरी|फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर|अक्तूबर नवंबर|नवम्बर दिसंबर|दिसम्बर
জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
มกราคม|ม.ค กุมภาพันธ์|ก.พ มีนาคม|มี.ค เมษายน|เม.ย พฤษภาคม|พ.ค มิถุนายน|มิ.ย กรกฎาคม|ก.ค สิงหาคม|ส.ค กันยายน|ก.ย ตุลาคม|ต.ค พฤศจิกายน|พ.ย ธันวาคม|ธ.ค
januari februari|pebruari maret april mei juni juli agustus|agu september oktober november|nopember desember
januari februari mac april mei jun julai ogos september oktober november disember
januar|januarja|januara februar|februarja|februara marec|marca april|aprila maj|maja junij|junija|juna julij|julija|jula avgust|avgusta|avg september|septembra oktober|oktobra november|novembra december|decembra
siječanj|siječnja veljača|veljače ožujak|ožujka travanj|travnja svibanj|svibnja lipanj|lipnja srpanj|srpnja kolovoz|kolovoza rujan|rujna - studeni|studenog|studenoga prosinac
- شباط آذار نيسان أيار حزيران تموز آب أيلول - - -
"""  # noqa: E501 (one line a language)

_ZONES = {  # hours ahead of UTC
    "Z": 0.0, "UTC": 0.0, "GMT": 0.0, "UT": 0.0, "WET": 0.0, "BST": 1.0, "WEST": 1.0, "CET": 1.0, "MEZ": 1.0,
    "WAT": 1.0, "CEST": 2.0, "MESZ": 2.0, "EET": 2.0, "SAST": 2.0, "CAT": 2.0, "EEST": 3.0, "MSK": 3.0, "TRT": 3.0,
    "EAT": 3.0, "GST": 4.0, "PKT": 5.0, "IST": 5.5, "NPT": 5.75, "WIB": 7.0, "ICT": 7.0, "HKT": 8.0, "SGT": 8.0,
    "MYT": 8.0, "PHT": 8.0, "AWST": 8.0, "JST": 9.0, "KST": 9.0, "ACST": 9.5, "AEST": 10.0, "ACDT": 10.5,
    "AEDT": 11.0, "NZST": 12.0, "NZDT": 13.0, "BRT": -3.0, "ART": -3.0, "ADT": -3.0, "NST": -3.5, "AST": -4.0,
    "EDT": -4.0, "EST": -5.0, "ET": -5.0, "CDT": -5.0, "CST": -6.0, "CT": -6.0, "MDT": -6.0, "MST": -7.0, "PDT": -7.0,
    "PST": -8.0, "PT": -8.0,
}  # fmt: skip

_AFTERNOON = re.compile(r"p|下午|晚|午後|오후", re.I)
_MORNING = re.compile(r"a|上午|凌晨|早|午前|오전", re.I)

_WORD = r"([^\W\d_][^\s\d,/\-]{1,15}?)\.?"
_DAY = r"(?<!\d)(\d{1,2})"
_YEAR = r"(\d{4})(?!\d)"
_SHORT_YEAR = r"(\d\d)(?![\d%]|[.,:/\-]\d)"  # of two digits, and no part of a longer number
_APART = r"(?<![\d.,:/\-])"
_DATES: tuple[tuple[str, re.Pattern[str]], ...] = (  # the order of the groups, and the form
    ("ymd", re.compile(r"(?<!\d)(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?!\d)")),
    ("ymd", re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?=T?\d{0,6}(?:\D|$))")),
    ("dmy", re.compile(_DAY + r"(?:st|nd|rd|th|er|[.ºª°])?[\s\-/,.]{0,2}(?:(?:de|of|d’|d')\s?)?" + _WORD
                       + r"[\s\-/,.]{1,3}(?:(?:de|del|of)\s)?" + _YEAR)),
    ("dmy", re.compile(_DAY + r"\s+" + _WORD + r"\s+(\d{2})(?=\s+\d\d?:\d\d)")),  # RFC 822 has two digits
    ("mdy", re.compile(_WORD + r"[\s\-/]{0,2}(\d{1,2})(?:st|nd|rd|th|\.)?[\s\-/,.]{1,3}(?:de\s)?" + _YEAR)),
    ("mdy", re.compile(_WORD + r"\s+(\d{1,2})\s+\d\d?:\d\d(?::\d\d)?\s+(?:[A-Z+\-\d]{3,5}\s+)?" + _YEAR)),
    ("ymd", re.compile(r"(?<!\d)(\d{4})\.?,?\s(?:m\.\s)?" + _WORD + r"\s(\d{1,2})(?!\d)")),
    ("dmy", re.compile(_DAY + r"\s(?:tháng\s)(\d{1,2})[,\s]+(?:năm\s)?" + _YEAR)),
    ("d.m.y", re.compile(_DAY + r"\.\s?(\d{1,2})\.\s?" + _YEAR)),
    ("?", re.compile(_DAY + r"\s?[-/]\s?(\d{1,2})\s?[-/]\s?" + _YEAR)),
    ("d.m.y", re.compile(_APART + r"(\d{1,2})\.\s?(\d{1,2})\.\s?" + _SHORT_YEAR)),
    ("?", re.compile(_APART + r"(\d{1,2})[-/](\d{1,2})[-/]" + _SHORT_YEAR)),
    ("dmy", re.compile(_APART + r"(\d{1,2})(?:-|\.?\s)" + _WORD + r"(?:-|\s?[’'])" + _SHORT_YEAR)),
    ("mdy", re.compile(_WORD + r"\s(\d{1,2})(?:st|nd|rd|th)?,?\s?[’']" + _SHORT_YEAR)),
)  # fmt: skip

_ZONE = r"(?P<zone>\s?\(?(?:(?:UTC|GMT)?\s?[+\-−]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z]{1,4}\b))?"
_TIMES = (
    re.compile(r"(?P<before>上午|下午|晚上|凌晨|早上|中午|오전|오후|午前|午後)?\s?(?<![\d:+\-])(?P<h>[01]?\d|2[0-3])"
               r"\s?(?:[:：hH時时点點시]|\.(?=\d\d(?![\d.])))\s?(?P<m>[0-5]\d)(?![\d/])"
               r"(?:[:：分.]\s?(?P<s>[0-5]\d)(?:[.,]\d{1,9})?)?\s?(?P<after>[aApP]\.?\s?[mM](?![^\W\dA-Z])\.?)?"
               + _ZONE),
    re.compile(r"(?P<before>(?!))?(?<!\d)(?P<h>1[0-2]|[1-9])(?P<m>(?!))?(?P<s>(?!))?\s?"
               r"(?P<after>[aApP]\.?\s?[mM](?![^\W\dA-Z])\.?)" + _ZONE),
)  # fmt: skip
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")  # where the year comes first
_OFFSET = re.compile(r"([+\-−])(\d{1,2}):?(\d{2})?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_TWO_DIGITS = re.compile(r"\d\d")  # no date has fewer in a row
# As feeds write dates (RFC 822, with the year of RFC 2822), and no other way: read without a search.
_RFC_822 = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d\d?) ([A-Za-z]{3}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (GMT|UTC|Z|[+-]\d{4})", re.A
)
# Two slips that keep an ISO date from being read as one: blanks before the zone, and ":000Z" for ".000Z".
_ALMOST_ISO = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?::\d{3}|(\.\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)", re.A)


def _month_table() -> dict[str, int]:
    table: dict[str, int] = {}
    for line in _MONTH_NAMES.strip().splitlines():
        for number, names in enumerate(line.split(), start=1):
            for name in names.split("|"):
                table.setdefault(name.casefold(), number)
    table.pop("-", None)
    return table


MONTHS = _month_table()


def instant(text: str, *, day_first: bool = False) -> Instant | None:
    """Read the first date that `text` gives, as an aware instant and whether it is only a day.

    text       a date in any usual form, possibly among other words
    day_first  read 09/08/2021 as 9 August; without it a number above 12 still decides
    Returns    the instant with the offset from UTC that the text gives, in UTC when it gives none;
               midnight UTC and True for a day without a time (a time of exactly 00:00 counts as none);
               None when there is no full date (a year alone is none) or its year is outside 1990..2100

    >>> instant("Mon, 09 Aug 2021 09:30:00 GMT")
    (datetime.datetime(2021, 8, 9, 9, 30, tzinfo=datetime.timezone.utc), False)
    """
    text = text[:_LONGEST].strip()
    if not _TWO_DIGITS.search(text):
        return None
    return _iso(text) or _rfc_822(text) or _written(text, day_first=day_first) or _epoch(text)


def _iso(text: str) -> Instant | None:
    if not text[0].isdigit() or not 10 <= len(text) <= 35:
        return None
    match = _ALMOST_ISO.fullmatch(text)
    try:
        moment = datetime.fromisoformat("".join(match.groups("")) if match else text)
    except ValueError:
        return None
    return _settle(moment.date(), moment.timetz())


def _rfc_822(text: str) -> Instant | None:
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, name, year, hour, minute, second, zone = match.groups()
    month = MONTHS.get(name.lower())
    if month is None or not _possible(int(year)):
        return None
    clock = (int(hour), int(minute), int(second))
    try:
        if any(clock):
            return datetime(int(year), month, int(day), *clock, tzinfo=_zone(zone)), False
        return datetime(int(year), month, int(day), tzinfo=UTC), True
    except ValueError:
        return None


def _epoch(text: str) -> Instant | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = int(text[:10])
    moment = datetime.fromtimestamp(seconds, UTC)
    return (moment, False) if _possible(moment.year) else None


def _written(text: str, *, day_first: bool) -> Instant | None:
    for order, form in _DATES:
        for match in form.finditer(text):
            day = _day(order, match, day_first=day_first)
            if day is not None:
                return _settle(day, _time_near(text, match))
    return None


def _day(order: str, match: re.Match[str], *, day_first: bool) -> date | None:
    parts = match.groups()
    if order == "d.m.y":
        order = "ymd" if len(parts[2]) == 2 and _EAST_ASIAN.search(match.string) else "dmy"
    elif order == "?":
        first, second = int(parts[0]), int(parts[1])
        order = "dmy" if first > 12 or (day_first and second <= 12) else "mdy"
    by_letter = dict(zip(order, parts, strict=True))
    month = _month(by_letter["m"])
    year = _full_year(by_letter["y"], by_letter["m"])
    if month is None or not _possible(year):
        return None
    try:
        return date(year, month, int(by_letter["d"]))
    except ValueError:
        return None


def _month(written: str) -> int | None:
    if written.isdigit():
        return int(written)
    return MONTHS.get(written.casefold().rstrip("."))


def _full_year(written: str, month: str) -> int:
    year = int(written)
    if len(written) == 2:  # RFC 2822 section 4.3
        return year + (2000 if year < 50 else 1900)
    if "\u0e00" <= month[0] <= "\u0e7f" and year > LAST_YEAR:
        return year - _BUDDHIST_YEARS
    return year


def _possible(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _time_near(text: str, found: re.Match[str]) -> time | None:
    """Find the time of day that belongs to a date: inside it (asctime), after it, before it."""
    for part in _around(text, found):
        for form in _TIMES:
            match = form.search(part)
            if match:
                return _clock(match)
    return None


def _around(text: str, found: re.Match[str]) -> Iterator[str]:
    if ":" in found.group():
        yield found.group()
    after = text[found.end() : found.end() + 40]
    another = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", after)
    compact = re.match(r"T?(\d\d)(\d\d)(\d\d)?(.*)", after, re.S)
    if compact:
        yield f"{compact[1]}:{compact[2]}:{compact[3] or '00'}{compact[4]}"
    yield after[: another.start()] if another else after
    yield text[max(0, found.start() - 30) : found.start()]


def _clock(match: re.Match[str]) -> time:
    hour = int(match["h"])
    half = match["after"] or match["before"] or ""
    if _AFTERNOON.match(half) and hour < 12:
        hour += 12
    elif hour == 12 and _MORNING.match(half):
        hour = 0
    return time(hour, int(match["m"] or 0), int(match["s"] or 0), tzinfo=_zone(match["zone"] or ""))


@lru_cache(maxsize=256)
def _zone(written: str) -> timezone:
    match = _OFFSET.search(written)
    if match:
        hours = int(match[2]) + int(match[3] or 0) / 60
        hours = -hours if match[1] != "+" else hours
    else:
        hours = _ZONES.get(written.strip(" ()"), 0.0)
    return timezone(timedelta(hours=hours)) if hours and abs(hours) <= 14 else UTC


def _settle(day: date, clock: time | None) -> Instant | None:
    if not _possible(day.year):
        return None
    if clock is None or not (clock.hour or clock.minute or clock.second or clock.microsecond):
        return datetime.combine(day, time(), UTC), True
    moment = datetime.combine(day, clock)
    return (moment if moment.utcoffset() else moment.replace(tzinfo=UTC)), False


# ------------------------------------------------------------------------------------------------- lengths of time

_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def span(seconds: float) -> str:
    """Write a length of time (>= 0) in its largest unit.

    >>> span(40), span(5_400), span(86_400 * 365)
    ('40 s', '1.5 h', '365 d')
    """
    unit_s, unit = next(((unit_s, unit) for unit_s, unit in _UNITS if seconds >= unit_s), (1.0, "s"))
    return f"{round(seconds / unit_s, 1):g} {unit}"
