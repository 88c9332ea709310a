"""Limits on one request, reported by field with the limit and the actual count."""

from collections.abc import Mapping, Sequence

from service.admission.deadline import DEADLINE_HEADER, LONGEST_DEADLINE_MS
from service.errors import ErrorDetail, RequestTooLargeError
from service.settings import Settings
from service.text.cleaning import MAX_CHARACTERS

TRUNCATED_HEADER = "X-Truncated-Texts"
UNREADABLE_HEADER = "X-Unreadable-Texts"
MAX_EVENTS = 1000  # of feedback in one request
MAX_SCORES = 100_000  # of classes in one answer: ten times as many held the event loop for 40 ms
MAX_NESTING = 200  # of JSON's arrays and objects: pydantic's own limit


def max_elements(settings: Settings) -> dict[str, int]:
    """The longest that each list of a request may be, by the path of its field."""
    return {
        "candidates": settings.max_candidates,
        "documents": settings.max_candidates,
        "options.pin": settings.max_candidates,
        "options.exclude": settings.max_candidates,
        "user.history": settings.max_history,
        "items": settings.max_items,
        "input": settings.max_items,
        "inputs": settings.max_items,
        "events": MAX_EVENTS,
    }


def check_lengths(most: Mapping[str, int], **lists: Sequence[object]) -> None:
    """Check the lists of a request against `max_elements`; in a name, `__` stands for the dot of a path.

    Raises:
        RequestTooLargeError: with a detail for each field that is too long.
    """
    found = [(name.replace("__", "."), len(values)) for name, values in lists.items()]
    details = [
        ErrorDetail(field=field, message=f"at most {most[field]}; this has {count}")
        for field, count in found
        if count > most[field]
    ]
    if details:
        raise RequestTooLargeError("the request exceeds a limit: see details", details)


def check_scores(results: int, top_k: int) -> None:
    """Check how many scores an answer would have with `top_k` classes in each result.

    Raises:
        RequestTooLargeError: more than `MAX_SCORES`.
    """
    if results * top_k > MAX_SCORES:
        most = f"at most {MAX_SCORES // results} for {results} results: an answer has at most {MAX_SCORES:,} scores"
        raise RequestTooLargeError(
            "the request exceeds a limit: see details", [ErrorDetail(field="top_k", message=most)]
        )


def described(settings: Settings) -> str:
    """The limits in words (Markdown), for the API's documentation."""
    return f"""**Limits**

- a body: {settings.max_body_bytes:,} bytes, {MAX_NESTING} levels of nesting
- a request: {settings.max_candidates:,} candidates or documents, as many pins and as many exclusions, \
{settings.max_items:,} items or texts to embed or classify, {settings.max_history:,} events of history, \
{MAX_EVENTS:,} events of feedback, {MAX_SCORES:,} scores of classes in an answer
- an id: not empty, and unique in a list of candidates, items or pins
- a text: the service looks at its first {MAX_CHARACTERS:,} characters, of which the model reads as many tokens as fit \
into {settings.max_windows} windows; the answer counts the truncated texts, in its body or its header \
`{TRUNCATED_HEADER}`
- a text of whitespace and control characters alone counts as none; half of a surrogate pair is read as a question mark
- a text without a token that the model's vocabulary knows is counted in the answer's body or its header \
`{UNREADABLE_HEADER}`; it is relevant to nothing
- numbers: finite
- time: {settings.deadline_ms:,} ms, unless the body or the header `{DEADLINE_HEADER}` sets a shorter deadline, \
from 1 to {LONGEST_DEADLINE_MS:,} ms
- at the same time: {settings.max_requests:,} requests in progress, {settings.max_total_body_bytes:,} bytes of bodies; \
and no more than can be answered in time, given what is ahead of them

What is too large is refused with 413, an invalid request with 422, invalid JSON with 400, too much at the same time \
with 429 and `Retry-After`, a missed deadline with 504."""
