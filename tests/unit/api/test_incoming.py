from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.incoming import CHUNKED_BYTES, HEAD_BYTES, Incoming
from jobs.limits import REQUEST_BYTES

HEAD = b"POST /jobs HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def whole(*parts: bytes) -> bool:
    incoming = Incoming()
    for part in parts:
        incoming.feed(part)
    return incoming.whole


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        HEAD + b"\r\n",
        HEAD + b"Content-Length: 0\r\n\r\n",
        HEAD + b"content-LENGTH :  5 \r\nX: y\r\n\r\nhello",
        HEAD + b"Content-Length: 12\r\n\r\n\r\n\r\n\r\n\r\nabcd",
        CHUNKED + b"0\r\n\r\n",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"A;name=value\r\n0123456789\r\n00\r\nTrailer: x\r\n\r\n",
        CHUNKED + b"7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
    ],
)
def test_request_is_whole_with_its_last_byte_and_not_before(request_: bytes) -> None:
    assert whole(request_)
    assert not whole(request_[:-1])
    assert whole(*(bytes([byte]) for byte in request_))
    incoming = Incoming()
    for byte in request_[:-1]:
        incoming.feed(bytes([byte]))
        assert not incoming.whole


@given(chunks=st.lists(st.binary(min_size=1, max_size=40), max_size=5), cuts=st.lists(st.integers(0, 400)))
def test_however_it_is_cut_a_chunked_request_is_whole_at_its_end(
    chunks: list[bytes], cuts: list[int]
) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    data = CHUNKED + body + b"0\r\n\r\n"
    edges = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    incoming = Incoming()
    for begin, end in pairwise(edges):
        assert not incoming.whole
        incoming.feed(data[begin:end])
    assert incoming.whole


@pytest.mark.parametrize(
    "refusable",
    [
        b"x" * (HEAD_BYTES + 1),
        HEAD + b"Content-Length: %d\r\n\r\n" % (REQUEST_BYTES + 1),
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Transfer-Encoding: unknown\r\n\r\n",
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"1" * 300,
        CHUNKED + b"1\r\na\r\n" * (CHUNKED_BYTES // 6 + 1),
    ],
)
def test_what_can_be_refused_without_its_rest_counts_as_whole(refusable: bytes) -> None:
    assert whole(refusable)


def test_length_beside_chunks_is_not_believed() -> None:
    assert not whole(HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n")


def test_what_looks_like_a_length_in_the_body_is_none() -> None:
    assert whole(HEAD + b"\r\n", b"Content-Length: 9\r\n\r\n")


def test_client_that_waits_to_be_told_to_go_on_is_noticed() -> None:
    incoming = Incoming()
    incoming.feed(HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert incoming.expects_continue
    assert not incoming.whole
