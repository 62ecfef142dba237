"""The checker of scripts."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Set
from typing import Final

from api.errors import TooManyChecks
from api.refusal import RETRY_AFTER
from api.script_checks.budget import CpuBudget
from jobs.mode import Mode
from store.turns import LineFull, NoTurn, Turns
from validation.check_subprocess import check_in_subprocess
from validation.errors import CheckFailure, Rejection
from validation.restricted.rules import check_restricted
from validation.rules import Rule
from validation.script import check_in_process

#: Child processes at once. A key can have one.
_CHILDREN: Final = 2

#: Checks of one key that may wait for a child process. Each holds a connection.
_WAITING_MAX: Final = 4

#: CPU seconds that a key can save up. A list of 1 MB of ordinary scripts takes half of them.
_SAVED_SECONDS: Final = 3.0

#: Verdicts that are remembered. Each takes less than 1 KB.
_VERDICTS: Final = 4096

#: A key, the mode of its script, whether it must suit the restricted executor, and the digest of the script
#: and of the modules that it may import.
_Question = tuple[str, Mode, bool, bytes]


class ScriptChecker:
    """Checks scripts. The keys take turns: a key waits for at most one short check of each other key.

    A check in this process stops every other request for up to 0.05 s. So the checks of a key go one by one,
    with a pause between them in which other requests run. A check that could take longer runs in a child
    process.
    """

    def __init__(self, cpu_per_second: float) -> None:
        """Make the checker.

        Args:
            cpu_per_second: The CPU seconds a second that checks of one key may take; 0 means no maximum.
        """
        self._budget = CpuBudget(cpu_per_second, _SAVED_SECONDS)
        self._in_process = Turns(1)
        self._children = Turns(_CHILDREN, _WAITING_MAX)
        self._verdicts: OrderedDict[_Question, Rejection | None] = OrderedDict()

    def check(
        self,
        script: str,
        mode: Mode,
        owner: str,
        *,
        modules: Set[str] = frozenset(),
        restricted: bool,
    ) -> None:
        """Check a script of the key `owner`.

        Args:
            script: The source text.
            mode: How the script is run.
            owner: The name of the API key.
            modules: The top-level modules of the packages of the script's environment.
            restricted: Whether the script must run in the restricted executor.

        Raises:
            Rejection: The script breaks a rule.
            TooManyChecks: The key has used up its share.
            CheckFailure: The script could not be checked.
        """
        question = (owner, mode, restricted, _digest(script, modules))
        if question in self._verdicts:
            verdict = self._verdicts.pop(question)
        else:
            verdict = self._judge(script, mode, owner, modules, check_restricted if restricted else None)
        # The name in a rejection can be as long as the script.
        if verdict is None or verdict.name is None:
            self._verdicts[question] = verdict
            if len(self._verdicts) > _VERDICTS:
                self._verdicts.popitem(last=False)
        if verdict:
            # A copy: an exception that is raised again keeps the traceback of each time.
            raise Rejection(**vars(verdict))

    def _judge(
        self, script: str, mode: Mode, owner: str, modules: Set[str], rule: Rule | None
    ) -> Rejection | None:
        needs_main = mode is Mode.MAIN
        self._require_budget(owner)
        try:
            with self._in_process.take(owner):
                # Under gevent, other requests run now.
                time.sleep(0)
                self._require_budget(owner)
                began = time.thread_time()
                try:
                    if check_in_process(script, rule, needs_main=needs_main, modules=modules):
                        return None
                except Rejection as rejection:
                    return Rejection(**vars(rejection))
                finally:
                    self._budget.charge(owner, time.thread_time() - began)
            with self._children.take(owner):
                self._require_budget(owner)
                result = check_in_subprocess(script, rule, needs_main=needs_main, modules=modules)
                self._budget.charge(owner, result.cpu_seconds)
                return result.rejection
        except LineFull:
            raise TooManyChecks("too many scripts of this key wait for a check", RETRY_AFTER) from None
        except NoTurn:
            raise CheckFailure("the script waited too long for its turn to be checked") from None

    def _require_budget(self, owner: str) -> None:
        seconds = self._budget.seconds_until_allowed(owner)
        if seconds:
            message = f"checks of this key's scripts took too much CPU time; try again in {seconds:.1f} s"
            raise TooManyChecks(message, seconds)


def _digest(script: str, modules: Set[str]) -> bytes:
    """Return the digest of a script and of the modules that it may import."""
    # No name of a module contains a null character, so different pairs are different texts.
    digest = hashlib.sha256("\0".join([*sorted(modules), "\0"]).encode())
    digest.update(script.encode(errors="surrogatepass"))
    return digest.digest()
