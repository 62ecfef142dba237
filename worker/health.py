"""Say by the exit status whether the worker of this container consumes: `python -m worker.health`."""

import socket
import sys

from redis import RedisError

from config.settings import load_settings
from store.job_store import JobStore


def main() -> int:
    """Look for a worker of this host in Redis; return 0 if there is one."""
    try:
        registered = JobStore(load_settings().redis_url).workers()
    except RedisError as error:
        sys.exit(f"Redis does not answer: {error}")
    host = socket.gethostname()
    return 0 if any(worker.id.rpartition("-")[0] == host for worker in registered) else 1


if __name__ == "__main__":
    sys.exit(main())
