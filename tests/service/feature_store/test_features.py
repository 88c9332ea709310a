import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.encoder.base import mean_direction
from service.feature_store.features import DIGEST_BYTES, Features, digest_of, unit_vectors, window_vectors
from service.text.terms import Compound, Terms


def unit_rows(seed: int, count: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@given(seed=st.integers(0, 2**32 - 1))
def test_eight_bits_keep_the_direction(seed: int) -> None:
    vectors = unit_rows(seed, 1)
    (kept,) = unit_vectors([Features.of(vectors, "text")])
    assert np.linalg.norm(kept) == pytest.approx(1, abs=1e-6)
    assert float(kept @ vectors[0]) > 0.999


def test_a_text_of_several_windows_has_the_direction_of_their_mean() -> None:
    short, long, last = unit_rows(1, 1), unit_rows(2, 3), unit_rows(3, 1)
    features = [Features.of(one, "text") for one in (short, long, last)]
    assert [one.windows for one in features] == [1, 3, 1]
    windows, vectors = window_vectors(features), unit_vectors(features)
    np.testing.assert_allclose(windows, np.concatenate([short, long, last]), atol=0.01)
    np.testing.assert_array_equal(unit_vectors(features, windows), vectors)
    np.testing.assert_allclose(vectors, [windows[0], mean_direction(windows[1:4]), windows[4]])


def test_opposite_windows_leave_the_direction_of_the_first() -> None:
    first = unit_rows(4, 1)
    (kept,) = unit_vectors([Features.of(np.concatenate([first, -first]), "text")])
    assert float(kept @ first[0]) > 0.999


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Features.of(np.full((1, 3), value, dtype=np.float32), "text")
    with pytest.raises(ValueError, match="finite"):
        Features.of(np.array([[1, 0, 0], [value] * 3], dtype=np.float32), "text")


def test_compounds_are_not_kept_of_items() -> None:
    terms = Terms(b"\x01\x02", b"\x03", 4, (Compound(5, (6,)),))
    assert Features.of(unit_rows(5, 1), "text", terms).terms == Terms(b"\x01\x02", b"\x03", 4)


def test_digests_tell_texts_apart() -> None:
    assert len(digest_of("a")) == DIGEST_BYTES
    assert digest_of("a") != digest_of("b")
    assert digest_of("\ud800") == digest_of("\ud800")
