r"""The language of `about`: which articles a topic takes.  Pure: text in, a frozen query out.

    query   = any ;
    any     = all { "OR" all } ;                          (* OR binds least *)
    all     = one { [ "AND" ] one } ;                     (* words next to each other are ANDed *)
    one     = "NOT" one | "(" any ")" | "*" | [ "title:" ] leaf ;
    leaf    = word | word "*" | '"' phrase '"' | "/" regex "/" ;

AND, OR and NOT count only in capitals; in quotes they are words.  Curly quotes are quotes.  Punctuation around a word,
and a dash that stands alone, says nothing and is dropped.

Words and phrases are compared without regard to case, accents, full or half width, and the shape of dashes and
apostrophes.  A word of a script with spaces matches whole words ("probe" is not in "probes"; `probe*` is); a word that
holds Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese matches wherever it stands, as those scripts join words.

The score says how much of what the query asks for was found, 0..1.  A leaf is worth 1 in the title, 0.6 in the text,
0 when absent; words that are ANDed take the mean; alternatives add up like independent witnesses: 1 - product(1 - each)
for each of them.  What is under NOT does not count; `*`, and a query that only excludes, is worth 1 when it matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from math import fsum, prod
from string import capwords

from ..errors import MonitorError
from . import patterns
from .patterns import fold

IN_TEXT_WORTH = 0.6  # a leaf in the title is worth 1
DEEPEST = 50  # parentheses; more is no query but an accident


class QueryError(MonitorError):
    """Say what is wrong with a query, and where.

    position    of the offending character, counted from 1
    """

    exit_code = 3  # a query stands in the config file, or in a command that adds to it

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"at character {position}: {why}")
        self.position = position
        self.why = why


# ------------------------------------------------------------------------------------------------ what a query is


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word or a phrase; `prefix`: the word may go on; `title`: only the title is looked at."""

    text: str
    prefix: bool = False
    title: bool = False

    def __str__(self) -> str:
        body = f"{self.text}*" if self.prefix else _quoted(self.text)
        return f"title:{body}" if self.title else body


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, searched for without regard to case in the text as the source wrote it."""

    source: str
    title: bool = False

    def __str__(self) -> str:
        return f"title:/{self.source}/" if self.title else f"/{self.source}/"


@dataclass(frozen=True, slots=True)
class Everything:
    """What every article satisfies."""

    def __str__(self) -> str:
        return "*"


@dataclass(frozen=True, slots=True)
class Not:
    """Satisfied when `part` is not."""

    part: Node

    def __str__(self) -> str:
        return f"NOT {_grouped(self.part)}"


@dataclass(frozen=True, slots=True)
class All:
    """Satisfied when every part is; two or more, none of them an `All`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(map(_grouped, self.parts))


@dataclass(frozen=True, slots=True)
class Any:
    """Satisfied when at least one part is; two or more, none of them an `Any`."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(map(_grouped, self.parts))


Node = Leaf | Regex | Everything | Not | All | Any
Finder = Callable[[str], str | None]  # under which other name it is found; "": its own; None: not at all
Alike = Callable[[str], Iterable[re.Pattern[str]]]  # what else finds a name, in folded text
Probe = Callable[["_Page"], "_Hit | None"]


@dataclass(frozen=True, slots=True)
class Match:
    """What a query says of an article.

    score    0..1, as the module's text defines it; also given when the query does not match
    reasons  where each word was found, then what is missing or unwanted
    """

    matched: bool
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed `about`, ready to be matched; `str` gives back a query that parses to the same."""

    root: Node
    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    _probes: Mapping[Node, Probe] = field(default_factory=dict, repr=False, compare=False)

    def __str__(self) -> str:
        return str(self.root)

    def match(self, title: str, text: str) -> Match:
        """Say whether an article is what the query asks for, how much of it, and why.  Never raises."""
        page = _Page(title, text)
        hits = {leaf: hit for leaf, probe in self._probes.items() if (hit := probe(page)) is not None}
        matched = _holds(self.root, hits)
        score = _score(self.root, hits)
        return Match(matched, float(matched) if score is None else score, tuple(_reasons(self.root, hits, matched)))

    def plain(self) -> str:
        """Write the wanted words for a search engine that knows quotes, OR and parentheses; "" if there are none.

        Alternatives always stand in parentheses: some engines refuse them without.
        """
        wording = _wording(self.root, narrow=False)
        return f"({wording})" if isinstance(wording, Any) else str(wording or "")

    def words(self) -> str:
        """Write the fewest words that ask for it, the first of each alternatives: for a search box that knows no OR."""
        return str(_wording(self.root, narrow=True) or "")


