import numpy as np

from model_build.common.batching import batches_by_length, embed_by_length, embed_rows, pad
from tests.model_build.students import rows, student


def test_rows_are_padded_to_the_longest() -> None:
    ids, mask = pad([[7, 8], [9]], 0)
    assert ids.tolist() == [[7, 8], [9, 0]]
    assert mask.tolist() == [[1, 1], [1, 0]]


def test_batches_hold_similar_lengths_and_vectors_come_in_order() -> None:
    assert batches_by_length([3, 1, 2], 2) == [[1, 2], [0]]
    texts = ["ccc", "a", "bb"]
    vectors = embed_by_length(lambda batch: np.array([[len(text)] for text in batch], np.float32), texts, 2)
    assert vectors.tolist() == [[3], [1], [2]]


def test_vectors_keep_the_order_of_their_texts() -> None:
    model, known = student(), rows()
    together = embed_rows(model, known, batch_size=16)
    alone = np.concatenate([embed_rows(model, [row]) for row in known])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
