import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.releases.patch import PatchError, apply_patch, make_patch

BLOCKS = st.lists(st.sampled_from([b"a" * 40, b"bcd" * 20, bytes(range(64)), b"x", b""]), max_size=8).map(b"".join)


@given(BLOCKS | st.binary(max_size=300), BLOCKS | st.binary(max_size=300))
def test_a_patch_makes_the_new_of_the_old(old: bytes, new: bytes) -> None:
    steps, body = make_patch(old, new)
    assert len(body) == len(new)
    assert apply_patch(old, steps, body) == new


def test_a_patch_goes_back_in_the_old_file() -> None:
    random = np.random.default_rng(5)
    first, second = (random.integers(0, 256, 500, dtype=np.uint8).tobytes() for _ in range(2))
    steps, body = make_patch(first + second, second + first)
    assert (steps[:, 2] < 0).any()
    assert apply_patch(first + second, steps, body) == second + first


def test_what_is_like_the_old_packs_well() -> None:
    old = np.random.default_rng(5).integers(0, 256, 5000, dtype=np.uint8)
    new = old.copy()
    new[::50] += 1
    _, body = make_patch(old.tobytes(), new.tobytes())
    assert body.count(0) > 4800


@pytest.mark.parametrize("steps", [[[5, 0, 0]], [[2, 0, 0]], [[-1, 4, 0]], [[0, 2**31 - 1, 0]]])
def test_steps_that_do_not_fit_are_refused(steps: list[list[int]]) -> None:
    with pytest.raises(PatchError):
        apply_patch(b"old", np.array(steps, dtype=np.int32), b"new")
