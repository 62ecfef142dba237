"""The reconciler: repairs what a lost worker or a lost notification leaves."""

from store.claims import Reconciled
from store.config import StoreConfig
from store.scripts import Scripts


class Reconciler:
    """Repairs the queues."""

    def __init__(self, scripts: Scripts, config: StoreConfig) -> None:
        """Make the scripts; nothing is sent yet."""
        self._config = config
        self._reconcile = scripts.make("reconcile")
        self._notify = scripts.make("notify")

    def reconcile(self, *, judge_leases: bool = True) -> Reconciled | None:
        """Requeue the jobs of lost workers, and end expired jobs.

        Args:
            judge_leases: Whether to requeue jobs with a lapsed lease. False after an outage, in which no
                worker could renew.

        Returns:
            The repairs, or None if another worker has just reconciled.
        """
        answer = self._reconcile(
            # 90 % of the period, so that a timer that fires slightly early does not skip a reconciliation.
            lock_ms=round(self._config.reconcile_every * 900),
            judge_leases=judge_leases,
            attempts=self._config.attempts,
            result_ttl=self._config.result_ttl,
            **self._config.maximums,
        )
        return Reconciled(*answer) if answer else None

    def notify(self) -> None:
        """Notify a worker of each environment in which a job can run and no notification is pending."""
        self._notify()
