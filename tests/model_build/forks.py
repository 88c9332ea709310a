"""Processes that begin with what this one has imported: to import torch and transformers takes longer than to train."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from multiprocessing.context import ForkProcess, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal

import torch

from model_build.cli.main import app


def start_method() -> Literal["fork", "spawn"]:
    """How processes are started here: a copy of a process that has a GPU can't train."""
    return "spawn" if torch.cuda.is_available() else "fork"


@contextmanager
def may_fork() -> Iterator[None]:
    """Silence what Python says since 3.12: that a thread may hold a lock, for whose release the copy would wait."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ours wait for pytest-xdist's messages, or for nothing
        yield


def forked(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """A started process that calls `target`."""
    kind: type[BaseProcess] = ForkProcess if start_method() == "fork" else SpawnProcess
    process = kind(target=target, args=arguments)
    with may_fork():
        process.start()
    return process


def model_build(arguments: Sequence[str], log: Path) -> int:
    """What the command `model-build` does, to be called in a process of its own; all that it prints goes to `log`.

    Returns the exit code.
    """
    warnings.resetwarnings()  # to pytest they are errors
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # a copy has none of the threads that tokenized
    with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        return int(app(arguments, standalone_mode=False) or 0)
