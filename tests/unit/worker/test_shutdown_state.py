"""The shutdown state that the processes of a worker share."""

import os

from worker.shutdown_state import ShutdownState


def test_shutdown_state_does_not_go_back_when_an_earlier_one_is_requested() -> None:
    state = ShutdownState()
    assert (state.accepts_jobs, state.hands_back) == (True, False)
    state.finish()
    assert (state.accepts_jobs, state.hands_back) == (False, False)
    state.hand_back()
    state.finish()
    assert (state.accepts_jobs, state.hands_back) == (False, True)


def test_shutdown_state_is_visible_to_a_process_when_it_was_forked_before() -> None:
    state = ShutdownState()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(reader, 1)
        os._exit(int(state.hands_back))
    state.hand_back()
    os.write(writer, b".")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    os.close(reader)
    os.close(writer)
