"""Is there a development in an article?  At most one, with the sentences that say so.

The article is held against all that is known of the story (story/measures.py): its words against those of the nearest
report, its events, names, numbers and days against everything told before, in any language, and what kind of text it
is.  The measures are weighed (story/weights.py); each of them is shown with what it counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from heapq import nlargest
from typing import Any

from .model import Corroboration, Development, DevelopmentId, Evidence, Milestone, MilestoneMet, Verdict
from .story import weights
from .story.again import LEAST, Again, told_again
from .story.evidence import MOST_EVIDENCE, evidence, evidence_of_sentences
from .story.facts import Status, awaited, certainty, is_scenery
from .story.meaning import Meaning, nearest
from .story.measures import HARD, Told, measures, told, worth
from .story.memory import Change, Compared, Line, Read, Story, fact_keys
from .story.novelty import Likeness
from .story.sayings import sayings
from .story.telling import describe, quoted
from .text import fold

THRESHOLD = 0.42  # from this novelty on, an article tells a development: one lost costs more than one told again

_RESIDUE_NEW = 0.5
_RESIDUE_NOVELTY = 0.8  # of a copy whose own sentences tell something new
_RECENT = timedelta(days=31)
_BY_FACTS = 3  # articles, whose headlines and leads are compared in meaning: some 20 sentences, 3 ms each


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


def judge(
    new: Read,
    residue: Sequence[str] | None,
    story: Story,
    milestones: Sequence[Milestone] = (),
    meaning: Meaning | None = None,
    *,
    again: bool = False,
) -> Judgement:
    """Return whether the article tells a development; changes nothing.

    residue      of a copy, or of a page read again: the sentences that the original does not have, and only they can
                 be news; None: all of it is the source's own
    milestones   what the topic waits for
    meaning      chooses the known sentence that is shown next to the news; None: the one that shares most words
    again        it is a page of the story that was read again
    """
    met = milestones_met(new, milestones, story)
    if residue is not None:
        return replace(_judge_residue(new, frozenset(residue), story, again=again), milestones=met)
    events = told(new, story)
    like = _likeness(new, story)
    bare = not any(line.headline for line in new.lines)
    novelty, why = _novelty_of_sentences(new, story) if bare else _novelty(new, events, like, story)
    known = _nearest_sentence(new, story, meaning)
    why |= known
    if novelty >= THRESHOLD and new.lines:
        lines = evidence_of_sentences(new, story) if bare else evidence(new, events, story)
        development = _development(new, events, novelty, lines)
        why["new"] = _whats_new(events, known.get("nearest known sentence"), story)
        return Judgement(Verdict.NEW, novelty, why, development, _contradicted(events), met)
    repeat = told_again(new, events, like, story)
    if repeat is None or not new.lines:
        return Judgement(Verdict.NOTHING_NEW, novelty, why, None, (), met)
    why["tells again"] = _rounded({**repeat.measures, "likely": repeat.likely, "threshold": LEAST})
    if repeat.likely < LEAST:
        return Judgement(Verdict.NOTHING_NEW, novelty, why, None, (), met)
    return Judgement(Verdict.CORROBORATES, novelty, why, None, (_corroboration(repeat, new, events),), met)


def _likeness(new: Read, story: Story) -> Likeness:
    texts = story.texts.get(new.language)
    if texts is None:
        return Likeness()
    title = next((line.text for line in new.lines if line.headline), "")
    return texts.likeness(title, new.article.text)


def _novelty(new: Read, events: Told, like: Likeness, story: Story) -> tuple[float, dict[str, Any]]:
    """Return the novelty, 0..1, and in words what was measured and how much each measure counted."""
    if not len(story):
        return 1.0, {"gates": {"first article of the story": 1.0, "novelty": 1.0, "threshold": THRESHOLD}}
    found = measures(new, events, like, story)
    novelty, parts = weights.ARTICLE.weigh(found)
    gates = {name: round(part, 2) for name, part in parts.items()}
    gates |= {"novelty": round(novelty, 3), "threshold": THRESHOLD}
    return novelty, {"gates": gates, "measures": _rounded(found)}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


def _novelty_of_sentences(new: Read, story: Story) -> tuple[float, dict[str, Any]]:
    """Return the novelty of a text without a headline: that of its most telling new sentence."""
    if not len(story):
        return 1.0, {"gates": {"first article of the story": 1.0, "novelty": 1.0, "threshold": THRESHOLD}}
    found = sayings(new, story)
    best = max((one.tells for one in found if one.new), default=0.0)
    novelty = best or min(THRESHOLD - 0.01, max((one.tells for one in found), default=0.0))
    gates = {"novelty": round(novelty, 3), "threshold": THRESHOLD, "no headline": "each sentence stands for itself"}
    weighed = [
        {"sentence": quoted(one.line.text), "tells": round(one.tells, 3), "not said before": round(one.not_said, 3)}
        | {"measures": _rounded(one.measures)}
        for one in found
    ]
    return novelty, {"gates": gates, "sentences": weighed}


# ----------------------------------------------------------------------------------------------- what is new, and why


def _development(new: Read, events: Told, novelty: float, lines: Sequence[Line]) -> Development:
    reverses = any(one.change is Change.REVERSED for one in events.above)
    return Development(
        headline=new.article.title.strip() or lines[0].text,
        kind="reversal" if reverses else "new-development",
        novelty=round(novelty, 3),
        evidence=tuple(Evidence(line.text) for line in lines),
        happened_on=_happened_on(lines, new.day),
        firm=any(map(_is_firm, events.title or events.lead)),
    )


def _is_firm(one: Compared) -> bool:
    """Tell whether an event is new, done, and news itself."""
    return one.change in HARD and one.event.status is Status.DONE and not is_scenery(one.event.kind)


def _happened_on(lines: Sequence[Line], day: date) -> date | None:
    return next(
        (
            line.facts.happened_on
            for line in lines
            if line.facts.happened_on is not None and day - _RECENT <= line.facts.happened_on <= day
        ),
        None,
    )


def _whats_new(events: Told, nearest_known: str | None, story: Story) -> str:
    """Return what is new, in words for people: "new: arrested (5 people); told before with another number"."""
    best = max(events.above, key=worth, default=None)
    if best is not None and worth(best):
        return f"new: {describe(best, _nearest_said(best, story), story.often())}"
    return "new: no earlier report says this" + (f"; nearest known: {nearest_known}" if nearest_known else "")


def _nearest_said(one: Compared, story: Story) -> str:
    return story.said[one.nearest.sentence] if one.nearest is not None else ""


def _nearest_sentence(new: Read, story: Story, meaning: Meaning | None) -> dict[str, Any]:
    """Return the known sentence that is nearest to the headline or else the first sentence, in words for people."""
    first = next((line for line in new.lines if line.terms), None)
    if first is None:
        return {}
    found = story.sentences.nearest(first.terms)
    if meaning is not None and (known := _known_sentences(first, new, story)):
        best, similarity = nearest(meaning, first.text, list(known))
        said, article = list(known.items())[best]
        return {
            "nearest known sentence": _known(said, article, story),
            "similarity in meaning": round(similarity, 2),
        }
    if found.key is None:
        return {"nearest known sentence": None}
    return {"nearest known sentence": _known(story.said[found.key], story.said.article(found.key), story)}


def _known_sentences(line: Line, new: Read, story: Story) -> dict[str, int]:
    """Return the sentences that may mean the same, each with its article: by words, or by facts in any language."""
    alike = nlargest(_BY_FACTS, story.alike_in_facts(fact_keys(new.above)), key=lambda pair: pair[1])
    by_facts = {said: article for article, _ in alike for said in story.above(article)}
    return by_facts | {
        story.said[one.key]: story.said.article(one.key)
        for one in story.sentences.alike(line.terms)
        if one.key is not None
    }


def _known(said: str, article: int, story: Story) -> str:
    return f"{quoted(said)} ({story.articles[article].at:%Y-%m-%d})"


# --------------------------------------------------------------------------------------------------- what is told again


def _contradicted(events: Told) -> tuple[Corroboration, ...]:
    """Return the developments that a reversal takes back, with the sentence that does."""
    found: dict[DevelopmentId, Evidence] = {}
    for one in events.above:
        if one.change is Change.REVERSED and one.nearest is not None and one.nearest.development is not None:
            found.setdefault(one.nearest.development, Evidence(one.line.text, "contradicts"))
    return tuple(Corroboration(development, (evidence,)) for development, evidence in found.items())


def _corroboration(again: Again, new: Read, events: Told) -> Corroboration:
    """Return the development that the article tells again, with the sentence that does: of its events, or the first."""
    line = next((one.line for one in events.above if _is_told_by(one, again.development)), new.lines[0])
    return Corroboration(again.development, (Evidence(_first(line, new), "corroborates"),))


def _is_told_by(one: Compared, development: DevelopmentId) -> bool:
    return one.nearest is not None and one.nearest.development == development and not is_scenery(one.event.kind)


def _first(line: Line, new: Read) -> str:
    """Return the sentence of the text that stands for a line: a headline's events are told again below it."""
    kinds = {event.kind for event in line.facts.events}
    for other in new.body:
        if line.headline and kinds & {event.kind for event in other.facts.events}:
            return other.text
    return line.text


