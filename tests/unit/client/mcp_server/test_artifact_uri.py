"""URIs of artifacts."""

import pytest

from python_executor.mcp_server import artifact_uri


@pytest.mark.parametrize("path", ["a.png", "out/data 1.csv", "é?#%2F.txt", "a\nb", "..%2f"])
def test_uris_bring_back_job_and_path(path: str) -> None:
    uri = artifact_uri.make("0f" * 16, path)
    assert uri.isascii()
    assert uri.isprintable()
    assert " " not in uri
    assert artifact_uri.parse(uri) == ("0f" * 16, path)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "artifact://",
        "artifact://job",
        "artifact:///path",
        "artifact://../jobs/a",
        "file:///etc/passwd",
        f"artifact://{'a' * 300}/x",
    ],
)
def test_uris_of_nothing_are_none(uri: str) -> None:
    assert artifact_uri.parse(uri) is None
