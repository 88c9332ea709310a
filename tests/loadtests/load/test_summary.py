import io

from rich.console import Console

from loadtests.load.recording import Gate, Recording, Second
from loadtests.load.summary import printed
from tests.loadtests.recordings import run


def test_a_row_a_phase_and_the_gates() -> None:
    seconds = [Second(number, asked=8, sent=8, answered=6, refused=2) for number in range(6)]
    for second in seconds:
        second.from_intended.add(0.0125)
    gates = (Gate("one", 12.0, most=10.0), Gate("two", 0.995, least=0.99), Gate("three", None, most=1))
    console = Console(width=140, record=True, file=io.StringIO())
    printed(Recording(run(gates=gates), seconds), console)
    text = console.export_text()
    assert "flash: 123,456 devices, of which 2,345 came in 3,456 sessions" in text
    before = next(line for line in text.splitlines() if "before" in line)
    assert "8.0" in before
    assert "12" in before
    for line in ("one", "three"):
        assert "NOT HELD" in next(row for row in text.splitlines() if f"│ {line} " in row)
    assert "NOT" not in next(row for row in text.splitlines() if "│ two " in row)
