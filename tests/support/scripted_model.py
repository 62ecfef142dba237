"""A server that speaks the chat completions of OpenAI, and whose answers the test has written."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any


def says(text: str) -> dict[str, Any]:
    """Return the message of a model that answers."""
    return {"role": "assistant", "content": text}


def calls(*arguments: str, name: str = "run_python") -> dict[str, Any]:
    """Return the message of a model that calls a tool, once with each of the arguments, which should be JSON."""
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": f"call_{next(_NUMBERS)}",
                "type": "function",
                "function": {"name": name, "arguments": each},
            }
            for each in arguments
        ],
    }


def runs(*programs: str) -> dict[str, Any]:
    """Return the message of a model that runs programs."""
    return calls(*(json.dumps({"code": program}) for program in programs))


_NUMBERS = count(1)


class ScriptedModel:
    """What the model answers, and what it was sent.

    Attributes:
        url: The base URL of the API.
        requests: The requests so far.
    """

    def __init__(self, url: str, messages: Sequence[dict[str, Any]]) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self._messages = list(messages)

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables with which the package openai uses this model."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": "a-key"}

    def tool_results(self, turn: int) -> list[str]:
        """Return what the tools said before a request, which is counted from 0."""
        return [_text(message["content"]) for message in _last_tool_messages(self.requests[turn]["messages"])]

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of the answer to a request."""
        self.requests.append(request)
        if fault := _fault(request["messages"]):
            return 400, {"error": {"message": fault, "type": "invalid_request_error"}}
        if not self._messages:
            return 400, {"error": {"message": "the script of the test has ended", "type": "test"}}
        message = self._messages.pop(0)
        choice = {
            "index": 0,
            "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
            "message": message,
        }
        return 200, {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 1,
            "model": request["model"],
            "choices": [choice],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }


@contextmanager
def scripted_model(*messages: dict[str, Any]) -> Iterator[ScriptedModel]:
    """Start a server that answers with the messages, one after the other."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = (
                model.answer(json.loads(body))
                if self.path == "/v1/chat/completions"
                else (404, {"error": {"message": self.path, "type": "not_found"}})
            )
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model = ScriptedModel(f"http://127.0.0.1:{server.server_address[1]}/v1", messages)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()


def _last_tool_messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = next((n for n, message in enumerate(reversed(messages)) if message["role"] != "tool"), 0)
    return messages[len(messages) - last :]


def _fault(messages: list[dict[str, Any]]) -> str | None:
    """Return what the real API would refuse: each call of a tool must be followed by its result."""
    for n, message in enumerate(messages):
        asked = [call["id"] for call in message.get("tool_calls") or ()]
        following = messages[n + 1 : n + 1 + len(asked)]
        answered = [each["tool_call_id"] for each in following if each["role"] == "tool"]
        if sorted(asked) != sorted(answered):
            return f"messages[{n}]: the calls {asked} have the results {answered}"
    return None


def _text(content: Any) -> str:
    """Return the text of a message, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
