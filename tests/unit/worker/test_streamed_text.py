"""Text that is streamed: a beginning of the text in the outcome, whatever the script writes."""

import codecs
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.json_text import shorten
from jobs.limits import OUTPUT_BYTES
from jobs.stream import Stream
from sandbox.observation import Output
from store.progress import CHUNK_BYTES, Chunk
from worker.streamed_text import StreamedText

#: Characters of one to four bytes, control characters, cut sequences and bytes that are never UTF-8.
PIECES = st.sampled_from(
    ["a", "é", "€", "😀", "\n", '"', "\\", "\0", "\x1b", "\x7f", "\ufeff", "\u2028"]
).map(str.encode) | st.binary(min_size=1, max_size=6)
WRITES = st.lists(st.lists(PIECES, max_size=12).map(b"".join), max_size=12)


def streamed(reads: Sequence[bytes], limit: int = OUTPUT_BYTES) -> str:
    """Return the text of all chunks, which must follow each other."""
    text, chunks = StreamedText(Stream.STDOUT, limit), list[Chunk]()
    for data in reads:
        chunks += text.take(data)
    offset = 0
    for chunk in chunks:
        assert (chunk.stream, chunk.offset) == (Stream.STDOUT, offset)
        size = len(chunk.text.encode())
        assert 0 < size <= CHUNK_BYTES
        offset += size
    return "".join(chunk.text for chunk in chunks)


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut bytes into reads."""
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(data=WRITES.map(b"".join), places=st.lists(st.integers(0, 1000), max_size=20))
def test_streamed_text_is_the_text_of_the_outcome_without_a_last_incomplete_character(
    data: bytes, places: list[int]
) -> None:
    final, _ = Output(data).to_text()
    text = streamed(cut(data, places))
    assert final.startswith(text)
    # What is missing was not a whole character at the end.
    assert len(final) - len(text) <= 1
    assert text == codecs.getincrementaldecoder("utf-8")("replace").decode(data)


@given(
    data=WRITES.map(b"".join), places=st.lists(st.integers(0, 1000), max_size=20), limit=st.integers(1, 60)
)
def test_streamed_text_is_a_beginning_of_the_outcome_when_the_output_is_past_its_limit(
    data: bytes, places: list[int], limit: int
) -> None:
    # As sandbox/output_pipe.py and Output.to_text do, with another limit.
    kept, truncated = data[:limit], len(data) > limit
    whole = codecs.getincrementaldecoder("utf-8")("replace").decode(kept, not truncated)
    assert shorten(whole, limit).startswith(streamed(cut(kept, places), limit))


@pytest.mark.parametrize(
    "character", [b"a", b"\n", b"\0", b"\xff", "é".encode(), "€".encode(), "😀".encode(), b"a\xf0\x9f"]
)
def test_streamed_text_is_a_beginning_of_the_outcome_at_the_cap(character: bytes) -> None:
    data = character * (OUTPUT_BYTES // len(character) + 1)
    kept = data[:OUTPUT_BYTES]
    final, truncated = Output(kept, truncated=len(data) > OUTPUT_BYTES).to_text()
    text = streamed([kept[start : start + 60_001] for start in range(0, len(kept), 60_001)])
    assert truncated
    assert final.startswith(text)
    # Only the last chunk may be missing.
    assert len(final.encode()) - len(text.encode()) <= CHUNK_BYTES
