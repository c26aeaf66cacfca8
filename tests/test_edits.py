"""What changed between two readings of a page, typed; and what of it corrects an alert."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import edits
from monitor.model import Article, Edit, Update
from monitor.story.notes import is_furniture, note

TITLE = "Fire at Mill kills 12"
LEAD = "Twelve people died when a fire swept through a textile mill in Port Mills on Monday, the police said."
NUMBER = "Rescuers took 30 workers to hospital, and 4 of them are in a critical condition."
NAME = "The mill's owner, Ellen Marsh, was not in the country at the time of the fire, her lawyer said."
QUOTE = "“We heard three loud bangs and ran for the stairs,” said a worker who had been on the second floor."
LAST = "The cause of the fire is not known, and an inquiry was opened on Tuesday morning."
BODY = (LEAD, NUMBER, NAME, QUOTE, LAST)

ZH_TITLE = "纺织厂火灾致12人死亡"
ZH_LEAD = "警方周一通报，港口镇一家纺织厂发生火灾，造成12人死亡。"
ZH_NUMBER = "救援人员将30名工人送往医院，其中4人伤势严重。"
ZH_NAME = "工厂负责人王某文当时不在国内，其律师表示将配合调查。"
ZH_QUOTE = "一名工人说：“我们听到三声巨响，马上往楼梯跑。”"
ZH_LAST = "起火原因尚不清楚，当地政府周二上午已成立调查组。"
ZH_BODY = (ZH_LEAD, ZH_NUMBER, ZH_NAME, ZH_QUOTE, ZH_LAST)


def article(*paragraphs: str, title: str = TITLE, language: str | None = "en") -> Article:
    return Article("https://wire.example/mill", title, "\n\n".join(paragraphs), language=language)


def put(body: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    assert any(old in text for text in body), old
    return tuple(text.replace(old, new) for text in body)


def kinds(found: tuple[Edit, ...]) -> str:
    return edits.summary(found) or "nothing"


@dataclass(frozen=True)
class Case:
    """A second reading of the article, what changed, and which of the edits correct an alert on all its sentences."""

    change: str
    body: tuple[str, ...] = BODY
    title: str = TITLE
    corrects: str = ""


ENGLISH: dict[str, Case] = {
    "nothing": Case("nothing"),
    # ---- what corrects
    "twelve dead are fifteen": Case("lead, number", put(BODY, "Twelve people", "Fifteen people"), corrects="number"),
    "a figure further down": Case("number", put(BODY, "30 workers", "13 workers"), corrects="number"),
    "a figure is taken out": Case("number", put(BODY, ", and 4 of them are in a", ", some in a"), corrects="number"),
    "a name is another one": Case("name", put(BODY, "Ellen Marsh", "Helen March"), corrects="name"),
    "a first name is another one": Case("name", put(BODY, "Ellen Marsh", "Helen Marsh"), corrects="name"),
    "a name is taken out": Case("name", put(BODY, "owner, Ellen Marsh, was", "owner was"), corrects="name"),
    "a place is another one": Case("lead, name", put(BODY, "Port Mills", "Port Hill"), corrects="name"),
    "a sentence is gone": Case("removed", (LEAD, NUMBER, QUOTE, LAST), corrects="removed"),
    "the lead is gone": Case("lead, removed", BODY[1:], corrects="removed"),
    "a quote is gone": Case("quote, removed", (LEAD, NUMBER, NAME, LAST), corrects="removed"),
    "a correction at the end": Case(
        "correction", (*BODY, "Correction: An earlier version misstated the number of the hurt."), corrects="correction"
    ),
    "a correction at the top, in capitals and dated": Case(
        "correction", ("CORRECTION (Aug. 9): The fire was on Monday, not on Sunday.", *BODY), corrects="correction"
    ),
    "an earlier version": Case(
        "correction",
        (*BODY, "An earlier version of this article misspelled the name of the mill's owner."),
        corrects="correction",
    ),
    "amended": Case(
        "correction",
        (*BODY, "This article was amended on 9 August 2021 to correct the number of the injured."),
        corrects="correction",
    ),
    "a note within the last paragraph": Case(
        "correction",
        (*BODY[:-1], f"{LAST} An earlier version of this story gave the wrong day."),
        corrects="correction",
    ),
    "an editor's note that corrects": Case(
        "correction", ("Editor’s note: The number of the injured was corrected.", *BODY), corrects="correction"
    ),
    "a retraction": Case(
        "retraction, lead, quote, rewritten, removed",
        ("Retraction: We can no longer stand by this report.",),
        corrects="retraction",
    ),
    "withdrawn": Case(
        "retraction", ("This article has been withdrawn while we look into it.", *BODY), corrects="retraction"
    ),
    "a corrected headline": Case("correction, headline", title=f"CORRECTED-{TITLE}", corrects="correction"),
    # ---- what is only kept
    "another headline": Case("headline", title="Police open inquiry into mill fire"),
    "a headline in capitals": Case("wording", title=TITLE.upper()),
    "a sentence more": Case("added", (*BODY, "Two fire engines came from the next town at noon.")),
    "a live ticker goes on above": Case(
        "added", ("14:20 The last of the fire engines has left the mill, the fire service says.", *BODY)
    ),
    "other words": Case("text", put(BODY, "is not known, and an inquiry was opened", "is unclear, and one began")),
    "another lead, the old one below": Case(
        "added", ("The police have searched the offices of the mill's owners in the capital.", *BODY)
    ),
    "a slip of the pen": Case("typo", put(BODY, "critical", "critcal")),
    "two letters changed places": Case("typo", put(BODY, "hospital", "hopsital")),
    "a negation is no slip": Case("text", put(BODY, "cause of the fire is not", "cause of the fire is")),
    "paragraphs change places": Case("wording", (LEAD, NAME, NUMBER, QUOTE, LAST)),
    "paragraphs run together": Case("wording", (" ".join(BODY),)),
    "other quotation marks": Case("wording", put(put(BODY, "“", '"'), "”", '"')),
    "another apostrophe": Case("wording", put(BODY, "mill's", "mill’s")),
    "a comma": Case("wording", put(BODY, "in Port Mills on Monday", "in Port Mills, on Monday")),
    "blanks": Case("wording", put(BODY, "people died", "people  died")),
    "it was updated at four minutes past three": Case("boilerplate", (*BODY, "Updated at 15:04 BST")),
    "last updated": Case("boilerplate", ("Last updated: 9 August 2021, 15:04", *BODY)),
    "a counter": Case("boilerplate", (*BODY, "1,204 comments")),
    "minutes to read": Case("boilerplate", ("4 min read", *BODY)),
    "cookies": Case("boilerplate", (*BODY, "We use cookies to make this site work. Accept all cookies?")),
    "a box of related links": Case("boilerplate", (*BODY, "Related: Fire service short of 40 engines")),
    "a link within the text": Case("boilerplate", (LEAD, "Read more: Mill had 3 fires since May", *BODY[1:])),
    "a newsletter": Case("boilerplate", (*BODY, "Sign up for our daily newsletter")),
    "an editor's note that corrects nothing": Case(
        "added", ("Editor’s note: This story describes scenes that readers may find upsetting.", *BODY)
    ),
    "the word in running text": Case(
        "added", (*BODY, "The correction of the figures took the police a day, a spokesman said.")
    ),
    "officers of corrections": Case("added", (*BODY, "Corrections officers from a jail nearby helped at the mill.")),
    "a name in full is called by its surname": Case("text", put(BODY, "Ellen Marsh, was", "Marsh, was")),
    "a number in words is in digits": Case("lead, text", put(BODY, "Twelve people died", "12 people died")),
    "written anew": Case(
        "headline, lead, quote, rewritten, removed, added",
        (
            "A mill burnt down at the weekend and its owners are now wanted by prosecutors abroad.",
            "Nobody has been charged so far, but two accountants are being questioned in the capital.",
        ),
        title="Prosecutors look for mill owners",
    ),
}  # fmt: skip

CHINESE: dict[str, Case] = {
    "十二人改为十五人": Case("lead, number", put(ZH_BODY, "12人死亡", "15人死亡"), corrects="number"),
    "文中数字": Case("number", put(ZH_BODY, "30名工人", "13名工人"), corrects="number"),
    "改名": Case("name", put(ZH_BODY, "王某文", "李某华"), corrects="name"),
    "删去一句": Case("removed", (ZH_LEAD, ZH_NUMBER, ZH_QUOTE, ZH_LAST), corrects="removed"),
    "删去引语": Case("quote, removed", (ZH_LEAD, ZH_NUMBER, ZH_NAME, ZH_LAST), corrects="removed"),
    "更正": Case("correction", (*ZH_BODY, "更正：此前报道中受伤人数有误。"), corrects="correction"),
    "更正带日期": Case("correction", ("更正（8月9日）：火灾发生在周一。", *ZH_BODY), corrects="correction"),
    "繁体更正": Case("correction", (*ZH_BODY, "更正啟事：本報早前誤報傷者人數。"), corrects="correction"),
    "此前版本有误": Case("correction", (*ZH_BODY, "本文此前版本将受伤人数误写为13人，有误。"), corrects="correction"),
    "编者按更正": Case("correction", ("编者按：本文受伤人数已作更正。", *ZH_BODY), corrects="correction"),
    "撤稿": Case("retraction", ("撤稿声明：本报决定撤下该报道。", *ZH_BODY), corrects="retraction"),
    "编者按非更正": Case("added", ("编者按：本文为系列报道的第三篇。", *ZH_BODY)),
    "更正确": Case("added", (*ZH_BODY, "更正确的做法是立即疏散，一位专家说。")),
    "繁体": Case("wording", put(put(ZH_BODY, "发生", "發生"), "医院", "醫院")),
    "引号": Case("wording", put(put(ZH_BODY, "“", "「"), "”", "」")),
    "更新时间": Case("boilerplate", ("更新时间：2021-08-09 15:04", *ZH_BODY)),
    "阅读数": Case("boilerplate", (*ZH_BODY, "阅读 1.2万")),
    "相关阅读": Case("boilerplate", (*ZH_BODY, "相关阅读：消防部门缺少40辆消防车")),
    "责任编辑": Case("boilerplate", (*ZH_BODY, "责任编辑：李华")),
    "补充一句": Case("added", (*ZH_BODY, "两辆消防车中午从邻镇赶到现场。")),
    "改写": Case("text", put(ZH_BODY, "起火原因尚不清楚", "起火原因仍然不明")),
}


@pytest.mark.parametrize("name", ENGLISH)
def test_what_changed(name: str) -> None:
    case = ENGLISH[name]
    found = edits.edits(article(*BODY), article(*case.body, title=case.title))
    assert kinds(found) == case.change, found
    assert (edits.summary(edits.corrections(found, BODY)) or "") == case.corrects


@pytest.mark.parametrize("name", CHINESE)
def test_what_changed_in_chinese(name: str) -> None:
    case = CHINESE[name]
    old = article(*ZH_BODY, title=ZH_TITLE, language="zh")
    found = edits.edits(old, article(*case.body, title=ZH_TITLE, language="zh"))
    assert kinds(found) == case.change, found
    assert (edits.summary(edits.corrections(found, ZH_BODY)) or "") == case.corrects


def test_the_words_before_and_after_are_kept() -> None:
    (lead, number) = edits.edits(article(*BODY), article(*put(BODY, "Twelve people", "Fifteen people")))
    assert (lead.was, lead.became) == (LEAD, LEAD.replace("Twelve", "Fifteen"))
    assert (number.was, number.became) == ("Twelve", "Fifteen")
    assert (number.sentence, number.instead) == (LEAD, LEAD.replace("Twelve", "Fifteen"))
    (name,) = edits.edits(article(*BODY), article(*put(BODY, "Ellen Marsh", "Helen Marsh")))
    assert (name.was, name.became) == ("Ellen Marsh", "Helen Marsh")
    (number,) = edits.edits(article(*ZH_BODY), article(*put(ZH_BODY, "30名工人", "13名工人")))
    assert (number.was, number.became) == ("30", "13")


def test_what_changed_in_a_sentence_that_no_alert_quotes_corrects_none() -> None:
    found = edits.edits(article(*BODY), article(*put(BODY, "30 workers", "13 workers")))
    assert edits.corrections(found, (LEAD, NAME)) == ()
    assert edits.corrections(found, ()) == ()
    assert edits.corrections(found, (NUMBER,)) == found


def test_a_note_that_was_there_before_is_no_news() -> None:
    note_ = "Correction: An earlier version misstated the number of the injured."
    found = edits.edits(article(*BODY, note_), article(*BODY, note_, "Two fire engines came at noon."))
    assert kinds(found) == "added"
    assert kinds(edits.edits(article(*BODY, note_), article(*BODY, note_.replace(":", " –")))) != "correction"


NOTES = {
    "Correction: Mr Renner is 54.": "correction",
    "CORRECTION, Aug. 9: Mr Renner is 54.": "correction",
    "Correction – Mr Renner is 54.": "correction",
    "* Clarification: Mr Renner left by himself.": "correction",
    "(Corrects number of branches in paragraph 2)": None,
    "A previous version of this story said that Mr Renner was 45.": "correction",
    "This story has been corrected to say that Mr Renner is 54.": "correction",
    "This article was updated to add comment from the bank.": None,
    "Due to an editing error, the wrong age was given.": "correction",
    "Update: The bank has now answered.": None,
    "Update: The age of Mr Renner has been corrected.": "correction",
    "A market correction: shares fell by a tenth.": None,
    "An earlier version of the contract was signed in May.": None,
    "Corrections are made on page two.": None,
    "We have retracted this article.": "retraction",
    "Retraction of the charges was ruled out.": None,
    "勘误：雷纳54岁。": "correction",
    "本报更正了预测。": None,
    "本文已作出更正。": "correction",
    "该报道已撤回。": "retraction",
    "Korrektur: Renner ist 54.": "correction",
    "In einer früheren Version dieses Artikels stand ein falsches Alter.": "correction",
    "Anmerkung der Redaktion: Das Alter wurde korrigiert.": "correction",
    "Die Korrektur dauerte vier Wochen.": None,
    "Rectificatif : M. Renner a 54 ans.": "correction",
    "Une version précédente de cet article donnait un autre âge.": "correction",
    "Fe de errores: Renner tiene 54 años.": "correction",
    "Errata corrige: Renner ha 54 anni.": "correction",
    "Erramos: Renner tem 54 anos.": "correction",
    "訂正：レンナー氏は54歳です。": "correction",
    "정정: 레너는 54세다.": "correction",
    "Исправление: Реннеру 54 года.": "correction",
}


@pytest.mark.parametrize("paragraph", NOTES)
def test_what_stands_as_a_note(paragraph: str) -> None:
    assert note(paragraph) == NOTES[paragraph]


REPORT = (
    "Published reports that named him were wrong, the bank said.",
    "Updated figures are expected by the ministry next week, which has asked every branch to report its losses.",
    "Related charges against two others were dropped.",
    "12 people read the letter before it was sent.",
    "编辑部的记者赶到了现场。",
    LEAD,
    ZH_LEAD,
)


@pytest.mark.parametrize("line", REPORT)
def test_a_line_of_the_report_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_entries_that_fall_out_of_a_ticker_are_not_removed() -> None:
    ticker = replace(article(*BODY[1:]), updates=(Update(None, None, NUMBER),))
    found = edits.edits(article(*BODY), ticker)
    assert kinds(found) == "lead"
    assert edits.corrections(found, BODY) == ()


def test_a_page_that_has_nothing_of_the_article() -> None:
    gone = article(
        "Sorry, we cannot find what you look for.", "Try our search, or go to the front page.", title="Oh no"
    )
    assert edits.shares_nothing(article(*BODY), gone)
    assert not edits.shares_nothing(article(*BODY), article(*BODY, title="Oh no"))
    assert not edits.shares_nothing(article(*BODY), article("The inquiry is over.", title="Mill fire: the result"))
    assert not edits.shares_nothing(article(*BODY), article(LEAD.replace("Twelve", "Ten"), title="Oh no"))


# ---------------------------------------------------------------------------------------------------------- properties

sentence = st.sampled_from((*BODY, *ZH_BODY, "Correction: The fire was on Monday.", "Updated at 15:04", "4 min read"))
texts = st.lists(sentence | st.text(max_size=60), max_size=8).map(lambda found: article(*found, language=None))
SAME = str.maketrans({"“": "「", "”": "」", "'": "’", " ": "\u00a0", "，": ","})


@settings(max_examples=40)
@given(texts)
def test_a_text_has_not_changed_against_itself(text: Article) -> None:
    assert edits.edits(text, text) == ()
    assert edits.corrections(edits.edits(text, text), BODY) == ()


@settings(max_examples=40)
@given(st.lists(sentence, min_size=1, max_size=8), st.sampled_from(("\n", "\n\n", "  \n\n ")))
def test_white_space_and_glyphs_are_wording_at_most(found: list[str], gap: str) -> None:
    old = article(*found, language=None)
    new = Article(old.url, old.title.upper(), gap.join(found).translate(SAME), language=None)
    assert kinds(edits.edits(old, new)) in {"nothing", "wording", "boilerplate"}


TURNED = {"removed": "added", "added": "removed"}


@settings(max_examples=40)
@given(
    st.permutations(BODY), st.integers(0, 5), st.sampled_from((("30 workers", "13 workers"), ("critical", "critcal")))
)
def test_the_way_back_is_typed_alike(body: list[str], kept: int, swap: tuple[str, str]) -> None:
    old, new = article(*body), article(*(text.replace(*swap) for text in body[:kept]))
    there = {edit.kind for edit in edits.edits(old, new)} - {"quote", "rewritten"}
    back = {edit.kind for edit in edits.edits(new, old)} - {"quote", "rewritten"}
    assert {TURNED.get(kind, kind) for kind in there} - {"lead"} == back - {"lead"}
