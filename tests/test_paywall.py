import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.page import blocks, paywall

BEGINNING = (
    "The harbour board approved a plan to repair the old bridge on Thursday, after two years of talks.",
    "Work is to begin in March and will take eleven months, the board's chair, Ana Ruiz, told reporters.",
)


def is_teaser(after: str, *, text: tuple[str, ...] = BEGINNING, free: bool | None = None, around: str = "") -> bool:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text)
    tree = LexborHTMLParser(f"<body><article><h1>A headline</h1><div class='{around}'>{body}</div>{after}</article>")
    assert tree.body is not None
    return paywall.is_teaser(text, *blocks.read(tree.body), free=free)


WALLS = {
    "English": "Subscribe now to continue reading this article.",
    "English, for members": "This story is only available to our members.",
    "English, a limit": "You’ve reached your limit of free articles this month.",
    "English, a shop": "Unlock this article for one euro.",
    "German": "Diesen Artikel weiterlesen mit Abo Plus",
    "German, a question": "Möchten Sie weiterlesen?",
    "French": "Cet article est réservé aux abonnés.",
    "French, what is left": "Il vous reste 74 % de cet article à lire.",
    "Spanish": "Suscríbete para seguir leyendo",
    "Italian": "Contenuto riservato agli abbonati",
    "Portuguese": "Assine para continuar lendo esta matéria",
    "Dutch": "Om verder te lezen heb je een abonnement nodig: om dit artikel verder te lezen, log in.",
    "Polish": "Dalsza część artykułu jest dostępna dla subskrybentów",
    "Danish": "For at læse denne artikel skal du have et abonnement",
    "Swedish": "Logga in för att läsa hela artikeln",
    "Russian": "Полный текст доступен только по подписке",
    "Chinese": "以下内容需付费订阅后查看",
    "Chinese, after a log-in": "登录后可继续阅读全文",
    "Chinese, as written in Taiwan": "訂閱即可閱讀全文",
    "Japanese": "この記事は会員限定です。登録すると続きをお読みいただけます。",
    "Korean": "유료 회원 전용 기사입니다",
}


@pytest.mark.parametrize("wall", WALLS.values(), ids=WALLS)
def test_a_wall_behind_a_short_text_makes_it_a_teaser(wall: str) -> None:
    assert paywall.is_wall(wall)
    assert is_teaser(f"<div><p>{wall}</p></div>")
    assert not is_teaser(f"<div hidden><p>{wall}</p></div>")


TEASERS = {
    "not free, and cut off": ("", (*BEGINNING, "About 900 people who live on the island will have to..."), False, ""),
    "not free, and a box that is a wall": ("<div class='c-paywall'><p>From 1 euro</p></div>", BEGINNING, False, ""),
    "not free, and a line for those who pay": ("<p>Already a subscriber? Log in</p>", BEGINNING, False, ""),
    "cut off before a wall without words": (
        "<div id='regwall'><p>Welcome</p></div>",
        (*BEGINNING, "About 900 people who …"),
        None,
        "",
    ),
    "a wall that was read as text": ("", (*BEGINNING, "Log in to continue reading."), None, ""),
}  # fmt: skip


@pytest.mark.parametrize(("after", "text", "free", "around"), TEASERS.values(), ids=TEASERS)
def test_is_a_teaser(after: str, text: tuple[str, ...], free: bool | None, around: str) -> None:
    assert is_teaser(after, text=text, free=free, around=around)


WHOLE = {
    "a short report": ("", BEGINNING, None, ""),
    "a short report of a site that asks for money": ("", BEGINNING, False, ""),
    "a newsletter below": ("<p>Subscribe to our newsletter</p>", BEGINNING, False, ""),
    "an offer below": ("<p>Want more stories like this? Subscribe for 1 euro a month.</p>", BEGINNING, False, ""),
    "a wall around all of it": ("", BEGINNING, False, "paywall"),
    "a long text above a wall": ("<p>Subscribe to continue reading</p>", BEGINNING * 20, False, ""),
    "a last sentence left open": ("", (*BEGINNING, "And then there was the fish..."), None, ""),
    "a wall far below, of another story": (
        "".join(f"<p>Line {n}</p>" for n in range(20)) + "<p>Subscribe to continue reading</p>",
        BEGINNING,
        None,
        "",
    ),
    "news about walls": (
        "",
        (*BEGINNING, "The paper said that readers must subscribe to continue reading them. " + "It is so. " * 40),
        None,
        "",
    ),
    "no text": ("<p>Subscribe to continue reading</p>", (), False, ""),
}  # fmt: skip


@pytest.mark.parametrize(("after", "text", "free", "around"), WHOLE.values(), ids=WHOLE)
def test_is_no_teaser(after: str, text: tuple[str, ...], free: bool | None, around: str) -> None:
    assert not is_teaser(after, text=text, free=free, around=around)
