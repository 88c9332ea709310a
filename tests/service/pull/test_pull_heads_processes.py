"""The released pack, pulled in processes of their own from a real service that releases it, and served from there."""

import asyncio
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from loadtests.faults.proxy import Fault, fault_proxy
from loadtests.harness.processes import Serving
from service.artifact.artifact import load_artifact
from service.heads.loading import ADAPTERS, load_head, load_heads
from service.pull.model_store import ModelStore
from service.settings import BUNDLED_MODEL
from tests.service.cli.test_main import edge_rank
from tests.service.processes import serving
from tests.service.pull.head_bundles import model, pack
from tests.service.pull.test_pull_processes import ended, pulling

PACK = Path(__file__).parents[3] / "models" / "edge-rank-en-packs" / "banking77"
NAME = load_head(PACK).manifest.name


@dataclass
class Releasing:
    """A service that releases the bundled model, and the packs in a folder."""

    service: Serving
    heads: Path


@pytest.fixture(scope="module")
def releasing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releasing]:
    folder = tmp_path_factory.mktemp("releasing")
    heads = folder / "heads"
    shutil.copytree(PACK, heads / "banking77")
    other = model(folder / "other", "other")
    pack(heads / "other", other, "others")
    with serving("--model", BUNDLED_MODEL, environment={"EDGE_RANK_RELEASED_HEADS": str(heads)}) as service:
        yield Releasing(service, heads)


def has_pack(folder: Path) -> bool:
    current = ModelStore(folder).current
    assert current is not None
    found = load_heads(folder / "heads", current.manifest)
    return [one.manifest.revision for one in found.values()] == [load_head(PACK).manifest.revision]


def loaded(told: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r"([\d,]+) (?:bytes loaded|of them)", told)]


def test_a_device_loads_and_serves_the_released_pack(releasing: Releasing, tmp_path: Path) -> None:
    phone = tmp_path / "phone"
    code, told, errors = edge_rank("pull", releasing.service.url, "--to", phone, "--heads", NAME)
    assert (code, errors) == (0, "")
    manifest = load_artifact(BUNDLED_MODEL).manifest
    files = sum((PACK / name).stat().st_size for name in ("head.json", "weights.bin", ADAPTERS))
    model_files = (
        sum(entry.bytes for entry in manifest.files.values()) + (BUNDLED_MODEL / "manifest.json").stat().st_size
    )
    assert told == (
        f"{manifest.name}@{manifest.revision[:12]} with {load_head(PACK).manifest.label} is in use now: "
        f"{files + model_files:,} bytes loaded, {files:,} of them for heads\n"
    )
    assert has_pack(phone)
    with serving("--model", phone / "current", environment={"EDGE_RANK_HEADS": str(phone / "heads")}) as device:
        asked = {"head": NAME, "inputs": ["My card has not arrived yet."]}
        answer = httpx.post(f"{device.url}/v1/classify", json=asked, timeout=30).json()
        assert answer["results"][0]["label"] == "card_arrival"
        code, told, _ = edge_rank("pull", releasing.service.url, "--to", phone, "--heads", "none")
        assert code == 0
        assert told.endswith(f"is in use already; without {load_head(PACK).manifest.label} (no longer asked for)\n")
        assert httpx.post(f"{device.url}/v1/classify", json=asked, timeout=30).status_code == 200


def test_each_error_of_heads_has_its_exit_code(releasing: Releasing, tmp_path: Path) -> None:
    for asked, code, said in (
        ("nothing", 9, "releases no head called nothing"),
        ("others", 9, "others is released, but not for edge-rank-en@"),
        ("../x", 2, "names of letters, digits"),
        ("", 2, "names of letters, digits"),
    ):
        found, told, errors = edge_rank("pull", releasing.service.url, "--to", tmp_path / "phone", "--heads", asked)
        assert (found, told) == (code, ""), asked
        assert said in re.sub(r"[\s│]+", " ", errors)
    assert not os.path.lexists(tmp_path / "phone" / "current")


async def test_a_pull_that_is_killed_within_a_pack_is_gone_on_with(releasing: Releasing, tmp_path: Path) -> None:
    phone = tmp_path / "phone"
    adapters = load_head(PACK).manifest.adapters
    assert adapters is not None
    partial = phone / "partial" / adapters.sha256
    async with fault_proxy(releasing.service.port) as proxy:
        process = pulling(proxy.port, phone, "--heads", "all")
        while not (phone / "partial").exists() or not any(one.stat().st_size for one in _partials(phone)):
            assert process.poll() is None
            await asyncio.sleep(0.001)
        proxy.delay_s = 0.05
        proxy.become(Fault.SLOW)
        while not partial.exists():
            assert process.poll() is None
            await asyncio.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(ended, process)
        assert ModelStore(phone).current is None
        left = sum(one.stat().st_size for one in _partials(phone))
        proxy.become(Fault.NONE)
        code, told = await asyncio.to_thread(ended, pulling(proxy.port, phone, "--heads", "all"))
    assert code == 0, told
    assert has_pack(phone)
    assert left > 1_000_000
    assert loaded(told)[0] < 1_500_000, "what had come was loaded again"


async def test_a_connection_that_is_cut_within_a_pack_is_gone_on_with(releasing: Releasing, tmp_path: Path) -> None:
    phone = tmp_path / "phone"
    assert edge_rank("pull", releasing.service.url, "--to", phone)[0] == 0
    async with fault_proxy(releasing.service.port) as proxy:
        proxy.cut_bytes = 20_000
        proxy.become(Fault.CUT)
        code, told = await asyncio.to_thread(ended, pulling(proxy.port, phone, "--heads", NAME))
    assert code == 0, told
    assert has_pack(phone)
    total, of_heads = loaded(told)
    assert total == of_heads


def test_a_pack_is_listed_and_taken_while_the_service_runs(releasing: Releasing, tmp_path: Path) -> None:
    phone = tmp_path / "phone"
    away = releasing.heads.parent / "away"
    (releasing.heads / "banking77").rename(away)
    try:
        _wait_for(releasing, "banking77-pack", listed=False)
        assert edge_rank("pull", releasing.service.url, "--to", phone, "--heads", "all")[0] == 0
        assert load_heads(phone / "heads", load_artifact(BUNDLED_MODEL).manifest) == {}
    finally:
        away.rename(releasing.heads / "banking77")
    _wait_for(releasing, "banking77-pack", listed=True)
    code, told, _ = edge_rank("pull", releasing.service.url, "--to", phone)
    assert code == 0
    assert has_pack(phone)
    assert len(set(loaded(told))) == 1, "only the pack was to be loaded"
    code, told, _ = edge_rank("pull", "--roll-back", "--to", phone)
    assert code == 0
    assert load_heads(phone / "heads", load_artifact(BUNDLED_MODEL).manifest) == {}
    assert "stays in use" in edge_rank("pull", releasing.service.url, "--to", phone)[1]


def _wait_for(releasing: Releasing, name: str, *, listed: bool) -> None:
    """Wait until the service has noticed."""
    while listed != (name in httpx.get(f"{releasing.service.url}/v1/model/", timeout=30).text):
        time.sleep(0.05)


def _partials(phone: Path) -> list[Path]:
    return list((phone / "partial").glob("*"))
