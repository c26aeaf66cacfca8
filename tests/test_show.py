"""What a page wrote is shown as text: nothing of it is obeyed by a terminal, a browser or a spreadsheet."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor import plain, show, timeline
from monitor.replay import Compared
from monitor.rows import AlertRow, TimelineRow

NASTY = "\x1b[31mred\u202etxt\x07 <script>alert(1)</script>"


def row(headline: str, url: str = "https://a.example/1") -> TimelineRow:
    times = (None, "2021-08-09T01:00:00Z")
    edits = f"2021-08-10 headline: old → {headline}"
    return TimelineRow(
        "probe", "2021-08-09", headline, headline, "Wire", url, 2, 1, "new-development", *times, 1, edits
    )


def alert(
    headline: str, kind: str = "new-development", development: int | None = 1, summary: str | None = None
) -> AlertRow:
    times = ("2021-08-08T22:00:00Z", "2021-08-09T01:00:00Z")
    return AlertRow(
        *(
            3,
            "probe",
            kind,
            headline,
            "It said so.",
            "new: fired",
            "https://a.example/1",
            None,
            *times,
            None,
            None,
            0.4,
        ),
        *(development, 1, summary, 2, 2),
    )


@pytest.mark.parametrize("form", ["text", "md", "html", "csv", "json"])
def test_no_format_lets_a_control_or_bidi_character_through(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    timeline.FORMS[form](NASTY, (row(NASTY),))
    out = capsys.readouterr().out
    assert not plain.UNSAFE.search(out.replace("\r\n", "\n"))
    assert "red" in out


def test_markup_stays_text_in_html(capsys: pytest.CaptureFixture[str]) -> None:
    timeline.html("Story", (row(NASTY, "javascript:alert(1)"),))
    out = capsys.readouterr().out
    assert "<script>" not in out
    assert "javascript:" not in out
    assert "&lt;script&gt;" in out


FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@now", "\t=1", " =1+1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_no_formula_in_csv(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    timeline.csv("Story", (row(formula),))
    _, cells = csv.reader(io.StringIO(capsys.readouterr().out))
    assert not any(cell.lstrip().startswith(tuple("=+-@")) for cell in cells)


def test_json_keeps_the_text_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show.as_json((alert(NASTY),))
    (found,) = json.loads(capsys.readouterr().out)
    assert found["headline"] == NASTY


def test_an_alert_reads_as_headline_proof_and_source() -> None:
    head, proof, who = (show.words(line) for line in show.alert_lines(alert("Manager fired")))
    assert head == "#3 2021-08-08  Manager fired"
    assert proof == "    “It said so.”"
    assert who == "    a.example · 2 independent outlets · https://a.example/1"


def test_a_summary_stands_below_the_proof_and_says_whose_it_is() -> None:
    _, _, gist, who = show.alert_lines(alert("Manager fired", summary=f"{NASTY} was fired [1]"))
    assert show.words(gist).strip() == (f"in short, by a language model: {plain.line(NASTY)} was fired [1]")
    assert "a.example" in show.words(who)


def test_an_alert_that_ends_a_silence_does_not_repeat_the_sentence_of_its_development() -> None:
    woken = replace(alert("After 90 days of quiet, there is news: Manager fired", "resurfaced"), why="90 days earlier")
    _, said, *_ = (show.words(line) for line in show.alert_lines(woken))
    assert said.strip() == "90 days earlier"


def test_what_is_no_report_is_dated_by_when_it_was_raised() -> None:
    head, said, *_ = (show.words(line) for line in show.alert_lines(alert("Removed: a page", "removed", None)))
    assert head == "#3 2021-08-09  removed  Removed: a page"
    assert said == "    It said so."


def test_a_ranked_alert_tells_its_importance() -> None:
    head, *_ = (show.words(line) for line in show.alert_lines(alert("Manager fired"), ranked=True))
    assert head == "#3 2021-08-08  0.40  Manager fired"


def test_a_mark_stands_behind_the_headline() -> None:
    head, *_ = (show.words(line) for line in show.alert_lines(replace(alert("Manager fired"), feedback="noise")))
    assert head == "#3 2021-08-08  Manager fired  (noise)"


COMPARED = {
    "nothing was marked": ({}, ["5 articles: 1 alerts kept, 0 gained, 0 lost"]),
    "one": ({"useful": 1}, ["kept 1, of which 1 was marked useful"]),
    "several, the most first": (
        {"useful": 1, "noise": 3, "known": 1},
        ["kept 1, of which 3 were marked noise, 1 known and 1 useful"],
    ),
}


@pytest.mark.parametrize(("marks", "said"), COMPARED.values(), ids=COMPARED)
def test_how_alerts_were_marked_in_words(
    marks: dict[str, int], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    show.compared(Compared(5, 1, (), (), marks, {}))
    assert capsys.readouterr().out.splitlines()[-1:] == said


BACKING = {
    "nobody yet": (0, 0, ""),
    "one": (1, 1, "one outlet so far"),
    "one, reprinted": (3, 1, "one outlet so far, 3 reports"),
    "two": (2, 2, "2 independent outlets"),
}


@pytest.mark.parametrize(("reports", "independent", "words"), BACKING.values(), ids=BACKING)
def test_backing_in_words(reports: int, independent: int, words: str) -> None:
    class Counted:
        pass

    counted = Counted()
    counted.reports, counted.independent_reports = reports, independent  # type: ignore[attr-defined]
    assert show.backing(counted) == words


def test_instants_are_written_in_utc() -> None:
    assert show._json(datetime(2021, 8, 9, 1, tzinfo=UTC)) == "2021-08-09T01:00:00Z"
