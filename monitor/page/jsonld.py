"""Schema.org data in a page's <script type="application/ld+json">, also where its JSON is broken.

Source  https://schema.org/Article and its subtypes; https://www.w3.org/TR/json-ld11/ for @graph and @id.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

Node = dict[str, Any]
Typed = list[tuple[Node, list[str]]]  # objects with their types

_LARGEST = 2_000_000  # letters of one script; article data is never that long
_DEEPEST = 12  # levels: what a page says about its article stands near the top
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Blog|Reportage|CreativeWork|Story)$")
_GROUP = re.compile(r"(?:Organization|Corporation|NewsMediaOrganization)$")
_PAGE = re.compile(r"(?:WebPage|ItemPage)$")
_NOT_MAIN = frozenset({"itemListElement", "hasPart", "comment", "mentions", "citation", "isBasedOn", "video", "image",
                       "review", "relatedLink", "isPartOf", "potentialAction", "breadcrumb",
                       "liveBlogUpdate"})  # fmt: skip
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)?\s*|\s*(?:-->|//\s*\]\]>|\]\]>|;)?\s*$", re.S
)
# What is tried on JSON that does not parse, one after the other.
_MENDS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: _WRAPPING.sub("", text),
    lambda text: _TRAILING_COMMA.sub("", text),
    html.unescape,
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_STRING_FIELD = re.compile(
    r'"(headline|datePublished|dateModified|articleBody|inLanguage|description)"\s*:\s*"((?:[^"\\]|\\.)*)"'
)
_AUTHOR_FIELD = re.compile(r'"author"\s*:\s*\[?\s*\{[^{}]{0,200}?"name"\s*:\s*"((?:[^"\\]|\\.){2,80})"')
_TAG = re.compile(r"<[^>]{0,500}>")
_PARAGRAPH_TAG = re.compile(r"</p>|<br\s*/?>\s*<br\s*/?>|</h\d>|</li>|\n", re.I)


class Update(NamedTuple):
    """One entry of a live blog; `published` as the page writes it, `body` with its paragraphs parted by blank lines."""

    published: str | None
    headline: str | None
    body: str


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What a page's linked data says about its article; fields that it leaves out are None or empty.

    authors   names, in order
    groups    those of them that are organisations
    written   the article's text as the linked data writes it; `body` is that in paragraphs parted by blank lines
    free      False: readers must pay or register
    is_live   its article is a live blog
    updates   of a live blog, in the page's order
    """

    headline: str | None = None
    authors: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    url: str | None = None
    written: str | None = None
    free: bool | None = None
    is_article: bool = False
    is_live: bool = False
    updates: tuple[Update, ...] = ()

    @property
    def body(self) -> str | None:
        return _body(self.written)


_NOTHING = LinkedData()


def read(scripts: Iterable[str]) -> LinkedData:
    """Read the scripts' text and describe the article that they speak of."""
    nodes: list[Node] = []
    salvaged: Node = {}
    for script in scripts:
        value = _load(script)
        if value is None:
            salvaged = salvaged or _salvage(script)
        else:
            nodes.extend(_nodes(value, 0))
    if not nodes and not salvaged:
        return _NOTHING
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    typed = [(node, _types(node)) for node in nodes]
    article = _best(typed) or salvaged
    page = next((node for node, types in typed if _is_one(types, _PAGE)), {})
    return _describe(article, page, by_id)


def _load(script: str) -> Any:
    """Parse JSON as pages write it: in comments, with trailing commas, raw line breaks, escapes; None: it is none."""
    text = script[:_LARGEST]
    for mend in _MENDS:
        text = mend(text)
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _salvage(script: str) -> Node:
    """Take the plain string fields out of JSON that does not parse."""
    found: Node = {}
    for name, raw in _STRING_FIELD.findall(script[:_LARGEST]):
        try:
            found.setdefault(name, json.loads(f'"{raw}"', strict=False))
        except ValueError:
            continue
    if author := _AUTHOR_FIELD.search(script[:_LARGEST]):
        found["author"] = html.unescape(author[1])
    return found if "headline" in found else {}


