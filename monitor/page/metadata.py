"""What a page says about its article: linked data, <meta>, microdata, <time>, byline; the most reliable claim wins.

Two steps, so that the dear one is rare: `stated` reads what is written for machines, in one pass over the
tree; `shown` adds what is written for readers near the headline, and looks further where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ..dates import Instant
from . import jsonld, people, titles, when
from .jsonld import LinkedData
from .people import Byline
from .when import first_date

Metas = dict[str, str]

# Names of <meta> (name, property or itemprop) as letters and digits alone, the most reliable first.
_AUTHOR = (
    "author", "articleauthor", "parselyauthor", "sailthruauthor", "byline", "dccreator", "dctermscreator", "authorname",
    "ogarticleauthor", "byl", "articleauthorname", "citationauthor", "authors", "creator", "cxenseparseauthor",
)  # fmt: skip
_PUBLISHER = ("dcpublisher", "dctermspublisher", "citationpublisher", "applicationname", "publisher", "aliosappname",
              "source", "mediaid")  # fmt: skip
_LANGUAGE = ("contentlanguage", "oglocale", "language", "dclanguage", "dctermslanguage", "inlanguage")
_TITLE = ("ogtitle", "twittertitle", "dctitle", "dctermstitle", "citationtitle", "parselytitle", "sailthrutitle",
          "headline", "title")  # fmt: skip

_MARKED = (  # every element that is looked at, found in one pass over the tree
    "meta,title,h1,h2,script[type*='ld+json' i],link[rel~='canonical' i],time,[itemprop^='date' i],"
    "[property*='date' i],[itemprop~='author' i],[rel~='author' i]"
)
_BYLINE_PLACES = (
    "[class*='aut' i],[class*='byline' i],.fn"  # "author", "autor", "auteur", and some that are none of them
)
_IS_BYLINE = re.compile(r"auth?or|auteur|byline|(?:^|\s)fn(?:\s|$)", re.I)
_BYLINE_RANKS = (  # how telling a class is; the first that fits counts
    re.compile(
        r"author[\w-]*(?:name|link)|authorname|byline[-_]*(?:name|link|author)|(?:^|\s)(?:fn|author)(?:\s|$)", re.I
    ),
    re.compile(r"byline", re.I),
    re.compile(r""),
)
_NO_BYLINE = re.compile(  # parts of a byline that are no name
    r"bio\b|bio[-_]|about|avatar|image|img|photo|social|share|follow|desc|date|time|count|title|role|job|topic|authori[zt]|"
    r"icon|email|twitter", re.I,
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|footer|recommend|popular|latest|teaser|widget|reply|quote|most-?read|more-|promo", re.I
)
_ELSEWHERE_TAGS = frozenset({"footer", "nav"})
_NO_TEXT = frozenset({"body", "html", "script", "style", "img", "meta", "input", "link"})
_ANCESTORS = 5
_LONGEST_BYLINE = 160
_MOST_HEADINGS = {"h1": 8, "h2": 4}
_CLOSE = 5  # lines behind the headline where a date alone is the article's own
_LEAST_LABEL = 3  # letters of a part of a host's name that are no name: "www", "co"
_MOST_DATED = 6
_MOST_SIGNED = 4
_MOST_AUTHORS = 6
_SOURCE_LABEL = re.compile(r"^(?:source|quelle|fuente|fonte|источник|来源|來源|出典)\s*[:：]\s*", re.I)
_DAY_FIRST_ENGLISH = (".uk", ".ie", ".au", ".nz", ".in", ".za", ".ng", ".ke", ".pk", ".sg", ".my", ".hk")
_AMERICAN = re.compile(r"en(?:[_-]us)?|(?!en).*", re.I)
_META_KINDS = ("name", "property", "itemprop", "http-equiv")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its article; None: it does not say.

    title      the headline, without the site's name
    author     people, joined by "; "; an outlet or agency only where no person is named
    publisher  the outlet
    published  with the offset from UTC that the page gives, and whether it is only a day
    language   two letters
    day_first  how the page's readers take 09/08/2021
    is_article the page calls itself an article
    linked     its schema.org data
    sites      all names of the outlet
    dated      what its <time> and other dated elements say, in order
    signed     everyone that bylines name: people, and the outlets and agencies beside them
    """

    title: str | None
    author: str | None
    publisher: str | None
    published: Instant | None
    modified: Instant | None
    language: str | None
    canonical_url: str | None
    day_first: bool
    is_article: bool
    linked: LinkedData
    sites: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    signed: Byline = field(default_factory=Byline)


