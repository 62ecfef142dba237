"""The texts of the OpenAPI document for people: its introduction, and how each call is made.

Every command is complete: it can be copied into a shell that has curl and jq. A test runs each of them. They
name the address that `make run` serves; the page `/docs` puts its own there.
"""

from dataclasses import dataclass
from typing import Final

_ADDRESS: Final = "http://127.0.0.1:8080"
_JSON: Final = "-H 'Content-Type: application/json'"
#: Goes behind `curl -s` where a service has API keys.
_KEY: Final = '-H "Authorization: Bearer $KEY"'

# Swagger UI shows each line break of a paragraph, so a paragraph is one line.
_INTRODUCTION: Final = f"""\
Runs Python that other people wrote. Send a script: the service checks it, queues it, runs it in a sandbox, \
and answers with what it returned and printed.

```sh
curl -s {_ADDRESS}/execute {_JSON} -d '{{
  "script": "def main(name): return {{\\"letters\\": len(name)}}",
  "inputs": {{"name": "world"}}
}}'
```

**Two modes.** In mode `main` the service calls the script's `main(**inputs)`, which returns a JSON object. \
In mode `program` the script runs from top to bottom, as `python script.py` would, with `argv` and `stdin`.

**Wait, or come back.** [`POST /execute`](#/Run/execute) waits for the end of the job. \
[`POST /jobs`](#/Run/submit) answers at once; [look the job up](#/Jobs/look_up) later, or \
[follow its output](#/Jobs/follow) while it runs. Every answer about a job is the same job object.

**Keys.** Where the service has API keys, send one as `Authorization: Bearer KEY`. To try calls on this \
page, enter it under "Authorize". The commands on this page then read it from `$KEY`.

**Errors** have the body `{{"error": {{"type": …, "message": …}}}}`:

| status | what to do |
|---|---|
| 400 | Change the request or the script: `message` says what is wrong, `line` where. |
| 401 | Send an API key. |
| 404 | The job is unknown or has expired. |
| 422 | The script ran and failed: `error` of the job object says why. |
| 429, 503 | Try again after the seconds in `Retry-After`. |

The document of this page, for tools and generators of clients, is [openapi.json](openapi.json).
"""


def introduction(*, with_key: bool) -> str:
    """Return the introduction as Markdown. Its command sends the key `$KEY`, if the service has keys."""
    return _add_key(_INTRODUCTION) if with_key else _INTRODUCTION


@dataclass(frozen=True)
class RequestExample:
    """How a call is made.

    Attributes:
        text: What the call does, beyond its summary.
        command: A command for a shell.
        status: The status of the answer to the last request of the command.
    """

    text: str
    command: str
    status: int = 200

    def description(self, *, with_key: bool) -> str:
        """Return the text and the command as Markdown. Its requests send the key `$KEY`, if they need one."""
        command = _add_key(self.command) if with_key else self.command
        return f"{self.text}\n\n```sh\n{command}\n```\n"


def _add_key(command: str) -> str:
    return command.replace("curl -s", f"curl -s {_KEY}")


def _run(fields: str, path: str = "/execute") -> str:
    """Return the command that posts a program with some more fields."""
    return f'curl -s {_ADDRESS}{path} {_JSON} -d \'{{"mode": "program", {fields}}}\''


def _with_id(command: str, then: str) -> str:
    """Return commands that submit a job, and use its id."""
    return f"id=$({command} | jq -r .id)\n{then}"


_PRINT: Final = _run('"script": "print(6 * 7)"', "/jobs")
_SLEEP: Final = _run('"script": "import time; time.sleep(4)"', "/jobs")
_LEAVE: Final = _run('"script": "open(\\"out.txt\\", \\"w\\").write(\\"Hello\\")", "artifacts": ["*.txt"]')

#: By the `operation_id` of the call.
EXAMPLES: Final = {
    "execute": RequestExample(
        "The answer is the job object: with 200 if the script succeeded, with 422 if it failed. If the job "
        "takes longer than the wait, the answer is 202, and `Location` says where to look the job up. With "
        "`Accept: text/event-stream` the output arrives as it is written.",
        _run('"script": "import sys; print(sys.argv[1])", "argv": ["Hello"]'),
    ),
    "submit": RequestExample(
        "The answer comes before the script runs. A list of up to 100 submissions is accepted as a whole or "
        "not at all. If a request may be sent twice, send an `Idempotency-Key`: the script runs once.",
        _PRINT,
        202,
    ),
    "follow": RequestExample(
        "The answer is a stream of server-sent events: `status`, `stdout` and `stderr` as the script writes "
        "them, and `done` with the job object. Submit the job with `stream`; the events of other jobs are "
        "their states, and their output at the end. After a broken connection send the id of the last event "
        "as `Last-Event-ID`.",
        _with_id(
            _run('"script": "print(6 * 7)", "stream": true', "/jobs"),
            f"curl -s -N {_ADDRESS}/jobs/$id/events",
        ),
    ),
    "list_jobs": RequestExample(
        "The jobs of your key. `next` is the `cursor` of the next page, and null on the last.",
        f"curl -s '{_ADDRESS}/jobs?status=succeeded,failed&limit=10'",
    ),
    "look_up": RequestExample(
        "With `wait` the answer comes when the job is final, or when that many seconds are over. A job "
        "expires an hour after its end, unless the operator has set another time.",
        _with_id(_PRINT, f'curl -s "{_ADDRESS}/jobs/$id?wait=10"'),
    ),
    "cancel": RequestExample(
        "A running script is killed with all its processes. A job that has ended already gets 409.",
        _with_id(_SLEEP, f"curl -s -X DELETE {_ADDRESS}/jobs/$id"),
    ),
    "get_artifact": RequestExample(
        "The answer has the bytes of one file among the `artifacts` of the job. A script chose its name and "
        "content, so the headers of the answer make a browser save it.",
        _with_id(_LEAVE, f"curl -s {_ADDRESS}/jobs/$id/artifacts/out.txt"),
    ),
    "delete_artifacts": RequestExample(
        "Deletes the files before the job expires. The rest of the job stays.",
        _with_id(_LEAVE, f"curl -s -X DELETE {_ADDRESS}/jobs/$id/artifacts"),
        204,
    ),
    "list_environments": RequestExample(
        "`environment` of a submission names one of these. `stdlib` has no packages.",
        f"curl -s {_ADDRESS}/environments",
    ),
    "metrics": RequestExample(
        "Counts and durations of jobs and requests, in the text format of Prometheus.",
        f"curl -s {_ADDRESS}/metrics",
    ),
    "queue": RequestExample(
        "The queue, the workers, the last hour in steps of a minute, and your latest jobs: the numbers of "
        "the queue page.",
        f"curl -s {_ADDRESS}/queue.json",
    ),
    "live": RequestExample(
        "For a supervisor that restarts the process if it does not answer. It needs no key.",
        f"curl -s {_ADDRESS}/health/live",
    ),
    "ready": RequestExample(
        "For a load balancer: 503 while Redis or every worker is away. It needs no key.",
        f"curl -s {_ADDRESS}/health/ready",
    ),
}
