"""The wire service that an article credits: in its dateline, its byline or its last line.

Naming an agency in a sentence ("told Reuters") is no credit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .furniture import either

# The name we file under: how it is written in credits, where that differs.
_NAMES = {
    "Reuters": "Thomson Reuters|路透社?",
    "AP": "Associated Press|The Associated Press|美联社|美聯社|АП",
    "AFP": "Agence France[- ]Presse|法新社|АФП",
    "Bloomberg": "Bloomberg News|Bloomberg L\\.P\\.|彭博社?",
    "UPI": "United Press International|合众国际社",
    "dpa": "DPA|Deutsche Presse-Agentur|德新社",
    "EFE": "Agencia EFE|埃菲社",
    "ANSA": "安莎社",
    "TASS": "ТАСС|ITAR-TASS|塔斯社",
    "Interfax": "Интерфакс",
    "RIA Novosti": "РИА Новости|俄新社",
    "Ukrinform": "Укринформ|Укрінформ",
    "Xinhua": "Xinhua News Agency|新华社|新華社|新华网|新華網",
    "China News Service": "CNS|中新社|中新网|中國新聞社|中国新闻社",
    "CNA": "Central News Agency|中央社",
    "Kyodo": "Kyodo News|共同社|共同通信",
    "Jiji": "Jiji Press|時事通信|时事社",
    "Yonhap": "Yonhap News(?: Agency)?|연합뉴스|韩联社|韓聯社",
    "PTI": "Press Trust of India",
    "ANI": "Asian News International",
    "IANS": "Indo-Asian News Service",
    "PA": "PA Media|Press Association",
    "AAP": "Australian Associated Press",
    "Canadian Press": "The Canadian Press",
    "Belga": "",
    "ANP": "",
    "NTB": "",
    "Ritzau": "",
    "STT": "",
    "PAP": "Polska Agencja Prasowa",
    "ČTK": "ČTK|CTK",
    "APA": "Austria Presse Agentur",
    "Keystone-SDA": "SDA|sda",
    "Lusa": "",
    "Agência Brasil": "",
    "Anadolu": "Anadolu Agency|Anadolu Ajansı|AA",
    "DHA": "",
    "ANA-MPA": "ΑΠΕ-ΜΠΕ|AMNA",
    "Antara": "ANTARA",
    "Bernama": "BERNAMA",
    "TTXVN": "VNA",
    "Notimex": "",
    "Europa Press": "",
}
_FILED = {written: name for name, more in _NAMES.items() for written in [name, *more.split("|")] if written}
_ANY = either(sorted(_FILED, key=len, reverse=True))
_EDGE = r"(?<![\w.])(?:the )?"
_SOURCE = "sources?|via|by|with|quelle|fonte|fuente|источник|来源|來源|出典"
_FIRST = 160  # letters of a paragraph in which a dateline stands
_LAST = 160  # letters that a closing credit has at most

_DATELINE = (
    re.compile(
        rf"[(（\[]\s*(?:[^()（）]{{0,20}}[\s/,])?({_ANY})(?:[\s/,][^()（）]{{0,20}})?\s*[)）\]]\s*(?:[-–—:.―]|--|$)"
    ),
    re.compile(rf"^\W{{0,3}}(?:[^\W\d_][\w .,/-]{{0,40}}[,.]?\s+)?({_ANY})\s*(?:[-–—―]{{1,2}}|:)\s"),
    re.compile(rf"[(（【]?({_ANY})[^()（）。]{{0,16}}[电電讯訊][)）】]?"),
    re.compile(rf"/({_ANY})/"),
)
_NAME = r"[^\W\d_a-zß-ÿ][\w'’.&-]*"
_UNLISTED = (  # agencies that no list knows, in the form of a dateline: "KATHMANDU, April 25 (Harbour Wire) - "
    re.compile(
        rf"^\W{{0,3}}(?:{_NAME}(?:[ ,/]+{_NAME}){{0,5}}(?:,?\s\d{{1,2}}(?:,?\s\d{{4}})?)?[,.]?\s+)?"
        rf"\((?![^)]*\.\w+\))({_NAME}(?:\s{_NAME}){{0,3}})\)\s*(?:--|[-–—―])\s"
    ),
    re.compile("^[（(【]?([\u3400-\u4dbf\u4e00-\u9fff]{2,6}社)[^()（）。，]{0,12}\\d{1,2}日[电電讯訊]"),
)
_CREDIT = (
    re.compile(rf"^\W*(?:{_SOURCE})?\s*[:：]?\s*{_EDGE}({_ANY})(?:/\w+)?\W*$", re.I),
    re.compile(rf"(?:©|\(c\)|copyright)\s*(?:\d{{4}}\s*)?{_EDGE}({_ANY})\b", re.I),
    re.compile(rf"[(（\[—–-]\s*(?:\w+/)?({_ANY})(?:/\w+)?\s*[)）\]]?\s*$"),
)  # fmt: skip
_BYLINE = re.compile(rf"{_EDGE}({_ANY})(?:\s+(?:staff|news|reporter|writer|correspondent|in \w+))?\W*$", re.I)


def credited(paragraphs: Sequence[str], byline: str | None = None) -> str | None:
    """Name the agency that an article credits, in the one form it is filed under ("AP"); None: it credits none.

    paragraphs  of the article, in order
    byline      everyone that it names as author, agencies too, joined by "; "

    >>> credited(["KATHMANDU, April 25 (Reuters) - The plane landed safely."])
    'Reuters'
    """
    for paragraph in paragraphs[:2]:
        for form in _DATELINE:
            if match := form.search(paragraph[:_FIRST]):
                return _filed(match[1])
    for author in (byline or "").split("; "):
        if match := _BYLINE.search(author):
            return _filed(match[1])
    if unlisted := _unlisted(paragraphs[:1]):
        return unlisted
    for paragraph in reversed(paragraphs[-2:]):
        for form in _CREDIT:
            match = form.search(paragraph[-_LAST:])
            if match and (len(paragraph) <= _LAST or form is not _CREDIT[0]):
                return _filed(match[1])
    return None


def _unlisted(paragraphs: Sequence[str]) -> str | None:
    forms = ((form, paragraph) for paragraph in paragraphs for form in _UNLISTED)
    return next((match[1] for form, paragraph in forms if (match := form.search(paragraph[:_FIRST]))), None)


def _filed(written: str) -> str:
    if written in _FILED:
        return _FILED[written]
    for form, name in _FILED.items():
        if re.fullmatch(form, written, re.IGNORECASE):
            return name
    return written
