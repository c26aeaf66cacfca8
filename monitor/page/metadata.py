"""What a page says about its article: linked data, <meta>, microdata, <time>, byline; the most reliable claim wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .. import dates
from . import jsonld, titles
from .jsonld import LinkedData

Metas = dict[str, str]

# Names of <meta> (name, property or itemprop), the most reliable first.
_PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "og:article:published_time", "parsely-pub-date",
    "sailthru.date", "publish-date", "publish_date", "publication_date", "publicationdate", "pubdate", "publishdate",
    "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created",
    "dcterms.date", "dc.date", "dc:date", "article_date_original", "originalpublicationdate", "article:published",
    "og:pubdate", "published_time", "datecreated", "date", "timestamp", "weibo:article:create_at", "bt:pubdate",
    "citation_publication_date", "citation_online_date", "created", "apub:time", "creation_date", "date.created",
    "firstpublished", "article.published", "og:release_date", "article.created",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "datemodified", "og:updated_time", "og:modified_time", "last-modified", "dcterms.modified",
    "dc.date.modified", "lastmod", "modified_time", "article.updated", "weibo:article:update_at",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "dc:creator",
    "og:article:author", "byl", "article:author_name", "citation_author", "twitter:data1:author", "authors", "creator",
    "cxenseparse:author", "article.author",
)  # fmt: skip
_PUBLISHER = ("og:site_name", "dc.publisher", "dcterms.publisher", "citation_publisher", "application-name",
              "publisher", "al:ios:app_name", "source", "mediaid")  # fmt: skip
_LANGUAGE = ("content-language", "og:locale", "language", "dc.language", "dcterms.language", "inlanguage")
_TITLE = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "parsely-title", "sailthru.title",
          "headline", "title")  # fmt: skip

_DATE_PLACES = (  # elements that show or carry the date, the most telling first
    "[itemprop='datePublished' i]", "time[pubdate]", "time[class*='publish' i]", "time.entry-date",
    "article time[datetime]", "time[datetime]", "time", "abbr.published", "[class*='publish' i]",
    "[class*='date' i]", "[id*='date' i]",
    "[class*='time' i]", "[class*='byline' i]", "[class*='meta' i]", "[id*='time' i]", "[class*='info' i]",
    "[class*='source' i]",
)  # fmt: skip
_AUTHOR_PLACES = (
    "[itemprop='author' i] [itemprop='name' i]", "[itemprop='author' i]", "a[rel~='author' i]", ".author-name",
    "[class*='author-name' i]", "[class*='authorname' i]", "[class*='byline' i] a", "[class*='byline' i]",
    "[class*='author' i] a", "[class*='author' i]", "[data-testid*='author' i]", "[class*='autor' i]",
)  # fmt: skip
_PLACES_TRIED = 4  # elements a selector
_LONGEST_DATE_TEXT = 160
_LONGEST_AUTHOR = 80
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d)/([a-z]{3}|\d{1,2})/(\d{1,2})(?!\w)|(?<![\w-])((?:19|20)\d\d)-?([01]\d)-?([0-3]\d)(?!\d)", re.I
)
_DAY_FIRST_ENGLISH = (".uk", ".ie", ".au", ".nz", ".in", ".za", ".ng", ".ke", ".pk", ".sg", ".my", ".hk")
_OG_LOCALE_US = re.compile(r"en([_-]us)?$", re.I)

_BY = re.compile(
    r"^\s*(?:written |posted |story |report |text |article )?"
    r"(?:by|von|par|por|di|door|af|av|przez|autor(?:in|a|es)?|author|автор|reporter|作者|记者|記者|文)(?:\s*[:：|/／]\s*|\s+)",
    re.I,
)
_AND = re.compile(r"\s*(?:;|\||\s&\s|\s(?:and|und|et|y|e|en|och|og|i|и|και)\s|、|/|／|•|·|\n)\s*")
_NOT_NAME = re.compile(
    r"https?:|www\.|@|\d{3,}|^\d|\b(?:view|more|posts?|profile|follow|email|twitter|facebook|published|updated|minutes?"
    r"|share|comments?|staff writer|subscribe|read|all articles)\b",
    re.I,
)
_ROLE = re.compile(
    r"\s*(?:,|\(|-|–|—)\s*(?:[\w\s]*\b(?:reporter|editor|correspondent|writer|contributor|columnist|journalist|producer"
    r"|freelance|redakteur|staff|senior|chief|news|special)\b.*|in\s.+)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its article; None: it does not say.

    title      the headline, without the site's name
    day_first  how the page's readers take 09/08/2021
    author     people, joined by "; "
    published  in UTC; `published_is_day` when only a day was given
    language   two letters
    is_article the page calls itself an article
    linked     its schema.org data
    """

    title: str | None
    author: str | None
    publisher: str | None
    published: dates.Instant | None
    modified: dates.Instant | None
    language: str | None
    canonical_url: str | None
    day_first: bool
    is_article: bool
    linked: LinkedData


def read(tree: LexborHTMLParser, *, url: str) -> Metadata:
    """Read the metadata of a page that was fetched from `url`."""
    metas = _metas(tree)
    linked = jsonld.read(script.text() for script in tree.css("script[type*='ld+json' i]"))
    publisher = linked.publisher or _first(metas, _PUBLISHER)
    language = _language(tree, metas, linked)
    day_first = _is_day_first(language, metas, url)
    return Metadata(
        title=_title(tree, metas, linked, publisher),
        author=_author(tree, metas, linked, publisher),
        publisher=publisher,
        published=_published(tree, metas, linked, url, day_first=day_first),
        modified=first_date([linked.modified, *_all(metas, _MODIFIED)], day_first=day_first),
        language=language,
        canonical_url=_canonical(tree, metas, linked),
        day_first=day_first,
        is_article=linked.is_article
        or metas.get("og:type", "").lower() == "article"
        or "article:published_time" in metas,
        linked=linked,
    )


