import pytest

from documentation.cli import page


@pytest.mark.parametrize("command", ["edge-rank serve", "edge-rank pull", "model-build run", "model-build fit-head"])
def test_every_command_has_a_heading(command: str) -> None:
    assert f"### {command}\n" in page()


def test_options_are_shown_with_their_defaults() -> None:
    assert "| `--top-n INTEGER` | `10` |" in page()
