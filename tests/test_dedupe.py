"""Copies, excerpts and what they add; what merely looks alike; and an index that forgets nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.dedupe import COPY, Index, overlap

WIRE = (
    "HARBOUR CITY, Aug 9 (Newswire) - Lanterna Group Ltd. fired a manager accused of taking bribes on Monday, the "
    "shipping company said. Police in Port Mills said they had arrested three people in the case. Prosecutors have not "
    "charged Weaver, the former head of purchasing. Two directors resigned over the way in which they had handled the "
    "complaint of an accountant. The company will open a telephone line for its employees, chief executive Dana Holt "
    "wrote in a letter to staff. The accountant had told her superiors about missing invoices in March, but nobody "
    "looked into them until a newspaper wrote about the affair. Shares of Lanterna fell by 3.5 percent to 41 crowns."
)
OTHER_REPORT = (
    "The purchasing chief of Lanterna has lost his job over bribery claims. Three suspects sit in custody in Port "
    "Mills, according to the police, while prosecutors are still weighing charges. Chief executive Dana Holt promised "
    "employees a hotline. The scandal, which began with an accountant who found that invoices were missing, has also "
    "cost two board members their seats, and investors sold the stock."
)
BOILERPLATE = (
    "Sign up for our morning letter and never miss a story from the harbour. Follow us on all channels and tell your "
    "friends about it. All rights reserved by the publisher of these pages and by nobody else in the world."
)
CHINESE = (
    "新港市警方8月9日通报，灯塔集团采购部经理韦某因涉嫌受贿被依法逮捕。"
    "公司当天宣布开除韦某，两名董事因处理举报不力引咎辞职。"
    "首席执行官在致员工信中表示，公司将开通匿名举报热线。"
    "三月份，一名会计曾向上级反映发票丢失的情况，但一直无人过问。"
)
TRADITIONAL = (
    "新港市警方8月9日通報，燈塔集團採購部經理韋某因涉嫌受賄被依法逮捕。"
    "公司當天宣布開除韋某，兩名董事因處理舉報不力引咎辭職。"
    "首席執行官在致員工信中表示，公司將開通匿名舉報熱線。"
    "三月份，一名會計曾向上級反映發票丟失的情況，但一直無人過問。"
)


def story(seed: int, words: int = 300) -> str:
    """Write sentences of made-up words: no two seeds share a run of words."""
    rng = random.Random(seed)
    names = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{rng.choice('lmnrst')}{n}" for n in range(600)]
    chosen = [rng.choice(names) for _ in range(words)]
    return " ".join(" ".join(chosen[i : i + 15]).capitalize() + "." for i in range(0, words, 15))


def part(text: str, share: float) -> str:
    sentences = text.split(". ")
    return ". ".join(sentences[: max(1, round(share * len(sentences)))])


COPIES = {  # two texts of which one is a copy
    "the same text": (WIRE, WIRE),
    "without its dateline": (WIRE, WIRE.split(" - ", 1)[1]),
    "a third of a text": (story(1), part(story(1), 0.3)),
    "an agency's text within a portal's own": (WIRE, f"From our desk\n\n{WIRE}\n\n{BOILERPLATE}"),
    "in other type": (WIRE, WIRE.upper().replace("'", "’")),
    "one item of a round-up": (part(WIRE, 0.6), f"{story(2)}\n\n{part(WIRE, 0.6)}\n\n{story(3)}"),
    "Chinese": (CHINESE, f"记者李明报道：{CHINESE}（完）"),
    "traditional Chinese": (CHINESE, TRADITIONAL),
    "a few words": ("Police came.", "police came"),
}
DIFFERENT = {  # two texts of which none is a copy
    "two reports of one event": (WIRE, OTHER_REPORT),
    "two events": (story(4), story(5)),
    "Chinese, one event in other words": (
        CHINESE,
        "灯塔集团8月9日证实，原采购负责人韦某已被警方带走，公司与其解除劳动合同。韦某被指多年来收受供应商好处，"
        "举报人是一名女会计。集团另有两位董事提出辞呈，管理层承诺设立热线，接受员工匿名投诉。",
    ),
    "nothing and something": ("", WIRE),
}


@pytest.mark.parametrize("case", COPIES)
def test_a_copy_overlaps(case: str) -> None:
    assert overlap(*COPIES[case]) >= COPY


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_is_no_copy_does_not_overlap(case: str) -> None:
    assert overlap(*DIFFERENT[case]) < COPY


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=50, deadline=None)
def test_overlap_is_symmetric_and_within_bounds(a: str, b: str) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert 0 <= overlap(a, b) <= 1


@pytest.mark.parametrize("case", COPIES)
def test_a_copy_is_found_whichever_came_first(case: str) -> None:
    for original, copy in (COPIES[case], COPIES[case][::-1]):
        index = Index[str]()
        index.add("other", OTHER_REPORT)
        index.add("original", original)
        found = index.find(copy)
        assert found is not None
        assert found.key == "original"
        assert COPY <= found.containment <= 1


@pytest.mark.parametrize("case", DIFFERENT)
def test_fresh_text_is_found_fresh(case: str) -> None:
    index = Index[int]()
    index.add(1, DIFFERENT[case][0])
    assert index.find(DIFFERENT[case][1]) is None


RESIDUES = {  # from what, to what, the sentence that is new
    "a number changed": ("three people", "five people", "Police in Port Mills said they had arrested five people"),
    "a digit changed": ("3.5 percent", "5.5 percent", "Shares of Lanterna fell by 5.5 percent"),
    "a name changed": ("charged Weaver", "charged Baker", "Prosecutors have not charged Baker"),
    "a month changed": (
        "in March",
        "in April",
        "The accountant had told her superiors about missing invoices in April",
    ),
    "a negation went": ("have not charged", "have charged", "Prosecutors have charged Weaver"),
    "a verb changed": ("will open", "opened", "The company opened a telephone line"),
    "a sentence came": ("Shares of", "Weaver fled. Shares of", "Weaver fled."),
    "only the start of a sentence": (", but nobody looked into them until", ". Nobody saw it:", "The accountant had"),
}


@pytest.mark.parametrize("case", RESIDUES)
def test_what_a_copy_changes_is_its_residue(case: str) -> None:
    before, after, expected = RESIDUES[case]
    index = Index[int]()
    index.add(1, WIRE)
    assert before in WIRE
    found = index.find(WIRE.replace(before, after))
    assert found is not None
    assert found.residue[0].startswith(expected)
    assert all(sentence in WIRE.replace(before, after) for sentence in found.residue)


NO_RESIDUES = {  # from what, to what: nothing is said that was not said
    "a dateline": ("HARBOUR CITY, Aug 9 (Newswire) - ", "(Wirenews) -- "),
    "an article came": ("for its employees", "for the employees"),
    "an article went": ("looked into them until a newspaper", "looked into them until newspaper"),
    "said that": ("said they had arrested", "said that they had arrested"),
    "who says so": ("to 41 crowns.", "to 41 crowns, it said."),
    "a comma": ("on Monday, the shipping", "on Monday the shipping"),
    "two sentences in one": ("the case. Prosecutors", "the case, and prosecutors"),
}


@pytest.mark.parametrize("case", NO_RESIDUES)
def test_light_changes_leave_no_residue(case: str) -> None:
    before, after = NO_RESIDUES[case]
    index = Index[int]()
    index.add(1, WIRE)
    assert before in WIRE
    found = index.find(WIRE.replace(before, after))
    assert found is not None
    assert found.residue == ()


def test_part_of_a_denial_is_not_the_denial() -> None:
    index = Index[int]()
    index.add(1, f"{WIRE} It is not true that Mr Weaver was arrested on Sunday.")
    found = index.find(f"{WIRE} Mr Weaver was arrested on Sunday.")
    assert found is not None
    assert found.residue == ("Mr Weaver was arrested on Sunday.",)


def test_a_chinese_number_changed_is_residue() -> None:
    index = Index[int]()
    index.add(1, CHINESE)
    found = index.find(CHINESE.replace("两名董事", "三名董事"))
    assert found is not None
    assert found.residue == ("公司当天宣布开除韦某，三名董事因处理举报不力引咎辞职。",)


def test_a_chinese_dateline_is_not_residue_but_its_number_is() -> None:
    index = Index[int]()
    index.add(1, CHINESE)
    for dateline, residues in (("新港日报8月10日讯 ", 0), ("3人被捕的消息：", 1)):
        found = index.find(dateline + CHINESE)
        assert found is not None
        assert len(found.residue) == residues


def test_of_equal_originals_the_first_is_named() -> None:
    index = Index[int]()
    for key in range(30):
        index.add(key, f"{WIRE} Reprint number {key}." if key else WIRE)
    found = index.find(WIRE)
    assert found is not None
    assert (found.key, found.residue) == (0, ())


def test_the_full_report_is_the_original_not_the_flash_before_it() -> None:
    index = Index[str]()
    index.add("flash", part(WIRE, 0.3))
    index.add("report", WIRE)
    found = index.find(WIRE)
    assert found is not None
    assert found.key == "report"


def test_a_round_up_of_known_items_has_no_residue() -> None:
    index = Index[int]()
    for key in range(3):
        index.add(key, story(key, 60))
    found = index.find("\n\n".join(story(key, 60) for key in range(3)))
    assert found is not None
    assert found.residue == ()


def test_a_text_is_not_a_copy_of_itself() -> None:
    index = Index[int]()
    index.add(7, WIRE)
    assert index.find(WIRE, exclude=7) is None
    assert index.find(WIRE, exclude=99) is not None


def test_an_edited_page_is_known_by_its_new_text() -> None:
    index = Index[int]()
    index.add(1, WIRE)
    assert index.find(WIRE) is not None
    index.replace(1, OTHER_REPORT)
    assert index.find(WIRE) is None
    assert index.find(OTHER_REPORT) is not None
    index.add(1, WIRE, source="paper")
    assert index.find(OTHER_REPORT) is None
    assert (len(index), 1 in index, 2 in index) == (1, True, False)


def test_what_was_never_added_cannot_be_replaced() -> None:
    with pytest.raises(KeyError):
        Index[int]().replace(1, WIRE)


def test_a_stock_phrase_makes_no_copy_of_two_short_texts() -> None:
    phrase = "The company did not immediately respond to a request for comment on Monday."
    index = Index[int]()
    index.add(1, f"A ship sank off the coast. {phrase}")
    assert index.find(f"The bridge was closed. {phrase}") is None


def test_what_a_source_repeats_does_not_count() -> None:
    index = Index[int]()
    for key in range(4):
        index.add(key, f"{story(key, 45)}\n\n{BOILERPLATE}", source="paper")
    page = f"{story(9, 45)}\n\n{BOILERPLATE}"
    assert index.find(page, source="paper") is None
    assert index.find(page, source="another") is not None
    index.add(10, story(9, 45), source="wire")
    found = index.find(page, source="paper")
    assert found is not None
    assert (found.key, found.containment, found.residue) == (10, 1.0, ())


def test_an_article_that_a_source_repeats_is_still_a_copy() -> None:
    index = Index[int]()
    for key in range(5):
        index.add(key, WIRE, source="paper")
    found = index.find(WIRE, source="paper")
    assert found is not None
    assert found.key == 0


def test_a_page_read_again_and_again_is_no_boilerplate() -> None:
    index = Index[int]()
    for _ in range(5):
        index.add(1, WIRE, source="paper")
    found = index.find(f"{WIRE} {story(3, 60)}", source="paper")
    assert found is not None
    assert len(found.residue) == 4


def test_excerpts_are_found_among_many_texts() -> None:
    index = Index[int]()
    for key in range(150):
        index.add(key, story(key, 240), source=f"paper {key % 7}")
    for key in range(150):
        middle = ". ".join(story(key, 240).split(". ")[5:10])
        found = index.find(f"{middle}.\n\n{story(1_000 + key, 30)}", source="reprinter")
        assert found is not None
        assert (found.key, len(found.residue)) == (key, 2)
    assert index.find(story(999, 240)) is None
