import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from model_build.common.log import Journal
from model_build.run.stage import Stage, run_stage, run_stages


class Recorder:
    def __init__(self) -> None:
        self.made: list[str] = []
        self.fail = ""

    def stage(self, name: str, inputs: Mapping[str, object]) -> Stage:
        def run(place: Path) -> None:
            self.made.append(name)
            (place / "half.txt").write_text("half")
            if self.fail == name:
                raise KeyboardInterrupt
            (place / "whole.txt").write_text("whole")

        return Stage(name, inputs, run)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def test_done_stages_are_skipped_and_changed_ones_made_anew(tmp_path: Path, journal: Journal) -> None:
    recorder = Recorder()
    run_stages((recorder.stage("a", {"x": 1}), recorder.stage("b", {})), tmp_path, journal)
    run_stages((recorder.stage("a", {"x": 1}), recorder.stage("b", {})), tmp_path, journal)
    assert recorder.made == ["a", "b"]
    run_stages((recorder.stage("a", {"x": 1}), recorder.stage("b", {"y": 1})), tmp_path, journal)
    assert recorder.made == ["a", "b", "b"]
    run_stages((recorder.stage("a", {"x": 2}), recorder.stage("b", {"y": 1})), tmp_path, journal)
    assert recorder.made == ["a", "b", "b", "a", "b"]  # what follows a changed stage is made anew too


def test_a_stopped_stage_finds_its_own_work_again_but_not_anothers(tmp_path: Path, journal: Journal) -> None:
    recorder = Recorder()
    recorder.fail = "a"
    with pytest.raises(KeyboardInterrupt):
        run_stages((recorder.stage("a", {"x": 1}),), tmp_path, journal)
    assert not (tmp_path / "01-a" / "done.json").exists()
    found: list[bool] = []

    def look(place: Path) -> None:
        found.append((place / "half.txt").exists())

    run_stages((Stage("a", {"x": 1}, look),), tmp_path, journal)
    run_stages((Stage("a", {"x": 2}, look),), tmp_path, journal)
    assert found == [True, False]


def test_a_torn_mark_is_no_mark(tmp_path: Path, journal: Journal) -> None:
    recorder = Recorder()
    run_stages((recorder.stage("a", {}),), tmp_path, journal)
    (tmp_path / "01-a" / "done.json").write_text('{"finger')
    run_stages((recorder.stage("a", {}),), tmp_path, journal)
    assert recorder.made == ["a", "a"]


def test_events_are_json_lines(tmp_path: Path, journal: Journal) -> None:
    run_stages((Recorder().stage("a", {}),), tmp_path, journal)
    events = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [(event["stage"], event["event"]) for event in events] == [("a", "started"), ("a", "done")]


def test_a_stage_in_a_folder_of_its_own_is_redone_when_what_it_reads_changed(tmp_path: Path, journal: Journal) -> None:
    recorder = Recorder()
    stage, place = recorder.stage("a", {}), tmp_path / "anywhere"
    first = run_stage(stage, place, journal, before="x")
    assert run_stage(stage, place, journal, before="x") == first
    assert run_stage(stage, place, journal, before="y").fingerprint != first.fingerprint
    assert recorder.made == ["a", "a"]
