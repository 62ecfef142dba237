"""The entry point of the command `pyexec`."""

# ruff: noqa: PLC0415

import os
import sys


def main() -> None:
    """Run the command and exit."""
    # The modules are imported within the block, so that an early Ctrl-C ends the command without a traceback.
    try:
        code = _run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _run() -> int:
    import click

    from python_executor.errors import PythonExecutorError
    from python_executor.pyexec import exit_code
    from python_executor.pyexec.commands import pyexec
    from python_executor.pyexec.display import Display
    from python_executor.pyexec.fault import describe
    from python_executor.pyexec.interrupts import Interrupted

    try:
        return int(pyexec.main(prog_name="pyexec", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return exit_code.CANCELLED
    except Interrupted as interrupted:
        # The signal came while the command ended for another reason.
        return interrupted.exit_code
    except PythonExecutorError as error:
        Display().message(describe(error))
        return exit_code.of_error(error)
    except BrokenPipeError:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return exit_code.PIPE
    except OSError as error:
        Display().message(f"the output cannot be written: {error.strerror}")
        return exit_code.FAULT


if __name__ == "__main__":
    main()
