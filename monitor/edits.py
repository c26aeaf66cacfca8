"""What changed between two readings of a page."""

from __future__ import annotations

from .model import Article
from .text import tokens


def change(old: Article, new: Article) -> str | None:
    """Return what changed: "headline", "text", "headline, text", "wording" (no word, only commas and spaces), or None.

    Case, punctuation and white space do not make a change of headline or text.
    """
    if (old.title, old.text) == (new.title, new.text):
        return None
    changed = [
        name
        for name, before, after in (("headline", old.title, new.title), ("text", old.text, new.text))
        if tokens(before) != tokens(after)
    ]
    return ", ".join(changed) or "wording"
