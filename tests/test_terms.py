"""The terms of a text, and how rare each is among what was read."""

from __future__ import annotations

import pytest

from monitor.story.terms import Counts, by_character, terms, vector

TERMS = {  # text, terms
    "stems of words": ("Managers assaulted", ["manage", "assaul"]),
    "pairs of characters": ("阿里巴巴", ["阿里", "里巴", "巴巴"]),
    "traditional as simplified": ("燈塔", ["灯塔"]),
    "function words and newsroom words are none": ("The reports said that", []),
    "small numbers are none, large ones are": ("2021 18.2 80000", ["18.2", "80000"]),
    "a light character parts": ("灯的塔", []),
}


@pytest.mark.parametrize("case", TERMS)
def test_what_a_term_is(case: str) -> None:
    text, expected = TERMS[case]
    assert terms(text) == expected


def test_a_vector_has_length_one_and_opens_with_the_title() -> None:
    found = vector("Lanterna", "Harbour Lanterna warehouse")
    assert sum(value * value for value in found.values()) == pytest.approx(1)
    assert max(found, key=lambda term: found[term]) == "lanter"
    assert vector("", "") == {}


def test_what_is_said_in_passing_becomes_common_what_articles_are_about_does_not() -> None:
    read = Counts()
    for n in range(300):
        read.add(vector(f"Comet {n}", f"Comet Comet Comet seen near harbour {n}, weather fine, quiet night, calm"))
    rarity = read.rarity(["comet", "weathe", "unheard"], False, Counts())
    assert rarity["weathe"] < 1 < rarity["comet"] == rarity["unheard"]


def test_scripts_are_counted_apart() -> None:
    read = Counts()
    read.add(vector("灯塔集团", "灯塔集团宣布开除采购部经理"))
    assert by_character(vector("灯塔集团 Lanterna", ""))
    assert (read.articles(True), read.articles(False)) == (1, 0)


def test_counts_stay_within_bounds() -> None:
    read, common = Counts(most=1_000), "harbour weather quiet night calm"
    for n in range(100):
        read.add(vector("Comet", f"Comet Comet {common} " + " ".join(f"w{n}x{i}" for i in range(40))))
    rarity = read.rarity(["weathe", "w99x1", "w3x1"], False, Counts())
    assert rarity["weathe"] < rarity["w3x1"]


def test_own_articles_are_left_out() -> None:
    read, own = Counts(), Counts()
    for n in range(200):
        found = vector(f"Comet {n}", f"Comet Comet seen near harbour {n}, weather fine, quiet night, calm")
        read.add(found)
        own.add(found)
    assert read.rarity(["weathe"], False, own)["weathe"] == read.rarity(["unheard"], False, own)["unheard"]
