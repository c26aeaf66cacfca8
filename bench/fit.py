"""Fit the weights of the judge (monitor/story/weights.toml) on labelled streams, and say how well they do.

    python bench/fit.py SET=DECISIONS.jsonl:LABELS ... [--write]

SET         a name for the streams; each set counts as much as its --share says, however many articles it has
DECISIONS   what `monitor replay` wrote; the measures are read from it, whatever was decided
LABELS      a folder of JSONL streams, one a story, whose lines have "topic", "id" and "group": the development that an
            article tells, or null.  An article is new if it is the first of its group.  Those with "kind" tell recaps
            and comment apart; others teach nothing about what kind of text an article is
--write     replace the weights

Logistic regression, one table of weights for all languages.  Each story is judged by weights that were fitted without
it ("cross-validated"), in five parts of whole stories; "fitted" are the figures of the weights on the very streams that
they were fitted on.  Needs `pip install scikit-learn`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from monitor.judge import THRESHOLD

Array = NDArray[np.float64]
OUT = Path(__file__).parent.parent / "monitor" / "story" / "weights.toml"
PARTS = 5
OF_KIND = ("comment", "looks back", "writer argues")
STRENGTH = 0.05  # of the pull towards zero: smaller is stronger


@dataclass(frozen=True, slots=True)
class Row:
    """An article with its measures.

    group    its development; None: it tells none
    alerted  what was decided when it was measured
    kinds    its label says what kind of text it is
    """

    story: str
    id: str
    group: str | None
    new: bool
    measures: Mapping[str, float]
    alerted: bool
    kinds: bool

    @property
    def taught(self) -> Mapping[str, float]:
        """The measures that its label teaches something about."""
        return self.measures if self.kinds else {**self.measures, **dict.fromkeys(OF_KIND, 0.0)}


def rows(decisions: Path, labels: Path) -> list[Row]:
    """Return the articles of all stories in order; those that were not measured (off topic, copies, first) too."""
    decided = {}
    for line in decisions.read_text("utf-8").splitlines():
        row = json.loads(line)
        decided[row["topic"], row["id"]] = row
    found = []
    for path in sorted(labels.glob("*.jsonl")):
        seen: set[str | None] = {None}
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if not row.get("clean", True):
                continue
            name = row["topic"].lower().replace(".", "-").replace("_", "-")
            decision = decided.get((name, row["id"]), {})
            new, group = row["group"] not in seen, row["group"]
            seen.add(group)
            measured = decision.get("why", {}).get("measures", {})
            found.append(Row(name, row["id"], group, new, measured, bool(decision.get("new")), "kind" in row))
    return found


def alert_f1(found: Sequence[Row], alerts: Iterable[bool]) -> tuple[float, float, float, float]:
    """Return F1, precision, recall and alerts per development: the first alert in a development is right."""
    told: set[tuple[str, str]] = set()
    raised = 0
    for row, alert in zip(found, alerts, strict=True):
        raised += alert
        if alert and row.group is not None:
            told.add((row.story, row.group))
    developments = len({(row.story, row.group) for row in found if row.group is not None})
    precision, recall = len(told) / max(1, raised), len(told) / max(1, developments)
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall, raised / max(1, developments)


# ------------------------------------------------------------------------------------------------------------ fitting


def matrix(found: Sequence[Mapping[str, float]], names: Sequence[str]) -> Array:
    """Return a line an article, a column a measure."""
    return np.array([[measures.get(name, 0.0) for name in names] for measures in found])


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by measure, in the measures' own units."""

    names: Sequence[str]
    bias: float
    weights: Array

    def chances(self, found: Sequence[Row]) -> Array:
        """Return the novelty of each article, 0..1; 0 for one that was not measured."""
        measured = np.array([bool(row.measures) for row in found])
        sums = matrix([row.measures for row in found], self.names) @ self.weights + self.bias
        return np.where(measured, 1 / (1 + np.exp(-sums)), 0.0)


def fit(found: Sequence[tuple[Row, float]], strength: float) -> Fitted:
    """Fit the weights to articles, each with how much it counts."""
    measured = [(row, count) for row, count in found if row.measures]
    names = sorted({name for row, _ in measured for name in row.measures})
    table = matrix([row.taught for row, _ in measured], names)
    scale = table.std(0) + 0.05
    model = LogisticRegression(C=strength, max_iter=3000)
    model.fit(table / scale, [row.new for row, _ in measured], sample_weight=[count for _, count in measured])
    return Fitted(names, float(model.intercept_[0]), model.coef_[0] / scale)


def weighed(sets: Mapping[str, Sequence[Row]], share: Mapping[str, float]) -> list[tuple[Row, float]]:
    """Return all articles and how much each counts, so that a set has its share whatever its size."""
    sizes = {name: max(1, sum(bool(row.measures) for row in each)) for name, each in sets.items()}
    return [(row, 1000 * share.get(name, 1.0) / sizes[name]) for name, each in sets.items() for row in each]


