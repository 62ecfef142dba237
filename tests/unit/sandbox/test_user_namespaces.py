"""Settings of the kernel that forbid user namespaces."""

from pathlib import Path

import pytest

from sandbox.jail.user_namespaces import find_fault


def _set(root: Path, **values: str) -> None:
    for name, value in values.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{value}\n")


def test_find_fault_finds_none_when_the_settings_allow_namespaces(tmp_path: Path) -> None:
    assert find_fault(tmp_path, 1000) is None
    _set(tmp_path, user__max_user_namespaces="15000", kernel__unprivileged_userns_clone="1")
    assert find_fault(tmp_path, 1000) is None


@pytest.mark.parametrize(
    ("name", "value", "mends"),
    [
        ("user__max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        ("kernel__unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "kernel__apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
def test_find_fault_names_the_command_when_a_setting_forbids_namespaces(
    tmp_path: Path, name: str, value: str, mends: str
) -> None:
    _set(tmp_path, **{name: value})
    fault = find_fault(tmp_path, 1000)
    assert fault is not None
    assert fault.endswith(mends)


def test_find_fault_leaves_out_settings_for_ordinary_users_when_the_worker_is_root(tmp_path: Path) -> None:
    _set(tmp_path, kernel__unprivileged_userns_clone="0", kernel__apparmor_restrict_unprivileged_userns="1")
    assert find_fault(tmp_path, 0) is None
