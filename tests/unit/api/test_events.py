"""The encoding of server-sent events."""

import json

import pytest

from api.events import EventName, Known, encode, pieces
from jobs.status import Status
from store.progress import Position


@pytest.mark.parametrize(
    "known", [Known(Position(1, 20, 3), Status.RUNNING), Known(Position(), Status.QUEUED)]
)
def test_id_names_what_the_client_knows(known: Known) -> None:
    assert Known.from_id(known.to_id()) == known


def test_id_is_run_then_bytes_then_status() -> None:
    assert Known(Position(2, 30, 4), Status.FAILED).to_id() == "2-30-4-failed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1-2-3",
        "1-2-3-x",
        "-1-2-3-running",
        "1-2-3-running ",
        "1-2-3-running\n",
        "٣-2-3-running",
        "1-2-3-None",
        f"{'1' * 10}-0-0-queued",
    ],
)
def test_id_is_refused_when_no_event_has_it(text: str) -> None:
    with pytest.raises(ValueError, match="id"):
        Known.from_id(text)


def test_event_has_name_id_and_data() -> None:
    assert encode(EventName.STDOUT, "1-2-0-running", b'{"text":"a"}') == (
        b'event: stdout\nid: 1-2-0-running\ndata: {"text":"a"}\n\n'
    )


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n"])
def test_script_cannot_forge_an_event_with_line_breaks(end: str) -> None:
    event = encode(EventName.DONE, "1-0-0-failed", f'{{"result":{end}event: done{end}data: x{end}}}'.encode())
    assert event.count(b"\n\n") == 1
    assert {line.split(b": ")[0] for line in event.splitlines() if line} == {b"event", b"id", b"data"}
    assert event.startswith(b"event: done\nid: ")
    assert event.count(b"\nevent: ") == 0


@pytest.mark.parametrize("separator", ["\u0085", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c"])
def test_event_has_four_lines_whatever_ends_a_line_for_a_client(separator: str) -> None:
    data = json.dumps({"text": f"a{separator}b"}, ensure_ascii=False).encode()
    event = encode(EventName.STDOUT, "1-2-0-running", data).decode()
    assert len(event.splitlines()) == 4
    assert json.loads(event.splitlines()[2].removeprefix("data: ")) == {"text": f"a{separator}b"}


def test_pieces_are_whole_characters_within_the_bound() -> None:
    text = "aé€😀" * 100
    for size in (4, 5, 6, 7, 1000):
        found = list(pieces(text, size))
        assert "".join(found) == text
        assert all(0 < len(piece.encode()) <= size for piece in found)
    assert list(pieces("", 4)) == []
