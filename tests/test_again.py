import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import DevelopmentId
from monitor.story import weights
from monitor.story.again import LEAST, Again, told_again
from monitor.story.measures import told
from monitor.story.memory import Read, Story
from monitor.story.novelty import Likeness
from tests.mill import FIRST, FUND, ROOF, page, story

DOCS = Path(__file__).parent.parent / "docs" / "judging.md"
CHARGED = page(
    "Mill owner charged with manslaughter",
    "Prosecutors on Wednesday charged Maria Keller, owner of the Harland textile mill, with manslaughter.",
    50,
)
WEEKS = 24 * 21


def again(new: Read, memory: Story) -> Again | None:
    texts = memory.texts.get(new.language)
    like: Likeness = texts.likeness(new.article.title, new.article.text) if texts else Likeness()
    return told_again(new, told(new, memory), like, memory)


def found(new: Read, memory: Story) -> DevelopmentId | None:
    one = again(new, memory)
    return one.development if one is not None and one.likely >= LEAST else None


CASES = {
    "the latest one, in other words": (
        page("Owner of burnt mill faces manslaughter trial", "Maria Keller was charged on Wednesday.", 56),
        3,
    ),
    "the latest one, in another language": (page("纺织厂老板被控过失杀人", "检方周三起诉纺织厂老板。", 56, "zh"), 3),
    "one before it, by its own words": (
        page(
            "Mill's roof had rotted, papers show",
            "An inspector warned of the roof of the Harland mill, papers show.",
            54,
        ),
        2,
    ),
    "old news after weeks": (page("Mills of the north", "A history of the textile towns of the north.", WEEKS), None),
    "one of weeks ago, word for word": (page(CHARGED.article.title, CHARGED.article.text, WEEKS), 3),
}


@pytest.mark.parametrize("case", CASES)
def test_which_development_is_told_again(case: str) -> None:
    new, development = CASES[case]
    assert found(new, story(FIRST, ROOF, CHARGED)) == development


def test_nothing_is_told_again_where_nothing_was_told() -> None:
    memory = Story()
    memory.learn(FIRST, None)
    assert again(FUND, memory) is None


def test_a_report_that_came_before_is_as_near_as_one_that_came_after() -> None:
    later, earlier = page("Roof rotted", "Rotten.", 30), page("Roof rotted", "Rotten.", 10)
    one, other = again(later, story(ROOF)), again(earlier, story(ROOF))
    assert one is not None
    assert other is not None
    assert one.likely == pytest.approx(other.likely)


def test_each_measure_has_a_weight_and_a_line_in_the_docs() -> None:
    names = {name for new, _ in CASES.values() for name in _measures(new)}
    assert names == set(weights.AGAIN.of)
    assert names == set(re.findall(r"^\| \*(.+?)\* \|", DOCS.read_text("utf-8"), re.MULTILINE))


def _measures(new: Read) -> Sequence[str]:
    one = again(new, story(FIRST, ROOF, CHARGED))
    return tuple(one.measures) if one is not None else ()


TEXTS = st.text("abc dé 他们火灾。.!?1", max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.tuples(TEXTS, TEXTS), st.integers(-99, 9999))
def test_whatever_is_read_is_between_0_and_1(
    known: Sequence[tuple[str, str]], new: tuple[str, str], hours: int
) -> None:
    one = again(page(*new, hours), story(*(page(*each) for each in known)))
    assert one is not None
    assert all(0 <= value <= 1 for value in (one.likely, *one.measures.values()))
