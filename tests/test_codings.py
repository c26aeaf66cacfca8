import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.codings import Body, CodingError, TooLarge, Truncated, Undecodable

TEXT = "Die Prüfung dauert an. 调查仍在继续。 ".encode() * 300
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


def decode(encoding: str | None, *chunks: bytes, limit: int = LIMIT) -> bytes:
    body = Body(encoding, limit)
    for chunk in chunks:
        body.feed(chunk)
    body.finish()
    return body.decoded()


WHOLE = {
    "no coding": (None, TEXT),
    "gzip": ("gzip", gzip.compress(TEXT)),
    "in capitals with blanks": (" GZIP ", gzip.compress(TEXT)),
    "gzip in members": ("gzip", gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:])),
    "gzip with padding behind": ("gzip", gzip.compress(TEXT) + b"\0" * 512),
    "gzip that is none": ("gzip", TEXT),
    "deflate as the RFC has it": ("deflate", zlib.compress(TEXT)),
    "deflate without its wrapper": ("deflate", raw_deflate(TEXT)),
    "deflate with something behind": ("deflate", zlib.compress(TEXT) + b"\r\n"),
    "brotli": ("br", brotli.compress(TEXT)),
    "zstd": ("zstd", PACK["zstd"](TEXT)),
    "zstd in frames": ("zstd", PACK["zstd"](TEXT[:50]) + PACK["zstd"](TEXT[50:])),
    "one over another": ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    "a charset in the wrong header": ("utf-8", TEXT),
    "an unknown word before a known one": ("aws-chunked, gzip", gzip.compress(TEXT)),
}


@pytest.mark.parametrize("case", WHOLE)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_bodies_come_out_whole_however_they_are_cut(case: str, step: int) -> None:
    encoding, sent = WHOLE[case]
    assert decode(encoding, *(sent[at : at + step] for at in range(0, len(sent), step))) == TEXT


@pytest.mark.parametrize("encoding", PACK)
def test_an_empty_body_is_whole_under_any_coding(encoding: str) -> None:
    assert decode(encoding) == b""


@given(data=st.binary(max_size=3_000), encoding=st.sampled_from(sorted(PACK)), step=st.integers(1, 400))
def test_what_is_packed_is_unpacked(data: bytes, encoding: str, step: int) -> None:
    sent = PACK[encoding](data)
    assert decode(encoding, *(sent[at : at + step] for at in range(0, len(sent), step))) == data


@given(data=st.binary(max_size=2_000), encoding=st.sampled_from(sorted(PACK)), limit=st.integers(0, 500))
def test_noise_gives_bytes_within_the_limit_or_a_named_fault(data: bytes, encoding: str, limit: int) -> None:
    body = Body(encoding, limit)
    try:
        body.feed(data)
        body.finish()
    except CodingError:
        pass
    assert len(body.decoded()) <= limit


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.95])
def test_a_body_that_ends_too_early_is_truncated(encoding: str, share: float) -> None:
    sent = PACK[encoding](TEXT)
    with pytest.raises(Truncated):
        decode(encoding, sent[: max(1, int(len(sent) * share))])


BROKEN = {
    "gzip with a wrong checksum": ("gzip", gzip.compress(TEXT)[:-8] + b"\0" * 8),
    "gzip with a broken stream": ("gzip", gzip.compress(TEXT)[:12] + b"\xff" * 50),
    "brotli that is none": ("br", b"\xff" * 100),
    "zstd that is none": ("zstd", b"plain text"),
    "zstd that wants 2 GB of memory": ("zstd", b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + b"\x01\x00\x00"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_bodies_are_undecodable(case: str) -> None:
    with pytest.raises(Undecodable):
        decode(*BROKEN[case])


def test_many_layers_are_refused_before_any_work() -> None:
    with pytest.raises(Undecodable, match="5 times"):
        Body("gzip, gzip, gzip, gzip, gzip", LIMIT)


ZEROS = bytes(20 * LIMIT)
BOMBS = {
    "plain": (None, ZEROS),
    "gzip": ("gzip", gzip.compress(ZEROS)),
    "gzip in gzip": ("gzip, gzip", gzip.compress(gzip.compress(ZEROS))),
    "deflate": ("deflate", zlib.compress(ZEROS)),
    "brotli": ("br", brotli.compress(ZEROS, quality=2)),
    "zstd": ("zstd", PACK["zstd"](ZEROS)),
}


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_are_stopped_and_what_fits_is_kept(case: str) -> None:
    encoding, sent = BOMBS[case]
    body = Body(encoding, LIMIT)
    with pytest.raises(TooLarge):
        body.feed(sent)
    assert body.decoded() == bytes(LIMIT)


def test_a_stream_that_gives_nothing_ends_at_the_limit_too() -> None:
    empty_blocks = b"\x00\x00\x00\xff\xff" * 100
    body = Body("deflate", 200)
    with pytest.raises(TooLarge):
        body.feed(empty_blocks)
    assert body.decoded() == b""


@pytest.mark.parametrize("size", range(65_530, 65_800, 30))
def test_a_piece_may_end_where_the_body_does(size: int) -> None:
    assert decode("deflate", raw_deflate(bytes(size))) == bytes(size)
    cut = Body("deflate", LIMIT)
    cut.feed(zlib.compress(bytes(size))[:-5])
    assert 65_000 < len(cut.decoded()) <= size


def test_what_follows_the_end_is_no_part_of_the_body() -> None:
    for encoding in ("gzip", "deflate", "br"):
        assert decode(encoding, PACK[encoding](TEXT), b"\r\n") == TEXT


def test_exactly_the_limit_fits() -> None:
    assert decode("gzip", gzip.compress(b"x" * 100), limit=100) == b"x" * 100
    with pytest.raises(TooLarge):
        decode("gzip", gzip.compress(b"x" * 101), limit=100)
