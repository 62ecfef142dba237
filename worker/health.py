"""Say by the exit status whether the worker of this container consumes: `python -m worker.health`."""

import socket
import sys

from redis import RedisError

from config.redis import connect
from config.settings import load_settings
from store.workers import Workers


def main() -> int:
    """Look for a worker of this host in Redis; return 0 if there is one."""
    with connect(load_settings().redis_url) as redis:
        try:
            present = Workers(redis).present()
        except RedisError as error:
            sys.exit(f"Redis does not answer: {error}")
    host = socket.gethostname()
    return 0 if any(worker.id.rpartition("-")[0] == host for worker in present) else 1


if __name__ == "__main__":
    sys.exit(main())
