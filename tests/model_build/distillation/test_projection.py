import numpy as np

from model_build.distillation.projection import fit_projection
from model_build.teacher.model import identity_projection
from model_build.teacher.targets import CachedVectors


def test_fine_tuning_the_task_layer_helps_the_task() -> None:
    vectors = np.random.default_rng(1).normal(size=(80, 48))
    vectors[40:] += vectors[:40]
    known = CachedVectors(vectors.astype(np.float16))
    pairs = np.stack([np.arange(40), np.arange(40, 80)], axis=1)
    losses = [
        fit_projection(identity_projection(48), known, pairs, steps=steps, temperature=0.05, seed=1)
        for steps in (20, 300)
    ]
    assert losses[1] < losses[0]
