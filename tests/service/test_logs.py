import json
import logging

import pytest

from service.logs import JsonFormatter, current_request


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


def test_an_exception_is_told_without_its_message() -> None:
    with pytest.raises(ValueError, match="secret") as caught:
        raise ValueError("secret")
    line = json.loads(JsonFormatter().format(record_of("failed", error=caught.value)))
    assert "test_logs.py" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert "secret" not in line["exception"]
