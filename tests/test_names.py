import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.story.names import fold_name, names, romanised

SAID = {
    "a full name": ("A jury convicted Maria Keller on Monday.", {"maria", "keller"}),
    "titles are no names": ("It was Chief Executive Anna Brandt who left.", {"anna", "brandt"}),
    "possessives fold": ("They met Keller's lawyer.", {"keller"}),
    "the first word may be any word": ("Police said nothing.", set()),
    "a two-word name may stand first": ("Maria Keller left.", {"maria", "keller"}),
    "a Chinese surname may stand first": ("Wang denied it.", {"wang"}),
    "accents fold": ("the minister Émile Zürcher", {"emile", "zurcher"}),
    "a masked Chinese name": ("犯罪嫌疑人王某文、张某被拘留", {"wang", "zhang"}),
    "a name behind a role": ("总裁李永和、主管徐昆辞职", {"li", "xu"}),
    "a name before a verb": ("昨日，陈建国表示不知情", {"chen"}),
    "no name": ("nobody is named here", set()),
}


@pytest.mark.parametrize("case", SAID)
def test_keys(case: str) -> None:
    text, expected = SAID[case]
    assert {key for name in names(text) for key in name.keys} == expected


def test_known_names_may_stand_first() -> None:
    assert names("Keller left the firm.") == ()
    assert [name.text for name in names("Keller left the firm.", known={"keller"})] == ["Keller"]


def test_capitals_of_a_headline_tell_nothing() -> None:
    title = "Court Drops Case Against Former Manager Keller"
    assert names(title, headline=True) == ()
    assert [name.text for name in names(title, headline=True, known={"keller"})] == ["Keller"]


def test_one_key_for_both_languages() -> None:
    assert romanised("张国") == fold_name("Zhang") == "zhang"
    assert romanised("吕布") == fold_name("Lü")
    assert romanised("apple") is None


@given(st.text(max_size=150))
def test_names_are_pieces_of_the_text(text: str) -> None:
    for name in names(text):
        assert name.keys
        assert text[name.at : name.at + len(name.text)] == name.text
