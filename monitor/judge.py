"""Is there a development in an article?  At most one, with the sentences that say so.

Two measures are added up.  One is the share of the text that no earlier report has (novelty.py).  The other weighs the
events that headline and lead tell against all events known (memory.py): a new kind of event, another person or number,
a plan fulfilled or something taken back count for the article; events that are all known count against it, and so does
a text that looks back (genre.py).  Events also stand where words cannot: between two languages.  New words alone are
no development where the headline tells no event and the writer argues, or names neither source nor day (voice.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import log10
from typing import Any

from .model import Corroboration, Development, DevelopmentId, Evidence, Milestone, MilestoneMet, Verdict
from .story.facts import Event, Status, awaited, certainty, is_scenery
from .story.genre import REPORT, genre
from .story.memory import SOON, Change, Compared, Line, Read, Story, may_be_same
from .story.telling import describe, quoted
from .story.voice import argues, names_source
from .text import fold

THRESHOLD = 0.80  # from this novelty on, an article tells a development

_WEIGHT: Mapping[Change, float] = {
    Change.REVERSED: 0.22,
    Change.KIND: 0.20,
    Change.FULFILLED: 0.14,
    Change.WHO: 0.12,
    Change.AMOUNT: 0.12,
    Change.CONFIRMED: 0.05,
    Change.AGAIN: 0.05,
    Change.KNOWN: 0.0,
}
_HARD = frozenset({Change.REVERSED, Change.KIND, Change.FULFILLED, Change.WHO, Change.AMOUNT})
_LEAD_LINES = 3
_LEAD_SHARE = 0.5  # what the lead tells weighs half of what the headline tells
_SCENERY_SHARE = 0.5
_PLAN_SHARE = 0.5
_MOST_GAIN = 0.25
_KNOWN_SAME, _KNOWN_KIND = 0.10, 0.04  # a known event of late: by person or number too, or by its kind alone
_KNOWN_MORE = 0.04  # for a second and a third one
_REPEATED_ABROAD = 0.25
_LOOKS_BACK = 0.20
_PAST_LEAD = 0.08
_PER_DECADE = 0.06  # like texts a day apart are repeats; hours apart more so, and weeks apart less
_ATTRIBUTES = "en"  # the language whose reports name a source or a day in the lead: a text that does not is none
_HELD = THRESHOLD - 0.01  # the novelty of a text that is held back for its wording
_UNCOMPARED = 0.74  # the text novelty, at most, where the story was told in another language: words cannot be compared

_LINE_NEW = 0.6  # a sentence of which half was said before is no evidence, unless an event of it is new
_RESIDUE_NEW = 0.5
_MOST_EVIDENCE = 3
_LATER = 0.1  # so much less may a sentence share with the headline that stands one earlier
_SHARED_EVENTS = 0.2  # what the headline's events count in a sentence, next to its words
_STATES = 0.3  # with that share of the headline's words, a sentence is evidence whatever is new in it
_RECENT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an article is to the story so far.

    verdict      NEW, CORROBORATES or NOTHING_NEW
    novelty      0..1; a development from THRESHOLD on
    why          each measure with its value, in words; JSON types only
    """

    verdict: Verdict
    novelty: float
    why: Mapping[str, Any]
    development: Development | None = None
    corroborates: tuple[Corroboration, ...] = ()
    milestones: tuple[MilestoneMet, ...] = field(default=())


def judge(new: Read, residue: Sequence[str] | None, story: Story, milestones: Sequence[Milestone] = ()) -> Judgement:
    """Return whether the article tells a development; changes nothing.

    residue      of a copy, or of a page read again: the sentences that the original does not have, and only they can
                 be news; None: all of it is the source's own
    milestones   what the topic waits for
    """
    met = milestones_met(new, milestones, story)
    if residue is not None:
        return replace(_judge_residue(new, frozenset(residue), story), milestones=met)
    told = _compared(new, story)
    nearest = _nearest_text(new, story)
    novelty, gates = _novelty(new, told, nearest, story)
    why: dict[str, Any] = {"gates": gates, **_nearest_sentence(new, story)}
    if novelty >= THRESHOLD and new.lines:
        development = _development(new, told, novelty, story)
        why["new"] = _whats_new(told, new, story)
        return Judgement(Verdict.NEW, novelty, why, development, _contradicted(told), met)
    again = () if "held back" in gates else _corroborations(new, told, nearest, story)
    verdict = Verdict.CORROBORATES if again else Verdict.NOTHING_NEW
    return Judgement(verdict, novelty, why, None, again, met)


