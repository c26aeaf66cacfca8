"""Text as values: sentences, tokens, shingles, and the forms in which two texts are compared.

A sentence is always an exact piece of the text it came from, because it is shown to people as evidence.  All other
forms (tokens, shingles, folded text) are for comparing only and are never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache

import opencc
import sentencex
import xxhash

# Scripts that put no blank between words: each character counts as a token.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KANA = "\u3040-\u30ff\u31f0-\u31ff"
_HANGUL = "\u1100-\u11ff\uac00-\ud7af"
_SOUTH_EAST = "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17d3"  # Thai, Lao, Burmese, Khmer
_BY_CHARACTER = f"{_HAN}{_KANA}{_HANGUL}{_SOUTH_EAST}々"
# Python's \w leaves out the marks without which Hindi, Arabic or Hebrew words fall apart.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_LETTERS = rf"[^\W_{_BY_CHARACTER}]|[{_MARKS}]"

_TOKEN = re.compile(
    rf"""\d+(?:[.,]\d+)+                      # 18.2   1,000   2021.8.9
       | (?:[^\W\d_{_BY_CHARACTER}]\.){{2,}}  # U.S.
       | (?:{_LETTERS})+(?:'(?:{_LETTERS})+)* # words, and what mixes letters with digits
       | [{_BY_CHARACTER}]""",
    re.VERBOSE,
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_HAS_HAN = re.compile(f"[{_HAN}]")
_APOSTROPHES = str.maketrans("‘’ʼ`", "''''")


def tokens(text: str) -> list[str]:
    """Return the words of `text` in order, in lower case and in Unicode's compatibility form (NFKC).

    Chinese, Japanese, Korean and Thai come character by character.  Numbers keep their digits ("18.2"; "1,000" is
    "1000"), initials are joined ("U.S." is "us") and the possessive 's is dropped.

    >>> tokens("Alibaba’s U.S. shares fell 18.2 %；阿里")
    ['alibaba', 'us', 'shares', 'fell', '18.2', '阿', '里']
    """
    found = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES))
    return [token if token.isalnum() else _plain(token) for token in found]


def _plain(token: str) -> str:
    """Return a token without its punctuation: "1,000", "u.s." and "alibaba's" become 1000, us and alibaba."""
    if token[0].isdigit():
        return token.replace(",", "") if _GROUPED.fullmatch(token) else token
    return token.removesuffix("'s").replace(".", "")


def shingles(text: str, k: int = 5) -> frozenset[int]:
    """Return the 64-bit hashes of all runs of `k` tokens; a text with fewer has one, and an empty text none.

    k        tokens in a run, at least 1
    Source   Broder 1997, On the resemblance and containment of documents.
    """
    return runs(tokens(text), k)


def runs(words: list[str], k: int = 5) -> frozenset[int]:
    """Return the shingles of a text that is already cut into tokens."""
    if not words:
        return frozenset()
    coded = [word.encode("utf-8", "surrogatepass") for word in words]
    last = max(len(coded) - k, 0)
    return frozenset(xxhash.xxh3_64_intdigest(b" ".join(coded[i : i + k])) for i in range(last + 1))


# ------------------------------------------------------------------------------------------------ forms to compare in


@cache
def _converter() -> opencc.OpenCC:
    """Load the conversion tables once, and only when Chinese text is met."""
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Return `text` with traditional Chinese characters as simplified ones; other text comes back as it is."""
    return str(_converter().convert(text)) if _HAS_HAN.search(text) else text


def fold(text: str) -> str:
    """Return the form in which names and phrases are compared: NFKC, no case, no accents, simplified Chinese.

    >>> fold("Ｋöln: 臺灣")
    'koln: 台湾'
    """
    lower = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    if not lower.isascii():
        lower = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", lower)))
    return simplified(lower)


# ------------------------------------------------------------------------------------------------------------ language

# Words that a language uses everywhere and that carry no news.  They tell the language, and they weigh nothing where
# texts are compared.  Negations ("not", "nicht") are left out on purpose: they change what a sentence says.
COMMON_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in a is was for on that with as by at from it his her its their this which have has had "
        "he she they we you i an be been are were will would can could may or but if who what when where how about "
        "into after before over also said says than then there these those more most other some such only up out all "
        "while during through between under do does did them him our your my me us so any both each",
        "de": "der die das und den dem des ein eine einen einem einer ist sind war waren wird werden wurde wurden mit "
        "von auf für im in zu zum zur bei nach aus sich auch als wie an am es er sie dass oder aber hat haben hatte "
        "über vor durch noch nur um so wenn was diese dieser dieses bis ihre seine",
        "fr": "le la les des du de un une et est sont était dans pour par sur avec que qui au aux ce cette ces il elle "
        "ils elles son sa ses leur leurs plus en à été a ont mais ou où se comme après avant entre selon ainsi tout "
        "dont aussi fait être avoir nous vous on",
        "es": "el la los las un una unos unas de del y en que por con para se es son fue su sus al lo como más pero "
        "este esta estos estas ha han había ser entre sobre desde hasta tras también según o a le les cuando muy ya "
        "donde",
        "it": "il lo la i gli le un una uno di del della dei delle dello da dal dalla in nel nella e che è sono per "
        "con su sul sulla al alla ai si ha hanno anche come più ma o essere stato stata suo sua questo questa dopo "
        "tra fra secondo",
        "pt": "o a os as um uma uns umas de do da dos das em no na nos nas e que por para com se é são foi foram ao "
        "aos à como mais mas ou seu sua seus suas este esta também entre sobre até após ser ter tem pelo pela segundo "
        "já",
        "nl": "de het een en van in is dat op te zijn met voor die aan er om door als bij ook maar uit naar over wordt "
        "werd werden worden hij zij ze haar heeft hebben had tot dan nog wel of deze dit",
        "sv": "och att det som en ett på är av för med den till var har de om vid från men efter eller också hade kan "
        "han hon sig under över mot ska blev där",
        "da": "og at det som en et på er af for med den til var har de om ved fra men efter eller også havde kan han "
        "hun sig under over mod skal blev hvor",
        "no": "og at det som en et på er av for med den til var har de om ved fra men etter eller også hadde kan han "
        "hun seg under over mot skal ble hvor",
        "pl": "i w na z do się że jest to jak o po od za przez dla przy był była było są ale oraz który która które "
        "jego jej ich tym tego także może",
        "tr": "ve bir bu da de için ile olarak olan olduğu gibi daha çok en ne ama sonra kadar göre ise o şu her ya "
        "tarafından üzerine",
        "id": "yang dan di ke dari untuk dengan pada adalah ini itu dalam akan telah oleh juga sebagai ada atau karena "
        "mereka kami ia dia para saat",
        "vi": "và của là có cho được trong một các những này đã với người khi để ở về từ theo cũng tại vào đến ra như",
        "ro": "și în de la cu pe un o este sunt a al ale din care pentru că prin după dar sau fost lui ei s-a mai "
        "fi au",
        "cs": "a v na se je že s z do o k i za by pro jako po od který která které byl byla bylo jsou ale nebo také "
        "jeho při",
        "fi": "ja on oli että se hän ei ovat myös kun mutta tai sekä joka jotka kuin mukaan ollut olla sen ne he",
        "hu": "a az és hogy egy van is volt azt ez meg mint már még csak vagy után szerint amely aki",
    }.items()
}
_LANGUAGES_OF = {
    word: [language for language, words in COMMON_WORDS.items() if word in words]
    for word in frozenset().union(*COMMON_WORDS.values())
}

