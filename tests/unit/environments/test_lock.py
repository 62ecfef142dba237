"""Lock files: which lines are accepted, and which line is named in a refusal."""

from pathlib import Path

import pytest

from environments import lock
from environments.lock import Pin
from environments.refusal import Refusal

ONE, TWO = "1" * 64, "2" * 64
HASH = f"--hash=sha256:{ONE}"


def test_lock_gives_the_packages_sorted_by_name_with_versions_hashes_and_lines() -> None:
    text = f"""\
# made from data.in
Pandas_Extra==2.0 \\
    --hash=sha256:{ONE} \\
    --hash=sha256:{TWO}
    # via nothing

numpy[fast]==1.0 {HASH}  # a comment
"""
    assert lock.parse(text, "some.lock") == (
        Pin("numpy", "1.0", frozenset({ONE}), 7),
        Pin("pandas-extra", "2.0", frozenset({ONE, TWO}), 2),
    )


def test_lock_leaves_out_packages_of_other_platforms() -> None:
    text = f"one==1.0 ; sys_platform == 'linux' {HASH}\nnt==1.0 ; sys_platform == 'win32' {HASH}\n"
    assert [pin.name for pin in lock.parse(text, "some.lock")] == ["one"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("numpy==1.0", "numpy: has no --hash=sha256:…"),
        (f"numpy {HASH}", "numpy: is not pinned to one version; it must be name==version"),
        (f"numpy>=1.0 {HASH}", "numpy: is not pinned to one version; it must be name==version"),
        (f"numpy==1.* {HASH}", "numpy: is not pinned to one version; it must be name==version"),
        (f"numpy==1.0,<2 {HASH}", "numpy: is not pinned to one version; it must be name==version"),
        (f"numpy===1.0 {HASH}", "numpy: is not pinned to one version; it must be name==version"),
        (
            f"numpy @ https://example.com/numpy.whl {HASH}",
            "numpy: names a URL; it must be name==version, with the hashes of its wheels",
        ),
        ("https://example.com/numpy.whl", "https://example.com/numpy.whl: is not a package with its version"),
        ("./numpy.whl", "./numpy.whl: is not a package with its version"),
        ("-r other.txt", "-r other.txt: a lock has packages alone"),
        ("-e .", "-e .: a lock has packages alone"),
        ("--index-url https://example.com", "a lock has packages alone"),
        ("--find-links /tmp", "a lock has packages alone"),
        ("numpy==1.0 --hash=md5:abc", "numpy: has an option other than --hash=sha256:"),
        (f"numpy==1.0 {HASH} --hash=sha256:abc", "numpy: has an option other than --hash=sha256:"),
        (f"numpy==1.0 {HASH} --global-option=x", "numpy: has an option other than --hash=sha256:"),
    ],
)
def test_lock_is_refused_with_file_line_and_package_when_an_entry_is_not_pinned(
    entry: str, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        lock.parse(f"# the first line\nfine==1.0 {HASH}\n{entry}\n", "some.lock")
    assert str(refused.value).startswith("some.lock:3: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ("os_name ~= 'posix'", "has a marker that compares what cannot be compared"),
        ("(" * 5000, "is not a package with its version, as in name==1.0"),
    ],
)
def test_lock_is_refused_when_a_marker_cannot_be_evaluated(marker: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        lock.parse(f"numpy==1.0 ; {marker} {HASH}", "some.lock")


def test_lock_is_refused_when_a_package_is_there_twice() -> None:
    with pytest.raises(Refusal, match=r"^some.lock:2: a-b: line 1 has it already$"):
        lock.parse(f"a.b==1.0 {HASH}\nA_B==2.0 {HASH}\n", "some.lock")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe"])
def test_lock_is_refused_with_its_name_when_it_has_no_package(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.lock"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=r"some\.lock"):
        lock.read(path)


def test_lock_is_refused_when_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"some\.lock: No such file"):
        lock.read(tmp_path / "some.lock")
