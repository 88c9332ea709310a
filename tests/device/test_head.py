import ctypes
import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.bindings.python import CoreError, Model
from service.heads.loading import load_head
from service.heads.manifest import HeadError, HeadManifest
from tests.device.manifests import MODELS, ROOT, folder_files

PACK = ROOT / "models/edge-rank-en-packs/banking77"
WEIGHTS, ADAPTERS = "weights.bin", "adapters.bin"


@pytest.fixture(scope="module")
def model(core: ctypes.CDLL) -> Iterator[Model]:
    with Model.load(Path(core._name), MODELS[0]) as loaded:
        yield loaded


def pack_with(folder: Path, path: str, place: int, number: float) -> Path:
    """The pack with another float32 at a place in one of its files, counted from the end if it is negative."""
    files = folder_files(PACK)
    data = bytearray(files[path])
    struct.pack_into("<f", data, place % len(data), number)
    section = {WEIGHTS: "weights", ADAPTERS: "adapters"}[path]
    document = json.loads(files["head.json"])
    document[section]["sha256"] = hashlib.sha256(data).hexdigest()
    manifest = HeadManifest.model_validate_json(json.dumps(document)).sealed()
    for name, content in {**files, path: bytes(data), "head.json": manifest.model_dump_json().encode()}.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1.1e30, -1.1e30])
@pytest.mark.parametrize("place", [-4, -8 * 77])
def test_numbers_with_which_scores_overflow_are_refused(
    model: Model, tmp_path: Path, place: int, number: float
) -> None:
    folder = pack_with(tmp_path, WEIGHTS, place, number)

    with pytest.raises(HeadError, match=r"not finite|overflow"):
        load_head(folder)
    with pytest.raises(CoreError, match=r"weights\.bin has numbers with which scores overflow") as refused:
        model.load_head(folder)
    assert refused.value.status == "file_invalid"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1001.0, -1001.0])
def test_adapters_with_which_scores_overflow_are_refused(model: Model, tmp_path: Path, number: float) -> None:
    with pytest.raises(CoreError, match=r"adapters\.bin has numbers with which scores overflow") as refused:
        model.load_head(pack_with(tmp_path, ADAPTERS, -4, number))
    assert refused.value.status == "file_invalid"


@pytest.mark.parametrize(("path", "number"), [(WEIGHTS, 9e29), (ADAPTERS, 999.0)])
def test_large_numbers_are_not(model: Model, tmp_path: Path, path: str, number: float) -> None:
    model.load_head(pack_with(tmp_path, path, -4, number)).close()
