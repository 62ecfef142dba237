"""The arguments and options that say what to run, which `run` and `submit` share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, cast

import click
from click.shell_completion import CompletionItem

from python_executor.pyexec.inputs import parse_inputs
from python_executor.pyexec.problem import Problem
from python_executor.pyexec.reading import read_files, read_script, read_stdin

if TYPE_CHECKING:
    from python_executor.script import Mode, Priority, Script

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Given(TypedDict):
    """Values of the arguments and options."""

    words: tuple[str, ...]
    code: str | None
    mode: str | None
    inputs: tuple[str, ...]
    stdin: str | None
    environment: str
    files: tuple[str, ...]
    artifacts: tuple[str, ...]
    timeout: float | None
    cpu: float | None
    memory: int | None
    processes: int | None
    priority: str


def _complete_path(_context: click.Context, _parameter: click.Parameter, word: str) -> list[CompletionItem]:
    return [CompletionItem(word, type="file")]


_SECONDS: Final = click.FloatRange(min=0, min_open=True)

_OPTIONS: Final = (
    click.argument("words", nargs=-1, metavar="[SCRIPT] [ARGUMENT]...", shell_complete=_complete_path),
    click.option("-c", "code", metavar="CODE", help="Run this code instead of a file."),
    click.option(
        "-i",
        "--input",
        "inputs",
        multiple=True,
        metavar="NAME=VALUE",
        help="Argument of main(): JSON if VALUE is JSON, else a text. Selects mode main. Can be repeated.",
    ),
    click.option(
        "-f",
        "--file",
        "files",
        multiple=True,
        metavar="[NAME=]PATH",
        shell_complete=_complete_path,
        help="Send a file to the script's folder, under NAME if given, else under PATH. Can be repeated.",
    ),
    click.option(
        "-a",
        "--artifact",
        "artifacts",
        multiple=True,
        metavar="PATTERN",
        help="Keep the files of the script that match, such as '*.png' or 'out/**'. Can be repeated.",
    ),
    click.option(
        "-e",
        "--env",
        "environment",
        default="stdlib",
        show_default=True,
        metavar="NAME",
        help="Environment, a set of packages; `pyexec environments` lists them.",
    ),
    click.option(
        "--stdin",
        metavar="FILE",
        shell_complete=_complete_path,
        help="Standard input of the script; - for that of the command. Empty by default.",
    ),
    click.option(
        "--mode",
        type=click.Choice(["main", "program"]),
        help="main: call main(); program: run from top to bottom. Default: main if there is an --input.",
    ),
    click.option("--timeout", type=_SECONDS, metavar="SECONDS", help="Limit of wall time."),
    click.option("--cpu", type=_SECONDS, metavar="SECONDS", help="Limit of CPU time."),
    click.option("--memory", type=click.IntRange(min=1), metavar="MB", help="Limit of memory."),
    click.option(
        "--processes", type=click.IntRange(min=1), metavar="N", help="Limit of processes and threads."
    ),
    click.option(
        "--priority",
        type=click.Choice(["low", "normal", "high"]),
        default="normal",
        show_default=True,
        help="Which of your queued jobs go first.",
    ),
)


def script_options(command: Decorated) -> Decorated:
    """Add the arguments and options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_script(given: Given) -> "Script":
    """Read what the options name, and return the script.

    Raises:
        Problem: It cannot be read, or options contradict each other.
    """
    words, code = list(given["words"]), given["code"]
    path = None if code is not None else words.pop(0) if words else None
    if code is None and path is None:
        raise Problem("which script? Give a file, - for standard input, or -c CODE")
    if path == "-" and given["stdin"] == "-":
        raise Problem(
            "the script and its standard input cannot both come from standard input; use -c or a file"
        )
    inputs, mode = parse_inputs(given["inputs"]), given["mode"]
    if inputs and mode == "program":
        raise Problem("--input: a program has no inputs; use --mode main, or arguments after the script")
    if words and (inputs or mode == "main"):
        raise Problem(f"{words[0]}: only a program has arguments; use --input for main()")
    for text in (code or "", *words, *given["inputs"], *given["files"], *given["artifacts"]):
        if not _is_unicode(text):
            raise Problem(f"{text}: is not UTF-8")
    from python_executor.script import Script  # noqa: PLC0415

    return Script(
        source=code if path is None else read_script(path),  # type: ignore[arg-type]  # one of the two is there
        mode=cast("Mode | None", mode),
        inputs=inputs,
        argv=words,
        stdin=read_stdin(given["stdin"]) if given["stdin"] else "",
        environment=given["environment"],
        files=read_files(given["files"]),
        artifacts=given["artifacts"],
        timeout=given["timeout"],
        cpu=given["cpu"],
        memory_mb=given["memory"],
        processes=given["processes"],
        priority=cast("Priority", given["priority"]),
    )


def _is_unicode(text: str) -> bool:
    """Return whether a word of the command line is text: bytes that are not UTF-8 arrive as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
