"""A real Prometheus with one target per job, and its query API."""

import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml

from deploy.observe.expressions import RULES
from loadtests.harness.processes import free_port

_SCRAPE_S = 1
_WAIT_S = 60.0


class QueryError(Exception):
    """Prometheus refused an expression; the message is its own."""


class PrometheusProcess:
    """A running Prometheus that scrapes and evaluates the project's rules every second."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def range(self, expression: str, start: float, end: float) -> Sequence[Sequence[float]]:
        """Finite values of each series between two times (seconds since the epoch), one per second.

        Raises:
            QueryError: the expression is invalid.
        """
        answer = self._client.get(
            "/api/v1/query_range", params={"query": expression, "start": start, "end": end, "step": _SCRAPE_S}
        ).json()
        if answer["status"] != "success":
            raise QueryError(answer["error"])
        rows = [[float(value) for _, value in series["values"]] for series in answer["data"]["result"]]
        return [[value for value in row if math.isfinite(value)] for row in rows]

    def jobs(self, metric: str, start: float, end: float) -> Sequence[str]:
        """Jobs that had a metric between two times."""
        parameters: dict[str, str | float] = {"match[]": metric, "start": start, "end": end}
        found: Sequence[str] = self._client.get("/api/v1/label/job/values", params=parameters).json()["data"]
        return found

    def wait_for(self, expression: str) -> None:
        """Wait until an expression has a value.

        Raises:
            SystemExit: it has none within the time limit.
        """
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            if self._is_ready() and self.range(expression, time.time(), time.time()):
                return
            time.sleep(0.2)
        raise SystemExit(f"Prometheus has had no value of {expression} for {_WAIT_S:.0f} s")

    def _is_ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False  # not listening yet


@contextmanager
def prometheus_process(targets: Mapping[str, int]) -> Iterator[PrometheusProcess]:
    """Run Prometheus until the block ends; each job is a port of 127.0.0.1.

    Raises:
        SystemExit: there is no Prometheus, or it does not start.
    """
    executable = shutil.which("prometheus")
    if executable is None:
        raise SystemExit("there is no prometheus on PATH: apt-get install --no-install-recommends prometheus")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        _configure(folder, targets)
        arguments = [
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
        process = subprocess.Popen([executable, *arguments])  # noqa: S603
        try:
            prometheus = PrometheusProcess(port)
            prometheus.wait_for("up == 1")
            yield prometheus
        finally:
            process.terminate()
            process.wait()


def _configure(folder: Path, targets: Mapping[str, int]) -> None:
    for path in RULES.glob("*.yml"):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in text["groups"]:
            group["interval"] = f"{_SCRAPE_S}s"
        (folder / path.name).write_text(yaml.safe_dump({"groups": text["groups"]}), encoding="utf-8")
    configuration = {
        "global": {"scrape_interval": f"{_SCRAPE_S}s", "evaluation_interval": f"{_SCRAPE_S}s"},
        "rule_files": [str(folder / path.name) for path in RULES.glob("*.yml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for job, port in targets.items()
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
