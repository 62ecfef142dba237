"""The Flask application: `gunicorn --config config/gunicorn.py 'api.app:create()'`."""

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from api import auth, errors, hosts, request_log
from api.application import Application
from api.document import document_routes
from api.environments import Environments, environment_routes
from api.health import health_routes
from api.job_service import JobService
from api.jobs import job_routes
from api.json_body import StrictRequest
from api.json_provider import JSONProvider
from api.large_bodies import LargeBodies
from api.metrics import Metrics, metrics_routes
from api.pages.routes import page_routes
from api.queue import queue_routes
from api.schemas import Error
from api.streams import Streams
from api.waits import Waits
from config.api_connections import connections_max
from config.credentials import Credentials, load_credentials
from config.names import DISTRIBUTION, VERSION
from config.settings import Settings, load_settings
from store.job_store import JobStore


def create() -> OpenAPI:
    """Make the application from the settings in the environment."""
    settings = load_settings()
    return create_app(settings, load_credentials(settings))


def create_app(settings: Settings, credentials: Credentials) -> OpenAPI:
    """Make the application. The first request is the first to connect to Redis."""
    app = _bare()
    store = JobStore.from_settings(settings)
    environments = Environments(store)
    service = JobService(store, environments, settings)
    waits = Waits(
        key_max=settings.key_waiting_max,
        key_streams_max=settings.key_streams_max,
        connections=connections_max(settings),
    )
    metrics = Metrics()
    streams = Streams(store, waits, metrics)
    app.extensions[DISTRIBUTION] = store
    request_log.register(app, metrics)
    errors.register(app)
    hosts.register(app, settings, credentials)
    app.register_api(job_routes(store, service, waits, settings, credentials, streams=streams))
    app.register_api(environment_routes(environments, credentials))
    app.register_api(metrics_routes(store, metrics, credentials))
    app.register_api(queue_routes(store, credentials))
    app.register_api(health_routes(store))
    app.register_blueprint(document_routes(app, settings))
    app.register_blueprint(page_routes(settings, credentials))
    return app


def _bare() -> OpenAPI:
    app = Application(
        DISTRIBUTION,
        info=Info(title=DISTRIBUTION, version=VERSION),
        validation_error_model=Error,
        # flask-openapi3 adds this status with its own body to every route that does not document it.
        validation_error_status=500,
        security_schemes=auth.SCHEMES,
        doc_ui=False,
        static_folder=None,
    )
    app.json = JSONProvider(app)
    app.request_class = type("Request", (StrictRequest,), {"large_bodies": LargeBodies()})
    # Otherwise Werkzeug answers OPTIONS, and a path with two slashes, without JSON and without the error
    # handlers.
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    # `/jobs/` is `/jobs`: a redirect would make a POST a GET.
    app.url_map.strict_slashes = False
    return app
