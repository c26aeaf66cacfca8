"""What the demo's web answers: a pure function of the story, the request and the instant.

    respond   host + path -> robots.txt | front or section page | feed | sitemap | article | consent wall | gone

How an outlet lists what is new is a table (`LISTS`), and so is how a layout writes its dates (`DATES`); the pages
themselves are the html files beside this one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from string import Template
from urllib.parse import quote, urlsplit

from .story import Outlet, Page, Story

WINDOW = 20  # entries of a feed, as most publishers have it
RELATED = 4  # links to other stories on each page

DATES = {  # how a layout writes an instant for its readers; local time
    "jsonld": "{:%B %d, %Y %H:%M}",
    "opengraph": "{:%a %d %b %Y %H.%M}",
    "portal": "{:%B %d, %Y, %I:%M %p}",
    "table": "{0:%Y}年{0:%m}月{0:%d}日 {0:%H:%M}",
    "microdata": "{:%Y-%m-%d %H:%M}",
    "magazine": "{:%B %d, %Y}",
    "blog": "{:%d %B %Y}",
}

INDENT = {"table": "\u3000\u3000"}  # old Chinese pages indent with two wide spaces in the text

ROBOTS = """User-agent: *
Disallow: /search
Disallow: /login
"""


@dataclass(frozen=True, slots=True)
class Response:
    """What the server sends; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def respond(story: Story, host: str, path: str, headers: Mapping[str, str], now: datetime) -> Response:
    """Answer a GET as the outlet at `host` does at `now`.

    host      name, with or without a port; one that no outlet has gets 421
    path      with its query, if there is one
    headers   names in lower case; `if-none-match`, `if-modified-since` and `cookie` are heeded
    Returns   304 if the reader's copy is still good (RFC 9110 section 13.2.2)
    """
    outlet = story.outlet(host.partition(":")[0].lower())
    if outlet is None:
        return _plain(421, f"No outlet of this web is called {host}.")
    asked = urlsplit(path)
    route = _routes(outlet).get(asked.path)
    if route is not None:
        return _unless_known(route(story, outlet, now), headers)
    page = next((page for page in story.of(outlet) if page.path == asked.path), None)
    if page is None or page.published > now:
        return _plain(404, "There is no such page here.")
    if not page.listed(now):
        return _plain(page.removed_status, "This page is no longer available.")
    if page.wall is not None and "consent=all" not in headers.get("cookie", ""):
        return _wall(story, page)
    return _unless_known(_article(story, page, now), headers)


Route = Callable[[Story, Outlet, datetime], Response]


def _routes(outlet: Outlet) -> dict[str, Route]:
    return {"/": _front, "/consent": _consent, "/robots.txt": _robots, outlet.list_path: LISTS[outlet.lists]}


# ------------------------------------------------------------------------------------------------- lists of what is new


def _out(story: Story, outlet: Outlet, now: datetime) -> list[Page]:
    """Return what an outlet shows at `now`, the newest first."""
    return [page for page in reversed(story.of(outlet)) if page.listed(now)]


def _changed(pages: Iterable[Page], now: datetime) -> datetime | None:
    return max((page.version(now).modified for page in pages), default=None)


def _rss(story: Story, outlet: Outlet, now: datetime) -> Response:
    pages = _out(story, outlet, now)[:WINDOW]
    items = "".join(
        f"<item><title>{_text(page.version(now).title)}</title><link>{_text(page.url)}</link>"
        f'<guid isPermaLink="false">{_text(page.outlet.key + page.path)}</guid>'
        f"<pubDate>{format_datetime(_local(page.published, outlet))}</pubDate>"
        f"<description>{_text(page.paragraphs[0])}</description></item>\n"
        for page in pages
    )
    feed = (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<rss version="2.0"><channel>\n'
        f"<title>{_text(outlet.name)}</title><link>{_text(outlet.home)}/</link>"
        f"<description>{_text(outlet.name)}</description><language>{outlet.language}</language>\n"
        f"{items}</channel></rss>\n"
    )
    return _answer(outlet, feed, f"application/rss+xml; charset={outlet.encoding}", _changed(pages, now))


