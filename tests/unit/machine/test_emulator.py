"""The choice of an emulator, and its command line."""

from pathlib import Path

import pytest

from tests.support.machine.emulator import EMULATORS, Emulator, Files, usable_emulators

FILES = Files(
    Path("/i/disk"), Path("/i/kernel"), Path("/i/initrd"), Path("/s/job"), Path("/s/results"), Path("/s")
)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    for name in {emulator.program for emulator in EMULATORS}:
        (tmp_path / name).touch(mode=0o755)
    return tmp_path


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    (tmp_path / "modules/kvm_amd").mkdir(parents=True)
    return tmp_path / "modules"


def test_emulators_are_tried_from_the_fastest_to_the_slowest(programs: Path, modules: Path) -> None:
    found = usable_emulators({"PATH": str(programs)}, modules)
    assert [emulator.name for emulator in found] == ["kvm", "tcg", "uml"]


def test_kvm_is_left_out_when_it_does_not_run_unmodified_kernels(programs: Path, modules: Path) -> None:
    (modules / "kvm_amd").rename(modules / "kvm_other")
    found = usable_emulators({"PATH": str(programs)}, modules)
    assert [emulator.name for emulator in found] == ["tcg", "uml"]


def test_emulator_is_left_out_when_its_program_is_missing(programs: Path, modules: Path) -> None:
    (programs / "qemu-system-x86_64").unlink()
    found = usable_emulators({"PATH": str(programs)}, modules)
    assert [emulator.name for emulator in found] == ["uml"]


def test_setting_chooses_the_only_emulator(programs: Path, modules: Path) -> None:
    found = usable_emulators({"PATH": str(programs), "EMULATOR": "tcg"}, modules)
    assert [emulator.name for emulator in found] == ["tcg"]


@pytest.mark.parametrize("emulator", EMULATORS, ids=lambda emulator: emulator.name)
def test_machine_only_reads_the_image(emulator: Emulator) -> None:
    command = emulator.command(FILES)
    (disk,) = [word for word in command if "/i/disk" in word]
    assert "snapshot=on" in disk or disk == "ubd0=/s/changes,/i/disk"
