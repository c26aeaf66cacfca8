"""A page's bytes -> Article: decode, parse once, read metadata and text, and refuse what is no article."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from . import urls
from .model import Article, Update
from .page import agencies, blocks, charset, liveblog, maintext, metadata, pagekind, paywall, scriptdata, weight
from .page.blocks import Block, Boxes, MainText
from .page.metadata import Metadata
from .page.when import first_date
from .text import guess_language

_FAR_LONGER = 3  # text in a page's data wins when it is this many times as long as what the page shows
_LONGEST_TITLE = 500
_SHORT = 300  # letters: below this, text is looked for in the page's data too
_SAMPLE = 1500  # letters by which a language is told


def article(body: bytes, *, url: str, content_type: str | None = None, repeated: Container[str] = ()) -> Article:
    """Read the article out of a page.

    body          the page as fetched, decompressed
    url           where it was fetched from, after redirects
    content_type  the response's header; None: not known
    repeated      paragraphs that this source shows on many pages, and that are therefore no part of any article
    Raises        NotAnArticle, with the kind of page, when the page is none

    >>> page = "<title>Bridge reopens</title><p>The bridge over the river reopened on Monday, " + "the mayor said. " * 8
    >>> article(page.encode(), url="https://example.com/bridge").title
    'Bridge reopens'
    """
    pagekind.check_bytes(body, content_type)
    page = weight.bounded(charset.to_utf8(body, content_type))
    tree = LexborHTMLParser(page, scripting=True)
    said = metadata.stated(tree, url=url)
    boxes, found = blocks.read(tree.body) if tree.body is not None else (Boxes(), [])
    shown = maintext.read(boxes, found, said.title, repeated=repeated)
    main, said = _with_data(tree, shown, said)
    pagekind.check(tree, main, found, says_article=said.is_article)
    said = metadata.shown(said, tree, main.lines, url=url, page=page)
    paragraphs = weight.shortened(main.paragraphs)
    published, is_day = said.published or (None, False)
    return Article(
        url=_filed(url, said.canonical_url),
        title=(said.title or paragraphs[0])[:_LONGEST_TITLE],
        text="\n\n".join(paragraphs),
        fetched_url=url,
        canonical_url=said.canonical_url,
        publisher=said.publisher,
        author=said.author,
        published=published,
        published_is_day=is_day,
        modified=said.modified[0] if said.modified else None,
        language=_language(said, paragraphs),
        agency=agencies.credited(paragraphs, "; ".join((*said.signed.people, *said.signed.groups))),
        partial=main is shown and paywall.is_teaser(paragraphs, boxes, found, free=said.linked.free),
        updates=_updates(said, boxes, found, published.date() if published else None),
    )


def _with_data(tree: LexborHTMLParser, shown: MainText, said: Metadata) -> tuple[MainText, Metadata]:
    """Take the text from the page's data where it shows next to none."""
    letters = len(shown.text)
    if letters >= _SHORT:
        return shown, said
    linked = said.linked.body or ""
    if len(linked) > _FAR_LONGER * letters:
        return replace(shown, paragraphs=tuple(linked.split("\n\n"))), said
    if len(linked) >= _SHORT:
        return shown, said
    script = scriptdata.read((node.text() for node in tree.css("script")), title=said.title)
    if script is None or len(script.paragraphs) == 0:
        return shown, said
    return replace(shown, paragraphs=script.paragraphs), replace(
        said,
        title=said.title or script.headline,
        published=said.published or first_date([script.published], day_first=said.day_first),
        author=said.author or "; ".join(script.authors) or None,
    )


def _updates(said: Metadata, boxes: Boxes, found: Sequence[Block], day: date | None) -> tuple[Update, ...]:
    stated = said.linked.updates
    if not (stated or said.linked.is_live or liveblog.says_live(said.title)):
        return ()
    return liveblog.read(boxes, found, stated=stated, day_first=said.day_first, day=day)


def _filed(url: str, claim: str | None) -> str:
    """Return the address to file the page under; a page that is not from the web keeps the name it was given."""
    try:
        return urls.filing_url(url, claim)
    except ValueError:
        return url


def _language(said: Metadata, paragraphs: Sequence[str]) -> str | None:
    """Take the page's word for its language, but for English: that is what templates say when nobody set it."""
    if said.language in (None, "en"):
        return guess_language("\n".join(paragraphs)[:_SAMPLE]) or said.language
    return said.language
