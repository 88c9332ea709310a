"""The roll-out file: what is released besides the served model. It may change while the service runs.

    previous = ["edge-rank-en-1"]      # deltas are made from these, so that devices that have them load less
    revoked = ["d27a…"]                # revisions that no device should keep

    [candidate]                        # the canary, for a share of the devices; without it, all take the served model
    model = "edge-rank-en-2"
    percent = 10
    salt = "spring"                    # decides which 10 percent; by default the canary's revision

Models are folders in `EDGE_RANK_MODELS`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.artifact.artifact import RANKER, ArtifactError, FolderName, Sha256, load_artifact
from service.files.regular import explained
from service.files.toml import read_toml
from service.files.watched import WatchedFile
from service.ranking.weights import RankerError, load_weights
from service.releases.bundle import Bundle, read_bundle
from service.settings import Settings
from service.user_error import UserError

MOST_PREVIOUS = 4


class RolloutError(UserError):
    """The roll-out file is not valid."""


@dataclass(frozen=True)
class Rollout:
    """The contents of the file: a canary for 0 to 100 percent of the devices, which the salt decides.

    Devices may still have `previous` models; `revoked` revisions no device should keep.
    """

    canary: Bundle | None = None
    percent: float = 0.0
    salt: str = ""
    previous: tuple[Bundle, ...] = ()
    revoked: frozenset[str] = frozenset()


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Canary(_Record):
    model: FolderName
    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    salt: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None


class _Document(_Record):
    previous: list[FolderName] = Field(default=[], max_length=MOST_PREVIOUS)
    revoked: list[Sha256] = []
    candidate: _Canary | None = None


class RolloutFile:
    """The file as it changes."""

    def __init__(self, path: Path, models: Path) -> None:
        """Read it; `models` is the folder of the models that it names.

        Raises:
            RolloutError: it is not valid.
        """
        self._path, self._models, self._file = path, models, WatchedFile(path)
        self.first = self.read()

    def changed(self, *, now: bool = False) -> bool:  # noqa: ARG002 -- always now
        """Whether it has changed since the last call; checked each time, so that all workers list the same."""
        return self._file.changed(now=True)

    def read(self) -> Rollout:
        """Read it, and the models that it names.

        Raises:
            RolloutError: the file can't be read or is not valid, or a model may not be served.
        """
        with explained(self._path, RolloutError):
            document = _Document.model_validate(read_toml(self._path, RolloutError))
        previous = tuple(self._bundle(f"previous.{at}", name) for at, name in enumerate(document.previous))
        revoked, candidate = frozenset(document.revoked), document.candidate
        if candidate is None:
            return Rollout(previous=previous, revoked=revoked)
        canary = self._bundle("candidate.model", candidate.model)
        try:
            load_weights(self._models / candidate.model / RANKER)  # devices could not load others
        except RankerError as error:
            raise RolloutError(f"{self._path}: candidate.model: {error}") from None
        if canary.revision in revoked:
            raise RolloutError(f"{self._path} is not valid: revoked: has the candidate's revision")
        return Rollout(canary, candidate.percent, candidate.salt or canary.revision, previous, revoked)

    def _bundle(self, where: str, name: str) -> Bundle:
        try:
            return read_bundle(load_artifact(self._models / name))
        except ArtifactError as error:
            raise RolloutError(f"{self._path}: {where}: {error}") from None


def rollout_of(settings: Settings) -> RolloutFile | None:
    """The file that the settings name, if any.

    Raises:
        RolloutError: it is not valid.
    """
    if settings.rollout is None or settings.models is None:
        return None
    return RolloutFile(settings.rollout, settings.models)
