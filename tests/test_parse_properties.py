"""What holds for every page: generated pages, from bytes that mean nothing to sites with menus, cards and comments."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from monitor import parse
from monitor.errors import NotAnArticle
from monitor.model import Article

URL = "https://news.example.com/2024/05/09/lighthouse"
TITLE = "Lighthouse keeper retires after forty winters"
WORDS = (
    "keeper",
    "lamp",
    "storm",
    "harbour",
    "winter",
    "rowed",
    "painted",
    "stairs",
    "gulls",
    "counted",
    "ship",
    "bell",
)
VOID = frozenset({"br", "hr", "img", "input", "meta"})
SHOWN = ("div", "section", "article", "main", "p", "ul", "li", "h2", "h3", "blockquote", "table", "tr", "td", "span",
         "b", "a", "figure", "figcaption", "aside", "footer", "header", "time", "br", "hr", "pre", "x-box")  # fmt: skip
UNSHOWN = ("script", "style", "noscript", "template", "svg", "math", "select", "option", "textarea", "title", "iframe",
           "button", "nav", "form", "input", "img", "meta", "body", "html", "frameset", "plaintext")  # fmt: skip
NAMES = ("", "", "", "story", "text", "related", "card", "comments", "sidebar", "ad-slot", "story-2", "newsletter")
fast = settings(max_examples=20, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Node:
    """An element of a made page; a leaf is text."""

    tag: str
    name: str
    inside: "tuple[Node | str, ...]"
    closed: bool = True

    def __str__(self) -> str:
        link = " href='/x'" if self.tag == "a" else ""
        name = f" class='{self.name}'" if self.name else ""
        inner = "".join(str(one) if isinstance(one, Node) else html.escape(one) for one in self.inside)
        return f"<{self.tag}{name}{link}>{inner}" + (f"</{self.tag}>" if self.closed and self.tag not in VOID else "")


def nodes(tags: Sequence[str], texts: st.SearchStrategy[str], *, closed: bool = True) -> st.SearchStrategy[Node | str]:
    shut = st.just(True) if closed else st.booleans()
    return st.recursive(
        texts,
        lambda inside: st.builds(
            Node, st.sampled_from(tags), st.sampled_from(NAMES), st.lists(inside, max_size=5).map(tuple), shut
        ),
        max_leaves=25,
    )


sentences = st.lists(st.sampled_from(WORDS), min_size=4, max_size=40).map(lambda words: f"The {' '.join(words)}. ")
noise = st.text(st.characters(codec="utf-8"), max_size=40)


@st.composite
def sites(draw: st.DrawFn) -> bytes:
    """Make a page as sites make them: boxes of paragraphs, lists, cards and links around an article, no two alike."""
    count = iter(range(10_000))

    def texts(most: int, *, least: int = 1) -> Iterator[str]:
        for _ in range(draw(st.integers(least, most))):
            words = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=8, max_size=30)))
            yield f"Log {next(count):04}: the {words}."

    def box(depth: int) -> str:
        kind = draw(st.sampled_from(("p", "p", "p", "list", "cards", "heading", "figure", "box", "box")))
        if kind == "p":
            return "".join(f"<p>{text}</p>" for text in texts(5))
        if kind == "list":
            return f"<ul>{''.join(f'<li>{text[:40]}</li>' for text in texts(4))}</ul>"
        if kind == "cards":
            return "".join(f"<div class=e><a href=/>{text[:50]}</a><p>{text[50:]}</p></div>" for text in texts(4))
        if kind == "heading":
            return "".join(f"<h2>{text[:30]}</h2>" for text in texts(1))
        if kind == "figure" or depth > 2:
            return "".join(f"<figure><figcaption>{text}</figcaption></figure>" for text in texts(1))
        name = draw(st.sampled_from(NAMES))
        return f"<div class='{name}'>{''.join(box(depth + 1) for _ in range(draw(st.integers(1, 4))))}</div>"

    around = [box(0) for _ in range(draw(st.integers(0, 5)))]
    first, *others = (f"<p>{text}</p>" for text in texts(12, least=4))
    picture = "".join(f"<figure><figcaption>{text}</figcaption></figure>" for text in texts(1))
    own = f"<article><h1>{TITLE}</h1>{first}{picture}<p>{TITLE}</p>{''.join(others)}</article>"
    around.insert(draw(st.integers(0, len(around))), own)
    return page("".join(around))


def page(body: str) -> bytes:
    return f"<!DOCTYPE html><title>{TITLE}</title><body>{body}</body>".encode()


def read(body: bytes, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8") -> Article | None:
    """Read a page; None: it is no article."""
    try:
        return parse.article(body, url=url, content_type=content_type)
    except NotAnArticle as refusal:
        assert refusal.kind
        return None


def squeezed(text: str) -> str:
    """Leave only what can be seen."""
    return "".join(character for character in text if character.isprintable() and not character.isspace())


def shown(body: bytes) -> str:
    tree = LexborHTMLParser(body).body
    assert tree is not None
    return squeezed(tree.text())


# -------------------------------------------------------------------------------------------------------- any input


@fast
@given(
    st.binary(max_size=400),
    st.sampled_from(
        [None, "", "text/html", "text/html; charset=utf-16", "text/html; charset=no-such", "image/png", ";=;"]
    ),
    st.sampled_from([URL, "", "x", "file:///page.html"]),
)
def test_any_bytes_from_anywhere_are_read_or_refused(body: bytes, content_type: str | None, url: str) -> None:
    for whole in (body, page(f"<h1>{TITLE}</h1>") + body + b"<p>The keeper counted the gulls. " * 20):
        found = read(whole, url=url, content_type=content_type)
        assert found is None or found.text


ODD = ("http://[::1", "//[x", "http://a:99999/", "http://%zz/", "http:///", "javascript:", "http://a:port/", " ")
CLAIMS = {
    "its own address": "<link rel=canonical href='{odd}'><meta property='og:url' content='{odd}'>",
    "its base": "<base href='{odd}'>",
    "its author's address": "<meta property='article:author' content='{odd}'><a rel=author href='{odd}'>A. Writer</a>",
    "its linked data": '<script type="application/ld+json">{{"@type": "NewsArticle", "@id": "{odd}", "url": "{odd}", '
    '"author": {{"name": "{odd}", "url": "{odd}"}}, "publisher": {{"@id": "{odd}", "url": "{odd}"}}}}</script>',
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("odd", ODD)
def test_a_page_may_claim_an_address_that_is_none(claim: str, odd: str) -> None:
    found = read(page(f"<h1>{TITLE}</h1><p>{'The keeper counted the gulls. ' * 9}</p>{claim.format(odd=odd)}"))
    assert found is not None
    assert (found.title, found.url) == (TITLE, URL)


@fast
@given(st.lists(nodes((*SHOWN, *UNSHOWN), sentences | noise, closed=False), max_size=8))
def test_any_tree_of_tags_is_read_or_refused(inside: list[Node | str]) -> None:
    body = page("".join(map(str, inside)))
    found = read(body)
    assert found is None or (found.title and found.text)
    assert read(body) == found, "the same page is read in the same way"


# ----------------------------------------------------------------------------------------------------------- its text


@fast
@given(st.lists(nodes(SHOWN, sentences | noise, closed=False), min_size=1, max_size=8), sites())
def test_every_paragraph_is_text_of_the_page(inside: list[Node | str], site: bytes) -> None:
    for body in (page("".join(map(str, inside)) + f"<p>{'The keeper counted the gulls. ' * 9}</p>"), site):
        found = read(body)
        if found is not None:
            text = shown(body)
            assert all(squeezed(paragraph) in text for paragraph in found.text.split("\n\n"))


@fast
@given(sites())
def test_paragraphs_come_in_the_pages_order_and_once(site: bytes) -> None:
    found = read(site)
    assert found is not None
    text = site.decode()
    places = [text.index(f">{paragraph}<") for paragraph in found.text.split("\n\n")]
    assert places == sorted(set(places))


@fast
@given(sites())
def test_captions_and_the_headline_are_no_text(site: bytes) -> None:
    found = read(site)
    assert found is not None
    text = site.decode()
    captions = [one.text() for one in LexborHTMLParser(site).css("figcaption")]
    assert not set(captions) & set(found.text.split("\n\n"))
    assert TITLE not in found.text.split("\n\n")
    assert "<" not in found.text
    assert found.title in text


@fast
@given(sites())
def test_an_article_set_plainly_is_read_as_before(site: bytes) -> None:
    found = read(site)
    assert found is not None
    prose = [text for text in found.text.split("\n\n") if len(text) > 60]
    again = read(page(f"<h1>{TITLE}</h1>{''.join(f'<p>{html.escape(text)}</p>' for text in prose)}"))
    assert again is not None
    assert again.text.split("\n\n") == prose


@fast
@given(sites(), st.data())
def test_what_many_pages_show_is_left_out(site: bytes, data: st.DataObject) -> None:
    found = read(site)
    assert found is not None
    paragraphs = found.text.split("\n\n")
    dropped = data.draw(st.sampled_from([text for text in paragraphs if text.endswith(".")]))
    rest = parse.article(site, url=URL, repeated={dropped}).text.split("\n\n")
    assert dropped not in rest


@fast
@given(st.lists(sentences, min_size=4, max_size=9, unique=True), st.data())
def test_paragraphs_hold_no_nul_and_no_line_ends(texts: list[str], data: st.DataObject) -> None:
    odd = st.sampled_from(["\0", "&#0;", "\0\0", "\r", "\n\n", "\t", "\u2028", "<!-- \0 -->", "<b\0>", "&#xD800;"])
    laced = [f"{text[:20]}{data.draw(odd)}{text[20:]} It was the last winter of the old lamp." for text in texts]
    found = read(page(f"<h1>{TITLE}</h1>{''.join(f'<p>{text}</p>' for text in laced)}"))
    assume(found is not None)
    assert found is not None
    assert not set(found.text.replace("\n\n", "")) & set("\0\r\n\t\u2028")
    assert found.text.encode()