def crossed(sets: Mapping[str, Sequence[Row]], share: Mapping[str, float], strength: float) -> dict[str, Array]:
    """Return each set's novelties by weights that were fitted without the article's story."""
    everything = weighed(sets, share)
    stories = sorted({row.story for row, _ in everything})
    random.Random(1).shuffle(stories)  # noqa: S311 - not a secret
    part = {story: number % PARTS for number, story in enumerate(stories)}
    out = {name: np.zeros(len(each)) for name, each in sets.items()}
    for number in range(PARTS):
        model = fit([(row, count) for row, count in everything if part[row.story] != number], strength)
        for name, each in sets.items():
            here = np.array([part[row.story] == number for row in each])
            out[name] = np.where(here, model.chances(each), out[name])
    return out


def alerts(found: Sequence[Row], chances: Array, threshold: float) -> list[bool]:
    """Return what is alerted: what reaches the threshold, and what is alerted without being measured."""
    return [
        bool(chance >= threshold) if row.measures else row.alerted for row, chance in zip(found, chances, strict=True)
    ]


# ---------------------------------------------------------------------------------------------------------- sentences


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text without a headline; `tells` says whether people found a fact of the story in it."""

    story: str
    tells: bool
    measures: Mapping[str, float]


def sentence_rows(decisions: Path, labels: Path) -> list[Sentence]:
    """Return the sentences that were measured; LABELS have "text" and "nuggets", a line a sentence."""
    known = {}
    for path in sorted(labels.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            known[row["topic"].lower().replace(".", "-"), row["text"][:SHOWN].strip()] = bool(row["nuggets"])
    found = []
    for line in decisions.read_text("utf-8").splitlines():
        row = json.loads(line)
        for one in row["why"].get("sentences", ()):
            tells = known.get((row["topic"], one["sentence"].strip("“”…").strip()[:SHOWN].strip()))
            if tells is not None:
                found.append(Sentence(row["topic"], tells, one["measures"]))
    return found


def fit_sentences(found: Sequence[Sentence]) -> str:
    """Return the table of weights of sentences; each story counts as much as another."""
    names = list(found[0].measures)
    table = np.array([[row.measures[name] for name in names] for row in found])
    sizes = {row.story: sum(other.story == row.story for other in found) for row in found}
    scale = table.std(0) + 0.05
    model = LogisticRegression(max_iter=1000)
    model.fit(table / scale, [row.tells for row in found], sample_weight=[100 / sizes[row.story] for row in found])
    rows_ = [f'"{name}" = {weight:.2f}' for name, weight in zip(names, model.coef_[0] / scale, strict=True)]
    return "\n".join([f"[sentence]  # {SENTENCES}", f"bias = {float(model.intercept_[0]):.2f}", *rows_]) + "\n"


SHOWN = 60  # characters of a sentence by which it is known again
SENTENCES = "texts without a headline: does a sentence tell a fact of the story?"


# ------------------------------------------------------------------------------------------------------------- report


def told(name: str, how: str, found: Sequence[Row], chances: Array, threshold: float) -> str:
    """Return a line of figures."""
    f1, precision, recall, each = alert_f1(found, alerts(found, chances, threshold))
    return (
        f"{name:10} {how:16} F1 {f1:.3f}  precision {precision:.3f}  recall {recall:.3f}  alerts/development {each:.2f}"
    )


def written(model: Fitted) -> str:
    """Return the weights as the data file of the judge."""
    rows = [f'"{name}" = {weight:.2f}' for name, weight in zip(model.names, model.weights, strict=True)]
    return "\n".join([HEAD, "", f"[article]  # {ARTICLE}", f"bias = {model.bias:.2f}", *rows]) + "\n"


HEAD = (
    "# How much each measure counts, in units of the logistic sum.  Fitted by bench/fit.py; read by story/weights.py."
)
ARTICLE = "does it tell a development?"


def main() -> None:
    """Read the streams, fit, say how well it does, and write the weights if asked to."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("sets", nargs="+", metavar="SET=DECISIONS:LABELS")
    ask.add_argument("--share", action="append", default=[], metavar="SET=SHARE")
    ask.add_argument("--strength", type=float, default=STRENGTH)
    ask.add_argument("--sentences", metavar="DECISIONS:LABELS", help="fit the weights of sentences too")
    ask.add_argument("--write", action="store_true")
    asked = ask.parse_args()
    sets: dict[str, list[Row]] = {}
    for each in asked.sets:
        name, _, paths = each.partition("=")
        decisions, _, labels = paths.partition(":")
        sets.setdefault(name, []).extend(rows(Path(decisions), Path(labels)))
    share = {name: float(value) for name, _, value in (each.partition("=") for each in asked.share)}
    out = crossed(sets, share, asked.strength)
    for name, found in sets.items():
        print(told(name, "cross-validated", found, out[name], THRESHOLD))
        best = max(np.linspace(0.1, 0.9, 81), key=lambda t: alert_f1(found, alerts(found, out[name], t))[0])
        print(told(name, f"  best at {best:.2f}", found, out[name], best))
    model = fit(weighed(sets, share), asked.strength)
    for name, found in sets.items():
        print(told(name, "fitted", found, model.chances(found), THRESHOLD))
    text = written(model)
    kept = OUT.read_text("utf-8").partition("[sentence]")
    sentences = (
        fit_sentences(sentence_rows(*map(Path, asked.sentences.split(":")))) if asked.sentences else kept[1] + kept[2]
    )
    if asked.write:
        OUT.write_text(f"{text}\n{sentences}", "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
