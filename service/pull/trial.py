"""Tries a model out before it is used, with its heads, in a process with limited time and memory.

Checksums show that a model arrived as it was sent, not that it works; and a graph is a program, which may run for ever
or allocate all memory.

    python -m service.pull.trial FOLDER    exit code 0: it works; 1: it may not be served, stdout says why
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from service.artifact.artifact import ArtifactError
from service.files.printable import printable
from service.pull.installed_heads import HEADS

_SECONDS = 60
_ADDRESS_BYTES = 4 * 1024**3
_REFUSED = 1

Trial = Callable[[Path], None]
"""Embeds a text with the model of a folder, and classifies one with each of its heads.

Raises `ArtifactError` or `RankerError` if it may not be served.
"""


def try_apart(folder: Path) -> None:
    """Embed a text with the model of a folder, and classify one with each of its heads, in another process.

    Raises:
        ArtifactError: the model can't, or takes too much time or memory.
    """
    command = [sys.executable, "-P", "-m", "service.pull.trial", str(folder)]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise ArtifactError(f"{folder} does not embed a text within {_SECONDS} s") from None
    if tried.returncode == _REFUSED and tried.stdout:
        raise ArtifactError(printable(tried.stdout.strip()))
    if tried.returncode:
        raise ArtifactError(f"{folder} can't be loaded within {_ADDRESS_BYTES // 1024**2:,} MB of memory")


def main() -> None:
    """Try out the model of the folder in the first argument."""
    import resource  # noqa: PLC0415 -- absent on Windows, and only used here

    limits = ((resource.RLIMIT_AS, _ADDRESS_BYTES), (resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_CORE, 0))
    for limit, most in limits:
        with suppress(ValueError, OSError):  # macOS does not limit address space
            resource.setrlimit(limit, (most, most))
    from service.heads.manifest import HeadError  # noqa: PLC0415 -- within the limits
    from service.models.model import load_model  # noqa: PLC0415
    from service.ranking.weights import RankerError  # noqa: PLC0415

    folder = Path(sys.argv[1])
    heads = folder / HEADS if (folder / HEADS).is_dir() else None
    try:
        load_model(folder, run_tokens=256, on_run=lambda _: None, heads=heads)
    except (ArtifactError, RankerError, HeadError) as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(_REFUSED)


if __name__ == "__main__":
    main()
