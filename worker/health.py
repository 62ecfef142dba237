"""The health check of a worker's container: `python -m worker.health` exits with 0 if it is registered."""

import socket
import sys

from redis import RedisError

from config.settings import load_settings
from store.job_store import JobStore


def main() -> int:
    """Return 0 if Redis has the registration of a worker of this host, else 1."""
    try:
        registered = JobStore(load_settings().redis_url).workers()
    except RedisError as error:
        sys.exit(f"Redis does not answer: {error}")
    host = socket.gethostname()
    return 0 if any(worker.id.rpartition("-")[0] == host for worker in registered) else 1


if __name__ == "__main__":
    sys.exit(main())
