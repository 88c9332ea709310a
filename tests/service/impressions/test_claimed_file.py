import subprocess
import sys
from pathlib import Path

from service.impressions.claimed_file import ClaimedFile

_HOLDER = """
import sys
from pathlib import Path
from service.impressions.claimed_file import ClaimedFile
file = ClaimedFile(Path(sys.argv[1]), 0, 64)
file.append(b"theirs\\n")
print("held", flush=True)
sys.stdin.readline()
for _ in range(40):
    file.append(b"theirs\\n")
print("put aside", flush=True)
sys.stdin.readline()
"""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_process_goes_on_with_the_file_of_one_that_is_no_more(tmp_path: Path) -> None:
    for line in (b"one\n", b"two\n"):
        file = ClaimedFile(tmp_path, 3, 1000)
        file.append(line)
        file.close()
    assert (tmp_path / "impressions-3.jsonl").read_bytes() == b"one\ntwo\n"
    assert names(tmp_path) == {"impressions-3.jsonl"}


def test_no_two_processes_write_one_file_also_once_it_was_put_aside(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        first = ClaimedFile(tmp_path, 0, 1000)
        first.append(b"ours\n")
        first.close()
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "put aside\n"
        second = ClaimedFile(tmp_path, 0, 1000)
        second.append(b"ours\n")
        other.kill()
    second.close()
    assert (tmp_path / "impressions-1.jsonl").read_bytes() == b"ours\nours\n"
    theirs = [path for path in tmp_path.iterdir() if path.name.startswith("impressions-0.jsonl")]
    assert len(theirs) > 2
    assert {line for path in theirs for line in path.read_bytes().splitlines()} == {b"theirs"}


def test_a_file_that_was_taken_away_is_made_anew(tmp_path: Path) -> None:
    file = ClaimedFile(tmp_path, 0, 1000)
    file.append(b"one\n")
    (tmp_path / "impressions-0.jsonl").unlink()
    file.append(b"two\n")
    file.close()
    assert (tmp_path / "impressions-0.jsonl").read_bytes() == b"two\n"
