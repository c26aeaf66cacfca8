"""Looking again at the page of a filed article: what a look means for its entry and its article.  Pure.

    Outcome, what is on the page -> why the article is not there any more, or None -> the next look

A page that is watched for itself is a source; of its article the same holds.

pipeline.py makes the looks; looks.py says when.
"""

from __future__ import annotations

import random
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from . import edits, looks, schedule, urls
from .errors import NotAnArticle
from .model import (
    Article,
    EntryState,
    EntryUpdate,
    Failed,
    Fetched,
    Filed,
    NotModified,
    Outcome,
    SourceState,
    SourceUpdate,
    Topic,
    Validators,
    Verdict,
    Waiting,
)

AT_ONCE = 5  # looks at a host's pages in one visit; the others of the host are put off
PUT_OFF_S = 600.0  # by so much: 30 looks an hour are one in a hundred of what the pause between requests lets through
GONE_STATUS = frozenset({404, 410})
EMPTIED = frozenset(
    {"error-page", "listing", "parked", "empty", "thin"}
)  # kinds of pages that hold no article any more
MISSED_ENOUGH = 3  # looks in a row, over so many hours, at which the article was not there
MISSED_FOR = timedelta(hours=6)
LOOKS_FOR_IT = 8  # looks, each half of MISSED_FOR after the one before; then again as rarely as at any page
FEWEST_LINKS = 3  # on a front page that works: one that is shut for repairs has none
MUCH_SHORTER = 0.5  # a page that has nothing of the article and is so much shorter is a notice


@dataclass(frozen=True, slots=True)
class Missing:
    """An article that is not on its page: why, in a clause, at how many looks in a row, and when at the first."""

    why: str
    looks: int
    since: datetime

    def is_long(self, now: datetime) -> bool:
        """Tell whether it was so often and long enough for the article to be called removed, if its site works."""
        return self.looks >= MISSED_ENOUGH and now - self.since >= MISSED_FOR


def wanted(decided: Mapping[str, Verdict], copy_of: int | None, topics: Mapping[str, Topic]) -> bool:
    """Tell whether the page of an article is to be looked at again: it is no copy, and a topic that wants it has it."""
    return copy_of is None and any(
        verdict not in (Verdict.IRRELEVANT, Verdict.COPY) and slug in topics and topics[slug].recheck
        for slug, verdict in decided.items()
    )


def conditions(waiting: Waiting, filed: Filed, now: datetime) -> Validators:
    """Return what to ask "has it changed?" with; none when the whole is wanted."""
    age_s = (now - _since(waiting, filed.first_seen, filed.article)).total_seconds()
    whole = waiting.missed or looks.asks_for_the_whole(age_s)
    return Validators() if whole else waiting.validators


def absent(outcome: Outcome, found: Article | NotAnArticle | None, article: Article) -> str | None:
    """Return in a clause why an article is not on its page any more; None: it is, or that cannot be told.

    found   what is on the page that came, if one came
    """
    if isinstance(outcome, Failed):
        return f"the page answers {outcome.status}" if outcome.status in GONE_STATUS else None
    if isinstance(outcome, NotModified):
        return None
    moved = isinstance(found, Article) and not edits.shares_nothing(article, found)
    if not moved and not urls.same_site(outcome.final_url, article.url):
        return f"the address leads to another site, {urls.host(outcome.final_url)}"
    if elsewhere := _leads_elsewhere(outcome.final_url, article.url):
        return elsewhere
    if isinstance(found, NotAnArticle) and found.kind in EMPTIED:
        return f"the page has no article any more ({found})"
    return None


def _leads_elsewhere(final: str, own: str) -> str | None:
    if urls.is_home(own) or not urls.same_site(final, own):
        return None
    if urls.is_home(final):
        return "the address leads to the front page"
    there, here = (urlsplit(url).path.rstrip("/") + "/" for url in (final, own))
    if there != here and here.startswith(there) and not urls.names_article(final):
        return f"the address leads to the section {there}"
    return None


