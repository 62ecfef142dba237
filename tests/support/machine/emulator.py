"""The emulators that can run a machine: their programs and command lines."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Memory of the machine in MB. The self-test fills up to 1 GB.
_MEMORY: Final = 2560

#: No repairs of the faults of processors, and no clearing of memory before its use: in an emulator they cost time and
#: protect nothing.
_KERNEL_OPTIONS: Final = "rw panic=-1 quiet loglevel=3 mitigations=off init_on_alloc=0 systemd.show_status=0"

#: Without features that are fast only in hardware: with erms and fsrm, kernel and libc copy memory by `rep movsb`, and
#: with la57 page tables have five levels.
_EMULATED_PROCESSOR: Final = "max,-erms,-fsrm,-la57"


@dataclass(frozen=True)
class Files:
    """The files of one machine.

    Attributes:
        disk: The disk of the image. It is only read.
        kernel: The kernel of the image.
        initrd: The initrd of the image.
        job: The second disk, a file system with the checkout.
        results: The third disk, which takes the results.
        scratch: A folder for changed blocks of the first disk.
    """

    disk: Path
    kernel: Path
    initrd: Path
    job: Path
    results: Path
    scratch: Path


@dataclass(frozen=True)
class Emulator:
    """A way to run a machine.

    Attributes:
        name: Its name, for the setting EMULATOR.
        program: The program that it needs.
        package: The Debian package of the program.
        start_timeout: Seconds until the machine has started, or never will.
    """

    name: str
    program: str
    package: str
    start_timeout: int

    def command(self, files: Files) -> list[str]:
        """Return the command line that runs a machine and shows its console on the standard output."""
        if self.name == "uml":
            return _user_mode_linux(self.program, files)
        return _qemu(self.program, self.name, files)


#: The emulators, the fastest first. KVM needs a processor, and often a host, that permits it.
EMULATORS: Final = (
    Emulator("kvm", "qemu-system-x86_64", "qemu-system-x86", 60),
    Emulator("tcg", "qemu-system-x86_64", "qemu-system-x86", 240),
    Emulator("uml", "linux.uml", "user-mode-linux", 240),
)

_KVM_MODULES: Final = ("kvm_amd", "kvm_intel")


def usable_emulators(environment: Mapping[str, str], modules: Path = Path("/sys/module")) -> list[Emulator]:
    """Return the emulators to try, in this order.

    Args:
        environment: EMULATOR names the only one to try.
        modules: The folder of the kernel's modules. KVM runs unmodified kernels with one of `_KVM_MODULES`. Some
            virtual machines have another, which runs only kernels that were made for it.
    """
    kvm = any((modules / name).exists() for name in _KVM_MODULES)
    chosen = environment.get("EMULATOR")
    return [
        emulator
        for emulator in EMULATORS
        if shutil.which(emulator.program, path=environment.get("PATH"))
        and chosen in (None, "", emulator.name)
        and (emulator.name != "kvm" or kvm)
    ]


def _qemu(program: str, accelerator: str, files: Files) -> list[str]:
    # Nested hosts offer the feature that is left out, and then refuse it.
    kind, processor = {
        "kvm": ("kvm", "host,-arch-capabilities"),
        "tcg": ("tcg,thread=multi", _EMULATED_PROCESSOR),
    }[accelerator]
    disks = (f"file={files.disk},snapshot=on", f"file={files.job},snapshot=on", f"file={files.results}")
    return [
        *(program, "-accel", kind, "-machine", "q35", "-cpu", processor, "-smp", "2", "-m", str(_MEMORY)),
        *("-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"),
        *("-kernel", str(files.kernel), "-initrd", str(files.initrd)),
        *("-append", f"console=ttyS0 root=/dev/vda {_KERNEL_OPTIONS}"),
        *(word for disk in disks for word in ("-drive", f"{disk},if=virtio,format=raw,cache=unsafe")),
    ]


def _user_mode_linux(program: str, files: Files) -> list[str]:
    # It has a kernel of its own. Changed blocks of the first disk go to the file before the comma.
    return [
        *(program, f"mem={_MEMORY}M", f"umid={files.scratch.name}", f"uml_dir={files.scratch}"),
        *(f"ubd0={files.scratch / 'changes'},{files.disk}", f"ubd1={files.job}", f"ubd2={files.results}"),
        *("root=/dev/ubda", *_KERNEL_OPTIONS.split(), "con=null", "con0=null,fd:1", "ssl=null"),
    ]
