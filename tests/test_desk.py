from datetime import UTC, datetime, timedelta

import pytest

from monitor.desk import Desk
from monitor.model import (
    Article,
    ArticleId,
    Decision,
    DevelopmentId,
    Filed,
    Milestone,
    Seed,
    Topic,
    Verdict,
)

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)  # a Monday
FUND = Milestone("a fund is opened", ("compensation fund",))
TOPIC = Topic("mill", "Mill fire", about="Harland", milestones=(FUND,))
FIRE = (
    "Police arrested three people on Monday over the fire that destroyed the Harland textile mill. "
    "Two workers were injured when the roof fell in on Saturday. "
    "The owner of Harland, Maria Keller, said that the firm will help the families of the workers."
)
CHARGED = (
    "Prosecutors charged Maria Keller, the owner of the Harland mill, with manslaughter on Tuesday. "
    "A judge set bail at $2 million after a short hearing in the county court."
)


def page(title: str, text: str, hours: float = 0, **more: str) -> Article:
    at = NOON + timedelta(hours=hours)
    return Article(url=f"https://paper.example/{hours}", title=title, text=text, published=at, language="en", **more)


class Office:
    """A desk, and the filing that the store does for it."""

    def __init__(self, *topics: Topic) -> None:
        self.desk = Desk(topics or (TOPIC,))
        self.filed: list[Filed] = []

    def take(self, article: Article, slug: str = "mill", *, background: bool = False) -> Decision:
        at = article.published or NOON
        decision = self.desk.consider(article, slug, at=at, background=background)
        number = len(self.filed) + 1
        opened = {slug: DevelopmentId(number)} if decision.development else {}
        self.desk.learn(ArticleId(number), article, [decision], opened, at=at)
        told = opened or ({slug: decision.corroborates[0].development} if decision.corroborates else {})
        self.filed.append(
            Filed(ArticleId(number), article, at, copy_of=decision.copy_of, decided={slug: decision.verdict}, told=told)
        )
        return decision


def test_one_development_is_told_once() -> None:
    office = Office()
    first = office.take(page("Three arrested over mill fire", FIRE))
    reprint = office.take(page("Mill fire: three held", "(Wire) " + FIRE + " Sign up for our newsletter.", 2))
    other = office.take(page("Weather", "It will rain in the north on Tuesday.", 3))
    charged = office.take(page("Mill owner charged", CHARGED, 26))
    assert [d.verdict for d in (first, reprint, other, charged)] == [
        Verdict.NEW,
        Verdict.COPY,
        Verdict.IRRELEVANT,
        Verdict.NEW,
    ]
    assert reprint.copy_of == 1
    assert [one.development for one in reprint.corroborates] == [1]
    assert not other.relevant
    assert charged.development is not None
    assert charged.development.evidence[0].sentence in CHARGED


def test_the_next_report_may_repeat_the_last_one_as_its_background() -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE))
    lead = "The owner of the Harland textile mill was charged with manslaughter on Monday, prosecutors said. "
    follows = office.take(page("Owner of Harland mill charged with manslaughter", lead + FIRE, 20))
    assert follows.verdict is Verdict.NEW
    assert follows.development is not None
    assert follows.development.evidence[0].sentence == lead.strip()


def test_a_number_that_changed_in_a_copy_is_news() -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE))
    changed = office.take(page("Mill fire arrests", FIRE.replace("three", "five"), 20))
    assert changed.verdict is Verdict.NEW
    assert changed.copy_of == 1
    assert changed.development is not None
    assert "five people" in changed.development.evidence[0].sentence


def test_an_article_that_quotes_another_is_judged_by_its_own_words() -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE))
    quoted = FIRE.split(". ")[0] + ". "
    decision = office.take(
        page("Mill owner charged", CHARGED + " " + CHARGED.replace("county", "district") + quoted, 26)
    )
    assert decision.verdict is Verdict.NEW


def test_considering_changes_nothing() -> None:
    office = Office()
    article = page("Three arrested over mill fire", FIRE)
    assert office.desk.consider(article, "mill", at=NOON) == office.desk.consider(article, "mill", at=NOON)


