"""What a query takes, what is like a seed, and what a profile learns without losing its way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article, Topic
from monitor.relevance import THRESHOLD, Profile
from monitor.settings.query import QueryError
from monitor.story.terms import Counts, vector

URL = "https://paper.example/1"
QUERY = Topic(
    "lanterna",
    "Lanterna",
    about="Lanterna AND (bribe* OR probe)",
    aliases={"Lanterna": ("灯塔集团",), "probe": ("调查",)},
)
SEED = Article(
    URL,
    "Lanterna fires manager over bribes at Port Mills",
    "Shipping company Lanterna fired purchasing manager Weaver, who is accused of taking bribes from suppliers in Port "
    "Mills. Chief executive Dana Holt told staff that the inquiry into missing invoices would end in autumn.\n\n"
    "An accountant had told her superiors about the invoices in March.",
)
CHINESE_SEED = Article(
    URL,
    "灯塔集团经理韦某涉嫌受贿被开除",
    "灯塔集团宣布开除采购部经理韦某，韦某涉嫌收受新港供应商贿赂。首席执行官何丹表示，内部调查将于秋天结束。"
    "一名会计三月份曾向上级反映发票丢失。",
)
FILLER = "The weather stayed fine all over the country and the harvest was better than in other years. " * 20


def article(title: str, text: str = "") -> Article:
    return Article(URL, title, text)


BY_QUERY = {  # title, text, relevant
    "both words in the title": ("Lanterna bribery probe widens", "", True),
    "one word in the title, one in the text": ("Lanterna shares fall", "Investors fear the probe.", True),
    "a prefix": ("Lanterna", "He was bribed.", True),
    "one of two words is missing": ("Lanterna shares fall", "Investors fear the winter.", False),
    "another company": ("Brass Inc. probe widens", "", False),
    "Chinese by its aliases": ("灯塔集团内部调查结束", "", True),
    "traditional Chinese": ("燈塔集團內部調查結束", "", True),
    "Chinese on something else": ("灯塔集团发布财报", "", False),
}


@pytest.mark.parametrize("case", BY_QUERY)
def test_the_query_decides(case: str) -> None:
    title, text, relevant = BY_QUERY[case]
    found = Profile(QUERY).assess(article(title, text))
    assert found.relevant is relevant
    assert (found.score >= found.threshold) is relevant
    assert found.reasons


def test_a_title_counts_more_than_the_text() -> None:
    profile = Profile(QUERY)
    title = profile.assess(article("Lanterna probe"))
    assert title.score > profile.assess(article("News", "Lanterna probe")).score


def test_a_query_may_itself_be_in_traditional_chinese() -> None:
    assert Profile(Topic("a", "a", about="燈塔集團")).assess(article("灯塔集团发布财报")).relevant


def test_the_star_takes_everything() -> None:
    profile = Profile(Topic("all", "all", about="*"))
    assert profile.assess(article("Anything", FILLER)).relevant
    assert profile.assess(article("", "")).relevant


BY_SOUND = {  # about, aliases, text, the reason; None: not relevant
    "a Chinese name in English": ("王成文", {}, "The manager Wang Cheng-wen left.", "王成文 as Wang Cheng-wen in text"),
    "in traditional characters": ("燈塔 OR 陳國強", {}, "Chen Guoqiang left.", "陈国强 as Chen Guoqiang in text"),
    "an alias in another order": (
        "Holt",
        {"Holt": ("何丹宁",)},
        "Danning He left.",
        "Holt as Danning He in text",
    ),
    "a romanised name in Chinese": (
        "Wang Chengwen",
        {},
        "经理王程文离职",
        "Wang as 王程文, Chengwen as 王程文 in text",
    ),
    "in quotes": ('"Wang Chengwen"', {}, "經理王程文離職", "Wang Chengwen as 王程文 in text"),
    "a romanised alias": ("Lanterna", {"Lanterna": ("Wang Chengwen",)}, "王成文离职", "Lanterna as 王成文 in text"),
    "another surname": ("王成文", {}, "Huang Chengwen left.", None),
    "other characters": ("Wang Chengwen", {}, "王成功离职", None),
    "words that are not next to each other": ("(Wang OR Li) Chengwen", {}, "王成文离职", None),
    "only in the title": ('title:"Wang Chengwen"', {}, "王成文离职", None),
    "a common word": ("Gao Zhiliang", {}, "推动高质量发展", None),
    "what sounds like a place": ("Shanghai", {}, "造成伤害", None),
}


@pytest.mark.parametrize("case", BY_SOUND)
def test_a_chinese_name_is_known_by_its_sound(case: str) -> None:
    about, aliases, text, reason = BY_SOUND[case]
    found = Profile(Topic("a", "a", about=about, aliases=aliases)).assess(article("News", text))
    assert found.relevant is (reason is not None)
    assert reason is None or found.reasons == (reason,)


def test_a_broken_query_is_refused() -> None:
    with pytest.raises(QueryError):
        Profile(Topic("a", "a", about="(Lanterna"))


PASSING = {  # text of a long article titled otherwise, relevant
    "one mention within a paragraph, far down": (
        f"{FILLER}{FILLER}\n\nIt rained. Some named Lanterna.\n\n{FILLER}",
        False,
    ),
    "two mentions": (f"{FILLER}{FILLER}\n\nIt rained. Some named Lanterna. Others said Lanterna won.", True),
    "one that opens its paragraph, as in a round-up": (f"{FILLER}{FILLER}\n\nLanterna was sold. It rained.", True),
    "one near the beginning": (f"It rained. Some named Lanterna. {FILLER}{FILLER}", True),
    "one in a short text": ("It rained. Some named Lanterna. It was fine.", True),
    "one in a text of middling length": (f"{FILLER}\n\nIt rained. Some named Lanterna.", True),
}


@pytest.mark.parametrize("case", PASSING)
def test_a_passing_mention_in_a_long_text(case: str) -> None:
    text, relevant = PASSING[case]
    found = Profile(Topic("a", "a", about="Lanterna")).assess(article("The weather", text))
    assert found.relevant is relevant
    assert relevant or "passing mention" in found.reasons[-1]


def test_a_mention_in_the_title_is_not_passing() -> None:
    text = f"{FILLER}{FILLER}\n\nIt rained. Some named Lanterna."
    assert Profile(Topic("a", "a", about="Lanterna")).assess(article("Lanterna", text)).relevant


def test_a_query_learns_nothing() -> None:
    profile = Profile(QUERY)
    before = profile.assess(article("Weaver probe"))
    profile.learn(article("Lanterna probe: Weaver"))
    assert profile.assess(article("Weaver probe")) == before


def test_a_query_decides_though_there_is_a_seed() -> None:
    assert (
        not Profile(QUERY, SEED).assess(article("Weaver accused of taking gifts from suppliers in Port Mills")).relevant
    )


LIKE_SEED = {  # title, text, relevant
    "a follow-up": (
        "Lanterna inquiry clears chief executive Holt",
        "The inquiry into bribes at shipping company Lanterna found no fault with Dana Holt.",
        True,
    ),
    "other words for the same people": (
        "Weaver charged",
        "Former purchasing manager Weaver took bribes at Port Mills.",
        True,
    ),
    "another company's results": (
        "Brass lifts forecast",
        "The maker of trumpets expects to sell more this winter.",
        False,
    ),
    "newsroom words alone": (
        "First report",
        "People told news agencies on Monday that two said the same last year.",
        False,
    ),
    "nothing": ("", "", False),
}


@pytest.mark.parametrize("case", LIKE_SEED)
def test_what_is_like_the_seed_is_relevant(case: str) -> None:
    title, text, relevant = LIKE_SEED[case]
    found = Profile(Topic("a", "a"), SEED).assess(article(title, text))
    assert found.relevant is relevant
    assert found.threshold >= THRESHOLD


LIKE_CHINESE_SEED = {
    "a follow-up": ("灯塔集团：韦某受贿案移送检方", "新港检方将起诉灯塔集团原采购部经理韦某。", True),
    "in traditional characters": ("燈塔集團：韋某受賄案移送檢方", "新港檢方將起訴燈塔集團原採購部經理韋某。", True),
    "something else": ("台风登陆沿海", "气象台预计未来三天仍有大雨，渔船已全部回港避风。", False),
}


@pytest.mark.parametrize("case", LIKE_CHINESE_SEED)
def test_what_is_like_a_chinese_seed_is_relevant(case: str) -> None:
    title, text, relevant = LIKE_CHINESE_SEED[case]
    assert Profile(Topic("a", "a"), CHINESE_SEED).assess(article(title, text)).relevant is relevant


def test_the_reasons_name_what_is_in_common() -> None:
    found = Profile(Topic("a", "a"), CHINESE_SEED).assess(article("灯塔集团韦某出庭"))
    assert "灯塔集团" in found.reasons[0]
    assert "nothing in common" in Profile(Topic("a", "a"), SEED).assess(article("Weather stays fine")).reasons[0]


def test_without_its_seed_a_topic_takes_nothing() -> None:
    found = Profile(Topic("a", "a")).assess(SEED)
    assert (found.relevant, found.score) == (False, 0.0)
    Profile(Topic("a", "a")).learn(SEED)
    assert "seed" in found.reasons[0]


FOLLOW_UPS = tuple(
    replace(
        SEED, title=f"Lanterna trial of Weaver, day {day}", text=f"{SEED.text} Judge Amara Quill heard witness {name}."
    )
    for day, name in enumerate(("Abel", "Brook", "Cole", "Drake", "Ewing", "Frost"))
)
LATER = article(
    "Judge Amara Quill sentences Weaver", "Judge Amara Quill sent Weaver to prison for two years after a trial."
)


def test_a_story_that_moves_on_is_followed() -> None:
    profile = Profile(Topic("a", "a"), SEED)
    before = profile.assess(LATER).score
    for one in FOLLOW_UPS:
        profile.learn(one)
    assert profile.assess(LATER).score > before


def test_what_is_hardly_relevant_teaches_nothing() -> None:
    profile = Profile(Topic("a", "a"), SEED)
    before = profile.assess(LATER)
    for _ in range(10):
        profile.learn(article("Judge Amara Quill opens a bakery", "Judge Amara Quill sells bread and cake now."))
    assert profile.assess(LATER) == before


def test_what_is_learnt_never_outweighs_the_seed() -> None:
    profile = Profile(Topic("a", "a"), SEED)
    for _ in range(50):
        for one in FOLLOW_UPS:
            profile.learn(one)
    about_seed = profile.assess(SEED)
    assert about_seed.score > profile.assess(article("Judge Amara Quill", "Judge Amara Quill heard a witness.")).score
    assert not profile.assess(article("Bread", "Bread and cake are dear.")).relevant


def read_from(articles: list[Article]) -> Counts:
    read = Counts()
    for one in articles:
        read.add(vector(one.title, one.text))
    return read


ANOTHER_TRIAL = article("Carter charged over theft", "Police charged Carter. Chief executive Holt told staff to wait.")


def test_what_else_is_read_tells_common_words_from_names() -> None:
    unlike = [
        article(f"Item {n} of the register", f"Harbour {n}: staff charged, the chief executive accused. Police wait.")
        for n in range(200)
    ]
    alone, among = Profile(Topic("a", "a"), SEED), Profile(Topic("a", "a"), SEED, read_from(unlike))
    assert among.assess(ANOTHER_TRIAL).score < alone.assess(ANOTHER_TRIAL).score
    assert among.assess(FOLLOW_UPS[0]).relevant


def test_less_is_asked_once_much_was_read() -> None:
    among = Profile(Topic("a", "a"), SEED, read_from([article(f"Item {n}", "It rained.") for n in range(2_000)]))
    asked = among.assess(LATER).threshold
    assert THRESHOLD < asked < Profile(Topic("a", "a"), SEED).assess(LATER).threshold


def test_a_storys_own_articles_make_no_name_of_it_common() -> None:
    read = Counts()
    profile = Profile(Topic("a", "a"), SEED, read)
    for n in range(60):
        one = replace(FOLLOW_UPS[0], title=f"{FOLLOW_UPS[0].title}, hour {n}")
        profile.learn(one)
        read.add(vector(one.title, one.text))
    assert profile.assess(article("Weaver in court", "Lanterna's former manager Weaver faced his accusers.")).relevant


SURE = {  # relevant, score, counts as read
    "accepted": (True, THRESHOLD, True),
    "clearly about something else": (False, 0.1, True),
    "refused on the border": (False, THRESHOLD - 0.01, False),
}


@pytest.mark.parametrize("case", SURE)
def test_what_is_on_the_border_counts_for_neither_side(case: str) -> None:
    relevant, score, clear = SURE[case]
    assert Profile(Topic("a", "a"), SEED).is_clear(relevant, score) is clear
    assert Profile(QUERY).is_clear(relevant, score)


def test_learning_stays_within_bounds() -> None:
    profile = Profile(Topic("a", "a"), SEED)
    for n in range(60):
        words = " ".join(f"w{n}x{i}" for i in range(100))
        profile.learn(replace(SEED, text=f"{SEED.text} {words}"))
    assert profile.assess(SEED).relevant


@given(st.text(max_size=80), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_assessing_changes_nothing_and_stays_within_bounds(title: str, text: str) -> None:
    for profile in (Profile(QUERY), Profile(Topic("a", "a"), SEED)):
        one = profile.assess(article(title, text))
        assert profile.assess(article(title, text)) == one
        assert 0 <= one.score <= 1
        assert one.relevant is (one.score >= one.threshold)