# How a script that one language (or few) writes is recognised: letters, language.
_SCRIPTS = (
    (re.compile(f"[{_KANA}]"), "ja"),
    (re.compile(f"[{_HANGUL}]"), "ko"),
    (re.compile(f"[{_HAN}]"), "zh"),
    (re.compile("[\u0400-\u04ff]"), "ru"),
    (re.compile("[\u0600-\u06ff\u0750-\u077f]"), "ar"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), "el"),
    (re.compile("[\u0e01-\u0e5b]"), "th"),
    (re.compile("[\u0900-\u0963]"), "hi"),
    (re.compile("[\u0980-\u09ff]"), "bn"),
    (re.compile("[\u0a00-\u0a7f]"), "pa"),
    (re.compile("[\u0a80-\u0aff]"), "gu"),
    (re.compile("[\u0b80-\u0bff]"), "ta"),
    (re.compile("[\u0c00-\u0c7f]"), "te"),
    (re.compile("[\u0d00-\u0d7f]"), "ml"),
    (re.compile("[\u0e81-\u0edf]"), "lo"),
    (re.compile("[\u1000-\u109f]"), "my"),
    (re.compile("[\u10a0-\u10ff]"), "ka"),
    (re.compile("[\u0530-\u058f]"), "hy"),
    (re.compile("[\u1200-\u137f]"), "am"),
    (re.compile("[\u1780-\u17d3]"), "km"),
)
# Letters that only a sister language of the script uses.
_SISTERS = {
    "ru": ((re.compile("[ўЎ]"), "be"), (re.compile("[іїєґІЇЄҐ]"), "uk"), (re.compile("[ђћљњјџЂЋЉЊЈЏ]"), "sr")),
    "ar": ((re.compile("[ٹڈڑےں]"), "ur"), (re.compile("[پچژگ]"), "fa")),
}
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_LANGUAGE_SAMPLE = 1_200  # characters: enough to tell, cheap on long pages


