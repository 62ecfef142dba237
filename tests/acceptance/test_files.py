"""Files into a job and artifacts out of it, over HTTP, in both kinds of jail and with packages."""

import base64
import io
import zipfile
from hashlib import sha256
from typing import Any

import httpx
import pytest

from jobs.limits import ARTIFACTS, ARTIFACTS_BYTES, FILES, FILES_BYTES
from sandbox.isolation import Isolation
from tests.support.service import Service

#: Every byte, and lengths that are no multiple of a page.
BINARY = bytes(range(256)) * 1001 + b"\n\0"


@pytest.fixture(scope="module", params=list(Isolation))
def isolated(request: pytest.FixtureRequest) -> Service:
    """A service with each kind of jail."""
    name = {Isolation.SLOT: "service", Isolation.FRESH: "fresh_service"}[request.param]
    service: Service = request.getfixturevalue(name)
    return service


def base64_file(path: str, content: bytes) -> dict[str, str]:
    return {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}


def artifact(service: Service, job: dict[str, Any], path: str) -> httpx.Response:
    return service.client.get(f"/jobs/{job['id']}/artifacts/{path}")


def contents(service: Service, job: dict[str, Any]) -> dict[str, bytes]:
    """Return the bytes of every artifact that was kept. Each must be what the job object says."""
    found = {}
    for one in job["artifacts"]:
        answer = artifact(service, job, one["path"])
        if "dropped" in one:
            assert (answer.status_code, one["sha256"]) == (404, None)
            continue
        assert answer.status_code == 200
        assert (len(answer.content), sha256(answer.content).hexdigest()) == (one["size"], one["sha256"])
        found[one["path"]] = answer.content
    return found


@pytest.mark.parametrize("mode", ["main", "program"])
def test_text_file_comes_back_changed(isolated: Service, mode: str) -> None:
    change = "text = open('in/a.txt').read()\nopen('out.txt', 'w').write(text.upper())"
    script = (
        change
        if mode == "program"
        else f"def main():\n    {change.replace(chr(10), chr(10) + '    ')}\n    return {{}}"
    )
    files = [{"path": "in/a.txt", "content": "straße\n"}]
    job = isolated.execute(script, mode=mode, files=files, artifacts=["*.txt"]).json()
    assert (job["status"], job["error"]) == ("succeeded", None)
    assert contents(isolated, job) == {"out.txt": b"STRASSE\n"}
    assert job["artifacts_truncated"] is False


def test_bytes_come_back_as_they_were_sent(isolated: Service) -> None:
    script = "import shutil\nshutil.copy('a.bin', 'b.bin')"
    files = [base64_file("a.bin", BINARY), base64_file("deep/er/c.bin", b"")]
    job = isolated.execute(script, mode="program", files=files, artifacts=["*.bin", "**/c.bin"]).json()
    assert contents(isolated, job) == {"a.bin": BINARY, "b.bin": BINARY, "deep/er/c.bin": b""}


def test_next_job_has_no_file_of_the_one_before(isolated: Service) -> None:
    files = [base64_file("a.bin", BINARY)]
    isolated.execute("pass", mode="program", files=files, artifacts=["*"])
    job = isolated.execute("import os\nprint(os.listdir())", mode="program", artifacts=["*"]).json()
    assert (job["stdout"], job["artifacts"]) == ("['script.py']\n", [])


