# ruff: noqa: E501  (addresses, one a line)
"""Wrapped links: the publisher's address where the link holds it, and no page of a middleman taken for an article."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import urls, wrapped
from monitor.lists import entries

PAGE = "https://harbour.example/2026/11/mill-fire?id=7&lang=de"
QUOTED = quote(PAGE, safe="")


def google_news(inner: str, amp: str = "", kind: int = 19) -> str:
    """Build the token of a Google News link: kind, the address or a key, and perhaps the AMP page's address."""

    def text(key: bytes, value: str) -> bytes:
        size = len(value.encode())
        return key + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + value.encode()

    message = bytes([8, kind]) + text(b"\x22", inner) + (text(b"\xd2\x01", amp) if amp else b"\xd2\x01\x00")
    return urlsafe_b64encode(message).decode().rstrip("=")


HELD = {
    "Bing News": f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=68&url={QUOTED}&c=123&mkt=en-us",
    "Bing News in China": f"https://cn.bing.com/news/apiclick.aspx?url={QUOTED}",
    "a Bing result": f"https://www.bing.com/ck/a?!&&p=12ab&u=a1{urlsafe_b64encode(PAGE.encode()).decode().rstrip('=')}&ntb=1",
    "a Google result": f"https://www.google.com/url?sa=t&q={QUOTED}&ved=2ah",
    "a Google alert": f"https://www.google.co.uk/url?rct=j&sa=t&url={QUOTED}&ct=ga",
    "Google News as it was": f"http://news.google.com/news/url?sa=t&fd=R&url={QUOTED}",
    "Google News, an old link": f"https://news.google.com/rss/articles/{google_news(PAGE)}?oc=5",
    "Google News with the AMP page": f"https://news.google.com/articles/{google_news(PAGE, 'https://harbour.example/amp')}?hl=en-US",
    "Google News, to be read": f"https://news.google.com/read/{google_news(PAGE)}",
    "Google News, of a feed item": f"https://news.google.com/__i/rss/rd/articles/{google_news(PAGE)}?oc=5",
    "Google's AMP viewer": f"https://www.google.com/amp/s/{PAGE.removeprefix('https://')}",
    "an AMP cache": f"https://harbour-example.cdn.ampproject.org/c/s/{PAGE.removeprefix('https://')}&amp_js_v=0.1&usqp=mq331",
    "an AMP viewer of the cache": f"https://harbour-example.cdn.ampproject.org/v/s/{PAGE.removeprefix('https://')}&amp_gsa=1&aoh=16",
    "Bing's AMP cache": f"https://harbour-example.bing-amp.com/c/s/{PAGE.removeprefix('https://')}",
    "Yahoo": f"https://r.search.yahoo.com/_ylt=Awr;_ylu=Y29/RV=2/RE=16/RO=10/RU={QUOTED}/RK=2/RS=x-",
    "DuckDuckGo": f"https://duckduckgo.com/l/?uddg={QUOTED}&rut=ab",
    "Yandex's quick view": f"https://yandex.ru/turbo?text={QUOTED}",
    "Facebook": f"https://l.facebook.com/l.php?u={QUOTED}%26fbclid%3Dx&h=AT0",
    "Messenger": f"https://l.messenger.com/l.php?u={QUOTED}",
    "Instagram": f"https://l.instagram.com/?u={QUOTED}&e=AT1",
    "Reddit": f"https://out.reddit.com/t3_abc?url={QUOTED}&token=x",
    "VK": f"https://vk.com/away.php?to={QUOTED}&utf=1",
    "Telegram": f"https://t.me/iv?url={QUOTED}&rhash=1",
    "Tumblr": f"https://t.umblr.com/redirect?z={QUOTED}&t=1",
    "a link without referrer": f"https://href.li/?{PAGE}",
    "YouTube": f"https://www.youtube.com/redirect?event=video&q={QUOTED}",
    "LinkedIn": f"https://www.linkedin.com/redir/redirect?url={QUOTED}&trk=x",
    "Slack": f"https://slack-redir.net/link?url={QUOTED}",
    "Medium": f"https://medium.com/r/?url={QUOTED}",
    "Pocket": f"https://getpocket.com/redirect?url={QUOTED}",
    "Weibo": f"https://weibo.cn/sinaurl?u={QUOTED}",
    "Zhihu": f"https://link.zhihu.com/?target={QUOTED}",
    "CSDN": f"https://link.csdn.net/?target={QUOTED}",
    "Outlook": f"https://eur01.safelinks.protection.outlook.com/?url={QUOTED}&data=05&reserved=0",
    "encoded once too often": f"https://www.google.com/url?q={quote(QUOTED)}",
    "ampersands escaped once too often": f"https://www.google.com/url?sa=t&amp;url={QUOTED}",
    "a wrap within a wrap": f"https://l.facebook.com/l.php?u={quote(f'https://www.google.com/url?q={QUOTED}', safe='')}",
    "another port and case": f"HTTPS://WWW.BING.COM:443/News/apiclick.aspx?url={QUOTED}",
    "with trackers inside": f"https://www.google.com/url?q={quote(PAGE + '&utm_source=alert', safe='')}",
}  # fmt: skip


