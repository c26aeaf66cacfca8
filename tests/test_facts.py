from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.story.facts import KINDS, Facts, Status, awaited, certainty, facts, is_scenery, undone_by

PUBLISHED = date(2021, 9, 6)  # a Monday


def read(sentence: str, **more: bool) -> Facts:
    return facts(sentence, PUBLISHED, **more)


EVENTS = {
    "an arrest": ("Police arrested five people on Monday.", "arrested", Status.DONE),
    "an arrest in Chinese": ("警方逮捕五人", "arrested", Status.DONE),
    "traditional characters": ("法院判處被告人有期徒刑", "sentenced", Status.DONE),
    "a dismissal": ("The bank fired its director.", "dismissed", Status.DONE),
    "a resignation": ("Two executives have stepped down.", "resigned", Status.DONE),
    "a plan": ("The firm will set up a hotline.", "channel-opened", Status.PLANNED),
    "a plan in Chinese": ("公司将开通热线", "channel-opened", Status.PLANNED),
    "a demand is no deed": ("Staff asked for a hotline.", "channel-opened", Status.PLANNED),
    "a denial": ("She was not arrested.", "arrested", Status.DENIED),
    "a denial in Chinese": ("他没有辞职", "resigned", Status.DENIED),
    "an allegation": ("A man suspected of the killing was named.", "killed", Status.ALLEGED),
    "an announced deal is done": ("Alpha to buy Beta for $2 billion", "deal-announced", Status.DONE),
    "words between": ("Jan Berg took over as chair.", "appointed", Status.DONE),
    "an arrest not approved": ("Prosecutors will not approve the arrest of the man.", "case-dropped", Status.PLANNED),
    "the same in Chinese": ("检察院作出不批准逮捕决定", "case-dropped", Status.DONE),
    "a vote": ("Parliament voted on Monday.", "voted", Status.DONE),
    "an explosion": ("一家工厂发生爆炸", "exploded", Status.DONE),
}


@pytest.mark.parametrize("case", EVENTS)
def test_events(case: str) -> None:
    sentence, kind, status = EVENTS[case]
    assert (kind, status) in {(event.kind, event.status) for event in read(sentence).events}


def test_a_longer_phrase_hides_the_words_in_it() -> None:
    kinds = {event.kind for event in read("Prosecutors will not approve the arrest of the man.").events}
    assert "arrested" not in kinds
    assert "arrest-approved" not in kinds


WHO = {
    "the object of a verb": ("The bank fired a manager accused by a woman.", "dismissed", {"@manager"}),
    "the other way round": ("The bank fired a woman who accused a manager.", "dismissed", {"@woman"}),
    "the subject of a passive": ("The manager was fired in the morning.", "dismissed", {"@manager"}),
    "a Chinese passive": ("涉事主管被辞退", "dismissed", {"@manager"}),
    "who it is that has another": ("侵害女员工的主管被辞退", "dismissed", {"@manager"}),
    "a possessive is not the one": ("It fired the woman's manager.", "dismissed", {"@manager"}),
    "who resigns": ("Two executives resigned over the affair.", "resigned", {"@executives"}),
    "a name": ("A court sentenced Maria Keller to two years.", "sentenced", {"maria", "keller"}),
    "a masked name": ("警方刑事拘留张某", "detained", {"zhang"}),
}


@pytest.mark.parametrize("case", WHO)
def test_whom_it_happens_to(case: str) -> None:
    sentence, kind, who = WHO[case]
    (event,) = [event for event in read(sentence).events if event.kind == kind]
    assert event.who == who


BY = {
    "who does it": ("Norvik Roofing has suspended an employee.", {"norvik", "roofing"}),
    "nobody is named": ("The company has suspended an employee.", set()),
    "a passive tells only whom": ("Maria Keller was suspended on Monday.", set()),
    "in Chinese it is not told by place": ("公司已对张某停职", set()),
}


