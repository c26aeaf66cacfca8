import json

import pytest

from monitor.page import jsonld, titles

LONG = "x" * 50


def read(data: object) -> jsonld.LinkedData:
    return jsonld.read([data if isinstance(data, str) else json.dumps(data)])


def test_the_object_that_says_most_is_the_article() -> None:
    found = read([{"@type": "WebPage", "datePublished": "2021-08-01"}, {"@type": "Article", "headline": "A"},
                  {"@type": "NewsArticle", "headline": "B", "datePublished": "2021-08-12"}])  # fmt: skip
    assert (found.headline, found.published, found.is_article) == ("B", "2021-08-12", True)


def test_what_the_article_leaves_out_the_page_may_say() -> None:
    found = read({"@graph": [{"@type": "WebPage", "datePublished": "2021-08-12", "inLanguage": {"name": "en"}},
                             {"@type": "Article", "headline": "A"}]})  # fmt: skip
    assert (found.published, found.language) == ("2021-08-12", "en")


FIELDS = {
    "strange types everywhere": ({"headline": ["a"], "author": 5, "datePublished": {"x": 1}}, "headline", "a"),
    "a value in a value": ({"headline": {"@value": "A"}}, "headline", "A"),
    "escapes and tags": ({"headline": "A &amp; <b>B</b>"}, "headline", "A & B"),
    "half a character": ({"headline": "A \ud83d"}, "headline", "A \ufffd"),
    "an author as text": ({"author": "A B"}, "authors", ("A B",)),
    "one object with several names": ({"author": {"name": ["A B", "C D"]}}, "authors", ("A B", "C D")),
    "the same author twice": ({"author": ["A B", {"name": "A B"}]}, "authors", ("A B",)),
    "an address in an object": ({"mainEntityOfPage": {"@id": "https://example.com/a"}}, "url", "https://example.com/a"),
    "an address that is none": ({"url": "/a"}, "url", None),
    "free, as text": ({"isAccessibleForFree": "False"}, "free", False),
    "free, as nonsense": ({"isAccessibleForFree": "perhaps"}, "free", None),
    "a text of paragraphs": ({"articleBody": "<p>One &amp; two</p><p>three</p>"}, "body", "One & two\n\nthree"),
    "a text in parts": ({"articleBody": ["One", "two"]}, "body", "One\n\ntwo"),
    "a text that is none": ({"articleBody": 7}, "body", None),
}


@pytest.mark.parametrize(("fields", "name", "value"), FIELDS.values(), ids=FIELDS)
def test_reads_a_field(fields: dict[str, object], name: str, value: object) -> None:
    assert getattr(read({"@type": "NewsArticle", **fields}), name) == value


BROKEN = {
    "cut in the middle": '{"@type": "NewsArticle", "headline": "A", "datePublished": "2021',
    "a raw line break and a comma too many": '{"@type": "NewsArticle",\n"headline":\n"A",}',
    "in a comment, with a semicolon": '<!-- {"@type": "NewsArticle", "headline": "A"} -->',
    "escaped for HTML": "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;A&quot;}",
    "a number without end": '{"@type": "NewsArticle", "headline": "A", "wordCount": ' + "9" * 20_000 + "}",
    "numbers that are none": '{"@type": "NewsArticle", "headline": "A", "x": Infinity, "y": NaN}',
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
def test_reads_broken_json(script: str) -> None:
    assert read(script).headline == "A"


@pytest.mark.parametrize(
    "script", ["", "no json", "[]", "7", '{"a":' * 50_000, '[{"@type": 3}]', '{"headline": "\\ud8']
)
def test_says_nothing_of_what_it_cannot_read(script: str) -> None:
    assert read(script) == jsonld.LinkedData()


def test_a_list_of_articles_is_not_the_pages_article() -> None:
    found = read({"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "A"}]})
    assert (found.is_list, found.is_article, found.headline) == (True, False, None)


CHOICES = {
    "the heading": (["Fire kills two | Example"], ["Fire kills two"], None, "Fire kills two"),
    "the heading without its kicker": (["Fire kills two"], ["City: Fire kills two"], None, "Fire kills two"),
    "no heading agrees": (["Fire kills two"], ["All the news of today"], None, "Fire kills two"),
    "only a heading": ([], ["Fire kills two"], None, "Fire kills two"),
    "only the site's name": ([], ["Example"], "Example", None),
    "the site's name in front": (["Example - Fire kills two"], [], "Example", "Fire kills two"),
    "the site's name behind": (["Fire kills two - Example"], [], "Example", "Fire kills two"),
    "a short tail that nobody explains": (["Fire kills two in old harbour town | Example"], [], None,
                                          "Fire kills two in old harbour town"),
    "another claim tells where the title ends": (["Fire kills - two in town", "Fire kills"], [], None, "Fire kills"),
    "a dash inside": (["Fire kills two - police name the dead and the missing"], [], None,
                      "Fire kills two - police name the dead and the missing"),
    "nothing": ([], [], None, None),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "shown", "site", "title"), CHOICES.values(), ids=CHOICES)
def test_chooses_the_headline(claims: list[str], shown: list[str], site: str | None, title: str | None) -> None:
    assert titles.choose(claims, shown, site=site) == title
