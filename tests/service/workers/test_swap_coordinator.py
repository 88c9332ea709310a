"""The two phases, with workers that say what a test has them say."""

import time
from pathlib import Path

import pytest

from service.workers.message import Message
from service.workers.snapshot import take_snapshot
from service.workers.swap_coordinator import SwapCoordinator
from tests.service.artifacts import build_artifact
from tests.service.clocks import Clock


class Stand:
    """A supervisor's swaps, and what they tell whom."""

    def __init__(self, folder: Path, slots: set[int]) -> None:
        self.slots, self.clock = slots, Clock()
        self.told: list[tuple[int, Message]] = []
        self.new = build_artifact(folder / "new").folder
        take_snapshot(build_artifact(folder / "old").folder, folder / "models" / "0")
        self.swaps = SwapCoordinator(
            folder / "models",
            lambda: sorted(self.slots),
            lambda slot, message: self.told.append((slot, message)),
            lambda: None,
            self.clock,
        )

    def kinds(self) -> list[tuple[int, str]]:
        return [(slot, message.kind) for slot, message in self.told]

    def until(self, kind: str) -> None:
        """Go on until somebody was told that."""
        until = time.monotonic() + 30
        while kind not in {message.kind for _, message in self.told}:
            self.swaps.step()
            assert time.monotonic() < until
            time.sleep(0.001)

    def prepared(self, slot: int, fingerprint: str = "f") -> None:
        self.swaps.handle(slot, Message("prepared", 1, label="new@1", revision="1", fingerprint=fingerprint))


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path, {0, 1})


def test_no_worker_commits_before_all_are_prepared(stand: Stand) -> None:
    stand.swaps.request(stand.new, (1, 7))
    stand.until("prepare")
    assert stand.kinds() == [(0, "prepare"), (1, "prepare")]
    stand.prepared(0)
    assert stand.swaps.current == 0
    stand.prepared(1)
    assert stand.kinds()[2:] == [(0, "commit"), (1, "commit")]
    assert [message.counts for _, message in stand.told[2:]] == [True, False]
    assert stand.swaps.current == 1
    stand.swaps.handle(0, Message("committed", 1))
    assert len(stand.told) == 4, "whoever asked was answered before all serve the new model"
    stand.swaps.handle(1, Message("committed", 1))
    assert stand.told[4:] == [(1, Message("swapped", 7, label="new@1", revision="1"))]
    assert not stand.swaps.under_way
    assert stand.swaps.snapshot().is_dir()
    assert not stand.swaps.snapshot(0).exists()


@pytest.mark.parametrize("reason", ["refuses", "dies", "differs", "late"])
def test_one_that_does_not_go_along_keeps_all_from_it(stand: Stand, reason: str) -> None:
    stand.swaps.request(stand.new, (1, 7))
    stand.until("prepare")
    stand.prepared(0)
    if reason == "refuses":
        stand.swaps.handle(1, Message("refused", 1))
    elif reason == "dies":
        stand.slots.discard(1)
        stand.swaps.lose(1)
    elif reason == "differs":
        stand.prepared(1, "another")
    else:
        stand.clock.now += 601
        stand.swaps.step()
    assert (0, "abandon") in stand.kinds()
    assert (1, Message("not_swapped", 7)) in stand.told
    assert "commit" not in {kind for _, kind in stand.kinds()}
    assert sum(message.counts for _, message in stand.told) == 1
    assert stand.swaps.current == 0
    assert not stand.swaps.snapshot(1).exists()
    stand.prepared(1)  # too late
    assert not stand.swaps.under_way


def test_workers_that_take_long_allow_the_others_longer(stand: Stand) -> None:
    stand.swaps.request(stand.new)
    stand.until("prepare")
    stand.clock.now += 1500
    stand.prepared(0)
    stand.clock.now += 13000
    stand.swaps.step()
    assert stand.swaps.under_way
    stand.prepared(1)
    assert (1, "commit") in stand.kinds()


def test_a_worker_that_dies_once_all_are_prepared_changes_nothing(stand: Stand) -> None:
    stand.swaps.request(stand.new, (0, 7))
    stand.until("prepare")
    stand.prepared(0)
    stand.prepared(1)
    stand.swaps.lose(1)
    stand.swaps.handle(0, Message("committed", 1))
    assert stand.told[-1] == (0, Message("swapped", 7, label="new@1", revision="1"))


def test_a_worker_that_does_not_take_over_is_to_be_killed(stand: Stand) -> None:
    stand.swaps.request(stand.new)
    stand.until("prepare")
    stand.prepared(0)
    stand.prepared(1)
    stand.swaps.handle(0, Message("committed", 1))
    assert stand.swaps.step() == []
    stand.clock.now += 11
    assert stand.swaps.step() == [1]


def test_a_folder_that_holds_no_model_reaches_no_worker(stand: Stand, tmp_path: Path) -> None:
    stand.swaps.request(tmp_path, (0, 7))
    stand.until("not_swapped")
    assert stand.kinds() == [(0, "abandon"), (1, "abandon"), (0, "not_swapped")]


def test_those_who_ask_for_the_same_before_its_turn_share_a_swap(stand: Stand) -> None:
    stand.swaps.request(stand.new, (0, 1))
    stand.until("prepare")
    for number in range(2, 30):
        stand.swaps.request(stand.new, (1, number))
    stand.swaps.handle(0, Message("refused", 1))
    stand.told.clear()
    stand.until("prepare")
    stand.swaps.handle(1, Message("refused", 2))
    assert [message.number for _, message in stand.told if message.kind == "not_swapped"] == list(range(2, 30))
    stand.swaps.step()
    assert not stand.swaps.under_way


def test_the_end_of_the_service_refuses_all(stand: Stand, tmp_path: Path) -> None:
    stand.swaps.request(stand.new, (0, 1))
    stand.until("prepare")
    stand.swaps.request(tmp_path, (1, 2))
    stand.swaps.close()
    assert stand.kinds()[-4:] == [(0, "abandon"), (1, "abandon"), (0, "not_swapped"), (1, "not_swapped")]


def test_workers_start_with_a_copy_of_the_model_that_nobody_changes(tmp_path: Path) -> None:
    artifact = build_artifact(tmp_path / "model")
    (tmp_path / "current").symlink_to("model")
    (artifact.folder / "notes.txt").write_text("not the model's")
    take_snapshot(tmp_path / "current", tmp_path / "copy")
    copied = {path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*.*")}
    assert copied == {"manifest.json", *artifact.manifest.files}
