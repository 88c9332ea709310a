import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.common.batches import LENGTH_JITTER, BatchStream, topics_of


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


def test_topics_are_even_and_hold_what_is_alike() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(4, 16))
    members = np.repeat(np.arange(4), 200)
    vectors = centres[members] + 0.1 * rng.normal(size=(800, 16)) + 1.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    topics = topics_of(vectors.astype(np.float16), bits=2)
    assert set(topics.tolist()) <= set(range(4))
    agreement = np.mean(
        [(topics[members == group] == np.bincount(topics[members == group]).argmax()).mean() for group in range(4)]
    )
    assert agreement > 0.9
    assert len(set(topics.tolist())) >= 3


def test_batches_by_topic_hold_few_topics_and_still_everything() -> None:
    rng = np.random.default_rng(0)
    lengths, topics = rng.integers(5, 9, 2048).tolist(), rng.integers(0, 16, 2048)
    plain, grouped = BatchStream(lengths, 32, seed=3), BatchStream(lengths, 32, seed=3, topics=topics)
    kinds = [np.mean([len(set(topics[stream.at(step)].tolist())) for step in range(64)]) for stream in (plain, grouped)]
    assert kinds[0] > 12
    assert kinds[1] < 4
    assert len(set(np.concatenate([grouped.at(step) for step in range(64)]).tolist())) == 2048
    assert not np.array_equal(grouped.at(0), grouped.at(64))
