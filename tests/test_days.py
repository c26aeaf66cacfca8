from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.story.days import days

MONDAY = date(2021, 9, 6)
SAID = {
    "the weekday of publication": ("It happened on Monday.", date(2021, 9, 6)),
    "an earlier weekday": ("It happened on Friday.", date(2021, 9, 3)),
    "last week's weekday": ("It happened last Monday.", date(2021, 8, 30)),
    "a written date": ("on August 9", date(2021, 8, 9)),
    "day first": ("on 9 August 2020", date(2020, 8, 9)),
    "a date without a year lies behind us": ("on November 25", date(2020, 11, 25)),
    "ISO": ("dated 2021-08-30", date(2021, 8, 30)),
    "Chinese": ("8月14日", date(2021, 8, 14)),
    "Chinese with a year": ("2020年8月14日", date(2020, 8, 14)),
    "Chinese day of this month": ("4日晚", date(2021, 9, 4)),
    "Chinese day of last month": ("30日晚", date(2021, 8, 30)),
    "Chinese weekday": ("上周五", date(2021, 9, 3)),
    "yesterday": ("He left yesterday.", date(2021, 9, 5)),
    "days ago": ("two days ago", date(2021, 9, 4)),
    "昨日": ("昨日通报", date(2021, 9, 5)),
}
SPANS = {
    "last month": ("fired him last month", date(2021, 8, 1), date(2021, 8, 31)),
    "a month": ("sued in July", date(2021, 7, 1), date(2021, 7, 31)),
    "a month of last year": ("sued in December", date(2020, 12, 1), date(2020, 12, 31)),
    "a month and year": ("acts in July 2019", date(2019, 7, 1), date(2019, 7, 31)),
    "a Chinese month": ("去年7月", date(2020, 7, 1), date(2020, 7, 31)),
    "上个月": ("上个月被捕", date(2021, 8, 1), date(2021, 8, 31)),
    "last year": ("last year", date(2020, 1, 1), date(2020, 12, 31)),
    "a year": ("in 2018", date(2018, 1, 1), date(2018, 12, 31)),
    "months ago": ("two months ago", date(2021, 7, 1), date(2021, 7, 31)),
    "last week": ("last week", date(2021, 8, 30), date(2021, 9, 5)),
}


@pytest.mark.parametrize("case", SAID)
def test_days_are_resolved(case: str) -> None:
    text, expected = SAID[case]
    assert [day.exact for day in days(text, MONDAY)] == [expected]


@pytest.mark.parametrize("case", SPANS)
def test_spans_are_no_exact_days(case: str) -> None:
    text, first, last = SPANS[case]
    (found,) = days(text, MONDAY)
    assert (found.first, found.last, found.exact) == (first, last, None)


@pytest.mark.parametrize("text", ["", "nothing here", "32月45日", "on February 31", "2021年13月"])
def test_what_is_no_day(text: str) -> None:
    assert all(day.exact is None for day in days(text, MONDAY))


@given(st.text(max_size=120), st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_never_raises(text: str, published: date) -> None:
    assert all(day.first <= day.last for day in days(text, published))


@given(st.dates(min_value=date(1995, 1, 1), max_value=date(2090, 1, 1)))
def test_weekdays_lie_within_the_last_week(published: date) -> None:
    (found,) = days("on Thursday", published)
    assert found.exact is not None
    assert timedelta(0) <= published - found.exact < timedelta(7)
    assert found.exact.weekday() == 3
