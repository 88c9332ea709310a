"""Whether the service can do its work yet, and if not, why."""

from service.metrics.registry import Metrics


class Readiness:
    """Ready once nothing is being waited for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._waiting_for: dict[str, None] = {}
        self._draining = False

    @property
    def reasons(self) -> list[str]:
        """What is being waited for; empty once the service is ready."""
        return list(self._waiting_for)

    @property
    def draining(self) -> bool:
        """Whether the service is about to end."""
        return self._draining

    def drain(self) -> None:
        """The service is about to end, and never ready again."""
        self._draining = True
        self.wait_for("shutdown")

    def wait_for(self, reason: str) -> None:
        """The service is not ready until `settle` is called with the same reason."""
        self._waiting_for[reason] = None
        self._metrics.ready.set(0)

    def settle(self, reason: str) -> None:
        """No longer wait for that."""
        self._waiting_for.pop(reason, None)
        if not self._waiting_for:
            self._metrics.ready.set(1)
