import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.page import titles

TAIL = "Fire kills two in old harbour town"

CHOICES = {
    "the heading": (["Fire kills two | Example"], ["Fire kills two"], (), "Fire kills two"),
    "the heading without its kicker": (["Fire kills two"], ["City: Fire kills two"], (), "Fire kills two"),
    "the heading with its kicker, where another claim has it too": (
        ["Fire kills two", "City: Fire kills two"], ["City: Fire kills two"], (), "City: Fire kills two"),
    "the heading without words glued to it": (["Fire kills two"], ["The cityFire kills two"], (), "Fire kills two"),
    "the claim with the blank that the heading lost": (
        ["Two dead - Fire kills at night"], ["Two deadFire kills at night"], (), "Two dead - Fire kills at night"),
    "the heading without the site's name": (
        ["Fire kills two – Example"], ["Fire kills two – Example"], ("Example",), "Fire kills two"),
    "no heading agrees": (["Fire kills two"], ["All the news of today"], (), "Fire kills two"),
    "the only heading, as long as the claim and on the same": (
        ["Two are dead after the harbour fire of Monday night"],
        ["Harbour fire: what we know about the night and the dead so far"], (),
        "Harbour fire: what we know about the night and the dead so far"),
    "only a heading": ([], ["Fire kills two"], (), "Fire kills two"),
    "only the site's name": ([], ["Example"], ("Example",), None),
    "a heading that is the part of the title that another claim leaves out": (
        ["Fire kills two", "Lessons of a town: Fire kills two"], ["Lessons of a town"], (), "Fire kills two"),
    "a heading full of styles": (["Fire kills two"], [".a{color:red} Fire kills two"], (), "Fire kills two"),
    "the site's name in front": (["Example - Fire kills two"], [], ("Example",), "Fire kills two"),
    "the site's name behind": (["Fire kills two - Example"], [], ("Example",), "Fire kills two"),
    "any of the site's names behind": (["Fire kills two - Example"], [], ("The Paper", "Example"), "Fire kills two"),
    "the site's name after a colon without a blank": (["港で火災:例新聞"], [], ("例新聞",), "港で火災"),
    "a short tail that nobody explains": ([f"{TAIL} | Example"], [], (), TAIL),
    "another claim tells where the title ends": (["Fire kills - two in town", "Fire kills"], [], (), "Fire kills"),
    "a dash inside": (["Fire kills two - police name the dead and the missing"], [], (),
                      "Fire kills two - police name the dead and the missing"),
    "nothing": ([], [], (), None),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "shown", "sites", "title"), CHOICES.values(), ids=CHOICES)
def test_chooses_the_headline(claims: list[str], shown: list[str], sites: tuple[str, ...], title: str | None) -> None:
    assert titles.choose(claims, shown, sites=sites) == title


LESSER = {
    "is taken where no main heading agrees": (["Fire kills two - Example town"], ["Today's weather"],
                                              ["Fire kills two"], "Fire kills two"),
    "keeps a title whole": (["Fire kills two | A report"], [], ["Fire kills two | A report"],
                            "Fire kills two | A report"),
    "gives way to a main heading": (["Fire kills two at night"], ["Fire kills two at night"], ["Fire kills two"],
                                    "Fire kills two at night"),
    "is left alone when it says something else": (["Fire kills two"], [], ["Most read"], "Fire kills two"),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "shown", "lesser", "title"), LESSER.values(), ids=LESSER)
def test_a_heading_of_the_second_rank(claims: list[str], shown: list[str], lesser: list[str], title: str) -> None:
    assert titles.choose(claims, shown, lesser=lesser) == title


OUTLETS = {
    "behind a dash": ("Fire kills two - The Daily Example", "Fire kills two", "The Daily Example"),
    "behind a section": ("Fire kills two | City | Example", "Fire kills two", "Example"),
    "not there": ("Fire kills two", "Fire kills two", None),
    "not behind the headline": ("Example: Fire kills two", "Fire kills two", None),
    "a part of the sentence": ("Fire kills two - and three", "Fire", None),
    "a number of pages": ("Fire kills two - Page 2", "Fire kills two", None),
    "a sentence": ("Fire kills two - all that we know about it now", "Fire kills two", None),
    "no title": ("Example", None, None),
}


@pytest.mark.parametrize(("page", "title", "outlet"), OUTLETS.values(), ids=OUTLETS)
def test_the_outlet_is(page: str, title: str | None, outlet: str | None) -> None:
    assert titles.outlet(page, title) == outlet


@given(st.lists(st.text(max_size=40), max_size=4), st.lists(st.text(max_size=40), max_size=4), st.text(max_size=10))
def test_takes_no_word_from_elsewhere(claims: list[str], shown: list[str], site: str) -> None:
    chosen = titles.choose([claim for claim in claims if claim], shown, sites=(site,) if site else ())
    assert chosen is None or any(chosen in text for text in (*claims, *shown))


def test_names_with_underscores_are_no_names_of_sites() -> None:
    headline = "Why object.__class__ is not what the harbour board believed"
    assert titles.choose([headline], [headline]) == headline
    assert titles.choose([headline], []) == headline
    assert titles.choose(["大桥周一重新开放通车_示例网"], []) == "大桥周一重新开放通车"
