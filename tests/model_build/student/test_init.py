import numpy as np

from model_build.common.batching import embed_rows
from model_build.student.init import fit_adapter
from model_build.teacher.model import identity_projection
from model_build.teacher.targets import CachedVectors
from tests.model_build.students import PIECES, rows, student

TEXTS = 160


def test_a_fitted_adapter_brings_a_trained_encoder_close_to_its_teacher() -> None:
    table = np.random.default_rng(1).normal(size=(PIECES, 48))
    vectors = np.stack([table[row].sum(0) for row in rows(TEXTS)])  # a student can learn a sum over tokens
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    model = student(first=True)
    model.projection = identity_projection(48)
    before = (embed_rows(model, rows(TEXTS)) * vectors).sum(1).mean()
    fit_adapter(model, rows(TEXTS), CachedVectors(vectors.astype(np.float16)))
    after = (embed_rows(model, rows(TEXTS)) * vectors).sum(1).mean()
    assert before < 0.3
    assert after > 0.6
    assert model.adapter.weight.requires_grad
