import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.page import charset

CHINESE = "大桥维修计划获批准，工程将于下月开始，预计影响九百名居民。" * 6
RUSSIAN = "Портовый совет одобрил план ремонта моста, сообщили власти. " * 6
FRENCH = "Le conseil a approuvé l’été dernier la réparation – “déjà” payée 900 €. " * 6
TAIWANESE = "大橋維修計畫獲批准，工程將於下月開始，預計影響九百名居民。" * 6
KOREAN = "항만 위원회가 오래된 다리의 수리 계획을 승인했다고 관계자가 말했다. " * 6
JAPANESE = "港湾委員会が橋の修理計画を承認したと関係者が述べた。" * 6


def page(text: str, declared: str = "", before: str = "") -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{before}{meta}</head><body><p>{text}</p></body></html>"


SURROGATES = {  # bytes in the middle of a page, what becomes of them
    "half a pair": (b"a \xed\xa0\xbd lone", "utf-8", "a  lone"),
    "the other half, nothing said": (b"caf\xc3\xa9 \xed\xb8\x80 lone", "", "caf\u00e9  lone"),
    "a pair, as old databases write it": (b"a \xed\xa0\xbd\xed\xb8\x80 face", "utf-8", "a \U0001f600 face"),
    "a Korean letter from the same block": (b"\xed\x95\xad", "utf-8", "\ud56d"),
    "letters of the charset that the page says": (b"a\xed\xa0\xbd kilo", "windows-1252", "a\u00ed\xa0\u00bd kilo"),
}


@pytest.mark.parametrize(("middle", "declared", "text"), SURROGATES.values(), ids=SURROGATES)
def test_utf8_with_encoded_surrogates_stays_utf8(middle: bytes, declared: str, text: str) -> None:
    body = page("MIDDLE", declared).encode().replace(b"MIDDLE", middle)
    assert f"<p>{text}</p>" in charset.decode(body)
    assert f"<p>{text}</p>".encode() in charset.to_utf8(body)


CASES = {  # text, bytes, header
    "UTF-8, nothing said": (CHINESE, page(CHINESE).encode(), None),
    "UTF-8 under a header that says latin-1": (FRENCH, page(FRENCH).encode(), "text/html; charset=iso-8859-1"),
    "UTF-8 whose page says utf-16": (RUSSIAN, page(RUSSIAN, "utf-16").encode(), None),
    "UTF-8 under a label that nobody knows": (RUSSIAN, page(RUSSIAN).encode(), "text/html; charset=x-none"),
    "UTF-8 under a codec that is no charset": (FRENCH, page(FRENCH).encode(), "text/html; charset=rot13"),
    "a byte order mark beats the header": (
        RUSSIAN,
        b"\xef\xbb\xbf" + page(RUSSIAN).encode(),
        "text/html; charset=windows-1251",
    ),
    "two byte order marks": (RUSSIAN, b"\xef\xbb\xbf" * 2 + page(RUSSIAN).encode(), None),
    "UTF-16 with mark": (RUSSIAN, b"\xff\xfe" + page(RUSSIAN).encode("utf-16-le"), None),
    "UTF-16 by header": (RUSSIAN, page(RUSSIAN).encode("utf-16-le"), "text/html; charset=utf-16le"),
    "GBK by header": (CHINESE, page(CHINESE).encode("gbk"), "text/html; charset=gbk"),
    "GBK labelled gb2312 by the page": (CHINESE, page(CHINESE, "gb2312").encode("gbk"), "text/html"),
    "GBK, the header lies": (CHINESE, page(CHINESE, "gbk").encode("gbk"), "text/html; charset=utf-8"),
    "GBK, nothing said": (CHINESE, page(CHINESE).encode("gbk"), None),
    "windows-1251, nothing said": (RUSSIAN, page(RUSSIAN).encode("cp1251"), None),
    "windows-1251, said late": (RUSSIAN, page(RUSSIAN, "windows-1251", "<!--" + "x" * 3000).encode("cp1251"), None),
    "a label in two kinds of quotes": (
        RUSSIAN,
        page(RUSSIAN).encode("cp1251"),
        "text/html; charset=\"'windows-1251'\"",
    ),
    "windows-1252 labelled latin-1": (FRENCH, page(FRENCH).encode("cp1252"), "text/html; charset=iso-8859-1"),
    "windows-1252 under a header that says utf-8": (FRENCH, page(FRENCH).encode("cp1252"), "text/html; charset=utf-8"),
    "Shift_JIS": (JAPANESE, page(JAPANESE, "x-sjis").encode("cp932"), None),
    "Shift_JIS, nothing said": (JAPANESE, page(JAPANESE).encode("cp932"), None),
    "Shift_JIS, the page lies": (JAPANESE, page(JAPANESE, "utf-8").encode("cp932"), None),
    "EUC-JP by header": (JAPANESE, page(JAPANESE).encode("euc-jp"), "text/html; charset=euc-jp"),
    "Big5 by the page": (TAIWANESE, page(TAIWANESE, "big5").encode("big5"), None),
    "Big5, nothing said": (TAIWANESE, page(TAIWANESE).encode("big5"), None),
    "Big5 under a header that says utf-8": (
        TAIWANESE,
        page(TAIWANESE, "big5").encode("big5"),
        "text/html; charset=utf-8",
    ),
    "EUC-KR by the page, by its old name": (KOREAN, page(KOREAN, "ks_c_5601-1987").encode("cp949"), None),
    "EUC-KR, nothing said": (KOREAN, page(KOREAN).encode("cp949"), None),
    "koi8-r by the page": (RUSSIAN, page(RUSSIAN, "koi8-r").encode("koi8-r"), None),
    "windows-1251, the header lies": (
        RUSSIAN,
        page(RUSSIAN, "windows-1251").encode("cp1251"),
        "text/html; charset=utf-8",
    ),
    "the header beats the page": (RUSSIAN, page(RUSSIAN, "koi8-r").encode("cp1251"), "text/html; charset=windows-1251"),
    "http-equiv, in capitals": (
        RUSSIAN,
        page(RUSSIAN, before="<META HTTP-EQUIV=Content-Type CONTENT='text/html; CHARSET=Windows-1251'>").encode(
            "cp1251"
        ),
        None,
    ),
    "ISO-2022-JP hides in ASCII": (JAPANESE, page(JAPANESE).encode("iso2022-jp"), "text/html; charset=iso-2022-jp"),
    "NUL bytes are left out": (RUSSIAN, page(RUSSIAN).encode().replace(b"<p>", b"<p>\0"), None),
}


