"""Shared libraries: which ones a file needs, and which files of the host those are."""

import struct
import sys
import time
from pathlib import Path

import pytest

from environments import libraries

#: A file header (elf(5)) of a 64-bit little-endian file with one program header, whose place and number follow.
_HEADER = struct.pack("<4s4B8xHHIQ", b"\x7fELF", 2, 1, 1, 0, 3, 62, 1, 0)


def test_needed_names_the_libraries_of_a_compiled_module() -> None:
    assert "libc.so.6" in libraries.needed(Path(sys.executable).resolve())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF",
        b"#!/bin/sh\n",
        b"\x7fELF\x01\x01" + bytes(100),
        b"\x7fELF\x02\x01" + b"\xff" * 100,
        _HEADER + struct.pack("<QQIHHHHHH", 64, 0, 0, 64, 56, 65535, 0, 0, 0),
        _HEADER + struct.pack("<QQIHHHHHH", 1 << 63, 0, 0, 64, 56, 1, 0, 0, 0),
        _HEADER
        + struct.pack("<QQIHHHHHH", 64, 0, 0, 64, 56, 1, 0, 0, 0)
        + struct.pack("<IIQQQQQQ", 2, 0, 120, 0, 0, 1 << 62, 0, 0)
        + struct.pack("<qQ", 5, 1 << 63),
    ],
)
def test_needed_is_empty_when_a_file_is_damaged_or_of_another_kind(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.so"
    file.write_bytes(content)
    assert libraries.needed(file) == []


def test_needed_reads_one_dynamic_section_of_many_and_its_first_entries(tmp_path: Path) -> None:
    """Each of them is the whole file. To read all of them would take hours."""
    number = 60_000
    file = tmp_path / "many.so"
    segment = struct.pack("<IIQQQQQQ", 2, 0, 64, 0, 0, number * 56, 0, 0)
    file.write_bytes(
        _HEADER + struct.pack("<QQIHHHHHH", 64, 0, 0, 64, 56, number, 0, 0, 0) + segment * number
    )
    began = time.process_time()
    assert libraries.needed(file) == []
    assert time.process_time() - began < 5


def test_libraries_of_host_are_those_that_are_not_among_the_files(tmp_path: Path) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(Path(sys.executable).resolve().read_bytes())
    assert libraries.of_host([module])["libc.so.6"] == "module.so"
    (tmp_path / "libc.so.6").touch()
    assert "libc.so.6" not in libraries.of_host([module, tmp_path / "libc.so.6"])


def test_libraries_on_host_have_the_libraries_that_they_need() -> None:
    found = libraries.on_host(["libstdc++.so.6", "libnowhere.so.1"])
    assert {"libstdc++.so.6", "libc.so.6", "libm.so.6"} <= {path.name for path in found}
    assert all(path.is_file() for path in found)
    assert libraries.missing(["libstdc++.so.6", "libnowhere.so.1"]) == ["libnowhere.so.1"]


def test_library_names_are_told_from_others() -> None:
    names = ["a.so", "a.cpython-311-x86_64-linux-gnu.so", "liba.so.1.2", "a.sorted", "so", "a.py"]
    assert [name for name in names if libraries.is_shared(name)] == names[:3]
