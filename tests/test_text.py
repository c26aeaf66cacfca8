"""Sentences as exact pieces, tokens in every script, shingles, folding, and the language guess."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.text import COMMON_WORDS, fold, guess_language, runs, sentences, shingles, simplified, tokens

ANY_TEXT = st.text(max_size=200)
NEWSY = st.text(alphabet="abcDE.!?\"'”“’()。！？」』中国は 12\n-,", max_size=120)

SENTENCES = {  # text, sentences
    "an empty text has none": ("", ()),
    "blanks alone are none": (" \n\n \t", ()),
    "two plain sentences": ("Police came. They left.", ("Police came.", "They left.")),
    "company forms end no sentence": (
        "Lanterna Holding Ltd. said so. Brass Inc. agreed.",
        ("Lanterna Holding Ltd. said so.", "Brass Inc. agreed."),
    ),
    "a company form may end one": ("It was sold to Brass Inc. The price was low.", None),
    "initials belong to the name": (
        "It was led by J. Allen Frost. He left.",
        ("It was led by J. Allen Frost.", "He left."),
    ),
    "countries in initials": ("The U.S. company denied it. It won.", ("The U.S. company denied it.", "It won.")),
    "titles and ranks": ("Lt. Col. Mills met Sen. Ward. Both left.", ("Lt. Col. Mills met Sen. Ward.", "Both left.")),
    "an hour before its day": ("He came at 5 p.m. Monday. It rained.", ("He came at 5 p.m. Monday.", "It rained.")),
    "an agency's dateline": (
        "(Bloomberg) -- Police arrested two. One fled.",
        ("(Bloomberg) -- Police arrested two.", "One fled."),
    ),
    "decimals and amounts": ("It cost $3.5 million. All paid.", ("It cost $3.5 million.", "All paid.")),
    "a name with an exclamation mark": ("Yahoo! said it won. It did.", ("Yahoo! said it won.", "It did.")),
    "a quotation and its speaker": ("“Stop!” he said. She ran.", ("“Stop!” he said.", "She ran.")),
    "no blank after the full stop": ("The police came.The man left.", ("The police came.", "The man left.")),
    "a sentence in brackets": ("(He came.) Then he went.", ("(He came.)", "Then he went.")),
    "days in a German date": ("Am 5. Mai kam er. Es regnete.", ("Am 5. Mai kam er.", "Es regnete.")),
    "Chinese stops": ("他走了。真的吗？是的！", ("他走了。", "真的吗？", "是的！")),
    "Chinese quotes close with their sentence": ("他说：“不会。”然后走了。", ("他说：“不会。”", "然后走了。")),
    "a quotation of two sentences stays whole": (
        "他说：“不会。我走。”然后走了。",
        ("他说：“不会。我走。”", "然后走了。"),
    ),
    "corner brackets close with theirs": ("他说『好。』她笑了。", ("他说『好。』", "她笑了。")),
    "two marks are one end": ("真的？！是的。", ("真的？！", "是的。")),
    "a stop right after a bracket's own": ("是的（真的。）好。", ("是的（真的。）", "好。")),
    "Japanese": ("元気です。はい。", ("元気です。", "はい。")),
    "Hindi": ("यह है। वह था।", ("यह है।", "वह था।")),
    "paragraphs are never joined": ("Police say\n\nthe man fled", ("Police say", "the man fled")),
    "a headline on its own line": ("Two arrested\nPolice said so.", ("Two arrested", "Police said so.")),
    "lines broken by an editor are joined": (
        "The police arrested a man on Monday in the city of\nHangzhou, and the company that employed him said\n"
        "it would help. No more is known.",
        (
            "The police arrested a man on Monday in the city of\nHangzhou, and the company that employed him said\n"
            "it would help.",
            "No more is known.",
        ),
    ),
    "a mark alone belongs to what is before": ("He left. ... She stayed.", None),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_sentences(case: str) -> None:
    text, expected = SENTENCES[case]
    found = sentences(text)
    assert found == expected if expected is not None else 1 <= len(found) <= 2


def test_a_given_language_is_taken() -> None:
    assert sentences("Das ist z. B. gut. Ja.", "de") == ("Das ist z. B. gut.", "Ja.")


@given(st.one_of(ANY_TEXT, NEWSY))
@settings(max_examples=200, deadline=None)
def test_sentences_are_exact_pieces_in_order_and_lose_no_letter(text: str) -> None:
    at = 0
    found = sentences(text)
    for sentence in found:
        assert sentence == sentence.strip() != ""
        at = text.index(sentence, at) + len(sentence)
    assert "".join("".join(found).split()) == "".join(text.split())


TOKENS = {  # text, tokens
    "case is gone": ("Police CAME", ["police", "came"]),
    "grouped digits are one number": ("1,000 and 12,345.5", ["1000", "and", "12345.5"]),
    "decimals and dates stay": ("18.2 on 2021.8.9", ["18.2", "on", "2021.8.9"]),
    "a list of digits is no grouped number": ("1,2", ["1,2"]),
    "initials are joined": ("U.S. and U.N.", ["us", "and", "un"]),
    "the possessive is dropped, whatever its apostrophe": ("Li's Li’s Liʼs", ["li", "li", "li"]),
    "other apostrophes stay": ("don’t", ["don't"]),
    "full-width forms": ("ＡＢＣ１２", ["abc12"]),
    "letters with digits": ("covid19 3rd", ["covid19", "3rd"]),
    "Chinese by character": ("阿里1.75万", ["阿", "里", "1.75", "万"]),
    "Japanese, Korean, Thai by character": ("はい 한국 ไป", ["は", "い", "한", "국", "ไ", "ป"]),
    "Hindi words keep their vowels": ("हिन्दी है", ["हिन्दी", "है"]),
    "Arabic": ("هذا خبر", ["هذا", "خبر"]),
    "marks are no tokens": ("— … !? _", []),
}


@pytest.mark.parametrize("case", TOKENS)
def test_tokens(case: str) -> None:
    text, expected = TOKENS[case]
    assert tokens(text) == expected


@given(ANY_TEXT)
def test_tokens_read_again_are_the_same(text: str) -> None:
    once = tokens(text)
    assert all(once)
    assert tokens(" ".join(once)) == once


def test_a_short_text_is_one_shingle_and_an_empty_one_none() -> None:
    assert len(shingles("one two three")) == 1
    assert shingles("") == frozenset()
    assert len(shingles("one two three four five six")) == 2
    assert shingles("One, two!") == shingles("one two")
    assert runs(["a", "b", "c"], 1) == runs(["c", "b", "a"], 1)


@given(st.lists(st.sampled_from("abcd"), min_size=5, max_size=40))
def test_a_part_has_no_shingle_that_the_whole_lacks(words: list[str]) -> None:
    assert shingles(" ".join(words[1:]), 3) <= shingles(" ".join(words), 3) or len(words) - 1 < 3


def test_text_with_half_a_surrogate_pair_is_hashed() -> None:
    assert len(shingles("a \ud800 b")) == 1


FOLDED = {  # text, folded
    "accents and case": ("Ünïcode ÉCOLE", "unicode ecole"),
    "full width": ("Ａlibaba", "alibaba"),
    "traditional Chinese": ("臺灣員工", "台湾员工"),
    "curly apostrophes": ("Li’s", "li's"),
    "voiced kana stay": ("ガ", "ガ"),
    "Korean stays": ("한국", "한국"),
}


@pytest.mark.parametrize("case", FOLDED)
def test_fold(case: str) -> None:
    text, expected = FOLDED[case]
    assert fold(text) == expected


@given(ANY_TEXT)
def test_simplified_leaves_text_without_chinese_alone(text: str) -> None:
    latin = "".join(c for c in text if c < "\u2e80")
    assert simplified(latin) == latin


LANGUAGES = {  # text, language
    "English": ("The company said that it would look into the matter.", "en"),
    "German": ("Die Firma hat den Fall an die Polizei gegeben und will nicht mehr dazu sagen.", "de"),
    "French": ("La société a déclaré que les employés ont été entendus par la police.", "fr"),
    "Spanish": ("La empresa dijo que el caso fue llevado a los tribunales por la policía.", "es"),
    "Italian": ("La società ha detto che il caso è stato portato davanti alla polizia.", "it"),
    "Portuguese": ("A empresa disse que não sabe quando os funcionários foram ouvidos pela polícia.", "pt"),
    "Dutch": ("Het bedrijf zegt dat de politie het onderzoek naar de zaak is begonnen.", "nl"),
    "Chinese": ("阿里巴巴解雇涉事经理", "zh"),
    "Chinese with brands in Latin": ("Tesla 与 SpaceX 的员工昨日提起诉讼", "zh"),
    "Japanese": ("警察は男を逮捕したと発表した", "ja"),
    "Korean": ("경찰은 남자를 체포했다", "ko"),
    "Russian": ("Полиция задержала мужчину", "ru"),
    "Ukrainian": ("Поліція затримала чоловіка", "uk"),
    "Arabic": ("اعتقلت الشرطة رجلا", "ar"),
    "Persian": ("پلیس مردی را بازداشت کرد", "fa"),
    "Hebrew": ("המשטרה עצרה גבר", "he"),
    "Greek": ("Η αστυνομία συνέλαβε άνδρα", "el"),
    "Thai": ("ตำรวจจับกุมชาย", "th"),
    "Hindi": ("पुलिस ने गिरफ्तार किया", "hi"),
    "a headline of names is unsure": ("Lanterna fires manager", None),
    "English with a Chinese name": ("The company said that 王某 was not there at the time and left.", "en"),
    "nothing at all": ("", None),
    "digits": ("12 34", None),
}


@pytest.mark.parametrize("case", LANGUAGES)
def test_guess_language(case: str) -> None:
    text, expected = LANGUAGES[case]
    assert guess_language(text) == expected


NEGATIONS = {
    "en": {"not", "no", "never", "without"},
    "de": {"nicht", "kein", "nie", "ohne"},
    "fr": {"ne", "pas", "jamais", "sans"},
    "es": {"no", "nunca", "sin"},
    "it": {"non", "mai", "senza"},
    "pt": {"não", "nunca", "sem"},
    "nl": {"niet", "geen"},
    "hu": {"nem"},
    "tr": {"değil", "yok"},
}


@pytest.mark.parametrize("language", NEGATIONS)
def test_common_words_hold_no_negation(language: str) -> None:
    assert not COMMON_WORDS[language] & NEGATIONS[language]


def test_common_words_are_in_lower_case() -> None:
    assert all(word == word.casefold() for words in COMMON_WORDS.values() for word in words)
