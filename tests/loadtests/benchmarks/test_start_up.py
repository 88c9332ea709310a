import re

import pytest

from loadtests.benchmarks import start_up


def test_it_measures_all_processes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["start_up", "--rounds", "1", "--workers", "2"])
    start_up.main()
    assert re.fullmatch(
        r"ready after \d+\.\d\d s \(median of 1; bare Python \d+\.\d\d s, ratio \d+\)\n"
        r"processor time \d+\.\d\d s, memory \d+ MB\n",
        capsys.readouterr().out,
    )
