"""Somebody's webhook: a real server on loopback that keeps what it gets, and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOST = "the answer is lost: the connection is closed after the body was read"
Answer = int | str | dict[str, Any]
"""A status, LOST, or {"status": …} with further headers."""


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return self.message["alerts"] if "alerts" in self.message else [self.message["alert"]]


@dataclass
class Receiver:
    """Each path is a webhook of its own.

    answers  what a path answers, in turn; 204 when there is no more
    hanging  paths that answer only when it is set
    """

    port: int
    got: list[Post] = field(default_factory=list)
    answers: defaultdict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    hanging: dict[str, threading.Event] = field(default_factory=dict)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def channel(self, name: str = "desk", more: str = "") -> str:
        """Return a channel for the config file, whose path is its name."""
        return f'[[channels]]\nname = "{name}"\nwebhook = "{self.url(f"/{name}")}"\n{more}\n'

    def at(self, path: str) -> list[Post]:
        return [post for post in self.got if post.path == path]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.got.append(Post(self.path, headers, body))
        if self.path in self.receiver.hanging:
            self.receiver.hanging[self.path].wait(20)
        left = self.receiver.answers[self.path]
        answer = left.popleft() if left else 204
        if answer == LOST:
            self.close_connection = True
            return
        said = answer if isinstance(answer, dict) else {"status": answer}
        self.send_response(said["status"])
        for name, value in said.items():
            if name != "status":
                self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening() -> Iterator[Receiver]:
    """Run a receiver; at the end nothing of it hangs any more."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        receiver = handler.receiver = Receiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield receiver
        for event in receiver.hanging.values():
            event.set()
        server.shutdown()
        thread.join()
