"""What ranks alerts: a table that a person can check by hand."""

import re
from itertools import product
from pathlib import Path

import pytest

from monitor import importance
from monitor.budget import PRESSING
from monitor.judge import THRESHOLD
from monitor.model import ALERT_KINDS

DOC = (Path(__file__).parent.parent / "docs" / "database.md").read_text("utf-8")
TOLD = ("new-development", "reversal")


def test_every_kind_of_alert_has_a_row_and_the_document_has_the_same() -> None:
    assert set(importance._OF_KIND) == set(ALERT_KINDS)
    table = DOC.partition("| weighs | kind |")[2].partition("\n\n")[0]
    told = {
        kind: float(weighs)
        for weighs, kinds in re.findall(r"^\| (0\.\d+) \| (`.+?`) \|", table, re.MULTILINE)
        for kind in re.findall(r"`(.+?)`", kinds)
    }
    assert told == importance._OF_KIND


def test_novelty_counts_from_where_there_is_a_development() -> None:
    assert importance._LEAST_NOVELTY == THRESHOLD
    assert importance.of("new-development", novelty=THRESHOLD) == importance.of("new-development")


SUMS = {
    "an edit": (("edited", None, False, 1), 0.20),
    "a milestone": (("milestone-met", None, False, 1), 0.80),
    "words that nothing earlier has": (("new-development", 1.0, False, 1), 0.35),
    "a firm event, new by half": (("new-development", 0.71, True, 1), 0.45),
    "a firm event that another outlet tells": (("new-development", 1.0, True, 2), 0.55),
    "nobody is counted yet": (("new-development", 0.71, True, 0), 0.45),
    "a reversal of all that was known, told by everybody": (("reversal", 1.0, True, 99), 1.0),
    "a copy's own sentence, whose novelty is not measured": (("new-development", 0.0, False, 1), 0.25),
    "a kind without a row": (("new-kind", None, False, 1), 0.25),
}


@pytest.mark.parametrize(("alert", "matters"), SUMS.values(), ids=SUMS)
def test_importance(alert: tuple[str, float | None, bool, int], matters: float) -> None:
    kind, novelty, firm, outlets = alert
    assert importance.of(kind, novelty=novelty, firm=firm, outlets=outlets) == pytest.approx(matters)


def test_all_is_between_0_and_1_and_more_never_counts_less() -> None:
    for kind in TOLD:
        for novelty, firm, outlets in product((0.8, 0.9, 1.0), (False, True), range(6)):
            matters = importance.of(kind, novelty=novelty, firm=firm, outlets=outlets)
            assert 0 <= matters <= 1
            assert importance.of(kind, novelty=1.0, firm=firm, outlets=outlets) >= matters
            assert importance.of(kind, novelty=novelty, firm=True, outlets=outlets) >= matters
            assert importance.of(kind, novelty=novelty, firm=firm, outlets=outlets + 1) >= matters


PRESSING_KINDS = {"reversal", "milestone-met", "blind"}


@pytest.mark.parametrize("kind", ALERT_KINDS)
def test_what_no_budget_holds(kind: str) -> None:
    """A single report is never pressing: what got in by mistake is the most novel of all."""
    alone = importance.of(kind, novelty=1.0, firm=True) if kind in TOLD else importance.of(kind)
    assert (alone > PRESSING) is (kind in PRESSING_KINDS)
