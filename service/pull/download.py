"""Resumable download of a file, over as many connections as it takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.artifact.artifact import file_sha256
from service.pull.remote import CutError, Remote
from service.releases.errors import ChecksumError, ServiceError

PAUSES_S = (0.2, 0.5, 1.0, 2.0)
"""Pauses between consecutive tries that bring no bytes."""

_MOST_CONNECTIONS = 200

Progress = Callable[[int], None]
"""Called with the number of new bytes; negative when a download starts over."""


@dataclass(frozen=True)
class Wanted:
    """A file to download: its address under `/v1/model/`, size and checksum."""

    address: str
    bytes: int
    sha256: str


def download(
    remote: Remote, wanted: Wanted, path: Path, progress: Progress, pauses_s: Sequence[float] = PAUSES_S
) -> None:
    """Download a file to `path`, resuming an earlier download, and verify its checksum.

    Raises:
        GoneError: the file is not released.
        ServiceError: the service does not answer, or refuses; the next try can resume.
        ChecksumError: the file is too long, or its checksum is wrong.
    """
    path.touch()
    if path.stat().st_size > wanted.bytes:
        path.write_bytes(b"")
    left_over = path.stat().st_size > 0
    progress(path.stat().st_size)
    _complete(remote, wanted, path, progress, pauses_s)
    if file_sha256(path) == wanted.sha256:
        return
    path.unlink()
    if not left_over:
        raise ChecksumError(f"{wanted.address} does not come as the service's own checksum says")
    progress(-wanted.bytes)  # the earlier download may have been of another file: start over
    download(remote, wanted, path, progress, pauses_s)


def _complete(remote: Remote, wanted: Wanted, path: Path, progress: Progress, pauses_s: Sequence[float]) -> None:
    failures = connections = 0
    while (before := path.stat().st_size) < wanted.bytes:
        connections += 1
        if connections > _MOST_CONNECTIONS:
            raise ServiceError(f"the service does not give {wanted.address} within {_MOST_CONNECTIONS} connections")
        reason = "it ends too early"
        try:
            _append(remote, wanted, path, progress)
        except CutError as error:
            reason = str(error)
        if path.stat().st_size > before:
            failures = 0
            continue
        if failures == len(pauses_s):
            raise ServiceError(f"the service does not give {wanted.address}: {reason}")
        time.sleep(pauses_s[failures])
        failures += 1


def _append(remote: Remote, wanted: Wanted, path: Path, progress: Progress) -> None:
    have = path.stat().st_size
    with remote.part(wanted.address, wanted.sha256, have) as part, path.open("r+b") as file:
        if part.start < have:
            progress(part.start - have)
        file.seek(part.start)
        file.truncate()
        for chunk in part.chunks:
            if file.tell() + len(chunk) > wanted.bytes:
                raise ChecksumError(f"{wanted.address} is larger than the service's own listing says")
            file.write(chunk)
            progress(len(chunk))
