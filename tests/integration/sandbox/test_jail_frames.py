"""The frames that a script in a jail sees: its own and the library's, never the guest's."""

from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import run_script


def test_stack_of_a_script_ends_with_its_module_and_its_main(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import inspect, sys
        def seen():
            return [frame.function for frame in inspect.stack()][1:]
        def generated():
            yield seen()
        class Shown:
            def __str__(self):
                shown.append(seen())
                return "shown"
        shown = []
        module = [seen(), sys._getframe().f_back is None]
        def main():
            print(Shown(), Shown())
            return {"module": module, "main": seen(), "generator": next(generated()), "shown": shown,
                    "back": sys._getframe().f_back is None}
        """,
    )
    assert outcome.result == {
        "module": [["<module>"], True],
        "main": ["main"],
        "generator": ["generated", "main"],
        "shown": [["__str__", "main"]] * 2,
        "back": True,
    }


def test_stack_of_a_script_is_its_own_when_printed_or_logged(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """\
        import logging, traceback
        traceback.print_stack()
        def main():
            logging.warning("here", stack_info=True)
            return {}
        """,
    )
    assert outcome.stderr == (
        '  File "script.py", line 2, in <module>\n    traceback.print_stack()\n'
        'WARNING:root:here\nStack (most recent call last):\n  File "script.py", line 4, in main\n'
        '    logging.warning("here", stack_info=True)\n'
    )


def test_stacks_of_threads_and_tasks_contain_only_frames_of_script_and_library(
    sandbox: NsjailSandbox,
) -> None:
    outcome = run_script(
        sandbox,
        """
        import asyncio, inspect, sys, threading
        files = set()
        def look():
            for frame in sys._current_frames().values():
                files.update(seen.filename for seen in inspect.getouterframes(frame))
        async def main():
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            look()
            return {"files": sorted(file for file in files if "/asyncio/" not in file)}
        """,
    )
    assert outcome.result is not None
    # threading.py of the library, and the script.
    assert [file.rpartition("/")[2] for file in outcome.result["files"]] == ["threading.py", "script.py"]
    assert "guest" not in str(outcome.result)


def test_traceback_given_to_hooks_contains_only_frames_of_the_script(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys, threading, traceback
        files = []
        def keep(cls, error, trace):
            files.extend(frame.filename for frame in traceback.extract_tb(trace))
        class Rude:
            def __str__(self):
                raise ValueError
            def __del__(self):
                raise ValueError
        sys.unraisablehook = lambda given: keep(*given[:3])
        threading.excepthook = lambda given: keep(*given[:3])
        def main():
            try:
                print("x", Rude())
            except ValueError as error:
                keep(None, error, error.__traceback__)
            Rude()
            return {"files": files}
        """,
    )
    assert outcome.result == {"files": ["script.py"] * 4}


def test_trace_of_a_script_sees_no_frame_of_the_guest(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys
        files = set()
        def see(frame, event, argument):
            if not frame.f_code.co_filename.startswith("<frozen"):
                files.add(frame.f_code.co_filename)
            return see
        class Result(dict):
            def items(self):
                return [("files", sorted(files))]
        class Shown:
            def __str__(self):
                return "shown"
        def main():
            sys.settrace(see)
            print(Shown())
            open("/tmp/file", "w").close()
            return Result(a=1)
        """,
    )
    assert outcome.stdout == "shown\n"
    assert outcome.result == {"files": ["script.py"]}


def test_traceback_names_the_line_of_text_that_the_script_executed(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """\
        space = {}
        exec("def f(x):\\n    y = x * 2\\n    return y / 0\\n", space)
        def main():
            return {"v": space["f"](3)}
        """,
    )
    assert outcome.error is not None
    assert outcome.error.line == 4
    assert (outcome.error.traceback or "").endswith(
        '  File "<string>", line 3, in f\nZeroDivisionError: division by zero\n'
    )
