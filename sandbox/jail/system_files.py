"""The small files of the root, the same on every host: what the C library reads about users and names."""

from pathlib import Path
from typing import Final

from sandbox.jail.user import INSIDE_ID

#: The job's user and host. nsjail.cfg sets the same host name.
_NAME: Final = "sandbox"

#: Without nsswitch.conf, the C library would also ask a name server.
_TEXTS: Final = {
    "etc/passwd": f"{_NAME}:x:{INSIDE_ID}:{INSIDE_ID}:{_NAME}:/tmp:/bin/false\n",
    "etc/group": f"{_NAME}:x:{INSIDE_ID}:\n",
    "etc/hosts": f"127.0.0.1\tlocalhost\n127.0.0.1\t{_NAME}\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def write_system_files(root: Path) -> None:
    """Write the files into the folder `root`. Raises OSError."""
    (root / "etc").mkdir()
    for name, text in _TEXTS.items():
        (root / name).write_text(text)
        (root / name).chmod(0o444)
    # POSIX semaphores and shared memory are files of the job, with one bound for all of its files.
    (root / "dev/shm").symlink_to("/tmp")  # noqa: S108
