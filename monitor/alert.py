"""What we say: from a decision, or from how a topic stands, to the alert that tells it.

Alerts are written with the developments they report; channels.py sends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from . import urls
from .model import Alert, Article, Decision, Development, Edit, Filed, Milestone, Quoted

MOST_SENTENCES = 3  # shown in an alert; the evidence table has them all
MOST_SOURCES = 5


def compose(decision: Decision, article: Article) -> tuple[Alert, ...]:
    """Return the alerts that a decision raises: its development, and the milestones it meets."""
    return (*_development(decision, article), *_milestones(decision, article))


def publisher(article: Article) -> str:
    """Return who says so: the name that the page gives itself, or else its host."""
    return article.publisher or urls.host(article.url)


def _development(decision: Decision, article: Article) -> Iterable[Alert]:
    development = decision.development
    if development is None:
        return
    sentences = [piece.sentence for piece in development.evidence if piece.role != "corroborates"]
    yield Alert(
        topic=decision.topic,
        kind=development.kind,
        headline=development.headline,
        whats_new=" ".join(sentences[:MOST_SENTENCES]),
        why=str(decision.why.get("new", "nothing earlier says this")),
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )


def resurfaced(topic: str, development: Development, article: Article, last: datetime, at: datetime) -> Alert:
    """Return the alert for a development that ends a long silence, in addition to the development's own.

    last   when the development before it was read
    at     when this one was told
    """
    days = (at - last).days
    return Alert(
        topic=topic,
        kind="resurfaced",
        headline=f"After {days} days of quiet, there is news: {development.headline}",
        whats_new=development.evidence[0].sentence,
        why=f"the development before this one was read on {last:%Y-%m-%d}, {days} days earlier",
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )


def _milestones(decision: Decision, article: Article) -> Iterable[Alert]:
    for met in decision.milestones:
        yield Alert(
            topic=decision.topic,
            kind="milestone-met",
            headline=met.expect,
            whats_new=met.sentence,
            why=f"expected: {met.expect}; this sentence says that it happened",
            url=article.url,
            publisher=publisher(article),
            published=article.published,
        )


def overdue(topic: str, milestone: Milestone, today: date) -> Alert:
    """Return the alert for an expectation whose day has passed."""
    days = (today - milestone.by).days if milestone.by else 0
    later = "a day later" if days == 1 else f"{days} days later"
    return Alert(
        topic=topic,
        kind="milestone-overdue",
        headline=f"Not seen yet: {milestone.expect}",
        whats_new=f"Expected by {milestone.by}; {later} no report says that it happened.",
        why="no article of this topic contains one of: " + ", ".join(milestone.any),
    )


def blind(topic: str, name: str, sources: int, why: str) -> Alert:
    """Return the alert for a topic none of whose sources can be read."""
    return Alert(
        topic=topic,
        kind="blind",
        headline=f"Blind to {name}: none of its {sources} sources can be read",
        whats_new=why,
        why="every source of the topic is failing, blocked, parked or silent; see `monitor sources`",
    )


def sees_again(topic: str, name: str, sources: int, unseen: int, since: datetime) -> Alert:
    """Return the alert for a topic of which something can be read again.

    since   when all of it was lost
    """
    seen = "its source" if sources == 1 else f"{sources - unseen} of its {sources} sources"
    return Alert(
        topic=topic,
        kind="blind",
        headline=f"No longer blind to {name}: {seen} can be read again",
        whats_new=f"None could be read since {since:%Y-%m-%d %H:%M} UTC. What the lists still show from that time is "
        "read now; what they have dropped since is not.",
        why="a source of the topic answers well again; see `monitor sources`",
    )


def lost(topic: str, name: str, kind: str, urls: Sequence[str], why: str) -> Alert:
    """Return the alert for sources of a topic that are gone ("parked") or moved on faster than we looked ("missed")."""
    count = "a source" if len(urls) == 1 else f"{len(urls)} sources"
    shown = "\n".join(urls[:MOST_SOURCES]) + (f"\nand {len(urls) - MOST_SOURCES} more" * (len(urls) > MOST_SOURCES))
    headline, reason = LOSSES[kind]
    return Alert(
        topic=topic,
        kind="blind",
        headline=headline.format(name=name, count=count),
        whats_new=f"{why}\n{shown}" if len(urls) == 1 else shown,
        why=reason,
    )


LOSSES = {
    "parked": (
        "Gone: {count} of {name}",
        "the address answers that there is nothing any more; it is asked once a day from now on. Correct the address "
        "in config.toml, or remove it",
    ),
    "missed": (
        "Items may have been missed in {count} of {name}",
        "none of the links shown now was there at the look before: more came in between than the list holds. It is "
        "looked at more often now; a smaller `interval` or a sitemap of the site helps",
    ),
}


def edited(topic: str, old: Article, new: Article) -> Alert:
    """Return the alert for an article whose headline was changed."""
    return Alert(
        topic=topic,
        kind="edited",
        headline=new.title,
        whats_new=f"The headline was: {old.title}",
        why=f"the words of the headline changed; it was “{old.title}”, it is “{new.title}”",
        url=new.url,
        publisher=publisher(new),
        published=new.published,
    )


def corrected(topic: str, new: Article, found: Sequence[Edit], quoted: Sequence[Quoted]) -> Alert:
    """Return the alert for an article that takes back or changes what a topic was told.

    found    the edits that do, as edits.corrections returns them; at least one
    quoted   the sentences that the topic's developments rest on, those that were edited first
    """
    return Alert(
        topic=topic,
        kind="corrected",
        headline=f"Corrected: {new.title}",
        whats_new="\n".join(_was_and_is(edit) for edit in found[:MOST_SENTENCES]),
        why="; ".join(dict.fromkeys(_why_corrected(edit, quoted) for edit in found)),
        url=new.url,
        publisher=publisher(new),
        published=new.published,
        about=quoted[0].development if quoted else None,
    )


def _was_and_is(edit: Edit) -> str:
    if not edit.sentence:
        return edit.became
    return f"was: {edit.sentence}; is: {edit.instead or 'not there any more'}"


def _why_corrected(edit: Edit, quoted: Sequence[Quoted]) -> str:
    rests = f", on which “{quoted[0].headline}” rests" if quoted else ""
    if not edit.sentence:
        return f"a note of {edit.kind} was added to the article{rests}"
    if edit.kind == "removed":
        return f"a sentence is gone from the article{rests}"
    return f"a {edit.kind} changed in a sentence{rests}: was “{edit.was}”, is “{edit.became or 'not there any more'}”"


def removed(topic: str, filed: Filed, looks: int, why: str) -> Alert:
    """Return the alert for an article that is gone from its page while the site works; `why` is a clause."""
    seen = f"{filed.last_seen:%Y-%m-%d %H:%M} UTC" if filed.last_seen is not None else "an unknown time"
    return Alert(
        topic=topic,
        kind="removed",
        headline=f"Removed: {filed.article.title}",
        whats_new=f"The article was last seen at {seen}, and not at the {looks} looks since. "
        f"Its text is kept: article {filed.id} in the tables articles and revisions, its page in captures.",
        why=f"{why}, again and again, while the site's front page works",
        url=filed.article.url,
        publisher=publisher(filed.article),
        published=filed.article.published,
        about=filed.told.get(topic),
    )


def back(topic: str, article: Article) -> Alert:
    """Return the alert for an article that is there again after a topic was told that it was removed."""
    return Alert(
        topic=topic,
        kind="removed",
        headline=f"Back again: {article.title}",
        whats_new="The article that was told to be removed is on its page again.",
        why="the page shows the article again; whoever was told that it was removed is told this, once",
        url=article.url,
        publisher=publisher(article),
        published=article.published,
    )
