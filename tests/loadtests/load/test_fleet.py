from loadtests.load.recording import Gate
from tests.loadtests.load.fleets import STARTED_AT, Clock, fleet, tell


def gates(found: list[Gate]) -> dict[str, bool]:
    return {gate.name: gate.passed for gate in found}


def test_workers_together_make_a_recording() -> None:
    one = fleet("--duration", "10", "--rate", "20")
    for worker in (0, 1):
        tell(one, range(10), worker=worker)
        one.done()
    assert one.is_over
    recording = one.finished()
    assert [second.second for second in recording.seconds] == list(range(10))
    assert all(second.answered == 20 for second in recording.seconds)
    assert recording.run.started_at == "1970-01-12T13:46:40+00:00"
    assert recording.run.devices == 5000
    assert 0 < recording.run.seen_devices <= recording.run.sessions
    assert recording.run.model == "unknown"
    assert all(gates(list(recording.run.gates)).values())
    assert one.processor_s == 3


def test_a_gate_that_is_not_held_is_reported() -> None:
    one = fleet("--duration", "10")
    tell(one, range(10), latency_s=0.3, failed=1)
    held = gates(list(one.finished().run.gates))
    assert not held["steady: p99 from the intended start, ms"]
    assert not held["steady: failed, share of sent"]
    assert held["steady: sent, share of asked"]


def test_it_waits_for_workers_but_not_for_ever() -> None:
    clock = Clock()
    one = fleet("--duration", "10", "--timeout", "2", clock=clock)
    one.done()
    clock.now = STARTED_AT + 14
    assert not one.is_over
    clock.now = STARTED_AT + 16
    assert one.is_over


def test_a_lost_worker_is_not_waited_for_and_fails_the_run() -> None:
    one = fleet("--duration", "10")
    tell(one, range(10))
    one.lose(1)
    one.done()
    assert one.is_over
    assert not gates(list(one.finished().run.gates))["workers lost"]


def test_a_load_generator_that_failed_fails_the_run() -> None:
    one = fleet("--duration", "10")
    tell(one, range(10))
    assert not gates(list(one.finished(faults=1).run.gates))["faults of the load generator"]


def test_attempts_of_which_nothing_was_heard_fail_the_run() -> None:
    one = fleet("--duration", "10")
    tell(one, range(10), sent=11, asked=11)
    assert not gates(list(one.finished().run.gates))["attempts of which nothing was heard"]


def test_it_ends_with_the_first_step_that_does_not_hold() -> None:
    clock = Clock()
    one = fleet("--shape", "step", "--duration", "50", "--rate", "20", clock=clock)
    tell(one, range(5), latency_s=0.2)  # while caches warm up, nothing is judged
    tell(one, range(5, 15))
    clock.now = STARTED_AT + 14
    assert not one.passed_knee()
    clock.now = STARTED_AT + 18
    assert not one.passed_knee()
    tell(one, range(15, 20), latency_s=0.2)
    clock.now = STARTED_AT + 23.5
    assert one.passed_knee()
    assert not one.passed_knee()  # told once
    assert one.end_s == 24
    recording = one.finished()
    steps = recording.run.settings["steps"]
    assert recording.run.settings["knee"] == steps[1]["asked"] == 10
    assert [step["held"] for step in steps] == [True, True, False]
    assert [phase.name for phase in recording.run.phases] == ["warming", "step 1", "step 2", "step 3", "step 4"]
    assert len(recording.seconds) == 24
    assert gates(list(recording.run.gates))["knee, requests/s"]


def test_all_steps_may_hold() -> None:
    one = fleet("--shape", "step", "--duration", "10", "--rate", "20")
    tell(one, range(10))
    recording = one.finished()
    assert recording.run.settings["knee"] == recording.run.settings["steps"][-1]["asked"] == 10
    assert not gates(list(fleet("--shape", "step", "--duration", "10", "--gate-knee", "99").finished().run.gates))[
        "knee, requests/s"
    ]
