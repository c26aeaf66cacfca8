"""What a server's answer means: where it points, how long it stays fresh, when it lets us ask again.

    Answer + the validators we sent + now -> Fetched | NotModified | Failed

Sources: RFC 9110 (HTTP semantics), RFC 9111 (caching).  Header values are kept as Latin-1, so that a validator goes
back byte for byte as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from ..model import Failed, Fetched, NotModified, Outcome, Redirect, Validators

LONGEST_RETRY = timedelta(days=7)
LONGEST_FRESH_S = 86_400.0
LONGEST_VALIDATOR = 4_096  # characters; servers refuse requests whose headers exceed about 8,000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WHOLE = frozenset({200, 203})
"""Statuses whose body is the page."""

_NOT_KEPT = frozenset({"set-cookie", "set-cookie2"})  # we send none back, and what they hold is private
_DELTA_SECONDS = re.compile(r'"?(\d+)"?')
_NOT_SENDABLE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as it came, body decoded.

    url             that was asked
    headers         names in lower case; repeated ones joined by ", "
    body            None: not read, because the status says that it is not the page
    received_bytes  of the body, as it travelled
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None = None
    received_bytes: int = 0


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return header lines as a mapping; cookies are left out."""
    found: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1").strip()
        if name not in _NOT_KEPT:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def conditions(validators: Validators) -> dict[str, str]:
    """Return the headers that ask "has it changed?"; what cannot be sent in a header is left out."""
    asked = {"if-none-match": validators.etag, "if-modified-since": validators.last_modified}
    return {name: value for name, value in asked.items() if value and _sendable(value)}


def validators_of(headers: Mapping[str, str]) -> Validators:
    """Return what the server gave us to ask with next time, verbatim."""
    etag, last_modified = headers.get("etag") or None, headers.get("last-modified") or None
    return Validators(
        etag if etag and _sendable(etag) else None,
        last_modified if last_modified and _sendable(last_modified) else None,
    )


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when Retry-After lets us ask again: not before `now`, within LONGEST_RETRY; None: it does not say.

    Source  RFC 9110, section 10.2.3: seconds, or a date.
    """
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        seconds = LONGEST_RETRY.total_seconds() if len(written) > 9 else int(written)
        return now + min(timedelta(seconds=seconds), LONGEST_RETRY)
    asked = _http_date(written)
    return min(max(asked, now), now + LONGEST_RETRY) if asked else None


def fresh_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds for which the answer stays fresh: max-age less Age, at most LONGEST_FRESH_S; None: not said.

    Source  RFC 9111, sections 4.2 and 5.2.2; of several values the smallest counts.
    """
    ages = []
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return 0.0
        if name.rstrip() == "max-age" and (digits := _DELTA_SECONDS.fullmatch(value.strip())):
            ages.append(_seconds(digits[1]))
    if not ages:
        return None
    age = _DELTA_SECONDS.fullmatch(headers.get("age", "").strip())
    return max(0.0, min(min(ages), LONGEST_FRESH_S) - (_seconds(age[1]) if age else 0.0))


def location(answer: Answer) -> str | None:
    """Return where a redirect points, as written; None: the answer is no redirect, or does not say."""
    if answer.status not in REDIRECTS:
        return None
    written = answer.headers.get("location", "").strip()
    with suppress(UnicodeError):
        written = written.encode("latin-1").decode("utf-8")  # many send UTF-8, as browsers expect
    return written or None


def status_name(status: int) -> str:
    """Return a status as people know it: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def outcome(
    url: str,
    answer: Answer,
    asked: Validators,
    *,
    host: str,
    now: datetime,
    ms: int,
    redirects: tuple[Redirect, ...] = (),
) -> Outcome:
    """Return what an answer that is no redirect means to the one who asked for `url`.

    asked      the validators that were sent with the request
    host       the host that answered, as sentences name it
    redirects  that led to it
    """
    given, fresh = validators_of(answer.headers), fresh_s(answer.headers)
    if answer.status in WHOLE and answer.body is not None:
        return Fetched(url, answer.url, now, answer.status, answer.headers, answer.body, given, fresh, ms, redirects)
    if answer.status == 304 and conditions(asked):
        kept = Validators(given.etag or asked.etag, given.last_modified or asked.last_modified)
        return NotModified(url, answer.url, now, kept, fresh, ms)
    error, why = _complaint(answer, host)
    again = retry_at(answer.headers, now)
    return Failed(url, answer.url, now, error, why, answer.status, again, ms)


def _complaint(answer: Answer, host: str) -> tuple[str, str]:
    """Return the error class of an answer without a page, and the sentence for it."""
    if answer.status == 304:
        return "protocol", f'{host} answered "304 Not Modified" although nothing was said about an earlier version'
    if answer.status == 101:
        return "protocol", f"{host} switched to another protocol, which nobody asked for"
    if answer.status in REDIRECTS:
        return "redirect", f"{host} answered {status_name(answer.status)} without saying where to"
    hint = _HINTS.get(answer.status, "")
    return "status", f"{host} answered {status_name(answer.status)}" + (f": {hint}" if hint else "")


_HINTS = {
    204: "there is no page, only the word that there is none",
    205: "there is no page, only the word that there is none",
    206: "a partial page, though the whole was asked for",
    401: "the page needs a log-in",
    402: "the page must be paid for",
    403: "the site does not let programs read it; a contact in config.toml helps with some sites",
    407: "the proxy wants a user name and password; see `proxy` in config.toml",
    410: "the page was taken away for good",
    429: "we asked too often; it is asked less often now",
    451: "the page is withheld for legal reasons",
}


def _sendable(value: str) -> bool:
    return len(value) <= LONGEST_VALIDATOR and not _NOT_SENDABLE.search(value)


def _seconds(digits: str) -> float:
    return LONGEST_FRESH_S if len(digits) > 9 else float(digits)


def _http_date(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
