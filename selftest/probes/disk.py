"""What /tmp holds is bounded in bytes and in files."""

# A script may have long lines.
# ruff: noqa: E501

from functools import partial
from typing import Final

from jobs.limits import TMP_BYTES, TMP_FILES
from selftest.checks import answers, returns, within
from selftest.probe import Probe, job
from selftest.probes.prelude import attempts

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
        "tmp-has-a-size",
        "fill /tmp with files of 8 MB",
        f"full at {TMP_BYTES >> 20} MB",
        (job(FILL),),
        within(TMP_BYTES - (1 << 20), TMP_BYTES, "written"),
    ),
    _probe(
        "tmp-has-a-number-of-files",
        "make empty files without end",
        f"full at {TMP_FILES}",
        (job(FILES),),
        within(TMP_FILES - 16, TMP_FILES, "made"),
    ),
    _probe(
        "links-and-folders-are-files-too",
        "make links, hard links, fifos, folders without end",
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
        within(TMP_FILES - 16, TMP_FILES, "made"),
    ),
    _probe(
        "no-file-is-larger-than-tmp",
        "truncate, seek, allocate to more than 64 MB",
        "EFBIG for each",
        (
            attempts("""
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
        answers("EFBIG"),
    ),
    _probe(
        "a-full-tmp-breaks-no-job",
        "return with /tmp full of bytes",
        "the result",
        (job(FILL.replace('return {"written": written, "error": error.strerror}', 'return {"full": True}')),),
        returns({"full": True}),
    ),
    _probe(
        "descriptors-run-out-and-break-nothing",
        "open /dev/null without end, then return",
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
        "a-deep-folder-breaks-nothing",
        "3,000 folders, each inside the last",
        "the result, and it vanishes with the job",
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
