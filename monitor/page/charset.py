"""Bytes of a page -> text, in the charset that it is really written in."""

from __future__ import annotations

import codecs
import re

import cchardet

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM_STARTS = tuple(bom for bom, _ in _BOMS)
_PRESCAN = 16_384  # bytes; the standard says 1024, but a browser begins anew when its parser meets a late declaration
_SURELY, _RATHER = 0.9, 0.5  # shares of letters beyond ASCII that must make sense
_SAMPLE = 100_000  # bytes that detection looks at
_FEW = 20  # bytes beyond ASCII, too few to tell by them which alphabet of one byte a letter is written in
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-:.]{2,40})", re.I)
_MARKUP = re.compile(
    rb"<!--(?:-?>|.*?(?:-->|\Z))|<(?P<tag>/?[A-Za-z][^\t\n\f\r />]*+)|<[!/?][^>]*+>?",  # or to the end: nothing twice
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*"
    rb"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<cut>["'])|(?P<bare>[^\t\n\f\r >]*)))?"""
)
_IN_CONTENT = re.compile(
    rb"""charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^"'\t\n\f\r ;][^\t\n\f\r ;]*))""", re.IGNORECASE
)
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf]")
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_\-:.]{2,40})", re.I)

# Python codec: labels of the WHATWG Encoding standard (https://encoding.spec.whatwg.org/#names-and-labels).
# Old names are read as their supersets, as browsers do.
_LABELS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 iso-10646-ucs-2 csunicode unicodefeff",
    "utf-16-be": "utf-16be unicodefffe",
    "cp1252": "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 us-ascii ascii cp819",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 latin2 l2",
    "iso8859-3": "iso-8859-3 iso8859-3 latin3",
    "iso8859-4": "iso-8859-4 iso8859-4 latin4",
    "iso8859-5": "iso-8859-5 iso8859-5 cyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 iso_8859-7 greek greek8",
    "iso8859-8": "iso-8859-8 iso8859-8 iso-8859-8-i hebrew logical visual",
    "iso8859-10": "iso-8859-10 iso8859-10 latin6",
    "iso8859-13": "iso-8859-13 iso8859-13",
    "iso8859-14": "iso-8859-14 iso8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 iso_8859-15 latin9 l9",
    "iso8859-16": "iso-8859-16",
    "cp866": "ibm866 866 cp866",
    "koi8-r": "koi8-r koi8 koi koi8_r",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "windows-874 tis-620 iso-8859-11 iso8859-11 dos-874",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251 win-1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 iso8859-9 latin5 l5",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "gb18030": "gb18030 gbk gb2312 x-gbk gb_2312 gb_2312-80 chinese hz-gb-2312 cp936",
    "big5hkscs": "big5 big5-hkscs big5hkscs cn-big5 x-x-big5",
    "euc-jp": "euc-jp eucjp x-euc-jp",
    "iso2022-jp": "iso-2022-jp csiso2022jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932",
    "cp949": "euc-kr euckr korean ks_c_5601-1987 ksc5601 windows-949 cp949 uhc",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_NOT_ASCII_BASED = frozenset({"utf-16-le", "utf-16-be", "iso2022-jp"})
_OF_SEVERAL_BYTES = frozenset({"gb18030", "big5hkscs", "euc-jp", "cp932", "cp949", *_NOT_ASCII_BASED})
_HIDDEN_IN_ASCII = b"\x1b"  # the escape that starts a shift in ISO-2022-JP


def codec(label: str) -> str | None:
    """Name the Python codec that a charset label stands for on the web; None: an unknown label.

    Source  WHATWG Encoding standard: latin-1 is read as windows-1252, gb2312 as gb18030, and so on.
    """
    return _CODECS.get(label.strip().strip("\"'").lower())


def decode(body: bytes, content_type: str | None = None) -> str:
    """Decode a page by its byte order mark, else by what its bytes prove, its header or itself declares, or detection.

    content_type  the response's header with its charset parameter, if it has one; it wins over the page's own claim
    Returns       text without NUL; bytes that make no sense become U+FFFD
    """
    return _decoded(body, content_type).replace("\x00", "").lstrip("\ufeff")


