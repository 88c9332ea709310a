"""Readiness: what the service still waits for before it can do its work."""

from service.metrics.registry import Metrics


class Readiness:
    """Ready once there is no reason to wait; `draining` once the service is shutting down."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._waiting_for: dict[str, None] = {}
        self.draining = False

    @property
    def reasons(self) -> list[str]:
        """Reasons to wait; empty once the service is ready."""
        return list(self._waiting_for)

    def drain(self) -> None:
        """Begin to shut down; the service never becomes ready again."""
        self.draining = True
        self.wait_for("shutdown")

    def wait_for(self, reason: str) -> None:
        """Add a reason to wait."""
        self._waiting_for[reason] = None
        self._metrics.ready.set(0)

    def settle(self, reason: str) -> None:
        """Remove a reason to wait."""
        self._waiting_for.pop(reason, None)
        if not self._waiting_for:
            self._metrics.ready.set(1)
