"""Validation: what was sent instead of a script, and the message that says so."""

import pytest

from tests.support.rejections import MAIN, large, rejection_of
from validation.script import validate

_FENCE = "the script is inside a Markdown fence: send only the lines between the fences"
_PROMPTS = "the script has the prompts of an interactive session: send the lines without them"
_PIP = "a script cannot install packages: remove the line"
_NOTEBOOK = "the line is a command for a notebook: remove it"
_ESCAPED = r"the script is one line that holds \n instead of line breaks: it was escaped twice"


@pytest.mark.parametrize(
    ("script", "message", "line"),
    [
        (f"```python\n{MAIN}```", _FENCE, 1),
        (f"```\n{MAIN}```\n", _FENCE, 1),
        (f"\n \n```py title='a'\n{MAIN}```", _FENCE, 3),
        (f"\ufeff```python\r\n{MAIN}```", _FENCE, 1),
        (f"~~~python\n{MAIN}~~~", _FENCE, 1),
        (f"~~~~\n{MAIN}~~~~", _FENCE, 1),
        (f"Here's the script:\n\n```python\n{MAIN}```\nIt returns a dict.", _FENCE, 3),
        (f"{MAIN}```\nIt returns a dict.", _FENCE, 3),
        (f"```python\n{MAIN}", _FENCE, 1),
        ("```python\ndef main(:\n```", _FENCE, 1),
        ("~~~python\ndef main(:\n~~~", _FENCE, 1),
        (">>> def main():\n...     return {}\n", _PROMPTS, 1),
        (f"{MAIN}>>> main()\n{{}}\n", _PROMPTS, 3),
        (f"pip install numpy\n{MAIN}", _PIP, 1),
        (f"x = 1\n!pip3 install numpy\n{MAIN}", _PIP, 2),
        (f"%pip install numpy\n{MAIN}", _PIP, 1),
        (f"%matplotlib inline\n{MAIN}", _NOTEBOOK, 1),
        (f"%%time\n{MAIN}", _NOTEBOOK, 1),
        (f"def f():\n    !ls -l\n{MAIN}", _NOTEBOOK, 2),
        (r"def main():\n    return {}\n", _ESCAPED, 1),
    ],
)
def test_validate_names_what_was_sent_instead_of_a_script(script: str, message: str, line: int) -> None:
    for text in (script, large(script)) if message != _ESCAPED else (script,):
        rejection = rejection_of(text)
        assert (rejection.type, rejection.message, rejection.line) == ("syntax_error", message, line)


@pytest.mark.parametrize(
    "statement",
    [
        "x = '''\n```python\nx = 1\n```\n'''",
        "python = 1\n~~~python",
        "x = (1\n%pow(1, 1))",
        "# ```\n# >>> x",
        r"x = 'a\n'",
    ],
)
def test_validate_accepts_a_valid_script_that_holds_such_text(statement: str) -> None:
    validate(f"{statement}\n{MAIN}")


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("x = '''\n```python\nx = 1\n```\n'''\ny = = 2", 6),
        ("y = = 2\ndef f():\n    '''\n    ```python\n    x = 1\n    ```\n    '''", 1),
        ("x = (1\n%pow(1, 1)) 2", 2),
    ],
)
def test_validate_names_another_error_when_a_valid_string_holds_a_fence(script: str, line: int) -> None:
    rejection = rejection_of(script)
    assert (rejection.message, rejection.line) == ("invalid syntax", line)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("print 'a'", "Missing parentheses in call to 'print'. Did you mean print(...)?"),
        ("x = “a”", "invalid character '“' (U+201C)"),
        ("if x:\n\ty\n        z", "inconsistent use of tabs and spaces in indentation"),
    ],
)
def test_validate_leaves_other_mistakes_to_the_message_of_the_compiler(script: str, message: str) -> None:
    assert rejection_of(script).message == message
