"""Which similarity tells one event in two languages from other events of its story?  Scores the pairs of meaning.toml.

pip install -e '.[embeddings]' && python bench/meaning.py
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from monitor.story import meaning

THRESHOLDS = (0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)


def main() -> None:
    before = resident_mb()
    took, _ = timed(["A sentence to wake the model."])
    print(f"first use: {took:.1f} s, {before:.0f} MB before and {resident_mb():.0f} MB after")
    stories = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["story"]
    same = scored([pair for story in stories for pair in story["same"]])
    other = scored([pair for story in stories for pair in story["other"]])
    english = [pair[0] for _, pair in same]
    together = timed(english)[0] / len(english)
    alone = sum(timed([sentence])[0] for sentence in english) / len(english)
    print(f"a sentence: {together * 1e3:.1f} ms among others, {alone * 1e3:.1f} ms alone")
    print("\n| similarity | same event, of 30 | other event, of 60 |\n|---|---|---|")
    for threshold in THRESHOLDS:
        print(f"| at least {threshold:.2f} | {above(same, threshold)} | {above(other, threshold)} |")
    print(f"\nmedian {middle(same):.2f} and {middle(other):.2f}, ranked right {ranked_right(same, other):.2f}")
    for value, (one, another, why) in other[:5]:
        print(f"{value:.2f} though another event ({why}): {one} / {another}")
    for value, (one, another, *_) in same[-3:]:
        print(f"{value:.2f} though the same event: {one} / {another}")


Scored = Sequence[tuple[float, Sequence[str]]]


def scored(pairs: Sequence[Sequence[str]]) -> Scored:
    """Return the pairs with their similarity, the most similar first."""
    one = meaning.load().vectors([pair[0] for pair in pairs])
    another = meaning.load().vectors([pair[1] for pair in pairs])
    return sorted(zip((one * another).sum(axis=1).tolist(), pairs, strict=True), reverse=True)


def above(pairs: Scored, threshold: float) -> int:
    return sum(value >= threshold for value, _ in pairs)


def middle(pairs: Scored) -> float:
    return median(value for value, _ in pairs)


def ranked_right(same: Scored, other: Scored) -> float:
    """Return how often a pair of one event is more similar than a pair of two (the area under the ROC curve)."""
    return sum(one > another for one, _ in same for another, _ in other) / (len(same) * len(other))


def timed(sentences: Sequence[str]) -> tuple[float, object]:
    began = time.perf_counter()
    found = meaning.load().vectors(sentences)
    return time.perf_counter() - began, found


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4_096 / 1e6


if __name__ == "__main__":
    main()
