"""Checks of a service from the side of a client, one after the other."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

from python_executor import errors, transport
from python_executor.client import Client
from python_executor.exchange import Answer, Request, Send
from python_executor.execution import Status
from python_executor.pyexec.fault import describe_script
from python_executor.service_info import Health, Worker
from python_executor.settings import KEY_VARIABLE, URL_VARIABLE, Settings

#: Seconds that one check may take, and the run of the script.
WITHIN: Final = 5.0
_RUN_WITHIN: Final = 30.0

_SCRIPT: Final = "print('ran')"

_SERVICE_DOCTOR: Final = "on the host of the service: read its log, and run `python-executor doctor`"


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        name: The name of the check.
        status: `ok`, `warning` or `failed`.
        found: What was found, in words.
        mend: What mends it, None if the status is `ok`.
    """

    name: str
    status: Literal["ok", "warning", "failed"]
    found: str
    mend: str | None = None


def diagnose(settings: Settings, source: str) -> Iterator[Finding]:
    """Yield the findings. A check that cannot be made any more is left out.

    Args:
        settings: Where the service is.
        source: Where its URL comes from, in words.
    """
    yield Finding("url", "ok", f"{settings.url}, from {source}")
    with Client(settings.url, settings.key, timeout=min(settings.timeout, WITHIN)) as client:
        reachable, key = _ask(client, settings)
        yield reachable
        if reachable.status == "failed":
            return
        yield key
        yield _version(settings)
        yield from _ready(client)
        if key.status != "failed":
            yield _run(client)


def _ready(client: Client) -> Iterator[Finding]:
    try:
        health = client.health()
    except errors.PythonExecutorError as error:
        health = Health(ready=False, reason=str(error), workers=())
    if health.ready:
        yield Finding("ready", "ok", f"workers that run jobs: {len(health.workers)}")
    else:
        yield Finding("ready", "failed", health.reason, _SERVICE_DOCTOR)
    yield from map(_worker, health.workers)


def _worker(worker: Worker) -> Finding:
    found = f"{worker.id}: {worker.sandbox}, {worker.detail}; environments {', '.join(worker.environments)}"
    if worker.sandbox == "nsjail":
        return Finding("worker", "ok", found)
    return Finding("worker", "warning", found, f"files and packages need nsjail; {_SERVICE_DOCTOR}")


def _ask(client: Client, settings: Settings) -> tuple[Finding, Finding]:
    """Make a call that needs the key; return what its answer shows about the network and the key."""
    answers = Finding("reachable", "ok", "it answers")
    try:
        client.environments()
    except errors.AuthenticationFailed as error:
        missing = "is set" if settings.key else "is not set"
        mend = f"set {KEY_VARIABLE} to a key of the service (it {missing}); its operator makes one with "
        return answers, Finding("key", "failed", str(error), f"{mend}`python-executor key NAME`")
    except errors.RequestRefused as error:
        mend = f"use another name in {URL_VARIABLE}, or add this one to HOSTS of the service"
        return Finding("reachable", "failed", str(error), mend), answers
    except errors.ServiceFault as error:
        mend = f"start the service, or set {URL_VARIABLE} to where it is"
        if error.status is None or error.type is None:
            return Finding("reachable", "failed", str(error), mend), answers
        return answers, Finding("key", "warning", f"not checked: {error}", _SERVICE_DOCTOR)
    return answers, _accepted(settings)


def _accepted(settings: Settings) -> Finding:
    if not settings.key:
        return Finding("key", "ok", "none is needed")
    if not _needs_key(settings):
        mend = f"unset {KEY_VARIABLE}, or check that this is the right service"
        return Finding(
            "key", "warning", "the service needs no key, and does not check the one that is set", mend
        )
    if settings.url.startswith("http:") and not _is_local(settings.url):
        return Finding(
            "key",
            "warning",
            "it is accepted, but sent in the clear",
            "put a TLS proxy in front of the service, and use its https URL",
        )
    return Finding("key", "ok", "it is accepted")


def _needs_key(settings: Settings) -> bool:
    """Return whether the service refuses a call without a key. A service that fails now counts as one."""
    with Client(settings.url, "", timeout=min(settings.timeout, WITHIN)) as client:
        try:
            client.environments()
        except errors.PythonExecutorError:
            return True
    return False


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _version(settings: Settings) -> Finding:
    """Compare the version of the service with that of this client."""
    own = version("python-executor-client")
    try:
        with transport.make_client(settings, None) as http:
            answer = transport.send(http, Send(Request("GET", "/openapi.json"), WITHIN))
        if not isinstance(answer, Answer):
            raise ValueError(answer.reason)
        theirs = str(answer.json()["info"]["version"])
    except (errors.ServiceFault, ValueError, KeyError, TypeError) as error:
        return Finding("version", "warning", f"client {own}; service unknown: {error!r}", _SERVICE_DOCTOR)
    found = f"client {own}, service {theirs}"
    if own.split(".")[:2] == theirs.split(".")[:2]:
        return Finding("version", "ok", found)
    return Finding(
        "version",
        "warning",
        found,
        f"install the client {theirs} from the release or checkout of the service",
    )


def _run(client: Client) -> Finding:
    began = time.monotonic()
    try:
        execution = client.run(_SCRIPT, wait=_RUN_WITHIN)
    except errors.JobNotFinished as error:
        return Finding("run", "failed", str(error), f"wait until the queue is shorter, or {_SERVICE_DOCTOR}")
    except errors.PythonExecutorError as error:
        return Finding("run", "failed", str(error), _SERVICE_DOCTOR)
    took = (time.monotonic() - began) * 1000
    if execution.status is not Status.SUCCEEDED or execution.stdout != "ran\n":
        said = describe_script(execution.error) if execution.error else str(execution.status)
        return Finding("run", "failed", f"a script that prints a word: {said}", _SERVICE_DOCTOR)
    return Finding("run", "ok", f"a script ran in {took:.0f} ms, the network included")
