"""The routes that give and delete artifacts of jobs."""

from typing import Annotated, Final
from urllib.parse import quote

from flask import Response, request
from pydantic import Field

from api import auth, responses, tags
from api.errors import UnknownArtifact
from api.job_service import known
from api.lookup import JobPath
from api.media_types import media_type
from api.no_content import no_content
from api.parameters import Query
from api.routes import Routes
from jobs.files import Artifact, find_path_fault
from store.job_store import JobStore

#: The characters of a file name that every client reads in the same way (RFC 6266, appendix D).
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$&+-.^_`|~()")

#: A script chooses the content and the type. So no browser shows an artifact as a page of this service: it
#: saves it, guesses no other type, and if it is made to show it, runs nothing and loads nothing.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}


class ArtifactPath(JobPath):
    """The path of an artifact."""

    path: Annotated[str, Field(description="The artifact's `path`.")]


def add_artifact_routes(routes: Routes, store: JobStore) -> None:
    """Add the routes that give and delete artifacts."""

    @routes.get(
        "/jobs/<job_id>/artifacts/<path:path>",
        summary="Get a file that a job left",
        operation_id="get_artifact",
        tags=[tags.FILES],
        responses={
            200: responses.ARTIFACT,
            304: {"description": "The client has it: `If-None-Match` names its `ETag`.", "content": {}},
            400: responses.bad_query("x", 0),
            404: responses.UNKNOWN_ARTIFACT,
            429: responses.TOO_MANY_WAITS,
        },
    )
    def get_artifact(path: ArtifactPath, query: Query) -> Response:  # noqa: ARG001
        found = None
        if find_path_fault(path.path) is None:
            found = store.artifact(path.job_id, path.path, owner=auth.owner())
        if found is None:
            raise UnknownArtifact("there is no such artifact, or no longer")
        response = Response(found.content, content_type=_content_type(found), headers=_HEADERS)
        response.headers["Content-Disposition"] = disposition(found.path)
        response.set_etag(found.sha256 or "")
        response.make_conditional(request)
        return response

    @routes.delete(
        "/jobs/<job_id>/artifacts",
        summary="Delete the files that a job left",
        operation_id="delete_artifacts",
        tags=[tags.FILES],
        responses={
            204: {"description": "The job has no artifacts any more.", "content": {}},
            404: responses.UNKNOWN_JOB,
        },
    )
    def delete_artifacts(path: JobPath, query: Query) -> Response:  # noqa: ARG001
        known(store.delete_artifacts(path.job_id, owner=auth.owner()) or None)
        return no_content()


def _content_type(artifact: Artifact) -> str:
    """Return the media type of an artifact, with its charset if it is text in UTF-8.

    Without a charset some clients decode text as Latin-1.
    """
    kind = media_type(artifact.path)
    if not kind.startswith("text/"):
        return kind
    try:
        str(artifact.content or b"", "utf-8")
    except UnicodeDecodeError:
        return kind
    return f"{kind}; charset=utf-8"


def disposition(path: str) -> str:
    """Return the header Content-Disposition: a client saves the file under the last part of its path."""
    name = path.rpartition("/")[2]
    plain = "".join(character if character in _PLAIN else "_" for character in name)
    encoded = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{encoded}'