@pytest.mark.parametrize("case", HELD)
def test_the_publishers_address_is_read_off_a_wrapped_link(case: str) -> None:
    assert entries.address(HELD[case], "https://list.example/") == PAGE


def test_a_link_relative_to_the_service_is_read_too() -> None:
    assert entries.address(f"/url?q={QUOTED}", "https://www.google.com/search?q=mill") == PAGE
    assert entries.address(f"//duckduckgo.com/l/?uddg={QUOTED}", "https://html.duckduckgo.com/html/") == PAGE


KEPT = {
    "Google News, a new link": f"https://news.google.com/rss/articles/{google_news('AU_yqLNX3R5eXl5eXl5')}?oc=5",
    "Google News, a token cut off": f"https://news.google.com/rss/articles/{google_news(PAGE)[:12]}",
    "Google News, no token": "https://news.google.com/rss/articles/%20",
    "Google News, a search": "https://news.google.com/rss/search?q=mill",
    "Baidu": "https://www.baidu.com/link?url=x9Yp-Qk",
    "a shortener": "https://t.co/abc",
    "a result page": "https://www.google.com/search?q=https://harbour.example/",
    "a link to a script": "https://www.google.com/url?q=javascript:alert(1)",
    "a link to a word": "https://www.google.com/url?q=harbour",
    "a link to half an address": "https://www.google.com/url?q=https://[harbour",
    "a publisher's own parameter": f"https://harbour.example/share?url={QUOTED}",
    "a host that only ends alike": f"https://notgoogle.com/url?q={QUOTED}",
    "a host that only begins alike": f"https://www.google.com.harbour.example/url?q={QUOTED}",
    "an archived copy, which is another thing": "https://web.archive.org/web/2021/https://harbour.example/a",
    "a translation, which is another thing": f"https://translate.google.com/translate?u={QUOTED}",
    "a video": "https://www.youtube.com/watch?v=abc",
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_any_other_link_stays_as_it_is(case: str) -> None:
    assert entries.address(KEPT[case], "https://list.example/") == urls.canonical(KEPT[case])


def test_wraps_around_wraps_end() -> None:
    link = PAGE
    for _ in range(wrapped.DEEPEST + 2):
        link = f"https://www.google.com/url?q={quote(link, safe='')}"
    assert wrapped.unwrapped(link).startswith("https://www.google.com/url?q=")


@given(st.binary(max_size=60))
def test_no_token_is_a_crash(token: bytes) -> None:
    link = f"https://news.google.com/rss/articles/{urlsafe_b64encode(token).decode()}"
    assert wrapped.unwrapped(link) == link or b"http" in token.lower()


@given(st.text(max_size=80))
def test_what_is_read_off_is_a_web_address(text: str) -> None:
    for link in (f"https://www.google.com/url?q={text}", f"https://t.me/iv?url={quote(text)}"):
        found = wrapped.unwrapped(link)
        assert found == link or found.lower().startswith(("http://", "https://"))


DEAD_ENDS = {
    "https://consent.google.com/ml?continue=https://news.google.com/rss/articles/x": "asks for consent",
    "https://consent.google.de/m?continue=x": "asks for consent",
    "https://consent.youtube.com/m?continue=x": "asks for consent",
    "https://guce.yahoo.com/consent?brandType=eu": "asks for consent",
    "https://uk.consent.yahoo.com/v2/collectConsent": "asks for consent",
    "https://consent.yahoo.com/v2/collectConsent": "asks for consent",
    "https://news.google.com/rss/articles/CBMiAU?oc=5": "does not lead on",
    "https://news.google.com/read/CBMiAU": "does not lead on",
    "https://www.baidu.com/link?url=x": "does not lead on",
    "https://www.bing.com/news/apiclick.aspx?x=1": "does not lead on",
}


@pytest.mark.parametrize("url", DEAD_ENDS)
def test_a_middlemans_page_is_told(url: str) -> None:
    assert DEAD_ENDS[url] in (wrapped.dead_end(url) or "")


@pytest.mark.parametrize(
    "url",
    [PAGE, "https://consent.example/a", "https://news.google.com/", "https://www.baidu.com/", "http://[::1]:81/", "x"],
)
def test_other_pages_may_be_articles(url: str) -> None:
    assert wrapped.dead_end(url) is None