def test_background_is_learnt_quietly() -> None:
    office = Office()
    learnt = office.take(page("Three arrested over mill fire", FIRE), background=True)
    again = office.take(page("Three arrested", FIRE.split(". ")[0] + ".", 2))
    assert (learnt.verdict, learnt.development, learnt.relevant) == (Verdict.LEARNT, None, True)
    assert again.verdict is Verdict.COPY
    assert again.corroborates == ()
    irrelevant = office.take(page("Weather", "It will rain in the north on Tuesday.", 3), background=True)
    assert irrelevant.verdict is Verdict.IRRELEVANT


def test_a_background_reprint_is_tied_to_its_original() -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE), background=True)
    reprint = office.take(page("Mill fire: three held", FIRE, 2), background=True)
    assert (reprint.verdict, reprint.copy_of, reprint.development) == (Verdict.LEARNT, 1, None)
    assert reprint.why["copy"]["of"] == 1


def test_a_page_read_again_counts_only_what_is_new_in_it() -> None:
    office = Office()
    article = page("Three arrested over mill fire", FIRE)
    office.take(article)
    same = office.desk.consider(article, "mill", at=NOON + timedelta(hours=5), known=ArticleId(1))
    more = page("Three arrested over mill fire", FIRE + " Prosecutors charged Maria Keller with manslaughter.")
    edited = office.desk.consider(more, "mill", at=NOON + timedelta(hours=5), known=ArticleId(1))
    assert same.verdict in {Verdict.NOTHING_NEW, Verdict.CORROBORATES}
    assert same.copy_of is None
    assert edited.verdict is Verdict.NEW
    assert edited.development is not None
    assert [each.sentence for each in edited.development.evidence] == [
        "Prosecutors charged Maria Keller with manslaughter."
    ]


SENTENCED = "Maria Keller was convicted of manslaughter and sentenced to four years in prison on Friday."
REWRITTEN = (
    "Three people are in custody after Monday's arrests over the blaze at the Harland textile mill, police said. "
    "When the roof came down on Saturday, two of the workers were injured. "
    "Maria Keller, who owns Harland, said that families of the workers will get help from the firm."
)
READ_AGAIN = {  # the headline, the text, and the headline of the development; "": there is none
    "a sentence is added": ("Three arrested over mill fire", FIRE + " " + SENTENCED, SENTENCED),
    "and a headline": ("Mill owner jailed", FIRE + " " + SENTENCED, "Mill owner jailed"),
    "it opens with the next report": ("Mill owner jailed", SENTENCED + " " + FIRE, "Mill owner jailed"),
    "it is another text": ("Mill owner charged", CHARGED, "Mill owner charged"),
    "in other words": ("Three held over mill blaze", REWRITTEN, ""),
    "what people say": ("Three arrested over mill fire", FIRE + " Neighbours brought flowers to the gate.", ""),
    "nobody was reached": ("Three arrested over mill fire", FIRE + " Keller did not return calls.", ""),
    "what is planned": ("Three arrested over mill fire", FIRE + " The firm will hold its meeting in May.", ""),
    "about somebody else": ("Three arrested over mill fire", FIRE + " Read on: Robber of a jeweller convicted.", ""),
}


@pytest.mark.parametrize("quietly", [False, True], ids=["told", "learnt"])
@pytest.mark.parametrize(("title", "text", "told"), READ_AGAIN.values(), ids=READ_AGAIN)
def test_what_a_page_newly_says_is_judged_though_nobody_else_has_told_of_the_story(
    title: str, text: str, told: str, quietly: bool
) -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE), background=quietly)
    again = office.desk.consider(page(title, text), "mill", at=NOON + timedelta(days=4), known=ArticleId(1))
    assert (again.development.headline if again.development else "") == told