@dataclass(slots=True)
class _Marked:
    """The elements and attributes of one page that speak of its article."""

    metas: Metas = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    lesser: list[str] = field(default_factory=list)
    title: str = ""
    canonical: str = ""
    published: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    signed: list[LexborNode] = field(default_factory=list)


def stated(tree: LexborHTMLParser, *, url: str) -> Metadata:
    """Read what a page that was fetched from `url` states for machines."""
    marked = _gather(tree)
    metas = marked.metas
    linked = jsonld.read(marked.scripts)
    claims = [one for one in (linked.published, *when.named(metas, when.PUBLISHED), *marked.published) if one]
    tags = _language_tags(tree, metas, linked)
    language = _language(tags)
    day_first = _is_day_first(language, tags, url)
    publisher = _publisher(metas, linked)
    sites = _sites(metas, linked, url)
    title = _title(marked, linked, sites)
    signed = _signed(marked, linked, sites)
    return Metadata(
        title=title,
        author=_joined(signed),
        publisher=publisher or titles.outlet(marked.title, title),
        published=first_date(claims, day_first=day_first),
        modified=first_date(
            [linked.modified, *when.named(metas, when.MODIFIED), *marked.modified], day_first=day_first
        ),
        language=language,
        canonical_url=marked.canonical or metas.get("ogurl") or linked.url,
        day_first=day_first,
        is_article=linked.is_article or metas.get("ogtype", "").lower() == "article" or "articlepublishedtime" in metas,
        linked=linked,
        sites=sites,
        dated=(*claims[1:_MOST_DATED], *when.named(metas, when.UNSURE), *marked.dated),
        signed=signed,
    )


def shown(said: Metadata, tree: LexborHTMLParser, lines: Sequence[str], *, url: str, page: bytes = b"") -> Metadata:
    """Complete what a page states by what it shows its readers.

    lines  short lines near the headline, those after it first
    url    where it was fetched from
    page   its bytes as UTF-8, for dates in scripts; empty: they are not looked for
    """
    signed = _signed_for_readers(said, tree, lines)
    published = said.published
    alone = when.alone_in(lines[:_CLOSE], day_first=said.day_first) if published else None
    if published and when.before(published, alone):
        published = alone
    elif published is None or not (published[1] or published[0].utcoffset()):
        near = when.in_lines(lines, day_first=said.day_first)
        address = when.in_address(url, day_first=said.day_first)
        if published is None:
            published = _published_for_readers(said, tree, near, address)
            published = published or when.in_data(page, day_first=said.day_first)
            published = published or said.modified or when.in_text(tree, day_first=said.day_first)
            published = published or when.in_lines(lines, day_first=said.day_first, updates=True)
        if published is not None:
            others = chain([near], (first_date([claim], day_first=said.day_first) for claim in said.dated))
            published = when.with_offset(published, others, (address, near) if said.published else ())
    return replace(said, published=published, author=_joined(signed), signed=signed)


# ----------------------------------------------------------------------------------------------------- in one pass


def _gather(tree: LexborHTMLParser) -> _Marked:
    marked = _Marked()
    last = 0
    for node in tree.css(_MARKED):
        if node.mem_id == last:  # an element that several selectors find comes several times
            continue
        last = node.mem_id
        tag = node.tag
        if tag == "meta":
            _take_meta(marked.metas, node.attributes)
        elif tag == "script":
            marked.scripts.append(node.text())
        elif tag in ("h1", "h2"):
            headings = marked.headings if tag == "h1" else marked.lesser
            if len(headings) < _MOST_HEADINGS[tag] and (text := _flat(node)):
                headings.append(text)
        elif tag == "title":
            marked.title = marked.title or _flat(node)
        elif tag == "link":
            marked.canonical = marked.canonical or (node.attributes.get("href") or "").strip()
        else:
            _take_marked(marked, node)
    return marked


def _take_meta(metas: Metas, attributes: Mapping[str, str | None]) -> None:
    """Keep a <meta> under each of its names; the first of a name counts, and `value` is a common slip for `content`."""
    content = attributes.get("content") or attributes.get("value")
    if content:
        for kind in _META_KINDS:
            name = attributes.get(kind)
            if name:
                metas.setdefault(_letters(name), content.strip())