@pytest.mark.parametrize(("text", "body", "header"), CASES.values(), ids=CASES)
def test_decodes(text: str, body: bytes, header: str | None) -> None:
    assert text.strip() in charset.decode(body, header)
    assert text.strip() in charset.to_utf8(body, header).decode()
    assert charset.decode(body, header).startswith("<html>")


def test_stray_bytes_do_not_spoil_utf8() -> None:
    text = charset.decode(page(RUSSIAN).encode().replace(b"<p>", b"<p>\xff\xc0\xd0 "))
    assert RUSSIAN.strip() in text
    assert "\ufffd" in text


def test_a_latin1_tail_does_not_spoil_utf8() -> None:
    assert "premier café" in charset.decode("<p>premier café</p>".encode() + "<p>café</p>".encode("latin-1"))


def test_labels_are_the_webs() -> None:
    assert charset.codec("GB2312") == "gb18030"
    assert charset.codec(" latin1 ") == "cp1252"
    assert charset.codec("utf-7") is None


POLISH = "Zażółć gęślą jaźń, powiedział minister po posiedzeniu rządu. " * 3
DECLARED = {  # what stands before the text -> is it a declaration of iso-8859-2?
    "<meta charset=iso-8859-2>": True,
    "<meta\nCharset = 'ISO-8859-2' >": True,
    '<meta name=x content="y" charset="latin2"/>': True,
    '<meta http-equiv="content-type" content="text/html; charset=iso-8859-2">': True,
    "<meta content=\"text/html;charset = 'iso-8859-2'\" http-equiv=Content-Type>": True,
    "<meta charset=x-none><meta charset=iso-8859-2>": True,
    '<p title="x>">\n<meta charset=iso-8859-2>': True,
    "<!-->\n<meta charset=iso-8859-2>": True,
    '<html xmlns="x"><?php ?><meta charset=iso-8859-2>': True,
    "<metacharset=iso-8859-2>": False,
    "<!-- <meta charset=iso-8859-2> -->": False,
    '<meta content="text/html; charset=iso-8859-2">': False,
    '<meta name="Content-Type" content="text/html; charset=iso-8859-2">': False,
    '<meta http-equiv="Content-Type" content="text/html; charset=\'iso-8859-2">': False,
    '<p title="x>\n<meta charset=iso-8859-2>': False,
    "<meta title=\">\" x='charset=iso-8859-2'>": False,
    "<script>charset=iso-8859-2</script>": False,
    "<title>charset=iso-8859-2</title>": False,
    '<meta charset="iso-8859-2>': False,
}


@pytest.mark.parametrize("before", DECLARED)
def test_a_declaration_is_what_browsers_take_for_one(before: str) -> None:
    decoded = charset.decode(f"{before}<p>né à Noël".encode("cp1252"))
    assert decoded.endswith("ŕ Noël" if DECLARED[before] else "né à Noël")


def test_a_declaration_may_come_late() -> None:
    assert POLISH in charset.decode(page(POLISH, "iso-8859-2", "<!--" + "x" * 5_000 + "-->").encode("iso-8859-2"))


@pytest.mark.parametrize("piece", ["<a", "<!", "<!--", "<meta ", '<meta x="', "<meta a=b", "</a ", "<?", "<a/"])
def test_no_head_takes_long(piece: str) -> None:
    started = time.process_time()
    charset.decode((piece * 20_000).encode() + b"\xe9")
    assert time.process_time() - started < 4


@given(st.binary(max_size=200), st.sampled_from([None, "text/html; charset=gbk", "text/html; charset=utf-16le"]))
def test_any_bytes_decode(body: bytes, header: str | None) -> None:
    assert "\0" not in charset.to_utf8(body, header).decode("utf-8")


@given(st.text(st.characters(exclude_characters="\0\ufeff\x1b", exclude_categories=["Cs"]), max_size=200))
def test_utf8_stays_as_it_is(text: str) -> None:
    assert charset.to_utf8(text.encode()).decode() == text
