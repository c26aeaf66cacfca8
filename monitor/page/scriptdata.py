"""The article in a page's script data: what a page without text of its own will show once its scripts have run.

Frameworks leave the state that a page is built from in scripts, as JSON: alone (`__NEXT_DATA__`), assigned to a name
(`window.__INITIAL_STATE__ = …`), in a string (`JSON.parse("…")`), flattened (Nuxt), in rows (React server components).
Editors keep bodies as HTML, as lists of blocks, or as trees (Draft.js, ProseMirror, Lexical, Contentful, Portable
Text).  All are read by their structure; no framework's or site's fields are relied on.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from . import titles
from .blocks import ends_sentence, size

_LARGEST = 4_000_000  # letters of all scripts together
_SMALLEST = 300  # letters: no script with an article is shorter
_STEPS = 300_000
_ASSIGNMENTS = 100  # of one script
_DEEPEST = 40  # levels of a state tree, and of a body in it
_ARTICLE = 250  # letters of a body; what is shorter is a summary
_LONG = 20_000  # letters: beyond, longer is not better
_LINE = 25  # letters: a body's average paragraph is longer, a list of labels is not

_BODY = (
    "articlebody", "bodyhtml", "contenthtml", "body", "content", "html", "text", "maintext", "fulltext", "paragraphs",
    "blocks", "components", "elements", "storybody", "bodytext", "richtext", "nodes", "story", "data",
)  # fmt: skip
_INNER = (
    "text", "html", "content", "value", "rendered", "children", "blocks", "nodes", "root", "json", "document",
    "paragraphs", "elements", "items", "data", "body",
)  # fmt: skip
_HEADLINE = ("headline", "title", "headlinetext", "titletext", "name", "webtitle", "pagetitle")
_PUBLISHED = (
    "datepublished", "publishedat", "publishdate", "publicationdate", "firstpublished", "firstpublishedat", "published",
    "publishedon", "publishedtime", "displaydate", "date", "datecreated", "createdat",
)  # fmt: skip
_AUTHORS = ("authors", "author", "byline", "bylines", "creator", "creators", "writers", "contributors")
# Names of what is not this article, and of what nobody reads.
_ELSEWHERE = re.compile(
    r"related|recommend|more|teaser|promo|trending|popular|mostread|latest|sidebar|comment|navigation|menu|footer"
    r"|header$|translation|i18n|locale|messages|labels|config|settings|ads?$|advert|newsletter|breadcrumb|seo|meta$"
    r"|theme|styles?$|consent|cookie|disclaimer|legal|terms"
)
_NO_PROSE = re.compile(
    r"image|photo|picture|video|audio|embed|advert|\bads?\b|related|newsletter|gallery|promo|tweet|social|instagram|podcast"
    r"|link-?list|recirc|recommend|interstitial|button|divider|script|code|caption|map|table-?of|poll|quiz|iframe"
    r"|figure|teaser",
    re.I,
)
_RUN = re.compile(
    r"(?:text|span|link|a|hyperlink|inline\w*|strong|em|bold|italic|hard-?break|mention|line-?break|)$", re.I
)
_ASSIGNED = re.compile(r"[\w$\])]\s*=\s*(?=[{\[])")
_PARSED = re.compile(r"JSON\.parse\(\s*(?=[\"'`])")
_PUSHED = re.compile(r"__next_f\.push\(\s*(?=\[)")
_ROW = re.compile(r"(?:^|\n)[0-9a-f]{1,6}:(?=[\[{\"])")
_TEXT_ROW = re.compile(rb"[0-9a-f]{1,6}:T([0-9a-f]{1,6}),")
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*(?:undefined|void 0|NaN)(?=\s*[,}\]])")
_FLATTENED = frozenset({"ShallowReactive", "Reactive", "Ref", "ShallowRef", "EmptyRef"})
_DECODER = json.JSONDecoder(strict=False)

_PARAGRAPH_END = re.compile(
    r"</(?:p|h\d|li|blockquote|div|tr)\s*>|<br\s*/?>\s*<br\s*/?>|<(?:p|h\d|li|blockquote)\b[^>]{0,500}>", re.I
)
_UNREAD = re.compile(r"<(script|style|figure|figcaption|aside|iframe|button|svg)\b.*?</\1\s*>|<!--.*?-->", re.I | re.S)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_HTML = re.compile(r"<(?:p|br|h\d|div|li|strong|em|a)\b", re.I)
_WORDS = re.compile(r"\s")
_LONG_WORDS = 14  # letters a word, on average: no language's prose, but code, addresses, encoded data
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ScriptArticle:
    """An article as a page's script data tell it; what they leave out is None or empty.

    published  as written; seconds or milliseconds since 1970 in digits
    """

    headline: str | None
    paragraphs: tuple[str, ...]
    published: str | None = None
    authors: tuple[str, ...] = ()


_Fields = tuple[str | None, str | None, tuple[str, ...]]  # headline, published, authors
_NO_FIELDS: _Fields = (None, None, ())


@dataclass(frozen=True, slots=True)
class _Tree:
    """A state tree: its entities by name, and the steps that may still be made in it; entities may hold one another."""

    refs: dict[str, Any]
    steps: Iterator[int]


def read(scripts: Iterable[str], *, title: str | None = None) -> ScriptArticle | None:
    """Find the article with the longest body in a page's script data; None: there is none.

    scripts  the scripts' text
    title    the page's title, if known: an article with this headline wins
    """
    best, most = None, 0.0
    for value in _values(_bounded(scripts)):
        tree = _Tree(value if isinstance(value, dict) else {}, iter(range(_STEPS)))
        for found in _articles(value, _NO_FIELDS, tree, 0):
            score = _score(found, title)
            if score > most:
                best, most = found, score
    return best


def _bounded(scripts: Iterable[str]) -> list[str]:
    taken: list[str] = []
    left = _LARGEST
    for script in scripts:
        if _SMALLEST <= len(script) <= left or "__next_f" in script[:200]:
            taken.append(script)
            left -= len(script)
    return taken


def _score(found: ScriptArticle, title: str | None) -> float:
    letters = float(min(_LONG, sum(map(size, found.paragraphs))))
    if not found.headline:
        return letters / 2
    return letters * (10 if title and titles.alike(found.headline, title) else 1)


# ---------------------------------------------------------------------------------------------- scripts -> JSON values


def _values(scripts: list[str]) -> Iterator[Any]:
    pushed: list[str] = []
    for script in scripts:
        text = script.strip()
        if _PUSHED.search(text[:200]):
            pushed.extend(_pushes(text))
        elif text[:1] in ("{", "["):
            yield from _decoded(text, 0)
        else:
            for match in _PARSED.finditer(text):
                yield from _literal(text, match.end())
            yield from _assigned(text)
    if pushed:
        yield from _rows("".join(pushed))


def _decoded(text: str, start: int) -> Iterator[Any]:
    value = _at(text, start)
    if value is not None:
        yield _unflattened(value)


def _at(text: str, start: int) -> Any:
    """Decode the JSON value that starts at a place, whatever follows it; None: there is none."""
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _assigned(text: str) -> Iterator[Any]:
    """Decode the objects that a script assigns to names."""
    plain = _UNDEFINED.sub("null", text) if "undefined" in text or "void 0" in text else text
    end = 0
    for match in islice(_ASSIGNED.finditer(plain), _ASSIGNMENTS):
        if match.end() < end:
            continue
        try:
            value, end = _DECODER.raw_decode(plain, match.end())
        except (ValueError, RecursionError):
            continue
        yield _unflattened(value)


def _literal(text: str, start: int) -> Iterator[Any]:
    """Decode JSON inside a string of JavaScript."""
    quote = text[start]
    match = re.compile(rf"(?:[^\\{quote}]|\\.)*+{quote}", re.S).match(text, start + 1)
    if match is None:
        return
    inner = match[0][:-1]
    if quote != '"':
        inner = inner.replace(f"\\{quote}", quote).replace('"', '\\"').replace('\\\\"', '\\"')
    try:
        yield from _decoded(str(_DECODER.decode(f'"{inner}"')), 0)
    except (ValueError, RecursionError):
        return


def _pushes(text: str) -> Iterator[str]:
    for match in _PUSHED.finditer(text):
        value = _at(text, match.end())
        if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str):
            yield value[1]


def _rows(stream: str) -> Iterator[Any]:
    """Decode the rows of a React server component's stream; rows of text are taken as bodies."""
    for match in _ROW.finditer(stream):
        yield from _decoded(stream, match.end())
    encoded = stream.encode("utf-8", "replace")
    for row in _TEXT_ROW.finditer(encoded):
        yield {"body": encoded[row.end() : row.end() + int(row[1], 16)].decode("utf-8", "replace")}


