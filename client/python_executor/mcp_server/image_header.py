"""The header of an image: its type and its size."""

from typing import Final

#: The most pixels of a side. An image of a few kilobytes can have billions of pixels, which a client that
#: shows it would decode. Services of models refuse larger ones, and with them the whole conversation.
LONGEST_SIDE: Final = 8_000

_GIF_EXTENSION, _GIF_FRAME, _GIF_END = b"\x21", b"\x2c", b"\x3b"

#: The length of the first block of a graphic control extension, and of a plain text extension.
_GIF_USUAL_LENGTHS: Final = {b"\xf9": b"\x04", b"\x01": b"\x0c"}

#: Markers TEM and RST0 to RST7.
_JPEG_WITHOUT_LENGTH: Final = (0x01, *range(0xD0, 0xD8))

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
            return _gif_size(content)
        case "image/webp":
            return _webp_size(content)
        case "image/jpeg":
            return _jpeg_size(content)
    return 0, 0


def _gif_size(content: bytes) -> tuple[int, int]:
    """Return the sides of the largest frame: clients enlarge the picture to it."""
    width, height = _little(content[6:8]), _little(content[8:10])
    at = 13 + _colour_table(content[10:11])
    while content[at : at + 1] not in (b"", _GIF_END):
        if content[at : at + 1] == _GIF_EXTENSION:
            # Some clients read these extensions with their usual length, whatever the file says.
            usual = _GIF_USUAL_LENGTHS.get(content[at + 1 : at + 2])
            if usual is not None and content[at + 2 : at + 3] != usual:
                return 0, 0
            at += 2
        elif content[at : at + 1] == _GIF_FRAME:
            left, top, *sides = (_little(content[at + 1 + two : at + 3 + two]) for two in (0, 2, 4, 6))
            width, height = max(width, left + sides[0]), max(height, top + sides[1])
            at += 11 + _colour_table(content[at + 9 : at + 10])
        else:
            return 0, 0
        while length := _little(content[at : at + 1]):
            at += length + 1
        at += 1
    return width, height


def _colour_table(flags: bytes) -> int:
    bits = _little(flags)
    return 3 * 2 ** ((bits & 7) + 1) if bits & 0x80 else 0


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
        elif marker in _JPEG_WITHOUT_LENGTH:
            at += 2
        elif marker == 0 or 0xD8 <= marker <= 0xDA:
            break  # no segment of a header: clients would look for the frame elsewhere
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7])
        else:
            at += 2 + _big(content[at + 2 : at + 4])
    return 0, 0


def _big(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _little(content: bytes) -> int:
    return int.from_bytes(content, "little")
