"""Texts without a headline: each sentence stands for itself."""

from datetime import UTC, datetime

import pytest

from monitor.judge import judge
from monitor.model import Article, DevelopmentId, Verdict
from monitor.story.memory import Read, Story, read
from monitor.story.sayings import NOT_SAID, TELLS, sayings

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
KNOWN = (
    "A bomb exploded at the railway station of Norvik on Monday, and three people were killed, police said.",
    "The explosion at Norvik's railway station injured 40 people, the hospital of the town said.",
    "Police closed the railway station of Norvik after the explosion and searched trains for bombs.",
)


def note(text: str) -> Read:
    return read(Article(url="https://ticker.example/1", title="", text=text, language="en"), NOON)


def story() -> Story:
    memory = Story()
    for number, text in enumerate(KNOWN, 1):
        memory.learn(note(text), DevelopmentId(number))
    return memory


CASES = {
    "a number of the story that changed": (
        "Eleven people have now died of the explosion at the railway station of Norvik, the mayor said on Tuesday.",
        True,
    ),
    "the same again": ("Three people were killed when a bomb exploded at the railway station of Norvik.", False),
    "something else": ("The weather will be fine.", False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_note_is_news_by_its_sentence(case: str) -> None:
    text, news = CASES[case]
    found = judge(note(text), None, story())
    assert (found.verdict is Verdict.NEW) is news, found.why
    if found.development is not None:
        assert [each.sentence for each in found.development.evidence] == [text]


def test_only_the_new_sentence_of_a_note_is_evidence() -> None:
    old, new = CASES["the same again"][0], CASES["a number of the story that changed"][0]
    found = judge(note(f"{old} {new}"), None, story())
    assert found.development is not None
    assert [each.sentence for each in found.development.evidence] == [new]


def test_a_sentence_is_new_if_it_tells_the_story_what_was_not_said() -> None:
    for one in sayings(note(" ".join(text for text, _ in CASES.values())), story()):
        assert one.new is (one.tells >= TELLS and one.not_said >= NOT_SAID)
        assert 0 <= one.tells <= 1
        assert 0 <= one.not_said <= 1


def test_the_first_note_of_a_story_is_news() -> None:
    assert judge(note(KNOWN[0]), None, Story()).verdict is Verdict.NEW
