"""The words by which pages tell what is not their article: names of elements, and how lines of furniture begin.

The tables are plain data: phrases (regular expressions) parted by two blanks or a line's end.  No site is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache


class Mark(IntEnum):
    """How surely an element's name says that it is something else than the article."""

    NONE = 0
    MAYBE = 1  # a designer's word that may stand for anything: "card", "gallery"
    OTHER = 2  # "related", "newsletter"
    NEVER = 3  # what readers wrote, and what lawyers wrote

    __hash__ = int.__hash__  # that of enums is written in Python


# Words in an element's class, id or role.
_NEVER = r"""
    cookies?  cookie-?\w+  consent  gdpr  privacy-?\w*  onetrust  ot-sdk\w*  optanon  truste  didomi  qc-cmp\w*
    sp-message\w*  comments?  comments?-?(?:list|section|area|form|body|text|thread|container)  disqus  respond
    replies  reply  reader-comments
"""
_OTHER = r"""
    shar(?:e|er|es|ing)(?!d)  social  follow(?:us)?  related  recommend(?:ed|ation|ations|s)?  recirc\w*  promos?
    promoted  promotion  newsletters?  subscri(?:be|ption|bers?)  sign-?up  footers?  foot  nav  navbar  navigation
    menus?  breadcrumbs?  crumbs?  ads?  adverts?  advertisements?  advertising  adslot  sponsor\w*  outbrain
    taboola  popular  trending  most-?read  most-?viewed  most-?popular  read-?more  read-?next  read-?also
    also-?read  up-?next  more-?from  more-?stories  more-?news  more-?on  see-?also  you-?may  you-?might  latest
    tag-?list  tag-?cloud  author-?(?:bio|box|info|card|about|desc\w*|profile)  about-?(?:the-?)?author  captions?
    credits?  modal  pop-?up  toolbar  pagination  pager  paging  prev-?next  next-?prev  votes?  poll  login
    log-?in  register  copyright  disclaimer  figcaption  toc  table-?of-?contents  byline  by-?line  dateline
    timestamp  pubdate  posted-?on  noprint  skip-?links?  feedback  donat(?:e|ion)  support-?us  contribute  search
    complementary  contentinfo  dialog  alert  tooltip  dropdown  mw-editsection  reflist  references  catlinks
    error-?message  reactions?  app-?download  visually-?hidden  sr-?only  screen-?reader\w*  aside
    pull(?:ed)?-?quotes?
"""
_MAYBE = r"""
    sidebars?  side-?bar  widgets?  tags?  topics?  keywords?  categories  bio  print  printable  hidden  overlay
    ratings?  paywall  banner\w*  cards?  carousel  slider  slideshow  gallery  metadata  post-?meta  entry-?meta
    article-?meta  meta  authors?  published  infobox  see-?more  player  transcript-?toggle  error  emoji
    correspondent  teasers?  hide  disclosure
"""

# How a line begins that is no part of the story.
_LINES = r"""
    read (?:more|also|next)\b  also read\b  see also\b  more (?:on this|from)\b
    related (?:articles?|stor|news|topics|links|content)  recommended (?:for|stor|articles?|reading|videos?)
    you may also  sign up  subscribe (?:to|now|for|here|today|and)  follow us  follow @  like us on  join us on
    share (?:this|on|via)\b  click here  download (?:the|our) .{0,20}app  this article (?:was|first|originally)
    originally published  filed under  print this  email this  leave a (?:comment|reply)  skip to\b  story continues
    article continues  continue reading  all rights reserved  our standards:  get the latest  don.t miss  have a tip
    lesen sie auch  mehr zum thema  alle rechte vorbehalten  (?:à )?lire aussi  tous droits réservés  lea también
    leer más  te puede interesar  leia (?:também|mais)  leggi anche  lees ook  läs också  les også  læs også
    czytaj (?:też|także|więcej)  zobacz (?:też|także)  polecamy  читайте также  читать также  смотрите также
    подпис(?:аться|ывайтесь)  поделиться  διαβάστε (?:επίσης|ακόμα|ακόμη)  δείτε (?:επίσης|ακόμα|ακόμη)  baca juga
    xem thêm  延伸閱讀  延伸阅读  相关阅读  相關新聞  相关新闻  责任编辑  责编  分享到  版权(?:所有|声明)  扫一扫
    更多精彩  関連記事  【関連  あわせて読みたい  관련기사  저작권  무단\s?전재
"""
# How a notice begins that belongs to the site, and may be long.
_NOTICES = r"""
    凡(?:注明|本网|本报|本站)  【?(?:免责|免責|版权|版權)(?:声明|聲明|说明)  特别(?:声明|提示)
    本(?:文|稿)(?:仅代表|所載|不代表|系转载)  以上(?:内容|文章)(?:仅代表|来自|来源)  (?:无断|無断)転載
    (?:무단\s?)?전재.{0,12}(?:재배포|금지)  все права (?:на|защищены)  (?:©|copyright|\(c\)).{0,60}(?:19|20)\d\d
    any use of materials  wszelkie prawa  alle rechte vorbehalten  todos los derechos  todos os direitos
    tous droits  tutti i diritti  our standards:  we use cookies  this website uses cookies
"""
# Labels: furniture where a colon, a name, a date or nothing follows.
_LABELS = r"""
    photos?  images?  pictures?  video  watch  listen  advertisement  advertising  sponsored  copyright  ©  \(c\)  ⓒ
    tags?  topics?  keywords?  source  sources
    (?:first |last )?(?:published|updated|posted|modified)(?: (?:in|by|on|at))?  comments?  loading  related
    recommended  credit  author  foto  fotos  quelle  bild  crédit  fuente  fonte  fot\.  źródło  фото  источник
    πηγή  φωτό  编辑  編輯  来源  來源  图  圖  记者  作者  编审  審核  원문  기자  写真
"""

