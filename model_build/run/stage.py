"""Stages with done-marks: what makes a stopped run resume where it was.

A stage writes into a folder of its own. When it has finished, `done.json` records the fingerprint of what it was made
from: the stage's part of the recipe, the inputs' hashes and the fingerprints of the stages before it. A stage whose
mark carries the expected fingerprint is skipped; one with another mark is made anew; one without a mark goes on from
its checkpoints.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from model_build.common.atomic import durable_file
from model_build.common.errors import BuildError
from model_build.common.log import Journal
from model_build.distillation.distributed import Processes

DONE = "done.json"
STARTED = "started.json"
_ALONE = Processes()


@dataclass(frozen=True)
class Stage:
    """A named step.

    Attributes:
        name: also the folder's name, behind the stage's number.
        inputs: JSON values that, with the stages before, decide what the stage makes.
        run: makes the stage in the given folder.
        shared: whether all processes of the run take part in it.
    """

    name: str
    inputs: Mapping[str, object]
    run: Callable[[Path], None]
    shared: bool = False


@dataclass(frozen=True)
class Mark:
    """What `done.json` records.

    Attributes:
        fingerprint: of the stage, its inputs and all that was made before it.
        seconds: what the stage took, in this run or the one that made it.
    """

    fingerprint: str
    seconds: float


def refuse_earlier_run(folder: Path, *, resume: bool) -> None:
    """Leave what a folder holds alone, unless it is to be gone on with.

    Raises:
        BuildError: it holds something, and `resume` was not asked for.
    """
    if folder.exists() and any(folder.iterdir()) and not resume:
        raise BuildError(
            f"{folder} holds an earlier run; add --resume to go on with it, or name another with --run-dir"
        )


def run_stages(
    stages: tuple[Stage, ...], folder: Path, journal: Journal, processes: Processes = _ALONE
) -> dict[str, Mark]:
    """Run the stages that are not done, each on what the stages before it made. Returns every stage's mark."""
    marks: dict[str, Mark] = {}
    before = ""
    for number, stage in enumerate(stages, start=1):
        mark = run_stage(stage, folder / f"{number:02d}-{stage.name}", journal, before=before, processes=processes)
        marks[stage.name], before = mark, mark.fingerprint
        processes.wait()
    return marks


def follow_stages(stages: tuple[Stage, ...], folder: Path, processes: Processes) -> None:
    """Take part in the shared stages that the leading process makes, and wait while it makes the others."""
    for number, stage in enumerate(stages, start=1):
        if processes.told(False) and stage.shared:
            stage.run(folder / f"{number:02d}-{stage.name}")
        processes.wait()


def run_stage(stage: Stage, place: Path, journal: Journal, *, before: str, processes: Processes = _ALONE) -> Mark:
    """Run a stage in a folder of its own, unless it is done there; `before` is the fingerprint of what it reads."""
    expected = fingerprint(before, stage)
    done = _read(place / DONE)
    if done is not None and done.fingerprint == expected:
        processes.told(False)
        journal.event(stage.name, "skipped", reason="done")
        return done
    processes.told(True)
    spent = _begin(place, expected)
    journal.event(stage.name, "started")
    start = time.monotonic()
    try:
        stage.run(place)
    finally:
        spent += time.monotonic() - start
        _write(place / STARTED, Mark(expected, spent))
    mark = Mark(expected, round(spent, 1))
    _write(place / DONE, mark)
    journal.event(stage.name, "done", seconds=mark.seconds)
    return mark


def fingerprint(before: str, stage: Stage) -> str:
    """SHA-256 of the stage's name and inputs, behind the fingerprint of what was made before it."""
    inputs = json.dumps(stage.inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{stage.name}\n{inputs}".encode()).hexdigest()


def spent_seconds(folder: Path, names: tuple[str, ...]) -> dict[str, float]:
    """What each finished stage of a run took, by its name."""
    marks = {name: _read(stage_folder(folder, names, name) / DONE) for name in names}
    return {name: mark.seconds for name, mark in marks.items() if mark is not None}


def stage_folder(folder: Path, stages: tuple[str, ...], name: str) -> Path:
    """Where the named stage's work lies."""
    return folder / f"{stages.index(name) + 1:02d}-{name}"


def write_json(path: Path, value: object) -> None:
    """Write JSON so that the file is whole or absent."""
    with durable_file(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=1).encode())


def _begin(place: Path, expected: str) -> float:
    """Keep unfinished work of the same fingerprint, drop any other. Returns the seconds already spent."""
    started = _read(place / STARTED)
    if started is not None and started.fingerprint == expected and not (place / DONE).exists():
        return started.seconds
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    _write(place / STARTED, Mark(expected, 0.0))
    return 0.0


def _write(path: Path, mark: Mark) -> None:
    write_json(path, asdict(mark))


def _read(path: Path) -> Mark | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    if not isinstance(value, dict) or not {"fingerprint", "seconds"} <= value.keys():
        return None
    return Mark(str(value["fingerprint"]), float(value["seconds"]))
