import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.common.batches import LENGTH_JITTER, BatchStream


@given(st.lists(st.integers(1, 60), min_size=5, max_size=200), st.integers(1, 16), st.integers(0, 5))
def test_an_epoch_takes_every_example_at_most_once(lengths: list[int], size: int, seed: int) -> None:
    stream = BatchStream(lengths, size, seed)
    batches = len(lengths) // min(size, len(lengths))
    epoch = np.concatenate([stream.at(step) for step in range(batches)])
    assert len(set(epoch.tolist())) == len(epoch) == batches * min(size, len(lengths))


def test_a_step_s_batch_depends_on_the_step_alone() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 500).tolist()
    forward, backward = BatchStream(lengths, 32, seed=3), BatchStream(lengths, 32, seed=3)
    seen = {step: forward.at(step) for step in range(60)}
    assert all(np.array_equal(seen[step], backward.at(step)) for step in reversed(range(60)))


def test_epochs_differ_and_batches_hold_texts_of_like_length() -> None:
    lengths = np.arange(320) // 10
    stream = BatchStream(lengths.tolist(), 32, seed=3)
    first, second = ([set(stream.at(10 * epoch + step).tolist()) for step in range(10)] for epoch in (0, 1))
    assert first != second
    spans = [np.ptp(lengths[stream.at(step)]) for step in range(10)]
    assert max(spans) <= 4 + 2 * LENGTH_JITTER
