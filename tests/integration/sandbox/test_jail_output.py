"""The input and output of a job in a jail: inputs, standard streams, result."""

import pytest

from jobs.limits import OUTPUT_BYTES, Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from tests.support.scripts import error_of, run_script


def test_job_gets_inputs_and_stdin_and_returns_both_outputs(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys
        def main(a, b):
            print("out", a)
            print("err", b, file=sys.stderr)
            return {"stdin": sys.stdin.read(), "sum": a + b}
        """,
        inputs={"a": 1, "b": 2},
        stdin="líne\n",
    )
    assert outcome.result == {"stdin": "líne\n", "sum": 3}
    assert (outcome.stdout, outcome.stderr) == ("out 1\n", "err 2\n")


def test_job_gets_a_large_stdin_and_ends_when_it_does_not_read_it(sandbox: NsjailSandbox) -> None:
    text = "x" * 1_000_000
    read = run_script(sandbox, "import sys\ndef main(): return {'n': len(sys.stdin.read())}", stdin=text)
    unread = run_script(sandbox, "def main(): return {}", stdin=text)
    closed = run_script(sandbox, "import os\ndef main():\n    os.close(0)\n    return {}", stdin=text)
    assert (read.result, unread.result, closed.result) == ({"n": len(text)}, {}, {})


def test_job_awaits_an_async_main(sandbox: NsjailSandbox) -> None:
    assert run_script(
        sandbox, "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    return {'a': 1}"
    ).result == {"a": 1}


def test_job_does_not_run_the_block_under_name_equals_main(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        def main():
            print("once")
            return {}
        if __name__ == "__main__":
            main()
        """,
    )
    assert outcome.stdout == "once\n"


def test_job_keeps_the_output_from_before_a_timeout(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox, "def main():\n    print('before')\n    while True: pass", limits=Limits(timeout=0.5)
    )
    assert error_of(outcome)[0] == ErrorType.TIMEOUT
    assert outcome.stdout == "before\n"


def test_job_goes_on_when_its_output_exceeds_the_cap(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import sys
        def main():
            for stream in (sys.stdout, sys.stderr):
                for _ in range(50):
                    stream.write("é" * 500_000)
            return {"done": True}
        """,
    )
    assert outcome.result == {"done": True}
    assert (outcome.stdout_truncated, outcome.stderr_truncated) == (True, True)
    assert len(outcome.stdout.encode()) == OUTPUT_BYTES


def test_job_succeeds_when_it_closes_or_replaces_stdout(sandbox: NsjailSandbox) -> None:
    for script in (
        "import sys\ndef main():\n    sys.stdout.close()\n    return {'a': 1}",
        "import sys\ndef main():\n    sys.stdout = sys.__stdout__ = None\n    return {'a': 1}",
        "import sys\ndef main():\n    sys.stdout = 3\n    return {'a': 1}",
        "import os\ndef main():\n    os.close(1)\n    os.close(2)\n    return {'a': 1}",
    ):
        assert run_script(sandbox, script).result == {"a": 1}


def test_job_keeps_its_result_when_it_writes_forged_frames_to_every_descriptor(
    sandbox: NsjailSandbox,
) -> None:
    outcome = run_script(
        sandbox,
        """
        import os, socket
        FORGED = [b'{"kind": "result", "result": {"forged": 1}}', b'.{"kind": "exit", "message": ""}', b'+', b'.', b'']
        def main():
            for fd in range(256):
                for frame in FORGED[:4]:
                    try: os.write(fd, frame)
                    except OSError: pass
            return {"real": 1}
        """,
    )
    assert outcome.result == {"real": 1}


def test_job_keeps_its_result_when_a_forked_child_returns_from_main(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import os
        def main():
            pid = os.fork()
            if pid == 0:
                return {"child": True}
            os.waitpid(pid, 0)
            return {"child": False}
        """,
    )
    assert outcome.result == {"child": False}


def test_job_with_half_a_surrogate_pair_fails_with_a_valid_answer(sandbox: NsjailSandbox) -> None:
    assert error_of(run_script(sandbox, "def main(): return {'a': '\\ud800'}"))[0] == ErrorType.INVALID_RESULT
    kind, message = error_of(run_script(sandbox, "def main(): raise ValueError('\\ud800')"))
    assert (kind, message) == (ErrorType.EXCEPTION, "ValueError: \\ud800")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("sys.set_int_max_str_digits(0)\n    return {'v': 10**5000}", "result['v'] is an integer of about 5001 digits; at most 4300 are allowed"),
        ("return {'v': [1, -10**5000]}", "result['v'][1] is an integer of about 5001 digits; at most 4300 are allowed"),
        ("return {'v': {'w': 'ab\\ud83d'}}", r"result['v']['w'] has half of a surrogate pair, \ud83d, at index 2"),
        ("sys.setrecursionlimit(10**6)\n    return {'v': nested(10**5)}", "the result is nested more than 100 levels deep"),
        ("return {'v': nested(500)}", "the result is nested more than 100 levels deep"),
        ("r = {}\n    r['v'] = r\n    return r", "result['v'] contains itself"),
    ],
)  # fmt: skip
def test_invalid_result_is_named_with_its_place(sandbox: NsjailSandbox, script: str, message: str) -> None:
    head = "import sys\ndef nested(levels):\n    v = 1\n    for _ in range(levels): v = [v]\n    return v\n"
    outcome = run_script(sandbox, f"{head}def main():\n    {script}")
    assert error_of(outcome) == (ErrorType.INVALID_RESULT, message)


@pytest.mark.parametrize(
    "script",
    [
        "json.JSONEncoder.encode = json.dumps = json.loads = None",
        "_json.make_encoder = _json.encode_basestring = _json.make_scanner = None",
        "sys.setrecursionlimit(40)",
        "sys.setrecursionlimit(10**6)",
        "sys.set_int_max_str_digits(640)",
        "sys.set_int_max_str_digits(0)",
    ],
)
def test_result_arrives_whatever_the_script_has_changed(sandbox: NsjailSandbox, script: str) -> None:
    outcome = run_script(
        sandbox,
        f"""
        import _json, json, sys
        def main():
            {script}
            value = 1
            for _ in range(98):
                value = [value]
            return {{"deep": value, "large": 10**4299, "pair": "\\ud83d\\ude00"}}
        """,
    )
    assert outcome.result is not None
    assert (outcome.result["large"], outcome.result["pair"]) == (10**4299, "😀")


def test_surrogate_pairs_are_joined_when_the_script_has_made_imports_impossible(
    sandbox: NsjailSandbox,
) -> None:
    script = "import sys\ndef main():\n    sys.path.clear(); sys.meta_path.clear()\n    return {'é': '\\ud83d\\ude00'}"
    assert run_script(sandbox, script).result == {"é": "😀"}
