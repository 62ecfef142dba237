"""Print, as JSON, how each attempt ends where no guard on the language holds a script back."""

import json
from contextlib import closing

from jobs.job import Job
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.attempts import ATTEMPTS, attempting


def main() -> None:
    """Run every attempt as a job of its own."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        ended = {attempt: sandbox.run(Job(attempting(attempt))) for attempt in ATTEMPTS}
    print(
        json.dumps({attempt: (end.result or {}).get("refused", str(end)) for attempt, end in ended.items()})
    )


if __name__ == "__main__":
    main()
