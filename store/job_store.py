"""The job store: the one object through which the API and the workers use Redis."""

from collections.abc import Sequence
from typing import Self

from config.notification import notification as celery_notification
from config.redis import connect
from config.settings import Settings
from jobs.environment import STDLIB
from store.claimer import Claimer
from store.config import StoreConfig
from store.connections import Connections
from store.followers import Followers
from store.history import History
from store.output_writer import OutputWriter
from store.reconciler import Reconciler
from store.records import Records
from store.registry import Registry
from store.results import Results
from store.scripts import Scripts
from store.statistics import Statistics
from store.submitter import Submitter
from store.wake_ups import BLOCK, WakeUpListener


class JobStore:
    """The jobs, queues and workers in one Redis.

    Every method raises redis.RedisError if Redis does not answer. An `owner` is the name of an API key. It is
    '' if the service has no keys; the bounds of one owner do not apply to ''.

    The methods are those of smaller classes, one in each module: they are assigned below, by who calls them.
    """

    def __init__(
        self,
        url: str,
        config: StoreConfig = StoreConfig(),
        *,
        environments: Sequence[str] = (STDLIB,),
        notification: str = "",
        block: float = BLOCK,
    ) -> None:
        """Make the Redis clients, which connect at their first command.

        Args:
            url: The address of the Redis-protocol server.
            config: The bounds of the store.
            environments: The names of the environments whose jobs this process claims.
            notification: The Celery message that notifies a worker (config.notification), '' for none.
            block: The longest that `wait_and_claim` will block, in seconds.
        """
        self.config = config
        self._redis = redis = connect(url)
        self._blocking = connect(url, block=max(block, BLOCK))
        self._listener = WakeUpListener(redis, self._blocking)
        self._connections, self._waiting = Connections(redis), Connections(self._blocking)
        scripts = Scripts(self._connections, notification)

        # Clients
        submitter = Submitter(scripts, config)
        self.check_admission = submitter.check_admission
        self.submit = submitter.submit

        self._records = records = Records(redis, scripts, config)
        self.get = records.get
        self.get_without_outcomes = records.get_without_outcomes
        self.list = records.list
        self.latest = records.latest
        self.cancel = records.cancel
        self.artifact = records.artifact
        self.delete_artifacts = records.delete_artifacts

        results = Results(self._listener, submitter, records)
        self.submit_awaited = results.submit_awaited
        self.wait = results.wait
        self.follow = Followers(self._listener, scripts, records).follow

        # Workers
        claimer = Claimer(redis, self._waiting, scripts, config, environments)
        self.serve = claimer.serve
        self.claim = claimer.claim
        self.wait_and_claim = claimer.wait_and_claim
        self.interrupt_waits = claimer.interrupt_waits
        self.files = claimer.files
        self.renew = claimer.renew
        self.finish = claimer.finish
        self.release = claimer.release

        output_writer = OutputWriter(scripts)
        self.begin_output = output_writer.begin_output
        self.append_output = output_writer.append_output

        reconciler = Reconciler(scripts, config)
        self.reconcile = reconciler.reconcile
        self.notify = reconciler.notify

        history = History(scripts)
        self.take_snapshot = history.take_snapshot
        self.history = history.history

        # Workers and operators
        registry = Registry(redis, scripts)
        self.register_worker = registry.register_worker
        self.unregister_worker = registry.unregister_worker
        self.workers = registry.workers
        self.seen_workers = registry.seen_workers
        self.environments = registry.environments

        self._statistics = scripts.make("statistics")

    @classmethod
    def from_settings(
        cls, settings: Settings, *, environments: Sequence[str] = (STDLIB,), block: float = BLOCK
    ) -> Self:
        """Make the store of the operator's settings."""
        return cls(
            settings.redis_url,
            StoreConfig.from_settings(settings),
            environments=environments,
            notification=celery_notification(settings),
            block=block,
        )

    def statistics(self) -> Statistics:
        """Return the state of the queue in numbers."""
        return Statistics.from_answer(self._statistics())

    def close(self) -> None:
        """Close the connections."""
        self._listener.close()
        self._connections.close()
        self._waiting.close()
        self._redis.close()
        self._blocking.close()
