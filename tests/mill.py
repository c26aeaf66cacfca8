"""A made story, the fire at the Harland mill, and short ways to read and to know its articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.model import Article, DevelopmentId
from monitor.story.memory import Read, Story, read

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)  # a Monday


def page(title: str, text: str, hours: float = 0, language: str = "en") -> Read:
    """Read a page that appeared some hours after NOON."""
    at = NOON + timedelta(hours=hours)
    return read(Article(url="https://paper.example/1", title=title, text=text, language=language), at)


FIRST = page(
    "Three arrested over fire at Harland mill",
    "Police arrested three people on Monday over the fire that destroyed the Harland textile mill. "
    "The owner, Maria Keller, said the firm will set up a fund for the families of the workers. "
    "Two workers were injured when the roof fell in on Saturday.",
)

ROOF = page(
    "Mill's roof had rotted, papers show",
    "An inspector warned of the roof of the Harland textile mill in January, papers seen on Tuesday show. "
    "The owner, Maria Keller, did not have it mended, the workers say.",
    20,
)
FUND = page(
    "Town collects for workers of burnt mill",
    "Hundreds gave money on Wednesday for the families of the workers of the Harland textile mill. "
    "The fire destroyed the mill on Saturday.",
    40,
)
BURIED = page(
    "Thousands mourn at Harland",
    "Thousands came on Thursday to mourn with the workers of the textile mill at Harland, which the fire destroyed.",
    70,
)


def story(*pages: Read) -> Story:
    """Return a story that knows these pages, or else the first one, each as a development with its number, from 1."""
    memory = Story()
    for number, each in enumerate(pages or (FIRST,), 1):
        memory.learn(each, DevelopmentId(number))
    return memory
