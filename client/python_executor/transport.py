"""Requests over the network, by httpx2."""

import math
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, Final, TypeVar

import anyio
import httpx2

from python_executor.events import Event
from python_executor.exchange import Answer, Deadline, Failure, NoAnswer, Request, Send
from python_executor.execution import ArtifactT
from python_executor.following import Follower
from python_executor.network import LIMITS, BoundedTransport, Countdown, Remaining
from python_executor.proxy import find_proxy
from python_executor.settings import Settings

T = TypeVar("T")

#: Seconds until a connection must be there.
_CONNECT: Final = 5.0

#: Seconds without a byte after which a stream is broken. The service sends a comment every 15 seconds.
_SILENCE: Final = 40.0

#: The most bytes of one answer, and of one event. The largest is a job: a result and two outputs of 1 MB, in
#: which JSON takes six bytes for some characters.
LARGEST: Final = 64 * 2**20

_OK: Final = 200

_ENDED: Final = NoAnswer("the stream of events ended before the job", Failure.BROKEN)
_LATE: Final = NoAnswer("the answer did not end in time", Failure.SLOW)
_TOO_LARGE: Final = NoAnswer(f"the answer has more than {LARGEST} bytes", Failure.PERMANENT)

_ERRORS: Final = (httpx2.HTTPError, httpx2.InvalidURL)
_UNREACHABLE: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)
_PERMANENT: Final = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL)
_UNTRUSTED: Final = ssl.SSLCertVerificationError


def make_client(settings: Settings, tls: ssl.SSLContext | None) -> httpx2.Client:
    """Make the HTTP client of a `Client`. Raises ValueError for a proxy that cannot be used."""
    transport = BoundedTransport(tls or default_tls(settings.url), find_proxy(settings.url))
    return httpx2.Client(transport=transport, **_options(settings))


def make_async_client(settings: Settings, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
    """Make the HTTP client of an `AsyncClient`. Raises ValueError for a proxy that cannot be used."""
    verify, proxy = tls or default_tls(settings.url), find_proxy(settings.url)
    return httpx2.AsyncClient(verify=verify, proxy=proxy, limits=LIMITS, **_options(settings))


def default_tls(url: str) -> ssl.SSLContext:
    """Return the certificates that a client of a URL trusts."""
    if url.startswith("https:"):
        return httpx2.create_ssl_context()
    # Plain HTTP needs none, and loading those of the system takes about 50 ms. This context trusts nothing.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def send(client: httpx2.Client, step: Send) -> Answer | NoAnswer:
    """Send a request, and return its answer or what happened instead."""
    try:
        with client.stream(**_arguments(step.request, Deadline(step.seconds))) as response:
            return _read(response)
    except _ERRORS as error:
        return _no_answer(error)


async def send_async(client: httpx2.AsyncClient, step: Send) -> Answer | NoAnswer:
    """Send a request, and return its answer or what happened instead."""
    try:
        with anyio.fail_after(step.seconds):
            async with client.stream(**_arguments(step.request, Deadline(step.seconds))) as response:
                return await _read_async(response)
    except TimeoutError:
        return _LATE
    except _ERRORS as error:
        return _no_answer(error)


def events(
    client: httpx2.Client, follower: Follower[ArtifactT]
) -> Generator[Event[ArtifactT], None, Answer | NoAnswer]:
    """Yield the events of one connection; return why there are no more."""
    try:
        with client.stream(**_arguments(follower.request(), follower, _SILENCE)) as response:
            if response.status_code != _OK:
                return _read(response)
            follower.connected(_lower(response))
            for one in httpx2.EventSource(response, LARGEST):
                event = follower.event(one.event, one.id, one.data)
                if event:
                    yield event
                if follower.execution:
                    break
    except _ERRORS as error:
        return _no_answer(error)
    return _ENDED


async def events_async(
    client: httpx2.AsyncClient, follower: Follower[ArtifactT], ended: list[Answer | NoAnswer]
) -> AsyncGenerator[Event[ArtifactT], None]:
    """Yield the events of one connection; append to `ended` why there are no more."""
    arguments = _arguments(follower.request(), follower, _SILENCE)
    extensions = arguments.pop("extensions")
    request = client.build_request(**arguments, extensions=extensions)
    try:
        # No time limit may be open at a `yield`, where another task can go on.
        with anyio.fail_after(follower.remaining):
            response = await client.send(request, stream=True)
        async with aclosing(response):
            if response.status_code != _OK:
                with anyio.fail_after(follower.remaining):
                    ended.append(await _read_async(response))
                return
            follower.connected(_lower(response))
            async with _unwound(response, aiter(httpx2.EventSource(response, LARGEST))) as source:
                while not follower.execution:
                    with anyio.fail_after(follower.remaining):
                        one = await anext(source)
                    event = follower.event(one.event, one.id, one.data)
                    if event:
                        yield event
        ended.append(_ENDED)
    except StopAsyncIteration:
        ended.append(_ENDED)
    except TimeoutError:
        ended.append(_LATE)
    except _ERRORS as error:
        ended.append(_no_answer(error))


@asynccontextmanager
async def _unwound(response: httpx2.Response, source: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Leave no generator of httpx2 open when its source is not read to the end.

    Each of them leaves the one below to the garbage collector, of which trio warns. So the connection is
    closed first, and then the source ends by itself.
    """
    try:
        yield source
    finally:
        await response.aclose()
        with suppress(*_ERRORS, RuntimeError):
            async for _ in source:
                pass


def _read(response: httpx2.Response) -> Answer | NoAnswer:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LARGEST:
            return _TOO_LARGE
    return Answer(response.status_code, _lower(response), bytes(content))


async def _read_async(response: httpx2.Response) -> Answer | NoAnswer:
    content = bytearray()
    async with _unwound(response, response.aiter_bytes()) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > LARGEST:
                return _TOO_LARGE
    return Answer(response.status_code, _lower(response), bytes(content))


def _options(settings: Settings) -> dict[str, Any]:
    headers = {"User-Agent": f"python-executor-client/{version('python-executor-client')}"}
    if settings.key:
        headers["Authorization"] = f"Bearer {settings.key}"
    return {
        "base_url": settings.url,
        "headers": headers,
        # No cookie of one answer is sent with another request.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "follow_redirects": False,
        # Proxies and certificates are found here, and there is no .netrc.
        "trust_env": False,
    }


def _arguments(request: Request, end: Countdown, silence: float = math.inf) -> dict[str, Any]:
    headers = dict(request.headers)
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    read = Remaining(end, silence)
    timeouts = {"connect": Remaining(end, _CONNECT), "read": read, "write": read, "pool": float(read)}
    return {
        "method": request.method,
        "url": request.path,
        "params": request.parameters,
        "content": request.body,
        "headers": headers,
        "extensions": {"timeout": timeouts},
    }


def _lower(response: httpx2.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _no_answer(error: Exception) -> NoAnswer:
    # Some errors have no text, but those that caused them do.
    causes = list(_causes(error))
    text = next(filter(None, map(str, causes)), type(error).__name__)
    reason = f"the service does not answer: {text}"
    if isinstance(error, _PERMANENT) or any(isinstance(each, _UNTRUSTED) for each in causes):
        return NoAnswer(reason, Failure.PERMANENT)
    if isinstance(error, _UNREACHABLE):
        return NoAnswer(reason, Failure.UNREACHABLE)
    return NoAnswer(reason, Failure.SLOW if isinstance(error, httpx2.TimeoutException) else Failure.BROKEN)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
