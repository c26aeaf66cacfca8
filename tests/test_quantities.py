import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.story.quantities import han_number, quantities

SAID = {
    "months in prison": ("He was jailed for 18 months.", [(18.0, "month")]),
    "the same term in Chinese": ("判处有期徒刑一年六个月", [(18.0, "month")]),
    "years are months": ("She got more than 11 years.", [(132.0, "month")]),
    "Chinese numerals of days": ("给予行政拘留十五日", [(15.0, "day")]),
    "weeks are days": ("The strike lasted two weeks.", [(14.0, "day")]),
    "people in words": ("Three managers left.", [(3.0, "people")]),
    "people in Chinese": ("三名员工受伤", [(3.0, "people")]),
    "money with a scale": ("It paid $1.5 billion.", [(1.5e9, "usd")]),
    "money in words": ("It paid 18 million dollars.", [(18e6, "usd")]),
    "money in Chinese": ("达成1800万美元和解", [(18e6, "usd")]),
    "yuan": ("fined 18.2 billion yuan", [(18.2e9, "cny")]),
    "per cent": ("sales rose 8.5%", [(8.5, "%")]),
    "thousands with a comma": ("6,000 employees signed", [(6000.0, "people")]),
    "a counted noun": ("guilty on four counts", [(4.0, "count")]),
    "the same in Chinese": ("四项罪名成立", [(4.0, "count")]),
    "participles count people": ("five arrested in raid", [(5.0, "people")]),
    "a year is no amount": ("It began in 2021.", []),
    "a day of the month is none": ("on August 9 and 10 September", []),
    "a Chinese date is none": ("8月14日，警方通报", []),
    "a clock time is none": ("at 3:30 pm", []),
    "Chinese clock time is none": ("凌晨3时30分", []),
    "an ordinal is none": ("the 25th floor", []),
    "an age is none": ("a 50-year-old man", []),
    "numerals inside words are none": ("一些人万一十分", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize("case", SAID)
def test_amounts(case: str) -> None:
    text, expected = SAID[case]
    assert [(q.value, q.unit) for q in quantities(text)] == expected


def test_says_where_it_stands() -> None:
    text = "Police arrested five people"
    assert text[quantities(text)[0].at :].startswith("five")


@pytest.mark.parametrize(
    ("text", "value"),
    [("十五", 15), ("二十", 20), ("一百零三", 103), ("二〇二一", 2021), ("3百", 300), ("x", -1), ("", -1)],
)
def test_han_numbers(text: str, value: float) -> None:
    assert han_number(text) == value


@given(st.text(max_size=200))
def test_never_raises_and_keeps_order(text: str) -> None:
    found = quantities(text)
    assert [q.at for q in found] == sorted(q.at for q in found)
    assert all(q.value >= 0 for q in found)


@given(st.integers(min_value=2, max_value=999))
def test_one_number_in_two_languages(count: int) -> None:
    english, chinese = quantities(f"{count} people died")[0], quantities(f"造成{count}人死亡")[0]
    assert (english.value, english.unit) == (chinese.value, chinese.unit) == (count, "people")
