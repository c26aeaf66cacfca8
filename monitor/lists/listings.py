"""Links out of HTML: the articles of a section page, and the feeds and sitemaps that a site's home page names.

Without a selector, a link is taken for an article's by points (`POINTS`): an address that names one page, a text like a
headline, a heading around it, a time beside it, a place in a row of links built alike.  No single sign is enough; links
of menus, footers and lists of tags are never taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from .. import urls
from ..errors import NotAFeed
from ..model import Entry, Source, SourceKind
from . import entries, jsonfeeds

MAX_BYTES = 20_000_000
MAX_NESTING = 1_000
"""Elements within one another; the parser's time grows with the square of it."""

MAX_LINKS = 5_000
MAX_SCRIPTS = 50
_DATA = 'script[type="application/json"], script[type="application/ld+json"]'
MAX_FEEDS = 30

POINTS = {"address": 2, "headline": 2, "heading": 1, "time": 1, "row": 1}
ENOUGH = 3
ROW = 5
"""Links that are built alike, from which on they are a row."""

_HEADLINE_WORDS = 4
_HEADLINE_LETTERS = 8  # of scripts that write no blanks between words, or a word a syllable
_CARD_LEVELS = 4
_MAX_LEVELS = 40
_SECTION = 3  # pages below an address, from which on it is a section
_LONGEST_HEADLINE = 250

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CHROME_TAGS = frozenset({"nav", "footer", "aside", "form", "dialog", "menu"})
_CHROME_ROLES = frozenset(
    {"navigation", "contentinfo", "banner", "search", "menu", "menubar", "complementary", "dialog"}
)
_CHROME_WORDS = frozenset(
    """
    nav navbar navigation menu footer breadcrumb breadcrumbs cookie consent share sharing social subscribe
    newsletter toolbar pagination pager copyright login signup masthead sitemap
    """.split()  # noqa: SIM905
)
_BODY_TAGS = frozenset({"article", "main", "li", "section"})
_INDEX_SEGMENTS = frozenset(
    """
    about about-us account advertise author authors careers category categories contact contact-us cookies faq feed
    feeds help jobs label login newsletter newsletters page people privacy privacy-policy profile register rss
    search section sections series sign-in signin signup subscribe subscription tag tags terms topic topics user
    users
    """.split()  # noqa: SIM905
)
_FILES = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|avif|ico|css|js|json|xml|rss|mp[34]|m4a|webm|zip|exe|apk|docx?|xlsx?)$", re.I
)
_FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)", re.I)
_FEED_PATHS = re.compile(
    r"(?:^|[/.=_-])(?:rss|atom|feeds?)(?:\d*(?:\.xml|\.json|\.php)?/?$|[/.])|\.(?:rss|atom|rdf)$", re.I
)
_COMMENTS = re.compile(r"\bcomments?\b|评论|kommentare|commentaires|comentarios", re.I)
_DATE_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_WORD = re.compile(r"[^\W_]+")
_NAME_WORD = re.compile(r"[a-z]+")
_TAG = re.compile(
    rb"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|p|li|td|th|tr|dt|dd|option)\b)[a-z]",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may be an article's.

    text   the headline it shows; None: it shows none
    shape  how the page builds it: its ancestors' tags and classes
    """

    url: str
    text: str | None
    shape: str
    points: int
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What stands beside a link in the element that presents it: a heading, and a time as the page writes it."""

    heading: str | None
    time: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page, parsed.

    url   its address
    base  what its links start from
    data  the JSON that it carries for scripts and search engines
    """

    tree: LexborHTMLParser
    url: str
    base: str
    data: tuple[str, ...] = ()


def parsed(body: bytes, *, url: str) -> Page:
    """Parse an HTML page.

    body    in UTF-8
    Raises  NotAFeed if it is too large or nested too deep.
    """
    if len(body) > MAX_BYTES or _nesting(body) > MAX_NESTING:
        raise NotAFeed("this HTML page is too large or nested too deep to be read for links")
    tree = LexborHTMLParser(body, scripting=True)
    data = tuple(script.text() for script in tree.css(_DATA)[:MAX_SCRIPTS])
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])  # their text is nobody's headline
    page, base = entries.address(url, url) or url, tree.css_first("base[href]")
    return Page(tree, page, (base and entries.address(base.attrs.get("href"), page)) or page, data)


def selected(page: Page, selector: str) -> tuple[Entry, ...]:
    """Return the links that a CSS selector chooses: of links, or of elements that hold some, to any site.

    Raises  NotAFeed if the selector cannot be read or chooses no link.
    """
    try:
        nodes = page.tree.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise NotAFeed(f"links = {selector!r} is no CSS selector that can be read") from error
    links = _links((anchor for node in nodes for anchor in ([node] if node.tag == "a" else node.css("a[href]"))), page)
    if not links:
        raise NotAFeed(f"links = {selector!r} chooses no link on this page; its layout may have changed")
    return _entries(links)


def found(page: Page) -> tuple[Entry, ...]:
    """Return the articles of the same site that a page links to, in its order; none if nothing looks like one."""
    home = urls.site(page.url)
    anchors = (anchor for anchor in page.tree.css("a[href]") if not _is_chrome(anchor))
    links = [link for link in _links(anchors, page) if _may_be_article(link.url, page, home)]
    rows = Counter(shape for shape, _ in {(link.shape, link.url) for link in links})
    links = [replace(link, points=link.points + POINTS["row"] * (rows[link.shape] >= ROW)) for link in links]
    enough = {link.url for link in links if link.points >= ENOUGH}
    enough -= _sections(enough)
    return _entries(link for link in links if link.url in enough)


def in_data(page: Page) -> tuple[Entry, ...]:
    """Return the articles of the same site that a page's JSON lists, for a page whose links only a script would show.

    The list with the most titled addresses of articles is taken, of no fewer than `ROW`: shorter ones are menus.
    """
    home = urls.site(page.url)

    def articles(found: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(
            entry
            for entry in found
            if entry.title and urls.names_article(entry.url) and _may_be_article(entry.url, page, home)
        )

    lists = (articles(found) for text in page.data for found in jsonfeeds.lists_in(text, page.base))
    best = max(lists, key=len, default=())
    return best if len(best) >= ROW else ()


def feeds(page: Page) -> tuple[Source, ...]:
    """Return the feeds that a page advertises, those of comments left out; else those it links to; and its sitemaps."""
    head = page.tree.css("link[rel][href]")
    told = [link for link in head if _rel(link, "alternate") and _FEED_TYPES.match(link.attrs.get("type") or "")]
    shown = told or [link for link in page.tree.css("a[href]") if _leads_to_feed(link, page)]
    addresses = (entries.address(link.attrs.get("href"), page.base) for link in shown if not _is_of_comments(link))
    sitemaps = (entries.address(link.attrs.get("href"), page.base) for link in head if _rel(link, "sitemap"))
    listed = [(SourceKind.FEED, url) for url in addresses if url and url != page.url]
    listed += [(SourceKind.SITEMAP, url) for url in sitemaps if url]
    return tuple(Source(kind, url) for kind, url in list(dict.fromkeys(listed))[:MAX_FEEDS])


def _nesting(body: bytes) -> int:
    """Return about how deep the elements of a page nest, without parsing it."""
    if body.count(b"<") <= MAX_NESTING:
        return 0
    depth = deepest = 0
    for tag in _TAG.finditer(body):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _links(anchors: Iterable[LexborNode], page: Page) -> list[Link]:
    """Weigh each link by itself, the first MAX_LINKS of them."""
    chosen = list(islice(anchors, MAX_LINKS))
    hrefs: dict[int, set[str | None]] = {}
    for anchor in chosen:
        for above in islice(_ancestors(anchor), _CARD_LEVELS):
            hrefs.setdefault(above.mem_id, set()).add(anchor.attrs.get("href"))
    alone = {node for node, inside in hrefs.items() if len(inside) == 1}
    cards: dict[int, Card] = {}
    links = []
    for anchor in chosen:
        around = _around(anchor, alone)
        card = cards.get(around.mem_id) or cards.setdefault(around.mem_id, _card(around))
        url = entries.address(anchor.attrs.get("href"), page.base)
        if url is not None:
            links.append(_link(anchor, url, card))
    return links


def _link(anchor: LexborNode, url: str, card: Card) -> Link:
    own = entries.squeezed(anchor.text(separator=" "), _LONGEST_HEADLINE + 1)
    is_heading = any(node.tag in _HEADINGS for node in _ancestors(anchor))
    heading = own if is_heading else card.heading
    short = own if own and len(own) <= _LONGEST_HEADLINE else None
    text = heading or short or entries.squeezed(anchor.attrs.get("title"))
    signs = {
        "address": urls.names_article(url),
        "headline": _is_headline(text),
        "heading": heading is not None,
        "time": card.time is not None,
    }
    points = sum(POINTS[sign] for sign, there in signs.items() if there)
    return Link(url, text, _shape(anchor), points, entries.instant(card.time) or _day_in(url))


def _entries(links: Iterable[Link]) -> tuple[Entry, ...]:
    """Make one entry of all links to an address, in the order of the first; the best link gives the headline."""
    best: dict[str, Link] = {}
    for link in links:
        known = best.setdefault(link.url, link)
        if _clarity(link) > _clarity(known):
            best[link.url] = replace(link, published=link.published or known.published)
    return tuple(Entry(url, link.text, link.published) for url, link in best.items())


def _clarity(link: Link) -> tuple[bool, int, int]:
    return _is_headline(link.text), link.points, len(link.text or "")


def _may_be_article(url: str, page: Page, home: str) -> bool:
    """Tell whether an address of a link can be an article's of this site at all."""
    path = url.partition("://")[2].partition("?")[0].partition("/")[2].lower()
    if url == page.url or urls.is_home(url) or _FILES.search(path):
        return False
    segments = [segment for segment in path.split("/") if segment]
    return not _INDEX_SEGMENTS.intersection(segments) and urls.site(url) == home


def _sections(chosen: set[str]) -> set[str]:
    """Return those addresses above several others: sections with a name as long as a headline."""
    above = Counter(parent for url in chosen for parent in _parents(url))
    return {url for url in chosen if above[url.rstrip("/")] >= _SECTION}


def _parents(url: str) -> Iterator[str]:
    """Give the addresses above one, without their last slash."""
    path = url.partition("?")[0].rstrip("/")
    for _ in range(path.count("/") - 2):
        path = path.rpartition("/")[0]
        yield path


def _is_headline(text: str | None) -> bool:
    if not text:
        return False
    foreign = sum(letter >= "\u0e00" and letter.isalpha() for letter in text)
    return foreign >= _HEADLINE_LETTERS or len(_WORD.findall(text)) >= _HEADLINE_WORDS


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent
    for _ in range(_MAX_LEVELS):
        if above is None or above.tag in ("body", "html"):
            return
        yield above
        above = above.parent


def _is_chrome(anchor: LexborNode) -> bool:
    """Tell whether a link stands in a menu, footer or the like."""
    above = list(_ancestors(anchor))
    if any(node.tag in _CHROME_TAGS or (node.attrs.get("role") or "") in _CHROME_ROLES for node in above):
        return True
    tags = {node.tag for node in above}
    if "header" in tags and not tags & _BODY_TAGS:
        return True
    return any(_names(node) & _CHROME_WORDS for node in above if node.tag not in ("main", "article"))


def _names(node: LexborNode) -> set[str]:
    """Return the words that an element's class and id are made of."""
    return set(_NAME_WORD.findall(f"{node.attrs.get('class') or ''} {node.attrs.get('id') or ''}".lower()))


def _around(anchor: LexborNode, alone: set[int]) -> LexborNode:
    """Return the largest element around a link, a few levels up, that links to nothing else.

    alone  the elements whose links all lead to one address, by `mem_id`
    """
    largest = anchor
    for above in takewhile(lambda node: node.mem_id in alone, islice(_ancestors(anchor), _CARD_LEVELS)):
        largest = above
    return largest


def _card(around: LexborNode) -> Card:
    heading, time = around.css_first(",".join(_HEADINGS)), around.css_first("time[datetime]")
    return Card(
        heading=entries.squeezed(heading.text(separator=" ")) if heading else None,
        time=time.attrs.get("datetime") if time else None,
    )


def _shape(anchor: LexborNode) -> str:
    return ">".join(f"{node.tag}.{node.attrs.get('class') or ''}" for node in (anchor, *islice(_ancestors(anchor), 3)))


def _day_in(url: str) -> datetime | None:
    """Return the day that stands in the path of an address: /2021/08/09/, /20210809/."""
    found = _DATE_IN_PATH.search(url)
    return entries.instant("-".join(found.groups())) if found else None


def _rel(link: LexborNode, word: str) -> bool:
    return word in (link.attrs.get("rel") or "").lower().split()


def _leads_to_feed(anchor: LexborNode, page: Page) -> bool:
    url = entries.address(anchor.attrs.get("href"), page.base)
    return url is not None and urls.same_site(url, page.url) and _FEED_PATHS.search(url.partition("://")[2]) is not None


def _is_of_comments(link: LexborNode) -> bool:
    said = f"{link.attrs.get('title') or ''} {link.attrs.get('href') or ''} {link.text()}"
    return _COMMENTS.search(said) is not None
