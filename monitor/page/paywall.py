"""Whether the text of a page is only the beginning of an article that readers must pay or register for.

A page seldom says so in a way that machines are meant to read, and one that does may still show the whole article.  So
a wall must be seen where the text ends: its words, its box, or a sentence that breaks off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import blocks
from .blocks import Block, Boxes
from .furniture import phrases

_LONGEST = 2500  # letters: no teaser is longer
_SHORT = 1500  # letters: signs that may mean something else count up to here
_WALL_LINE = 320  # letters: a wall speaks in short lines
_BEHIND = 14  # blocks behind the text in which a wall is looked for; bylines and buttons to share come first
_BEFORE = 3  # blocks before the end of the text: a wall may stand between its last two paragraphs
_ENOUGH = 2  # signs

# The rest of this very article is for those who pay or log in.
_WALL = re.compile(
    phrases(r"""
        (?:subscribe|register|sign (?:up|in)|log ?in|upgrade|join)\b.{0,60}\bto (?:continue|keep|finish) reading
        (?:subscri|regist|sign (?:up|in)|log ?in|join|buy|pay)\w*\b.{0,50}\bto read (?:the )?(?:rest|full|more)
        (?:subscri|regist|sign (?:up|in)|log ?in|join|buy|pay)\w*\b.{0,50}\bto (?:read|view|see|unlock) (?:the|this)
        (?:subscri|regist|sign (?:up|in)|log ?in|join|buy|pay)\w*\b.{0,50}\baccess (?:the full|this)
        (?:continue|keep|finish) reading\b.{0,40}\b(?:subscri|free account|log ?in|sign ?in|register|trial|membership)
        to (?:continue|keep|finish) reading\b.{0,60}\b(?:subscri|log ?in|sign|register|account|member|join|buy)
        (?:article|story|content|post)\b.{0,20}\b(?:is|are) .{0,30}\b(?:for|to) .{0,20}\b(?:subscribers|members)\b
        rest of this (?:article|story|post)\b.{0,40}\b(?:subscri|member|paid|log ?in|locked)
        you(?:['’]ve| have) (?:reached|hit|used|read)\b.{0,60}\b(?:free articles?|free stories|limit)
        unlock (?:this|the (?:full|rest)|full) (?:article|story|access)
        subscribe\b.{0,40}\bfor (?:the )?(?:full|complete) (?:story|article|access to this)
        preview of (?:subscription|premium|subscriber) content  this (?:article|story|post) is for (?:paying|paid)
        already a (?:subscriber|member)\? (?:log|sign) ?in to (?:read|continue)
        (?:artikel|beitrag|text)\b.{0,40}\b(?:weiter|frei|ganz)?(?:lesen|schalten)\b.{0,40}\b(?:abo|registrier|anmeld|plus)
        (?:möchten|wollen) sie (?:diesen artikel )?weiterlesen  (?:jetzt|gleich|sofort)\b.{0,30}\bweiterlesen\W*$
        (?:abonnieren|anmelden|registrieren|einloggen|testen)\b.{0,30}\bund\b.{0,20}\b(?:weiter|alles )?lesen
        (?:artikel|beitrag|inhalt)\b.{0,30}\bnur (?:für|mit)\b.{0,20}\b(?:abo|mitglied|registriert)
        um (?:diesen artikel )?weiter ?zu ?lesen
        (?:article|contenu)\b.{0,20}\best (?:exclusivement )?réservé  il vous reste \d+ ?%  la suite est réservée
        abonnez-vous pour (?:lire|continuer|accéder|découvrir)  pour (?:lire la suite|continuer (?:la|votre) lecture)
        (?:suscr[ií]b|reg[ií]str|inicia sesi)\w*\b.{0,40}\bpara (?:seguir|continuar|leer|acceder)
        para (?:seguir|continuar) leyendo
        (?:contenido|artículo|nota) (?:es )?(?:exclusiv[oa]|s[óo]lo|reservad[oa]) para .{0,10}(?:suscript|usuarios reg)
        abb[óo]nati per (?:continuare|leggere|proseguire)  (?:contenuto|articolo) (?:è )?riservato agli abbonati
        per continuare (?:la lettura|a leggere)
        (?:assine|cadastre-se|faça login)\b.{0,40}\bpara (?:continuar|ler|ter acesso)
        (?:conteúdo|matéria|texto) (?:é )?exclusiv[oa] para assinantes
        para continuar lendo
        (?:dit|het) artikel\b.{0,40}\b(?:alleen|exclusief) voor (?:abonnees|leden)  om (?:dit artikel )?verder te lezen
        word abonnee om
        (?:dalsz[ay]|pozostał[ay]|pełn[ay]) (?:część|treść|wersja)\b.{0,40}\b(?:dostępn|subskry|prenumer|abonament)
        pozostało \d+ ?%
        aby (?:czytać|przeczytać)\b.{0,40}\b(?:dalej|całość|subskry|zaloguj|prenumer)
        for at (?:læse|lese) (?:denne|artiklen|hele|videre|resten|saken)  for å lese (?:denne|hele|videre|resten|saken)
        för att läsa (?:hela|vidare|artikeln|resten)
        (?:artikeln|artiklen|saken) är? (?:endast |kun |bare )?för prenumeranter
        (?:оформите|купите) подписку
        (?:полный текст|продолжение|материал|статья)\b.{0,40}\bтолько (?:по подписке|подписчик|для подписчик)
        доступ\w* только (?:по подписке|подписчик|зарегистрир)  чтобы (?:читать дальше|продолжить чтение|дочитать)
        devamını okumak için  abone(?:lere)? özel
        (?:以下|余下|餘下|剩余|剩餘|后续|後續|完整|全部)的?(?:内容|內容|全文|正文|部分).{0,14}(?:付费|付費|订阅|訂閱|会员|會員|登录|登入|购买|購買)
        (?:付费|付費|订阅|訂閱|登录|登入|登陆|购买|購買|开通会员|开通VIP|加入會員|成为会员|成為會員)[后後]?(?:即可|可|，|,|以)?(?:继续|繼續|查看|阅读|閱讀|解锁|解鎖|浏览)(?:全文|完整|更多|剩余|余下|阅读|閱讀|本文|文章)
        (?:阅读|閱讀|查看|解锁|解鎖|继续阅读|繼續閱讀)(?:全文|本文|完整).{0,8}(?:请|請|需|须).{0,6}(?:付费|付費|订阅|訂閱|登录|登入|购买|購買|会员|會員)
        (?:本文|此文|该文|本篇|文章|内容|內容)[为為是仅僅限].{0,8}(?:付费|付費|会员|會員|订阅|訂閱|订户|訂戶|VIP)
        (?:会员|會員|订户|訂戶|付费用户)(?:专享|專享|专属|專屬|限定)(?:文章|内容|內容|全文)
        この記事は.{0,6}(?:有料)?会員(?:限定|専用|向け)
        残り\s*[\d,０-９]+\s*文字  (?:続き|全文)を(?:読む|お読みいただく|ご覧になる)に?は
        登録すると続きを  (?:有料)?会員に?(?:登録|なる)(?:すると|と|して).{0,10}(?:続き|全文)  ログインして(?:続き|全文)
        (?:유료|구독자?|회원|멤버십)\s?(?:회원|독자)?\s?(?:전용|전문)\s?(?:기사|콘텐츠)?입니다
        (?:로그인|구독|가입|결제)\s?(?:후|하시면|하면|하고).{0,14}(?:읽|볼 수|보실|이용)
    """),
    re.I,
)  # fmt: skip
# Lines for those who pay, which stand under whole articles too.
_FOR_READERS = re.compile(
    phrases(r"""
        already (?:a |an )?(?:subscribe|member|paid)  ^(?:exclusive(?:ly)? )?(?:for|to) (?:our )?subscribers
        subscribers?[ -](?:only|exclusive)  members?[ -]only
        (?:subscribe|register|log ?in|sign in)\b.{0,30}\bto (?:read|continue|access)
        (?:exklusiv|nur) für (?:\S+[ -])?abonnent  bereits abonn
        réservée?s? aux? (?:abonnés|inscrits)  déjà (?:abonné|inscrit)
        (?:exclusivo|s[óo]lo) para suscriptores  ya (?:eres|soy|es) suscriptor
        (?:exclusivo|s[óo]) para assinantes  já é assinante
        riservato agli abbonati  (?:sei )?già abbonato  alleen voor abonnees  al abonnee
        tylko dla (?:subskryb|prenumer|abonent)
        kun for abonnent  endast för prenumerant  только (?:для подписчиков|по подписке)
        (?:会员|會員|订户|訂戶|付费|付費)(?:专享|專享|专属|專屬|阅读|閱讀|可读)
        有料会員  会員限定  유료\s?(?:회원|구독|기사)
    """),
    re.I | re.M,
)  # fmt: skip
# Every line of both tables holds one of these: the tables are long, and nearly all lines hold none.
_STEMS = (
    "reading", "subscri", "regist", "sign up", "sign in", "log in", "login", "join ", "buy ", "pay ", "members",
    "rest of this", "’ve ", "'ve ", "you have", "unlock", "preview of", "paying", "for paid", "already ", "lesen",
    "schalten", "nur für", "nur mit", "bereits abo", "réserv", "il vous reste", "la suite", "abonn", "pour continuer",
    "déjà ", "para ", "continuare", "abbon", "riservato", "assinante", "verder te", "dalsz", "pozosta", "pełn", "aby ",
    "tylko dla", "for at l", "for å lese", "för att läsa", "prenumerant", "подпис", "только", "чтобы", "devamını",
    "abone", "付费", "付費", "订阅", "訂閱", "会员", "會員", "登录", "登入", "登陆", "购买", "購買", "订户", "訂戶",
    "vip",
    "会員", "続き", "残り", "有料", "유료", "구독", "회원", "멤버십", "로그인", "가입", "결제",
)  # fmt: skip
_WALL_NAME = re.compile(
    r"pay-?wall|reg(?:istration)?-?wall|subscribers?[-_]?(?:only|wall|gate)|metered|locked[-_]?(?:content|article)"
    r"|(?:content|article|premium|login|article__)[-_]?(?:gate|wall|barrier|overlay)\b|\bgate__|piano-(?:offer|paywall)",
    re.I,
)
_CUT = re.compile(r"(?:\.\.\.|…)[\"'”’»)\]」』]*\s*$")


def is_teaser(paragraphs: Sequence[str], boxes: Boxes, found: Sequence[Block], *, free: bool | None) -> bool:
    """Tell whether the text is only the beginning of its article, and the rest stands behind a wall.

    paragraphs  the text that was read as the article
    boxes       of the page, and `found`, its blocks, as `blocks.read` gives them
    free        what linked data say (isAccessibleForFree); None: nothing
    """
    if sum(map(len, paragraphs)) >= _LONGEST:
        return False
    letters = sum(map(blocks.size, paragraphs))
    if not 0 < letters < _LONGEST:
        return False
    end = _end(paragraphs, found)
    around = found[max(0, end - _BEFORE) : end + 1 + _BEHIND]
    near = [block.text for block in around if _may_tell(block.text) and not _hidden(boxes, block.box)]
    if any(_WALL.search(text) for text in near) or any(map(is_wall, paragraphs[-_BEFORE - 1 :])):
        return True
    if letters >= _SHORT:
        return False
    signs = (
        free is False,
        _CUT.search(paragraphs[-1][-12:]) is not None,
        any(len(text) <= _WALL_LINE // 3 and _FOR_READERS.search(text) for text in near),
    )
    return sum(signs) >= _ENOUGH or (sum(signs) == _ENOUGH - 1 and _walled(boxes, found, end))


def is_wall(line: str) -> bool:
    """Tell whether a line of text says that the rest is for those who pay, register or log in."""
    return _may_tell(line) and _WALL.search(line) is not None


def _may_tell(text: str) -> bool:
    if len(text) > _WALL_LINE:
        return False
    return any(map(text.lower().__contains__, _STEMS))


def _end(paragraphs: Sequence[str], found: Sequence[Block]) -> int:
    """Find the block that ends the text; -1 where the text came from elsewhere."""
    last = paragraphs[-1]
    return next((number for number in range(len(found) - 1, -1, -1) if found[number].text == last), -1)


def _hidden(boxes: Boxes, number: int) -> bool:
    while number >= 0:
        if number in boxes.hidden:
            return True
        number = boxes.parents[number]
    return False


def _walled(boxes: Boxes, found: Sequence[Block], end: int) -> bool:
    """Tell whether a box behind the text is named as a wall; one around the text may hold the whole article."""
    if end < 0:
        return False
    first = found[end].box + 1
    behind = found[end + 1 : end + 1 + _BEHIND]
    until = max((block.box for block in behind), default=len(boxes) - 1)
    return any(
        _WALL_NAME.search(words) and number not in boxes.hidden
        for number, words in enumerate(boxes.words[first : until + 1], first)
    )
