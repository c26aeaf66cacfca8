import json
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.judge import THRESHOLD, Judgement, judge
from monitor.model import DevelopmentId, Milestone, Verdict
from monitor.story.memory import Story
from tests.mill import BURIED, FIRST, FUND, ROOF, page, story

NEW = {
    "the first report": (Story(), FIRST),
    "another number": (
        story(),
        page(
            "Five arrested over fire at Harland mill",
            "Police have now arrested five people: two more were taken from their homes on Tuesday over the mill fire.",
            30,
        ),
    ),
    "another kind of event": (
        story(),
        page("Prosecutors charge mill owner", "Prosecutors charged Maria Keller with manslaughter on Tuesday.", 28),
    ),
    "a plan fulfilled": (
        story(),
        page(
            "Harland opens fund for families",
            "The mill's owner opened a compensation fund for the families on Thursday.",
            90,
        ),
    ),
    "another person": (
        story(FIRST, page("Keller convicted", "A jury convicted Maria Keller of manslaughter on Friday.", 4000)),
        page(
            "Foreman Berg convicted", "A jury convicted Jan Berg, the mill's foreman, of manslaughter on Monday.", 4100
        ),
    ),
    "told in Chinese first, but another event": (
        story(page("工厂火灾三人被捕", "警方周一逮捕了三人。", language="zh")),
        page("Mill owner charged", "Prosecutors charged the owner of the mill, Maria Keller, on Tuesday.", 30),
    ),
    "the same done by another firm, to another": (
        story(
            page("Harland suspends staff", "Harland has suspended several employees over the fire, it said on Monday.")
        ),
        page(
            "Roofer suspends employee named in Harland complaint",
            "Norvik Roofing said on Tuesday it had suspended an employee surnamed Berg over the fire at Harland.",
            30,
        ),
    ),
    "a petition with a number, told in Chinese only as a plan": (
        story(FIRST, page("工厂将开设热线", "工厂周一表示，将设立举报渠道。", 2, "zh")),
        page(
            "Hundreds of mill workers sign letter",
            "About 900 workers have signed a letter that asks for a hotline.",
            30,
        ),
    ),
    "a report whose headline tells no event": (
        story(),
        page(
            "A mill and its roof", "The roof was last looked at in spring, the county's inspector said on Tuesday.", 30
        ),
    ),
    "ten dismissed, after one": (
        story(page("Harland fires Berg", "Harland fired Jan Berg on Monday.")),
        page(
            "Harland fires 10 employees",
            "Harland fired 10 employees over the fire on Friday, people close to it said.",
            300,
        ),
    ),
}

OLD = {
    "the same in other words": (
        story(),
        page(
            "Police hold three after Harland mill blaze",
            "Three people were arrested on Monday over the Harland mill fire, police said.",
            3,
        ),
    ),
    "the same in another language": (
        story(),
        page("纺织厂火灾：三人被捕", "警方周一表示，因哈兰德纺织厂火灾逮捕了三人。", 5, "zh"),
    ),
    "a timeline": (
        story(),
        page(
            "Timeline of the Harland mill fire",
            "The roof of the mill fell in on Saturday. Police arrested three people.",
            50,
        ),
    ),
    "comment": (
        story(FIRST, ROOF, FUND, BURIED),
        page(
            "What the mill fire says about safety",
            "The fire at the Harland mill has revived talk about safety. Few textile firms publish figures.",
            40,
        ),
    ),
    "an essay in the writer's own voice": (
        story(FIRST, ROOF, FUND, BURIED),
        page(
            "The price of cloth",
            "I think the debate about Harland misses a simple point. If you buy a shirt for three euros, whose roof "
            "falls in? My guess is that we will forget the mill by spring.",
            40,
        ),
    ),
    "the same in Chinese": (
        story(
            page("纺织厂火灾：三人被捕", "警方周一表示，因哈兰德纺织厂火灾逮捕了三人。", 5, "zh"),
            page("纺织厂屋顶早已腐朽", "检查员一月曾对哈兰德纺织厂的屋顶提出警告，工人周二说。", 20, "zh"),
            page("市民为纺织厂工人捐款", "数百人周三为哈兰德纺织厂工人的家属捐款。", 40, "zh"),
        ),
        page(
            "布的价格", "我想起了哈兰德纺织厂。我们买衣服的时候，有没有想过屋顶？也许到了春天，你也会忘记。", 40, "zh"
        ),
    ),
    "musings without source, day or event": (
        story(FIRST, ROOF, FUND, BURIED),
        page("Cloth and care", "A mill is a world of its own. Its noise stays in the ear for years.", 40),
    ),
    "what another language told of late, with a denial": (
        story(
            page("Harland fires Keller", "Harland fired Maria Keller as head of the mill on Monday."),
            page("天气", "周一有雨。", 1, "zh"),
        ),
        page("哈兰德辞退凯勒 本人称不接受", "哈兰德周一辞退了凯勒。凯勒表示不接受。", 6, "zh"),
    ),
}


