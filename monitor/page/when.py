"""When an article was published: the most reliable of the dates that a page gives, with the offset it is given in.

The claims stand in the order of how often they were right, measured over pages of many sites: linked data and <meta>
(.90 to .97), microdata (.92), lines near the headline (.92), the address (.95, but few have it), elements whose class
names a date (.79), the one date that stands alone in the text (.70).  A day that stands alone right behind the headline
and is much earlier than the stated one was right five times as often as not: the page was moved since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .. import dates
from ..dates import Instant

# Names of <meta> as letters and digits ("article:published_time" -> "articlepublishedtime"), the most reliable first.
PUBLISHED = (
    "articlepublishedtime", "datepublished", "ogpublishedtime", "ogarticlepublishedtime", "articlepublished",
    "parselypubdate", "sailthrudate", "publishdate", "publisheddate", "publishedat", "publicationdate", "pubdate",
    "publishtime", "publishedtime", "published", "datepub", "iso8601publishdate", "cxenseparserecspublishtime",
    "cxenseparserecspublishedtime", "cxenseparsepublishtime", "dcdateissued", "dctermsissued", "dctermscreated",
    "dcdatecreated", "dcissued", "prismpublicationdate", "articledateoriginal", "originalpublicationdate", "ogpubdate",
    "firstpublished", "datefirstpublished", "btpubdate", "weiboarticlecreateat", "datecreated", "createddate",
    "createdate", "articlecreated", "dccreated", "displaydate", "aputime", "ogreleasedate",
    "citationpublicationdate", "citationonlinedate", "creationdate", "created", "timestamp",
)  # fmt: skip
UNSURE = ("dctermsdate", "dcdate", "date")  # of one state of the page; what it shows its readers is right more often
MODIFIED = (
    "articlemodifiedtime", "datemodified", "ogupdatedtime", "ogmodifiedtime", "ogarticlemodifiedtime", "lastmodified",
    "dctermsmodified", "dcdatemodified", "dcmodified", "lastmod", "modifiedtime", "modifieddate", "articleupdated",
    "articleupdatedtime", "articleupdatetime", "updatedtime", "updated", "dateupdate", "dateupdated", "btmoddate",
    "cxenseparsemodifiedtime", "weiboarticleupdateat",
)  # fmt: skip

_PUBLISHED_WORD = re.compile(
    r"\b(?:first )?(?:publish(?:ed|ing)?(?: date)?|posted|date published|publication date|pub\.? ?date|released|"
    r"ver[öo]ffentlicht|erschienen|erstellt|publi[ée]e?|publication|publicado|publicada|publicaci[óo]n|pubblicato|gepubliceerd|"
    r"geplaatst|publicerad|publisert|publiceret|julkaistu|opublikowan\w+|publikacja|data dodania|dodano|vydáno|"
    r"публикован\w*|опубликован\w*|дата|δημοσίευση|δημοσιεύ\w+|yayın\w*|közzétéve|publicat|objavljeno)\b"
    r"|发布|發布|发表|發表|時間|时间|日期|公開|掲載|投稿|配信|入力|입력|등록|게시|תאריך|نشر|प्रकाशित",
    re.I,
)
_MODIFIED_WORD = re.compile(
    r"\b(?:last )?(?:updat\w+|modifi\w+|edited|revised|reviewed|aktualisiert|ge[äa]ndert|[äa]nderung|bearbeitet|stand|"
    r"actuali[sz]ad[oa]|mis(?:e)? à jour|modificat[oa]|aggiornat[oa]|atualizad[oa]|bijgewerkt|gewijzigd|"
    r"zaktualizowan\w+|aktualizacja|обновлен\w*|изменен\w*|оновлен\w*|güncelle\w*|ενημερώ\w+|τελευταία|uppdaterad|oppdatert|opdateret|"
    r"päivitetty|frissítve|aktualizov\w+|copyright|cookie)\b|更新|修改|수정|©|עודכן|تحديث|अपडेट",
    re.I,
)
_OTHER_WORD = re.compile(  # of the day somebody became a member of a forum
    r"\b(?:regist(?:riert|ered|rado)|joined|(?:member|mitglied)\s(?:since|seit)|inscrit)\b|注册时间", re.I
)
_HAS_DATE = re.compile(r"\d{4}|\d\s?[./-]\s?\d")
_NAME = re.compile(r"[^\W\d_]{3,}")
_LONGEST_TEXT = 160
_SHORTEST_DATE = 6
_LONGEST_ALONE = 40
_MOST_LINES = 60  # of a page's text
_PLACES_TRIED = 12  # elements
_TRUSTED_DAYS = timedelta(days=2)  # a shown date further from the address's is the date of something else
_FAR_EAST, _FAR_WEST = 14, -11  # hours from UTC
_SAME = timedelta(seconds=60)  # between two statements of one instant; pages show whole minutes
_STEP = 1800  # seconds: nearly all offsets from UTC are whole half-hours

_URL_DATE = re.compile(
    r"(?<=/)(?:19|20)\d\d/(?:[a-z]{3}|\d{1,2})/\d{1,2}(?!\w)"
    r"|(?<!\d)(?:19|20)\d\d[-_./]?[01]\d[-_./]?[0-3]\d(?!\d)"
    r"|(?<!\d)[0-3]\d([-_.])[0-3]\d\1(?:19|20)\d\d(?!\d)",
    re.I,
)
_URL_MARK = re.compile(r"[-_./]")
_DATA_NAME = b"ublish"  # in datePublished, published_at, publishDate and their like
_DATA_DATE = re.compile(
    rb"""ublish(?:ed)?(?:_?(?:date|at|time|on))?(?:&quot;|\\?["'])?\s*:\s*(?:\[0,)?(?:&quot;|\\?["'])([^"'&\\<>]{8,40})""",
    re.I,
)
_MOST_NAMES = 60  # looked at in a page's data
_PLACES = "[class*='date' i],[class*='time' i]"
# How telling the word in an element's class or id is; the first that fits counts.
_PLACE_RANKS = (
    re.compile(r"publish|pub-?date|post-?date|entry-?date|article-?date|posted", re.I),
    re.compile(r"date", re.I),
    re.compile(r"time", re.I),
    re.compile(r""),
)
_ELSEWHERE = re.compile(
    r"comment|related|sidebar|footer|recommend|most-?read|popular|latest|teaser|widget|promo|ticker|update|modif|copyright|"
    r"weather|event|card\b|nav", re.I,
)  # fmt: skip
_ELSEWHERE_TAGS = frozenset({"aside", "footer", "nav"})
_ANCESTORS = 6


def first_date(claims: Iterable[str | None], *, day_first: bool) -> Instant | None:
    """Read the first claim that is a date; None: none is."""
    for claim in claims:
        found = dates.instant(claim, day_first=day_first) if claim else None
        if found:
            return found
    return None


def named(metas: Mapping[str, str], names: Sequence[str]) -> Iterable[str]:
    """List what <meta> of these names say, in the names' order."""
    return (metas[name] for name in names if metas.get(name))


