"""What came back from the network, and what politeness is to remember of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask "has it changed?" with, verbatim; None: it gave none."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """One step on the way to a page: this address answered with this status, and sent us on."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came back whole.

    url        as asked for
    final_url  after redirects
    redirects  the steps between the two, in order
    headers    names in lower case; repeated ones joined by ", "
    body       decoded (no content-encoding left)
    fresh_s    seconds for which the server says the answer stays fresh (Cache-Control); None: not said
    ms         wall time of the whole chain
    """

    url: str
    final_url: str
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    validators: Validators = Validators()
    fresh_s: float | None = None
    ms: int = 0
    redirects: tuple[Redirect, ...] = ()

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing changed since the validators we sent."""

    url: str
    final_url: str
    at: datetime
    validators: Validators = Validators()
    fresh_s: float | None = None
    ms: int = 0
    status: int = 304


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that gave no page.

    error      its class: timeout, dns, connect, tls, protocol, truncated, too-large, decode, redirect,
               private-address, scheme, robots, status
    why        one plain sentence
    status     of the last answer; None: there was none
    retry_at   when the server (or a robots rule) lets us ask again; None: it did not say
    asked      False: the page itself was not asked for, as its host is to be left alone
    """

    url: str
    final_url: str
    at: datetime
    error: str
    why: str
    status: int | None = None
    retry_at: datetime | None = None
    ms: int = 0
    asked: bool = True


Outcome = Fetched | NotModified | Failed


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked of a host since the last receipt: robots.txt and redirects included.

    at                of the last request
    received_bytes    of bodies, as they travelled
    unasked           pages that were not asked for, because robots.txt forbids it
    delay_s           the pause that was to be kept after a request to its site
    shortest_pause_s  that was kept; None: there was only one request
    """

    host: str
    at: datetime
    requests: int = 0
    not_modified: int = 0
    failed: int = 0
    received_bytes: int = 0
    unasked: int = 0
    delay_s: float = 0.0
    shortest_pause_s: float | None = None


@dataclass(frozen=True, slots=True)
class RobotsTxt:
    """The robots.txt of an origin ("https://news.example"), as it was read; to be asked for again at `until`."""

    origin: str
    text: bytes
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A host that asked, by an answer with `status`, to be left alone until then."""

    host: str
    until: datetime
    status: int


@dataclass(frozen=True, slots=True)
class Manners:
    """What politeness is to remember beyond the end of the program."""

    receipts: tuple[Receipt, ...] = ()
    robots: tuple[RobotsTxt, ...] = ()
    holds: tuple[Hold, ...] = ()
