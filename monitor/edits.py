"""What changed between two readings of a page: typed, with the words before and after.  Pure.

    Article, Article -> edits -> summary     what `revisions.change` says
                              -> corrections  those that touch what an alert told

Sentences are compared by their words: case, punctuation, white space, the shape of quotes and the script of Chinese
make no change, nor does the place where a sentence stands.  A sentence that is gone is paired with the new one that is
most like it; what differs in a pair names the edit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .model import Article, Edit
from .story.names import Name, names
from .story.notes import is_furniture, note, opens_as_note
from .story.quantities import Quantity, quantities
from .text import fold, sentences, simplified, tokens

KINDS = (
    "correction",  # a note that corrects was added
    "retraction",  # a note that takes the article back was added
    "headline",  # other words
    "lead",  # the first sentence is another one
    "number",  # in a sentence that stayed
    "name",  # in a sentence that stayed, or gone from the whole text
    "quote",  # words in quotation marks are gone
    "rewritten",  # fewer than half of the sentences stayed
    "removed",  # a sentence is gone
    "added",  # a sentence came
    "text",  # a sentence says the same in other words
    "typo",  # a letter in a word
    "boilerplate",  # only lines that are no part of the report
    "wording",  # only case, punctuation, white space
)
"""What can have changed, the gravest first."""

NOTES = frozenset({"correction", "retraction"})
ALIKE = 0.5  # of their words two sentences share, from which on one is the other edited
STAYS = 0.5  # of the sentences stay, or the article was written anew
LEAST_QUOTE = 4  # words
MOST_COMPARED = 150  # sentences on either side that are looked at for pairs: more would be another text

_PARAGRAPHS = re.compile(r"\n\s*\n|\n")
_QUOTED = re.compile(r"[“„«]([^“”„»\n]{1,800})[”“»]|\"([^\"\n]{1,800})\"|「([^」]{1,800})」|『([^』]{1,800})』")
_AMOUNT = re.compile(
    r"\s*(?:百分之)?(?:[$€£¥]\s?)?[\d.,零〇一二两三四五六七八九十百千万亿]*[\d万亿千百十零一二两三四五六七八九%％]|\s*[\w$€£¥-]+"
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence, and the form in which it is compared."""

    text: str
    words: tuple[str, ...]

    @property
    def key(self) -> str:
        return _run(self.words)


@dataclass(frozen=True, slots=True)
class _Side:
    """One reading of a text.

    report     its sentences, notes and furniture aside
    notes      paragraphs or sentences that are notes, with their kind
    furniture  the other lines
    whole      all words of the report and the headline, as one run
    """

    report: tuple[_Line, ...]
    notes: tuple[tuple[str, _Line], ...]
    furniture: tuple[str, ...]
    whole: str

    def says(self, words: Sequence[str]) -> bool:
        return _run(words) in self.whole


def edits(old: Article, new: Article) -> tuple[Edit, ...]:
    """Return what changed from one reading of a page to the next, in the order of KINDS; () if nothing did."""
    if (old.title, old.text) == (new.title, new.text):
        return ()
    was, now = _side(old), _side(new)
    found = [*_notes(was, now, old, new), *_headline(old, new), *_body(was, now)]
    if new.updates:  # the oldest entries of a ticker fall out of it
        found = [edit for edit in found if edit.kind != "removed"]
    if not found and was.furniture != now.furniture:
        found = [Edit("boilerplate", "\n".join(was.furniture), "\n".join(now.furniture))]
    return tuple(sorted(found, key=lambda edit: KINDS.index(edit.kind))) or (Edit("wording"),)


def summary(found: Sequence[Edit]) -> str | None:
    """Return the kinds of edits as one line, the gravest first: "headline, number"; None: there are none."""
    return ", ".join(dict.fromkeys(edit.kind for edit in found)) or None


