"""A page's text, shown as text: one function for each way out, and nothing that what reads there would obey.

    line, lines   terminals, pipes, logs, the subject of a mail
    html          a browser
    markdown      whatever shows Markdown
    cell          a spreadsheet that opens a CSV file
    chat          mail and chat, whose services take mentions, links and markup out of plain text
    link          an address that may be followed

JSON is written with every letter beyond ASCII escaped, and then needs no more.  What is stored is whole; it is cleaned
only on its way out.
"""

from __future__ import annotations

import re
from html import escape

_CONTROLS = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
"""C0 but for the line feed, C1, further line ends, and halves of letters, which cannot be written."""
_UNSEEN = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e00ff"
)
"""What turns the direction of text, what has no width, and letters that show as nothing."""

UNSAFE = re.compile(f"[{_CONTROLS}{_UNSEEN}]")
"""What leaves the program in no way; line feeds stand where they are meant."""

_OBEYED = re.compile(f"[{_CONTROLS}\n]+")
_OBEYED_BUT_LINES = re.compile(f"[{_CONTROLS}]+")
# Joiners belong to Persian, to Indian scripts and to emoji; behind a Latin letter they only make a word another.
_HIDDEN = re.compile(f"[{_UNSEEN}]|(?<![^\x00-\x7f])[\u200c\u200d]+")

_FORMULA = re.compile("[=+\\-@＝＋－＠]")
_NEXT_CELL = re.compile("(;[\\s\"']*)(?=[=+\\-@＝＋－＠])")  # where the list separator is a semicolon
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~$&]")
_BLOCK = re.compile(r"^(\s*)(\d+(?=[.)])|(?=[-+=]))")
_CHAT = str.maketrans({"<": "‹", ">": "›", "@": "＠"})
_NOT_IN_LINKS = str.maketrans({" ": "%20", "<": "%3C", ">": "%3E", '"': "%22", "\\": "%5C", "`": "%60"})


def line(text: object) -> str:
    """Return text as one line that no terminal obeys; None becomes the empty string."""
    return "" if text is None else _HIDDEN.sub("", _OBEYED.sub(" ", str(text)))


def lines(text: object) -> str:
    """Return text that no terminal obeys, with its line ends."""
    return "" if text is None else _HIDDEN.sub("", _OBEYED_BUT_LINES.sub(" ", str(text)))


def html(text: object) -> str:
    """Return text as it stands in HTML, in an element or in a quoted attribute."""
    return escape(line(text), quote=True)


def markdown(text: object) -> str:
    """Return text as one line of Markdown that reads the same when it is shown, wherever it stands."""
    escaped = _MARKDOWN.sub(r"\\\g<0>", line(text))
    return _BLOCK.sub(r"\1\2\\", escaped)


def cell(text: object) -> str:
    """Return text for a cell that no spreadsheet takes for a formula: an apostrophe says that it is none."""
    plain = line(text)
    guarded = f"'{plain}" if _FORMULA.match(plain.lstrip()) else plain
    return _NEXT_CELL.sub(r"\1'", guarded)


def chat(text: object) -> str:
    """Return text that calls nobody, hides no address behind words and is no markup, with its line ends.

    What would be obeyed looks alike: no escape is known to all services.
    """
    return lines(text).translate(_CHAT).replace("](", "] (")


def link(url: object) -> str:
    """Return an address of the web as it can stand between any brackets or quotes; else the empty string."""
    text = line(url).translate(_NOT_IN_LINKS)
    return text if text.startswith(("http://", "https://")) else ""
