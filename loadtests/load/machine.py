"""Descriptions of the machine, the code and the model of a run."""

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import psutil

_UNKNOWN = "unknown"


def described_machine() -> str:
    """Processor, cores and memory."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), _UNKNOWN)
    memory = psutil.virtual_memory().total / 2**30
    return f"{processor}, {psutil.cpu_count()} cores, {memory:.0f} GB"


def code_revision() -> str:
    """The git commit, with a plus if files differ from it; `unknown` outside a checkout."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],  # noqa: S607
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return _UNKNOWN
    return done.stdout.strip()


def model_of(host: str) -> str:
    """Name and revision of the serving model, or `unknown`."""
    try:
        with urllib.request.urlopen(f"{host}/v1/info", timeout=5) as answer:  # noqa: S310 (the user named it)
            return str(json.load(answer)["model"])
    except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError):
        return _UNKNOWN
