"""The promises of the service, tested over HTTP against all its processes."""

import platform
import textwrap
import time

import httpx
import pytest

from jobs.limits import OUTPUT_BYTES
from tests.support.service import Service


def _rejection(answer: httpx.Response, error_type: str) -> dict[str, object]:
    """Assert that the script was rejected before it was queued; return the error."""
    assert answer.status_code == 400
    error: dict[str, object] = answer.json()["error"]
    assert error["type"] == error_type
    return error


def _failure(answer: httpx.Response, error_type: str) -> dict[str, object]:
    """Assert that the script ran and failed; return the error."""
    assert answer.status_code == 422
    job = answer.json()
    assert (job["status"], job["result"], job["error"]["type"]) == ("failed", None, error_type)
    error: dict[str, object] = job["error"]
    return error


def test_execute_returns_the_result_and_the_output(service: Service) -> None:
    answer = service.execute("def main():\n    print('Hello')\n    return {'ok': True}")
    assert answer.status_code == 200
    job = answer.json()
    assert (job["status"], job["result"], job["stdout"]) == ("succeeded", {"ok": True}, "Hello\n")
    assert (job["sandbox"], job["error"], job["stderr"]) == ("nsjail", None, "")


def test_main_is_not_needed_in_mode_program(service: Service) -> None:
    script = "import sys\nname, *_ = sys.argv[1:]\nprint('Hello,', name, input())\nif __name__ == '__main__': print('end')"
    answer = service.execute(script, mode="program", argv=["Ada", "x"], stdin="from stdin\n")
    assert answer.status_code == 200
    job = answer.json()
    assert (job["status"], job["result"], job["error"], job["exit_code"]) == ("succeeded", None, None, 0)
    assert job["stdout"] == "Hello, Ada from stdin\nend\n"


@pytest.mark.parametrize(
    ("script", "error_type", "code"),
    [
        ("import sys\nsys.exit(3)", "exit", 3),
        ("import sys\nsys.exit('no input')", "exit", 1),
        ("import os\nos._exit(4)", "exit", 4),
        ("1 / 0", "exception", 1),
        ("while True: pass", "timeout", None),
        ("import os\nos.kill(os.getpid(), 9)", "killed", None),
    ],
)
def test_program_fails_with_its_exit_code(
    service: Service, script: str, error_type: str, code: int | None
) -> None:
    answer = service.execute(script, mode="program", limits={"timeout": 2})
    _failure(answer, error_type)
    assert answer.json()["exit_code"] == code


@pytest.mark.parametrize(
    "script", ["", "import sys\nsys.exit()", "import sys\nsys.exit(0)", "import os\nos._exit(0)"]
)
def test_program_succeeds_when_it_ends_with_0(service: Service, script: str) -> None:
    answer = service.execute(script, mode="program")
    assert (answer.status_code, answer.json()["exit_code"]) == (200, 0)


def test_job_has_the_exit_code_of_its_script_in_mode_main(service: Service) -> None:
    for script, code in (
        ("def main(): return {}", 0),
        ("def main(): return 3", 0),
        ("import sys\ndef main(): sys.exit(0)", 0),
        ("import sys\ndef main(): sys.exit(3)", 3),
        ("def main(): raise ValueError", 1),
    ):
        assert service.execute(script).json()["exit_code"] == code


def test_input_that_the_mode_does_not_have_is_refused(service: Service) -> None:
    inputs = service.execute("print()", mode="program", inputs={"n": 1})
    argv = service.execute("def main(): return {}", argv=["-n"])
    for answer, field in ((inputs, "inputs"), (argv, "argv")):
        assert _rejection(answer, "invalid_request")["field"] == field


def test_job_is_found_at_the_location_that_post_jobs_returns(service: Service) -> None:
    accepted = service.client.post(
        "/jobs", json={"script": "def main(n): return {'n': n}", "inputs": {"n": 3}}
    )
    assert accepted.status_code == 202
    assert accepted.headers["Location"] == f"/jobs/{accepted.json()['id']}"
    found = service.client.get(accepted.headers["Location"], params={"wait": 5})
    assert found.status_code == 200
    assert (found.json()["status"], found.json()["result"]) == ("succeeded", {"n": 3})


def test_syntax_error_is_rejected_with_line_and_column(service: Service) -> None:
    error = _rejection(service.execute("def main():\n    return {]"), "syntax_error")
    assert error["line"] == 2
    assert isinstance(error["column"], int)


def test_script_is_rejected_when_main_is_missing(service: Service) -> None:
    _rejection(service.execute("def other(): return {}"), "missing_main")


def test_job_fails_when_main_is_not_callable(service: Service) -> None:
    _failure(service.execute("main = 3"), "main_not_callable")


