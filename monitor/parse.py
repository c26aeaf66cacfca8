"""A page's bytes -> Article: decode, parse once, read metadata and text, and refuse what is no article."""

from __future__ import annotations

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from . import urls
from .model import Article
from .page import agencies, charset, maintext, metadata, pagekind
from .page.blocks import MainText
from .page.metadata import Metadata, first_date
from .text import guess_language

_FAR_LONGER = 3  # linked data's text wins when it is this many times as long as what the page shows
_LONGEST_TITLE = 500
_SHORT = 300  # letters: below this, text is looked for in the linked data too
_TEASER = 1500  # letters: an article that is not free and no longer than this is a teaser


def article(body: bytes, *, url: str, content_type: str | None = None) -> Article:
    """Read the article out of a page.

    body          the page as fetched, decompressed
    url           where it was fetched from, after redirects
    content_type  the response's header; None: not known
    Raises        NotAnArticle, with the kind of page, when the page is none

    >>> page = "<title>Bridge reopens</title><p>The bridge over the river reopened on Monday, " + "the mayor said. " * 8
    >>> article(page.encode(), url="https://example.com/bridge").title
    'Bridge reopens'
    """
    pagekind.check_bytes(body, content_type)
    tree = LexborHTMLParser(charset.to_utf8(body, content_type), scripting=True)
    said = metadata.read(tree, url=url)
    main = _main_text(tree, said)
    pagekind.check(tree, main, says_article=said.is_article)
    text = main.text
    published, is_day = said.published or first_date(main.lines, day_first=said.day_first) or (None, False)
    return Article(
        url=_filed(url, said.canonical_url),
        title=(said.title or main.paragraphs[0])[:_LONGEST_TITLE],
        text=text,
        fetched_url=url,
        canonical_url=said.canonical_url,
        publisher=said.publisher,
        author=said.author,
        published=published,
        published_is_day=is_day,
        modified=said.modified[0] if said.modified else None,
        language=_language(said, text),
        agency=agencies.credited(main.paragraphs, said.author),
        partial=said.linked.free is False and len(text) < _TEASER,
    )


def _filed(url: str, claim: str | None) -> str:
    """Return the address to file the page under; a page that is not from the web keeps the name it was given."""
    try:
        return urls.filing_url(url, claim)
    except ValueError:
        return url


def _language(said: Metadata, text: str) -> str | None:
    """Take the page's word for its language, but for English: that is what templates say when nobody set it."""
    if said.language in (None, "en"):
        return guess_language(text) or said.language
    return said.language


def _main_text(tree: LexborHTMLParser, said: Metadata) -> MainText:
    """Read the text that the page shows, or the one in its linked data where the page shows next to none."""
    body = tree.body
    main = maintext.read(body, said.title) if body is not None else MainText()
    stated = said.linked.body
    if stated and len(main.text) < _SHORT and len(stated) > _FAR_LONGER * len(main.text):
        return replace(main, paragraphs=tuple(stated.split("\n\n")))
    return main