def exchanged(outcome: Fetched, found: Article, filed: Filed, *, on_topic: bool) -> str | None:
    """Return in a clause why what a page shows is another text, not this one edited; None: it is the article.

    on_topic   the new text is about a topic that the article was about
    """
    old = filed.article
    if not edits.shares_nothing(old, found):
        return None
    moved = urls.identity(outcome.final_url) not in {
        urls.identity(url) for url in (old.url, old.fetched_url or old.url)
    }
    notice = len(found.text) < MUCH_SHORTER * len(old.text)
    return "the page has nothing of the article any more" if moved or notice or not on_topic else None


# -------------------------------------------------------------------------------------------- what becomes of the entry


def seen(
    waiting: Waiting,
    first_seen: datetime,
    article: Article,
    now: datetime,
    rng: random.Random,
    validators: Validators | None,
    *,
    again: bool = True,
) -> EntryUpdate:
    """Return an entry whose article was there; `again`: its page is to be looked at again."""
    since = _since(waiting, first_seen, article)
    due = schedule.next_recheck(since, now, rng, teaser=article.partial) if again else None
    return EntryUpdate(waiting.id, EntryState.ARTICLE, None, waiting.attempts + 1, due, validators)


def failed(
    waiting: Waiting, filed: Filed, why: str, now: datetime, rng: random.Random, outcome: Outcome
) -> EntryUpdate:
    """Return an entry whose page could not be had, which says nothing of the article: the next look is its time."""
    due = schedule.next_recheck(_since(waiting, filed.first_seen, filed.article), now, rng)
    retry_at = outcome.retry_at if isinstance(outcome, Failed) else None
    asked = not isinstance(outcome, Failed) or outcome.asked
    return EntryUpdate(
        waiting.id,
        EntryState.ARTICLE,
        why,
        waiting.attempts + asked,
        max(due, retry_at) if due and retry_at else due,
        missed=waiting.missed,
        missed_since=waiting.missed_since,
    )


def missed(waiting: Waiting, filed: Filed, missing: Missing, now: datetime, rng: random.Random) -> EntryUpdate:
    """Return an entry whose article was not there: it is looked for soon, for a while."""
    due = schedule.next_recheck(_since(waiting, filed.first_seen, filed.article), now, rng)
    soon = _soon(missing, filed, now, rng)
    return EntryUpdate(
        waiting.id,
        EntryState.ARTICLE,
        missing.why,
        waiting.attempts + 1,
        min(due or soon, soon) if soon else due,
        Validators(),
        missing.looks,
        missing.since,
    )


def missed_page(
    update: SourceUpdate, filed: Filed, missing: Missing, now: datetime, rng: random.Random
) -> SourceUpdate:
    """Return a watched page whose article was not there, after `update` for its failure: it is looked for soon, too."""
    soon = _soon(missing, filed, now, rng)
    due = min(update.due, soon) if soon else update.due
    return replace(update, state=SourceState.FAILING, due=due, absent=missing.looks, absent_since=missing.since)


def _soon(missing: Missing, filed: Filed, now: datetime, rng: random.Random) -> datetime | None:
    """Return when an article that was not there is looked for; None: no sooner than any other is looked at."""
    if missing.looks >= LOOKS_FOR_IT or filed.status == "gone":
        return None
    return schedule.next_due(now, MISSED_FOR.total_seconds() / 2, rng)


def shows_itself(front: Outcome, links: int, told_missing: Outcome) -> bool:
    """Tell whether a site works, by its front page.

    links          to articles, that the front page shows
    told_missing   the answer by which the article is missing; where it was no plain "not found" but some page, a front
                   page without links may be the same notice
    """
    plain = isinstance(told_missing, Failed)
    return (
        isinstance(front, Fetched) and urls.same_site(front.final_url, front.url) and (plain or links >= FEWEST_LINKS)
    )


def _since(waiting: Waiting, first_seen: datetime, article: Article) -> datetime:
    """Return from when the age of an article counts: what was there before we watched has been edited before."""
    stated = article.published
    return min(first_seen, stated) if waiting.background and stated is not None else first_seen


def topics_of(filed: Filed, followed: Container[str]) -> tuple[str, ...]:
    """Return the topics that are followed and that an article is about."""
    return tuple(
        slug for slug, verdict in filed.decided.items() if verdict is not Verdict.IRRELEVANT and slug in followed
    )
