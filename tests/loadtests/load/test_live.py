import subprocess
import sys
import time

from prometheus_client import start_http_server
from rich.progress import Progress

from loadtests.harness.processes import free_port
from loadtests.load.exporter import registry_of
from loadtests.load.live import Live
from loadtests.load.shape import Act, Fault
from tests.loadtests.load.fleets import fleet, tell


class Scene:
    def __init__(self) -> None:
        self.done: list[Act] = []

    def do(self, act: Act) -> None:
        self.done.append(act)


def test_faults_are_done_in_their_second_and_noted() -> None:
    one = fleet("--shape", "outage", "--duration", "6")
    one.started_at = time.time() - 1.9
    tell(one, range(2))
    port = free_port()
    server, thread = start_http_server(port, "127.0.0.1", registry_of(one))
    scene = Scene()
    shape = one.plan.shape
    assert [fault.act for fault in shape.faults] == [Act.STOP_REDIS, Act.START_REDIS]
    with Progress(disable=True) as progress:
        live = Live(shape, scene, port, progress)  # type: ignore[arg-type]
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3)"]) as locust:
            live.follow(locust)
        (task,) = progress.tasks
    server.shutdown()
    server.server_close()
    thread.join()
    assert scene.done == [Act.STOP_REDIS, Act.START_REDIS]
    assert live.started_at == one.started_at
    assert [event["text"] for event in live.events] == [Act.STOP_REDIS.value, Act.START_REDIS.value]
    for event, fault in zip(live.events, shape.faults, strict=True):
        assert isinstance(fault, Fault)
        assert fault.second <= event["second"] < fault.second + 1.5
    assert "20 asked, 20 answered, 0 refused, 0 late, 0 failed, 0 missed" in task.description


def test_nothing_is_done_before_the_run_has_begun() -> None:
    scene = Scene()
    with Progress(disable=True) as progress:
        live = Live(fleet("--shape", "outage").plan.shape, scene, free_port(), progress)  # type: ignore[arg-type]
        with subprocess.Popen([sys.executable, "-c", ""]) as locust:
            live.follow(locust)
    assert scene.done == []
    assert live.started_at == 0
