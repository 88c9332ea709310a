import asyncio
import gc
import json
import logging
import re
import threading
from pathlib import Path

import pytest

from service.process.logs import FIELDS, JsonFormatter, current_request, private_failures


def record_of(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("service.x", logging.WARNING, __file__, 1, message, arguments, info)


def test_a_line_is_an_object() -> None:
    line = json.loads(JsonFormatter().format(record_of("waited %d s\nin vain", 3)))
    assert line["message"] == "waited 3 s\nin vain"
    assert (line["level"], line["logger"]) == ("warning", "service.x")
    assert "request_id" not in line


def test_a_line_names_its_request() -> None:
    token = current_request.set("r-1")
    try:
        assert json.loads(JsonFormatter().format(record_of("x")))["request_id"] == "r-1"
    finally:
        current_request.reset(token)


@pytest.mark.parametrize(("process", "worker"), [("worker-3", 3), ("MainProcess", None), ("worker-x", None)])
def test_a_line_names_its_worker(process: str, worker: int | None) -> None:
    record = record_of("x")
    record.processName = process
    assert json.loads(JsonFormatter().format(record)).get("worker") == worker


def test_the_page_lists_the_fields_that_there_are() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "logs.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Fields")[2].partition("## ")[0], re.MULTILINE))
    record = record_of("failed", error=ValueError("secret"))
    record.processName = "worker-0"
    setattr(record, FIELDS, dict.fromkeys(("route", "method", "status", "duration_ms", "model", "key"), "x"))
    token = current_request.set("r-1")
    try:
        assert listed == set(json.loads(JsonFormatter().format(record)))
    finally:
        current_request.reset(token)


def test_the_page_lists_messages_that_there_are() -> None:
    root = Path(__file__).parents[3]
    page = (root / "docs" / "reference" / "logs.md").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (root / "service").rglob("*.py"))
    listed = re.findall(r"^\| `([^`]+)` \| \w+ \|", page.partition("## Messages")[2], re.MULTILINE)
    assert len(listed) > 10
    for message in listed:
        assert all(part.strip() in code for part in message.split("…")), message


def test_an_exception_is_reported_without_its_message() -> None:
    with pytest.raises(ValueError, match="secret") as caught:
        raise ValueError("secret")
    line = json.loads(JsonFormatter().format(record_of("failed", error=caught.value)))
    assert "test_logs.py" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert "secret" not in line["exception"]


class _Speaking:
    """Shows a text wherever it is shown."""

    def __repr__(self) -> str:
        return "secret"

    def __call__(self) -> None:
        raise ValueError("secret")


class _Unwilling:
    def __del__(self) -> None:
        raise ValueError("secret")


async def test_what_nobody_handled_is_logged_without_texts(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(_: object) -> None:
        raise ValueError("secret")

    speaking = _Speaking()
    with private_failures():
        asyncio.get_running_loop().call_soon(speaking)
        task = asyncio.create_task(fails(speaking), name="secret")
        await asyncio.sleep(0.01)
        del task, speaking
        thread = threading.Thread(target=_Speaking(), name="secret")
        thread.start()
        thread.join()
        _Unwilling()
        gc.collect()
    lines = [JsonFormatter().format(record) for record in caplog.records]
    told = [json.loads(line)["message"] for line in lines]
    assert sorted(set(told)) == [
        "could not be raised",
        "unhandled in the event loop: Exception in callback",
        "unhandled in the event loop: Task exception was never retrieved",
        "unhandled on a thread",
    ]
    assert [line for line in lines if "secret" in line] == []
    assert all("ValueError" in json.loads(line)["exception"] for line in lines)
