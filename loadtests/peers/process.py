"""A peer's process: started on a core, ended in the end, and what it said last where it failed."""

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
        arguments: behind `python`.
        place: where it runs; what it says goes into its log.
        folder: the one it is started in.
        piped: whether its standard input and output are for the caller.

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
            if place.core is not None:  # before it has had time to start threads: they inherit it
                os.sched_setaffinity(running.pid, {place.core})
            yield running
        finally:
            _end(running)


def last_words(place: Place) -> str:
    """The last line that a peer's log has, and where the rest is."""
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
            with suppress(BrokenPipeError):  # it never read what it was asked last
                stream.close()
