from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article, DevelopmentId
from monitor.story.memory import Change, Line, Read, Story, may_be_same, other_amount, read

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)  # a Monday


def page(title: str, text: str, days: int = 0, language: str = "en") -> Read:
    at = NOON + timedelta(days=days)
    return read(Article(url="https://paper.example/1", title=title, text=text, language=language), at)


def story(*pages: Read) -> Story:
    memory = Story()
    for number, each in enumerate(pages, 1):
        memory.learn(each, DevelopmentId(number))
    return memory


def changes(memory: Story, new: Read) -> dict[str, Change]:
    return {
        event.kind: memory.compare(event, line).change
        for line in new.lines
        for event in line.facts.events
        if not line.headline
    }


KNOWN = "Police arrested three people over the fire at the mill on Monday."
NEXT = {
    "the same": ("Police arrested three people on Monday.", "arrested", Change.KNOWN),
    "less is no change": ("Police have arrested people.", "arrested", Change.KNOWN),
    "another number": ("Police arrested five people over the fire.", "arrested", Change.AMOUNT),
    "another kind": ("Prosecutors charged three people with arson.", "charged", Change.KIND),
    "another person": ("Police arrested manager Maria Keller.", "arrested", Change.KNOWN),
    "once more": ("Police arrested another three people.", "arrested", Change.AGAIN),
}


@pytest.mark.parametrize("case", NEXT)
def test_what_an_event_adds(case: str) -> None:
    sentence, kind, change = NEXT[case]
    assert changes(story(page("Fire at mill", KNOWN)), page("", sentence, 1))[kind] is change


SEQUENCES = {
    "a plan fulfilled": (
        "The firm will set up a hotline.",
        "The firm has opened a hotline.",
        "channel-opened",
        Change.FULFILLED,
    ),
    "an allegation confirmed": (
        "A man suspected of killing a guard fled.",
        "A man killed a guard.",
        "killed",
        Change.CONFIRMED,
    ),
    "a deed denied": (
        "The firm fired Maria Keller.",
        "The firm did not fire anyone but Maria Keller was not dismissed.",
        "dismissed",
        Change.REVERSED,
    ),
    "a charge dropped": (
        "Prosecutors charged Maria Keller.",
        "Prosecutors dropped the charges against Maria Keller.",
        "case-dropped",
        Change.REVERSED,
    ),
    "someone else": ("A jury convicted Maria Keller.", "A jury convicted Jan Berg.", "convicted", Change.WHO),
    "another role": ("The bank fired a manager.", "The bank fired a client.", "dismissed", Change.WHO),
    "a longer term": (
        "A court sentenced Jan Berg to 11 years.",
        "A court sentenced Jan Berg to 13 years.",
        "sentenced",
        Change.AMOUNT,
    ),
    "a rounded sum is the same": (
        "It settled for $69 billion.",
        "It settled for $68.7 billion.",
        "settled",
        Change.KNOWN,
    ),
}


@pytest.mark.parametrize("case", SEQUENCES)
def test_sequences(case: str) -> None:
    first, second, kind, change = SEQUENCES[case]
    assert changes(story(page("", first)), page("", second, 5))[kind] is change


def test_the_other_language_is_compared_with() -> None:
    memory = story(page("", "法院判处张某有期徒刑一年六个月。", language="zh"))
    assert changes(memory, page("", "A court sentenced Zhang Guo to 18 months in prison."))["sentenced"] is Change.KNOWN
    assert (
        changes(memory, page("", "A court sentenced Zhang Guo to 20 months in prison."))["sentenced"] is Change.AMOUNT
    )


def test_who_told_it_first_is_kept() -> None:
    memory = story(page("", KNOWN), page("", KNOWN, 3))
    (line,) = page("", KNOWN, 4).lines
    compared = memory.compare(next(event for event in line.facts.events if event.kind == "arrested"), line)
    assert compared.nearest is not None
    assert (compared.nearest.development, memory.said[compared.nearest.sentence]) == (1, KNOWN)


SAME = {
    "a name and its surname": ({"maria", "keller"}, {"keller"}, True),
    "two names": ({"keller"}, {"berg"}, False),
    "not known": (set(), {"keller"}, True),
    "a role and a name": ({"@manager"}, {"keller"}, True),
    "two roles": ({"@manager"}, {"@client"}, False),
    "one and several": ({"@employee"}, {"@employees"}, False),
    "a woman may be an employee": ({"@woman"}, {"@employee"}, True),
    "but is not called a manager": ({"@woman"}, {"@manager"}, False),
    "names that all have tell nothing": ({"acme", "@manager"}, {"acme", "@client"}, False),
}


@pytest.mark.parametrize("case", SAME)
def test_may_be_same(case: str) -> None:
    one, other, same = SAME[case]
    often = frozenset({"acme"})
    assert may_be_same(frozenset(one), frozenset(other), often) is same
    assert may_be_same(frozenset(other), frozenset(one), often) is same


def test_other_amount_needs_the_same_unit() -> None:
    assert other_amount({(5.0, "people")}, {(3.0, "people")})
    assert not other_amount({(5.0, "people")}, {(3.0, "day")})
    assert not other_amount({(5.0, "people")}, {(5.0, "")})
    assert not other_amount({(5.0, "people")}, set())


def test_a_story_knows_its_sentences_and_names() -> None:
    memory = story(*(page("", f"The mill of Keller burned on day {n}.", n) for n in range(5)))
    assert len(memory) == 5
    assert "The mill of Keller burned on day 3." in memory.said
    assert "The mill of Keller burned on day 9." not in memory.said
    assert memory.often() == {"keller"}
    assert Story().often() == frozenset()


def test_reading_keeps_the_words_of_the_source() -> None:
    text = "Police arrested a man.  “He fled,” a guard said.\n\nA second paragraph follows here."
    found = page("The headline", text)
    assert found.lines[0].headline
    assert found.lines[0].text == "The headline"
    assert all(line.text in text for line in found.body)
    assert isinstance(found.body[0], Line)
    assert found.day == NOON.date()


def test_headline_capitals_are_read_by_the_names_of_the_text() -> None:
    found = page("Court Convicts Former Manager Keller", "A court convicted Maria Keller, a former manager.")
    assert "keller" in found.lines[0].facts.names
