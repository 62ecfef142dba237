"""The packages of an environment, as jails mount them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Libraries for computation start a thread for each CPU, unless they are told not to. A job has few CPUs and
#: few processes, and a zygote must have no thread when it forks.
ONE_THREAD: Final = tuple(
    (name, "1")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
)

#: matplotlib would look for a display.
NO_DISPLAY: Final = ("MPLBACKEND", "Agg")


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of one environment.

    Attributes:
        environment: The name of the environment.
        digest: The digest of the environment, for outcomes.
        folder: The folder with the packages. Jails mount it read-only.
        libraries: The shared libraries of the host that the packages load and do not contain.
        preload: The modules that a zygote imports before its first job.
        variables: The environment variables of every job, for example `MPLBACKEND`.
    """

    environment: str
    digest: str
    folder: Path
    libraries: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
