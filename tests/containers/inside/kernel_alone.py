"""Try every forbidden action in scripts that only the kernel restricts, and print the results as JSON."""

import json
from contextlib import closing

from jobs.job import Job
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.attempts import ATTEMPTS, attempting


def main() -> None:
    """Run each attempt as a job of its own, without the guards on the language."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        outcomes = {attempt: sandbox.run(Job(attempting(attempt))) for attempt in ATTEMPTS}
    refusals = {
        attempt: (outcome.result or {}).get("refused", str(outcome)) for attempt, outcome in outcomes.items()
    }
    print(json.dumps(refusals))


if __name__ == "__main__":
    main()
