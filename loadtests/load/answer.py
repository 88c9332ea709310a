"""What came back of an attempt, told from a look at its bytes: to parse them costs as much as to ask."""

from dataclasses import dataclass

_OK, _REFUSED, _LATE = 200, 429, 504
_CANDIDATE, _RESULT, _COMPLETE = b'"score":', b'"index":', b'"degraded":[]'


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        answered: in full: a result for each candidate.
        refused: with 429.
        late: with 504.
        degraded: it said that something was missing.
        retry_after_s: what it asked for, if it did.
    """

    answered: bool
    refused: bool = False
    late: bool = False
    degraded: bool = False
    retry_after_s: float | None = None


def answer_of(asked: bytes, status: int, content: bytes, retry_after: str | None) -> Answer:
    """The answer to a rank request.

    Args:
        asked: the request's body, each of whose candidates has a score.
        status: of HTTP; 0 if there was no answer.
        content: the answer's body.
        retry_after: the header of that name.
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
    """As a number of seconds; a date, which the service does not send, counts as nothing said."""
    return float(retry_after) if retry_after is not None and retry_after.strip().isdigit() else None
