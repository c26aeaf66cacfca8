from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.story.compact import Numbers, Postings, Shelf

MANY = [f"word {n}" for n in range(3_000)]


def test_words_are_numbered_as_they_are_met() -> None:
    numbers = Numbers(lately=5)
    assert numbers.take(["fire", "mill", "fire"]) == [0, 1, 0]
    assert numbers.known(["mill", "bridge"]) == [1, -1]
    assert numbers.take(["bridge"]) == numbers.known(["bridge"]) == [2]
    assert len(numbers) == 3


def test_words_that_lie_alike_in_memory_are_two() -> None:
    assert Numbers(lately=5).take(["baba", "慢慢", "baba"]) == [0, 1, 0]


def test_a_number_stays_however_many_follow() -> None:
    numbers = Numbers(lately=5)
    assert [numbers.take([word])[0] for word in MANY] == list(range(3_000))
    assert numbers.known(MANY) == numbers.take(MANY) == list(range(3_000))
    assert numbers.known(["another"]) == [-1]


@settings(max_examples=60)
@given(st.lists(st.sets(st.integers(0, 12)), max_size=40), st.integers(1, 6))
def test_postings_are_lists_of_texts(texts: list[set[int]], most: int) -> None:
    postings = Postings()
    for text, words in enumerate(texts):
        postings.add(text, words)
    expected = [[text for text, words in enumerate(texts) if word in words] for word in range(14)]
    assert postings.counts([-3, *range(14)]) == [0, *map(len, expected)]
    for word, has in enumerate(expected):
        assert list(postings.latest(word, most)) == has[:1] + has[1:][-most:]
    assert list(postings.latest(-1, most)) == []


def test_postings_go_on_beyond_what_two_bytes_hold() -> None:
    postings = Postings()
    texts = [0, 1, 2, 0xFFFE, 0xFFFF, 0x10000, 0x20000]
    for text in texts:
        postings.add(text, [7])
    postings.add(0x20000, [8])
    assert (list(postings.latest(7, 9)), list(postings.latest(8, 9))) == (texts, [0x20000])
    assert postings.counts([7, 8]) == [7, 1]


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=8), max_size=30))
def test_a_shelf_gives_rows_back(rows: list[bytes]) -> None:
    shelf = Shelf(rows=4, opened=2)
    for row in rows:
        shelf.add(row)
    assert len(shelf) == len(rows)
    backwards = range(len(rows) - 1, -1, -1)
    assert [shelf[number] for number in (*range(len(rows)), *backwards)] == rows + rows[::-1]
