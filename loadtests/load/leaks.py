"""Leaks in a soak: growing memory, and descriptors left open."""

from collections.abc import Sequence

from loadtests.load.recording import Gate, Recording, Second

_MOST_GROWTH = 1.1
_MOST_DESCRIPTORS = 16.0  # connections to Redis that a burst opened are not a leak
_SHAPE = "soak"
_OF = ("service_bytes", "load_bytes")


def leak_gates(recording: Recording) -> list[Gate]:
    """Gates on the resources of the last tenth of a soak relative to its second tenth; none for other shapes.

    Memory is compared by ratio. Descriptors of the service are counted minus those of the load generator, since an open
    connection takes one in each.
    """
    if recording.run.shape != _SHAPE:
        return []
    tenth = max(1, len(recording.seconds) // 10)
    early, late = recording.seconds[tenth : 2 * tenth], recording.seconds[-tenth:]
    return [
        *(Gate(f"soak: {name}, end / begin", _growth(early, late, name), most=_MOST_GROWTH) for name in _OF),
        Gate("soak: descriptors of the service alone, end - begin", _left_open(early, late), most=_MOST_DESCRIPTORS),
    ]


def _growth(early: Sequence[Second], late: Sequence[Second], name: str) -> float | None:
    begin, end = _mean(early, name), _mean(late, name)
    return end / begin if begin and end else None


def _left_open(early: Sequence[Second], late: Sequence[Second]) -> float | None:
    of_service, of_load = (
        (_mean(early, name), _mean(late, name)) for name in ("service_descriptors", "load_descriptors")
    )
    if None in (*of_service, *of_load):
        return None
    (service_begin, service_end), (load_begin, load_end) = of_service, of_load
    return (service_end - load_end) - (service_begin - load_begin)  # type: ignore[operator]


def _mean(seconds: Sequence[Second], name: str) -> float | None:
    seen = [one.observed[name] for one in seconds if name in one.observed]
    return sum(seen) / len(seen) if seen else None
