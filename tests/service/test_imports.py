import json
import subprocess
import sys
from pathlib import Path

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
    assert "redis" not in imported_by("import service.server.serving, service.encoder.onnx")


SERVING = {"fastapi", "onnxruntime", "numpy", "uvicorn", "redis", "tokenizers"}


@pytest.mark.parametrize("module", ["service.cli.main", "service.server.run", "service.server.worker_process"])
def test_the_command_line_s_help_and_the_supervisor_import_nothing_heavy(module: str) -> None:
    assert imported_by(f"import {module}") & SERVING == set()


def test_a_pull_imports_neither_the_api_nor_what_runs_models(tmp_path: Path) -> None:
    pull = (
        "from service.cli.main import app\n"
        f"try: app(['pull', 'http://127.0.0.1:1', '--to', {str(tmp_path / 'phone')!r}])\n"
        "except SystemExit as end: assert end.code == 3"
    )
    assert imported_by(pull) & {"fastapi", "starlette", "uvicorn", "onnxruntime", "tokenizers"} == set()
