"""Logging: one line per event, and never a word of what clients sent."""

import asyncio
import json
import logging
import logging.config
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


# Beginnings of asyncio's messages; a `repr` may follow.
_ASYNCIO_MESSAGES = (
    "Exception in callback",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Task was destroyed but it is pending",
)
_failures = logging.getLogger("service.failures")

FIELDS = "fields"
"""The attribute of a record (`extra`) with further fields of its JSON line."""

current_request: ContextVar[str | None] = ContextVar("current_request", default=None)


class PrivateFormatter(logging.Formatter):
    """Formats exceptions without their messages, which may contain a client's text."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 -- the standard library's name
        """Format the frames and the class of an exception."""
        kind, _, frames = ei
        if kind is None:
            return ""
        lines = [
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in traceback.extract_tb(frames)
        ]
        return "\n".join([*lines, f"{kind.__module__}.{kind.__qualname__} (message withheld)"])


class JsonFormatter(PrivateFormatter):
    """Formats a record as a JSON object on a line; docs/logs.md lists its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage().strip(),
        }
        if (slot := _worker(record)) is not None:
            line["worker"] = slot
        if (request_id := current_request.get()) is not None:
            line["request_id"] = request_id
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _worker(record: logging.LogRecord) -> int | None:
    """The slot of the worker that wrote it, by the name of its process; None where there is only one process."""
    name, _, slot = (record.processName or "").partition("-")
    return int(slot) if name == "worker" and slot.isdecimal() else None


@contextmanager
def private_failures() -> Iterator[None]:
    """Until the block ends, log unhandled exceptions by their class and frames alone.

    asyncio would log the `repr` of tasks, futures and callbacks with their arguments; Python would print the messages
    of exceptions on a thread or in a finaliser. Any of them may contain a client's text.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler(), threading.excepthook, sys.unraisablehook
    loop.set_exception_handler(_log_of_loop)
    threading.excepthook = _log_of_thread
    sys.unraisablehook = _log_unraisable
    try:
        yield
    finally:
        handler, threading.excepthook, sys.unraisablehook = before
        loop.set_exception_handler(handler)


def _log_of_loop(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    message = str(context.get("message", ""))
    known = next((one for one in _ASYNCIO_MESSAGES if message.startswith(one)), "an error")
    _log_failure(f"unhandled in the event loop: {known}", context.get("exception"))


def _log_of_thread(failure: threading.ExceptHookArgs) -> None:
    _log_failure("unhandled on a thread", failure.exc_value)


def _log_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    _log_failure("could not be raised", failure.exc_value)


def _log_failure(what: str, error: object) -> None:
    info = (type(error), error, error.__traceback__) if isinstance(error, BaseException) else None
    _failures.error("%s", what, exc_info=info)


def logging_config(level: str, *, as_json: bool) -> dict[str, object]:
    """The `logging.config.dictConfig` of a serving process: everything to stderr, without uvicorn's access log."""
    formatter = {"()": JsonFormatter} if as_json else {"()": PrivateFormatter, "format": _FORMAT}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }
