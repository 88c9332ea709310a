import numpy as np

from tests.service.encoders import FakeEncoder


def test_shared_words_make_texts_similar() -> None:
    split, bill, taxi = FakeEncoder().encode(["split a dinner bill", "Split the bill", "call taxi"]).vectors
    assert split @ bill > split @ taxi + 0.2


def test_it_is_deterministic_and_of_unit_length() -> None:
    texts = ["a b", "", "\ud800"]
    first, second = FakeEncoder().encode(texts), FakeEncoder().encode(texts)
    np.testing.assert_array_equal(first.vectors, second.vectors)
    np.testing.assert_allclose(np.linalg.norm(first.vectors, axis=1), 1, atol=1e-6)


def test_a_text_without_words_can_not_be_read() -> None:
    encoding = FakeEncoder().encode(["a", " ", ""])
    assert encoding.readable.tolist() == [True, False, False]
    assert [one.shape for one in encoding.windows] == [(1, 64)] * 3


def test_long_texts_are_truncated() -> None:
    encoding = FakeEncoder(max_words=2).encode(["a b", "a b c"])
    assert encoding.truncated.tolist() == [False, True]
    assert encoding.tokens.tolist() == [4, 4]
