"""The roster of worker processes: a file that the supervisor writes, and workers read when metrics are scraped."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable of the folder that workers share (prometheus_client's)
_NAME = "roster.json"


@dataclass(frozen=True)
class Roster:
    """The ids of live worker processes by slot, and how many replaced a dead one since the service started."""

    workers: Mapping[int, int] = field(default_factory=dict)
    restarts: int = 0


def write_roster(folder: Path, roster: Roster) -> None:
    """Replace the roster atomically."""
    new = folder / f"{_NAME}.new"
    new.write_text(json.dumps({"workers": dict(roster.workers), "restarts": roster.restarts}), encoding="utf-8")
    new.replace(folder / _NAME)


def read_roster(folder: Path | None) -> Roster:
    """Read the roster; without a folder, this process alone."""
    if folder is None:
        return Roster({0: os.getpid()})
    try:
        document = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Roster()
    return Roster({int(slot): pid for slot, pid in document["workers"].items()}, document["restarts"])