def in_lines(lines: Iterable[str], *, day_first: bool, updates: bool = False) -> Instant | None:
    """Read the date out of the short lines near a headline: one called published, else one called nothing.

    updates  take also what is called an update
    """
    bare: Instant | None = None
    for line in lines:
        found, is_named = _in_line(line, day_first=day_first, updates=updates)
        if found and is_named:
            return found
        bare = bare or found
    return bare


def alone_in(lines: Iterable[str], *, day_first: bool) -> Instant | None:
    """Read the first of some lines that holds a date and no more, a weekday aside; None: none does."""
    for line in lines:
        if len(line) <= _LONGEST_ALONE and _HAS_DATE.search(line):
            names = [name for name in _NAME.findall(line.casefold()) if name not in dates.MONTHS]
            found = _in_line(line, day_first=day_first)[0] if len(names) <= 1 else None
            if found:
                return found
    return None


def before(stated: Instant, shown: Instant | None) -> bool:
    """Tell whether a page shows a day well before the one it states, as it does when it was moved to a new system."""
    return shown is not None and stated[0] - shown[0] > _TRUSTED_DAYS


def _in_line(line: str, *, day_first: bool, updates: bool = False) -> tuple[Instant | None, bool]:
    if len(line) > _LONGEST_TEXT or not _HAS_DATE.search(line) or _OTHER_WORD.search(line):
        return None, False
    published, modified = _PUBLISHED_WORD.search(line), _MODIFIED_WORD.search(line)
    if published and modified and modified.start() < published.start():
        line = line[published.start() :]
    elif modified and not updates:
        line = line[: modified.start()]
    return dates.instant(line, day_first=day_first), published is not None


def in_places(tree: LexborHTMLParser, *, day_first: bool) -> Instant | None:
    """Read the date out of the elements whose class speaks of one, outside of other articles; None: none has any."""
    best: tuple[int, Instant] | None = None
    tried = 0
    for node in tree.css(_PLACES):
        attributes = node.attributes
        words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        rank = next(number for number, form in enumerate(_PLACE_RANKS) if form.search(words))
        if best and rank >= best[0]:
            continue
        found = _said_by(node, attributes, day_first=day_first)
        if found and not _is_elsewhere(node):
            best = rank, found
            tried += 1
        if best and (best[0] == 0 or tried > _PLACES_TRIED):
            break
    return best[1] if best else None


def _said_by(node: LexborNode, attributes: Mapping[str, str | None], *, day_first: bool) -> Instant | None:
    for name in ("datetime", "content", "title"):
        claim = attributes.get(name)
        if claim and (found := dates.instant(claim, day_first=day_first)):
            return found
    text = " ".join(node.text(separator=" ").split())
    return _in_line(text, day_first=day_first)[0] if text else None


