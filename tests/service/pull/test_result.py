import pytest

from service.pull.result import PullResult

REVISION = "0123456789abcdef"


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (PullResult("kept", "m", REVISION), "m@0123456789ab is in use already"),
        (PullResult("kept", "m", REVISION, ("a@1", "b@2")), "m@0123456789ab with a@1, b@2 is in use already"),
        (
            PullResult("kept", "m", REVISION, ("a@1",), {"b@2": "revoked", "c": "no longer released"}),
            "m@0123456789ab with a@1 is in use already; without b@2 (revoked), c (no longer released)",
        ),
        (
            PullResult("taken", "m", REVISION, loaded_bytes=1234, by_delta=True),
            "m@0123456789ab is in use now: 1,234 bytes loaded, as a delta",
        ),
        (
            PullResult("taken", "m", REVISION, ("a@1",), loaded_bytes=1234, head_bytes=1000),
            "m@0123456789ab with a@1 is in use now: 1,234 bytes loaded, 1,000 of them for heads",
        ),
    ],
)
def test_it_is_told_in_a_line(result: PullResult, told: str) -> None:
    assert result.summary == told


def test_of_many_heads_some_are_named() -> None:
    told = PullResult("kept", "m", REVISION, [f"h{number}@1" for number in range(64)]).summary
    assert "h7@1, 56 more is in use already" in told
