import pytest

from monitor import parse
from monitor.errors import NotAnArticle
from monitor.page import pagekind

URL = "https://news.example.com/2021/08/12/harbour-bridge"


def shell(title: str, body: str, head: str = "") -> bytes:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


def links(count: int) -> str:
    return "".join(f"<li><a href='/{n}'>A long headline of another story, number {n}</a></li>" for n in range(count))


def teasers(count: int) -> str:
    return "".join(
        f"<article><h2><a href='/{n}'>Headline {n} of the day</a></h2><p>Short teaser of story {n}.</p></article>"
        for n in range(count)
    )


TEASERS = [
    f"Story number {n} tells in a line or two what happened on the {n}th day of the month, and to whom."
    for n in range(40)
]
INTRODUCTION = "All the news about the harbour, the bridge and the ferries, from our reporters on the island."


def headed(count: int) -> str:
    return "".join(f"<h3><a href='/{n}'>Headline {n} of the day</a></h3><p>{TEASERS[n]}</p>" for n in range(count))


REFUSED = {
    "nothing": ("empty", b"", "text/html"),
    "only blanks": ("empty", b" \n" * 5000, "text/html"),
    "frames without text": ("empty", b"<frameset><frame src='/x'></frameset>", "text/html"),
    "a picture": ("binary", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "text/html"),
    "a document": ("binary", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "text/html"),
    "a film, by its type": ("binary", b"abc" * 1000, "video/mp4"),
    "data": ("not-html", b'{"error": "not found"}', "application/json"),
    "a feed": ("not-html", b'<?xml version="1.0"?>\n<!-- x -->\n<rss version="2.0"></rss>', "text/html"),
    "a page that sends readers on": (
        "meta-refresh",
        shell("Moving", "", '<meta http-equiv="refresh" content="0; url=/new-address">'),
        None,
    ),
    "not found, with status 200": (
        "error-page",
        shell("Page not found", "<h1>404 - Not found</h1><p>Sorry, the page you are looking for does not exist. Try our"
              f" search.</p><ul>{links(20)}</ul>"),
        None,
    ),
    "a database that failed": (
        "error-page",
        shell("Error", "<b>Warning</b>: mysqli_connect(): Too many connections in /var/www/index.php on line 3"),
        None,
    ),
    "maintenance": ("error-page", shell("Maintenance", "<h1>We'll be back soon</h1>"), None),
    "not found, in Chinese": ("error-page", shell("提示", "<h1>页面不存在</h1><p>您访问的内容已被删除。</p>"), None),
    "a consent wall": (
        "consent",
        shell("Before you continue", "<h1>We value your privacy</h1><p>" + "We and our 842 partners store and/or access"
              " information on a device, such as cookies. " * 5 + "</p><button>Accept all</button>"),
        None,
    ),
    "a check for robots": (
        "captcha",
        shell("Just a moment...", "<h1>Checking your browser before accessing</h1>"
              "<p>Enable JavaScript and cookies to continue</p>"),
        None,
    ),
    "a log-in form": (
        "login",
        shell("Example News", "<form><input name=user><input type=password name=pw></form>"),
        None,
    ),
    "a domain for sale": ("parked", shell("example-news.com is for sale", "<h1>This domain is for sale!</h1>"), None),
    "an empty root for scripts": (
        "needs-script",
        shell("Loading...", "<div id=root></div><script src=app.js></script>"),
        None,
    ),
    "a section page": ("listing", shell("News", teasers(30)), None),
    "a list of links": ("listing", shell("News", f"<ul>{links(40)}</ul>"), None),
    "a word or two": ("thin", shell("Hello", "<p>Welcome to this place.</p>"), None),
    "a section page whose teasers are no boxes": (
        "listing",
        shell("Harbour | The Daily Example", f"<h1>Harbour</h1><p>{INTRODUCTION}</p>" + headed(20)),
        None,
    ),
    "a tag page with an introduction": (
        "listing",
        shell("Harbour | The Daily Example", f"<h1>Harbour</h1><p>{INTRODUCTION}</p>" + teasers(14)),
        None,
    ),
    "a tag page whose teasers stand in a table": (
        "listing",
        shell("Tag: harbour", "<table>" + "".join(f"<tr><td><a href='/{n}'>Headline {n} of the day</a> {TEASERS[n]}"
              for n in range(20)) + "</table>"),
        None,
    ),
    "what a search found": (
        "listing",
        shell("Search results for “the old bridge”", "<h1>Search results for “the old bridge”</h1>" + headed(10)),
        None,
    ),
    "the list of a forum": (
        "listing",
        shell("General - Forum", "<table>" + "".join(f"<tr><td><a href='/t{n}'>What about question number {n}?</a>"
              f"<td>{n}<td>Last by <a href='/u'>someone{n}</a>" for n in range(30)) + "</table>"),
        None,
    ),
    "not found, with popular stories below": (
        "error-page",
        shell("Page not found | The Daily Example", "<h1>Sorry, we can't find that page</h1><p>The page that you "
              f"requested may have moved.</p><h2>Popular stories</h2>{headed(9)}"),
        None,
    ),
    "a check whether we are human": (
        "captcha",
        shell("www.example.com", "<h1>Are you a robot?</h1><p>We have detected unusual traffic from your network. To"
              " continue, please click the box below.</p>"),
        None,
    ),
    "a check for robots in Chinese": ("captcha", shell("安全验证", "<p>请完成下列验证后继续访问。</p>"), None),
    "a wall and no word of the article": (
        "paywall",
        shell("Bridge: the story", "<h1>Bridge: the story</h1><p>This article is for subscribers only.</p>"),
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "content_type"), REFUSED.values(), ids=REFUSED)
def test_refuses(kind: str, body: bytes, content_type: str | None) -> None:
    with pytest.raises(NotAnArticle) as refusal:
        parse.article(body, url=URL, content_type=content_type)
    assert refusal.value.kind == kind


