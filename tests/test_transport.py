import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import cast

import httpx
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived

from monitor.config import FetchSettings
from monitor.errors import ConfigError
from monitor.web import connect, exchange, transport

from .origin import Origin, page, raw

LOOPBACK = FetchSettings(allow_networks=(ip_network("127.0.0.1/32"),))


def names(**known: Sequence[str]) -> connect.Resolve:
    """A name server for these names; "_" stands for a dot."""

    async def answer(host: str, port: int) -> Sequence[str]:
        try:
            return known[host.replace(".", "_")]
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None

    return answer


async def get(made: httpx.AsyncBaseTransport, url: str) -> bytes:
    async with httpx.AsyncClient(transport=made, trust_env=False, timeout=5) as client:
        return (await client.get(url)).content


async def test_a_name_is_resolved_and_its_address_is_asked() -> None:
    async with Origin({"/": page("hello")}) as origin:
        made = transport.vetted(LOOPBACK, resolver=names(news_test=["127.0.0.1"]))
        assert await get(made, f"http://news.test:{origin.port}/") == b"hello"
    assert origin.requests[0].headers["host"] == f"news.test:{origin.port}"


REFUSED = {
    "a name with a private address": ("http://inside.test/", ["10.0.0.1"]),
    "a loopback address that is not allowed": ("http://inside.test/", ["127.0.0.2"]),
    "all of several": ("http://inside.test/", ["192.168.0.1", "fd00::1", "::ffff:10.0.0.1"]),
    "an address in numbers": ("http://127.0.0.2/", []),
    "IPv6 in numbers": ("http://[::1]/", []),
    "the metadata service": ("http://169.254.169.254/", []),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_private_addresses_are_not_connected_to(case: str) -> None:
    url, addresses = REFUSED[case]
    made = transport.vetted(LOOPBACK, resolver=names(inside_test=addresses))
    with pytest.raises(connect.PrivateAddress, match="allow_networks"):
        await get(made, url)


async def test_of_several_addresses_the_private_ones_are_passed_over() -> None:
    async with Origin({"/": page("hello")}) as origin:
        made = transport.vetted(LOOPBACK, resolver=names(news_test=["10.0.0.1", "127.0.0.1"]))
        assert await get(made, f"http://news.test:{origin.port}/") == b"hello"


async def test_an_address_that_does_not_answer_is_followed_by_the_next() -> None:
    both = FetchSettings(allow_networks=(ip_network("127.0.0.0/24"),))
    async with Origin({"/": page("hello")}) as origin:
        made = transport.vetted(both, resolver=names(news_test=["127.0.0.9", "127.0.0.1"]))
        assert await get(made, f"http://news.test:{origin.port}/") == b"hello"


async def test_the_peer_must_be_the_address_that_was_vetted(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = ("10.0.0.7", 80)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: elsewhere)  # no honest way leads to a dishonest socket
    async with Origin({"/": page("hello")}) as origin:
        with pytest.raises(connect.PrivateAddress, match=r"10\.0\.0\.7"):
            await get(transport.vetted(LOOPBACK), origin.url())
    assert origin.requests == []


async def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(connect.NameNotFound, match=r"nowhere\.test does not exist"):
        await get(transport.vetted(LOOPBACK, resolver=names()), "http://nowhere.test/")


async def test_a_name_without_addresses() -> None:
    with pytest.raises(connect.NameNotFound, match="has no address"):
        await get(transport.vetted(LOOPBACK, resolver=names(empty_test=[])), "http://empty.test/")


async def test_a_name_server_that_fails_is_told_from_a_name_that_is_none() -> None:
    async def broken(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(connect.NameNotFound, match="online"):
        await get(transport.vetted(LOOPBACK, resolver=broken), "http://news.test/")


async def test_what_cannot_be_a_name() -> None:
    async def strict(host: str, port: int) -> Sequence[str]:
        raise UnicodeError("label too long")

    with pytest.raises(connect.NameNotFound, match="not a possible name"):
        await get(transport.vetted(LOOPBACK, resolver=strict), "http://news.test/")


async def test_nobody_waits_for_a_look_up_that_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        begun.set()
        may_end.wait(5)
        ended.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await connect.resolve("silent.test", 80)
    assert begun.is_set() and not ended.is_set()
    may_end.set()
    await asyncio.to_thread(ended.wait, 5)
    await asyncio.sleep(0)


async def test_the_system_resolves_addresses_and_refuses_what_is_no_name() -> None:
    assert await connect.resolve("127.0.0.1", 80) == ["127.0.0.1"]
    with pytest.raises((OSError, UnicodeError)):
        await connect.resolve("a" * 70 + ".test\x00", 80)


async def test_connections_are_kept_and_used_again() -> None:
    async with Origin({"/": page("hello")}) as origin:
        made = transport.vetted(LOOPBACK)
        async with httpx.AsyncClient(transport=made, trust_env=False) as client:
            for _ in range(3):
                await client.get(origin.url())
    assert [request.connection for request in origin.requests] == [1, 1, 1]


async def test_a_kept_connection_that_the_server_gave_up_is_replaced() -> None:
    async with Origin({"/": page("hello"), "/last": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")}) as origin:
        made = transport.vetted(LOOPBACK)
        async with httpx.AsyncClient(transport=made, trust_env=False) as client:
            await client.get(origin.url("/last"))
            assert (await client.get(origin.url())).content == b"hello"
    assert [request.connection for request in origin.requests] == [1, 2]


async def test_an_answer_that_was_planted_for_the_next_request_is_not_taken() -> None:
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
    planted = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    no_body = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"
    for body in (first, no_body, chunked):
        async with Origin({"/": raw(body + planted, close=False), "/next": page("honest")}) as origin:
            made = transport.vetted(LOOPBACK)
            async with httpx.AsyncClient(transport=made, trust_env=False) as client:
                await client.get(origin.url())
                assert (await client.get(origin.url("/next"))).content == b"honest"
            assert [request.connection for request in origin.requests] == [1, 2]


async def test_a_page_longer_than_announced_is_refused() -> None:
    async with Origin({"/": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst half, second half")}) as origin:
        with pytest.raises(exchange.WrongLength):
            await get(transport.vetted(LOOPBACK), origin.url())


async def test_a_page_shorter_than_announced_is_told_apart_from_a_broken_one() -> None:
    short = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nfirst half")
    broken = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", close=False)
    async with Origin({"/short": short, "/broken": broken}) as origin:
        with pytest.raises(exchange.Disconnected):
            await get(transport.vetted(LOOPBACK), origin.url("/short"))
        with pytest.raises(httpx.RemoteProtocolError, match="chunk"):
            await get(transport.vetted(LOOPBACK), origin.url("/broken"))


async def test_a_head_without_end_is_not_listened_to() -> None:
    interim = b"HTTP/1.1 102 Processing\r\n\r\n" * 20_000
    async with Origin({"/": raw(interim)}) as origin:
        with pytest.raises(httpx.RemoteProtocolError, match="256 KiB"):
            await get(transport.vetted(LOOPBACK), origin.url())


# ----------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and news.test that signs itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the command openssl to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    made = (folder / "certificate.pem", folder / "key.pem")
    key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    name = "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1,DNS:news.test"
    command = [openssl, *key.split(), *name.split(), "-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(command, check=True, capture_output=True)
    return made


def serving(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


async def test_certificates_of_private_authorities_count_when_the_user_names_them(
    certificate: tuple[Path, Path],
) -> None:
    trusting = FetchSettings(allow_networks=LOOPBACK.allow_networks, ca_file=certificate[0])
    async with Origin({"/": page("secret")}, tls=serving(certificate)) as origin:
        assert await get(transport.vetted(trusting), origin.url()) == b"secret"


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    async with Origin({"/": page("secret")}, tls=serving(certificate)) as origin:
        with pytest.raises(connect.TlsFailed, match=r"certificate is not valid: self.signed"):
            await get(transport.vetted(LOOPBACK), origin.url())
    assert origin.requests == []


async def test_a_port_without_tls_is_no_secure_connection() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(connect.TlsFailed, match=r"version|handshake|record"):
            await get(transport.vetted(LOOPBACK), f"https://127.0.0.1:{port}/")


class Http2(asyncio.Protocol):
    """Refuses the first handshake, as a server without HTTP/1.1 does; then answers with what it was asked for."""

    ALERT = b"\x15\x03\x03\x00\x02\x02\x78"  # RFC 7301: no_application_protocol, fatal
    refused = 0

    def __init__(self, context: ssl.SSLContext) -> None:
        context.set_alpn_protocols(["h2"])
        self.context = context
        self.spoken = H2Connection(H2Configuration(client_side=False))

    def connection_made(self, wire: asyncio.BaseTransport) -> None:
        self.wire = cast(asyncio.Transport, wire)
        self.refuses, Http2.refused = Http2.refused == 0, Http2.refused + 1
        if not self.refuses:
            self.securing = asyncio.ensure_future(self.secure())

    async def secure(self) -> None:
        loop = asyncio.get_running_loop()
        self.wire = cast(asyncio.Transport, await loop.start_tls(self.wire, self, self.context, server_side=True))
        self.spoken.initiate_connection()
        self.wire.write(self.spoken.data_to_send())

    def data_received(self, data: bytes) -> None:
        if self.refuses:
            self.wire.write(self.ALERT)
            self.wire.close()
            return
        for event in self.spoken.receive_data(data):
            if isinstance(event, RequestReceived):
                asked = dict(event.headers)
                self.spoken.send_headers(event.stream_id, [(":status", "200")])
                self.spoken.send_data(event.stream_id, asked[b":authority"] + asked[b":path"], end_stream=True)
        self.wire.write(self.spoken.data_to_send())


@pytest.mark.parametrize("host", ["news.test", "other.test"])
async def test_a_server_that_speaks_only_http2_is_asked_so_at_the_address_that_was_vetted(
    certificate: tuple[Path, Path], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Http2, "refused", 0)
    trusting = FetchSettings(allow_networks=LOOPBACK.allow_networks, ca_file=certificate[0])
    made = transport.vetted(trusting, resolver=names(news_test=["127.0.0.1"], other_test=["127.0.0.1"]))
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: Http2(serving(certificate)), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"https://{host}:{port}/a?b"
        if host == "news.test":
            assert await get(made, url) == f"{host}:{port}/a?b".encode()
        else:  # the certificate is not for it
            with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
                await get(made, url)


async def test_the_certificates_of_ssl_cert_file_count(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with Origin({"/": page("secret")}, tls=serving(certificate)) as origin:
        assert await get(transport.vetted(LOOPBACK), origin.url()) == b"secret"


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_file_that_is_none_is_an_error_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"fetch\.ca_file.*ca\.pem"):
        transport.vetted(FetchSettings(ca_file=path))


# -------------------------------------------------------------------------------------------------------- proxies


async def test_a_proxy_is_asked_in_place_of_the_host() -> None:
    async with Origin({"http://news.test/": page("through the proxy")}) as proxy:
        made = transport.vetted(FetchSettings(proxy=f"http://user:secret@127.0.0.1:{proxy.port}"))
        assert await get(made, "http://news.test/") == b"through the proxy"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")


async def test_the_proxies_of_the_environment_are_used_when_asked_for_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Origin({"http://news.test/": page("proxy")}) as proxy, Origin({"/": page("direct")}) as origin:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        by_environment = FetchSettings(allow_networks=LOOPBACK.allow_networks, proxy="env")
        assert await get(transport.vetted(by_environment), "http://news.test/") == b"proxy"
        assert await get(transport.vetted(by_environment), origin.url()) == b"direct"
        resolver = names(news_test=["127.0.0.1"])
        assert await get(transport.vetted(LOOPBACK, resolver=resolver), f"http://news.test:{origin.port}/") == b"direct"


def test_a_proxy_that_cannot_be_used_is_an_error_without_its_password() -> None:
    with pytest.raises(ConfigError, match=r"fetch\.proxy: the ftp proxy") as caught:
        transport.vetted(FetchSettings(proxy="ftp://user:secret@proxy.test"))
    assert "secret" not in str(caught.value)
