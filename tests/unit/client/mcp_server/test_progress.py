"""Progress notifications."""

import anyio

from python_executor.events import Output, Restarted, StatusChanged
from python_executor.execution import Status
from python_executor.mcp_server.progress import CHARACTERS, LINES, Progress

Sent = list[tuple[float, str]]


def _send_during(events: list[StatusChanged | Output | Restarted], until: int = 1) -> Sent:
    """Return what is sent of some events; the work ends after so many notifications."""
    sent: Sent = []

    async def main() -> None:
        enough = anyio.Event()

        async def send(progress: float, total: float | None, message: str | None) -> None:
            assert total is None
            assert message is not None
            sent.append((progress, message))
            for event in events:
                progress_of_script.take(event)
            if len(sent) == until:
                enough.set()

        progress_of_script = Progress(send)
        for event in events:
            progress_of_script.take(event)
        await progress_of_script.during(enough.wait())

    anyio.run(main)
    return sent


def test_progress_grows() -> None:
    sent = _send_during([Output("stdout", "x\n", 0)], until=3)
    assert [progress for progress, _ in sent] == sorted({progress for progress, _ in sent})


def test_message_is_the_latest_output() -> None:
    events: list[StatusChanged | Output | Restarted] = [StatusChanged("1", Status.RUNNING)]
    assert _send_during(events)[0][1] == "The script is running."
    events += [Output("stdout", f"{n}\n", 0) for n in range(1000)]
    (sent,) = _send_during(events)
    assert sent[1].split("\n") == [str(n) for n in range(1000 - LINES, 1000)]


def test_message_is_bounded_when_control_characters_fill_the_output() -> None:
    (sent,) = _send_during([Output("stdout", "\x1b" * 1_000_000, 0)])
    assert len(sent[1]) <= CHARACTERS


def test_output_before_a_restart_is_gone() -> None:
    (sent,) = _send_during([Output("stdout", "before", 0), Restarted("1")])
    assert "before" not in sent[1]


def test_many_events_are_few_notifications() -> None:
    sent = _send_during([Output("stdout", "x" * 100, 0)] * 10_000, until=2)
    assert len(sent) == 2


def test_failure_of_the_work_is_raised_as_it_is() -> None:
    async def main() -> None:
        async def send(_progress: float, _total: float | None, _message: str | None) -> None:
            raise AssertionError

        async def fail() -> None:
            raise KeyError

        try:
            await Progress(send).during(fail())
        except KeyError:
            return
        raise AssertionError

    anyio.run(main)
