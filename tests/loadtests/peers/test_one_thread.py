import subprocess
import sys
from pathlib import Path

from loadtests.peers.peer import ROOT
from service.artifact.artifact import MODEL
from service.settings import Settings

SCRIPT = """
import sys
import onnxruntime
graph = sys.argv[1]
given = onnxruntime.SessionOptions()
given.log_severity_level = 3
sessions = [
    onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"]),
    onnxruntime.InferenceSession(graph, given),
]
for session in sessions:
    options = session.get_session_options()
    print(options.intra_op_num_threads, options.log_severity_level)
"""


def test_a_script_runs_with_one_thread_and_its_own_options(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    launcher, graph = ROOT / "loadtests" / "peers" / "one_thread.py", Settings().model / MODEL
    command = [sys.executable, "-P", str(launcher), str(script), str(graph)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    (default_threads, _), (given_threads, severity) = (line.split() for line in done.stdout.splitlines())
    assert (default_threads, given_threads, severity) == ("1", "1", "3")
