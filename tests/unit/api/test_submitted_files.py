"""The files and the patterns of a submission: what they become, and why they are refused."""

import base64
from typing import Any

import pytest

from api.errors import InvalidRequest
from api.job_service import modules_of
from api.submission import Submission, Submissions
from config.settings import Settings
from jobs.files import File
from jobs.job import Job
from jobs.limits import FILES, FILES_BYTES, PATTERNS
from tests.support.rejected_fields import rejected_field

SCRIPT = "def main(): ..."


def job_of(**fields: Any) -> Job:
    return Submission.model_validate({"script": SCRIPT, **fields}).to_job(Settings())


def fault_of_files(*files: Any) -> tuple[str, str | None]:
    error = rejected_field(Submission, {"script": SCRIPT, "files": list(files)})
    return str(error), error.field


def test_submission_gives_files_patterns_and_stream_to_the_job() -> None:
    job = job_of(
        files=[
            {"path": "a.txt", "content": "é\n"},
            {"path": "b/c", "content": "/wAK", "encoding": "base64"},
            {"path": "d", "content": "", "encoding": "base64"},
            {"path": "e", "content": "", "encoding": "utf-8"},
        ],
        artifacts=["*.png", "out/**"],
        stream=True,
    )
    assert job.files == (
        File("a.txt", "é\n".encode()),
        File("b/c", b"\xff\0\n"),
        File("d", b""),
        File("e", b""),
    )
    assert (job.artifacts, job.stream) == (("*.png", "out/**"), True)


def test_submission_has_no_file_when_it_names_none() -> None:
    job = job_of()
    assert (job.files, job.artifacts, job.stream) == ((), (), False)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../x", "must not contain empty parts, `.` or `..`"),
        ("/etc/passwd", "must be relative to the working folder"),
        ("a\0b", "must not contain control characters"),
        ("x" * 4096, "must have 1 to 1024 bytes in UTF-8"),
        ("", "must have 1 to 1024 bytes in UTF-8"),
        ("{0}\n", "must not contain control characters"),
        ("\ud800", "must not contain half of a surrogate pair"),
        ("script.py", "is the file of the script itself"),
        ("script.py/data", "has the file of the script itself as a folder"),
        (None, "must be a string"),
    ],
)
def test_file_is_refused_with_its_index_when_its_path_is_wrong(path: Any, reason: str) -> None:
    good = [{"path": str(n), "content": ""} for n in range(3)]
    assert fault_of_files(*good, {"path": path, "content": ""}) == (
        f"files[3].path: {reason}",
        "files[3].path",
    )


@pytest.mark.parametrize(
    ("file", "fault", "field"),
    [
        ("a", "files[0]: must be a JSON object", "files[0]"),
        ({"path": "a"}, "files[0].content: this field is missing", "files[0].content"),
        ({"content": ""}, "files[0].path: this field is missing", "files[0].path"),
        ({"path": "a", "content": 1}, "files[0].content: must be a string", "files[0].content"),
        (
            {"path": "a", "content": "", "encoding": "latin-1"},
            "files[0].encoding: must be 'utf-8' or 'base64'",
            "files[0].encoding",
        ),
        (
            {"path": "a", "contents": ""},
            "files[0].contents: this field is not known; did you mean content?",
            "files[0].contents",
        ),
    ],
)
def test_file_is_refused_when_its_fields_are_wrong(file: Any, fault: str, field: str) -> None:
    assert fault_of_files(file) == (fault, field)


@pytest.mark.parametrize(
    "content",
    ["QQ===", "Q Q=", "QQ==\n", "QQ==QQ==", "QR==", "é", "=", "====", "Q", "\ud800"],
)
def test_content_is_refused_when_it_is_not_base64(content: str) -> None:
    files = [{"path": "a", "content": ""}, {"path": "b", "content": content, "encoding": "base64"}]
    with pytest.raises(InvalidRequest) as caught:
        job_of(files=files)
    assert str(caught.value) == "files[1].content: must be base64 without line breaks"
    assert caught.value.field == "files[1].content"


