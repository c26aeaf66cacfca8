"""Content codings of HTTP bodies (gzip, deflate, br, zstd), undone piece by piece under a limit.

Compressed data says nothing about how large it becomes: 10 MB of gzip can be 10 GB, 30 kB of zstd 1 GB.  So no coding
here ever makes more than a few megabytes in one step, sizes are counted at every step, and the work ends with the first
byte too many.  Source of the codings: RFC 9110, section 8.4.1; RFC 7932 (br); RFC 8878 (zstd).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import brotli  # type: ignore[import-untyped]
import zstandard
from isal import isal_zlib as zlib  # the same interface, in half the time

ACCEPTED = "gzip, deflate, br, zstd"
MAX_LAYERS = 4  # codings laid over one another; honest servers use one

_PIECE_BYTES = 1 << 16
_ZSTD_INPUT_BYTES = 256  # 4 bytes of zstd may stand for 128 KiB: this much input makes 8 MiB at the worst
_ZSTD_WINDOW_BYTES = 1 << 23  # RFC 8878 (section 3.1.1.1.2) lets a decoder refuse more
_GZIP_MAGIC = b"\x1f\x8b"


class CodingError(Exception):
    """A body that could not be taken in, and why."""


class TooLarge(CodingError):
    """The body has more bytes than the limit."""


class Undecodable(CodingError):
    """The bytes are not in the coding that the server names."""


class Truncated(CodingError):
    """The coded data end before they are complete."""


class Coding(Protocol):
    """One content coding, undone as the bytes come in."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` adds, in pieces of bounded size; raises Undecodable."""

    def finish(self) -> None:
        """Raise Truncated if more data should have come."""


class Body:
    """A body being received: takes the bytes as they travel, keeps them decoded, never more than `limit` of either.

    content_encoding  the header's value: codings in the order they were applied.  A coding that is not known is passed
                      over, as HTTP clients do: servers write charsets and storage terms there ("utf-8", "aws-chunked").
    limit             bytes
    received          bytes so far, as they travelled
    """

    def __init__(self, content_encoding: str | None, limit: int) -> None:
        names = [name.strip().lower() for name in (content_encoding or "").split(",")]
        makers = [_CODINGS[name] for name in reversed(names) if name in _CODINGS]
        if len(makers) > MAX_LAYERS:
            raise Undecodable(f"compressed {len(makers)} times over")
        self._layers: list[Coding] = [make() for make in makers]
        self._limit = limit
        self.received = 0
        self._kept = bytearray()

    def feed(self, data: bytes) -> None:
        """Take some bytes in.  Raises TooLarge (what fits is kept) or Undecodable."""
        self.received += len(data)
        for piece in _through(self._layers, data):
            self._kept += piece[: self._limit - len(self._kept) + 1]
            if len(self._kept) > self._limit:
                del self._kept[self._limit :]
                raise TooLarge
        # A coding can also swallow bytes without end and give nothing.
        if self.received > self._limit:
            raise TooLarge

    def finish(self) -> None:
        """Say that no more bytes come.  Raises Truncated."""
        if self.received:  # an empty body is whole under any coding
            for layer in self._layers:
                layer.finish()

    def decoded(self) -> bytes:
        """Return what has been decoded so far."""
        return bytes(self._kept)


def _through(layers: Sequence[Coding], data: bytes) -> Iterator[bytes]:
    if not layers:
        yield data
        return
    for piece in layers[0].decode(data):
        yield from _through(layers[1:], piece)


class Gzip:
    """RFC 1952: members one after another; what follows the last is padding.

    Bytes that do not begin with gzip's signature were never compressed: the label is wrong, the page is good.
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._begun = self._plain = False
        self._whole = False  # at least one member is complete
        self._head = b""

    def decode(self, data: bytes) -> Iterator[bytes]:
        data = self._head + data
        while data and not self._plain:
            if not self._begun:
                if len(data) < len(_GZIP_MAGIC) and _GZIP_MAGIC.startswith(data):
                    self._head = data
                    return
                self._head = b""
                if not data.startswith(_GZIP_MAGIC):
                    self._plain = not self._whole
                    break
                self._begun = True
            yield from _inflate(self._member, data)
            data = self._member.unused_data
            if self._member.eof:
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._begun, self._whole = False, True
        if data and self._plain:
            yield data

    def finish(self) -> None:
        if self._begun or (self._head and not self._whole):
            raise Truncated


class Deflate:
    """RFC 1950, or the bare RFC 1951 that some servers send under the same name; the first two bytes tell which."""

    def __init__(self) -> None:
        self._stream: zlib.Decompress | None = None
        self._head = b""

    def decode(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._head + data
            if len(data) < 2:
                self._head = data
                return
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        if not self._stream.eof:
            yield from _inflate(self._stream, data)

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise Truncated


def _inflate(stream: zlib.Decompress, data: bytes) -> Iterator[bytes]:
    try:
        while data and not stream.eof:
            yield stream.decompress(data, _PIECE_BYTES)
            data = stream.unconsumed_tail
        while not stream.eof and (rest := stream.decompress(b"", _PIECE_BYTES)):
            yield rest
    except zlib.error as error:  # type: ignore[misc]  # an exception, says all but its stub
        raise Undecodable(str(error)) from error


class Brotli:
    """RFC 7932."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            while not self._stream.is_finished():
                piece = self._stream.process(data, output_buffer_limit=_PIECE_BYTES)
                data = b""
                if piece:
                    yield piece
                if self._stream.can_accept_more_data():
                    return
        except brotli.error as error:
            raise Undecodable("not valid brotli") from error

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise Truncated


class Zstd:
    """RFC 8878: frames one after another."""

    def __init__(self) -> None:
        self._maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        self._frame = self._maker.decompressobj()
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        try:
            for start in range(0, len(data), _ZSTD_INPUT_BYTES):
                yield from self._decode_some(data[start : start + _ZSTD_INPUT_BYTES])
        except zstandard.ZstdError as error:
            raise Undecodable(str(error)) from error

    def _decode_some(self, data: bytes) -> Iterator[bytes]:
        while data:
            self._begun = True
            yield self._frame.decompress(data)
            data = b""
            if self._frame.eof:
                data = self._frame.unused_data
                self._frame = self._maker.decompressobj()
                self._begun = False

    def finish(self) -> None:
        if self._begun:
            raise Truncated


_CODINGS: dict[str, type[Coding]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}
