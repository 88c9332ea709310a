"""The devices as Locust traffic against any host, from one process or many.

    locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000 --processes 2 --rate 100 --duration 60

An open loop: each worker draws all of the traffic from the seed, takes its part, and starts each attempt at its
intended start. The master adds up the workers' reports once a second; it writes the recording, serves metrics,
evaluates the gates and sets the exit code. Without workers, one process is both.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gevent.event import Event
from locust import LoadTestShape, events, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import LocalRunner, MasterRunner, Runner, WorkerRunner
from prometheus_client import start_http_server
from rich.console import Console

from loadtests.load.answer import Answer, answer_of
from loadtests.load.control import Control
from loadtests.load.dispatcher import Attempt
from loadtests.load.exporter import registry_of
from loadtests.load.fleet import Fleet
from loadtests.load.observation import BACKGROUND_NICENESS
from loadtests.load.options import Options, add_options
from loadtests.load.plan import Plan
from loadtests.load.summary import WIDTH, printed
from loadtests.load.worker import DONE, PREPARE, READY, SECONDS, START, STOP, Worker
from service.admission.deadline import DEADLINE_HEADER
from service.process.threads import lower_priority

PATH = "/v1/rank"
_FAILED = {0: "no answer", 200: "answered, but not for all candidates"}
WORKERS: dict[Environment, Worker] = {}
CONTROLS: dict[Environment, Control] = {}


class Devices(FastHttpUser):
    """All devices of one worker, as a single Locust user."""

    def __init__(self, environment: Environment) -> None:
        parsed = _parsed(environment)
        options = Options.of(parsed)
        self.network_timeout = self.connection_timeout = options.timeout
        self.concurrency = options.most_under_way
        key = {"X-API-Key": parsed.api_key} if parsed.api_key else {}
        deadline = {DEADLINE_HEADER: str(options.deadline_ms)} if options.deadline_ms else {}
        self.default_headers = {"Content-Type": "application/json", **key, **deadline}
        self._asked = False
        super().__init__(environment)

    @task
    def ask(self) -> None:
        """Send this worker's part, then wait for the end."""
        if not self._asked:  # Locust repeats tasks, failed ones too
            self._asked = True
            WORKERS[self.environment].run(self._send)
        Event().wait()

    def _send(self, attempt: Attempt, body: bytes) -> Answer:
        clock = WORKERS[self.environment].clock
        sent_s = clock()
        response: Any = self.client.request("POST", PATH, data=body, catch_response=True)  # type: ignore[arg-type]
        ended_s = clock()
        content = response.content or b""
        retry_after = response.headers.get("retry-after") if response.headers else None
        answer = answer_of(body, response.status_code, content, retry_after)
        kind = _kind_of(answer)
        for name, since_s in (("from the send", sent_s), ("from the intended start", attempt.due_s)):
            self.environment.events.request.fire(
                request_type=kind,
                name=f"{PATH} {name}",
                response_time=(ended_s - since_s) * 1000,
                response_length=len(content),
                exception=_FAILED.get(response.status_code, "answered otherwise") if kind == "failed" else None,
                context={},
            )
        return answer


def _kind_of(answer: Answer) -> str:
    return "answered" if answer.answered else "refused" if answer.refused else "late" if answer.late else "failed"


class OneEach(LoadTestShape):
    """One Locust user per worker until the run is over; the dispatcher determines its requests."""

    def tick(self) -> tuple[int, float] | None:
        """Number of users, and of users to start per second."""
        runner = self.runner
        assert isinstance(runner, MasterRunner | LocalRunner)  # noqa: S101 (narrows the type: a worker has no shape)
        if CONTROLS[runner.environment].is_over(runner.worker_count):
            return None
        return runner.worker_count, runner.worker_count


def _add_options(parser: argparse.ArgumentParser, **_: object) -> None:
    add_options(parser)
    parser.add_argument("--record", default="", metavar="FOLDER", help="where to write run.json and seconds.jsonl")
    parser.add_argument("--exporter-port", type=int, help="where to serve metrics of the devices")
    parser.add_argument("--exporter-host", default="127.0.0.1", help="address to serve them on")
    parser.add_argument("--api-key", default="", help="sent with each request")


def _begin(environment: Environment, runner: Runner, **_: object) -> None:
    """Set up a worker or the master; without workers, both."""
    if isinstance(runner, WorkerRunner | LocalRunner):
        worker = WORKERS[environment] = Worker(runner.send_message)
        runner.register_message(PREPARE, _heard(worker.prepare), concurrent=True)
        runner.register_message(START, _heard(worker.start))
        runner.register_message(STOP, _heard(lambda _: worker.stop()))
    if isinstance(runner, MasterRunner):
        lower_priority(BACKGROUND_NICENESS)
    if isinstance(runner, MasterRunner | LocalRunner):
        control = CONTROLS[environment] = Control(runner.send_message, lambda fleet: _serve(environment, fleet))
        runner.register_message(READY, _heard(lambda _: control.on_ready()))
        runner.register_message(SECONDS, _heard(control.on_seconds))
        runner.register_message(DONE, _heard(lambda _: control.on_done()))


def _prepare(environment: Environment, **_: object) -> None:
    if environment in CONTROLS:
        plan = Plan(Options.of(_parsed(environment)))
        runner = environment.runner
        workers = [one.id for one in runner.clients.ready] if isinstance(runner, MasterRunner) else [None]
        CONTROLS[environment].prepare(plan, environment.host or "", workers)


def _serve(environment: Environment, fleet: Fleet) -> None:
    parsed = _parsed(environment)
    if parsed.exporter_port is not None:
        start_http_server(parsed.exporter_port, parsed.exporter_host, registry_of(fleet))


def _finish(environment: Environment, **_: object) -> None:
    """Write and print the recording, and set the exit code."""
    if environment not in CONTROLS:
        return
    recording = CONTROLS[environment].finished(len(environment.runner.exceptions) if environment.runner else 0)
    if recording is None:
        environment.process_exit_code = 1
        return
    if folder := _parsed(environment).record:
        recording.write(Path(folder))
    printed(recording, Console(width=WIDTH))
    environment.process_exit_code = 0 if all(one.passed for one in recording.run.gates) else 1


def _heard(listener: Callable[[Mapping[str, Any]], object]) -> Callable[..., None]:
    """A listener for Locust's messages, called with their content."""

    def listen(msg: Message, **_: object) -> None:
        listener(msg.data)

    return listen


def _parsed(environment: Environment) -> argparse.Namespace:
    parsed = environment.parsed_options
    assert isinstance(parsed, argparse.Namespace)  # noqa: S101 (narrows the type: Locust was started by its command)
    return parsed


for _event, _listener in (
    (events.init_command_line_parser, _add_options),
    (events.init, _begin),
    (events.test_start, _prepare),
    (events.quitting, _finish),
):
    _event.add_listener(_listener)  # type: ignore[no-untyped-call]
