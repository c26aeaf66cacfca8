"""Who wrote an article: the people in a byline, without the words, roles and outlets around them.

No rule names a person or a site.  Names are told from other words by their capitals, where the script has any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..dates import MONTHS

_LONGEST_CLAIM = 240
_LONGEST_NAME = 60
_LONGEST_LINE = 100
_MOST_WORDS = 6
_MOST_PEOPLE = 8
_MOST_PLAIN = 4
_MOST_INITIALS = 4  # letters: a word of capitals as short as this is an agency or a desk
_NEAR = 5  # lines below the headline
_LEAST_LABEL = 5  # letters of a site's name that may stand inside of an author's and make it the outlet

# A byline's first words, in the languages that put one; then the labels that want a colon; then those of Chinese.
_BY = re.compile(
    r"^[\s\-–—|•·,:/©]*(?:(?:"
    r"(?:(?:written|posted|published|story|report|reported|text|article|words|opinion|analysis|review|column|created|"
    r"submitted)\s+)?by"
    r"|(?:eine?\s+\w+\s+|(?:blog[ -]?)?(?:beitrag|artikel|kolumne|kommentar|interview|essay|gastbeitrag|bericht|text|"
    r"analyse|pressemitteilung|wortlaut)\s+|im wortlaut |geschrieben |ver[öo]ffentlicht )?von"
    r"|(?:publi[ée]e? |[ée]crit |propos recueillis )?par|(?:escrito |publicado |redactado )?por|(?:scritto |a cura )?di"
    r"|(?:geschreven |gepost )?door|skrevet av|av|af|przez|napisa[łl]a?|του|της|γράφει(?: [οη])?"
    r")(?:\s*[:：]\s*|\s+|(?<=by)(?=(?-i:[A-Z])))(?=\S)"
    r"|(?:autor(?:in|a|es|zy|ka|ius)?|authors?|author\(s\)|auteurs?|autore|автор(?:ы)?|текст|συντάκτης|επιμέλεια|"
    r"redaktion|text(?:\s(?:&|und)\s(?:fotos?|bilder))?|texte|testo|texto|tekst|tekijä|skribent|journalist|reporters?|"
    r"writers?|byline|yazar|haber|tác giả|penulis|oleh|kirjoittaja|szerző|作者|記者|记者|本报记者|本報記者|文|撰文|"
    r"采写|撰稿|執筆|著者|取材・文|글|기자)\s*[:：|/／]\s*(?=\S)"
    r"|autor(?:in)?\s(?=(?-i:[A-ZÄÖÜ]))"
    r"|(?:本报|本報|本网|新华社)?(?:记者|記者)\s*(?=\S))",
    re.I,
)
# A byline's words that may follow others on a line: "Posted on 3 May by A. Writer".
_BY_INSIDE = re.compile(
    r"^(?:posted|published|written|submitted|updated|created|veröffentlicht|erstellt|geschrieben|publié|publicado|"
    r"dieser artikel wurde|\d|[^\W\d_]{3,9}\.? \d).{0,60}?\b(?:by|von|par|por|door|av)\s+",
    re.I,
)
_LABEL_ALONE = re.compile(
    r"^\W*(?:(?:written |posted |published )?by|von|par|por|door|autor(?:in|a)?|authors?|auteur|автор|作者|記者|记者|"
    r"写的人|著者|執筆者?)\W*$",
    re.I,
)
_AND = re.compile(r"\s*(?:;|\s&\s|\s\+\s|\s(?:and|und|et|y|e|en|och|og|i|и|και|ve|a|şi|și|with|mit|im Gespräch mit)\s"
                  r"|、|，|/|／|\n)\s*")  # fmt: skip
_CUT = re.compile(r"\s*(?:[|｜•·⋅»]|\s[-–—]\s|\s[-–—](?=[A-Z])|\(|\[|（|【|<|✉|→|…).*$", re.S)
_AFTER_NAME = re.compile(
    r"(?:\s*\d|@|,?\s+\b(?:on|am|at|um|in|for|le|el|den|für|about|published|posted|updated|last|special|via|from|"
    r"as told|told|photo\w*|illustration|illustrated|photograph\w*|styled|video|edited|translated|reviewed|says|writes|"
    r"sagt|schreibt|geschrieben|aus|uit|im|filed)\b).*$",
    re.S | re.I,
)
_ROLE_WORD = (
    r"reporters?|editors?|correspondents?|writers?|contribut\w+|columnists?|journalists?|producers?|freelance\w*|"
    r"redakteur\w*|redaktion\w*|staff|senior|chief|director|founder|co-?founder|ceo|cto|president|professor|manager|"
    r"specialist|analyst|expert|author|autor|deputy|managing|executive|head of|coo|cfo|reviewer|"
    r"contributor|lead|fellow|intern|photographer|"
    r"korrespondent\w*|chefredakteur\w*|journalistin|periodista|redactora?|corresponsal|journaliste|giornalista|"
    r"dziennikarz|редактор|корреспондент|обозреватель|журналист|记者|編集|編集部|기자"
)
_ROLE = re.compile(rf"(?:,|\s[-–—]|\()?\s*\b(?:{_ROLE_WORD})\b.*$", re.I)
_ROLE_AHEAD = re.compile(
    r"^(?:[\w-]*-(?:expert|redakteur|reporter|autor|korrespondent)\w*|reporter|journalist\w*|redakteur\w*|"
    r"korrespondent\w*|columnist|correspondent|editor|autor(?:in)?|photographer|journaliste|periodista)\s+(?=(?-i:[A-ZÀ-Þ]))",
    re.I,
)
_CREDENTIAL = re.compile(
    r"(?:,?\s+(?:M\.?D|Ph\.?D|M\.?A|M\.?S|MPH|MSc|BSc|B\.?A|RN|RD|RDN|LD|JD|J\.D|MBA|CPA|CFP®?|DO|DDS|DVM|PA-C|CFA|LCSW|"
    r"PsyD|EdD|NP|FNP|CPT|MFA|CSCS|Esq)\.?)+(?=,|\s|$).*$"
)
_EMAIL = re.compile(r"\S+(?:@|\[at\]|\(at\))\S+\.\w+")
_GROUP = re.compile(
    r"\b(?:media|news|newsroom|journal|times|tribune|herald|press|agency|magazine|magazin|zeitung|nachrichten|gmbh|inc|"
    r"llc|ltd|corp|verlag|university|staff|team|redaktion|editors?|editorial|desk|network|tv|radio|online|sponsored|"
    r"board|department|ministry|association|institute|foundation|stiftung|blog|wire|services?|reuters|afp|dpa|ap|"
    r"bloomberg|e\.?v|редакция|новости|агентство|agencia|redacci[oó]n|redazione|rédaction|redakcja|redakce|ajansı)\b"
    r"|\.(?:com|org|net|de|tv|info)\b|[社报網网]$|编辑部|編集部|通信$",
    re.I,
)
_DESK = re.compile(  # an office that signs ("Senior Travel Editor")
    r"^(?:the )?(?:content|travel|executive|senior|junior|chief|managing|guest|contributing|sports?|digital|web|photo|"
    r"lifestyle|science|business|politics|deputy|associate|assistant|head|political|foreign|economics|technology|video)\b"
    r".*\b(?:writer|editor|reporter|correspondent|author|contributor|columnist|producer|redakteur|redaktion)s?$",
    re.I,
)
_STAFF = re.compile(
    r"^(?:the )?(?:staff|staff (?:writer|reporter)s?|admin\w*|webmaster|editors?|guest|user|unknown|anonymous|online|"
    r"author|autor|null|none|undefined|not specified|n/?a|sponsored|gast|gastautor|contributor|super user)$",
    re.I,
)
_NOT_NAME = re.compile(
    r"^[+＋]?\s*(?:关注|關注|订阅|訂閱|追蹤|追踪|フォロー|팔로우|구독)$|https?:|www\.|@|[{}<>=*\\:：]|\d{3,}|^\d|^\w+\.\w+\.\w+|\b(?:view|more|posts?|profile|follow|e-?mail|twitter|facebook|"
    r"linkedin|instagram|rss|share|comments?|reply|subscribe|unsubscribe|read|reading|minutes?|all articles|full bio|"
    r"see|about|click|here|name|published|updated|written|advertisement|anzeige|photos?|bild|fotos?|grafik|image|credits?|getty|"
    r"text size|font size|source|"
    r"contact|kontakt|alle|artikel|zeige|beitr[äa]ge|mehr|über|antworten|zitieren|kommentare?|sagt|says|anmelden|"
    r"weitere|folgen|teilen|disclosure|newsletter|sign in|log in|copyright|rights reserved|privacy|gesponserte|"
    r"links?|leave)\b",
    re.I,
)
_PARTICLES = frozenset({
    "abu", "af", "al", "av", "ben", "bin", "bint", "d'", "da", "das", "de", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "e", "el", "ibn", "in", "la", "las", "le", "lo", "los", "mac", "of", "'t", "ten", "ter", "the",
    "van", "vande", "vanden", "ver", "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_CJK_NAMES = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,4}(?:\\s+[\u3400-\u4dbf\u4e00-\u9fff]{2,4})+")
_SIMPLE = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?: (?:Mc|Mac|O['’])?[A-Z][a-z]+){1,2}")
_PLAIN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?|[^\W\d_]\.")
_DATED = re.compile(  # a date, and the weekday and clock beside it
    r"(?:\b(?:on|am|den|le|el)\s)?(?:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s)?"
    r"(?:\b\d{1,2}(?:st|nd|rd|th|\.)?\s?(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?(?:19|20)\d\d"
    r"|\b[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d|\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d"
    r"|\b(?:19|20)\d\d[./-]\d\d?[./-]\d\d?)"
    r"(?:[,\s]+(?:at|um|à)?\s?\d{1,2}[:.h]\d\d(?:\s?(?:uhr|[ap]\.?m\.?))?(?:\s[A-Z]{2,4})?)?",
    re.I,
)
_KEY = re.compile(r"[\W_]+")
_WORD_AND_NUMBER = re.compile(r"(?<=\w)[\s,·|]+([^\W\d_]{3,12})\.?,?\s\d")
_GLUED = re.compile(  # a date or a link that lost the blank in front of it
    r"(?<=[a-zà-ÿ])(?=(?:January|February|March|April|June|July|August|September|October|November|December|Twitter|Published|"
    r"Updated|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[.\s]\s?\d))"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """Who a byline names.

    people  in order, without roles
    groups  outlets, agencies, teams: authors only where nobody else is
    """

    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def read(claims: Iterable[str], *, sites: Sequence[str] = ()) -> Byline:
    """Take the authors out of the bylines of one place.

    claims  texts of one or more people each, as a page gives them
    sites   the outlet's names and its host: no people

    >>> read(["By Maria Writer and Tom Scribe, Chief Reporter"]).people
    ('Maria Writer', 'Tom Scribe')
    """
    people: dict[str, str] = {}
    groups: dict[str, str] = {}
    labels = _labels(tuple(sites))
    for claim in claims:
        if len(claim) > _LONGEST_CLAIM or "://" in claim or _LABEL_ALONE.match(claim):
            continue
        for name in _names(claim):
            found = groups if _is_site(name, labels) or _is_group(name) else people
            found.setdefault(name.casefold(), name)
    return Byline(_distinct(people), tuple(groups.values()))


def in_lines(lines: Sequence[str], *, sites: Sequence[str] = ()) -> Byline:
    """Find the authors in short lines near a headline: lines that begin as bylines do in one of many languages.

    lines  in the page's order; a line "By" names whom the next one names
    """
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            continue
        claim = _after_by(line)
        is_all = claim is not None and len(line.split()) == 2  # "by someone" needs no capital
        if claim is None and _LABEL_ALONE.match(line) and number + 1 < len(lines):
            claim = lines[number + 1]
        if claim:
            found = read([claim], sites=sites)
            people = tuple(name for name in found.people if is_all or _is_written_as_name(name))
            if people or found.groups:
                return Byline(people, found.groups)
    return Byline()


def beside_date(lines: Sequence[str], *, sites: Sequence[str] = ()) -> Byline:
    """Find a name that stands by itself on a line next to the date, or on the line of the date, below a headline.

    lines  in the page's order
    """
    near = lines[:_NEAR]
    for number, line in enumerate(near):
        rest = _DATED.sub(" ", line)
        beside = rest != line or any(_DATED.search(one) for one in near[max(0, number - 1) : number + 2])
        name = rest.strip(" ,.|•·-–—/")
        if beside and is_plain_name(name):
            found = read([name], sites=sites)
            if found.people == (name,):
                return found
    return Byline()


def is_plain_name(text: str) -> bool:
    """Tell whether text is two to four words of letters, each written as a name is."""
    words = text.split()
    return (
        2 <= len(words) <= _MOST_PLAIN and _is_written_as_name(text) and all(_PLAIN.fullmatch(word) for word in words)
    )


def _after_by(line: str) -> str | None:
    match = _BY.match(line) or _BY_INSIDE.match(line)
    return line[match.end() :] if match and match.end() < len(line) else None


def _distinct(found: dict[str, str]) -> tuple[str, ...]:
    """Drop a name that is the beginning of a longer one ("Maria" next to "Maria Writer")."""
    kept = [
        name for key, name in found.items() if not any(other != key and other.startswith(key + " ") for other in found)
    ]
    return tuple(kept[:_MOST_PEOPLE])


def _names(claim: str) -> Iterator[str]:
    if _SIMPLE.fullmatch(claim) and not (_BY.match(claim) or _ROLE.search(claim) or _NOT_NAME.search(claim)):
        yield claim  # as most are: nothing to take away
        return
    text = " ".join(_GLUED.sub(" ", _EMAIL.sub(" ", claim)).replace("\u200b", "").split())
    text = _before_date(_without_by(text))
    head = _CUT.sub("", text)
    if not head or (len(head) < len(text) and len(head.split()) == 1 and not _CJK.search(head)):
        head = _CUT.sub("", text[len(head) :].lstrip(" |-–—•·»")) or head  # "site - Maria Writer"
    for part in _AND.split(head):
        for piece in _pieces(part):
            name = _bare(piece)
            if name:
                yield name


def _without_by(text: str) -> str:
    for _ in range(2):
        match = _BY.match(text)
        if not match or match.end() >= len(text):
            return text
        text = text[match.end() :]
    return text


def _pieces(part: str) -> Iterator[str]:
    """Split at commas where names stand between them; what follows a name there may be a role or a place."""
    if _CJK_NAMES.fullmatch(part.strip()):
        yield from part.split()
        return
    pieces = [piece.strip() for piece in part.split(",")]
    if len(pieces) == 1 or len(pieces[0].split()) == 1:
        yield part
        return
    yield pieces[0]
    for piece in pieces[1:]:
        if 2 <= len(piece.split()) <= 4 and _is_written_as_name(piece) and not _ROLE.search(piece):
            yield piece


def _bare(piece: str) -> str | None:
    name = _without_by(piece.strip())
    name = _ROLE_AHEAD.sub("", _CREDENTIAL.sub("", _AFTER_NAME.sub("", name)))
    bare = _ROLE.sub("", name)
    if len(bare.split()) > 1 or _CJK.search(bare):  # else it is all role: a desk that signs ("Travel Editor")
        name = bare
    name = name.strip(" ,.-–—:：|/'\"“”„«»*")
    if not 1 < len(name) <= _LONGEST_NAME or len(name.split()) > _MOST_WORDS:
        return None
    if _NOT_NAME.search(name) or _STAFF.match(name) or not any(letter.isalpha() for letter in name):
        return None
    return None if name.split()[0].casefold().strip(".") in MONTHS and len(name.split()) == 1 else name


def _before_date(text: str) -> str:
    """Cut at the first month that a number follows: "Theresa May" keeps her name, "Anna Berg May 3" loses the date."""
    for match in _WORD_AND_NUMBER.finditer(text):
        if match[1].casefold() in MONTHS:
            return text[: match.start()]
    return text


def _is_written_as_name(text: str) -> bool:
    """Tell whether every word begins as a name's does: with a capital, or in a script that has none."""
    words = text.split()
    if not 1 <= len(words) <= _MOST_WORDS or text.endswith((":", "?", "!")):
        return False
    named = [word for word in words if word.casefold() not in _PARTICLES]
    return bool(named) and all(_begins_a_name(word) for word in named)


def _begins_a_name(word: str) -> bool:
    letter = word.lstrip("'\"“„(‘")[:1]
    return letter.isalpha() and not letter.islower()


def key(name: str) -> str:
    """Reduce a name to its letters and digits, to compare it."""
    return _KEY.sub("", name.casefold())


def _is_group(name: str) -> bool:
    initials = name.isupper() and name.isalpha() and len(name) <= _MOST_INITIALS and not _CJK.search(name)
    return initials or bool(_GROUP.search(name) or _DESK.match(name) or _ROLE.match(name))


def is_site(name: str, sites: Sequence[str]) -> bool:
    """Tell whether a name is one of the outlet's, or holds one."""
    return _is_site(name, _labels(tuple(sites)))


@lru_cache(maxsize=256)
def _labels(sites: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for site in sites if (label := key(site))))


def _is_site(name: str, labels: tuple[str, ...]) -> bool:
    own = key(name)
    return any(own == label or (len(label) >= _LEAST_LABEL and label in own) for label in labels)