def parse(about: str, aliases: Mapping[str, Sequence[str]] | None = None, alike: Alike = lambda name: ()) -> Query:
    """Read a query.

    aliases   other names for a word or phrase of the query; they match as well as it does
    alike     gives what else finds a name; asked for each word, phrase and alias, and for two and three words in a row
    Raises    QueryError, with the position, where the text does not follow the grammar

    >>> parse("Alibaba (probe OR hotline) NOT stock").match("Alibaba ends probe", "It said so.").matched
    True
    """
    names = tuple((word, tuple(others)) for word, others in (aliases or {}).items())
    root = _Reader(about).read()
    also = {fold(word): others for word, others in names}
    phrases = _phrases(root)
    return Query(root, names, {leaf: _probe(leaf, also, phrases, alike) for leaf in dict.fromkeys(_leaves(root))})


# ---------------------------------------------------------------------------------------------- reading the text

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<open>\() | (?P<close>\))
      | (?P<title>title:)
      | ["“”„](?P<phrase>[^"“”„]*)["“”„] | (?P<unclosed>["“”„])
      | /(?!\s)(?P<regex>(?:\\.|[^/\\])+)/(?=[\s()]|$) | (?P<slash>/(?=[^\s()]))
      | (?P<word>[^\s()"“”„]+)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = ("AND", "OR", "NOT")
_EDGES = ",;:.!?…¿¡'‘’‹›«»"  # stand around a word without being part of it


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is a group of _TOKEN, an operator, "star" or "end"; `at` counts characters from 1."""

    kind: str
    text: str
    at: int


def _tokens(about: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(about):
        kind, at = found.lastgroup or "", found.start() + 1
        text = found[kind]
        if kind == "word":
            text = text.strip(_EDGES)
            if not any(map(str.isalnum, text)) and text != "*":
                continue
            kind = text if text in _OPERATORS else "star" if text == "*" else kind
        if kind != "space":
            yield _Token(kind, text, at)
    yield _Token("end", "", len(about) + 1)


_NOT_HERE = {
    "unclosed": "the quote that opens here is not closed",
    "slash": 'this / opens a regex that no / closes; a word that begins with a slash needs quotes, as in "/path"',
    "close": "this parenthesis closes none",
    "end": "something to look for is missing here",
    "AND": "AND needs something to look for on both sides; in quotes it is a word",
    "OR": "OR needs something to look for on both sides; in quotes it is a word",
    "NOT": "NOT has no place here; in quotes it is a word",
    "star": "* cannot be looked for in the title",
    "open": "a parenthesis has no place here: write title: before each word",
    "title": "title: is said twice",
}


class _Reader:
    """Recursive descent over the tokens of one query; one method a rule of the grammar."""

    def __init__(self, about: str) -> None:
        self._tokens = tuple(_tokens(about))
        self._next = 0
        self._depth = 0

    def read(self) -> Node:
        if self._peek.kind == "end":
            raise QueryError(1, "nothing to look for; write a few words, or * for everything")
        root = self._any()
        if self._peek.kind != "end":
            raise self._refused(self._peek)
        return root

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._peek
        self._next += token.kind != "end"
        return token

    def _refused(self, token: _Token) -> QueryError:
        return QueryError(token.at, _NOT_HERE[token.kind])

    def _any(self) -> Node:
        parts = [self._all()]
        while self._peek.kind == "OR":
            self._take()
            parts.append(self._all())
        return _joined(Any, parts)

    def _all(self) -> Node:
        parts = [self._one()]
        while self._peek.kind not in ("OR", "close", "end"):
            if self._peek.kind == "AND":
                self._take()
            parts.append(self._one())
        return _joined(All, parts)

    def _one(self) -> Node:
        negated = False
        while self._peek.kind == "NOT":
            self._take()
            negated = not negated
        token = self._take()
        if token.kind == "open":
            part = self._group(token)
        elif token.kind == "star":
            part = Everything()
        else:
            part = self._leaf(self._take(), True) if token.kind == "title" else self._leaf(token, False)
        if not negated:
            return part
        return part.part if isinstance(part, Not) else Not(part)

    def _group(self, opening: _Token) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(opening.at, f"more than {DEEPEST} parentheses are open here")
        part = self._any()
        if self._take().kind != "close":
            raise QueryError(opening.at, "the parenthesis that opens here is not closed")
        self._depth -= 1
        return part

    def _leaf(self, token: _Token, title: bool) -> Node:
        if token.kind == "word":
            return _word(token, title)
        if token.kind == "regex":
            return _regex(token, title)
        if token.kind == "phrase":
            if phrase := " ".join(token.text.split()):
                return Leaf(phrase, title=title)
            raise QueryError(token.at, "the quotes are empty")
        raise self._refused(token)


def _word(token: _Token, title: bool) -> Leaf:
    """Read a word, and whether it may go on.  A minus means NOT to search engines; here it would never match."""
    if token.text.startswith("-"):
        raise QueryError(token.at, f'to exclude a word write "NOT {token.text.lstrip("-")}", not a minus')
    text = token.text.removesuffix("*")
    if "*" in text:
        raise QueryError(token.at + token.text.index("*"), "* stands only at the end of a word, or alone")
    return Leaf(text, prefix=text != token.text, title=title)


def _regex(token: _Token, title: bool) -> Regex:
    try:
        patterns.regex(token.text)
    except patterns.BadRegex as error:
        raise QueryError(token.at + 1 + error.position, str(error)) from error
    return Regex(token.text, title)


def _joined(kind: type[All] | type[Any], parts: Sequence[Node]) -> Node:
    """Join without nesting the same kind in itself and without saying a thing twice."""
    flat: dict[Node, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _quoted(text: str) -> str:
    """Put a leaf's text in quotes, unless it reads as the same leaf without them."""
    alone = [(token.kind, token.text) for token in _tokens(text)] == [("word", text), ("end", "")]
    return text if alone and "*" not in text and not text.startswith("-") else f'"{text}"'


def _grouped(node: Node) -> str:
    return f"({node})" if isinstance(node, All | Any) else str(node)


# -------------------------------------------------------------------------------------------------- looking for it


class _Page:
    """An article's title and text, as written and folded, each with whether it is the title."""

    def __init__(self, title: str, text: str) -> None:
        self._written = ((True, title), (False, text))
        self._folded = ((True, fold(title)), (False, fold(text)))

    def as_written(self, title_only: bool) -> Iterable[tuple[bool, str]]:
        return self._written[:1] if title_only else self._written

    def folded(self, title_only: bool) -> Iterable[tuple[bool, str]]:
        return self._folded[:1] if title_only else self._folded


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where a leaf was found, and under which other name; "": its own."""

    title: bool
    alias: str


def _probe(leaf: Leaf | Regex, also: Mapping[str, Sequence[str]], phrases: _Phrases, alike: Alike) -> Probe:
    """Build the one function that looks for a leaf; what takes time is compiled when the first article comes."""
    if isinstance(leaf, Regex):
        regex = _named(partial(patterns.searched, patterns.regex(leaf.source)))
        return lambda page: _first(page.as_written(leaf.title), (regex,))
    others = [other for other in also.get(fold(leaf.text), ()) if fold(other).strip()]
    finders = [_named(patterns.finder(leaf.text, leaf.prefix))]
    finders += [_named(patterns.finder(other), other) for other in others]
    named = others if leaf.prefix else (leaf.text, *others, *phrases.get(leaf, ()))
    finders += [_as_found(pattern) for name in named for pattern in alike(name)]
    return lambda page: _first(page.folded(leaf.title), finders)


def _named(found: Callable[[str], object], name: str = "") -> Finder:
    return lambda text: name if found(text) else None


def _as_found(pattern: re.Pattern[str]) -> Finder:
    """Name what is found as it stands there, with capitals again."""

    def found(text: str) -> str | None:
        match = pattern.search(text)
        return capwords(match[0]) if match else None

    return found


def _first(places: Iterable[tuple[bool, str]], finders: Iterable[Finder]) -> _Hit | None:
    for in_title, text in places:
        for found in finders:
            if (alias := found(text)) is not None:
                return _Hit(in_title, alias)
    return None


_Phrases = Mapping[Node, Sequence[str]]


def _phrases(root: Node) -> _Phrases:
    """Return, for each word, what it makes together with its neighbours."""
    phrases: dict[Node, list[str]] = {}
    for run in _runs(root):
        for leaf in run:
            phrases.setdefault(leaf, []).append(" ".join(each.text for each in run))
    return phrases


def _runs(node: Node) -> Iterator[list[Leaf]]:
    """Give the words that stand next to each other, two and three at a time."""
    if isinstance(node, Not):
        yield from _runs(node.part)
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from _runs(part)
    if isinstance(node, All):
        for start, size in product(range(len(node.parts)), (2, 3)):
            words = [part for part in node.parts[start : start + size] if isinstance(part, Leaf) and not part.prefix]
            if len(words) == size:
                yield words


# ---------------------------------------------------------------------------------------------------- saying so

_Hits = Mapping[Node, _Hit]


def _leaves(node: Node) -> Iterator[Leaf | Regex]:
    if isinstance(node, All | Any):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, Not):
        yield from _leaves(node.part)
    elif not isinstance(node, Everything):
        yield node


def _wanted(node: Node) -> Iterator[Leaf | Regex]:
    if isinstance(node, All | Any):
        for part in node.parts:
            yield from _wanted(part)
    elif not isinstance(node, Not):
        yield from _leaves(node)


def _holds(node: Node, hits: _Hits) -> bool:
    if isinstance(node, All):
        return all(_holds(part, hits) for part in node.parts)
    if isinstance(node, Any):
        return any(_holds(part, hits) for part in node.parts)
    if isinstance(node, Not):
        return not _holds(node.part, hits)
    return isinstance(node, Everything) or node in hits


def _score(node: Node, hits: _Hits) -> float | None:
    """Weigh what was found; None: nothing here is asked for, only excluded."""
    if isinstance(node, All | Any):
        scores = sorted(score for part in node.parts if (score := _score(part, hits)) is not None)
        if not scores:
            return None
        return fsum(scores) / len(scores) if isinstance(node, All) else 1 - prod(1 - score for score in scores)
    if isinstance(node, Not):
        return None
    if isinstance(node, Everything):
        return 1.0
    hit = hits.get(node)
    return 0.0 if hit is None else 1.0 if hit.title else IN_TEXT_WORTH


def _reasons(root: Node, hits: _Hits, matched: bool) -> Iterator[str]:
    if root == Everything():
        yield "everything is taken"
    for in_title, place in ((True, "title"), (False, "text")):
        found = [
            f"{leaf.text} as {hit.alias}" if isinstance(leaf, Leaf) and hit.alias else _called(leaf)
            for leaf in dict.fromkeys(_wanted(root))
            if (hit := hits.get(leaf)) is not None and hit.title is in_title
        ]
        if found:
            yield f"{', '.join(found)} in {place}"
    for part in () if matched else root.parts if isinstance(root, All) else (root,):
        if not _holds(part, hits):
            yield f"not: {part}" if isinstance(part, Not) else f"missing: {part}"


def _called(leaf: Leaf | Regex) -> str:
    return str(leaf).removeprefix("title:")


def _wording(node: Node, narrow: bool) -> Node | None:
    """Leave what can be typed into a search box; `narrow`: of alternatives only the first."""
    if isinstance(node, Leaf):
        return Leaf(node.text)
    if isinstance(node, All | Any):
        parts = [kept for part in node.parts if (kept := _wording(part, narrow)) is not None]
        if parts and narrow and isinstance(node, Any):
            return parts[0]
        return _joined(type(node), parts) if parts else None
    return None
