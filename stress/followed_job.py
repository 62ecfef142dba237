"""A job whose events a client follows."""

from random import Random
from typing import Final

from python_executor import Client, Done, Output, Restarted

_PRINTS: Final = """\
import sys, time
def main(n):
    for number in range(n):
        print(number, "é€" * 20, flush=True)
        print(number, file=sys.stderr)
        time.sleep(0.05)
    return {}
"""


def follow(client: Client, random: Random) -> str | None:
    """Submit a job and follow it to its end; describe how its events differ from its outcome, or return None.

    Raises:
        PythonExecutorError: The library failed.
    """
    stream = random.random() < 0.8
    job = client.submit(_PRINTS, inputs={"n": random.randint(1, 20)}, stream=stream)
    texts = {"stdout": "", "stderr": ""}
    for event in client.follow(job.id):
        match event:
            case Restarted():
                texts = dict.fromkeys(texts, "")
            case Output():
                texts[event.stream] += event.text
            case Done(execution):
                outputs = {"stdout": execution.stdout, "stderr": execution.stderr}
                if not execution.succeeded:
                    return str(execution)
                if outputs != texts:
                    return f"{job.id}: the events had {texts}, the job has {outputs}"
                return None
    return f"{job.id} does not end"
