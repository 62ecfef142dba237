import os

from worker.shutdown_state import ShutdownState


def test_a_stage_is_never_left_for_an_earlier_one() -> None:
    stage = ShutdownState()
    assert (stage.taking, stage.handing_back) == (True, False)
    stage.finish()
    assert (stage.taking, stage.handing_back) == (False, False)
    stage.hand_back()
    stage.finish()
    assert (stage.taking, stage.handing_back) == (False, True)


def test_processes_forked_before_see_it() -> None:
    stage = ShutdownState()
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(told, 1)
        os._exit(int(stage.handing_back))
    stage.hand_back()
    os.write(telling, b".")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    os.close(told)
    os.close(telling)
