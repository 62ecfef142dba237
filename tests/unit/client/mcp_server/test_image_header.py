"""The type and the size of an image are found in its header."""

import struct
from collections.abc import Callable

import pytest

from python_executor.mcp_server.image_header import LONGEST_SIDE, can_be_shown, media_type


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"GIF87a..", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html><script>alert(1)</script>", None),
        (b"", None),
    ],
)
def test_media_type_goes_by_the_first_bytes(content: bytes, expected: str | None) -> None:
    assert media_type(content) == expected


def _png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


def _gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height)


def _jpeg(width: int, height: int) -> bytes:
    segment = b"\xff\xe0" + struct.pack(">H", 16) + bytes(14)
    return b"\xff\xd8" + segment + b"\xff" + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width)


def _webp(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF....WEBPVP8X" + bytes(8) + sides


def _lossless_webp(width: int, height: int) -> bytes:
    return b"RIFF....WEBPVP8L....\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)


def _lossy_webp(width: int, height: int) -> bytes:
    return b"RIFF....WEBPVP8 ....\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)


@pytest.mark.parametrize("make", [_png, _gif, _jpeg, _webp, _lossless_webp, _lossy_webp])
def test_picture_is_shown_unless_a_side_is_too_long(make: Callable[[int, int], bytes]) -> None:
    assert can_be_shown(make(640, LONGEST_SIDE))
    assert not can_be_shown(make(LONGEST_SIDE + 1, 1))
    assert not can_be_shown(make(1, LONGEST_SIDE + 1))
    assert not can_be_shown(make(640, 480)[:8])


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"\xff\xd8\xff\xe0\x00\x00" + b"\xff" * 100_000, _png(0, 1)]
)
def test_picture_that_does_not_say_its_size_is_not_shown(content: bytes) -> None:
    assert not can_be_shown(content)


_LARGE_FRAME = struct.pack(">HBHH", 17, 8, 60_000, 60_000)


@pytest.mark.parametrize(
    "marker", [b"\xff\x01", b"\xff\xd0", b"\xff\xd7", b"\xff\x00", b"\xff\xd8", b"\xff\xda"]
)
def test_jpeg_is_not_shown_when_its_frame_is_hidden_in_a_segment_that_is_none(marker: bytes) -> None:
    """A client reads the large frame. With a length after the marker it would be inside of a segment."""
    hidden = b"\xff\xc0" + _LARGE_FRAME
    small = b"\xff\xc0" + struct.pack(">HBHH", 17, 8, 1, 1)
    for length in (0xFFC0, len(hidden), len(hidden) - 2):
        skipped = hidden.ljust(length, b"\x00")
        assert not can_be_shown(b"\xff\xd8" + marker + skipped + small + bytes(16))


def test_jpeg_is_shown_when_a_marker_without_length_precedes_a_small_frame() -> None:
    assert can_be_shown(b"\xff\xd8\xff\x01" + _jpeg(640, 480)[2:])


def test_gif_is_not_shown_when_a_frame_is_larger_than_its_screen() -> None:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0) + b"\x02\x01\x00\x00"
    screen = _gif(1, 1) + b"\x00\x00\x00"
    comment = b"\x21\xfe\x03abc\x00"
    assert can_be_shown(screen + comment + b"\x3b")
    assert not can_be_shown(screen + comment + frame + b"\x3b")
    assert not can_be_shown(_gif(1, 1) + b"\x80\x00\x00" + bytes(6) + frame)
    assert not can_be_shown(screen + b"\x21\xf9\x01\x00\x00" + frame)
    assert not can_be_shown(screen + b"unknown")