@pytest.mark.parametrize("content", ["_-8=", "/+8=", "_-8", "/+8"])
def test_content_is_decoded_in_either_alphabet_and_without_padding(content: str) -> None:
    [file] = job_of(files=[{"path": "a", "content": content, "encoding": "base64"}]).files
    assert file.content == b"\xff\xef"


@pytest.mark.parametrize("paths", [("a", "a"), ("a", "a/b"), ("a/b/c", "a/b")])
def test_files_are_refused_when_two_have_one_path_or_one_is_a_folder(paths: tuple[str, str]) -> None:
    fault, field = fault_of_files(*({"path": path, "content": ""} for path in paths))
    assert fault.startswith("files: a")
    assert fault.endswith("is the path of two files, or of a file and of a folder")
    assert field == "files"


def test_conflict_of_files_is_one_line_when_the_path_is_long_and_strange() -> None:
    path = "\u2028{reason}" * 80
    fault, _ = fault_of_files({"path": path, "content": ""}, {"path": path, "content": ""})
    assert len(fault.splitlines()) == 1
    assert len(fault) < 200


def test_files_are_refused_when_they_are_too_many() -> None:
    files = [{"path": str(n), "content": ""} for n in range(FILES + 1)]
    assert len(job_of(files=files[:FILES]).files) == FILES
    assert fault_of_files(*files) == (f"files: must have at most {FILES} items", "files")


@pytest.mark.parametrize("encoding", ["utf-8", "base64"])
def test_files_are_refused_when_they_are_too_large_together(encoding: str) -> None:
    def files(*sizes: int) -> list[dict[str, str]]:
        contents = [
            "x" * size if encoding == "utf-8" else base64.b64encode(bytes(size)).decode() for size in sizes
        ]
        return [
            {"path": str(n), "content": content, "encoding": encoding} for n, content in enumerate(contents)
        ]

    assert len(job_of(files=files(FILES_BYTES - 1, 1)).files) == 2
    with pytest.raises(InvalidRequest, match=f"^files: must have at most {FILES_BYTES} bytes together"):
        job_of(files=files(FILES_BYTES - 1, 2))


@pytest.mark.parametrize(
    ("patterns", "fault"),
    [
        ("*.png", "artifacts: must be a list"),
        (["a", 1], "artifacts[1]: must be a string"),
        (["a", ""], "artifacts[1]: must have 1 to 256 bytes in UTF-8"),
        (
            ["a/" * 8 + "é" * 120, "a/" * 8 + "é" * 121],
            "artifacts[1]: must have 1 to 256 bytes in UTF-8",
        ),
        (["/tmp/*"], "artifacts[0]: must be relative to the working folder"),
        (["../*"], "artifacts[0]: must not contain empty parts, `.` or `..`"),
        (["a\0"], "artifacts[0]: must not contain control characters"),
        (["\ud800"], "artifacts[0]: must not contain half of a surrogate pair"),
        (["a"] * (PATTERNS + 1), f"artifacts: must have at most {PATTERNS} items"),
    ],
)
def test_patterns_are_refused_when_they_are_wrong(patterns: Any, fault: str) -> None:
    assert str(rejected_field(Submission, {"script": SCRIPT, "artifacts": patterns})) == fault


def test_submissions_name_the_index_of_the_submission_and_of_the_file() -> None:
    body: list[dict[str, Any]] = [
        {"script": SCRIPT},
        {"script": SCRIPT, "files": [{"path": "..", "content": ""}]},
    ]
    assert rejected_field(Submissions, body).field == "[1].files[0].path"
    body[1]["files"] = [{"path": "a", "content": "!", "encoding": "base64"}]
    with pytest.raises(InvalidRequest, match=r"^\[1\]\.files\[0\]\.content: ") as caught:
        Submissions.model_validate(body).to_jobs(Settings(), lambda *_: None)
    assert caught.value.field == "[1].files[0].content"


def test_modules_of_files_are_those_that_a_script_can_import() -> None:
    paths = ["helper.py", "package/__init__.py", "tools/deep/one.py", "data.csv", "folder/data.csv"]
    assert modules_of([File(path, b"") for path in paths]) == {"helper", "package", "tools"}
