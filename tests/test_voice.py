import pytest

from monitor.story.voice import argues, names_source

TEXTS = {
    "an essay": ("I think this is wrong. We should know better. The mill is old.", "en", True),
    "questions": ("Who pays? And why now? The mill is old.", "en", True),
    "an essay in Chinese": ("我认为这是错的。你怎么看？工厂很旧。", "zh", True),
    "a report": ("The mill burned on Monday. Police arrested three people.", "en", False),
    "only the quoted speak so": (
        "“I think we did wrong,” the owner said. “You know us,” she said. “We will pay.” The mill is old.",
        "en",
        False,
    ),
    "quoted in Chinese": ("厂主说：“我们错了。”她说：“我会赔偿。”工厂很旧。", "zh", False),
    "the country is not the writer": ("我国纺织业增长。我市新增三家工厂。", "zh", False),
    "the US is not us": ("The US fined the firm. US courts agreed. World War I ended.", "en", False),
    "once in a long report": ("Call us. " + "The mill burned on Monday. " * 12, "en", False),
    "nothing": ("", "en", False),
}


@pytest.mark.parametrize("case", TEXTS)
def test_who_speaks(case: str) -> None:
    text, language, own = TEXTS[case]
    assert bool(argues(text, language)) is own


SOURCES = {
    "The mill is closed, police said.": True,
    "According to the ministry, ten were hurt.": True,
    "据通报，三人被捕。": True,
    "The mill is a world of its own.": False,
    "屋顶很旧。": False,
    "": False,
}


@pytest.mark.parametrize("sentence", SOURCES)
def test_a_report_names_its_source(sentence: str) -> None:
    assert names_source([sentence]) is SOURCES[sentence]