@lru_cache(maxsize=4096)
def _letters(name: str) -> str:
    return _NOT_ALNUM.sub("", name.lower())


def _take_marked(marked: _Marked, node: LexborNode) -> None:
    attributes = node.attributes
    prop = (attributes.get("itemprop") or (attributes.get("property") or "").rpartition(":")[2]).lower()
    if prop.startswith("author") or "author" in (attributes.get("rel") or "").lower():
        if len(marked.signed) < _MOST_SIGNED:
            marked.signed.append(node)
        return
    if len(marked.dated) >= _MOST_DATED:
        return
    claim = attributes.get("datetime") or attributes.get("content") or _flat(node)
    if prop in ("datemodified", "modified"):
        marked.modified.append(claim)
    elif prop in ("datepublished", "datecreated", "created") or "pubdate" in attributes:
        marked.published.append(claim)
        marked.dated.append(claim)
    elif node.tag == "time" and not _is_update(attributes):
        marked.dated.append(claim)


def _is_update(attributes: Mapping[str, str | None]) -> bool:
    words = (attributes.get("class") or "").lower()
    return ("updat" in words or "modif" in words) and "publish" not in words and "entry-date" not in words


def _flat(node: LexborNode) -> str:
    return " ".join(node.text().split())


# ------------------------------------------------------------------------------------------- title, outlet, language


def _title(marked: _Marked, linked: LinkedData, sites: Sequence[str]) -> str | None:
    claims = [linked.headline, *when.named(marked.metas, _TITLE), marked.title]
    return titles.choose([claim for claim in claims if claim], marked.headings, sites=sites, lesser=marked.lesser)


def _publisher(metas: Metas, linked: LinkedData) -> str | None:
    """Name the outlet: what it calls itself for readers, or its linked data where that is the plainer form of it."""
    name = metas.get("ogsitename")
    plain = linked.publisher
    if name and "://" not in name and not name.startswith("@"):
        is_slogan = plain and len(plain) < len(name) and people.key(plain) in people.key(name)
        return plain if is_slogan else name
    stated = next(iter(when.named(metas, _PUBLISHER)), None)
    return plain or (_SOURCE_LABEL.sub("", stated) if stated else None) or None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a file's name, or what somebody made up
        return ""


def _sites(metas: Metas, linked: LinkedData, url: str) -> tuple[str, ...]:
    """List the outlet's names: those it gives, and the parts of its host."""
    host = _host(url)
    labels = [label for label in host.split(".")[:-1] if len(label) > _LEAST_LABEL]
    names = (metas.get("ogsitename"), linked.publisher, *when.named(metas, ("applicationname", "publisher")), *labels)
    return tuple(dict.fromkeys(name for name in names if name))


def _language(tags: Iterable[str]) -> str | None:
    for tag in tags:
        code = tag.strip().lower().replace("_", "-").split("-")[0]
        if len(code) == 2 and code.isascii() and code.isalpha():
            return code
    return None


def _language_tags(tree: LexborHTMLParser, metas: Metas, linked: LinkedData) -> list[str]:
    root = tree.root
    attributes = root.attributes if root is not None else {}
    claims = [attributes.get("lang"), attributes.get("xml:lang"), *when.named(metas, _LANGUAGE), linked.language]
    return [claim for claim in claims if claim]


# -------------------------------------------------------------------------------------------------------------- dates


def _is_day_first(language: str | None, tags: Iterable[str], url: str) -> bool:
    """Tell whether 09/08/2021 is 9 August here: everywhere but in American English."""
    if language != "en":
        return language is not None
    host = _host(url)
    return host.endswith(_DAY_FIRST_ENGLISH) or not all(_AMERICAN.fullmatch(tag.strip()) for tag in tags)


def _published_for_readers(
    said: Metadata, tree: LexborHTMLParser, near: Instant | None, address: Instant | None
) -> Instant | None:
    """Find the date where a page states none: near the headline or in <time>, then in other places."""
    dated = first_date(said.dated, day_first=said.day_first)
    return when.agreed(when.together(near, dated), address) or when.in_places(tree, day_first=said.day_first)


# ------------------------------------------------------------------------------------------------------------- people


def _joined(signed: Byline) -> str | None:
    return "; ".join(signed.people or signed.groups[:1]) or None