def guess_language(text: str) -> str | None:
    """Return the two-letter code of the language that `text` is written in, or None when that is unsure.

    Other scripts than Latin are told by their letters; Latin ones by their commonest words, which a headline of a few
    words often lacks.

    >>> guess_language("阿里巴巴解雇涉事经理"), guess_language("Alibaba fires manager")
    ('zh', None)
    """
    sample = text[:_LANGUAGE_SAMPLE]
    script = _script(sample)
    if script is None:
        return _latin_language(sample)
    return next((sister for letters, sister in _SISTERS.get(script, ()) if letters.search(sample)), script)


# A letter of another script; Vietnamese writes with Latin ones from 1E00 on.
_NOT_LATIN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u2c00-\ud7ff\uf900-\ufdff]")


def _script(sample: str) -> str | None:
    """Return the language of the script that most of the sample is written in; None: Latin, or nothing."""
    if sample.isascii() or _NOT_LATIN.search(sample) is None:
        return None
    counts = Counter({language: len(letters.findall(sample)) for letters, language in _SCRIPTS})
    # Japanese mixes kana with Chinese characters; a Chinese text may quote a kana or two.
    if counts["ja"] * 20 >= counts["zh"]:
        counts["ja"] += counts.pop("zh", 0)
    language, most = counts.most_common(1)[0]
    # A Latin word is several letters where a Chinese one is two: names and brands must not outweigh the text.
    latin = len(_LATIN.findall(sample)) / (3 if language in ("zh", "ja", "ko") else 1)
    return language if most and most >= latin else None


def _latin_language(sample: str) -> str | None:
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", sample.casefold())
    scores = Counter(dict.fromkeys(COMMON_WORDS, 0))
    for word in words:
        for language in _LANGUAGES_OF.get(word, ()):
            scores[language] += 1
    (language, most), (_, second) = scores.most_common(2)
    # Two hits, an eighth of all words, and clear of the next language.
    return language if most >= 2 and most * 8 >= len(words) and most >= 1.15 * second else None


# ----------------------------------------------------------------------------------------------------------- sentences

_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?![ \t\r]*\n))+")
_LINE = re.compile(r"[^\n]+")
_TERMINAL = tuple('.!?…。！？:：;；"”’」』)）')
_CLOSING = "\"”’'」』》】）)]"
_CLOSERS = re.compile(rf"[{re.escape(_CLOSING)}]+")
_WRAP = (40, 100)  # characters: lines of this length may have been broken by a plain-text editor

# Pieces are joined where the first ends with ... and the next begins with ...
_JOIN = tuple(
    (re.compile(left), re.compile(right))
    for left, right in (
        (r"", r"[a-zß-ÿ][a-zß-ÿ]|[a-z]\b"),  # a lower-case start: "Yahoo! said"
        (r"\b[ap]\.\s?m\.\s*$", r"[A-Z]{2,4}\b|[A-Z][a-z]+(?:day|time)\b|(?:Eastern|Pacific|Central|Beijing|London)\b"),
        (r"\b(?:[A-Z]\.){2,}\s*$", r"[A-Z][a-z]+(?: [A-Z]| (?:spokes|offic|govern|prosecut|author))"),
        (r"(?:^|[\s(])[A-Z]\.\s*$", r"[A-Z][a-z]+(?:['’]s)? (?:said|told|was|and|who|has)\b"),
        (r"\b\d{1,2}\.\s*$", r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]|Jun|Jul|Aug|Sep|O[ck]t|Nov|De[cz])"),
        (
            r"\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Capt|Sgt|Sen|Rep|Gov|Rev|Hon|Atty|Insp|Supt|Det|St|Mt|Ft|No|Nos|"
            r"Art|Sec|vs?|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|est|ca|cf|i\.e|e\.g)\.\s*$",
            r"\S",
        ),
        (r"^\s*\(?[A-Z][\w .,/-]{1,40}\)?\s+(?:--|—|–|-)\s*$", r"\S"),  # a dateline alone: "(Bloomberg) --"
    )
)
# A piece is cut after group 1: a full stop without a blank ("left.The"), a bracketed sentence, Chinese stops.
_CUT = re.compile(
    rf"""( [a-z]{{3}}[.!?]["”’]? )(?=[A-Z][a-z]+\s[a-z])
       | ( [.!?]["”’]?\) )(?=\s+[A-Z][a-z])
       | ( [{_BY_CHARACTER}\d][。！？!?]+[{re.escape(_CLOSING)}]* )(?=\s*[{_BY_CHARACTER}])""",
    re.VERBOSE,
)
_OPENING_QUOTE = re.compile(r"[“「『]")
_CLOSING_QUOTE = re.compile(r"[”」』]")

