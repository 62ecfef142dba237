"""The headers of an artifact: its type and its name."""

import pytest
from werkzeug.http import parse_options_header

from api.artifacts import disposition
from api.media_types import media_type


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("plot.png", 'attachment; filename="plot.png"'),
        ("out/a b.csv", 'attachment; filename="a b.csv"'),
        ("é.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ('a";b\\.txt', "attachment; filename=\"a__b_.txt\"; filename*=UTF-8''a%22%3Bb%5C.txt"),
        ("50%41.txt", "attachment; filename=\"50_41.txt\"; filename*=UTF-8''50%2541.txt"),
        ("\u202egnp.exe", "attachment; filename=\"_gnp.exe\"; filename*=UTF-8''%E2%80%AEgnp.exe"),
        ("a\u2028\x85b", "attachment; filename=\"a__b\"; filename*=UTF-8''a%E2%80%A8%C2%85b"),
    ],
)
def test_disposition_names_the_file_for_old_and_new_clients(path: str, header: str) -> None:
    assert disposition(path) == header
    assert header.isascii()
    kind, options = parse_options_header(header)
    assert (kind, options["filename"]) == ("attachment", path.rpartition("/")[2])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.PNG", "image/png"),
        ("out.d/page.html", "text/html"),
        ("x.svg", "image/svg+xml"),
        ("t.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.tar.gz", "application/gzip"),
        ("a.png/b", "application/octet-stream"),
        ("png", "application/octet-stream"),
        ("a.", "application/octet-stream"),
    ],
)
def test_media_type_follows_from_the_ending_of_the_name(path: str, expected: str) -> None:
    assert media_type(path) == expected
