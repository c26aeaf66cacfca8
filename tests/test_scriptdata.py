import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.page import scriptdata

HEAD = "Harbour board approves repair of the old bridge"
STORY = (
    "The harbour board approved a plan to repair the old bridge on Thursday, after two years of talks with the city.",
    "Work is to begin in March and will take eleven months, the board's chair, Ana Ruiz, told “reporters” & others.",
    "About 900 people who live on the island will have to use a ferry while the bridge is closed.",
)
HTML = "".join(f"<p>{text.replace('&', '&amp;')}</p>" for text in STORY)
OTHER = [{"title": f"Another story {n}", "summary": "It tells something else. " * 4} for n in range(9)]


def article(body: Any, **more: Any) -> dict[str, Any]:
    return {"headline": HEAD, "body": body, **more}


def next_data(page: Any) -> str:
    return json.dumps({"props": {"pageProps": {"article": page, "related": OTHER}}, "page": "/[slug]", "buildId": "x1"})


def runs(text: str) -> list[dict[str, Any]]:
    half = len(text) // 2
    return [{"type": "text", "text": text[:half]}, {"type": "text", "marks": [{"type": "bold"}], "text": text[half:]}]


def pushed(stream: str) -> str:
    return f"self.__next_f.push([1,{json.dumps(stream)}])"


FLAT = [
    {"data": 1},
    {"story": 2},
    {"title": 3, "content": 4, "publishedAt": 5},
    HEAD,
    HTML,
    "2021-08-12T09:30:00Z",
]

SHAPES: dict[str, list[str]] = {
    "HTML in the state of a framework": [next_data(article(HTML))],
    "HTML under WordPress's names": [
        json.dumps({"post": {"title": {"rendered": HEAD}, "content": {"rendered": HTML}}})
    ],
    "plain text in lines": [next_data(article("\n\n".join(STORY)))],
    "a list of strings": [next_data(article(list(STORY)))],
    "a list of paragraphs": [next_data(article([{"type": "paragraph", "text": text} for text in STORY]))],
    "a list of paragraphs of HTML, with pictures between them": [
        next_data(article([
            part
            for text in STORY
            for part in (
                {"type": "text", "html": f"<p>{text}</p>"},
                {"type": "image", "text": "A picture of the bridge, taken on Thursday by our photographer."},
            )
        ]))
    ],
    "Draft.js": [next_data(article({"blocks": [{"type": "unstyled", "text": t} for t in STORY], "entityMap": {}}))],
    "Draft.js, as a string inside": [
        next_data(article(json.dumps({"blocks": [{"type": "unstyled", "text": t} for t in STORY]})))
    ],
    "ProseMirror": [
        next_data(article({"type": "doc", "content": [{"type": "paragraph", "content": runs(t)} for t in STORY]}))
    ],
    "Lexical": [
        next_data(article({"root": {"children": [{"type": "paragraph", "children": runs(t)} for t in STORY]}}))
    ],
    "Portable Text": [
        next_data(article([
            {"_type": "block", "style": "normal", "children": [{"_type": "span", "text": t}]} for t in STORY
        ]))
    ],
    "Contentful": [
        next_data(article({
            "nodeType": "document",
            "content": [{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": t}]} for t in STORY],
        }))
    ],
    "an assignment with code behind it": [
        f"window.__INITIAL_STATE__ = {next_data(article(HTML))};(function(){{document.x.remove()}}());"
    ],
    "an assignment with undefined in it": [
        f"window.__STATE__={json.dumps({'story': article(HTML)})[:-1]},\"user\":undefined}};window.x = 1"
    ],
    "JSON in a string of a script": [f"window.__DATA__ = JSON.parse({json.dumps(next_data(article(HTML)))});"],
    "JSON in single quotes": ["var s = JSON.parse('" + next_data(article(HTML)).replace("'", "\\'") + "');"],
    "entities by reference": [
        json.dumps({
            "ROOT_QUERY": {"article": {"__ref": "Article:1"}},
            "Article:1": {"headline": HEAD, "body": [{"__ref": f"Paragraph:{n}"} for n in range(len(STORY))]},
            **{f"Paragraph:{n}": {"__typename": "Paragraph", "text": text} for n, text in enumerate(STORY)},
        })
    ],
    "a flattened state": [json.dumps(FLAT)],
    "rows of server components": [
        pushed('0:["$","main",null,{"title":' + json.dumps(HEAD) + ',"content":['),
        pushed(",".join(json.dumps(["$", "p", None, {"children": text}]) for text in STORY) + "]}]\n"),
    ],
    "the longest of several": [next_data(article("It is a short summary. " * 12)), next_data(article(HTML))],
}  # fmt: skip


@pytest.mark.parametrize("scripts", SHAPES.values(), ids=SHAPES)
def test_reads_the_article_from(scripts: list[str]) -> None:
    found = scriptdata.read(scripts)
    assert found is not None
    assert found.paragraphs == STORY
    assert found.headline == HEAD


def test_the_fields_beside_the_body() -> None:
    page = article(HTML, publishedAt="2021-08-12T09:30:00Z", authors=[{"name": "Maria Writer"}, "Tom Scribe"])
    found = scriptdata.read([next_data(page)])
    assert found is not None
    assert (found.published, found.authors) == ("2021-08-12T09:30:00Z", ("Maria Writer", "Tom Scribe"))


def test_the_fields_around_the_body() -> None:
    page = {"title": HEAD, "date": 1628760600, "author": "Maria Writer", "data": {"main": {"paragraphs": list(STORY)}}}
    found = scriptdata.read([json.dumps(page)])
    assert found is not None
    assert (found.headline, found.published, found.authors) == (HEAD, "1628760600", ("Maria Writer",))


def test_the_page_title_tells_which_of_two_articles_it_is() -> None:
    two = json.dumps({"stories": [article(HTML), {"headline": "Ferry company hires captains", "body": HTML * 3}]})
    found = scriptdata.read([two], title=f"{HEAD} | The Daily Example")
    assert found is not None
    assert found.headline == HEAD


NONE = {
    "no script": [],
    "a program": ["function a(b){return b.map(function(c){return c.text='Hello, this is a text.'})};" * 20],
    "labels of the site": [
        json.dumps({"translations": {f"k{n}": {"text": "Please accept our terms of use. " * 9} for n in range(9)}})
    ],
    "teasers of other stories": [json.dumps({"props": {"related": OTHER, "latest": [article(HTML)]}})],
    "many short labels": [json.dumps({"content": [{"text": f"Label number {n}."} for n in range(80)]})],
    "encoded data": [json.dumps({"data": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 40 + "."})],
    "broken JSON": [next_data(article(HTML))[:-9]],
    "a tree without end": ['{"body":' * 50_000 + "1" + "}" * 50_000],
    "entities that hold one another": [
        json.dumps({f"E:{n}": {"body": [{"__ref": f"E:{m}"} for m in range(9)]} for n in range(9)})
    ],
    "a flattened state that holds itself": [json.dumps([{"data": 1}, [1] * 300])],
    "more than anybody reads": [next_data(article(HTML * 20_000))],
}


@pytest.mark.parametrize("scripts", NONE.values(), ids=NONE)
def test_finds_none_in(scripts: list[str]) -> None:
    assert scriptdata.read(scripts) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["body", "text", "type", "children", "$"]), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["", "x = ", "JSON.parse(", "self.__next_f.push("]))
def test_any_data_is_read(value: Any, before: str) -> None:
    found = scriptdata.read([before + json.dumps(value) + " " * 400])
    assert found is None or found.paragraphs
