"""An event and what it adds, in plain words: what people read under an alert."""

from __future__ import annotations

from .memory import Change, Compared

_ADDS = {
    Change.REVERSED: "it takes back what was reported",
    Change.KIND: "no earlier report tells of such an event",
    Change.FULFILLED: "it was only planned before",
    Change.WHO: "told before of someone else only",
    Change.AMOUNT: "told before with another number",
    Change.CONFIRMED: "it was only alleged before",
    Change.AGAIN: "it happened once more",
    Change.KNOWN: "told before",
}
_MOST_SAID = 160  # characters of a known sentence


def describe(one: Compared, nearest: str, often: frozenset[str] = frozenset()) -> str:
    """Return an event and what it adds: "arrested (5 people); told before with another number; nearest known: …".

    nearest the sentence that tells the known event that is nearest; "" when there is none
    often   names that nearly every article of the story has: left out where another one is told
    """
    who = sorted(one.event.who)
    names = [key for key in who if not key.startswith("@")]
    names = [key.title() for key in names if key not in often or often.issuperset(names)]
    roles = [f"the {key.removeprefix('@')}" for key in who if key.startswith("@")]
    amounts = [amount(value, unit) for value, unit in sorted(one.event.amounts) if unit]
    details = ", ".join([*names, *roles, *amounts])
    text = f"{one.event.kind.replace('-', ' ')}{f' ({details})' if details else ''}; {_ADDS[one.change]}"
    if one.nearest is not None:
        text += f"; nearest known: {quoted(nearest)} ({one.nearest.at:%Y-%m-%d})"
    return text


def amount(value: float, unit: str) -> str:
    """Return a number with its unit: "18 months", "5 people", "34%"."""
    if unit == "%":
        return f"{value:g}%"
    if unit in {"day", "week", "month", "year", "hour"} and value != 1:
        unit += "s"
    return f"{value:,.12g} {unit}".strip()


def quoted(sentence: str) -> str:
    """Return a sentence in quotes, cut at a word where it is long."""
    if len(sentence) > _MOST_SAID:
        sentence = sentence[:_MOST_SAID].rsplit(" ", 1)[0].rstrip(" ,;，；") + " …"
    return f"“{sentence}”"
