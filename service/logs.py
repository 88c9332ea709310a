"""Logging: a line an event, and never a word of what clients sent."""

import logging
import logging.config
import traceback
from types import TracebackType

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


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


def logging_config(level: str) -> dict[str, object]:
    """The `logging.config.dictConfig` of a serving process: everything to stderr, no access log."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"private": {"()": PrivateFormatter, "format": _FORMAT}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "private"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"uvicorn.access": {"handlers": [], "propagate": False}},
    }
