"""The registry: which workers consume, and which environments they announce."""

from collections.abc import Sequence

from redis import Redis

from jobs.environment import Environment
from store import keys
from store.announcements import ANNOUNCEMENT_TTL, choose_environments
from store.scripts import Scripts
from store.serialisation import decode_environment, decode_worker, encode_environment, encode_worker
from store.worker import REGISTRATION_TTL, Worker


class Registry:
    """The registered workers and the announced environments."""

    def __init__(self, redis: "Redis", scripts: Scripts) -> None:
        """Make the scripts; nothing is sent yet."""
        self._redis = redis
        self._register_worker = scripts.make("register_worker")
        self._workers = scripts.make("workers")
        self._environments = scripts.make("environments")

    def register_worker(self, worker: Worker, environments: Sequence[Environment] = ()) -> None:
        """Register a worker that consumes, and announce its environments.

        Both lapse unless the worker repeats the call: the registration after REGISTRATION_TTL seconds, the
        announcements after ANNOUNCEMENT_TTL.
        """
        self._register_worker(
            [encode_environment(environment) for environment in environments],
            worker=encode_worker(worker),
            seconds=REGISTRATION_TTL,
            announced_seconds=ANNOUNCEMENT_TTL,
        )

    def unregister_worker(self, worker: Worker) -> None:
        """Remove the registration of a stopping worker. Its announcements stay until they lapse."""
        self._redis.zrem(keys.WORKERS, encode_worker(worker))

    def workers(self) -> Sequence[Worker]:
        """Return the registered workers."""
        return [decode_worker(text) for text in self._workers()]

    def environments(self) -> Sequence[Environment]:
        """Return `stdlib` and the announced environments, sorted by name."""
        answer = self._environments()
        announced = zip(map(decode_environment, answer[::2]), answer[1::2], strict=True)
        return choose_environments(announced)
