"""What is said."""

from datetime import UTC, date, datetime

from monitor import alert
from monitor.model import (
    Article,
    Decision,
    Development,
    Evidence,
    Milestone,
    MilestoneMet,
    Verdict,
)

NOW = datetime(2021, 8, 9, 12, tzinfo=UTC)
ARTICLE = Article(
    "https://wire.example/a", "Manager fired", "The firm fired a manager.", publisher="Wire", published=NOW
)
FIRED = Development(
    "Manager fired",
    "new-development",
    0.9,
    (Evidence("The firm fired a manager."), Evidence("He will not return."), Evidence("Told again.", "corroborates")),
)


def decision(**more: object) -> Decision:
    return Decision("probe", Verdict.NEW, True, 1.0, {"new": "fired: manager"}, **more)  # type: ignore[arg-type]


def test_a_development_is_told_in_the_sources_own_sentences() -> None:
    (told,) = alert.compose(decision(development=FIRED), ARTICLE)
    assert (told.kind, told.headline) == ("new-development", "Manager fired")
    assert told.whats_new == "The firm fired a manager. He will not return."
    assert told.why == "fired: manager"
    assert (told.url, told.publisher, told.published) == (ARTICLE.url, "Wire", NOW)


def test_a_milestone_is_an_alert_of_its_own() -> None:
    met = MilestoneMet("a hotline runs", "The hotline has opened.")
    kinds = [told.kind for told in alert.compose(decision(development=FIRED, milestones=(met,)), ARTICLE)]
    assert kinds == ["new-development", "milestone-met"]


def test_a_decision_without_news_says_nothing() -> None:
    assert alert.compose(decision(), ARTICLE) == ()


def test_overdue_counts_the_days_and_names_the_phrases() -> None:
    told = alert.overdue("probe", Milestone("results", ("inquiry concluded",), date(2021, 9, 30)), date(2021, 10, 10))
    assert "10 days later" in told.whats_new
    assert "inquiry concluded" in told.why
