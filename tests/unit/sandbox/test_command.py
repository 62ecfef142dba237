"""The nsjail command, and the policy file that it names."""

from dataclasses import replace
from pathlib import Path

import pytest

import config
from jobs.limits import TMP_BYTES, TMP_FILES
from sandbox.errors import SandboxFailure
from sandbox.isolation import Isolation
from sandbox.jail.command import JailConfig, environment, jail_command
from sandbox.jail.root import SITE_PACKAGES
from sandbox.jail.user import OutsideUser
from sandbox.packages import Packages


def _config(policies: Path = Path(config.__path__[0])) -> JailConfig:
    return JailConfig(Path("/nsjail"), policies, "x86_64", Path("/root"))


def test_nsjail_cfg_limits_tmp_to_the_documented_size() -> None:
    options = dict(option.split("=") for option in _config().tmp_options().split(","))
    assert options == {"size": str(TMP_BYTES), "nr_inodes": str(TMP_FILES), "mode": "1777"}


def test_jail_command_passes_the_options_of_tmp_to_the_guest() -> None:
    command = jail_command(_config(), Isolation.SLOT, OutsideUser(1, 2))
    assert command[-1] == _config().tmp_options()


def test_tmp_options_raise_when_nsjail_cfg_mounts_no_tmpfs_at_tmp(tmp_path: Path) -> None:
    (tmp_path / "nsjail.cfg").write_text('mount { dst: "/tmp" fstype: "tmpfs" }')
    with pytest.raises(SandboxFailure, match="/tmp"):
        _config(tmp_path).tmp_options()


@pytest.mark.parametrize("isolation", list(Isolation))
def test_jail_command_maps_the_inside_user_to_the_outside_user(isolation: Isolation) -> None:
    command = jail_command(_config(), isolation, OutsideUser(7, 8))
    assert command[command.index("--user") + 1] == "65534:7:1"
    assert command[command.index("--group") + 1] == "65534:8:1"


@pytest.mark.parametrize(("isolation", "preloaded"), [(Isolation.SLOT, ["small"]), (Isolation.FRESH, [])])
def test_jail_command_passes_packages_to_the_guest(isolation: Isolation, preloaded: list[str]) -> None:
    packages = Packages(
        "data", "sha256:0", Path("/packages"), preload=("small",), variables=(("MPLBACKEND", "Agg"),)
    )
    config = replace(_config(), packages=packages)
    command = jail_command(config, isolation, OutsideUser(1, 2))
    assert command[command.index(config.tmp_options()) + 1 :] == [SITE_PACKAGES, *preloaded]
    assert command[command.index("--env") + 1] == "MPLBACKEND=Agg"
    assert environment(config)["JAIL_PACKAGES"] == "/packages"


def test_jail_of_the_standard_library_mounts_an_empty_folder_of_its_root() -> None:
    assert environment(_config())["JAIL_PACKAGES"] == f"/root{SITE_PACKAGES}"
    assert "--env" not in jail_command(_config(), Isolation.FRESH, OutsideUser(1, 2))


def test_only_a_slot_is_linked_ahead() -> None:
    slot, fresh = (jail_command(_config(), isolation, OutsideUser(1, 2)) for isolation in Isolation)
    assert slot[slot.index("--env") + 1] == "LD_BIND_NOW=1"
    assert "LD_BIND_NOW=1" not in fresh
