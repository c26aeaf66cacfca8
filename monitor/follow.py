"""Follow topics: what the config names now is polled, remembered and judged by from here on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Sequence
from dataclasses import replace

from . import decide
from .config import Config
from .desk import Desk
from .house import House
from .model import ArticleId, Filed, Interval, Source, SourceKind, Topic
from .store import Store
from .writer import Writer

CHAPTER = 25  # articles that are remembered in a go of half a second: who wants to stop waits for no more
LONG = 5_000  # that take a minute

log = logging.getLogger("monitor")


def _unsaid(articles: int) -> None:
    """Tell nobody how far it is."""


async def follow(house: House, config: Config, so_far: Callable[[int], None] = _unsaid) -> None:
    """Follow the topics of a config from now on, and learn quietly what the archive holds for new ones.

    so_far   is told how many filed articles have been remembered, some seconds apart
    """
    async with house.deciding:
        seeded = [topic.slug for topic in config.topics if await _seed_is_read(house.store, topic)]
        topics = followed(config.topics, seeded)
        await house.store(Store.sync, topics, house.now(), config.channels)
        await house.store(Store.want_summaries, config.llm is not None)
        house.desk = await open_desk(house.store, topics, so_far, by_meaning=config.embeddings)
    learnt = await catch_up(house)
    if learnt:
        log.info("learnt %d filed articles for topics that are new", learnt)


async def _seed_is_read(store: Writer, topic: Topic) -> bool:
    if topic.seed is None or topic.seed.url is None:
        return True
    return await store(Store.filed, topic.seed.url) is not None


def waits_for_seed(config: Config, house: House) -> bool:
    """Tell whether a topic can only be followed once its seed, an address, has been read."""
    bare = {topic.slug for topic in config.topics if topic.about is None and topic.seed and topic.seed.url}
    return any(len(house.desk.topics[slug].sources) <= 1 for slug in bare)


def followed(topics: Sequence[Topic], seeded: Container[str]) -> tuple[Topic, ...]:
    """Return the topics as they can be followed now.

    An address that a topic takes its seed from is watched like a page.  Until it has been read once, a topic without a
    query has nothing to judge by: only its seed is asked for, so that no article is dismissed unjudged.

    seeded  slugs of the topics whose seed has been read
    """
    return tuple(_followed(topic, topic.slug in seeded) for topic in topics)


def _followed(topic: Topic, seeded: bool) -> Topic:
    if topic.seed is None or topic.seed.url is None:
        return topic
    seed = Source(SourceKind.PAGE, topic.seed.url, Interval(86_400.0, 7 * 86_400.0))
    waits = topic.about is None and not seeded
    return replace(topic, sources=(seed,) if waits else (*topic.sources, seed))


async def open_desk(
    store: Writer, topics: Sequence[Topic], so_far: Callable[[int], None], *, by_meaning: bool = False
) -> Desk:
    """Return a desk that remembers all that is filed on these topics, and has read their seeds."""
    desk = Desk(topics, by_meaning=by_meaning)
    for topic in topics:
        if topic.seed is not None and topic.seed.url is not None:
            seed = await store(Store.filed, topic.seed.url)
            if seed is not None:
                desk.seed(topic.slug, seed.article)
    last, count = ArticleId(0), 0
    while chapter := await store(Store.archive, last, CHAPTER):
        await asyncio.to_thread(_remember, desk, chapter)
        last, count = chapter[-1].id, count + len(chapter)
        so_far(count)
        if count % LONG == 0:
            log.info("%d filed articles remembered so far", count)
    return desk


def _remember(desk: Desk, chapter: Sequence[Filed]) -> None:
    for filed in chapter:
        desk.remember(filed)


async def catch_up(house: House) -> int:
    """Decide, quietly, on what is filed already but not yet decided for a topic that came later; return how many."""
    count = 0
    while behind := await house.store(Store.undecided):
        for filed, slugs in behind:
            await decide.on(house, filed.article, slugs)
            count += 1
    return count
