"""Requests over the network, by httpx2."""

import json
import ssl
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

import anyio
import httpx2

from python_executor.events import Event
from python_executor.exchange import Answer, Deadline, NoAnswer, Request, Send
from python_executor.execution import ArtifactT
from python_executor.following import LARGEST_EVENT, Follower
from python_executor.settings import Settings

#: Seconds until a connection must be there.
_CONNECT: Final = 5.0

_OK: Final = 200

_ENDED: Final = NoAnswer("the stream of events ended before the job")

#: More than a batch has in flight.
_LIMITS: Final = httpx2.Limits(max_connections=200, max_keepalive_connections=50)


class _TooLate(httpx2.TimeoutException):
    """The time is over although bytes still arrive. A timeout of httpx2 bounds only each read."""


class _BoundedStream(httpx2.SyncByteStream):
    """The body of an answer, which is given up at a deadline."""

    def __init__(self, response: httpx2.Response, deadline: Deadline) -> None:
        self._response, self._deadline = response, deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._response.iter_bytes():
            yield chunk
            if not self._deadline.remaining:
                raise _TooLate("the answer did not end in time")


def make_client(settings: Settings, tls: ssl.SSLContext | None) -> httpx2.Client:
    """Make the HTTP client of a `Client`."""
    verify = tls or default_tls(settings.url)
    return httpx2.Client(base_url=settings.url, headers=_headers(settings), limits=_LIMITS, verify=verify)


def make_async_client(settings: Settings, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
    """Make the HTTP client of an `AsyncClient`."""
    verify = tls or default_tls(settings.url)
    return httpx2.AsyncClient(
        base_url=settings.url, headers=_headers(settings), limits=_LIMITS, verify=verify
    )


def default_tls(url: str) -> ssl.SSLContext:
    """Return the certificates that a client of a URL trusts."""
    if url.startswith("https:"):
        return httpx2.create_ssl_context()
    # Plain HTTP needs none, and loading those of the system takes about 50 ms. This context trusts nothing.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def send(client: httpx2.Client, step: Send) -> Answer | NoAnswer:
    """Send a request, and return its answer or what happened instead."""
    deadline = Deadline(step.seconds)
    try:
        with client.stream(**_arguments(step.request, step.seconds)) as response:
            content = b"".join(_BoundedStream(response, deadline))
    except httpx2.HTTPError as error:
        return _no_answer(error)
    return _answer(response, content)


async def send_async(client: httpx2.AsyncClient, step: Send) -> Answer | NoAnswer:
    """Send a request, and return its answer or what happened instead."""
    try:
        with anyio.fail_after(step.seconds):
            response = await client.request(**_arguments(step.request, step.seconds))
    except TimeoutError:
        return NoAnswer("the answer did not end in time", slow=True)
    except httpx2.HTTPError as error:
        return _no_answer(error)
    return _answer(response, response.content)


def events(
    client: httpx2.Client, follower: Follower[ArtifactT]
) -> Generator[Event[ArtifactT], None, Answer | NoAnswer]:
    """Yield the events of one connection; return why there are no more."""
    try:
        with client.stream(**_arguments(follower.request(), follower.patience)) as response:
            if response.status_code != _OK:
                return _answer(response, response.read())
            follower.connected(_lower(response))
            bounded = _BoundedStream(response, follower.deadline)
            for one in httpx2.EventSource(_with_body(response, bounded), LARGEST_EVENT):
                event = follower.event(one.event, one.id, one.data)
                if event:
                    yield event
                if follower.execution:
                    break
    except httpx2.HTTPError as error:
        return _no_answer(error)
    return _ENDED


async def events_async(
    client: httpx2.AsyncClient, follower: Follower[ArtifactT], ended: list[Answer | NoAnswer]
) -> AsyncGenerator[Event[ArtifactT], None]:
    """Yield the events of one connection; append to `ended` why there are no more."""
    try:
        async with client.stream(**_arguments(follower.request(), follower.patience)) as response:
            if response.status_code != _OK:
                ended.append(_answer(response, await response.aread()))
                return
            follower.connected(_lower(response))
            source = aiter(httpx2.EventSource(response, LARGEST_EVENT))
            while not follower.execution:
                with anyio.fail_after(follower.deadline.remaining):
                    one = await anext(source)
                event = follower.event(one.event, one.id, one.data)
                if event:
                    yield event
    except (TimeoutError, StopAsyncIteration):
        ended.append(_ENDED)
    except httpx2.HTTPError as error:
        ended.append(_no_answer(error))


def _headers(settings: Settings) -> dict[str, str]:
    headers = {"User-Agent": f"python-executor-client/{version('python-executor-client')}"}
    return headers | ({"Authorization": f"Bearer {settings.key}"} if settings.key else {})


def _arguments(request: Request, seconds: float) -> dict[str, Any]:
    headers, content = dict(request.headers), None
    if request.body is not None:
        # Strict JSON: the service takes no NaN and no Infinity.
        content = json.dumps(request.body, allow_nan=False, separators=(",", ":")).encode()
        headers["Content-Type"] = "application/json"
    return {
        "method": request.method,
        "url": request.path,
        "params": request.parameters,
        "content": content,
        "headers": headers,
        "timeout": httpx2.Timeout(seconds, connect=min(seconds, _CONNECT)),
    }


def _answer(response: httpx2.Response, content: bytes) -> Answer:
    return Answer(response.status_code, _lower(response), content)


def _lower(response: httpx2.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _with_body(response: httpx2.Response, body: httpx2.SyncByteStream) -> httpx2.Response:
    headers = {"Content-Type": response.headers.get("content-type", "")}
    return httpx2.Response(response.status_code, headers=headers, stream=body, request=response.request)


def _no_answer(error: httpx2.HTTPError) -> NoAnswer:
    # Some errors of sockets have no text.
    reason = str(error) or type(error).__name__
    slow = isinstance(error, httpx2.ReadTimeout | httpx2.PoolTimeout | _TooLate)
    return NoAnswer(f"the service does not answer: {reason}", slow)