def _decoded(body: bytes, content_type: str | None) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    claims = _claims(body, content_type)
    if claims[:1] in ([], ["utf-8"]) and (text := _with_surrogates(body)) is not None:
        return text
    if not _needs_claim(body, claims):
        text = body.decode("utf-8", "replace")
        if _sense(text) >= _SURELY:
            return text
    for name in claims:
        text = body.decode(name, "replace")
        if _sense(text) >= (_RATHER if name == "utf-8" else _SURELY):
            return text
    return _detected(body)


def to_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Decode a page as `decode` does and give it back as UTF-8, without byte order mark and NUL."""
    if not body.startswith(_BOM_STARTS) and b"\x00" not in body and _HIDDEN_IN_ASCII not in body:
        try:
            body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return body
    return decode(body, content_type).encode("utf-8", "replace")


def _claims(body: bytes, content_type: str | None) -> list[str]:
    """List the codecs that the header and the page name, the header's first."""
    head = body[:_PRESCAN]
    found = [_DECLARED.search((content_type or "").encode("ascii", "replace")), _XML.search(head)]
    named = [*(codec(match[1].decode("ascii")) for match in found if match), _declared(head)]
    return list(dict.fromkeys(name for name in named if name))


def _declared(head: bytes) -> str | None:
    """Return the codec that the first meta element with a known charset names; None: none does.

    Source  WHATWG HTML standard, "prescan a byte stream to determine its encoding"
    """
    at = 0
    while found := _MARKUP.search(head, at):
        at = found.end()
        if found["tag"] is None:
            continue
        attributes: dict[bytes, bytes] = {}
        while attribute := _ATTRIBUTE.match(head, at):
            if attribute["cut"]:
                return None
            at = attribute.end()
            value = attribute["double"] or attribute["single"] or attribute["bare"] or b""
            attributes.setdefault(attribute["name"].lower(), value)
        if found["tag"].lower() == b"meta" and (name := _of_meta(attributes)):
            return name
    return None


def _of_meta(attributes: dict[bytes, bytes]) -> str | None:
    label = attributes.get(b"charset")
    if label is None and attributes.get(b"http-equiv", b"").lower() == b"content-type":
        content = _IN_CONTENT.search(attributes.get(b"content", b""))
        label = next((part for part in content.groups() if part is not None), None) if content else None
    name = _CODECS.get((label or b"").decode("latin-1").strip("\t\n\f\r ").lower())
    return "utf-8" if name in ("utf-16-le", "utf-16-be") else name  # it was read as ASCII, so it is not that


def _needs_claim(body: bytes, claims: list[str]) -> bool:
    """Tell whether valid UTF-8 proves nothing, because the page claims a charset that hides in ASCII bytes."""
    if not claims or claims[0] not in _NOT_ASCII_BASED:
        return False
    return b"\x00" in body[:_PRESCAN] or (claims[0] == "iso2022-jp" and _HIDDEN_IN_ASCII in body)


def _with_surrogates(body: bytes) -> str | None:
    """Decode what is UTF-8 but for encoded surrogates: a pair is the character it stands for, half of one is left out.

    None: it has none, or is no UTF-8 otherwise.
    """
    if not _SURROGATE.search(body):
        return None
    try:
        text = body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _sense(text: str) -> float:
    """Give the share of letters beyond ASCII that came out of decoding whole; 1 when there are none."""
    broken = text.count("\ufffd")
    if not broken:
        return 1.0
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return (beyond - broken) / beyond


def _detected(body: bytes) -> str:
    """Decode a page that declares nothing that fits."""
    text = body.decode("utf-8", "replace")
    if _sense(text) >= _RATHER:
        return text
    guess = cchardet.detect(body[:_SAMPLE])["encoding"]
    name = codec(guess) if guess else None
    if name not in _OF_SEVERAL_BYTES and sum(byte > 0x7F for byte in body[:_SAMPLE]) < _FEW:
        name = None
    return body.decode(name or "cp1252", "replace")
