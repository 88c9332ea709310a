"""The interface of a peer: a system that can be installed, started, and asked to score texts for a query."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]


class PeerError(Exception):
    """A peer can't be installed or started, or does not answer; the message is one line."""


class Asked(StrEnum):
    """How a peer is called; over HTTP, latencies include its JSON work on its core."""

    HTTP = "HTTP"
    CALL = "call"


@dataclass(frozen=True)
class Request:
    """Texts to score for a query."""

    query: str
    texts: Sequence[str]


class Weights(StrEnum):
    """Models of peers; the value is the option for their folder, in the layout of the Hugging Face hub."""

    MINILM = "--minilm"  # sentence-transformers/all-MiniLM-L6-v2
    CROSS_ENCODER = "--cross-encoder"  # cross-encoder/ms-marco-MiniLM-L12-v2, with one int8 ONNX graph
    POTION = "--potion"  # minishlab/potion-base-8M


Models = Mapping[Weights, Path]
"""The given folders, absolute."""


@dataclass(frozen=True)
class Place:
    """A peer's surroundings.

    Attributes:
        python: the interpreter of its environment.
        packages: that environment's `site-packages`.
        models: the weights.
        scratch: a folder of its own, for its output and the layout that it expects.
        log: receives its output.
        core: its only core; None for all.
    """

    python: Path
    packages: Path
    models: Models
    scratch: Path
    log: Path
    core: int | None


@dataclass(frozen=True)
class Label:
    """A peer's entry in the table.

    Attributes:
        system: by which it is selected; several peers may belong to one system.
        title: unique.
        model: its weights.
        asked: how it is called.
    """

    system: str
    title: str
    model: str
    asked: Asked


class Running(Protocol):
    """A started peer."""

    @property
    def pid(self) -> int:
        """Id of its process, the root of all its processes."""

    def rank(self, request: Request) -> Sequence[float]:
        """Score each text, higher is better.

        Raises:
            PeerError: it exited, did not answer in time, or gave an invalid answer.
        """

    def latencies_s(self, requests: Sequence[Request]) -> Sequence[float]:
        """Seconds of each request, sent one after another.

        Raises:
            PeerError: as `rank`.
        """

    def rate(self, requests: Sequence[Request]) -> float:
        """Requests per second: of a server over several connections, of a library by its one caller.

        Raises:
            PeerError: as `rank`.
        """

    def learn(self, texts: Sequence[str]) -> None:
        """Upload the texts that a caching peer will rank.

        Raises:
            PeerError: as `rank`, or it has no cache.
        """


class Peer(Protocol):
    """A peer that can be started."""

    @property
    def label(self) -> Label:
        """Its entry in the table."""

    @property
    def environment(self) -> str | None:
        """Name of its environment in `requirements/`; None for that of this process."""

    @property
    def weights(self) -> Weights | None:
        """The model that the user must provide; None if it comes with the peer."""

    @property
    def remembers(self) -> bool:
        """Whether texts are uploaded before requests."""

    def files(self, place: Place) -> Sequence[Path]:
        """Files of its model: weights, vocabulary, configuration.

        Raises:
            PeerError: the model's folder was not given, or lacks a file.
        """

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Run it until the block ends; it may still be loading when the block begins.

        Raises:
            PeerError: it can't be started, or was not ready in time.
        """


def folder_of(models: Models, weights: Weights) -> Path:
    """The folder of a model.

    Raises:
        PeerError: it was not given.
    """
    if weights not in models:
        raise PeerError(f"name the folder of its model with {weights}")
    return models[weights]


def files_of(folder: Path, names: Sequence[str]) -> list[Path]:
    """Files of a folder of weights.

    Raises:
        PeerError: one is missing.
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise PeerError(f"{folder} has no {missing[0]}")
    return [(folder / name).resolve() for name in names]


def quiet_environment(**added: str) -> Mapping[str, str]:
    """Environment variables of a peer's process: no downloads, no telemetry, no foreign packages."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", **added}
