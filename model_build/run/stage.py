"""Resumable stages.

A stage writes into a folder of its own. When it has finished, `done.json` records the fingerprint of its inputs: its
part of the recipe, the hashes of its files and the fingerprint of the stage before. A stage whose mark has the expected
fingerprint is skipped; with another mark it starts over; without a mark it resumes from its checkpoints.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from model_build.common.atomic import write_json
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
        inputs: JSON values that, with the stages before, decide its output.
        run: writes the given folder.
        shared: whether all processes of the run take part.
    """

    name: str
    inputs: Mapping[str, object]
    run: Callable[[Path], None]
    shared: bool = False


Context_contra = TypeVar("Context_contra", contravariant=True)


class StageModule(Protocol[Context_contra]):
    """A module that is a stage of a build."""

    def inputs(self, context: Context_contra) -> Mapping[str, object]:
        """Return JSON values that, with the stages before, decide the output."""

    def run(self, context: Context_contra, folder: Path) -> None:
        """Write the stage's folder."""


def make_stages(
    modules: Mapping[str, StageModule[Context_contra]], context: Context_contra, shared: Collection[str] = ()
) -> tuple[Stage, ...]:
    """Make the stages of a run, with their inputs; all processes take part in the `shared` ones."""
    return tuple(
        Stage(name, module.inputs(context), partial(module.run, context), shared=name in shared)
        for name, module in modules.items()
    )


@dataclass(frozen=True)
class Mark:
    """The contents of `done.json` and `started.json`.

    Attributes:
        fingerprint: of the stage, its inputs and the stages before.
        seconds: spent on it, over all runs.
    """

    fingerprint: str
    seconds: float


_MARK = TypeAdapter(Mark)


def refuse_earlier_run(folder: Path, *, resume: bool) -> None:
    """Check that a folder is empty, or that its run is to be resumed.

    Raises:
        BuildError: it is neither.
    """
    if folder.exists() and any(folder.iterdir()) and not resume:
        raise BuildError(
            f"{folder} holds an earlier run; add --resume to continue it, or name another folder with --run-dir"
        )


def run_stages(
    stages: tuple[Stage, ...], folder: Path, journal: Journal, processes: Processes = _ALONE
) -> dict[str, Mark]:
    """Run the stages that are not done. Returns every stage's mark."""
    marks: dict[str, Mark] = {}
    before = ""
    for number, stage in enumerate(stages, start=1):
        mark = run_stage(stage, folder / f"{number:02d}-{stage.name}", journal, before=before, processes=processes)
        marks[stage.name], before = mark, mark.fingerprint
        processes.wait()
    return marks


def follow_stages(stages: tuple[Stage, ...], folder: Path, processes: Processes) -> None:
    """Take part in the shared stages of the leading process, and wait for the others."""
    for number, stage in enumerate(stages, start=1):
        if processes.from_leader(False) and stage.shared:
            stage.run(folder / f"{number:02d}-{stage.name}")
        processes.wait()


def run_stage(stage: Stage, folder: Path, journal: Journal, *, before: str, processes: Processes = _ALONE) -> Mark:
    """Run a stage in a folder of its own, unless it is done; `before` is the fingerprint of the stage before."""
    expected = fingerprint(before, stage)
    done = _read(folder / DONE)
    if done is not None and done.fingerprint == expected:
        processes.from_leader(False)
        journal.event(stage.name, "skipped", reason="done")
        return done
    processes.from_leader(True)
    spent = _begin(folder, expected)
    journal.event(stage.name, "started")
    start = time.monotonic()
    try:
        stage.run(folder)
    finally:
        spent += time.monotonic() - start
        _write(folder / STARTED, Mark(expected, spent))
    mark = Mark(expected, round(spent, 1))
    _write(folder / DONE, mark)
    journal.event(stage.name, "done", seconds=mark.seconds)
    return mark


def fingerprint(before: str, stage: Stage) -> str:
    """Hash a stage's name and inputs with the fingerprint of the stage before."""
    inputs = json.dumps(stage.inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{stage.name}\n{inputs}".encode()).hexdigest()


def spent_seconds(folder: Path, names: tuple[str, ...]) -> dict[str, float]:
    """Return the seconds spent on each finished stage, by name."""
    marks = {name: _read(stage_folder(folder, names, name) / DONE) for name in names}
    return {name: mark.seconds for name, mark in marks.items() if mark is not None}


def stage_folder(folder: Path, stages: tuple[str, ...], name: str) -> Path:
    """Return the folder of a stage."""
    return folder / f"{stages.index(name) + 1:02d}-{name}"


def _begin(folder: Path, expected: str) -> float:
    """Keep unfinished work of the same fingerprint, delete any other. Returns the seconds already spent."""
    started = _read(folder / STARTED)
    if started is not None and started.fingerprint == expected and not (folder / DONE).exists():
        return started.seconds
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write(folder / STARTED, Mark(expected, 0.0))
    return 0.0


def _write(path: Path, mark: Mark) -> None:
    write_json(path, asdict(mark))


def _read(path: Path) -> Mark | None:
    try:
        return _MARK.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
