"""Paths into JSON: what they lead to, and what is said where they stop."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import jsonpath

ANSWER: dict[str, Any] = {
    "data": {"list": [{"t": "a"}, {"t": "b"}], "total": 2, "key.dotted": 1, "none": None},
    "sections": [{"articles": [1, 2]}, {"articles": [3]}, {"other": 0}],
    "by_id": {"7": "x", "8": "y"},
    "nothing": [],
}
LED = {
    "data.total": [2],
    "$.data.total": [2],
    "data.list": [[{"t": "a"}, {"t": "b"}]],
    "data.list[0].t": ["a"],
    "data.list[-1].t": ["b"],
    "data.list.1.t": ["b"],
    "data.list[*].t": ["a", "b"],
    "sections[*].articles": [[1, 2], [3]],
    "sections[*].articles[*]": [1, 2, 3],
    'data."key.dotted"': [1],
    "data.none": [None],
    "by_id[*]": ["x", "y"],
    "by_id.7": ["x"],
    "nothing[*].t": [],
}


@pytest.mark.parametrize("path", LED)
def test_where_a_path_leads(path: str) -> None:
    assert jsonpath.follow(ANSWER, path) == LED[path]


STOPPED = {
    "hits": 'in the answer there is no "hits", but an object with the keys data, sections, by_id, nothing',
    "data.hits": 'in data there is no "hits", but an object with the keys list, total, key.dotted, none',
    "data.list.t": 'in data.list there is no "t", but a list of 2 ([0] is its first, [*] each)',
    "data.list[5]": "in data.list there is no [5], but a list of 2",
    "data.total.x": 'in data.total there is no "x", but the value 2',
    "data.none.x": 'in data.none there is no "x", but nothing (null)',
    "data.list[0].t.x": 'in data.list[0].t there is no "x", but the text "a"',
    "data.total[*]": "in data.total there is no [*], but the value 2",
    "nothing[0]": "in nothing there is no [0], but an empty list",
}


@pytest.mark.parametrize("path", STOPPED)
def test_where_a_path_stops_is_said_with_what_is_there(path: str) -> None:
    with pytest.raises(jsonpath.NothingThere) as caught:
        jsonpath.follow(ANSWER, path)
    assert STOPPED[path] in str(caught.value)


@pytest.mark.parametrize("path", [".data", "data..list", "data[", "data]", 'data."x', "data.", "[*", "a b.[c"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="a path such as"):
        jsonpath.steps(path)


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_a_plain_error(text: str) -> None:
    try:
        jsonpath.steps(text)
        jsonpath.follow(ANSWER, text)
    except (ValueError, jsonpath.NothingThere) as error:
        assert str(error)


@given(st.dictionaries(st.text(max_size=300), st.integers(), max_size=40))
def test_what_is_shown_stays_short(value: dict[str, int]) -> None:
    assert len(jsonpath.shown(value)) < 800