# ----------------------------------------------------------------------------------------------------- copies, rereads


def _judge_residue(new: Read, residue: frozenset[str], story: Story, *, again: bool) -> Judgement:
    """Judge what a copy or a page read again adds or changes: only a firm new event in a line on the story is news."""
    lines = [
        line for line in new.body if line.text in residue and line.text not in story.said and line.facts.past is None
    ]
    found = [story.compare(event, line) for line in lines for event in line.facts.events]
    fresh = [
        one
        for one in found
        if one.change in HARD and not is_scenery(one.event.kind) and _is_about(one, story, again=again)
    ]
    best = max(fresh, key=worth, default=None)
    why: dict[str, Any] = {"sentences of its own": len(lines)}
    if best is None or best.event.status is Status.PLANNED:
        return Judgement(Verdict.NOTHING_NEW, 0.0, why)
    novelty = max(_RESIDUE_NOVELTY, story.sentences.nearest(best.line.terms).novelty)
    why |= {
        "new": f"new: {describe(best, _nearest_said(best, story))}",
        "gates": {"novelty": round(novelty, 3), "threshold": THRESHOLD},
    }
    chosen = list(dict.fromkeys((best.line, *(one.line for one in fresh))))[:MOST_EVIDENCE]
    title = new.article.title.strip()  # one that is known tells of the old
    development = Development(
        headline=title if title and title not in story.said else best.line.text,
        kind="reversal" if best.change is Change.REVERSED else "new-development",
        novelty=round(novelty, 3),
        evidence=tuple(Evidence(line.text) for line in chosen),
        happened_on=_happened_on(chosen, new.day),
        firm=any(map(_is_firm, fresh)),
    )
    return Judgement(Verdict.NEW, novelty, why, development, _contradicted(Told(lead=tuple(fresh))))


def _is_about(one: Compared, story: Story, *, again: bool) -> bool:
    """Tell whether a sentence is about the story: it names what the story names, or changes a number of it.

    again   the page itself is one of the story's, and the first that names somebody may have been itself
    """
    if one.change is Change.AMOUNT:
        return story.sentences.nearest(one.line.terms).novelty < 1 - _RESIDUE_NEW or bool(
            one.line.facts.names & story.names.keys()
        )
    return (
        any(story.names[name] > (0 if again else 1) for name in one.line.facts.names)
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
