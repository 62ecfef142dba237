"""The registry: which workers consume or have vanished, and which environments they announce."""

from collections.abc import Sequence

from redis import Redis

from jobs.environment import Environment
from store import keys
from store.announcements import ANNOUNCEMENT_TTL, choose_environments
from store.scripts import Scripts
from store.serialisation import decode_environment, decode_worker, encode_environment, encode_worker
from store.worker import GONE_MAX, GONE_SECONDS, REGISTRATION_TTL, SeenWorker, Worker


class Registry:
    """The registered workers and the announced environments."""

    def __init__(self, redis: "Redis", scripts: Scripts) -> None:
        """Make the scripts; nothing is sent yet."""
        self._redis = redis
        self._register_worker = scripts.make("register_worker")
        self._workers = scripts.make("workers")
        self._seen_workers = scripts.make("seen_workers")
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
            gone_seconds=GONE_SECONDS,
            gone_most=GONE_MAX,
        )

    def unregister_worker(self, worker: Worker) -> None:
        """Remove the registration of a stopping worker. Its announcements stay until they lapse."""
        self._redis.zrem(keys.WORKERS, encode_worker(worker))

    def workers(self) -> Sequence[Worker]:
        """Return the registered workers."""
        return [decode_worker(text) for text in self._workers()]

    def seen_workers(self) -> Sequence[SeenWorker]:
        """Return the registered workers, then up to GONE_MAX that vanished within GONE_SECONDS.

        Both are sorted by the time of their last registration, the latest first. A worker that stopped is in
        neither.
        """
        now, *answers = self._seen_workers(gone_seconds=GONE_SECONDS, gone_most=GONE_MAX)
        seen = [
            SeenWorker(decode_worker(text), int(lapses) - REGISTRATION_TTL, int(lapses) < now)
            for answer in answers
            for text, lapses in zip(answer[::2], answer[1::2], strict=True)
        ]
        present = sorted((one for one in seen if not one.gone), key=lambda one: -one.seen_s)
        gone = sorted((one for one in seen if one.gone), key=lambda one: -one.seen_s)
        return [*present, *gone[:GONE_MAX]]

    def environments(self) -> Sequence[Environment]:
        """Return `stdlib` and the announced environments, sorted by name."""
        answer = self._environments()
        announced = zip(map(decode_environment, answer[::2]), answer[1::2], strict=True)
        return choose_environments(announced)
