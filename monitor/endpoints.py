"""Hosts whose operators say how often they may be asked, in words that no header and no robots.txt repeats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The rules of a host.

    pause_s           from the end of a request to the next
    least_interval_s  between two looks at one address, as nothing new is to be had sooner
    rule              who says so
    """

    pause_s: float = 0.0
    least_interval_s: float = 0.0
    rule: str = ""


ENDPOINTS = {
    "api.gdeltproject.org": Endpoint(
        pause_s=5.0,
        least_interval_s=900.0,
        rule='its own refusal, "Please limit requests to one every 5 seconds"; and "GDELT DOC 2.0 API Debuts": what is '
        "searched is updated every 15 minutes",
    ),
}
_NO_RULE = Endpoint()


def of(host: str) -> Endpoint:
    """Return the rules of a host, which may be given with its port; those that ask for nothing where it has none.

    >>> of("api.gdeltproject.org").pause_s
    5.0
    """
    return ENDPOINTS.get(host.partition(":")[0].rstrip("."), _NO_RULE)


def pause_s(host: str) -> float:
    """Return the seconds that a host wants between two requests; 0: it names none."""
    return of(host).pause_s


def least_interval_s(host: str) -> float:
    """Return the seconds after which an address of a host may be looked at again; 0: it names none."""
    return of(host).least_interval_s