def test_zip_archive_of_the_script_can_be_opened(isolated: Service) -> None:
    script = "import shutil\nshutil.make_archive('all', 'zip', 'in')"
    files = [base64_file("in/a.bin", BINARY), {"path": "in/b/c.txt", "content": "é"}]
    job = isolated.execute(script, mode="program", files=files, artifacts=["*.zip"]).json()
    assert job["artifacts"][0]["media_type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(contents(isolated, job)["all.zip"])) as archive:
        assert archive.read("a.bin") == BINARY
        assert archive.read("b/c.txt") == "é".encode()


def test_script_imports_a_module_among_its_files(isolated: Service) -> None:
    files = [
        {"path": "helper.py", "content": "NAME = 'Ada'"},
        {"path": "package/__init__.py", "content": ""},
        {"path": "package/deep.py", "content": "def greet(name): return 'Hello, ' + name"},
    ]
    script = "import helper\nfrom package.deep import greet\ndef main(): return {'text': greet(helper.NAME)}"
    assert isolated.execute(script, files=files).json()["result"] == {"text": "Hello, Ada"}


@pytest.mark.parametrize(
    ("ending", "error_type"),
    [("1 / 0", "exception"), ("import sys; sys.exit(3)", "exit"), ("while True: pass", "timeout")],
)
def test_failed_job_has_the_artifacts_that_it_wrote(isolated: Service, ending: str, error_type: str) -> None:
    script = f"open('log.txt', 'w').write('so far')\n{ending}"
    job = isolated.execute(script, mode="program", artifacts=["*.txt"], limits={"timeout": 1}).json()
    assert job["error"]["type"] == error_type
    assert contents(isolated, job) == {"log.txt": b"so far"}


def test_largest_files_are_kept_and_the_rest_is_dropped(isolated: Service) -> None:
    script = "import shutil\nshutil.copy('a', 'b')\nopen('c', 'w').write('fits')"
    job = isolated.execute(
        script, mode="program", files=[base64_file("a", bytes(FILES_BYTES - 4))], artifacts=["a", "b", "c"]
    ).json()
    assert [(one["path"], one.get("dropped", False)) for one in job["artifacts"]] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert sum(map(len, contents(isolated, job).values())) == ARTIFACTS_BYTES


def test_as_many_files_as_the_limits_allow_are_sent_and_kept(isolated: Service) -> None:
    files = [{"path": f"{n:02}", "content": str(n)} for n in range(FILES)]
    job = isolated.execute("pass", mode="program", files=files, artifacts=["[0-9][0-9]"]).json()
    assert [one["path"] for one in job["artifacts"]] == [f"{n:02}" for n in range(FILES)]
    assert contents(isolated, job) == {f"{n:02}": str(n).encode() for n in range(ARTIFACTS)}


@pytest.mark.timeout(900)
def test_figure_of_matplotlib_is_the_bytes_that_the_script_wrote(offering: Service) -> None:
    script = (
        "import hashlib\nimport matplotlib.pyplot as plt\n"
        "plt.plot([1, 4, 9])\nplt.savefig('plot.png')\n"
        "print(hashlib.sha256(open('plot.png', 'rb').read()).hexdigest())"
    )
    job = offering.execute(script, mode="program", environment="data", artifacts=["*.png"]).json()
    [found] = job["artifacts"]
    assert (found["media_type"], found["sha256"] + "\n") == ("image/png", job["stdout"])
    assert contents(offering, job)["plot.png"].startswith(b"\x89PNG\r\n")


@pytest.mark.timeout(900)
def test_excel_file_comes_back_changed(offering: Service) -> None:
    make = "import openpyxl\nbook = openpyxl.Workbook()\nbook.active.append([1, 2])\nbook.save('a.xlsx')"
    made = offering.execute(make, mode="program", environment="data", artifacts=["*.xlsx"]).json()
    change = (
        "import openpyxl\ndef main():\n    book = openpyxl.load_workbook('a.xlsx')\n"
        "    book.active.append([3, 4])\n    book.save('b.xlsx')\n"
        "    return {'rows': [list(row) for row in book.active.values]}"
    )
    files = [base64_file("a.xlsx", contents(offering, made)["a.xlsx"])]
    job = offering.execute(change, environment="data", files=files, artifacts=["b.xlsx"]).json()
    assert job["result"] == {"rows": [[1, 2], [3, 4]]}
    with zipfile.ZipFile(io.BytesIO(contents(offering, job)["b.xlsx"])) as book:
        assert "xl/workbook.xml" in book.namelist()


@pytest.mark.parametrize(
    "path", ["unknown", "%2e%2e/%2e%2e/etc/passwd", "a%00", "%ff", "a//b", "/etc/passwd"]
)
def test_artifact_is_404_in_json_when_the_path_names_none(service: Service, path: str) -> None:
    job = service.execute("pass", mode="program", artifacts=["*"]).json()
    answer = artifact(service, job, path)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")


def test_metrics_count_what_went_in_and_out(service: Service) -> None:
    def count(name: str) -> float:
        lines = service.client.get("/metrics").text.splitlines()
        return float(
            next(line for line in lines if line.startswith(f"python_executor_{name}_total ")).split()[1]
        )

    names = ("files", "file_bytes", "artifacts", "artifact_bytes")
    before = [count(name) for name in names]
    files = [{"path": "a", "content": "12"}, {"path": "b", "content": "345"}]
    service.execute("open('c', 'w').write('678')", mode="program", files=files, artifacts=["c"])
    assert [count(name) - old for name, old in zip(names, before, strict=True)] == [2, 5, 1, 3]
