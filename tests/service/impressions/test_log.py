import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.impressions.log import ImpressionLog
from service.impressions.rotated_file import RotatedFile
from service.metrics.registry import Metrics


@dataclass(frozen=True)
class Word:
    word: str

    def line(self) -> bytes:
        return self.word.encode() + b"\n"


class GatedWord:
    """A record that is not written before its gate is open."""

    def __init__(self) -> None:
        self.reached, self.gate = threading.Event(), threading.Event()

    def line(self) -> bytes:
        self.reached.set()
        assert self.gate.wait(10)
        return b"gated\n"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def gated() -> Iterator[GatedWord]:
    record = GatedWord()
    yield record
    record.gate.set()


def lines(metrics: Metrics, outcome: str) -> float | None:
    return metrics.registry.get_sample_value("edge_rank_impressions_total", {"outcome": outcome})


def test_all_that_waits_is_written_before_it_closes(path: Path, metrics: Metrics) -> None:
    log = ImpressionLog(RotatedFile(path, 1_000_000), metrics)
    for number in range(500):
        log.put([Word(f"{number} a"), Word(f"{number} b")])
    log.close()
    assert path.read_text().splitlines() == [f"{number} {one}" for number in range(500) for one in "ab"]
    assert (lines(metrics, "written"), lines(metrics, "dropped")) == (1000, 0)


def test_lines_are_made_and_written_on_another_thread(path: Path, metrics: Metrics, gated: GatedWord) -> None:
    log = ImpressionLog(RotatedFile(path, 1024), metrics)
    log.put([gated])  # would wait for ever on this thread
    gated.gate.set()
    log.close()
    assert path.read_text() == "gated\n"


def test_what_comes_faster_than_it_is_written_is_dropped_and_counted(
    path: Path, metrics: Metrics, gated: GatedWord
) -> None:
    log = ImpressionLog(RotatedFile(path, 1024), metrics, most_waiting=1)
    log.put([gated])
    assert gated.reached.wait(10)
    log.put([Word("waits")])
    log.put([Word("lost"), Word("lost too")])
    gated.gate.set()
    log.close()
    assert path.read_text() == "gated\nwaits\n"
    assert (lines(metrics, "written"), lines(metrics, "dropped")) == (2, 2)


def test_a_full_disk_is_counted_and_told_once(path: Path, metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    path.symlink_to("/dev/full")
    log = ImpressionLog(RotatedFile(path, 1024), metrics)
    for _ in range(3):
        log.put([Word("lost")])
    log.close()
    assert (lines(metrics, "written"), lines(metrics, "dropped")) == (0, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "impressions can't be written, and are dropped: No space left on device"
    ]


def test_it_goes_on_when_there_is_room_again(
    tmp_path: Path, metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "folder").write_bytes(b"no folder")
    log = ImpressionLog(RotatedFile(tmp_path / "folder" / "log", 1024), metrics)
    log.put([Word("lost")])
    until_counted(metrics, "dropped", 1)
    (tmp_path / "folder").unlink()
    log.put([Word("found")])
    until_counted(metrics, "written", 1)
    log.close()
    assert (tmp_path / "folder" / "log").read_text() == "found\n"
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


def test_a_disk_that_hangs_does_not_keep_the_process_from_ending(
    path: Path, metrics: Metrics, gated: GatedWord, caplog: pytest.LogCaptureFixture
) -> None:
    log = ImpressionLog(RotatedFile(path, 1024), metrics, most_waiting=2)
    log.put([gated])
    assert gated.reached.wait(10)
    log.put([Word("waits")])
    log.close(finish_s=0.01)  # there is room for the end, but nobody comes to it
    log.close(finish_s=0.01)  # and now there is no room
    assert [record.getMessage() for record in caplog.records] == [
        "impressions that waited to be written are lost: the disk is too slow"
    ] * 2


def until_counted(metrics: Metrics, outcome: str, count: int) -> None:
    end = time.monotonic() + 10
    while lines(metrics, outcome) != count:
        assert time.monotonic() < end
        time.sleep(0.002)
