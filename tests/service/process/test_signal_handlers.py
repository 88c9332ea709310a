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
