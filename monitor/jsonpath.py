"""Paths into JSON: `data.list`, `hits[0].source.title`, `sections[*].articles`, `data."key.with.dots"`."""

from __future__ import annotations

import re
from typing import Any

EVERY = "*"
Step = str | int

_STEP = re.compile(r'\.?(?:"(?P<quoted>[^"]+)"|(?P<name>[^.\[\]"\s][^.\[\]"]*))|\[(?P<index>-?\d{1,6}|\*)\]')
_SHOWN_KEYS = 15
_LONGEST_KEY = 40


class NothingThere(LookupError):
    """A path that stops on its way; says where, and what is there instead."""


def steps(path: str) -> tuple[Step, ...]:
    """Read a path: names of keys, indices of lists from 0 (-1: the last), and EVERY for all that a value holds.

    A "$" in front, as JSONPath has it, is passed over.
    Raises  ValueError, saying what is allowed

    >>> steps("data.list[0]")
    ('data', 'list', 0)
    """
    rest = path.strip().removeprefix("$")
    found: list[Step] = []
    while rest:
        step = _STEP.match(rest)
        if step is None or (not found and rest.startswith(".") and not path.strip().startswith("$")):
            raise ValueError('a path such as data.list, hits[0].title or sections[*].articles; a key with a dot in "…"')
        if step["index"] is not None:
            found.append(EVERY if step["index"] == EVERY else int(step["index"]))
        else:
            found.append(step["quoted"] or step["name"].strip())
        rest = rest[step.end() :]
    return tuple(found)


def follow(value: Any, path: str) -> list[Any]:
    """Return what a path leads to: one value, or with EVERY in it as many as there are.

    value   as json.loads gives it
    Raises  NothingThere if it stops on its way: never at an empty list
    """
    reached, way = [value], ""
    for step in steps(path):
        further = [inner for each in reached for inner in _within(each, step)]
        if reached and not further and not (step == EVERY and all(each in ([], {}) for each in reached)):
            raise NothingThere(f"{_place(way)} there is no {_spelled(step)}, but {shown(reached[0])}")
        reached, way = further, f"{way}.{step}" if isinstance(step, str) and step != EVERY else f"{way}[{step}]"
    return reached


def shown(value: Any) -> str:
    """Say in a few words what a value is: the keys of an object, the length of a list, the start of a text."""
    if isinstance(value, dict):
        keys = [" ".join(str(key).split())[:_LONGEST_KEY] for key in value]
        more = f" and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
        return f"an object with the keys {', '.join(keys[:_SHOWN_KEYS])}{more}" if keys else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)} ([0] is its first, [*] each)" if value else "an empty list"
    if isinstance(value, str):
        short = " ".join(value.split())
        return f'the text "{short[:_LONGEST_KEY]}{"…" if len(short) > _LONGEST_KEY else ""}"'
    return "nothing (null)" if value is None else f"the value {str(value).lower()[:_LONGEST_KEY]}"


def _within(value: Any, step: Step) -> list[Any]:
    """Return what a step finds in a value; of a number that is written as a key, the element of a list."""
    if step == EVERY:
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[str(step)]] if str(step) in value else []
    if isinstance(value, list) and (isinstance(step, int) or step.isdecimal()):
        return value[int(step) :][:1]
    return []


def _place(way: str) -> str:
    return f"in {way.lstrip('.')}" if way else "in the answer"


def _spelled(step: Step) -> str:
    return f"[{step}]" if isinstance(step, int) or step == EVERY else f'"{step}"'
