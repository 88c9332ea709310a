"""How much one request may ask for; told by field, with the limit and what was sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from service.admission.deadline import DEADLINE_HEADER, LONGEST_DEADLINE_MS
from service.api.schemas.classify import ClassifyRequest
from service.api.schemas.embeddings import EmbeddingsRequest
from service.api.schemas.feedback import FeedbackRequest
from service.api.schemas.items import ItemsRequest
from service.api.schemas.rank import RankRequest
from service.api.schemas.rerank import RerankRequest
from service.errors import ErrorDetail, RequestTooLargeError
from service.settings import Settings
from service.text.cleaning import MAX_CHARACTERS

TRUNCATED_HEADER = "X-Truncated-Texts"
UNREADABLE_HEADER = "X-Unreadable-Texts"
MAX_EVENTS = 1000  # of feedback in one request
MAX_NESTING = 200  # of JSON's arrays and objects: pydantic's own limit


def described(settings: Settings) -> str:
    """The limits in words (Markdown), for the API's documentation."""
    return f"""**Limits**

- a body: {settings.max_body_bytes:,} bytes, {MAX_NESTING} levels of nesting
- a request: {settings.max_candidates:,} candidates or documents, as many pins and as many exclusions, \
{settings.max_items:,} items or texts to embed or classify, {settings.max_history:,} events of history, \
{MAX_EVENTS:,} events of feedback
- an id: not empty, and once in a list of candidates, items or pins
- a text: its first {MAX_CHARACTERS:,} characters are looked at, of which the model reads as many pieces as fit into \
{settings.most_windows} windows; the answer counts the texts that were cut, in its body or its header \
`{TRUNCATED_HEADER}`
- a text of blanks and control characters alone counts as none; half of a surrogate pair is read as a question mark
- a text of which the model's vocabulary knows nothing is counted in the answer's body or its header \
`{UNREADABLE_HEADER}`; it is relevant to nothing
- numbers: finite
- time: {settings.deadline_ms:,} ms, unless the body or the header `{DEADLINE_HEADER}` says a shorter deadline, \
from 1 to {LONGEST_DEADLINE_MS:,} ms
- at once: {settings.max_requests:,} requests in work, {settings.bodies_max_bytes:,} bytes of bodies; and no more than \
can be answered in time, given what is ahead of them

What is too large is refused with 413, what has another shape with 422, what is not JSON with 400, what is too much at \
once with 429 and `Retry-After`, what is late with 504."""


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
    ]
    _refuse(details)


def check_items(request: ItemsRequest, settings: Settings) -> None:
    """Refuse items past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    _refuse([*_too_many("items", request.items, settings.max_items)])


def check_feedback(request: FeedbackRequest) -> None:
    """Refuse events past the limit.

    Raises:
        RequestTooLargeError: with a detail for the field at fault.
    """
    _refuse([*_too_many("events", request.events, MAX_EVENTS)])


def check_embeddings(request: EmbeddingsRequest, settings: Settings) -> None:
    """Refuse texts to embed past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    _refuse([*_too_many("input", request.texts, settings.max_items)])


def check_rerank(request: RerankRequest, settings: Settings) -> None:
    """Refuse documents to re-rank past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    _refuse([*_too_many("documents", request.documents, settings.max_candidates)])


def check_classify(request: ClassifyRequest, settings: Settings) -> None:
    """Refuse texts or pairs to classify past the limits.

    Raises:
        RequestTooLargeError: with a detail for each field at fault.
    """
    _refuse([*_too_many("inputs", request.inputs, settings.max_items)])


def _too_many(field: str, values: Sequence[Any], most: int) -> Iterator[ErrorDetail]:
    if len(values) > most:
        yield ErrorDetail(field=field, message=f"at most {most}; this has {len(values)}")


def _refuse(details: Sequence[ErrorDetail]) -> None:
    if details:
        raise RequestTooLargeError("the request is past a limit: see details", details)
