"""Chinese names by their sound: what is 王成文 in Chinese is Wang Chengwen in English, and the other way round.

    asked for                                   is looked for as
    王成文   a surname, then one or two characters   Wang Chengwen, Wang Cheng-wen, Wang Cheng Wen; Chengwen Wang
    Wang Chengwen   in capitals, surname first    a surname that is read so, then characters that are: 王成文, 王程文

A surname has the one reading that it has as a surname (单 Shan, 曾 Zeng); a given name may have any reading of its
characters.  Given names have one or two syllables.  What is a common word (高质量, 方面) is no name.

A given name of one syllable says little.  So it goes with the commoner surnames alone, is never put first (Wang Li is
not Li Wang), and is found in Chinese only where the name stands alone: between signs, or between words that go with
persons (总裁王力表示).  Otherwise Wang Li would be found in every 王立军.

Places are no names here: Shanghai is read like 伤害, harm, and Chengdu like 程度, degree.  They want an alias.

How characters are read is pypinyin's, which takes 100 ms and 12 MB, and is loaded for the first such name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cache
from itertools import product

from .names import BEFORE_HAN, BEHIND_HAN, VERBS_HAN, fold_name
from .tables import table

_HAN = "㐀-鿿"
_CHARACTERS = range(0x4E00, 0xA000)
_NO_NAME = "的了着么某们这那个是不在与就都而及或被把让该此每各也还又很太吗呢吧啊什怎谁哪你我他她它您没"
_HAN_NAME = re.compile(f"[{_HAN}]{{2,4}}")
_LATIN_NAME = re.compile(r"[A-Z][^\W\d_]+ [A-Z][^\W\d_]*(?:[ '’-][^\W\d_]+)?")
_UMLAUT = {"lv": "lv lu lyu", "lve": "lve lue lyue", "nv": "nv nu nyu", "nve": "nve nue nyue"}  # ü as it is written
_PARTED = "[\\s'\u2010-\u2015-]*"  # between the syllables of a given name
_GAP = "[\\s\u2010-\u2015-]+"  # between surname and given name
_ENDS = "(?!-?[a-z0-9])"


def alike(name: str) -> tuple[re.Pattern[str], ...]:
    """Return what finds a name in the other script, in folded and simplified text; nothing if it is no such name.

    name   simplified, as it is asked for

    >>> [found[0] for pattern in alike("王成文") if (found := pattern.search("the manager wang cheng-wen, 38"))]
    ['wang cheng-wen']
    >>> [found[0] for pattern in alike("Wang Chengwen") if (found := pattern.search("原经理王程文已被捕"))]
    ['王程文']
    """
    patterns = _in_latin(name) if _HAN_NAME.fullmatch(name) else _in_han(name)
    return tuple(re.compile(pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Table:
    """The table beside this file.

    surnames   how they are spelled, one way or several
    common     those that may go with one syllable
    words      common ones that would be names by their sound
    """

    surnames: Mapping[str, tuple[str, ...]]
    common: frozenset[str]
    words: frozenset[str]


@cache
def _table() -> _Table:
    own, common = table("pinyin"), _pairs(table("names")["surnames"])
    surnames = common | _pairs(own["surnames"]) | _pairs(own["double"])
    return _Table(
        {surname: _written(spelled) for surname, spelled in surnames.items()},
        frozenset(common),
        frozenset(own["words"].split()),
    )


@cache
def _readings(character: str) -> tuple[str, ...]:
    """Return how a character is read, tones apart, in each way that this is written."""
    if character in _NO_NAME:
        return ()
    told = (_toneless(syllable) for syllable in _pypinyin().get(ord(character), "").split(",") if syllable)
    return tuple(dict.fromkeys(way for syllable in told for way in _written(syllable)))


@cache
def _characters() -> Mapping[str, str]:
    """Return the characters that are read so, by syllable as it is written."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for character in map(chr, _CHARACTERS):
        for syllable in _readings(character):
            found[syllable].append(character)
    return {syllable: "".join(characters) for syllable, characters in found.items()}


def _pypinyin() -> Mapping[int, str]:
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


def _toneless(syllable: str) -> str:
    apart = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in apart if letter.isascii())


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


def _written(syllable: str) -> tuple[str, ...]:
    return tuple(_UMLAUT.get(syllable.replace("ü", "v"), syllable).split())


# ---------------------------------------------------------------------------------------- from Chinese to Latin letters


def _in_latin(name: str) -> Iterator[str]:
    known = _table()
    surname = name[:2] if len(name) > 2 and name[:2] in known.surnames else name[:1]
    given = name.removeprefix(surname)
    little = _says_little(surname, given)
    if surname not in (known.common if little else known.surnames) or len(given) > 2 or name in known.words:
        return
    family, readings = known.surnames[surname], [_readings(character) for character in given]
    if not all(readings):
        return
    yield _beginning(family) + _GAP + _PARTED.join(map(_either, readings)) + _ENDS
    if not little:
        personal = _PARTED.join((_beginning(readings[0]), *map(_either, readings[1:])))
        yield personal + _GAP + _either(family) + _ENDS


def _says_little(surname: str, given: Sized) -> bool:
    """Tell whether a name is of two syllables; a surname of two makes up for a short given name."""
    return len(surname) + len(given) < 3


def _beginning(spellings: Iterable[str]) -> str:
    """Match a word's beginning.  The look-behind stands after it, so that its letters are skipped to at full speed."""
    return _either(f"{spelled}(?<![a-z0-9]{spelled})" for spelled in spellings)


def _either(spellings: Iterable[str]) -> str:
    return f"(?:{'|'.join(spellings)})"


# ---------------------------------------------------------------------------------------- from Latin letters to Chinese

# A name of two characters that stands alone.  What comes before is looked at after the name was found: that is faster.
_ALONE = (
    f"(?:(?<![{_HAN}]..)|{'|'.join(f'(?<={word}..)' for word in (*BEFORE_HAN.split('|'), *'和与对'))})"
    f"(?:(?![{_HAN}])|(?={BEHIND_HAN}|{VERBS_HAN}))"
)


def _in_han(name: str) -> Iterator[str]:
    known = _table()
    family, _, personal = fold_name(name).partition(" ")
    if not _LATIN_NAME.fullmatch(name) or not any(family in spelled for spelled in known.surnames.values()):
        return
    for size, syllables in product((1, 2), _syllables(personal)):
        little = _says_little("." * size, syllables)
        known_as = (each for each in (known.common if little else known.surnames) if family in known.surnames[each])
        if surnames := [surname for surname in known_as if len(surname) == size]:
            given = "".join(f"[{_characters()[syllable]}]" for syllable in syllables)
            yield _no_word(_either(surnames) + given) + (_ALONE if little else "")


def _syllables(personal: str) -> Iterator[tuple[str, ...]]:
    """Give the ways to read a given name as one syllable, or else as two."""
    characters = _characters()
    parts = tuple(re.split("[ '’-]", personal))
    if all(part in characters for part in parts):
        yield parts
    elif len(parts) == 1:
        splits = ((personal[:at], personal[at:]) for at in range(1, len(personal)))
        yield from (split for split in splits if all(part in characters for part in split))


def _no_word(pattern: str) -> str:
    """Leave the words out that are read so."""
    words = [word for word in sorted(_table().words) if re.fullmatch(pattern, word)]
    return f"{pattern}(?<!{'|'.join(words)})" if words else pattern
