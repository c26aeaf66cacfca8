from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.dates import instant


def at(*parts: int) -> tuple[datetime, bool]:
    return datetime(*parts, tzinfo=UTC), False  # type: ignore[arg-type,misc]


def day(*parts: int) -> tuple[datetime, bool]:
    return datetime(*parts, tzinfo=UTC), True  # type: ignore[arg-type,misc]


READS = {
    "ISO with offset": ("2021-08-09T09:30:00+08:00", at(2021, 8, 9, 1, 30)),
    "ISO, Zulu": ("2021-08-09T09:30:00Z", at(2021, 8, 9, 9, 30)),
    "ISO without colon in the offset": ("2021-08-09T09:30:00-0400", at(2021, 8, 9, 13, 30)),
    "ISO, a blank before the offset": ("2021-08-09T09:30:00 +0200", at(2021, 8, 9, 7, 30)),
    "ISO with seven digits of a second": ("2021-08-09T09:30:00.1234567Z", at(2021, 8, 9, 9, 30, 0, 123456)),
    "ISO without a zone is UTC": ("2021-08-09 09:30", at(2021, 8, 9, 9, 30)),
    "ISO day": ("2021-08-09", day(2021, 8, 9)),
    "midnight is no time of day, whatever the zone": ("2021-08-09T00:00:00+08:00", day(2021, 8, 9)),
    "compact": ("20210809T093000Z", at(2021, 8, 9, 9, 30)),
    "compact without letters": ("20210809093000", at(2021, 8, 9, 9, 30)),
    "a leap second": ("2016-12-31T23:59:60Z", at(2016, 12, 31, 23, 59)),
    "an offset that is none": ("2025-03-14T09:30:00+99:99", at(2025, 3, 14, 9, 30)),
    "RFC 822": ("Mon, 09 Aug 2021 09:30:00 GMT", at(2021, 8, 9, 9, 30)),
    "RFC 822 with a two-digit year and a zone's name": ("Mon, 9 Aug 21 09:30:00 EST", at(2021, 8, 9, 14, 30)),
    "asctime with offset": ("Mon Aug 09 09:30:00 +0000 2021", at(2021, 8, 9, 9, 30)),
    "JavaScript": ("Mon Aug 09 2021 09:30:00 GMT+0200 (CEST)", at(2021, 8, 9, 7, 30)),
    "epoch seconds": ("1628500000", at(2021, 8, 9, 9, 6, 40)),
    "epoch milliseconds": ("1628500000000", at(2021, 8, 9, 9, 6, 40)),
    "milliseconds after a colon": ("2021-08-09T09:30:08:684Z", at(2021, 8, 9, 9, 30, 8)),
    "the afternoon glued to the next word": ("Aug 9, 2021 9:30 PMTags", at(2021, 8, 9, 21, 30)),
    "American": ("Aug. 9, 2021 at 9:30 p.m. EDT", at(2021, 8, 10, 1, 30)),
    "an hour alone": ("12 May 2021 9am", at(2021, 5, 12, 9, 0)),
    "noon": ("May 12, 2021 12:05 pm", at(2021, 5, 12, 12, 5)),
    "after midnight": ("May 12, 2021 12:05 am", at(2021, 5, 12, 0, 5)),
    "the time before the date": ("09:30 GMT, Monday, 9 August 2021", at(2021, 8, 9, 9, 30)),
    "the time of another date is not taken": ("August 9, 2021. Updated August 10, 2021 10:00", day(2021, 8, 9)),
    "ordinal": ("9th of August, 2021", day(2021, 8, 9)),
    "among words": ("Published on August 9th, 2021 by A. Writer", day(2021, 8, 9)),
    "Chinese": ("2021年8月9日 09:30", at(2021, 8, 9, 9, 30)),
    "Chinese, afternoon": ("2021年8月9日 下午3:20", at(2021, 8, 9, 15, 20)),
    "Korean": ("2021년 8월 9일 오후 3:20", at(2021, 8, 9, 15, 20)),
    "Spanish": ("9 de agosto de 2021, 14h30", at(2021, 8, 9, 14, 30)),
    "German": ("9. August 2021, 9.30 Uhr", at(2021, 8, 9, 9, 30)),
    "German with dots": ("09.08.2021 14:05", at(2021, 8, 9, 14, 5)),
    "French": ("1er août 2021 à 12h30", at(2021, 8, 1, 12, 30)),
    "Russian": ("9 сентября 2021, 12:00", at(2021, 9, 9, 12, 0)),
    "Greek": ("9 Αυγούστου 2021 | 10:30", at(2021, 8, 9, 10, 30)),
    "Hungarian": ("2021. augusztus 9. 12:30", at(2021, 8, 9, 12, 30)),
    "Vietnamese": ("9 tháng 8, 2021", day(2021, 8, 9)),
    "Thai years run 543 ahead": ("9 สิงหาคม 2564", day(2021, 8, 9)),
    "two digits of a year, with dots": ("Von Maria Berg | 09.08.21", day(2021, 8, 9)),
    "two digits of a year, with slashes": ("Published on 08/09/21", day(2021, 8, 9)),
    "two digits of a year, and a time": ("31/08/21, 03:48 pm", at(2021, 8, 31, 15, 48)),
    "two digits of a year, with hyphens around a name": ("9-Aug-21", day(2021, 8, 9)),
    "two digits of a year behind an apostrophe": ("Aug 9th, ’21", day(2021, 8, 9)),
    "two digits of a year that come first in Korean": ("입력 21.08.09 09:30", at(2021, 8, 9, 9, 30)),
    "Slovene": ("9. avgust 2021", day(2021, 8, 9)),
    "Croatian": ("9. kolovoza 2021.", day(2021, 8, 9)),
    "Malay": ("9 Ogos 2021", day(2021, 8, 9)),
    "Arabic of the Levant": ("9 آب 2021", day(2021, 8, 9)),
    "Arabic digits": ("٩ أغسطس ٢٠٢١", day(2021, 8, 9)),
    "slashes, month first": ("08/09/2021", day(2021, 8, 9)),
    "slashes, the first cannot be a month": ("31/08/2021", day(2021, 8, 31)),
    "slashes, year first": ("2021/8/9 9:30:12", at(2021, 8, 9, 9, 30, 12)),
}

