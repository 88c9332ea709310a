import subprocess
import sys
from pathlib import Path

import pytest

from loadtests.load.recording import RUN_FILE, SECONDS_FILE
from loadtests.report.__main__ import main
from tests.loadtests.recordings import recording


def told(monkeypatch: pytest.MonkeyPatch, *arguments: Path | str) -> str:
    monkeypatch.setattr("sys.argv", ["report", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return str(ended.value)


def test_the_command_writes_where_it_says(tmp_path: Path) -> None:
    recording().write(tmp_path / "run")
    command = [sys.executable, "-m", "loadtests.report", str(tmp_path / "run"), "--out", str(tmp_path / "docs/flash")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [Path(line).is_file() for line in ended.stdout.splitlines()] == [True, True]
    assert {path.name for path in (tmp_path / "docs/flash").iterdir()} == {"report.html", "report.md", "plots"}


def test_no_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, tmp_path / "none") == f"{tmp_path}/none/run.json: No such file or directory"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (RUN_FILE, "no JSON"),
        (RUN_FILE, "[]"),
        (RUN_FILE, '{"phases": [], "gates": []}'),
        (SECONDS_FILE, "{"),
        (SECONDS_FILE, '{"second": 1, "unheard": 2}'),
        (SECONDS_FILE, '{"second": 1, "from_sent": "damaged"}'),
        (SECONDS_FILE, '{"second": 1, "from_sent": 7}'),
    ],
)
def test_a_damaged_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str) -> None:
    recording().write(tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert told(monkeypatch, tmp_path) == f"{tmp_path}: run.json or seconds.jsonl is not what a load run writes"


def test_a_report_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording().write(tmp_path / "run")
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert told(monkeypatch, tmp_path / "run", "--out", tmp_path / "taken").startswith(f"{tmp_path}/taken")
