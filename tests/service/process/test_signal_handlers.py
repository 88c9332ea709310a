import subprocess
import sys
import threading

import pytest

from service.process import signal_handlers as signals
from service.process.signal_handlers import exit_if_signalled


def test_what_a_signal_became_on_its_way_ends_the_process_well(monkeypatch: pytest.MonkeyPatch) -> None:
    exiting = threading.Event()
    monkeypatch.setattr(signals, "_exiting", exiting)
    with pytest.raises(RuntimeError), exit_if_signalled():
        raise RuntimeError("of its own")
    exiting.set()
    with pytest.raises(SystemExit) as ended, exit_if_signalled():
        raise RuntimeError("Error calling __set_name__")
    assert ended.value.code == 0


LOST = """
import signal
from service.process.signal_handlers import exit_if_lost, exit_on_signals

class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

exit_on_signals()
exit_if_lost()
Finalized()  # Python only prints what a finalizer raises
print("goes on", flush=True)
exit_if_lost()
print("serves", flush=True)
"""


def test_a_signal_whose_exception_is_lost_ends_the_process_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "goes on\n")