def _atom(story: Story, outlet: Outlet, now: datetime) -> Response:
    pages = _out(story, outlet, now)[:WINDOW]
    changed = _changed(pages, now) or story.pages[0].published  # Atom demands an instant, even of an empty feed
    entries = "".join(
        f'<entry><title>{_text(page.version(now).title)}</title><link rel="alternate" href="{_text(page.url)}"/>'
        f"<id>tag:{outlet.host},{page.published:%Y}:{_text(page.path)}</id>"
        f"<published>{_iso(page.published, outlet)}</published>"
        f"<updated>{_iso(page.version(now).modified, outlet)}</updated>"
        f"<author><name>{_text(page.author)}</name></author>"
        f'<summary type="text">{_text(page.paragraphs[0])}</summary></entry>\n'
        for page in pages
    )
    feed = (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<title>{_text(outlet.name)}</title><link href="{outlet.home}/"/>'
        f'<link rel="self" href="{outlet.list_url}"/><id>{outlet.list_url}</id>'
        f"<updated>{_iso(changed, outlet)}</updated>\n{entries}</feed>\n"
    )
    return _answer(outlet, feed, f"application/atom+xml; charset={outlet.encoding}", changed)


def _news_sitemap(story: Story, outlet: Outlet, now: datetime) -> Response:
    pages = _out(story, outlet, now)[:WINDOW]
    urls = "".join(
        f"<url><loc>{_text(page.url)}</loc><lastmod>{_iso(page.version(now).modified, outlet)}</lastmod>"
        f"<news:news><news:publication><news:name>{_text(outlet.name)}</news:name>"
        f"<news:language>{outlet.language}</news:language></news:publication>"
        f"<news:publication_date>{_iso(page.published, outlet)}</news:publication_date>"
        f"<news:title>{_text(page.version(now).title)}</news:title></news:news></url>\n"
        for page in pages
    )
    sitemap = (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{urls}</urlset>\n'
    )
    return _answer(outlet, sitemap, "application/xml", _changed(pages, now))


def _front(story: Story, outlet: Outlet, now: datetime) -> Response:
    """Show the newest stories, each with its first paragraph, as a front page and a section page do."""
    pages = _out(story, outlet, now)[:WINDOW]
    teasers = "\n".join(
        f'<article class="teaser"><h3><a class="story" href="{_text(page.path)}">{_text(page.version(now).title)}</a>'
        f"</h3><p>{_text(page.paragraphs[0])}</p></article>"
        for page in pages
    )
    media = {"rss": "application/rss+xml", "atom": "application/atom+xml"}.get(outlet.lists)
    link = f'<link rel="alternate" type="{media}" href="{outlet.list_path}">' if media else ""
    html = Template(story.layouts["front"]).substitute(_outlet_words(outlet), teasers=teasers, feed_link=link)
    return _answer(outlet, html, _html_type(outlet), _changed(pages, now))


LISTS: Mapping[str, Route] = {"rss": _rss, "atom": _atom, "news-sitemap": _news_sitemap, "section": _front}


# --------------------------------------------------------------------------------------------------------- single pages


def _article(story: Story, page: Page, now: datetime) -> Response:
    outlet, version = page.outlet, page.version(now)
    indent = INDENT.get(outlet.layout, "")
    paragraphs = [f"<p>{indent}{_text(paragraph)}</p>" for paragraph in version.paragraphs]
    half = (len(paragraphs) + 1) // 2
    others = [other for other in _out(story, outlet, now) if other != page][:RELATED]
    words = _outlet_words(outlet) | {
        "title": _text(version.title),
        "url": _text(page.url),
        "list_url": _text(outlet.list_url),
        "summary": _text(version.paragraphs[0]),
        "author": _text(page.author),
        "author_slug": quote(page.author.lower().replace(" ", "-")),
        "published_iso": _iso(page.published, outlet),
        "modified_iso": _iso(version.modified, outlet),
        "published_text": DATES[outlet.layout].format(_local(page.published, outlet)),
        "opening": "\n".join(paragraphs[:half]),
        "rest": "\n".join(paragraphs[half:]),
        "related": "".join(
            f'<li><a href="{_text(other.path)}">{_text(other.version(now).title)}</a></li>' for other in others
        ),
        "json_ld": _json_ld(page, now),
    }
    html = Template(story.layouts[f"page-{outlet.layout}"]).substitute(words)
    return _answer(outlet, html, _html_type(outlet), _changed([page, *others], now))