def corrections(found: Sequence[Edit], quoted: Iterable[str]) -> tuple[Edit, ...]:
    """Return the edits that correct what was told: each note, and what changed in a sentence that is quoted.

    Of an article that was written anew, sentences that are gone count for nothing: they are told in other words.

    quoted   sentences as an alert quotes them
    """
    keys = {_run(_words(sentence)) for sentence in quoted}  # a quoted one may be cut otherwise than the text is
    kinds = {"number", "name"} if any(edit.kind == "rewritten" for edit in found) else {"number", "name", "removed"}
    return tuple(
        edit
        for edit in found
        if edit.kind in NOTES or (edit.kind in kinds and any(_is_part(key, edit.sentence) for key in keys))
    )


def shares_nothing(old: Article, new: Article) -> bool:
    """Tell whether a page has nothing of an article any more: no sentence of it, and no word of its headline."""
    was, now = _side(old), _side(new)
    if any(now.says(line.words) for line in was.report) or any(True for _ in _pairs(was.report, now.report)):
        return False
    return not {word for word in _words(old.title) if len(word) > 3 or not word.isascii()} & set(_words(new.title))


def touched(found: Sequence[Edit], sentence: str) -> bool:
    """Tell whether some of these edits changed a sentence or took it out."""
    key = _run(_words(sentence))
    return any(_is_part(key, edit.sentence) for edit in found)


def _is_part(key: str, sentence: str) -> bool:
    other = _run(_words(sentence))
    return bool(sentence) and (key in other or other in key)


# ------------------------------------------------------------------------------------------------ a text as sentences


def _words(text: str) -> tuple[str, ...]:
    return tuple(tokens(simplified(text)))


def _run(words: Iterable[str]) -> str:
    """Return words as one string in which whole words are found again."""
    return f"\x1f{chr(31).join(words)}\x1f"


def _side(article: Article) -> _Side:
    report: list[_Line] = []
    notes: list[tuple[str, _Line]] = []
    furniture: list[str] = []
    for paragraph in _PARAGRAPHS.split(article.text):
        if not (words := _words(paragraph)):
            continue
        if kind := note(paragraph):
            notes.append((kind, _Line(paragraph.strip(), words)))
        elif is_furniture(paragraph):
            furniture.append(paragraph.strip())
        else:
            for line in _lines(paragraph, article.language):
                if kind := opens_as_note(line.text):
                    notes.append((kind, line))
                else:
                    report.append(line)
    whole = [*_words(article.title), "\x1e", *(word for line in report for word in line.words)]
    return _Side(tuple(report), tuple(notes), tuple(furniture), _run(whole))


def _lines(text: str, language: str | None) -> Iterator[_Line]:
    for sentence in sentences(text, language):
        if words := _words(sentence):
            yield _Line(sentence, words)


# ------------------------------------------------------------------------------------------------------ notes, headline


def _notes(was: _Side, now: _Side, old: Article, new: Article) -> Iterator[Edit]:
    known = {line.key for _, line in was.notes} | {line.key for line in was.report}
    titled = note(new.title)
    if titled and not note(old.title):
        yield Edit(titled, old.title, new.title)
    for kind, line in now.notes:
        if line.key not in known:
            yield Edit(kind, "", line.text)


def _headline(old: Article, new: Article) -> Iterator[Edit]:
    if _words(old.title) != _words(new.title):
        yield Edit("headline", old.title, new.title)


# ------------------------------------------------------------------------------------------------------------- the body


def _body(was: _Side, now: _Side) -> Iterator[Edit]:
    gone = [line for line in was.report if not now.says(line.words)]
    come = [line for line in now.report if not was.says(line.words)]
    pairs = dict(_pairs(gone, come))
    answered = {gone[at].key: come[to] for at, to in pairs.items()}
    slips = {at for at, to in pairs.items() if _is_slip(gone[at].words, come[to].words)}
    if gone and was.report[0] is gone[0] and 0 not in slips:
        yield Edit("lead", gone[0].text, now.report[0].text if now.report else "")
    for at, line in enumerate(gone):
        yield from _quotes(line, now)
        other = answered.get(line.key) if at in pairs else None
        if other is None:
            yield Edit("removed", line.text, "", line.text)
        else:
            yield from _in_pair(line, other, now, slip=at in slips)
    for to, line in enumerate(come):
        if to not in pairs.values():
            yield Edit("added", "", line.text)
    if was.report and len(was.report) - len(gone) + len(pairs) < STAYS * len(was.report):
        yield Edit("rewritten")


