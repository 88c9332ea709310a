import pytest

from loadtests.load.leaks import leak_gates
from loadtests.load.recording import Recording, Second
from tests.loadtests.recordings import run


def recording(shape: str, grown: float, *, left_open: float = 0.0) -> Recording:
    """In each second the service has so much more memory, and so many more descriptors than the load generator."""
    seconds = [
        Second(
            number,
            observed={
                "service_bytes": 100.0 + grown * number,
                "load_bytes": 50.0,
                "load_descriptors": 10.0 + number % 7,
                "service_descriptors": 30.0 + number % 7 + left_open * number,
            },
        )
        for number in range(100)
    ]
    return Recording(run(shape=shape), seconds)


def test_a_soak_may_not_grow() -> None:
    assert all(gate.passed for gate in leak_gates(recording("soak", 0.0)))
    service, load, descriptors = leak_gates(recording("soak", 1.0))
    assert not service.passed
    assert service.figure == pytest.approx(194.5 / 114.5)
    assert load.passed
    assert descriptors.passed


def test_a_soak_may_not_leave_descriptors_open() -> None:
    *memory, descriptors = leak_gates(recording("soak", 0.0, left_open=1.0))
    assert all(gate.passed for gate in memory)
    assert descriptors.figure == pytest.approx(80)
    assert not descriptors.passed


def test_other_shapes_may_warm_up() -> None:
    assert leak_gates(recording("steady", 1.0)) == []


def test_a_soak_that_nobody_watched_does_not_pass() -> None:
    assert not any(gate.passed for gate in leak_gates(Recording(run(shape="soak"), [Second(0), Second(1)])))
