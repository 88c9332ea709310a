"""Logging: a line an event, and never a word of what clients sent."""

import json
import logging
import logging.config
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


current_request: ContextVar[str | None] = ContextVar("current_request", default=None)


class PrivateFormatter(logging.Formatter):
    """Shows where an exception came from but not its message, which may hold a client's text."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 -- the standard library's name
        """The frames and the class of an exception."""
        kind, _, frames = ei
        if kind is None:
            return ""
        lines = [
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in traceback.extract_tb(frames)
        ]
        return "\n".join([*lines, f"{kind.__module__}.{kind.__qualname__} (message withheld)"])


class JsonFormatter(PrivateFormatter):
    """The same as a JSON object a line: time, level, logger, message, and the request's id where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request_id := current_request.get()) is not None:
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def logging_config(level: str, *, as_json: bool) -> dict[str, object]:
    """The `logging.config.dictConfig` of a serving process: everything to stderr, no access log."""
    formatter = {"()": JsonFormatter} if as_json else {"()": PrivateFormatter, "format": _FORMAT}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }
