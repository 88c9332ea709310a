"""Follows a running load test through its exporter, and injects the faults on time."""

import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from rich.progress import Progress

from loadtests.load.exporter import PREFIX
from loadtests.load.shape import Shape
from loadtests.load.stand import Stand

_EVERY_S, _ASK_AGAIN_S = 0.1, 1.0
_SHOWN = ("asked", "answered", "refused", "late", "failed", "missed")


class Live:
    """Follows a run.

    Attributes:
        started_at: time of the run's second 0, in seconds since 1970; 0 until it is known.
        events: injected so far.
    """

    def __init__(self, shape: Shape, scene: Stand, exporter_port: int, progress: Progress) -> None:
        self.started_at = 0.0
        self.events: list[dict[str, Any]] = []
        self._faults = sorted(shape.faults, key=lambda one: one.second)
        self._shape, self._scene, self._progress = shape, scene, progress
        self._url = f"http://127.0.0.1:{exporter_port}/metrics"

    def follow(self, locust: "subprocess.Popen[bytes]") -> None:
        """Inject the faults and show the progress until Locust exits."""
        task = self._progress.add_task("Locust starts", total=round(self._shape.duration_s))
        ask_at = 0.0
        while locust.poll() is None:
            if time.monotonic() >= ask_at:
                ask_at = time.monotonic() + _ASK_AGAIN_S
                figures = self._figures()
                self.started_at = figures.get("started_at", self.started_at)
                second = round(figures.get("second", 0.0))
                shown = ", ".join(f"{round(figures.get(f'{name}_total', 0)):,} {name}" for name in _SHOWN)
                self._progress.update(task, completed=second, description=f"{self._shape.name}: {shown}")
            self._do_faults()
            time.sleep(_EVERY_S)

    def _do_faults(self) -> None:
        while self.started_at and self._faults and time.time() - self.started_at >= self._faults[0].second:
            fault = self._faults.pop(0)
            self._scene.do(fault.act)
            self.events.append({"second": round(time.time() - self.started_at, 1), "text": fault.act.value})

    def _figures(self) -> dict[str, float]:
        try:
            with urllib.request.urlopen(self._url, timeout=_ASK_AGAIN_S) as answer:  # noqa: S310 (of this machine)
                families = text_string_to_metric_families(answer.read().decode())
                return {one.name.removeprefix(PREFIX): one.value for family in families for one in family.samples}
        except urllib.error.HTTPError:
            raise  # the exporter runs, and failed
        except (urllib.error.URLError, OSError):
            return {}  # not yet or no longer running
