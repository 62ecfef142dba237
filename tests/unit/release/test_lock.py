"""Reading lock files."""

from pathlib import Path

from release.lock import read_pins

LOCK = """\
click==8.3.1 \\
    --hash=sha256:bb \\
    --hash=sha256:aa
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
celery[redis]==5.6.3 \\
    --hash=sha256:dd
"""


def test_lock_gives_name_version_hashes_and_marker_of_each_package(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(LOCK)
    pins = [
        (pin.name, pin.version, pin.hashes, str(pin.marker or "")) for pin in read_pins(tmp_path / "lock")
    ]
    assert pins == [
        ("click", "8.3.1", ("aa", "bb"), ""),
        ("colorama", "0.4.6", ("cc",), 'sys_platform == "win32"'),
        ("celery", "5.6.3", ("dd",), ""),
    ]
