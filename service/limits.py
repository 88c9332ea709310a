"""How much one request may ask for; told by field, with the limit and what was sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from service.errors import ErrorDetail, RequestTooLargeError
from service.schemas import ItemsRequest, RankRequest
from service.settings import Settings


def check_rank(request: RankRequest, settings: Settings) -> None:
    """Refuse a rank request past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    options = request.options
    details = [
        *_too_many("candidates", request.candidates, settings.max_candidates),
        *_too_many("user.history", request.user.history, settings.max_history),
        *_too_many("options.pin", options.pin, settings.max_candidates),
        *_too_many("options.exclude", options.exclude, settings.max_candidates),
        *_too_long("query", request.query, settings),
    ]
    for position, candidate in enumerate(request.candidates):
        details += _too_long(f"candidates[{position}].text", candidate.text, settings)
    for position, event in enumerate(request.user.history):
        details += _too_long(f"user.history[{position}].text", event.text, settings)
    _refuse(details)


def check_items(request: ItemsRequest, settings: Settings) -> None:
    """Refuse items past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    details = [*_too_many("items", request.items, settings.max_items)]
    for position, item in enumerate(request.items):
        for name in ("text", "title", "description"):
            details += _too_long(f"items[{position}].{name}", getattr(item, name), settings)
    _refuse(details)


def _too_many(field: str, values: Sequence[Any], most: int) -> Iterator[ErrorDetail]:
    if len(values) > most:
        yield ErrorDetail(field=field, message=f"at most {most}; this has {len(values)}")


def _too_long(field: str, text: str | None, settings: Settings) -> Iterator[ErrorDetail]:
    if text is not None and len(text) > settings.max_text_chars:
        yield ErrorDetail(field=field, message=f"at most {settings.max_text_chars} characters; this has {len(text)}")


def _refuse(details: Sequence[ErrorDetail]) -> None:
    if details:
        raise RequestTooLargeError("the request is past a limit: see details", details)
