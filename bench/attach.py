"""Which development does a repeat confirm?  Judges labelled streams, and counts the repeats that went to their own.

    python bench/attach.py [FOLDER ...] [--part N]

FOLDER   of streams in the form of bench/stories/README.md, each with what a user would write to follow it beside it
         (without that: every article is about the story).  bench/stories and bench/held_out when left out
--part   only about one story in N, chosen by its name

A repeat is an article on topic that opened no development.  It is right if it is filed under the one that its label
names, wrong under another, none if it is filed under none; so one that tells none, or one that was never opened, can
only be wrong or none.  What is wrong is listed.  An article that could be labelled in two ways is judged, not counted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from monitor import replay
from monitor.config import load

HERE = Path(__file__).parent
OPENED, MISSED, NOTHING = "that tell a known development", "that tell a missed one", "that tell none"


class Repeat(NamedTuple):
    """`own`: the development that its label names; `given`: that under which it was filed, by its label; None: none."""

    title: str
    own: str | None
    given: str | None
    sort: str

    @property
    def told(self) -> str:
        return "none" if self.given is None else "right" if self.given == self.own else "wrong"


def repeats(stream: Path, part: int) -> Iterator[Repeat]:
    """Judge a stream, and yield its repeats in order; none if it is not of the part that was asked for."""
    rows = {row["id"]: row for row in replay.read_rows(stream)}
    story, opened = next(iter(rows.values()))["topic"], dict[str, str]()
    if crc32(story.encode()) % part:
        return
    for decision in decisions(stream, story, rows.values()):
        row, development = rows[decision["id"]], decision["development"]
        own = row["group"]
        if decision["new"]:
            opened[development] = own or "what is no development"
        elif decision["relevant"] and row.get("clean", True):
            sort = NOTHING if own is None else OPENED if own in opened.values() else MISSED
            yield Repeat(row["title"], own, opened.get(development), sort)


def decisions(stream: Path, story: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Judge the articles of a stream as the user's words beside it want it."""
    with tempfile.TemporaryDirectory() as folder:
        config_file, own = Path(folder) / "config.toml", stream.with_suffix(".toml")
        wanted = own.read_text("utf-8") if own.exists() else 'about = "*"\n'
        config_file.write_text(f"[[topics]]\nname = {json.dumps(story)}\n{wanted}", "utf-8")
        topics = load(config_file).topics
    return replay.decisions(topics, map(article, rows))


def article(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an article as `monitor replay` reads it, without its label."""
    said = {key: row[key] for key in ("id", "title", "text")}
    return {
        **said,
        "url": f"https://{row['source']}/{row['id']}",
        "publisher": row["source"],
        "published": row["published_at"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[HERE / "stories", HERE / "held_out"])
    parser.add_argument("--part", type=int, default=1, metavar="N")
    asked = parser.parse_args()
    for folder in asked.folders:
        found = [repeat for stream in sorted(folder.glob("*.jsonl")) for repeat in repeats(stream, asked.part)]
        for title, own, given, _ in (repeat for repeat in found if repeat.told == "wrong"):
            print(f"  “{title}” tells {own or 'none'}, filed under {given}")
        for sort in (OPENED, MISSED, NOTHING):
            counts = Counter(repeat.told for repeat in found if repeat.sort == sort)
            shown = ", ".join(f"{counts[told]} {told}" for told in ("right", "wrong", "none"))
            print(f"{folder.name}, {counts.total()} {sort}: {shown}")


if __name__ == "__main__":
    main()