def test_milestones_are_met_once_and_remembered() -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE))
    done = office.take(page("Fund opened", "Harland has opened a compensation fund for the families.", 60))
    again = office.take(page("Fund", "Harland opened a compensation fund, which has paid ten families so far.", 90))
    assert [(one.expect, one.sentence) for one in done.milestones] == [
        (FUND.expect, "Harland has opened a compensation fund for the families.")
    ]
    assert again.milestones == ()
    assert (
        reopened(office).consider(page("Fund", "Harland opened a compensation fund.", 95), "mill", at=NOON).milestones
        == ()
    )


def reopened(office: Office) -> Desk:
    desk = Desk((TOPIC,))
    for filed in office.filed:
        desk.remember(filed)
    return desk


@pytest.mark.parametrize("later", ["Three arrested over mill fire", "Mill owner charged", "Keller resigns"])
def test_a_desk_that_remembers_decides_like_the_one_that_lived_through_it(later: str) -> None:
    office = Office()
    office.take(page("Three arrested over mill fire", FIRE))
    office.take(page("Weather", "It will rain in the north on Tuesday.", 3))
    office.take(page("Mill owner charged", CHARGED, 26))
    texts = {"Three arrested over mill fire": FIRE, "Mill owner charged": CHARGED}
    article = page(later, texts.get(later, "Maria Keller resigned as head of Harland on Wednesday."), 50)
    at = NOON + timedelta(hours=50)
    assert reopened(office).consider(article, "mill", at=at) == office.desk.consider(article, "mill", at=at)


def test_a_seed_given_as_text_is_known_from_the_start() -> None:
    topic = Topic("mill", "Mill fire", seed=Seed(text="Three arrested over mill fire\n\n" + FIRE))
    office = Office(topic)
    again = office.take(page("Three arrested over mill fire", FIRE, 4))
    new = office.take(page("Mill owner charged", CHARGED + " " + FIRE.split(". ")[1] + ".", 26))
    assert (again.verdict, again.copy_of) == (Verdict.COPY, None)
    assert new.verdict is Verdict.NEW


def test_a_desk_with_a_seed_alone_remembers_what_else_was_read() -> None:
    topic = Topic("mill", "Mill fire", seed=Seed(text="Three arrested over mill fire\n\n" + FIRE))
    office = Office(topic)
    for hour in range(60):
        office.take(page(f"Council {hour}", f"The county court and a judge met at hour {hour}. Rain on Tuesday.", hour))
    office.take(page("Mill owner charged", CHARGED, 70))
    again = Desk((topic,))
    for filed in office.filed:
        again.remember(filed)
    later = page("Judge hears Keller", CHARGED + " The firm denied it.", 80)
    found, remembered = (desk.consider(later, "mill", at=NOON) for desk in (office.desk, again))
    assert found.relevance == remembered.relevance
    assert Desk((topic,)).consider(later, "mill", at=NOON).relevance != found.relevance


def test_a_seed_page_is_learnt_once() -> None:
    desk = Desk((TOPIC,))
    article = page("Three arrested over mill fire", FIRE)
    desk.seed("mill", article)
    before = desk.consider(page("Three held", FIRE.split(". ")[0] + ".", 3), "mill", at=NOON)
    desk.seed("mill", article)
    after = desk.consider(page("Three held", FIRE.split(". ")[0] + ".", 3), "mill", at=NOON)
    assert before == after
    assert before.verdict is not Verdict.NEW


def test_topics_do_not_know_of_each_other() -> None:
    other = Topic("fires", "Fires", about="fire OR charged")
    desk = Desk((TOPIC, other))
    article = page("Three arrested over mill fire", FIRE)
    decision = desk.consider(article, "mill", at=NOON)
    desk.learn(ArticleId(1), article, [decision], {"mill": DevelopmentId(1)}, at=NOON)
    assert desk.consider(article, "fires", at=NOON).verdict is Verdict.NEW
    assert set(desk.topics) == {"mill", "fires"}


def test_an_article_without_a_date_counts_from_when_it_was_seen() -> None:
    desk = Desk((TOPIC,))
    article = Article(url="https://paper.example/x", title="Three arrested over mill fire", text=FIRE)
    decision = desk.consider(article, "mill", at=NOON)
    assert decision.development is not None
    assert decision.development.happened_on == NOON.date()
