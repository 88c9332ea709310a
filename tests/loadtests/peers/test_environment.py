import re
import subprocess
from pathlib import Path

import pytest

from loadtests.peers import environment
from loadtests.peers.environment import REQUIREMENTS, ready_environment
from loadtests.peers.peer import PeerError
from loadtests.peers.roster import PEERS


@pytest.fixture
def requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path)
    (tmp_path / "peer.txt").write_text("# nothing\n")
    return tmp_path / "peer.txt"


def test_it_is_built_once_and_again_when_pins_change(tmp_path: Path, requirements: Path) -> None:
    built: list[str] = []
    for _ in range(2):
        ready = ready_environment("peer", tmp_path / "runs", built.append)
    assert built == ["peer"]
    said = subprocess.run(
        [ready.python, "-c", "import sys; print(sys.prefix)"], check=True, capture_output=True, text=True
    )
    assert Path(said.stdout.strip()) == tmp_path / "runs" / "peer"
    assert ready.packages.is_dir()
    requirements.write_text("# nothing, differently\n")
    ready_environment("peer", tmp_path / "runs", built.append)
    assert built == ["peer", "peer"]


def test_what_can_not_be_installed_is_reported_in_one_line_and_tried_again(tmp_path: Path, requirements: Path) -> None:
    requirements.write_text("./no_such_package-1.0-py3-none-any.whl\n")
    built: list[str] = []
    for _ in range(2):
        with pytest.raises(PeerError, match=r"^its environment can't be built: ERROR: .*no_such_package") as raised:
            ready_environment("peer", tmp_path / "runs", built.append)
        assert "\n" not in str(raised.value)
    assert built == ["peer", "peer"]


@pytest.mark.parametrize("name", sorted({peer.environment for peer in PEERS if peer.environment}))
def test_every_package_has_its_version(name: str) -> None:
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[0-9][0-9a-z.]*", pin) for pin in pins)
