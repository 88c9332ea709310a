"""Which processes serve: a small file that the supervisor writes and every worker reads when metrics are asked for."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NAME = "roster.json"


@dataclass(frozen=True)
class Roster:
    """Who serves.

    Attributes:
        workers: ids of the processes that are alive, by slot.
        restarts: how many took the place of one that had died, since the service began.
    """

    workers: Mapping[int, int] = field(default_factory=dict)
    restarts: int = 0


def write_roster(folder: Path, roster: Roster) -> None:
    """Put it in the place of the one before, at once: nobody reads half of it."""
    new = folder / f"{_NAME}.new"
    new.write_text(json.dumps({"workers": dict(roster.workers), "restarts": roster.restarts}), encoding="utf-8")
    new.replace(folder / _NAME)


def read_roster(folder: Path | None) -> Roster:
    """What the supervisor wrote last; without one, this process alone."""
    if folder is None:
        return Roster({0: os.getpid()})
    try:
        document = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Roster()
    return Roster({int(slot): pid for slot, pid in document["workers"].items()}, document["restarts"])