def _metas(tree: LexborHTMLParser) -> Metas:
    """Collect <meta> by lower-case name; the first of a name counts."""
    metas: Metas = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        content = (attributes.get("content") or "").strip()
        for kind in ("name", "property", "itemprop", "http-equiv"):
            name = attributes.get(kind)
            if name and content:
                metas.setdefault(name.lower(), content)
    return metas


def _all(metas: Metas, names: Iterable[str]) -> Iterator[str]:
    return (metas[name] for name in names if name in metas)


def _first(metas: Metas, names: Iterable[str]) -> str | None:
    return next(_all(metas, names), None)


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text(separator=" ").split()) if node is not None else ""


# ------------------------------------------------------------------------------------------------------------- title


def _title(tree: LexborHTMLParser, metas: Metas, linked: LinkedData, publisher: str | None) -> str | None:
    head = tree.css_first("head title") or tree.css_first("title")
    claims = [linked.headline, *_all(metas, _TITLE), _text(head)]
    shown = [" ".join(node.text().split()) for node in tree.css("h1")[:8]]
    return titles.choose([claim for claim in claims if claim], [text for text in shown if text], site=publisher)


# -------------------------------------------------------------------------------------------------------------- dates


def _is_day_first(language: str | None, metas: Metas, url: str) -> bool:
    """Tell whether 09/08/2021 is 9 August here: everywhere but in American English."""
    if language != "en":
        return language is not None
    host = urlsplit(url).hostname or ""
    locale = metas.get("og:locale", "en")
    return host.endswith(_DAY_FIRST_ENGLISH) or not _OG_LOCALE_US.match(locale)


def first_date(claims: Iterable[str | None], *, day_first: bool) -> dates.Instant | None:
    """Read the first claim that is a date; None: none is."""
    for claim in claims:
        found = dates.instant(claim, day_first=day_first) if claim else None
        if found:
            return found
    return None


def _published(
    tree: LexborHTMLParser, metas: Metas, linked: LinkedData, url: str, *, day_first: bool
) -> dates.Instant | None:
    stated = first_date([linked.published, *_all(metas, _PUBLISHED)], day_first=day_first)
    if stated:
        return stated
    shown, dated = _shown_date(tree, day_first=day_first), _url_date(url)
    if shown and dated and abs(shown[0] - dated[0]) > timedelta(days=2):
        return dated  # what the page shows is the date of something else
    return shown or dated


def _shown_date(tree: LexborHTMLParser, *, day_first: bool) -> dates.Instant | None:
    for place in _DATE_PLACES:
        for node in tree.css(place)[:_PLACES_TRIED]:
            attributes = node.attributes
            claims = (attributes.get("datetime"), attributes.get("content"), attributes.get("title"), _short(node))
            found = first_date(claims, day_first=day_first)
            if found:
                return found
    return None


def _short(node: LexborNode) -> str | None:
    text = _text(node)
    return text if len(text) <= _LONGEST_DATE_TEXT else None


def _url_date(url: str) -> dates.Instant | None:
    match = _URL_DATE.search(urlsplit(url).path)
    if not match:
        return None
    year, month, day = match.groups()[:3] if match[1] else match.groups()[3:]
    return dates.instant(f"{year} {month} {day}" if month.isalpha() else f"{year}-{month}-{day}")


# ------------------------------------------------------------------------------------------------------------- people


def _author(tree: LexborHTMLParser, metas: Metas, linked: LinkedData, publisher: str | None) -> str | None:
    for claims in (linked.authors, *([claim] for claim in _all(metas, _AUTHOR))):
        if people := _people(claims, publisher):
            return "; ".join(people)
    for place in _AUTHOR_PLACES:
        shown = [_text(node) for node in tree.css(place)[:_PLACES_TRIED]]
        if people := _people(shown, publisher):
            return "; ".join(people)
    return None


def _people(claims: Iterable[str], publisher: str | None) -> list[str]:
    """Take the names out of bylines, without the words around them."""
    names: dict[str, str] = {}
    for claim in claims:
        if len(claim) > 3 * _LONGEST_AUTHOR or "://" in claim:
            continue
        for part in _parts(_ROLE.sub("", _BY.sub("", claim))):
            name = _ROLE.sub("", part).strip(" ,.-–—:：|")
            if 1 < len(name) <= _LONGEST_AUTHOR and not _NOT_NAME.search(name):
                names.setdefault(name.casefold(), name)
    return [name for key, name in names.items() if key != (publisher or "").casefold() or len(names) == 1]


def _parts(claim: str) -> Iterator[str]:
    for part in _AND.split(claim):
        pieces = part.split(",")
        several = len(pieces) > 1 and all(2 <= len(piece.split()) <= 4 for piece in pieces)
        yield from (_BY.sub("", piece) for piece in (pieces if several else [part]))


# -------------------------------------------------------------------------------------------------- language, address


def _language(tree: LexborHTMLParser, metas: Metas, linked: LinkedData) -> str | None:
    root = tree.root
    attributes = root.attributes if root is not None else {}
    claims = [attributes.get("lang"), attributes.get("xml:lang"), *_all(metas, _LANGUAGE), linked.language]
    for claim in claims:
        code = (claim or "").strip().lower().replace("_", "-").split("-")[0]
        if len(code) == 2 and code.isascii() and code.isalpha():
            return code
    return None


def _canonical(tree: LexborHTMLParser, metas: Metas, linked: LinkedData) -> str | None:
    node = tree.css_first("link[rel~='canonical' i][href]")
    link = (node.attributes.get("href") or "").strip() if node is not None else ""
    return link or metas.get("og:url") or linked.url
