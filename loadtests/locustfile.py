"""Millions of devices as Locust traffic, against any host, by one process or many.

    locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000 --processes 2 --devices 1000000 --rate 100

An open loop: each worker draws all of the traffic from the seed, takes its part, and starts each attempt when its device
meant to. The master puts together what the workers tell, once a second; it writes the recording, serves metrics, judges
the gates and sets the exit code. Without workers, one process is both.
"""

import argparse
import gc
import time
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from locust import LoadTestShape, events, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import LocalRunner, MasterRunner, WorkerRunner
from prometheus_client import start_http_server
from rich.console import Console

from loadtests.load.answer import Answer, answer_of
from loadtests.load.dispatcher import Attempt, Dispatcher, World
from loadtests.load.exporter import registry_of
from loadtests.load.fleet import Fleet
from loadtests.load.options import Options, add_options
from loadtests.load.plan import Plan
from loadtests.load.summary import printed
from loadtests.load.tally import Tally
from loadtests.load.traffic import traffic

PATH = "/v1/rank"
_LEAD_S, _TELL_S = 1.0, 1.0
_GATES_FAILED = 1
_FAILED = {0: "no answer", 200: "answered, but not for all candidates", 504: "too late"}


class Devices(FastHttpUser):
    """All devices of one worker: one user of Locust, of which each worker runs one."""

    def __init__(self, environment: Environment) -> None:
        options = Options.of(environment.parsed_options)
        self.network_timeout = self.connection_timeout = options.timeout
        self.concurrency = options.most_under_way
        key = environment.parsed_options.api_key
        self.default_headers = {"Content-Type": "application/json"} | ({"X-API-Key": key} if key else {})
        super().__init__(environment)

    @task
    def ask(self) -> None:
        """Send this worker's part; then there is nothing left to do but to wait for the end."""
        part = PARTS[self.environment]
        part.run(self)
        Event().wait()


