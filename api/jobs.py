"""The routes about jobs.

They share one blueprint. If two blueprints have the same path, such as `GET /jobs` and `POST /jobs`,
flask-openapi3 documents only the routes of the second.
"""

from api import auth, responses
from api.artifacts import add_artifact_routes
from api.follow import add_follow_routes
from api.job_service import JobService
from api.lookup import add_lookup_routes
from api.routes import Routes
from api.streams import Streams
from api.submit import add_submit_routes
from api.waits import Waits
from config.credentials import Credentials
from config.settings import Settings
from store.job_store import JobStore


def job_routes(
    store: JobStore,
    service: JobService,
    waits: Waits,
    settings: Settings,
    credentials: Credentials,
    *,
    streams: Streams,
) -> Routes:
    """Return the routes that submit, follow, list, look up and cancel jobs."""
    routes = auth.protected(
        "jobs",
        credentials,
        abp_responses={**responses.WITH_KEY, **responses.WITH_REDIS},
    )
    add_submit_routes(routes, service, waits, streams, settings)
    add_follow_routes(routes, streams)
    add_lookup_routes(routes, store, service, waits)
    add_artifact_routes(routes, store)
    return routes
