"""Experiments (A/B tests): different users get different rankers, to compare them.

    name = "words-matter"              # decides, with a user's id, the user's arm
    [arms.control]
    share = 0.9
    ranker = "fused"
    [arms.lexical]
    share = 0.1
    ranker = "lexical"                 # or weights = "other-ranker.json": the fused ranker with weights of its own
                                       # or model = "edge-rank-en-2": a folder of EDGE_RANK_MODELS

A user stays in an arm as long as the name and the shares stay: every process computes it from a hash. Another name
assigns all users anew.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.artifact.artifact import FolderName
from service.files.regular import explained
from service.files.toml import read_toml
from service.ranking.weights import Ranker, RankerError, SignalWeights, load_weights
from service.user_error import UserError

MOST_ARMS, MOST_MODELS = 16, 2
_SHARES_TOLERANCE = 1e-6
_POINT_BITS = 53  # as many as a float holds exactly

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]


class ExperimentError(UserError):
    """The experiment's file is not valid."""


@dataclass(frozen=True)
class Arm:
    """An arm, with its share of the users, more than 0 and at most 1.

    Weights are of the fused ranker (None: the model's); the model is a folder (None: the current one).
    """

    name: str
    share: float
    ranker: Ranker
    weights: SignalWeights | None = None
    model: str | None = None


@dataclass(frozen=True)
class Experiment:
    """Arms whose shares add up to 1; every user is in one."""

    name: str
    arms: tuple[Arm, ...]

    @property
    def models(self) -> list[str]:
        """The distinct folders of the arms' models."""
        return list(dict.fromkeys(arm.model for arm in self.arms if arm.model is not None))

    def arm_of(self, user_id: str) -> Arm:
        """The arm of a user."""
        point = point_of(self.name, user_id)
        bounds = accumulate(arm.share for arm in self.arms)
        # Rounding may leave the last bound below 1.
        return next((arm for arm, bound in zip(self.arms, bounds, strict=True) if point < bound), self.arms[-1])


@dataclass(frozen=True)
class Choice:
    """How a request is ranked.

    Attributes:
        ranker: of the request.
        variant: the arm; None if the request is not part of an experiment.
        weights: of the fused ranker; None: the model's.
        model: folder of the arm's model; None: the current one.
    """

    ranker: Ranker
    variant: str | None = None
    weights: SignalWeights | None = None
    model: str | None = None


def choose(experiment: Experiment | None, *, user_id: str | None, asked: Ranker | None) -> Choice:
    """Choose how to rank a request. Without a user id, or with a requested ranker, it is not part of an experiment."""
    if experiment is None or user_id is None or asked is not None:
        return Choice(asked or "fused")
    arm = experiment.arm_of(user_id)
    return Choice(arm.ranker, arm.name, arm.weights, arm.model)


def point_of(name: str, user_id: str) -> float:
    """A user's position in an experiment, in [0, 1): BLAKE2b (RFC 7693) of the id, keyed with the name."""
    digest = hashlib.blake2b(user_id.encode(), digest_size=8, key=name.encode()).digest()
    return float((int.from_bytes(digest, "big") >> (64 - _POINT_BITS)) / 2**_POINT_BITS)


class _Arm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
    ranker: Ranker | None = None
    weights: Annotated[str, StringConstraints(min_length=1)] | None = None
    model: FolderName | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Name
    arms: dict[Name, _Arm] = Field(min_length=1, max_length=MOST_ARMS)


def load_experiment(path: Path, models: Path | None = None) -> Experiment:
    """Read an experiment, and the weights that its arms name by relative paths.

    The models that arms name, folders in `models`, are not loaded here.

    Raises:
        ExperimentError: the file, or one that it names, can't be read or is not valid.
    """
    with explained(path, ExperimentError):
        document = _Document.model_validate(read_toml(path, ExperimentError))
    _check_shares(path, document.arms)
    _check_models(path, document.arms, models)
    experiment = Experiment(document.name, tuple(_arm(path, name, arm) for name, arm in document.arms.items()))
    if len(experiment.models) > MOST_MODELS:
        raise ExperimentError(f"{path} is not valid: arms name {len(experiment.models)} models, at most {MOST_MODELS}")
    return experiment


def _check_shares(path: Path, arms: Mapping[str, _Arm]) -> None:
    total = math.fsum(arm.share for arm in arms.values())
    if abs(total - 1) > _SHARES_TOLERANCE:
        raise ExperimentError(f"{path} is not valid: the shares of its arms must add up to 1, not {total:.7g}")


def _check_models(path: Path, arms: Mapping[str, _Arm], models: Path | None) -> None:
    for name, arm in arms.items():
        if arm.model is None:
            continue
        if models is None:
            raise ExperimentError(
                f"{path} is not valid: arms.{name}.model names a folder of models: set models (EDGE_RANK_MODELS), too"
            )
        if not (models / arm.model).is_dir():
            raise ExperimentError(f"{path} is not valid: arms.{name}.model: {models / arm.model} is no folder")


def _arm(path: Path, name: str, arm: _Arm) -> Arm:
    if arm.ranker is not None and arm.weights is not None:
        raise ExperimentError(f"{path} is not valid: arms.{name} has both a ranker and weights")
    if arm.ranker is None and arm.weights is None and arm.model is None:
        raise ExperimentError(f"{path} is not valid: arms.{name} needs a ranker, weights or a model")
    if arm.weights is None:
        return Arm(name, arm.share, arm.ranker or "fused", model=arm.model)
    try:
        return Arm(name, arm.share, "fused", load_weights(path.parent / arm.weights), arm.model)
    except RankerError as error:
        raise ExperimentError(f"{path} is not valid: arms.{name}.weights: {error}") from None
