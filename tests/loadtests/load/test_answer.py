import pytest

from loadtests.load.answer import Answer, answer_of

ASKED = b'{"candidates":[{"id":"a","score":0.2},{"id":"b","score":0.1}]}'
ANSWERED = b'{"results":[{"id":"a","index":0},{"id":"b","index":1}],"degraded":[]}'


def test_a_result_for_each_candidate_is_an_answer() -> None:
    assert answer_of(ASKED, 200, ANSWERED, None) == Answer(answered=True)


def test_what_is_missing_makes_it_degraded() -> None:
    degraded = ANSWERED.replace(b"[]", b'["feature_store"]')
    assert answer_of(ASKED, 200, degraded, None) == Answer(answered=True, degraded=True)


@pytest.mark.parametrize(
    ("status", "content"), [(200, b'{"results":[{"index":0}]}'), (200, b""), (500, ANSWERED), (0, b"")]
)
def test_anything_else_is_a_failure(status: int, content: bytes) -> None:
    assert answer_of(ASKED, status, content, None) == Answer(answered=False)


def test_what_came_too_late_is_distinguished() -> None:
    assert answer_of(ASKED, 504, b"{}", None) == Answer(answered=False, late=True)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), (None, None), ("Wed, 21 Oct 2015 07:28:00 GMT", None)])
def test_a_refusal_says_when_to_come_again(header: str | None, seconds: float | None) -> None:
    assert answer_of(ASKED, 429, b"", header) == Answer(answered=False, refused=True, retry_after_s=seconds)
