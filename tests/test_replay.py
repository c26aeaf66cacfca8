import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import replay
from monitor.errors import MonitorError
from monitor.model import Article, ArticleId, Feedback, Filed, Topic, Verdict

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
MILL = Topic("mill", "Mill fire", about="Harland")
BRIDGE = Topic("bridge", "Bridge", about="bridge")
FIRE = (
    "Police arrested three people on Monday over the fire that destroyed the Harland textile mill. "
    "Two workers were injured when the roof fell in on Saturday. The owner, Maria Keller, was abroad at that time."
)
CHARGED = "Prosecutors charged Maria Keller, the owner of the Harland mill, with manslaughter on Tuesday."


def row(name: str, title: str, text: str, hours: float = 0, **more: str) -> dict[str, Any]:
    at = (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {"id": name, "url": f"https://paper.example/{name}", "published": at, "title": title, "text": text, **more}


STREAM = [
    row("a", "Three arrested over mill fire", FIRE, publisher="paper.example"),
    row("b", "Three held over mill fire", "(Wire) " + FIRE, 2),
    row("c", "Weather", "It will rain in the north.", 3),
    row("d", "Mill owner charged", CHARGED, 26, language="en"),
]


def test_decisions_have_the_shape_of_the_contract() -> None:
    found = list(replay.decisions([MILL], STREAM))
    assert [each["id"] for each in found] == ["a", "b", "c", "d"]
    assert [each["new"] for each in found] == [True, False, False, True]
    assert [each["relevant"] for each in found] == [True, True, False, True]
    assert [each["copy_of"] for each in found] == [None, "a", None, None]
    assert found[1]["development"] == found[0]["development"] != found[3]["development"]
    assert found[2]["development"] is None
    assert found[3]["evidence"] == [CHARGED]
    assert found[3]["happened_on"] == "2024-03-05"
    assert found[1]["why"]["copy"]["of"] == "a"
    for each in found:
        keys = {
            "id",
            "topic",
            "relevant",
            "relevance",
            "copy_of",
            "new",
            "novelty",
            "development",
            "happened_on",
            "evidence",
            "why",
        }
        assert keys <= each.keys()
        assert 0 <= each["relevance"] <= 1
        assert 0 <= each["novelty"] <= 1
        assert json.loads(json.dumps(each)) == each


def test_a_row_that_names_its_topic_is_judged_for_it_alone() -> None:
    rows = [row("a", "Mill fire", FIRE, topic="mill"), row("b", "Mill fire", FIRE)]
    found = [(each["id"], each["topic"]) for each in replay.decisions([MILL, BRIDGE], rows)]
    assert found == [("a", "mill"), ("b", "mill"), ("b", "bridge")]
    only = [(each["id"], each["topic"]) for each in replay.decisions([MILL, BRIDGE], rows, only="bridge")]
    assert only == [("b", "bridge")]


def test_only_the_past_counts() -> None:
    whole = list(replay.decisions([MILL], STREAM))
    for end in range(len(STREAM)):
        assert list(replay.decisions([MILL], STREAM[:end])) == whole[:end]


WRONG: dict[str, tuple[Mapping[str, Any], str]] = {
    "a key is missing": ({"id": "x", "url": "u", "title": "t", "text": "t"}, "published missing"),
    "no date": ({**STREAM[0], "published": "yesterday"}, "expected ISO 8601"),
    "a number for a text": ({**STREAM[0], "text": 5}, "text: found 5"),
    "an unknown topic": ({**STREAM[0], "topic": "mills"}, "the config has: mill"),
    "a wrong language": ({**STREAM[0], "language": 1}, "language: found 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_rows_are_named(case: str) -> None:
    wrong, why = WRONG[case]
    with pytest.raises(MonitorError, match=why) as raised:
        list(replay.decisions([MILL], [STREAM[0], wrong]))
    assert "line 2" in str(raised.value)


def test_rows_are_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "stream.jsonl"
    path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in STREAM) + "\n\n", "utf-8")
    assert replay.read_rows(path) == STREAM


LINES = {
    "not JSON": ('{"id": 1}\nnonsense\n', "line 2: not JSON"),
    "no object": ("[1]\n", "line 1: found list"),
}


@pytest.mark.parametrize("case", LINES)
def test_bad_lines_are_named(case: str, tmp_path: Path) -> None:
    text, why = LINES[case]
    path = tmp_path / "stream.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(MonitorError, match=why):
        replay.read_rows(path)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match=r"absent\.jsonl"):
        replay.read_rows(tmp_path / "absent.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MonitorError, match="UTF-8"):
        replay.read_rows(tmp_path / "binary")


def filed(number: int, title: str, text: str, hours: float, verdict: Verdict) -> Filed:
    at = NOON + timedelta(hours=hours)
    article = Article(url=f"https://paper.example/{number}", title=title, text=text, published=at)
    return Filed(ArticleId(number), article, at, decided={"mill": verdict})


def test_the_archive_is_compared_with_what_was_alerted() -> None:
    archive = [
        filed(1, "Three arrested over mill fire", FIRE, 0, Verdict.NEW),
        filed(2, "Three held over mill fire", "(Wire) " + FIRE, 2, Verdict.NEW),
        filed(3, "Mill owner charged", CHARGED, 26, Verdict.NOTHING_NEW),
    ]
    found = replay.from_archive([MILL], archive)
    assert (found.articles, found.kept) == (3, 1)
    assert [each.article for each in found.lost] == [2]
    assert [(each.article, each.title) for each in found.gained] == [(3, "Mill owner charged")]
    assert found.gained[0].published == NOON + timedelta(hours=26)


def test_what_is_lost_and_kept_is_told_with_its_mark() -> None:
    archive = [
        filed(1, "Three arrested over mill fire", FIRE, 0, Verdict.NEW),
        filed(2, "Three held over mill fire", "(Wire) " + FIRE, 2, Verdict.NEW),
        filed(3, "Three held", "(Post) " + FIRE, 3, Verdict.NEW),
        filed(4, "Mill owner charged", CHARGED, 26, Verdict.NOTHING_NEW),
    ]
    marks = {(1, "mill"): Feedback.USEFUL, (2, "mill"): Feedback.NOISE, (3, "other"): Feedback.USEFUL}
    found = replay.from_archive([MILL], archive, marks)
    assert [each.feedback for each in found.lost] == [Feedback.NOISE, None]
    assert [each.feedback for each in found.gained] == [None]
    assert (found.kept_marked, found.lost_marked) == ({"useful": 1}, {"noise": 1})


def test_background_stays_background() -> None:
    archive = [
        filed(1, "Three arrested over mill fire", FIRE, 0, Verdict.LEARNT),
        filed(2, "Three held over mill fire", "(Wire) " + FIRE, 2, Verdict.COPY),
    ]
    found = replay.from_archive([MILL], archive, only="mill")
    assert (found.kept, found.gained, found.lost) == (0, (), ())
    assert replay.from_archive([MILL], archive, only="other").articles == 2
