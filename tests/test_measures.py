"""Each measure of an article against its story, by name: what moves it, and what does not."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import DevelopmentId
from monitor.story import weights
from monitor.story.measures import measures, told
from monitor.story.memory import Read, Story
from monitor.story.novelty import Likeness
from tests.mill import page

DOCS = Path(__file__).parent.parent / "docs" / "judging.md"


FIRST = page(
    "Three arrested over fire at Harland mill",
    "Police arrested three people on Monday over the fire that destroyed the Harland textile mill. "
    "Two workers were injured when the roof fell in on Saturday.",
)
ROOF = page("Mill's roof had rotted", "An inspector had warned of the roof of the Harland mill, papers show.", 20)
FUND = page("Harland mill sets up fund", "The Harland mill has set up a fund for the families of workers.", 40)
PRAYER = page("Town prays for mill workers", "Hundreds prayed for the families of the Harland mill's workers.", 50)
TUESDAY = 28


def measured(new: Read, *known: Read, everything: bool = False) -> dict[str, float]:
    story = Story(everything=everything)
    for number, each in enumerate(known or (FIRST,), 1):
        story.learn(each, DevelopmentId(number))
    texts = story.texts.get(new.language)
    like: Likeness = texts.likeness(new.article.title, new.article.text) if texts else Likeness()
    return measures(new, told(new, story), like, story)


LATER = page("Owner of mill held", "The owner of the Harland mill was arrested on Tuesday.", TUESDAY)
AGAIN = page("Three held over mill fire", "Three people were arrested on Monday over the Harland fire.", TUESDAY)
CHINESE = page("哈兰德纺织厂火灾：三人被捕", "警方周一逮捕了三人，事关哈兰德纺织厂火灾。", 5, "zh")

FLAGS = {
    "a later day": (LATER, "day after all known ones", True),
    "the same day": (AGAIN, "day after all known ones", False),
    "the same day is known": (AGAIN, "day is known", True),
    "no day": (FUND, "day is known", False),
    "another number": (page("Five held over mill fire", "It burnt."), "new number in the headline", True),
    "the same number": (AGAIN, "new number in the headline", False),
    "the same number is known": (AGAIN, "number of the headline is known", True),
    "no number is not known": (FUND, "number of the headline is known", False),
    "a timeline": (page("Timeline of the Harland mill fire", "It burnt."), "looks back", True),
    "a report does not look back": (LATER, "looks back", False),
    "a comment": (page("Opinion: The fire at Harland", "It burnt."), "comment", True),
    "an arguing writer": (
        page("Cloth", "I think we miss a point. My guess is that you and I will forget the mill."),
        "writer argues",
        True,
    ),
    "a reporter does not argue": (LATER, "writer argues", False),
    "pairs of characters": (CHINESE, "compared by pairs of characters", True),
    "words": (LATER, "compared by pairs of characters", False),
}


@pytest.mark.parametrize("case", FLAGS)
def test_what_is_so_or_not(case: str) -> None:
    new, name, expected = FLAGS[case]
    assert measured(new)[name] == float(expected)


MORE = {
    "a new kind of event": ("new event in the headline", page("Owner of mill charged", "It was."), AGAIN),
    "a new event below": ("new event in the lead", page("Mill news", "Harland has resigned."), page("Mill", "It is.")),
    "facts that Chinese has too": ("lead facts in an article of another language", CHINESE, LATER),
    "the headline's words": ("headline like a known one", AGAIN, LATER),
    "the lead's words": ("lead in the nearest article", AGAIN, LATER),
}


@pytest.mark.parametrize("case", MORE)
def test_what_one_article_has_more_of(case: str) -> None:
    name, more, less = MORE[case]
    assert measured(more)[name] > measured(less)[name]


def test_an_article_on_something_else_speaks_less_of_the_story() -> None:
    story = (FIRST, ROOF, FUND, PRAYER)
    other = page("Harland wins match", "Harland United beat Norvik by two goals to one in the cup.", 60)
    owner = page("Owner of mill held", "The owner of the Harland mill was held over the fire that hurt workers.", 60)
    name = "speaks of what the story speaks of"
    assert measured(other, *story)[name] < 0.8 * measured(owner, *story)[name]


STORY = (FIRST, ROOF, FUND, PRAYER, LATER, AGAIN, FUND, ROOF)
MATCH = page("Harland wins match", "Harland United beat Norvik by two goals to one in the cup.", 60)


@pytest.mark.parametrize(
    ("everything", "elsewhere"), [(False, 1.0), (True, 0.0)], ids=["asked for by name", "everything is asked for"]
)
def test_other_news_with_the_storys_name_is_about_something_else(everything: bool, elsewhere: float) -> None:
    assert measured(MATCH, *STORY, everything=everything)["is about something else"] == elsewhere
    assert measured(LATER, *STORY, everything=everything)["is about something else"] == 0.0
    assert measured(MATCH, *STORY[:6], everything=everything)["is about something else"] == 0.0  # too few to tell


def test_the_first_in_its_language_is_as_like_the_others_as_most_are() -> None:
    few = measured(CHINESE)
    assert few["speaks of what the story speaks of"] == measured(CHINESE, CHINESE)["speaks of what the story speaks of"]
    assert 0 < few["headline like a known one"] < measured(AGAIN)["headline like a known one"]


def test_a_headline_that_several_leads_tell_is_seen_once_there_are_several() -> None:
    new = page("Fund for families of Harland mill's workers", "A fund was set up.", 60)
    name = "headline in several leads"
    assert measured(new, FIRST, ROOF)[name] == measured(new, FIRST)[name] > 0
    assert measured(new, FUND, FUND, FUND)[name] > measured(new, FIRST, ROOF, FUND)[name]


def test_each_measure_has_a_weight_and_a_line_in_the_docs() -> None:
    names = set(measured(LATER))
    assert set(weights.ARTICLE.of) == names
    assert set(re.findall(r"^\| `(.+?)` \|", DOCS.read_text("utf-8"), re.MULTILINE)) == names


TEXTS = st.text("abc dé 他们火灾。.!?1", max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), st.tuples(TEXTS, TEXTS))
def test_whatever_is_read_is_between_0_and_1(known: Sequence[tuple[str, str]], new: tuple[str, str]) -> None:
    assert all(0 <= value <= 1 for value in measured(page(*new), *(page(*each) for each in known)).values())
