"""The command `pyexec completion`."""

# Click keeps the line breaks of a paragraph that starts with the backspace character \b.
# ruff: noqa: D301

import click

from python_executor.pyexec.display import Display


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script for shell completion.

    \b
    Examples:
      eval "$(pyexec completion bash)"                       # in ~/.bashrc
      eval "$(pyexec completion zsh)"                        # in ~/.zshrc
      pyexec completion fish > ~/.config/fish/completions/pyexec.fish
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    made = get_completion_class(shell)
    assert made
    Display().line(made(context.find_root().command, {}, "pyexec", "_PYEXEC_COMPLETE").source())
    return 0
