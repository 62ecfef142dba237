"""The route that follows a job."""

from contextlib import ExitStack

from flask import Response

from api import auth, responses, tags
from api.lookup import JobPath
from api.parameters import Parameters, Query
from api.routes import Routes
from api.streams import LastEventId, Streams, has_ended, no_more_events


class FollowHeaders(Parameters):
    """The headers of a client that follows a job."""

    last_event_id: LastEventId


def add_follow_routes(routes: Routes, streams: Streams) -> None:
    """Add the route that follows a job."""

    @routes.get(
        "/jobs/<job_id>/events",
        summary="Follow a job: its states, and its output while it runs",
        operation_id="follow",
        tags=[tags.JOBS],
        responses={
            200: responses.EVENTS,
            204: responses.NO_MORE_EVENTS,
            400: responses.BAD_EVENT_ID,
            404: responses.UNKNOWN_JOB,
            429: responses.TOO_MANY_WAITS,
        },
    )
    def follow(path: JobPath, header: FollowHeaders, query: Query) -> Response:  # noqa: ARG001
        if has_ended(header.last_event_id):
            return no_more_events()
        with ExitStack() as held:
            held.enter_context(streams.place(auth.owner()))
            return streams.follow(path.job_id, auth.owner(), header.last_event_id, held)
