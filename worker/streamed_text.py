"""The text of one output while the job runs: always a beginning of the text in the outcome."""

import codecs
import json
from collections.abc import Iterator
from typing import Final

from jobs.limits import OUTPUT_BYTES
from jobs.stream import Stream
from store.progress import CHUNK_BYTES, Chunk

#: Characters of at most four bytes each, so that they fit a chunk.
_CHUNK_CHARACTERS: Final = CHUNK_BYTES // 4


class StreamedText:
    """Turns the bytes of an output into chunks of text.

    `Output.to_text` makes the text of the outcome in the same way. But the outcome has the last characters
    before a limit too. Here the output ends before the first chunk that does not fit.
    """

    def __init__(self, stream: Stream, limit: int = OUTPUT_BYTES) -> None:
        """Start with nothing.

        Args:
            stream: The output.
            limit: The most bytes of text, as in `jobs.json_text.shorten`.
        """
        self._stream, self._limit = stream, limit
        # It keeps an incomplete last character to itself.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._bytes = self._quoted_bytes = 0
        self._is_full = False

    def take(self, data: bytes) -> Iterator[Chunk]:
        """Yield the text that `data` adds, in chunks of at most CHUNK_BYTES."""
        text = self._decoder.decode(data)
        for start in range(0, len(text), _CHUNK_CHARACTERS):
            piece = text[start : start + _CHUNK_CHARACTERS]
            chunk = Chunk(self._stream, self._bytes, piece)
            self._bytes += len(piece.encode())
            self._quoted_bytes += len(json.dumps(piece, ensure_ascii=False).encode()) - len('""')
            self._is_full |= self._bytes > self._limit or self._quoted_bytes > 2 * self._limit
            if self._is_full:
                return
            yield chunk