# ----------------------------------------------------------------------------------------------------------- measures


@dataclass(frozen=True, slots=True)
class _Told:
    """The events of an article against what is known: those of its headline, of its lead, and of the rest."""

    title: tuple[Compared, ...]
    lead: tuple[Compared, ...]
    rest: tuple[Compared, ...]


def _compared(new: Read, story: Story) -> _Told:
    body = new.body
    lead = [line for line in body[:_LEAD_LINES] if line.facts.past is None]
    title = [line for line in new.lines if line.headline]
    headline = tuple(story.compare(_filled(event, lead, story), line) for line in title for event in line.facts.events)
    kinds = {one.event.kind for one in headline}
    rest = [line for line in body[_LEAD_LINES:] if line.facts.past is None]
    return _Told(
        headline,
        tuple(story.compare(event, line) for line in lead for event in line.facts.events if event.kind not in kinds),
        tuple(story.compare(event, line) for line in rest for event in line.facts.events if event.kind not in kinds),
    )


def _filled(event: Event, lead: Sequence[Line], story: Story) -> Event:
    """Return an event of the headline with what the lead adds: "client jailed" is the man surnamed Zhang."""
    for line in lead:
        for other in line.facts.events:
            if other.kind == event.kind and may_be_same(event.who, other.who, frozenset()):
                status = other.status if event.status is Status.PLANNED else event.status
                who, by, amounts = event.who | other.who, event.by | other.by, event.amounts | other.amounts
                event = replace(event, who=who, by=by, amounts=amounts, status=status)
    return event


@dataclass(frozen=True, slots=True)
class _Text:
    """The nearest article in the same language.

    novelty  0..1, of the text against it
    number   in the story's order; None: there is none
    hours    since it was published
    """

    novelty: float
    number: int | None
    hours: float | None = None


def _nearest_text(new: Read, story: Story) -> _Text:
    texts = story.texts.get(new.language)
    if texts is None or not len(texts):
        return _Text(_UNCOMPARED if len(story) else 1.0, None)
    title = next((line.text for line in new.lines if line.headline), "")
    found = texts.nearest(title, new.article.text)
    if found.key is None:
        return _Text(found.novelty, None)
    return _Text(found.novelty, found.key, (new.at - story.articles[found.key][0]).total_seconds() / 3600)


def _novelty(new: Read, told: _Told, nearest: _Text, story: Story) -> tuple[float, dict[str, Any]]:
    """Return the sum of all measures within 0..1, and each of them."""
    kind, mark = genre(new.article.title)
    report, abroad = kind == REPORT, _is_repeated_abroad(told, new, story)
    total = min(nearest.novelty, _UNCOMPARED) if abroad else nearest.novelty
    gates: dict[str, Any] = {"text not said before": round(total, 3)}
    for name, value in (
        ("new events", _gain(told, scenery=report, lead=not abroad)),
        ("told in another language", -_REPEATED_ABROAD if abroad else 0.0),
        ("events known", 0.0 if abroad else -_loss(told, new)),
        ("time since the nearest", _distance(nearest) if report and not abroad else 0.0),
        ("kind of text", 0.0 if report else -_LOOKS_BACK),
        ("looks back", -_PAST_LEAD if _looks_back(new) else 0.0),
    ):
        if value:
            gates[name] = round(value, 3)
            total += value
    if mark:
        gates["kind of text is"] = f"{kind} (“{mark}”)"
    total = min(1.0, max(0.0, total)) if len(story) else 1.0
    held = _held(told, new) if total >= THRESHOLD and len(story) else ""
    if held:
        gates["held back"] = held
        total = _HELD
    gates["novelty"] = round(total, 3)
    gates["threshold"] = THRESHOLD
    return total, gates


def _held(told: _Told, new: Read) -> str:
    """Return why new words alone are no news here: the headline tells no event, and the text is none of a report."""
    if told.title:
        return ""
    sourced = names_source([line.text for line in new.body[:_LEAD_LINES]])
    own = argues(new.article.text, new.article.language)
    if own and not sourced:
        return f"the headline tells no event, and the writer argues (“{own}”)"
    if new.language != _ATTRIBUTES or sourced or any(one.change in _HARD for one in told.lead) or _is_dated(new):
        return ""
    return "headline and lead tell no new event, name no source and no day"


