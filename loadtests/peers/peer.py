"""What a peer is: something that can be installed, started, and asked to score texts by a query."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]


class PeerError(Exception):
    """A peer can't be installed, started or asked; the message says in one line why."""


class Asked(StrEnum):
    """How a peer is asked; over HTTP a figure includes reading and writing the JSON, on the peer's core."""

    HTTP = "HTTP"
    CALL = "call"


@dataclass(frozen=True)
class Request:
    """Texts to score by a query."""

    query: str
    texts: Sequence[str]


class Weights(StrEnum):
    """Models that peers rank with, by the option that names the folder of each, laid out as on the Hugging Face hub."""

    MINILM = "--minilm"  # sentence-transformers/all-MiniLM-L6-v2
    CROSS_ENCODER = "--cross-encoder"  # cross-encoder/ms-marco-MiniLM-L12-v2, with one int8 ONNX graph
    POTION = "--potion"  # minishlab/potion-base-8M


Models = Mapping[Weights, Path]
"""The folders that the user has named, absolute."""


@dataclass(frozen=True)
class Place:
    """Where a peer runs.

    Attributes:
        python: the interpreter of its environment.
        packages: that environment's `site-packages`.
        models: the weights.
        scratch: a folder of its own, for what it writes and for the layout that it expects.
        log: gets what it says.
        core: the only core that it may run on; None for all.
    """

    python: Path
    packages: Path
    models: Models
    scratch: Path
    log: Path
    core: int | None


@dataclass(frozen=True)
class Label:
    """What the table says of a peer.

    Attributes:
        system: what it belongs to, and is chosen by; several peers may be of one system.
        title: unique.
        model: the weights that it ranks with.
        asked: how.
    """

    system: str
    title: str
    model: str
    asked: Asked


class Running(Protocol):
    """A started peer."""

    @property
    def pid(self) -> int:
        """Of its process, the root of its processes if there are more."""

    def rank(self, request: Request) -> Sequence[float]:
        """Score each text, higher is better.

        Raises:
            PeerError: it ended, did not answer in time, or answered something else.
        """

    def latencies_s(self, requests: Sequence[Request]) -> Sequence[float]:
        """Seconds of each request, asked one after another.

        Raises:
            PeerError: as of `rank`.
        """

    def rate(self, requests: Sequence[Request]) -> float:
        """Requests a second: a server is asked over several connections, a library by its one caller.

        Raises:
            PeerError: as of `rank`.
        """

    def learn(self, texts: Sequence[str]) -> None:
        """Tell a peer that remembers what it will be asked to rank.

        Raises:
            PeerError: as of `rank`, or it can't remember.
        """


class Peer(Protocol):
    """A system, as it is to be measured."""

    @property
    def label(self) -> Label:
        """What the table says of it."""

    @property
    def environment(self) -> str | None:
        """The name of its environment, a file of `requirements/`; None for this process's own."""

    @property
    def weights(self) -> Weights | None:
        """The model that the user must have; None for one that comes with the peer."""

    @property
    def remembers(self) -> bool:
        """Whether it is told the texts before it is asked."""

    def files(self, place: Place) -> Sequence[Path]:
        """The files of its model: weights, vocabulary, configuration.

        Raises:
            PeerError: the folder of its model was not named, or lacks one.
        """

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Run it until the block ends; it may still be loading when the block begins.

        Raises:
            PeerError: it can't be started, or was not ready in time.
        """


def folder_of(models: Models, weights: Weights) -> Path:
    """The folder of a model.

    Raises:
        PeerError: the user has named none.
    """
    if weights not in models:
        raise PeerError(f"name the folder of its model with {weights}")
    return models[weights]


def files_of(folder: Path, names: Sequence[str]) -> list[Path]:
    """Files of a folder of weights.

    Raises:
        PeerError: it lacks one of them.
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise PeerError(f"{folder} has no {missing[0]}")
    return [(folder / name).resolve() for name in names]


def quiet_environment(**added: str) -> Mapping[str, str]:
    """This process's environment for a peer: no downloads, no reports home, no packages of others."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**inherited, "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", **added}