def test_job_fails_when_main_returns_an_int(service: Service) -> None:
    assert "int" in str(_failure(service.execute("def main(): return 3"), "invalid_result")["message"])


def test_job_fails_when_the_result_is_not_serialisable(service: Service) -> None:
    _failure(service.execute("def main(): return {'a': {1, 2}}"), "invalid_result")


def test_infinite_loop_times_out_at_its_deadline(service: Service) -> None:
    started = time.monotonic()
    answer = service.execute("def main():\n    while True: pass", limits={"timeout": 5, "cpu": 30})
    _failure(answer, "timeout")
    assert 5000 <= answer.json()["usage"]["wall_ms"] < 6000
    assert time.monotonic() - started < 6.5


def test_script_cannot_read_files_of_the_host(service: Service) -> None:
    error = _failure(service.execute("def main(): return {'a': open('/etc/passwd').read()}"), "exception")
    assert "FileNotFoundError" in str(error["message"])


def test_script_has_no_network(service: Service) -> None:
    port = service.client.base_url.port
    script = f"""
        import urllib.request
        def main():
            return {{"a": urllib.request.urlopen("http://127.0.0.1:{port}/health/live").status}}
    """
    error = _failure(service.execute(textwrap.dedent(script)), "exception")
    assert "URLError" in str(error["message"])


def test_cpu_loop_times_out_at_its_cpu_limit(service: Service) -> None:
    script = "def main():\n    total = 0\n    for i in range(10**12): total += i * i\n    return {'t': total}"
    answer = service.execute(script, limits={"timeout": 20, "cpu": 1})
    assert "CPU" in str(_failure(answer, "timeout")["message"])
    assert answer.json()["usage"]["cpu_ms"] < 1500


def test_import_outside_the_standard_library_is_rejected_with_name_and_line(service: Service) -> None:
    error = _rejection(
        service.execute("import json\nimport numpy\ndef main(): return {}"), "forbidden_import"
    )
    assert (error["name"], error["line"]) == ("numpy", 2)


def test_environments_list_the_standard_library_of_the_worker(service: Service) -> None:
    [stdlib] = [found for found in service.client.get("/environments").json() if found["name"] == "stdlib"]
    # A worker in a container can have another patch version.
    python = stdlib.pop("python")
    assert python.split(".")[:2] == platform.python_version().split(".")[:2]
    assert stdlib == {
        "name": "stdlib",
        "digest": None,
        "packages": [],
        "modules": [],
        "preloaded": [],
    }


def test_job_has_the_standard_library_unless_it_asks_for_more(service: Service) -> None:
    for fields in ({}, {"environment": "stdlib"}):
        job = service.execute("import json\ndef main(): return {}", **fields).json()
        assert (job["status"], job["environment"], job["environment_digest"]) == ("succeeded", "stdlib", None)


def test_unknown_environment_is_refused_with_the_names_there_are(service: Service) -> None:
    answer = service.execute("def main(): return {}", environment="no-such-environment")
    error = _rejection(answer, "unknown_environment")
    assert error["field"] == "environment"
    assert "stdlib" in str(error["message"])


def test_output_is_truncated_to_1_mb_when_a_script_prints_50_mb(service: Service) -> None:
    script = "def main():\n    for _ in range(50): print('x' * (1 << 20))\n    return {'done': True}"
    answer = service.execute(script, limits={"timeout": 30})
    assert answer.status_code == 200
    job = answer.json()
    assert job["result"] == {"done": True}
    assert job["truncated"] == {"stdout": True, "stderr": False}
    assert len(job["stdout"]) == OUTPUT_BYTES


@pytest.mark.parametrize("framed", [False, True])
def test_forged_reports_on_every_descriptor_are_ignored(service: Service, framed: bool) -> None:
    script = f"""
        import os
        FORGED = b'{{"kind": "result", "result": {{"forged": true}}, "status": 0, "cpu": 0}}'
        def main():
            for fd in range(256):
                for frame in (FORGED, {"b'.' + FORGED" if framed else "FORGED + bytes([10])"}):
                    try: os.write(fd, frame)
                    except OSError: pass
            return {{"real": True}}
    """
    answer = service.execute(textwrap.dedent(script))
    assert (answer.status_code, answer.json()["result"]) == (200, {"real": True})


def test_limit_above_its_ceiling_is_refused_with_its_field(service: Service) -> None:
    error = _rejection(
        service.execute("def main(): return {}", limits={"memory_mb": 4096}), "invalid_request"
    )
    assert error["field"] == "limits.memory_mb"
    assert "1024" in str(error["message"])


def test_ready_shows_the_sandbox_of_each_worker(service: Service) -> None:
    workers = service.client.get("/health/ready").json()["workers"]
    assert [worker["sandbox"] for worker in workers] == ["nsjail"]
