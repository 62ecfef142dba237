"""URIs of artifacts: `artifact://JOB/PATH`."""

from typing import Final
from urllib.parse import quote, unquote

SCHEME: Final = "artifact://"

#: The template that clients are told, as RFC 6570 has it.
TEMPLATE: Final = "artifact://{job_id}/{+path}"

#: The most characters of the id of a job. The service has ids of 32.
_LONGEST_ID: Final = 255


def make(job_id: str, path: str) -> str:
    """Return the URI of an artifact."""
    return f"{SCHEME}{job_id}/{quote(path, safe='/')}"


def parse(uri: str) -> tuple[str, str] | None:
    """Return the job and the path of a URI, None if it is no URI of an artifact."""
    job_id, _, path = uri.removeprefix(SCHEME).partition("/")
    if not uri.startswith(SCHEME) or not job_id.isalnum() or len(job_id) > _LONGEST_ID or not path:
        return None
    return job_id, unquote(path)
