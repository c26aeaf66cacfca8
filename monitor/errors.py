"""What can go wrong, as a tree.  A class exists only where some caller acts differently on it.

MonitorError                 what, where, why and what to do, in plain words; ends a command with `exit_code`
├── UsageError               the command was asked for something that does not exist            -> exit 2
├── ConfigError              file, key path, what was found and what is allowed                 -> exit 3
├── AlreadyRunning           another process follows stories into this database                 -> exit 5
├── StoreError               the database cannot be used: say why, touch nothing                -> exit 1
│   └── StoreBusy            another program holds its lock: nothing was written, try again
├── DeliverError             a channel did not take an alert: it stays in the outbox
└── ParseError               bytes that are not what they should be: recorded, the visit goes on
    ├── NotAFeed             no feed, sitemap, listing or search answer could be read
    └── NotAnArticle         a page without an article, and which kind of page it is

Failed requests are no exceptions: `fetch.get` returns a `model.Failed`.
"""

from __future__ import annotations

from typing import ClassVar


class MonitorError(Exception):
    """Say in one or a few plain lines what happened, where, why, and what to do."""

    exit_code: ClassVar[int] = 1


class UsageError(MonitorError):
    """Say that a topic, alert or file that a command names does not exist."""

    exit_code = 2


class ConfigError(MonitorError):
    """Say which key of which file is wrong, what was found there and what is allowed."""

    exit_code = 3


class AlreadyRunning(MonitorError):
    """Say which process already works on this database."""

    exit_code = 5


class StoreError(MonitorError):
    """Say why the database cannot be used: missing, locked, foreign, damaged, newer, read-only or full."""


class StoreBusy(StoreError):
    """Say that another program has locked the database; what was to be written can be written later."""


class DeliverError(MonitorError):
    """Say why a channel did not accept an alert."""


class ParseError(MonitorError):
    """Say why bytes could not be read as what they claim to be."""


class NotAFeed(ParseError):
    """Say why bytes hold no feed, sitemap, listing or search answer."""


class NotAnArticle(ParseError):
    """Say which kind of page was found in place of an article.

    kind    one of: empty, thin, consent, login, captcha, error-page, listing, parked, needs-script, binary,
            not-html, meta-refresh, paywall, wrapped
    """

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"{kind}: {why}")
        self.kind = kind
