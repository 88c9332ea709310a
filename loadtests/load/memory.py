"""Whether memory grows: what a soak is for."""

from collections.abc import Sequence

from loadtests.load.recording import Gate, Recording, Second

_MOST_GROWTH = 1.1
_SHAPE = "soak"
_OF = ("service_bytes", "load_bytes")


def memory_gates(recording: Recording) -> list[Gate]:
    """Resident memory in the last tenth of a soak, as a multiple of that in its second tenth; of other shapes, none."""
    if recording.run.shape != _SHAPE:
        return []
    tenth = max(1, len(recording.seconds) // 10)
    early, late = recording.seconds[tenth : 2 * tenth], recording.seconds[-tenth:]
    return [Gate(f"soak: {name}, end / begin", _growth(early, late, name), most=_MOST_GROWTH) for name in _OF]


def _growth(early: Sequence[Second], late: Sequence[Second], name: str) -> float | None:
    begin, end = _mean(early, name), _mean(late, name)
    return end / begin if begin and end else None


def _mean(seconds: Sequence[Second], name: str) -> float | None:
    seen = [one.observed[name] for one in seconds if name in one.observed]
    return sum(seen) / len(seen) if seen else None
