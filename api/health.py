"""The routes for load balancers: whether the process is alive, and whether the service runs jobs."""

from typing import Any

from api import responses, schemas, tags
from api.errors import Unavailable
from api.routes import Routes
from store.job_store import JobStore
from store.worker import Worker


def health_routes(store: JobStore) -> Routes:
    """Return `/health/live` and `/health/ready`."""
    routes = Routes("health", __name__, abp_tags=[tags.WATCH], abp_responses=responses.ANY)

    @routes.get(
        "/health/live",
        summary="Whether this process serves requests",
        operation_id="live",
        responses={200: responses.ok(schemas.Live, "The process serves requests.", {"status": "ok"})},
    )
    def live() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get(
        "/health/ready",
        summary="Whether the service runs jobs",
        operation_id="ready",
        responses={
            200: responses.ok(
                schemas.Ready,
                "Redis answers and a worker that passed its self-test consumes.",
                {
                    "status": "ready",
                    "workers": [
                        {
                            "id": "host-1",
                            "sandbox": "nsjail",
                            "detail": "namespaces, seccomp, cgroup v2",
                            "environments": ["data", "stdlib"],
                        }
                    ],
                },
            ),
            **responses.WITH_REDIS,
        },
    )
    def ready() -> dict[str, Any]:
        workers = store.workers()
        if not workers:
            raise Unavailable("no worker is consuming")
        return {"status": "ready", "workers": [_consumer(worker) for worker in workers]}

    return routes


def _consumer(worker: Worker) -> dict[str, Any]:
    """Return what everyone may know of a worker. The rest is for clients with a key: see `/queue.json`."""
    return {
        "id": worker.id,
        "sandbox": worker.sandbox,
        "detail": worker.detail,
        "environments": worker.environments,
    }
