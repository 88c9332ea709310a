import json
import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "sentence_transformers", "model_build", "onnx", "sklearn", "scipy", "matplotlib"}


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_service_never_imports_what_builds_models() -> None:
    everything = (
        "import importlib, pkgutil, service\n"
        "for one in pkgutil.walk_packages(service.__path__, 'service.'): importlib.import_module(one.name)"
    )
    assert imported_by(everything) & HEAVY == set()


def test_without_redis_its_client_is_not_imported() -> None:
    assert "redis" not in imported_by("import service.server.run, service.encoder.onnx")


@pytest.mark.parametrize("module", ["fastapi", "onnxruntime", "numpy", "uvicorn", "redis", "tokenizers"])
def test_the_command_line_s_help_waits_for_nothing_heavy(module: str) -> None:
    assert module not in imported_by("import service.cli.main")
