"""Virtual environments of peers, built from pins and rebuilt when they change."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loadtests.peers.peer import PeerError

REQUIREMENTS = Path(__file__).with_name("requirements")
_STAMP = "installed.txt"
_INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--requirement")
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Environment:
    """An environment.

    Attributes:
        python: its interpreter.
        packages: its `site-packages`.
    """

    python: Path
    packages: Path


def own_environment() -> Environment:
    """This process's environment."""
    return Environment(Path(sys.executable), Path(sys.prefix) / _packages())


def ready_environment(name: str, folder: Path, on_build: Callable[[str], None]) -> Environment:
    """Find an environment, or build it if it is missing or has other pins.

    Args:
        name: of a file of `requirements/`, without suffix, which pins all packages.
        folder: of the environments.
        on_build: called with the name before a build, which may take minutes.

    Raises:
        PeerError: it can't be built; the next run tries again.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    target = folder / name
    # Packages built for another Python may not load.
    wanted = f"# Python {sys.version_info.major}.{sys.version_info.minor}\n{requirements.read_text(encoding='utf-8')}"
    stamp = target / _STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        on_build(name)
        shutil.rmtree(target, ignore_errors=True)
        _run("venv", "--without-pip", str(target))
        _run("pip", "--python", str(target / "bin" / "python"), *_INSTALL, str(requirements))
        stamp.write_text(wanted, encoding="utf-8")
    return Environment((target / "bin" / "python").absolute(), target.absolute() / _packages())


def _packages() -> Path:
    return Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        reason = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "it said nothing")
        raise PeerError(f"its environment can't be built: {reason[:_MOST_CHARACTERS]}")
