import multiprocessing
import os
import signal
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from service.files.shared import SharedFile

_spawn = multiprocessing.get_context("spawn")


def hold(path: Path, held: Event) -> None:
    with SharedFile(path, 16).locked():
        held.set()
        time.sleep(60)


def test_all_see_the_same_bytes(tmp_path: Path) -> None:
    one, other = SharedFile(tmp_path / "f", 16), SharedFile(tmp_path / "f", 16)
    one.memory[3] = 7
    assert other.memory[:5] == b"\0\0\0\7\0"


def test_a_lock_is_not_waited_for_for_ever_and_ends_with_its_process(tmp_path: Path) -> None:
    held = _spawn.Event()
    holder = _spawn.Process(target=hold, args=(tmp_path / "f", held))
    holder.start()
    try:
        assert held.wait(30)
        file = SharedFile(tmp_path / "f", 16)
        with file.locked() as mine:
            assert not mine
        with file.locked(1) as mine:
            assert mine, "another lock"
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        holder.join(30)
        with file.locked() as mine:
            assert mine
    finally:
        holder.kill()