def _signed(marked: _Marked, linked: LinkedData, sites: Sequence[str]) -> Byline:
    """Find who signs the article in what is written for machines: the first claim that names people, at its fullest."""
    named = [name for name in linked.authors if name not in linked.groups]
    claims = [named, *([claim] for claim in when.named(marked.metas, _AUTHOR))]
    if marked.signed:
        claims.append([_byline(node) for node in _together(marked.signed)])
    claims.append(list(linked.groups))
    best = Byline()
    heard: set[str] = set()
    for claim in claims:
        new = [name for name in claim if name not in heard]
        if new:
            best = _fuller(best, people.read(claim, sites=sites))
            heard.update(new)
    return best


def _fuller(best: Byline, other: Byline) -> Byline:
    """Take the other claim where it names people and the best so far does not, or the same and more."""
    groups = tuple(dict.fromkeys((*best.groups, *other.groups)))
    own, more = {people.key(name) for name in best.people}, {people.key(name) for name in other.people}
    is_full = len(best.people) == len(other.people) == 1 and other.people[0].startswith(f"{best.people[0]} ")
    is_more = own < more or (is_full and " " not in best.people[0])  # "Maria" is "Maria Writer"
    if not own or (is_more and len(more) <= _MOST_AUTHORS):
        return Byline(other.people, groups)
    return Byline(best.people, groups)


def _byline(node: LexborNode) -> str:
    name = node.css_first("[itemprop='name' i]")
    node = name if name is not None else node
    return node.attributes.get("content") or " ".join(node.text(separator=" ").split())


def _together(nodes: Sequence[LexborNode]) -> Iterator[LexborNode]:
    """List the first element and those that stand beside it: the others sign other articles, or comments."""
    first = nodes[0]
    beside = {first.mem_id, *(around.mem_id for around in _around(first, 2))}
    for node in nodes:
        if node is first or any(around.mem_id in beside for around in _around(node, 2)):
            yield node


def _around(node: LexborNode, levels: int) -> Iterator[LexborNode]:
    around = node.parent
    while around is not None and levels and around.tag not in ("body", "article", "main"):
        yield around
        around, levels = around.parent, levels - 1


def _signed_for_readers(said: Metadata, tree: LexborHTMLParser, lines: Sequence[str]) -> Byline:
    near = people.in_lines(lines, sites=said.sites)
    best = _fuller(said.signed, near)
    if not best.people and (not best.groups or people.is_site(best.groups[0], said.sites)):
        found = _signed_in_places(tree, said.sites)
        if not best.groups or (len(found.people) == 1 and people.is_plain_name(found.people[0])):
            best = _fuller(best, found)
    if not best.people and not best.groups:
        best = _fuller(best, people.beside_date(lines, sites=said.sites))
    return best


def _signed_in_places(tree: LexborHTMLParser, sites: Sequence[str]) -> Byline:
    """Read the byline out of the elements whose class speaks of one, outside of comments and other articles."""
    ranked: list[list[LexborNode]] = [[] for _ in _BYLINE_RANKS]
    for node in tree.css(_BYLINE_PLACES):
        words = node.attributes.get("class") or ""
        if not _IS_BYLINE.search(words) or _NO_BYLINE.search(words) or _ELSEWHERE.search(words) or node.tag in _NO_TEXT:
            continue
        ranked[next(number for number, form in enumerate(_BYLINE_RANKS) if form.search(words))].append(node)
    groups: tuple[str, ...] = ()
    for nodes in ranked:
        for node in nodes[: 2 * _MOST_SIGNED]:
            if not _is_elsewhere(node):
                claims = [text for one in _together([node, *nodes[:_MOST_SIGNED]]) if (text := _short(one))]
                found = people.read(claims, sites=sites)
                if found.people:
                    return found
                groups = groups or found.groups
    return Byline((), groups)


def _short(node: LexborNode) -> str:
    text = " ".join(node.text(separator=" ").split())
    if len(text) <= _LONGEST_BYLINE:
        return text
    link = node.css_first("a")
    text = " ".join(link.text(separator=" ").split()) if link is not None else ""
    return text if len(text) <= _LONGEST_BYLINE else ""


def _is_elsewhere(node: LexborNode) -> bool:
    return any(
        around.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(around.attributes.get("class") or "")
        for around in _around(node, _ANCESTORS)
    )
