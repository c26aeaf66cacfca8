"""Chinese names by their sound: what is found in the other script, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pypinyin import Style, pinyin

from monitor.settings.patterns import fold
from monitor.story.pinyin import alike
from monitor.story.tables import table


def found(name: str, text: str) -> str | None:
    matches = (pattern.search(fold(text)) for pattern in alike(name))
    return next((match[0] for match in matches if match), None)


IN_LATIN = {  # name, text, found
    "as newspapers write it": ("王成文", "The manager, Wang Chengwen, left.", True),
    "with a hyphen": ("王成文", "Wang Cheng-wen's lawyer", True),
    "with a capital after the hyphen": ("王成文", "Wang Cheng-Wen", True),
    "each syllable a word": ("王成文", "Wang Cheng Wen", True),
    "given name first": ("王成文", "Chengwen Wang", True),
    "in small letters": ("王成文", "wang chengwen", True),
    "across a line break": ("王成文", "Wang\nChengwen", True),
    "with tones": ("王成文", "Wáng Chéngwén", True),
    "an apostrophe between the syllables": ("李长安", "Li Chang'an", True),
    "not the surname alone": ("王成文", "Wang left.", False),
    "not within longer words": ("王成文", "Huwang Chengwen, Wang Chengwenshan", False),
    "not with a third syllable": ("王成文", "Wang Chengwen-li", False),
    "not another surname": ("王成文", "Huang Chengwen", False),
    "one syllable": ("王力", "Wang Li said", True),
    "one syllable is never first": ("王力", "Li Wang said", False),
    "one syllable is no longer name": ("王力", "Wang Lijun, Wang Li-jun", False),
    "one syllable after a rare surname": ("丘力", "Qiu Li", False),
    "a given name in any reading": ("李乐行", "Li Lexing", True),
    "a given name in another reading": ("李乐行", "Li Yuexing", True),
    "ü as u": ("吕布韦", "Lu Buwei", True),
    "ü as yu": ("吕布韦", "Lyu Buwei", True),
    "ü as it is": ("吕布韦", "Lü Buwei", True),
    "a surname of two characters": ("欧阳娜娜", "Ouyang Nana", True),
    "one syllable after a surname of two": ("司马南", "Sima Nan", True),
    "no surname": ("灯塔集团", "Deng Tajituan", False),
    "a surname and too much": ("王成文公司", "Wang Chengwen", False),
    "a masked name": ("王某文", "Wang Mouwen", False),
    "a common word of two characters": ("方面", "Fang Mian", False),
    "a common word of three": ("高质量", "Gao Zhiliang", False),
}


@pytest.mark.parametrize("case", IN_LATIN)
def test_a_chinese_name_in_latin_letters(case: str) -> None:
    name, text, expected = IN_LATIN[case]
    assert (found(name, text) is not None) is expected


SURNAMES = {  # as surnames, not as the characters are read elsewhere
    "单": ("Shan", "Dan"),
    "曾": ("Zeng", "Ceng"),
    "解": ("Xie", "Jie"),
    "仇": ("Qiu", "Chou"),
    "查": ("Zha", "Cha"),
    "盖": ("Ge", "Gai"),
    "朴": ("Piao", "Pu"),
    "区": ("Ou", "Qu"),
    "覃": ("Qin", "Tan"),
    "翟": ("Zhai", "Di"),
    "尉迟": ("Yuchi", "Weichi"),
}


@pytest.mark.parametrize("surname", SURNAMES)
def test_a_surname_is_read_as_a_surname(surname: str) -> None:
    right, wrong = SURNAMES[surname]
    assert found(f"{surname}成文", f"{right} Chengwen")
    assert found(f"{right} Chengwen", f"{surname}成文")
    assert not found(f"{surname}成文", f"{wrong} Chengwen")
    assert found(f"{wrong} Chengwen", f"{surname}成文") is None


IN_CHINESE = {  # name, text, what is found
    "characters that read so": ("Wang Chengwen", "原经理王成文已被捕", "王成文"),
    "others that read so": ("Wang Chengwen", "原经理王程文已被捕", "王程文"),
    "another surname that reads so": ("Wang Chengwen", "汪成文", "汪成文"),
    "a hyphen": ("Wang Cheng-wen", "王成文", "王成文"),
    "each syllable a word": ("Wang Cheng Wen", "王成文", "王成文"),
    "with tones": ("Wáng Chéngwén", "王成文", "王成文"),
    "either way to part the syllables": ("Li Jiangang", "李建刚", "李建刚"),
    "the other way": ("Li Jiangang", "李江昂", "李江昂"),
    "a surname that was a small word": ("He Jiankui", "贺建奎获释", "贺建奎"),
    "ü": ("Lü Buwei", "吕布韦", "吕布韦"),
    "a surname of two characters": ("Ouyang Nana", "欧阳娜娜", "欧阳娜娜"),
    "one syllable after a surname of two": ("Sima Nan", "司马南被封", "司马南"),
    "one syllable between signs": ("Wang Li", "张三、王力、李四", "王力"),
    "one syllable behind a role": ("Wang Li", "该公司总裁王力表示", "王力"),
    "one syllable before a verb": ("Wang Li", "王力否认", "王力"),
    "one syllable is no longer name": ("Wang Li", "王立军", None),
    "one syllable is no end of a word": ("Wang Li", "国王力争", None),
    "one syllable is no common word": ("Gao Wen", "持续，高温，", None),
    "a common word of three characters": ("Gao Zhiliang", "推动高质量发展", None),
    "a person named like it": ("Gao Zhiliang", "高志良", "高志良"),
    "words between are no given name": ("Wang Deli", "老王的力气", None),
    "small letters": ("wang chengwen", "王成文", None),
    "given name first": ("Chengwen Wang", "王成文", None),
    "no surname": ("Tower Chengwen", "王成文", None),
    "no syllables": ("Long Street", "龙街", None),
    "no syllables behind a hyphen": ("Wang Cheng-Ford", "王成文", None),
    "three syllables": ("Wang Chengwenshan", "王成文山", None),
    "a word alone": ("Chengwen", "成文", None),
    "not what sounds like a place": ("Shanghai", "造成伤害", None),
    "nor like another": ("Chengdu", "在一定程度上", None),
    "a country": ("China", "吃那", None),
}


@pytest.mark.parametrize("case", IN_CHINESE)
def test_a_romanised_name_in_chinese(case: str) -> None:
    name, text, expected = IN_CHINESE[case]
    assert found(name, text) == expected


TABLE = table("pinyin")


def readings(character: str) -> list[str]:
    return pinyin(character, style=Style.NORMAL, heteronym=True)[0]


COMMON = dict(pair.split(":") for pair in table("names")["surnames"].split())
GIVEN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@given(st.sampled_from(sorted(COMMON)), GIVEN, GIVEN, st.sampled_from(("", "-", " ", "'")), st.data())
@settings(max_examples=100, deadline=None)
def test_a_name_is_found_however_it_is_spelled(
    surname: str, one: str, two: str, sign: str, data: st.DataObject
) -> None:
    name = f"{surname}{one}{two}"
    assume(alike(name))  # small words stand in no name
    first, second = data.draw(st.sampled_from(readings(one))), data.draw(st.sampled_from(readings(two)))
    latin = f"{COMMON[surname].capitalize()} {first.capitalize()}{sign}{second}"
    if name not in TABLE["words"].split():
        assert found(name, f"They met {latin}.")
    if sign in ("-", " "):
        assert found(latin, f"他们见到了{name}") or name in TABLE["words"].split()


@given(st.text(max_size=12))
@settings(deadline=None)
def test_any_text_may_be_asked_for(text: str) -> None:
    for pattern in alike(text):
        assert pattern.search("") is None
