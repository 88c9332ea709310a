import json
from pathlib import Path

import pytest

from service.impressions.impression import Outcome
from service.impressions.recorder import Recorder
from service.metrics.registry import Metrics
from tests.service.apps import settings
from tests.service.impressions.impressions import impression


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def events(metrics: Metrics, action: str, known: str) -> float | None:
    return metrics.registry.get_sample_value("edge_rank_feedback_total", {"action": action, "known": known})


def test_outcomes_are_counted_by_whether_they_belong_to_an_impression(metrics: Metrics) -> None:
    recorder = Recorder.of(settings(), metrics)
    recorder.record_impression(impression("r-1"))
    outcomes = [
        Outcome(0, "r-1", "first", "click"),
        Outcome(0, "r-1", "second", "click"),  # a candidate that was not shown
        Outcome(0, "r-2", "first", "skip"),
    ]
    assert recorder.record_outcomes(outcomes) == 2
    assert (events(metrics, "click", "yes"), events(metrics, "click", "no"), events(metrics, "skip", "no")) == (1, 1, 1)
    recorder.close()


def test_the_log_has_a_file_of_the_slot_and_holds_unknown_outcomes_too(tmp_path: Path, metrics: Metrics) -> None:
    recorder = Recorder.of(settings(impressions=tmp_path / "log"), metrics)
    recorder.record_impression(impression("r-1"))
    recorder.record_outcomes([Outcome(0, "r-1", "first", "click"), Outcome(0, "elsewhere", "first", "click")])
    recorder.close()
    (path,) = (tmp_path / "log").iterdir()
    assert path.name == "impressions-0.jsonl"
    assert [json.loads(line)["kind"] for line in path.read_text().splitlines()] == ["impression", "outcome", "outcome"]


def test_files_are_of_the_size_that_settings_say(tmp_path: Path, metrics: Metrics) -> None:
    recorder = Recorder.of(settings(impressions=tmp_path, impressions_max_bytes=1024), metrics)
    for number in range(10):
        recorder.record_impression(impression(f"r-{number}"))
    recorder.close()
    paths = list(tmp_path.iterdir())
    assert len(paths) > 1
    assert all(path.stat().st_size <= 1024 for path in paths)
    assert sum(path.read_bytes().count(b"\n") for path in paths) == 10


def test_so_many_impressions_are_remembered_as_settings_say(metrics: Metrics) -> None:
    recorder = Recorder.of(settings(remembered_impressions=1), metrics)
    recorder.record_impression(impression("r-1"))
    recorder.record_impression(impression("r-2"))
    assert recorder.record_outcomes([Outcome(0, "r-1", "first", "view"), Outcome(0, "r-2", "first", "view")]) == 1