@pytest.mark.parametrize("case", NEW)
def test_developments(case: str) -> None:
    memory, new = NEW[case]
    found = judge(new, None, memory)
    assert found.verdict is Verdict.NEW, found.why
    assert found.novelty >= THRESHOLD
    assert found.development is not None
    assert found.development.evidence
    for evidence in found.development.evidence:
        assert evidence.sentence in new.article.text


@pytest.mark.parametrize("case", OLD)
def test_what_is_held_back(case: str) -> None:
    memory, new = OLD[case]
    found = judge(new, None, memory)
    assert found.verdict is not Verdict.NEW, found.why
    assert found.development is None


def test_a_repeat_confirms_the_development() -> None:
    memory, new = OLD["the same in other words"]
    (again,) = judge(new, None, memory).corroborates
    assert again.development == 1
    assert again.evidence[0].role == "corroborates"
    assert again.evidence[0].sentence in new.article.text


def test_the_most_telling_sentence_comes_first_and_dates_the_development() -> None:
    text = (
        "The fire drew wide attention. On Tuesday prosecutors charged Maria Keller with manslaughter. "
        "Police arrested three people on Monday over the fire that destroyed the Harland textile mill."
    )
    development = judge(page("Prosecutors charge mill owner", text, 28), None, story()).development
    assert development is not None
    assert development.evidence[0].sentence == "On Tuesday prosecutors charged Maria Keller with manslaughter."
    assert development.happened_on == date(2024, 3, 5)
    assert development.headline == "Prosecutors charge mill owner"
    assert text.split(". ")[-1] not in [each.sentence for each in development.evidence]


def test_evidence_leads_with_what_the_headline_says_and_keeps_the_order() -> None:
    text = (
        "A judge in Norvik sentenced Maria Keller on Tuesday to two years in prison. "
        "The roof fund has paid 40 families. Her lawyer will appeal against the prison term. "
        "Berg, a foreman, was fined 900 euros. Tickets for the opera are sold out since 10 o'clock."
    )
    development = judge(page("Keller sentenced to prison", text, 900), None, story()).development
    assert development is not None
    sentences = [each.sentence for each in development.evidence]
    assert sentences[0].startswith("A judge in Norvik sentenced")
    assert len(sentences) <= 3
    assert sentences == sorted(sentences, key=text.index)
    assert not any("opera" in each for each in sentences)


FIRM = {
    "another number": True,
    "another kind of event": True,
    "another person": True,
    "a report whose headline tells no event": False,
    "only a plan": False,
    "an event that is often mere scenery": False,
}
MORE = {
    "only a plan": page(
        "Mill owner to resign", "Maria Keller will resign as head of the Harland mill in May, it said on Thursday.", 90
    ),
    "an event that is often mere scenery": page(
        "Harland shares fall", "Shares in Harland fell by 8% in London on Tuesday, traders said.", 30
    ),
}


@pytest.mark.parametrize("case", FIRM)
def test_a_development_is_firm_by_a_new_event_that_is_done(case: str) -> None:
    memory, new = NEW.get(case) or (story(), MORE[case])
    found = judge(new, None, memory)
    assert found.development is not None, found.why
    assert found.development.firm is FIRM[case], found.why


def test_why_reads_as_plain_words() -> None:
    memory, new = NEW["another number"]
    words = str(judge(new, None, memory).why["new"])
    assert words.startswith("new: arrested (5 people); told before with another number; nearest known: “")
    assert words.endswith("(2024-03-04)")
    memory, new = NEW["a report whose headline tells no event"]
    assert str(judge(new, None, memory).why["new"]).startswith("new: no earlier report says this")


def test_what_is_held_back_for_its_wording_says_so() -> None:
    memory, new = OLD["an essay in the writer's own voice"]
    assert judge(new, None, memory).why["gates"]["writer argues"] < 0


def test_what_takes_something_back_is_a_reversal_and_contradicts() -> None:
    memory = story(page("Mill owner charged", "Prosecutors charged Maria Keller with manslaughter on Monday."))
    new = page(
        "Charges against Keller dropped", "Prosecutors dropped the charges against Maria Keller on Friday.", 2000
    )
    found = judge(new, None, memory)
    assert found.development is not None
    assert found.development.kind == "reversal"
    (contradicted,) = found.corroborates
    assert contradicted.development == 1
    assert contradicted.evidence[0].role == "contradicts"