def _unflattened(value: Any) -> Any:
    """Put a flattened state together again: a list whose objects name their values by place (devalue, in Nuxt)."""
    if not (isinstance(value, list) and value and isinstance(value[0], (list, dict))):
        return value
    first = value[0]
    marked = isinstance(first, list) and first and isinstance(first[0], str) and first[0] in _FLATTENED
    places = isinstance(first, dict) and first and all(type(item) is int for item in first.values())
    return _put_together(value, 0, iter(range(_STEPS)), 0) if len(value) > 1 and (marked or places) else value


def _put_together(flat: list[Any], place: Any, steps: Iterator[int], depth: int) -> Any:
    if next(steps, None) is None or type(place) is not int or not 0 <= place < len(flat) or depth > _DEEPEST:
        return None
    value = flat[place]
    if isinstance(value, dict):
        return {name: _put_together(flat, item, steps, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        if value and isinstance(value[0], str) and value[0] in _FLATTENED:
            return _put_together(flat, value[1], steps, depth + 1) if len(value) > 1 else None
        return [_put_together(flat, item, steps, depth + 1) for item in value]
    return value


# --------------------------------------------------------------------------------------------- JSON values -> articles


def _articles(value: Any, around: _Fields, tree: _Tree, depth: int) -> Iterator[ScriptArticle]:
    """List what may be articles: objects with a body, with the fields beside it or, for want of these, around it."""
    if next(tree.steps, None) is None or depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)):
                yield from _articles(item, around, tree, depth + 1)
    elif isinstance(value, dict):
        plain = {_plain(name): item for name, item in value.items()}
        fields = _fields(plain, around)
        paragraphs = max((_body(plain[name], tree, 0) for name in _BODY if plain.get(name)), key=_letters, default=())
        if _is_article(paragraphs):
            yield ScriptArticle(fields[0], paragraphs, fields[1], fields[2])
        for name, item in plain.items():
            if isinstance(item, (dict, list)) and not _ELSEWHERE.search(name):
                yield from _articles(item, fields, tree, depth + 1)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _letters(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))