# What heads the part of a page that comes after the article.
_TAILS = r"""
    related  recommended  read (?:more|next|also)  more (?:from|on|stories|news|like|in)\b  you (?:may|might)
    see also  also read  popular  trending  most (?:read|popular|viewed)  latest  top stories  up next  what to read
    don.t miss  editor.?s.? picks  comments?\b  \d+ comments?  leave a  join the  about the authors?  share this
    sign up  subscribe  newsletter  follow us  tags?\b  our journalism  trust principles  further reading
    references$  mehr zum thema  das könnte  lesen sie  kommentare  lire aussi  à lire  sur le même  commentaires
    te puede  más noticias  relacionad  comentarios  leia (?:também|mais)  leggi anche  commenti  lees (?:ook|meer)
    läs (?:mer|också)  czytaj  zobacz  komentarze  polecamy  читайте  также  похожие  комментари  другие новости
    по теме  σχετικ  διαβάστε  σχόλια  相关  相關  推荐  推薦  热门  熱門  延伸  评论  評論  更多  关联  関連
    おすすめ  人気  ランキング  관련  댓글  인기
"""


def phrases(table: str) -> str:
    """Join a table's phrases, parted by two blanks or a line's end, as alternatives of a regular expression."""
    return either(phrase for phrase in re.split(r"\s{2,}|\n", table) if phrase)


def either(forms: Iterable[str]) -> str:
    """Join regular expressions as alternatives, those of one first letter together: that is several times as fast.

    Alternatives that can match the same text keep their order only among those of their letter.
    """
    by_letter: dict[str, list[str]] = {}
    for form in forms:
        letter = form[:1] if form[:1].isalpha() and form[1:2] not in ("?", "*", "+", "{") else ""
        by_letter.setdefault(letter, []).append(form[len(letter) :])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())


def _words(table: str) -> re.Pattern[str]:
    """Find the table's words, where no letter stands before or behind."""
    return re.compile(rf"(?<![a-z])({either(table.split())})(?![a-z]|\d+[a-z])")


_ANY_NAME = _words(f"{_NEVER}\n{_OTHER}\n{_MAYBE}")
_NAMES = ((Mark.NEVER, _words(_NEVER)), (Mark.OTHER, _words(_OTHER)), (Mark.MAYBE, _words(_MAYBE)))
_LABELLED = r"\s*(?:[:：|/／]|[-–—]\s|by\b|courtesy|credit|via\b|\d|\W*$)"
_LINE = re.compile(rf"[\W_]*(?:(?:{phrases(_LINES)})|(?:{phrases(_LABELS)}){_LABELLED})", re.I)
_NOTICE = re.compile(rf"[\W_]*(?:{phrases(_NOTICES)})", re.I)
_BIO = re.compile(  # "Ana Ruiz is a senior reporter at The Daily Example. Follow her on Twitter @..."
    r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3} (?:is|was|covers|writes|reports) .{0,120}"
    r"(?:reporter|editor|correspondent|writer|journalist|columnist|covers|desk)\b.*"
    r"(?i:(?:follow|e-?mail|contact) (?:her|him|them)|(?:her|him|them) on (?:twitter|x)\b|can be reached|@\w)",
    re.S,
)
_TAIL = re.compile(rf"[\W_]*(?:{phrases(_TAILS)})", re.I)
_NO_NAME = (Mark.NONE, "")
_CAMEL = re.compile(r"(?=[A-Z])(?<=[a-z])")


@lru_cache(maxsize=2_000)
def named(words: str) -> tuple[Mark, str]:
    """Tell what an element's class, id and role say that it is, and the word that says so.

    >>> named("storyBody relatedLinks")
    (<Mark.OTHER: 2>, 'related')
    """
    found = _NO_NAME
    for word in words.split():
        mark = _named(word)
        if mark[0] > found[0]:
            found = mark
    return found


@lru_cache(maxsize=10_000)
def _named(word: str) -> tuple[Mark, str]:
    plain = word.lower()
    if plain != word:
        plain = _CAMEL.sub("-", word).lower()
    if _ANY_NAME.search(plain) is None:  # as of most: one look instead of three
        return _NO_NAME
    for mark, pattern in _NAMES:
        if match := pattern.search(plain):
            return mark, match[1]
    return _NO_NAME


def begins_line(text: str) -> bool:
    """Tell whether text begins as a line of furniture does: "Read more:", "Photo:", "Follow us"."""
    return _LINE.match(text) is not None


def is_notice(text: str) -> bool:
    """Tell whether text begins as a notice of the site does: who holds the rights, is not to blame, or wrote it."""
    return _NOTICE.match(text) is not None or _BIO.match(text) is not None


def heads_tail(text: str) -> bool:
    """Tell whether a short line heads what comes after an article: "Related stories", "Comments"."""
    return _TAIL.match(text) is not None
