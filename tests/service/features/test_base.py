import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.features.base import DIGEST_BYTES, Features, digest_of, unit_vectors


@given(seed=st.integers(0, 2**32 - 1))
def test_eight_bits_keep_the_direction(seed: int) -> None:
    vector = np.random.default_rng(seed).standard_normal(64).astype(np.float32)
    vector /= np.linalg.norm(vector)
    (kept,) = unit_vectors([Features.of(vector, "text")])
    assert np.linalg.norm(kept) == pytest.approx(1, abs=1e-6)
    assert float(kept @ vector) > 0.999


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Features.of(np.full(3, value, dtype=np.float32), "text")


def test_digests_tell_texts_apart() -> None:
    assert len(digest_of("a")) == DIGEST_BYTES
    assert digest_of("a") != digest_of("b")
    assert digest_of("\ud800") == digest_of("\ud800")
