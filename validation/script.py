"""What a script must be before it is queued."""

from typing import Final

from jobs.limits import REQUEST_BYTES
from validation.check_subprocess import check_in_subprocess
from validation.rejection import Rejection
from validation.rules import check, survey
from validation.syntax import check_text, parse

__all__ = ["Rejection", "validate"]

#: What the calling process compiles itself: bytes, levels of the tree, `finally` blocks. Of scripts nested no
#: deeper none is known to crash the compiler (CPython 3.12.1 does at 21), if the thread's stack has 1 MB, and
#: the worst of this size holds the interpreter lock for a twentieth of a second.
_PLAIN_BYTES: Final = 8192
_PLAIN_DEPTH: Final = 18
_PLAIN_FINALLYS: Final = 2


def validate(script: str, *, restricted: bool = False) -> None:
    """Raise `Rejection` unless the script compiles, binds `main` and imports only the standard library.

    restricted: unless it also keeps to what the restricted executor allows.
    """
    check_text(script)
    size = len(script.encode())
    if size > REQUEST_BYTES:
        raise Rejection("invalid_request", f"the script has {size} bytes, {REQUEST_BYTES} are the most")
    if size > _PLAIN_BYTES:
        check_in_subprocess(script, restricted)
        return
    found = survey(parse(script))
    if found.depth > _PLAIN_DEPTH or found.finallys > _PLAIN_FINALLYS:
        check_in_subprocess(script, restricted)
        return
    check(script, found, restricted)
