from pathlib import Path

import pytest

from loadtests.peers.__main__ import main
from loadtests.peers.environment import Environment
from loadtests.peers.peer import PeerError, Weights
from tests.loadtests.peers.fakes import WordCounter


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's arguments, to which a test adds its own."""
    command = ["compare", "--seconds", "0", "--environments", str(tmp_path / "runs")]
    monkeypatch.setattr("sys.argv", command)
    return command


def test_it_prints_and_writes_a_row_a_peer(run: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run += ["--markdown", str(tmp_path / "table.md")]
    main([WordCounter("one"), WordCounter("two")])
    assert [line[:6] for line in (tmp_path / "table.md").read_text().splitlines()[2:]] == ["| one ", "| two "]
    assert " two " in capsys.readouterr().out


def test_only_what_is_asked_for_is_measured(run: list[str], tmp_path: Path) -> None:
    run += ["--only", "ours, wordllama", "--markdown", str(tmp_path / "table.md")]
    main([WordCounter("one", system="ours"), WordCounter("two", system="flashrank")])
    assert len((tmp_path / "table.md").read_text().splitlines()) == 3


def test_what_fails_is_reported_and_the_others_are_measured(
    run: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_environment(name: str, *_: object) -> Environment:
        raise PeerError(f"its environment can't be built: no {name}")

    monkeypatch.setattr("loadtests.peers.__main__.ready_environment", no_environment)
    run += ["--markdown", str(tmp_path / "table.md")]
    peers = [
        WordCounter("no folder", weights=Weights.POTION, environment="absent"),
        WordCounter("no install", environment="absent"),
        WordCounter("no answer", arguments=("broken",)),
        WordCounter("a peer"),
    ]
    with pytest.raises(SystemExit) as raised:
        main(peers)
    assert raised.value.code == 1
    rows = (tmp_path / "table.md").read_text().splitlines()[2:]
    assert ["failed" in row for row in rows] == [True, True, True, False]
    said = capsys.readouterr().out.splitlines()
    assert "no folder failed: name the folder of its model with --potion" in said
    assert "no install failed: its environment can't be built: no absent" in said
    assert said[-1].startswith("no answer failed: it ended before it answered; it said last: ValueError: no weights")


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (["--only", "ours,nobody"], "there is no 'nobody'; there are ours, infinity"),
        (["--data", "/nowhere"], "error: /nowhere/benchmark/search/msrd/docs.tsv.xz is missing"),
    ],
)
def test_what_can_not_be_asked_for_is_reported(
    run: list[str], added: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run += added
    with pytest.raises(SystemExit) as raised:
        main([])
    assert message in f"{raised.value.code} {capsys.readouterr().err}"
