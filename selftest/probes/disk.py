"""Disk: the size of /tmp and its number of files are limited."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import TMP_BYTES, TMP_FILES
from selftest.checks import returns, returns_between, returns_only
from selftest.probe import Probe, job
from selftest.probes.scripts import attempt_job

_probe = partial(Probe, "disk")

FILL: Final = """
    def main():
        written = 0
        try:
            for number in range(100):
                with open(f"/tmp/{number}", "wb", 0) as file:
                    for _ in range(8):
                        written += file.write(bytes(1 << 20))
        except OSError as error:
            return {"written": written, "error": error.strerror}
        return {"written": written}
    """
FILES: Final = """
    def main():
        made = 0
        try:
            while made < 100_000:
                open(f"/tmp/{made}", "w").close()
                made += 1
        except OSError as error:
            return {"made": made, "error": error.strerror}
        return {"made": made}
    """

PROBES: Final = (
    _probe(
        "tmp-size-is-limited",
        "fill /tmp with files of 8 MB",
        f"full at {TMP_BYTES >> 20} MB",
        (job(FILL),),
        returns_between(TMP_BYTES - (1 << 20), TMP_BYTES, "written"),
    ),
    _probe(
        "tmp-file-count-is-limited",
        "create empty files until it fails",
        f"full at {TMP_FILES} files",
        (job(FILES),),
        returns_between(TMP_FILES - 16, TMP_FILES, "made"),
    ),
    _probe(
        "links-and-folders-count-as-files",
        "create links, hard links, FIFOs and folders until it fails",
        f"full at {TMP_FILES} together",
        (
            job("""
                import os
                def main():
                    open("/tmp/file", "w").close()
                    made = 1
                    ways = [lambda n: os.symlink("x", n), lambda n: os.link("/tmp/file", n), os.mkfifo, os.mkdir]
                    try:
                        while made < 100_000:
                            ways[made % 4](f"/tmp/{made}")
                            made += 1
                    except OSError as error:
                        return {"made": made, "error": error.strerror}
                    return {"made": made}
                """),
        ),
        returns_between(TMP_FILES - 16, TMP_FILES, "made"),
    ),
    _probe(
        "file-size-is-limited",
        "truncate, write at and allocate more than 64 MB",
        "EFBIG for each",
        (
            attempt_job("""
                def main():
                    fd = os.open("/tmp/file", os.O_RDWR | os.O_CREAT)
                    memory = os.memfd_create("memory")
                    large = (64 << 20) + 1
                    return {
                        "truncate": attempt(os.ftruncate, fd, large),
                        "seek": attempt(os.pwrite, fd, b"x", large),
                        "allocate": attempt(os.posix_fallocate, fd, 0, large),
                        "memory": attempt(os.ftruncate, memory, large),
                    }
                """),
        ),
        returns_only("EFBIG"),
    ),
    _probe(
        "full-tmp-does-not-fail-the-job",
        "return while /tmp is full",
        "the result",
        (job(FILL.replace('return {"written": written, "error": error.strerror}', 'return {"full": True}')),),
        returns({"full": True}),
    ),
    _probe(
        "descriptor-count-is-limited",
        "open /dev/null until it fails, then return",
        "EMFILE at 256, and the result",
        (
            job("""
                import errno, os
                def main():
                    kept = []
                    try:
                        while len(kept) < 10_000:
                            kept.append(os.open("/dev/null", os.O_RDONLY))
                    except OSError as error:
                        return {"open": kept[-1] + 1, "error": errno.errorcode[error.errno]}
                    return {"open": len(kept)}
                """),
        ),
        returns({"open": 256, "error": "EMFILE"}),
    ),
    _probe(
        "deep-folders-do-not-fail-the-job",
        "nest 3,000 folders",
        "the result",
        (
            job("""
                import os
                def main():
                    for _ in range(3000):
                        os.mkdir("d")
                        os.chdir("d")
                    return {"deep": True}
                """),
        ),
        returns({"deep": True}),
    ),
)
