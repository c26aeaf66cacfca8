import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.story.novelty import Sentences, Texts, Vocabulary, terms

FIRE = "A fire broke out in a textile factory in the harbour district on Monday and two workers were hurt."
COURT = "The council voted to close the northern bridge to lorries from next spring for repairs."
TEXTS = st.text(alphabet="abcde 火灾工厂。", max_size=60)


def known(*texts: str) -> Texts:
    memory = Texts(Vocabulary())
    for number, text in enumerate(texts):
        memory.add(number, text[:20], text)
    return memory


def nearest(memory: Texts, title: str, text: str) -> float:
    """Return the likeness of the starts, to the article that is most like it."""
    return max((share for _, share in memory.likeness(title, text).alike), default=0.0)


def test_nothing_known_is_all_new() -> None:
    assert known().likeness("title", FIRE).key is None


def test_the_same_again_is_not_new() -> None:
    memory = known(COURT, FIRE)
    found = memory.likeness(FIRE[:20], FIRE)
    assert found.key == 1
    assert dict(found.alike)[1] == pytest.approx(1.0)
    assert (found.headline, found.lead) == pytest.approx((1.0, 1.0))
    assert found.headline_in_third is None
    assert len(memory) == 2


def test_something_else_is_new() -> None:
    assert nearest(known(FIRE), COURT[:20], COURT) < 0.1


def test_a_paraphrase_lies_between() -> None:
    again = "Two workers were hurt on Monday when a textile factory by the harbour caught fire."
    assert 0.2 < nearest(known(COURT, FIRE), "Two workers hurt", again) < 0.8


def test_terms_pair_chinese_and_drop_common_words() -> None:
    assert terms("The court 法院判决") == ["court", "法院", "院判", "判决"]


def test_nearest_sentence_is_told() -> None:
    memory = Sentences(Vocabulary())
    memory.add(3, terms(FIRE))
    memory.add(5, terms(COURT))
    assert memory.nearest(terms("A fire in a textile factory hurt two workers")).key == 3
    assert memory.nearest(terms(COURT)).novelty == pytest.approx(0.0)
    assert [(one.key, one.novelty) for one in memory.alike(terms(COURT))] == [(5, pytest.approx(0.0))]
    assert memory.nearest(terms("zebra")).key is None
    assert memory.nearest([]).novelty == 0.0
    assert len(memory) == 2


@settings(max_examples=60)
@given(st.lists(TEXTS, max_size=4), TEXTS)
def test_novelty_is_a_share(before: list[str], text: str) -> None:
    vocabulary = Vocabulary()
    texts = Texts(vocabulary)
    sentences = Sentences(vocabulary)
    for number, each in enumerate(before):
        texts.add(number, each[:8], each)
        sentences.add(number, terms(each))
    assert 0.0 <= nearest(texts, text[:8], text) <= 1.0
    assert 0.0 <= sentences.nearest(terms(text)).novelty <= 1.0
