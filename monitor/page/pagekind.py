"""Which pages are no article: what stands in an article's place, or cannot be read at all.

Every rule needs a page with little prose, or one whose prose is about the obstacle itself, so that an article *about*
cookies, captchas or paywalls stays an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from ..errors import NotAnArticle
from . import blocks, listing, paywall
from .blocks import Block, MainText
from .furniture import phrases

_LITTLE = 800  # letters: a page with more prose than this is what it seems
_SCRAP = 140  # letters: less is no article, unless it is said in whole sentences, as a flash or a bulletin is
_FLASH = 50  # letters: less is no article, whatever it says
_READ = 3000  # letters of a page with little prose in which words are looked for
_SENTENCE = re.compile(r"\w{2}[.!?。！？]['\"”’」』)）]*$", re.MULTILINE)

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
            ^(?:la )?tua privacy  ^(?:tu|su) privacidad  ^(?:jouw|uw) privacy  (?:twoją|twoja|państwa) prywatność
            ^(?:a )?(?:sua|tua) privacidade  ^votre vie privée  ^(?:ihre|deine) (?:privatsphäre|daten)
            ^cookie-?instellingen  ваш[аеу]+ конфиденциальност  ^隐私(?:设置|偏好)  ^cookie的?设置
            ^privacy gate  is part of the .{2,40} family of brands  ^cookiewall
        """),
        _any(r"""
            \bwe (?:and our|use).{0,80}(?:partners|cookies).{0,160}(?:store|access|consent|personal)
            (?:accept|reject) all(?: cookies)?  store and/or access information on a device
            (?:geräte|endgerät).{0,60}(?:cookies|speichern).{0,200}(?:zustimm|einwillig)
            nos partenaires.{0,120}(?:cookies|stock|accé)  (?:nuestros )?socios.{0,120}cookies
            nostri partner.{0,120}cookie  onze partners.{0,120}cookies  nasi partnerzy.{0,120}cookie
            nossos parceiros.{0,120}cookies  våra partner.{0,120}cookies  vores partnere.{0,120}cookies
            наши партн[её]ры.{0,120}cookie  我们(?:和|与)合作伙伴.{0,60}cookie
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
            (?:this|that|the) (?:page|article) (?:does not|doesn.t|no longer) exist
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
    """Refuse, before any parsing, what is not HTML.

    Raises  NotAnArticle: empty, binary, not-html
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


def check(tree: LexborHTMLParser, main: MainText, found: Sequence[Block], *, says_article: bool) -> None:
    """Refuse a page that shows something else than an article.

    main          what was read as its text
    found         all its blocks
    says_article  its metadata call it an article
    Raises  NotAnArticle: meta-refresh, captcha, consent, error-page, parked, login, paywall, needs-script, listing,
            thin, empty
    """
    letters = blocks.size(main.text)
    if letters < _LITTLE:
        _check_refresh(tree)
        _check_signs(tree, main, found, says_article=says_article, letters=letters)
    if not says_article and _may_list(main):
        _check_list(tree, main, found)
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


def _check_signs(
    tree: LexborHTMLParser, main: MainText, found: Sequence[Block], *, says_article: bool, letters: int
) -> None:
    headings = [" ".join(node.text().split())[:200] for node in [*tree.css("title")[:1], *tree.css("h1")[:2]]]
    text = (main.text or "\n".join(block.text for block in found))[:_READ]
    asks_password = tree.css_first("input[type='password' i]") is not None
    for sign in _SIGNS:
        named = any(sign.headline.search(heading) for heading in headings)
        told = (named or letters < _SCRAP) and sign.words.search(text) is not None
        if (named and told) or (letters < _SCRAP and (named or (told and not says_article))):
            raise NotAnArticle(sign.kind, sign.why)
        if sign.kind == "login" and asks_password and letters < _SCRAP and not says_article:
            raise NotAnArticle(sign.kind, sign.why)
    if letters < _SCRAP and any(map(paywall.is_wall, text.split("\n"))):
        raise NotAnArticle("paywall", "the site asks to subscribe or to register before it shows the article")


def _may_list(main: MainText) -> bool:
    """Tell whether a closer look is worth its time: there are many links, or many short paragraphs."""
    if main.cards >= listing.MANY_CARDS or main.links >= listing.MANY_LINKS:
        return True
    return len(main.paragraphs) >= listing.TEASERS and len(main.text) < listing.TEASER * len(main.paragraphs)


def _check_list(tree: LexborHTMLParser, main: MainText, found: Sequence[Block]) -> None:
    title = tree.css_first("title")
    if why := listing.why(main, found, title.text() if title else ""):
        _check_signs(
            tree, main, found, says_article=False, letters=0
        )  # an error page may list what else there is to read
        raise NotAnArticle("listing", why)


def _nothing(tree: LexborHTMLParser, main: MainText) -> NotAnArticle:
    if main.total < _SCRAP and tree.css_first("script") is not None:
        return NotAnArticle("needs-script", "the page is empty until scripts run")
    if main.links >= listing.MANY_LINKS:
        return NotAnArticle("listing", "the page holds links and no text of its own")
    if main.total:
        return NotAnArticle("thin", f"the page holds only {main.total} letters, and none reads as an article")
    return NotAnArticle("empty", "the page shows no text")
