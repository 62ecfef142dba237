"""The routes about jobs: one blueprint, because two would hide each other's `/jobs` in the document."""

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from api import auth, responses
from api.dispatch import Dispatcher
from api.lookup import add_lookup_routes
from api.submit import add_submit_routes
from config.credentials import Credentials
from config.settings import Settings


def job_routes(dispatcher: Dispatcher, settings: Settings, credentials: Credentials) -> APIBlueprint:
    """Return the routes that submit jobs, look them up and cancel them."""
    routes = auth.protected(
        "jobs",
        credentials,
        abp_tags=[Tag(name="jobs")],
        abp_responses={**responses.WITH_KEY, **responses.WITH_REDIS},
    )
    add_submit_routes(routes, dispatcher, settings)
    add_lookup_routes(routes, dispatcher)
    return routes
