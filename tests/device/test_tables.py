"""The tables of characters in the core's sources."""

import pytest

from device.tables import SOURCES, files


@pytest.mark.slow
def test_generation_gives_the_files_that_are_committed() -> None:
    for name, content in files().items():
        assert (SOURCES / name).read_text(encoding="utf-8") == content, name
