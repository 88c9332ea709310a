from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from service.admission.deadline import Deadline
from service.encoder.batcher import Batcher
from service.errors import DeadlineExceededError
from service.heads import classify as module
from service.heads.classify import classify
from service.heads.loading import load_head
from service.metrics.registry import Metrics
from tests.service.artifacts import manifest_of
from tests.service.encoders import FakeEncoder
from tests.service.heads.heads import build_head

BACKBONE = manifest_of({}, dimension=64)


def batcher() -> Batcher:
    return Batcher(FakeEncoder(), Metrics(), threads=1, batch_tokens=1024, max_tokens=32)


async def test_texts_are_classified_in_their_order(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    head, texts = load_head(tmp_path), ["call a taxi", "split a bill", "call a taxi"]
    done = await classify([head], texts, batcher(), Deadline())
    np.testing.assert_allclose(done.decided[0].outputs, head.of_texts(FakeEncoder().encode(texts).vectors), atol=1e-6)
    assert done.encodings[0].tokens.tolist() == [5, 5, 5]


async def test_pairs_are_classified_in_their_order(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE, kind="pair")
    head, pairs = load_head(tmp_path), [["a taxi", "a cab"], ["a bill", "a train"]]
    done = await classify([head], pairs, batcher(), Deadline())
    left, right = (FakeEncoder().encode([pair[side] for pair in pairs]).vectors for side in (0, 1))
    np.testing.assert_allclose(done.decided[0].outputs, head.of_pairs(left, right), atol=1e-6)
    turned = await classify([head], [pair[::-1] for pair in pairs], batcher(), Deadline())
    np.testing.assert_array_equal(turned.decided[0].outputs, done.decided[0].outputs)


async def test_much_is_computed_off_the_event_loop_and_comes_out_the_same(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    head, texts = load_head(tmp_path), ["call a taxi", "split a bill"]
    here = await classify([head], texts, batcher(), Deadline())
    with patch.object(module, "_MOST_COMPUTED_HERE", 0):
        aside = await classify([head], texts, batcher(), Deadline())
    np.testing.assert_array_equal(aside.decided[0].outputs, here.decided[0].outputs)


async def test_a_deadline_that_has_passed(tmp_path: Path) -> None:
    build_head(tmp_path, BACKBONE)
    with pytest.raises(DeadlineExceededError):
        await classify([load_head(tmp_path)], ["a"], batcher(), Deadline(expires_at=0.0))
