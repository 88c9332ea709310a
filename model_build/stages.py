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
from dataclasses import dataclass
from pathlib import Path

from model_build.durable import durable_file
from model_build.journal import Journal

DONE = "done.json"
STARTED = "started.json"


@dataclass(frozen=True)
class Stage:
    """A named step.

    Attributes:
        name: also the folder's name, behind the stage's number.
        inputs: JSON values that, with the stages before, decide what the stage makes.
        run: makes the stage in the given folder.
    """

    name: str
    inputs: Mapping[str, object]
    run: Callable[[Path], None]


def run_stages(stages: tuple[Stage, ...], folder: Path, journal: Journal) -> dict[str, float]:
    """Run the stages that are not done. Returns the seconds that each took, in this run or the one that made it."""
    seconds: dict[str, float] = {}
    chain = ""
    for number, stage in enumerate(stages, start=1):
        chain = _fingerprint(chain, stage)
        place = folder / f"{number:02d}-{stage.name}"
        mark = _read(place / DONE)
        if mark is not None and mark["fingerprint"] == chain:
            seconds[stage.name] = float(str(mark["seconds"]))
            journal.event(stage.name, "skipped", reason="done")
            continue
        spent = _begin(place, chain)
        journal.event(stage.name, "started")
        start = time.monotonic()
        try:
            stage.run(place)
        finally:
            spent += time.monotonic() - start
            write_json(place / STARTED, {"fingerprint": chain, "seconds": spent})
        write_json(place / DONE, {"fingerprint": chain, "seconds": round(spent, 1)})
        seconds[stage.name] = round(spent, 1)
        journal.event(stage.name, "done", seconds=round(spent, 1))
    return seconds


def stage_folder(folder: Path, stages: tuple[str, ...], name: str) -> Path:
    """Where the named stage's work lies."""
    return folder / f"{stages.index(name) + 1:02d}-{name}"


def write_json(path: Path, value: object) -> None:
    """Write JSON so that the file is whole or absent."""
    with durable_file(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=1).encode())


def _begin(place: Path, fingerprint: str) -> float:
    """Keep unfinished work of the same fingerprint, drop any other. Returns the seconds already spent."""
    started = _read(place / STARTED)
    if started is not None and started["fingerprint"] == fingerprint and not (place / DONE).exists():
        return float(str(started["seconds"]))
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    write_json(place / STARTED, {"fingerprint": fingerprint, "seconds": 0.0})
    return 0.0


def _read(path: Path) -> dict[str, object] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return value if isinstance(value, dict) and {"fingerprint", "seconds"} <= value.keys() else None


def _fingerprint(before: str, stage: Stage) -> str:
    inputs = json.dumps(stage.inputs, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{before}\n{stage.name}\n{inputs}".encode()).hexdigest()
