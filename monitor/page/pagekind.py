"""Which pages are no article: what stands in an article's place, or cannot be read at all.

Every rule needs a page with little prose, or one whose prose is about the obstacle itself, so that an article *about*
cookies, captchas or paywalls stays an article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from ..errors import NotAnArticle
from . import blocks
from .blocks import MainText
from .furniture import phrases

LARGEST = 20_000_000  # bytes
DEEPEST = 5_000  # blocks inside blocks: the parser's time grows with the square, 10,000 take 0.1 s
MOST_ATTRIBUTES = 5_000  # of one element; quadratic too
MOST_OPTIONS = 10_000  # in <select>; and here

_LONG_TAG = 20_000  # bytes; shorter tags cannot hold too many attributes
_LITTLE = 800  # letters: a page with more prose than this is what it seems
_SCRAP = 140  # letters: less is no article, unless it is said in whole sentences, as a flash or a bulletin is
_FLASH = 50  # letters: less is no article, whatever it says
_SENTENCE = re.compile(r"\w{2}[.!?。！？]['\"”’」』)）]*$", re.MULTILINE)
_FEW = 200  # letters: what is left of a list of links once the links are gone
_MANY_LINKS = 15
_LIST_OF_LINKS = 0.6  # share of the text inside links

_MAGIC = (
    b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"OggS", b"ID3",
    b"\x00\x00\x00", b"\x7fELF", b"MZ\x90", b"wOFF", b"wOF2", b"II*\x00", b"MM\x00*", b"\xd0\xcf\x11\xe0",
    b"Rar!", b"7z\xbc",
)  # fmt: skip
_BINARY_TYPE = re.compile(r"\s*(?:image|video|audio|font|model)/|\s*application/(?:pdf|zip|gzip|msword|vnd\.|x-)", re.I)
_DATA_TYPE = re.compile(
    r"\s*(?:application/(?:(?:[\w.-]+\+)?json|(?:rss|atom|rdf)\+xml|javascript)|text/(?:css|csv|javascript))\b", re.I
)
_XML_DATA = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)[\s>]",
    re.I | re.S,
)
_COSTLY_TAG = re.compile(
    rb"<(?:(option|optgroup)|(/?)(?:div|section|article|ul|ol|dl|table|blockquote|center|form|fieldset|main|nav|aside|header|footer|details"
    rb"|figure|pre|dir|menu|address))(?=[\s>/])",
    re.I,
)
_TAG_START = re.compile(rb"<[a-zA-Z]")
_ATTRIBUTE = re.compile(rb"[\s\"'/][^\s\"'=<>/]+")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_OPEN_QUOTE = re.compile(rb"\"|(?<!')'(?!')")
_REFRESH = re.compile(r"\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\s\"']+)", re.I)
_QUICK = 30  # seconds: a refresh later than this reloads a page that is meant to be read


@dataclass(frozen=True, slots=True)
class _Sign:
    """A kind of page, and the words that give it away.

    headline  in the title or the main heading
    words     in the little prose that the page has
    """

    kind: str
    why: str
    headline: re.Pattern[str]
    words: re.Pattern[str]


def _any(table: str) -> re.Pattern[str]:
    return re.compile(phrases(table), re.I)


_NEVER = re.compile(r"(?!)")
_SIGNS = (
    _Sign(
        "captcha",
        "the site asks whether we are human",
        _any(r"""
            ^just a moment  ^attention required  are you (?:a )?(?:human|robot)
            ^access (?:to this page has been )?denied  checking your browser
            verify(?:ing)? (?:that )?you are (?:a )?human  ^security check  ^human verification
            ^robot check  captcha  ^pardon our interruption  ddos.guard  安全验证  人机验证  访问验证  ^403 forbidden
            проверка браузера  ^un instant…$  ^einen moment
        """),
        _any(r"""
            checking (?:if the site connection is secure|your browser)
            enable javascript and cookies to continue  captcha  verify (?:that )?you are (?:a )?human
            unusual (?:traffic|activity) from your  you (?:have been|are) blocked
            automated (?:access|requests|queries)  press (?:&|and) hold  请完成(?:下列|以下)?验证
            подтвердите, что вы не робот  you don't have permission to access
        """),
    ),
    _Sign(
        "consent",
        "the page asks for consent to cookies",
        _any(r"""
            ^before you continue  we (?:value|respect|care about) your privacy
            ^(?:cookie|privacy) (?:consent|settings|preferences|choices)  ^consent$
            your privacy (?:choices|matters)  ^datenschutz(?:einstellungen)?$  ^we need your consent
            ^zustimmung  ^cookies? (?:zustimmen|akzeptieren)  respect(?:e|ons) (?:de )?votre vie privée
            ^privacy gate  is part of the .{2,40} family of brands  ^cookiewall
        """),
        _any(r"""
            \bwe (?:and our|use).{0,80}(?:partners|cookies).{0,160}(?:store|access|consent|personal)
            (?:accept|reject) all(?: cookies)?  store and/or access information on a device
            (?:geräte|endgerät).{0,60}(?:cookies|speichern).{0,200}(?:zustimm|einwillig)
            nos partenaires.{0,120}(?:cookies|stock|accé)  nuestros socios.{0,120}cookies
        """),
    ),
    _Sign(
        "error-page",
        "the page says that it was not found, or that the server failed",
        _any(r"""
            ^(?:error )?\W*(?:404|410|500|502|503|504)\b  \b404\b
            ^(?:the )?page (?:was |is )?(?:not found|missing|unavailable|doesn.t exist|no longer)
            page (?:not|can.?t be|could not be|cannot be) found  ^not found
            ^(?:server |internal |fatal |unknown )?error$  ^oops  something went wrong
            (?:content|article|story) (?:is )?(?:not found|no longer available|unavailable|not available)
            ^maintenance  we.ll be back  under maintenance  temporarily unavailable  service unavailable
            bad gateway  seite (?:wurde )?nicht gefunden  page (?:non trouvée|introuvable)
            página no encontrada  pagina non trovata  página não encontrada  pagina niet gevonden
            strona nie (?:istnieje|została)  страница не найдена  页面(?:不存在|未找到|没有找到)
            找不到(?:页面|頁面|网页)
            ページが見つかりません  출처를 찾을 수  페이지를 찾을 수  ^database error  site (?:is )?(?:down|offline)
        """),
        _any(r"""
            (?:page|article|story|link)\b.{0,40}\byou(?:.re| are| were)? (?:looking for|requested|trying).{0,60}n.t
            (?:page|article|story|link)\b.{0,40}\byou(?:.re| are| were)? (?:looking for|requested|trying).{0,60}moved
            (?:page|article|story|link)\b.{0,40}\byou(?:.re| are| were)? (?:looking for|requested|trying).{0,60}exist
            \brequested.{0,60}(?:not found|no longer|moved|removed|deleted|unavailable)
            mysqli?_\w+\(\)  too many connections  error establishing a database  database error
            stack trace  fatal error  uncaught exception
            (?:requested (?:url|page|resource)).{0,40}(?:not found|could not)  nginx/\d
            apache/\d.{0,60}port \d  scheduled maintenance  currently (?:down|undergoing)
            ^sorry, (?:but )?(?:we|the page|this page|that page)
        """),
    ),
    _Sign(
        "parked",
        "the domain is parked or for sale",
        _any(r"""
            domain (?:name )?(?:is |may be |could be )?(?:for sale|available|parked|expired)
            ^.{3,60} is for sale  buy this domain  parked (?:domain|page)  域名(?:出售|转让)
            ^.{3,60} - domain (?:for sale|parking)
        """),
        _any(r"""
            (?:this|the) domain (?:name )?(?:is|may be|has|was) .{0,30}(?:for sale|expired|parked|registered)
            buy this domain  domain is parked  this web ?page is parked  diese domain steht zum verkauf
        """),
    ),
    _Sign(
        "login",
        "the page asks to log in or to register",
        _any(r"""
            ^(?:please )?(?:log|sign)[ -]?in\b
            ^(?:login|anmelden|anmeldung|einloggen|connexion|se connecter|iniciar sesión|entrar|accedi|zaloguj)\b
            ^(?:create|register)(?: an?| your)? account  ^members only  ^авторизация  ^вход$  ^(?:用户)?登录
            ^登入  ^ログイン
        """),
        _any(r"""
            (?:log|sign) in (?:to|with) (?:continue|your|read|view|access)
            you must (?:be logged|log|sign) in  forgot(?:ten)? (?:your )?password
            (?:please|bitte) (?:log|sign|melden).{0,30}(?:in|an)\b
        """),
    ),
    _Sign(
        "needs-script",
        "the page is empty until scripts run",
        _any(r"""
            ^loading\W*$  javascript (?:is )?(?:required|disabled)  ^enable javascript
        """),
        _any(r"""
            (?:enable|turn on|activate|requires?|need|without) (?:your )?java ?script
            java ?script (?:is|to be) (?:disabled|required|not enabled|enabled)  ^loading\W*$
            javascript aktivieren  activer javascript
        """),
    ),
)  # fmt: skip


def check_bytes(body: bytes, content_type: str | None) -> None:
    """Refuse, before any parsing, what is not HTML or would take the parser too long.

    Raises  NotAnArticle: empty, binary, not-html, too-complex
    """
    if not body or body.isspace():
        raise NotAnArticle("empty", "the server sent an empty page")
    kind = content_type or ""
    if body.startswith(_MAGIC) or (_BINARY_TYPE.match(kind) and b"<html" not in body[:2000].lower()):
        raise NotAnArticle(
            "binary", f"the server sent a file of type {kind.split(';')[0].strip() or 'unknown'}, not a page"
        )
    if _DATA_TYPE.match(kind) or _XML_DATA.match(body[:4000]) or body.lstrip()[:2] in (b'{"', b"[{"):
        raise NotAnArticle("not-html", "the server sent data, not a page of type text/html")
    if len(body) > LARGEST:
        raise NotAnArticle("too-complex", f"the page has {len(body):,} bytes; at most {LARGEST:,} are read")
    if body.count(b"<") > DEEPEST:
        _check_nesting(body)
    if len(body) > _LONG_TAG and _attributes(body) > MOST_ATTRIBUTES:
        raise NotAnArticle("too-complex", f"one element of the page has more than {MOST_ATTRIBUTES:,} attributes")


def _check_nesting(body: bytes) -> None:
    """Refuse trees that take the parser time by the square, in one look over the bytes."""
    depth = options = 0
    for match in _COSTLY_TAG.finditer(body):
        if match[1]:
            options += 1
        else:
            depth = max(0, depth - 1) if match[2] else depth + 1
        if depth > DEEPEST or options > MOST_OPTIONS:
            raise NotAnArticle("too-complex", f"the page nests more than {DEEPEST:,} blocks, or lists as many options")


def _attributes(body: bytes) -> int:
    """Estimate the attributes of the element that has the most."""
    most = 0
    for chunk in body.split(b">"):
        if len(chunk) > _LONG_TAG:
            starts = [match.start() for match in _TAG_START.finditer(chunk)]
            if starts:
                tag = _QUOTED.sub(b"''", chunk[starts[-1] :])
                most = max(most, sum(1 for _ in _ATTRIBUTE.finditer(_OPEN_QUOTE.split(tag, maxsplit=1)[0])))
    return most


def check(tree: LexborHTMLParser, main: MainText, *, says_article: bool) -> None:
    """Refuse a page that shows something else than an article.

    main          what was read as its text
    says_article  its metadata call it an article
    Raises  NotAnArticle: meta-refresh, captcha, consent, error-page, parked, login, needs-script, listing, thin, empty
    """
    letters = blocks.size(main.text)
    if letters >= _LITTLE:
        _check_list(main, says_article=says_article, letters=letters)
        return
    _check_refresh(tree)
    _check_signs(tree, main, says_article=says_article, letters=letters)
    _check_list(main, says_article=says_article, letters=letters)
    if letters == 0:
        raise _nothing(tree, main)
    flash = letters >= _FLASH and _SENTENCE.search(main.text) is not None
    if letters < _SCRAP and not says_article and not flash:
        raise NotAnArticle("thin", f"the page holds only {letters} letters of text")


def _check_refresh(tree: LexborHTMLParser) -> None:
    for node in tree.css("meta[http-equiv='refresh' i]"):
        match = _REFRESH.match(node.attributes.get("content") or "")
        if match and int(match[1]) <= _QUICK:
            raise NotAnArticle("meta-refresh", f"the page only sends readers on to {match[2][:200]}")


def _check_signs(tree: LexborHTMLParser, main: MainText, *, says_article: bool, letters: int) -> None:
    headings = [" ".join(node.text().split())[:200] for node in [*tree.css("title")[:1], *tree.css("h1")[:2]]]
    text = main.text or _whole_text(tree)
    asks_password = tree.css_first("input[type='password' i]") is not None
    for sign in _SIGNS:
        named = any(sign.headline.search(heading) for heading in headings)
        told = sign.words.search(text[:3000]) is not None
        if (named and told) or (letters < _SCRAP and (named or (told and not says_article))):
            raise NotAnArticle(sign.kind, sign.why)
        if sign.kind == "login" and asks_password and letters < _SCRAP and not says_article:
            raise NotAnArticle(sign.kind, sign.why)


def _whole_text(tree: LexborHTMLParser) -> str:
    body = tree.body
    if body is None:
        return ""
    return "\n".join(block.text for block in blocks.read(body)[1])[:3000]


def _check_list(main: MainText, *, says_article: bool, letters: int) -> None:
    """Refuse section and front pages: the text is mostly links to other pages, and what remains is little."""
    if says_article:
        return
    if main.links >= _MANY_LINKS and main.link_share > _LIST_OF_LINKS and letters < _FEW:
        raise NotAnArticle("listing", f"{main.link_share:.0%} of the page's text are links to other pages")
    if main.cards >= _MANY_LINKS and letters < _FEW:
        raise NotAnArticle("listing", f"the page lists {main.cards} other pages and holds no article of its own")


def _nothing(tree: LexborHTMLParser, main: MainText) -> NotAnArticle:
    if main.total < _SCRAP and tree.css_first("script") is not None:
        return NotAnArticle("needs-script", "the page is empty until scripts run")
    if main.links >= _MANY_LINKS:
        return NotAnArticle("listing", "the page holds links and no text of its own")
    if main.total:
        return NotAnArticle("thin", f"the page holds only {main.total} letters, and none reads as an article")
    return NotAnArticle("empty", "the page shows no text")
