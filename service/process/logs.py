"""Logging: a line an event, and never a word of what clients sent."""

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


# What asyncio's messages begin with; a `repr` may follow.
_SAID_BY_ASYNCIO = (
    "Exception in callback",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Task was destroyed but it is pending",
)
_failures = logging.getLogger("service.failures")

FIELDS = "fields"
"""The attribute of a record (`extra`) that holds what its JSON line says besides."""

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
    """The same as a JSON object a line; docs/reference/logs.md lists its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
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
    """Which worker wrote it, by the name of its process; None where there is only one."""
    name, _, slot = (record.processName or "").partition("-")
    return int(slot) if name == "worker" and slot.isdecimal() else None


@contextmanager
def private_failures() -> Iterator[None]:
    """Until the block ends, what nobody handled is logged by its kind and frames alone.

    asyncio would log the `repr` of tasks, futures and callbacks, and with it their arguments; Python would print the
    messages of what fails on a thread or while an object is cleared away. Any of them may hold a client's text.
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
    said = str(context.get("message", ""))
    known = next((one for one in _SAID_BY_ASYNCIO if said.startswith(one)), "an error")
    _log_failure(f"unhandled in the event loop: {known}", context.get("exception"))


def _log_of_thread(failure: threading.ExceptHookArgs) -> None:
    _log_failure("unhandled on a thread", failure.exc_value)


def _log_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    _log_failure("could not be raised", failure.exc_value)


def _log_failure(what: str, error: object) -> None:
    info = (type(error), error, error.__traceback__) if isinstance(error, BaseException) else None
    _failures.error("%s", what, exc_info=info)


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
