"""The entry point of validation: accept or reject one script."""

from typing import Final

from jobs.limits import REQUEST_BYTES
from validation.check_subprocess import check_in_subprocess
from validation.errors import Rejection
from validation.rules import Rule, check
from validation.survey import survey
from validation.syntax import check_text, parse

#: The largest script that the calling process compiles itself: bytes, levels of the tree, `finally` blocks.
#: With a thread stack of 1 MB, no script within this depth is known to crash the compiler (CPython 3.12.1
#: crashes at 21 levels). The worst script of this size holds the interpreter lock for 0.05 s.
_IN_PROCESS_BYTES: Final = 8192
_IN_PROCESS_DEPTH: Final = 18
_IN_PROCESS_FINALLYS: Final = 2


def validate(script: str, extra_rule: Rule | None = None) -> None:
    """Check that the script compiles, binds `main` and imports only the standard library.

    Args:
        script: The source text.
        extra_rule: A rule to apply after those, a function at the top level of a module.

    Raises:
        Rejection: The script breaks a rule.
        CheckFailure: The script could not be checked.
    """
    check_text(script)
    size = len(script.encode())
    if size > REQUEST_BYTES:
        raise Rejection("invalid_request", f"the script has {size} bytes, {REQUEST_BYTES} are the most")
    if size > _IN_PROCESS_BYTES:
        check_in_subprocess(script, extra_rule)
        return
    surveyed = survey(parse(script))
    if surveyed.depth > _IN_PROCESS_DEPTH or surveyed.finallys > _IN_PROCESS_FINALLYS:
        check_in_subprocess(script, extra_rule)
        return
    check(script, surveyed, extra_rule)