def _is_dated(new: Read) -> bool:
    """Tell whether the lead names a day of late, or gives numbers along with names."""
    lead = [line.facts for line in new.body[:_LEAD_LINES] if line.facts.past is None]
    return any(facts.happened_on is not None or (facts.names and facts.amounts) for facts in lead)


def _worth(one: Compared) -> float:
    worth = _WEIGHT[one.change]
    if is_scenery(one.event.kind):
        worth *= _SCENERY_SHARE
    if one.event.status is Status.PLANNED:
        worth *= _PLAN_SHARE
    return worth


def _gain(told: _Told, *, scenery: bool, lead: bool) -> float:
    """Return what the new events count for the article.

    scenery  events that are often mere scenery count, at their share
    lead     those of the lead count, not the headline's alone
    """
    title = max((_worth(one) for one in told.title if scenery or not is_scenery(one.event.kind)), default=0.0)
    below = max((_worth(one) for one in told.lead if scenery or not is_scenery(one.event.kind)), default=0.0)
    return min(_MOST_GAIN, title + (_LEAD_SHARE * below if lead else 0.0))


def _deciding(told: _Told) -> list[Compared]:
    """Return the events that an article stands for: the headline's, or else the lead's; scenery if that is all."""
    events = told.title or told.lead
    return [one for one in events if not is_scenery(one.event.kind)] or list(events)


def _loss(told: _Told, new: Read) -> float:
    """Return how much speaks against an article all of whose events are known, and were told of late."""
    deciding = _deciding(told)
    if any(one.change in _HARD for one in deciding):
        return 0.0
    loss = max((_repeats(one, new) for one in deciding), default=0.0) * (1.0 if told.title else _LEAD_SHARE)
    firm = [one for one in (*told.title, *told.lead) if not is_scenery(one.event.kind)]
    if loss and not any(one.change in _HARD for one in firm):
        loss += _KNOWN_MORE * min(2, sum(_repeats(one, new) >= _KNOWN_SAME for one in firm) - 1)
    return max(0.0, loss)


def _is_repeated_abroad(told: _Told, new: Read, story: Story) -> bool:
    """Tell whether the article is the first in its language to tell what another language told of late."""
    firm = [one for one in told.title if not is_scenery(one.event.kind)]
    firm = firm or [one for one in told.lead if not is_scenery(one.event.kind)]
    return not any(one.change in _HARD for one in firm) and any(_only_abroad(one, new, story) for one in firm)


def _only_abroad(one: Compared, new: Read, story: Story) -> bool:
    """Tell whether this very event was told of late, and in other languages only."""
    if one.change in _HARD or one.event.status is Status.PLANNED:
        return False
    of_late = story.told_alike(one.event, new.at - SOON)
    return bool(of_late) and all(each.language != new.language for each in of_late)


def _repeats(one: Compared, new: Read) -> float:
    if one.nearest is None or new.at - one.nearest.at > SOON:
        return 0.0
    known = one.nearest.event
    same = bool(one.event.who & known.who or one.event.amounts & known.amounts)
    return (_KNOWN_SAME if same else _KNOWN_KIND) * (_SCENERY_SHARE if is_scenery(one.event.kind) else 1.0)


def _distance(nearest: _Text) -> float:
    if nearest.hours is None:
        return 0.0
    return _PER_DECADE * max(-1.0, min(1.0, log10(max(nearest.hours, 1.0) / 24)))


def _looks_back(new: Read) -> bool:
    lead = new.body[:2]
    return bool(lead) and all(line.facts.past is not None for line in lead)


# ----------------------------------------------------------------------------------------------- what is new, and why


def _development(new: Read, told: _Told, novelty: float, story: Story) -> Development:
    lines = _evidence(new, told, story)
    reverses = any(one.change is Change.REVERSED for one in (*told.title, *told.lead))
    return Development(
        headline=new.article.title.strip() or lines[0].text,
        kind="reversal" if reverses else "new-development",
        novelty=round(novelty, 3),
        evidence=tuple(Evidence(line.text) for line in lines),
        happened_on=_happened_on(lines, new.day),
        firm=any(map(_is_firm, told.title or told.lead)),
    )