def _nodes(value: Any, depth: int) -> Iterator[Node]:
    """List the objects that may be the page's subject, outer ones first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if isinstance(inner, (dict, list)) and name not in _NOT_MAIN:
                yield from _nodes(inner, depth + 1)


def _types(node: Node) -> list[str]:
    named = node.get("@type")
    return [item for item in (named if isinstance(named, list) else [named]) if isinstance(item, str)]


def _is_one(types: Iterable[str], kind: re.Pattern[str]) -> bool:
    return any(kind.search(name) for name in types)


def _best(typed: Typed) -> Node:
    """Choose the article among the objects: the one that says the most, the first among equals."""
    articles = [node for node, types in typed if _is_one(types, _ARTICLE)]
    telling = ("headline", "datePublished", "author", "articleBody")
    return max(articles, key=lambda node: sum(bool(node.get(name)) for name in telling), default={})


def _describe(article: Node, page: Node, by_id: dict[str, Node]) -> LinkedData:
    either = {**page, **{name: value for name, value in article.items() if value}}
    author = article.get("author") or article.get("creator")
    return LinkedData(
        headline=_text(article.get("headline")) or _text(article.get("name")),
        authors=tuple(dict.fromkeys(_names(author, by_id))),
        groups=tuple(_names([one for one in _listed(author) if _is_group(one, by_id)], by_id)),
        publisher=next(iter(_names(either.get("publisher") or either.get("sourceOrganization"), by_id)), None),
        published=_text(either.get("datePublished")) or _text(either.get("dateCreated")),
        modified=_text(either.get("dateModified")),
        language=_language(either.get("inLanguage")),
        url=_address(article.get("mainEntityOfPage")) or _address(article.get("url")),
        written=_written(article.get("articleBody")),
        free=_free(article.get("isAccessibleForFree")),
        is_article=bool(article),
        is_live="LiveBlogPosting" in str(article.get("@type")),
        updates=tuple(_updates(article.get("liveBlogUpdate"))),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_group(author: Any, by_id: dict[str, Node]) -> bool:
    return isinstance(author, dict) and _is_one(_types(by_id.get(str(author.get("@id")), author)), _GROUP)


def _updates(value: Any) -> Iterator[Update]:
    for entry in _listed(value):
        body = _body(_written(entry.get("articleBody") or entry.get("text"))) if isinstance(entry, dict) else None
        if body:
            yield Update(_text(entry.get("datePublished")), _text(entry.get("headline") or entry.get("name")), body)


def _text(value: Any) -> str | None:
    """Take a string, or the first one of a list or of a @value; escapes and tags are taken away."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if not isinstance(value, str):
        return None
    plain = _LONE_SURROGATE.sub("\ufffd", html.unescape(value))
    if "<" in plain:
        plain = _TAG.sub("", plain)
    return " ".join(plain.split()) or None


def _names(value: Any, by_id: dict[str, Node]) -> Iterator[str]:
    for item in _listed(value):
        if isinstance(item, dict):
            known = item if item.get("name") else by_id.get(str(item.get("@id")), item)
            name = known.get("name")
            for one in name if isinstance(name, list) else [name]:
                if text := _text(one):
                    yield text
        elif text := _text(item):
            yield text


def _language(value: Any) -> str | None:
    if isinstance(value, dict):
        return _text(value.get("alternateName")) or _text(value.get("name"))
    return _text(value)


def _address(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


def _written(value: Any) -> str | None:
    if isinstance(value, list):
        value = "\n".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else None


def _body(value: str | None) -> str | None:
    if not value:
        return None
    plain = _LONE_SURROGATE.sub("\ufffd", html.unescape(value))
    plain = _TAG.sub("", _PARAGRAPH_TAG.sub("\n", plain))
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n\n".join(line for line in lines if line) or None


def _free(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return None