def test_why_is_json_and_names_each_measure() -> None:
    found = judge(*[NEW["another number"][1], None, NEW["another number"][0]])
    why = json.loads(json.dumps(found.why))
    assert why["gates"]["threshold"] == THRESHOLD
    assert why["gates"]["novelty"] == pytest.approx(found.novelty, abs=1e-3)
    assert "arrested" in why["new"]
    assert "5 people" in why["new"]
    assert "2024-03-04" in why["nearest known sentence"]


def test_judging_changes_nothing() -> None:
    memory, new = NEW["another kind of event"]
    assert judge(new, None, memory) == judge(new, None, memory)


# ----------------------------------------------------------------------------------------------- copies and rereads

COPIED = "Police arrested three people on Monday over the fire that destroyed the Harland textile mill."
RESIDUES = {
    "a number that changed": (
        "Police arrested five people on Monday over the fire that destroyed the Harland textile mill.",
        True,
    ),
    "a new event about the story": ("Prosecutors later charged Maria Keller with manslaughter.", True),
    "boilerplate": ("Sign up for our morning newsletter.", False),
    "another story's news": ("Most read: How a star quit the stage.", False),
    "a plan": ("Prosecutors may charge Maria Keller.", False),
    "a sentence that is known": (COPIED, False),
    "a recap": ("Maria Keller was fined last year.", False),
}


@pytest.mark.parametrize("case", RESIDUES)
def test_only_what_a_copy_adds_counts(case: str) -> None:
    sentence, news = RESIDUES[case]
    new = page("Mill fire", f"{COPIED} {sentence}", 3)
    found = judge(new, [sentence], story())
    assert (found.verdict is Verdict.NEW) is news, found.why
    if found.development is not None:
        assert found.development.evidence[0].sentence == sentence


# --------------------------------------------------------------------------------------------------------- milestones

FUND = Milestone("a fund is opened", ("compensation fund", "赔偿基金"))
MET = {
    "done": ("The firm has opened a compensation fund.", True),
    "done, in Chinese": ("公司已设立赔偿基金。", True),
    "planned": ("The firm will open a compensation fund.", False),
    "awaited": ("The compensation fund will be opened soon.", False),
    "planned, in Chinese": ("公司将设立赔偿基金。", False),
    "denied": ("The firm has not opened a compensation fund.", False),
    "something else": ("The firm closed the mill.", False),
}


@pytest.mark.parametrize("case", MET)
def test_milestones(case: str) -> None:
    sentence, met = MET[case]
    found = judge(page("Harland mill", sentence, 50), None, story(), [FUND])
    assert [(each.expect, each.sentence) for each in found.milestones] == ([(FUND.expect, sentence)] if met else [])


def test_a_milestone_is_met_once() -> None:
    memory = story()
    memory.met.add(FUND.expect)
    assert judge(page("", MET["done"][0], 50), None, memory, [FUND]).milestones == ()


# --------------------------------------------------------------------------------------------------------- properties

SENTENCES = st.sampled_from(
    [
        "Police arrested five people on Monday.",
        "法院判处张某有期徒刑一年六个月。",
        "The council met.",
        "The firm will buy Beta for $2 billion.",
        "Last month the owner resigned.",
        "Nobody was hurt.",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(SENTENCES, max_size=4), max_size=4), st.lists(SENTENCES, max_size=4))
def test_whatever_comes_is_judged_and_its_evidence_is_its_own(
    before: Sequence[Sequence[str]], text: Sequence[str]
) -> None:
    memory = Story()
    for hours, each in enumerate(before):
        memory.learn(page("", " ".join(each), hours), DevelopmentId(hours + 1))
    new = page("", " ".join(text), 20)
    found: Judgement = judge(new, None, memory)
    assert 0.0 <= found.novelty <= 1.0
    assert (found.development is not None) == (found.verdict is Verdict.NEW)
    if found.development is not None:
        assert all(each.sentence in new.article.text for each in found.development.evidence)
    json.dumps(found.why)


@settings(max_examples=30, deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=4))
def test_the_very_same_article_is_never_new_twice(text: Sequence[str]) -> None:
    memory = Story()
    new = page("The council met on Monday", " ".join(text))
    memory.learn(new, DevelopmentId(1))
    assert judge(new, None, memory).verdict is not Verdict.NEW
