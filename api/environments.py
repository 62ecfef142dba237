"""The environments that workers have announced, and the route that lists them."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from api import auth, examples, responses, schemas, tags
from api.errors import UnknownEnvironment
from api.parameters import Query
from api.routes import Routes
from config.credentials import Credentials
from jobs.environment import STDLIB, Environment
from store.job_store import JobStore
from validation.errors import Rejection

#: Seconds for which the announcements are remembered.
_TTL: Final = 2.0


class Environments:
    """The announced environments, as of at most _TTL seconds ago."""

    def __init__(self, store: JobStore) -> None:
        """Read nothing yet."""
        self._store = store
        self._remembered: tuple[float, Sequence[Environment]] = (-math.inf, ())

    def list(self) -> Sequence[Environment]:
        """Return the environments by name. `stdlib` is always among them."""
        read_at, environments = self._remembered
        if time.monotonic() - read_at >= _TTL:
            environments = self._store.environments()
            # `stdlib` alone is not remembered: the first worker with packages may register at any moment.
            self._remembered = time.monotonic() if environments[1:] else -math.inf, environments
        return environments

    def modules(self, name: str) -> frozenset[str]:
        """Return the top-level modules of the packages of an environment.

        Raises:
            UnknownEnvironment: There is no environment of this name.
        """
        # `stdlib` costs no look-up.
        if name == STDLIB:
            return frozenset()
        environments = {environment.name: environment for environment in self.list()}
        if name not in environments:
            # The name that the client sent is not repeated: it can be as long as the request.
            names = ", ".join(environments)
            there = f"the environments are {names}" if len(environments) > 1 else f"the only one is {names}"
            raise UnknownEnvironment(
                f"environment: there is no such environment; {there}", field="environment"
            )
        return frozenset(environments[name].modules)

    def with_hint(self, rejection: Rejection) -> Rejection:
        """Return a rejection. If an environment has the module that is missing, the message names it."""
        if rejection.type == "forbidden_import" and rejection.name:
            module = rejection.name.partition(".")[0]
            for environment in self.list():
                if module in environment.modules:
                    message = f"{rejection.message}: the environment {environment.name} has it"
                    return Rejection(**vars(rejection) | {"message": message})
        return rejection


def environment_routes(environments: Environments, credentials: Credentials) -> Routes:
    """Return `/environments`."""
    routes = auth.protected(
        "environments",
        credentials,
        abp_tags=[tags.ENVIRONMENTS],
        abp_responses={**responses.WITH_KEY, **responses.WITH_REDIS},
    )

    @routes.get(
        "/environments",
        summary="List the environments and their packages",
        operation_id="list_environments",
        responses={
            200: responses.ok(
                schemas.EnvironmentList, "The environments that a job can have.", examples.ENVIRONMENTS
            ),
        },
    )
    def list_environments(query: Query) -> list[dict[str, Any]]:  # noqa: ARG001
        return [asdict(environment) for environment in environments.list()]

    return routes