Span = tuple[int, int]


@lru_cache(maxsize=4)  # copies, facts and voice are looked for in the same text
def sentences(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the sentences of `text` in order, each an exact piece of it without the blanks around.

    Sentences never cross a paragraph (a blank line), nor a line break unless the lines look broken by an editor.

    language   two-letter code; None: guessed from the text

    >>> sentences("He met J. Allen Brack. 他说：“不会。”然后走了！")
    ('He met J. Allen Brack.', '他说：“不会。”', '然后走了！')
    """
    code = language or guess_language(text) or "en"
    spans = (span for block in _blocks(text) for span in _spans(text, block, code))
    return tuple(text[start:end] for start, end in spans if start < end)


def _blocks(text: str) -> Iterator[Span]:
    """Give the stretches that no sentence crosses: lines, or whole paragraphs where an editor broke the lines."""
    for paragraph in _PARAGRAPH.finditer(text):
        lines = [(m.start(), m.end()) for m in _LINE.finditer(text, paragraph.start(), paragraph.end())]
        if _is_wrapped([text[start:end].rstrip() for start, end in lines]):
            yield paragraph.span()
        else:
            yield from lines


def _is_wrapped(lines: list[str]) -> bool:
    """Tell whether lines are pieces of running text: alike in length, and mostly broken within sentences."""
    full = lines[:-1]
    if not full:
        return False
    shortest, longest = min(map(len, full)), max(map(len, lines))
    ended = sum(line.endswith(_TERMINAL) for line in full)
    return _WRAP[0] <= shortest and longest <= _WRAP[1] and longest <= 1.6 * shortest and 2 * ended <= len(full)


def _spans(text: str, block: Span, code: str) -> Iterator[Span]:
    """Give the sentences of one block as (start, end), blanks trimmed."""
    start, pieces = block[0], []
    for piece in sentencex.segment(code, text[slice(*block)]):
        pieces.append((start, start + len(piece)))
        start += len(piece)
    for begin, end in _joined(text, [cut for span in pieces for cut in _cuts(text, span)]):
        piece = text[begin:end]
        begin += len(piece) - len(piece.lstrip())
        yield begin, begin + len(piece.strip())


def _cuts(text: str, span: Span) -> Iterator[Span]:
    """Cut one piece where the splitter missed a boundary, but never within a quotation."""
    start, end = span
    for match in _CUT.finditer(text, *span):
        before = text[start : match.end()]
        if len(_OPENING_QUOTE.findall(before)) <= len(_CLOSING_QUOTE.findall(before)):
            yield start, match.end()
            start = match.end()
    yield start, end


def _joined(text: str, pieces: list[Span]) -> Iterator[Span]:
    """Join pieces that the splitter should not have parted, and give closing quotes back to their sentence."""
    current = pieces[0]
    for start, end in pieces[1:]:
        closers = _CLOSERS.match(text, start, end)
        if closers and not text[start - 1].isspace():
            current, start = (current[0], closers.end()), closers.end()
        if start < end and not _belongs(text, current, (start, end)):
            yield current
            current = (start, end)
        else:
            current = (current[0], end)
    yield current


def _belongs(text: str, left: Span, right: Span) -> bool:
    """Tell whether two neighbouring pieces are one sentence."""
    if not any(c.isalnum() for c in text[slice(*right)]):
        return True
    tail, head = text[max(left[0], left[1] - 60) : left[1]], text[right[0] : right[0] + 40].lstrip()
    return any(after.match(head) and before.search(tail) for before, after in _JOIN)