def _pairs(gone: Sequence[_Line], come: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """Give places of sentences of which one is the other edited, the most alike first; each is in one pair."""
    bags = [Counter(line.words) for line in come[:MOST_COMPARED]]
    likes: list[tuple[float, int, int]] = []
    for at, line in enumerate(gone[:MOST_COMPARED]):
        bag = Counter(line.words)
        for to, other in enumerate(bags):
            shared = 2 * (bag & other).total() / (bag.total() + other.total())
            if shared >= ALIKE:
                likes.append((-shared, at, to))
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, at, to in sorted(likes):
        if at not in taken[0] and to not in taken[1]:
            taken[0].add(at)
            taken[1].add(to)
            yield at, to


def _in_pair(old: _Line, new: _Line, now: _Side, *, slip: bool) -> Iterator[Edit]:
    """Name what differs between a sentence and what became of it."""
    plain_old, plain_new = simplified(old.text), simplified(new.text)
    found = [*_numbers(plain_old, plain_new), *_names(plain_old, plain_new, now)]
    for kind, was, became in found:
        yield Edit(kind, was, became, old.text, new.text)
    if not found:
        yield Edit("typo" if slip else "text", old.text, new.text, old.text, new.text)


def _numbers(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """A number that came where none was is news, and no change of one."""
    was, now = quantities(old), quantities(new)
    lost = _without(was, now)
    if lost:
        yield "number", _amounts(lost, old), _amounts(_without(now, was), new)


def _without(some: Sequence[Quantity], others: Sequence[Quantity]) -> list[Quantity]:
    left = Counter(each.value for each in others)
    rest = []
    for each in some:
        if left[each.value]:
            left[each.value] -= 1
        else:
            rest.append(each)
    return rest


def _amounts(found: Iterable[Quantity], text: str) -> str:
    return ", ".join(match[0].strip() for each in found if (match := _AMOUNT.match(text, each.at)))


def _names(old: str, new: str, now: _Side) -> Iterator[tuple[str, str, str]]:
    known = {key for text in (old, new) for name in names(text) for key in name.keys}
    before, after = names(old, known=known), names(new, known=known)
    lost = [name for name in before if not _is_told(name, new, after)]
    won = [name for name in after if not _is_told(name, old, before)]
    if lost and won:
        yield "name", _listed(lost), _listed(won)
    elif gone := [name for name in lost if not any(_run([word]) in now.whole for word in _words(name.text))]:
        yield "name", _listed(gone), ""


def _is_told(name: Name, text: str, there: Iterable[Name]) -> bool:
    """Tell whether a sentence, with the names there, has every word of a name; a Chinese name is one word."""
    if not any(key in fold(name.text) for key in name.keys):  # its key is the surname's sound
        return name.text in text
    return name.keys <= set(tokens(fold(text))) | {key for other in there for key in other.keys}


def _listed(found: Iterable[Name]) -> str:
    return ", ".join(dict.fromkeys(name.text for name in found))


def _quotes(line: _Line, now: _Side) -> Iterator[Edit]:
    for match in _QUOTED.finditer(line.text):
        quote = next(filter(None, match.groups()))
        if len(words := _words(quote)) >= LEAST_QUOTE and not now.says(words):
            yield Edit("quote", quote, "", line.text)


def _is_slip(old: Sequence[str], new: Sequence[str]) -> bool:
    """Tell whether two sentences differ by letters in words only, as when a slip of the pen is mended."""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if b - a != d - c or not all(map(_is_same_word, old[a:b], new[c:d])):
            return False
    return True


def _is_same_word(one: str, other: str) -> bool:
    """Tell whether two words of four letters or more differ by one letter, or by two that changed places."""
    if min(len(one), len(other)) < 4 or one[0] != other[0] or not (one + other).isalpha() or "n't" in one + other:
        return False
    if sorted(one) == sorted(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 2
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
