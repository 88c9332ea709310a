import pytest

from loadtests.load.memory import memory_gates
from loadtests.load.recording import Recording, Second
from tests.loadtests.recordings import run


def recording(shape: str, grown: float) -> Recording:
    seconds = [
        Second(number, observed={"service_bytes": 100.0 + grown * number, "load_bytes": 50.0}) for number in range(100)
    ]
    return Recording(run(shape=shape), seconds)


def test_a_soak_may_not_grow() -> None:
    assert all(gate.passed for gate in memory_gates(recording("soak", 0.0)))
    service, load = memory_gates(recording("soak", 1.0))
    assert not service.passed
    assert service.figure == pytest.approx(194.5 / 114.5)
    assert load.passed


def test_other_shapes_may_warm_up() -> None:
    assert memory_gates(recording("steady", 1.0)) == []


def test_a_soak_that_nobody_watched_does_not_pass() -> None:
    assert not any(gate.passed for gate in memory_gates(Recording(run(shape="soak"), [Second(0), Second(1)])))
