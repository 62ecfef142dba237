"""The files of the pages, and how the API sends them."""

import gzip
from pathlib import Path

import pytest
from flask import Flask

from api.pages.assets import Asset, Assets

ASSET = Asset(b"const a = 1;\n" * 100, "text/javascript; charset=utf-8")


def headers_of(encoding: str | None, **more: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the answer to a request with this `Accept-Encoding`."""
    sent = more if encoding is None else {"Accept-Encoding": encoding, **more}
    with Flask("test").test_request_context(headers=sent):
        response = ASSET.response()
        return response.status_code, dict(response.headers), response.get_data()


@pytest.mark.parametrize(
    "encoding", ["gzip", "gzip, deflate, br, zstd", "GZIP", "*", "br;q=1.0, gzip;q=0.1", "identity;q=0, gzip"]
)
def test_asset_is_compressed_when_the_client_takes_gzip(encoding: str) -> None:
    status, headers, body = headers_of(encoding)
    assert (status, gzip.decompress(body)) == (200, ASSET.content)
    assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    "encoding", [None, "", "identity", "br", "gzip;q=0", "gzip;q=0, *", "*;q=0", "gzip;q=x"]
)
def test_asset_is_sent_as_it_is_when_the_client_does_not_take_gzip(encoding: str | None) -> None:
    status, headers, body = headers_of(encoding)
    assert (status, body) == (200, ASSET.content)
    assert "Content-Encoding" not in headers
    assert headers["Vary"] == "Accept-Encoding"


def test_each_encoding_has_its_own_tag() -> None:
    tags = [headers_of(encoding)[1]["ETag"] for encoding in ("gzip", "identity")]
    assert tags == [f'"{ASSET.digest}-gzip"', f'"{ASSET.digest}"']
    assert all(tag.startswith('"') for tag in tags), "a weak tag"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_asset_is_not_sent_again_when_the_client_has_it(encoding: str) -> None:
    _, headers, _ = headers_of(encoding)
    for known in (headers["ETag"], f'"other", {headers["ETag"]}', "*"):
        # The server sends no body with this status.
        status, again, _ = headers_of(encoding, **{"If-None-Match": known})
        assert status == 304
        assert (again["ETag"], again["Vary"]) == (headers["ETag"], "Accept-Encoding")


def test_asset_is_sent_again_when_the_client_has_another_encoding_of_it() -> None:
    _, headers, _ = headers_of("gzip")
    assert headers_of("identity", **{"If-None-Match": headers["ETag"]})[0] == 200


def test_asset_is_sent_whole_when_the_client_asks_for_a_range() -> None:
    status, headers, body = headers_of("identity", Range="bytes=0-3")
    assert (status, body) == (200, ASSET.content)
    assert "Content-Range" not in headers


def test_assets_have_the_files_of_known_types_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for path in ("a/one.js", "two.css", "three.html", "four.py", ".hidden"):
        (tmp_path / path).write_text(path)
    assets = Assets(tmp_path)
    assert assets.get("a/one.js") == Asset(b"a/one.js", "text/javascript; charset=utf-8")
    assert assets.get("two.css") == Asset(b"two.css", "text/css; charset=utf-8")
    for path in (
        "three.html",
        "four.py",
        ".hidden",
        "a",
        "",
        "/two.css",
        "./two.css",
        "a/../two.css",
        "TWO.CSS",
    ):
        assert assets.get(path) is None, path


def test_digest_of_the_assets_changes_with_a_name_and_with_a_content(tmp_path: Path) -> None:
    file = tmp_path / "one.js"
    file.write_text("1")
    digests = [Assets(tmp_path).digest, Assets(tmp_path).digest]
    file.write_text("2")
    digests.append(Assets(tmp_path).digest)
    file.rename(tmp_path / "two.js")
    digests.append(Assets(tmp_path).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_modules_are_those_of_the_named_folders(tmp_path: Path) -> None:
    for path in ("a/one.js", "a/b/two.js", "a/style.css", "ab/three.js", "four.js"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert Assets(tmp_path).modules("a") == ["a/b/two.js", "a/one.js"]
    assert Assets(tmp_path).modules("ab", "a") == ["a/b/two.js", "a/one.js", "ab/three.js"]
