from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.peers.library import library
from loadtests.peers.peer import PeerError, Request
from tests.loadtests.peers.fakes import WORD_COUNTER, place_in

BILL = Request("split a bill", ["Split a bill", "café, naïve", "a taxi"])


def test_a_worker_scores_and_tells_its_seconds(tmp_path: Path) -> None:
    with library(WORD_COUNTER, [], place_in(tmp_path)) as running:
        assert running.rank(BILL) == [3.0, 0.0, 1.0]
        latencies = running.latencies_s([BILL, BILL])
        assert len(latencies) == 2
        assert all(0 < one < 5 for one in latencies)
        assert running.rate([BILL] * 3) > 0.2
    assert "what a library prints" in (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (
            "broken",
            r"it ended before it answered; it said last: ValueError: no weights for 12 letters and 3 texts \(all",
        ),
        ("short", "it gave 2 scores for 3 texts"),
    ],
)
def test_what_a_worker_does_wrong_is_reported_in_one_line(tmp_path: Path, behaviour: str, message: str) -> None:
    with library(WORD_COUNTER, [behaviour], place_in(tmp_path)) as running:
        with pytest.raises(PeerError, match=message) as raised:
            running.rank(BILL)
        assert "\n" not in str(raised.value)


def test_a_worker_that_does_not_start_is_reported(tmp_path: Path) -> None:
    with library("tests.loadtests.peers.nobody", [], place_in(tmp_path)) as running:
        with pytest.raises(PeerError, match="No module named"):
            running.rank(BILL)
        with pytest.raises(PeerError, match="No module named"):
            running.rank(BILL)


def test_an_environment_without_python_is_reported(tmp_path: Path) -> None:
    nowhere = replace(place_in(tmp_path), python=tmp_path / "python")
    with pytest.raises(PeerError, match="can't be run: No such file"), library(WORD_COUNTER, [], nowhere):
        pass


def test_a_library_has_no_memory(tmp_path: Path) -> None:
    with library(WORD_COUNTER, [], place_in(tmp_path)) as running, pytest.raises(PeerError, match="remembers none"):
        running.learn(["text"])
