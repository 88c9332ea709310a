import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.process.telemetry import opt_out

EMBED = """
from service.artifact.artifact import load_artifact
from service.encoder.onnx import OnnxEncoder
from service.settings import BUNDLED_MODEL
print(OnnxEncoder(load_artifact(BUNDLED_MODEL)).encode(["taxi"]).vectors.shape)
"""
BUILD = "import model_build.evaluation.systems.fp32\nimport onnxruntime, os\nprint(os.environ['ORT_DISABLE_TELEMETRY'])"


def left_at_home(code: str, home: Path) -> list[str]:
    """The files that a program leaves in the home of a user who set nothing and does not test."""
    unset = ("CI", "ORT_", "XDG_", "PYTEST_", "HF_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"HOME": str(home)},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return [str(path.relative_to(home)) for path in home.rglob("*") if "onnxruntime" in str(path)]


def test_onnx_runtime_keeps_no_identifier_of_the_machine(tmp_path: Path) -> None:
    assert left_at_home(EMBED, tmp_path) == []
    assert left_at_home(BUILD, tmp_path) == []


def test_what_the_operator_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    opt_out()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
