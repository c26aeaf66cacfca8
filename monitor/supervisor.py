"""What we tell the supervisor that started us, over the socket that it names: systemd's notify protocol.

Source   sd_notify(3), systemd.service(5)
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from contextlib import suppress

from . import plain

EXTEND_S = 120  # for the next few hundred articles, on a slow machine


class Supervisor:
    """Who started us; says nothing where nobody listens.

    address      path of a datagram socket, or "@" and an abstract name; "": nobody listens
    watchdog_s   after so long without a word we are taken for dead; None: we are not watched
    """

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self._address = address
        self.feed_every_s = watchdog_s / 2 if watchdog_s else None
        self._fed_at = 0.0

    @classmethod
    def of(cls, env: Mapping[str, str], pid: int) -> Supervisor:
        """Return the one that an environment names; a watchdog that is set for another process is not ours."""
        usec = env.get("WATCHDOG_USEC", "")
        watched = usec.isdecimal() and env.get("WATCHDOG_PID", str(pid)) == str(pid)
        return cls(env.get("NOTIFY_SOCKET", ""), int(usec) / 1e6 if watched else None)

    def remembering(self, articles: int) -> None:
        """Say that the start goes on: so many articles of the archive are remembered, and more may come."""
        self._say(f"EXTEND_TIMEOUT_USEC={EXTEND_S * 1_000_000}", f"STATUS=remembering the archive: {articles} articles")

    def ready(self, status: str) -> None:
        """Say that we do our work, after the start or a reload."""
        self._say("READY=1", f"STATUS={plain.line(status)}")

    def reloading(self) -> None:
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1_000}", "STATUS=reading the config file")

    def stopping(self) -> None:
        self._say("STOPPING=1", "STATUS=stopping")

    def alive(self, at_s: float) -> None:
        """Feed the watchdog, when half of its time has passed; `at_s` by a clock that only goes forward."""
        if self.feed_every_s is not None and at_s - self._fed_at >= self.feed_every_s:
            self._fed_at = at_s
            self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        """Send a word and never wait: a supervisor that does not listen must not stop us."""
        if self._address[:1] not in ("/", "@"):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.sendto("\n".join(lines).encode(), address)
