"""The desk: all topics' memories, and the one place that decides what an article is to a topic.

consider   article -> Decision, from what is known now; changes nothing
learn      after the decision is filed: it is known from here on
remember   the same from the archive, when the process starts
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .dedupe import Copy, Index
from .judge import Judgement, judge, milestones_met
from .model import Article, ArticleId, Corroboration, Decision, DevelopmentId, Drift, Evidence, Filed, Topic, Verdict
from .relevance import Profile, Relevance
from .story.drift import Course, Given, gist
from .story.meaning import load
from .story.memory import Read, Story, read
from .story.terms import Counts, vector


@dataclass(slots=True)
class _Followed:
    """A topic, and what is known of it.

    told    the development that each relevant article told or confirmed
    seed    title and text of the seed article
    latest  the article read last, as it is considered and learnt one after the other
    courses language -> what the accepted articles are about, to see it change
    """

    topic: Topic
    profile: Profile
    story: Story = field(init=False)
    index: Index[ArticleId] = field(default_factory=Index)
    told: dict[ArticleId, DevelopmentId] = field(default_factory=dict)
    seed: tuple[str, str] | None = None
    latest: tuple[tuple[str, str, datetime], Read] | None = None
    courses: dict[str, Course] = field(default_factory=dict)
    given: Given = field(init=False)

    def __post_init__(self) -> None:
        self.story = Story(everything=self.topic.about == "*")
        self.given = Given(self.topic)

    def accept(self, key: ArticleId, new: Read) -> None:
        """Take an article that is no copy for what the story is about."""
        course = self.courses.setdefault(new.language, Course(new.language))
        course.take(gist(key, new, self.given))

    def drift(self) -> Drift | None:
        several = len(self.courses) > 1
        found = (
            course.drift(language if several else "", asked=self.topic.about is not None)
            for language, course in self.courses.items()
        )
        return next(filter(None, found), None)

    def read(self, article: Article, at: datetime) -> Read:
        key = (article.title, article.text, at)
        if self.latest is None or self.latest[0] != key:
            self.latest = (key, read(article, at, self.story.names))
        return self.latest[1]


class Desk:
    """Judges articles for all topics; one article after the other, as each may be news only against those before it."""

    def __init__(self, topics: Sequence[Topic], *, by_meaning: bool = False) -> None:
        """Take up the topics; a seed given as text is learnt at once (its first line is the title).

        by_meaning   show the known sentence that is nearest in meaning, which needs the extra "embeddings"; otherwise
                     the one that shares most words
        """
        self._meaning = load() if by_meaning else None
        self.topics: Mapping[str, Topic] = {topic.slug: topic for topic in topics}
        self._read = Counts()
        self._learns = any(topic.about is None for topic in topics)
        self._followed = {topic.slug: _Followed(topic, Profile(topic, None)) for topic in topics}
        for topic in topics:
            if topic.seed is not None and topic.seed.text is not None:
                article = _seed_article(topic.seed.text)
                self.seed(topic.slug, article)
                self._followed[topic.slug].index.add(_SEED, article.text)

    def seed(self, slug: str, article: Article) -> None:
        """Learn the article that a story starts from: its terms, its names and what it tells."""
        followed = self._followed[slug]
        if followed.seed == (article.title, article.text):
            return
        followed.seed = (article.title, article.text)
        followed.profile = Profile(followed.topic, article, self._read)
        new = followed.read(article, _seen(article, None))
        followed.story.learn(new, None)
        followed.accept(_SEED, new)

    def consider(
        self,
        article: Article,
        slug: str,
        *,
        at: datetime,
        known: ArticleId | None = None,
        background: bool = False,
    ) -> Decision:
        """Return what the article is to the topic; changes nothing.

        at          when we first saw it; counts when the article gives no time of its own
        known       it is filed under this id and was read again: only what is new in it counts
        background  it was there before the topic was watched: it is learnt, and raises nothing
        """
        followed = self._followed[slug]
        relevance = followed.profile.assess(article)
        why: dict[str, Any] = {"relevance": _relevance(relevance)}
        if not relevance.relevant:
            return Decision(slug, Verdict.IRRELEVANT, False, relevance.score, why)
        new = followed.read(article, _seen(article, at))
        copy = _copy(followed, new, known, why)
        if background:
            why["learnt"] = "it was there before this was watched"
            return Decision(slug, Verdict.LEARNT, True, relevance.score, why, copy_of=_original(copy))
        residue = _residue(followed, new, copy, known)
        again = known is not None and copy is None
        found = judge(new, residue, followed.story, followed.topic.milestones, self._meaning, again=again)
        if found.development is None and residue is not None and _leads_with_its_own(new, residue):
            whole = judge(new, None, followed.story, followed.topic.milestones, self._meaning)
            if whole.development is not None:
                why["opens with"] = "a sentence of its own that the headline is about: it is the next report"
                found, copy = whole, None
        why |= found.why
        if known is not None:
            why["read again"] = "only what is new in it counts" if residue is not None else "it is another text by now"
        if copy is not None and found.development is None:
            found = _copied(followed, new, copy, found)
        return Decision(
            topic=slug,
            verdict=found.verdict,
            relevant=True,
            relevance=relevance.score,
            why=why,
            copy_of=_original(copy),
            development=found.development,
            corroborates=found.corroborates,
            milestones=found.milestones,
            novelty=found.novelty,
        )

    def learn(
        self,
        article_id: ArticleId,
        article: Article,
        decisions: Sequence[Decision],
        developments: Mapping[str, DevelopmentId],
        *,
        at: datetime,
    ) -> None:
        """Remember an article as it was decided on and filed.

        developments  slug -> the development that was opened for it
        at            when we first saw it
        """
        for decision in decisions:
            followed = self._followed.get(decision.topic)
            if followed is None or not decision.relevant:
                continue
            confirmed = next((one.development for one in decision.corroborates), None)
            development = developments.get(decision.topic, confirmed)
            followed.story.met.update(milestone.expect for milestone in decision.milestones)
            followed.profile.learn(article)
            if decision.copy_of is None:
                followed.accept(article_id, followed.read(article, _seen(article, at)))
            self._file(followed, article_id, article, _seen(article, at), development)
        self._count(article, {each.topic: (each.relevant, each.relevance) for each in decisions})

    def remember(self, filed: Filed) -> None:
        """Remember an article of the archive, in the order in which they were filed."""
        for slug, verdict in filed.decided.items():
            followed = self._followed.get(slug)
            if followed is None or verdict is Verdict.IRRELEVANT:
                continue
            at = _seen(filed.article, filed.first_seen)
            if verdict is not Verdict.LEARNT:
                met = milestones_met(followed.read(filed.article, at), followed.topic.milestones, followed.story)
                followed.story.met.update(milestone.expect for milestone in met)
            if filed.copy_of is None and followed.profile.assess(filed.article).relevant:  # by the query as it is now
                followed.accept(filed.id, followed.read(filed.article, at))
            followed.profile.learn(filed.article)
            self._file(followed, filed.id, filed.article, at, filed.told.get(slug))
        if self._read.enough:
            return
        relevant = {slug: verdict is not Verdict.IRRELEVANT for slug, verdict in filed.decided.items()}
        self._count(filed.article, {slug: (relevant[slug], self._score(slug, filed.article)) for slug in relevant})

    def _score(self, slug: str, article: Article) -> float:
        followed = self._followed.get(slug)
        return followed.profile.assess(article).score if followed is not None and followed.profile.learns else 0.0

    def _count(self, article: Article, decided: Mapping[str, tuple[bool, float]]) -> None:
        """Count the article among what was read, if a topic learns from that and no topic is in doubt about it.

        decided  slug -> is it relevant, and how much
        """
        profiles = [(self._followed[slug].profile, found) for slug, found in decided.items() if slug in self._followed]
        if self._learns and all(profile.is_clear(*found) for profile, found in profiles):
            self._read.add(vector(article.title, article.text))

    def drifts(self) -> Mapping[str, Drift]:
        """Return the topics whose accepted articles are about something else now."""
        found = {slug: followed.drift() for slug, followed in self._followed.items()}
        return {slug: drift for slug, drift in found.items() if drift is not None}

    def _file(
        self, followed: _Followed, key: ArticleId, article: Article, at: datetime, development: DevelopmentId | None
    ) -> None:
        followed.story.learn(followed.read(article, at), development)
        followed.index.add(key, article.text, source=article.publisher)
        if development is not None:
            followed.told[key] = development
        followed.latest = None


def _seed_article(text: str) -> Article:
    title, _, rest = text.strip().partition("\n")
    return Article(url="", title=title.strip(), text=rest.strip())


def _seen(article: Article, at: datetime | None) -> datetime:
    """Return the time an article counts from: what it says of itself, never later than we saw it."""
    stated = article.published or article.modified
    if stated is None:
        return at or _LONG_AGO
    return min(stated, at) if at is not None else stated


_MOSTLY_OWN = 0.5  # with that much of its own, an article is no copy, though it quotes one, and a page is another
_SHARED_TERMS = 2  # of headline and lead: one may be the name that every headline of the story has
_SEED = ArticleId(0)  # no filed article has it: a seed given as text is nobody's page
_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _relevance(found: Relevance) -> dict[str, Any]:
    return {"score": round(found.score, 3), "threshold": round(found.threshold, 3), "reasons": list(found.reasons)}


def _copy(followed: _Followed, new: Read, known: ArticleId | None, why: dict[str, Any]) -> Copy[ArticleId] | None:
    """Return what the article copies, noted in `why`; None for one that is mostly its own, though it quotes another."""
    copy = followed.index.find(new.article.text, source=new.article.publisher, exclude=known)
    if copy is None:
        return None
    own = _own_share(new, copy.residue)
    why["copy"] = {"of": int(copy.key), "containment": round(copy.containment, 3), "own share": round(own, 3)}
    return copy if own < _MOSTLY_OWN else None


def _original(copy: Copy[ArticleId] | None) -> ArticleId | None:
    return copy.key if copy is not None and copy.key != _SEED else None


def _leads_with_its_own(new: Read, residue: Container[str]) -> bool:
    """Tell whether an article opens with a sentence of its own that its headline is about.

    Then it is the next report, which repeats old paragraphs as background, and no reprint with additions.
    """
    title = next((frozenset(line.terms) for line in new.lines if line.headline), frozenset())
    lead = next(iter(new.body), None)
    return lead is not None and lead.text in residue and len(title & frozenset(lead.terms)) >= _SHARED_TERMS


def _own_share(new: Read, residue: Sequence[str]) -> float:
    """Return the share of an article, 0..1, that is not known from elsewhere; 0 for an article without sentences."""
    own = frozenset(residue)
    whole = sum(len(line.text) for line in new.body)
    return sum(len(line.text) for line in new.body if line.text in own) / whole if whole else 0.0


def _residue(
    followed: _Followed, new: Read, copy: Copy[ArticleId] | None, known: ArticleId | None
) -> Sequence[str] | None:
    """Return the sentences that can be news where the others are known; None: the article is mostly its own."""
    if copy is not None:
        return copy.residue
    if known is None:
        return None
    unsaid = [line.text for line in new.body if line.text not in followed.story.said]
    return unsaid if _own_share(new, unsaid) < _MOSTLY_OWN else None


def _copied(followed: _Followed, new: Read, copy: Copy[ArticleId], found: Judgement) -> Judgement:
    """Return the judgement on a copy without news: it tells its original's development once more."""
    found = replace(found, verdict=Verdict.COPY)
    development = followed.told.get(copy.key)
    if development is None or not new.lines:
        return found
    line = next((line for line in new.body if line.text in followed.story.said), new.lines[0])
    return replace(found, corroborates=(Corroboration(development, (Evidence(line.text, "corroborates"),)),))