def _is_elsewhere(node: LexborNode) -> bool:
    """Tell whether an element, or a box around it, names itself a part of something else than the article."""
    around: LexborNode | None = node
    for _ in range(_ANCESTORS):
        if around is None or around.tag in ("body", "main"):
            return False
        if around.tag in _ELSEWHERE_TAGS or _ELSEWHERE.search(around.attributes.get("class") or ""):
            return True
        around = around.parent
    return False


def in_text(tree: LexborHTMLParser, *, day_first: bool) -> Instant | None:
    """Read the one date that stands alone anywhere in a page's text; None: none does, or dates of several days do."""
    found: Instant | None = None
    text = tree.body.text(separator="\n", strip=True, skip_empty=True) if tree.body else ""
    for line in islice(_short_dated(text), _MOST_LINES):
        other = alone_in((line,), day_first=day_first)
        if found and other and found[0].date() != other[0].date():
            return None
        found = found or other
    return found


def _short_dated(text: str) -> Iterator[str]:
    """List the short lines of a text that begin or end with a number."""
    for line in text.split("\n"):
        if _SHORTEST_DATE <= len(line) <= _LONGEST_ALONE and (line[-1].isdigit() or line[0].isdigit()):
            yield line


def in_address(url: str, *, day_first: bool = True) -> Instant | None:
    """Read the day in an address's path; None: there is none.

    day_first  read 09-08-2021 as 9 August
    """
    try:
        path = urlsplit(url).path
    except ValueError:  # a file's name, or what somebody made up
        return None
    for match in _URL_DATE.finditer(path):
        written = match.group()
        mark = " " if written[5].isalpha() else "-"  # 2021/aug/12
        found = dates.instant(_URL_MARK.sub(mark, written), day_first=day_first)
        if found:
            return found
    return None


def in_data(page: bytes, *, day_first: bool) -> Instant | None:
    """Read the date of publication that a page's scripts or attributes hold as data, under one of its usual names.

    page  as UTF-8
    """
    at = page.find(_DATA_NAME)
    for _ in range(_MOST_NAMES):
        if at < 0:
            break
        match = _DATA_DATE.match(page, at)
        found = dates.instant(match[1].decode(errors="replace"), day_first=day_first) if match else None
        if found:
            return found
        at = page.find(_DATA_NAME, at + 1)
    return None


def with_offset(stated: Instant, others: Iterable[Instant | None], days: Iterable[Instant | None]) -> Instant:
    """Put an instant that is stated in UTC on the clock of the page, where the page shows that clock elsewhere.

    stated  the date of publication
    others  other statements of dates; one of the same instant, or the same minute of another hour, tells the offset
    days    the day that the headline's lines or the address give, for want of a clock
    Returns the same instant; its offset is the page's where it is known, else the least that makes its day the page's
    """
    moment, is_day = stated
    if is_day or moment.utcoffset():
        return stated
    for other in others:
        if other and other[0].utcoffset() and abs(other[0].replace(tzinfo=moment.tzinfo) - moment) < _SAME:
            return other  # one clock: what was stated without its offset was not in UTC
        offset = _offset(moment, other) if other else None
        if offset:
            return moment.astimezone(timezone(offset)), False
    for day in days:
        if day and (offset := _reaching(moment, day[0])):
            return moment.astimezone(timezone(offset)), False
    return stated


def _offset(moment: datetime, other: Instant) -> timedelta | None:
    """Tell by how much the other statement's clock is ahead, if both mean one instant."""
    shown, is_day = other
    if is_day:
        return None
    if shown.utcoffset():
        return shown.utcoffset() if abs(shown - moment) < _SAME else None
    ahead = shown - moment
    steps = round(ahead.total_seconds() / _STEP) * timedelta(seconds=_STEP)
    is_offset = timedelta(hours=_FAR_WEST) <= steps <= timedelta(hours=_FAR_EAST)
    return steps if steps and is_offset and abs(ahead - steps) < _SAME else None


def _reaching(moment: datetime, day: datetime) -> timedelta | None:
    between = (day.date() - moment.date()).days
    if between == -1:
        hours = -(moment.hour + 1)
    elif between == 1:
        hours = 24 - moment.hour
    else:
        return None
    return timedelta(hours=hours) if _FAR_WEST <= hours <= _FAR_EAST else None


def together(near: Instant | None, dated: Instant | None) -> Instant | None:
    """Choose between a line near the headline and the first dated element: the line, unless the other is more exact."""
    if not near or not dated:
        return near or dated
    is_same = abs(near[0] - dated[0]) <= timedelta(hours=_FAR_EAST) or near[0].date() == dated[0].date()
    return dated if is_same and not dated[1] else near


def agreed(shown: Instant | None, address: Instant | None) -> Instant | None:
    """Choose between the date that a page shows and the one in its address: far from the address's it is another's."""
    if shown and address and abs(shown[0] - address[0]) > _TRUSTED_DAYS:
        return address
    return shown or address
