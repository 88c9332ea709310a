"""The code in docs/how-to/stock-runtimes.md prints what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs" / "how-to" / "stock-runtimes.md"
_SNIPPET = re.compile(r"```python\n(?P<code>.*?)```.*?```\n(?P<output>.*?)```", re.DOTALL)


def test_ten_lines_of_plain_onnxruntime_print_what_is_documented() -> None:
    shown = _SNIPPET.search(_PAGE.read_text(encoding="utf-8"))
    assert shown is not None
    imported = set(re.findall(r"^(?:import|from) (\w+)", shown["code"], re.MULTILINE))
    assert imported == {"numpy", "onnxruntime", "tokenizers"}
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", shown["code"]]
    printed = subprocess.run(command, cwd=_ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert printed == shown["output"]