class Part:
    """What a worker does of a run."""

    def __init__(self, runner: WorkerRunner | LocalRunner) -> None:
        self._runner = runner
        self._started = Event()
        self._tally = Tally()
        runner.register_message("fleet_prepare", self._on_prepare, concurrent=True)
        runner.register_message("fleet_start", self._on_start)
        runner.register_message("fleet_stop", self._on_stop)

    def _on_prepare(self, msg: Message, **_: Any) -> None:
        self._plan = Plan(Options(**msg.data["options"]))
        self._worker, self._workers = msg.data["worker"], msg.data["workers"]
        self._writer = self._plan.writer()
        gc.freeze()  # a full collection visits all of Locust: 50 ms in which no answer is read
        self._runner.send_message("fleet_ready")

    def _on_start(self, msg: Message, **_: Any) -> None:
        since = time.perf_counter() + msg.data["started_at"] - time.time()
        self._clock = lambda: time.perf_counter() - since
        self._started.set()

    def _on_stop(self, **_: Any) -> None:
        self._dispatcher.stop()

    def run(self, user: Devices) -> None:
        """Send it all, and tell the master once a second."""
        self._started.wait()
        options, shape = self._plan.options, self._plan.shape
        world = World(
            clock=self._clock,
            sleep=gevent.sleep,
            spawn=gevent.spawn,
            body=self._writer.body,
            send=lambda attempt, body: self._send(user, attempt, body),
            most_attempts=lambda device: self._plan.population.device(device).most_attempts,
        )
        requests = traffic(self._plan.arrivals, shape.duration_s, self._worker, self._workers)
        self._dispatcher = Dispatcher(
            requests,
            world,
            self._tally,
            until_s=shape.duration_s,
            most_under_way=-(-options.most_under_way // self._workers),
        )
        telling = gevent.spawn(self._tell_on)
        self._dispatcher.run(options.timeout)
        telling.kill()
        self._tell()
        self._runner.send_message("fleet_done")

    def _tell_on(self) -> None:
        while True:
            gevent.sleep(_TELL_S)
            self._tell()

    def _tell(self) -> None:
        told = {"worker": self._worker, "seconds": self._tally.drain(), "processor_s": time.process_time()}
        self._runner.send_message("fleet_seconds", told)

    def _send(self, user: Devices, attempt: Attempt, body: bytes) -> Answer:
        sent_s = self._clock()
        response = user.client.request("POST", PATH, data=body, catch_response=True)
        ended_s = self._clock()
        content = response.content or b""
        retry_after = response.headers.get("retry-after") if response.headers else None
        answer = answer_of(body, response.status_code, content, retry_after)
        kind = "answered" if answer.answered else "refused" if answer.refused else "failed"
        failure = _FAILED.get(response.status_code, "answered otherwise") if kind == "failed" else None
        for name, since_s in (("from the send", sent_s), ("from the intended start", attempt.due_s)):
            user.environment.events.request.fire(
                request_type=kind,
                name=f"{PATH} {name}",
                response_time=(ended_s - since_s) * 1000,
                response_length=len(content),
                exception=failure,
                context={},
            )
        return answer


class Control:
    """What the master does."""

    def __init__(self, runner: MasterRunner | LocalRunner) -> None:
        self._runner = runner
        self.fleet: Fleet | None = None
        self._ready = self._workers = 0
        runner.register_message("fleet_ready", self._on_ready)
        runner.register_message("fleet_seconds", self._on_seconds)
        runner.register_message("fleet_done", self._on_done)

    def prepare(self) -> None:
        """Tell each worker what its part is."""
        self._plan = Plan(Options.of(self._runner.environment.parsed_options))
        nodes = [one.id for one in self._runner.clients.ready] if isinstance(self._runner, MasterRunner) else [None]
        self._workers = len(nodes)
        for worker, node in enumerate(nodes):
            data = {"options": vars(self._plan.options), "worker": worker, "workers": self._workers}
            self._runner.send_message("fleet_prepare", data, node)

    def _on_ready(self, **_: Any) -> None:
        self._ready += 1
        if self._ready < self._workers:
            return
        started_at = time.time() + _LEAD_S
        host = self._runner.environment.host
        self.fleet = Fleet(self._plan, host=host, workers=self._workers, started_at=started_at, now=time.time)
        options = self._runner.environment.parsed_options
        if options.exporter_port is not None:
            start_http_server(options.exporter_port, options.exporter_host, registry_of(self.fleet))
        self._runner.send_message("fleet_start", {"started_at": started_at})

    def _on_seconds(self, msg: Message, **_: Any) -> None:
        self.fleet.told(msg.data["worker"], msg.data["seconds"], msg.data["processor_s"])

    def _on_done(self, **_: Any) -> None:
        self.fleet.done()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to wait for; looked at once a second."""
        if self.fleet is None:
            return False
        if isinstance(self._runner, MasterRunner):
            self.fleet.lose(self._workers - self._runner.worker_count)
        if self.fleet.passed_knee():
            self._runner.send_message("fleet_stop")
        return self.fleet.is_over

    def finish(self, environment: Environment) -> None:
        """Write, print, judge."""
        if self.fleet is None:
            environment.process_exit_code = _GATES_FAILED
            return
        recording = self.fleet.finished()
        if environment.parsed_options.record:
            recording.write(Path(environment.parsed_options.record))
        printed(recording, Console(width=120))
        environment.process_exit_code = 0 if all(one.passed for one in recording.run.gates) else _GATES_FAILED


PARTS: dict[Environment, Part] = {}
CONTROLS: dict[Environment, Control] = {}


class OneEach(LoadTestShape):
    """One user of Locust a worker, until the run is over: what it asks when is the dispatcher's."""

    def tick(self) -> tuple[int, float] | None:
        """Users, and how many to begin a second."""
        if CONTROLS[self.runner.environment].is_over:
            return None
        workers = self.runner.worker_count
        return workers, workers


@events.init_command_line_parser.add_listener
def _add_options(parser: argparse.ArgumentParser, **_: Any) -> None:
    add_options(parser)
    parser.add_argument("--record", default="", metavar="FOLDER", help="where to write run.json and seconds.jsonl")
    parser.add_argument("--exporter-port", type=int, help="where to serve metrics of the devices")
    parser.add_argument("--exporter-host", default="127.0.0.1", help="address to serve them on")
    parser.add_argument("--api-key", default="", env_var="EDGE_RANK_API_KEY", help="sent with each request")


@events.init.add_listener
def _begin(environment: Environment, runner: Any, **_: Any) -> None:
    if not isinstance(runner, MasterRunner):
        PARTS[environment] = Part(runner)
    if not isinstance(runner, WorkerRunner):
        CONTROLS[environment] = Control(runner)


@events.test_start.add_listener
def _prepare(environment: Environment, **_: Any) -> None:
    if environment in CONTROLS:
        CONTROLS[environment].prepare()


@events.quitting.add_listener
def _finish(environment: Environment, **_: Any) -> None:
    if environment in CONTROLS:
        CONTROLS[environment].finish(environment)
