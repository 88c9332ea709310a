import ctypes
import random
import subprocess
import sys
from pathlib import Path

import pytest

from device.build import ROOT as CORE
from device.fuzz.__main__ import ROOT, inputs_of, target_names
from tests.device.json_text import damage

_MOST_BYTES = 100_000


@pytest.fixture(params=target_names())
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def library(core: ctypes.CDLL, target: str, tmp_path: Path) -> ctypes.CDLL:
    """A target, beside the core whose undefined behaviour ends the tests."""
    ctypes.CDLL(core._name, mode=ctypes.RTLD_GLOBAL)
    includes = ["-I", CORE / "include", "-iquote", CORE / "src", "-iquote", ROOT]
    checks = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-fsanitize-trap=undefined"]
    product = ["-shared", "-fPIC", "-Wl,--allow-shlib-undefined", "-o", tmp_path / "target.so"]
    command = [sys.executable, "-m", "ziglang", "cc", *checks, *includes, ROOT / f"{target}.c", *product]
    subprocess.run([*map(str, command)], check=True)
    return ctypes.CDLL(str(tmp_path / "target.so"))


def test_targets_survive_their_corpus_and_damaged_inputs(library: ctypes.CDLL, target: str) -> None:
    inputs = [path.read_bytes() for path in inputs_of(target)]
    draw = random.Random(1)
    damaged = [damage(draw.choice(inputs), draw) for _ in range(300)]
    assert inputs

    for data in (*inputs, *damaged, b""):
        assert library.LLVMFuzzerTestOneInput(data, ctypes.c_size_t(len(data))) == 0


def test_the_corpora_are_small() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "corpus").rglob("*") if path.is_file()]

    assert 0 < sum(sizes) <= _MOST_BYTES
