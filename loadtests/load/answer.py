"""Classifies the answer to an attempt from its bytes: parsing them would cost as much as the request."""

from dataclasses import dataclass

_OK, _REFUSED, _LATE = 200, 429, 504
_CANDIDATE, _RESULT, _COMPLETE = b'"score":', b'"index":', b'"degraded":[]'


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an attempt.

    Attributes:
        answered: status 200 with a result for each candidate.
        refused: status 429.
        late: status 504.
        degraded: the answer says that something was missing.
        retry_after_s: value of `Retry-After`, if any.
    """

    answered: bool
    refused: bool = False
    late: bool = False
    degraded: bool = False
    retry_after_s: float | None = None


def answer_of(asked: bytes, status: int, content: bytes, retry_after: str | None) -> Answer:
    """Classify the answer to a rank request.

    Args:
        asked: the request's body; each of its candidates has a score.
        status: HTTP status; 0 without an answer.
        content: the answer's body.
        retry_after: the header, if any.
    """
    if status == _OK and content.count(_RESULT) == asked.count(_CANDIDATE):
        return Answer(answered=True, degraded=_COMPLETE not in content)
    return Answer(
        answered=False,
        refused=status == _REFUSED,
        late=status == _LATE,
        retry_after_s=_seconds(retry_after),
    )


def _seconds(retry_after: str | None) -> float | None:
    """Parse `Retry-After` in seconds; a date, which the service never sends, counts as None."""
    return float(retry_after) if retry_after is not None and retry_after.strip().isdigit() else None