def _is_firm(one: Compared) -> bool:
    """Tell whether an event is new, done, and news itself."""
    return one.change in _HARD and one.event.status is Status.DONE and not is_scenery(one.event.kind)


def _evidence(new: Read, told: _Told, story: Story) -> list[Line]:
    """Return the lines that say something new: the one that states the development, then others in their order."""
    body = list(new.body)
    worth: dict[str, float] = {}
    for one in (*told.title, *told.lead, *told.rest):
        worth[one.event.kind] = max(worth.get(one.event.kind, 0.0), _worth(one))
    title = next((line for line in new.lines if line.headline), None)
    found: list[tuple[float, int]] = []
    for position, line in enumerate(body):
        if line.facts.past is not None:
            continue
        said = story.sentences.nearest(line.terms).novelty
        gain = max((worth.get(event.kind, 0.0) for event in line.facts.events), default=0.0)
        stated = _stated(line, title) if title is not None else 0.0
        if (said >= _LINE_NEW and (line.facts.events or line.facts.amounts)) or gain > 0 or stated >= _STATES:
            found.append((_telling(line, said, gain, position), position))
    if not found:
        return body[:1] or list(new.lines[:1])
    first = _first_of(found, body, title)
    near = frozenset(body[first].terms) | (frozenset(title.terms) if title is not None else frozenset())
    others = [row for row in found if row[1] != first and not near.isdisjoint(body[row[1]].terms)]
    others.sort(key=lambda row: (-row[0], row[1]))
    return [body[first], *(body[at] for at in sorted(at for _, at in others[: _MOST_EVIDENCE - 1]))]


def _first_of(found: Sequence[tuple[float, int]], body: Sequence[Line], title: Line | None) -> int:
    """Return the position of the sentence that states what the headline states; without one, of the most telling."""
    if title is not None:
        stated = {at: _stated(body[at], title) for _, at in found}
        best = max(stated, key=lambda at: (stated[at] - _LATER * at, -at))
        if stated[best] > 0:
            return best
    return max(found, key=lambda row: (row[0], -row[1]))[1]


def _stated(line: Line, title: Line) -> float:
    """Return how much of the headline a sentence states: the share of its words, and more for its events."""
    kinds = {event.kind for event in title.facts.events}
    words = frozenset(title.terms)
    events = len(kinds & {event.kind for event in line.facts.events}) / len(kinds) if kinds else 0.0
    return len(words.intersection(line.terms)) / max(1, len(words)) + _SHARED_EVENTS * events


def _telling(line: Line, said: float, gain: float, position: int) -> float:
    facts = line.facts
    return (
        said
        + 3.0 * gain
        + 0.1 * bool(facts.amounts)
        + 0.1 * bool(facts.names)
        + 0.2 * bool(facts.events)
        - 0.04 * position
    )


def _happened_on(lines: Sequence[Line], day: date) -> date | None:
    return next(
        (
            line.facts.happened_on
            for line in lines
            if line.facts.happened_on is not None and day - _RECENT <= line.facts.happened_on <= day
        ),
        None,
    )


def _whats_new(told: _Told, new: Read, story: Story) -> str:
    """Return what is new, in words for people: "new: arrested (5 people); told before with another number"."""
    best = max((*told.title, *told.lead), key=_worth, default=None)
    if best is not None and _worth(best):
        return f"new: {describe(best, story.often())}"
    nearest = _nearest_sentence(new, story).get("nearest known sentence")
    return "new: no earlier report says this" + (f"; nearest known: {nearest}" if nearest else "")


def _nearest_sentence(new: Read, story: Story) -> dict[str, Any]:
    first = next((line for line in new.lines if line.terms), None)
    if first is None:
        return {}
    found = story.sentences.nearest(first.terms)
    if found.key is None:
        return {"nearest known sentence": None}
    at = story.articles[found.key][0]
    return {"nearest known sentence": f"{quoted(found.said)} ({at:%Y-%m-%d})"}


# --------------------------------------------------------------------------------------------------- what is told again


def _contradicted(told: _Told) -> tuple[Corroboration, ...]:
    """Return the developments that a reversal takes back, with the sentence that does."""
    found: dict[DevelopmentId, Evidence] = {}
    for one in (*told.title, *told.lead):
        if one.change is Change.REVERSED and one.nearest is not None and one.nearest.development is not None:
            found.setdefault(one.nearest.development, Evidence(one.line.text, "contradicts"))
    return tuple(Corroboration(development, (evidence,)) for development, evidence in found.items())