NONE = {
    "a year alone": "2021",
    "a year in a sentence": "first published in 2021",
    "a month and a year": "August 2021",
    "a month that does not exist": "2021-13-45",
    "a day that does not exist": "30 February 2021",
    "before the web": "1970-01-01T00:00:00Z",
    "zeros": "0000-00-00 00:00:00",
    "the year 10000": "10000-01-01T00:00:00Z",
    "relative": "two hours ago",
    "nothing": "",
    "blanks": "   ",
    "a telephone number": "+49 30 1234567",
    "a telephone number with dots": "01.02.03.04.05",
    "a number of a network": "10.11.12.13",
    "a version": "version 1.10.11.2",
    "a share": "10/11/12%",
    "decimals": "9.08.21,5",
}


@pytest.mark.parametrize(("text", "expected"), READS.values(), ids=READS)
def test_reads(text: str, expected: tuple[datetime, bool]) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_is_no_date(text: str) -> None:
    assert instant(text) is None


def test_the_day_can_come_first() -> None:
    assert instant("09/08/2021", day_first=True) == day(2021, 8, 9)
    assert instant("08/31/2021", day_first=True) == day(2021, 8, 31)


OFFSETS = {
    "ISO": ("2021-08-09T23:30:00+08:00", 8, (2021, 8, 9)),
    "ISO, a blank before the offset": ("2021-08-09T23:30:00 +0200", 2, (2021, 8, 9)),
    "RFC 822": ("Mon, 09 Aug 2021 23:30:00 -0400", -4, (2021, 8, 9)),
    "a zone's name": ("Aug. 9, 2021 at 9:30 p.m. EDT", -4, (2021, 8, 9)),
    "half an hour": ("2021-08-09 01:00:00 IST", 5.5, (2021, 8, 9)),
    "Zulu": ("2021-08-09T23:30:00Z", 0, (2021, 8, 9)),
    "none": ("2021-08-09 23:30", 0, (2021, 8, 9)),
}


@pytest.mark.parametrize(("text", "hours", "day_there"), OFFSETS.values(), ids=OFFSETS)
def test_keeps_the_offset_that_the_text_gives(text: str, hours: float, day_there: tuple[int, int, int]) -> None:
    found = instant(text)
    assert found is not None
    assert found[0].utcoffset() == timedelta(hours=hours)
    assert (found[0].year, found[0].month, found[0].day) == day_there


def test_a_day_alone_is_midnight_utc_wherever_the_page_is() -> None:
    assert instant("2021-08-09T00:00:00+08:00") == (datetime(2021, 8, 9, tzinfo=UTC), True)


def test_an_offset_of_nothing_is_utc() -> None:
    found = instant("2021-08-09T09:30:00+00:00")
    assert found is not None and found[0].tzinfo is UTC


@settings(max_examples=50)
@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_iso_round_trip(moment: datetime) -> None:
    found = instant(moment.isoformat())
    assert found is not None
    if not found[1]:
        assert found[0].astimezone(UTC) == moment.astimezone(UTC)
        assert found[0].utcoffset() == moment.utcoffset()


@given(st.text(max_size=80))
def test_never_raises_and_knows_its_offset(text: str) -> None:
    found = instant(text)
    assert found is None or (found[0].utcoffset() is not None and 1990 <= found[0].year <= 2100)


ZONES = st.one_of(st.sampled_from(["GMT", "UTC", "Z"]), st.from_regex(r"[+-]\d{4}", fullmatch=True))


@given(
    st.from_regex(
        r"([A-Z][a-z]{2}, )?\d\d? (Jan|Feb|Mai|Dez|Xyz) (19|20)\d\d [0-2]\d:[0-5]\d:[0-5]\d ", fullmatch=True
    ),
    ZONES,
)
def test_a_date_as_feeds_write_it_is_read_as_within_other_words(date: str, zone: str) -> None:
    assert instant(date + zone) == instant(f"on {date}{zone}")
