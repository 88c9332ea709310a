"""What README.md and docs/device.md show of the model alone runs as it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SNIPPET = re.compile(r"```python\n(?P<code>.*?)```.*?```\n(?P<output>.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "docs/device.md"])
def test_ten_lines_of_plain_onnxruntime_print_what_is_documented(page: str) -> None:
    shown = _SNIPPET.search((_ROOT / page).read_text(encoding="utf-8"))
    assert shown is not None
    imported = set(re.findall(r"^(?:import|from) (\w+)", shown["code"], re.MULTILINE))
    assert imported == {"numpy", "onnxruntime", "tokenizers"}
    environment = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", shown["code"]]
    printed = subprocess.run(command, cwd=_ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert printed == shown["output"]
