"""How much each measure counts: a logistic sum whose weights were fitted on labelled streams (weights.toml).

The weights are read, not learnt: the same article gets the same answer on every machine and on every day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from .tables import table


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by measure, in units of the logistic sum; a measure that is not named counts nothing.

    bias   what is added in any case
    """

    bias: float
    of: Mapping[str, float]

    def weigh(self, measures: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        """Return the novelty, 0..1, and what each measure adds to the sum, the greatest first; zeros are left out."""
        parts = {name: value * self.of.get(name, 0.0) for name, value in measures.items()}
        total = self.bias + sum(parts.values())
        told = {name: part for name, part in sorted(parts.items(), key=lambda pair: -abs(pair[1])) if round(part, 2)}
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total)))), told


def _weights(name: str) -> Weights:
    rows = dict(_TABLE[name])
    return Weights(rows.pop("bias"), rows)


_TABLE = table("weights")
ARTICLE, SENTENCE, AGAIN = map(_weights, ("article", "sentence", "again"))
