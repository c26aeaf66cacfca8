"""The query language: what is taken, what is refused, and the laws that hold for any query."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import MonitorError
from monitor.settings.query import IN_TEXT_WORTH, Query, QueryError, parse

MATCHES = {  # query, title, text, taken
    "words next to each other are all wanted": ("alibaba probe", "Alibaba news", "the probe ended", True),
    "one of two words is not enough": ("alibaba probe", "Alibaba news", "nothing else", False),
    "AND says the same as nothing": ("alibaba AND probe", "Alibaba probe", "", True),
    "OR takes either": ("probe OR inquiry", "", "an inquiry", True),
    "OR takes neither of none": ("probe OR inquiry", "", "a trial", False),
    "AND binds closer than OR": ("a b OR c", "", "c", True),
    "parentheses bind first": ("a (b OR c)", "", "c", False),
    "NOT excludes": ("alibaba NOT stock", "Alibaba stock", "", False),
    "NOT alone takes the rest": ("NOT stock", "Alibaba", "", True),
    "NOT of a group": ("NOT (a OR b)", "", "b", False),
    "NOT binds only the next": ("NOT a b", "", "b", True),
    "small or is a word": ("now or never", "Now, never", "", False),
    "a quoted operator is a word": ('"NOT" guilty', "Not guilty", "", True),
    "the star takes everything": ("*", "", "", True),
    "a phrase in order": ('"code of conduct"', "", "a new code of conduct", True),
    "not a phrase out of order": ('"code of conduct"', "", "conduct of code", False),
    "a phrase across a line break": ('"code of conduct"', "", "code\nof  conduct", True),
    "a phrase across a hyphen": ('"sexual harassment"', "", "sexual-harassment case", True),
    "a phrase is not glued": ('"code of"', "", "codeof", False),
    "curly quotes are quotes": ("“code of conduct”", "", "conduct of code", False),
    "German quotes are quotes": ("„code of conduct“", "", "code of conduct", True),
    "whole words only at the end": ("rape", "", "rapeseed", False),
    "whole words only at the beginning": ("rape", "", "grape", False),
    "a later whole word is found behind a part": ("rape", "", "grape rape", True),
    "a prefix lets the word go on": ("harass*", "", "harassing", True),
    "a prefix is the word itself, too": ("harass*", "", "harass", True),
    "a prefix stands at the beginning": ("harass*", "", "unharassed", False),
    "a possessive is the word": ("alibaba", "", "Alibaba's manager", True),
    "a curly possessive is the word": ("alibaba’s", "", "Alibaba's manager", True),
    "case makes no difference": ("ALIBABA", "alibaba", "", True),
    "accents make no difference": ("Łódź cafe", "", "lodz CAFÉ", True),
    "accents apart from their letter": ("café", "", "cafe\u0301", True),
    "sharp s is ss": ("Straße", "", "STRASSE", True),
    "full width is half width": ("alibaba", "Ａｌｉｂａｂａ", "", True),
    "Cyrillic as whole words": ("суд", "", "судья", False),
    "punctuation around a word is dropped": ("Beijing: probe, ended.", "Beijing probe ended", "", True),
    "a dash alone is dropped": ("Alibaba - probe", "Alibaba probe", "", True),
    "signs within a word count": ("C++", "", "C and C", False),
    "signs within a word are found": ("C++", "", "written in C++, mostly", True),
    "a hashtag": ("#MeToo", "", "the #metoo movement", True),
    "a slash within a word": ("and/or", "", "and/or", True),
    "Chinese within a sentence": ("性侵", "", "阿里就员工被性侵一事致歉", True),
    "Chinese phrase with a gap as typed": ('"阿里巴巴 性侵"', "", "阿里巴巴性侵案", True),
    "Latin name inside Chinese": ("Alibaba", "", "據悉Alibaba公司", True),
    "Latin word inside a Latin word in Chinese": ("baba", "", "據悉Alibaba公司", False),
    "Thai within a sentence": ("ข่าว", "", "อ่านข่าววันนี้", True),
    "Korean with its particle": ("알리바바", "", "알리바바가 밝혔다", True),
    "not a part of a Korean syllable": ("가", "", "각", False),
    "Japanese voiced is another syllable": ("か", "", "が", False),
    "title: looks at the title": ("title:alibaba", "Alibaba", "", True),
    "title: does not look at the text": ("title:alibaba", "News", "Alibaba", False),
    "title: takes a phrase": ('title:"li yonghe"', "Li Yonghe resigns", "", True),
    "title: takes a regex": ("title:/^opinion/", "Opinion: no", "", True),
    "title: regex not in the text": ("title:/opinion/", "", "opinion", False),
    "subtitle: is a word": ("subtitle:x", "x", "subtitle: x", False),
    "a regex": (r"/arrest(ed|s)?\b/", "", "was ARRESTED today", True),
    "a regex with an escaped slash": (r"/24\/7/", "", "open 24/7", True),
    "a regex with parentheses and quotes": ('/"(a|b)"/', "", 'say "b"', True),
    "a regex sees accents as written": ("/café/", "", "cafe", False),
    "a regex at each line": ("/^second/", "", "first\nsecond", True),
    "a regex that stands across two pieces": ("/needle/", "", "x" * 997 + "needle", True),
    "a regex not beyond its limit": ("/needle/", "", "x" * 50_000 + "needle", False),
}


@pytest.mark.parametrize("case", MATCHES.values(), ids=MATCHES.keys())
def test_takes_and_leaves(case: tuple[str, str, str, bool]) -> None:
    query, title, text, taken = case
    assert parse(query).match(title, text).matched is taken


REFUSED = {  # query, position counted from 1, a word of the message
    "nothing": ("", 1, "nothing"),
    "only blanks": ("  ", 1, "nothing"),
    "only punctuation": ("—", 1, "nothing"),
    "a parenthesis left open": ("a (b", 3, "not closed"),
    "a parenthesis too many": ("a b)", 4, "closes none"),
    "empty parentheses": ("()", 2, "closes none"),
    "OR at the end": ("a OR", 5, "missing"),
    "OR at the beginning": ("OR a", 1, "both sides"),
    "AND twice": ("a AND AND b", 7, "both sides"),
    "NOT of nothing": ("a NOT", 6, "missing"),
    "a quote left open": ('a "b c', 3, "not closed"),
    "empty quotes": ('a ""', 3, "empty"),
    "a minus in place of NOT": ("a -stock", 3, "NOT stock"),
    "a star within a word": ("al*ba", 3, "end of a word"),
    "a star before a word": ("*baba", 1, "end of a word"),
    "title: of nothing": ("title:", 7, "missing"),
    "title: of a group": ("title:(a)", 7, "before each word"),
    "title: of everything": ("title:*", 7, "title"),
    "title: twice": ("title:title:a", 7, "twice"),
    "a regex left open": ("a /b", 3, "closes"),
    "a path without quotes": ("/etc/hosts", 1, "quotes"),
    "a regex that is none": ("a /b[/", 5, "cannot be read"),
    "a repeat of a repeat": ("/(a+)+$/", 6, "for ever"),
    "a repeat of alternatives": ("/(a|aa)*$/", 8, "for ever"),
    "a repeat of an option": ("/(?:a?){2,}/", 8, "for ever"),
    "a long repeat of a repeat": (r"/(\w{1,9}){30}/", 11, "for ever"),
    "a repeat of a repeat deep inside": ("/x(y(a*)z)+/", 11, "for ever"),
    "parentheses without end": ("(" * 51 + "a" + ")" * 51, 51, "50"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_with_position(case: tuple[str, int, str]) -> None:
    query, position, word = case
    with pytest.raises(QueryError, match=word) as caught:
        parse(query)
    assert caught.value.position == position
    assert f"at character {position}: " in str(caught.value)
    assert isinstance(caught.value, MonitorError)


TAKEN_REGEXES = {
    "alternatives a few times": "/(?:foo|bar){1,3}x/",
    "an optional group": "/(a+)?b/",
    "a group of one way": "/(ab)+c/",
    "a group of exact length": r"/(?:\d{3})+/",
    "signs in a set are no repeats": "/([+*|])+/",
    "escaped signs are no repeats": r"/(\+\*\|)+/",
    "repeats side by side": r"/\w+\s+\w+/",
    "a closing bracket in a set": "/([]a])+/",
}


@pytest.mark.parametrize("source", TAKEN_REGEXES.values(), ids=TAKEN_REGEXES.keys())
def test_regexes_that_end_are_taken(source: str) -> None:
    assert str(parse(source)) == source


def test_reasons_name_places_and_exclusions() -> None:
    match = parse("Alibaba probe harassment NOT stock").match("Alibaba: probe ends", "Harassment, stock")
    assert match.reasons == ("Alibaba, probe in title", "harassment in text", "not: NOT stock")


def test_reasons_name_what_is_missing() -> None:
    match = parse('Alibaba (hotline OR "code of conduct")').match("Alibaba", "")
    assert match.reasons == ("Alibaba in title", 'missing: hotline OR "code of conduct"')


def test_reasons_name_the_alias_that_was_found() -> None:
    match = parse("Alibaba", {"Alibaba": ["阿里巴巴", "阿里"]}).match("", "阿里员工")
    assert match.matched
    assert match.reasons == ("Alibaba as 阿里 in text",)


ALIASES = {  # query, aliases, text, taken
    "of a word": ("alibaba", {"Alibaba": ["BABA"]}, "BABA fell", True),
    "of a phrase": ('"Li Yonghe"', {"Li Yonghe": ["李永和"]}, "李永和离职", True),
    "of a word that may go on": ("assault*", {"assault": ["性侵"]}, "性侵", True),
    "of a word in the title, in the text": ("title:alibaba", {"alibaba": ["阿里"]}, "阿里", False),
    "are whole words": ("alibaba", {"alibaba": ["ali"]}, "alimony", False),
    "may be phrases": ("alibaba", {"alibaba": ["the e-commerce giant"]}, "the e-commerce giant said", True),
    "of another word": ("alibaba", {"tencent": ["腾讯"]}, "腾讯", False),
    "do not take the word's place": ("alibaba", {"alibaba": ["阿里"]}, "Alibaba", True),
    "that are empty find nothing": ("alibaba", {"alibaba": [" "]}, "a b", False),
}


@pytest.mark.parametrize("case", ALIASES.values(), ids=ALIASES.keys())
def test_aliases(case: tuple[str, dict[str, list[str]], str, bool]) -> None:
    query, aliases, text, taken = case
    assert parse(query, aliases).match("", text).matched is taken


SCORES = {  # query, title, text, score
    "all in the title": ("a b", "a b", "", 1.0),
    "all in the text": ("a b", "", "a b", IN_TEXT_WORTH),
    "half in the title": ("a b", "a", "", 0.5),
    "none": ("a b", "", "", 0.0),
    "one alternative in the text": ("a OR b", "", "a", IN_TEXT_WORTH),
    "two alternatives in the text": ("a OR b", "", "a b", 1 - (1 - IN_TEXT_WORTH) ** 2),
    "exclusions do not count": ("a NOT b", "a", "", 1.0),
    "only exclusions, taken": ("NOT b", "a", "", 1.0),
    "only exclusions, left": ("NOT b", "b", "", 0.0),
    "everything": ("*", "", "", 1.0),
}


@pytest.mark.parametrize("case", SCORES.values(), ids=SCORES.keys())
def test_score(case: tuple[str, str, str, float]) -> None:
    query, title, text, score = case
    assert parse(query).match(title, text).score == pytest.approx(score)


SEARCHES = {  # query, with OR and parentheses, the fewest words
    "words": ("Alibaba AND probe", "Alibaba probe", "Alibaba probe"),
    "alternatives": ("Alibaba (harassment OR assault)", "Alibaba (harassment OR assault)", "Alibaba harassment"),
    "nothing but alternatives": ("probe OR hotline", "(probe OR hotline)", "probe"),
    "a phrase": ('"code of conduct"', '"code of conduct"', '"code of conduct"'),
    "marks are left out": ("title:Alibaba harass*", "Alibaba harass", "Alibaba harass"),
    "exclusions are left out": ("Alibaba NOT stock", "Alibaba", "Alibaba"),
    "regexes are left out": ("Alibaba (/x+/ OR probe)", "Alibaba probe", "Alibaba probe"),
    "all without words": ("* NOT x", "", ""),
}


@pytest.mark.parametrize("case", SEARCHES.values(), ids=SEARCHES.keys())
def test_words_for_a_search_box(case: tuple[str, str, str]) -> None:
    query, plain, words = case
    assert (parse(query).plain(), parse(query).words()) == (plain, words)


WRITTEN = {  # as typed, as given back
    "AND is left out": ("a AND b", "a b"),
    "double negation": ("NOT NOT a", "a"),
    "needless parentheses": ("((a) (b c))", "a b c"),
    "needless quotes": ('"a" "OR" "b c" "d*" "-e"', 'a "OR" "b c" "d*" "-e"'),
    "said twice": ("a b a", "a b"),
    "groups": ("a b OR NOT (c d)", "(a b) OR NOT (c d)"),
}


@pytest.mark.parametrize("case", WRITTEN.values(), ids=WRITTEN.keys())
def test_writes_itself(case: tuple[str, str]) -> None:
    typed, given_back = case
    assert str(parse(typed)) == given_back


# ------------------------------------------------------------------------------------------------------------ laws

law = settings(max_examples=50, deadline=None)  # machines that run tests are busy
words = st.text(st.sampled_from("abcdeéßŁ#+阿里性가があ'&/-*.:"), min_size=1, max_size=6)
leaves = st.one_of(
    st.builds("{}".format, words),
    st.builds('"{}"'.format, st.text(st.sampled_from("abé 阿NOT*-/()"), min_size=1, max_size=9)),
    st.builds("title:{}".format, words),
    st.sampled_from(["/a+b/", r"/x (y|z)/", "*", '"NOT"', "or"]),
)
typed = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("NOT ({})".format, inner),
        st.builds("({} {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
    ),
    max_leaves=6,
)
texts = st.one_of(st.text(max_size=60), st.text(st.sampled_from("abcdé阿里性 .'"), max_size=40))


def _parsed(typed: str) -> Query | None:
    try:
        return parse(typed)
    except QueryError:
        return None


@law
@given(typed)
def test_what_is_written_is_read_the_same(typed: str) -> None:
    query = _parsed(typed)
    assert query is None or parse(str(query)) == query


@law
@given(st.text(st.sampled_from('ab()"*/\\-:ANDORT title阿“” \n[+{9}|?^$'), max_size=30))
def test_anything_is_read_or_refused_with_a_position(typed: str) -> None:
    try:
        query = parse(typed)
    except QueryError as error:
        assert 1 <= error.position <= len(typed) + 1
    else:
        assert parse(str(query)) == query


@law
@given(typed, texts, texts)
def test_match_never_raises_and_scores_within_bounds(typed: str, title: str, text: str) -> None:
    if query := _parsed(typed):
        match = query.match(title, text)
        assert 0.0 <= match.score <= 1.0
        assert match.matched or match.reasons


@law
@given(typed, texts, texts)
def test_not_turns_a_match_round(typed: str, title: str, text: str) -> None:
    if query := _parsed(typed):
        assert parse(f"NOT ({typed})").match(title, text).matched is not query.match(title, text).matched
        assert parse(f"NOT NOT ({typed})") == query


@law
@given(st.lists(leaves, min_size=1, max_size=5), st.randoms(use_true_random=False), texts, texts)
def test_the_order_of_anded_words_is_irrelevant(parts: list[str], order: object, title: str, text: str) -> None:
    shuffled = list(parts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = _parsed(" ".join(parts)), _parsed(" ".join(shuffled))
    if one and other and all(map(_parsed, parts)):  # "title:" alone would bind what follows it
        first, second = one.match(title, text), other.match(title, text)
        assert (first.matched, first.score) == (second.matched, second.score)


@law
@given(texts, texts)
def test_everything_is_taken_by_the_star(title: str, text: str) -> None:
    assert parse("*").match(title, text).matched


@law
@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8))
def test_a_word_is_found_in_itself(word: str) -> None:
    assert parse(f'"{word}"').match("", f"it says {word}, they say").matched


# ------------------------------------------------------------------------------------------------------------ time


def _cpu_s(query: Query, text: str) -> float:
    started = time.process_time()
    query.match("A title", text)
    return time.process_time() - started


def test_a_long_article_is_matched_fast() -> None:
    query = parse("Alibaba (harassment OR assault OR rape OR probe OR hotline) NOT stock", {"Alibaba": ["阿里巴巴"]})
    text = "The company’s report on its naïve manager said that nobody knew of it. " * 385  # 5,000 words
    assert min(_cpu_s(query, text) for _ in range(5)) < 0.02  # 0.0006 on an idle machine


def test_a_regex_that_finds_nothing_ends_soon() -> None:
    assert _cpu_s(parse("/a+b/"), "a" * 200_000) < 5.0  # 0.05 on an idle machine; 20 without the limits