CONSENT = {
    "English": ("We value your privacy", "We and our partners use cookies to store and access personal data."),
    "German": ("Datenschutzeinstellungen", "Wir und unsere Partner speichern Daten auf Ihrem Gerät, etwa Cookies."
               " Mit Ihrer Zustimmung verarbeiten wir personenbezogene Daten."),
    "French": ("Respect de votre vie privée", "Nous et nos partenaires utilisons des cookies pour stocker des données."
               " Tout accepter"),
    "Spanish": ("Tu privacidad es importante", "Nosotros y nuestros socios usamos cookies para almacenar información."
                " Aceptar todo"),
    "Italian": ("La tua privacy", "Noi e i nostri partner utilizziamo i cookie per archiviare informazioni."),
    "Dutch": ("Jouw privacy", "Wij en onze partners gebruiken cookies om informatie op te slaan. Alles accepteren"),
    "Polish": ("Szanujemy Twoją prywatność", "My i nasi partnerzy używamy plików cookie, by zapisywać dane. Akceptuję"),
    "Portuguese": ("A sua privacidade", "Nós e os nossos parceiros usamos cookies para guardar dados. Aceitar tudo"),
}  # fmt: skip


@pytest.mark.parametrize(("title", "words"), CONSENT.values(), ids=CONSENT)
def test_a_consent_wall_is_told_in(title: str, words: str) -> None:
    with pytest.raises(NotAnArticle) as refusal:
        parse.article(shell(title, f"<h1>{title}</h1><p>{words}</p>", "<meta charset=utf-8>"), url=URL)
    assert refusal.value.kind == "consent"


STORY = " ".join(
    f"Sentence {n} tells at some length what the council said about the matter on Thursday evening." for n in range(12)
)
ARTICLES = {
    "about cookies": ("We value your privacy, ministers tell cookie industry", ""),
    "about captchas": ("Are you a robot? The captcha turns twenty", ""),
    "about an error": ("Error 404: how a page not found became a joke", ""),
    "about a sale": ("The domain news.example is for sale", ""),
    "about passwords, with a log-in form in its corner": ("Log in and forget", "<form><input type=password></form>"),
    "with many links around": ("A story among many", f"<ul>{links(80)}</ul>"),
    "with a large value in one attribute": ("A story with a picture", f"<img alt='{'a b=c ' * 20_000}'>"),
    "with unclosed paragraphs": ("A story of many paragraphs", "<p>" * 9_000),
    "that loads itself anew every five minutes": (
        "A story that moves on",
        '<meta http-equiv="refresh" content="300; url=/same">',
    ),
}


@pytest.mark.parametrize(("title", "more"), ARTICLES.values(), ids=ARTICLES)
def test_accepts_an_article(title: str, more: str) -> None:
    body = shell(title, f"<h1>{title}</h1><div><p>{STORY[:600]}</p><p>{STORY[600:]}</p></div>{more}")
    assert parse.article(body, url=URL).title == title


def test_a_short_report_is_an_article_when_the_page_says_so() -> None:
    head = '<meta property="og:type" content="article">'
    body = shell(
        "Three arrested", "<h1>Three arrested</h1><p>Three people were arrested on Friday, police said.</p>", head
    )
    assert parse.article(body, url=URL).text == "Three people were arrested on Friday, police said."


FLASHES = {
    "one sentence": "The bank closed its branch in Brixham on Monday, it said in a statement.",
    "a bulletin in Chinese": "济南警方8月14日通报，王某文因涉嫌强制猥亵罪被采取刑事强制措施。",
}


@pytest.mark.parametrize("text", FLASHES.values(), ids=FLASHES)
def test_a_flash_is_an_article_when_it_is_a_whole_sentence(text: str) -> None:
    body = shell("A flash", f"<h1>A flash</h1><p>{text}</p>", "<meta charset=utf-8>")
    assert parse.article(body, url=URL).text == text


def test_an_update_at_the_end_is_kept() -> None:
    update = "Update 1: the mayor has resigned. (ref 8)"
    body = shell(
        "A story", f"<article><h1>A story</h1><p>{STORY[:600]}</p><p>{STORY[600:]}</p><p>{update}</p></article>"
    )
    assert parse.article(body, url=URL).text.endswith(update)


def test_html_under_a_general_type_is_read() -> None:
    pagekind.check_bytes(b"<!DOCTYPE html><html>", "application/octet-stream")
