"""Whether a page only leads to other pages: section and front pages, tag pages, search results, forum indexes.

The text of a list is teasers, each led by a link; the text of an article runs on.  A page that calls itself an article,
or has a headline of its own as long as headlines are, is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from . import blocks
from .blocks import Block, MainText
from .furniture import phrases

_FEW = 200  # letters: what is left of a list of links once the links are gone
_INTRODUCTION = 600  # letters: what may stand above a list
MANY_LINKS = 15
_LIST_OF_LINKS = 0.6  # share of the text inside links
MANY_CARDS = 8
_HEADLINE = 25  # letters: names of sections, topics and people are shorter
_LONGEST_HEADLINE = 300
_LEADING = 0.3  # share of a line inside its link that makes the line lead on
_LEAD = 10  # letters of link that lead to another page; shorter ones are names and numbers
TEASERS = 6
TEASER = 500  # letters: teasers are shorter on average,
_LONGEST_TEASER = 1200  # and none of them is longer
_PARAGRAPHS = 1.6  # of a teaser, on average
_LARGEST_SHARE = 0.35  # of the text; an article has a run of its own that is larger

# How the titles of lists begin.
_NAMES_LIST = re.compile(
    r"^\W*(?:"
    + phrases(r"""
        search results?  results for  archives?\b  tags?\s*:  tagged  topics?\s*:  categor(?:y|ies)\b  author\s*:
        posts (?:by|tagged)  articles by  stories by  latest (?:news|stories|articles|posts)
        all (?:news|stories|articles|posts)  browse\b
        suchergebnis  archiv\b  schlagwort  thema\s*:  alle (?:artikel|beiträge|nachrichten)  résultats? (?:de|pour)
        archives de  étiquette  toutes? (?:les actualités|l.actualité)  resultados? (?:de|para)  archivos? de
        etiqueta  todas las noticias  risultati  archivio  tutte le notizie  zoekresultaten  wyniki  архив  результаты
        все новости  тег\s*:  搜索结果  搜尋結果  标签  標籤  检索结果
        全部新闻  新闻列表  検索結果  記事一覧  검색\s?결과
    """)
    + ")",
    re.I,
)  # fmt: skip


def why(main: MainText, found: Sequence[Block], title: str) -> str | None:
    """Say why a page that does not call itself an article is a list; None: it may be an article.

    found  the page's blocks, in document order
    title  the text of its <title>
    """
    letters = blocks.size(main.text)
    own = _has_headline(found, title)
    if letters < (_FEW if not own else 1):
        if main.links >= MANY_LINKS and main.link_share > _LIST_OF_LINKS:
            return f"{main.link_share:.0%} of the page's text are links to other pages"
        if main.cards >= MANY_LINKS:
            return f"the page lists {main.cards} other pages and holds no article of its own"
    if own:
        return None
    if letters < _INTRODUCTION and main.cards >= MANY_CARDS:
        return f"the page introduces {main.cards} other pages and holds no article of its own"
    teasers = list(_runs(main, found)) if len(main.paragraphs) >= TEASERS else []
    if len(teasers) >= TEASERS and _are_teasers(teasers, len(main.paragraphs)):
        return f"the page's text is {len(teasers)} teasers of other pages"
    return None


def _has_headline(found: Sequence[Block], title: str) -> bool:
    """Tell whether the page shows a line as long as headlines are, and part of its title; it may link to itself."""
    whole = " ".join(title.casefold().split())
    if blocks.size(whole) < _HEADLINE or _NAMES_LIST.search(whole):
        return False
    for block in found:
        if _HEADLINE <= block.length <= _LONGEST_HEADLINE and (not block.linked or block.kind == "heading"):
            text = block.text.casefold()
            if whole.startswith(text) if block.linked else text in whole:
                return True
    return False


def _runs(main: MainText, found: Sequence[Block]) -> Iterator[int]:
    """Measure the article's text between one link to another page and the next."""
    kept = set(main.paragraphs)
    run = 0
    for block in found:
        if _leads_on(block):
            if run:
                yield run
            run = 0
        if block.text in kept and block.kind != "heading":
            run += block.length
    if run:
        yield run


def _are_teasers(runs: Sequence[int], paragraphs: int) -> bool:
    whole = sum(runs)
    short = whole < TEASER * len(runs) and max(runs) < min(_LARGEST_SHARE * whole, _LONGEST_TEASER)
    return short and paragraphs < _PARAGRAPHS * len(runs)


def _leads_on(block: Block) -> bool:
    """Tell whether a block is a link to another page, or a row of a list that begins with one."""
    if block.linked < _LEAD:
        return block.is_link
    row = block.kind in ("item", "cell") and block.length < TEASER
    return row or block.kind == "heading" or block.linked > _LEADING * block.length
