"""Pulls in processes of their own, from a real service, through a proxy that spoils the connection."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from loadtests.faults.proxy import Fault, fault_proxy
from loadtests.harness.processes import Serving
from service.pull.model_store import ModelStore
from service.releases.bundle import Bundle
from tests.service.processes import serving
from tests.service.pull.bundles import bundle


@dataclass
class Air:
    """A service that releases a large model, and a device's folder."""

    service: Serving
    bundle: Bundle
    folder: Path

    def start(self, port: int) -> "subprocess.Popen[str]":
        return pulling(port, self.folder)

    @property
    def loaded(self) -> int:
        """The bytes in partial files."""
        return sum(path.stat().st_size for path in (self.folder / "partial").glob("*"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Bundle]]:
    folder = tmp_path_factory.mktemp("served")
    large = bundle(folder, "large", **{"notes.txt": np.random.default_rng(2).bytes(3_000_000)})
    with serving("--model", folder) as service:
        yield service, large


@pytest.fixture
def air(served: tuple[Serving, Bundle], tmp_path: Path) -> Air:
    return Air(*served, tmp_path / "phone")


def pulling(port: int, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    program = "from service.cli.main import main; main()"
    command = [sys.executable, "-c", program, "pull", f"http://127.0.0.1:{port}", "--to", str(folder), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def is_whole(air: Air) -> bool:
    found = ModelStore(air.folder).current
    return found is not None and found.manifest.revision == air.bundle.revision


async def test_a_cut_connection_is_gone_on_with(air: Air) -> None:
    async with fault_proxy(air.service.port) as proxy:
        proxy.cut_bytes = 500_000
        proxy.become(Fault.CUT)
        code, told = await asyncio.to_thread(ended, air.start(proxy.port))
    assert (code, is_whole(air)) == (0, True), told
    assert f"{sum(len(content) for content in air.bundle.contents.values()):,} bytes loaded" in told


async def test_a_pull_that_is_killed_leaves_nothing_half_done_and_the_next_goes_on(air: Air) -> None:
    async with fault_proxy(air.service.port) as proxy:
        proxy.delay_s = 0.1
        proxy.become(Fault.SLOW)
        process = air.start(proxy.port)
        while not 200_000 < air.loaded < 2_500_000:
            assert process.poll() is None
            await asyncio.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(ended, process)
        left = air.loaded
        assert ModelStore(air.folder).current is None
        proxy.become(Fault.NONE)
        code, told = await asyncio.to_thread(ended, air.start(proxy.port))
    assert (code, is_whole(air)) == (0, True), told
    loaded = int(told.partition(": ")[2].partition(" bytes")[0].replace(",", ""))
    assert loaded <= sum(len(content) for content in air.bundle.contents.values()) - left + 1


async def test_of_two_at_once_one_is_refused(air: Air) -> None:
    async with fault_proxy(air.service.port) as proxy:
        proxy.delay_s = 0.5  # longer than the second takes to start
        proxy.become(Fault.SLOW)
        first = air.start(proxy.port)
        while not air.loaded:
            assert first.poll() is None
            await asyncio.sleep(0.005)
        assert await asyncio.to_thread(ended, air.start(proxy.port)) == (
            8,
            f"edge-rank: {air.folder} is being updated by another program\n",
        )
        proxy.become(Fault.NONE)
        code, told = await asyncio.to_thread(ended, first)
    assert (code, is_whole(air)) == (0, True), told


async def test_a_service_that_ends_meanwhile_is_reported(air: Air) -> None:
    async with fault_proxy(air.service.port) as proxy:
        proxy.delay_s = 0.1
        proxy.become(Fault.SLOW)
        process = air.start(proxy.port)
        while not air.loaded:
            assert process.poll() is None
            await asyncio.sleep(0.005)
        proxy.become(Fault.CLOSED)
        code, told = await asyncio.to_thread(ended, process)
    assert code == 3
    assert told.startswith("edge-rank: the service does not give ")
    assert told.count("\n") == 1
