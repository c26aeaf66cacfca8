import pytest

from monitor.story.genre import KINDS, REPORT, genre

TITLES = {
    "Bank dismisses director": REPORT,
    "银行辞退主管": REPORT,
    "Timeline of the bank affair": "timeline",
    "时间线：银行事件": "timeline",
    "Explainer: what we know about the fire": "explainer",
    "一文读懂银行案": "explainer",
    "Year in review: ten moments of banking": "review",
    "Opinion: banks must change": "comment",
    "What the verdict says about banks": "comment",
    "Why banks fail": "comment",
    "锐评：银行怎么了": "comment",
    "": REPORT,
}


@pytest.mark.parametrize("title", TITLES)
def test_kind_of_text(title: str) -> None:
    kind, mark = genre(title)
    assert kind == TITLES[title]
    assert kind in KINDS
    assert mark in title
    assert bool(mark) is (kind != REPORT)
