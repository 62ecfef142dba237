"""How the playground shows the files that a script leaves."""

import struct
import zlib
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script
from tests.support.service import Service


def _png(width: int, height: int, rows: bytes | None = None) -> bytes:
    """Return a grey picture; with `rows`, its header may claim another size."""
    raw = (b"\0" + b"\x80" * width) * height if rows is None else rows
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _leave(page: Page, files: dict[str, bytes]) -> None:
    """Run a script that leaves some files."""
    lines = ["import base64, pathlib"]
    for name, content in files.items():
        data = b64encode(content).decode()
        lines.append(f"path = pathlib.Path({name!r}); path.parent.mkdir(exist_ok=True)")
        lines.append(f"path.write_bytes(base64.b64decode({data!r}))")
    run_script(page, "\n".join(lines) + "\n", artifacts=["**"])


def _saved(page: Page, name: str, folder: Path) -> tuple[bytes, str]:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name}").click()
    path = folder / "saved"
    download.value.save_as(path)
    return path.read_bytes(), download.value.suggested_filename


def test_picture_is_shown_and_saved_with_equal_bytes(service: Service, visit: Visit, tmp_path: Path) -> None:
    page = visit(service)
    picture = _png(60, 40)
    _leave(page, {"out/plot.png": picture})
    shown = page.get_by_role("img", name="out/plot.png")
    expect(shown).to_have_js_property("naturalWidth", 60)
    assert (shown.get_attribute("src") or "").startswith("blob:")
    assert _saved(page, "out/plot.png", tmp_path) == (picture, "plot.png")


def test_html_and_svg_are_only_saved(service: Service, visit: Visit, tmp_path: Path) -> None:
    page = visit(service)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    _leave(page, {"a.svg": svg, "b.html": b"<h1>no</h1>", "c.png": svg})
    expect(page.locator(".artifact")).to_have_count(3)
    expect(page.get_by_text("Not shown: this is not a PNG, JPEG, GIF or WebP picture.")).to_be_visible()
    expect(
        page.locator("#artifacts img, #artifacts svg, #artifacts h1, iframe, object, embed")
    ).to_have_count(0)
    expect(page.get_by_role("button", name="Show")).to_have_count(0)
    assert _saved(page, "a.svg", tmp_path) == (svg, "a.svg")


def test_picture_is_not_shown_when_its_header_claims_too_many_pixels(service: Service, visit: Visit) -> None:
    page = visit(service)
    _leave(page, {"bomb.png": _png(60_000, 60_000, b"")})
    expect(page.get_by_text("Not shown: 60000 × 60000 pixels are too many.")).to_be_visible()
    expect(page.locator("#artifacts img")).to_have_count(0)


def test_pictures_are_not_shown_when_they_have_too_many_pixels_together(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    _leave(page, {f"{number}.png": _png(5_000, 4_900) for number in range(5)})
    expect(page.locator("#artifacts img")).to_have_count(4)
    expect(page.get_by_text("Not shown: the pictures together have too many pixels.")).to_have_count(1)


def test_page_says_so_when_a_picture_is_damaged(service: Service, visit: Visit) -> None:
    page = visit(service)
    _leave(page, {"half.png": _png(60, 40)[:33]})
    expect(page.get_by_text("Not shown: the picture is damaged.")).to_be_visible()
    expect(page.locator("#artifacts img")).to_have_count(0)


def test_start_of_a_text_is_shown_when_asked_for(service: Service, visit: Visit) -> None:
    page = visit(service)
    _leave(page, {"table.csv": b"<b>a</b>,\x1b\n" + b"1,2\n" * 20_000})
    contents = page.get_by_role("region", name="Contents of table.csv")
    expect(contents).to_have_count(0)
    page.get_by_role("button", name="Show table.csv").click()
    expect(contents).to_contain_text("<b>a</b>,␛")
    assert len(contents.text_content() or "") == 64 * 1024
    expect(page.get_by_text("The first 65.5 kB. Download saves all of it.")).to_be_visible()


def test_hostile_name_stays_text(service: Service, visit: Visit, tmp_path: Path) -> None:
    page = visit(service)
    _leave(page, {"<img src=x>\u202egnp.exe": b"x", "q?a=1#b %2e.txt": b"y"})
    expect(page.locator(".artifact .path")).to_have_text(["<img src=x>\ufffdgnp.exe", "q?a=1#b %2e.txt"])
    expect(page.locator("#artifacts img")).to_have_count(0)
    content, _ = _saved(page, "q?a=1#b %2e.txt", tmp_path)
    assert content == b"y"


def test_page_says_so_when_files_were_dropped(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "open('big.bin', 'wb').write(bytes(9_000_000))\n", artifacts=["*.bin"])
    expect(page.locator(".artifact")).to_contain_text(
        "Not kept: the file was too large for the limits, or the service was full."
    )
    expect(page.get_by_role("button", name="Download big.bin")).to_have_count(0)


_GIF = b"GIF89a" + struct.pack("<HHBBB", 5, 6, 0, 0, 0)
_FRAME = b"\x2c" + struct.pack("<HHHHB", 0, 0, 60_000, 7, 0) + b"\x02\x01\x00\x00;"
_JPEG = b"\xff\xd8\xff\xe1\x00\x06\xff\xc0zz\xff\xc2\x00\x11\x08" + struct.pack(">HH", 11, 12) + bytes(12)
_FRAME_OF_JPEG = b"\xff\xc0\x00\x11\x08"


def _hiding_jpeg(marker: int) -> bytes:
    """Return a large picture. It looks like a small one if a length is read after the marker."""
    large = b"\xff\xd8\xff%c" % marker + _FRAME_OF_JPEG + struct.pack(">HH", 60_000, 50_000)
    return large.ljust(4 + 0xFFC0, b"\0") + _FRAME_OF_JPEG + struct.pack(">HH", 5, 5) + bytes(12)


_WEBP = b"RIFF\0\0\0\0WEBP"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (_png(3, 4), ["image/png", 3, 4]),
        (_GIF + b";", ["image/gif", 5, 6]),
        (_GIF + _FRAME, ["image/gif", 60_000, 7]),
        (_GIF + b"!\xf9\x00" + _FRAME, None),
        (_JPEG, ["image/jpeg", 12, 11]),
        (_hiding_jpeg(0x01), ["image/jpeg", 50_000, 60_000]),
        (_hiding_jpeg(0xD0), ["image/jpeg", 50_000, 60_000]),
        (_hiding_jpeg(0x00), None),
        (_WEBP + b"VP8X" + bytes(8) + b"\x09\0\0\x13\0\0", ["image/webp", 10, 20]),
        (_WEBP + b"VP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 8 | 14 << 14), ["image/webp", 9, 15]),
        (_WEBP + b"VP8 " + bytes(10) + struct.pack("<HH", 16, 17), ["image/webp", 16, 17]),
        (_png(0, 4), None),
        (_png(3, 4)[:20], None),
        (b"<svg/>", None),
        (b"", None),
    ],
)  # fmt: skip
def test_header_of_a_picture_is_read(
    service: Service, visit: Visit, content: bytes, found: list[object] | None
) -> None:
    page = visit(service)
    header = page.evaluate(
        """async (bytes) => {
            const { readImageHeader } = await import(document.querySelector('link[href$="image_header.js"]').href);
            const found = readImageHeader(new Uint8Array(bytes).buffer);
            return found && [found.type, found.width, found.height];
        }""",
        list(content),
    )
    assert header == found
