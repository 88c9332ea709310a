import ctypes
from pathlib import Path

import pytest

from device.build import build_shared
from tests.shared import built_once

_CHECKS = ("-fsanitize=undefined", "-fsanitize-trap=undefined")  # undefined behaviour ends the tests


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The core with all its functions visible; tests declare those that they call."""

    def build(folder: Path) -> None:
        build_shared(folder / "core.so", internal=True, flags=_CHECKS)

    return ctypes.CDLL(str(built_once(tmp_path_factory, "core", build) / "core.so"))
