"""The header of an image: its type and its size."""

from typing import Final

#: The most pixels of a side. An image of a few kilobytes can have billions of pixels, which a client that
#: shows it would decode. Services of models refuse larger ones, and with them the whole conversation.
LONGEST_SIDE: Final = 8_000

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def media_type(content: bytes) -> str | None:
    """Return the media type of an image by its first bytes, None for anything else.

    The name of the file is the script's choice, and says nothing. SVG and HTML are programs to a browser.
    """
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def can_be_shown(content: bytes) -> bool:
    """Whether an image says how large it is, and is not too large."""
    return all(0 < side <= LONGEST_SIDE for side in _size(content))


def _size(content: bytes) -> tuple[int, int]:
    """Return the width and height, zeros if the image does not say them."""
    match media_type(content):
        case "image/png" if content[12:16] == b"IHDR":
            return _big(content[16:20]), _big(content[20:24])
        case "image/gif":
            return _little(content[6:8]), _little(content[8:10])
        case "image/webp":
            return _webp_size(content)
        case "image/jpeg":
            return _jpeg_size(content)
    return 0, 0


def _webp_size(content: bytes) -> tuple[int, int]:
    match content[12:16]:
        case b"VP8X":
            return _little(content[24:27]) + 1, _little(content[27:30]) + 1
        case b"VP8L":
            bits = _little(content[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF
    return 0, 0


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Find the frame, which comes after segments with lengths."""
    at = 2
    while content[at : at + 1] == b"\xff" and at + 9 <= len(content):
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1  # padding
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7])
        else:
            at += 2 + _big(content[at + 2 : at + 4])
    return 0, 0


def _big(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _little(content: bytes) -> int:
    return int.from_bytes(content, "little")
