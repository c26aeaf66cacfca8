"""From a page to somebody's webhook: a real receiver, which sometimes refuses."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor import alert

from .test_pipeline import one, started
from .world import FIRED, World, ask


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets; answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    @property
    def channel(self) -> str:
        return (
            f'[[channels]]\nname = "desk"\nwebhook = "http://127.0.0.1:{self.server_port}/hook"\nsecret = "${{KEY}}"\n'
        )


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, env={"KEY": "s3cret"})


async def told(world: World, receiver: Receiver) -> Any:
    config = await started(world, "wire.example", more=receiver.channel)
    world.publish("wire.example", "/fired", "Harbour Bank fires manager", *FIRED)
    await world.once(config)
    return config


async def test_an_alert_arrives_once_with_its_evidence_and_signature(world: World, receiver: Receiver) -> None:
    config = await told(world, receiver)
    world.turn(hours=13)
    await world.once(config)
    ((headers, body),) = receiver.got
    message = json.loads(body)
    assert headers["idempotency-key"] == message["key"]
    assert headers["x-monitor-signature"] == alert.signature("s3cret", body)
    assert message["alert"]["headline"] == one(world, "select headline from alerts")
    assert FIRED[0] in [piece["sentence"] for piece in message["alert"]["evidence"]]
    assert one(world, "select state from deliveries") == "delivered"


async def test_a_refused_alert_is_sent_again_under_the_same_key(world: World, receiver: Receiver) -> None:
    receiver.status = 503
    config = await told(world, receiver)
    state, error = one(world, "select state, error from deliveries")
    assert state == "waiting"
    assert "503" in error
    receiver.status = 200
    world.turn(minutes=1)
    await world.once(config)
    keys = [headers["idempotency-key"] for headers, _ in receiver.got]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert one(world, "select state, attempts from deliveries")[0] == "delivered"


async def test_the_secret_is_nowhere_in_the_database(world: World, receiver: Receiver) -> None:
    await told(world, receiver)
    tables = [
        row[0] for row in ask(world, "select name from sqlite_master where type = 'table' and name not like '%fts%'")
    ]
    assert "s3cret" not in str([ask(world, f"select * from {table}") for table in tables])
