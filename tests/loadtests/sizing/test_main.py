import re
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.sizing.__main__ import main
from tests.loadtests.recordings import recording

GIVEN = ("--devices", "8400000", "--items", "1000000", "--item-bytes", "532")
TIMES = ("--core-ms", "2", "--redis-core-ms", "0.1", "--process-mb", "170")


def told(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> str:
    monkeypatch.setattr("sys.argv", ["capacity", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return str(ended.value)


def rows(markdown: str) -> dict[str, tuple[str, str]]:
    return {row[0]: (row[1], row[2]) for row in re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", markdown, re.MULTILINE)}


def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    monkeypatch.setattr("sys.argv", ["capacity", *map(str, arguments)])
    main()
    return capsys.readouterr().out


def test_every_figure_has_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recording().write(tmp_path)
    arguments = (*GIVEN, "--run", tmp_path, "--redis-core-ms", "0.5", "--markdown")
    found = rows(printed(monkeypatch, capsys, *arguments))
    assert found["devices a day"] == ("8,400,000", "given: --devices")
    assert found["ms of the service's cores for a request"] == ("62.5", f"measured: {tmp_path}, before")
    assert found["ms of Redis's core for a request"] == ("0.5", "given: --redis-core-ms")
    assert found["peak second by mean second"] == ("2.5", "assumed: --peak")
    assert found["requests/s, peak"][0] == "2,917"
    assert "cost of a month" not in found


def test_flags_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    prices = ("--core-price", "0.04", "--gb-price", "0.005")
    out = printed(monkeypatch, capsys, *GIVEN, *TIMES, *prices)
    assert "┃ what it takes" in out
    assert re.search(r"cost of a month +│ +\d", out)
    assert re.search(r"cores of the service +│ +15 ", out)  # 2917 x 2 ms by 0.6 are 9.7: 5 in each of two zones, and 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--devices is needed"),
        (("--devices", "1"), "--core-ms is needed, or --run with a recording"),
        ((*GIVEN[:2], *TIMES), "--items is needed"),
        ((*GIVEN, *TIMES, "--core-price", "1"), "a cost takes both prices: --core-price and --gb-price"),
        ((*GIVEN, "--run", "/no/such"), "/no/such/run.json: No such file or directory"),
    ],
)
def test_what_lacks_is_reported_in_a_line(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(monkeypatch, *arguments) == message


def test_recordings_that_do_not_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording().write(tmp_path)
    assert told(monkeypatch, *GIVEN, "--run", tmp_path, "--phase", "night") == f"{tmp_path} has no phase night"
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    assert told(monkeypatch, *GIVEN, "--run", tmp_path).startswith(f"{tmp_path}: ")


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--devices", "0"), ("--devices", "nan"), ("--fullness", "1.1"), ("--zones", "2.5"), ("--peak", "x")],
)
def test_impossible_figures(flag: str, value: str) -> None:
    command = [sys.executable, "-m", "loadtests.sizing", flag, value]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"argument {flag}" in ended.stderr
