"""The rules that are data: the package's own TOML files, read as they are shipped."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def table(name: str) -> dict[str, Any]:
    """Return the table NAME.toml beside this file; raises FileNotFoundError when the package has none of that name."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def alternatives(words: str) -> str:
    """Return a regular expression that matches any of the words, which are parted by blanks; longer ones first."""
    return "|".join(sorted(words.split(), key=len, reverse=True))
