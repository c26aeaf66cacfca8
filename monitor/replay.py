"""The same decisions as the daemon's, over articles of the past: for tuning, for backtests and as the benchmark.

Articles are judged in the order given; the clock is each article's own time, and only what came before counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .desk import Desk
from .errors import MonitorError
from .model import Article, ArticleId, Decision, DevelopmentId, Feedback, Filed, Topic, Verdict

_REQUIRED = ("id", "url", "published", "title", "text")
_TEXTS = ("url", "published", "title", "text")
_OPTIONAL_TEXTS = ("publisher", "language", "topic")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the articles of a JSONL file, one JSON object a line; blank lines are passed over.

    Raises   MonitorError naming the file, the line and what is wrong with it
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MonitorError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise MonitorError(f"{path}: line {number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise MonitorError(f"{path}: line {number}: found {type(row).__name__}; expected a JSON object")
        rows.append(row)
    return rows


def decisions(
    topics: Sequence[Topic], rows: Iterable[Mapping[str, Any]], only: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield a decision for each article and topic, in order.

    rows     as `read_rows` gives them; a row with "topic" is judged for that topic alone
    only     slug of the one topic that is judged
    Raises   MonitorError naming the row that is wrong and what it lacks
    """
    run = _Run(topics)
    for number, row in enumerate(rows, 1):
        article, at, name = _article(row, number)
        slugs = [row["topic"]] if row.get("topic") else list(run.desk.topics)
        for slug in slugs:
            if slug not in run.desk.topics:
                known = ", ".join(run.desk.topics)
                raise MonitorError(f"line {number}: topic: found “{slug}”; the config has: {known}")
        yield from run.judge(article, at, name, [slug for slug in slugs if only in (None, slug)])


@dataclass(frozen=True, slots=True)
class Changed:
    """A development that one of two runs tells and the other does not.

    feedback    how its alert was marked; None: it was not, or there was none
    """

    topic: str
    article: int
    title: str
    url: str
    published: datetime
    why: Mapping[str, Any]
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """The archive judged anew, against what was alerted then.

    kept            developments that both tell
    gained          told now, not then
    lost            told then, not now
    kept_marked     how many of the kept ones were marked useful, noise or known; those that were not are left out
    lost_marked     the same of the lost ones
    """

    articles: int
    kept: int
    gained: tuple[Changed, ...]
    lost: tuple[Changed, ...]
    kept_marked: Mapping[str, int]
    lost_marked: Mapping[str, int]


def from_archive(
    topics: Sequence[Topic],
    filed: Iterable[Filed],
    feedback: Mapping[tuple[int, str], Feedback] = MappingProxyType({}),
    only: str | None = None,
) -> Compared:
    """Judge the archive anew, in the order in which it was filed, and compare with what was alerted then.

    feedback how alerts were marked, by the id of the article that raised them and the topic
    only     slug of the one topic that is compared
    """
    run = _Run(topics)
    articles, kept = 0, 0
    kept_marked: Counter[str] = Counter()
    gained: list[Changed] = []
    lost: list[Changed] = []
    for each in filed:
        articles += 1
        slugs = [slug for slug in each.decided if slug in run.desk.topics and only in (None, slug)]
        quiet = frozenset(slug for slug in slugs if each.decided[slug] is Verdict.LEARNT)
        for row in run.judge(each.article, each.first_seen, int(each.id), slugs, quiet):
            was, mark = each.decided[row["topic"]] is Verdict.NEW, feedback.get((int(each.id), row["topic"]))
            if was != row["new"]:
                (lost if was else gained).append(_changed(each, row, mark))
            elif was:
                kept += 1
                kept_marked.update([mark.value] if mark else [])
    lost_marked = Counter(each.feedback.value for each in lost if each.feedback)
    return Compared(articles, kept, tuple(gained), tuple(lost), kept_marked, lost_marked)


class _Run:
    """One pass over a stream: its own desk, and running ids in place of the database's."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.desk = Desk(topics)
        self._names: dict[ArticleId, Any] = {}
        self._developments: dict[DevelopmentId, str] = {}

    def judge(
        self, article: Article, at: datetime, name: Any, slugs: Sequence[str], quiet: frozenset[str] = frozenset()
    ) -> Iterator[dict[str, Any]]:
        """Decide, learn, and yield the decisions with the stream's own ids.

        name    the article's id in the stream
        quiet   topics for which it is background
        """
        number = ArticleId(len(self._names) + 1)
        self._names[number] = name
        opened: dict[str, DevelopmentId] = {}
        found: list[Decision] = []
        for slug in slugs:
            decision = self.desk.consider(article, slug, at=at, background=slug in quiet)
            found.append(decision)
            if decision.development is not None:
                opened[slug] = DevelopmentId(len(self._developments) + 1)
                self._developments[opened[slug]] = f"{slug}/{len(self._developments) + 1}"
        self.desk.learn(number, article, found, opened, at=at)
        for decision in found:
            yield self._row(name, decision, opened.get(decision.topic))

    def _row(self, name: Any, decision: Decision, opened: DevelopmentId | None) -> dict[str, Any]:
        development = decision.development
        told = opened if opened is not None else next((one.development for one in decision.corroborates), None)
        why = dict(decision.why)
        if "copy" in why:
            why["copy"] = {**why["copy"], "of": self._name(decision.copy_of)}
        return {
            "id": name,
            "topic": decision.topic,
            "relevant": decision.relevant,
            "relevance": round(decision.relevance, 4),
            "copy_of": self._name(decision.copy_of),
            "new": development is not None,
            "novelty": round(decision.novelty, 4),
            "development": self._developments[told] if told is not None else None,
            "happened_on": development.happened_on.isoformat() if development and development.happened_on else None,
            "evidence": [each.sentence for each in development.evidence] if development else _again(decision),
            "verdict": decision.verdict.value,
            "milestones": [each.expect for each in decision.milestones],
            "why": why,
        }

    def _name(self, article: ArticleId | None) -> Any:
        return self._names.get(article) if article is not None else None


def _again(decision: Decision) -> list[str]:
    return [each.sentence for one in decision.corroborates for each in one.evidence]


def _changed(filed: Filed, row: Mapping[str, Any], feedback: Feedback | None) -> Changed:
    article = filed.article
    at = article.published or filed.first_seen
    return Changed(row["topic"], int(filed.id), article.title, article.url, at, row["why"], feedback)


def _article(row: Mapping[str, Any], number: int) -> tuple[Article, datetime, Any]:
    missing = [key for key in _REQUIRED if key not in row]
    if missing:
        raise MonitorError(f"line {number}: {', '.join(missing)} missing; an article needs {', '.join(_REQUIRED)}")
    for key in (*_TEXTS, *_OPTIONAL_TEXTS):
        if not isinstance(row.get(key), str) and (key in _TEXTS or row.get(key) is not None):
            raise MonitorError(f"line {number}: {key}: found {json.dumps(row.get(key))}; expected text")
    at = _instant(row["published"], number)
    article = Article(
        url=row["url"],
        title=row["title"],
        text=row["text"],
        publisher=row.get("publisher"),
        published=at,
        language=row.get("language"),
    )
    return article, at, row["id"]


def _instant(text: str, number: int) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise MonitorError(
            f"line {number}: published: found “{text}”; expected ISO 8601, such as 2026-11-22T16:05:13Z"
        ) from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
