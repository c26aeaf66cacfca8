from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Failed, Fetched, NotModified, Validators
from monitor.web import answers
from monitor.web.answers import Answer

NOW = datetime(2021, 8, 9, 12, tzinfo=UTC)
NONE = Validators()
WEEK = timedelta(days=7)

RETRY = {
    "seconds": ("120", timedelta(minutes=2)),
    "seconds with blanks": (" 120 ", timedelta(minutes=2)),
    "none": ("0", timedelta(0)),
    "ten years": ("315360000", WEEK),
    "400 digits": ("9" * 400, WEEK),
    "a date": (format_datetime(NOW + timedelta(hours=3), usegmt=True), timedelta(hours=3)),
    "a date in another zone": ("Mon, 09 Aug 2021 16:00:00 +0200", timedelta(hours=2)),
    "a date long past": ("Mon, 01 Jan 2001 00:00:00 GMT", timedelta(0)),
    "a date far ahead": ("Tue, 01 Jan 2099 00:00:00 GMT", WEEK),
    "a negative number": ("-5", None),
    "a word": ("soon", None),
    "other digits": ("٣", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize("case", RETRY)
def test_retry_after_is_read_and_bounded(case: str) -> None:
    written, wait = RETRY[case]
    assert answers.retry_at({"retry-after": written}, NOW) == (None if wait is None else NOW + wait)


@given(st.text(max_size=40))
def test_no_retry_after_leads_into_the_past_or_beyond_a_week(written: str) -> None:
    again = answers.retry_at({"retry-after": written}, NOW)
    assert again is None or NOW <= again <= NOW + WEEK


FRESH = {
    "not said": ({}, None),
    "max-age": ({"cache-control": "public, max-age=300"}, 300),
    "less its age": ({"cache-control": "max-age=300", "age": "100"}, 200),
    "older than that": ({"cache-control": "max-age=300", "age": "900"}, 0),
    "a year": ({"cache-control": "max-age=31536000, immutable"}, 86_400),
    "many digits": ({"cache-control": "max-age=" + "9" * 500}, 86_400),
    "in quotes, in capitals": ({"cache-control": 'MAX-AGE="60"'}, 60),
    "twice": ({"cache-control": "max-age=600, max-age=60"}, 60),
    "not at all": ({"cache-control": "no-cache, max-age=600"}, 0),
    "for shared caches only": ({"cache-control": "s-maxage=600"}, None),
    "a word": ({"cache-control": "max-age=soon"}, None),
    "an age that is none": ({"cache-control": "max-age=300", "age": "old"}, 300),
}


@pytest.mark.parametrize("case", FRESH)
def test_freshness(case: str) -> None:
    headers, seconds = FRESH[case]
    assert answers.fresh_s(headers) == seconds


VALIDATORS = {
    "both, verbatim": (
        [(b"ETag", b'W/"a"b"'), (b"Last-Modified", b"yesterday")],
        {"if-none-match": 'W/"a"b"', "if-modified-since": "yesterday"},
    ),
    "bytes beyond ASCII": ([(b"ETag", b'"caf\xe9"')], {"if-none-match": '"caf\xe9"'}),
    "none": ([], {}),
    "empty": ([(b"ETag", b"")], {}),
    "too long to be sent back": ([(b"ETag", b'"' + b"e" * 9_000 + b'"')], {}),
}


@pytest.mark.parametrize("case", VALIDATORS)
def test_validators_go_back_as_they_came(case: str) -> None:
    raw, sent = VALIDATORS[case]
    assert answers.conditions(answers.validators_of(answers.headers_of(raw))) == sent


def test_validators_that_would_break_the_request_are_not_sent() -> None:
    assert answers.conditions(Validators('"a"\r\nX-Evil: 1', "\u0663")) == {}


def test_headers_are_joined_by_name_and_cookies_are_left_out() -> None:
    raw = [(b"Vary", b"a"), (b"vary", b" b "), (b"Set-Cookie", b"sid=secret"), (b"X-L", b"caf\xe9")]
    assert answers.headers_of(raw) == {"vary": "a, b", "x-l": "caf\xe9"}


LOCATION = {
    "a redirect": (302, "/to", "/to"),
    "blanks around": (301, "  to  ", "to"),
    "UTF-8": (308, "/überblick".encode().decode("latin-1"), "/überblick"),
    "Latin-1": (308, "/\xfcberblick", "/\xfcberblick"),
    "empty": (302, "", None),
    "several choices": (300, "/one", None),
    "no redirect": (200, "/to", None),
    "created": (201, "/to", None),
}


@pytest.mark.parametrize("case", LOCATION)
def test_where_a_redirect_points(case: str) -> None:
    status, written, target = LOCATION[case]
    assert answers.location(Answer("https://a.example/", status, {"location": written})) == target


def outcome(status: int, asked: Validators = NONE, **headers: str) -> object:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"page" if status in answers.WHOLE else None
    answer = Answer("https://a.example/to", status, named, body)
    return answers.outcome("https://a.example/", answer, asked, host="a.example", now=NOW, ms=5)


def test_a_page() -> None:
    got = outcome(200, etag='"1"', cache_control="max-age=9")
    assert isinstance(got, Fetched)
    assert (got.url, got.final_url, got.body, got.at) == ("https://a.example/", "https://a.example/to", b"page", NOW)
    assert (got.validators, got.fresh_s, got.ms) == (Validators('"1"'), 9, 5)


def test_not_modified_keeps_the_validators_that_the_server_does_not_renew() -> None:
    got = outcome(304, Validators('"1"', "Mon"), etag='"2"')
    assert isinstance(got, NotModified) and got.validators == Validators('"2"', "Mon")


FAILURES = {
    "not modified, though nobody asked": (304, "protocol", "304"),
    "no content": (204, "status", "204 No Content"),
    "a part": (206, "status", "partial"),
    "not found": (404, "status", "a.example answered 404 Not Found"),
    "refused": (403, "status", "contact"),
    "an unknown number": (999, "status", "answered 999"),
    "server error": (500, "status", "500 Internal Server Error"),
    "a redirect to nowhere": (302, "redirect", "without saying where"),
    "several choices": (300, "status", "300 Multiple Choices"),
    "another protocol": (101, "protocol", "another protocol"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_answers_without_a_page_are_failures_that_say_why(case: str) -> None:
    status, error, words = FAILURES[case]
    got = outcome(status, retry_after="60")
    assert isinstance(got, Failed)
    assert (got.error, got.status, got.retry_at) == (error, status, NOW + timedelta(minutes=1))
    assert words in got.why
