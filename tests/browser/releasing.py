"""A service that releases one model after the other to devices, as docs/how-to/update-devices.md says."""

import json
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests.harness.processes import SERVE, Serving, serving
from service.artifact.artifact import MANIFEST, RANKER, FileEntry, Manifest, file_sha256, revision_of
from service.settings import BUNDLED_MODEL

MODELS = ("first", "second", "third")
_GIVE_UP_S = 60.0


@dataclass(frozen=True)
class Releasing:
    """The service, and the models that it may release.

    Attributes:
        service: its process.
        folder: of the models, with `serves`, a link to the one that serves, and the roll-out's file.
        revisions: of the models, by their names.
    """

    service: Serving
    folder: Path
    revisions: dict[str, str]

    def serve(self, name: str) -> None:
        """Have another model serve, and wait until it is released."""
        _link(self.folder, name)
        self.service.process.send_signal(signal.SIGHUP)
        self._wait(lambda listing: bool(listing["current"]["revision"] == self.revisions[name]), deltas=True)

    def offer(self, name: str, percent: int) -> None:
        """Release a candidate to a share of the devices, and wait until it is listed."""
        _roll_out(self.folder, f'[candidate]\nmodel = "{name}"\npercent = {percent}\n')

        def listed(listing: dict[str, Any]) -> bool:
            found = listing["candidate"]
            return bool(found and found["percent"] == percent and found["revision"] == self.revisions[name])

        self._wait(listed, deltas=True)

    def withdraw(self) -> None:
        """Release no candidate, and wait until none is listed."""
        _roll_out(self.folder)
        self._wait(lambda listing: listing["candidate"] is None)

    def _wait(self, holds: Callable[[dict[str, Any]], bool], *, deltas: bool = False) -> None:
        until = time.monotonic() + _GIVE_UP_S
        while not (holds(listing := self._listing()) and (not deltas or _has_deltas(listing))):
            if time.monotonic() > until:
                raise AssertionError(f"the service does not release what it should: {listing}")
            time.sleep(0.05)

    def _listing(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.service.url}/v1/model/", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def releasing(folder: Path) -> Iterator[Releasing]:
    """A service of the demo catalogue that releases the first of `MODELS`, until the block ends."""
    revisions = {name: _model(folder / name, name) for name in MODELS}
    _link(folder, MODELS[0])
    rollout = _roll_out(folder)
    environment = {
        "EDGE_RANK_MODEL": str(folder / "serves"),
        "EDGE_RANK_MODELS": str(folder),
        "EDGE_RANK_ROLLOUT": str(rollout),
    }
    with serving([*SERVE, "--demo"], environment=environment) as service:
        yield Releasing(service, folder, revisions)


def _model(folder: Path, name: str) -> str:
    """The bundled model with other weights for a query's words.

    Returns:
        Its revision.
    """
    shutil.copytree(BUNDLED_MODEL, folder)
    ranker = json.loads((folder / RANKER).read_text(encoding="utf-8"))
    ranker["weights"]["search"]["query_overlap"] = 0.1 * (1 + MODELS.index(name))
    (folder / RANKER).write_text(json.dumps(ranker), encoding="utf-8")
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    entry = FileEntry(bytes=(folder / RANKER).stat().st_size, sha256=file_sha256(folder / RANKER), device=True)
    files = {**manifest.files, RANKER: entry}
    grown = entry.bytes - manifest.files[RANKER].bytes
    changed = manifest.model_copy(
        update={"files": files, "revision": revision_of(files), "device_bytes": manifest.device_bytes + grown}
    )
    (folder / MANIFEST).write_text(changed.model_dump_json(), encoding="utf-8")
    return changed.revision


def _link(folder: Path, name: str) -> None:
    made = folder / "new-link"
    made.symlink_to(name)
    made.replace(folder / "serves")


def _roll_out(folder: Path, candidate: str = "") -> Path:
    """Write the roll-out's file, and rename it into its place: no half of it is ever read."""
    made, path = folder / "new-rollout", folder / "rollout.toml"
    made.write_text(f'previous = ["{MODELS[0]}"]\n{candidate}', encoding="utf-8")
    return made.replace(path)


def _has_deltas(listing: dict[str, Any]) -> bool:
    """True if there is a delta from the first model to each other one."""
    releases = [one for one in (listing["current"], listing["candidate"]) if one]
    return sum(bool(one["deltas"]) for one in releases) >= max(1, len(releases) - 1)
