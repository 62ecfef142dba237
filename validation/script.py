"""The entry point of validation: accept or reject one script."""

from collections.abc import Set
from typing import Final

from jobs.limits import REQUEST_BYTES
from validation.check_subprocess import check_in_subprocess
from validation.errors import Rejection
from validation.rules import Rule, check
from validation.survey import Survey, TextSurvey, survey, survey_text
from validation.syntax import check_text, parse, without_mark

#: The largest script that the calling process compiles itself. An ordinary script of 30 KB is below each
#: bound, and the worst script below them holds the interpreter lock for 0.05 s. With a thread stack of 1 MB,
#: no script within this depth is known to crash the compiler (CPython 3.12.1 crashes at 21 levels).
_IN_PROCESS_BYTES: Final = 32_768
_IN_PROCESS_TOKENS: Final = 9000
_IN_PROCESS_MARKS: Final = 1000
_IN_PROCESS_DEPTH: Final = 18
_IN_PROCESS_SCOPES: Final = 300
_IN_PROCESS_CLEANUP: Final = 20_000


def validate(
    script: str,
    extra_rule: Rule | None = None,
    *,
    needs_main: bool = True,
    modules: Set[str] = frozenset(),
) -> None:
    """Check that the script compiles, binds `main` and imports only what its environment has.

    Args:
        script: The source text.
        extra_rule: A rule to apply after those, a function at the top level of a module.
        needs_main: Whether the service calls the script's `main`. Otherwise the script need not bind it.
        modules: The top-level modules that the script can import besides the standard library.

    Raises:
        Rejection: The script breaks a rule.
        CheckFailure: The script could not be checked.
    """
    if check_in_process(script, extra_rule, needs_main=needs_main, modules=modules):
        return
    result = check_in_subprocess(script, extra_rule, needs_main=needs_main, modules=modules)
    if result.rejection:
        raise result.rejection


def check_in_process(
    script: str,
    extra_rule: Rule | None = None,
    *,
    needs_main: bool = True,
    modules: Set[str] = frozenset(),
) -> bool:
    """Check the script as `validate` does, unless the check could keep this process busy.

    Returns:
        Whether the script was checked. If not, only `check_in_subprocess` may check it.

    Raises:
        Rejection: The script breaks a rule.
    """
    script = without_mark(script)
    check_text(script)
    size = len(script.encode())
    if size > REQUEST_BYTES:
        raise Rejection("invalid_request", f"the script has {size} bytes, {REQUEST_BYTES} are the most")
    if size > _IN_PROCESS_BYTES or _is_costly_text(survey_text(script)):
        return False
    surveyed = survey(parse(script))
    if _is_costly_tree(surveyed):
        return False
    check(script, surveyed, extra_rule, needs_main=needs_main, modules=modules)
    return True


def _is_costly_text(surveyed: TextSurvey) -> bool:
    return surveyed.tokens > _IN_PROCESS_TOKENS or surveyed.marks > _IN_PROCESS_MARKS


def _is_costly_tree(surveyed: Survey) -> bool:
    return (
        surveyed.depth > _IN_PROCESS_DEPTH
        or surveyed.scopes > _IN_PROCESS_SCOPES
        or surveyed.cleanup > _IN_PROCESS_CLEANUP
        or surveyed.nested_finally
    )
