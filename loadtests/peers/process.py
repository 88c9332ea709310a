"""A peer's process, pinned to a core, and the last line of its log if it fails."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from loadtests.peers.peer import ROOT, PeerError, Place, quiet_environment

_END_S = 20.0
_MOST_CHARACTERS = 200


@contextmanager
def process(
    arguments: Sequence[str | Path], place: Place, *, folder: Path = ROOT, piped: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Run a peer's Python until the block ends.

    Args:
        arguments: of `python`.
        place: its surroundings, with the log of its output.
        folder: working directory.
        piped: whether the caller uses its standard input and output.

    Raises:
        PeerError: its environment has no Python.
    """
    pipe = subprocess.PIPE if piped else None
    with place.log.open("w", encoding="utf-8") as log:
        try:
            running = subprocess.Popen(  # noqa: S603
                [place.python, *arguments],
                cwd=folder,
                env=quiet_environment(HF_HOME=str(place.scratch / "hub"), XDG_STATE_HOME=str(place.scratch / "state")),
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or log,
                stderr=log,
                text=True,
            )
        except OSError as error:
            raise PeerError(f"{place.python} can't be run: {error.strerror}") from None
        try:
            if place.core is not None:  # before it starts threads, which inherit it
                os.sched_setaffinity(running.pid, {place.core})
            yield running
        finally:
            _end(running)


def last_words(place: Place) -> str:
    """The last line of a peer's log, and the log's path."""
    lines = [line.strip() for line in place.log.read_text(encoding="utf-8", errors="replace").splitlines()]
    said = next((line for line in reversed(lines) if line), "nothing")
    return f"it said last: {said[:_MOST_CHARACTERS]} (all of it: {place.log})"


def _end(running: subprocess.Popen[str]) -> None:
    running.terminate()
    try:
        running.wait(_END_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    for stream in (running.stdin, running.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # it never read the last request
                stream.close()
