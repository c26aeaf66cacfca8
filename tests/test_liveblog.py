from datetime import UTC, date, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from monitor.page import blocks, liveblog
from monitor.page.liveblog import Update

DAY = date(2021, 8, 12)
TEXTS = (
    "The harbour board has met, and its chair told reporters that the old bridge will be repaired after all.",
    "Engineers showed pictures of the cracks to the council, which asked for a second opinion from the mainland.",
    "The ferry company says that it can carry nine hundred people a day from March, if the pier is made longer.",
    "Islanders have come to the town hall; many of them carry signs, and some of them carry fish.",
)
TIMES = ("14:45", "13:30", "12:05", "10:15")


def moment(time: str) -> datetime:
    hour, minute = time.split(":")
    return datetime(2021, 8, 12, int(hour), int(minute), tzinfo=UTC)


NEWEST_FIRST = tuple(Update(moment(time), None, text) for time, text in zip(TIMES, TEXTS, strict=True))
HEADED = tuple(
    Update(update.published, f"Headline {n} of the day", update.text) for n, update in enumerate(NEWEST_FIRST)
)


def rows(form: str, times: tuple[str, ...] = TIMES) -> str:
    return "".join(
        form.format(n=n, time=time, text=text) for n, (time, text) in enumerate(zip(times, TEXTS, strict=True))
    )


def read(html: str, **more: object) -> tuple[Update, ...]:
    body = LexborHTMLParser(f"<body><main><h1>Bridge: the day as it happened</h1>{html}</main>").body
    assert body is not None
    return liveblog.read(*blocks.read(body), day=DAY, **more)  # type: ignore[arg-type]


SHAPES = {
    "boxes that begin with a time": (rows("<div class='entry'><div>{time}</div><p>{text}</p></div>"), NEWEST_FIRST),
    "boxes with a headline": (
        rows("<article id='p{n}'><span>{time}</span><h2>Headline {n} of the day</h2><p>{text}</p></article>"),
        HEADED,
    ),
    "boxes with a headline above the time": (
        rows("<article><h2>Headline {n} of the day</h2><div>{time} GMT</div><p>{text}</p></article>"),
        HEADED,
    ),
    "boxes numbered by class, with a name beside the time": (
        rows("<div class='live u-10{n}'><div>{time} Jon King</div><p>{text}</p></div>"),
        NEWEST_FIRST,
    ),
    "whole dates": (
        rows("<li class='update'><p>12 August 2021 {time}</p><p>{text}</p></li>"),
        NEWEST_FIRST,
    ),
    "paragraphs that begin with a time": (rows("<p><strong>{time} Uhr:</strong> {text}</p>"), NEWEST_FIRST),
    "headings with a time, and what follows them": (
        rows("<h3>{time}</h3><p>{text}</p>"),
        NEWEST_FIRST,
    ),
    "the oldest first": (
        rows("<div class='entry'><div>{time}</div><p>{text}</p></div>", tuple(reversed(TIMES))),
        tuple(Update(moment(time), None, text) for time, text in zip(reversed(TIMES), TEXTS, strict=True)),
    ),
    "advertisements in between": (
        rows("<div class='entry'><div>{time}</div><p>{text}</p></div><div class='ad'>Buy a boat</div>"),
        NEWEST_FIRST,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("html", "updates"), SHAPES.values(), ids=SHAPES)
def test_splits(html: str, updates: tuple[Update, ...]) -> None:
    assert read(html) == updates


STORY = "".join(f"<p>{text}</p>" for text in TEXTS)
NONE = {
    "an article": STORY,
    "readers' comments below an article": STORY
    + "<div class='comments'>"
    + rows("<div class='c'><b>Reader {n}</b><div>{time}</div><p>{text}</p></div>")
    + "</div>",
    "comments that do not call themselves so": STORY
    + rows("<div class='c'><div>Reader {n}, {time}</div><p>{text}</p></div>"),
    "comments in any order": rows("<div><div>{time}</div><p>{text}</p></div>", ("13:47", "20:29", "09:12", "14:56")),
    "teasers with the time of each": rows(
        "<article><div>{time}</div><h3><a href='/{n}'>Another headline of the day, {n}</a></h3><p>{text}</p></article>"
    ),
    "two notes are no row": "<p>14:45 Uhr: The board has met.</p><p>13:30 Uhr: The board is about to meet.</p>",
    "scores and sums": "".join(f"<p>{n}.50 euros were paid: {text}</p>" for n, text in enumerate(TEXTS)),
    "what others wrote": "".join(
        f"<blockquote><p>{text}</p><p>Someone, {time}</p></blockquote>" for time, text in zip(TIMES, TEXTS, strict=True)
    ),
    "whole articles in a row": rows("<article><div>{time}</div><p>" + "{text} " * 20 + "</p></article>"),
}  # fmt: skip


@pytest.mark.parametrize("html", NONE.values(), ids=NONE)
def test_takes_for_none(html: str) -> None:
    assert read(html) == ()


def test_without_its_day_a_time_alone_dates_nothing() -> None:
    body = LexborHTMLParser(f"<body>{rows('<div><div>{time}</div><p>{text}</p></div>')}").body
    assert body is not None
    updates = liveblog.read(*blocks.read(body))
    assert [update.published for update in updates] == [None] * 4


STATED = tuple(("2021-08-12T14:45:00Z", f"Headline {n}", text) for n, text in enumerate(TEXTS))


def test_linked_data_are_taken_where_they_hold_as_much() -> None:
    assert read(STORY, stated=STATED) == tuple(
        Update(moment("14:45"), f"Headline {n}", text) for n, text in enumerate(TEXTS)
    )


def test_linked_data_that_hold_only_some_updates_are_not() -> None:
    html = rows("<div class='entry'><div>{time}</div><p>{text} {text} {text}</p></div>")
    assert len(read(html, stated=STATED[:1])) == 4
