import json

import pytest

from monitor.page import jsonld


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
    assert (found.is_article, found.headline) == (False, None)


AUTHORS = {
    "a person and an organisation": (
        [{"@type": "Person", "name": "Maria Writer"}, {"@type": "NewsMediaOrganization", "name": "The Example"}],
        ("Maria Writer", "The Example"),
        ("The Example",),
    ),
    "an organisation alone": ({"@type": "Organization", "name": "The Example"}, ("The Example",), ("The Example",)),
    "no type": ({"name": "Maria Writer"}, ("Maria Writer",), ()),
    "types in a list": ({"@type": ["Organization"], "name": "The Example"}, ("The Example",), ("The Example",)),
}


@pytest.mark.parametrize(("author", "names", "groups"), AUTHORS.values(), ids=AUTHORS)
def test_tells_organisations_among_authors(author: object, names: tuple[str, ...], groups: tuple[str, ...]) -> None:
    found = read({"@type": "NewsArticle", "author": author})
    assert (found.authors, found.groups) == (names, groups)


def test_lists_the_updates_of_a_live_blog() -> None:
    found = read({
        "@type": "LiveBlogPosting",
        "headline": "The storm, hour by hour",
        "liveBlogUpdate": [
            {"@type": "BlogPosting", "headline": "Harbour closed", "datePublished": "2021-08-12T10:00:00Z",
             "articleBody": "<p>The harbour is closed.</p><p>Nobody was hurt.</p>"},
            {"@type": "BlogPosting", "articleBody": "The wind drops."},
            {"@type": "BlogPosting", "headline": "No text"},
            "nonsense",
        ],
    })  # fmt: skip
    assert found.headline == "The storm, hour by hour"
    assert found.updates == (
        jsonld.Update("2021-08-12T10:00:00Z", "Harbour closed", "The harbour is closed.\n\nNobody was hurt."),
        jsonld.Update(None, None, "The wind drops."),
    )


def test_one_update_needs_no_list() -> None:
    assert read({"@type": "LiveBlogPosting", "liveBlogUpdate": {"articleBody": "A"}}).updates == (
        jsonld.Update(None, None, "A"),
    )


def test_takes_the_author_out_of_broken_json() -> None:
    script = '{"@type": "NewsArticle", "headline": "A", "author": [{"@type": "Person", "name": "Maria Writer"}], "x": }'
    assert read(script).authors == ("Maria Writer",)
