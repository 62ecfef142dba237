"""The environments that workers announce: which of them clients see."""

import platform
from collections.abc import Iterable
from typing import Final

from jobs.environment import STDLIB, Environment
from store.worker import REGISTRATION_TTL

#: Seconds that an environment stays announced after the last registration of a worker that has it. While all
#: workers restart, its requests are still accepted.
ANNOUNCEMENT_TTL: Final = 600


def choose_environments(announced: Iterable[tuple[Environment, int]]) -> list[Environment]:
    """Return one environment for each announced name, and `stdlib` in any case, sorted by name.

    While an operator replaces an environment, workers announce two of one name. The environment of a worker
    that consumes goes before one that is only remembered. Between two that workers have now, the choice does
    not depend on which worker registered last, so answers do not alternate.

    Args:
        announced: Each environment with the seconds after which its announcement lapses.
    """

    def rank(one: tuple[Environment, int]) -> tuple[int, str, str, tuple[str, ...]]:
        environment, seconds = one
        remembered = ANNOUNCEMENT_TTL - REGISTRATION_TTL - seconds
        return -max(0, remembered), environment.digest or "", environment.python, environment.preloaded

    chosen = {STDLIB: Environment(STDLIB, platform.python_version())}
    chosen |= {environment.name: environment for environment, _ in sorted(announced, key=rank)}
    return [chosen[name] for name in sorted(chosen)]