@pytest.mark.parametrize("case", BY)
def test_who_does_it(case: str) -> None:
    sentence, by = BY[case]
    (event,) = [event for event in read(sentence).events if event.kind == "suspended"]
    assert event.by == by


def test_a_petition_is_an_event_and_a_sentence_to_hold_on_to_is_none() -> None:
    assert {event.kind for event in read("About 900 workers have signed a letter.").events} == {"petitioned"}
    assert read("It gives them a sentence to hold on to.").events == ()
    assert {event.kind for event in read("It fired ten workers for leaking a memo.").events} >= {"leaked"}


def test_numbers_belong_to_the_nearest_event() -> None:
    events = {event.kind: event.amounts for event in read("Police arrested five people; ten were injured.").events}
    assert events["arrested"] == {(5.0, "people")}
    assert events["injured"] == {(10.0, "people")}


def test_what_is_said_twice_is_one_event() -> None:
    (event,) = read("A judge sentenced a man to 18 months in prison.").events
    assert (event.kind, event.status, event.amounts) == ("sentenced", Status.DONE, {(18.0, "month")})


def test_two_languages_tell_the_same() -> None:
    (english,) = read("A court sentenced Zhang Guo to 18 months in prison.").events
    (chinese,) = read("法院判处张某有期徒刑一年六个月").events
    assert english.kind == chinese.kind
    assert english.amounts == chinese.amounts
    assert "zhang" in english.who


PAST = {
    "news of today": ("Police arrested a man on Monday.", None, date(2021, 9, 6)),
    "news without a day": ("Police have arrested a man.", None, None),
    "an explicit earlier day": ("Police arrested a man on August 9.", "2021-08-09", date(2021, 8, 9)),
    "last month": ("Police arrested a man last month.", "2021-08", None),
    "a month": ("The case was dropped in July.", "2021-07", None),
    "a recent day wins over an older month": (
        "He was convicted on Monday over acts in July 2020.",
        None,
        date(2021, 9, 6),
    ),
    "earlier": ("The firm earlier fired him.", "earlier", None),
    "pluperfect": ("The agency had accused the firm.", "had accused", None),
    "in Chinese": ("此前公司已将其辞退", "此前", None),
}


@pytest.mark.parametrize("case", PAST)
def test_what_dates_a_sentence_before_its_news(case: str) -> None:
    sentence, past, day = PAST[case]
    found = read(sentence)
    assert (found.past, found.happened_on) == (past, day)


def test_without_a_day_of_publication_no_day_is_resolved() -> None:
    assert facts("Police arrested a man on Monday.", None).happened_on is None


def test_a_name_is_no_event() -> None:
    assert read("The firm Blizzard left the index.").events == ()


def test_the_table_holds_together() -> None:
    assert len(KINDS) >= 45
    assert all(undone_by(kind) <= KINDS for kind in KINDS)
    assert is_scenery("statement")
    assert not is_scenery("arrested")


@pytest.mark.parametrize(
    ("text", "word", "status"),
    [
        ("the hotline has opened", "opened", Status.DONE),
        ("the hotline will be opened", "opened", Status.PLANNED),
        ("the hotline was not opened", "opened", Status.DENIED),
        ("the hotline allegedly opened", "opened", Status.ALLEGED),
        ("热线即将开通", "开通", Status.PLANNED),
        ("he will leave. the hotline opened", "opened", Status.DONE),
    ],
)
def test_certainty(text: str, word: str, status: Status) -> None:
    assert certainty(text, text.index(word)) is status


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("results will be announced", True),
        ("results were announced", False),
        ("结果将公布", True),
        ("结果已公布", False),
    ],
)
def test_awaited(text: str, ahead: bool) -> None:
    end = 7 if text.isascii() else 2
    assert awaited(text, end) is ahead


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_never_raises(text: str) -> None:
    found = read(text)
    assert all(event.kind in KINDS and 0 <= event.at <= len(text) * 4 for event in found.events)