def _corroborations(new: Read, told: _Told, nearest: _Text, story: Story) -> tuple[Corroboration, ...]:
    """Return the one development that the article tells again: by its events, or else by its text."""
    for one in (*told.title, *told.lead):
        if one.change in {Change.KNOWN, Change.CONFIRMED} and not is_scenery(one.event.kind):
            latest = _latest(one, story)
            if latest is not None:
                return (Corroboration(latest, (Evidence(_first(one.line, new), "corroborates"),)),)
    if nearest.number is not None and nearest.novelty < THRESHOLD and new.lines:
        development = story.articles[nearest.number][2]
        if development is not None:
            return (Corroboration(development, (Evidence(_first(new.lines[0], new), "corroborates"),)),)
    return ()


def _latest(one: Compared, story: Story) -> DevelopmentId | None:
    return one.nearest.development if one.nearest is not None else None


def _first(line: Line, new: Read) -> str:
    """Return the sentence of the text that stands for a line: a headline's events are told again below it."""
    kinds = {event.kind for event in line.facts.events}
    for other in new.body:
        if line.headline and kinds & {event.kind for event in other.facts.events}:
            return other.text
    return line.text


# ----------------------------------------------------------------------------------------------------- copies, rereads


def _judge_residue(new: Read, residue: frozenset[str], story: Story) -> Judgement:
    """Judge the sentences that a copy adds or changes: only a firm new event in one about the story is news."""
    lines = [
        line for line in new.body if line.text in residue and not story.says(line.text) and line.facts.past is None
    ]
    told = [story.compare(event, line) for line in lines for event in line.facts.events]
    fresh = [one for one in told if one.change in _HARD and not is_scenery(one.event.kind) and _is_about(one, story)]
    best = max(fresh, key=_worth, default=None)
    why: dict[str, Any] = {"sentences of its own": len(lines)}
    if best is None or best.event.status is Status.PLANNED:
        return Judgement(Verdict.NOTHING_NEW, 0.0, why)
    novelty = max(THRESHOLD, story.sentences.nearest(best.line.terms).novelty)
    why |= {"new": f"new: {describe(best)}", "gates": {"novelty": round(novelty, 3), "threshold": THRESHOLD}}
    chosen = list(dict.fromkeys((best.line, *(one.line for one in fresh))))[:_MOST_EVIDENCE]
    development = Development(
        headline=new.article.title.strip() or best.line.text,
        kind="reversal" if best.change is Change.REVERSED else "new-development",
        novelty=round(novelty, 3),
        evidence=tuple(Evidence(line.text) for line in chosen),
        happened_on=_happened_on(chosen, new.day),
        firm=any(map(_is_firm, fresh)),
    )
    return Judgement(Verdict.NEW, novelty, why, development, _contradicted(_Told((), tuple(fresh), ())))


def _is_about(one: Compared, story: Story) -> bool:
    """Tell whether a sentence is about the story: it names what the story names, or changes a number of it."""
    if one.change is Change.AMOUNT:
        return story.sentences.nearest(one.line.terms).novelty < 1 - _RESIDUE_NEW or bool(
            one.line.facts.names & story.names.keys()
        )
    return (
        any(story.names[name] > 1 for name in one.line.facts.names)
        or story.sentences.nearest(one.line.terms).novelty < 0.8
    )


# ---------------------------------------------------------------------------------------------------------- milestones


def milestones_met(new: Read, milestones: Sequence[Milestone], story: Story) -> tuple[MilestoneMet, ...]:
    """Return the expectations that a sentence says came true: not planned, not denied, not alleged."""
    found = []
    for milestone in milestones:
        if milestone.expect in story.met:
            continue
        sentence = _says_so(new, [fold(phrase) for phrase in milestone.any])
        if sentence is not None:
            found.append(MilestoneMet(milestone.expect, sentence))
    return tuple(found)


def _says_so(new: Read, phrases: Sequence[str]) -> str | None:
    for line in (*new.body, *(line for line in new.lines if line.headline)):
        folded = fold(line.text)
        for phrase in phrases:
            at = folded.find(phrase)
            if at >= 0 and certainty(folded, at) is Status.DONE and not awaited(folded, at + len(phrase)):
                return line.text
    return None