def _json_ld(page: Page, now: datetime) -> str:
    """Describe the page as schema.org has it; `<` is escaped so that no text can end the script element."""
    version = page.version(now)
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": version.title,
            "datePublished": _iso(page.published, page.outlet),
            "dateModified": _iso(version.modified, page.outlet),
            "author": [{"@type": "Person", "name": page.author}],
            "publisher": {"@type": "NewsMediaOrganization", "name": page.outlet.name},
            "mainEntityOfPage": page.url,
            "inLanguage": page.outlet.language,
        },
        ensure_ascii=False,
    ).replace("<", "\\u003c")


def _wall(story: Story, page: Page) -> Response:
    if page.wall == "redirect":
        return Response(
            302, {"location": f"/consent?next={quote(page.path, safe='')}", "cache-control": "no-store"}, b""
        )
    return _consent_page(story, page.outlet, page.path)


def _consent(story: Story, outlet: Outlet, now: datetime) -> Response:
    return _consent_page(story, outlet, "/")


def _consent_page(story: Story, outlet: Outlet, back: str) -> Response:
    html = Template(story.layouts["consent"]).substitute(_outlet_words(outlet), next=_text(back))
    return Response(200, {"content-type": _html_type(outlet), "cache-control": "no-store"}, _encode(html, outlet))


def _robots(story: Story, outlet: Outlet, now: datetime) -> Response:
    line = f"Sitemap: {outlet.list_url}\n" if outlet.lists == "news-sitemap" else ""
    return _answer(outlet, ROBOTS + line, "text/plain; charset=utf-8", None)


# ------------------------------------------------------------------------------------------------------- text and bytes


def _text(text: str) -> str:
    return escape(text, quote=True)


def _local(at: datetime, outlet: Outlet) -> datetime:
    return at.astimezone(timezone(timedelta(hours=outlet.utc_offset_h)))


def _iso(at: datetime, outlet: Outlet) -> str:
    return _local(at, outlet).isoformat(timespec="seconds")


def _outlet_words(outlet: Outlet) -> dict[str, str]:
    return {
        "outlet": _text(outlet.name),
        "host": outlet.host,
        "language": outlet.language,
        "encoding": outlet.encoding,
    }


def _html_type(outlet: Outlet) -> str:
    """Name the charset only where it is UTF-8: old servers leave it to the page."""
    return "text/html; charset=utf-8" if outlet.encoding == "utf-8" else "text/html"


def _encode(text: str, outlet: Outlet) -> bytes:
    return text.encode(outlet.encoding, errors="xmlcharrefreplace")


def _plain(status: int, text: str) -> Response:
    html = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{_text(text)}</h1></body></html>"
    return Response(status, {"content-type": "text/html; charset=utf-8"}, html.encode())


def _answer(outlet: Outlet, text: str, content_type: str, changed: datetime | None) -> Response:
    body = _encode(text, outlet)
    headers = {
        "content-type": content_type,
        "etag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        "cache-control": "max-age=60",
    }
    if changed is not None:
        headers["last-modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    return Response(200, headers, body)


def _unless_known(response: Response, headers: Mapping[str, str]) -> Response:
    """Answer 304 if the reader holds the same version; a tag weighs more than a date (RFC 9110 section 13.1.3)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        known = "*" in held or response.headers.get("etag") in held
    else:
        changed = response.headers.get("last-modified")
        known = changed is not None and headers.get("if-modified-since") == changed
    if not known:
        return response
    kept = {name: value for name, value in response.headers.items() if name != "content-type"}
    return Response(304, kept, b"")