def _is_article(paragraphs: tuple[str, ...]) -> bool:
    letters = sum(map(size, paragraphs))
    if letters < _ARTICLE or letters < _LINE * len(paragraphs) or not any(map(ends_sentence, paragraphs)):
        return False
    words = sum(len(_WORDS.findall(paragraph)) + 1 for paragraph in paragraphs)
    return not (letters > _LONG_WORDS * words and letters == _letters(paragraphs))


def _fields(plain: dict[str, Any], around: _Fields) -> _Fields:
    headline = next(filter(None, (_words(plain.get(name)) for name in _HEADLINE)), None)
    published = next(filter(None, (_date(plain.get(name)) for name in _PUBLISHED)), None)
    authors = next(filter(None, (tuple(_names(plain.get(name))) for name in _AUTHORS)), ())
    return headline or around[0], published or around[1], authors or around[2]


def _words(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[name] for name in ("text", "rendered", "default", "main", "html") if value.get(name)), None)
    if not isinstance(value, str):
        return None
    return " ".join(_TAG.sub("", html.unescape(_sound(value))).split()) or None


def _date(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value > 100_000_000 else None
    return value if isinstance(value, str) and any(map(str.isdigit, value)) and len(value) < 60 else None


def _names(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") or item.get("displayName") or item.get("fullName") if isinstance(item, dict) else item
        if found := _words(name):
            yield found


# --------------------------------------------------------------------------------------------------- body -> paragraphs


def _body(value: Any, tree: _Tree, depth: int) -> tuple[str, ...]:
    """Read a body, in whichever of the forms that editors keep, as paragraphs."""
    if next(tree.steps, None) is None or depth > _DEEPEST:
        return ()
    if isinstance(value, str):
        return _paragraphs(value, tree, depth)
    if isinstance(value, list):
        if _is_element(value):
            return _element(value, tree, depth)
        if _is_inline(value, of_block=False):
            return _one(_joined(value, 0))
        return tuple(text for item in value for text in _body(item, tree, depth + 1))
    if isinstance(value, dict):
        return _block(value, tree, depth)
    return ()


def _paragraphs(text: str, tree: _Tree, depth: int) -> tuple[str, ...]:
    if text[:2] in ('{"', "[{"):
        return _body(_at(text, 0), tree, depth + 1)
    if _HTML.search(text):
        text = _TAG.sub("", _PARAGRAPH_END.sub("\n", _UNREAD.sub(" ", text)))
    lines = (" ".join(line.split()) for line in html.unescape(_sound(text)).split("\n"))
    return tuple(line for line in lines if line)


def _sound(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


def _block(item: dict[str, Any], tree: _Tree, depth: int) -> tuple[str, ...]:
    ref = item.get("__ref") or (item.get("id") if item.get("type") == "id" else None)
    if isinstance(ref, str) and ref in tree.refs:
        return _body(tree.refs[ref], tree, depth + 1)
    named = [item.get(name) for name in ("type", "_type", "__typename", "nodeType", "kind", "name", "component")]
    kinds = [kind for kind in named if isinstance(kind, str)]
    if any(map(_NO_PROSE.search, kinds)):
        return ()
    for name in _INNER:
        inner = item.get(name)
        if kinds and isinstance(inner, list) and _is_inline(inner, of_block=True):
            return _one(_joined(inner, 0))
        if inner and (found := _body(inner, tree, depth + 1)):
            return found
    return ()


def _one(text: str) -> tuple[str, ...]:
    line = " ".join(text.split())
    return (line,) if line else ()


def _is_inline(items: list[Any], *, of_block: bool) -> bool:
    """Tell whether a list is the runs of one paragraph: leaves with text, some with marks, some in links.

    of_block  it stands in something that calls itself a paragraph or the like: then its leaves need no name
    """
    leaves = [item for item in items if isinstance(item, dict)]
    if not leaves or len(leaves) < len(items) - sum(isinstance(item, str) for item in items):
        return False
    kinds = [str(item.get("type") or item.get("_type") or item.get("nodeType") or "") for item in leaves]
    named = of_block or any(kinds)
    return named and all(map(_RUN.match, kinds)) and any("text" in item or "value" in item for item in leaves)


def _joined(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, list) and depth < _DEEPEST:
        return "".join(_joined(item, depth + 1) for item in value)
    if isinstance(value, dict):
        if "break" in str(value.get("type", "")).lower():
            return " "
        return next((_joined(value[name], depth + 1) for name in _INNER if value.get(name)), "")
    return ""


def _is_element(value: list[Any]) -> bool:
    """Tell whether a list is an element of React's stream: ["$", tag, key, properties]."""
    return len(value) == 4 and value[0] == "$" and isinstance(value[3], dict)


def _element(value: list[Any], tree: _Tree, depth: int) -> tuple[str, ...]:
    properties = value[3]
    raw = properties.get("dangerouslySetInnerHTML")
    if isinstance(raw, dict):
        return _body(raw.get("__html"), tree, depth + 1)
    children = properties.get("children")
    if value[1] in ("p", "h2", "h3", "li", "blockquote"):
        return _one(_shown(children, 0))
    return _body(children, tree, depth + 1) if isinstance(children, list) else ()


def _shown(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return "" if value.startswith("$") else _sound(value)
    if isinstance(value, list) and depth < _DEEPEST:
        if _is_element(value):
            return _shown(value[3].get("children"), depth + 1)
        return "".join(_shown(item, depth + 1) for item in value)
    return ""
