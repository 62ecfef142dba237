"""Grade a submission: run it against twenty inputs, and compare what it prints with what is right.

python grader.py submission.py
"""

import random
import sys
from collections import Counter
from pathlib import Path

from python_executor import Client, Execution, Script

#: Failures of the service. No submission can cause them, so it must be graded again.
NOT_ITS_FAULT = {"sandbox_failure", "expired"}


def make_cases() -> list[tuple[str, str]]:
    """Return inputs and right outputs of the task "Print the sum of the integers on standard input"."""
    chance = random.Random(1)
    inputs = [[], [0], [-5], [7, -7], [10**30, 1]]
    inputs += [[chance.randint(-99, 99) for _ in range(count)] for count in range(2, 17)]
    return [("\n".join(map(str, numbers)), str(sum(numbers))) for numbers in inputs]


def verdict(execution: Execution, right: str) -> tuple[str, str]:
    """Return the verdict on one run, and a detail that is safe to show."""
    if execution.succeeded:
        printed = execution.stdout.strip()
        # `!r` makes control characters visible: a submission can print anything.
        return ("right", "") if printed == right else ("wrong", f"printed {printed[:30]!r}, not {right!r}")
    error = execution.error
    if error is None or error.type in NOT_ITS_FAULT:
        return "not graded", str(execution.status)
    place = f"line {error.line}: " if error.line else ""
    return ("timeout" if error.type == "timeout" else "error"), f"{place}{error.message[:60]!r}"


def main() -> None:
    source = Path(sys.argv[1]).read_text("utf-8")
    cases = make_cases()
    scripts = [Script(source=source, stdin=given, timeout=1, memory_mb=128) for given, _ in cases]
    with Client() as client:
        executions = client.batch(scripts, in_flight=8)
    verdicts = Counter[str]()
    for number, (execution, (_, right)) in enumerate(zip(executions, cases, strict=True), 1):
        word, detail = verdict(execution, right)
        verdicts[word] += 1
        print(f"{number:4}  {word:10}  {detail}".rstrip())
    print(f"{verdicts['right']} of {len(cases)} are right")
    sys.exit(0 if verdicts["right"] == len(cases) else 1)


if __name__ == "__main__":
    main()
